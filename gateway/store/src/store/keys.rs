//! How items and recipients are found in columns.

use gateway_core::address::EmailAddress;
use gateway_core::id::{CloudName, GroupId, ProviderId};
use gateway_core::path::ItemPath;
use gateway_core::person::IdentityKey;
use gateway_core::sharing::Recipient;

use aws_lc_rs::digest::{SHA256, digest};

/// Longer keys are cut, and end in a hash: an index of PostgreSQL takes at most 2.7 KiB.
const LONGEST: usize = 512;

/// So much of a key that was cut is as it was.
const KEPT: usize = 448;

/// What an item is found by: equal for whatever a site that folds letters takes for one item.
pub(crate) fn item_key(item: &ItemPath) -> String {
    cut(folded(item, item.segments().len()))
}

/// The keys of an item and of everything above it.
pub(crate) fn item_keys(item: &ItemPath) -> Vec<String> {
    (0..=item.segments().len())
        .map(|depth| cut(folded(item, depth)))
        .collect()
}

/// From and until which keys everything lies that is below an item, and perhaps more.
pub(crate) fn below(item: &ItemPath) -> (String, String) {
    let mut from = folded(item, item.segments().len());
    from.push('/');
    from.truncate(boundary(&from, KEPT));
    let mut until = from.clone();
    // After every key that begins so: no key holds this character, for no path does.
    until.push(char::MAX);
    (from, until)
}

/// The letters of each name made small one by one, and both small sigmas one: `same_name` of the core takes nothing for
/// the same that differs afterwards.
fn folded(item: &ItemPath, depth: usize) -> String {
    let mut key = String::with_capacity(64);
    for segment in item.segments().take(depth) {
        key.push('/');
        key.extend(
            segment
                .chars()
                .flat_map(char::to_lowercase)
                .map(|letter| if letter == 'ς' { 'σ' } else { letter }),
        );
    }
    key
}

fn cut(mut key: String) -> String {
    if key.len() > LONGEST {
        let hash = hex(digest(&SHA256, key.as_bytes()).as_ref());
        key.truncate(boundary(&key, KEPT));
        // No path holds a control character.
        key.push('\u{1}');
        key.push_str(&hash);
    }
    key
}

fn boundary(text: &str, at_most: usize) -> usize {
    text.floor_char_boundary(at_most)
}

/// How a recipient stands in columns and in the feed of changes.
pub(crate) fn recipient(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Members => "members".to_owned(),
        Recipient::Everyone => "everyone".to_owned(),
        Recipient::AllUsers => "all-users".to_owned(),
        Recipient::Group(group) => format!("group:{group}"),
        Recipient::Address(address) => of_address(address),
    }
}

/// An address as a recipient.
pub(crate) fn of_address(address: &EmailAddress) -> String {
    format!("address:{address}")
}

/// Reads what [`recipient`] wrote.
pub(crate) fn parse_recipient(text: &str) -> Result<Recipient, String> {
    let unknown = || format!("`{text}` is no recipient");
    match text.split_once(':') {
        None => match text {
            "members" => Ok(Recipient::Members),
            "everyone" => Ok(Recipient::Everyone),
            "all-users" => Ok(Recipient::AllUsers),
            _ => Err(unknown()),
        },
        Some(("group", id)) => GroupId::parse(id)
            .map(Recipient::Group)
            .map_err(|_| unknown()),
        Some(("address", address)) => EmailAddress::parse(address)
            .map(Recipient::Address)
            .map_err(|_| unknown()),
        Some(_) => Err(unknown()),
    }
}

/// An identity as one text.
pub(crate) fn of_identity(key: &IdentityKey) -> String {
    serde_json::json!([
        key.cloud.as_ref().map(|cloud| cloud.as_str()),
        key.provider.as_str(),
        key.issuer,
        key.tenant,
        key.subject,
    ])
    .to_string()
}

/// Reads what [`of_identity`] wrote.
pub(crate) fn parse_identity(text: &str) -> Result<IdentityKey, String> {
    let unknown = || format!("`{text}` is no identity");
    type Parts = (Option<String>, String, String, Option<String>, String);
    let (cloud, provider, issuer, tenant, subject): Parts =
        serde_json::from_str(text).map_err(|_| unknown())?;
    let cloud = cloud.map(|cloud| CloudName::parse(&cloud)).transpose();
    Ok(IdentityKey {
        cloud: cloud.map_err(|_| unknown())?,
        provider: ProviderId::parse(&provider).map_err(|_| unknown())?,
        issuer,
        tenant,
        subject,
    })
}

/// Small hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
