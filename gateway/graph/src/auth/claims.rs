//! Claims of a token that has been verified, read one by one: what is absent or of another type is not there.

use gateway_core::time::UnixTime;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

use super::{AUDIENCE, REFUSED, SKEW, TIME};
use crate::error::ApiError;

/// The claims.
pub(super) struct Claims(pub(super) Map<String, Value>);

impl Claims {
    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }

    /// A text, or a complaint.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| missing(name))
    }

    /// Words in a text, separated by spaces.
    pub(super) fn words(&self, name: &str) -> BTreeSet<String> {
        let text = self.text(name).unwrap_or_default();
        text.split_ascii_whitespace().map(str::to_owned).collect()
    }

    /// A list of texts; anything else in it is left out.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let list = self.0.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// Whether the claim is there at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A flag that some write as a number and some as a text.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Whether the owner of the domain of `email` vouches for it. Documented as Boolean, seen as number and text.
    ///
    /// Source: specification "clouds and identity" (`xms_edov`).
    pub(super) fn vouched(&self) -> bool {
        match self.0.get("xms_edov") {
            Some(Value::Bool(vouched)) => *vouched,
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::String(text)) => text == "1" || text == "true",
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        }
    }

    /// Seconds since the epoch. Fractions are cut off; what is no time that a calendar has is none (security row S064).
    fn time(&self, name: &str) -> Option<i64> {
        const MOST: f64 = 253_402_300_799.0;
        let value = self.0.get(name)?;
        if let Some(whole) = value.as_i64() {
            return (0..=253_402_300_799).contains(&whole).then_some(whole);
        }
        let seconds = value.as_f64()?;
        let fits = seconds.is_finite() && (0.0..=MOST).contains(&seconds);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "between 0 and the year 9999, as compared above"
        )]
        let whole = fits.then_some(seconds.trunc() as i64);
        whole
    }

    /// When it was issued.
    pub(super) fn issued(&self) -> Result<i64, ApiError> {
        self.time("iat").ok_or_else(|| missing("iat"))
    }

    /// When it ends.
    pub(super) fn ends(&self) -> Result<i64, ApiError> {
        self.time("exp").ok_or_else(|| missing("exp"))
    }

    /// Checks that it counts at `now`: `exp` and `iat` are there, and so is `nbf` where `nbf` says so.
    pub(super) fn timely(&self, now: UnixTime, nbf: bool) -> Result<(), ApiError> {
        let (issued, ends) = (self.issued()?, self.ends()?);
        let begins = match self.time("nbf") {
            Some(begins) => begins,
            None if nbf || self.has("nbf") => return Err(missing("nbf")),
            None => issued,
        };
        let over = now.0 >= ends.saturating_add(SKEW);
        let early = now.plus(SKEW).0 < begins.max(issued);
        if over || early {
            return Err(ApiError::unauthenticated(TIME));
        }
        Ok(())
    }

    /// Checks that it is for one of `audiences`, and for nobody else.
    pub(super) fn addressed(&self, audiences: &BTreeSet<String>) -> Result<(), ApiError> {
        let audience = match self.0.get("aud") {
            Some(Value::String(one)) => Some(one.as_str()),
            Some(Value::Array(all)) => match all.as_slice() {
                [Value::String(one)] => Some(one.as_str()),
                _ => None,
            },
            _ => None,
        };
        // Some write a resource with a slash behind it, and some without.
        let known = audience.map(|one| one.strip_suffix('/').unwrap_or(one));
        if known.is_some_and(|one| audiences.contains(one)) {
            Ok(())
        } else {
            Err(ApiError::unauthenticated(AUDIENCE))
        }
    }
}

/// A claim that has to be there is not, or is none of its kind.
fn missing(name: &'static str) -> ApiError {
    ApiError::unauthenticated(REFUSED).because(format!("claim `{name}`"))
}

/// Whether it is a GUID in its usual form.
pub(super) fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
