//! Conditional access.
//!
//! Source: specification "sharing rules" 1.6, 2.5 and 7.

use gateway_core::person::{Person, SignInRisk};
use gateway_core::policy::{Challenge, Denial, MfaPlace};
use gateway_core::settings::directory::{ConditionalAccessPolicy, GrantControl, InboundTrust};
use gateway_core::settings::words::TenantConditionalAccess;

use crate::world::AccessWorld;
use crate::{Answer, Judged, deny_if};

impl AccessWorld {
    pub(crate) fn conditional_access(&self) -> Judged {
        let Some(person) = &self.principal.person else {
            return Ok(());
        };
        let bound = !self.ad_hoc() || self.place.sharing().restrict_ad_hoc;
        let blocked = self.place.devices() == TenantConditionalAccess::BlockAccess;
        deny_if(
            bound && blocked && !self.principal.client.managed_device,
            Denial::DeviceNotManaged,
        )?;
        if self.ad_hoc() {
            return Ok(());
        }
        let policies = self.policies(person);
        let demanded = |control| policies.iter().any(|one| one.controls.contains(&control));
        let mfa = self.second_factor(person);
        let trust = self.believed(person);

        deny_if(
            demanded(GrantControl::Block),
            Denial::ConditionalAccessBlocked,
        )?;
        deny_if(
            demanded(GrantControl::ApprovedApplication)
                || demanded(GrantControl::CompliantApplication)
                || demanded(GrantControl::PasswordChange),
            Denial::ControlNotSupported,
        )?;
        let compliant =
            person.assurance.compliant_device && (self.member() || trust.compliant_device);
        let hybrid = person.assurance.hybrid_device && (self.member() || trust.hybrid_device);
        deny_if(
            (demanded(GrantControl::CompliantDevice) && !compliant)
                || (demanded(GrantControl::DomainJoinedDevice) && !hybrid),
            Denial::DeviceNotManaged,
        )?;
        let risky = policies
            .iter()
            .any(|one| !one.risks.is_empty() && one.controls.contains(&GrantControl::Mfa));
        let unregistered = self.guest().is_some_and(|guest| !guest.mfa_registered);
        deny_if(risky && !mfa && unregistered, Denial::RiskNotRemediated)?;
        let nameless =
            self.place.demands_context() && self.place.local().authentication_context.is_none();
        deny_if(nameless, Denial::ConditionalAccessBlocked)?;

        if demanded(GrantControl::Mfa) && !mfa {
            let home = self.guest().is_some() && from_work(person) && trust.mfa;
            return Err(Answer::Challenge(Challenge::Mfa(if home {
                MfaPlace::Home
            } else {
                MfaPlace::Resource
            })));
        }
        if demanded(GrantControl::TermsOfUse) && !person.assurance.terms {
            return Err(Answer::Challenge(Challenge::Terms));
        }
        let old = |one: &&ConditionalAccessPolicy| {
            one.sign_in_frequency
                .is_some_and(|seconds| self.age() >= seconds)
        };
        if policies.iter().any(old) {
            return Err(Answer::Challenge(Challenge::SignInAgain));
        }
        match self.open_context(person) {
            Some(context) if !self.answered(context) => {
                Err(Answer::Challenge(Challenge::AuthenticationContext))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The context that the site demands and the person did not satisfy.
    fn open_context(&self, person: &Person) -> Option<&str> {
        if !self.place.demands_context() {
            return None;
        }
        let name = self.place.local().authentication_context.as_deref()?;
        // A guest's home has contexts of its own.
        let shown = self.member() && person.assurance.contexts.contains(name);
        (!shown).then_some(name)
    }

    fn answered(&self, context: &str) -> bool {
        let all = &self.place.tenant.directory.conditional_access;
        all.iter()
            .any(|one| one.context.as_deref() == Some(context))
    }

    fn policies(&self, person: &Person) -> Vec<&ConditionalAccessPolicy> {
        let mut found = Vec::new();
        for one in &self.place.tenant.directory.conditional_access {
            let people = one.members || self.guest().is_some();
            let here = one
                .sites
                .as_ref()
                .is_none_or(|sites| sites.contains(&self.place.site_id));
            let context = match &one.context {
                None => true,
                Some(context) => self.open_context(person) == Some(context),
            };
            let risk = one.risks.is_empty()
                || match person.assurance.risk {
                    None => true,
                    Some(SignInRisk::None) => false,
                    Some(SignInRisk::Some(risk)) => one.risks.contains(&risk),
                };
            if people && here && context && risk {
                found.push(one);
            }
        }
        found
    }

    fn believed(&self, person: &Person) -> InboundTrust {
        self.place
            .trust(person.key.cloud.as_ref(), person.key.tenant.as_deref())
    }

    fn second_factor(&self, person: &Person) -> bool {
        let believed = self.member() || (from_work(person) && self.believed(person).mfa);
        person.assurance.mfa_here || (person.assurance.mfa_at_home && believed)
    }
}

fn from_work(person: &Person) -> bool {
    person.kind.as_str() == "work-school"
}
