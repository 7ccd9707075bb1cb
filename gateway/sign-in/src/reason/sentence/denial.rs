//! What people are told about a denial.

use gateway_core::policy::Denial;

use super::{AGAIN, ASK, Sentence};

/// What a person is told about a denial of the rules. A table.
#[must_use]
pub const fn denial_sentence(denial: Denial) -> Sentence {
    let (heading, message, advice) = match denial {
        Denial::SiteLocked => ("This place is closed", "The site has been locked.", ASK),
        Denial::SiteReadOnly => (
            "Nothing can be changed here",
            "The site can be read, and not written to.",
            ASK,
        ),
        Denial::NetworkNotTrusted => (
            "Not from this network",
            "What is here opens from the organisation's own networks only.",
            "Try again from there.",
        ),
        Denial::FactsMissing | Denial::CloudUnknown => (
            "No access",
            "The gateway does not know enough to let you in.",
            ASK,
        ),
        Denial::CloudNotAllowed => (
            "This cloud is not accepted",
            "Accounts of your organisation's cloud cannot be guests here.",
            ASK,
        ),
        Denial::PartnerNotAdded => (
            "This organisation is not accepted",
            "Your organisation was not added as a partner here.",
            ASK,
        ),
        Denial::PartnerNotReady => (
            "This organisation is not accepted yet",
            "Your organisation has not allowed its people to be guests here.",
            "Ask the administrators of your organisation.",
        ),
        Denial::PartnerBlocked => (
            "This organisation is not accepted",
            "People of your organisation cannot be guests here.",
            ASK,
        ),
        Denial::UpnRequired => (
            "Another address is needed",
            "People of another cloud are invited by the name they sign in with.",
            ASK,
        ),
        Denial::OutsideEnvironment => (
            "Outside the environment",
            "What is here is shared only inside the organisation's own cloud.",
            ASK,
        ),
        Denial::SharingDisabled(_) => (
            "Not shared with guests",
            "Sharing with people outside the organisation is off here.",
            ASK,
        ),
        Denial::AnyoneLinksDisabled(_) => (
            "This link does not work",
            "Links that work for anyone are off here.",
            "Ask the person who shared it to invite you by your address.",
        ),
        Denial::NewGuestsNotAllowed(_) => (
            "No new guests",
            "Only guests whom an administrator added beforehand can come in here.",
            ASK,
        ),
        Denial::LinkExpired => (
            "This link has ended",
            "The link has expired.",
            "Ask for a new link.",
        ),
        Denial::LinkDeleted => (
            "This link does not work",
            "The link has been deleted.",
            "Ask for a new link.",
        ),
        Denial::LinkNotForPerson => (
            "Not shared with you",
            "The link works for other people.",
            "Check which address it was sent to, and sign in with that one.",
        ),
        Denial::LinkGrantsNothing => (
            "Not shared with you",
            "The link works for people who have access already.",
            ASK,
        ),
        Denial::OrganizationLinksDisabled => (
            "This link does not work",
            "Links for everybody in the organisation are off here.",
            ASK,
        ),
        Denial::ReshareRequired => (
            "Shared long ago",
            "What was shared with you must be shared again.",
            "Ask the person who shared it to share it with you again.",
        ),
        Denial::GuestAccessSettingsUpdated => (
            "This link does not work any more",
            "The organisation has updated its guest access settings.",
            "Ask the person who shared it to share it with you again.",
        ),
        Denial::ProviderWithdrawn => (
            "This way to sign in is not offered any more",
            "The way in which you accepted the invitation is not offered any more.",
            ASK,
        ),
        Denial::LinkActionNotAllowed => (
            "The link does not allow this",
            "The link you used does not allow this action.",
            ASK,
        ),
        Denial::LinkMembersOnly => (
            "For members only",
            "The link works for people of the organisation only.",
            ASK,
        ),
        Denial::NotInDirectory => (
            "You are not invited",
            "You signed in, but nobody has invited this account here.",
            "Check which address was invited, and sign in with that one.",
        ),
        Denial::InvitationNotRedeemed => (
            "Accept the invitation first",
            "The invitation has not been accepted yet.",
            "Sign in again to accept it.",
        ),
        Denial::InvitationExpired => (
            "The invitation has ended",
            "The invitation has expired.",
            "Ask for a new invitation.",
        ),
        Denial::GuestBlocked => (
            "Access was taken away",
            "Your access here has been blocked.",
            ASK,
        ),
        Denial::IdentityMismatch => (
            "Another account was used",
            "The invitation belongs to another account than the one you signed in with.",
            "Sign in with the account you used before.",
        ),
        Denial::AddressNotProven => (
            "Your address is not confirmed",
            "Your sign-in service did not confirm that the e-mail address is yours.",
            "Ask the administrators of your organisation to verify its domain, or sign in another way.",
        ),
        Denial::EmailDomainMismatch => (
            "This account is not accepted",
            "Your organisation does not speak for this e-mail address.",
            "Ask the administrators of your organisation.",
        ),
        Denial::FederationUnknown => (
            "This account is not accepted",
            "Your sign-in service is not known here.",
            ASK,
        ),
        Denial::AudienceMismatch => (
            "This answer belongs elsewhere",
            "The answer of your sign-in service was made for somebody else.",
            AGAIN,
        ),
        Denial::NoProvider => (
            "There is no way to sign in",
            "There is no way to sign in with this address here.",
            ASK,
        ),
        Denial::ConsentDeclined => (
            "You declined the invitation",
            "You declined, so nothing about you is kept and nothing opens.",
            "If you change your mind, open what was shared with you again.",
        ),
        Denial::TermsDeclined => (
            "You declined the terms of use",
            "You did not accept the terms of use, so nothing opens.",
            "If you change your mind, open what was shared with you again.",
        ),
        Denial::DeviceNotManaged => (
            "Not on this device",
            "What is here opens on managed devices only.",
            "Try again on a device that your organisation manages.",
        ),
        Denial::ControlNotSupported => (
            "No access for guests",
            "What is demanded here cannot be done by guests.",
            ASK,
        ),
        Denial::ConditionalAccessBlocked => (
            "No access",
            "The organisation's rules for access do not let you in.",
            ASK,
        ),
        Denial::RiskNotRemediated => (
            "This sign-in looks risky",
            "Your sign-in looks risky, and a second step is not set up here.",
            ASK,
        ),
        Denial::ProviderNotOffered => (
            "This way to sign in is not offered",
            "This way to sign in is not offered here.",
            ASK,
        ),
        Denial::PasscodesDisabled => (
            "Codes by mail are off",
            "Signing in with a code by mail is off here.",
            ASK,
        ),
        Denial::TenantDomain(_) | Denial::SiteDomain(_) | Denial::DirectoryDomain(_) => (
            "Your domain is not accepted",
            "Guests of your e-mail domain are not accepted here.",
            ASK,
        ),
        Denial::GuestExpired => (
            "Access has ended",
            "The time for which you are a guest here is over.",
            ASK,
        ),
        Denial::RestrictedAccess => (
            "For certain people only",
            "What is here opens for people of certain groups only.",
            ASK,
        ),
        Denial::FileNotScanned => (
            "Not ready yet",
            "The file opens for guests once it has been checked.",
            "Try again later.",
        ),
        Denial::UserInfoHidden => (
            "Not shown",
            "Who the people of this site are is not shown to you.",
            ASK,
        ),
        Denial::DownloadBlocked => (
            "No downloads",
            "What is here can be viewed, and not downloaded.",
            ASK,
        ),
        Denial::EditingBlocked => (
            "No changes on this device",
            "Nothing can be changed here on a device that is not managed.",
            "Try again on a device that your organisation manages.",
        ),
        // Refusals to share: nobody who opens something runs into them.
        Denial::SharerUnknown
        | Denial::SharerNotAllowed
        | Denial::SharerNotInGroup
        | Denial::SharerNotInAnonymousGroup
        | Denial::OwnersOnly
        | Denial::ResharingNotAllowed
        | Denial::OutsideSiteNotAllowed
        | Denial::AgentsNotAllowed
        | Denial::InviteNotAllowed
        | Denial::GuestsCannotOwn
        | Denial::OutsideRestriction
        | Denial::ChannelOnly
        | Denial::LinkKindNotAllowed
        | Denial::LinkLifeTooLong
        | Denial::FileRequestsUnavailable => (
            "This cannot be shared so",
            "The organisation's rules for sharing do not allow this.",
            ASK,
        ),
        Denial::PermissionMissing => (
            "Not shared with you",
            "This has not been shared with you.",
            ASK,
        ),
        Denial::PermissionInsufficient => (
            "Not allowed",
            "What was shared with you does not allow this.",
            ASK,
        ),
        Denial::PermissionExpired => (
            "Access has ended",
            "The time for which this was shared with you is over.",
            ASK,
        ),
    };
    Sentence {
        heading,
        message,
        advice,
    }
}
