//! Conditional access: unmanaged devices, the directory's policies, and the authentication context of a site.
//!
//! Source: specification "sharing rules" 1.6, 2.5 and 7.

use super::person::age;
use super::{Case, Finding, Who, challenge, deny, not_applicable, pass};
use crate::person::{Guest, Person, SignInRisk};
use crate::policy::{Basis, Challenge, Denial, MfaPlace, Shown};
use crate::settings::Source;
use crate::settings::directory::{ConditionalAccessPolicy, GrantControl, InboundTrust};
use crate::settings::effective::device_policy;
use crate::settings::words::{SiteConditionalAccess, TenantConditionalAccess};

pub(super) fn conditional_access(case: &Case<'_>) -> Finding {
    let (person, guest) = match case.who {
        Who::Nobody | Who::Unknown(_) | Who::Application(_) => {
            return not_applicable(Basis::NONE);
        }
        Who::Member(person, _) => (person, None),
        Who::Guest(person, guest) => (person, Some(guest)),
        Who::AdHoc(..) => return ad_hoc(case),
    };
    let (devices, basis) = devices(case);
    if devices == TenantConditionalAccess::BlockAccess && !case.principal.client.managed_device {
        return deny(Denial::DeviceNotManaged, basis);
    }
    let subject = Subject {
        case,
        person,
        guest,
        trust: trust(case, person),
        context: Context::of(case),
    };
    let refused = subject.refusal().or_else(|| subject.challenge());
    refused.unwrap_or(pass(basis))
}

/// Policies of the directory do not reach whoever is not in it; app-enforced restrictions do where the tenant says so.
fn ad_hoc(case: &Case<'_>) -> Finding {
    let on = case.facts.tenant.sharing.restrict_ad_hoc;
    let name = "ApplyAppEnforcedRestrictionsToAdHocRecipients";
    let (devices, basis) = devices(case);
    if !on {
        not_applicable(Basis::new(name, Shown::Flag(on), Source::Tenant))
    } else if devices == TenantConditionalAccess::BlockAccess
        && !case.principal.client.managed_device
    {
        deny(Denial::DeviceNotManaged, basis)
    } else {
        pass(basis)
    }
}

fn devices(case: &Case<'_>) -> (TenantConditionalAccess, Basis) {
    let policy = device_policy(case.facts.tenant, case.facts.site);
    let word = Shown::Word(policy.value.name());
    (
        policy.value,
        Basis::new(policy.setting, word, policy.source),
    )
}

/// Whether the device is held to limited access, and what that rests on.
pub(super) fn limited_access(case: &Case<'_>) -> Option<Basis> {
    let concerned = match case.who {
        Who::Nobody | Who::Application(_) => false,
        Who::AdHoc(..) => case.facts.tenant.sharing.restrict_ad_hoc,
        Who::Member(..) | Who::Guest(..) | Who::Unknown(_) => true,
    };
    let (devices, basis) = devices(case);
    let limited = concerned
        && devices == TenantConditionalAccess::AllowLimitedAccess
        && !case.principal.client.managed_device;
    limited.then_some(basis)
}

/// The claims of the home that are believed: those of accounts that have a cloud, as their organisation is trusted.
fn trust(case: &Case<'_>, person: &Person) -> InboundTrust {
    let access = &case.facts.tenant.directory.cross_tenant;
    let Some(home) = &person.key.cloud else {
        return InboundTrust::default();
    };
    let partner = access.partner(home, person.key.tenant.as_deref());
    partner.map_or(access.default_trust, |partner| partner.trust)
}

/// What the site demands of everybody's authentication.
#[derive(Clone, Copy)]
enum Context<'a> {
    Satisfied,
    Unnamed,
    Wanting(&'a str),
}

impl<'a> Context<'a> {
    fn of(case: &Case<'a>) -> Self {
        let site = &case.facts.site.sharing;
        if site.conditional_access != Some(SiteConditionalAccess::AuthenticationContext) {
            return Self::Satisfied;
        }
        match &site.authentication_context {
            None => Self::Unnamed,
            Some(name) => {
                // Contexts are the tenant's own: those of a guest's home are others, whatever their names.
                let member = case.who.person().filter(|_| case.who.is_member());
                // Their names are the same in either case, as providers write them in both.
                let shown = member.is_some_and(|one| {
                    let mut shown = one.assurance.contexts.iter();
                    shown.any(|shown| shown.eq_ignore_ascii_case(name))
                });
                if shown {
                    Self::Satisfied
                } else {
                    Self::Wanting(name)
                }
            }
        }
    }

    fn is(self, other: &str) -> bool {
        matches!(self, Self::Wanting(name) if name == other)
    }

    const fn basis() -> Basis {
        let word = Shown::Word(SiteConditionalAccess::AuthenticationContext.name());
        Basis::new("ConditionalAccessPolicy", word, Source::Site)
    }
}

/// A guest or a member, with what bears on policies.
struct Subject<'a> {
    case: &'a Case<'a>,
    person: &'a Person,
    guest: Option<&'a Guest>,
    trust: InboundTrust,
    context: Context<'a>,
}

impl Subject<'_> {
    /// What nothing that the person could do now would satisfy, the hardest first.
    fn refusal(&self) -> Option<Finding> {
        use GrantControl as Control;
        for (controls, denial) in [
            (&[Control::Block][..], Denial::ConditionalAccessBlocked),
            (
                &[
                    Control::ApprovedApplication,
                    Control::CompliantApplication,
                    Control::PasswordChange,
                ],
                Denial::ControlNotSupported,
            ),
            (
                &[Control::CompliantDevice, Control::DomainJoinedDevice],
                Denial::DeviceNotManaged,
            ),
        ] {
            for control in controls {
                if self.unmet(*control) {
                    return Some(deny(denial, grant_controls(*control)));
                }
            }
        }
        // Nobody registers a second factor while the sign-in is risky.
        let unregistered = self.guest.is_some_and(|guest| !guest.mfa_registered);
        let mut risky = self.applying().filter(|policy| !policy.risks.is_empty());
        if unregistered
            && !self.meets(Control::Mfa)
            && risky.any(|policy| policy.controls.contains(&Control::Mfa))
        {
            return Some(deny(
                Denial::RiskNotRemediated,
                grant_controls(Control::Mfa),
            ));
        }
        match self.context {
            Context::Unnamed => Some(deny(Denial::ConditionalAccessBlocked, Context::basis())),
            Context::Satisfied | Context::Wanting(_) => None,
        }
    }

    /// What the person can do about it, in the order in which it is asked for.
    fn challenge(&self) -> Option<Finding> {
        use GrantControl as Control;
        if self.unmet(Control::Mfa) {
            let place = if self.trusts_mfa() {
                MfaPlace::Home
            } else {
                MfaPlace::Resource
            };
            return Some(challenge(
                Challenge::Mfa(place),
                grant_controls(Control::Mfa),
            ));
        }
        if self.unmet(Control::TermsOfUse) {
            let basis = grant_controls(Control::TermsOfUse);
            return Some(challenge(Challenge::Terms, basis));
        }
        let strictest = self
            .applying()
            .filter_map(|policy| policy.sign_in_frequency);
        if let Some(seconds) = strictest.min()
            && age(self.case, self.person) >= seconds
        {
            let seconds = Shown::Number(seconds);
            let basis = Basis::new("signInFrequency", seconds, Source::Directory);
            return Some(challenge(Challenge::SignInAgain, basis));
        }
        match self.context {
            Context::Wanting(name) if !self.answered(name) => Some(challenge(
                Challenge::AuthenticationContext,
                Context::basis(),
            )),
            Context::Wanting(_) | Context::Satisfied | Context::Unnamed => None,
        }
    }

    /// Whether a policy answers to the context; then what it demands is what the context means.
    fn answered(&self, context: &str) -> bool {
        let mut policies = self.policies().iter();
        policies.any(|policy| policy.context.as_deref() == Some(context))
    }

    fn policies(&self) -> &[ConditionalAccessPolicy] {
        &self.case.facts.tenant.directory.conditional_access
    }

    fn applying(&self) -> impl Iterator<Item = &ConditionalAccessPolicy> {
        self.policies()
            .iter()
            .filter(|policy| self.concerns(policy))
    }

    fn concerns(&self, policy: &ConditionalAccessPolicy) -> bool {
        let site = &self.case.question.target.site;
        let here = policy
            .sites
            .as_ref()
            .is_none_or(|sites| sites.contains(site));
        let asked = match &policy.context {
            None => true,
            Some(context) => self.context.is(context),
        };
        let risky = policy.risks.is_empty()
            || match self.person.assurance.risk {
                None => true,
                Some(SignInRisk::None) => false,
                Some(SignInRisk::Some(risk)) => policy.risks.contains(&risk),
            };
        (self.guest.is_some() || policy.members) && here && asked && risky
    }

    /// Whether a policy demands what has not been shown.
    fn unmet(&self, control: GrantControl) -> bool {
        let mut policies = self.applying();
        policies.any(|policy| policy.controls.contains(&control)) && !self.meets(control)
    }

    fn meets(&self, control: GrantControl) -> bool {
        let shown = &self.person.assurance;
        let member = self.guest.is_none();
        match control {
            GrantControl::Block
            | GrantControl::ApprovedApplication
            | GrantControl::CompliantApplication
            | GrantControl::PasswordChange => false,
            GrantControl::Mfa => {
                shown.mfa_here || (shown.mfa_at_home && (member || self.trusts_mfa()))
            }
            GrantControl::CompliantDevice => {
                shown.compliant_device && (member || self.trust.compliant_device)
            }
            GrantControl::DomainJoinedDevice => {
                shown.hybrid_device && (member || self.trust.hybrid_device)
            }
            GrantControl::TermsOfUse => shown.terms,
        }
    }

    /// Whether a second factor at home counts: only organisations of the directory's own kind make such claims.
    fn trusts_mfa(&self) -> bool {
        let work_school = self.person.kind.as_str() == "work-school";
        self.guest.is_some() && work_school && self.trust.mfa
    }
}

const fn grant_controls(control: GrantControl) -> Basis {
    let word = match control {
        GrantControl::Block => "block",
        GrantControl::Mfa => "mfa",
        GrantControl::CompliantDevice => "compliantDevice",
        GrantControl::DomainJoinedDevice => "domainJoinedDevice",
        GrantControl::ApprovedApplication => "approvedApplication",
        GrantControl::CompliantApplication => "compliantApplication",
        GrantControl::PasswordChange => "passwordChange",
        GrantControl::TermsOfUse => "termsOfUse",
    };
    Basis::new("grantControls", Shown::Word(word), Source::Directory)
}
