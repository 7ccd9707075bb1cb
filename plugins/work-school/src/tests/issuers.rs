//! Entra's issuer rule: who may speak for which tenant, with which key.

use plugins_oidc::entra::CONSUMERS;
use plugins_oidc_testing::{Scene, Token, assert_done, assert_rejected};
use plugins_sdk::message::RejectReason;
use serde_json::json;

use super::{AUTHORITY, FABRIKAM, MALLORY, TEMPLATE, any, driver, scene, scene_at};

fn refused(name: &str, detail: &str, change: impl Fn(&mut Token)) {
    let mut bad = scene();
    change(&mut bad.token);
    assert_rejected(&bad.play(&any()), name, RejectReason::AnswerInvalid, detail);
}

fn issuer_of(tenant: &str) -> String {
    format!("{AUTHORITY}/{tenant}/v2.0")
}

/// J.2: a key whose issuer is the consumers' own vouches for nobody else.
#[test]
fn a_key_of_the_consumers_does_not_vouch_for_an_organisation() {
    let played = scene().with_key_issuer(&issuer_of(CONSUMERS)).play(&any());
    assert_rejected(
        &played,
        "consumer key",
        RejectReason::AnswerInvalid,
        "issuer not trusted",
    );
}

#[test]
fn a_key_vouches_only_for_its_own_issuer() {
    let keys = [
        issuer_of(MALLORY),
        TEMPLATE.replace("/v2.0", ""),
        "https://login.microsoftonline.us/{tenantid}/v2.0".to_owned(),
        "https://sts.windows.net/{tenantid}/".to_owned(),
        "{tenantid}".to_owned(),
        String::new(),
    ];
    for key in keys {
        let played = scene().with_key_issuer(&key).play(&any());
        assert_rejected(
            &played,
            &key,
            RejectReason::AnswerInvalid,
            "issuer not trusted",
        );
    }
    let mut bare = scene();
    for key in &mut bare.keys {
        key.as_object_mut().unwrap().remove("issuer").unwrap();
    }
    let played = bare.play(&any());
    assert_rejected(
        &played,
        "no key issuer",
        RejectReason::AnswerInvalid,
        "issuer not trusted",
    );
}

#[test]
fn a_key_of_one_tenant_and_any_case_of_the_placeholder_will_do() {
    let keys = [
        issuer_of(FABRIKAM),
        TEMPLATE.replace("{tenantid}", "{TenantId}"),
        TEMPLATE.replace("{tenantid}", "{TENANTID}"),
    ];
    for key in keys {
        assert_done(scene().with_key_issuer(&key).play(&any()));
    }
}

/// J.3.
#[test]
fn sec_100_issuer_and_tenant_must_agree_and_be_one() {
    refused("tid of another", "issuer not trusted", |token| {
        token.claim("tid", MALLORY);
    });
    refused("iss of another", "issuer not trusted", |token| {
        token.claim("iss", issuer_of(MALLORY));
    });
    refused("tid missing", "issuer not trusted", |token| {
        token.without_claim("tid");
    });
    for word in [
        "common",
        "organizations",
        "fabrikam.example",
        "{tenantid}",
        "../x",
        "",
    ] {
        refused(word, "issuer not trusted", |token| {
            token.claim("tid", word);
            token.claim("iss", issuer_of(word));
        });
    }
    let upper = "AAAAAAAA-0000-4000-8000-000000000000";
    refused("tid in upper case", "issuer not trusted", |token| {
        token.claim("tid", upper);
        token.claim("iss", issuer_of(upper));
    });
}

/// J.4.
#[test]
fn tokens_of_version_1_are_refused() {
    refused("version 1 issuer", "issuer not trusted", |token| {
        token.claim("iss", format!("https://sts.windows.net/{FABRIKAM}/"));
        token.claim("ver", "1.0");
    });
    refused("version 1", "`ver`", |token| token.claim("ver", "1.0"));
    refused("no version", "`ver`", |token| token.without_claim("ver"));
    refused("no oid", "`oid`", |token| token.without_claim("oid"));
    refused("empty oid", "`oid`", |token| token.claim("oid", ""));
}

/// J.1.
#[test]
fn the_same_tenant_id_in_another_cloud_is_another_person() {
    let us = driver(&json!({ "any_tenant": true, "cloud": "gcc-high" }));
    let there = assert_done(scene_at("https://login.microsoftonline.us").play(&us));
    let here = assert_done(scene().play(&any()));
    assert_eq!(there.tenant, here.tenant);
    assert_eq!(there.subject, here.subject);
    assert_ne!(there.issuer, here.issuer);
    assert_eq!(there.cloud.as_deref(), Some("gcc-high"));
}

#[test]
fn a_token_of_another_cloud_is_refused() {
    refused("US Government", "issuer not trusted", |token| {
        token.claim(
            "iss",
            format!("https://login.microsoftonline.us/{FABRIKAM}/v2.0"),
        );
    });
    let document = Scene::new(
        AUTHORITY,
        "https://login.microsoftonline.us/{tenantid}/v2.0",
        json!({}),
    );
    assert_rejected(
        &document.play(&any()),
        "document of another cloud",
        RejectReason::ProviderUnavailable,
        "is that of issuer",
    );
}

#[test]
fn tenants_are_let_in_by_the_list() {
    let listed = driver(&json!({ "tenants": [FABRIKAM.to_uppercase()] }));
    assert_done(scene().play(&listed));
    let others = driver(&json!({ "tenants": [MALLORY] }));
    assert_rejected(
        &scene().play(&others),
        "not listed",
        RejectReason::TenantNotAllowed,
        FABRIKAM,
    );
}

#[test]
fn a_personal_account_is_refused_even_where_any_tenant_is_let_in() {
    let mut personal = scene().with_key_issuer(&issuer_of(CONSUMERS));
    personal.token.claim("tid", CONSUMERS);
    personal.token.claim("iss", issuer_of(CONSUMERS));
    assert_rejected(
        &personal.play(&any()),
        "personal account",
        RejectReason::AccountNotAllowed,
        "personal account",
    );
}

#[test]
fn the_sign_in_page_of_one_tenant_takes_only_its_tokens() {
    let own = driver(&json!({ "tenant": FABRIKAM }));
    let concrete = |tenant: &str| {
        let mut scene = scene();
        scene.document["issuer"] = issuer_of(tenant).into();
        scene
    };
    let played = concrete(FABRIKAM).play(&own);
    assert_eq!(
        played.fetches[0].0.url,
        format!("{AUTHORITY}/{FABRIKAM}/v2.0/.well-known/openid-configuration")
    );
    assert_done(played);
    for (name, mut other) in [("template", scene()), ("another tenant", concrete(MALLORY))] {
        other.token.claim("tid", FABRIKAM);
        assert_rejected(
            &other.play(&own),
            name,
            RejectReason::ProviderUnavailable,
            "is that of issuer",
        );
    }
    let mut foreign = concrete(FABRIKAM);
    foreign.token.claim("tid", MALLORY);
    foreign.token.claim("iss", issuer_of(MALLORY));
    assert_rejected(
        &foreign.play(&own),
        "token of another tenant",
        RejectReason::AnswerInvalid,
        "issuer not trusted",
    );
}

/// S112 where the document's issuer is a template: the response names a tenant, and the token must be that
/// tenant's.
#[test]
fn sec_112_the_response_and_the_token_name_the_same_tenant() {
    let answered_by = |issuer: String| {
        let mut scene = scene();
        scene.answer = Box::new(move |fields| {
            fields.insert("iss".to_owned(), issuer.clone());
        });
        scene.play(&any())
    };
    assert_done(answered_by(issuer_of(FABRIKAM)));
    for (issuer, detail) in [
        (issuer_of(MALLORY), "issuer not trusted"),
        (TEMPLATE.to_owned(), "`iss`"),
        (issuer_of("common"), "`iss`"),
        ("https://mallory.example".to_owned(), "`iss`"),
    ] {
        assert_rejected(
            &answered_by(issuer.clone()),
            &issuer,
            RejectReason::AnswerInvalid,
            detail,
        );
    }
}
