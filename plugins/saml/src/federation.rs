//! One federation with a partner, as the settings describe it.

use std::collections::BTreeSet;

use crate::key::SigningKey;
use crate::metadata::{Partner, Pinned};
use crate::place::Own;
use crate::trust::{Binding, DecryptionKey};

/// Everything that the settings say.
#[derive(Debug)]
pub(crate) struct Federation {
    pub(crate) source: Source,
    /// Who the partner is, whatever its metadata says.
    pub(crate) pinned: Pinned,
    /// Our entity id; the metadata address where there is none.
    pub(crate) own_entity_id: Option<String>,
    /// Signs what we send.
    pub(crate) key: Option<SigningKey>,
    /// Certificates of keys of ours that will sign later, DER.
    pub(crate) next_certificates: Vec<Vec<u8>>,
    /// Opens encrypted assertions.
    pub(crate) decryption: Vec<DecryptionKey>,
    /// Told to the partner for encrypting, DER.
    pub(crate) encryption_certificate: Option<Vec<u8>>,
    pub(crate) cbc: bool,
    /// How requests go, where the partner takes both ways.
    pub(crate) binding: Binding,
    /// Identifier of the name format that is asked for.
    pub(crate) name_id_format: Option<&'static str>,
    /// Context asked for where a second factor is wanted; none where the partner cannot be asked.
    pub(crate) second_factor_context: Option<String>,
    pub(crate) identity: Identity,
    /// Seconds, 0 to 300.
    pub(crate) skew: i64,
    /// Seconds.
    pub(crate) longest_age: i64,
}

/// Where the partner's keys and places come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The settings hold them.
    Known(Box<Partner>),
    /// They are fetched from this URL.
    Fetched(String),
}

/// What of an assertion becomes who the person is.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The attribute that is the person's key; the persistent name without.
    pub(crate) subject_attribute: Option<String>,
    /// The attribute that holds the address.
    pub(crate) email_attribute: Option<String>,
    /// The attribute that holds a name for display.
    pub(crate) display_name_attribute: Option<String>,
    /// Domains whose addresses the partner may prove, canonical.
    pub(crate) domains: BTreeSet<String>,
    /// Contexts and methods that count as a second factor.
    pub(crate) second_factors: BTreeSet<String>,
}

impl Federation {
    /// Our entity id: whom assertions must be meant for.
    pub(crate) fn audience<'a>(&'a self, own: &'a Own) -> &'a str {
        self.own_entity_id.as_deref().unwrap_or(&own.metadata)
    }
}
