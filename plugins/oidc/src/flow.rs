//! The walk from a person who wants to sign in to claims.

use plugins_sdk::message::{
    Claims, Event, FetchMethod, FetchRequest, Fields, Freshness, Input, Step,
};

use crate::discovery::Discovery;
use crate::exchange;
use crate::keys;
use crate::phase::{Phase, Transaction, Wish};
use crate::profile::Profile;
use crate::registration::Registration;
use crate::rejection::{ErrorCode, NotSignedIn, TokenRejected};
use crate::user_info;
use crate::verify::{Expected, same, verify};

/// Longest authorization code, bytes.
const MOST_CODE_BYTES: usize = 8 * 1024;

/// The relying party of one provider instance.
#[derive(Debug)]
pub struct RelyingParty<P> {
    pub(crate) registration: Registration,
    pub(crate) profile: P,
}

impl<P: Profile> RelyingParty<P> {
    /// Makes a relying party.
    pub fn new(registration: Registration, profile: P) -> Self {
        Self {
            registration,
            profile,
        }
    }

    /// Answers one event. Whatever does not fit is a [`Step::Reject`].
    pub fn step(&self, input: &Input) -> Step {
        self.answer(input).unwrap_or_else(NotSignedIn::into_step)
    }

    fn answer(&self, input: &Input) -> Result<Step, NotSignedIn> {
        match &input.event {
            Event::Start {
                address,
                fresh,
                contexts,
                second_factor,
            } => self.discover(Wish {
                address: address.clone(),
                fresh: *fresh,
                contexts: contexts.clone(),
                second_factor: *second_factor,
            }),
            Event::Callback { query, form, .. } => match Phase::of(input)? {
                Phase::AtProvider(transaction) => self.exchange(transaction, query, form, input),
                Phase::Discovering { .. }
                | Phase::Exchanging(_)
                | Phase::Verifying { .. }
                | Phase::Locating { .. }
                | Phase::Completing { .. }
                | Phase::Leaving(_) => Err(NotSignedIn::UnexpectedEvent),
            },
            Event::Response { status, body, .. } => match Phase::of(input)? {
                Phase::Discovering { wish } => self.redirect(wish, *status, body, input),
                Phase::Exchanging(transaction) => self.fetch_keys(transaction, *status, body),
                Phase::Verifying {
                    transaction,
                    tokens,
                    revalidated,
                } => self.verify(transaction, tokens, revalidated, *status, body, input.now),
                Phase::Locating { claims } => {
                    fetched("tenant's document", *status)?;
                    Ok(done(self.profile.locate(claims, body)?))
                }
                Phase::Completing { claims, subject } => {
                    fetched("UserInfo answer", *status)?;
                    let info = user_info::read(body, &subject)?;
                    Ok(done(self.profile.complete(claims, info)))
                }
                Phase::Leaving(departure) => self.depart(departure, *status, body, input),
                Phase::AtProvider(_) => Err(NotSignedIn::UnexpectedEvent),
            },
            Event::SignOut {
                return_uri,
                logout_hint,
                ..
            } => self.sign_out(return_uri, logout_hint.as_deref()),
            Event::LogoutRequest { query, form, .. } => self.logout(query, form),
            Event::Submit { .. } | Event::Sent | Event::MetadataRequest => {
                Err(NotSignedIn::UnexpectedEvent)
            }
        }
    }

    fn discover(&self, wish: Wish) -> Result<Step, NotSignedIn> {
        Ok(Step::Fetch {
            request: get(self.registration.discovery_url.clone()),
            freshness: Freshness::Cached,
            state: Phase::Discovering { wish }.into_state()?,
        })
    }

    fn redirect(
        &self,
        wish: Wish,
        status: u16,
        body: &str,
        input: &Input,
    ) -> Result<Step, NotSignedIn> {
        fetched("discovery document", status)?;
        let discovery = Discovery::read(body, &self.registration.endpoints, P::USER_INFO)?;
        if !self.profile.document_issuer(&discovery.issuer) {
            return Err(NotSignedIn::ForeignDocument(discovery.issuer));
        }
        let parameters = self.profile.parameters(&wish);
        let transaction = Transaction::new(wish, discovery, input)?;
        Ok(Step::Redirect {
            url: transaction.authorization_url(&self.registration, parameters, input)?,
            state: Phase::AtProvider(transaction).into_state()?,
        })
    }

    fn exchange(
        &self,
        mut transaction: Transaction,
        query: &Fields,
        form: &Fields,
        input: &Input,
    ) -> Result<Step, NotSignedIn> {
        let answer = Answer::read(query, form)?;
        // Before anything else of the answer is looked at: without our state it is not an answer to us.
        if !same(answer.get("state").unwrap_or_default(), &input.attempt) {
            return Err(NotSignedIn::ForeignState);
        }
        transaction.answered_by = self.answered_by(&answer, &transaction.discovery)?;
        let code = answer.code()?;
        Ok(Step::Fetch {
            request: exchange::request(&transaction, &self.registration, code, input)?,
            freshness: Freshness::Never,
            state: Phase::Exchanging(transaction).into_state()?,
        })
    }

    /// RFC 9207, 2.4: with several providers in one gateway, an answer must come from the one that was asked.
    fn answered_by(
        &self,
        answer: &Answer<'_>,
        discovery: &Discovery,
    ) -> Result<Option<String>, NotSignedIn> {
        match answer.get("iss") {
            Some(issuer) if self.profile.response_issuer(issuer, &discovery.issuer) => {
                Ok(Some(issuer.to_owned()))
            }
            None if !discovery.responses_name_issuer => Ok(None),
            Some(_) | None => Err(NotSignedIn::ForeignAnswer),
        }
    }

    fn fetch_keys(
        &self,
        transaction: Transaction,
        status: u16,
        body: &str,
    ) -> Result<Step, NotSignedIn> {
        let user_info = transaction.discovery.userinfo_endpoint.is_some();
        let tokens = exchange::answer(status, body, user_info)?;
        key_set(transaction, tokens, Freshness::Cached)
    }

    fn verify(
        &self,
        transaction: Transaction,
        tokens: exchange::Tokens,
        revalidated: bool,
        status: u16,
        body: &str,
        now: i64,
    ) -> Result<Step, NotSignedIn> {
        fetched("key set", status)?;
        let keys = keys::read(body).ok_or(NotSignedIn::DocumentUnreadable {
            document: "key set",
            why: "not a JSON Web Key Set",
        })?;
        let expected = Expected {
            client_id: &self.registration.client_id,
            nonce: &transaction.nonce,
            document_issuer: &transaction.discovery.issuer,
            answered_by: transaction.answered_by.as_deref(),
            access_token_hash: tokens.access_token_hash.as_deref(),
            authenticated_since: transaction.wish.fresh.then_some(transaction.started_at),
            leeway: self.registration.leeway,
            now,
        };
        match verify(&tokens.id_token, &keys, &self.profile, &expected) {
            Ok(token) => {
                let claims = self.profile.claims(&token)?;
                self.check_contexts(&claims, &transaction.wish)?;
                match self.profile.tenant_document(&claims) {
                    Some(url) => locate(claims, url),
                    None => complete(claims, token.sub, &transaction.discovery, &tokens),
                }
            }
            Err(TokenRejected::KeyUnknown) if !revalidated => {
                key_set(transaction, tokens, Freshness::Revalidate)
            }
            Err(rejected) => Err(rejected.into()),
        }
    }

    fn check_contexts(&self, claims: &Claims, wish: &Wish) -> Result<(), NotSignedIn> {
        let satisfied = |context: &String| {
            let mut given = claims.contexts.iter();
            given.any(|given| given.eq_ignore_ascii_case(context))
        };
        let missing = wish.contexts.iter().find(|context| !satisfied(context));
        match missing {
            Some(context) if self.profile.knows_contexts() => {
                Err(NotSignedIn::ContextMissing(context.clone()))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Asks for the document of the person's tenant. Its URL was made from claims, and all of them are verified by now
/// (S114).
fn locate(claims: Claims, url: String) -> Result<Step, NotSignedIn> {
    Ok(Step::Fetch {
        request: get(url),
        freshness: Freshness::Cached,
        state: Phase::Locating { claims }.into_state()?,
    })
}

/// Ends the sign-in, or asks the UserInfo endpoint for an address first.
fn complete(
    claims: Claims,
    subject: String,
    discovery: &Discovery,
    tokens: &exchange::Tokens,
) -> Result<Step, NotSignedIn> {
    match (&discovery.userinfo_endpoint, &tokens.access_token) {
        (Some(endpoint), Some(access_token)) if claims.email.is_none() => Ok(Step::Fetch {
            request: user_info::request(endpoint, access_token),
            freshness: Freshness::Never,
            state: Phase::Completing { claims, subject }.into_state()?,
        }),
        (_, _) => Ok(done(claims)),
    }
}

fn done(claims: Claims) -> Step {
    Step::Done {
        claims,
        consume: Vec::new(),
    }
}

/// Asks for the key set. Asked a second time, fresh, it must hold the key.
fn key_set(
    transaction: Transaction,
    tokens: exchange::Tokens,
    freshness: Freshness,
) -> Result<Step, NotSignedIn> {
    Ok(Step::Fetch {
        request: get(transaction.discovery.jwks_uri.to_string()),
        freshness,
        state: Phase::Verifying {
            transaction,
            tokens,
            revalidated: freshness == Freshness::Revalidate,
        }
        .into_state()?,
    })
}

pub(crate) fn get(url: String) -> FetchRequest {
    FetchRequest {
        method: FetchMethod::Get,
        url,
        headers: Fields::from([("accept".to_owned(), "application/json".to_owned())]),
        body: None,
    }
}

pub(crate) fn fetched(document: &'static str, status: u16) -> Result<(), NotSignedIn> {
    if status == 200 {
        Ok(())
    } else {
        Err(NotSignedIn::NotFetched { document, status })
    }
}

/// The parameters of an authorization response, wherever they came in.
struct Answer<'a> {
    query: &'a Fields,
    form: &'a Fields,
}

impl<'a> Answer<'a> {
    fn read(query: &'a Fields, form: &'a Fields) -> Result<Self, NotSignedIn> {
        if query.keys().any(|name| form.contains_key(name)) {
            return Err(NotSignedIn::ParameterTwice);
        }
        Ok(Self { query, form })
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.query
            .get(name)
            .or_else(|| self.form.get(name))
            .map(String::as_str)
    }

    fn code(&self) -> Result<String, NotSignedIn> {
        if let Some(error) = self.get("error") {
            return Err(NotSignedIn::ProviderSaid(ErrorCode::new(error)));
        }
        // Nothing but a code was asked for. Whoever sends a token here tries another flow on us.
        if self.get("id_token").is_some() || self.get("access_token").is_some() {
            return Err(NotSignedIn::TokenInFront);
        }
        self.get("code")
            .filter(|code| (1..=MOST_CODE_BYTES).contains(&code.len()))
            .map(str::to_owned)
            .ok_or(NotSignedIn::NoCode)
    }
}
