//! What tells one configuration from another.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::Sources;
use crate::source::{Found, Text, is_setting};

/// How the names of variables begin that say where a gateway listens.
const LISTENERS: &str = "VESTIBULE__LISTEN__";

/// One for everything but providers, and one for each of them: a provider can be read again alone.
pub(crate) struct Generations {
    pub(crate) base: String,
    providers: BTreeMap<String, String>,
}

impl Generations {
    /// SHA-256 over the name and content of every file, and for the base the environment's name and the variables that
    /// set something, hexadecimal. Secrets are left out: a printed hash over a weak one would help to guess it. So are the
    /// variables that say where this gateway listens: in a fleet that is what each has of its own, and a sign-in begun at one
    /// ends at another.
    pub(crate) fn of(found: &Found, sources: &Sources) -> Self {
        let mut hash = Sha256::new();
        found.base().for_each(|text| add_file(&mut hash, text));
        add(&mut hash, &sources.environment);
        for (name, value) in sources
            .variables
            .iter()
            .filter(|(name, _)| is_setting(name) && !name.starts_with(LISTENERS))
        {
            add(&mut hash, name);
            add(&mut hash, value);
        }
        let provider = |(id, texts): (&String, &Vec<Text>)| {
            let mut hash = Sha256::new();
            texts.iter().for_each(|text| add_file(&mut hash, text));
            (id.clone(), hex(&hash.finalize()))
        };
        Self {
            base: hex(&hash.finalize()),
            providers: found.providers.iter().map(provider).collect(),
        }
    }

    pub(crate) fn of_provider(&self, id: &str) -> String {
        self.providers.get(id).cloned().unwrap_or_default()
    }
}

fn add_file(hash: &mut Sha256, Text { file, text }: &Text) {
    // Without the folder: the same files elsewhere are the same configuration.
    let name = Path::new(file).file_name().and_then(OsStr::to_str);
    add(hash, name.unwrap_or_default());
    add(hash, text);
}

fn add(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_le_bytes());
    hash.update(text);
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
