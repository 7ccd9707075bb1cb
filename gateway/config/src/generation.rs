//! What tells one configuration from another.

use std::ffi::OsStr;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::Sources;
use crate::source::{Found, Text, is_setting};

/// SHA-256 over the name and content of every file, the environment's name and the variables that set
/// something, hexadecimal. Secrets are left out: a printed hash over a weak one would help to guess it.
pub(crate) fn of(found: &Found, sources: &Sources) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    for Text { file, text } in found.texts() {
        // Without the folder: the same files elsewhere are the same configuration.
        add(Path::new(file)
            .file_name()
            .and_then(OsStr::to_str)
            .unwrap_or_default());
        add(text);
    }
    add(&sources.environment);
    for (name, value) in sources
        .variables
        .iter()
        .filter(|(name, _)| is_setting(name))
    {
        add(name);
        add(value);
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
