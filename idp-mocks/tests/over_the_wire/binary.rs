//! The program.

use std::process::Stdio;
use std::time::Duration;

use idp_mocks::{Mocks, Settings, Urls};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::client::get;
use crate::oidc::Provider;

async fn started(arguments: &[&str]) -> (Child, Urls) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_idp-mocks"))
        .args(["--json", "--large-bytes", "0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).await.unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

#[tokio::test]
async fn the_program_says_where_it_listens_and_ends_when_told() {
    let arguments = [
        "--google",
        "accounts.localhost=127.0.0.1:0",
        "--misbehave",
        "google:http-500",
        "--client",
        "me:mine",
    ];
    let (mut child, urls) = started(&arguments).await;
    assert_eq!(
        urls.google.origin,
        format!("http://accounts.localhost:{}", urls.google.address.port())
    );
    assert_eq!(
        (urls.clients[0].id.as_str(), urls.clients[0].secret.as_str()),
        ("me", "mine")
    );
    let people = &urls.people;
    assert!(
        people
            .iter()
            .any(|person| person.address == "pat@nowhere.example")
    );
    let google = format!(
        "http://{}/.well-known/openid-configuration",
        urls.google.address
    );
    assert_eq!(get(&google).await.status, 500);
    Provider::discover(&urls.entra_worldwide.organizations).await;
    let id = child.id().unwrap().to_string();
    // The shell's own: not every machine has a program of that name.
    Command::new("/bin/sh")
        .args(["-c", "kill -TERM $1", "sh", &id])
        .status()
        .await
        .unwrap();
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn the_program_refuses_what_it_cannot_do() {
    for arguments in [
        ["--misbehave", "google:v1-token"],
        ["--misbehave", "google"],
        ["--tls-cert", "/nowhere"],
        ["--world", "/nowhere"],
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_idp-mocks"));
        let output = program.args(arguments).output().await.unwrap();
        assert!(!output.status.success(), "{arguments:?}");
    }
}

#[tokio::test]
async fn dropping_the_handle_ends_listeners_and_connections() {
    let mocks = Mocks::start(Settings {
        large_bytes: 0,
        ..Settings::default()
    })
    .await
    .unwrap();
    let address = mocks.urls().documents.address;
    let open = TcpStream::connect(address).await.unwrap();
    get(&format!("http://{address}/_status/200")).await;
    drop(mocks);
    let ended = async {
        open.readable().await.unwrap();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, ended).await.unwrap();
    assert_eq!(open.try_read(&mut [0]).unwrap_or(0), 0);
}
