//! The people and organisations that exist in the pretended services. Plain data: tests add to it.

mod clouds;
mod demo;
mod ids;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use clouds::{Environment, TWIN_DOMAIN, TWIN_TENANT};
pub use demo::demo;

use crate::client::Client;

/// The tenant that stands for every Microsoft account.
pub const CONSUMER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The directory role of those who administer everything, as `wids` names it.
pub(crate) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Everything the services know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// Organisations with an Entra tenant.
    pub organisations: Vec<Organisation>,
    /// Everybody, with or without an account.
    pub people: Vec<Person>,
    /// Registered clients; the same registration holds at every service.
    pub clients: Vec<Client>,
}

/// A national cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The worldwide cloud, with GCC in it: `worldwide`.
    Worldwide,
    /// Azure Government, with GCC High and DoD in it: `us-government`.
    UsGovernment,
    /// Azure China: `china`.
    China,
}

/// An Entra tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organisation {
    /// Tenant id, a lower-case GUID. The same id may exist in two clouds.
    pub tenant_id: String,
    /// Display name.
    pub name: String,
    /// The cloud that it lives in.
    pub cloud: Cloud,
    /// Verified domains, lower case. The same domain may be verified in two clouds.
    pub domains: Vec<String>,
    /// `tenant_region_scope` of the discovery document; absent prints `null`.
    pub region_scope: Option<String>,
    /// `tenant_region_sub_scope` of the discovery document; absent leaves it out.
    pub region_sub_scope: Option<String>,
}

/// Somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// The sign-in name: `preferred_username` at Microsoft, `email` at Google.
    pub address: String,
    /// Display name.
    pub name: String,
    /// Where the account is.
    pub account: Account,
    /// The `email` claim; none leaves it out. An administrator may put anybody's address here.
    pub email: Option<String>,
    /// Authentication contexts that were satisfied (`acrs`; by SAML the classes beside the password); empty leaves
    /// the claim out.
    #[serde(default)]
    pub acrs: Vec<String>,
    /// Roles in the directory: `wids` of access tokens.
    #[serde(default)]
    pub directory_roles: Vec<String>,
    /// Claims set over the others as they are; `null` takes a claim away.
    #[serde(default)]
    pub claims: Map<String, Value>,
}

/// Where a person's account is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Account {
    /// An account in an Entra tenant: `work-or-school`.
    WorkOrSchool {
        /// Cloud of the tenant.
        cloud: Cloud,
        /// Tenant id.
        tenant_id: String,
        /// Object id in that tenant, a GUID.
        oid: String,
    },
    /// A Microsoft account: `microsoft`.
    Microsoft {
        /// Object id in the consumers tenant, a GUID.
        oid: String,
    },
    /// A Google account: `google`.
    Google {
        /// Google's `sub`, decimal digits.
        sub: String,
        /// The `email_verified` claim.
        email_verified: bool,
        /// The `hd` claim; only Workspace accounts have one.
        hd: Option<String>,
    },
    /// An account at the partner's SAML identity provider: `saml`.
    Saml {
        /// The persistent name by which it knows this person.
        name_id: String,
    },
    /// No account, only a mailbox: `none`.
    None,
}

impl Person {
    /// An account in `organisation`, with an object id made from the address.
    #[must_use]
    pub fn work_or_school(address: &str, name: &str, organisation: &Organisation) -> Self {
        let account = Account::WorkOrSchool {
            cloud: organisation.cloud,
            tenant_id: organisation.tenant_id.clone(),
            oid: ids::guid(&[&organisation.tenant_id, address]),
        };
        Self::with(address, name, account)
    }

    /// The same with a role in the directory.
    #[must_use]
    pub fn with_directory_role(mut self, role: &str) -> Self {
        self.directory_roles.push(role.to_owned());
        self
    }

    /// A Microsoft account.
    #[must_use]
    pub fn microsoft(address: &str, name: &str) -> Self {
        Self::with(
            address,
            name,
            Account::Microsoft {
                oid: ids::consumer_oid(address),
            },
        )
    }

    /// A Google account with a verified address; `hd` makes it a Workspace account.
    #[must_use]
    pub fn google(address: &str, name: &str, hd: Option<&str>) -> Self {
        let account = Account::Google {
            sub: ids::digits(address),
            email_verified: true,
            hd: hd.map(str::to_owned),
        };
        Self::with(address, name, account)
    }

    /// An account at the partner's SAML identity provider, with a persistent name made from the address.
    #[must_use]
    pub fn saml(address: &str, name: &str) -> Self {
        let account = Account::Saml {
            name_id: ids::guid(&["saml", address]),
        };
        Self::with(address, name, account)
    }

    /// Somebody with a mailbox and no account.
    #[must_use]
    pub fn mailbox_only(address: &str, name: &str) -> Self {
        Self::with(address, name, Account::None)
    }

    /// The same person with another `email` claim; none leaves the claim out.
    #[must_use]
    pub fn claiming_email(mut self, email: Option<&str>) -> Self {
        self.email = email.map(str::to_owned);
        self
    }

    /// The same person with a claim set over the others; `null` takes it away.
    #[must_use]
    pub fn claiming(mut self, claim: &str, value: Value) -> Self {
        self.claims.insert(claim.to_owned(), value);
        self
    }

    /// What names the account where it lives: object id, Google's `sub` or the persistent name; nobody's is empty.
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.account {
            Account::WorkOrSchool { oid, .. } | Account::Microsoft { oid } => oid,
            Account::Google { sub, .. } => sub,
            Account::Saml { name_id } => name_id,
            Account::None => "",
        }
    }

    /// Sets this person's own claims over the others; `null` takes one away.
    pub(crate) fn overrule(&self, claims: &mut Map<String, Value>) {
        for (name, value) in &self.claims {
            match value {
                Value::Null => claims.remove(name),
                value => claims.insert(name.clone(), value.clone()),
            };
        }
    }

    fn with(address: &str, name: &str, account: Account) -> Self {
        Self {
            address: address.to_owned(),
            name: name.to_owned(),
            email: Some(address.to_owned()),
            account,
            acrs: Vec::new(),
            directory_roles: Vec::new(),
            claims: Map::new(),
        }
    }
}

impl World {
    /// The organisation of `cloud` with this tenant id or verified domain, without regard to case.
    #[must_use]
    pub fn organisation(&self, cloud: Cloud, id_or_domain: &str) -> Option<&Organisation> {
        self.organisations
            .iter()
            .filter(|organisation| organisation.cloud == cloud)
            .find(|organisation| organisation.answers_to(id_or_domain))
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }
}

impl Organisation {
    pub(crate) fn answers_to(&self, id_or_domain: &str) -> bool {
        self.tenant_id.eq_ignore_ascii_case(id_or_domain) || self.has_verified(id_or_domain)
    }

    pub(crate) fn has_verified(&self, domain: &str) -> bool {
        self.domains
            .iter()
            .any(|verified| verified.eq_ignore_ascii_case(domain))
    }
}
