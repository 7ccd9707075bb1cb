//! Asking the audit.

use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use crate::StoreError;
use crate::audit::body;
use crate::columns::{bytes, corrupt, moment, number, parsed};
use crate::model::{AuditQuery, AuditRecord, Page};
use crate::store::Store;

/// Most records on a page.
const MOST: usize = 1_000;

/// What a condition compares with.
#[derive(Clone)]
enum Bound {
    Text(String),
    Number(i64),
}

/// A statement that grows. Only constant texts become part of it; values are bound.
#[derive(Default)]
struct Asked {
    sql: String,
    bound: Vec<Bound>,
}

impl Asked {
    /// Adds a condition; each `?` in it stands for the next of `values`.
    fn and(&mut self, condition: &'static str, values: impl IntoIterator<Item = Bound>) {
        self.sql.push_str(" AND ");
        self.push(condition, values);
    }

    fn push(&mut self, text: &'static str, values: impl IntoIterator<Item = Bound>) {
        let mut values = values.into_iter();
        for character in text.chars() {
            match (
                character,
                (character == '?').then(|| values.next()).flatten(),
            ) {
                (_, Some(value)) => {
                    self.bound.push(value);
                    self.sql.push_str(&format!("${}", self.bound.len()));
                }
                (character, None) => self.sql.push(character),
            }
        }
    }
}

fn text(value: &str) -> Bound {
    Bound::Text(body::column(value).to_owned())
}

impl AuditQuery {
    /// Whether `text` has the form of what [`Page::next`] says.
    #[must_use]
    pub fn is_cursor(text: &str) -> bool {
        parse_cursor(text).is_some()
    }
}

impl Store {
    /// Records of a tenant, in the order of their moments.
    ///
    /// # Errors
    /// [`StoreError`]. After what is no cursor ([`AuditQuery::is_cursor`]) nothing comes.
    pub async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
    ) -> Result<Page<AuditRecord>, StoreError> {
        let limit = query.limit.clamp(1, MOST);
        let readable = |after: &String| AuditQuery::is_cursor(after);
        if !query.after.as_ref().is_none_or(readable) {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        }
        let mut items = Vec::new();
        let mut after = query.after.clone();
        loop {
            let rows = self
                .audit_rows(tenant, query, after.as_deref(), limit)
                .await?;
            let whole = rows.len() == limit;
            for row in &rows {
                let record = record(row)?;
                after = Some(cursor(&record));
                if fits(&record, query) {
                    items.push(record);
                }
                if items.len() == limit {
                    return Ok(Page { items, next: after });
                }
            }
            if !whole {
                return Ok(Page { items, next: None });
            }
        }
    }

    async fn audit_rows(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut asked = Asked::default();
        for (index, whose) in whose(query).into_iter().enumerate() {
            if index > 0 {
                asked.push(" UNION ALL ", []);
            }
            asked.push(
                "SELECT chain, number, tenant, at, body, hash FROM audit_record WHERE tenant = ?",
                [text(tenant.as_str())],
            );
            whose
                .into_iter()
                .for_each(|(condition, values)| asked.and(condition, values));
            conditions(&mut asked, query, after)?;
        }
        asked.push(order(query), []);
        let limit = Bound::Number(i64::try_from(limit).unwrap_or(i64::MAX));
        asked.push(" LIMIT ?", [limit]);
        let mut statement = sqlx::query(AssertSqlSafe(asked.sql));
        for bound in asked.bound {
            statement = match bound {
                Bound::Text(text) => statement.bind(text),
                Bound::Number(number) => statement.bind(number),
            };
        }
        self.answer(statement.fetch_all(&self.readers)).await
    }
}

type Condition = (&'static str, Vec<Bound>);

/// Of a person, or about one: two questions, for each has its index. Everything, where nobody is asked for.
fn whose(query: &AuditQuery) -> Vec<Option<Condition>> {
    let Some(person) = &query.person else {
        return vec![None];
    };
    let person = text(&canonical(person));
    let about = "person = ? AND (actor IS NULL OR actor <> ?)";
    vec![
        Some(("actor = ?", vec![person.clone()])),
        Some((about, vec![person.clone(), person])),
    ]
}

fn conditions(
    asked: &mut Asked,
    query: &AuditQuery,
    after: Option<&str>,
) -> Result<(), StoreError> {
    if let Some((site, _)) = &query.item {
        asked.and("site = ?", [text(site.as_str())]);
    }
    if let Some(item) = below(query) {
        let range = [
            text(item),
            text(&format!("{item}/")),
            // The character after `/`.
            Bound::Text(format!("{}0", body::column(item))),
        ];
        asked.and("(item = ? OR (item >= ? AND item < ?))", range);
    }
    if let Some(link) = &query.link {
        asked.and("link = ?", [text(link.as_str())]);
    }
    if let Some(operation) = &query.operation {
        asked.and("operation = ?", [text(operation)]);
    }
    if let Some(from) = query.from {
        asked.and("at >= ?", [Bound::Number(from.0)]);
    }
    if let Some(until) = query.until {
        asked.and("at < ?", [Bound::Number(until.0)]);
    }
    if let Some(after) = after {
        let place = parse_cursor(after).ok_or_else(|| corrupt("after", "is no cursor"))?;
        asked.and("(at, chain, number) > (?, ?, ?)", place);
    }
    Ok(())
}

/// The item that is asked for, without the slash at its end; none where it is the root, and so all of the site.
fn below(query: &AuditQuery) -> Option<&str> {
    let (_, item) = query.item.as_ref()?;
    Some(item.trim_end_matches('/')).filter(|item| !item.is_empty())
}

/// An item is found by its index, and its records are sorted: in the order of moments they would be looked for among all.
fn order(query: &AuditQuery) -> &'static str {
    if query.person.is_none() && query.link.is_none() && below(query).is_some() {
        " ORDER BY at + 0, chain, number"
    } else {
        " ORDER BY at, chain, number"
    }
}

/// Addresses are kept in one spelling.
fn canonical(person: &str) -> String {
    EmailAddress::parse(person).map_or_else(|_| person.to_owned(), |address| address.to_string())
}

/// Where the columns hold only the beginning, the body decides.
fn fits(record: &AuditRecord, query: &AuditQuery) -> bool {
    let Some((_, item)) = &query.item else {
        return true;
    };
    let wanted = item.trim_end_matches('/');
    let found = record.body.get("ObjectId").and_then(Value::as_str);
    let rest = found.and_then(|found| found.strip_prefix(wanted));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn cursor(record: &AuditRecord) -> String {
    format!("{}.{}.{}", record.at.0, record.number, record.chain)
}

fn parse_cursor(text: &str) -> Option<[Bound; 3]> {
    let mut parts = text.splitn(3, '.');
    let at = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok()?;
    let chain = parts.next()?.to_owned();
    Some([Bound::Number(at), Bound::Text(chain), Bound::Number(number)])
}

fn record(row: &AnyRow) -> Result<AuditRecord, StoreError> {
    let body: &str = row.try_get("body")?;
    Ok(AuditRecord {
        chain: row.try_get("chain")?,
        number: number(row, "number")?,
        tenant: parsed(row, "tenant", TenantId::parse)?,
        at: moment(row, "at")?,
        body: serde_json::from_str(body).map_err(|why| corrupt("body", why))?,
        hash: bytes(row, "hash")?,
    })
}
