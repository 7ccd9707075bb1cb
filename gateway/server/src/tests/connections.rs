//! How many connections there may be, and for how long without use.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::*;

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{{host}}connection: close\r\n\r\n")
}

async fn crowded(proxies: &'static [&'static str]) -> World {
    let upstream = Scripted::new(OK).await;
    World::with(upstream.address, move |configuration| {
        configuration.gateway.limits.connections_per_prefix = 2;
        configuration.gateway.limits.header_timeout = PATIENCE;
        configuration.gateway.trusted_proxies =
            proxies.iter().map(|net| net.parse().unwrap()).collect();
    })
    .await
}

#[tokio::test]
async fn one_network_does_not_take_all_connections() {
    let world = crowded(&[]).await;
    let first = world.connect().await;
    let _second = world.connect().await;
    let mut third = world.connect().await;
    let request = world.fill(&get("/_vestibule/jwks.json"));
    let _sent = third.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, third.read_to_end(&mut answer)).await;
    assert!(read.is_ok() && answer.is_empty(), "it is closed at once");
    drop(first);
    // The place is free when the gateway has seen the end, and not at once.
    let served = async {
        loop {
            let mut next = world.connect().await;
            let _sent = next.write_all(request.as_bytes()).await;
            let mut answer = Vec::new();
            if next.read_to_end(&mut answer).await.is_ok() && !answer.is_empty() {
                return answer;
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE, served).await.unwrap();
    assert_eq!(status(&String::from_utf8_lossy(&answer)), 200);
}

#[tokio::test]
async fn a_trusted_proxy_brings_as_many_as_it_has() {
    let world = crowded(&["127.0.0.1/32"]).await;
    let _open = [world.connect().await, world.connect().await];
    assert_eq!(status(&world.raw(&get("/_vestibule/jwks.json")).await), 200);
}
