//! How often somebody may try to guess what a provider's form asks for.
//!
//! With codes of eight digits, at most 4 × 15 wrong ones for an address in an hour (the shipped limits) are 60 chances in 10⁸: one in
//! 1.6 million for each hour, and 0.5 % for somebody who goes on all year from many networks, while the guest gets mail all the time.
//! From one network it is a quarter of that. Within an attempt a code stands five tries.

use gateway_store::model::{Attempt, Counted};
use plugins_sdk::message::{Fields, Form};

use super::Case;
use crate::answer::{Answer, Refused};
use crate::reason::Reason;
use crate::text;

const HOUR: u32 = 3600;

/// How many times what one network may do for an address is done by all networks together. Anybody can type an address: were its limit
/// the same for all, one stranger could keep the guest out (S145).
const NETWORKS: u32 = 4;

/// What a try was counted as: scopes and keys.
pub(super) struct Tried(Vec<(&'static str, String)>);

/// Whether the submission may be a guess: somebody who only asks for another code makes none.
pub(super) fn is_a_try(fields: &Fields, form: &Form) -> bool {
    let button = form
        .buttons
        .iter()
        .any(|button| fields.contains_key(&button.name));
    let typed = form.fields.iter().any(|field| {
        fields
            .get(&field.name)
            .is_some_and(|value| !value.is_empty())
    });
    typed || !button
}

impl Case<'_> {
    /// Counts a submission before the provider sees it: in its attempt, and over all attempts for its address, so that
    /// neither parallel tries nor many addresses of origin buy more (S144, S145, S146, S148).
    pub(super) async fn count_submission(
        &self,
        attempt: &Attempt,
        submits: u8,
        is_a_try: bool,
    ) -> Result<Tried, Refused> {
        let handle = text::encode(&attempt.handle.0);
        let (seconds, submits) = (self.attempt_seconds(), u32::from(submits));
        let in_attempt = self
            .sign_in
            .store()
            .count("submission", &handle, seconds, submits, self.visit.now)
            .await?;
        if in_attempt == Counted::Exceeded {
            self.end(attempt).await?;
            return Err(Reason::TooManySubmissions.into());
        }
        if is_a_try {
            self.count_try(attempt).await
        } else {
            Ok(Tried(Vec::new()))
        }
    }

    async fn count_try(&self, attempt: &Attempt) -> Result<Tried, Refused> {
        let mut tried = Tried(Vec::new());
        let Some(address) = &attempt.address else {
            return Ok(tried);
        };
        let limits = &self.sign_in.configuration.gateway.limits;
        let limit = limits.failures_per_address;
        let of_all = format!("{}|{address}", self.tenant.id);
        // First the network's own: who has used that up does not go on using up everybody's.
        for (scope, key, limit) in [
            (
                "submission-network",
                format!("{of_all}|{}", self.visit.prefix),
                limit,
            ),
            ("submission-address", of_all, limit.saturating_mul(NETWORKS)),
        ] {
            let store = self.sign_in.store();
            if store
                .count(scope, &key, HOUR, limit, self.visit.now)
                .await?
                == Counted::Exceeded
            {
                return Err(Reason::TooManySubmissions.into());
            }
            tried.0.push((scope, key));
        }
        Ok(tried)
    }

    /// What led on was no failure. Everything else was one, also where another submission overtook it: the provider saw it.
    ///
    /// It was counted before it was judged, so that parallel tries cannot outrun the count; what was right is taken back in
    /// the store, where every gateway sees it. If that fails it weighs like a failure, which is strict and harms nobody.
    pub(super) async fn forgive(&self, tried: Tried, answer: &Result<Answer, Refused>) {
        let right = match answer {
            Ok(answer) => answer.outcome.reason != "form-shown",
            Err(refused) => matches!(
                refused.reason,
                Reason::Denied(_) | Reason::IssuerNotTrusted | Reason::AssertionReplayed
            ),
        };
        if !right {
            return;
        }
        for (scope, key) in tried.0 {
            let store = self.sign_in.store();
            if let Err(error) = store.uncount(scope, &key, self.visit.now).await {
                tracing::warn!(limit.scope = scope, error = %error, "Try could not be taken back");
            }
        }
    }
}
