use gateway_core::path::ItemPath;
use gateway_core::time::UnixTime;
use http::StatusCode;
use serde_json::Value;

use super::*;
use crate::drives::tests::{drive, world};
use crate::testing::ORIGIN;

fn item(name: &str, size: Option<u64>, modified: Option<i64>) -> Item {
    Item {
        path: ItemPath::parse(&format!("/sites/projects/{name}")).unwrap(),
        folder: size.is_none(),
        size,
        media_type: None,
        etag: None,
        created: Some(UnixTime(50)),
        modified: modified.map(UnixTime),
    }
}

fn all() -> Vec<Item> {
    vec![
        item("c", Some(20), Some(70)),
        item("a", Some(20), Some(90)),
        item("d", Some(3), None),
        item("b", None, Some(60)),
    ]
}

/// In pages of one, each begun with the token of the one before.
fn check(text: &str, want: &str) {
    let order = Order::parse(text).unwrap();
    let mut got = String::new();
    let mut after: Option<Key> = None;
    loop {
        let mut items = all();
        order.arrange(&mut items, after.as_ref());
        let Some(first) = items.first() else { break };
        got.push_str(&shape::last(&first.path));
        after = Some(Key::parse(&order.key(first).token()).unwrap());
    }
    assert_eq!(got, want, "{text}");
}

#[test]
fn children_come_by_what_is_asked_for_and_pages_lose_none() {
    check("name", "abcd");
    check("name asc", "abcd");
    check(" name  desc ", "dcba");
    check("size", "bdac");
    check("size desc", "cadb");
    check("lastModifiedDateTime", "dbca");
    check("lastModifiedDateTime desc", "acbd");
    for wrong in ["", "Name", "id", "name up", "name,size", "size desc asc"] {
        assert!(Order::parse(wrong).is_err(), "{wrong}");
    }
    for wrong in ["", "!", "YQ", "eC95"] {
        assert!(Key::parse(wrong).is_err(), "{wrong}");
    }
}

fn names(values: &Value) -> Vec<&str> {
    let all = values.as_array().unwrap().iter();
    all.map(|one| one["name"].as_str().unwrap_or("-")).collect()
}

#[tokio::test]
async fn the_api_orders_pages_and_expands() {
    let world = world().await;
    let mia = world.person("Files.Read.All", &[]);
    let at = format!("/v1.0/drives/{}", drive(&world, &mia).await);
    let get = async |path: &str| {
        let answer = world.get(&format!("{at}/{path}"), &mia).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.body
    };
    let by_size = get("root:/open:/children?$orderby=size%20desc").await;
    assert_eq!(names(&by_size["value"]), ["plan.txt", "a b:c.txt"]);
    let first = get("root:/open:/children?$orderby=size&$top=1").await;
    assert_eq!(names(&first["value"]), ["a b:c.txt"]);
    let next = first["@odata.nextLink"].as_str().unwrap();
    let second = world.get(next.strip_prefix(ORIGIN).unwrap(), &mia).await;
    assert_eq!(names(&second.body["value"]), ["plan.txt"]);
    assert!(second.body.get("@odata.nextLink").is_none());

    let deep = get("root/children?$expand=children&$select=name").await;
    assert_eq!(names(&deep["value"]), ["closed", "open"]);
    assert_eq!(names(&deep["value"][0]["children"]), ["secret.txt"]);
    assert!(deep["value"][0].get("folder").is_none());
    assert_eq!(deep["value"][0]["children"][0]["size"], 6);
    let selected = get("root:/open?$expand=children($select=id,size)&$select=name").await;
    assert_eq!(selected["name"], "open");
    assert!(selected.get("webUrl").is_none());
    assert_eq!(names(&selected["children"]), ["-", "-"]);
    assert!(selected["children"][0]["size"].is_number());
    let file = get("root:/open/plan.txt?$expand=children").await;
    assert!(file.get("children").is_none());
}
