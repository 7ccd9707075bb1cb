//! What `config/demo` leaves to the machine it runs on: addresses, certificates, folders, hashes, secrets.

use std::fs;
use std::path::Path;

use idp_mocks::Urls;
use toml::{Table, Value};

use crate::certificates::{Authority, write_private};
use crate::overlay::Overlay;
use crate::{Outcome, built, plugins, saml};

/// The gateway's own ports.
pub(super) struct Ports {
    pub(super) public: u16,
    pub(super) operations: u16,
    pub(super) api: u16,
}

const SECRET_FILE: &str = "client-secret";

/// Fills in everything that the demo needs to run here.
pub(super) fn fill(
    overlay: &mut Overlay,
    authority: &Authority,
    urls: &Urls,
    ports: &Ports,
) -> Outcome {
    let folder = authority
        .file()
        .parent()
        .ok_or("the authority is in no folder")?;
    process(overlay, authority, folder, ports)?;
    overlay.set(
        "default.toml",
        "mail.port",
        i64::from(urls.mailbox.smtp.port()),
    );
    // Whose tokens the management API takes: those of the tenants' own directories.
    overlay.set(
        "clouds.toml",
        "clouds.worldwide.authority",
        urls.entra_worldwide.origin.as_str(),
    );
    for (name, provider) in demo_files("providers")? {
        provider_of(overlay, &name, &provider, folder, urls)?;
    }
    for (name, tenant) in demo_files("tenants")? {
        upstreams(overlay, &name, &tenant, &urls.documents.origin);
    }
    Ok(())
}

fn process(overlay: &mut Overlay, authority: &Authority, folder: &Path, ports: &Ports) -> Outcome {
    let server = authority.issue(
        "gateway",
        &[
            "contoso.localhost",
            "woodgrove.localhost",
            // For tenants that a test adds.
            "one.localhost",
            "two.localhost",
            "three.localhost",
            "four.localhost",
            "localhost",
            "127.0.0.1",
        ],
    )?;
    let plugins = folder.join("plugins");
    if !plugins.exists() {
        fs::create_dir(&plugins)?;
    }
    let mut set = |key: &str, value: String| overlay.set("default.toml", key, value);
    set(
        "listen.public.address",
        format!("127.0.0.1:{}", ports.public),
    );
    set(
        "listen.public.tls.certificate",
        server.certificate.display().to_string(),
    );
    set("listen.public.tls.key", server.key.display().to_string());
    set(
        "listen.operations.address",
        format!("127.0.0.1:{}", ports.operations),
    );
    set("listen.api.address", format!("127.0.0.1:{}", ports.api));
    set(
        "listen.api.origin",
        format!("https://localhost:{}", ports.api),
    );
    set(
        "listen.api.tls.certificate",
        server.certificate.display().to_string(),
    );
    set("listen.api.tls.key", server.key.display().to_string());
    set(
        "store.path",
        folder.join("vestibule.db").display().to_string(),
    );
    set("keys.directory", folder.join("keys").display().to_string());
    set("plugins.directory", plugins.display().to_string());
    set("plugins.trust_root", plugins.display().to_string());
    Ok(())
}

fn provider_of(
    overlay: &mut Overlay,
    name: &str,
    provider: &Table,
    folder: &Path,
    urls: &Urls,
) -> Outcome {
    let text = |key: &str| {
        provider
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (kind, cloud, library) = (
        text("kind"),
        text("cloud"),
        folder.join("plugins").join(text("plugin")),
    );
    if kind == "badge" {
        plugins::compile("plugins/examples/c/badge.c", &[], &library)?;
    } else {
        plugins::copy(
            &format!("plugins-{kind}"),
            &folder.join("plugins"),
            text("plugin"),
        )?;
    }
    let file = format!("providers/{name}");
    if kind == "saml" {
        return federation(overlay, name, urls);
    }
    overlay.set(&file, "sha256", plugins::sha256(&library)?);
    let entra = match cloud {
        "gcc-high" => &urls.entra_usgov.origin,
        "china-21vianet" => &urls.entra_china.origin,
        _ => &urls.entra_worldwide.origin,
    };
    let (place, origin, issuer) = match kind {
        "work-school" => (
            "settings.authority",
            entra,
            format!("{entra}/{{tenantid}}/v2.0"),
        ),
        "microsoft-account" => {
            let issuer = urls.entra_worldwide.consumers_issuer.clone();
            (
                "settings.authority",
                entra,
                issuer.ok_or("no Microsoft accounts")?,
            )
        }
        "google" => (
            "settings.issuer",
            &urls.google.origin,
            urls.google.issuer.clone(),
        ),
        // These two have no issuer elsewhere.
        _ => return Ok(()),
    };
    overlay.set(&file, place, origin.clone());
    overlay.set(&file, "issuers", vec![Value::from(issuer)]);
    let secret = folder.join(SECRET_FILE);
    if !secret.exists() {
        let client = urls.clients.first().ok_or("no client is registered")?;
        write_private(&secret, client.secret.as_bytes())?;
    }
    overlay.set(
        &file,
        "settings.client_secret.file",
        secret.display().to_string(),
    );
    Ok(())
}

/// The partner is what its metadata say; the host that people are sent to is this machine's.
fn federation(overlay: &mut Overlay, name: &str, urls: &Urls) -> Outcome {
    let file = format!("providers/{name}");
    let entity_id = &urls.saml.entity_id;
    overlay.set(&file, "issuers", vec![Value::from(entity_id.clone())]);
    overlay.set(&file, "settings.entity_id", entity_id.clone());
    overlay.set(&file, "settings.metadata_url", entity_id.clone());
    let hosts = vec![Value::from(urls.saml.address.to_string())];
    overlay.set(&file, "settings.single_sign_on_hosts", hosts);
    saml::keys(overlay, name.trim_end_matches(".toml"))
}

fn upstreams(overlay: &mut Overlay, name: &str, tenant: &Table, origin: &str) {
    let sites = tenant.get("sites").and_then(Value::as_table);
    for site in sites.into_iter().flat_map(Table::keys) {
        overlay.set(
            &format!("tenants/{name}"),
            &format!("sites.{site}.upstream"),
            origin.to_owned(),
        );
    }
}

/// Name and content of the demo's files of one kind.
fn demo_files(group: &str) -> Outcome<Vec<(String, Table)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(built::workspace().join("config/demo").join(group))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        files.push((name, toml::from_str(&fs::read_to_string(path)?)?));
    }
    files.sort_by(|one: &(String, Table), other| one.0.cmp(&other.0));
    Ok(files)
}
