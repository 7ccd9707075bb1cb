//! The pages: plain HTML that works without script.

mod headers;

use askama::Template;
use plugins_sdk::message::{FieldKind, Fields, Form};

pub use headers::{Forms, secure};

use crate::answer::Again;
use crate::demand::Demand;

/// The page that asks for the address.
#[derive(Template)]
#[template(path = "sign-in.html")]
pub(crate) struct SignInPage<'a> {
    pub(crate) organisation: &'a str,
    /// Whether the directory has no part in it: sharing's own manager words it.
    pub(crate) by_sharing: bool,
    pub(crate) return_to: &'a str,
    pub(crate) demand: &'a Demand,
    pub(crate) address: &'a str,
    pub(crate) error: Option<&'a str>,
    pub(crate) others: &'a [Other],
}

/// The page on which the person says which of two accounts it is.
#[derive(Template)]
#[template(path = "choose.html")]
pub(crate) struct ChoosePage<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) return_to: &'a str,
    pub(crate) demand: &'a Demand,
    pub(crate) address: &'a str,
    pub(crate) others: &'a [Other],
}

/// A provider that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Other {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A provider's form.
#[derive(Template)]
#[template(path = "provider.html")]
pub(crate) struct ProviderPage<'a> {
    pub(crate) organisation: &'a str,
    /// Whether it asks for one of sharing's own passcodes: of everybody who is sent one by the tenant, or of nobody.
    pub(crate) by_sharing: bool,
    pub(crate) attempt: &'a str,
    pub(crate) form: &'a Form,
    pub(crate) address: &'a str,
    pub(crate) return_to: &'a str,
    pub(crate) demand: &'a Demand,
    pub(crate) others: &'a [Other],
}

impl ProviderPage<'_> {
    const fn attributes(kind: &FieldKind) -> &'static str {
        match kind {
            FieldKind::Text => r#"type="text" autocomplete="off""#,
            FieldKind::OneTimeCode => {
                r#"type="text" inputmode="numeric" autocomplete="one-time-code" autocapitalize="none" spellcheck="false""#
            }
            FieldKind::Password => r#"type="password" autocomplete="current-password""#,
        }
    }
}

/// The page a guest consents on.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'a> {
    pub(crate) organisation: &'a str,
    /// Whether sharing's own manager invited; else the directory did.
    pub(crate) by_sharing: bool,
    pub(crate) attempt: &'a str,
    pub(crate) sharer: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) address: &'a str,
    pub(crate) provider: &'a str,
    /// Whether accepting accepts terms of use as well.
    pub(crate) terms: bool,
}

/// A refusal, as a person sees it.
#[derive(Clone, Debug)]
pub struct Refusal<'a> {
    /// The organisation's name.
    pub organisation: &'a str,
    /// What happened, in a few words.
    pub heading: &'a str,
    /// The fixed sentence.
    pub message: &'a str,
    /// What the person can do.
    pub advice: &'a str,
    /// The documented code.
    pub code: &'a str,
    /// The request, for whoever is asked for help.
    pub request_id: &'a str,
    /// Where to go on.
    pub link: Option<Link<'a>>,
}

/// A link of a page.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// Path and query on the same host.
    pub href: &'a str,
    /// Its text.
    pub label: &'a str,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    organisation: &'a str,
    heading: &'a str,
    message: &'a str,
    advice: &'a str,
    code: &'a str,
    request_id: &'a str,
    link: &'a Option<Link<'a>>,
    address: &'a str,
    return_to: &'a str,
    demand: &'a Demand,
    others: &'a [Other],
}

/// The page of a refusal.
#[must_use]
pub fn refusal(refusal: &Refusal<'_>) -> String {
    refusal_with_others(refusal, None)
}

/// The page of a refused sign-in, with other ways to sign in.
pub(crate) fn refusal_with_others(refusal: &Refusal<'_>, again: Option<&Again>) -> String {
    let nothing = Demand::default();
    render(&RefusalPage {
        organisation: refusal.organisation,
        heading: refusal.heading,
        message: refusal.message,
        advice: refusal.advice,
        code: refusal.code,
        request_id: refusal.request_id,
        link: &refusal.link,
        address: again.map_or("", |again| again.address.as_str()),
        return_to: again.map_or("", |again| again.return_to.as_str()),
        demand: again.map_or(&nothing, |again| &again.demand),
        others: again.map_or(&[], |again| again.others.as_slice()),
    })
}

/// The page from which the browser posts to a provider.
#[derive(Template)]
#[template(path = "post.html")]
pub(crate) struct PostPage<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) provider: &'a str,
    pub(crate) url: &'a str,
    pub(crate) fields: &'a Fields,
    /// Whether the person is on the way out, and not on the way in.
    pub(crate) leaving: bool,
}

/// The page that the link of an invitation's mail leads to. It is the same for everybody but for the address.
#[derive(Template)]
#[template(path = "invitation.html")]
pub(crate) struct InvitationPage<'a> {
    pub(crate) organisation: &'a str,
    /// Whether the directory invites; else sharing's own manager does.
    pub(crate) by_directory: bool,
    pub(crate) inviter: Option<&'a str>,
    /// Whom; not known where there is no such invitation.
    pub(crate) address: Option<&'a str>,
    /// Whether whoever holds the mail may take it up.
    pub(crate) for_others: bool,
    pub(crate) return_to: &'a str,
    /// Who is signed in meanwhile.
    pub(crate) signed_in: Option<&'a str>,
}

/// Asks a guest whether to leave the organisation.
#[derive(Template)]
#[template(path = "leave.html")]
pub(crate) struct LeavePage<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) address: &'a str,
}

/// Says that a guest has left.
#[derive(Template)]
#[template(path = "left.html")]
pub(crate) struct LeftPage<'a> {
    pub(crate) organisation: &'a str,
}

/// Asks whether to sign out.
#[derive(Template)]
#[template(path = "sign-out.html")]
pub(crate) struct SignOutPage<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) address: Option<&'a str>,
    /// The provider that may have a session of the person's too.
    pub(crate) provider: Option<&'a str>,
}

/// Says that the session has ended.
#[derive(Template)]
#[template(path = "signed-out.html")]
pub(crate) struct SignedOutPage<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) home: Home<'a>,
}

/// What is known of the session at the provider when the one here has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home<'a> {
    /// There is none, or none that is known of.
    None,
    /// The provider was asked to end it, and sent the browser back.
    Asked,
    /// The provider of this name could not be asked.
    Alive(&'a str),
}

/// Says what is wrong when signing in leads back to signing in.
#[derive(Template)]
#[template(path = "loop.html")]
pub(crate) struct LoopPage<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) finding: &'a str,
    pub(crate) advice: &'a str,
    pub(crate) target: &'a str,
    pub(crate) code: &'a str,
    pub(crate) request_id: &'a str,
}

/// Renders a page. The templates write to memory and hold no fallible filters: rendering does not fail.
pub(crate) fn render(page: &impl Template) -> String {
    page.render().unwrap_or_default()
}

/// A file of `/_vestibule/assets/`: its media type and content.
#[must_use]
pub fn assets(name: &str) -> Option<(&'static str, &'static [u8])> {
    match name {
        "style.css" => Some((
            "text/css; charset=utf-8",
            include_bytes!("../assets/style.css"),
        )),
        "mark.svg" => Some(("image/svg+xml", include_bytes!("../assets/mark.svg"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
