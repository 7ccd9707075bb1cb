//! What a sign-in must show beyond who somebody is.
//!
//! It comes with the address of the sign-in page, and so from anybody: to demand more than is needed opens nothing. What was
//! demanded and is not there ends the sign-in with that reason, or it would begin again without end.

use gateway_core::assertion::Assertion;
use gateway_core::time::UnixTime;
use plugins_sdk::message::Fields;
use serde::{Deserialize, Serialize};

use crate::attempt::is_context;
use crate::reason::Reason;

/// Difference allowed between a provider's clock and ours, in seconds.
const LEEWAY: i64 = 300;

/// What a sign-in must show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Demand {
    /// That the person authenticated anew, even where the provider remembers them.
    pub(crate) fresh: bool,
    /// A second factor, at home.
    pub(crate) second_factor: bool,
    /// An authentication context.
    pub(crate) context: Option<String>,
}

impl Demand {
    /// Reads the parameters of the page, or the hidden fields of its form.
    pub(crate) fn of(fields: &Fields) -> Self {
        let said = |name: &str| fields.get(name).is_some_and(|value| value == "1");
        Self {
            fresh: said("fresh"),
            second_factor: said("second_factor"),
            context: fields
                .get("context")
                .filter(|context| is_context(context))
                .cloned(),
        }
    }

    /// The same as names and values.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        let flags = [("fresh", self.fresh), ("second_factor", self.second_factor)];
        let flags = flags.into_iter().filter(|(_, said)| *said);
        let context = self.context.as_deref().map(|name| ("context", name));
        flags.map(|(name, _)| (name, "1")).chain(context).collect()
    }

    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the person shows it.
    ///
    /// Control of a mailbox, or an account that everybody can make, is no second factor, whatever its provider says: only
    /// organisations make such claims, and whether this one is believed is for the rules of what is opened.
    ///
    /// - `begun`: when the sign-in was begun.
    ///
    /// # Errors
    /// What is missing.
    pub(crate) fn is_met(&self, assertion: &Assertion, begun: UnixTime) -> Result<(), Reason> {
        let vouches = assertion.kind.as_str() == "work-school";
        let factor = vouches && assertion.amr.iter().any(|method| method == "mfa");
        let context = |wanted: &String| {
            let mut shown = assertion.contexts.iter();
            vouches && shown.any(|shown| shown.eq_ignore_ascii_case(wanted))
        };
        if self.second_factor && !factor {
            Err(Reason::SecondFactorMissing)
        } else if !self.context.as_ref().is_none_or(context) {
            Err(Reason::ContextMissing)
        } else if self.fresh && assertion.authenticated_at.plus(LEEWAY) < begun {
            Err(Reason::NotFresh)
        } else {
            Ok(())
        }
    }
}
