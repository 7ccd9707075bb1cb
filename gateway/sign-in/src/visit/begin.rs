//! The address form, and the attempt it begins.

use gateway_core::address::EmailAddress;
use gateway_core::id::ProviderId;
use gateway_store::model::{Attempt, AttemptHandle, Counted};
use http::StatusCode;
use plugins_sdk::message::{Event, Fields};

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::attempt::{Browser, PER_BROWSER, Previous, Progress, Waiting};
use crate::offers::others;
use crate::pages::{self, Forms, SignInPage};
use crate::random;
use crate::reason::Reason;
use crate::request;
use crate::return_target::{ReturnTarget, return_target};

const HOUR: u32 = 3600;

/// Why the address form is shown again.
#[derive(Clone, Copy)]
enum Problem {
    NotAnAddress,
    NoProvider,
}

impl Problem {
    const fn code(self) -> &'static str {
        match self {
            Self::NotAnAddress => "not-an-address",
            Self::NoProvider => "no-provider",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::NotAnAddress => "This is not an e-mail address such as name@example.com.",
            Self::NoProvider => "There is no way to sign in with this address here.",
        }
    }
}

impl Case<'_> {
    /// The sign-in page. It makes no attempt and sets no cookie: requests stray in here by the hundred (S069).
    pub(super) fn ask_for_address(&self) -> Result<Answer, Refused> {
        let query = request::fields(self.visit.query.as_deref().unwrap_or_default().as_bytes())?;
        Ok(self.address_page(&Wish::of(&query), "", None))
    }

    /// A form of ours: the address, or a later step of an attempt.
    pub(super) async fn take_form(&self) -> Result<Answer, Refused> {
        let fields = request::own_form(&self.visit.headers, &self.visit.body, &self.visit.origin)?;
        match fields.get("attempt") {
            Some(handle) => self.continue_attempt(handle, &fields).await,
            None => self.begin_attempt(&fields).await,
        }
    }

    async fn begin_attempt(&self, fields: &Fields) -> Result<Answer, Refused> {
        let wish = Wish::of(fields);
        let typed = fields
            .get("address")
            .map(|text| text.trim())
            .unwrap_or_default();
        let Ok(address) = EmailAddress::parse(typed) else {
            return Ok(self.address_page(&wish, typed, Some(Problem::NotAnAddress)));
        };
        self.count_attempt().await?;
        let Some(provider) =
            self.choose_provider(&address, fields.get("provider").map(String::as_str))?
        else {
            return Ok(self.address_page(&wish, typed, Some(Problem::NoProvider)));
        };
        let known = Browser::of(&self.visit.headers);
        let browser = match known {
            Some(browser) => browser,
            None => Browser::new()?,
        };
        let progress = Progress {
            origin: self.visit.origin.clone(),
            previous: self.visit.session.as_ref().map(Previous::of),
            waiting: Waiting::Step,
        };
        let attempt = self.new_attempt(browser, provider, &wish.return_to, address, &progress)?;
        self.sign_in
            .store()
            .begin_attempt(&attempt, PER_BROWSER)
            .await?;
        let event = Event::Start {
            address: attempt.address.as_ref().map(ToString::to_string),
            fresh: wish.fresh,
            contexts: Vec::new(),
        };
        let answer = self.step(&attempt, &progress, event, None).await;
        let new_browser = known.is_none().then_some(browser);
        Ok(self.or_refusal(answer).with_new_browser(new_browser))
    }

    async fn count_attempt(&self) -> Result<(), Reason> {
        let limit = self
            .sign_in
            .configuration
            .gateway
            .limits
            .attempts_per_prefix;
        let prefix = self.visit.prefix.to_string();
        match self
            .sign_in
            .store()
            .count("attempt", &prefix, HOUR, limit, self.visit.now)
            .await?
        {
            Counted::Within(_) => Ok(()),
            Counted::Exceeded => Err(Reason::TooManyAttempts),
        }
    }

    /// The provider asked for, if it fits the address or takes any; where none is asked for, the first that fits.
    ///
    /// The directory has no part in it: to be sent elsewhere would tell a stranger who redeemed, and with what (S149).
    fn choose_provider(
        &self,
        address: &EmailAddress,
        asked: Option<&str>,
    ) -> Result<Option<ProviderId>, Reason> {
        let offers = &self.sign_in.offers;
        let fitting = offers.fitting(address, self.tenant, &self.sign_in.configuration);
        if let Some(asked) = asked {
            let asked = ProviderId::parse(asked).map_err(|_| Reason::BadRequest)?;
            let offered =
                fitting.contains(&asked) || offers.for_anybody(&self.tenant.id).contains(&asked);
            return if offered {
                Ok(Some(asked))
            } else {
                Err(Reason::NotFound)
            };
        }
        Ok(fitting.into_iter().next())
    }

    fn new_attempt(
        &self,
        browser: Browser,
        provider: ProviderId,
        return_to: &ReturnTarget,
        address: EmailAddress,
        progress: &Progress,
    ) -> Result<Attempt, Reason> {
        Ok(Attempt {
            handle: AttemptHandle(random::bytes()?),
            browser: browser.hash(),
            host: self.visit.host.clone(),
            tenant: self.tenant.id.clone(),
            provider,
            generation: self.sign_in.configuration.generation.clone(),
            return_to: return_to.to_string(),
            address: Some(address),
            state: progress.write(),
            sequence: 0,
            created: self.visit.now,
            expires: self.visit.now.plus(i64::from(self.attempt_seconds())),
        })
    }

    /// How long an attempt may take, in seconds.
    pub(super) fn attempt_seconds(&self) -> u32 {
        u32::try_from(
            self.sign_in
                .configuration
                .gateway
                .sessions
                .attempt
                .as_secs(),
        )
        .unwrap_or(u32::MAX)
    }

    fn address_page(&self, wish: &Wish, address: &str, problem: Option<Problem>) -> Answer {
        let configuration = &self.sign_in.configuration;
        let anybody = self.sign_in.offers.for_anybody(&self.tenant.id);
        let html = pages::render(&SignInPage {
            organisation: self.organisation(),
            return_to: &wish.return_to.to_string(),
            fresh: wish.fresh,
            address,
            error: problem.map(Problem::sentence),
            others: &others(&anybody, None, configuration, &self.sign_in.providers),
        });
        let status = if problem.is_some() {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        let reason = problem.map_or("address-asked", Problem::code);
        Answer::page(
            status,
            html,
            Forms::Anywhere,
            Outcome::new("challenge", reason),
        )
    }
}

/// What somebody wants of a sign-in.
struct Wish {
    /// Where to go afterwards.
    return_to: ReturnTarget,
    /// Whether the person authenticates anew, even where the provider remembers them.
    fresh: bool,
}

impl Wish {
    fn of(fields: &Fields) -> Self {
        let return_to = fields.get("return_to").and_then(|raw| return_target(raw));
        Self {
            return_to: return_to.unwrap_or_else(ReturnTarget::root),
            fresh: fields.get("fresh").is_some_and(|fresh| fresh == "1"),
        }
    }
}
