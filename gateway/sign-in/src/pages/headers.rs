//! Response headers that every page of ours has.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

/// Where the forms of a page may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// It has none.
    None,
    /// To this origin, and no further.
    Own,
    /// Away. Chromium applies `form-action` to every redirect that follows a post, and where those lead (the
    /// provider's pages, its federation partners, the document's own redirects) nobody knows beforehand, so the
    /// directive is left out.
    Anywhere,
}

/// Sets the headers of a page.
///
/// `Referrer-Policy` is `same-origin` and not `no-referrer`: with the latter browsers send `Origin: null` with the
/// forms of the page, and posts are told from foreign ones by that header.
pub fn secure(headers: &mut HeaderMap, forms: Forms) {
    let policy = match forms {
        Forms::None => concat_policy!(" form-action 'none';"),
        Forms::Own => concat_policy!(" form-action 'self';"),
        Forms::Anywhere => concat_policy!(""),
    };
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Nothing but our own style sheet and picture: no script, no frame, no inline anything.
macro_rules! concat_policy {
    ($forms:literal) => {
        concat!(
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';",
            $forms,
            " frame-ancestors 'none'"
        )
    };
}
use concat_policy;
