//! SimpleSAMLphp from Debian: an identity provider that nobody here wrote.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::browser::{Browser, Page};
use crate::network;
use crate::process::Running;
use crate::saml::{Manner, carry, write_pair};
use crate::{Outcome, built, ports};

/// Where Debian puts it.
const PROGRAM: &str = "/usr/share/simplesamlphp/www";

/// A running one with the accounts of `tests/simplesamlphp/authsources.php`; it ends when this is dropped.
pub struct SimpleSamlPhp {
    /// Scheme, host and port.
    pub origin: String,
    folder: PathBuf,
    _process: Running,
}

impl SimpleSamlPhp {
    /// Starts it with everything in `folder`, which must exist.
    ///
    /// # Errors
    /// If it or PHP is not installed; the message says what to run.
    pub async fn start(folder: &Path) -> Outcome<Self> {
        crate::ensure!(
            Path::new(PROGRAM).exists(),
            "SimpleSAMLphp is not installed: run `cargo xtask test`"
        );
        for name in [
            "config", "cert", "data", "log", "metadata", "sessions", "tmp",
        ] {
            fs::create_dir_all(folder.join(name))?;
        }
        let ours = built::workspace().join("tests/simplesamlphp");
        for (file, place) in [
            ("config.php", "config"),
            ("authsources.php", "config"),
            ("saml20-idp-hosted.php", "metadata"),
        ] {
            fs::copy(ours.join(file), folder.join(place).join(file))?;
        }
        write_pair(&folder.join("cert"))?;
        let plain = Manner {
            sign_response: true,
            sign_assertion: true,
            encrypt: false,
        };
        plain.write(folder)?;
        let nobody = "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\"/>";
        fs::write(folder.join("metadata/sp.xml"), nobody)?;
        let port = ports::free()?;
        let origin = format!("http://127.0.0.1:{port}");
        let mut command = Command::new("php");
        command
            .args(["-S", &format!("127.0.0.1:{port}"), "-t", PROGRAM])
            .env("SIMPLESAMLPHP_CONFIG_DIR", folder.join("config"))
            .env("SSP_ORIGIN", &origin);
        let mut process = Running::start("php", command, &folder.join("php.log"))?;
        let metadata = format!("{origin}/saml2/idp/metadata.php");
        process
            .until(async || network::get(&metadata).await.is_ok())
            .await?;
        Ok(Self {
            origin,
            folder: folder.to_owned(),
            _process: process,
        })
    }

    /// Its entity id, which is also where its metadata are.
    #[must_use]
    pub fn entity_id(&self) -> String {
        format!("{}/saml2/idp/metadata.php", self.origin)
    }

    /// Where somebody signs out at the provider itself, of everything.
    #[must_use]
    pub fn sign_out_page(&self) -> String {
        let back = format!("{}/logout.php", self.origin);
        format!(
            "{}/saml2/idp/SingleLogoutService.php?ReturnTo={back}",
            self.origin
        )
    }

    /// Tells it of a service provider.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn know(&self, metadata: &str) -> Outcome {
        Ok(fs::write(self.folder.join("metadata/sp.xml"), metadata)?)
    }

    /// Changes how it answers.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn behave(&self, manner: Manner) -> Outcome {
        manner.write(&self.folder)
    }

    /// Signs in at its page, up to the page behind it.
    ///
    /// # Errors
    /// If this is no such page.
    pub async fn sign_in(&self, browser: &mut Browser, page: &Page, user: &str) -> Outcome<Page> {
        let fields = [("username", user), ("password", "a password")];
        let page = browser.submit(page, &fields).await?;
        carry(browser, page).await
    }
}
