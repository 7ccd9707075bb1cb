//! What changed, as an upstream tells it: answers are scripted, for what real software does not say on purpose.

use gateway_graph::surroundings::Told;

use super::*;

const FOLDER: &str = "/sites/projects/write";

/// Says that it can tell; answers `REPORT` with this, and lists two files and a folder.
async fn telling(status: &'static str, report: &'static str) -> SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut read = Vec::new();
                let mut some = [0; 4096];
                let whole = |read: &[u8]| {
                    let text = String::from_utf8_lossy(read);
                    text.contains("</propfind>") || text.contains("</sync-collection>")
                };
                while !whole(&read) {
                    match stream.read(&mut some).await {
                        Ok(count) if count > 0 => read.extend_from_slice(&some[..count]),
                        _ => return,
                    }
                }
                let asked = String::from_utf8_lossy(&read).into_owned();
                let prop = |path: &str, inner: &str| {
                    format!(
                        "<response><href>{path}</href><propstat><prop>{inner}</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
                    )
                };
                let folder = "<resourcetype><collection/></resourcetype>";
                let (status, body) = if asked.starts_with("REPORT") {
                    (status, report.to_owned())
                } else if asked.contains("supported-report-set") {
                    let can = "<supported-report-set><sync-collection/></supported-report-set>";
                    ("207 Multi-Status", prop("/sites/projects/write/", can))
                } else {
                    let all = [
                        prop("/sites/projects/write/", folder),
                        prop("/sites/projects/write/a.txt", "<resourcetype/>"),
                        prop("/sites/projects/write/b.txt", "<resourcetype/>"),
                        prop("/sites/projects/write/deep/", folder),
                    ];
                    ("207 Multi-Status", all.concat())
                };
                let body = format!("<multistatus xmlns=\"DAV:\">{body}</multistatus>");
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

async fn told(
    status: &'static str,
    report: &'static str,
    since: Option<&str>,
) -> Result<Told, NoDocument> {
    let world = World::new(telling(status, report).await).await;
    let ada = person("ada", Some(ADA), true);
    let ask = DocumentAsk::Changes(since.map(str::to_owned));
    let answer = asked(&world, &ada, "projects", FOLDER, ask).await?;
    Ok(answer.told().unwrap())
}

#[tokio::test]
async fn what_is_told_is_of_the_folder_and_of_what_may_be_seen() {
    let report = "<response><href>/sites/projects/write/b.txt</href></response>\
        <response><href>/sites/projects/write/gone.txt</href><status>HTTP/1.1 404 Not Found</status></response>\
        <response><href>/sites/projects/write/deep/gone.txt</href><status>HTTP/1.1 404 Not Found</status></response>\
        <response><href>/sites/projects/gone.txt</href><status>HTTP/1.1 404 Not Found</status></response>\
        <response><href>/sites/projects/write/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>\
        <sync-token>2</sync-token>";
    let Ok(Told::Changes(changes)) = told("207 Multi-Status", report, Some("1")).await else {
        panic!("nothing told");
    };
    let paths =
        |items: &[Item]| -> Vec<String> { items.iter().map(|item| item.path.encoded()).collect() };
    assert_eq!(changes.token, "2");
    assert!(changes.more);
    assert_eq!(paths(&changes.changed), ["/sites/projects/write/b.txt"]);
    assert_eq!(paths(&changes.folders), ["/sites/projects/write/deep/"]);
    let gone: Vec<String> = changes.gone.iter().map(ItemPath::encoded).collect();
    assert_eq!(gone, ["/sites/projects/write/gone.txt"]);
    let Ok(Told::Changes(first)) =
        told("207 Multi-Status", "<sync-token>1</sync-token>", None).await
    else {
        panic!("nothing told");
    };
    assert_eq!(first.changed.len(), 3, "everything, at first");
}

#[tokio::test]
async fn a_token_that_the_upstream_refuses_is_stale() {
    let invalid = "<valid-sync-token/>";
    for status in ["403 Forbidden", "409 Conflict", "412 Precondition Failed"] {
        let stale = told(status, invalid, Some("1")).await;
        assert_eq!(stale, Ok(Told::Stale), "{status}");
        let other = told(status, "<other/>", Some("1")).await;
        assert_eq!(other, Err(NoDocument::NotSupported), "{status}");
    }
    let gone = told("404 Not Found", "", Some("1")).await;
    assert_eq!(gone, Ok(Told::Gone));
    let tokenless = told("207 Multi-Status", "", Some("1")).await;
    assert!(matches!(tokenless, Err(NoDocument::Failed(_))));
}
