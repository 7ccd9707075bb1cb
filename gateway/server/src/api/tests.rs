use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_config::model::{ApiListener, Configuration, Uploads as Limits};
use gateway_graph::surroundings::Surroundings;
use http::StatusCode;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::cli::client::{Client, Failed};
use crate::cli::token;
use crate::tests::support::{Nowhere, World};

/// A gateway with its API on a port of its own.
struct Reached {
    world: World,
    address: SocketAddr,
    stop: CancellationToken,
    ended: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

fn listener(rate: u32) -> ApiListener {
    ApiListener {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        client_ca: None,
        origin: "http://gateway.localhost".to_owned(),
        audiences: ["http://gateway.localhost".to_owned()].into(),
        body_bytes: 64 * 1024,
        requests_per_minute: rate,
        uploads: Limits::at("/nowhere".into()),
    }
}

impl Reached {
    async fn new(rate: u32) -> Self {
        let nowhere = "127.0.0.1:1".parse().unwrap();
        let set = |configuration: &mut Configuration| {
            configuration.gateway.api = Some(listener(rate));
        };
        let world = World::with(nowhere, set).await;
        let folder = tempfile::tempdir().unwrap();
        let settings = ApiListener {
            uploads: Limits::at(folder.path().join("uploads")),
            ..listener(rate)
        };
        let entrance = Entrance::open(&settings).await.unwrap();
        let address = entrance.address();
        let stop = CancellationToken::new();
        let beside = Beside {
            documents: world.address,
            network: Arc::new(Nowhere),
            mailer: Arc::new(Nowhere),
        };
        let gateway = Arc::clone(&world.gateway);
        let ended = tokio::spawn(entrance.serve(gateway, beside, stop.clone().cancelled_owned()));
        Self {
            world,
            address,
            stop,
            ended,
            _folder: folder,
        }
    }

    fn token(&self, scope: &str) -> String {
        let configuration = self.world.gateway.configuration();
        let wanted = token::Wanted {
            tenant: configuration.tenants.keys().next().unwrap(),
            scopes: &[scope.to_owned()],
            life: Duration::from_secs(60),
            audience: None,
        };
        token::make(&wanted, &configuration, clock::now()).unwrap()
    }

    /// Does `work` with a client of that token, as the command line does: on a thread without a runtime.
    async fn ask<T: Send + 'static>(
        &self,
        token: String,
        work: impl FnOnce(Client) -> T + Send + 'static,
    ) -> T {
        let origin = format!("http://{}", self.address);
        let asked = move || work(Client::new(&origin, &token, None).unwrap());
        tokio::task::spawn_blocking(asked).await.unwrap()
    }

    async fn get(&self, scope: &str, path: &'static str) -> Result<Value, StatusCode> {
        let token = self.token(scope);
        self.ask(token, move |client| status(client.get(path)))
            .await
    }
}

fn status(asked: Result<Value, Failed>) -> Result<Value, StatusCode> {
    asked.map_err(|failed| match failed {
        Failed::Refused(refusal) => refusal.status,
        other => panic!("{other}"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_what_the_scope_allows() {
    let api = Reached::new(6_000).await;
    let tenants = api.get("Vestibule.Read.All", "/vestibule/v1/tenants").await;
    assert_eq!(tenants.unwrap()["value"].as_array().unwrap().len(), 1);
    let refused = api.get("User.Read.All", "/vestibule/v1/tenants").await;
    assert_eq!(refused.unwrap_err(), StatusCode::FORBIDDEN);
    let unknown = api.get("Vestibule.Read.All", "/vestibule/v1/nowhere").await;
    assert_eq!(unknown.unwrap_err(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_118_an_assertion_for_an_upstream_opens_nothing_here() {
    let api = Reached::new(6_000).await;
    let claims = json!({
        "iss": "vestibule", "aud": "http://gateway.localhost", "tenant": "contoso",
        "scp": "Vestibule.ReadWrite.All", "iat": clock::now().0,
        "exp": clock::now().plus(60).0, "jti": "x",
    });
    let assertion = api.world.gateway.keyring.sign(&claims).unwrap();
    for token in [assertion, "x".to_owned()] {
        let asked = move |client: Client| status(client.get("/vestibule/v1/tenants"));
        let refused = api.ask(token, asked).await;
        assert_eq!(refused.unwrap_err(), StatusCode::UNAUTHORIZED);
    }
    // The same claims of an operator's token do open it.
    let token = api
        .world
        .gateway
        .keyring
        .sign_operator_token(&claims)
        .unwrap();
    let asked = move |client: Client| status(client.get("/vestibule/v1/tenants"));
    assert!(api.ask(token, asked).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_read_as_the_document_says() {
    let api = Reached::new(6_000).await;
    let refused = |body: Value| {
        let token = api.token("Vestibule.ReadWrite.All");
        api.ask(token, move |client| {
            status(client.post("/vestibule/v1/groups", &body)).unwrap_err()
        })
    };
    for wrong in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "id": "team" }),
        json!({ "id": 3, "displayName": "x" }),
        json!({ "id": "Te am", "displayName": "x" }),
        json!({ "id": "team", "displayName": "" }),
        json!({ "id": "team", "displayName": "x", "peeple": [] }),
        json!({ "id": "team", "displayName": "x", "people": ["nobody"] }),
    ] {
        let shown = wrong.to_string();
        assert_eq!(refused(wrong).await, StatusCode::BAD_REQUEST, "{shown}");
    }
    let loops = json!({ "id": "team", "displayName": "x", "groups": ["team"] });
    assert_eq!(refused(loops).await, StatusCode::CONFLICT);
    let large = json!({ "id": "team", "displayName": "x".repeat(70_000) });
    assert_eq!(refused(large).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_changed_and_removed() {
    let api = Reached::new(6_000).await;
    let token = api.token("Vestibule.ReadWrite.All");
    api.ask(token, |client| {
        let body =
            json!({ "id": "partners", "displayName": "Partners", "people": ["ada@x.example"] });
        let made = client.post("/vestibule/v1/groups", &body).unwrap();
        assert_eq!(made["people"], json!(["ada@x.example"]));
        let twice = status(client.post("/vestibule/v1/groups", &body));
        assert_eq!(twice.unwrap_err(), StatusCode::CONFLICT);
        let person = "/vestibule/v1/groups/partners/people/bob%40x.example";
        client.put(person, None).unwrap();
        let one = client.get("/vestibule/v1/groups/partners").unwrap();
        assert_eq!(one["people"], json!(["ada@x.example", "bob@x.example"]));
        client.delete(person).unwrap();
        let gone = status(client.delete(person));
        assert_eq!(gone.unwrap_err(), StatusCode::NOT_FOUND);
        client.delete("/vestibule/v1/groups/partners").unwrap();
        let gone = status(client.get("/vestibule/v1/groups/partners"));
        assert_eq!(gone.unwrap_err(), StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_paced_and_a_stop_ends_the_listener() {
    let api = Reached::new(60).await;
    let token = api.token("Vestibule.Read.All");
    let refused = api
        .ask(token, |client| {
            (0..200).find_map(|_| status(client.get("/vestibule/v1/tenants")).err())
        })
        .await;
    assert_eq!(refused, Some(StatusCode::TOO_MANY_REQUESTS));
    api.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(30), api.ended).await;
    assert!(ended.is_ok(), "it goes on after the stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_is_in_the_words_of_the_command_line() {
    let api = Reached::new(6_000).await;
    let host = api.world.gateway.configuration();
    let host = host.tenants.values().next().unwrap().hosts[0].clone();
    let token = api.token("Vestibule.Read.All");
    api.ask(token, move |client| {
        let ask = |url: String| {
            let body = json!({ "url": url, "action": "view" });
            client.post("/vestibule/v1/explain", &body)
        };
        let told = ask(format!("https://{host}/sites/projects/Plan.docx")).unwrap();
        for word in ["decision", "reason", "decided_by", "rules", "who"] {
            assert!(told.get(word).is_some(), "{word}: {told}");
        }
        let elsewhere = status(ask("https://nowhere.example/x".to_owned()));
        assert_eq!(elsewhere.unwrap_err(), StatusCode::BAD_REQUEST);
        let body = json!({ "set": ["SharingCapability=Disabled"] });
        let foreseen = client.post("/vestibule/v1/impact", &body).unwrap();
        assert!(foreseen.get("lose").is_some(), "{foreseen}");
    })
    .await;
}

#[test]
fn ids_of_calls_are_guids() {
    let id = guid("0123456789abcdef0123456789abcdef");
    assert_eq!(id, "01234567-89ab-8def-8123-456789abcdef");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_surroundings_seal_for_one_purpose_and_know_where_documents_are() {
    let api = Reached::new(6_000).await;
    let around = Around::new(AroundParts {
        gateway: Arc::clone(&api.world.gateway),
        listener: listener(60),
        documents: api.world.address,
        network: Arc::new(Nowhere),
        mailer: Arc::new(Nowhere),
    });
    let sealed = around.seal("link", b"token").unwrap();
    assert_eq!(around.open("link", &sealed).as_deref(), Some(&b"token"[..]));
    assert_eq!(around.open("ticket", &sealed), None);
    let tenant = api.world.gateway.configuration();
    let tenant = tenant.tenants.keys().next().unwrap().clone();
    // The configuration of the tests names the port that people see.
    let port = api.world.gateway.declared.gateway.public.external_port;
    let want = format!("http://contoso.localhost:{}", port.unwrap());
    assert_eq!(around.origin(&tenant), Some(want));
}

#[tokio::test]
async fn an_entrance_needs_a_folder_for_uploads() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let settings = ApiListener {
        uploads: Limits::at(file.path().join("uploads")),
        ..listener(60)
    };
    let refused = Entrance::open(&settings).await.err().unwrap().to_string();
    assert!(refused.contains("listen.api.uploads.folder"), "{refused}");
}

#[tokio::test]
async fn what_a_change_would_do_is_told_of_a_directory_that_fits() {
    use gateway_core::sharing::Role;
    use gateway_graph::surroundings::{Foresee, NotTold};

    use crate::tests::stored;
    let reached = Reached::new(6000).await;
    let tenant = crate::tests::support::tenant();
    let ask = || Foresee {
        set: vec!["SharingCapability=Disabled".to_owned()],
        profile: None,
        at: clock::now(),
    };
    let gateway = &reached.world.gateway;
    assert!(tell::foresee(gateway, &tenant, ask(), 0).await.is_ok());
    let grant = stored::grant("one", "/sites/projects/one", Role::Read);
    stored::write(&reached.world, grant).await;
    let told = tell::foresee(gateway, &tenant, ask(), 0).await;
    assert_eq!(told, Err(NotTold::TooMuch(0)));
    assert!(tell::foresee(gateway, &tenant, ask(), 1).await.is_ok());
}
