//! How a request would be decided, and what a change of settings would do: in the words of the command line.

use std::net::IpAddr;

use gateway_core::action::Action;
use gateway_core::address::EmailAddress;
use gateway_core::id::LinkId;
use gateway_core::time::UnixTime;

use super::AREA;
use super::call::{Call, bad};
use super::words::{self, Proposal, Question};
use crate::error::ApiError;
use crate::request::json::moment;
use crate::response::Response;
use crate::surroundings::{Explain, Foresee, NotTold};

/// When to come again where somebody else is being told.
const BUSY_SECONDS: u32 = 5;

pub(super) async fn explain(call: Call<'_>) -> Result<Response, ApiError> {
    let given: Question = call.body()?;
    let person = given.person.as_deref().map(EmailAddress::parse).transpose();
    let person = person.map_err(|error| bad(format!("`person`: {error}.")))?;
    let links: Result<Vec<LinkId>, _> = given.links.iter().map(|id| LinkId::parse(id)).collect();
    let links = links.map_err(|error| bad(format!("`links`: {error}.")))?;
    let from = given.from.as_deref().map(str::parse::<IpAddr>).transpose();
    let from = from.map_err(|_| bad("`from` is no network address."))?;
    if given.url.len() > 8_192 || links.len() > 20 {
        return Err(bad("`url` or `links` is too long."));
    }
    let ask = Explain {
        person,
        links,
        url: given.url,
        action: action(given.action),
        from,
        at: at(&call, given.at.as_deref())?,
    };
    let around = call.api.surroundings();
    let told = around.explain(&call.caller.tenant, ask).await;
    told.map(Response::ok).map_err(not_told)
}

pub(super) async fn impact(call: Call<'_>) -> Result<Response, ApiError> {
    let given: Proposal = call.body()?;
    if given.set.is_empty() && given.profile.is_none() {
        return Err(bad("Nothing is proposed: give `set` or `profile`."));
    }
    if given.set.len() > 200 {
        return Err(bad("`set` must be a list of at most 200."));
    }
    let ask = Foresee {
        at: at(&call, given.at.as_deref())?,
        set: given.set,
        profile: given.profile,
    };
    let around = call.api.surroundings();
    let told = around.foresee(&call.caller.tenant, ask).await;
    told.map(Response::ok).map_err(not_told)
}

fn at(call: &Call<'_>, given: Option<&str>) -> Result<UnixTime, ApiError> {
    match given {
        None => Ok(call.request.now),
        Some(text) => {
            moment(text).ok_or_else(|| bad("`at` must be a moment such as `2026-11-21T12:00:00Z`."))
        }
    }
}

fn not_told(error: NotTold) -> ApiError {
    match error {
        NotTold::Asked(ref why) => bad(format!("{why}.")),
        NotTold::TooMuch(_) => bad(format!(
            "Ask `vestibule impact` on the gateway's machine: {error}."
        ))
        .with_inner("directoryTooLarge"),
        NotTold::Busy => ApiError::throttled(AREA, BUSY_SECONDS),
        NotTold::Unavailable(why) => ApiError::unavailable(AREA, why),
    }
}

const fn action(action: words::Action) -> Action {
    match action {
        words::Action::View => Action::View,
        words::Action::Download => Action::Download,
        words::Action::Edit => Action::Edit,
        words::Action::Create => Action::Create,
        words::Action::Delete => Action::Delete,
        words::Action::ReadUserInfo => Action::ReadUserInfo,
    }
}
