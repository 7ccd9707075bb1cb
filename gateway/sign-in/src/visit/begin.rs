//! The address form, and the attempt it begins.

use gateway_core::address::EmailAddress;
use gateway_core::id::ProviderId;
use gateway_core::policy::Denial;
use gateway_store::model::{Attempt, AttemptHandle, Counted};
use http::StatusCode;
use plugins_sdk::message::{Event, Fields};

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::attempt::{Browser, PER_BROWSER, Previous, Progress, Waiting};
use crate::demand::Demand;
use crate::offers::{Fitting, others};
use crate::pages::{self, ChoosePage, Forms, SignInPage};
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
        let wish = Wish::of(&query);
        // Whoever must show more is somebody already, and this browser's own.
        let known = self.visit.session.as_ref();
        let known = known.and_then(|session| session.person.as_ref()?.address.as_ref());
        let known = known.filter(|_| !wish.demand.is_nothing());
        let address = known.map(ToString::to_string).unwrap_or_default();
        Ok(self.address_page(&wish, &address, None))
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
        let chosen = self
            .choose_provider(&address, fields.get("provider").map(String::as_str))
            .await?;
        let provider = match chosen {
            Chosen::Provider(provider) => provider,
            Chosen::ByThePerson(fitting) => return Ok(self.choose_page(&wish, typed, &fitting)),
            Chosen::Nothing => {
                return Ok(self.address_page(&wish, typed, Some(Problem::NoProvider)));
            }
        };
        let known = Browser::of(&self.visit.headers);
        let browser = match known {
            Some(browser) => browser,
            None => Browser::new()?,
        };
        let progress = Progress {
            origin: self.visit.origin.clone(),
            previous: self.visit.session.as_ref().map(Previous::of),
            demand: wish.demand.clone(),
            waiting: Waiting::Step,
        };
        let attempt = self.new_attempt(browser, provider, &wish.return_to, address, &progress)?;
        self.sign_in
            .store()
            .begin_attempt(&attempt, PER_BROWSER)
            .await?;
        let event = Event::Start {
            address: attempt.address.as_ref().map(ToString::to_string),
            fresh: wish.demand.fresh,
            contexts: wish.demand.context.into_iter().collect(),
            second_factor: wish.demand.second_factor,
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

    /// The provider asked for; where none is, the first that fits whoever has such an address.
    ///
    /// The directory has no part in it: to be sent elsewhere would tell a stranger who redeemed, and with what (S149). Any
    /// provider may be asked for, as somebody may have redeemed with it; who has not is judged when the address is proven.
    async fn choose_provider(
        &self,
        address: &EmailAddress,
        asked: Option<&str>,
    ) -> Result<Chosen, Reason> {
        if let Some(asked) = asked {
            let asked = ProviderId::parse(asked).map_err(|_| Reason::BadRequest)?;
            return if self.sign_in.offers.holds(&asked, &self.tenant.id) {
                Ok(Chosen::Provider(asked))
            } else {
                Err(Reason::NotFound)
            };
        }
        let Shown { fitting, refused } = self.shown(address).await?;
        if let Some(reason) = refused {
            tracing::info!(
                tenant.id = %self.tenant.id,
                decision = "deny",
                decision.reason = reason.code(),
                "Home of the domain not admitted"
            );
        }
        let mut providers = fitting.providers.iter();
        Ok(match (fitting.choice, providers.next()) {
            (true, _) => Chosen::ByThePerson(fitting.providers),
            (false, Some(first)) => Chosen::Provider(first.clone()),
            (false, None) => Chosen::Nothing,
        })
    }

    /// What whoever has an address of the domain is shown.
    ///
    /// Where nobody of it may come in, that is what is shown to somebody of no domain at all: no code is mailed then, and
    /// nobody is let in by any other way.
    ///
    /// # Errors
    /// [`Reason::HomeUnknown`].
    pub(super) async fn shown(&self, address: &EmailAddress) -> Result<Shown, Reason> {
        let (offers, tenant, now) = (&self.sign_in.offers, self.tenant, self.visit.now);
        let home = offers.home(address.domain(), tenant, now).await;
        let admitted = home.admits(tenant, &self.sign_in.configuration.clouds, false);
        let fitting = match admitted {
            Ok(()) => offers
                .fitting(address, &home, tenant, now)
                .map_err(Reason::from),
            Err(Reason::HomeUnknown) => return Err(Reason::HomeUnknown),
            Err(reason) => Err(reason),
        };
        Ok(match fitting {
            Ok(fitting) => Shown {
                fitting,
                refused: None,
            },
            Err(reason) if is_of_cloud(&reason) => Shown {
                fitting: offers.neutral(tenant, now),
                refused: Some(reason),
            },
            Err(_) => Shown::default(),
        })
    }

    fn new_attempt(
        &self,
        browser: Browser,
        provider: ProviderId,
        return_to: &ReturnTarget,
        address: EmailAddress,
        progress: &Progress,
    ) -> Result<Attempt, Reason> {
        let configuration = &self.sign_in.configuration;
        let generation = configuration.generation_of(&provider);
        Ok(Attempt {
            handle: AttemptHandle(random::bytes()?),
            browser: browser.hash(),
            host: self.visit.host.clone(),
            tenant: self.tenant.id.clone(),
            provider,
            generation: generation.ok_or(Reason::NotFound)?,
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
            by_sharing: self.by_sharing(),
            return_to: &wish.return_to.to_string(),
            demand: &wish.demand,
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

    fn choose_page(&self, wish: &Wish, address: &str, fitting: &[ProviderId]) -> Answer {
        let configuration = &self.sign_in.configuration;
        let html = pages::render(&ChoosePage {
            organisation: self.organisation(),
            return_to: &wish.return_to.to_string(),
            demand: &wish.demand,
            address,
            others: &others(fitting, None, configuration, &self.sign_in.providers),
        });
        let outcome = Outcome::new("challenge", "account-choice-asked");
        Answer::page(StatusCode::OK, html, Forms::Anywhere, outcome)
    }
}

/// Whether it is the cloud of the home that is refused.
const fn is_of_cloud(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Denied(Denial::CloudNotAllowed | Denial::CloudUnknown | Denial::OutsideEnvironment)
    )
}

/// With which provider an attempt is begun.
enum Chosen {
    Provider(ProviderId),
    /// With one of these, as the person says.
    ByThePerson(Vec<ProviderId>),
    Nothing,
}

/// What whoever has an address of some domain is shown.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) fitting: Fitting,
    /// Why none of it lets anybody in.
    refused: Option<Reason>,
}

/// What somebody wants of a sign-in.
struct Wish {
    /// Where to go afterwards.
    return_to: ReturnTarget,
    /// What to show.
    demand: Demand,
}

impl Wish {
    fn of(fields: &Fields) -> Self {
        let return_to = fields.get("return_to").and_then(|raw| return_target(raw));
        Self {
            return_to: return_to.unwrap_or_else(ReturnTarget::root),
            demand: Demand::of(fields),
        }
    }
}
