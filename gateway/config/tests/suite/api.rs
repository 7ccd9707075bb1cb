//! `[listen.api]`: the management API.

use crate::support::World;

fn api(text: &str) -> World {
    World::new().gateway(&format!("[listen.api]\n{text}"))
}

#[test]
fn there_is_no_api_unless_it_is_asked_for() {
    assert!(World::new().loaded().configuration.gateway.api.is_none());
}

#[test]
fn sec_118_tokens_travel_over_tls_or_stay_on_the_machine() {
    let origin = "origin = \"https://gateway.contoso.example\"\n";
    api(&format!("{origin}address = \"0.0.0.0:8444\"\n")).refused(&[
        "own/default.toml:7:9: listen.api: has no `tls`: give `tls = { certificate = \"…\", key = \"…\" }`",
    ]);
    api(&format!("{origin}address = \"0.0.0.0:8444\"\nplain_http = true\n")).refused(&[
        "own/default.toml:10:1: listen.api.plain_http: is only for an address on loopback: tokens would travel in the open",
    ]);
    api(&format!(
        "{origin}address = \"127.0.0.1:8444\"\nplain_http = true\n"
    ))
    .warned(&[]);
    api(&format!("{origin}address = \"[::1]:8444\"\nplain_http = true\nclient_ca = \"ca.pem\"\n"))
        .file("own/ca.pem", "")
        .mode("own/ca.pem", 0o644)
        .refused(&["own/default.toml:11:1: listen.api.client_ca: needs `tls`: certificates are shown over TLS only"]);
    let tls = "tls = { certificate = \"chain.pem\", key = \"key.pem\" }\n";
    let world = |origin: &str| {
        api(&format!(
            "address = \"[::]:8444\"\n{tls}origin = \"{origin}\"\n"
        ))
        .file("own/chain.pem", "")
        .file("own/key.pem", "")
    };
    world("https://gateway.contoso.example").warned(&[]);
    world("http://gateway.contoso.example").refused(&[
        "own/default.toml:10:1: listen.api.origin: must begin with `https://`, for there is `tls`",
    ]);
}

#[test]
fn what_tokens_are_made_for_is_what_is_given_or_the_usual() {
    let audiences = |more: &str| {
        let world = api(&format!(
            "address = \"127.0.0.1:8444\"\nplain_http = true\norigin = \"https://gateway.contoso.example:443/\"\n{more}"
        ));
        let api = world.loaded().configuration.gateway.api.unwrap();
        assert_eq!(api.origin, "https://gateway.contoso.example");
        api.audiences.into_iter().collect::<Vec<_>>()
    };
    let usual = [
        "00000003-0000-0000-c000-000000000000",
        "https://gateway.contoso.example",
        "https://graph.microsoft.com",
    ];
    assert_eq!(audiences(""), usual);
    assert_eq!(audiences("audiences = [\"api://x\"]\n"), ["api://x"]);
    api("address = \"127.0.0.1:8444\"\nplain_http = true\norigin = \"nowhere\"\naudiences = []\n").refused(&[
        "own/default.toml:10:1: listen.api.origin: must be an origin such as `https://docs.example:8443`, without user, path and query",
        "own/default.toml:11:1: listen.api.audiences: must not be empty: no token would be accepted",
    ]);
    api("plain_http = true\nbody_bytes = 1\n").refused(&[
        "own/default.toml:7:9: listen.api.address: is required: give address and port such as `127.0.0.1:8443`",
        "own/default.toml:7:9: listen.api.origin: is required: give the origin that clients reach it at, such as `https://gateway.contoso.com:8444`",
        "own/default.toml:9:1: listen.api.body_bytes: must be at least 65536",
    ]);
}

#[test]
fn uploads_in_parts_are_kept_beside_the_store_within_limits() {
    let uploads = |more: &str| {
        api(&format!(
            "address = \"127.0.0.1:8444\"\nplain_http = true\norigin = \"https://gateway.contoso.example\"\n{more}"
        ))
    };
    let usual = uploads("").loaded().configuration.gateway;
    let api = usual.api.unwrap();
    let gateway_config::model::StoreLocation::Sqlite(store) = &usual.store else {
        panic!("{:?}", usual.store);
    };
    assert_eq!(
        Some(api.uploads.folder.as_path()),
        store
            .parent()
            .map(|folder| folder.join("uploads"))
            .as_deref()
    );
    assert_eq!(api.uploads.lifetime.as_secs(), 3600);
    let set = uploads(
        "uploads = { folder = \"/srv/parts\", session_bytes = 10, total_bytes = 20, sessions_per_person = 1, lifetime = \"5m\" }\n",
    );
    let set = set.loaded().configuration.gateway.api.unwrap().uploads;
    assert_eq!(set.folder, std::path::Path::new("/srv/parts"));
    assert_eq!((set.session_bytes, set.total_bytes), (10, 20));
    assert_eq!((set.sessions_per_person, set.sessions_per_tenant), (1, 256));
    assert_eq!(set.lifetime.as_secs(), 300);
    let small = uploads("uploads = { total_bytes = 20 }\n").loaded();
    assert_eq!(
        small
            .configuration
            .gateway
            .api
            .unwrap()
            .uploads
            .session_bytes,
        20
    );
    uploads("uploads = { session_bytes = 30, total_bytes = 20, lifetime = \"25h\" }\n")
        .refused(&["own/default.toml:11:51: listen.api.uploads.lifetime: must be 1m to 1day"]);
    uploads("uploads = { session_bytes = 30, total_bytes = 20 }\n").refused(&[
        "own/default.toml:11:13: listen.api.uploads.session_bytes: must not be more than `total_bytes`: no upload of that length would end",
    ]);
}
