//! Leaving: to the provider when somebody signs out here, and what the provider says when they signed out there.
//!
//! ```text
//! SignOut                     ─► discovery document ─► browser to the end_session_endpoint
//! LogoutRequest, logout_token ─► discovery document ─► key set ─► Ended     (an unknown key: once more, fresh)
//! LogoutRequest, iss and sid  ─► discovery document ─► Ended
//! LogoutRequest, state alone  ─► SignedOut
//! ```
//!
//! No `id_token_hint` is sent: the gateway keeps no ID token, which is too large for a cookie, and nothing on the server
//! stands for a living session. `client_id` and `logout_hint` do instead (OpenID Connect RP-Initiated Logout, 2).

use plugins_sdk::message::{Fields, Freshness, Input, Step};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::discovery::Discovery;
use crate::flow::{RelyingParty, fetched, get};
use crate::id_token::Unverified;
use crate::keys;
use crate::logout_token::{Expected, LogoutToken, ended, is_session_id};
use crate::phase::Phase;
use crate::profile::Profile;
use crate::rejection::{NotSignedIn, TokenRejected};

/// Who leaves, and what is being waited for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "departure")]
pub(crate) enum Departure {
    /// Somebody signed out here. For the discovery document.
    SigningOut {
        return_uri: String,
        logout_hint: Option<String>,
    },
    /// The provider's page in a frame says that a session there is over. For the discovery document.
    FrontChannel { issuer: String, sid: String },
    /// A logout token came. For the discovery document.
    BackChannel { token: String },
    /// For the key set that verifies it.
    Verifying {
        token: String,
        document_issuer: String,
        jwks_uri: Url,
        /// Whether the key set was asked for afresh already.
        revalidated: bool,
    },
}

impl<P: Profile> RelyingParty<P> {
    pub(crate) fn sign_out(
        &self,
        return_uri: &str,
        logout_hint: Option<&str>,
    ) -> Result<Step, NotSignedIn> {
        self.discover_for(Departure::SigningOut {
            return_uri: return_uri.to_owned(),
            logout_hint: logout_hint.map(str::to_owned),
        })
    }

    /// Something came to the logout address.
    pub(crate) fn logout(&self, query: &Fields, form: &Fields) -> Result<Step, NotSignedIn> {
        if let Some(token) = form.get("logout_token") {
            // Nothing is fetched, however often, for what can be seen to be none.
            Unverified::<LogoutToken>::read(token).map_err(NotSignedIn::LogoutToken)?;
            return self.discover_for(Departure::BackChannel {
                token: token.clone(),
            });
        }
        if !form.is_empty() {
            return Err(NotSignedIn::NoLogoutRequest);
        }
        match (query.get("iss"), query.get("sid")) {
            (Some(issuer), Some(sid)) if is_session_id(sid) => {
                self.discover_for(Departure::FrontChannel {
                    issuer: issuer.clone(),
                    sid: sid.clone(),
                })
            }
            (None, None) if query.contains_key("state") => Ok(Step::SignedOut {}),
            (_, _) => Err(NotSignedIn::NoLogoutRequest),
        }
    }

    pub(crate) fn depart(
        &self,
        departure: Departure,
        status: u16,
        body: &str,
        input: &Input,
    ) -> Result<Step, NotSignedIn> {
        match departure {
            Departure::SigningOut {
                return_uri,
                logout_hint,
            } => {
                self.own_document(status, body)?;
                let endpoints = &self.registration.endpoints;
                let mut url = Discovery::end_session_endpoint(body, endpoints)?;
                self.ask_to_end(&mut url, &return_uri, logout_hint.as_deref(), input);
                Ok(Step::Redirect {
                    url: url.into(),
                    state: String::new(),
                })
            }
            Departure::FrontChannel { issuer, sid } => {
                let document = self.own_document(status, body)?;
                if !self.profile.response_issuer(&issuer, &document.issuer) {
                    return Err(NotSignedIn::ForeignLogout);
                }
                Ok(Step::Ended {
                    issuer,
                    sid: Some(sid),
                    sub: None,
                    at: None,
                    consume: Vec::new(),
                    then: None,
                })
            }
            Departure::BackChannel { token } => {
                let document = self.own_document(status, body)?;
                key_set(token, document.issuer, document.jwks_uri, Freshness::Cached)
            }
            Departure::Verifying {
                token,
                document_issuer,
                jwks_uri,
                revalidated,
            } => {
                fetched("key set", status)?;
                let keys = keys::read(body).ok_or(NotSignedIn::DocumentUnreadable {
                    document: "key set",
                    why: "not a JSON Web Key Set",
                })?;
                let expected = Expected {
                    client_id: &self.registration.client_id,
                    document_issuer: &document_issuer,
                    leeway: self.registration.leeway,
                    now: input.now,
                };
                match ended(&token, &keys, &self.profile, &expected) {
                    Err(TokenRejected::KeyUnknown) if !revalidated => {
                        key_set(token, document_issuer, jwks_uri, Freshness::Revalidate)
                    }
                    ended => ended.map_err(NotSignedIn::LogoutToken),
                }
            }
        }
    }

    fn discover_for(&self, departure: Departure) -> Result<Step, NotSignedIn> {
        Ok(Step::Fetch {
            request: get(self.registration.discovery_url.clone()),
            freshness: Freshness::Cached,
            state: Phase::Leaving(departure).into_state()?,
        })
    }

    fn own_document(&self, status: u16, body: &str) -> Result<Discovery, NotSignedIn> {
        fetched("discovery document", status)?;
        let document = Discovery::read(body, &self.registration.endpoints, false)?;
        if self.profile.document_issuer(&document.issuer) {
            Ok(document)
        } else {
            Err(NotSignedIn::ForeignDocument(document.issuer))
        }
    }

    fn ask_to_end(&self, url: &mut Url, return_uri: &str, hint: Option<&str>, input: &Input) {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", &self.registration.client_id)
            .append_pair("post_logout_redirect_uri", return_uri)
            .append_pair("state", &input.attempt);
        if let Some(hint) = hint {
            query.append_pair("logout_hint", hint);
        }
    }
}

fn key_set(
    token: String,
    document_issuer: String,
    jwks_uri: Url,
    freshness: Freshness,
) -> Result<Step, NotSignedIn> {
    Ok(Step::Fetch {
        request: get(jwks_uri.to_string()),
        freshness,
        state: Phase::Leaving(Departure::Verifying {
            token,
            document_issuer,
            jwks_uri,
            revalidated: freshness == Freshness::Revalidate,
        })
        .into_state()?,
    })
}
