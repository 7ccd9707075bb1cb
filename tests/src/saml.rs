//! Federations by SAML: providers of kind `saml` in the configuration, and the way of people through their pages.

use std::fs;
use std::path::Path;

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256};

use crate::browser::{Browser, Page};
use crate::certificates::write_private;
use crate::overlay::Overlay;
use crate::world::World;
use crate::{Outcome, ensure, plugins};

/// The library, as the configuration names it.
pub const LIBRARY: &str = "libplugins_saml.so";

/// A key with a certificate that it signed itself.
pub struct Pair {
    /// PEM.
    pub certificate: String,
    /// PKCS #8 in PEM.
    pub key: String,
}

impl Pair {
    /// Makes an RSA key of 2048 bits.
    ///
    /// # Errors
    /// If the cryptographic library refuses.
    pub fn generate(name: &str) -> Outcome<Self> {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        Ok(Self {
            certificate: params.self_signed(&key)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

/// A partner organisation, for the configuration.
pub struct Partner<'a> {
    /// Name of the provider.
    pub name: &'a str,
    /// Its entity id.
    pub entity_id: &'a str,
    /// `metadata_url = "…"` or `metadata = { file = "…" }`, as TOML.
    pub metadata: &'a str,
    /// Host and port that people sign in at.
    pub host: &'a str,
    /// The domain that it speaks for.
    pub domain: &'a str,
    /// More settings, as TOML.
    pub settings: &'a str,
}

/// Adds the provider, with keys of its own, to the configuration.
///
/// # Errors
/// If the plugin has not been built or nothing can be written.
pub fn federate(overlay: &mut Overlay, partner: &Partner<'_>) -> Outcome {
    let Partner {
        name,
        entity_id,
        metadata,
        host,
        domain,
        settings,
    } = partner;
    let file = format!("providers/{name}.toml");
    overlay.add(
        &file,
        &format!(
            // The real address of a partner's sign-in is at its domain; here this machine plays it.
            "plugin = \"{LIBRARY}\"\nkind = \"saml\"\nissuers = [\"{entity_id}\"]\n\
             domains = [\"{domain}\"]\nhome_domains = [\"{domain}\"]\n\
             [settings]\nentity_id = \"{entity_id}\"\ndomains = [\"{domain}\"]\n\
             passiveSignInUri = \"https://idp.{domain}/sso\"\nsingle_sign_on_hosts = [\"{host}\"]\n\
             allow_insecure_loopback = true\n{metadata}\n{settings}"
        ),
    )?;
    keys(overlay, name)
}

/// Gives a provider the library and keys: one that signs, one that opens.
///
/// # Errors
/// As [`federate`].
pub fn keys(overlay: &mut Overlay, name: &str) -> Outcome {
    let folder = overlay
        .folder()
        .parent()
        .ok_or("the overlay is in no folder")?
        .to_owned();
    let file = format!("providers/{name}.toml");
    let library = plugins::copy("plugins-saml", &folder.join("plugins"), LIBRARY)?;
    overlay.set(&file, "sha256", plugins::sha256(&library)?);
    let signing = written(&folder, &format!("{name}-signing"))?;
    let decryption = written(&folder, &format!("{name}-decryption"))?;
    let reference = |path: &str| {
        let mut table = toml::Table::new();
        table.insert("file".to_owned(), path.to_owned().into());
        toml::Value::Table(table)
    };
    overlay.set(&file, "settings.signing_key", reference(&signing.key));
    overlay.set(&file, "settings.signing_certificate", signing.certificate);
    let keys = vec![reference(&decryption.key)];
    overlay.set(&file, "settings.decryption_keys", keys);
    overlay.set(
        &file,
        "settings.encryption_certificate",
        decryption.certificate,
    );
    Ok(())
}

/// A pair whose key is in a file: `key` is its path.
fn written(folder: &Path, name: &str) -> Outcome<Pair> {
    let pair = Pair::generate(name)?;
    let path = folder.join(format!("{name}.key"));
    write_private(&path, pair.key.as_bytes())?;
    Ok(Pair {
        key: path.display().to_string(),
        ..pair
    })
}

/// Writes `idp.key` and `idp.pem`.
///
/// # Errors
/// If they cannot be made or written.
pub fn write_pair(folder: &Path) -> Outcome {
    let pair = Pair::generate("A partner")?;
    fs::write(folder.join("idp.pem"), pair.certificate)?;
    write_private(&folder.join("idp.key"), pair.key.as_bytes())
}

/// What an identity provider of other people's making shall do, as both of ours read it from `manner.json`.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Signs the response.
    pub sign_response: bool,
    /// Signs the assertion.
    pub sign_assertion: bool,
    /// Encrypts the assertion.
    pub encrypt: bool,
}

impl Manner {
    /// Writes it where the provider looks for it at every response.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(self, folder: &Path) -> Outcome {
        let json = serde_json::json!({
            "sign_response": self.sign_response,
            "sign_assertion": self.sign_assertion,
            "encrypt": self.encrypt,
        });
        Ok(fs::write(folder.join("manner.json"), json.to_string())?)
    }
}

impl World {
    /// What the gateway publishes about itself as a service provider.
    ///
    /// # Errors
    /// If it publishes nothing.
    pub async fn saml_metadata(&self, tenant: &str, provider: &str) -> Outcome<String> {
        let url = self.url(tenant, &format!("/_vestibule/metadata/{provider}"));
        let page = self.browser().fetch("GET", &url, &[], "").await?;
        Ok(page.expect(200)?.text())
    }
}

/// The message that a page would post by itself.
///
/// # Errors
/// If there is none.
pub fn message(page: &Page) -> Outcome<(String, String)> {
    for name in ["SAMLResponse", "SAMLRequest"] {
        for form in page.forms() {
            if let Some(value) = form.value(name) {
                return Ok((form.action.clone(), value.to_owned()));
            }
        }
    }
    Err(format!("{page} posts no message:\n{}", page.text()).into())
}

/// Whether the page would post a message by itself.
#[must_use]
pub fn carries(page: &Page) -> bool {
    message(page).is_ok()
}

/// Does what a script on such a page does, until there is another page.
///
/// # Errors
/// If a server does not answer, or one page leads to the next without end.
pub async fn carry(browser: &mut Browser, page: Page) -> Outcome<Page> {
    let mut page = page;
    for _ in 0..8 {
        let has = |name: &str| {
            page.forms()
                .into_iter()
                .find(|form| form.value(name).is_some())
        };
        let Some(form) = has("SAMLResponse").or_else(|| has("SAMLRequest")) else {
            return Ok(page);
        };
        let first = browser.send(&page, &form).await?;
        page = browser.follow(first).await?;
    }
    Err(format!("messages in circles at {page}").into())
}

/// Types an address at the gateway and comes to the partner's page.
///
/// # Errors
/// If a page is not the expected one.
pub async fn begin(browser: &mut Browser, url: &str, address: &str) -> Outcome<Page> {
    let page = browser.open(url).await?;
    let page = browser.submit(&page, &[("address", address)]).await?;
    carry(browser, page).await
}

/// Fails unless the gateway lets `address` in through a provider of kind `saml`, known by `subject`.
///
/// # Errors
/// With what was found instead.
pub async fn is_in(world: &World, browser: &mut Browser, address: &str, subject: &str) -> Outcome {
    let who = world.who(browser).await?;
    let said = |key: &str| crate::says(&who, key).to_owned();
    ensure!(
        said("kind") == "saml" && said("address") == address && said("subject").contains(subject),
        "signed in as {who}"
    );
    Ok(())
}
