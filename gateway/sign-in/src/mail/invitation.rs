//! Letters to people who were invited or shared with.
//!
//! Whatever somebody else wrote is text in them and nothing else: one line where there is one line, without marks that
//! turn the direction of what follows, and escaped in HTML. The address to go to is the only thing in them that opens
//! anything.

mod words;

use askama::Template;
use gateway_core::address::EmailAddress;
use gateway_core::person::InvitationManager;

use self::words::Words;
use super::Letter;

/// Longest text that an inviter may add, in characters; the rest is cut.
///
/// Source: specification "sharing rules" 9.
pub const MESSAGE_CHARACTERS: usize = 2000;
/// Longest name of a person, an organisation or an item, in characters.
const NAME_CHARACTERS: usize = 120;

/// Somebody who was invited, or shared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// To whom.
    pub to: EmailAddress,
    /// Who gets a copy.
    pub cc: Vec<EmailAddress>,
    /// The organisation's name.
    pub organisation: String,
    /// Who invites, as people know them; the organisation does where absent.
    pub inviter: Option<String>,
    /// What the inviter wrote; plain text, of which [`MESSAGE_CHARACTERS`] are shown.
    pub message: Option<String>,
    /// What was shared, by name; none where people are only invited.
    pub item: Option<String>,
    /// Where to go: absolute.
    pub url: String,
    /// The language asked for, such as `en-US`. English where it is not known.
    pub language: Option<String>,
    /// Which manager invites: the letters differ, as what comes of them does. Where none does, the letter says what holds
    /// for anybody.
    pub manager: Option<InvitationManager>,
    /// Whether whoever holds the letter may take up what it says: then it does not say that it is for one address only.
    pub for_others: bool,
}

#[derive(Template)]
#[template(path = "invitation-mail.txt")]
struct Text<'a> {
    words: &'a Words,
    lead: &'a str,
    message: Option<&'a str>,
    url: &'a str,
    explanation: &'a str,
    for_others: bool,
}

#[derive(Template)]
#[template(path = "invitation-mail.html")]
struct Html<'a> {
    words: &'a Words,
    subject: &'a str,
    lead: &'a str,
    message: Option<&'a str>,
    url: &'a str,
    explanation: &'a str,
    for_others: bool,
}

/// The letter to somebody who was invited: plain text, and HTML that says the same.
#[must_use]
pub fn invitation(invited: &Invited) -> Letter {
    let words = Words::of(invited.language.as_deref());
    let organisation = line(&invited.organisation);
    let inviter = invited.inviter.as_deref().map(line);
    let inviter = inviter.filter(|name| !name.is_empty());
    let item = invited.item.as_deref().map(line);
    let item = item.filter(|name| !name.is_empty());
    let fill = |pattern: &str| fill(pattern, &organisation, inviter.as_deref(), item.as_deref());
    let (subject, lead) = match (&inviter, &item) {
        (Some(_), Some(_)) => (words.subject_shared_by, words.shared_by),
        (None, Some(_)) => (words.subject_shared, words.shared),
        (Some(_), None) => (words.subject_invited, words.invited_by),
        (None, None) => (words.subject_invited, words.invited),
    };
    let (subject, lead) = (fill(subject), fill(lead));
    let explanation = fill(match invited.manager {
        Some(InvitationManager::Directory) => words.directory,
        Some(InvitationManager::Sharing) => words.sharing,
        None => words.either,
    });
    let message = invited.message.as_deref().map(message);
    let message = message.as_deref().filter(|message| !message.is_empty());
    let url = invited.url.as_str();
    let text = Text {
        words,
        lead: &lead,
        message,
        url,
        explanation: &explanation,
        for_others: invited.for_others,
    };
    let html = Html {
        words,
        subject: &subject,
        lead: &lead,
        message,
        url,
        explanation: &explanation,
        for_others: invited.for_others,
    };
    Letter {
        to: invited.to.clone(),
        cc: invited.cc.clone(),
        text: text.render().unwrap_or_default() + "\n",
        html: html.render().ok(),
        subject,
    }
}

/// Puts names in their places, once: a name that looks like a place is not filled in itself.
fn fill(pattern: &str, organisation: &str, inviter: Option<&str>, item: Option<&str>) -> String {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (place, behind) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(match place {
            "organisation" => organisation,
            "inviter" => inviter.unwrap_or(organisation),
            "item" => item.unwrap_or_default(),
            _ => "",
        });
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// One line, of what can be seen.
fn line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let joined = words.filter(|word| !word.is_empty());
    let joined = joined.collect::<Vec<_>>().join(" ");
    let mut shown: String = joined
        .chars()
        .filter(|c| !is_invisible(*c))
        .take(NAME_CHARACTERS + 1)
        .collect();
    if shown.chars().count() > NAME_CHARACTERS {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// What the inviter wrote, with its line breaks and nothing else that cannot be seen.
fn message(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown = text.trim().chars().filter(|c| {
        let kept = *c == '\n' || !c.is_control();
        kept && !is_invisible(*c)
    });
    shown.take(MESSAGE_CHARACTERS).collect()
}

/// Marks that turn the direction of text, and characters without width: what holds them reads otherwise than it is.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{061c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests;
