//! Values that nobody can guess, made from the entropy of a step.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plugins_sdk::message::Input;
use sha2::{Digest, Sha256};

use crate::rejection::NotSignedIn;

/// What a value is for. Each label gives another value from the same entropy, and none says anything about
/// the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Nonce,
    CodeVerifier,
    AssertionId,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Nonce => b"vestibule oidc nonce\0",
            Self::CodeVerifier => b"vestibule oidc code verifier\0",
            Self::AssertionId => b"vestibule oidc client assertion\0",
        }
    }
}

/// 256 bits in base64url: the hash of the step's entropy under the purpose's label.
pub(crate) fn derive(input: &Input, purpose: Purpose) -> Result<String, NotSignedIn> {
    let entropy = BASE64_URL_SAFE_NO_PAD
        .decode(&input.entropy)
        .ok()
        .filter(|bytes| bytes.len() == 32)
        .ok_or(NotSignedIn::InputUnusable("entropy"))?;
    let digest = Sha256::new()
        .chain_update(purpose.label())
        .chain_update(entropy);
    Ok(BASE64_URL_SAFE_NO_PAD.encode(digest.finalize()))
}
