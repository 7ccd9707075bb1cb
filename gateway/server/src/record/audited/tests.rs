use gateway_core::id::SiteId;
use gateway_core::path::ItemPath;

use super::*;

fn target(path: &str) -> Target {
    Target {
        tenant: TenantId::parse("contoso").unwrap(),
        site: SiteId::parse("projects").unwrap(),
        path: ItemPath::parse(path).unwrap(),
        query: Some("code=secret".to_owned()),
    }
}

fn check(method: &str, action: Action, want: &str) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let question = Question {
        target: target("/a"),
        action,
    };
    let Tried::Item { operation, .. } = Tried::items(&method, &[question]) else {
        panic!("an item");
    };
    assert_eq!(operation, want, "{method}");
}

#[test]
fn every_method_has_its_operation() {
    for (method, action, want) in [
        ("GET", Action::Download, "FileAccessed"),
        ("HEAD", Action::View, "FileAccessed"),
        ("PROPFIND", Action::View, "FileAccessed"),
        ("PUT", Action::Edit, "FileModified"),
        ("PUT", Action::Create, "FileUploaded"),
        ("POST", Action::Edit, "FileModified"),
        ("LOCK", Action::Edit, "FileModified"),
        ("MKCOL", Action::Create, "FolderCreated"),
        ("DELETE", Action::Delete, "FileDeleted"),
        ("MOVE", Action::Delete, "FileMoved"),
        ("COPY", Action::Download, "FileCopied"),
        ("GET", Action::ReadUserInfo, "FileAccessed"),
    ] {
        check(method, action, want);
    }
}

#[test]
fn what_is_moved_is_told_with_where_to() {
    let question = |path: &str, action| Question {
        target: target(path),
        action,
    };
    let questions = [
        question("/a", Action::Delete),
        question("/a", Action::Download),
        question("/b", Action::Edit),
    ];
    let moved = Method::from_bytes(b"MOVE").unwrap();
    let Tried::Item { destination, .. } = Tried::items(&moved, &questions) else {
        panic!("an item");
    };
    assert_eq!(destination, Some(target("/b")));
    assert_eq!(Tried::items(&Method::GET, &[]), Tried::Nothing);
}

#[test]
fn what_failed_after_it_was_allowed_was_allowed() {
    for (decision, allowed, want) in [
        ("allow", true, Some("allow")),
        ("deny", false, Some("deny")),
        ("refuse", false, Some("deny")),
        ("challenge", false, Some("challenge")),
        ("fail", true, Some("allow")),
        ("fail", false, Some("deny")),
        ("none", false, None),
        ("own", false, None),
    ] {
        assert_eq!(decided(decision, allowed), want, "{decision} {allowed}");
    }
}

#[test]
fn what_is_not_shown_is_saved() {
    for (value, want) in [
        ("attachment", true),
        ("Attachment; filename=\"a\"", true),
        ("inline", false),
        (" INLINE ; filename=a", false),
        ("unknown", true),
    ] {
        assert_eq!(
            is_attachment(&HeaderValue::from_static(value)),
            want,
            "{value}"
        );
    }
}
