//! What people read. Neutral on purpose: neither page nor mail says what is shared, or whether anything is.

use plugins_sdk::message::{FieldKind, Form, FormButton, FormField};

use crate::settings::Settings;

/// Name of the form's input.
pub(crate) const CODE: &str = "code";
/// Name of the button for another code.
pub(crate) const RESEND: &str = "resend";
/// Room for separators that people type between digits.
const MOST_TYPED: u16 = 32;
/// Longest address that is repeated on the page, characters.
const MOST_ADDRESS: usize = 254;

/// Why the form is shown again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Complaint {
    Wrong { tries_left: u8 },
    Expired,
    TooSoon { wait: i64 },
}

pub(crate) fn form(settings: &Settings, address: &str, complaint: Option<Complaint>) -> Form {
    let address = if address.chars().count() <= MOST_ADDRESS {
        address
    } else {
        "that address"
    };
    Form {
        title: "Enter your code".to_owned(),
        text: format!(
            "If {address} can be used here, a code is on its way to it. It is valid for {}.",
            minutes(settings)
        ),
        fields: vec![FormField {
            name: CODE.to_owned(),
            label: format!("Code ({} digits)", settings.digits),
            kind: FieldKind::OneTimeCode,
            max_length: MOST_TYPED,
        }],
        submit: "Continue".to_owned(),
        buttons: vec![FormButton {
            name: RESEND.to_owned(),
            label: "Send another code".to_owned(),
        }],
        error: complaint.map(Complaint::sentence),
    }
}

impl Complaint {
    fn sentence(self) -> String {
        match self {
            Self::Wrong { tries_left: 1 } => {
                "That code is not right. You have one more try.".to_owned()
            }
            Self::Wrong { tries_left } => {
                format!("That code is not right. You have {tries_left} more tries.")
            }
            Self::Expired => "That code is no longer valid. Ask for another one.".to_owned(),
            Self::TooSoon { wait: 1 } => {
                "Please wait one more second before asking for another code.".to_owned()
            }
            Self::TooSoon { wait } => {
                format!("Please wait {wait} more seconds before asking for another code.")
            }
        }
    }
}

pub(crate) fn subject(settings: &Settings) -> String {
    match &settings.organisation {
        Some(organisation) => format!("Your sign-in code for {organisation}"),
        None => "Your sign-in code".to_owned(),
    }
}

/// No link: mail scanners follow links, and people learn to.
pub(crate) fn mail(settings: &Settings, code: &str) -> String {
    let asker = match &settings.organisation {
        Some(organisation) => format!(" for {organisation}"),
        None => String::new(),
    };
    format!(
        "Your sign-in code{asker} is:\n\n    {code}\n\n\
         It expires in {} and works once, only in the browser window that asked for it.\n\
         Do not pass it on to anybody.\n\n\
         If you did not ask for a code, you can ignore this message.\n",
        minutes(settings)
    )
}

fn minutes(settings: &Settings) -> String {
    match settings.validity_minutes {
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}
