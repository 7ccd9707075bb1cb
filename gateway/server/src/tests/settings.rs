//! What settings make of requests, as far as only the gateway knows it: where one comes from, when the last one came, and
//! how a refusal looks.

use gateway_config::model::Configuration;
use gateway_core::network::AddressRanges;
use gateway_core::settings::directory::{ConditionalAccessPolicy, GrantControl};
use gateway_core::settings::value::Raw;
use gateway_core::settings::{SiteSharing, TenantSharing};

use super::support::*;

fn sharing(configuration: &mut Configuration, set: impl Fn(&mut TenantSharing)) {
    for tenant in configuration.tenants.values_mut() {
        set(&mut tenant.settings.sharing);
    }
}

fn sites(configuration: &mut Configuration, set: impl Fn(&mut SiteSharing)) {
    for tenant in configuration.tenants.values_mut() {
        for site in tenant.sites.values_mut() {
            set(&mut site.settings.sharing);
        }
    }
}

/// Status and code of what `request` is answered.
async fn answer(adjust: impl FnOnce(&mut Configuration), request: &str) -> (u16, String) {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, adjust).await;
    let answer = world
        .raw(&request.replacen("\r\n", "\r\nconnection: close\r\n", 1))
        .await;
    let code = match status(&answer) {
        200 | 303 => answer.clone(),
        _ => code(&answer),
    };
    (status(&answer), code)
}

const READ: &str = "GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n";
const HEAD: &str = "OPTIONS /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n";

fn refused(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

#[tokio::test]
async fn a_locked_site_is_closed() {
    let locked = |configuration: &mut Configuration| {
        sites(configuration, |site| {
            site.set("LockState", &Raw::text("NoAccess")).unwrap();
        });
    };
    assert_eq!(answer(locked, READ).await, refused("site-locked"));
}

#[tokio::test]
async fn requests_come_from_where_the_connection_comes_from() {
    let only = |ranges: &'static str| {
        move |configuration: &mut Configuration| {
            sharing(configuration, |sharing| {
                sharing.ip_enforcement = true;
                sharing.ip_ranges = AddressRanges::parse([ranges]).unwrap();
            });
        }
    };
    assert_eq!(answer(only("127.0.0.0/8"), READ).await.0, 200);
    let elsewhere = answer(only("192.0.2.0/24"), READ).await;
    assert_eq!(elsewhere, refused("network-not-trusted"));
}

#[tokio::test]
async fn bytes_are_a_download_and_what_is_about_them_is_not() {
    let blocked = |configuration: &mut Configuration| {
        sites(configuration, |site| site.block_download = true);
    };
    assert_eq!(answer(blocked, READ).await, refused("download-blocked"));
    assert_eq!(answer(blocked, HEAD).await.0, 200);
}

/// Ada's request of a session that was sealed `ago` seconds ago.
async fn after(ago: i64, adjust: impl FnOnce(&mut Configuration)) -> String {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, adjust).await;
    let mut session = world.ada();
    session.sealed_at = session.sealed_at.plus(-ago);
    let request = format!(
        "GET /sites/projects/read/a HTTP/1.1\r\nhost: {HOST}\r\ncookie: {}\r\naccept: text/html\r\nconnection: close\r\n\r\n",
        world.cookie(&session)
    );
    world.raw(&request).await.to_lowercase()
}

#[tokio::test]
async fn who_was_idle_for_too_long_signs_in_anew() {
    let idle = |configuration: &mut Configuration| {
        sharing(configuration, |sharing| {
            sharing.set("SignOutAfter", &Raw::Number(100)).unwrap();
        });
    };
    let answer = after(120, idle).await;
    assert_eq!(status(&answer), 303, "{answer}");
    let location =
        "location: /_vestibule/sign-in?return_to=%2fsites%2fprojects%2fread%2fa&fresh=1\r\n";
    assert!(answer.contains(location), "{answer}");
    let answer = after(50, idle).await;
    assert_eq!(status(&answer), 200);
    assert!(
        answer.contains("set-cookie:"),
        "the idle time begins anew: {answer}"
    );
    let answer = after(50, |_| {}).await;
    assert!(!answer.contains("set-cookie:"), "{answer}");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_in_words() {
    let demanded = |configuration: &mut Configuration| {
        for tenant in configuration.tenants.values_mut() {
            let policy = ConditionalAccessPolicy {
                name: "second factor".to_owned(),
                sites: None,
                context: None,
                risks: [].into(),
                members: false,
                controls: [GrantControl::Mfa].into(),
                sign_in_frequency: None,
            };
            tenant.settings.directory.conditional_access = vec![policy];
        }
    };
    assert_eq!(answer(demanded, READ).await, refused("mfa-required"));
    let page = READ.replace("\r\n{ada}", "\r\naccept: text/html\r\n{ada}");
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, demanded).await;
    let page = world
        .raw(&page.replacen("\r\n", "\r\nconnection: close\r\n", 1))
        .await;
    assert_eq!(status(&page), 403);
    assert!(page.contains("A second step is demanded here."), "{page}");
}
