//! The database keeps its connections and answers nobody, or has no room left, while the gateway is asked.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use postgres_server::Server;
use serde_json::{Value, json};
use tests::api::Api;
use tests::world::{Options, World};
use tests::{Outcome, ensure};

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
/// Within so long whoever asks is answered, with some time for a machine that is busy.
const ANSWERED: Duration = Duration::from_secs(12);
/// Longest time that the tests wait for what has no bound of its own.
const PATIENCE: Duration = Duration::from_secs(60);

async fn world(database: &Server, staleness: &str) -> Outcome<(World, String)> {
    let url = database.database()?;
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("default.toml", "store.postgresql.url", url.as_str());
        overlay.set("default.toml", "store.max_staleness", staleness);
        Ok(())
    })
    .await?;
    Ok((world, url))
}

async fn invite(api: &Api, name: &str) -> Outcome<StatusCode> {
    let wish = json!({
        "invitedUserEmailAddress": format!("{name}@fabrikam.example"),
        "inviteRedirectUrl": "https://contoso.localhost/",
    });
    let answer = api
        .call(Method::POST, "/v1.0/invitations", Some(&wish))
        .await?;
    Ok(answer.status)
}

async fn until_invited(api: &Api, name: &str) -> Outcome {
    let begun = Instant::now();
    while invite(api, name).await? != 201 {
        ensure!(begun.elapsed() < PATIENCE, "nobody is invited any more");
    }
    Ok(())
}

/// How many have the address.
async fn count(api: &Api, name: &str) -> Outcome<usize> {
    let path = format!("/v1.0/users?$filter=mail%20eq%20'{name}@fabrikam.example'");
    let found = api.get(&path).await?;
    let found = found.get("value").and_then(Value::as_array);
    Ok(found.map_or(0, Vec::len))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_its_database_hangs_a_gateway_keeps_nobody_waiting() -> Outcome {
    let Some(database) = Server::start()? else {
        return Ok(());
    };
    let staleness = Duration::from_secs(20);
    let (world, _) = world(&database, "20s").await?;
    let here = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &here).await?;
    ada.open(&here).await?.expect(200)?;
    let api = world.api_for_operator("contoso", &[]).await?;
    until_invited(&api, "before").await?;

    tokio::task::block_in_place(|| database.pause())?;
    let hangs = Instant::now();
    let status = invite(&api, "late").await?;
    let took = hangs.elapsed();
    ensure!(status == 503, "{status}");
    ensure!(took < ANSWERED, "a write waited for {took:?}");
    // What was read before is known, and the staleness is not over.
    ada.open(&here).await?.expect(200)?;
    let json = [("accept", "application/json")];
    loop {
        let asked = Instant::now();
        let page = ada.fetch("GET", &here, &json, "").await?;
        ensure!(asked.elapsed() < ANSWERED, "{:?}", asked.elapsed());
        if page.status == 503 {
            page.expect_refusal(503, "directory-stale")?;
            break;
        }
        page.expect(200)?;
        ensure!(hangs.elapsed() < staleness + ANSWERED, "it goes on");
    }
    let served = hangs.elapsed();
    ensure!(
        served > staleness - Duration::from_secs(2),
        "only for {served:?}"
    );

    tokio::task::block_in_place(|| database.resume())?;
    until_invited(&api, "after").await?;
    ada.open(&here).await?.expect(200)?;
    ensure!(count(&api, "late").await? == 0, "done, and said not to be");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_room_is_507_and_reading_goes_on() -> Outcome {
    let Some(database) = Server::start()? else {
        return Ok(());
    };
    let (world, url) = world(&database, "30s").await?;
    let here = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &here).await?;
    let api = world.api_for_operator("contoso", &[]).await?;
    until_invited(&api, "before").await?;
    database.limit_files(Some((16 << 20) + 4096))?;
    // Pages of one row each until there is no room for another page, and then small rows wherever there still is some.
    let fill = "DO $$ DECLARE length INT; BEGIN
            ALTER TABLE directory_user ALTER profile SET STORAGE PLAIN;
            FOREACH length IN ARRAY ARRAY[7900, 20] LOOP
                FOR number IN 1..4000 LOOP
                    ASSERT number < 4000, 'there is room';
                    BEGIN
                        INSERT INTO directory_user (tenant, id, address, user_type, origin, manager, account_enabled,
                            created, state_changed, expires, administers, mfa_registered, profile, version)
                        VALUES ('fill', length || '-' || number, length || '-' || number, '', '', '', 1, 0, 0, '', '', 0,
                            repeat('x', length), 1);
                    EXCEPTION WHEN disk_full THEN EXIT;
                    END;
                END LOOP;
            END LOOP;
        END $$";
    database.ask(&url, fill)?;
    let status = invite(&api, "full").await?;
    ensure!(status == 507, "{status}");
    ada.open(&here).await?.expect(200)?;
    ensure!(count(&api, "full").await? == 0, "half of it was written");
    ensure!(count(&api, "before").await? == 1, "reading does not go on");
    database.limit_files(None)?;
    until_invited(&api, "after").await?;
    let verified = world.gateway.call().run(&["audit", "verify"]).await?;
    ensure!(
        verified.status.success(),
        "the audit does not verify: {}",
        String::from_utf8_lossy(&verified.stdout)
    );
    Ok(())
}
