//! May this person do this to that item?
//!
//! Source: the specification's settled reading 4 (order of judgement); "sharing rules" 1 to 3, 5.4 and 7.

use gateway_core::action::Action;
use gateway_core::id::GroupId;
use gateway_core::person::{GuestState, Person};
use gateway_core::policy::{Challenge, Denial, Ground};
use gateway_core::settings::words::LockState;
use gateway_core::settings::{Channel, SharingCapability};
use gateway_core::sharing::{Recipient, Role};
use gateway_core::time::UnixTime;

use crate::settings::DAY;
use crate::world::{AccessWorld, Known};
use crate::{Answer, Judged, deny_if, first_of, provider};

/// The answer.
#[must_use]
pub fn access(world: &AccessWorld) -> Answer {
    if let (Known::Application(role), None) = (&world.known, &world.principal.person) {
        return match world.as_program(*role) {
            Ok(()) => Answer::Allow(Some(Ground::Application)),
            Err(why) => why,
        };
    }
    let bearer = world.bears_anyone_link().then(|| world.as_bearer());
    if let Some(Ok(ground)) = bearer {
        return Answer::Allow(Some(ground));
    }
    let why = match world.as_person() {
        Ok(ground) => return Answer::Allow(Some(ground)),
        Err(why) => why,
    };
    let nobody = world.principal.person.is_none();
    match (why, bearer) {
        (Answer::Challenge(Challenge::SignIn | Challenge::MemberSignIn), Some(Err(bearers)))
            if nobody =>
        {
            bearers
        }
        (why, _) => why,
    }
}

/// Who is judged: somebody as the person they are, or as the bearer of an Anyone link.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    Person,
    Bearer,
}

impl AccessWorld {
    /// Nobody signs in as a program, and no link is any of its business.
    fn as_program(&self, role: Role) -> Judged {
        self.lock_and_network()?;
        let restricted = self.place.restricted_to().is_some()
            || self.place.personal_sites_restricted_to().is_some();
        deny_if(restricted, Denial::RestrictedAccess)?;
        let changes = matches!(self.action, Action::Edit | Action::Create | Action::Delete);
        deny_if(
            changes && role == Role::Read,
            Denial::PermissionInsufficient,
        )
    }

    fn as_person(&self) -> Result<Ground, Answer> {
        self.lock_and_network()?;
        self.cloud_of_person()?;
        self.level_for_person()?;
        self.links_for_person()?;
        self.authentication()?;
        self.cross_tenant()?;
        self.guest_state()?;
        self.conditional_access()?;
        self.domain_lists()?;
        self.expiry()?;
        self.restricted_for_person()?;
        let basis = self.permission()?;
        self.file_conditions(As::Person, &basis)?;
        self.download_limits(As::Person, &basis)?;
        Ok(basis.ground)
    }

    fn as_bearer(&self) -> Result<Ground, Answer> {
        self.lock_and_network()?;
        deny_if(!self.place.cloud_known(), Denial::CloudUnknown)?;
        deny_if(self.place.closed(), Denial::OutsideEnvironment)?;
        let (level, source) = self.place.level();
        deny_if(
            level < SharingCapability::ExternalUserAndGuestSharing,
            Denial::AnyoneLinksDisabled(source),
        )?;
        let basis = self.usable_anyone_links()?;
        let proven = self.signed_in() || self.principal.address_proven;
        if self.place.sharing().anyone_link_track_users && !proven {
            return Err(Answer::Challenge(Challenge::EmailProof));
        }
        let restricted = self.place.restricted_to().is_some()
            || self.place.personal_sites_restricted_to().is_some();
        deny_if(restricted, Denial::RestrictedAccess)?;
        self.file_conditions(As::Bearer, &basis)?;
        self.download_limits(As::Bearer, &basis)?;
        Ok(basis.ground)
    }

    pub(crate) fn signed_in(&self) -> bool {
        self.principal.person.is_some()
    }

    pub(crate) fn member(&self) -> bool {
        self.signed_in() && matches!(self.known, Known::Member(_))
    }

    pub(crate) fn outsider(&self) -> bool {
        self.signed_in() && !self.member()
    }

    pub(crate) fn ad_hoc(&self) -> bool {
        self.signed_in() && matches!(self.known, Known::AdHoc(_))
    }

    fn person(&self) -> Option<&Person> {
        self.principal.person.as_ref()
    }

    /// Seconds since the person authenticated.
    pub(crate) fn age(&self) -> i64 {
        let person = self.person();
        person.map_or(0, |person| {
            self.place.now.since(person.authenticated_at).max(0)
        })
    }

    /// Whether the person is in the group, also through others. Who has no entry is in none.
    pub(crate) fn in_group(&self, group: &GroupId) -> bool {
        if self.ad_hoc() || !self.signed_in() {
            return false;
        }
        let Some(address) = self.address() else {
            return false;
        };
        let Some(found) = self.groups.get(group) else {
            return false;
        };
        found.people.contains(address) || found.groups.iter().any(|inner| self.in_group(inner))
    }

    pub(crate) fn over(&self, ends: Option<UnixTime>) -> bool {
        ends.is_some_and(|ends| ends <= self.place.now)
    }

    fn lock_and_network(&self) -> Judged {
        match self.place.local().lock {
            LockState::NoAccess => return Err(Answer::Deny(Denial::SiteLocked)),
            LockState::ReadOnly => deny_if(self.action.writes(), Denial::SiteReadOnly)?,
            LockState::Unlock => {}
        }
        if self.place.sharing().ip_enforcement {
            let ranges = &self.place.sharing().ip_ranges;
            let address = self.principal.client.address;
            let trusted = address.is_some_and(|address| ranges.contain(address));
            deny_if(!trusted, Denial::NetworkNotTrusted)?;
        }
        Ok(())
    }

    fn cloud_of_person(&self) -> Judged {
        let Some(person) = self.person() else {
            return Ok(());
        };
        if self.member() {
            return Ok(());
        }
        deny_if(!self.place.cloud_known(), Denial::CloudUnknown)?;
        let cloud = person.key.cloud.as_ref();
        let wrong = cloud.and_then(|cloud| {
            self.place
                .account_cloud(cloud, person.key.tenant.as_deref())
        });
        if let Some(wrong) = wrong {
            return Err(Answer::Deny(wrong));
        }
        if let Some(address) = self.address() {
            let order = [Denial::CloudUnknown, Denial::CloudNotAllowed];
            if let Some(why) = first_of(&order, &self.place.domain_homes(address.domain())) {
                return Err(Answer::Deny(why));
            }
        }
        let outside = self.place.closed() && !self.place.inside(cloud);
        deny_if(outside, Denial::OutsideEnvironment)
    }

    fn level_for_person(&self) -> Judged {
        if !self.outsider() {
            return Ok(());
        }
        let (level, source) = self.place.level();
        deny_if(
            level == SharingCapability::Disabled,
            Denial::SharingDisabled(source),
        )?;
        // Who has no entry is new at every opening.
        deny_if(
            self.ad_hoc() && level == SharingCapability::ExistingExternalUserSharingOnly,
            Denial::NewGuestsNotAllowed(source),
        )
    }

    fn authentication(&self) -> Judged {
        let Some(person) = self.person() else {
            let member = self.organization_link_works();
            return Err(Answer::Challenge(if member {
                Challenge::MemberSignIn
            } else {
                Challenge::SignIn
            }));
        };
        let kind = person.kind.as_str();
        if let Some(guest) = self.guest() {
            let unlisted = provider::documented(kind) && !self.place.cloud_lists(kind);
            deny_if(unlisted, Denial::ProviderNotOffered)?;
            let withdrawn = provider::withdrawn(&self.place, kind, guest.address.domain());
            deny_if(withdrawn, Denial::ProviderWithdrawn)?;
            if kind == "email-otp" && self.age() >= DAY {
                return Err(Answer::Challenge(Challenge::SignInAgain));
            }
        }
        if self.ad_hoc() {
            deny_if(
                !self.place.cloud_lists("email-otp"),
                Denial::ProviderNotOffered,
            )?;
            if self.place.integration() {
                return Err(Answer::Challenge(Challenge::SignIn));
            }
            let sharing = self.place.sharing();
            let days = sharing.attestation_days.map_or(30, |days| days.get());
            if sharing.attestation && self.age() >= i64::from(days) * DAY {
                return Err(Answer::Challenge(Challenge::SignInAgain));
            }
        }
        let client = &self.principal.client;
        if let Some(seconds) = self.place.sharing().idle_sign_out
            && !client.managed_device
        {
            let pause = client.last_used.map(|last| self.place.now.since(last));
            if pause.is_none_or(|pause| pause >= i64::from(seconds.get())) {
                return Err(Answer::Challenge(Challenge::SignInAgain));
            }
        }
        Ok(())
    }

    fn cross_tenant(&self) -> Judged {
        match self.person() {
            Some(person) if self.outsider() => {
                let tenant = person.key.tenant.as_deref();
                let blocked = self
                    .place
                    .inbound_blocked(person.key.cloud.as_ref(), tenant);
                deny_if(blocked, Denial::PartnerBlocked)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn guest_state(&self) -> Judged {
        match self.known {
            Known::Member(_) | Known::AdHoc(_) => return Ok(()),
            Known::Application(_) | Known::Unknown => {
                return Err(Answer::Deny(Denial::NotInDirectory));
            }
            Known::Guest(_) => {}
        }
        let Some(guest) = self.guest() else {
            return Err(Answer::Deny(Denial::NotInDirectory));
        };
        match guest.state {
            GuestState::Blocked => return Err(Answer::Deny(Denial::GuestBlocked)),
            GuestState::PendingAcceptance => {
                return Err(Answer::Deny(Denial::InvitationNotRedeemed));
            }
            GuestState::Accepted => {}
        }
        let Some(identity) = &guest.identity else {
            return Err(Answer::Deny(Denial::InvitationNotRedeemed));
        };
        let same = self.person().is_some_and(|person| person.key == *identity);
        deny_if(!same, Denial::IdentityMismatch)
    }

    fn domain_lists(&self) -> Judged {
        if self.member() {
            return Ok(());
        }
        let Some(address) = self.address() else {
            return Ok(());
        };
        if let Some(why) = self.place.tenant_list(address.domain()) {
            return Err(Answer::Deny(Denial::TenantDomain(why)));
        }
        if let Some(why) = self.place.site_list(address.domain()) {
            return Err(Answer::Deny(Denial::SiteDomain(why)));
        }
        Ok(())
    }

    /// Whether the guest's time in the site is over.
    pub(crate) fn expired(&self) -> bool {
        let site = &self.place.site_id;
        self.guest().is_some_and(|guest| {
            self.over(guest.expires.get(site).copied()) && !guest.administers.contains(site)
        })
    }

    fn expiry(&self) -> Judged {
        let grants = self.usable_grants();
        let group = grants
            .iter()
            .any(|one| matches!(one.recipient, Recipient::Group(_)));
        deny_if(self.expired() && !group, Denial::GuestExpired)
    }

    fn restricted_for_person(&self) -> Judged {
        if let Some(groups) = self.place.personal_sites_restricted_to() {
            let within = self.member() && groups.iter().any(|group| self.in_group(group));
            deny_if(!within, Denial::RestrictedAccess)?;
        }
        if let Some(groups) = self.place.restricted_to() {
            let exempt = self.outsider() && self.place.site.channel == Channel::Shared;
            let within = groups.iter().any(|group| self.in_group(group));
            deny_if(!exempt && !within, Denial::RestrictedAccess)?;
        }
        Ok(())
    }
}
