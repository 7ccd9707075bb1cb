//! Which changes can only take away: they may be made over what the configuration declares.

use std::collections::BTreeSet;

use super::{Change, Scope, Settings, apply};
use crate::settings::value::Raw;

/// What makes a value of a setting the stricter one.
enum Strict {
    /// This value of the two.
    Flag(bool),
    /// The earlier of these words.
    Words(&'static [&'static str]),
    /// This word, whatever it was.
    Word(&'static str),
    /// Any word but this one, where it was this one.
    Not(&'static str),
    /// The smaller number; 0 is none, and nothing given is this one.
    Less(Option<i64>),
    /// A list that holds less, and something.
    Fewer,
    /// A list that holds less, or something where there was nothing.
    FewerOrFirst,
    /// A list that holds less, or nothing.
    FewerOrNone,
    /// A list that holds more.
    More,
}

const CAPABILITIES: Strict = Strict::Words(&[
    "Disabled",
    "ExistingExternalUserSharingOnly",
    "ExternalUserSharingOnly",
    "ExternalUserAndGuestSharing",
]);
const DEVICES: Strict = Strict::Words(&["BlockAccess", "AllowLimitedAccess", "AllowFullAccess"]);
const SHOWN: Strict = Strict::Words(&[
    "ApplyToAllUsers",
    "ApplyToGuestAndExternalUsers",
    "ApplyToNoUsers",
]);
const PREVIEWS: Strict = Strict::Words(&[
    "OfficeOnlineFilesOnly",
    "ServerRenderedFilesOnly",
    "WebPreviewableFiles",
    "OtherFiles",
]);
const ON: Strict = Strict::Flag(true);
const OFF: Strict = Strict::Flag(false);
const NEVER: Strict = Strict::Less(None);

/// A table. What is not in it does not tighten whatever it becomes: it depends on what else is set, or suits some and
/// not others.
fn strict(name: &str) -> Option<Strict> {
    Some(match name {
        "SharingCapability" | "CoreSharingCapability" | "OneDriveSharingCapability" => CAPABILITIES,
        "SharingDomainRestrictionMode" => Strict::Not("None"),
        "SharingAllowedDomainList" | "AllowedDomains" => Strict::Fewer,
        "SharingBlockedDomainList" | "BlockedDomains" | "RestrictExternalSharing" => Strict::More,
        "WhoCanShareAnonymousAllowList" | "WhoCanShareAuthenticatedGuestAllowList" => Strict::Fewer,
        "RestrictedAccessControlGroups" | "IPAddressAllowList" => Strict::Fewer,
        "OneDriveRestrictedAccessGroups" => Strict::FewerOrFirst,
        "ExcludedBlockDownloadGroupIds" => Strict::FewerOrNone,

        "RequireAcceptingAccountMatchInvitedAccount"
        | "PreventExternalUsersFromResharing"
        | "RestrictExternalSharingForAgents"
        | "AnyoneLinkTrackUsers"
        | "ExternalUserExpirationRequired"
        | "EmailAttestationRequired"
        | "ApplyAppEnforcedRestrictionsToAdHocRecipients"
        | "IPAddressEnforcement"
        | "DisableSharingForNonOwners"
        | "RestrictedAccessControl"
        | "BlockDownloadPolicy"
        | "TermsOfUseRequired" => ON,
        "AllowGuestUserShareToUsersNotInSiteCollection"
        | "CoreRequestFilesLinkEnabled"
        | "OneDriveRequestFilesLinkEnabled"
        | "RequestFilesLinkEnabled"
        | "AllowEditing"
        | "AllowSharingOutsideRestrictedAccessControlGroups"
        | "ShowEveryoneClaim"
        | "ShowAllUsersClaim"
        | "ExcludeBlockDownloadPolicySiteOwners" => OFF,

        "FileAnonymousLinkType" => Strict::Words(&["View", "Edit"]),
        "FolderAnonymousLinkType" => Strict::Words(&["View", "ViewUpload", "Edit"]),
        "BlockDownloadLinksFileType" | "LimitedAccessFileType" => PREVIEWS,
        "MarkNewFilesSensitiveByDefault" => Strict::Word("BlockExternalSharing"),
        "ConditionalAccessPolicy" => DEVICES,
        "LockState" => Strict::Words(&["NoAccess", "ReadOnly", "Unlock"]),
        "DisableCompanyWideSharingLinks" => Strict::Word("Disabled"),
        "SharingMode" => Strict::Words(&["owners", "members-files-only", "members"]),
        "allowInvitesFrom" => Strict::Words(&[
            "none",
            "adminsAndGuestInviters",
            "adminsGuestInvitersAndAllMembers",
            "everyone",
        ]),
        "ODBMembersCanShare" => Strict::Word("Off"),
        "allowExternalIdToUseEmailOtp" => Strict::Word("disabled"),
        "CoreBlockGuestsAsSiteAdmin"
        | "OneDriveBlockGuestsAsSiteAdmin"
        | "BlockGuestsAsSiteAdmin" => Strict::Word("On"),
        "BlockUserInfoVisibilityInOneDrive"
        | "BlockUserInfoVisibilityInSharePoint"
        | "OverrideBlockUserInfoVisibility" => SHOWN,

        "RequireAnonymousLinksExpireInDays"
        | "CoreAnyoneSharingLinkMaxExpirationInDays"
        | "OneDriveAnyoneSharingLinkMaxExpirationInDays"
        | "CoreOrganizationSharingLinkMaxExpirationInDays"
        | "OneDriveOrganizationSharingLinkMaxExpirationInDays"
        | "CoreRequestFilesLinkExpirationInDays"
        | "OneDriveRequestFilesLinkExpirationInDays"
        | "AnonymousLinkExpirationInDays"
        | "OrganizationSharingLinkMaxExpirationInDays"
        | "RequestFilesLinkExpirationInDays"
        | "ExternalUserExpirationInDays"
        | "SignOutAfter" => NEVER,
        "ExternalUserExpireInDays" => Strict::Less(Some(60)),
        "EmailAttestationReAuthDays" => Strict::Less(Some(30)),
        _ => return None,
    })
}

/// Whether `change` can only take away from what `current` allows: whoever was refused before is refused afterwards. Where
/// that is not certain it is not so; nor where nothing changes.
#[must_use]
pub fn tightens(current: &Settings, change: &Change) -> bool {
    let directory = &current.tenant.directory;
    let (scope, name) = match change {
        Change::Set { scope, name, .. } => (scope, name),
        Change::RemoveFederation(issuer) => {
            let mut all = directory.federations.iter();
            return all.any(|one| one.issuer == *issuer);
        }
        Change::GiveUpProvider(kind) => return !directory.given_up.contains(kind),
        Change::Clear { .. } | Change::AddFederation(_) | Change::OfferProvider(_) => {
            return false;
        }
    };
    let applied = apply::apply(current, std::slice::from_ref(change));
    let taken =
        applied.unknown.is_empty() && applied.refused.is_empty() && applied.invalid.is_empty();
    // A list that takes the other one's place sets free whom that one stopped.
    if !taken || !applied.discarded.is_empty() {
        return false;
    }
    let value = |settings: &Settings| settings.configured(scope, name);
    match (strict(name), value(current), value(&applied.settings)) {
        (Some(strict), Some(before), Some(after)) => {
            before != after && strict.takes_away(scope, &before, &after)
        }
        (_, _, _) => false,
    }
}

impl Strict {
    fn takes_away(&self, scope: &Scope, before: &Raw, after: &Raw) -> bool {
        match self {
            Self::Flag(strict) => *after == Raw::Flag(*strict),
            Self::Word(strict) => *after == Raw::text(strict),
            Self::Not(loose) => *before == Raw::text(loose),
            Self::Words(words) => {
                let place = |raw: &Raw| {
                    let word = raw.to_string();
                    words.iter().position(|one| *one == word)
                };
                match (place(before), place(after)) {
                    (Some(before), Some(after)) => after < before,
                    // A site without a value of its own follows others; only the strictest is certainly no looser.
                    (None, Some(after)) => after == 0 && *before == Raw::text(""),
                    (_, None) => false,
                }
            }
            Self::Less(unset) => {
                let days = |raw: &Raw| match raw {
                    Raw::Number(0) => Some(i64::MAX),
                    Raw::Number(days) => Some(*days),
                    // A site without a number of its own follows the tenant's.
                    Raw::Text(_) if matches!(scope, Scope::Site(_)) => None,
                    Raw::Text(_) => Some(unset.unwrap_or(i64::MAX)),
                    Raw::Flag(_) | Raw::List(_) => None,
                };
                matches!((days(before), days(after)), (Some(before), Some(after)) if after < before)
            }
            Self::Fewer => fewer(before, after) && !list(after).is_empty(),
            Self::FewerOrFirst => {
                !list(after).is_empty() && (list(before).is_empty() || fewer(before, after))
            }
            Self::FewerOrNone => fewer(before, after),
            Self::More => fewer(after, before),
        }
    }
}

/// Whether everything in `less` is in `more`.
fn fewer(more: &Raw, less: &Raw) -> bool {
    list(less).is_subset(&list(more))
}

fn list(raw: &Raw) -> BTreeSet<String> {
    match raw {
        Raw::List(all) => all.iter().map(Raw::to_string).collect(),
        Raw::Text(_) | Raw::Flag(_) | Raw::Number(_) => BTreeSet::new(),
    }
}
