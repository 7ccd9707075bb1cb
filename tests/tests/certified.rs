//! Every OpenID plugin, and every way to show who we are, against oidc-provider: certified software that nobody here wrote.

use serde_json::{Value, json};
use tests::browser::{Browser, Page};
use tests::certificates::write_private;
use tests::client_key::ClientKey;
use tests::oidc_provider::{CLIENT_ID, CLIENT_SECRET, OidcProvider, Setup, TENANT};
use tests::overlay::Overlay;
use tests::people::accept;
use tests::world::{Options, World};
use tests::{Outcome, ensure, plugins, ports, says};

const README: &str = "/sites/projects/readme.txt";
const OLGA: &str = "olga@partner.example";
const GINA: &str = "gina@gmail.com";
const WORKER: &str = "worker@workers.example";
const FILE: &str = "providers/partner.toml";

/// What the client shows at the token endpoint.
enum Shows<'a> {
    Secret,
    Key(&'a ClientKey),
}

/// A world with that provider in it, home of `partner.example`, from where Olga is invited.
///
/// - `client`: metadata of the client at the provider.
/// - `settings`: further settings of the plugin, in TOML.
async fn world_with(
    shows: Shows<'_>,
    client: Value,
    settings: &str,
) -> Outcome<(World, OidcProvider)> {
    let port = ports::free()?;
    let redirect_uri = format!("https://contoso.localhost:{port}/_vestibule/callback/partner");
    let setup = Setup {
        redirect_uri: &redirect_uri,
        client,
        ..Setup::default()
    };
    let provider = OidcProvider::set_up(setup).await?;
    let issuer = provider.issuer.clone();
    let world = start(port, |overlay| {
        let library = copy(overlay, "plugins-openid", "libplugins_openid.so")?;
        overlay.add(
            FILE,
            &format!(
                "plugin = \"libplugins_openid.so\"\nkind = \"openid\"\nissuers = [\"{issuer}\"]\n\
                 domains = [\"partner.example\"]\nhome_domains = [\"partner.example\"]\n\
                 [settings]\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT_ID}\"\nallow_insecure_loopback = true\n{settings}"
            ),
        )?;
        overlay.set(FILE, "sha256", library);
        show(overlay, FILE, &shows)?;
        invite(overlay, OLGA)
    });
    Ok((world.await?, provider))
}

async fn start(port: u16, change: impl FnOnce(&mut Overlay) -> Outcome) -> Outcome<World> {
    let options = Options {
        port: Some(port),
        ..Options::default()
    };
    World::start_with(options, |overlay, _| change(overlay)).await
}

/// Puts a plugin where the gateway looks for it, and gives its hash.
fn copy(overlay: &Overlay, package: &str, library: &str) -> Outcome<String> {
    let folder = overlay
        .folder()
        .parent()
        .ok_or("the overlay is in no folder")?;
    plugins::sha256(&plugins::copy(package, &folder.join("plugins"), library)?)
}

fn show(overlay: &mut Overlay, file: &str, shows: &Shows<'_>) -> Outcome {
    let folder = overlay
        .folder()
        .parent()
        .ok_or("the overlay is in no folder")?;
    let (setting, path) = match shows {
        Shows::Secret => {
            let secret = folder.join("partner-secret");
            write_private(&secret, CLIENT_SECRET.as_bytes())?;
            ("settings.client_secret.file", secret)
        }
        Shows::Key(key) => ("settings.client_key.file", key.write(folder)?),
    };
    overlay.set(file, setting, path.display().to_string());
    Ok(())
}

fn invite(overlay: &mut Overlay, address: &str) -> Outcome {
    overlay.add(
        "tenants/contoso.toml",
        &format!(
            "[permissions.invited-readme]\nsite = \"projects\"\nitem = \"{README}\"\nto = \"{address}\"\n\
             role = \"read\"\ncreated_by = \"mia@contoso.example\""
        ),
    )
}

/// Types an address at the gateway and `account` at the provider.
async fn sign_in(world: &World, address: &str, account: &str) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = browser.open(&world.url("contoso", README)).await?;
    let page = browser.submit(&page, &[("address", address)]).await?;
    let page = browser.submit(&page, &[("account", account)]).await?;
    Ok((browser, page))
}

/// Signs in to the end, reads the document, and tells who that was.
async fn read_as(world: &World, address: &str, account: &str) -> Outcome<Value> {
    let (mut browser, page) = sign_in(world, address, account).await?;
    let page = accept(&mut browser, &page).await?.expect(200)?;
    ensure!(page.text().starts_with("Read me"), "read {}", page.text());
    world.who(&mut browser).await
}

/// Whoever is refused is nobody afterwards, and nothing reached the documents.
async fn refused(world: &World, address: &str, account: &str) -> Outcome {
    let (mut browser, page) = world
        .short_of_upstream(sign_in(world, address, account))
        .await?;
    ensure!(
        (400..500).contains(&page.status.as_u16()),
        "{account}: {page}"
    );
    world.is_nobody(&mut browser).await
}

/// Every algorithm of tokens, and every kind of credential.
#[tokio::test]
async fn a_key_of_ours_is_taken_and_every_algorithm_of_theirs() -> Outcome {
    let (rsa, curve) = (ClientKey::rsa()?, ClientKey::curve()?);
    let by_key = |key: &ClientKey, signs: &str, token: &str| {
        json!({
            "client_secret": null,
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": signs,
            "jwks": { "keys": [key.jwk] },
            "id_token_signed_response_alg": token,
        })
    };
    let by_post = json!({
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "RS256",
    });
    let name = "client_key_id = \"ours\"\n";
    let rows = [
        (
            Shows::Key(&rsa),
            by_key(&rsa, "PS256", "ES256"),
            name.to_owned(),
        ),
        (
            Shows::Key(&rsa),
            by_key(&rsa, "RS256", "RS256"),
            format!("{name}client_key_algorithm = \"RS256\"\n"),
        ),
        (
            Shows::Key(&curve),
            by_key(&curve, "ES256", "PS256"),
            name.to_owned(),
        ),
        (
            Shows::Secret,
            by_post,
            "client_authentication = \"client_secret_post\"\n".to_owned(),
        ),
    ];
    for (shows, client, settings) in rows {
        let (world, _provider) = world_with(shows, client, &settings).await?;
        let who = read_as(&world, OLGA, "olga").await?;
        ensure!(says(&who, "subject") == "olga", "{settings}: {who}");
    }
    Ok(())
}

#[tokio::test]
async fn a_key_that_nobody_registered_opens_nothing() -> Outcome {
    let (registered, other) = (ClientKey::curve()?, ClientKey::curve()?);
    let client = json!({
        "client_secret": null,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": { "keys": [registered.jwk] },
    });
    let settings = "client_key_id = \"ours\"\n";
    let (world, _provider) = world_with(Shows::Key(&other), client, settings).await?;
    let (mut browser, page) = world
        .short_of_upstream(sign_in(&world, OLGA, "olga"))
        .await?;
    ensure!(
        page.status.is_server_error() || page.status.is_client_error(),
        "{page}"
    );
    world.is_nobody(&mut browser).await
}

/// The plugin for Google: its rules, at a provider that is not Google's pretence.
#[tokio::test]
async fn gmail_is_googles_and_the_account_must_be_the_invited_one() -> Outcome {
    const GOOGLE: &str = "providers/google.toml";
    let port = ports::free()?;
    let redirect_uri = format!("https://contoso.localhost:{port}/_vestibule/callback/google");
    let provider = OidcProvider::set_up(Setup {
        redirect_uri: &redirect_uri,
        client: json!({ "token_endpoint_auth_method": "client_secret_post" }),
        ..Setup::default()
    })
    .await?;
    let issuer = provider.issuer.clone();
    let world = start(port, |overlay| {
        overlay.set(GOOGLE, "issuers", vec![toml::Value::from(issuer.clone())]);
        overlay.set(GOOGLE, "settings.issuer", issuer);
        show(overlay, GOOGLE, &Shows::Secret)?;
        invite(overlay, GINA)
    })
    .await?;
    let who = read_as(&world, GINA, "gina").await?;
    ensure!(
        says(&who, "address") == GINA && says(&who, "proof") == "domain-owner",
        "{who}"
    );
    // Another account of hers; and somebody whose address is verified, and not Google's to prove.
    refused(&world, GINA, "other-gina").await?;
    refused(&world, GINA, "olga").await
}

/// The plugin for Entra: one tenant, keys that name their issuer, a key with a certificate in place of a secret.
#[tokio::test]
async fn a_work_account_is_one_of_its_tenant() -> Outcome {
    const WORKERS: &str = "providers/workers.toml";
    let port = ports::free()?;
    let key = ClientKey::rsa()?;
    let redirect_uri = format!("https://contoso.localhost:{port}/_vestibule/callback/workers");
    let provider = OidcProvider::set_up(Setup {
        redirect_uri: &redirect_uri,
        client: json!({
            "client_secret": null,
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "PS256",
            "jwks": { "keys": [key.jwk] },
        }),
        prefix: format!("/{TENANT}/v2.0"),
        key_issuer: true,
    })
    .await?;
    let origin = provider.origin.clone();
    let world = start(port, |overlay| {
        let library = copy(overlay, "plugins-work-school", "libplugins_work_school.so")?;
        overlay.add(
            WORKERS,
            &format!(
                "plugin = \"libplugins_work_school.so\"\nkind = \"work-school\"\ncloud = \"worldwide\"\n\
                 issuers = [\"{origin}/{{tenantid}}/v2.0\"]\ndomains = [\"*\"]\nhome_domains = [\"workers.example\"]\n\
                 [settings]\nclient_id = \"{CLIENT_ID}\"\ncloud = \"worldwide\"\ntenant = \"{TENANT}\"\n\
                 authority = \"{origin}\"\nallow_insecure_loopback = true\n\
                 client_certificate = '''\n{}'''",
                key.certificate()?
            ),
        )?;
        overlay.set(WORKERS, "sha256", library);
        show(overlay, WORKERS, &Shows::Key(&key))?;
        invite(overlay, WORKER)
    })
    .await?;
    let who = read_as(&world, WORKER, "worker").await?;
    ensure!(
        says(&who, "home_tenant") == TENANT && says(&who, "cloud") == "worldwide",
        "{who}"
    );
    ensure!(says(&who, "proof") == "domain-owner", "{who}");
    // The same object id and address, in another tenant.
    refused(&world, WORKER, "elsewhere").await
}
