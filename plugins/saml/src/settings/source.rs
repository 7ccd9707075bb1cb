//! Who the partner is, and where its keys and places come from.

use super::Settings;
use super::keys::certificates;
use super::problems::Problems;
use crate::federation::Source;
use crate::metadata::{self, Partner, Pinned};
use crate::place::{Hosts, partner_url};
use crate::trust::{Binding, Endpoint, IdentityProvider};

impl Settings {
    /// - `signs`: whether we have a key to sign requests with.
    pub(super) fn source(
        &self,
        entity_id: String,
        hosts: Hosts,
        signs: bool,
        problems: &mut Problems,
    ) -> (Pinned, Option<Source>) {
        self.check_urls(problems);
        let record = self.direct_fed_auth_url.as_ref();
        if record.is_some() && record != self.passive_sign_in_uri.as_ref() {
            problems.add(
                "DirectFedAuthUrl",
                "must be what `passiveSignInUri` is: the partner says so of that address alone",
            );
        }
        let pinned = Pinned {
            entity_id,
            hosts,
            anchor: self.anchor(problems),
        };
        let hand = !self.partner_certificates.is_empty();
        let source = match (&self.metadata, &self.metadata_url, hand) {
            (Some(text), None, false) => self.known(text, &pinned, signs, problems),
            (None, Some(url), false) => self.fetched(url, &pinned, problems),
            (None, None, true) => self.by_hand(&pinned, problems),
            (_, _, _) => {
                let unread = ["metadata", "metadata_url", "partner_certificates"];
                if !unread.iter().any(|key| problems.has(key)) {
                    problems.add(
                        "metadata",
                        "give exactly one of `metadata`, `metadata_url` and `partner_certificates`",
                    );
                }
                None
            }
        };
        (pinned, source)
    }

    fn check_urls(&self, problems: &mut Problems) {
        for (key, url) in [
            ("passiveSignInUri", &self.passive_sign_in_uri),
            ("signOutUri", &self.sign_out_uri),
            ("metadata_url", &self.metadata_url),
        ] {
            let checked = url
                .as_deref()
                .map(|url| partner_url(url, self.allow_insecure_loopback));
            if let Some(Err(why)) = checked {
                problems.add(key, why.to_string());
            }
        }
    }

    fn anchor(&self, problems: &mut Problems) -> Option<Vec<u8>> {
        let key = "metadata_certificate";
        let text = self.metadata_certificate.as_ref()?;
        let mut found = certificates(key, text, problems)?.into_iter();
        match (found.next(), found.next()) {
            (Some(anchor), None) => Some(anchor),
            (_, _) => {
                problems.add(key, "must hold one certificate");
                None
            }
        }
    }

    fn known(
        &self,
        text: &str,
        pinned: &Pinned,
        signs: bool,
        problems: &mut Problems,
    ) -> Option<Source> {
        // Without the id every document would seem to be that of another entity.
        if problems.has("entity_id") {
            return None;
        }
        match metadata::read(text, pinned) {
            Ok(partner) => {
                if partner.wants_signed_requests && !signs && !problems.has("signing_key") {
                    problems.add(
                        "signing_key",
                        "is required: the partner's metadata says that it takes signed requests only",
                    );
                }
                Some(Source::Known(Box::new(partner)))
            }
            Err(why) => {
                problems.add("metadata", why.to_string());
                None
            }
        }
    }

    fn fetched(&self, url: &str, pinned: &Pinned, problems: &mut Problems) -> Option<Source> {
        let unread = ["passiveSignInUri", "single_sign_on_hosts"];
        if pinned.hosts.only.is_none() && !unread.iter().any(|key| problems.has(key)) {
            problems.add(
                "passiveSignInUri",
                "is required with `metadata_url`, or `single_sign_on_hosts`: what is fetched does not decide where people are sent",
            );
        }
        Some(Source::Fetched(url.to_owned()))
    }

    fn by_hand(&self, pinned: &Pinned, problems: &mut Problems) -> Option<Source> {
        if self.passive_sign_in_uri.is_none() && !problems.has("passiveSignInUri") {
            problems.add(
                "passiveSignInUri",
                "is required with `partner_certificates`",
            );
        }
        let mut signing = Vec::new();
        for (index, text) in self.partner_certificates.iter().enumerate() {
            let key = format!("partner_certificates.{index}");
            signing.extend(certificates(&key, text, problems).unwrap_or_default());
        }
        if signing.len() > metadata::MOST_KEYS {
            problems.add(
                "partner_certificates",
                format!("must be at most {}", metadata::MOST_KEYS),
            );
        }
        let place = |location: &Option<String>, binding| {
            let endpoint = |location: &String| Endpoint {
                binding,
                location: location.clone(),
                response_location: None,
            };
            location.iter().map(endpoint).collect()
        };
        Some(Source::Known(Box::new(Partner {
            provider: IdentityProvider {
                entity_id: pinned.entity_id.clone(),
                signing,
                single_sign_on: place(&self.passive_sign_in_uri, self.sign_on_binding.into()),
                single_logout: place(&self.sign_out_uri, Binding::Redirect),
            },
            wants_signed_requests: false,
            valid_until: None,
            cache_duration: None,
        })))
    }
}
