//! The plugin `openid` against oidc-provider: certified software that nobody here wrote.

use tests::browser::{Browser, Page};
use tests::certificates::write_private;
use tests::oidc_provider::{CLIENT_ID, CLIENT_SECRET, OidcProvider};
use tests::overlay::Overlay;
use tests::people::accept;
use tests::world::{Options, World};
use tests::{Outcome, ensure, plugins, ports, says};

const README: &str = "/sites/projects/readme.txt";
const OLGA: &str = "olga@partner.example";
const FILE: &str = "providers/partner.toml";

/// A world with that provider in it, home of `partner.example`, from where Olga is invited.
async fn world() -> Outcome<(World, OidcProvider)> {
    let port = ports::free()?;
    let callback = format!("https://contoso.localhost:{port}/_vestibule/callback/partner");
    let provider = OidcProvider::start(&callback).await?;
    let issuer = provider.issuer.clone();
    let options = Options {
        port: Some(port),
        ..Options::default()
    };
    let world = World::start_with(options, |overlay, _| add(overlay, &issuer)).await?;
    Ok((world, provider))
}

fn add(overlay: &mut Overlay, issuer: &str) -> Outcome {
    let folder = overlay
        .folder()
        .parent()
        .ok_or("the overlay is in no folder")?
        .to_owned();
    let library = plugins::copy(
        "plugins-openid",
        &folder.join("plugins"),
        "libplugins_openid.so",
    )?;
    let secret = folder.join("partner-secret");
    write_private(&secret, CLIENT_SECRET.as_bytes())?;
    overlay.add(
        FILE,
        &format!(
            "plugin = \"libplugins_openid.so\"\nkind = \"openid\"\nissuers = [\"{issuer}\"]\n\
             domains = [\"partner.example\"]\nhome_domains = [\"partner.example\"]\n\
             [settings]\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT_ID}\"\nallow_insecure_loopback = true"
        ),
    )?;
    overlay.set(FILE, "sha256", plugins::sha256(&library)?);
    overlay.set(
        FILE,
        "settings.client_secret.file",
        secret.display().to_string(),
    );
    overlay.add(
        "tenants/contoso.toml",
        &format!(
            "[permissions.olga-readme]\nsite = \"projects\"\nitem = \"{README}\"\nto = \"{OLGA}\"\n\
             role = \"read\"\ncreated_by = \"mia@contoso.example\""
        ),
    )
}

/// Types Olga's address at the gateway and `account` at the provider.
async fn sign_in(world: &World, account: &str) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = browser.open(&world.url("contoso", README)).await?;
    let page = browser.submit(&page, &[("address", OLGA)]).await?;
    let page = browser.submit(&page, &[("account", account)]).await?;
    Ok((browser, page))
}

#[tokio::test]
async fn a_guest_signs_in_at_a_certified_provider() -> Outcome {
    let (world, provider) = world().await?;
    let (mut browser, page) = sign_in(&world, "olga").await?;
    let page = accept(&mut browser, &page).await?.expect(200)?;
    ensure!(page.text().starts_with("Read me"), "read {}", page.text());
    let who = browser
        .fetch("GET", &world.url("contoso", "/_vestibule/whoami"), &[], "")
        .await?
        .json()?;
    ensure!(
        says(&who, "issuer") == provider.issuer && says(&who, "subject") == "olga",
        "{who}"
    );
    ensure!(
        says(&who, "address") == OLGA && says(&who, "proof") == "provider-verified",
        "{who}"
    );
    Ok(())
}

#[tokio::test]
async fn an_address_counts_only_where_it_is_verified_and_the_providers_to_prove() -> Outcome {
    let (world, _provider) = world().await?;
    for account in ["unverified", "stranger"] {
        let (mut browser, page) = world.short_of_upstream(sign_in(&world, account)).await?;
        ensure!(page.status == 403, "{account}: {page}");
        let readme = world.url("contoso", README);
        let answer = world
            .short_of_upstream(browser.fetch("GET", &readme, &[], ""))
            .await?;
        ensure!(
            answer.status == 401,
            "{account} was refused, and then {answer}"
        );
    }
    Ok(())
}
