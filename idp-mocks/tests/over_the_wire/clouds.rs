//! Tenants of every cloud, as they show themselves.

use idp_mocks::{Mocks, Settings, TWIN_DOMAIN, TWIN_TENANT, demo};
use serde_json::{Value, json};

use crate::client::get;
use crate::oidc::Provider;

async fn every_cloud() -> Mocks {
    let settings = Settings {
        world: demo().with_every_cloud(),
        large_bytes: 8 << 20,
        ..Settings::default()
    };
    Mocks::start(settings).await.unwrap()
}

async fn document(origin: &str, tenant: &str) -> Value {
    get(&format!(
        "{origin}/{tenant}/v2.0/.well-known/openid-configuration"
    ))
    .await
    .json()
}

#[tokio::test]
async fn every_tenant_tells_its_region_by_domain_and_by_id() {
    let mocks = every_cloud().await;
    let urls = mocks.urls();
    let (worldwide, us, china) = (
        &urls.entra_worldwide.origin,
        &urls.entra_usgov.origin,
        &urls.entra_china.origin,
    );
    let rows = [
        (
            worldwide,
            "relecloud.example",
            "microsoftonline.com",
            json!("EU"),
            None,
        ),
        (
            worldwide,
            "city.example",
            "microsoftonline.com",
            json!("NA"),
            Some("GCC"),
        ),
        (
            us,
            "contractor.example",
            "microsoftonline.us",
            json!("USGov"),
            Some("DODCON"),
        ),
        (
            us,
            "base.example",
            "microsoftonline.us",
            json!("USGov"),
            Some("DOD"),
        ),
        (
            us,
            "alone.example",
            "microsoftonline.us",
            json!("USG"),
            Some("DODCON"),
        ),
        (
            china,
            "nianhua.example",
            "partner.microsoftonline.cn",
            json!(null),
            None,
        ),
    ];
    for (origin, domain, instance, scope, sub_scope) in rows {
        let by_domain = document(origin, domain).await;
        let issuer = by_domain["issuer"].as_str().unwrap();
        let tenant = issuer.split('/').nth(3).unwrap();
        assert_eq!(
            issuer,
            format!("{origin}/{tenant}/v2.0"),
            "the id, whatever was asked"
        );
        assert_eq!(by_domain["cloud_instance_name"], instance);
        assert_eq!(by_domain["tenant_region_scope"], scope);
        let told = by_domain
            .get("tenant_region_sub_scope")
            .and_then(Value::as_str);
        assert_eq!(told, sub_scope, "{domain}");
        assert_eq!(document(origin, tenant).await, by_domain);
    }
}

/// An answer at the worldwide host does not make a tenant a commercial one.
#[tokio::test]
async fn the_worldwide_host_also_shows_tenants_of_us_government() {
    let mocks = every_cloud().await;
    let (worldwide, us) = (
        &mocks.urls().entra_worldwide.origin,
        &mocks.urls().entra_usgov.origin,
    );
    let there = document(worldwide, "contractor.example").await;
    assert!(there["issuer"].as_str().unwrap().starts_with(us.as_str()));
    assert_eq!(there["cloud_instance_name"], "microsoftonline.us");
    assert_eq!(there["tenant_region_sub_scope"], "DODCON");
    let unknown = document(us, "relecloud.example").await;
    assert_eq!(unknown["error"], "invalid_tenant");
    assert_eq!(
        document(worldwide, "nianhua.example").await["error"],
        "invalid_tenant"
    );
}

#[tokio::test]
async fn a_domain_and_a_tenant_id_exist_in_two_clouds() {
    let mocks = every_cloud().await;
    let urls = mocks.urls();
    let here = document(&urls.entra_worldwide.origin, TWIN_DOMAIN).await;
    let there = document(&urls.entra_china.origin, TWIN_DOMAIN).await;
    assert_ne!(here["issuer"], there["issuer"]);
    assert_ne!(here["cloud_instance_name"], there["cloud_instance_name"]);
    let mut claims = Vec::new();
    for (cloud, person) in [
        (&urls.entra_worldwide, "wes@id-worldwide.example"),
        (&urls.entra_usgov, "una@id-us.example"),
    ] {
        let provider = Provider::discover(&cloud.organizations).await;
        let token = provider.sign_in(person).await;
        let key = provider
            .key_of(&token)
            .await
            .expect("signed with a published key");
        assert_eq!(key["issuer"], format!("{}/{{tenantid}}/v2.0", cloud.origin));
        claims.push(token.claims);
    }
    assert_eq!(claims[0]["tid"], TWIN_TENANT);
    assert_eq!(claims[1]["tid"], TWIN_TENANT);
    assert_ne!(claims[0]["iss"], claims[1]["iss"]);
}
