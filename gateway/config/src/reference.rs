//! The reference of settings, written from their tables.

use gateway_core::settings::table::{Setting, Standing};
use gateway_core::settings::value::Kind;
use gateway_core::settings::{DirectoryPolicy, SiteSharing, TenantSharing};

use crate::wire::settings::{REQUIRED, default};

const BEGIN: &str = "<!-- settings: begin -->";
const END: &str = "<!-- settings: end -->";

/// `document` with the part between `<!-- settings: begin -->` and `<!-- settings: end -->` written anew; none where these
/// do not stand in it.
#[must_use]
pub fn with_reference(document: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}\n{END}{after}", reference()))
}

fn reference() -> String {
    let sharing = ("`sharing`", TenantSharing::SETTINGS, Some(REQUIRED));
    let site = ("`sites.ID`", SiteSharing::SETTINGS, None);
    let directory = ("`directory`", DirectoryPolicy::SETTINGS, None);
    let all = [sharing, site, directory];
    let mut text = String::new();
    for (place, table, required) in all {
        text.push_str(&format!("\n### Settings of {place}\n\n"));
        text.push_str("| key | values | default | meaning |\n|---|---|---|---|\n");
        let enforced = |setting: &&Setting| setting.standing == Standing::Enforced;
        for setting in table.iter().filter(enforced) {
            text.push_str(&row(setting, required == Some(setting.name)));
        }
    }
    let ignored = |standing| match standing {
        Standing::Ignored(why) => Some(why),
        Standing::Enforced | Standing::Refused(_) => None,
    };
    let refused = |standing| match standing {
        Standing::Refused(why) => Some(why),
        Standing::Enforced | Standing::Ignored(_) => None,
    };
    text.push_str("\n### Settings that do nothing here\n\nThey are taken with a warning.\n");
    text.push_str(&reasons(&all, ignored));
    text.push_str("\n### Settings that are refused\n\nWhat they promise could not be kept.\n");
    text.push_str(&reasons(&all, refused));
    text
}

fn row(setting: &Setting, required: bool) -> String {
    let default = match default(setting) {
        _ if required => "**required**".to_owned(),
        Some(text) => code(&text),
        None => String::new(),
    };
    let (name, kind, doc) = (setting.name, kind(setting.kind), setting.doc.trim());
    format!("| `{name}` | {kind} | {default} | {doc} |\n")
}

type Place = (&'static str, &'static [Setting], Option<&'static str>);

fn reasons(all: &[Place], why: impl Fn(Standing) -> Option<&'static str>) -> String {
    let mut text = "\n| key | in | why |\n|---|---|---|\n".to_owned();
    for (place, table, _) in all {
        for setting in *table {
            if let Some(why) = why(setting.standing) {
                text.push_str(&format!("| `{}` | {place} | {why} |\n", setting.name));
            }
        }
    }
    text
}

fn kind(kind: Kind) -> String {
    let listed = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| code(word)).collect();
        words.join(", ")
    };
    match kind {
        Kind::Flag => "`true`, `false`".to_owned(),
        Kind::Word(words) => listed(words),
        Kind::WordOrFlag(words) => format!("{}, `true`, `false`", listed(words)),
        Kind::Words(words) => format!("list of {}", listed(words)),
        Kind::Number { least, most, zero } if zero => format!("{least}–{most}, or 0"),
        Kind::Number { least, most, .. } => format!("{least}–{most}"),
        Kind::Domains { most } => format!("up to {most} domains"),
        Kind::DomainCharacters { most } => format!("domains, up to {most} characters"),
        Kind::Groups { most } => format!("up to {most} groups"),
        Kind::Ranges => "addresses and networks".to_owned(),
        Kind::Addresses => "e-mail addresses".to_owned(),
        Kind::Text => "string".to_owned(),
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
