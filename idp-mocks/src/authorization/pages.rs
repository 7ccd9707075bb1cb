//! The pages that a person sees at a provider.

use askama::Template;

use super::request::AuthorizationRequest;
use crate::world::Person;

/// Pick who you are.
#[derive(Template)]
#[template(path = "people.html")]
pub(super) struct PeoplePage<'a> {
    title: &'a str,
    action: &'a str,
    people: Vec<&'a Person>,
    params: Vec<&'a (String, String)>,
}

impl<'a> PeoplePage<'a> {
    /// The hinted person comes first.
    pub(super) fn new(
        title: &'a str,
        action: &'a str,
        people: &'a [Person],
        wish: &'a AuthorizationRequest,
    ) -> Self {
        let hinted = |person: &&Person| Some(&person.address) != wish.login_hint.as_ref();
        let mut people: Vec<&Person> = people.iter().collect();
        people.sort_by_key(hinted);
        let asked = wish.params.pairs().iter();
        let params = asked
            .filter(|(name, _)| name != "user" && name != "cancel")
            .collect();
        Self {
            title,
            action,
            people,
            params,
        }
    }
}

/// A request that cannot go back to its client.
#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct RefusedPage<'a> {
    pub(crate) title: &'a str,
    pub(crate) why: &'a str,
}

/// Signed out, and nowhere to go back to.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(crate) struct SignedOutPage<'a> {
    pub(crate) title: &'a str,
    /// What is loaded in frames, so that the clients hear of it.
    pub(crate) frames: &'a [String],
}

/// `response_mode=form_post`.
#[derive(Template)]
#[template(path = "form_post.html")]
pub(super) struct FormPostPage<'a> {
    pub(super) action: &'a str,
    pub(super) fields: &'a [(String, String)],
}
