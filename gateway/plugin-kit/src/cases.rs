//! What a plugin is asked while it is judged.

mod damage;
mod follow;
mod saml;
mod samples;

pub(crate) use damage::{hostile, malformed, random};
pub(crate) use follow::next;
pub(crate) use samples::{Hints, beginnings, event_of_every_kind};

use plugins_sdk::message::{Event, Input};

/// Second at which every case is set: 15 January 2027, 08:00:00 UTC.
pub(crate) const NOW: i64 = 1_800_000_000;

/// What kind of question it is, and so what answers will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// As a well-meant sign-in brings about.
    Valid,
    /// Well-formed, with what a stranger, a broken provider or a lost state could put into it.
    Hostile,
    /// What the gateway never sends: it need not be answered, but must not hurt.
    Malformed,
    /// A case of another class, changed at random.
    Random,
}

impl Class {
    pub(crate) const ALL: [Self; 4] = [Self::Valid, Self::Hostile, Self::Malformed, Self::Random];

    /// The name of its row.
    pub(crate) fn row(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Hostile => "hostile",
            Self::Malformed => "malformed",
            Self::Random => "random",
        }
    }
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) class: Class,
    /// For the person who reads the report.
    pub(crate) label: String,
    pub(crate) bytes: Vec<u8>,
    /// The event, where the gateway's rules apply to the answer.
    pub(crate) event: Option<Event>,
}

impl Case {
    /// A question that the gateway could ask.
    pub(crate) fn well_formed(class: Class, label: String, input: &Input) -> Self {
        Self {
            class,
            label,
            // Messages of the contract hold nothing that JSON cannot.
            bytes: serde_json::to_vec(input).unwrap_or_default(),
            event: Some(input.event.clone()),
        }
    }

    /// Bytes, whatever they are.
    pub(crate) fn raw(class: Class, label: String, bytes: Vec<u8>) -> Self {
        let event = serde_json::from_slice::<Input>(&bytes)
            .ok()
            .map(|input| input.event);
        Self {
            class,
            label,
            bytes,
            event,
        }
    }
}

/// An input at [`NOW`].
pub(crate) fn input(event: Event, state: Option<String>) -> Input {
    Input {
        // 32 bytes that are not all alike.
        entropy: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned(),
        ..plugins_sdk::testing::input(event, state, NOW)
    }
}
