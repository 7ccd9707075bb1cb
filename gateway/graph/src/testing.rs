//! What the tests of the API stand on: a real directory in a file, a configuration of real files, and a gateway around
//! them that is played.

mod files;
mod tokens;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use gateway_config::Sources;
use gateway_config::model::{Configuration, Mail, MailSecurity, Uploads as Limits};
use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::policy::configure::Scope;
use gateway_core::settings::value::Raw;
use gateway_core::time::UnixTime;
use gateway_store::Store;
use gateway_store::directory::{DeclaredTenant, Directory};
use gateway_store::model::SettingScope;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::request::Arrival;
use crate::surroundings::{
    ApiSettings, DocumentRequest, DocumentResponse, InvitationLetter, NoDocument, Soon,
    Surroundings, Unavailable,
};
use crate::{Api, Uploads};
pub(crate) use tokens::{
    application, foreign_key, issuer_key, jwk, person, public_der, signed, token,
};

/// When every test begins.
pub(crate) const NOW: i64 = 1_800_000_000;
/// The directory of the tenant `contoso`.
pub(crate) const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
/// The directory of the tenant `woodgrove`.
pub(crate) const WOODGROVE: &str = "22222222-2222-4222-8222-222222222222";
/// The origin of the API.
pub(crate) const ORIGIN: &str = "https://api.contoso.example:8443";

/// How documents are played, for the tests of drives.
pub(crate) trait Documents: Send + Sync {
    fn ask<'a>(
        &'a self,
        caller: &'a Caller,
        ask: DocumentRequest,
    ) -> Soon<'a, Result<DocumentResponse, NoDocument>>;
}

/// The gateway around the API.
pub(crate) struct Played {
    configuration: Configuration,
    directory: Directory,
    pub(crate) now: AtomicI64,
    random: AtomicU64,
    pub(crate) settings: Mutex<ApiSettings>,
    pub(crate) letters: Mutex<Vec<InvitationLetter>>,
    pub(crate) key_set: Mutex<Value>,
    /// How often keys were asked for anew.
    pub(crate) refetched: AtomicUsize,
    operators: Mutex<BTreeMap<String, Value>>,
    pub(crate) documents: OnceLock<Arc<dyn Documents>>,
}

/// The API in a played gateway.
pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) gateway: Arc<Played>,
    _folder: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    /// The body; null where it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// The code of an error.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The code that refines it.
    pub(crate) fn inner(&self) -> &str {
        self.body["error"]["innerError"]["code"]
            .as_str()
            .unwrap_or_default()
    }
}

impl World {
    /// Two tenants, `contoso` and `woodgrove`, worldwide.
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// With `more` laid over the file of `contoso`. Unless it names it, the tenant's level counts as set by nobody,
    /// although every file has to.
    pub(crate) async fn with(more: &str) -> Self {
        Self::made(more, |_| {}, false, &[]).await
    }

    /// The same, with other limits for uploads.
    pub(crate) async fn limited(more: &str, limit: impl FnOnce(&mut Limits)) -> Self {
        Self::made(more, limit, false, &[]).await
    }

    /// With the files of these providers as well: name and text, but for the library.
    pub(crate) async fn providing(providers: &[(&str, &str)]) -> Self {
        Self::made("", |_| {}, false, providers).await
    }

    /// The same, of a gateway that sends mail.
    pub(crate) async fn mailing(more: &str) -> Self {
        Self::made(more, |_| {}, true, &[]).await
    }

    async fn made(
        more: &str,
        limit: impl FnOnce(&mut Limits),
        mails: bool,
        providers: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tenants = folder.path().join("tenants");
        std::fs::create_dir(&tenants).unwrap();
        let (file, given) = files::contoso(more);
        std::fs::write(tenants.join("contoso.toml"), file).unwrap();
        if !providers.is_empty() {
            let mail = "[mail]\nhost = \"localhost\"\nport = 25\nsecurity = \"none\"\nfrom = \"sharing@contoso.example\"\nfrom_name = \"Contoso\"\n";
            let plugins = format!("[plugins]\ndirectory = {:?}\n", folder.path());
            std::fs::write(folder.path().join("default.toml"), plugins + mail).unwrap();
        }
        let folders = folder.path().join("providers");
        std::fs::create_dir(&folders).unwrap();
        for (name, text) in providers {
            let library = format!("plugin = \"{name}.so\"\nsha256 = \"{}\"\n", "0".repeat(64));
            std::fs::write(folders.join(format!("{name}.toml")), library + text).unwrap();
        }
        let other = files::WOODGROVE;
        std::fs::write(tenants.join("woodgrove.toml"), other).unwrap();
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config");
        let loaded = gateway_config::load(&Sources {
            directories: vec![shipped.into(), folder.path().to_owned()],
            environment: "worldwide".to_owned(),
            variables: vec![(
                "VESTIBULE__LISTEN__PUBLIC__PLAIN_HTTP".to_owned(),
                "true".to_owned(),
            )],
            now: UnixTime(NOW),
        });
        let loaded = loaded.map_err(|all| format!("{all:#?}")).unwrap();
        let mut configuration = loaded.configuration;
        if mails {
            configuration.gateway.mail = Some(Mail {
                host: "mail.contoso.example".to_owned(),
                port: 465,
                security: MailSecurity::Tls,
                credentials: None,
                from: EmailAddress::parse("sharing@contoso.example").unwrap(),
                from_name: "Contoso".to_owned(),
            });
        }
        if !given {
            for tenant in configuration.tenants.values_mut() {
                let name = "SharingCapability".to_owned();
                tenant.declared.remove(&(Scope::Tenant, name));
            }
        }
        let path = folder.path().join("vestibule.db");
        let store = Store::open(&path, UnixTime(NOW)).await.unwrap();
        let declared = configuration.tenants.values().map(|tenant| DeclaredTenant {
            id: tenant.id.clone(),
            guests: tenant.guests.clone(),
            permissions: tenant.permissions.clone(),
            links: tenant
                .links
                .iter()
                .map(|link| (link.link.clone(), link.token_sha256))
                .collect(),
        });
        let directory = Directory::open(store, declared.collect(), UnixTime(NOW));
        let mut limits = Limits::at(folder.path().join("uploads"));
        limit(&mut limits);
        let uploads = Uploads::open(limits).unwrap();
        let gateway = Arc::new(Played {
            directory: directory.await.unwrap(),
            configuration,
            now: AtomicI64::new(NOW),
            random: AtomicU64::new(0),
            settings: Mutex::new(ApiSettings::at(ORIGIN)),
            letters: Mutex::default(),
            key_set: Mutex::new(json!({ "keys": [jwk("k1", issuer_key())] })),
            refetched: AtomicUsize::new(0),
            operators: Mutex::default(),
            documents: OnceLock::new(),
        });
        Self {
            api: Api::new(gateway.clone(), uploads),
            gateway,
            _folder: folder,
        }
    }

    /// Moves the clock.
    pub(crate) fn wait(&self, seconds: i64) {
        self.gateway.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A token of a person of `contoso` with these scopes.
    ///
    /// - `wids`: the person's roles in the directory.
    pub(crate) fn person(&self, scopes: &str, wids: &[&str]) -> String {
        let mut claims = person(scopes);
        claims["wids"] = json!(wids);
        token(&claims)
    }

    /// A token of a Global Administrator of `contoso`.
    pub(crate) fn administrator(&self, scopes: &str) -> String {
        self.person(scopes, &["62e90394-69f5-4237-9190-012177145e10"])
    }

    /// A token of an application in `contoso`.
    pub(crate) fn application(&self, roles: &[&str]) -> String {
        token(&application(roles))
    }

    /// An operator's token for `contoso`.
    pub(crate) fn operator(&self, scopes: &str) -> String {
        self.operator_of(json!({
            "tenant": "contoso", "aud": ORIGIN, "scp": scopes, "iat": NOW, "exp": NOW + 3600, "jti": "1",
        }))
    }

    /// An operator's token with these claims.
    pub(crate) fn operator_of(&self, claims: Value) -> String {
        let mut all = self.gateway.operators.lock().unwrap();
        let token = format!("operator.{}.token", all.len());
        all.insert(token.clone(), claims);
        token
    }

    /// A call with a JSON body, or none.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut builder = http::Request::builder().method(method).uri(path);
        if !token.is_empty() {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        let bytes = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(builder.body(bytes.into()).unwrap()).await
    }

    /// A `GET`.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, token, None).await
    }

    /// Any call.
    pub(crate) async fn send(&self, request: http::Request<bytes::Bytes>) -> Answer {
        let response = self
            .api
            .answer(Arrival {
                request: request.map(crate::response::full),
                now: self.gateway.now(),
                id: "0f0f0f0f-0000-4000-8000-000000000001".to_owned(),
                client: IpAddr::V4(Ipv4Addr::LOCALHOST),
            })
            .await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }
}

impl Surroundings for Played {
    fn configuration(&self) -> Arc<Configuration> {
        let mut configuration = self.configuration.clone();
        for (id, tenant) in &mut configuration.tenants {
            let (_, rows) = self.directory.settings_rows(id);
            for row in &rows.settings {
                let raw = raw(&row.value);
                let taken = match &row.scope {
                    SettingScope::Tenant => tenant.settings.sharing.set(&row.name, &raw),
                    SettingScope::Directory => {
                        tenant.settings.directory.policy.set(&row.name, &raw)
                    }
                    SettingScope::Site(_) => Ok(()),
                };
                taken.unwrap();
            }
            let documents = rows.documents.iter();
            crate::lay_over(&mut tenant.settings, documents, &configuration.clouds);
        }
        Arc::new(configuration)
    }

    fn api(&self) -> Arc<ApiSettings> {
        Arc::new(self.settings.lock().unwrap().clone())
    }

    fn directory(&self) -> &Directory {
        &self.directory
    }

    fn now(&self) -> UnixTime {
        UnixTime(self.now.load(Ordering::SeqCst))
    }

    fn random(&self) -> Result<[u8; 32], Unavailable> {
        let next = self.random.fetch_add(1, Ordering::SeqCst);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &next.to_be_bytes());
        Ok(digest.as_ref().try_into().unwrap())
    }

    fn origin(&self, tenant: &TenantId) -> Option<String> {
        let host = self.configuration.tenants.get(tenant)?.hosts.first()?;
        Some(format!("https://{host}"))
    }

    fn seal(&self, purpose: &'static str, plain: &[u8]) -> Result<Vec<u8>, Unavailable> {
        let mut sealed = purpose.as_bytes().to_vec();
        sealed.push(0);
        sealed.extend(plain.iter().map(|byte| byte ^ 0x55));
        Ok(sealed)
    }

    fn open(&self, purpose: &'static str, sealed: &[u8]) -> Option<Vec<u8>> {
        let rest = sealed
            .strip_prefix(purpose.as_bytes())?
            .strip_prefix(&[0])?;
        Some(rest.iter().map(|byte| byte ^ 0x55).collect())
    }

    fn own_token(&self, token: &str) -> Option<Value> {
        self.operators.lock().unwrap().get(token).cloned()
    }

    fn issuer_keys<'a>(
        &'a self,
        _tenant: &'a TenantId,
        _issuer: &'a str,
        fresh: bool,
    ) -> Soon<'a, Result<Arc<Value>, Unavailable>> {
        if fresh {
            self.refetched.fetch_add(1, Ordering::SeqCst);
        }
        let set = Arc::new(self.key_set.lock().unwrap().clone());
        Box::pin(async move { Ok(set) })
    }

    fn mail(&self, letter: InvitationLetter) {
        self.letters.lock().unwrap().push(letter);
    }

    fn documents<'a>(
        &'a self,
        caller: &'a Caller,
        ask: DocumentRequest,
    ) -> Soon<'a, Result<DocumentResponse, NoDocument>> {
        match self.documents.get() {
            Some(documents) => documents.ask(caller, ask),
            None => Box::pin(async { Err(NoDocument::Failed("no documents".to_owned())) }),
        }
    }
}

fn raw(value: &Value) -> Raw {
    match value {
        Value::Bool(flag) => Raw::Flag(*flag),
        Value::Number(number) => Raw::Number(number.as_i64().unwrap()),
        Value::String(text) => Raw::text(text),
        Value::Array(list) => Raw::List(list.iter().map(raw).collect()),
        Value::Null | Value::Object(_) => panic!("no setting has {value}"),
    }
}
