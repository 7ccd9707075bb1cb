use gateway_core::id::TenantId;
use http::Method;
use serde_json::{Value, json};

use crate::testing::{Answer, WOODGROVE, World};

const SCOPES: &str = "Policy.ReadWrite.Authorization Policy.ReadWrite.CrossTenantAccess Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.B2BManagementPolicy IdentityProvider.ReadWrite.All";

async fn call(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    world
        .call(method, path, &world.administrator(SCOPES), body)
        .await
}

async fn status(world: &World, method: &str, path: &str, body: Value) -> u16 {
    call(world, method, path, Some(body)).await.status.as_u16()
}

#[tokio::test]
async fn the_authorization_policy_says_who_invites() {
    let world = World::new().await;
    let path = "/v1.0/policies/authorizationPolicy";
    let before = call(&world, "GET", path, None).await.body;
    assert_eq!(before["allowInvitesFrom"], "everyone");
    assert_eq!(
        before["guestUserRoleId"],
        "10dae51f-b6af-4016-8d66-8c2a99b929b3"
    );
    assert_eq!(before["blockMsolPowerShell"], false);
    let body = json!({ "@odata.type": "#microsoft.graph.authorizationPolicy", "allowInvitesFrom": "none", "blockMsolPowerShell": true });
    assert_eq!(status(&world, "PATCH", path, body).await, 204);
    let after = call(&world, "GET", path, None).await.body;
    assert_eq!(
        (&after["allowInvitesFrom"], &after["blockMsolPowerShell"]),
        (&json!("none"), &json!(true))
    );
    for bad in [
        json!({ "allowInvitesFrom": "nobody" }),
        json!({ "allowInvitesFrom": 1 }),
        json!({ "guestUserRoleId": "x" }),
        json!({ "blockMsolPowerShell": "yes" }),
        json!({ "defaultUserRolePermissions": [] }),
    ] {
        assert_eq!(
            status(&world, "PATCH", path, bad.clone()).await,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn the_default_of_cross_tenant_access_is_patched_and_reset() {
    let world = World::new().await;
    let path = "/v1.0/policies/crossTenantAccessPolicy/default";
    let before = call(&world, "GET", path, None).await.body;
    assert_eq!(before["isServiceDefault"], true);
    assert_eq!(
        before["b2bCollaborationInbound"]["usersAndGroups"]["accessType"],
        "allowed"
    );
    assert_eq!(
        before["b2bDirectConnectInbound"]["applications"]["accessType"],
        "blocked"
    );
    let blocked = json!({
        "usersAndGroups": { "accessType": "blocked", "targets": [{ "target": "AllUsers", "targetType": "user" }] },
        "applications": { "accessType": "blocked", "targets": [{ "target": "AllApplications", "targetType": "application" }] },
    });
    let body = json!({
        "b2bCollaborationInbound": blocked, "inboundTrust": { "isMfaAccepted": true },
        "invitationRedemptionIdentityProviderConfiguration": { "primaryIdentityProviderPrecedenceOrder": ["externalFederation", "azureActiveDirectory"] },
    });
    assert_eq!(status(&world, "PATCH", path, body).await, 204);
    let after = call(&world, "GET", path, None).await.body;
    assert_eq!(after["isServiceDefault"], false);
    assert_eq!(
        after["invitationRedemptionIdentityProviderConfiguration"]["primaryIdentityProviderPrecedenceOrder"],
        json!(["externalFederation", "azureActiveDirectory"])
    );
    let tenant = TenantId::parse("contoso").unwrap();
    let configuration = world.api.surroundings().configuration();
    let cross = &configuration.tenants[&tenant]
        .settings
        .directory
        .cross_tenant;
    assert!(
        !cross.default_inbound && cross.default_trust.mfa,
        "it binds"
    );
    assert_eq!(
        call(
            &world,
            "POST",
            &format!("{path}/resetToSystemDefault"),
            None
        )
        .await
        .status
        .as_u16(),
        204
    );
    assert_eq!(call(&world, "GET", path, None).await.body, before);
    for bad in [
        json!({ "b2bCollaborationInbound": [] }),
        json!({ "b2bCollaborationInbound": { "usersAndGroups": { "accessType": "maybe", "targets": [] } } }),
        json!({ "b2bCollaborationInbound": { "usersAndGroups": { "accessType": "blocked", "targets": [{ "target": "AllUsers", "targetType": "user" }] }, "applications": { "accessType": "allowed", "targets": [{ "target": "AllApplications", "targetType": "application" }] } } }),
        json!({ "b2bCollaborationInbound": { "usersAndGroups": { "accessType": "allowed", "targets": [{ "target": "x", "targetType": "user" }] } } }),
        json!({ "inboundTrust": { "isMfaAccepted": 1 } }),
        json!({ "invitationRedemptionIdentityProviderConfiguration": { "fallbackIdentityProvider": "facebook" } }),
    ] {
        assert_eq!(
            status(&world, "PATCH", path, bad.clone()).await,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn partners_are_added_by_tenant_id() {
    let world = World::new().await;
    let path = "/v1.0/policies/crossTenantAccessPolicy/partners";
    let body =
        json!({ "tenantId": WOODGROVE.to_uppercase(), "inboundTrust": { "isMfaAccepted": true } });
    let made = call(&world, "POST", path, Some(body.clone())).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    assert_eq!(made.body["tenantId"], WOODGROVE);
    assert!(made.body.get("id").is_none(), "the key is `tenantId`");
    assert_eq!(
        made.body["b2bCollaborationInbound"],
        Value::Null,
        "inherited"
    );
    assert_eq!(status(&world, "POST", path, body).await, 409);
    assert_eq!(
        status(&world, "POST", path, json!({ "tenantId": "x" })).await,
        400
    );
    let one = format!("{path}/{WOODGROVE}");
    assert_eq!(
        call(&world, "GET", path, None).await.body["value"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(call(&world, "GET", &one, None).await.status.as_u16(), 200);
    assert_eq!(
        status(&world, "PATCH", &one, json!({ "inboundTrust": null })).await,
        204
    );
    assert_eq!(
        call(&world, "GET", &one, None).await.body["inboundTrust"],
        Value::Null
    );
    let sync = format!("{one}/identitySynchronization");
    assert_eq!(call(&world, "GET", &sync, None).await.status.as_u16(), 404);
    assert_eq!(
        status(
            &world,
            "PUT",
            &sync,
            json!({ "userSyncInbound": { "isSyncAllowed": true } })
        )
        .await,
        204
    );
    assert_eq!(
        call(&world, "GET", &sync, None).await.body["userSyncInbound"]["isSyncAllowed"],
        true
    );
    assert_eq!(
        call(&world, "DELETE", &one, None).await.status.as_u16(),
        204
    );
    assert_eq!(call(&world, "GET", &one, None).await.status.as_u16(), 404);
}

#[tokio::test]
async fn clouds_are_ticked_only_where_they_collaborate() {
    let world = World::new().await;
    let path = "/v1.0/policies/crossTenantAccessPolicy";
    assert_eq!(
        call(&world, "GET", path, None).await.body["allowedCloudEndpoints"],
        json!([])
    );
    assert_eq!(
        status(
            &world,
            "PATCH",
            path,
            json!({ "allowedCloudEndpoints": ["microsoftonline.us"] })
        )
        .await,
        204
    );
    assert_eq!(
        call(&world, "GET", path, None).await.body["allowedCloudEndpoints"],
        json!(["microsoftonline.us"])
    );
    assert_eq!(
        status(
            &world,
            "PATCH",
            path,
            json!({ "allowedCloudEndpoints": ["microsoftonline.de"] })
        )
        .await,
        400
    );
    assert_eq!(
        status(
            &world,
            "PATCH",
            path,
            json!({ "allowedCloudEndpoints": ["microsoftonline.com"] })
        )
        .await,
        400,
        "the own one"
    );
}

#[tokio::test]
async fn passcodes_are_switched_by_graphs_name_in_any_case() {
    let world = World::new().await;
    let base = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
    for name in ["email", "Email"] {
        let body = call(&world, "GET", &format!("{base}/{name}"), None)
            .await
            .body;
        assert_eq!(
            body["@odata.type"],
            "#microsoft.graph.emailAuthenticationMethodConfiguration"
        );
        assert_eq!(
            (&body["id"], &body["allowExternalIdToUseEmailOtp"]),
            (&json!("Email"), &json!("default"))
        );
    }
    let path = format!("{base}/email");
    let body = json!({ "@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration", "allowExternalIdToUseEmailOtp": "disabled", "state": "enabled" });
    assert_eq!(status(&world, "PATCH", &path, body).await, 204);
    let after = call(&world, "GET", &path, None).await.body;
    assert_eq!(
        (&after["allowExternalIdToUseEmailOtp"], &after["state"]),
        (&json!("disabled"), &json!("enabled"))
    );
    assert_eq!(
        status(
            &world,
            "PATCH",
            &path,
            json!({ "allowExternalIdToUseEmailOtp": "maybe" })
        )
        .await,
        400
    );
}

#[tokio::test]
async fn the_list_of_domains_is_read_leniently_and_siblings_survive() {
    let world = World::new().await;
    let path = "/beta/policies/b2bManagementPolicies";
    assert_eq!(
        call(&world, "GET", path, None).await.body["value"],
        json!([])
    );
    let definition = "{'B2BManagementPolicy':{'Version':1,'AutoRedeemPolicy':{'X':true},'InvitationsAllowedAndBlockedDomainsPolicy':{'AllowedDomains':[],'BlockedDomains':['live.example']}}}";
    let body = json!({ "definition": [definition], "displayName": "B2BManagementPolicy", "isOrganizationDefault": "true" });
    let made = call(&world, "POST", path, Some(body.clone())).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    assert_eq!(status(&world, "POST", path, body).await, 409, "one counts");
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    let read = |body: &Value| {
        serde_json::from_str::<Value>(body["definition"][0].as_str().unwrap()).unwrap()
    };
    let got = call(&world, "GET", &one, None).await.body;
    let policy = read(&got)["B2BManagementPolicy"].clone();
    assert_eq!(policy["AutoRedeemPolicy"]["X"], true);
    assert_eq!(
        policy["InvitationsAllowedAndBlockedDomainsPolicy"],
        json!({ "BlockedDomains": ["live.example"] })
    );
    let invite = json!({ "invitedUserEmailAddress": "a@live.example", "inviteRedirectUrl": "https://x.example" });
    let answer = world
        .call(
            Method::POST,
            "/v1.0/invitations",
            &world.administrator("User.Invite.All"),
            Some(invite.clone()),
        )
        .await;
    assert_eq!(answer.inner(), "invitationDomainNotAllowed");
    let allowed = json!({ "definition": ["{\"B2BManagementPolicy\":{\"InvitationsAllowedAndBlockedDomainsPolicy\":{\"AllowedDomains\":[\"live.example\"]}}}"] });
    let changed = call(&world, "PATCH", &one, Some(allowed)).await;
    assert_eq!(changed.status.as_u16(), 200, "{}", changed.body);
    assert_eq!(
        read(&changed.body)["B2BManagementPolicy"]["InvitationsAllowedAndBlockedDomainsPolicy"],
        json!({ "AllowedDomains": ["live.example"] })
    );
    assert_eq!(
        call(
            &world,
            "GET",
            &format!(
                "/beta/legacy/policies/{}",
                made.body["id"].as_str().unwrap()
            ),
            None
        )
        .await
        .status
        .as_u16(),
        200
    );
    assert_eq!(
        call(&world, "DELETE", &one, None).await.status.as_u16(),
        204
    );
    assert_eq!(
        call(&world, "GET", path, None).await.body["value"],
        json!([])
    );
    for bad in [
        "",
        "x",
        "[]",
        "{}",
        "{'A':1}",
        "{\"B2BManagementPolicy\":[]}",
    ] {
        let body =
            json!({ "definition": [bad], "displayName": "x", "isOrganizationDefault": true });
        assert_eq!(status(&world, "POST", path, body).await, 400, "{bad}");
    }
    let both = json!({ "definition": ["{\"B2BManagementPolicy\":{\"InvitationsAllowedAndBlockedDomainsPolicy\":{\"AllowedDomains\":[\"a.example\"],\"BlockedDomains\":[\"b.example\"]}}}"], "displayName": "x", "isOrganizationDefault": true });
    assert_eq!(status(&world, "POST", path, both).await, 400);
}

#[tokio::test]
async fn sec_202_a_clients_secret_is_written_and_never_read() {
    let world = World::new().await;
    let path = "/v1.0/identity/identityProviders";
    let body = json!({ "@odata.type": "#microsoft.graph.socialIdentityProvider", "displayName": "Google", "identityProviderType": "Google", "clientId": "c", "clientSecret": "canary-secret" });
    let made = call(&world, "POST", path, Some(body.clone())).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    assert_eq!(
        made.body["@odata.type"],
        "#microsoft.graph.socialIdentityProvider"
    );
    assert_eq!(status(&world, "POST", path, body).await, 409);
    let one = format!("{path}/google-oauth");
    let tenant = TenantId::parse("contoso").unwrap();
    let (_, rows) = world.api.directory().settings_rows(&tenant);
    assert!(!format!("{rows:?}").contains("canary"), "not in the store");
    for path in [path, &one] {
        let answer = call(&world, "GET", path, None).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(
            answer.status.is_success() && !text.contains("canary") && text.contains("******"),
            "{text}"
        );
    }
    // The secret belongs to the client it was given for.
    assert_eq!(
        status(&world, "PATCH", &one, json!({ "clientId": "other" })).await,
        204
    );
    assert!(
        call(&world, "GET", &one, None)
            .await
            .body
            .get("clientSecret")
            .is_none()
    );
    assert_eq!(
        call(&world, "DELETE", &one, None).await.status.as_u16(),
        204
    );
    assert_eq!(call(&world, "GET", &one, None).await.status.as_u16(), 404);
    let kinds = call(
        &world,
        "GET",
        &format!("{path}/availableProviderTypes()"),
        None,
    )
    .await;
    assert!(
        kinds.body["value"]
            .as_array()
            .unwrap()
            .contains(&json!("Google"))
    );
}

#[tokio::test]
async fn federations_have_one_place_under_every_spelling() {
    let world = World::new().await;
    let base = "/v1.0/directory/federationConfigurations";
    let cast = format!("{base}/microsoft.graph.samlOrWsFedExternalDomainFederation");
    let body = json!({
        "@odata.type": "microsoft.graph.samlOrWsFedExternalDomainFederation",
        "issuerUri": "https://idp.fabrikam.example/saml", "passiveSignInUri": "https://idp.fabrikam.example/sso",
        "displayName": "Fabrikam", "preferredAuthenticationProtocol": "saml", "domains": [{ "id": "Fabrikam.example" }],
    });
    let made = call(&world, "POST", &cast, Some(body.clone())).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap();
    for path in [
        format!("{base}/{id}"),
        format!("{cast}/{id}"),
        format!("{base}/graph.samlOrWsFedExternalDomainFederation/{id}"),
        format!("{base}/{id}/microsoft.graph.samlOrWsFedExternalDomainFederation"),
    ] {
        let got = call(&world, "GET", &path, None).await;
        assert_eq!(
            got.body["@odata.type"], "#microsoft.graph.samlOrWsFedExternalDomainFederation",
            "{path}"
        );
    }
    let found = call(
        &world,
        "GET",
        &format!("{cast}?$filter=domains/any(x:x/id%20eq%20'fabrikam.example')"),
        None,
    )
    .await;
    assert_eq!(
        found.body["value"].as_array().unwrap().len(),
        1,
        "{}",
        found.body
    );
    let domains = format!("{base}/{id}/domains");
    assert_eq!(
        status(&world, "POST", &domains, json!({ "id": "not a domain" })).await,
        400
    );
    assert_eq!(
        call(&world, "GET", &domains, None).await.body["value"],
        json!([{ "id": "fabrikam.example" }])
    );
    let changed = call(
        &world,
        "PATCH",
        &format!("{cast}/{id}"),
        Some(json!({ "displayName": "F" })),
    )
    .await;
    assert_eq!(
        (changed.status.as_u16(), &changed.body["displayName"]),
        (200, &json!("F"))
    );
    let own = json!({ "issuerUri": "https://i.example", "passiveSignInUri": "http://plain.example/sso", "domains": [{ "id": "plain.example" }] });
    assert_eq!(status(&world, "POST", base, own).await, 400, "https only");
    assert_eq!(
        call(&world, "DELETE", &format!("{base}/{id}"), None)
            .await
            .status
            .as_u16(),
        204
    );
    assert_eq!(
        call(&world, "GET", &format!("{base}/{id}"), None)
            .await
            .status
            .as_u16(),
        404
    );
}
