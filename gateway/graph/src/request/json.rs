//! Bodies: JSON objects whose unknown members and annotations are ignored, where absent is not null.

use gateway_core::time::UnixTime;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::{ApiError, Area};

/// Deepest nesting of a body.
const MOST_DEEP: usize = 32;

/// What a body says of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing: it stays as it is.
    Absent,
    /// `null`: it is cleared.
    Null,
    /// A value.
    Value(T),
}

impl<T> Given<T> {
    /// The value, where there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// What becomes of `current`.
    #[must_use]
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Absent => current,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// A JSON object of a body, without its annotations.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    members: Map<String, Value>,
    area: Area,
}

impl Object {
    /// Reads a body.
    ///
    /// # Errors
    /// [`ApiError`] with 400 for what is no JSON, no object, or nested too deep.
    pub fn read(body: &[u8], area: Area) -> Result<Self, ApiError> {
        // A byte order mark before JSON is what some editors write.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        if body.trim_ascii().is_empty() {
            return Ok(Self::of(Map::new(), area));
        }
        if depth(body) > MOST_DEEP {
            return Err(ApiError::bad_request(
                area,
                "The body is nested too deeply.",
            ));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self::of(members, area)),
            Ok(Value::Null) => Ok(Self::of(Map::new(), area)),
            Ok(Value::String(text)) if text.is_empty() => Ok(Self::of(Map::new(), area)),
            Ok(_) => Err(ApiError::bad_request(area, "The body is no JSON object.")),
            Err(error) => {
                let message = "The body is not valid JSON.";
                Err(ApiError::bad_request(area, message).because(error))
            }
        }
    }

    /// An object of another one.
    #[must_use]
    pub fn of(mut members: Map<String, Value>, area: Area) -> Self {
        members.retain(|name, _| !name.contains('@') && !name.starts_with('#'));
        Self { members, area }
    }

    /// Its members, annotations left out.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// What it says of a property, whatever that is.
    #[must_use]
    pub fn given(&self, name: &str) -> Given<&Value> {
        match self.members.get(name) {
            None => Given::Absent,
            Some(Value::Null) => Given::Null,
            Some(value) => Given::Value(value),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// [`ApiError`] with 400 for anything else, or one of more than `most` characters.
    pub fn text(&self, name: &str, most: usize) -> Result<Given<String>, ApiError> {
        self.typed(name, "a text", |value| {
            let text = value.as_str()?;
            (text.chars().count() <= most).then(|| text.to_owned())
        })
    }

    /// A text that is there and is not empty.
    ///
    /// # Errors
    /// [`ApiError`] with 400.
    pub fn required(&self, name: &str, most: usize) -> Result<String, ApiError> {
        let text = self.text(name, most)?.value();
        text.filter(|text| !text.trim().is_empty())
            .ok_or_else(|| self.bad(format!("`{name}` is required.")))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`ApiError`] with 400.
    pub fn flag(&self, name: &str) -> Result<Given<bool>, ApiError> {
        self.typed(name, "`true` or `false`", Value::as_bool)
    }

    /// A list of texts.
    ///
    /// # Errors
    /// [`ApiError`] with 400, also for more than `most`.
    pub fn texts(&self, name: &str, most: usize) -> Result<Given<Vec<String>>, ApiError> {
        self.typed(name, "a list of texts", |value| {
            let list = value.as_array()?;
            let text = |one: &Value| one.as_str().map(str::to_owned);
            (list.len() <= most).then(|| list.iter().map(text).collect())?
        })
    }

    /// A list, each element of which is an object.
    ///
    /// # Errors
    /// [`ApiError`] with 400, also for more than `most`.
    pub fn objects(&self, name: &str, most: usize) -> Result<Given<Vec<Self>>, ApiError> {
        let area = self.area;
        self.typed(name, "a list of objects", |value| {
            let list = value.as_array()?;
            let object = |one: &Value| Some(Self::of(one.as_object()?.clone(), area));
            (list.len() <= most).then(|| list.iter().map(object).collect())?
        })
    }

    /// An object.
    ///
    /// # Errors
    /// [`ApiError`] with 400.
    pub fn object(&self, name: &str) -> Result<Given<Self>, ApiError> {
        let area = self.area;
        self.typed(name, "an object", |value| {
            Some(Self::of(value.as_object()?.clone(), area))
        })
    }

    /// A moment.
    ///
    /// # Errors
    /// [`ApiError`] with 400.
    pub fn moment(&self, name: &str) -> Result<Given<UnixTime>, ApiError> {
        let read = |value: &Value| moment(value.as_str()?);
        self.typed(name, "a time such as `2026-01-02T03:04:05Z`", read)
    }

    /// A complaint about the body.
    #[must_use]
    pub fn bad(&self, message: impl Into<String>) -> ApiError {
        ApiError::bad_request(self.area, message)
    }

    fn typed<T>(
        &self,
        name: &str,
        what: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Given<T>, ApiError> {
        match self.given(name) {
            Given::Absent => Ok(Given::Absent),
            Given::Null => Ok(Given::Null),
            Given::Value(value) => match read(value) {
                Some(value) => Ok(Given::Value(value)),
                None => Err(self.bad(format!("`{name}` must be {what} within its limits."))),
            },
        }
    }
}

/// Reads a moment: RFC 3339 with any offset and any fraction, which is cut off.
#[must_use]
pub(crate) fn moment(text: &str) -> Option<UnixTime> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(UnixTime(moment.unix_timestamp()))
}

/// Writes a moment as Graph does: `2026-01-02T03:04:05Z`.
#[must_use]
pub(crate) fn written(moment: UnixTime) -> Option<String> {
    let moment = OffsetDateTime::from_unix_timestamp(moment.0).ok()?;
    moment.format(&Rfc3339).ok()
}

/// How deep brackets nest; texts are skipped.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest): (usize, usize) = (0, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
