//! The authorization request.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient};
use openidconnect::{
    AuthUrl, ClientId, CsrfToken, IssuerUrl, JsonWebKeySet, LoginHint, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope,
};
use plugins_sdk::message::Input;

use crate::discovery::Discovery;
use crate::entropy::{Purpose, derive};
use crate::phase::{Transaction, Wish};
use crate::registration::Registration;
use crate::rejection::NotSignedIn;

impl Transaction {
    /// Starts an authorization request.
    ///
    /// Nonce and code verifier are hashes of the step's entropy under different labels: the nonce, which the
    /// browser sees, says nothing about the verifier.
    pub(crate) fn new(
        wish: Wish,
        discovery: Discovery,
        input: &Input,
    ) -> Result<Self, NotSignedIn> {
        Ok(Self {
            wish,
            discovery,
            nonce: derive(input, Purpose::Nonce)?,
            verifier: derive(input, Purpose::CodeVerifier)?,
            started_at: input.now,
            answered_by: None,
        })
    }

    /// The URL to send the browser to. PKCE is always S256, whatever the document says about it.
    pub(crate) fn authorization_url(
        &self,
        registration: &Registration,
        parameters: Vec<(&'static str, String)>,
        input: &Input,
    ) -> Result<String, NotSignedIn> {
        let client = client(registration, &self.discovery)?
            .set_auth_uri(AuthUrl::from_url(
                self.discovery.authorization_endpoint.clone(),
            ))
            .set_redirect_uri(redirect_uri(input)?);
        let verifier = PkceCodeVerifier::new(self.verifier.clone());
        let (attempt, nonce) = (input.attempt.clone(), self.nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(attempt),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(further_scopes(registration));
        if let Some(address) = &self.wish.address {
            request = request.set_login_hint(LoginHint::new(address.clone()));
        }
        if self.wish.fresh {
            request = request.set_max_age(std::time::Duration::ZERO);
        }
        for (name, value) in parameters {
            request = request.add_extra_param(name, value);
        }
        let (url, _, _) = request.url();
        Ok(url.into())
    }
}

/// A client that knows its registration and no endpoint yet.
pub(crate) fn client(
    registration: &Registration,
    discovery: &Discovery,
) -> Result<CoreClient, NotSignedIn> {
    let issuer =
        IssuerUrl::new(discovery.issuer.clone()).map_err(|_| NotSignedIn::StateUnreadable)?;
    Ok(CoreClient::new(
        ClientId::new(registration.client_id.clone()),
        issuer,
        JsonWebKeySet::default(),
    ))
}

pub(crate) fn redirect_uri(input: &Input) -> Result<RedirectUrl, NotSignedIn> {
    RedirectUrl::new(input.redirect_uri.clone())
        .map_err(|_| NotSignedIn::InputUnusable("redirect_uri"))
}

/// The crate adds `openid` itself.
fn further_scopes(registration: &Registration) -> impl Iterator<Item = Scope> {
    registration
        .scopes
        .iter()
        .filter(|scope| *scope != "openid")
        .cloned()
        .map(Scope::new)
}
