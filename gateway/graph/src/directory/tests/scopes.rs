//! The table of operations and scopes: the least scope passes, none and another fail.

use http::Method;
use serde_json::{Value, json};

use crate::testing::World;

struct Row {
    method: &'static str,
    path: &'static str,
    body: Option<Value>,
    /// Each suffices by itself.
    enough: &'static [&'static str],
    /// Suffices for something near, and not for this.
    other: &'static str,
    refusal: (u16, &'static str),
}

fn row(
    method: &'static str,
    path: &'static str,
    enough: &'static [&'static str],
    other: &'static str,
) -> Row {
    Row {
        method,
        path,
        body: None,
        enough,
        other,
        refusal: (403, "Authorization_RequestDenied"),
    }
}

fn rows() -> Vec<Row> {
    const READ: &[&str] = &[
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ];
    const WRITE: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
    vec![
        Row {
            body: Some(
                json!({ "invitedUserEmailAddress": "a@fabrikam.example", "inviteRedirectUrl": "https://x.example" }),
            ),
            refusal: (401, "Unauthorized"),
            ..row(
                "POST",
                "/v1.0/invitations",
                &[
                    "User.Invite.All",
                    "User.ReadWrite.All",
                    "Directory.ReadWrite.All",
                ],
                "User.Read.All",
            )
        },
        row("GET", "/v1.0/users", READ, "User.Invite.All"),
        row("GET", "/v1.0/users/$count", READ, "User.Invite.All"),
        row("GET", "/v1.0/users/x", READ, "User.Invite.All"),
        row("PATCH", "/v1.0/users/x", WRITE, "User.Read.All"),
        row("DELETE", "/v1.0/users/x", WRITE, "Directory.Read.All"),
        row(
            "POST",
            "/v1.0/users/x/revokeSignInSessions",
            &[
                "User.RevokeSessions.All",
                "User.ReadWrite.All",
                "Directory.ReadWrite.All",
            ],
            "User.Read.All",
        ),
        row(
            "GET",
            "/v1.0/directory/deletedItems/x",
            READ,
            "User.Invite.All",
        ),
        row(
            "DELETE",
            "/v1.0/directory/deletedItems/x",
            WRITE,
            "User.Read.All",
        ),
        row(
            "POST",
            "/v1.0/directory/deletedItems/x/restore",
            WRITE,
            "User.Read.All",
        ),
        Row {
            refusal: (403, "accessDenied"),
            ..row(
                "GET",
                "/v1.0/admin/sharepoint/settings",
                &[
                    "SharePointTenantSettings.Read.All",
                    "SharePointTenantSettings.ReadWrite.All",
                ],
                "Sites.FullControl.All",
            )
        },
        Row {
            refusal: (403, "accessDenied"),
            ..row(
                "PATCH",
                "/v1.0/admin/sharepoint/settings",
                &["SharePointTenantSettings.ReadWrite.All"],
                "SharePointTenantSettings.Read.All",
            )
        },
        row(
            "GET",
            "/v1.0/policies/authorizationPolicy",
            &["Policy.Read.All", "Policy.ReadWrite.Authorization"],
            "Policy.ReadWrite.CrossTenantAccess",
        ),
        row(
            "PATCH",
            "/v1.0/policies/authorizationPolicy",
            &["Policy.ReadWrite.Authorization"],
            "Policy.Read.All",
        ),
        row(
            "GET",
            "/v1.0/policies/crossTenantAccessPolicy",
            &["Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"],
            "Policy.ReadWrite.Authorization",
        ),
        row(
            "PATCH",
            "/v1.0/policies/crossTenantAccessPolicy/default",
            &["Policy.ReadWrite.CrossTenantAccess"],
            "Policy.Read.All",
        ),
        row(
            "POST",
            "/v1.0/policies/crossTenantAccessPolicy/default/resetToSystemDefault",
            &["Policy.ReadWrite.CrossTenantAccess"],
            "Policy.Read.All",
        ),
        row(
            "POST",
            "/v1.0/policies/crossTenantAccessPolicy/partners",
            &["Policy.ReadWrite.CrossTenantAccess"],
            "Policy.Read.All",
        ),
        row(
            "DELETE",
            "/v1.0/policies/crossTenantAccessPolicy/partners/x",
            &["Policy.ReadWrite.CrossTenantAccess"],
            "Policy.Read.All",
        ),
        row(
            "GET",
            "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email",
            &["Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"],
            "Policy.ReadWrite.Authorization",
        ),
        row(
            "PATCH",
            "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email",
            &["Policy.ReadWrite.AuthenticationMethod"],
            "Policy.Read.All",
        ),
        row(
            "GET",
            "/beta/policies/b2bManagementPolicies",
            &[
                "Policy.Read.B2BManagementPolicy",
                "Policy.ReadWrite.B2BManagementPolicy",
            ],
            "Policy.Read.All",
        ),
        row(
            "POST",
            "/beta/policies/b2bManagementPolicies",
            &["Policy.ReadWrite.B2BManagementPolicy"],
            "Policy.Read.B2BManagementPolicy",
        ),
        row(
            "GET",
            "/v1.0/identity/identityProviders",
            &[
                "IdentityProvider.Read.All",
                "IdentityProvider.ReadWrite.All",
            ],
            "Policy.Read.All",
        ),
        row(
            "POST",
            "/v1.0/identity/identityProviders",
            &["IdentityProvider.ReadWrite.All"],
            "IdentityProvider.Read.All",
        ),
        row(
            "GET",
            "/v1.0/directory/federationConfigurations",
            &[
                "IdentityProvider.Read.All",
                "IdentityProvider.ReadWrite.All",
            ],
            "Policy.Read.All",
        ),
        row(
            "POST",
            "/v1.0/directory/federationConfigurations",
            &["IdentityProvider.ReadWrite.All"],
            "IdentityProvider.Read.All",
        ),
    ]
}

async fn refusal(world: &World, row: &Row, token: &str) -> Option<(u16, String)> {
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    let answer = world.call(method, row.path, token, row.body.clone()).await;
    assert!(
        !answer.status.is_server_error(),
        "{} {} {}",
        row.method,
        row.path,
        answer.body
    );
    matches!(answer.status.as_u16(), 401 | 403)
        .then(|| (answer.status.as_u16(), answer.code().to_owned()))
}

#[tokio::test]
async fn each_operation_has_its_scopes() {
    let world = World::new().await;
    for row in rows() {
        let name = format!("{} {}", row.method, row.path);
        for scope in row.enough {
            assert_eq!(
                refusal(&world, &row, &world.application(&[scope])).await,
                None,
                "{name} {scope}"
            );
            assert_eq!(
                refusal(&world, &row, &world.administrator(scope)).await,
                None,
                "{name} {scope}"
            );
            assert_eq!(
                refusal(&world, &row, &world.operator(scope)).await,
                None,
                "{name} {scope}"
            );
        }
        let want = Some((row.refusal.0, row.refusal.1.to_owned()));
        for token in [
            world.application(&[]),
            world.application(&[row.other]),
            world.administrator(row.other),
            world.operator(""),
        ] {
            assert_eq!(refusal(&world, &row, &token).await, want, "{name}");
        }
    }
}

#[tokio::test]
async fn a_scope_lends_nobody_a_right_of_their_own() {
    let world = World::new().await;
    for row in rows()
        .iter()
        .filter(|row| row.method != "GET" && row.path != "/v1.0/invitations")
    {
        let token = world.person(row.enough[0], &[]);
        let got = refusal(&world, row, &token).await;
        assert_eq!(
            got.map(|(status, _)| status),
            Some(403),
            "{} {}",
            row.method,
            row.path
        );
    }
    let settings = rows()
        .into_iter()
        .find(|row| row.path.starts_with("/v1.0/admin"))
        .unwrap();
    let sharepoint = world.person(
        settings.enough[0],
        &["f28a1f50-f6e7-4571-818b-6a12f2af6b6c"],
    );
    assert_eq!(refusal(&world, &settings, &sharepoint).await, None);
}

#[tokio::test]
async fn bad_input_is_never_a_failure_of_ours() {
    let world = World::new().await;
    let token = world.administrator("User.Invite.All User.ReadWrite.All SharePointTenantSettings.ReadWrite.All Policy.ReadWrite.Authorization Policy.ReadWrite.CrossTenantAccess Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.B2BManagementPolicy IdentityProvider.ReadWrite.All");
    world.gateway.settings.lock().unwrap().per_minute = 0;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for row in rows() {
        for body in [
            "{",
            "[]",
            "1",
            "\"x\"",
            "{\"a\":",
            "{\"displayName\":{}}",
            "{\"definition\":[1]}",
            "{\"definition\":{}}",
            "{\"requests\":[]}",
            &deep,
            "\u{0}",
        ] {
            let request = http::Request::builder()
                .method(row.method)
                .uri(row.path)
                .header("authorization", format!("Bearer {token}"))
                .body(body.to_owned().into());
            let answer = world.send(request.unwrap()).await;
            assert!(
                !answer.status.is_server_error(),
                "{} {} {body} {}",
                row.method,
                row.path,
                answer.body
            );
            if row.method != "GET" {
                assert!(answer.status.is_client_error() || answer.status.is_success());
            }
        }
    }
}
