//! The gateway is killed while it writes, again and again: what was acknowledged is there, whole, and nothing else.
//!
//! `VESTIBULE_CRASHES` says how often on each database; without it 20 times on SQLite and 5 on PostgreSQL.

use std::collections::BTreeSet;
use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Method, StatusCode};
use postgres_server::Server;
use serde_json::{Value, json};
use tests::api::Api;
use tests::world::{Options, World};
use tests::{Outcome, ensure, says};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

/// Programs that write at the same time.
const WRITERS: usize = 8;

/// One that was acknowledged.
#[derive(Debug)]
struct Acknowledged {
    address: String,
    id: String,
}

fn times(usual: usize) -> usize {
    let told = env::var("VESTIBULE_CRASHES").ok();
    told.and_then(|told| told.parse().ok()).unwrap_or(usual)
}

/// Writes until nobody answers any more, and tells of each write that was acknowledged.
async fn write(
    api: Api,
    round: usize,
    writer: usize,
    acknowledged: mpsc::UnboundedSender<Acknowledged>,
    count: Arc<AtomicUsize>,
    enough: (usize, Arc<Notify>),
) {
    for number in 0.. {
        let address = format!("guest-{round}-{writer}-{number}@fabrikam.example");
        let wish = json!({
            "invitedUserEmailAddress": address,
            "inviteRedirectUrl": "https://contoso.localhost/",
        });
        let answer = api
            .call(Method::POST, "/v1.0/invitations", Some(&wish))
            .await;
        let Ok(answer) = answer else { return };
        match answer.status {
            StatusCode::CREATED => {
                let user = answer.body.pointer("/invitedUser/id");
                let id = user.and_then(Value::as_str).unwrap_or_default().to_owned();
                let _told = acknowledged.send(Acknowledged { address, id });
                if count.fetch_add(1, Ordering::SeqCst) + 1 == enough.0 {
                    enough.1.notify_one();
                }
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {}
            // Told, and not found afterwards: the test fails.
            other => {
                let id = format!("{other} {}", answer.body);
                let _told = acknowledged.send(Acknowledged { address, id });
                return;
            }
        }
    }
}

/// Lets programs write until the gateway is killed in the middle of it, and starts it again.
async fn crash(world: &mut World, api: &Api, round: usize) -> Outcome<Vec<Acknowledged>> {
    let (told, mut acknowledged) = mpsc::unbounded_channel();
    let (count, reached) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    // Killed after so many: each time at another point of a write.
    let enough = 3 + (round * 7) % 23;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(
            api.clone(),
            round,
            writer,
            told.clone(),
            Arc::clone(&count),
            (enough, Arc::clone(&reached)),
        ));
    }
    drop(told);
    tokio::select! {
        () = reached.notified() => {}
        ended = async { while writers.join_next().await.is_some() {} } => {
            let () = ended;
            return Err("nobody could write".into());
        }
    }
    world.gateway.kill_and_restart().await?;
    while let Some(ended) = writers.join_next().await {
        ended?;
    }
    let mut all = Vec::new();
    while let Some(one) = acknowledged.recv().await {
        all.push(one);
    }
    Ok(all)
}

fn list(page: &Value) -> impl Iterator<Item = &Value> {
    let list = page.get("value").and_then(Value::as_array);
    list.into_iter().flatten()
}

async fn everybody(api: &Api) -> Outcome<BTreeSet<(String, String)>> {
    let mut all = BTreeSet::new();
    let mut next = Some("/v1.0/users?$top=999&$select=id,mail".to_owned());
    while let Some(page) = next {
        let page = api.get(&page).await?;
        for user in list(&page) {
            all.insert((says(user, "mail").to_owned(), says(user, "id").to_owned()));
        }
        next = page
            .get("@odata.nextLink")
            .and_then(Value::as_str)
            .map(str::to_owned);
    }
    Ok(all)
}

/// Whom the audit says were invited.
async fn audited(api: &Api) -> Outcome<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    let mut next =
        Some("/vestibule/v1/audit?operation=Invite%20external%20user&top=1000".to_owned());
    while let Some(page) = next {
        let page = api.get(&page).await?;
        for record in list(&page) {
            let whom = record.pointer("/record/TargetUserOrGroupName");
            let whom = whom.and_then(Value::as_str).unwrap_or_default();
            all.insert(whom.to_owned());
        }
        next = page
            .get("@odata.nextLink")
            .and_then(Value::as_str)
            .map(str::to_owned);
    }
    Ok(all)
}

async fn loses_nothing(world: &mut World, crashes: usize) -> Outcome {
    let api = world.api_for_operator("contoso", &[]).await?;
    let mut acknowledged = Vec::new();
    for round in 0..crashes {
        acknowledged.extend(crash(world, &api, round).await?);
    }
    let everybody = everybody(&api).await?;
    for one in &acknowledged {
        let kept = everybody.contains(&(one.address.clone(), one.id.clone()));
        ensure!(kept, "{one:?} was acknowledged and is lost");
    }
    let written: BTreeSet<String> = everybody
        .into_iter()
        .map(|(address, _)| address)
        .filter(|address| address.starts_with("guest-"))
        .collect();
    let audited = audited(&api).await?;
    ensure!(
        written.is_subset(&audited)
            && audited
                .iter()
                .all(|one| !one.starts_with("guest-") || written.contains(one)),
        "people and audit differ: {:?}",
        written.symmetric_difference(&audited).collect::<Vec<_>>()
    );
    let verified = world.gateway.call().run(&["audit", "verify"]).await?;
    ensure!(
        verified.status.success(),
        "the audit does not verify: {}",
        String::from_utf8_lossy(&verified.stderr)
    );
    Ok(())
}

#[tokio::test]
async fn killed_on_sqlite_it_loses_nothing() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    loses_nothing(&mut world, times(20)).await
}

#[tokio::test]
async fn killed_on_postgresql_it_loses_nothing() -> Outcome {
    let Some(database) = Server::start()? else {
        return Ok(());
    };
    let url = database.database()?;
    let mut world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("default.toml", "store.postgresql.url", url);
        Ok(())
    })
    .await?;
    loses_nothing(&mut world, times(5)).await
}
