//! Sharing links: a token in the address becomes a link in the session, and the browser goes on to the item.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use gateway_core::action::Action;
use gateway_core::policy::{Challenge, Question, Target};
use gateway_core::sharing::{LinkScope, LinkType, SharingLink};
use gateway_core::time::UnixTime;
use gateway_sign_in::AddressPrefix;
use gateway_sign_in::session::{self, Session};
use gateway_store::StoreError;
use gateway_store::model::{Counted, Wanted};
use http::Response;
use http::header::SET_COOKIE;

use crate::body::Body;
use crate::facts;
use crate::join::join;
use crate::judge::{self, NotAllowed};
use crate::pipeline::Visitor;
use crate::record::Record;
use crate::respond::{self, Refusal};
use crate::route::Resource;

/// Unknown tokens are counted over this many seconds.
const WINDOW: u32 = 3600;
/// Once there were too many, nothing is looked up for that network for this long, in seconds.
pub(crate) const BARRED: i64 = 600;
/// Networks remembered at once; when they are more, the memory begins anew and the count in the store goes on.
const REMEMBERED: usize = 10_000;

/// Networks that tried too many unknown tokens. While one is barred, a token that exists is answered like any other:
/// guessing on would show nothing (row S171).
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    barred: Mutex<HashMap<AddressPrefix, UnixTime>>,
}

impl Guesses {
    fn are_barred(&self, prefix: AddressPrefix, now: UnixTime) -> bool {
        let barred = self.barred.lock().unwrap_or_else(PoisonError::into_inner);
        barred.get(&prefix).is_some_and(|until| now < *until)
    }

    fn bar(&self, prefix: AddressPrefix, now: UnixTime) {
        let mut barred = self.barred.lock().unwrap_or_else(PoisonError::into_inner);
        if barred.len() >= REMEMBERED {
            barred.clear();
        }
        barred.insert(prefix, now.plus(BARRED));
    }
}

/// Opens the link with that token.
///
/// # Errors
/// [`Refusal`]: unknown, too many unknown before, a challenge for links that ask who comes, or what the rules say.
pub(crate) async fn open(
    visitor: &Visitor<'_>,
    token: &str,
    record: &mut Record,
) -> Result<Response<Body>, Refusal> {
    let (gateway, now) = (visitor.gateway, visitor.now);
    let prefix = AddressPrefix::from(visitor.client);
    if gateway.guesses.are_barred(prefix, now) {
        return Err(Refusal::TooManyGuesses);
    }
    let Some(link) = find(visitor, token).await? else {
        return Err(unknown(visitor, prefix).await);
    };
    let link = &link;
    record.opened(link);
    let item = link.item.encoded();
    let session = shown(visitor, link)?;
    match link.scope {
        // The item's own address asks who comes, and knows what the link allows.
        LinkScope::Users(_) => join(visitor, link, &session).await?,
        LinkScope::ExistingAccess => {}
        LinkScope::Anonymous | LinkScope::Organization => allowed(visitor, link, &session).await?,
    }
    let sealed = session::seal(&session, visitor.host, &gateway.keyring)
        .map_err(|error| Refusal::Internal(error.to_string()))?;
    let mut response = respond::see_other(&item);
    response
        .headers_mut()
        .append(SET_COOKIE, session::set_cookie(&sealed));
    Ok(response)
}

async fn find(visitor: &Visitor<'_>, token: &str) -> Result<Option<SharingLink>, StoreError> {
    let hash = digest(&SHA256, token.as_bytes());
    let Ok(hash) = <[u8; 32]>::try_from(hash.as_ref()) else {
        return Ok(None);
    };
    let wanted = Wanted {
        token: Some(hash),
        ..Wanted::of(visitor.tenant.clone())
    };
    let view = visitor.gateway.directory.look(&wanted).await?;
    let directory = view.tenant(visitor.tenant);
    Ok(directory.and_then(|directory| directory.link_by_token(&hash).cloned()))
}

async fn unknown(visitor: &Visitor<'_>, prefix: AddressPrefix) -> Refusal {
    let limit = visitor
        .configuration
        .gateway
        .limits
        .unknown_links_per_prefix;
    let store = visitor.gateway.directory.store();
    match store
        .count(
            "unknown-link",
            &prefix.to_string(),
            WINDOW,
            limit,
            visitor.now,
        )
        .await
    {
        Ok(Counted::Within(_)) => Refusal::NoSuchLink,
        Ok(Counted::Exceeded) => {
            visitor.gateway.guesses.bar(prefix, visitor.now);
            Refusal::TooManyGuesses
        }
        Err(error) => Refusal::Internal(error.to_string()),
    }
}

/// The visitor's session with the link in it; a new one for a stranger, unless members are asked for.
fn shown(visitor: &Visitor<'_>, link: &SharingLink) -> Result<Session, Refusal> {
    let person = visitor
        .session
        .is_some_and(|session| session.person.is_some());
    if link.scope == LinkScope::Organization && !person {
        return Err(NotAllowed::Challenge(Challenge::MemberSignIn).into());
    }
    let mut session = match visitor.session {
        Some(session) => session.clone(),
        None => {
            let life = visitor.configuration.gateway.sessions.absolute.as_secs();
            let expires = visitor.now.plus(i64::try_from(life).unwrap_or(i64::MAX));
            Session::begin(visitor.tenant.clone(), expires, visitor.now)
                .map_err(|error| Refusal::Internal(error.to_string()))?
        }
    };
    // When it was used last stays as it is: opening a link is no request that the person was allowed.
    session.add_link(link.id.clone());
    Ok(session)
}

/// Whether the link serves now, so that nobody is sent on to be refused there.
async fn allowed(
    visitor: &Visitor<'_>,
    link: &SharingLink,
    session: &Session,
) -> Result<(), Refusal> {
    let action = match link.kind {
        LinkType::View | LinkType::Review | LinkType::Edit => Action::Download,
        LinkType::BlocksDownload => Action::View,
        LinkType::CreateOnly => Action::Create,
    };
    let target = Target {
        tenant: visitor.tenant.clone(),
        site: link.site.clone(),
        path: link.item.clone(),
        query: None,
    };
    let resource = Resource {
        questions: [Question { target, action }].into(),
        transfers: false,
        members_only: false,
    };
    let principal = judge::principal(
        Some(session),
        visitor.configuration.gateway.known(visitor.client),
    );
    let view = visitor.look(Some(session), &resource.questions).await?;
    let facts = facts::gather(
        visitor.configuration,
        &view,
        Some(session),
        &principal,
        &resource.questions,
    );
    judge::decide(Some(session), &principal, &resource, &facts, visitor.now)?;
    Ok(())
}
