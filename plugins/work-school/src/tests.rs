//! The work or school provider, driven as the gateway does.

mod contexts;
mod credentials;
mod issuers;
mod logout;
mod regions;
mod settings;

use plugins_oidc_testing::{Scene, assert_done, corpus, keys};
use plugins_sdk::message::{CloudEndpoints, EmailProof, OpenRequest};
use plugins_sdk::testing::{Driver, open_request};
use serde_json::{Value, json};

use crate::WorkSchool;

const AUTHORITY: &str = "https://login.microsoftonline.com";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const FABRIKAM: &str = "33333333-3333-4333-8333-333333333333";
const MALLORY: &str = "66666666-6666-4666-8666-666666666666";

fn request(further: &Value) -> OpenRequest {
    let mut settings = json!({ "client_id": "client", "client_secret": keys::CLIENT_SECRET });
    for (name, value) in further.as_object().unwrap() {
        settings[name] = value.clone();
    }
    let mut request = open_request(settings);
    request.clouds.push(CloudEndpoints {
        name: "gcc-high".to_owned(),
        instance: "microsoftonline.us".to_owned(),
        authority: "https://login.microsoftonline.us".to_owned(),
        consumers: false,
    });
    request
}

fn driver(further: &Value) -> Driver<WorkSchool> {
    Driver::open(&request(further)).unwrap()
}

fn any() -> Driver<WorkSchool> {
    driver(&json!({ "any_tenant": true }))
}

fn scene() -> Scene {
    scene_at(AUTHORITY)
}

fn scene_at(authority: &str) -> Scene {
    let claims = json!({
        "iss": format!("{authority}/{FABRIKAM}/v2.0"),
        "sub": "pairwise",
        "aud": "client",
        "ver": "2.0",
        "tid": FABRIKAM,
        "oid": "aaaaaaaa-0000-4000-8000-000000000001",
        "email": "ada@fabrikam.example",
        "preferred_username": "ada@fabrikam.example",
    });
    let template = format!("{authority}/{{tenantid}}/v2.0");
    let mut scene = Scene::new(authority, &template, claims).with_key_issuer(&template);
    let (instance, sub_scope) = match authority {
        AUTHORITY => ("microsoftonline.com", None),
        _ => ("microsoftonline.us", Some("DODCON")),
    };
    let document = json!({
        "issuer": format!("{authority}/{FABRIKAM}/v2.0"),
        "cloud_instance_name": instance,
        "tenant_region_scope": "NA",
        "tenant_region_sub_scope": sub_scope,
    });
    scene
        .further
        .insert(document_url(authority), (200, document));
    scene
}

/// Where the tenant's own document is.
fn document_url(authority: &str) -> String {
    format!("{authority}/{FABRIKAM}/v2.0/.well-known/openid-configuration")
}

#[test]
fn sec_103_every_bad_token_is_refused() {
    corpus::replay(&any(), scene);
}

#[test]
fn the_person_is_cloud_tenant_and_object() {
    let mut scene = scene();
    scene.token.claim("sid", "s-1");
    scene.token.claim("amr", json!(["pwd", "mfa"]));
    let claims = assert_done(scene.play(&any()));
    assert_eq!(claims.issuer, format!("{AUTHORITY}/{FABRIKAM}/v2.0"));
    assert_eq!(claims.tenant.as_deref(), Some(FABRIKAM));
    assert_eq!(claims.subject, "aaaaaaaa-0000-4000-8000-000000000001");
    assert_eq!(claims.cloud.as_deref(), Some("worldwide"));
    assert_eq!(claims.sid.as_deref(), Some("s-1"));
    assert_eq!(claims.amr, ["pwd", "mfa"]);
    assert!(claims.authenticated_at.is_some());
}

/// Whoever administers a tenant writes what he likes into `email`.
#[test]
fn sec_074_an_address_proves_something_only_with_edov() {
    let proof = |edov: Option<Value>| {
        let mut scene = scene();
        scene.token.claim("email_verified", true);
        if let Some(edov) = edov {
            scene.token.claim("xms_edov", edov);
        }
        assert_done(scene.play(&any())).email.unwrap().proof
    };
    for vouched in [json!(true), json!(1), json!("1"), json!("true")] {
        assert_eq!(
            proof(Some(vouched.clone())),
            EmailProof::DomainOwner,
            "{vouched}"
        );
    }
    for not in [
        json!(false),
        json!(0),
        json!("0"),
        json!("false"),
        json!(2),
        json!("True"),
        json!(""),
        json!(null),
        json!([true]),
        json!({ "a": 1 }),
        json!(1.5),
    ] {
        assert_eq!(proof(Some(not.clone())), EmailProof::None, "{not}");
    }
    assert_eq!(proof(None), EmailProof::None);
}

#[test]
fn a_user_name_is_no_address() {
    let mut scene = scene();
    scene.token.without_claim("email");
    scene.token.claim("xms_edov", true);
    scene.token.claim("upn", "ada@fabrikam.example");
    assert_eq!(assert_done(scene.play(&any())).email, None);
}

/// An overage says that there are groups and not which: nothing is taken from it, and nobody asks where it points to.
#[test]
fn sec_097_groups_in_a_token_are_neither_read_nor_fetched() {
    let plain = assert_done(scene().play(&any()));
    for (name, value) in [
        ("groups", json!(["aaaaaaaa-0000-4000-8000-00000000000a"])),
        ("hasgroups", json!(true)),
        ("_claim_names", json!({ "groups": "src1" })),
        (
            "_claim_names",
            json!({ "email": "src1", "xms_edov": "src1" }),
        ),
    ] {
        let mut scene = scene();
        scene.token.claim(name, value);
        let endpoint = "https://graph.windows.net/fabrikam/users/x/getMemberObjects";
        let sources = json!({ "src1": { "endpoint": endpoint } });
        scene.token.claim("_claim_sources", sources);
        let played = scene.play(&any());
        // The tenant's own document is asked which cloud it is in, and nobody else anything.
        let beyond = played.fetched_beyond(&scene);
        let own = |url: &&str| url.starts_with("https://login.microsoftonline.com/");
        assert!(beyond.iter().all(own), "{name}: {beyond:?}");
        assert_eq!(assert_done(played), plain, "{name}");
    }
}
