//! The gateway's own addresses, under `/_vestibule/` on every resource host.

use gateway_core::id::ProviderId;
use gateway_core::path::ItemPath;
use http::Method;

use super::{Route, SignInPage};

/// The first segment of every own address. No site can have it.
pub const PREFIX: &str = "_vestibule";

/// Why an own address is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnRefused {
    /// The address has other methods.
    #[error("this address does not have that method")]
    Method,
}

/// Whether `path` is, or could be taken for, an own address.
#[must_use]
pub(super) fn is_reserved(path: &ItemPath) -> bool {
    path.segments()
        .next()
        .is_some_and(|first| first.eq_ignore_ascii_case(PREFIX))
}

/// The own address that `path` is; nothing where it is somebody else's.
///
/// # Errors
/// [`OwnRefused::Method`].
pub(super) fn route(path: &ItemPath, method: &Method) -> Result<Option<Route>, OwnRefused> {
    if !is_reserved(path) {
        return Ok(None);
    }
    let segments: Vec<&str> = path.segments().collect();
    let provider = |id: &str| ProviderId::parse(id).ok();
    let page = |id: &str, page: fn(ProviderId) -> SignInPage| {
        provider(id).map_or(Route::NotFound, |id| Route::SignIn(page(id)))
    };
    let route = match segments.as_slice() {
        // Another spelling of the prefix is neither ours nor anybody's.
        [prefix, ..] if *prefix != PREFIX => Route::NotFound,
        [_, "sign-in"] => Route::SignIn(SignInPage::SignIn),
        [_, "sign-out"] => Route::SignIn(SignInPage::SignOut),
        [_, "invitation", id] => Route::SignIn(SignInPage::Invitation((*id).to_owned())),
        [_, "leave"] => Route::SignIn(SignInPage::Leave),
        [_, "callback", id] => page(id, SignInPage::Callback),
        [_, "metadata", id] => page(id, SignInPage::Metadata),
        [_, "logout", id] => page(id, SignInPage::Logout),
        [_, "s", token] if is_token(token) => Route::SharingLink {
            token: (*token).to_owned(),
        },
        [_, "whoami"] => Route::WhoAmI,
        [_, "jwks.json"] => Route::Jwks,
        [_, "assets", name] => Route::Asset((*name).to_owned()),
        _ => Route::NotFound,
    };
    if allows(&route, method) {
        Ok(Some(route))
    } else {
        Err(OwnRefused::Method)
    }
}

fn is_token(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn allows(route: &Route, method: &Method) -> bool {
    let reads = method == Method::GET || method == Method::HEAD;
    match route {
        Route::SignIn(SignInPage::Metadata(_) | SignInPage::Invitation(_))
        | Route::SharingLink { .. }
        | Route::WhoAmI
        | Route::Jwks
        | Route::Asset(_) => reads,
        Route::SignIn(_) => reads || method == Method::POST,
        Route::NotFound | Route::Resource(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, raw: &str, want: &Result<Option<Route>, OwnRefused>) {
        assert_eq!(
            &route(&ItemPath::parse(raw).unwrap(), method),
            want,
            "{method} {raw}"
        );
    }

    #[test]
    fn own_addresses_are_read_whole() {
        let google = || ProviderId::parse("google").unwrap();
        let (get, post) = (Method::GET, Method::POST);
        check(
            &get,
            "/_vestibule/sign-in",
            &Ok(Some(Route::SignIn(SignInPage::SignIn))),
        );
        check(
            &post,
            "/_vestibule/callback/google",
            &Ok(Some(Route::SignIn(SignInPage::Callback(google())))),
        );
        check(&get, "/_vestibule/callback/Goo", &Ok(Some(Route::NotFound)));
        check(
            &get,
            "/_vestibule/invitation/7",
            &Ok(Some(Route::SignIn(SignInPage::Invitation("7".to_owned())))),
        );
        check(&post, "/_vestibule/invitation/7", &Err(OwnRefused::Method));
        check(
            &post,
            "/_vestibule/leave",
            &Ok(Some(Route::SignIn(SignInPage::Leave))),
        );
        check(
            &get,
            "/_vestibule/s/abc-_1",
            &Ok(Some(Route::SharingLink {
                token: "abc-_1".to_owned(),
            })),
        );
        check(&get, "/_vestibule/s/a.b", &Ok(Some(Route::NotFound)));
        check(
            &get,
            "/_vestibule/assets/style.css",
            &Ok(Some(Route::Asset("style.css".to_owned()))),
        );
        check(&get, "/_vestibule", &Ok(Some(Route::NotFound)));
        check(&get, "/_vestibule/sign-in/x", &Ok(Some(Route::NotFound)));
        check(&get, "/sites/_vestibule/sign-in", &Ok(None));
        check(&post, "/_vestibule/whoami", &Err(OwnRefused::Method));
        check(
            &Method::DELETE,
            "/_vestibule/sign-in",
            &Err(OwnRefused::Method),
        );
    }

    #[test]
    fn no_spelling_of_the_prefix_reaches_a_site() {
        check(
            &Method::GET,
            "/_Vestibule/sign-in",
            &Ok(Some(Route::NotFound)),
        );
        check(
            &Method::GET,
            "/%5Fvestibule/whoami",
            &Ok(Some(Route::WhoAmI)),
        );
    }
}
