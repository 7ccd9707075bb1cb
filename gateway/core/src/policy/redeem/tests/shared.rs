//! What was shared with somebody who has no entry in the directory yet.

use super::world::kind;
use crate::assertion::{Assertion, EmailProof};
use crate::person::{Guest, GuestOrigin, GuestState, InvitationManager};
use crate::policy::redeem::{Redeemable, SharedBy, admit_shared, ways_shared};
use crate::policy::{Denial, Method};
use crate::settings::{Profile, TenantSettings};
use crate::testing::{address, clouds, guest, identity, tenant};
use crate::time::UnixTime;

use super::super::Shared;

/// Before sharing's own invitations ended, and after.
const BEFORE: UnixTime = UnixTime(1_700_000_000);
const AFTER: UnixTime = UnixTime(1_750_000_000);

use InvitationManager::{Directory, Sharing};
use Profile::{
    IntegrationDefault, IntegrationMandatory, IntegrationOptIn, ReshareRequired, SeparateManagers,
};

fn invitee() -> Guest {
    Guest {
        state: GuestState::PendingAcceptance,
        identity: None,
        origin: GuestOrigin::Share,
        manager: Sharing,
        ..guest()
    }
}

/// Something was shared by `manager`, in that profile, and is opened with the integration on or off.
struct Case {
    tenant: TenantSettings,
    invitee: Guest,
    manager: InvitationManager,
    creator_may_share: bool,
    link: bool,
    now: UnixTime,
}

impl Case {
    fn new(profile: Profile, manager: InvitationManager, integration: bool) -> Self {
        let mut tenant = TenantSettings {
            profile,
            ..tenant()
        };
        tenant.sharing.integration = Some(integration);
        Self {
            tenant,
            invitee: invitee(),
            manager,
            creator_may_share: true,
            link: true,
            now: BEFORE,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn both(&self) -> (Result<Redeemable, Denial>, Result<Vec<Method>, Denial>) {
        let assertion = Assertion {
            key: identity("worldwide"),
            kind: kind("openid"),
            address: Some((self.invitee.address.clone(), EmailProof::DomainOwner)),
            unproven: None,
            authenticated_at: self.now,
            amr: vec![],
            contexts: vec![],
        };
        let creator = address("owner@contoso.example");
        let shared = Shared {
            by: SharedBy {
                creator: &creator,
                creator_may_share: self.creator_may_share,
                manager: self.manager,
            },
            link: self.link,
        };
        let (invitee, tenant, clouds) = (&self.invitee, &self.tenant, &clouds());
        (
            admit_shared(&assertion, invitee, &shared, tenant, clouds, self.now),
            ways_shared(invitee, &shared, tenant, clouds, self.now),
        )
    }

    /// What becomes of somebody who signs in; a refusal is the same before and after.
    #[track_caller]
    fn check(&self, want: &str) {
        let (after, before) = self.both();
        let got = match after {
            Ok(Redeemable::NeedsConsent) => "consent",
            Ok(Redeemable::NeedsNothing) => "nothing",
            Ok(Redeemable::AlreadyBound) => "bound",
            Err(denial) => {
                assert_eq!(before, Err(denial));
                denial.code()
            }
        };
        assert_eq!(got, want);
    }
}

#[test]
fn what_was_shared_before_the_integration_makes_a_guest() {
    for profile in [IntegrationOptIn, IntegrationDefault] {
        Case::new(profile, Sharing, true).check("consent");
    }
}

#[test]
fn sec_095_the_creator_must_be_one_who_may_share_still() {
    for profile in [IntegrationOptIn, IntegrationDefault] {
        for link in [true, false] {
            Case::new(profile, Sharing, true)
                .with(|case| {
                    case.creator_may_share = false;
                    case.link = link;
                })
                .check("reshare-required");
        }
    }
    // Nobody is added on anybody's behalf while it is off.
    Case::new(IntegrationOptIn, Sharing, false)
        .with(|case| case.creator_may_share = false)
        .check("consent");
}

#[test]
fn what_was_shared_with_the_integration_is_shared_again_without() {
    Case::new(IntegrationOptIn, Directory, false).check("reshare-required");
    Case::new(IntegrationDefault, Directory, false).check("consent");
}

#[test]
fn whoever_was_removed_does_not_come_back_by_the_directorys_share() {
    Case::new(IntegrationOptIn, Directory, true).check("not-in-directory");
}

#[test]
fn other_profiles_refuse_what_is_from_before() {
    Case::new(ReshareRequired, Sharing, true).check("guest-access-settings-updated");
    Case::new(IntegrationMandatory, Sharing, true).check("reshare-required");
    Case::new(SeparateManagers, Sharing, false).check("consent");
}

#[test]
fn sharings_own_invitations_end_and_its_links_do_not() {
    let later = |link| {
        Case::new(IntegrationDefault, Sharing, true).with(|case| {
            case.link = link;
            case.now = AFTER;
        })
    };
    later(true).check("consent");
    later(false).check("reshare-required");
}

#[test]
fn a_blocked_address_is_blocked_whatever_was_shared() {
    for link in [true, false] {
        Case::new(IntegrationOptIn, Sharing, true)
            .with(|case| {
                case.link = link;
                case.invitee.state = GuestState::Blocked;
            })
            .check("guest-blocked");
    }
}

#[test]
fn an_invitation_lapses_and_a_link_has_its_own_end() {
    let lapsed = |link| {
        Case::new(IntegrationOptIn, Sharing, true).with(|case| {
            case.link = link;
            case.invitee.invitation_expires = Some(case.now);
        })
    };
    lapsed(false).check("invitation-expired");
    lapsed(true).check("consent");
}

#[test]
fn the_mailbox_is_proven_to_sharing_without_the_integration_and_to_the_directory_with_it() {
    let check = |integration, want: Method| {
        let (_, ways) = Case::new(IntegrationOptIn, Sharing, integration).both();
        assert_eq!(ways.unwrap(), [want]);
    };
    check(false, Method::SharingPasscode);
    check(true, Method::Passcode);
}
