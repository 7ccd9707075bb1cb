//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Parser;
use idp_mocks::{
    Client, Listener, LogoutFault, Misbehaviour, Settings, Target, Tls, Trust, UnknownName, World,
};

/// Pretend identity providers, a mailbox and documents.
#[derive(Debug, Parser)]
#[command(version, after_long_help = misbehaviours())]
pub(crate) struct Options {
    /// Print one line of JSON with every address once everything listens.
    #[arg(long)]
    pub(crate) json: bool,
    /// Entra of the worldwide cloud, with the Microsoft account: [NAME=]IP:PORT, port 0 for a free one.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    entra_worldwide: Place,
    /// Entra of the US Government cloud.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    entra_usgov: Place,
    /// Entra of the China cloud.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    entra_china: Place,
    /// Google.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    google: Place,
    /// The partner's SAML identity provider.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    saml: Place,
    /// Web inbox.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    mailbox: Place,
    /// SMTP server.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    smtp: Place,
    /// Documents.
    #[arg(long, value_name = "PLACE", default_value = "127.0.0.1:0")]
    documents: Place,
    /// Certificate chain in PEM: the identity providers and the inbox serve HTTPS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The documents serve HTTPS too.
    #[arg(long, requires = "tls_cert")]
    documents_tls: bool,
    /// The SMTP server offers STARTTLS.
    #[arg(long, requires = "tls_cert")]
    smtp_tls: bool,
    /// Certificates in PEM to trust where something is sent to a client: logout tokens.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// A client as ID:SECRET, in place of `vestibule:demo-secret`; may be repeated.
    #[arg(long = "client", value_name = "ID:SECRET", value_parser = client)]
    clients: Vec<(String, String)>,
    /// A redirect address for every client, in place of those on loopback hosts; `*` stands for a piece of
    /// a host, port or path segment; may be repeated.
    #[arg(long = "redirect-uri", value_name = "PATTERN")]
    redirect_uris: Vec<String>,
    /// People and organisations from a JSON file, in place of the demo's.
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// Adds a tenant with one person in every Microsoft 365 cloud, a domain and a tenant id that exist in two clouds, and
    /// a tenant that collaborates with nobody.
    #[arg(long)]
    every_cloud: bool,
    /// A `login_hint` that names a person signs that person in without a page.
    #[arg(long)]
    auto_sign_in: bool,
    /// A misbehaviour from the start as TARGET:NAME; may be repeated.
    #[arg(long = "misbehave", value_name = "TARGET:NAME", value_parser = misbehaviour)]
    misbehaviours: Vec<(Target, Misbehaviour)>,
    /// How long `slow` waits, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    slow_ms: u64,
    /// Size of /sites/projects/Large.bin in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    large_bytes: u64,
}

impl Options {
    /// What the options ask for.
    ///
    /// # Errors
    /// If a file cannot be read or does not hold what it should.
    pub(crate) fn into_settings(self) -> Result<Settings, Box<dyn std::error::Error>> {
        let mut settings = Settings::default();
        if let Some(file) = &self.world {
            settings.world = serde_json::from_slice::<World>(&std::fs::read(file)?)?;
        }
        if self.every_cloud {
            settings.world = settings.world.with_every_cloud();
        }
        self.register_clients(&mut settings.world);
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key)) => Some(Tls::from_files(chain, key)?),
            _ => None,
        };
        settings.entra_worldwide = self.entra_worldwide.listener(tls.clone());
        settings.entra_usgov = self.entra_usgov.listener(tls.clone());
        settings.entra_china = self.entra_china.listener(tls.clone());
        settings.google = self.google.listener(tls.clone());
        settings.saml = self.saml.listener(tls.clone());
        settings.mailbox = self.mailbox.listener(tls.clone());
        settings.documents = self
            .documents
            .listener(tls.clone().filter(|_| self.documents_tls));
        settings.smtp = self.smtp.listener(tls.filter(|_| self.smtp_tls));
        settings.trust = self.trust.as_deref().map(Trust::from_file).transpose()?;
        settings.auto_sign_in = self.auto_sign_in;
        settings.misbehaviours = self.misbehaviours;
        settings.slow_for = Duration::from_millis(self.slow_ms);
        settings.large_bytes = self.large_bytes;
        Ok(settings)
    }

    fn register_clients(&self, world: &mut World) {
        if !self.clients.is_empty() {
            world.clients = self
                .clients
                .iter()
                .map(|(id, secret)| Client {
                    id: id.clone(),
                    secret: secret.clone(),
                    ..Client::demo()
                })
                .collect();
        }
        if !self.redirect_uris.is_empty() {
            for client in &mut world.clients {
                client.redirect_uris.clone_from(&self.redirect_uris);
            }
        }
    }
}

/// `[NAME=]IP:PORT`.
#[derive(Clone, Debug)]
struct Place {
    host: Option<String>,
    address: SocketAddr,
}

impl Place {
    fn listener(&self, tls: Option<Tls>) -> Listener {
        Listener {
            address: self.address,
            host: self.host.clone(),
            tls,
        }
    }
}

impl FromStr for Place {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, address) = match text.split_once('=') {
            Some((host, address)) => (Some(host.to_owned()), address),
            None => (None, text),
        };
        Ok(Self {
            host,
            address: address.parse()?,
        })
    }
}

fn client(text: &str) -> Result<(String, String), String> {
    let (id, secret) = text
        .split_once(':')
        .ok_or("a client is given as ID:SECRET")?;
    Ok((id.to_owned(), secret.to_owned()))
}

fn misbehaviour(text: &str) -> Result<(Target, Misbehaviour), String> {
    let (target, name) = text
        .split_once(':')
        .ok_or("a misbehaviour is given as TARGET:NAME")?;
    let unknown = |why: UnknownName| why.to_string();
    Ok((
        target.parse().map_err(unknown)?,
        name.parse().map_err(unknown)?,
    ))
}

/// Every name for `--misbehave` and the control API, with what it does.
fn misbehaviours() -> String {
    let line = |name: &str, about: &str| format!("  {name:24} {about}\n");
    let every: String = Misbehaviour::every()
        .map(|what| line(what.name(), what.about()))
        .collect();
    let logout: String = LogoutFault::ALL
        .iter()
        .map(|fault| line(fault.name(), fault.about()))
        .collect();
    format!(
        "Misbehaviours, switched on by --misbehave or POST /_mock/misbehave:\n{every}\n\
         What can be wrong with a logout token beside these, for POST /_mock/logout:\n{logout}"
    )
}
