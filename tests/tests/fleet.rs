//! Three gateways on one PostgreSQL, behind nothing: what one is told, all know.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use http::Method;
use http_body_util::{BodyExt as _, Empty};
use postgres_server::Server;
use serde_json::{Value, json};
use tests::api::Api;
use tests::browser::{Browser, Page};
use tests::lateness::Lateness;
use tests::overlay::Overlay;
use tests::people::wrong;
use tests::process::PATIENCE;
use tests::world::{Companion, Options, World};
use tests::{Outcome, ensure, says};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;
use url::Url;

const ADA: &str = "ada@fabrikam.example";
const PAT: &str = "pat@nowhere.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
const README: &str = "/sites/projects/readme.txt";
/// Within so long a revocation holds everywhere, while the database can be reached.
const EVERYWHERE: Duration = Duration::from_secs(1);
/// Within so long an open stream ends.
const CUT: Duration = Duration::from_secs(5);

/// One fleet at a time: what is measured here is measured in seconds, on as many processors as there are.
static TURN: Mutex<()> = Mutex::const_new(());

struct Fleet {
    world: World,
    others: [Companion; 2],
    database: Server,
    url: String,
    _turn: MutexGuard<'static, ()>,
}

impl Fleet {
    /// None where PostgreSQL is not installed, which has been said then.
    async fn start(change: impl FnOnce(&mut Overlay)) -> Outcome<Option<Self>> {
        let turn = TURN.lock().await;
        let Some(database) = Server::start()? else {
            return Ok(None);
        };
        let url = database.database()?;
        let world = World::start_with(Options::default(), |overlay, _| {
            overlay.set("default.toml", "store.postgresql.url", url.as_str());
            change(overlay);
            Ok(())
        })
        .await?;
        let others = [
            world.companion("second").await?,
            world.companion("third").await?,
        ];
        Ok(Some(Self {
            world,
            others,
            database,
            url,
            _turn: turn,
        }))
    }

    /// An address at Contoso through each gateway.
    fn urls(&self, path: &str) -> [String; 3] {
        let [second, third] = &self.others;
        [
            self.world.url("contoso", path),
            second.url("contoso", path),
            third.url("contoso", path),
        ]
    }

    /// The user's id.
    async fn user(&self, api: &Api, address: &str) -> Outcome<String> {
        let found = api
            .get(&format!("/v1.0/users?$filter=mail%20eq%20'{address}'"))
            .await?;
        let id = found.pointer("/value/0/id").and_then(Value::as_str);
        Ok(id
            .ok_or_else(|| format!("no {address}: {found}"))?
            .to_owned())
    }
}

/// How long it takes until `url` is refused.
async fn refused(browser: &mut Browser, url: &str) -> Outcome<Duration> {
    let begun = Instant::now();
    loop {
        let page = browser
            .fetch("GET", url, &[("accept", "application/json")], "")
            .await?;
        if page.status.is_client_error() {
            return Ok(begun.elapsed());
        }
        ensure!(begun.elapsed() < PATIENCE, "{url} is never refused: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_revokes_all_refuse() -> Outcome {
    let Some(fleet) = Fleet::start(|_| {}).await? else {
        return Ok(());
    };
    let [here, there, elsewhere] = fleet.urls(NOTES);
    let mut ada = fleet.world.signed_in(ADA, &here).await?;
    ada.open(&there).await?.expect(200)?;
    ada.open(&elsewhere).await?.expect(200)?;
    // A download that would take for ever, at the gateway that is not told.
    let large = format!(
        "{}/_large?bytes={}",
        there.trim_end_matches("/notes.txt"),
        1u64 << 34
    );
    let answer = ada
        .request("GET", &Url::parse(&large)?, &[], Empty::<Bytes>::new())
        .await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    let mut body = answer.into_body();

    let gus = fleet.world.api_for("gus@contoso.example").await?;
    let [_, third] = &fleet.others;
    let at_third = third.api(&fleet.world, &gus);
    let id = fleet.user(&at_third, ADA).await?;
    at_third
        .post(
            &format!("/v1.0/users/{id}/revokeSignInSessions"),
            &Value::Null,
        )
        .await?;
    let (machine, told) = (Lateness::watch(), Instant::now());
    let page = ada
        .fetch("GET", &elsewhere, &[("accept", "application/json")], "")
        .await?;
    ensure!(
        page.status == 401,
        "the gateway that was told lets in: {page}"
    );
    for url in [&here, &there] {
        refused(&mut ada, url).await?;
        ensure!(
            told.elapsed() < machine.allow(EVERYWHERE),
            "{url}: refused after {:?}",
            told.elapsed()
        );
    }
    let cut = timeout(PATIENCE, async {
        while let Some(Ok(_)) = body.frame().await {}
    });
    ensure!(cut.await.is_ok(), "the download goes on");
    let took = told.elapsed();
    ensure!(took < machine.allow(CUT), "the download went on: {took:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_dies_and_the_others_go_on() -> Outcome {
    let Some(mut fleet) = Fleet::start(|_| {}).await? else {
        return Ok(());
    };
    let [here, there, elsewhere] = fleet.urls(NOTES);
    let mut ada = fleet.world.signed_in(ADA, &here).await?;
    let [second, _] = &mut fleet.others;
    second.gateway.kill().await?;
    ensure!(ada.open(&there).await.is_err(), "the dead answer");
    ada.open(&here).await?.expect(200)?;
    ada.open(&elsewhere).await?.expect(200)?;
    let gus = fleet.world.api_for("gus@contoso.example").await?;
    let id = fleet.user(&gus, ADA).await?;
    let blocked = json!({ "accountEnabled": false });
    gus.patch(&format!("/v1.0/users/{id}"), &blocked).await?;
    let (machine, told) = (Lateness::watch(), Instant::now());
    refused(&mut ada, &elsewhere).await?;
    let took = told.elapsed();
    ensure!(took < machine.allow(EVERYWHERE), "after {took:?}");
    Ok(())
}

/// Invites until the database has come back and some more; the addresses that were acknowledged, and how many were not.
async fn inviting(
    api: &Api,
    prefix: &str,
    until: &std::sync::atomic::AtomicBool,
) -> (Vec<String>, usize) {
    let (mut acknowledged, mut failed) = (Vec::new(), 0);
    for number in 0.. {
        let address = format!("{prefix}-{number}@fabrikam.example");
        let wish = json!({
            "invitedUserEmailAddress": address,
            "inviteRedirectUrl": "https://contoso.localhost/",
        });
        match api
            .call(Method::POST, "/v1.0/invitations", Some(&wish))
            .await
        {
            Ok(answer) if answer.status == 201 => acknowledged.push(address),
            _ => failed += 1,
        }
        if until.load(std::sync::atomic::Ordering::SeqCst) {
            break;
        }
    }
    (acknowledged, failed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_restarts_under_load_and_nothing_acknowledged_is_lost() -> Outcome {
    let Some(fleet) = Fleet::start(|_| {}).await? else {
        return Ok(());
    };
    let [here, there, _] = fleet.urls(NOTES);
    let mut ada = fleet.world.signed_in(ADA, &here).await?;
    ada.open(&there).await?.expect(200)?;
    let operator = fleet.world.api_for_operator("contoso", &[]).await?;
    let [second, third] = &fleet.others;
    let apis = [
        operator.clone(),
        second.api(&fleet.world, &operator),
        third.api(&fleet.world, &operator),
    ];
    let enough = std::sync::atomic::AtomicBool::new(false);
    let load = join_all(
        apis.iter()
            .zip(["one", "two", "three"])
            .map(|(api, prefix)| inviting(api, prefix, &enough)),
    );
    let restarts = async {
        for _ in 0..2 {
            tokio::task::block_in_place(|| fleet.database.crash())?;
            // What was read before the failure is known, and the staleness is far from over.
            ada.open(&here).await?.expect(200)?;
        }
        // It is back when something is acknowledged again.
        let begun = Instant::now();
        loop {
            let wish = json!({
                "invitedUserEmailAddress": "last@fabrikam.example",
                "inviteRedirectUrl": "https://contoso.localhost/",
            });
            let answer = operator
                .call(Method::POST, "/v1.0/invitations", Some(&wish))
                .await?;
            if answer.status == 201 {
                break;
            }
            ensure!(
                begun.elapsed() < PATIENCE,
                "it never comes back: {}",
                answer.body
            );
        }
        enough.store(true, std::sync::atomic::Ordering::SeqCst);
        Outcome::Ok(())
    };
    let (written, restarted) = tokio::join!(load, restarts);
    restarted?;
    let mut count = 0;
    for (acknowledged, _) in written {
        for address in acknowledged {
            fleet.user(&apis[1], &address).await?;
            count += 1;
        }
    }
    ensure!(count > 0, "nothing was written");
    let verified = fleet.world.gateway.call().run(&["audit", "verify"]).await?;
    ensure!(
        verified.status.success(),
        "the audit does not verify: {}",
        String::from_utf8_lossy(&verified.stdout)
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_a_gateway_serves_no_longer_than_it_may() -> Outcome {
    let stale = |overlay: &mut Overlay| overlay.set("default.toml", "store.max_staleness", "3s");
    let Some(fleet) = Fleet::start(stale).await? else {
        return Ok(());
    };
    let here = fleet.world.url("contoso", NOTES);
    let mut ada = fleet.world.signed_in(ADA, &here).await?;
    ada.open(&here).await?.expect(200)?;
    tokio::task::block_in_place(|| fleet.database.stop())?;
    let (machine, gone) = (Lateness::watch(), Instant::now());
    ada.open(&here).await?.expect(200)?;
    let json = [("accept", "application/json")];
    loop {
        let page = ada.fetch("GET", &here, &json, "").await?;
        if page.status == 503 {
            page.expect_refusal(503, "directory-stale")?;
            break;
        }
        ensure!(
            gone.elapsed() < machine.allow(Duration::from_secs(5)),
            "it goes on: {page}"
        );
    }
    // Nor by a link that it knew.
    let page = fleet
        .world
        .browser()
        .open(&fleet.world.link("brochure")?)
        .await?;
    ensure!(page.status == 503, "{page}");
    tokio::task::block_in_place(|| fleet.database.begin())?;
    let back = Instant::now();
    while ada.fetch("GET", &here, &json, "").await?.status != 200 {
        ensure!(back.elapsed() < PATIENCE, "it does not come back");
    }
    Ok(())
}

/// The page at another gateway.
fn at(page: &Page, url: &str) -> Outcome<Page> {
    let port = Url::parse(url)?.port();
    let mut page = page.clone();
    page.url.set_port(port).map_err(|()| "no port")?;
    Ok(page)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_146_a_hundred_guesses_at_three_gateways_are_five() -> Outcome {
    let Some(fleet) = Fleet::start(|_| {}).await? else {
        return Ok(());
    };
    let world = &fleet.world;
    let urls = fleet.urls(README);
    let last = world.newest_mail();
    let mut browser = world.browser();
    let page = world.begin(&mut browser, &urls[0], PAT).await?;
    let (code, _) = world.passcode(PAT, last).await?;
    let mut pages = Vec::new();
    for url in &urls {
        pages.push(at(&page, url)?);
    }
    let guesses = (0..100).map(|number| {
        let (mut browser, page) = (browser.clone(), pages[number % 3].clone());
        let guess = wrong(&code);
        async move { browser.submit(&page, &[("code", &guess)]).await }
    });
    let answers: Vec<Page> = join_all(guesses)
        .await
        .into_iter()
        .collect::<Outcome<_>>()?;
    let told: Vec<String> = answers.iter().map(ToString::to_string).collect();
    // What is counted is shown to the provider, whatever comes of it, and nothing else is.
    let counted = "SELECT sum(n) FROM counter WHERE scope = 'submission'";
    let counted = fleet.database.ask(&fleet.url, counted)?;
    ensure!(
        counted == "5",
        "{counted} guesses were evaluated: {told:#?}"
    );
    let shown = answers.iter().filter(|page| page.offers("code")).count();
    ensure!(shown <= 5, "{shown} were answered: {told:#?}");
    // The right one comes too late, anywhere.
    for page in &pages {
        let late = browser.clone().submit(page, &[("code", &code)]).await?;
        ensure!(late.url.path() != README, "let in: {late}");
    }
    let who = browser
        .fetch(
            "GET",
            &world.url("contoso", "/_vestibule/whoami"),
            &[("accept", "application/json")],
            "",
        )
        .await?;
    ensure!(says(&who.json()?, "code") == "sign-in-required", "{who}");
    Ok(())
}
