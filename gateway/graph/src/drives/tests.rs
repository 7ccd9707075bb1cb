//! Sites, drives and items over documents that are played.

mod addresses;
mod content;
mod rights;

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
    Changes, DocumentAsk, DocumentRequest, DocumentResponse, Item, NoDocument, Soon, Surroundings,
    Told,
};
use crate::testing::{Answer, Documents, Played, World};

/// A tree in memory, in front of which the rules are asked as the gateway asks them.
pub(crate) struct Tree {
    gateway: std::sync::Weak<Played>,
    items: Mutex<BTreeMap<String, Option<Bytes>>>,
    /// Whether it can list.
    lists: bool,
    /// Whether it can say what changed.
    tells: bool,
    /// What was there when it said so, by its tokens.
    told: Mutex<Vec<BTreeMap<String, Option<Bytes>>>>,
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
    in_front_of(World::with(more).await, lists)
}

/// The tree behind a gateway.
pub(crate) fn in_front_of(world: World, lists: bool) -> World {
    tree(world, lists, false).0
}

/// The same, with the tree itself.
pub(crate) fn tree(world: World, lists: bool, tells: bool) -> (World, Arc<Tree>) {
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
        tells,
        told: Mutex::default(),
    };
    let tree = Arc::new(tree);
    let played = Arc::clone(&tree) as Arc<dyn Documents>;
    assert!(world.gateway.documents.set(played).is_ok());
    (world, tree)
}

fn key(path: &ItemPath) -> String {
    path.encoded().trim_end_matches('/').to_owned()
}

impl Tree {
    /// Puts an item there, or takes it away with all below.
    pub(crate) fn put(&self, path: &str, content: Option<Option<&'static str>>) {
        let mut items = self.items.lock().unwrap();
        match content {
            Some(content) => drop(items.insert(path.to_owned(), content.map(Bytes::from))),
            None => items.retain(|one, _| one != path && !one.starts_with(&format!("{path}/"))),
        }
    }

    /// Forgets what it said.
    pub(crate) fn forget(&self) {
        self.told.lock().unwrap().fill(BTreeMap::new());
    }

    /// What changed in a folder, as an upstream of RFC 6578 says it one level deep.
    fn changes(&self, path: &str, since: Option<&str>) -> Told {
        let now = self.items.lock().unwrap().clone();
        if now.get(path) != Some(&None) {
            return Told::Gone;
        }
        let mut told = self.told.lock().unwrap();
        let before = match since {
            None => BTreeMap::new(),
            Some(token) => told[token.parse::<usize>().unwrap()].clone(),
        };
        if since.is_some() && before.is_empty() {
            return Told::Stale;
        }
        let below = format!("{path}/");
        let held = |one: &&String| {
            let rest = one.strip_prefix(&below);
            rest.is_some_and(|rest| !rest.contains('/'))
        };
        let changed = now.keys().filter(held);
        let changed = changed.filter(|one| before.get(*one) != now.get(*one));
        let changed = changed.filter_map(|one| self.item(one)).collect();
        let gone = before.keys().filter(held);
        let gone = gone.filter(|one| before[*one].is_some());
        let gone = gone.filter(|one| !now.contains_key(*one));
        let gone = gone.map(|one| ItemPath::parse(one).unwrap()).collect();
        // As some do, it tells of files alone.
        let files = |item: &Item| !item.folder;
        let folders = now.keys().filter(held).filter_map(|one| self.item(one));
        let folders: Vec<Item> = folders.filter(|item| item.folder).collect();
        let changed: Vec<Item> = changed;
        let changed = changed.into_iter().filter(files).collect();
        told.push(now.clone());
        Told::Changes(Changes {
            folders,
            token: (told.len() - 1).to_string(),
            more: false,
            changed,
            gone,
        })
    }

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
            DocumentAsk::Stat | DocumentAsk::Children | DocumentAsk::Changes(_) => Action::View,
            DocumentAsk::Read(_) => Action::Download,
            DocumentAsk::Write(..) => Action::Edit,
            DocumentAsk::MakeFolder => Action::Create,
            DocumentAsk::Delete(_) | DocumentAsk::Move { .. } => Action::Delete,
            DocumentAsk::May(action) | DocumentAsk::Take(action, _) => action,
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
            let target = question.target.clone();
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
                DocumentAsk::Changes(_) if !self.tells => Err(NoDocument::NotSupported),
                DocumentAsk::Changes(since) => {
                    let told = self.changes(&path, since.as_deref());
                    let Told::Changes(mut told) = told else {
                        return Ok(DocumentResponse::Told(told));
                    };
                    let mut seen = Vec::new();
                    for item in told.changed {
                        let question = Question {
                            target: Target {
                                path: item.path.clone(),
                                ..target.clone()
                            },
                            action: Action::View,
                        };
                        let may = self.allowed(caller, question, Vec::new(), client, now);
                        if may.await.is_ok() {
                            seen.push(item);
                        }
                    }
                    told.changed = seen;
                    Ok(DocumentResponse::Told(Told::Changes(told)))
                }
                DocumentAsk::May(_) => Ok(DocumentResponse::Allowed),
                DocumentAsk::Take(_, body) => Ok(DocumentResponse::Taken(body)),
                DocumentAsk::Move { .. } if !self.lists => {
                    Ok(DocumentResponse::Done(StatusCode::METHOD_NOT_ALLOWED))
                }
                DocumentAsk::Move { to, replace, .. } => {
                    let mut items = self.items.lock().unwrap();
                    let to = key(&to);
                    if !replace && items.contains_key(&to) {
                        return Ok(DocumentResponse::Done(StatusCode::PRECONDITION_FAILED));
                    }
                    let below = format!("{path}/");
                    let moved: Vec<String> = items
                        .keys()
                        .filter(|one| **one == path || one.starts_with(&below))
                        .cloned()
                        .collect();
                    for one in &moved {
                        let content = items.remove(one).unwrap();
                        items.insert(one.replacen(&path, &to, 1), content);
                    }
                    Ok(DocumentResponse::Done(match moved.as_slice() {
                        [] => StatusCode::NOT_FOUND,
                        _ => StatusCode::CREATED,
                    }))
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

pub(crate) fn names(values: &Value) -> Vec<String> {
    values
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}
