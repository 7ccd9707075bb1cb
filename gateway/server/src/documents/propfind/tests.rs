use gateway_core::time::UnixTime;
use url::Url;

use super::*;
use crate::tests::support::configuration_of_tests;

fn site(id: &str) -> Site {
    let configuration = configuration_of_tests();
    let tenant = configuration.tenants.values().next().unwrap();
    let mut site = tenant
        .sites
        .values()
        .find(|site| site.id.as_str() == id)
        .unwrap()
        .clone();
    site.upstream.origin = Url::parse("http://upstream.example").unwrap();
    site
}

fn response(href: &str, props: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{props}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

fn document(inner: &str) -> String {
    format!("<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\">{inner}</D:multistatus>")
}

fn paths(text: &str, id: &str) -> Vec<String> {
    let items = read(text.as_bytes(), &site(id)).unwrap();
    items.into_iter().map(|item| item.path.encoded()).collect()
}

#[test]
fn an_answer_is_read_whatever_its_prefixes() {
    let file = "<D:resourcetype/><D:getcontentlength>5</D:getcontentlength>\
        <D:getcontenttype>text/plain</D:getcontenttype><D:getetag>\"1&amp;2\"</D:getetag>\
        <D:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</D:getlastmodified>\
        <D:creationdate>1994-11-06T08:49:37Z</D:creationdate>";
    let text = document(&response("/sites/projects/a%20b.txt", file));
    let plain = text.replace("xmlns:D", "xmlns").replace("D:", "");
    for text in [text, plain] {
        let items = read(text.as_bytes(), &site("projects")).unwrap();
        let want = Item {
            path: ItemPath::parse("/sites/projects/a%20b.txt").unwrap(),
            folder: false,
            size: Some(5),
            media_type: Some("text/plain".to_owned()),
            etag: Some("\"1&2\"".to_owned()),
            created: Some(UnixTime(784_111_777)),
            modified: Some(UnixTime(784_111_777)),
        };
        assert_eq!(items, [want]);
    }
}

#[test]
fn only_what_was_found_counts() {
    let text = document(
        "<D:response><D:href>/sites/projects/a/</D:href>\
         <D:propstat><D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>\
         <D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\
         <D:response><D:href>/sites/projects/b</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>",
    );
    let items = read(text.as_bytes(), &site("projects")).unwrap();
    assert_eq!(items.len(), 1);
    assert!(items[0].folder);
    assert_eq!(items[0].etag, None);
}

#[test]
fn addresses_are_brought_home() {
    let all = [
        response("/files/a", "<D:resourcetype/>"),
        response("http://upstream.example/files/b", "<D:resourcetype/>"),
        response("/filesystem/c", "<D:resourcetype/>"),
        response("/elsewhere/d", "<D:resourcetype/>"),
    ];
    assert_eq!(
        paths(&document(&all.concat()), "mapped"),
        ["/sites/mapped/a", "/sites/mapped/b"]
    );
}

#[test]
fn sec_023_what_is_no_path_is_no_item() {
    for bad in [
        "/sites/projects/../secret",
        "/sites/projects/a%2fb",
        "/sites//a",
        "a",
        "",
        "//a/b/../c",
    ] {
        let text = document(&response(bad, "<D:resourcetype/>"));
        let items = read(text.as_bytes(), &site("projects")).unwrap();
        let kept: Vec<String> = items.iter().map(|item| item.path.encoded()).collect();
        assert!(
            kept.iter().all(|path| !path.contains("..")),
            "{bad}: {kept:?}"
        );
        assert!(kept.is_empty() || bad.starts_with("//"), "{bad}: {kept:?}");
    }
}

#[test]
fn sec_122_hostile_xml_is_refused() {
    let entities = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>";
    let external = "<!DOCTYPE x SYSTEM \"http://attacker.example/x.dtd\">";
    let ok = document(&response("/sites/projects/a", "<D:resourcetype/>"));
    let declared = |what: &str| ok.replace("<D:multistatus", &format!("{what}<D:multistatus"));
    let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
    let long = document(&response(&"/a".repeat(20_000), "<D:resourcetype/>"));
    for bad in [
        declared(entities),
        declared(external),
        document(&response("/sites/projects/&evil;", "<D:resourcetype/>")),
        deep,
        long,
        "<a><b></a></b>".to_owned(),
        "<a>".to_owned(),
        ok.replace("</D:multistatus>", ""),
    ] {
        assert!(
            read(bad.as_bytes(), &site("projects")).is_err(),
            "{bad:.80}"
        );
    }
    assert!(read(ok.as_bytes(), &site("projects")).is_ok());
}

proptest::proptest! {
    #[test]
    fn no_answer_makes_it_fall_over(text in "[<>/&;a-zA-Z:=\"! \\-?]{0,200}") {
        drop(read(text.as_bytes(), &site("projects")));
    }
}

#[test]
fn an_answer_about_changes_says_what_is_there_and_what_is_gone() {
    let there = response("/sites/projects/a.txt", "<D:getetag>\"1\"</D:getetag>");
    let bare = "<D:response><D:href>/sites/projects/b.txt</D:href></D:response>";
    let status = |href: &str, status: &str| {
        format!(
            "<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>"
        )
    };
    let gone = status("/sites/projects/c%20d.txt", "404 Not Found");
    let token = "<D:sync-token>http://example.com/sync/1?a&amp;b</D:sync-token>";
    let whole = document(&format!("{there}{bare}{gone}{token}"));
    let answer = read_all(whole.as_bytes(), &site("projects")).unwrap();
    let paths = |all: &[ItemPath]| all.iter().map(ItemPath::encoded).collect::<Vec<_>>();
    assert_eq!(answer.items.len(), 1);
    assert_eq!(
        paths(&answer.named),
        ["/sites/projects/a.txt", "/sites/projects/b.txt"]
    );
    assert_eq!(paths(&answer.gone), ["/sites/projects/c%20d.txt"]);
    assert_eq!(
        answer.token.as_deref(),
        Some("http://example.com/sync/1?a&b")
    );
    assert!(!answer.truncated);
    let more = status("/sites/projects/", "507 Insufficient Storage");
    let more = document(&format!("{there}{more}{token}"));
    let answer = read_all(more.as_bytes(), &site("projects")).unwrap();
    assert!(answer.truncated && answer.gone.is_empty());
    // A token is one where it stands, and nowhere else.
    let inside = document(&response("/sites/projects/a.txt", token));
    let answer = read_all(inside.as_bytes(), &site("projects")).unwrap();
    assert_eq!(answer.token, None);
}

#[test]
fn an_element_is_found_by_its_whole_name() {
    let check = |text: &str, want: bool| {
        assert_eq!(names(text.as_bytes(), b"sync-collection"), want, "{text}");
    };
    check(
        "<a:report xmlns:a=\"DAV:\"><a:sync-collection/></a:report>",
        true,
    );
    check("<sync-collection xmlns=\"DAV:\"></sync-collection>", true);
    check("<report><sync-collection/></report>", false);
    check("<report xmlns=\"DAV:\"><sync/></report>", false);
    check(
        "<report xmlns=\"DAV:\"><!-- sync-collection --></report>",
        false,
    );
    check("<report xmlns=\"DAV:\"><sync-collection/></other>", false);
    check("<!DOCTYPE a><sync-collection xmlns=\"DAV:\"/>", false);
    check("sync-collection", false);
}
