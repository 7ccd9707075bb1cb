//! What a request does, by its method and by the headers that override it; how far down it does it, too.

use gateway_core::action::Action;
use http::header::HeaderName;
use http::{HeaderMap, Method};

use super::foreign;

/// What one method does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something to the item named.
    On(Action),
    /// Something to the item named and to everything below it.
    Below(Action),
    /// Something to items that the body names, where no rule about paths can see them. For members only, who are
    /// asked about the item named ([`super::members`]).
    Unseen(Action),
    /// Something to the item named, and something to the one in `Destination`, both with everything below.
    Transfer {
        /// To the item named.
        source: Action,
        /// To the destination.
        destination: Action,
    },
}

/// Why a method is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MethodRefused {
    /// Known, and never served here: CONNECT and TRACE.
    #[error("the method is not allowed")]
    NotAllowed,
    /// Unknown: what it would do is anybody's guess.
    #[error("the method is not known")]
    Unknown,
    /// The headers that override the method contradict each other, or hold no method.
    #[error("the headers that override the method contradict each other")]
    Override,
}

const DEPTH: HeaderName = HeaderName::from_static("depth");

/// Headers by which clients put another method in place of their own.
const OVERRIDES: [&str; 3] = [
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// Everything that a request with this method and these headers may do at the upstream.
///
/// An upstream may honour an override or not know it, and the header is forwarded as it is: so both readings must
/// be allowed, and both are in the answer, the override's first.
///
/// # Errors
/// [`MethodRefused`].
///
/// Source: security row S176.
pub fn effects(method: &Method, headers: &HeaderMap) -> Result<Vec<Effect>, MethodRefused> {
    let own = effect(method.as_str(), headers)?;
    let mut effects = vec![own];
    if let Some(name) = overriding(headers)? {
        let other = effect(&name, headers)?;
        if other != own {
            effects.insert(0, other);
        }
    }
    Ok(effects)
}

/// Whether a header of that name puts another method in place of the request's own.
#[must_use]
pub fn overrides(name: &HeaderName) -> bool {
    OVERRIDES.contains(&&*foreign::fold(name.as_str()))
}

fn overriding(headers: &HeaderMap) -> Result<Option<String>, MethodRefused> {
    let mut found: Option<String> = None;
    for (name, value) in headers {
        if !overrides(name) {
            continue;
        }
        let value = value
            .to_str()
            .map_err(|_| MethodRefused::Override)?
            .trim()
            .to_ascii_uppercase();
        if value.is_empty() || found.as_ref().is_some_and(|found| *found != value) {
            return Err(MethodRefused::Override);
        }
        found = Some(value);
    }
    Ok(found)
}

fn effect(method: &str, headers: &HeaderMap) -> Result<Effect, MethodRefused> {
    Ok(match method {
        "GET" => Effect::On(Action::Download),
        "HEAD" | "OPTIONS" => Effect::On(Action::View),
        "PROPFIND" => reaching(Action::View, headers),
        "REPORT" | "SEARCH" => Effect::Unseen(Action::View),
        "PUT" if only_where_nothing_is(headers) => Effect::On(Action::Create),
        "PUT" | "POST" | "PATCH" | "MERGE" | "PROPPATCH" | "UNLOCK" => Effect::On(Action::Edit),
        "LOCK" => reaching(Action::Edit, headers),
        "MKCOL" => Effect::On(Action::Create),
        // Whatever `Depth` says: RFC 4918 section 9.6.1 knows only one for collections.
        "DELETE" => Effect::Below(Action::Delete),
        "MOVE" => Effect::Transfer {
            source: Action::Delete,
            destination: Action::Edit,
        },
        "COPY" => Effect::Transfer {
            source: Action::Download,
            destination: Action::Edit,
        },
        "CONNECT" | "TRACE" => return Err(MethodRefused::NotAllowed),
        _ => return Err(MethodRefused::Unknown),
    })
}

/// `Depth: 0` stops at the item. Absent it is `infinity`, and what an upstream makes of any other is its own affair
/// (RFC 4918 sections 9.1 and 9.10.3).
fn reaching(action: Action, headers: &HeaderMap) -> Effect {
    let mut values = headers.get_all(DEPTH).iter();
    match (values.next(), values.next()) {
        (Some(depth), None) if depth.as_bytes() == b"0" => Effect::On(action),
        _ => Effect::Below(action),
    }
}

/// `If-None-Match: *` makes the upstream refuse where something exists (RFC 9110 section 13.1.2).
fn only_where_nothing_is(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(http::header::IF_NONE_MATCH).iter();
    values.next().is_some_and(|value| value.as_bytes() == b"*") && values.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        method: &str,
        headers: &[(&'static str, &'static str)],
        want: Result<&[Effect], MethodRefused>,
    ) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        let got = effects(&Method::from_bytes(method.as_bytes()).unwrap(), &map);
        assert_eq!(
            got.as_deref().map_err(|refused| *refused),
            want,
            "{method} {headers:?}"
        );
    }

    const VIEW: Effect = Effect::On(Action::View);
    const DOWNLOAD: Effect = Effect::On(Action::Download);
    const EDIT: Effect = Effect::On(Action::Edit);
    const CREATE: Effect = Effect::On(Action::Create);
    const DELETE: Effect = Effect::Below(Action::Delete);
    const MOVE: Effect = Effect::Transfer {
        source: Action::Delete,
        destination: Action::Edit,
    };
    const COPY: Effect = Effect::Transfer {
        source: Action::Download,
        destination: Action::Edit,
    };

    #[test]
    fn every_method_has_its_action() {
        check("GET", &[], Ok(&[DOWNLOAD]));
        for method in ["HEAD", "OPTIONS"] {
            check(method, &[], Ok(&[VIEW]));
        }
        for method in ["REPORT", "SEARCH"] {
            check(method, &[], Ok(&[Effect::Unseen(Action::View)]));
        }
        for method in ["PUT", "POST", "PATCH", "PROPPATCH", "UNLOCK"] {
            check(method, &[], Ok(&[EDIT]));
        }
        check("MKCOL", &[], Ok(&[CREATE]));
        check("DELETE", &[], Ok(&[DELETE]));
        check("MOVE", &[], Ok(&[MOVE]));
        check("COPY", &[], Ok(&[COPY]));
        for method in ["CONNECT", "TRACE"] {
            check(method, &[], Err(MethodRefused::NotAllowed));
        }
        for method in ["FROB", "get", "BIND", "ACL"] {
            check(method, &[], Err(MethodRefused::Unknown));
        }
    }

    #[test]
    fn only_depth_0_stops_at_the_item() {
        for (method, at_the_item, below) in [
            ("PROPFIND", VIEW, Effect::Below(Action::View)),
            ("LOCK", EDIT, Effect::Below(Action::Edit)),
        ] {
            check(method, &[("depth", "0")], Ok(&[at_the_item]));
            check(method, &[], Ok(&[below]));
            for depth in ["1", "infinity", "1,noroot", "00", ""] {
                check(method, &[("depth", depth)], Ok(&[below]));
            }
            check(
                method,
                &[("depth", "0"), ("depth", "infinity")],
                Ok(&[below]),
            );
        }
        check("DELETE", &[("depth", "0")], Ok(&[DELETE]));
    }

    #[test]
    fn a_put_that_must_not_overwrite_creates() {
        check("PUT", &[("if-none-match", "*")], Ok(&[CREATE]));
        check("PUT", &[("if-none-match", "\"x\"")], Ok(&[EDIT]));
        check(
            "PUT",
            &[("if-none-match", "*"), ("if-none-match", "\"x\"")],
            Ok(&[EDIT]),
        );
    }

    #[test]
    fn sec_176_an_override_is_judged_together_with_the_method_that_carries_it() {
        check("POST", &[("x-http-method", "DELETE")], Ok(&[DELETE, EDIT]));
        check("POST", &[("x-http-method-override", "merge")], Ok(&[EDIT]));
        check("POST", &[("X_Method.Override", "MOVE")], Ok(&[MOVE, EDIT]));
        check(
            "GET",
            &[("x-http-method", "DELETE")],
            Ok(&[DELETE, DOWNLOAD]),
        );
        check("POST", &[("x-http-method", "GET")], Ok(&[DOWNLOAD, EDIT]));
        check(
            "POST",
            &[("x-http-method", "DELETE"), ("x-method-override", "delete")],
            Ok(&[DELETE, EDIT]),
        );
        check(
            "POST",
            &[("x-http-method", "DELETE"), ("x-method-override", "GET")],
            Err(MethodRefused::Override),
        );
        check(
            "POST",
            &[("x-http-method", "")],
            Err(MethodRefused::Override),
        );
        check(
            "POST",
            &[("x-http-method", "FROB")],
            Err(MethodRefused::Unknown),
        );
    }
}
