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
    DocumentAsk, DocumentRequest, DocumentResponse, Item, NoDocument, Soon, Surroundings,
};
use crate::testing::{Answer, Documents, Played, World};

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

pub(crate) fn names(values: &Value) -> Vec<String> {
    values
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}
