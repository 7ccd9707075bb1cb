//! What is remembered between steps. The gateway keeps it on the server, bound to the attempt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use plugins_sdk::limits;
use plugins_sdk::message::{Fields, Input};
use serde::{Deserialize, Serialize};

use crate::rejection::Failed;
use crate::trust::IdentityProvider;

/// Longest message that comes back from our own state, bytes.
const MOST_MESSAGE: usize = 1024 * 1024;

/// Where things stand, and what is being waited for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub(crate) enum Phase {
    /// For the partner's metadata.
    Fetching {
        purpose: Purpose,
        /// Whether the metadata was asked for afresh already.
        revalidated: bool,
    },
    /// For the browser to come back.
    AtProvider(Pending),
}

/// What the metadata is wanted for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "purpose")]
pub(crate) enum Purpose {
    /// To ask the partner to sign a person in.
    Ask(Wish),
    /// To verify a response with keys that are newer than those it was asked with.
    Verify { pending: Pending, response: Packed },
    /// To tell the partner of a sign-out.
    SignOut(SignOut),
    /// To verify what came to the logout address.
    Told(Told),
}

/// What the gateway asked for when the sign-in started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wish {
    /// Whether the partner must ask for the credential again.
    pub(crate) fresh: bool,
    /// Whether a second factor must be asked for.
    pub(crate) second_factor: bool,
}

/// One request that has not been answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) request_id: String,
    /// Seconds since the Unix epoch at which the browser was sent away.
    pub(crate) started_at: i64,
    pub(crate) fresh: bool,
    /// The partner's certificates at that time, base64; none where the settings hold them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
}

/// A sign-out to tell the partner of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignOut {
    pub(crate) logout_hint: String,
}

/// What came to the logout address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) message: Message,
    pub(crate) carried: Carried,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) relay_state: Option<String>,
}

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    Request,
    Response,
}

/// How it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Carried {
    /// By Redirect: the query as it was received.
    Query(String),
    /// By POST.
    Form(Packed),
}

/// A message, deflated and in base64: a response is often larger than the state may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Packed(String);

impl Phase {
    pub(crate) fn of(input: &Input) -> Result<Self, Failed> {
        let state = input.state.as_deref().ok_or(Failed::UnexpectedEvent)?;
        serde_json::from_str(state).map_err(|_| Failed::StateUnreadable)
    }

    pub(crate) fn into_state(self) -> Result<String, Failed> {
        let state = serde_json::to_string(&self).map_err(|_| Failed::StateUnreadable)?;
        if state.len() > limits::STATE_BYTES {
            return Err(Failed::StateTooLong);
        }
        Ok(state)
    }
}

impl Pending {
    /// The partner as it was when it was asked.
    pub(crate) fn provider(&self, entity_id: &str) -> Result<IdentityProvider, Failed> {
        let keys: Result<Vec<Vec<u8>>, _> =
            self.keys.iter().map(|key| STANDARD.decode(key)).collect();
        Ok(IdentityProvider {
            entity_id: entity_id.to_owned(),
            signing: keys.map_err(|_| Failed::StateUnreadable)?,
            single_sign_on: Vec::new(),
            single_logout: Vec::new(),
        })
    }
}

impl Packed {
    pub(crate) fn new(message: &[u8]) -> Self {
        Self(STANDARD.encode(compress_to_vec(message, 6)))
    }

    pub(crate) fn open(&self) -> Result<Vec<u8>, Failed> {
        let deflated = STANDARD
            .decode(&self.0)
            .map_err(|_| Failed::StateUnreadable)?;
        decompress_to_vec_with_limit(&deflated, MOST_MESSAGE).map_err(|_| Failed::StateUnreadable)
    }
}

impl Message {
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

impl Told {
    /// Reads what came. One message, in one place: what else there might be is no business of two readers.
    pub(crate) fn read(
        query: &Fields,
        form: &Fields,
        raw_query: Option<&str>,
    ) -> Result<Self, Failed> {
        let found = |fields: &Fields| {
            [Message::Request, Message::Response]
                .into_iter()
                .filter(|message| fields.contains_key(message.parameter()))
                .collect::<Vec<_>>()
        };
        match (found(query).as_slice(), found(form).as_slice()) {
            ([message], []) => Ok(Self {
                message: *message,
                carried: Carried::Query(raw_query.ok_or(Failed::NotOneMessage)?.to_owned()),
                relay_state: query.get("RelayState").cloned(),
            }),
            ([], [message]) => Ok(Self {
                message: *message,
                carried: Carried::Form(Packed::new(&decode(
                    form.get(message.parameter()).map_or("", String::as_str),
                )?)),
                relay_state: form.get("RelayState").cloned(),
            }),
            (_, _) => Err(Failed::NotOneMessage),
        }
    }
}

/// Decodes a message of a form: base64, for some partners in lines.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Failed> {
    let compact: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).map_err(|_| Failed::NotBase64)
}
