//! Providers are read again while the gateway runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_sign_in::Changed;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::*;

const READ: &str = "GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n";

/// Switches every provider off, or on again, for the tenant.
fn serve(world: &World, on: bool) {
    let gateway = &world.gateway;
    let mut providers = gateway.declared.providers.clone();
    for provider in providers.values_mut() {
        provider.tenants = (!on).then(BTreeSet::new);
    }
    let configuration = Arc::new(gateway.declared.with_providers(providers));
    gateway.replace_sign_in(Changed {
        configuration,
        providers: silent_providers(),
        network: nowhere(),
    });
}

#[tokio::test]
async fn sec_079_sessions_end_with_a_provider_that_is_switched_off() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    assert_eq!(status(&world.raw(READ).await), 200);
    serve(&world, false);
    assert_eq!(code(&world.raw(READ).await), "sign-in-required");
    serve(&world, true);
    assert_eq!(status(&world.raw(READ).await), 200);
}

#[tokio::test]
async fn sec_079_a_running_transfer_ends_with_its_provider() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let (mut client, _upstream, mut got) = downloading(&world, &listener, 100).await;
    serve(&world, false);
    let ended = tokio::time::timeout(PATIENCE, client.read_to_end(&mut got)).await;
    assert!(ended.is_ok(), "still open");
    assert!(got.ends_with(b"begin"));
}

#[tokio::test]
async fn a_running_transfer_goes_on_when_its_provider_is_read_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let (mut client, mut upstream, _) = downloading(&world, &listener, 8).await;
    serve(&world, true);
    upstream.write_all(b"end").await.unwrap();
    until(&mut client, "end").await;
}
