use proptest::prelude::*;
use url::Url;

use super::*;

const ORIGIN: &str = "https://contoso.example";

fn check(raw: &str, want: Option<&str>) {
    let got = return_target(raw).map(|target| target.to_string());
    assert_eq!(got.as_deref(), want, "{raw:?}");
}

/// Follows a `Location` as a browser does, and asserts that it stays.
fn assert_stays(raw: &str) {
    let location = return_target(raw)
        .unwrap_or_else(ReturnTarget::root)
        .to_string();
    let reached = Url::parse(ORIGIN).unwrap().join(&location).unwrap();
    assert_eq!(
        reached.origin().ascii_serialization(),
        ORIGIN,
        "{raw:?} became {location:?}"
    );
    assert!(
        location.starts_with('/') && !location.starts_with("//"),
        "{raw:?} became {location:?}"
    );
    assert!(
        location
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\'),
        "{location:?}"
    );
}

#[test]
fn paths_of_the_host_are_kept_with_their_query() {
    check("/", Some("/"));
    check(
        "/sites/projects/Plan%20B.docx",
        Some("/sites/projects/Plan%20B.docx"),
    );
    check(
        "/sites/projects/?web=1&q=a%2Fb",
        Some("/sites/projects/?web=1&q=a%2Fb"),
    );
    check(
        "/sites?url=https://other.example/x",
        Some("/sites?url=https://other.example/x"),
    );
    check("/a?b?c", Some("/a?b?c"));
    check("/a?\"<é>", Some("/a?%22%3C%C3%A9%3E"));
    check("/a;b=c", Some("/a%3Bb%3Dc"));
    check("/_vestibule/s/token", Some("/_vestibule/s/token"));
}

#[test]
fn what_ends_a_query_or_a_header_is_refused() {
    for raw in [
        "/a?b#c",
        "/a?b\\c",
        "/a?b c",
        "/a?b\tc",
        "/a?b\nc",
        "/a?b\u{7f}",
    ] {
        check(raw, None);
    }
    check(&format!("/a?{}", "x".repeat(4097)), None);
}

#[test]
fn our_own_pages_are_not_returned_to() {
    check("/_vestibule/sign-in", None);
    check("/_vestibule/sign-in?return_to=/", None);
    check("/_vestibule/sign-out", None);
    check("/_VESTIBULE/callback/google", None);
    check("/%5fvestibule/sign-out", None);
    check("/_vestibule", None);
}

#[test]
fn sec_001_sec_010_absolute_addresses_are_not_kept() {
    for raw in [
        "https://evil.example",
        "http://evil.example/",
        "//evil.example",
        "ftp://evil.example",
        "evil.example",
    ] {
        check(raw, None);
    }
}

#[test]
fn sec_002_sec_012_slashes_of_any_kind_do_not_begin_an_authority() {
    for raw in [
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "//evil.example",
        "///evil.example",
    ] {
        check(raw, None);
    }
}

#[test]
fn sec_003_encoded_white_space_is_refused() {
    for raw in [
        "/%09/evil.example",
        "/%0a/evil.example",
        "/%0d/evil.example",
        "/%0b/evil.example",
        "/%c2%a0/evil.example",
        "/\t/evil.example",
        "/a?x\r\nLocation: https://evil.example",
        " /a",
        "/a ",
    ] {
        check(raw, None);
    }
}

#[test]
fn sec_004_dot_segments_are_refused() {
    for raw in [
        "/.//evil.example",
        "/..//evil.example",
        "/./evil.example",
        "/%2e/evil.example",
        "/a/../evil.example",
    ] {
        check(raw, None);
    }
}

#[test]
fn sec_005_sec_006_sec_008_no_spelling_of_a_scheme_or_user_passes() {
    for raw in [
        "https:evil.example",
        "hTTps:/evil.example",
        "HTTPS:\\\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://contoso.example@evil.example",
        "contoso.example:443@evil.example",
        "@evil.example",
        ":evil.example",
        "?",
        "#",
        "",
    ] {
        check(raw, None);
    }
}

/// The kinds of spellings that lists of open redirects are made of, combined.
fn hostile() -> Vec<String> {
    let openings = [
        "",
        "/",
        "//",
        "///",
        "////",
        "\\",
        "\\\\",
        "/\\",
        "\\/",
        "/\\/",
        "/./",
        "/../",
        "/.//",
        "/..//",
        "/%2e/",
        "/%2e%2e/",
        "/%2f",
        "/%5c",
        "/%09/",
        "/%0a/",
        "/%0d/",
        "/%0d%0a/",
        "/%00/",
        "/%20/",
        "/%c2%a0/",
        "/%e2%80%83/",
        "/\t/",
        "/\n/",
        "/\r/",
        "/\u{b}/",
        "/\u{a0}/",
        "/\u{2003}/",
        "/\u{2028}/",
        "/\u{3000}/",
        "/\u{200b}/",
        "/\u{feff}/",
        "\u{2215}\u{2215}",
        "\u{2044}\u{2044}",
        "\u{ff0f}\u{ff0f}",
        "\u{ff3c}\u{ff3c}",
        "/\u{ff0f}",
        "/\u{2215}",
        ";//",
        "/;/",
        "/@",
        "/:",
        "/.",
        "/..;/",
        "/%252f",
        "/%255c",
        "/%2f%2f",
        "/a//",
        "/a/..//",
        "/a/%2e%2e//",
        " /",
        "\t//",
        "%09//",
        "%2f%2f",
        "%5c%5c",
        "/?/../",
        "/#/",
        "/&/",
        "/%3f/",
        "/%23/",
        ".",
        "..",
        "./",
        "../",
        "~/",
    ];
    let schemes = [
        "",
        "https://",
        "http://",
        "HTTPS://",
        "https:",
        "https:/",
        "https:///",
        "http:\\\\",
        "https:\\/",
        "ht\ttps://",
        "javascript:",
        "data:",
        "ftp://",
        "//",
        "\\\\",
        "contoso.example@",
        "contoso.example:443@",
        "user:pass@",
    ];
    let hosts = [
        "evil.example",
        "evil\u{3002}example",
        "[::1]",
        "0x7f000001",
        "evil.example/",
        "evil.example%2f..",
        "evil.example?",
        "evil.example#",
    ];
    let mut all = Vec::new();
    for opening in openings {
        for scheme in schemes {
            for host in hosts {
                all.push(format!("{opening}{scheme}{host}"));
            }
        }
    }
    all
}

#[test]
fn sec_004_nothing_of_a_corpus_of_open_redirects_leaves_the_origin() {
    let corpus = hostile();
    assert!(corpus.len() >= 1000, "{}", corpus.len());
    for raw in &corpus {
        assert_stays(raw);
    }
    let kept = corpus
        .iter()
        .filter(|raw| return_target(raw).is_some())
        .count();
    assert!(
        kept * 4 < corpus.len(),
        "{kept} of {} were kept at all",
        corpus.len()
    );
}

proptest! {
    #[test]
    fn whatever_comes_in_stays_and_is_stable(raw in "[/\\\\?#%@:.;a-z0-9 \t\r\né\u{a0}\u{2028}\u{ff0f}]{0,60}") {
        assert_stays(&raw);
        if let Some(target) = return_target(&raw) {
            let again = return_target(&target.to_string());
            prop_assert_eq!(again, Some(target));
        }
    }
}
