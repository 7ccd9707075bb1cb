//! Upstreams that the tests write themselves.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// No test waits for anything longer than this, nor finds it slow before.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// An upstream that writes down what it got and answers every request on a connection of its own with `answer`.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) async fn new(answer: &str) -> Self {
        Self::answering(|_| answer.to_owned()).await
    }

    /// An answer that names the upstream's own address.
    pub(crate) async fn answering(answer: impl FnOnce(SocketAddr) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(answer(address));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                tokio::spawn(async move {
                    if let Some(request) = answered(stream, &answer).await {
                        all.lock().unwrap().push(request);
                    }
                });
            }
        });
        Self { address, seen }
    }

    /// What came, in lower case.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|request| request.to_lowercase())
            .collect()
    }

    pub(crate) fn only(&self) -> String {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().unwrap()
    }
}

async fn answered(mut stream: TcpStream, answer: &str) -> Option<String> {
    let mut got = Vec::new();
    while !is_whole(&got) {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => {
                return (!got.is_empty()).then(|| String::from_utf8_lossy(&got).into_owned());
            }
            Ok(n) => got.extend_from_slice(&part[..n]),
        }
    }
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()?;
    Some(String::from_utf8_lossy(&got).into_owned())
}

fn is_whole(got: &[u8]) -> bool {
    let text = String::from_utf8_lossy(got).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    match head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
    {
        Some(length) => body.len() >= length.parse().unwrap(),
        None => {
            !head.contains("transfer-encoding: chunked")
                || body.contains("0\r\n") && body.ends_with("\r\n\r\n")
        }
    }
}

/// The next connection.
pub(crate) async fn accepted(listener: &TcpListener) -> TcpStream {
    let accepted = tokio::time::timeout(PATIENCE, listener.accept()).await;
    accepted.expect("a connection in time").unwrap().0
}

/// Reads a head and not a byte more; in lower case.
pub(crate) async fn head(stream: &mut TcpStream) -> String {
    let mut got = Vec::new();
    while !got.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut byte)).await;
        assert_eq!(
            read.expect("a head in time").unwrap(),
            1,
            "{}",
            String::from_utf8_lossy(&got)
        );
        got.extend_from_slice(&byte);
    }
    String::from_utf8(got).unwrap().to_lowercase()
}

/// Reads until what came ends like that; in lower case.
pub(crate) async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut got = Vec::new();
    while !got.ends_with(end.as_bytes()) {
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut got)).await;
        assert!(
            read.expect("in time").unwrap() > 0,
            "{}",
            String::from_utf8_lossy(&got)
        );
    }
    String::from_utf8(got).unwrap().to_lowercase()
}
