//! The query itself.

use std::collections::BTreeSet;

use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::sharing::Recipient;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::StoreError;
use crate::model::Wanted;
use crate::store::Store;
use crate::store::keys;
use crate::store::location::Kind;

/// So many grants without an end, and so many with one, tell whether something is granted at all.
const MOST_GRANTS: usize = 500;

/// More groups than these are not named one by one.
const MANY_GROUPS: usize = 1000;

/// Columns of every part, and whether each is text, a number or bytes.
const COLUMNS: [(&str, &str); 26] = [
    ("id", "TEXT"),
    ("address", "TEXT"),
    ("origin", "TEXT"),
    ("manager", "TEXT"),
    ("account_enabled", "BIGINT"),
    ("invitation_expires", "BIGINT"),
    ("stamps", "TEXT"),
    ("administers", "TEXT"),
    ("mfa_registered", "BIGINT"),
    ("cloud", "TEXT"),
    ("provider", "TEXT"),
    ("issuer", "TEXT"),
    ("provider_tenant", "TEXT"),
    ("subject", "TEXT"),
    ("site", "TEXT"),
    ("item", "TEXT"),
    ("recipient", "TEXT"),
    ("role", "TEXT"),
    ("created_by", "TEXT"),
    ("expires", "BIGINT"),
    ("kind", "TEXT"),
    ("scope", "TEXT"),
    ("creator_may_share", "BIGINT"),
    ("created", "BIGINT"),
    ("token", "BYTEA"),
    ("link", "TEXT"),
];

const USER: &[&str] = &[
    "id",
    "address",
    "origin",
    "manager",
    "account_enabled",
    "invitation_expires",
    "expires AS stamps",
    "administers",
    "mfa_registered",
];
const REDEMPTION: &[&str] = &[
    "address",
    "cloud",
    "provider",
    "issuer",
    "provider_tenant",
    "subject",
];
const PERMISSION: &[&str] = &[
    "id",
    "manager",
    "site",
    "item",
    "recipient",
    "role",
    "created_by",
    "expires",
];
const LINK: &[&str] = &[
    "id",
    "manager",
    "site",
    "item",
    "created_by",
    "expires",
    "kind",
    "scope",
    "creator_may_share",
    "created",
    "token",
];
const PERSON: &[&str] = &["link", "address"];

/// A query and what is bound to it.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) sql: String,
    pub(super) bound: Vec<Bound>,
}

#[derive(Debug)]
pub(super) enum Bound {
    Text(String),
    Bytes(Vec<u8>),
}

impl Query {
    pub(super) fn of(wanted: &Wanted, also: &BTreeSet<EmailAddress>, kind: Kind) -> Self {
        let (by_recipient, by_item) = permissions(kind);
        let mut query = Self {
            sql: String::new(),
            bound: vec![Bound::Text(wanted.tenant.as_str().to_owned())],
        };
        let who = query.who(wanted);
        let whom = query.whom(wanted);
        let places = query.places(wanted);
        let found = query.found(wanted);
        let people = query.people(also);
        let mut parts = vec![
            part(
                "user",
                USER,
                "people w CROSS JOIN directory_user t
                 WHERE t.tenant = $1 AND t.address = w.address AND t.deleted IS NULL AND t.user_type = 'guest'",
            ),
            part(
                "redemption",
                REDEMPTION,
                "people w CROSS JOIN redemption t WHERE t.tenant = $1 AND t.address = w.address",
            ),
            part(
                "link",
                LINK,
                "found w CROSS JOIN link t WHERE t.tenant = $1 AND t.id = w.id",
            ),
            part(
                "person",
                PERSON,
                "found w CROSS JOIN link_person t WHERE t.tenant = $1 AND t.link = w.id",
            ),
        ];
        if !wanted.items.is_empty() {
            parts.push(part(
                "permission",
                PERMISSION,
                &format!("whom w CROSS JOIN places k CROSS JOIN {by_recipient}
                 WHERE t.tenant = $1 AND t.recipient = CAST(w.recipient AS TEXT) AND t.site = CAST(k.site AS TEXT)
                     AND t.item_key = CAST(k.item_key AS TEXT)"),
            ));
        }
        if wanted.groups.len() > MANY_GROUPS {
            parts.push(part(
                "permission",
                PERMISSION,
                &format!(
                    "places k CROSS JOIN {by_item}
                 WHERE t.tenant = $1 AND t.site = CAST(k.site AS TEXT)
                     AND t.item_key = CAST(k.item_key AS TEXT)
                     AND substr(t.recipient, 1, 6) = 'group:'"
                ),
            ));
        }
        if wanted.everything_granted {
            for (ends, order) in [
                ("t.expires IS NULL", ""),
                ("t.expires IS NOT NULL", " ORDER BY t.expires DESC"),
            ] {
                let theirs = granted(kind, ends, order);
                let some = part("permission", PERMISSION, &format!("{theirs}{order}"));
                parts.push(format!(
                    "SELECT * FROM ({some} LIMIT {MOST_GRANTS}) AS granted"
                ));
            }
        }
        query.sql = format!(
            "WITH who(address) AS ({who}), whom(recipient) AS ({whom}), places(site, item_key) AS ({places}), found(id) AS ({found}), people(address) AS ({people})
             {}",
            parts.join("\nUNION ALL ")
        );
        query
    }

    pub(super) fn of_everything(tenant: &TenantId) -> Self {
        const ALL: [(&str, &[&str], &str); 5] = [
            (
                "user",
                USER,
                "directory_user t WHERE t.tenant = $1 AND t.deleted IS NULL AND t.user_type = 'guest'",
            ),
            ("redemption", REDEMPTION, "redemption t WHERE t.tenant = $1"),
            ("permission", PERMISSION, "permission t WHERE t.tenant = $1"),
            ("link", LINK, "link t WHERE t.tenant = $1"),
            ("person", PERSON, "link_person t WHERE t.tenant = $1"),
        ];
        let parts = ALL.map(|(what, columns, from)| part(what, columns, from));
        Self {
            sql: parts.join("\nUNION ALL "),
            bound: vec![Bound::Text(tenant.as_str().to_owned())],
        }
    }

    fn who(&mut self, wanted: &Wanted) -> String {
        let mut all = vec![NOBODY.to_owned()];
        if let Some(key) = &wanted.identity {
            let cloud = key.cloud.as_ref().map_or("", |cloud| cloud.as_str());
            let tenant = key.tenant.as_deref().unwrap_or_default();
            let values = [
                cloud,
                key.provider.as_str(),
                &key.issuer,
                tenant,
                &key.subject,
            ];
            let [cloud, provider, issuer, tenant, subject] = values.map(|value| self.text(value));
            all.push(format!(
                "SELECT t.address FROM redemption t WHERE t.tenant = $1 AND COALESCE(t.cloud, '') = {cloud}
                     AND t.provider = {provider} AND t.issuer = {issuer}
                     AND COALESCE(t.provider_tenant, '') = {tenant} AND t.subject = {subject}"
            ));
        }
        let given: Vec<String> = wanted.addresses.iter().map(ToString::to_string).collect();
        all.push(self.given(&given));
        all.join(" UNION ")
    }

    fn whom(&mut self, wanted: &Wanted) -> String {
        let general = [Recipient::Members, Recipient::Everyone, Recipient::AllUsers];
        let groups = wanted.groups.iter().cloned().map(Recipient::Group);
        let all = general.into_iter().chain(groups.take(MANY_GROUPS));
        let all: Vec<String> = all.map(|recipient| keys::recipient(&recipient)).collect();
        let given = self.given(&all);
        format!("SELECT CAST('address:' || address AS TEXT) FROM who UNION ALL {given}")
    }

    fn found(&mut self, wanted: &Wanted) -> String {
        let mut all = vec![NOBODY.to_owned()];
        if !wanted.links.is_empty() {
            let ids: Vec<String> = wanted
                .links
                .iter()
                .map(|id| self.text(id.as_str()))
                .collect();
            all.push(format!(
                "SELECT t.id FROM link t WHERE t.tenant = $1 AND t.id IN ({})",
                ids.join(", ")
            ));
        }
        if let Some(token) = &wanted.token {
            self.bound.push(Bound::Bytes(token.to_vec()));
            all.push(format!(
                "SELECT t.id FROM link t WHERE t.tenant = $1 AND t.token = ${}",
                self.bound.len()
            ));
        }
        const THEIRS: &str = "who w CROSS JOIN link_person p";
        if !wanted.items.is_empty() {
            all.push(format!(
                "SELECT t.id FROM {THEIRS} CROSS JOIN link t
                 WHERE p.tenant = $1 AND p.address = w.address AND t.tenant = $1 AND t.id = p.link
                     AND EXISTS (SELECT 1 FROM places k WHERE k.site = t.site AND k.item_key = t.item_key)"
            ));
        }
        if wanted.everything_granted {
            all.push(format!(
                "SELECT link FROM (SELECT p.link FROM {THEIRS} WHERE p.tenant = $1 AND p.address = w.address
                     LIMIT {MOST_GRANTS}) AS granted"
            ));
        }
        all.join(" UNION ")
    }

    fn people(&mut self, also: &BTreeSet<EmailAddress>) -> String {
        let mut all = vec![
            "SELECT address FROM who".to_owned(),
            "SELECT p.address FROM found w CROSS JOIN link_person p WHERE p.tenant = $1 AND p.link = w.id"
                .to_owned(),
        ];
        let also: Vec<String> = also.iter().map(ToString::to_string).collect();
        all.push(self.given(&also));
        all.join(" UNION ")
    }

    /// The items and everything above them.
    fn places(&mut self, wanted: &Wanted) -> String {
        let mut rows = Vec::new();
        for (site, item) in &wanted.items {
            let site = self.text(site.as_str());
            for key in keys::item_keys(item) {
                let key = self.text(&key);
                rows.push(format!("(CAST({site} AS TEXT), CAST({key} AS TEXT))"));
            }
        }
        if rows.is_empty() {
            return "SELECT CAST(NULL AS TEXT), CAST(NULL AS TEXT) WHERE 1 = 0".to_owned();
        }
        // Two items have what is above them in common.
        format!(
            "SELECT DISTINCT column1, column2 FROM (VALUES {}) AS given",
            rows.join(", ")
        )
    }

    /// These, each a row.
    fn given(&mut self, all: &[String]) -> String {
        if all.is_empty() {
            return NOBODY.to_owned();
        }
        let texts = all.iter().map(|text| self.text(text));
        let rows: Vec<String> = texts
            .map(|text| format!("(CAST({text} AS TEXT))"))
            .collect();
        format!("SELECT column1 FROM (VALUES {}) AS given", rows.join(", "))
    }

    fn text(&mut self, text: &str) -> String {
        self.bound.push(Bound::Text(text.to_owned()));
        format!("${}", self.bound.len())
    }

    pub(super) async fn fetch(self, store: &Store) -> Result<Vec<AnyRow>, StoreError> {
        let mut query = sqlx::query(AssertSqlSafe(self.sql));
        for bound in self.bound {
            query = match bound {
                Bound::Text(text) => query.bind(text),
                Bound::Bytes(bytes) => query.bind(bytes),
            };
        }
        store.answer(query.fetch_all(&store.readers)).await
    }
}

/// What was granted to anybody among `whom`. PostgreSQL is told to ask for each of them apart: it would read all of a tenant
/// where many are asked for and it believes that so many of them were granted something that it is soon through.
fn granted(kind: Kind, ends: &str, order: &str) -> String {
    const THEIRS: &str = "t.tenant = $1 AND t.recipient = CAST(w.recipient AS TEXT)";
    let (by_recipient, _) = permissions(kind);
    match kind {
        Kind::Sqlite => format!("whom w CROSS JOIN {by_recipient} WHERE {THEIRS} AND {ends}"),
        Kind::Postgres => format!(
            "whom w CROSS JOIN LATERAL
                 (SELECT t.* FROM {by_recipient} WHERE {THEIRS} AND {ends}{order} LIMIT {MOST_GRANTS}) AS t"
        ),
    }
}

/// The table of permissions, by recipient and by item. SQLite is told which index: without statistics it takes the one
/// for all of a tenant.
const fn permissions(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Sqlite => (
            "permission AS t INDEXED BY permission_recipient",
            "permission AS t INDEXED BY permission_item",
        ),
        Kind::Postgres => ("permission AS t", "permission AS t"),
    }
}

const NOBODY: &str = "SELECT CAST(NULL AS TEXT) WHERE 1 = 0";

/// One part of the whole: `what`, then every column, those that it has not as nothing.
fn part(what: &str, columns: &[&str], from: &str) -> String {
    let mut all = format!("SELECT '{what}' AS what");
    for (name, kind) in COLUMNS {
        let own = columns.iter().find_map(|column| {
            let (source, alias) = column.split_once(" AS ").unwrap_or((column, column));
            (alias == name).then_some(source)
        });
        all.push_str(&match own {
            Some(source) => format!(", t.{source} AS {name}"),
            None => format!(", CAST(NULL AS {kind}) AS {name}"),
        });
    }
    format!("{all} FROM {from}")
}
