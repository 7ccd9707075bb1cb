//! `[audit]`: what is written of who did what.

use std::time::Duration;

use super::text;
use crate::model::{AllowedAccess, Audit};
use crate::source::Scope;
use crate::wire;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// The largest part of accesses that may be left out.
const FEWEST: u32 = 1_000_000;

pub(super) fn convert(scope: &Scope<'_>, given: &wire::Audit) -> Option<Audit> {
    let allowed_scope = scope.at("allowed_access");
    let hint = "give `all`, `none`, or one in so many, such as `1/100`";
    let allowed = allowed_scope.required(given.allowed_access.as_deref(), hint);
    let allowed = allowed_scope.parse(allowed, allowed_access);
    let count =
        |key: &str, value: Option<u32>| scope.at(key).required(value, "give a whole number");
    let denials = count("denials_per_minute", given.denials_per_minute);
    let records = count("checkpoint_records", given.checkpoint_records);
    let interval = text::duration(
        &scope.at("checkpoint_interval"),
        given.checkpoint_interval.as_deref(),
        SECOND,
        DAY,
    );
    Some(Audit {
        allowed_access: allowed?,
        denials_per_minute: denials?,
        checkpoint_records: records?,
        checkpoint_interval: interval?,
    })
}

fn allowed_access(text: &str) -> Result<AllowedAccess, &'static str> {
    let wanted = "is not `all`, `none`, or one in so many, `1/2` to `1/1000000`";
    let one_in = |many: &str| match many.parse() {
        // `parse` would take a sign.
        Ok(many) if (2..=FEWEST).contains(&many) && text.bytes().all(|byte| byte != b'+') => {
            Ok(AllowedAccess::OneIn(many))
        }
        Ok(_) | Err(_) => Err(wanted),
    };
    match text {
        "all" => Ok(AllowedAccess::All),
        "none" => Ok(AllowedAccess::None),
        _ => text.strip_prefix("1/").map_or(Err(wanted), one_in),
    }
}
