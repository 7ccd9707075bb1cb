//! Whatever way somebody comes in by, the same is asked of them: every policy against every entry.

use gateway_config::model::Configuration;
use gateway_core::settings::SharingCapability;
use gateway_store::model::{Revocation, Revoked};

use super::support::*;
use crate::clock;

/// Every way to a document of ada's, with who asks left open: `{who}`.
const ENTRIES: [&str; 16] = [
    "GET /sites/projects/write/a HTTP/1.1\r\n{who}\r\n",
    "GET /sites/projects/write/a HTTP/1.1\r\n{who}range: bytes=0-0\r\n\r\n",
    "HEAD /sites/projects/write/a HTTP/1.1\r\n{who}\r\n",
    "OPTIONS /sites/projects/write/a HTTP/1.1\r\n{who}\r\n",
    "PROPFIND /sites/projects/write/a HTTP/1.1\r\n{who}depth: 0\r\n\r\n",
    "PROPFIND /sites/projects/write HTTP/1.1\r\n{who}depth: infinity\r\n\r\n",
    "PUT /sites/projects/write/a HTTP/1.1\r\n{who}content-length: 1\r\n\r\nx",
    "PROPPATCH /sites/projects/write/a HTTP/1.1\r\n{who}content-length: 0\r\n\r\n",
    "DELETE /sites/projects/write/a HTTP/1.1\r\n{who}\r\n",
    "MKCOL /sites/projects/write/a HTTP/1.1\r\n{who}\r\n",
    "LOCK /sites/projects/write/a HTTP/1.1\r\n{who}content-length: 0\r\n\r\n",
    "UNLOCK /sites/projects/write/a HTTP/1.1\r\n{who}lock-token: <urn:x>\r\n\r\n",
    "COPY /sites/projects/write/a HTTP/1.1\r\n{who}destination: /sites/projects/write/b\r\n\r\n",
    "MOVE /sites/projects/write/a HTTP/1.1\r\n{who}destination: /sites/projects/write/b\r\n\r\n",
    "GET /sites/projects/write/a HTTP/1.1\r\n{who}x-http-method-override: PUT\r\n\r\n",
    "GET /sites/projects/write/a HTTP/1.1\r\n{who}connection: upgrade\r\nupgrade: websocket\r\n\r\n",
];

/// Asks at every entry; nothing reaches the upstream, and HEAD alone has no body to say why.
async fn refused_everywhere(world: &World, upstream: &Scripted, who: &str, want: (u16, &str)) {
    for entry in ENTRIES {
        let mut request = entry.replace("{who}", who);
        if !request.contains("upgrade") {
            request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        }
        let answer = world.raw(&request).await;
        assert_eq!(status(&answer), want.0, "{entry}\n{answer}");
        if !entry.starts_with("HEAD") {
            assert_eq!(code(&answer), want.1, "{entry}");
        }
    }
    assert!(upstream.seen().is_empty(), "{:?}", upstream.seen());
}

async fn revoke(world: &World, what: Revoked) {
    let revocation = Revocation {
        what,
        at: clock::now(),
        until: None,
    };
    world
        .gateway
        .directory
        .revoke(revocation, Vec::new())
        .await
        .unwrap();
}

fn contoso(configuration: &mut Configuration) -> &mut gateway_config::model::Tenant {
    configuration.tenants.get_mut(&tenant()).unwrap()
}

#[tokio::test]
async fn every_entry_is_open_to_who_may() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    for entry in ENTRIES {
        let request =
            entry
                .replace("{who}", "{ada}")
                .replacen("\r\n", "\r\nconnection: close\r\n", 1);
        let before = upstream.seen().len();
        let answer = world.raw(&request).await;
        assert!(status(&answer) < 400, "{entry}\n{answer}");
        assert_eq!(upstream.seen().len(), before + 1, "{entry}");
    }
}

#[tokio::test]
async fn sec_087_a_session_that_is_not_ours_is_none_at_every_entry() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let elsewhere = World::new(upstream.address).await;
    // Sealed as well as ours, with somebody else's key.
    let forged = format!(
        "host: {HOST}\r\ncookie: {}\r\n",
        elsewhere.cookie(&elsewhere.ada())
    );
    refused_everywhere(&world, &upstream, &forged, (401, "sign-in-required")).await;
}

#[tokio::test]
async fn sec_088_what_the_upstream_is_told_opens_nothing_here() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let origin = format!("http://{HOST}:8080");
    let assertion = world
        .gateway
        .assertions
        .header(
            &world.ada(),
            &[],
            &origin,
            "urn:projects",
            &world.gateway.keyring,
            clock::now(),
        )
        .unwrap();
    let assertion = assertion.to_str().unwrap();
    let session = gateway_sign_in::session::COOKIE;
    for claimed in [
        format!("authorization: Bearer {assertion}\r\n"),
        format!("cookie: {session}={assertion}\r\n"),
        format!("x-vestibule-assertion: {assertion}\r\n"),
    ] {
        let answer = world
            .raw(&format!(
                "GET /sites/projects/read/a HTTP/1.1\r\n{{host}}{claimed}connection: close\r\n\r\n"
            ))
            .await;
        assert_eq!(code(&answer), "sign-in-required", "{claimed}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn sec_080_a_blocked_guest_is_refused_at_every_entry() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    revoke(&world, Revoked::Guest(tenant(), email(ADA))).await;
    refused_everywhere(&world, &upstream, "{ada}", (403, "guest-blocked")).await;
}

#[tokio::test]
async fn sec_096_who_is_no_longer_in_the_directory_is_refused_at_every_entry() {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, |configuration| {
        contoso(configuration).guests.clear();
        contoso(configuration).permissions.retain(|permission| {
            !matches!(
                permission.recipient,
                gateway_core::sharing::Recipient::Address(_)
            )
        });
    })
    .await;
    refused_everywhere(&world, &upstream, "{ada}", (403, "not-in-directory")).await;
}

#[tokio::test]
async fn sec_207_a_site_that_is_closed_is_closed_at_every_entry() {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, |configuration| {
        for site in contoso(configuration).sites.values_mut() {
            site.settings.sharing.capability = Some(SharingCapability::Disabled);
        }
    })
    .await;
    refused_everywhere(&world, &upstream, "{ada}", (403, "sharing-disabled")).await;
}

#[tokio::test]
async fn sec_207_a_tenant_that_shares_with_nobody_is_closed_at_every_entry() {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, |configuration| {
        let sharing = &mut contoso(configuration).settings.sharing;
        sharing.capability = SharingCapability::Disabled;
    })
    .await;
    refused_everywhere(&world, &upstream, "{ada}", (403, "sharing-disabled")).await;
}

#[tokio::test]
async fn sec_207_an_account_of_a_cloud_that_is_kept_out_is_refused_at_every_entry() {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, |configuration| {
        let mut clouds = (*configuration.clouds).clone();
        let here = clouds.0.values().next().unwrap().clone();
        let other = gateway_core::id::CloudName::parse("gcc-high").unwrap();
        clouds.0.insert(
            other.clone(),
            gateway_core::cloud::Cloud {
                instance: "elsewhere.example".to_owned(),
                authority: "https://elsewhere.example".to_owned(),
                ..here
            },
        );
        configuration.clouds = std::sync::Arc::new(clouds);
        contoso(configuration).settings.cloud = other;
    })
    .await;
    refused_everywhere(&world, &upstream, "{ada}", (403, "cloud-not-allowed")).await;
}
