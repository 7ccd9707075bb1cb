//! PEM text (RFC 7468), as far as one key or certificate goes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A block: what its first line names, and its bytes.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) label: String,
    pub(super) der: Vec<u8>,
}

/// The first block of `text`; what stands before and after it is ignored, as other tools do.
pub(super) fn first(text: &str) -> Option<Block> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let base64: String = body.split_ascii_whitespace().collect();
    Some(Block {
        label: label.to_owned(),
        der: BASE64_STANDARD.decode(base64).ok()?,
    })
}
