use gateway_core::id::TenantId;
use gateway_store::model::AuditQuery;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::testing::{Answer, World};

const PATH: &str = "/v1.0/admin/sharepoint/settings";
const SCOPE: &str = "SharePointTenantSettings.ReadWrite.All";

/// Every property of Graph's `sharepointSettings`.
const ALL: [&str; 29] = [
    "sharingCapability",
    "sharingDomainRestrictionMode",
    "sharingAllowedDomainList",
    "sharingBlockedDomainList",
    "isResharingByExternalUsersEnabled",
    "isRequireAcceptingUserToMatchInvitedUserEnabled",
    "idleSessionSignOut",
    "isLegacyAuthProtocolsEnabled",
    "allowedDomainGuidsForSyncApp",
    "availableManagedPathsForSiteCreation",
    "deletedUserPersonalSiteRetentionPeriodInDays",
    "excludedFileExtensionsForSyncApp",
    "imageTaggingOption",
    "isCommentingOnSitePagesEnabled",
    "isFileActivityNotificationEnabled",
    "isLoopEnabled",
    "isMacSyncAppEnabled",
    "isSharePointMobileNotificationEnabled",
    "isSharePointNewsfeedEnabled",
    "isSiteCreationEnabled",
    "isSiteCreationUIEnabled",
    "isSitePagesCreationEnabled",
    "isSitesStorageLimitAutomatic",
    "isSyncButtonHiddenOnPersonalSite",
    "isUnmanagedSyncAppForTenantRestricted",
    "personalSiteDefaultStorageLimitInMB",
    "siteCreationDefaultManagedPath",
    "siteCreationDefaultStorageLimitInMB",
    "tenantDefaultTimezone",
];

async fn patch(world: &World, body: Value) -> Answer {
    world
        .call(Method::PATCH, PATH, &world.administrator(SCOPE), Some(body))
        .await
}

#[tokio::test]
async fn every_property_is_shown() {
    let world = World::new().await;
    let answer = world
        .get(
            "/v1.0//admin/sharepoint/settings",
            &world.administrator(SCOPE),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    for name in ALL {
        assert!(
            answer.body.get(name).is_some_and(|value| !value.is_null()),
            "{name}"
        );
    }
    assert_eq!(
        answer.body.as_object().unwrap().len(),
        ALL.len() + 2,
        "and `id` and the context"
    );
    assert_eq!(
        answer.body["sharingCapability"],
        "externalUserAndGuestSharing"
    );
    assert_eq!(answer.body["isResharingByExternalUsersEnabled"], true);
}

#[tokio::test]
async fn a_patch_answers_with_the_whole_and_settings_bind() {
    let world = World::new().await;
    let answer = patch(&world, json!({
        "@odata.type": "#microsoft.graph.sharepointSettings", "unknown": 1,
        "sharingCapability": "externalUserSharingOnly",
        "sharingDomainRestrictionMode": "allowList",
        "sharingAllowedDomainList": ["Fabrikam.example"],
        "isResharingByExternalUsersEnabled": false,
        "isRequireAcceptingUserToMatchInvitedUserEnabled": true,
        "idleSessionSignOut": { "isEnabled": true, "warnAfterInSeconds": 60, "signOutAfterInSeconds": 300 },
        "isLoopEnabled": true, "imageTaggingOption": "disabled",
    })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["sharingCapability"], "externalUserSharingOnly");
    assert_eq!(
        answer.body["sharingAllowedDomainList"],
        json!(["fabrikam.example"])
    );
    assert_eq!(
        answer.body["idleSessionSignOut"],
        json!({ "isEnabled": true, "warnAfterInSeconds": 60, "signOutAfterInSeconds": 300 })
    );
    assert_eq!(answer.body["isLoopEnabled"], true);
    assert_eq!(
        answer.body["isMacSyncAppEnabled"], true,
        "absent is unchanged"
    );
    let tenant = TenantId::parse("contoso").unwrap();
    let configuration = world.api.surroundings().configuration();
    let sharing = &configuration.tenants[&tenant].settings.sharing;
    assert_eq!(sharing.capability.name(), "ExternalUserSharingOnly");
    assert!(sharing.prevent_resharing && sharing.require_account_match);
    let audit = world
        .api
        .directory()
        .audit(
            &tenant,
            &AuditQuery {
                operation: Some("SharingPolicyChanged".to_owned()),
                limit: 10,
                ..AuditQuery::default()
            },
        )
        .await
        .unwrap();
    let told = audit
        .items
        .iter()
        .map(|record| record.body.to_string())
        .collect::<String>();
    assert!(
        told.contains("ModifiedProperties") && told.contains("PreventExternalUsersFromResharing"),
        "{told}"
    );
    let cleared = patch(&world, json!({ "isLoopEnabled": null, "sharingCapability": null, "idleSessionSignOut": null, "sharingDomainRestrictionMode": "none" })).await;
    assert_eq!(cleared.body["isLoopEnabled"], false);
    assert_eq!(
        cleared.body["sharingCapability"],
        "externalUserAndGuestSharing"
    );
    assert_eq!(cleared.body["idleSessionSignOut"]["isEnabled"], false);
}

#[tokio::test]
async fn values_that_no_property_has_are_refused_and_nothing_is_written() {
    let world = World::new().await;
    let before = world.get(PATH, &world.administrator(SCOPE)).await.body;
    for bad in [
        json!({ "sharingCapability": "ExternalUserSharingOnly" }),
        json!({ "sharingCapability": "unknownFutureValue" }),
        json!({ "sharingCapability": 1 }),
        json!({ "imageTaggingOption": "unknownFutureValue" }),
        json!({ "sharingAllowedDomainList": ["*.fabrikam.example"] }),
        json!({ "sharingAllowedDomainList": "fabrikam.example" }),
        json!({ "sharingAllowedDomainList": [1] }),
        json!({ "isLoopEnabled": "true" }),
        json!({ "allowedDomainGuidsForSyncApp": ["x"] }),
        json!({ "availableManagedPathsForSiteCreation": ["/x/"] }),
        json!({ "deletedUserPersonalSiteRetentionPeriodInDays": 1e300 }),
        json!({ "idleSessionSignOut": { "isEnabled": true } }),
        json!({ "idleSessionSignOut": { "signOutAfterInSeconds": -1 } }),
        json!({ "isLoopEnabled": true, "sharingCapability": "nonsense" }),
    ] {
        let answer = patch(&world, bad.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "invalidRequest"),
            "{bad} {}",
            answer.body
        );
    }
    assert_eq!(
        world.get(PATH, &world.administrator(SCOPE)).await.body,
        before
    );
}

#[tokio::test]
async fn what_the_core_refuses_comes_with_its_rules() {
    let world = World::new().await;
    let answer = patch(
        &world,
        json!({ "sharingAllowedDomainList": ["*.fabrikam.example"] }),
    )
    .await;
    let details = answer.body["error"]["details"].as_array().unwrap();
    assert_eq!(details[0]["target"], "SharingAllowedDomainList");
    assert!(
        details[0]["message"].as_str().unwrap().contains("wildcard"),
        "{details:?}"
    );
}

#[tokio::test]
async fn what_is_declared_is_managed_by_configuration() {
    let world = World::with("\n[sharing]\nSharingCapability = \"ExternalUserSharingOnly\"\n").await;
    let answer = patch(
        &world,
        json!({ "sharingCapability": "externalUserAndGuestSharing" }),
    )
    .await;
    assert_eq!(
        (answer.status.as_u16(), answer.inner()),
        (409, "managedByConfiguration")
    );
    let same = patch(
        &world,
        json!({ "sharingCapability": "externalUserSharingOnly" }),
    )
    .await;
    assert_eq!(same.status.as_u16(), 200, "as it is");
}

#[tokio::test]
async fn what_is_declared_can_be_tightened() {
    let world = World::with("\n[sharing]\nSharingCapability = \"ExternalUserSharingOnly\"\n").await;
    let answer = patch(&world, json!({ "sharingCapability": "disabled" })).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    assert_eq!(answer.body["sharingCapability"], "disabled");
}
