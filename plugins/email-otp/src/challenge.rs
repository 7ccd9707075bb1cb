//! A code that was sent, without the code.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Wrong tries after which a code is burned.
pub(crate) const TRIES: u8 = 5;

/// The instance's secret.
pub(crate) struct InstanceKey(hmac::Key);

impl InstanceKey {
    /// - `text`: 32 bytes in base64url without padding.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

impl std::fmt::Debug for InstanceKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("InstanceKey")
    }
}

/// A code that was sent. It proves one address, in one attempt, and says nothing about the code to whoever
/// reads the store without the instance's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Challenge {
    /// To whom, as the gateway gave it. Never changes within an attempt.
    pub(crate) address: String,
    /// Seconds since the Unix epoch.
    pub(crate) sent_at: i64,
    /// The code is dead at this second.
    pub(crate) expires_at: i64,
    /// Wrong tries left, at most [`TRIES`].
    pub(crate) tries_left: u8,
    /// Submissions of this attempt so far, over all its codes.
    pub(crate) submitted: u8,
    tag: String,
}

impl Challenge {
    /// - `validity`: seconds.
    pub(crate) fn new(
        key: &InstanceKey,
        address: String,
        attempt: &str,
        code: &str,
        validity: i64,
        now: i64,
    ) -> Self {
        let tag = hmac::sign(&key.0, &message(code, &address, attempt));
        Self {
            tag: BASE64_URL_SAFE_NO_PAD.encode(tag),
            address,
            sent_at: now,
            expires_at: now.saturating_add(validity),
            tries_left: TRIES,
            submitted: 0,
        }
    }

    /// Whether `code` is the one that was sent. Compares in constant time; knows nothing of expiry and tries.
    pub(crate) fn is_answered_by(&self, code: &str, attempt: &str, key: &InstanceKey) -> bool {
        BASE64_URL_SAFE_NO_PAD.decode(&self.tag).is_ok_and(|tag| {
            hmac::verify(&key.0, &message(code, &self.address, attempt), &tag).is_ok()
        })
    }

    /// Names the code without giving it away.
    pub(crate) fn id(&self) -> &str {
        &self.tag
    }
}

/// Lengths go first, so that no part can lend a character to its neighbour.
fn message(code: &str, address: &str, attempt: &str) -> Vec<u8> {
    let mut message = b"vestibule passcode tag\0".to_vec();
    for part in [code, address, attempt] {
        message.extend((part.len() as u64).to_be_bytes());
        message.extend(part.as_bytes());
    }
    message
}
