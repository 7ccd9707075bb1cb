//! Mail by raw socket, and what the inbox makes of it.

use std::time::Duration;

use idp_mocks::{Misbehaviour, Mocks, Service};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::client::{get, mocks, send};

const MAIL: &str = "From: Vestibule <no-reply@contoso.example>\r\n\
    To: pat@nowhere.example\r\n\
    Subject: =?utf-8?q?Your_code_=E2=80=93_12345678?=\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\
    \r\n\
    Your code is 12345678 =E2=9C=93 <b>\r\n\
    ..and a dot\r\n";

/// Sends lines and gives the last reply line to each; the message is one "line".
async fn dialogue(mocks: &Mocks, lines: &[&str]) -> Vec<String> {
    let stream = TcpStream::connect(mocks.urls().mailbox.smtp).await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut replies = vec![reply(&mut stream).await];
    for line in lines {
        stream
            .write_all(format!("{line}\r\n").as_bytes())
            .await
            .unwrap();
        replies.push(reply(&mut stream).await);
    }
    replies
}

async fn reply(stream: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        if line.is_empty() || line.as_bytes()[3] == b' ' {
            return line.trim_end().to_owned();
        }
    }
}

async fn deliver(mocks: &Mocks, to: &str) -> String {
    let to = format!("RCPT TO:<{to}>");
    let message = format!("{MAIL}.");
    let lines = [
        "EHLO x",
        "MAIL FROM:<no-reply@contoso.example>",
        &to,
        "DATA",
        &message,
    ];
    dialogue(mocks, &lines).await.pop().unwrap()
}

#[tokio::test]
async fn a_mail_is_decoded_and_found_by_its_recipient() {
    let mocks = mocks().await;
    assert_eq!(deliver(&mocks, "Pat@Nowhere.example").await, "250 taken in");
    assert_eq!(
        deliver(&mocks, "other@nowhere.example").await,
        "250 taken in"
    );
    let mails = mocks.mailbox().messages_to("pat@nowhere.example");
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Your code – 12345678");
    assert_eq!(mails[0].from, "no-reply@contoso.example");
    assert_eq!(mails[0].to, ["Pat@Nowhere.example"]);
    assert_eq!(
        mails[0].text,
        "Your code is 12345678 ✓ <b>\r\n.and a dot\r\n"
    );
    assert_eq!(mails[0].html, None);
    assert_eq!(
        mails[0].header("from"),
        Some("Vestibule <no-reply@contoso.example>")
    );
    assert_eq!(mocks.mailbox().messages().len(), 2);
}

#[tokio::test]
async fn the_json_view_lists_by_recipient_and_forgets() {
    let mocks = mocks().await;
    deliver(&mocks, "pat@nowhere.example").await;
    deliver(&mocks, "other@nowhere.example").await;
    let url = &mocks.urls().mailbox.messages;
    let mails = get(&format!("{url}?to=pat@nowhere.example")).await.json();
    assert_eq!(mails.as_array().unwrap().len(), 1);
    assert_eq!(mails[0]["subject"], "Your code – 12345678");
    assert_eq!(
        get(&format!("{url}/1")).await.json()["to"],
        json!(["pat@nowhere.example"])
    );
    assert_eq!(get(&format!("{url}?after=1")).await.json()[0]["id"], 2);
    send("DELETE", &format!("{url}?to=pat@nowhere.example"), &[], "")
        .await
        .unwrap();
    assert_eq!(get(url).await.json().as_array().unwrap().len(), 1);
    send("DELETE", url, &[], "").await.unwrap();
    assert_eq!(get(url).await.json(), json!([]));
    assert_eq!(get(&format!("{url}/1")).await.status, 404);
}

#[tokio::test]
async fn waiting_ends_with_the_mail_or_with_the_patience() {
    let mocks = mocks().await;
    let url = format!(
        "{}?to=pat@nowhere.example&wait_ms=60000",
        mocks.urls().mailbox.messages
    );
    let (waited, _) = tokio::join!(get(&url), deliver(&mocks, "pat@nowhere.example"));
    assert_eq!(waited.json()[0]["id"], 1);
    let soon = Duration::from_millis(1);
    let mailbox = mocks.mailbox();
    assert!(
        mailbox
            .wait_for("pat@nowhere.example", 0, soon)
            .await
            .is_some()
    );
    assert!(
        mailbox
            .wait_for("pat@nowhere.example", 1, soon)
            .await
            .is_none()
    );
    assert!(
        mailbox
            .wait_for("somebody@nowhere.example", 0, soon)
            .await
            .is_none()
    );
}

#[tokio::test]
async fn the_pages_show_a_mail_and_escape_it() {
    let mocks = mocks().await;
    deliver(&mocks, "pat@nowhere.example").await;
    let origin = &mocks.urls().mailbox.origin;
    let inbox = get(origin).await.text();
    assert!(
        inbox.contains(r#"<a href="/messages/1">Your code – 12345678</a>"#),
        "{inbox}"
    );
    let page = get(&format!("{origin}/messages/1")).await.text();
    assert!(page.contains("12345678") && !page.contains("<b>"), "{page}");
    assert_eq!(get(&format!("{origin}/messages/2")).await.status, 404);
}

#[tokio::test]
async fn the_mail_server_refuses_or_hangs_up_as_it_is_told() {
    let mocks = mocks().await;
    mocks
        .misbehave(Service::Mailbox, Misbehaviour::Http500)
        .unwrap();
    assert_eq!(
        deliver(&mocks, "pat@nowhere.example").await,
        "451 told to fail"
    );
    mocks.behave(Service::Mailbox);
    mocks
        .misbehave(Service::Mailbox, Misbehaviour::Truncated)
        .unwrap();
    assert_eq!(deliver(&mocks, "pat@nowhere.example").await, "");
    mocks.behave(Service::Mailbox);
    mocks
        .misbehave(Service::Mailbox, Misbehaviour::Huge)
        .unwrap();
    let mut stream = TcpStream::connect(mocks.urls().mailbox.smtp).await.unwrap();
    let mut greeting = vec![0; 1 << 20];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(mocks.mailbox().messages().len(), 0);
}
