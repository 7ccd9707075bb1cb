//! Which cloud a sign-in proves.

use plugins_oidc_testing::{Scene, assert_done, assert_rejected, keys};
use plugins_sdk::message::{CloudEndpoints, Freshness, OpenRequest, RejectReason};
use plugins_sdk::testing::{ContractBroken, Driver};
use serde_json::{Value, json};

use super::{
    AUTHORITY, FABRIKAM, MALLORY, WorkSchool, any, document_url, request, scene, scene_at,
};

const US: &str = "https://login.microsoftonline.us";
const CHINA: &str = "https://login.partner.microsoftonline.cn";

/// What is wrong with a token, and how it comes about.
type Change = (&'static str, fn(&mut plugins_oidc_testing::Token));

/// The five clouds of the shipped configuration, and one that nobody knows.
fn in_every_cloud(further: &Value) -> OpenRequest {
    let mut request = request(further);
    request.clouds = [
        ("worldwide", "microsoftonline.com", AUTHORITY),
        ("gcc", "microsoftonline.com", AUTHORITY),
        ("gcc-high", "microsoftonline.us", US),
        ("dod", "microsoftonline.us", US),
        ("china-21vianet", "partner.microsoftonline.cn", CHINA),
        ("new", "microsoftonline.us", US),
    ]
    .map(|(name, instance, authority)| CloudEndpoints {
        name: name.to_owned(),
        instance: instance.to_owned(),
        authority: authority.to_owned(),
        consumers: authority == AUTHORITY,
    })
    .to_vec();
    request
}

fn any_of(cloud: &str) -> Driver<WorkSchool> {
    let settings = json!({ "cloud": cloud, "any_tenant": true });
    Driver::open(&in_every_cloud(&settings)).unwrap()
}

/// A sign-in at `authority` of somebody whose tenant's document says so.
fn living_in(authority: &str, region: &Value) -> Scene {
    let mut scene = scene_at(authority);
    let (_, document) = scene.further.get_mut(&document_url(authority)).unwrap();
    for (name, value) in region.as_object().unwrap() {
        document[name] = value.clone();
    }
    scene
}

#[track_caller]
fn refused(scene: &Scene, driver: &Driver<WorkSchool>, name: &str, detail: &str) {
    let played = scene.play(driver);
    assert_rejected(&played, name, RejectReason::CloudNotAllowed, detail);
}

/// A.1: host names and issuers are the same in two clouds each; the sub-scope of the tenant is not.
#[test]
fn a_tenant_that_nobody_listed_is_of_the_cloud_that_its_document_names() {
    let usual = [
        (
            "worldwide",
            AUTHORITY,
            json!({ "tenant_region_sub_scope": null }),
        ),
        (
            "gcc",
            AUTHORITY,
            json!({ "tenant_region_sub_scope": "GCC" }),
        ),
        (
            "gcc-high",
            US,
            json!({ "tenant_region_scope": "USGov", "tenant_region_sub_scope": "DODCON" }),
        ),
        (
            "dod",
            US,
            json!({ "tenant_region_scope": "USGOV", "tenant_region_sub_scope": "dod" }),
        ),
        (
            "china-21vianet",
            CHINA,
            json!({ "cloud_instance_name": "partner.microsoftonline.cn", "tenant_region_sub_scope": null }),
        ),
    ];
    for (cloud, authority, region) in &usual {
        let claims = assert_done(living_in(authority, region).play(&any_of(cloud)));
        assert_eq!(claims.cloud.as_deref(), Some(*cloud));
    }
    let of_another = "`tenant_region_sub_scope` is that of another cloud";
    for (cloud, authority, region) in [
        ("worldwide", AUTHORITY, &usual[1].2),
        ("gcc", AUTHORITY, &usual[0].2),
        ("gcc-high", US, &usual[3].2),
        ("dod", US, &usual[2].2),
    ] {
        refused(
            &living_in(authority, region),
            &any_of(cloud),
            cloud,
            of_another,
        );
    }
}

#[test]
fn a_document_that_is_not_the_tenants_own_proves_nothing() {
    let rows = [
        (
            json!({ "issuer": format!("{AUTHORITY}/{MALLORY}/v2.0") }),
            "that of another",
        ),
        // The worldwide authority also describes tenants of US Government.
        (
            json!({ "issuer": format!("{US}/{FABRIKAM}/v2.0") }),
            "that of another",
        ),
        (
            json!({ "cloud_instance_name": "microsoftonline.us" }),
            "another instance",
        ),
        (json!({ "cloud_instance_name": null }), "another instance"),
        (json!({ "tenant_region_scope": "USG" }), "nobody"),
        (json!({ "tenant_region_scope": "usg" }), "nobody"),
        (json!({ "issuer": null }), "cannot be read"),
        (json!({ "tenant_region_sub_scope": 1 }), "cannot be read"),
    ];
    for (region, detail) in rows {
        refused(
            &living_in(AUTHORITY, &region),
            &any(),
            &region.to_string(),
            detail,
        );
    }
    let mut gone = scene();
    gone.further
        .insert(document_url(AUTHORITY), (404, json!({})));
    let played = gone.play(&any());
    assert_rejected(
        &played,
        "no document",
        RejectReason::ProviderUnavailable,
        "status 404",
    );
}

#[test]
fn a_listed_tenant_is_where_the_operator_says() {
    for (cloud, authority) in [("gcc", AUTHORITY), ("dod", US)] {
        let settings = json!({ "cloud": cloud, "tenants": [FABRIKAM] });
        let driver = Driver::<WorkSchool>::open(&in_every_cloud(&settings)).unwrap();
        let scene = scene_at(authority);
        let played = scene.play(&driver);
        assert!(played.fetched_beyond(&scene).is_empty());
        assert_eq!(assert_done(played).cloud.as_deref(), Some(cloud));
    }
}

/// S114: the tenant's document is asked for when everything about the token has been verified, and of no host but
/// the authority.
#[test]
fn sec_114_an_unverified_token_makes_nobody_ask_for_anything() {
    let good = scene();
    let played = good.play(&any());
    let (request, freshness) = played.fetches.last().unwrap();
    assert_eq!(
        (request.url.clone(), *freshness),
        (document_url(AUTHORITY), Freshness::Cached)
    );
    assert_eq!(played.fetched_beyond(&good).len(), 1);
    let changes: [Change; 6] = [
        ("another's signature", |token| {
            token.sign = keys::foreign_rs256;
        }),
        ("no signature", |token| token.sign = keys::unsigned),
        ("tid of another", |token| token.claim("tid", MALLORY)),
        ("tid a path", |token| {
            token.claim("tid", "../../mallory.example");
        }),
        ("nonce of another", |token| token.claim("nonce", "x")),
        ("expired", |token| token.claim("exp", 1)),
    ];
    for (name, change) in changes {
        let mut bad = scene();
        bad.spoil = Box::new(change);
        let played = bad.play(&any());
        assert!(
            matches!(played.end, plugins_sdk::message::Step::Reject { .. }),
            "{name}"
        );
        assert!(
            played.fetched_beyond(&bad).is_empty(),
            "{name}: {:?}",
            played.fetches
        );
    }
}

#[test]
fn a_cloud_that_nothing_tells_apart_needs_a_sub_scope() {
    let open = |settings: Value| Driver::<WorkSchool>::open(&in_every_cloud(&settings));
    let Err(ContractBroken::Refused(problems)) =
        open(json!({ "cloud": "new", "any_tenant": true }))
    else {
        panic!("opened");
    };
    assert_eq!(problems[0].key, "region_sub_scope");
    let given = json!({ "cloud": "new", "any_tenant": true, "region_sub_scope": "NEW" });
    let driver = open(given).unwrap();
    let there = living_in(US, &json!({ "tenant_region_sub_scope": "New" }));
    assert_eq!(
        assert_done(there.play(&driver)).cloud.as_deref(),
        Some("new")
    );
    refused(&scene_at(US), &driver, "GCC High", "another cloud");
    let empty = json!({ "cloud": "new", "any_tenant": true, "region_sub_scope": "" });
    let driver = open(empty).unwrap();
    refused(
        &there,
        &driver,
        "a sub-scope where none is",
        "another cloud",
    );
    let stray = json!({ "cloud": "new", "tenants": [FABRIKAM], "region_sub_scope": "NEW" });
    assert!(open(stray).is_err());
}
