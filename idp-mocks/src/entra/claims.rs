//! What a v2.0 ID token says.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::TOKEN_LIFETIME;
use crate::authorization::Grant;
use crate::clock;
use crate::jose::base64url;
use crate::world::{Account, CONSUMER_TENANT, Person, World};

/// The honest claims for `grant`, issued by the cloud at `origin`.
pub(super) fn claims(grant: &Grant, origin: &str, world: &World) -> Map<String, Value> {
    let person = &grant.person;
    let identity = Identity::new(&grant.client_id, person);
    let tenant = identity.tenant;
    let now = clock::now();
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("ver", json!("2.0"));
    set("iss", json!(identity.issuer(origin)));
    set("aud", json!(grant.client_id));
    set("iat", json!(now));
    set("nbf", json!(now));
    set("exp", json!(now + TOKEN_LIFETIME));
    set("sub", json!(identity.sub()));
    set("nonce", json!(grant.nonce));
    set("sid", json!(identity.sid()));
    set("uti", json!(pairwise("token", &grant.nonce, person.id())));
    if grant.has_scope("profile") {
        set("tid", json!(tenant));
        set("oid", json!(person.id()));
        set("name", json!(person.name));
        set("preferred_username", json!(person.address));
    }
    if let (true, Some(email)) = (grant.has_scope("email"), &person.email) {
        set("email", json!(email));
        if owns_domain(person, email, world) {
            set("xms_edov", json!(true));
        }
    }
    if !person.acrs.is_empty() {
        set("acrs", json!(person.acrs));
    }
    if grant.max_age.is_some() {
        set("auth_time", json!(grant.at));
    }
    person.overrule(&mut claims);
    claims
}

/// What names a person to a client.
pub(crate) struct Identity<'a> {
    client: &'a str,
    person: &'a Person,
    pub(crate) tenant: &'a str,
}

impl<'a> Identity<'a> {
    pub(crate) fn new(client: &'a str, person: &'a Person) -> Self {
        let tenant = match &person.account {
            Account::WorkOrSchool { tenant_id, .. } => tenant_id,
            Account::Microsoft { .. }
            | Account::Google { .. }
            | Account::Saml { .. }
            | Account::None => CONSUMER_TENANT,
        };
        Self {
            client,
            person,
            tenant,
        }
    }

    pub(crate) fn issuer(&self, origin: &str) -> String {
        format!("{origin}/{}/v2.0", self.tenant)
    }

    pub(crate) fn sub(&self) -> String {
        pairwise(self.client, self.tenant, self.person.id())
    }

    pub(crate) fn sid(&self) -> String {
        pairwise("session", self.tenant, self.person.id())
    }
}

/// Whether the owner of the address's domain vouches for it: the domain is verified in the person's own
/// tenant, or the account is a Microsoft account, which proved it when it was made.
fn owns_domain(person: &Person, email: &str, world: &World) -> bool {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    match &person.account {
        Account::Microsoft { .. } => true,
        Account::WorkOrSchool {
            cloud, tenant_id, ..
        } => {
            let home = world.organisation(*cloud, tenant_id);
            home.is_some_and(|organisation| organisation.has_verified(domain))
        }
        Account::Google { .. } | Account::Saml { .. } | Account::None => false,
    }
}

/// Different for every client, tenant and person, and always the same.
fn pairwise(client: &str, tenant: &str, person: &str) -> String {
    let of = format!("{client}\n{tenant}\n{person}");
    base64url(digest(&SHA256, of.as_bytes()).as_ref())
}
