//! Authorization-code sign-in with PKCE, and leaving again, as a pure function over the messages of `plugins_sdk`.
//!
//! ```text
//! Start ─► discovery document ─► browser to the provider ─► Callback ─► code for tokens ─► key set ─► Done
//!          (cached)                                                                        (cached; an unknown
//!                                                                                          key: once more, fresh)
//!                                                            where the profile wants it: ─► UserInfo ─► Done
//!                                                                                  or ─► tenant's document ─► Done
//! ```
//!
//! Leaving has its own walks, see `departure.rs`: to the provider when the person signs out here, and the provider's
//! requests to end sessions.
//!
//! [`RelyingParty`] is all of them. What differs between providers (whose issuer is trusted, what the
//! claims mean, what an address proves) is a [`Profile`]. Documents, keys, signatures, the authorization URL
//! and the token request come from the `openidconnect` crate; its ID token type does not, see [`IdToken`].
//!
//! Nothing here reads a clock or draws random numbers: nonce and code verifier are derived from the entropy
//! of a step, and every time is judged against the step's `now`.

mod authorize;
mod credential;
mod departure;
mod discovery;
mod endpoints;
pub mod entra;
mod entropy;
mod exchange;
mod flow;
mod id_token;
mod keys;
mod logout_token;
mod phase;
mod profile;
mod provider;
mod registration;
mod rejection;
pub mod settings;
#[cfg(test)]
mod tests;
mod user_info;
mod verify;

pub use credential::{
    ClientAuthentication, ClientKey, Credential, GivenKey, KeyAlgorithm, KeyRefused,
};
pub use endpoints::{
    Endpoints, UrlRefused, authority_url, base_url, host_and_port, is_host_and_port,
};
pub use flow::RelyingParty;
pub use id_token::{Audience, IdToken, TextOrList};
pub use logout_token::LogoutToken;
pub use phase::Wish;
pub use profile::{Profile, claims_of};
pub use provider::{Kind, OidcProvider};
pub use registration::Registration;
pub use rejection::TokenRejected;
pub use user_info::UserInfo;
