//! May this invitation be redeemed, and how?
//!
//! Source: specification "sharing rules" 0, 3.4, 4, 5.3 and 6; "clouds and identity" A.5 and H.

use gateway_core::address::DomainName;
use gateway_core::cloud::Relation;
use gateway_core::person::{GuestOrigin, GuestState, InvitationManager};
use gateway_core::policy::redeem::{Home, SignedIn, Stage};
use gateway_core::policy::{Challenge, Denial, Method};
use gateway_core::settings::words::{FallbackIdentityProvider, PrimaryIdentityProvider};
use gateway_core::settings::{LevelSource, Profile, SharingCapability};
use gateway_core::time::UnixTime;

use crate::settings::{directory_list, redeemed};
use crate::world::RedeemWorld;
use crate::{Answer, Judged, deny_if, first_of, provider};

/// When invitations of sharing's own manager died: the end of June 2024.
const OWN_INVITATIONS_END: UnixTime = UnixTime(1_719_792_000);

/// The answer.
#[must_use]
pub fn redeem(world: &RedeemWorld) -> Answer {
    let judged = match &world.question.stage {
        Stage::Before(home) => world.before(home),
        Stage::After(signed_in) => world.after(signed_in),
    };
    match judged {
        Ok(()) => Answer::Allow(None),
        Err(why) => why,
    }
}

impl RedeemWorld {
    fn before(&self, home: &Home) -> Judged {
        deny_if(!self.place.cloud_known(), Denial::CloudUnknown)?;
        let order = [Denial::CloudUnknown, Denial::CloudNotAllowed];
        for found in [
            self.place.homes(&home.clouds),
            self.place.domain_homes(self.question.address.domain()),
        ] {
            if let Some(why) = first_of(&order, &found) {
                return Err(Answer::Deny(why));
            }
        }
        let inside = !home.clouds.is_empty()
            && home
                .clouds
                .iter()
                .all(|cloud| self.place.inside(Some(cloud)));
        deny_if(self.place.closed() && !inside, Denial::OutsideEnvironment)?;
        self.level()?;
        self.state(None)?;
        self.domain_lists()?;
        Err(self.provider_before(home))
    }

    fn after(&self, signed_in: &SignedIn) -> Judged {
        deny_if(!signed_in.audience_matches, Denial::AudienceMismatch)?;
        let cloud = signed_in.key.cloud.as_ref();
        let tenant = signed_in.key.tenant.as_deref();
        deny_if(!self.place.cloud_known(), Denial::CloudUnknown)?;
        if let Some(why) = cloud.and_then(|cloud| self.place.account_cloud(cloud, tenant)) {
            return Err(Answer::Deny(why));
        }
        let order = [Denial::CloudUnknown, Denial::CloudNotAllowed];
        let homes = self.place.domain_homes(self.question.address.domain());
        if let Some(why) = first_of(&order, &homes) {
            return Err(Answer::Deny(why));
        }
        let outside = self.place.closed() && !self.place.inside(cloud);
        deny_if(outside, Denial::OutsideEnvironment)?;
        // Somebody else than the invited may redeem sharing's own invitations, from nowhere that is closed.
        if let Some(other) = self.accepting_domain(signed_in) {
            let homes = self.place.domain_homes(other);
            if let Some(why) = first_of(&order, &homes) {
                return Err(Answer::Deny(why));
            }
        }
        deny_if(
            self.place.inbound_blocked(cloud, tenant),
            Denial::PartnerBlocked,
        )?;
        self.provider_after(signed_in.kind.as_str())?;
        self.level()?;
        self.state(Some(signed_in))?;
        self.federation(signed_in)?;
        self.address(signed_in)?;
        self.domain_lists()?;
        if let Some(other) = self.accepting_domain(signed_in)
            && let Some(why) = self.place.tenant_list(other)
        {
            return Err(Answer::Deny(Denial::TenantDomain(why)));
        }
        self.consent_and_terms(signed_in)
    }

    fn accepting_domain<'b>(&self, signed_in: &'b SignedIn) -> Option<&'b DomainName> {
        let proven = signed_in.address.as_ref()?;
        let other = !self.redeemed() && *proven != self.question.address;
        other.then(|| proven.domain())
    }

    fn redeemed(&self) -> bool {
        self.guest.as_ref().is_some_and(redeemed)
    }

    fn level(&self) -> Judged {
        let level = self.place.sharing().capability;
        deny_if(
            level == SharingCapability::Disabled,
            Denial::SharingDisabled(LevelSource::Tenant),
        )?;
        let new = match &self.guest {
            None => true,
            Some(guest) => guest.origin == GuestOrigin::Share && !redeemed(guest),
        };
        deny_if(
            new && level == SharingCapability::ExistingExternalUserSharingOnly,
            Denial::NewGuestsNotAllowed(LevelSource::Tenant),
        )
    }

    fn state(&self, signed_in: Option<&SignedIn>) -> Judged {
        let profile = self.place.tenant.profile;
        let now = self.place.now;
        if let Some(guest) = &self.guest {
            deny_if(guest.state == GuestState::Blocked, Denial::GuestBlocked)?;
            if redeemed(guest) {
                let other = signed_in.is_some_and(|one| guest.identity.as_ref() != Some(&one.key));
                return deny_if(other, Denial::IdentityMismatch);
            }
            let lapsed = guest.invitation_expires.is_some_and(|ends| ends <= now);
            deny_if(lapsed, Denial::InvitationExpired)?;
            let dead = guest.manager == InvitationManager::Sharing
                && profile >= Profile::IntegrationDefault
                && now >= OWN_INVITATIONS_END;
            return deny_if(dead, Denial::ReshareRequired);
        }
        let Some(share) = &self.share else {
            return Err(Answer::Deny(Denial::NotInDirectory));
        };
        deny_if(
            self.place.left_behind(share.manager),
            Denial::ReshareRequired,
        )?;
        if !self.place.integration() {
            return Ok(());
        }
        // The directory's manager makes the entry at once; without one the person has been removed.
        deny_if(
            share.manager == InvitationManager::Directory,
            Denial::NotInDirectory,
        )?;
        match profile {
            Profile::SeparateManagers => Ok(()),
            Profile::IntegrationOptIn | Profile::IntegrationDefault => {
                deny_if(!share.creator_may_share, Denial::ReshareRequired)
            }
            Profile::ReshareRequired => Err(Answer::Deny(Denial::GuestAccessSettingsUpdated)),
            Profile::IntegrationMandatory => Err(Answer::Deny(Denial::ReshareRequired)),
        }
    }

    fn domain_lists(&self) -> Judged {
        let domain = self.question.address.domain();
        if let Some(why) = self.place.tenant_list(domain) {
            return Err(Answer::Deny(Denial::TenantDomain(why)));
        }
        let invited = self
            .guest
            .as_ref()
            .is_some_and(|guest| guest.manager == InvitationManager::Directory);
        if !self.redeemed() && (self.place.integration() || invited) {
            let policy = &self.place.tenant.directory.policy;
            if let Some(why) = directory_list(policy, domain) {
                return Err(Answer::Deny(Denial::DirectoryDomain(why)));
            }
        }
        Ok(())
    }

    /// Whether the cloud has that kind of provider, and it is set up.
    fn offered(&self, kind: &str) -> bool {
        self.place.cloud_lists(kind) && self.set_up(kind)
    }

    fn set_up(&self, kind: &str) -> bool {
        self.providers
            .as_ref()
            .is_none_or(|kinds| kinds.iter().any(|one| one.as_str() == kind))
    }

    /// Whether sharing's own manager invited.
    fn sharings_own(&self) -> bool {
        !self.place.integration()
            && self
                .guest
                .as_ref()
                .is_none_or(|guest| guest.manager == InvitationManager::Sharing)
    }

    fn provider_before(&self, home: &Home) -> Answer {
        let sign_in = |method| Answer::Challenge(Challenge::SignInWith(method));
        let domain = self.question.address.domain();
        let microsoft_account = home.microsoft_account && self.offered("microsoft-account");
        let work = if microsoft_account {
            let (one, other) = (Method::WorkSchool, Method::MicrosoftAccount);
            Answer::Challenge(Challenge::Choose(one, other))
        } else {
            sign_in(Method::WorkSchool)
        };

        if self.redeemed() {
            let kind = self.redeemed_with.as_ref().map(|kind| kind.as_str());
            let unlisted = |kind: &str| provider::documented(kind) && !self.offered(kind);
            if kind.is_some_and(unlisted) {
                return Answer::Deny(Denial::ProviderNotOffered);
            }
            if kind.is_some_and(|kind| provider::withdrawn(&self.place, kind, domain)) {
                return Answer::Deny(Denial::ProviderWithdrawn);
            }
            if !self.place.integration() {
                return sign_in(Method::ExistingAccount);
            }
            return sign_in(match kind {
                Some("work-school") => Method::WorkSchool,
                Some("saml") => Method::Saml,
                Some("google") => Method::Google,
                Some("microsoft-account") => Method::MicrosoftAccount,
                Some("email-otp") => Method::Passcode,
                Some(_) | None => Method::ExistingAccount,
            });
        }

        if self.sharings_own() {
            return if !home.clouds.is_empty() && self.set_up("work-school") {
                work
            } else if microsoft_account {
                sign_in(Method::MicrosoftAccount)
            } else if self.place.cloud_lists("email-otp") {
                sign_in(Method::SharingPasscode)
            } else {
                Answer::Deny(Denial::ProviderNotOffered)
            };
        }

        // The order cannot be changed across clouds.
        let across = home
            .clouds
            .iter()
            .any(|cloud| self.place.relation(cloud) == Some(Relation::Mutual));
        if across {
            return work;
        }
        for one in &self.place.tenant.directory.policy.primary_order.0 {
            match one {
                PrimaryIdentityProvider::AzureActiveDirectory => {
                    if !home.clouds.is_empty() && self.set_up("work-school") {
                        return work;
                    }
                }
                PrimaryIdentityProvider::ExternalFederation => {
                    if self.place.federated(domain) && self.offered("saml") {
                        return sign_in(Method::Saml);
                    }
                }
                PrimaryIdentityProvider::SocialIdentityProviders => {
                    let google = ["gmail.com", "googlemail.com"].contains(&domain.as_str());
                    let set_up = self.place.tenant.directory.google;
                    if google && set_up && self.offered("google") {
                        return sign_in(Method::Google);
                    }
                }
            }
        }
        self.fallback(microsoft_account)
    }

    fn fallback(&self, microsoft_account: bool) -> Answer {
        let sign_in = |method| Answer::Challenge(Challenge::SignInWith(method));
        let passcode = self.place.passcodes() && self.offered("email-otp");
        let new_account = self.offered("microsoft-account") && !self.question.direct_link;
        let fallback = self.place.tenant.directory.policy.fallback;
        match fallback {
            FallbackIdentityProvider::DefaultConfiguredIdp => {
                if microsoft_account {
                    return sign_in(Method::MicrosoftAccount);
                }
                if passcode {
                    return sign_in(Method::Passcode);
                }
                if self.question.direct_link {
                    return Answer::Deny(Denial::NoProvider);
                }
                if new_account {
                    return sign_in(Method::NewMicrosoftAccount);
                }
            }
            FallbackIdentityProvider::EmailOneTimePasscode => {
                if passcode {
                    return sign_in(Method::Passcode);
                }
            }
            FallbackIdentityProvider::MicrosoftAccount => {
                if microsoft_account {
                    return sign_in(Method::MicrosoftAccount);
                }
                if new_account {
                    return sign_in(Method::NewMicrosoftAccount);
                }
            }
        }
        let neither =
            !self.place.cloud_lists("microsoft-account") && !self.place.cloud_lists("email-otp");
        let passcodes_only = fallback == FallbackIdentityProvider::EmailOneTimePasscode;
        Answer::Deny(if neither {
            Denial::ProviderNotOffered
        } else if passcodes_only && !self.place.passcodes() {
            Denial::PasscodesDisabled
        } else {
            Denial::NoProvider
        })
    }

    fn provider_after(&self, kind: &str) -> Judged {
        deny_if(
            provider::documented(kind) && !self.offered(kind),
            Denial::ProviderNotOffered,
        )?;
        if !provider::withdrawn(&self.place, kind, self.question.address.domain()) {
            return Ok(());
        }
        Err(Answer::Deny(if self.redeemed() {
            Denial::ProviderWithdrawn
        } else if kind == "email-otp" {
            Denial::PasscodesDisabled
        } else {
            Denial::ProviderNotOffered
        }))
    }

    fn federation(&self, signed_in: &SignedIn) -> Judged {
        if signed_in.kind.as_str() != "saml" {
            return Ok(());
        }
        let federations = &self.place.tenant.directory.federations;
        let speaking: Vec<_> = federations
            .iter()
            .filter(|one| one.issuer == signed_in.key.issuer)
            .collect();
        deny_if(speaking.is_empty(), Denial::FederationUnknown)?;
        let own = signed_in.address.as_ref().is_some_and(|address| {
            speaking
                .iter()
                .any(|one| one.domains.contains(address.domain()))
        });
        deny_if(!own, Denial::EmailDomainMismatch)
    }

    fn address(&self, signed_in: &SignedIn) -> Judged {
        if self.redeemed() {
            return Ok(());
        }
        let Some(address) = &signed_in.address else {
            return Err(Answer::Deny(Denial::AddressNotProven));
        };
        let account = matches!(signed_in.kind.as_str(), "work-school" | "microsoft-account");
        let whoever = account && self.sharings_own() && !self.place.sharing().require_account_match;
        deny_if(
            *address != self.question.address && !whoever,
            Denial::IdentityMismatch,
        )
    }

    fn consent_and_terms(&self, signed_in: &SignedIn) -> Judged {
        if self.redeemed() {
            return Ok(());
        }
        let cloud = signed_in.key.cloud.as_ref();
        let tenant = signed_in.key.tenant.as_deref();
        let partner = cloud.and_then(|cloud| self.place.partner(cloud, tenant));
        let automatic =
            partner.is_some_and(|one| one.automatic_redemption && one.automatic_redemption_at_home);
        if !automatic {
            match signed_in.consented {
                None => return Err(Answer::Challenge(Challenge::Consent)),
                Some(consented) => deny_if(!consented, Denial::ConsentDeclined)?,
            }
        }
        if self.place.tenant.directory.policy.terms_of_use {
            match signed_in.terms {
                None => return Err(Answer::Challenge(Challenge::Terms)),
                Some(accepted) => deny_if(!accepted, Denial::TermsDeclined)?,
            }
        }
        Ok(())
    }
}
