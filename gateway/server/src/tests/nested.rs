//! A site in a folder of another site: what is done to the folder is done to the site.

use super::support::*;

const INNER: &str = "/sites/projects/write/inner";

/// How `request` is answered: its status, and the code of a refusal.
async fn check(rows: &[(String, u16, &str)]) {
    for (request, want, reason) in rows {
        let upstream = Scripted::new(OK).await;
        let world = World::with(upstream.address, nest).await;
        let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        let answer = world.raw(&request).await;
        assert_eq!(status(&answer), *want, "{request}\n{answer}");
        if *want == 200 {
            assert_eq!(upstream.seen().len(), 1, "{request}");
        } else {
            assert_eq!(code(&answer), *reason, "{request}");
            assert!(upstream.seen().is_empty(), "{request}");
        }
    }
}

fn request(method: &str, path: &str, who: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\n{who}{headers}\r\n")
}

/// Everything that reaches down from a folder, or overwrites one.
fn reaching_down(who: &str) -> Vec<String> {
    let elsewhere = "destination: /sites/projects/write/copy\r\n";
    let onto = format!("destination: {INNER}\r\n");
    vec![
        request("DELETE", INNER, who, ""),
        request("DELETE", INNER, who, "depth: 0\r\n"),
        request("DELETE", "/sites/projects/write", who, ""),
        request("MOVE", INNER, who, elsewhere),
        request("COPY", INNER, who, elsewhere),
        request("MOVE", "/sites/projects/write/a", who, &onto),
        request("COPY", "/sites/projects/write/a", who, &onto),
        request("PROPFIND", INNER, who, ""),
        request("PROPFIND", INNER, who, "depth: infinity\r\n"),
        request("PROPFIND", INNER, who, "depth: 1\r\n"),
        request("LOCK", INNER, who, ""),
        request("POST", INNER, who, "x-http-method: DELETE\r\n"),
    ]
}

#[tokio::test]
async fn a_guest_does_not_reach_a_site_through_the_folder_above() {
    let rows: Vec<_> = reaching_down("{ada}")
        .into_iter()
        .map(|request| (request, 403, "sharing-disabled"))
        .collect();
    check(&rows).await;
}

#[tokio::test]
async fn a_member_who_may_do_it_to_both_reaches_down() {
    let rows: Vec<_> = reaching_down("{mia}")
        .into_iter()
        .map(|request| (request, 200, ""))
        .collect();
    check(&rows).await;
}

#[tokio::test]
async fn what_stays_at_the_folder_asks_about_nothing_below() {
    let beside = "/sites/projects/write/beside";
    check(&[
        (request("PROPFIND", INNER, "{ada}", "depth: 0\r\n"), 200, ""),
        (request("GET", INNER, "{ada}", ""), 200, ""),
        (request("DELETE", beside, "{ada}", ""), 200, ""),
        (request("PROPFIND", beside, "{ada}", ""), 200, ""),
    ])
    .await;
}
