use serde_json::json;

use super::json::{moment, written};
use super::*;

type Taken = (Version, Vec<String>, Vec<(String, String)>);

fn place(path: &str, query: &str) -> Result<Taken, u16> {
    Place::read(path, Some(query))
        .map(|place| (place.version, place.segments, place.query))
        .map_err(|error| error.status.as_u16())
}

fn check_path(path: &str, want: &[&str]) {
    let got = place(path, "").map(|place| place.1);
    assert_eq!(
        got.as_deref(),
        Ok(want.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).as_deref(),
        "{path}"
    );
}

#[test]
fn a_path_is_split_and_then_decoded_once() {
    check_path(
        "/v1.0//admin/sharepoint/settings",
        &["admin", "sharepoint", "settings"],
    );
    check_path("/V1.0/users/", &["users"]);
    check_path(
        "//v1.0/drives/b%21x/root%3A%2Fa%20b.txt%3A",
        &["drives", "b!x", "root:/a b.txt:"],
    );
    check_path(
        "/v1.0/users/p_x.example%23EXT%23%40contoso.example",
        &["users", "p_x.example#EXT#@contoso.example"],
    );
    check_path("/v1.0/items/a%2Fb", &["items", "a/b"]);
    check_path("/v1.0/items/a%252Fb", &["items", "a%2Fb"]);
    check_path("/v1.0/items/a+b", &["items", "a+b"]);
    check_path("/vestibule/v1/sites", &["sites"]);
}

#[test]
fn what_cannot_be_decoded_is_refused() {
    for (path, status) in [
        ("/", 404),
        ("/v2.0/users", 404),
        ("/vestibule/v2/x", 404),
        ("/v1.0/%", 400),
        ("/v1.0/%4", 400),
        ("/v1.0/%zz", 400),
        ("/v1.0/%ff", 400),
        ("/v1.0/%00", 400),
        ("/v1.0/%0d%0a", 400),
        ("/v1.0/..", 400),
        ("/v1.0/%2e%2E/users", 400),
        ("/v1.0/./users", 400),
    ] {
        assert_eq!(place(path, "").err(), Some(status), "{path}");
    }
    assert_eq!(
        place(&format!("/v1.0/{}", "x".repeat(20_000)), "").err(),
        Some(400)
    );
    assert_eq!(
        place(&format!("/v1.0{}", "/x".repeat(300)), "").err(),
        Some(400)
    );
    assert_eq!(place("/v1.0/users", &"a&".repeat(300)).err(), Some(400));
}

#[test]
fn a_query_is_decoded_and_a_plus_is_a_space() {
    let query = place("/v1.0/users", "$filter=mail%20eq+'a%2Bb@x'&&$top=5&flag")
        .unwrap()
        .2;
    let want = [("$filter", "mail eq 'a+b@x'"), ("$top", "5"), ("flag", "")];
    assert_eq!(query, want.map(|(n, v)| (n.to_owned(), v.to_owned())));
}

fn request(query: &str) -> Request {
    let (parts, ()) = http::Request::new(()).into_parts();
    let place = Place::read("/v1.0/users", Some(query)).unwrap();
    let arrival = (UnixTime(0), "id".to_owned(), [127, 0, 0, 1].into());
    Request::at(
        place,
        parts,
        Payload::Whole(Bytes::new()),
        "https://x.example",
        arrival,
    )
}

#[test]
fn options_are_known_in_any_case_and_once() {
    for query in [
        "$skiptoken=a",
        "$skipToken=a",
        "$SkipToken=a",
        "skiptoken=a",
    ] {
        assert_eq!(
            request(query).option("$skiptoken").unwrap(),
            Some("a"),
            "{query}"
        );
    }
    assert!(request("$top=1&$TOP=2").option("$top").is_err());
    assert!(request("$search=x").only_options(&["top"]).is_err());
    assert!(request("$Top=1&other=x").only_options(&["top"]).is_ok());
}

#[test]
fn a_document_is_known_by_its_path_whatever_its_type_says() {
    let takes =
        |path: &str, method: Method| Place::read(path, None).unwrap().takes_content(&method);
    assert!(takes("/v1.0/drives/d/items/i/content", Method::PUT));
    assert!(takes(
        "/v1.0/drives/d/root%3A%2Fa.txt%3A%2Fcontent",
        Method::PUT
    ));
    assert!(takes("/v1.0/drives/d/root:/a.txt:/content", Method::PUT));
    assert!(!takes("/v1.0/drives/d/items/i/content", Method::GET));
    assert!(!takes("/v1.0/users/content", Method::PATCH));
}

#[test]
fn bodies_that_say_nothing_are_empty_objects() {
    for body in ["", " \r\n", "{}", "null", "\"\"", "\u{feff}{}"] {
        assert!(
            Object::read(body.as_bytes(), Area::Directory)
                .unwrap()
                .is_empty(),
            "{body:?}"
        );
    }
    for body in [
        "[]",
        "1",
        "\"x\"",
        "{",
        "{\"a\":}",
        "{} x",
        "\u{0}",
        "{\"a\":1e999}",
    ] {
        let error = Object::read(body.as_bytes(), Area::Directory).unwrap_err();
        assert_eq!(error.status.as_u16(), 400, "{body:?}");
    }
    assert!(Object::read(b"\xff\xfe", Area::Files).is_err());
}

#[test]
fn a_body_that_is_nested_deeply_is_refused_and_brackets_in_texts_are_not_nesting() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
    assert!(Object::read(deep.as_bytes(), Area::Directory).is_err());
    let deeper = "[".repeat(1_000_000);
    assert!(Object::read(deeper.as_bytes(), Area::Directory).is_err());
    let text = format!("{{\"a\":\"{}\\\"{{\"}}", "[".repeat(100));
    assert!(Object::read(text.as_bytes(), Area::Directory).is_ok());
}

#[test]
fn annotations_are_ignored_and_absent_is_not_null() {
    let body = json!({ "@odata.type": "#x", "a@odata.bind": "y", "#b": 1, "n": null, "t": "x", "l": ["a"] });
    let object = Object::read(body.to_string().as_bytes(), Area::Directory).unwrap();
    assert_eq!(object.members().len(), 3);
    assert_eq!(object.text("absent", 5).unwrap(), Given::Absent);
    assert_eq!(object.text("n", 5).unwrap(), Given::Null);
    assert_eq!(object.text("t", 5).unwrap(), Given::Value("x".to_owned()));
    assert!(object.text("t", 0).is_err());
    assert!(object.text("l", 5).is_err());
    assert!(object.flag("t").is_err());
    assert!(object.texts("l", 0).is_err());
    assert_eq!(Given::<u8>::Absent.over(Some(1)), Some(1));
    assert_eq!(Given::<u8>::Null.over(Some(1)), None);
    assert_eq!(Given::Value(2).over(Some(1)), Some(2));
}

#[test]
fn moments_are_read_in_every_form_that_clients_send() {
    for (text, want) in [
        ("2026-01-02T03:04:05Z", Some(1_767_323_045)),
        ("2026-01-02T03:04:05+00:00", Some(1_767_323_045)),
        ("2026-01-02T03:04:05.123Z", Some(1_767_323_045)),
        ("2026-01-02T03:04:05.1234567Z", Some(1_767_323_045)),
        ("2026-01-02T05:04:05+02:00", Some(1_767_323_045)),
        ("2026-01-02", None),
        ("2026-13-02T03:04:05Z", None),
        ("x", None),
    ] {
        assert_eq!(moment(text).map(|at| at.0), want, "{text}");
    }
    assert_eq!(
        written(UnixTime(1_767_323_045)).as_deref(),
        Some("2026-01-02T03:04:05Z")
    );
    assert_eq!(written(UnixTime(i64::MAX)), None);
}
