//! Sites, drives and items over documents that are played.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use gateway_core::action::Action;
use gateway_core::path::ItemPath;
use gateway_core::policy::{Decision, Question, Target};
use gateway_core::time::UnixTime;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::drives::rights::Rights;
use crate::response::full;
use crate::surroundings::{
    DocumentAsk, DocumentRequest, DocumentResponse, Item, NoDocument, Soon, Surroundings,
};
use crate::testing::{Answer, Documents, ORIGIN, Played, World};

/// A tree in memory, in front of which the rules are asked as the gateway asks them.
pub(crate) struct Tree {
    gateway: std::sync::Weak<Played>,
    items: Mutex<BTreeMap<String, Option<Bytes>>>,
    /// Whether it can list.
    lists: bool,
}

/// Mia is a member who owns the site, Nils one who reads a folder.
pub(crate) const MORE: &str = r#"
[permissions.mia]
site = "projects"
item = "/sites/projects"
to = "mia@contoso.example"
role = "owner"
created_by = "mia@contoso.example"

[permissions.nils]
site = "projects"
item = "/sites/projects/open"
to = "nils@contoso.example"
role = "read"
created_by = "mia@contoso.example"
"#;

pub(crate) async fn world() -> World {
    over(true, MORE).await
}

pub(crate) async fn over(lists: bool, more: &str) -> World {
    let world = World::with(more).await;
    let items = [
        ("/sites/projects", None),
        ("/sites/projects/open", None),
        ("/sites/projects/open/plan.txt", Some("the plan")),
        ("/sites/projects/open/a%20b%3Ac.txt", Some("colon")),
        ("/sites/projects/closed", None),
        ("/sites/projects/closed/secret.txt", Some("secret")),
    ];
    let items = items
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.map(Bytes::from)));
    let tree = Tree {
        gateway: Arc::downgrade(&world.gateway),
        items: Mutex::new(items.collect()),
        lists,
    };
    assert!(world.gateway.documents.set(Arc::new(tree)).is_ok());
    world
}

fn key(path: &ItemPath) -> String {
    path.encoded().trim_end_matches('/').to_owned()
}

impl Tree {
    fn item(&self, path: &str) -> Option<Item> {
        let items = self.items.lock().unwrap();
        let content = items.get(path)?;
        Some(Item {
            path: ItemPath::parse(path).unwrap(),
            folder: content.is_none(),
            size: content.as_ref().map(|bytes| bytes.len() as u64),
            media_type: content.as_ref().map(|_| "text/plain".to_owned()),
            etag: content.as_ref().map(|bytes| format!("\"{}\"", bytes.len())),
            created: None,
            modified: Some(UnixTime(1_700_000_000)),
        })
    }

    /// The question, to be asked before anything is awaited: a body is nobody else's.
    fn question(caller: &Caller, request: &DocumentRequest) -> Question {
        let action = match request.ask {
            DocumentAsk::Stat | DocumentAsk::Children => Action::View,
            DocumentAsk::Read(_) => Action::Download,
            DocumentAsk::Write(..) => Action::Edit,
            DocumentAsk::MakeFolder => Action::Create,
            DocumentAsk::Delete(_) => Action::Delete,
        };
        let target = Target {
            tenant: caller.tenant.clone(),
            site: request.site.clone(),
            path: request.path.clone(),
            query: None,
        };
        Question { target, action }
    }

    async fn allowed(
        &self,
        caller: &Caller,
        question: Question,
        links: Vec<gateway_core::id::LinkId>,
        client: std::net::IpAddr,
        now: UnixTime,
    ) -> Result<(), NoDocument> {
        let gateway = self.gateway.upgrade().unwrap();
        let configuration = gateway.configuration();
        let items = vec![(question.target.site.clone(), question.target.path.clone())];
        let wanted = Rights::wanted(&configuration, caller, items, &links);
        let view = gateway.directory().look(&wanted).await;
        let view = view.map_err(|_| NoDocument::Stale)?;
        let rights = Rights {
            configuration: &configuration,
            view: &view,
            caller,
            client,
            links: &links,
        };
        match rights.decide([question].into(), now) {
            Decision::Allow(_) => Ok(()),
            Decision::Challenge(challenge) => Err(NoDocument::Denied(challenge.code())),
            Decision::Request(denial) | Decision::Deny(denial) => {
                Err(NoDocument::Denied(denial.code()))
            }
        }
    }
}

impl Documents for Tree {
    fn ask<'a>(
        &'a self,
        caller: &'a Caller,
        request: DocumentRequest,
    ) -> Soon<'a, Result<DocumentResponse, NoDocument>> {
        Box::pin(async move {
            let path = key(&request.path);
            let question = Self::question(caller, &request);
            let DocumentRequest {
                ask,
                links,
                client,
                now,
                ..
            } = request;
            self.allowed(caller, question, links, client, now).await?;
            match ask {
                DocumentAsk::Stat => Ok(DocumentResponse::Item(self.item(&path))),
                DocumentAsk::Children if !self.lists => Err(NoDocument::NotSupported),
                DocumentAsk::Children => {
                    let Some(own) = self.item(&path) else {
                        return Ok(DocumentResponse::Children(None));
                    };
                    let all: Vec<String> = self.items.lock().unwrap().keys().cloned().collect();
                    let below = format!("{path}/");
                    let held = all.iter().filter(|one| {
                        one.strip_prefix(&below)
                            .is_some_and(|rest| !rest.contains('/'))
                    });
                    let held = held.filter_map(|one| self.item(one)).collect();
                    Ok(DocumentResponse::Children(Some((own, held))))
                }
                DocumentAsk::Read(headers) => {
                    let found = self.items.lock().unwrap().get(&path).cloned().flatten();
                    let Some(bytes) = found else {
                        return Ok(DocumentResponse::Content(
                            StatusCode::NOT_FOUND,
                            HeaderMap::new(),
                            full(Bytes::new()),
                        ));
                    };
                    let mut answer = HeaderMap::new();
                    answer.insert("set-cookie", "a=b".parse().unwrap());
                    let (status, bytes) = match headers.contains_key("range") {
                        true => (StatusCode::PARTIAL_CONTENT, bytes.slice(0..3)),
                        false => (StatusCode::OK, bytes),
                    };
                    Ok(DocumentResponse::Content(status, answer, full(bytes)))
                }
                DocumentAsk::Write(headers, body) => {
                    let bytes = body.collect().await.unwrap().to_bytes();
                    let mut items = self.items.lock().unwrap();
                    let there = items.contains_key(&path);
                    if there && headers.contains_key("if-none-match") {
                        return Ok(DocumentResponse::Done(StatusCode::PRECONDITION_FAILED));
                    }
                    items.insert(path, Some(bytes));
                    let status = if there {
                        StatusCode::NO_CONTENT
                    } else {
                        StatusCode::CREATED
                    };
                    Ok(DocumentResponse::Done(status))
                }
                DocumentAsk::MakeFolder => {
                    let made = self.items.lock().unwrap().insert(path, None);
                    let status = if made.is_some() {
                        StatusCode::METHOD_NOT_ALLOWED
                    } else {
                        StatusCode::CREATED
                    };
                    Ok(DocumentResponse::Done(status))
                }
                DocumentAsk::Delete(_) => {
                    let gone = self.items.lock().unwrap().remove(&path);
                    let status = if gone.is_some() {
                        StatusCode::NO_CONTENT
                    } else {
                        StatusCode::NOT_FOUND
                    };
                    Ok(DocumentResponse::Done(status))
                }
            }
        })
    }
}

/// A token of another member.
pub(crate) fn nils(scopes: &str) -> String {
    let mut claims = crate::testing::person(scopes);
    claims["oid"] = json!("55555555-5555-4555-8555-555555555555");
    claims["preferred_username"] = json!("nils@contoso.example");
    crate::testing::token(&claims)
}

pub(crate) async fn drive(world: &World, token: &str) -> String {
    let answer = world
        .get("/v1.0/sites/contoso.example:/sites/projects:/drive", token)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn put(world: &World, path: &str, token: &str, kind: &str, text: &'static str) -> Answer {
    let request = http::Request::builder()
        .method(Method::PUT)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", kind);
    world.send(request.body(Bytes::from(text)).unwrap()).await
}

const ALL: &str = "Files.ReadWrite.All Sites.ReadWrite.All";

#[tokio::test]
async fn sites_and_drives_have_their_names_and_ids() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let site = world
        .get("/v1.0/sites/contoso.example:/sites/projects", &mia)
        .await;
    assert_eq!(site.status, StatusCode::OK, "{site:?}");
    let id = site.body["id"].as_str().unwrap();
    assert_eq!(
        site.body["webUrl"],
        "https://contoso.example/sites/projects"
    );
    assert_eq!(site.body["siteCollection"]["hostname"], "contoso.example");
    for same in [
        format!("/v1.0/sites/{id}"),
        format!("/v1.0//sites/{}", id.replace(',', "%2C")),
        "/v1.0/sites/contoso.example/getByPath(path='%2Fsites%2Fprojects')".to_owned(),
    ] {
        let again = world.get(&same, &mia).await;
        assert_eq!(again.body["id"], id, "{same}: {again:?}");
    }
    let drives = world.get(&format!("/v1.0/sites/{id}/drives"), &mia).await;
    let drive = drives.body["value"][0].clone();
    assert_eq!(drive["driveType"], "documentLibrary");
    let drive = drive["id"].as_str().unwrap();
    assert!(drive.starts_with("b!"));
    let again = world
        .get(&format!("/v1.0/drives/{}", drive.replace('!', "%21")), &mia)
        .await;
    assert_eq!(again.body["id"], drive);
    let all = world.get("/v1.0/sites", &mia).await;
    assert_eq!(all.body["value"].as_array().unwrap().len(), 1);
    for missing in [
        "/v1.0/sites/root",
        "/v1.0/sites/other.example:/sites/projects",
        "/v1.0/drives/b!x",
        "/v1.0/me/drive",
    ] {
        let answer = world.get(missing, &mia).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::NOT_FOUND, "itemNotFound"),
            "{missing}"
        );
    }
    let lists = world.get(&format!("/v1.0/sites/{id}/lists"), &mia).await;
    assert_eq!(
        (lists.status, lists.code()),
        (StatusCode::NOT_IMPLEMENTED, "notSupported")
    );
}

#[tokio::test]
async fn one_item_has_one_id_however_it_is_named() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let first = world
        .get(&format!("/v1.0/drives/{drive}/root:/open/plan.txt"), &mia)
        .await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    let id = first.body["id"].as_str().unwrap();
    assert_eq!(
        (first.body["name"].as_str(), first.body["size"].as_i64()),
        (Some("plan.txt"), Some(8))
    );
    assert_eq!(first.body["eTag"], "\"8\"");
    assert_eq!(first.body["file"]["mimeType"], "text/plain");
    assert!(first.body.get("@microsoft.graph.downloadUrl").is_none());
    for same in [
        format!("items/{id}"),
        "root%3A%2Fopen%2Fplan.txt%3A".to_owned(),
        "items/root:/open/plan.txt".to_owned(),
    ] {
        let again = world
            .get(&format!("/v1.0/drives/{drive}/{same}"), &mia)
            .await;
        assert_eq!(again.body["id"], id, "{same}: {again:?}");
    }
    let folder = first.body["parentReference"]["id"].as_str().unwrap();
    let below = world
        .get(
            &format!("/v1.0/drives/{drive}/items/{folder}:/plan.txt"),
            &mia,
        )
        .await;
    assert_eq!(below.body["id"], id);
    let unknown = world
        .get(&format!("/v1.0/drives/{drive}/items/01AAAA"), &mia)
        .await;
    assert_eq!(
        (unknown.status, unknown.code()),
        (StatusCode::NOT_FOUND, "itemNotFound")
    );
    let bad = world
        .get(&format!("/v1.0/drives/{drive}/root:/open/..%2f/x"), &mia)
        .await;
    assert_eq!(
        (bad.status, bad.inner()),
        (StatusCode::BAD_REQUEST, "invalidPath"),
        "{bad:?}"
    );
}

#[tokio::test]
async fn an_id_moves_along_with_its_item() {
    use gateway_store::model::{Actor, AuditEvent, Change, Write};
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let first = world
        .get(
            &format!("/v1.0/drives/{drive}/root:/closed/secret.txt"),
            &mia,
        )
        .await;
    let (id, over) = (first.body["id"].clone(), "/v1.0/drives");
    let other = world
        .get(&format!("{over}/{drive}/root:/open/plan.txt"), &mia)
        .await;
    let (tenant, site) = {
        let configuration = world.gateway.configuration();
        let tenant = configuration
            .tenants
            .values()
            .find(|one| one.id.as_str() == "contoso")
            .unwrap();
        (
            tenant.id.clone(),
            tenant.sites.keys().next().unwrap().clone(),
        )
    };
    let path = |text: &str| ItemPath::parse(text).unwrap();
    let moved = Write {
        tenant,
        at: world.gateway.now(),
        expect: Vec::new(),
        changes: vec![Change::MoveItem {
            from_site: site.clone(),
            from: path("/sites/projects/closed"),
            to_site: site,
            to: path("/sites/projects/open"),
            case: Default::default(),
        }],
        audit: vec![AuditEvent::of("FileMoved", Actor::default())],
    };
    let written = world.gateway.directory().write(moved).await.unwrap();
    assert!(matches!(written, gateway_store::model::Written::Yes { .. }));
    let store = world.gateway.directory().store();
    let tenant = gateway_core::id::TenantId::parse("contoso").unwrap();
    let found = store
        .item(&tenant, id.as_str().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.1, "/sites/projects/open/secret.txt");
    // What was overwritten has no id any more.
    let gone = store
        .item(&tenant, other.body["id"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(gone, None);
}

#[tokio::test]
async fn children_come_in_pages_without_a_null_at_the_end() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let first = world
        .get(
            &format!("/v1.0/drives/{drive}/root/children?$top=1&$select=name"),
            &mia,
        )
        .await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    assert_eq!(first.body["value"][0]["name"], "closed");
    assert!(first.body["value"][0].get("size").is_none());
    let next = first.body["@odata.nextLink"].as_str().unwrap();
    let rest = next.strip_prefix(ORIGIN).unwrap();
    assert!(
        rest.contains("$skiptoken=") && rest.contains("$top=1"),
        "{rest}"
    );
    let second = world.get(rest, &mia).await;
    assert_eq!(second.body["value"][0]["name"], "open", "{second:?}");
    assert!(second.body.get("@odata.nextLink").is_none());
    let backwards = world
        .get(
            &format!("/v1.0/drives/{drive}/root/children?$orderby=name%20desc"),
            &mia,
        )
        .await;
    assert_eq!(backwards.body["value"][0]["name"], "open");
    let expanded = world
        .get(&format!("/v1.0/drives/{drive}/root?$expand=children"), &mia)
        .await;
    assert_eq!(
        expanded.body["children"].as_array().unwrap().len(),
        2,
        "{expanded:?}"
    );
    for bad in [
        "$expand=permissions",
        "$orderby=size",
        "$top=0",
        "$skiptoken=%ff",
        "$filter=a",
    ] {
        let answer = world
            .get(&format!("/v1.0/drives/{drive}/root/children?{bad}"), &mia)
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer:?}");
    }
}

#[tokio::test]
async fn content_is_bytes_and_never_a_redirect() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/plan.txt:/content");
    let whole = world.get(&path, &mia).await;
    assert_eq!(
        (whole.status, whole.bytes.as_slice()),
        (StatusCode::OK, &b"the plan"[..])
    );
    assert!(whole.headers.get("location").is_none() && whole.headers.get("set-cookie").is_none());
    assert_eq!(whole.headers["content-disposition"], "attachment");
    let part = http::Request::builder()
        .uri(&path)
        .header("range", "bytes=0-2")
        .header("authorization", format!("Bearer {mia}"));
    let part = world.send(part.body(Bytes::new()).unwrap()).await;
    assert_eq!(
        (part.status, part.bytes.as_slice()),
        (StatusCode::PARTIAL_CONTENT, &b"the"[..])
    );
    let colon = world
        .get(
            &format!("/v1.0/drives/{drive}/root:/open/a%20b:c.txt:/content"),
            &mia,
        )
        .await;
    assert_eq!(colon.bytes, b"colon", "{colon:?}");
}

#[tokio::test]
async fn uploads_mind_no_content_type_and_their_conflicts() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/new.txt:/content");
    // The SDK for JavaScript says that a text is JSON.
    let made = put(&world, &path, &mia, "application/json", "hello").await;
    assert_eq!(
        (made.status, made.body["name"].as_str()),
        (StatusCode::CREATED, Some("new.txt")),
        "{made:?}"
    );
    let again = put(&world, &path, &mia, "application/octet-stream", "again").await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.body["id"], made.body["id"]);
    let fail = format!("{path}?@microsoft.graph.conflictBehavior=fail");
    let refused = put(&world, &fail, &mia, "text/plain", "x").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::CONFLICT, "nameAlreadyExists"),
        "{refused:?}"
    );
    let rename = format!("{path}?@microsoft.graph.conflictBehavior=rename");
    let renamed = put(&world, &rename, &mia, "text/plain", "x").await;
    assert_eq!(
        (renamed.status, renamed.body["name"].as_str()),
        (StatusCode::CREATED, Some("new 1.txt"))
    );
    let id = made.body["id"].as_str().unwrap();
    let by_id = put(
        &world,
        &format!("/v1.0/drives/{drive}/items/{id}/content"),
        &mia,
        "x/y",
        "by id",
    )
    .await;
    assert_eq!(by_id.status, StatusCode::OK, "{by_id:?}");
    let parts = world
        .call(
            Method::POST,
            &format!("/v1.0/drives/{drive}/items/{id}/createUploadSession"),
            &mia,
            None,
        )
        .await;
    assert_eq!(
        (parts.status, parts.code()),
        (StatusCode::NOT_IMPLEMENTED, "notSupported")
    );
    let delta = world
        .get(&format!("/v1.0/drives/{drive}/root/delta"), &mia)
        .await;
    assert_eq!(
        (delta.status, delta.code()),
        (StatusCode::NOT_IMPLEMENTED, "notSupported")
    );
}

#[tokio::test]
async fn folders_are_made_and_items_deleted() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let children = format!("/v1.0/drives/{drive}/root/children");
    let body = json!({"name": "new", "folder": {}, "@microsoft.graph.conflictBehavior": "rename"});
    let made = world
        .call(Method::POST, &children, &mia, Some(body.clone()))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let second = world.call(Method::POST, &children, &mia, Some(body)).await;
    assert_eq!(second.body["name"], "new 1");
    let taken = world
        .call(
            Method::POST,
            &children,
            &mia,
            Some(json!({"name": "new", "folder": {}})),
        )
        .await;
    assert_eq!(
        (taken.status, taken.code()),
        (StatusCode::CONFLICT, "nameAlreadyExists")
    );
    for bad in [
        json!({"name": "x"}),
        json!({"name": "a/b", "folder": {}}),
        json!({"name": "..", "folder": {}}),
        json!({"folder": {}}),
    ] {
        let answer = world.call(Method::POST, &children, &mia, Some(bad)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    }
    let plan = format!("/v1.0/drives/{drive}/root:/open/plan.txt");
    let stale = http::Request::builder()
        .method(Method::DELETE)
        .uri(&plan)
        .header("if-match", "\"other\"")
        .header("authorization", format!("Bearer {mia}"));
    let stale = world.send(stale.body(Bytes::new()).unwrap()).await;
    assert_eq!(
        (stale.status, stale.inner()),
        (StatusCode::PRECONDITION_FAILED, "entityTagDoesNotMatch")
    );
    let gone = world.call(Method::DELETE, &plan, &mia, None).await;
    assert_eq!((gone.status, gone.bytes.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(world.get(&plan, &mia).await.status, StatusCode::NOT_FOUND);
    let root = world
        .call(
            Method::DELETE,
            &format!("/v1.0/drives/{drive}/root"),
            &mia,
            None,
        )
        .await;
    assert_eq!(root.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn plain_upstreams_have_items_and_list_nothing() {
    let world = over(false, MORE).await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let item = world
        .get(&format!("/v1.0/drives/{drive}/root:/open/plan.txt"), &mia)
        .await;
    assert_eq!(item.status, StatusCode::OK);
    let held = world
        .get(&format!("/v1.0/drives/{drive}/root/children"), &mia)
        .await;
    assert_eq!(
        (held.status, held.code()),
        (StatusCode::NOT_IMPLEMENTED, "notSupported")
    );
}

#[tokio::test]
async fn sec_072_scopes_and_rights_both_count() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let plan = format!("/v1.0/drives/{drive}/root:/open/plan.txt");
    let content = format!("{plan}:/content");
    let secret = format!("/v1.0/drives/{drive}/root:/closed/secret.txt");
    let check = async |answer: Answer, want: &str| {
        assert_eq!(
            (answer.status, answer.code(), answer.inner()),
            (StatusCode::FORBIDDEN, "accessDenied", want),
            "{answer:?}"
        );
    };
    check(
        world.get(&plan, &world.person("User.Read.All", &[])).await,
        "",
    )
    .await;
    check(
        put(
            &world,
            &content,
            &world.person("Files.Read.All", &[]),
            "x/y",
            "x",
        )
        .await,
        "",
    )
    .await;
    // The token may write, the person may not.
    check(
        put(&world, &content, &nils(ALL), "x/y", "x").await,
        "permissionInsufficient",
    )
    .await;
    check(world.get(&secret, &nils(ALL)).await, "permissionMissing").await;
    assert_eq!(
        world.get(&plan, &nils("Files.Read")).await.status,
        StatusCode::OK
    );
    // Applications have what was consented to, in every site.
    assert_eq!(
        world
            .get(&secret, &world.application(&["Files.Read.All"]))
            .await
            .status,
        StatusCode::OK
    );
    check(
        put(
            &world,
            &content,
            &world.application(&["Sites.Read.All"]),
            "x/y",
            "x",
        )
        .await,
        "",
    )
    .await;
    assert_eq!(
        put(
            &world,
            &content,
            &world.operator("Files.ReadWrite.All"),
            "x/y",
            "x"
        )
        .await
        .status,
        StatusCode::OK
    );
    // Nothing of one tenant is there for another.
    let mut other = crate::testing::person(ALL);
    other["tid"] = json!(crate::testing::WOODGROVE);
    other["iss"] = json!(format!(
        "https://login.microsoftonline.com/{}/v2.0",
        crate::testing::WOODGROVE
    ));
    other["preferred_username"] = json!("mia@woodgrove.example");
    let answer = world.get(&plan, &crate::testing::token(&other)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
}

#[tokio::test]
async fn a_download_ticket_is_for_one_item_and_a_minute() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path =
        format!("/v1.0/drives/{drive}/root:/open/plan.txt?$select=id,@microsoft.graph.downloadUrl");
    let item = world.get(&path, &mia).await;
    let url = item.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let ticket = url.strip_prefix(ORIGIN).unwrap().to_owned();
    assert_eq!(world.get(&ticket, "").await.bytes, b"the plan");
    let mut altered = ticket.clone();
    altered.pop();
    assert_eq!(
        world.get(&altered, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    world.wait(crate::drives::ticket::LIFE - 1);
    assert_eq!(world.get(&ticket, "").await.status, StatusCode::OK);
    world.wait(1);
    let over = world.get(&ticket, "").await;
    assert_eq!(
        (over.status, over.code()),
        (StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken")
    );
}

#[tokio::test]
async fn sec_178_a_ticket_is_judged_again_when_it_is_used() {
    use gateway_core::id::{PermissionId, TenantId};
    use gateway_store::model::{Actor, AuditEvent, Change, Write};
    let world = world().await;
    let reader = nils("Files.Read");
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path =
        format!("/v1.0/drives/{drive}/root:/open/plan.txt?$select=@microsoft.graph.downloadUrl");
    let item = world.get(&path, &reader).await;
    let url = item.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let ticket = url.strip_prefix(ORIGIN).unwrap().to_owned();
    assert_eq!(world.get(&ticket, "").await.status, StatusCode::OK);
    let revoked = Write {
        tenant: TenantId::parse("contoso").unwrap(),
        at: world.gateway.now(),
        expect: Vec::new(),
        changes: vec![Change::RemovePermission(
            PermissionId::parse("nils").unwrap(),
        )],
        audit: vec![AuditEvent::of("SharingRevoked", Actor::default())],
    };
    world.gateway.directory().write(revoked).await.unwrap();
    let refused = world.get(&ticket, "").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::FORBIDDEN, "accessDenied"),
        "{refused:?}"
    );
}

pub(crate) fn names(values: &Value) -> Vec<String> {
    values
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}
