//! Microsoft's own Graph clients, unmodified, over TLS against the running system.

use serde_json::{Value, json};
use tests::world::{Options, World};
use tests::{Outcome, ensure, graph_sdk, says};

const ITEM: &str = "/sites/projects/Shared/notes.txt";

fn wish(world: &World, token: &str, guest: &str) -> Value {
    json!({
        "base": world.api,
        "token": token,
        "site": world.url("contoso", ""),
        "item": ITEM,
        "guest": guest,
    })
}

fn list<'a>(seen: &'a Value, name: &str) -> Vec<&'a str> {
    let all = seen.get(name).and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// A link is among what was shared until it is deleted, and then it is not.
fn link_came_and_went(seen: &Value) -> Outcome {
    let id = seen
        .pointer("/link/id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    ensure!(!id.is_empty(), "no link: {seen}");
    ensure!(
        list(seen, "permissions").contains(&id),
        "not listed: {seen}"
    );
    ensure!(!list(seen, "after").contains(&id), "still listed: {seen}");
    Ok(())
}

/// A large file came in parts, came back the same, and kept its id when it was renamed.
fn large_file_came(seen: &Value, name: &str, size: u64) -> Outcome {
    let want = json!({ "name": format!("large-{name}.bin"), "size": size, "same": true });
    ensure!(seen["large"] == want, "{seen}");
    let want = json!({ "name": format!("renamed-{name}.bin"), "sameId": true });
    ensure!(seen["renamed"] == want, "{seen}");
    Ok(())
}

#[tokio::test]
async fn the_javascript_client_invites_shares_links_and_sets() -> Outcome {
    let world = World::start(Options::default()).await?;
    let api = world.api_for("gus@contoso.example").await?;
    let wish = wish(&world, api.token(), "bob@fabrikam.example");
    let seen = graph_sdk::javascript(&wish, &world.ca).await?;
    ensure!(seen["user"]["userType"] == "Guest", "{seen}");
    ensure!(seen["user"]["mail"] == "bob@fabrikam.example", "{seen}");
    ensure!(
        seen["shared"]["value"][0]["roles"] == json!(["read"]),
        "{seen}"
    );
    link_came_and_went(&seen)?;
    ensure!(
        list(&seen, "users").contains(&says(&seen["user"], "id")),
        "paging missed somebody: {seen}"
    );
    ensure!(seen["error"]["statusCode"] == 404, "{seen}");
    ensure!(
        seen["error"]["code"] == "Request_ResourceNotFound",
        "{seen}"
    );
    large_file_came(&seen, "js", 3 * 320 * 1024 + 17)?;
    let parts = seen["parts"].as_array();
    ensure!(parts.is_some_and(|all| all.len() == 4), "{seen}");
    ensure!(seen["cancelled"] == 204, "{seen}");
    let responses = seen["batch"]["responses"].as_array();
    ensure!(responses.is_some_and(|all| all.len() == 2), "{seen}");
    Ok(())
}

#[tokio::test]
async fn the_python_sdk_invites_shares_links_and_sets() -> Outcome {
    let world = World::start(Options::default()).await?;
    let api = world.api_for("gus@contoso.example").await?;
    let guest = "newcomer@fabrikam.example";
    let wish = wish(&world, api.token(), guest);
    let seen = graph_sdk::python(&wish, &world.ca).await?;
    ensure!(
        seen["invitation"]["status"] == "PendingAcceptance",
        "{seen}"
    );
    ensure!(seen["user"]["mail"] == guest, "{seen}");
    ensure!(seen["found"][0]["state"] == "PendingAcceptance", "{seen}");
    ensure!(seen["shared"][0]["roles"] == json!(["read"]), "{seen}");
    link_came_and_went(&seen)?;
    ensure!(seen["content"].as_u64() > Some(0), "{seen}");
    large_file_came(&seen, "python", 1_200_000)?;
    ensure!(seen["error"]["status"] == 404, "{seen}");
    ensure!(!says(&seen["error"], "request").is_empty(), "{seen}");
    Ok(())
}
