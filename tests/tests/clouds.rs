//! From every cloud into every cloud, with every kind of account, through the gateway of each cloud's environment.
//!
//! The tables are those of "clouds and identity" A.3 and A.5, cell by cell; an uncertain cell (`[?]`) is a no. They are
//! written down here once more, from the document, and know nothing of the rules' own tests.

use idp_mocks::{Cloud, Organisation, Person};
use tests::browser::{Browser, Page};
use tests::overlay::Overlay;
use tests::people::accept;
use tests::saml::{self, carry};
use tests::world::{Options, PARTNER, World};
use tests::{Outcome, ensure, says};
use toml::Value;

const README: &str = "/sites/projects/readme.txt";

/// What a cell of A.5, line E, says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Yes,
    /// Once both sides have ticked the cloud and added each other.
    Mutual,
    No,
}

use Cell::{Mutual, No, Yes};

/// Clouds that hold documents.
const TO: [&str; 5] = ["worldwide", "gcc", "gcc-high", "dod", "china-21vianet"];

/// Somebody from each row of A.5.
struct Row {
    address: &'static str,
    /// The cloud of work and school accounts; none for the others.
    cloud: Option<&'static str>,
    /// Tenant id of work and school accounts.
    tenant: &'static str,
    /// The kind of provider (A.3).
    kind: &'static str,
    /// E, in the order of [`TO`].
    cells: [Cell; 5],
}

impl Row {
    fn cell(&self, to: &str) -> Cell {
        let mut cells = TO.iter().zip(self.cells);
        cells
            .find(|(one, _)| **one == to)
            .map_or(No, |(_, cell)| cell)
    }
}

const ROWS: [Row; 9] = [
    Row {
        address: "ada@fabrikam.example",
        cloud: Some("worldwide"),
        tenant: "33333333-3333-4333-8333-333333333333",
        kind: "work-school",
        cells: [Yes, Yes, Mutual, Mutual, Mutual],
    },
    Row {
        address: "cleo@county.example",
        cloud: Some("gcc"),
        tenant: COUNTY,
        kind: "work-school",
        // GCC and China: no source names the pair.
        cells: [Yes, Yes, Mutual, Mutual, No],
    },
    Row {
        address: "sam@agency.example",
        cloud: Some("gcc-high"),
        tenant: "44444444-4444-4444-8444-444444444444",
        kind: "work-school",
        cells: [Mutual, Mutual, Yes, Yes, No],
    },
    Row {
        address: "dan@base.example",
        cloud: Some("dod"),
        tenant: BASE,
        kind: "work-school",
        cells: [Mutual, Mutual, Yes, Yes, No],
    },
    Row {
        address: "lin@lanhua.example",
        cloud: Some("china-21vianet"),
        tenant: "55555555-5555-4555-8555-555555555555",
        kind: "work-school",
        cells: [Mutual, No, No, No, Yes],
    },
    Row {
        address: "oli@outlook.com",
        cloud: None,
        tenant: "",
        kind: "microsoft-account",
        cells: [Yes, Yes, Yes, Yes, No],
    },
    Row {
        address: "gina@gmail.com",
        cloud: None,
        tenant: "",
        kind: "google",
        cells: [Yes, Yes, Yes, Yes, No],
    },
    Row {
        address: "pat@nowhere.example",
        cloud: None,
        tenant: "",
        kind: "email-otp",
        cells: [Yes, Yes, Yes, Yes, No],
    },
    Row {
        address: "nora@northwind.example",
        cloud: None,
        tenant: "",
        kind: "saml",
        // In US Government: uncertain.
        cells: [Yes, Yes, No, No, Yes],
    },
];

const COUNTY: &str = "77777777-7777-4777-8777-777777777777";
const BASE: &str = "88888888-8888-4888-8888-888888888888";

/// A tenant of the gateway: a generation of behaviour, and how far its owner has opened the way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tenant {
    name: &'static str,
    profile: &'static str,
    /// None leaves it to the profile.
    integration: Option<bool>,
    /// Whether clouds are ticked, and the organisations of the rows added, on both sides.
    opened: bool,
}

const TENANTS: [Tenant; 4] = [
    Tenant {
        name: "one",
        profile: "integration-opt-in",
        integration: Some(false),
        opened: false,
    },
    Tenant {
        name: "two",
        profile: "integration-opt-in",
        integration: Some(false),
        opened: true,
    },
    Tenant {
        name: "three",
        profile: "integration-opt-in",
        integration: Some(true),
        opened: true,
    },
    Tenant {
        name: "four",
        profile: "integration-default",
        integration: None,
        opened: true,
    },
];

/// A restricted cloud (the founding documents' sentence on national clouds).
fn restricted(to: &str) -> bool {
    ["gcc-high", "dod", "china-21vianet"].contains(&to)
}

/// Whether somebody of the row gets in.
fn admitted(row: &Row, to: &str, tenant: &Tenant) -> bool {
    let by_directory = match row.cell(to) {
        Yes => true,
        Mutual => tenant.opened,
        No => false,
    };
    // S, of the founding documents: who switches the integration on there shares inside the environment only. Between
    // GCC High and DoD that is uncertain.
    let founding = tenant.profile == "integration-opt-in" && tenant.integration == Some(true);
    // With the integration off sharing's own manager invites, which knows no federation.
    // Source: specification "sharing rules", 4.
    let federated = ["google", "saml"].contains(&row.kind);
    let knows = !federated || tenant.integration != Some(false);
    let inside = !(founding && restricted(to)) || row.cloud == Some(to);
    by_directory && inside && knows
}

/// The gateway of one cloud, with the four tenants.
async fn world(to: &str) -> Outcome<World> {
    let options = Options {
        environment: to.to_owned(),
        ..Options::default()
    };
    let world = World::start_with(options, |overlay, _| arrange(overlay, to)).await?;
    let organisation =
        |id: &str, name: &str, cloud, domain: &str, scope: &str, sub: &str| Organisation {
            tenant_id: id.to_owned(),
            name: name.to_owned(),
            cloud,
            domains: vec![domain.to_owned()],
            region_scope: Some(scope.to_owned()),
            region_sub_scope: Some(sub.to_owned()),
        };
    let county = organisation(
        COUNTY,
        "County",
        Cloud::Worldwide,
        "county.example",
        "NA",
        "GCC",
    );
    let base = organisation(
        BASE,
        "Base",
        Cloud::UsGovernment,
        "base.example",
        "USGov",
        "DOD",
    );
    world.mocks.add_person(Person::work_or_school(
        "cleo@county.example",
        "Cleo",
        &county,
    ));
    world
        .mocks
        .add_person(Person::work_or_school("dan@base.example", "Dan", &base));
    // A service provider for each host.
    for tenant in &TENANTS {
        if let Ok(metadata) = world.saml_metadata(tenant.name, PARTNER).await {
            world.mocks.register_service_provider(&metadata)?;
        }
    }
    world.mocks.add_organisation(county);
    world.mocks.add_organisation(base);
    Ok(world)
}

fn arrange(overlay: &mut Overlay, to: &str) -> Outcome {
    for tenant in &TENANTS {
        overlay.add(
            &format!("tenants/{}.toml", tenant.name),
            &tenant_file(tenant, to),
        )?;
        for row in &ROWS {
            permit(overlay, tenant.name, row.address);
        }
        permit(overlay, tenant.name, CONTROL);
        let upstream = overlay
            .find("tenants/contoso.toml", "sites.projects.upstream")
            .cloned()
            .ok_or("the documents are nowhere")?;
        overlay.set(
            &format!("tenants/{}.toml", tenant.name),
            "sites.projects.upstream",
            upstream,
        );
    }
    // The demo's own tenants stay in the worldwide cloud, and keep what is not offered here.
    for tenant in ["contoso", "woodgrove"] {
        overlay.set(&format!("tenants/{tenant}.toml"), "cloud", "worldwide");
    }
    for (provider, kind) in OFFERED {
        if !offered(kind, to) {
            overlay.set(
                &format!("providers/{provider}.toml"),
                "tenants",
                vec![Value::from("contoso")],
            );
        }
    }
    twin(overlay, "work-school", "gcc", COUNTY, "county.example")?;
    twin(overlay, "work-school-usgov", "dod", BASE, "base.example")
}

/// A mail to this address shows that those before it are all there.
const CONTROL: &str = "control@nowhere.example";

const OFFERED: [(&str, &str); 4] = [
    ("microsoft-account", "microsoft-account"),
    ("google", "google"),
    ("email-otp", "email-otp"),
    ("partner-saml", "saml"),
];

/// Whether A.3 offers the kind in that cloud.
fn offered(kind: &str, to: &str) -> bool {
    let row = ROWS.iter().find(|row| row.kind == kind);
    row.is_some_and(|row| row.cell(to) != No)
}

fn tenant_file(tenant: &Tenant, to: &str) -> String {
    let Tenant { name, profile, .. } = tenant;
    let integration = tenant.integration.map_or_else(String::new, |on| {
        format!("EnableAzureADB2BIntegration = {on}\n")
    });
    let acknowledged = if restricted(to) && tenant.integration != Some(false) {
        "acknowledge_unsupported = true\n"
    } else {
        ""
    };
    let ways: Vec<&Row> = ROWS
        .iter()
        .filter(|row| tenant.opened && row.cell(to) == Mutual)
        .collect();
    let clouds: Vec<String> = ways
        .iter()
        .filter_map(|row| row.cloud)
        .map(|cloud| format!("\"{cloud}\""))
        .collect();
    let partners: String = ways
        .iter()
        .map(|row| {
            format!(
                "partners.{} = {{ cloud = \"{}\", reciprocated = true }}\n",
                row.tenant,
                row.cloud.unwrap_or_default()
            )
        })
        .collect();
    format!(
        "display_name = \"{name}\"\nhosts = [\"{name}.localhost\"]\nmember_domains = [\"home.example\"]\n\
         profile = \"{profile}\"\n\
         [sharing]\nSharingCapability = \"ExternalUserAndGuestSharing\"\n{integration}{acknowledged}\
         [directory]\nallowExternalIdToUseEmailOtp = true\n\
         [directory.cross_tenant]\nallowed_clouds = [{}]\n{partners}\
         [sites.projects]\npath = \"/sites/projects\"\nSharingCapability = \"ExternalUserAndGuestSharing\"\n",
        clouds.join(", ")
    )
}

fn permit(overlay: &mut Overlay, tenant: &str, address: &str) {
    let name = address.replace(['@', '.'], "-");
    let file = format!("tenants/{tenant}.toml");
    for (key, value) in [
        ("site", "projects"),
        ("item", README),
        ("to", address),
        ("role", "read"),
        ("created_by", "owner@home.example"),
    ] {
        overlay.set(&file, &format!("permissions.{name}.{key}"), value);
    }
}

/// Another provider at the same authority, for one organisation whose cloud host names cannot tell.
fn twin(overlay: &mut Overlay, of: &str, cloud: &str, tenant: &str, domain: &str) -> Outcome {
    let (from, file) = (
        format!("providers/{of}.toml"),
        format!("providers/{cloud}.toml"),
    );
    overlay.add(
        &file,
        &format!(
            "plugin = \"libplugins_work_school.so\"\nkind = \"work-school\"\ncloud = \"{cloud}\"\n\
             domains = [\"*\"]\nhome_domains = [\"{domain}\"]\n[settings]\nclient_id = \"vestibule\"\n\
             cloud = \"{cloud}\"\ntenants = [\"{tenant}\"]\nallow_insecure_loopback = true"
        ),
    )?;
    for key in [
        "sha256",
        "issuers",
        "settings.authority",
        "settings.client_secret",
    ] {
        let value = overlay.find(&from, key).cloned();
        let value = value.ok_or_else(|| format!("`{of}` has no `{key}`"))?;
        overlay.set(&file, key, value);
    }
    Ok(())
}

/// What becomes of an attempt.
struct Ended {
    browser: Browser,
    page: Page,
    /// Whether a page for a code was shown.
    code: bool,
}

impl Ended {
    fn is_in(&self) -> bool {
        let read = self.page.status == 200 && self.page.text().starts_with("Read me");
        read || self.page.offers("consent")
    }
}

/// Signs in as far as it goes. Where a code may come by mail, it is waited for if it should.
async fn attempt(world: &World, tenant: &str, row: &Row, expects: bool) -> Outcome<Ended> {
    let mut browser = world.browser();
    let readme = world.url(tenant, README);
    let last = world.newest_mail();
    let page = saml::begin(&mut browser, &readme, row.address).await?;
    if page.offers("code") {
        let page = if expects {
            let (code, _) = world.passcode(row.address, last).await?;
            browser.submit(&page, &[("code", &code)]).await?
        } else {
            page
        };
        return Ok(Ended {
            browser,
            page,
            code: true,
        });
    }
    let page = if page.offers("user") {
        let id = world
            .mocks
            .world()
            .people
            .iter()
            .find(|person| person.address == row.address)
            .map(|person| person.id().to_owned());
        let id = id.ok_or("nobody has that address")?;
        let page = browser.submit(&page, &[("user", &id)]).await?;
        carry(&mut browser, page).await?
    } else {
        page
    };
    Ok(Ended {
        browser,
        page,
        code: false,
    })
}

/// Every row at every tenant of the gateway of `to`.
async fn column(to: &str) -> Outcome {
    let world = world(to).await?;
    let first_mail = world.newest_mail();
    let mut wrong = Vec::new();
    for tenant in &TENANTS {
        for row in &ROWS {
            let want = admitted(row, to, tenant);
            let seen = judged(&world, tenant, row, want).await;
            if let Err(why) = seen {
                wrong.push(format!("{} into {to}, {tenant:?}: {why}", row.address));
            }
        }
    }
    no_mail_was_sent_in_vain(&world, to, first_mail, &mut wrong).await?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

async fn judged(world: &World, tenant: &Tenant, row: &Row, want: bool) -> Outcome {
    if want {
        let ended = attempt(world, tenant.name, row, true).await?;
        ensure!(ended.is_in(), "not let in: {}", ended.page);
        return is_of_kind(world, tenant, row, ended).await;
    }
    let ended = world
        .short_of_upstream(attempt(world, tenant.name, row, false))
        .await?;
    ensure!(!ended.is_in(), "let in: {}", ended.page);
    // A page for a code says nothing about who is invited.
    let refused = ended.page.status.is_client_error() || ended.code || ended.page.offers("address");
    ensure!(refused, "neither in nor refused: {}", ended.page);
    let mut browser = ended.browser;
    let who = world.url(tenant.name, "/_vestibule/whoami");
    let who = browser
        .fetch("GET", &who, &[("accept", "application/json")], "")
        .await?;
    who.expect_refusal(401, "sign-in-required")
}

/// Fails unless the person came by the row's kind of provider, and from its cloud.
async fn is_of_kind(world: &World, tenant: &Tenant, row: &Row, ended: Ended) -> Outcome {
    let mut browser = ended.browser;
    if ended.page.offers("consent") {
        accept(&mut browser, &ended.page).await?.expect(200)?;
    }
    let who = world.url(tenant.name, "/_vestibule/whoami");
    let headers = [("accept", "application/json")];
    let who = browser.fetch("GET", &who, &headers, "").await?;
    let who = who.expect(200)?.json()?;
    let cloud = who.get("cloud").and_then(serde_json::Value::as_str);
    ensure!(
        says(&who, "kind") == row.kind && cloud == row.cloud,
        "came as {who}"
    );
    Ok(())
}

/// Codes went to those who may come in, and to nobody else.
async fn no_mail_was_sent_in_vain(
    world: &World,
    to: &str,
    first: u64,
    wrong: &mut Vec<String>,
) -> Outcome {
    if offered("email-otp", to) {
        let row = Row {
            address: CONTROL,
            cloud: None,
            tenant: "",
            kind: "email-otp",
            cells: [Yes; 5],
        };
        attempt(world, "two", &row, true).await?;
    }
    let pat = ROWS
        .iter()
        .find(|row| row.kind == "email-otp")
        .ok_or("no row")?;
    let want = TENANTS
        .iter()
        .filter(|tenant| admitted(pat, to, tenant))
        .count();
    let mails = world.mocks.mailbox().messages();
    let got = mails
        .iter()
        .filter(|mail| mail.id > first && mail.to == [pat.address])
        .count();
    if got != want {
        wrong.push(format!(
            "{got} mails to {} in {to}, not {want}",
            pat.address
        ));
    }
    Ok(())
}

#[tokio::test]
async fn every_account_into_the_worldwide_cloud() -> Outcome {
    column("worldwide").await
}

#[tokio::test]
async fn every_account_into_gcc() -> Outcome {
    column("gcc").await
}

#[tokio::test]
async fn every_account_into_gcc_high() -> Outcome {
    column("gcc-high").await
}

#[tokio::test]
async fn every_account_into_dod() -> Outcome {
    column("dod").await
}

#[tokio::test]
async fn every_account_into_china() -> Outcome {
    column("china-21vianet").await
}

#[tokio::test]
async fn a_kind_that_is_not_offered_in_a_cloud_is_refused_with_the_configuration() -> Outcome {
    for to in TO {
        let options = Options {
            environment: to.to_owned(),
            ..Options::default()
        };
        let world = World::start_with(options, |overlay, _| arrange(overlay, to)).await?;
        let output = world
            .run_with(
                |overlay| {
                    for (provider, _) in OFFERED {
                        let all = TENANTS.map(|tenant| Value::from(tenant.name)).to_vec();
                        overlay.set(&format!("providers/{provider}.toml"), "tenants", all);
                    }
                },
                &["check"],
            )
            .await?;
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        for (_, kind) in OFFERED {
            let refused = text.contains(&format!("`{kind}` is not offered in cloud `{to}`"));
            ensure!(refused != offered(kind, to), "{kind} in {to}:\n{text}");
        }
        let all = OFFERED.iter().all(|(_, kind)| offered(kind, to));
        ensure!(all == output.status.success(), "{to}:\n{text}");
    }
    Ok(())
}
