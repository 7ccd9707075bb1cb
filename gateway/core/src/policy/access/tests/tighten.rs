//! What somebody can do so that less is shared.
//!
//! Left out, because the documents let them go either way:
//! - `Override…` switches of a site, its `AllowEditing` over the tenant's, `RequestFilesLinkExpirationInDays` over the
//!   partition's and `OverrideBlockUserInfoVisibility`: a site may be looser than its tenant;
//! - `EmailAttestationReAuthDays`, `IPAddressAllowList` and the like do nothing without their switch, but are never looser;
//! - the profile and the integration: what each admits differs;
//! - listing an organisation, which may be looser or stricter than what is not listed; ticking is looser;
//! - `ConditionalAccessPolicy = "AuthenticationContext"` in place of a device policy, and a policy that answers to a
//!   context: it says what the context means;
//! - a shared channel, whose people from outside a site's restriction leaves alone.

use super::conditional::policy;
use super::generate::CONTROLS;
use super::world::{As, DAY, NOW, World, fabrikam, group, site_id};
use crate::cloud::EnvironmentBoundary;
use crate::person::{Assurance, Client, GuestState};
use crate::settings::directory::InboundTrust;
use crate::settings::value::Raw;
use crate::testing::cloud;

/// Whose setting it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Tenant,
    Site,
    Directory,
}

/// Values from loose to strict; an empty text is "not set".
type Words = (Of, &'static str, &'static [&'static str]);

const LEVELS: &[&str] = &[
    "ExternalUserAndGuestSharing",
    "ExternalUserSharingOnly",
    "ExistingExternalUserSharingOnly",
    "Disabled",
];
const CEILINGS: &[&str] = &[
    "",
    "ExternalUserAndGuestSharing",
    "ExternalUserSharingOnly",
    "ExistingExternalUserSharingOnly",
    "Disabled",
];

const HIDES_FROM_GUESTS: &[&str] = &[
    "ApplyToNoUsers",
    "ApplyToGuestAndExternalUsers",
    "ApplyToAllUsers",
];
const HIDES_FROM_MEMBERS: &[&str] = &["ApplyToNoUsers", "ApplyToInternalUsers", "ApplyToAllUsers"];

pub(super) const WORDS: &[Words] = &[
    (Of::Tenant, "SharingCapability", LEVELS),
    (Of::Tenant, "CoreSharingCapability", CEILINGS),
    (Of::Tenant, "OneDriveSharingCapability", CEILINGS),
    (Of::Site, "SharingCapability", LEVELS),
    (
        Of::Tenant,
        "SharingDomainRestrictionMode",
        &["None", "AllowList"],
    ),
    (
        Of::Tenant,
        "SharingDomainRestrictionMode",
        &["None", "BlockList"],
    ),
    (
        Of::Site,
        "SharingDomainRestrictionMode",
        &["None", "AllowList"],
    ),
    (
        Of::Site,
        "SharingDomainRestrictionMode",
        &["None", "BlockList"],
    ),
    (Of::Tenant, "FileAnonymousLinkType", &["Edit", "View"]),
    (
        Of::Tenant,
        "FolderAnonymousLinkType",
        &["Edit", "ViewUpload", "View"],
    ),
    (
        Of::Tenant,
        "BlockDownloadLinksFileType",
        &["WebPreviewableFiles", "ServerRenderedFilesOnly"],
    ),
    (
        Of::Site,
        "BlockDownloadLinksFileType",
        &["", "WebPreviewableFiles", "ServerRenderedFilesOnly"],
    ),
    (
        Of::Tenant,
        "LimitedAccessFileType",
        &["OtherFiles", "WebPreviewableFiles", "OfficeOnlineFilesOnly"],
    ),
    (
        Of::Site,
        "LimitedAccessFileType",
        &[
            "",
            "OtherFiles",
            "WebPreviewableFiles",
            "OfficeOnlineFilesOnly",
        ],
    ),
    (
        Of::Tenant,
        "ConditionalAccessPolicy",
        &["AllowFullAccess", "AllowLimitedAccess", "BlockAccess"],
    ),
    (
        Of::Site,
        "ConditionalAccessPolicy",
        &["", "AllowFullAccess", "AllowLimitedAccess", "BlockAccess"],
    ),
    (
        Of::Site,
        "ConditionalAccessPolicy",
        &["", "AllowFullAccess", "AuthenticationContext"],
    ),
    (
        Of::Tenant,
        "MarkNewFilesSensitiveByDefault",
        &["AllowExternalSharing", "BlockExternalSharing"],
    ),
    (
        Of::Tenant,
        "BlockUserInfoVisibilityInOneDrive",
        HIDES_FROM_GUESTS,
    ),
    (
        Of::Tenant,
        "BlockUserInfoVisibilityInOneDrive",
        HIDES_FROM_MEMBERS,
    ),
    (
        Of::Tenant,
        "BlockUserInfoVisibilityInSharePoint",
        HIDES_FROM_GUESTS,
    ),
    (
        Of::Tenant,
        "BlockUserInfoVisibilityInSharePoint",
        HIDES_FROM_MEMBERS,
    ),
    (
        Of::Site,
        "OverrideBlockUserInfoVisibility",
        HIDES_FROM_GUESTS,
    ),
    (
        Of::Site,
        "OverrideBlockUserInfoVisibility",
        HIDES_FROM_MEMBERS,
    ),
    (Of::Site, "LockState", &["Unlock", "ReadOnly", "NoAccess"]),
    (
        Of::Site,
        "DisableCompanyWideSharingLinks",
        &["NotDisabled", "Disabled"],
    ),
    (
        Of::Directory,
        "allowExternalIdToUseEmailOtp",
        &["enabled", "disabled"],
    ),
    (
        Of::Directory,
        "allowExternalIdToUseEmailOtp",
        &["default", "disabled"],
    ),
];

/// Switches, and the way in which they are strict.
pub(super) const FLAGS: &[(Of, &str, bool)] = &[
    (Of::Tenant, "AnyoneLinkTrackUsers", true),
    (Of::Tenant, "EmailAttestationRequired", true),
    (Of::Tenant, "ExternalUserExpirationRequired", true),
    (
        Of::Tenant,
        "ApplyAppEnforcedRestrictionsToAdHocRecipients",
        true,
    ),
    (Of::Tenant, "AllowEditing", false),
    (Of::Tenant, "IPAddressEnforcement", true),
    (Of::Tenant, "EnableRestrictedAccessControl", true),
    (Of::Tenant, "ShowEveryoneClaim", false),
    (Of::Tenant, "ShowAllUsersClaim", false),
    (Of::Tenant, "PreventExternalUsersFromResharing", true),
    (
        Of::Tenant,
        "RequireAcceptingAccountMatchInvitedAccount",
        true,
    ),
    (
        Of::Tenant,
        "AllowSharingOutsideRestrictedAccessControlGroups",
        false,
    ),
    (Of::Site, "OverrideSharingCapability", false),
    (Of::Site, "AllowEditing", false),
    (Of::Site, "RestrictedAccessControl", true),
    (Of::Site, "BlockDownloadPolicy", true),
    (Of::Site, "ExcludeBlockDownloadPolicySiteOwners", false),
    (Of::Site, "ReadOnlyForBlockDownloadPolicy", true),
    (Of::Site, "RequestAccess", false),
    (Of::Site, "DisableSharingForNonOwners", true),
];

/// Days and seconds, and the strictest there are. Where it is not set, it is at its loosest.
pub(super) const NUMBERS: &[(Of, &str, i64)] = &[
    (Of::Tenant, "RequireAnonymousLinksExpireInDays", 1),
    (Of::Tenant, "CoreAnyoneSharingLinkMaxExpirationInDays", 1),
    (
        Of::Tenant,
        "OneDriveAnyoneSharingLinkMaxExpirationInDays",
        1,
    ),
    (
        Of::Tenant,
        "CoreOrganizationSharingLinkMaxExpirationInDays",
        7,
    ),
    (
        Of::Tenant,
        "OneDriveOrganizationSharingLinkMaxExpirationInDays",
        7,
    ),
    (Of::Tenant, "CoreRequestFilesLinkExpirationInDays", 1),
    (Of::Tenant, "OneDriveRequestFilesLinkExpirationInDays", 1),
    (Of::Tenant, "EmailAttestationReAuthDays", 1),
    (Of::Tenant, "SignOutAfter", 1),
    (Of::Site, "AnonymousLinkExpirationInDays", 1),
    (Of::Site, "OrganizationSharingLinkMaxExpirationInDays", 7),
    (Of::Site, "RequestFilesLinkExpirationInDays", 1),
];

/// Lists, and what they are when nobody is let through.
pub(super) const LISTS: &[(Of, &str, &str)] = &[
    (Of::Tenant, "SharingAllowedDomainList", ""),
    (
        Of::Tenant,
        "SharingBlockedDomainList",
        "fabrikam.example contoso.example",
    ),
    (Of::Site, "SharingAllowedDomainList", ""),
    (
        Of::Site,
        "SharingBlockedDomainList",
        "fabrikam.example contoso.example",
    ),
    (Of::Tenant, "IPAddressAllowList", ""),
    (Of::Tenant, "OneDriveRestrictedAccessGroups", "nobody"),
    (Of::Site, "RestrictedAccessControlGroups", ""),
    (Of::Site, "ExcludedBlockDownloadGroupIds", ""),
];

fn get(w: &World, of: Of, name: &str) -> Raw {
    let value = match of {
        Of::Tenant => w.tenant.sharing.get(name),
        Of::Site => w.site.sharing.get(name),
        Of::Directory => w.tenant.directory.policy.get(name),
    };
    value.unwrap_or_else(|| panic!("{name}"))
}

fn set(w: &mut World, of: Of, name: &str, value: &Raw) {
    let taken = match of {
        Of::Tenant => w.tenant.sharing.set(name, value),
        Of::Site => w.site.sharing.set(name, value),
        Of::Directory => w.tenant.directory.policy.set(name, value),
    };
    taken.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// Makes one setting stricter by some steps; none if it is at its strictest, or of another line of values.
fn tighten_word(w: &mut World, (of, name, words): Words, steps: usize) {
    let now = get(w, of, name);
    let at = words.iter().position(|word| Raw::text(word) == now);
    // A site's level that is not set is that of its template.
    let none = now == Raw::text("") && name == "SharingCapability";
    let at = at.or_else(|| none.then_some(words.len() - 2));
    if let Some(at) = at
        && at + 1 < words.len()
    {
        let to = (at + 1 + steps % words.len()).min(words.len() - 1);
        set(w, of, name, &Raw::text(words[to]));
    }
}

type Change = (&'static str, fn(&mut World));

/// What is no single value of a table.
pub(super) const CHANGES: &[Change] = &[
    ("untick clouds", |w| {
        w.tenant.directory.cross_tenant.clouds.clear();
    }),
    ("block partners", |w| {
        partners(w).for_each(|partner| partner.inbound = false);
    }),
    ("partners withdraw", |w| {
        partners(w).for_each(|partner| partner.reciprocated = false);
    }),
    ("trust no partner", |w| {
        partners(w).for_each(|partner| partner.trust = InboundTrust::default());
    }),
    ("trust nobody by default", |w| {
        w.tenant.directory.cross_tenant.default_trust = InboundTrust::default();
    }),
    ("close by default", |w| {
        w.tenant.directory.cross_tenant.default_inbound = false;
    }),
    ("end federations", |w| {
        w.tenant.directory.federations.clear();
    }),
    ("end Google", |w| w.tenant.directory.google = false),
    ("give up providers", |w| {
        let kinds = ["google", "microsoft-account", "email-otp", "saml"];
        let kinds = kinds.map(|kind| crate::id::ProviderKind::parse(kind).unwrap());
        w.tenant.directory.given_up.extend(kinds);
    }),
    ("a domain is at home elsewhere", |w| {
        let homes = w.tenant.directory.domain_homes.entry(fabrikam());
        homes.or_default().insert(cloud("dod"));
    }),
    ("the narrower environment", |w| {
        w.tenant.boundary = EnvironmentBoundary::Cloud;
    }),
    ("clouds offer nothing", |w| {
        clouds(w).for_each(|one| one.identity_providers.clear());
    }),
    ("clouds part", |w| {
        clouds(w).for_each(|one| one.partner_clouds.clear());
    }),
    ("clouds are restricted", |w| {
        clouds(w).for_each(|one| one.restricted = true);
    }),
    ("clouds are forgotten", |w| w.clouds.0.clear()),
    ("policies are for members too", |w| {
        policies(w).for_each(|policy| policy.members = true);
    }),
    ("policies are for every site", |w| {
        policies(w).for_each(|policy| policy.sites = None);
    }),
    ("policies are for every risk", |w| {
        policies(w).for_each(|policy| policy.risks.clear());
    }),
    ("policies demand everything", |w| {
        policies(w).for_each(|policy| policy.controls = CONTROLS.into());
    }),
    ("policies demand fresh sign-ins", |w| {
        policies(w).for_each(|policy| policy.sign_in_frequency = Some(1));
    }),
    ("a policy is added", |w| {
        let one = policy(&CONTROLS[..1]);
        w.tenant.directory.conditional_access.push(one);
    }),
    ("a policy about devices is added", |w| {
        let one = policy(&CONTROLS[2..3]);
        w.tenant.directory.conditional_access.push(one);
    }),
    ("block the guest", |w| w.guest.state = GuestState::Blocked),
    ("reset the redemption", |w| {
        w.guest.state = GuestState::PendingAcceptance;
        w.guest.identity = None;
    }),
    ("remove the guest", |w| {
        w.recipient_in_directory = false;
        if w.who == As::Guest {
            w.who = As::Unknown;
        }
    }),
    ("stamp the guest", |w| {
        w.guest.expires.insert(site_id(), NOW);
    }),
    ("make the guest no administrator", |w| {
        w.guest.administers.clear();
    }),
    ("remove from groups", |w| w.groups.clear()),
    ("creators leave", |w| {
        w.links
            .iter_mut()
            .for_each(|link| link.creator_may_share = false);
    }),
    ("end grants", |w| {
        w.permissions
            .iter_mut()
            .for_each(|permission| permission.expires = Some(NOW));
    }),
    ("end links", |w| {
        w.links.iter_mut().for_each(|link| link.expires = Some(NOW));
    }),
];

/// Facts that are missing.
pub(super) const MISSING: &[Change] = &[
    ("clouds", |w| w.clouds.0.clear()),
    ("the tenant's cloud", |w| w.tenant.cloud = cloud("bleu")),
    ("the client", |w| w.principal.client = Client::default()),
    ("what was shown", |w| {
        if let Some(person) = &mut w.principal.person {
            person.assurance = Assurance::default();
        }
    }),
    ("the moment of authentication", |w| {
        if let Some(person) = &mut w.principal.person {
            person.authenticated_at = NOW.plus(-1_000 * DAY);
        }
    }),
    ("the proof of an address", |w| {
        w.principal.address_proven = false;
    }),
    ("the entry", |w| w.who = As::Unknown),
    ("the bound identity", |w| w.guest.identity = None),
    ("the registration", |w| w.guest.mfa_registered = false),
    ("the groups", |w| w.groups.clear()),
    ("the grants", |w| w.permissions.clear()),
    ("the links", |w| w.links.clear()),
    ("the shown links", |w| w.principal.links.clear()),
    ("the recipients' entries", |w| {
        w.recipient_in_directory = false;
    }),
    ("the item", |w| {
        w.item = crate::sharing::ItemFacts::default();
    }),
    ("the scan", |w| w.item.scan = crate::sharing::Scan::Missing),
    ("the site's level", |w| {
        w.site.sharing.capability = None;
        w.site.template = crate::settings::Template::Unknown;
    }),
    ("the name of the context", |w| {
        w.site.sharing.authentication_context = None;
    }),
    ("the trusted addresses", |w| w.set("IPAddressAllowList", "")),
    ("everything about groups", |w| {
        w.groups.clear();
        w.site.group = Some(group("nobody"));
    }),
];

fn partners(w: &mut World) -> impl Iterator<Item = &mut crate::settings::Partner> {
    w.tenant.directory.cross_tenant.partners.values_mut()
}

fn clouds(w: &mut World) -> impl Iterator<Item = &mut crate::cloud::Cloud> {
    w.clouds.0.values_mut()
}

fn policies(
    w: &mut World,
) -> impl Iterator<Item = &mut crate::settings::directory::ConditionalAccessPolicy> {
    w.tenant.directory.conditional_access.iter_mut()
}

/// How many tightenings there are.
pub(super) const TIGHTENINGS: usize =
    WORDS.len() + FLAGS.len() + NUMBERS.len() + LISTS.len() + CHANGES.len();

/// Does the one of that number, and says which it was.
pub(super) fn tighten(w: &mut World, which: usize, steps: usize) -> &'static str {
    let mut at = which;
    if let Some(words) = WORDS.get(at) {
        tighten_word(w, *words, steps);
        return words.1;
    }
    at -= WORDS.len();
    if let Some((of, name, strict)) = FLAGS.get(at) {
        set(w, *of, name, &Raw::Flag(*strict));
        return name;
    }
    at -= FLAGS.len();
    if let Some((of, name, least)) = NUMBERS.get(at) {
        let unset = get(w, *of, name) == Raw::text("");
        // The site's own days of requests replace the partition's, which may be less.
        if !(unset && *name == "RequestFilesLinkExpirationInDays") {
            set(w, *of, name, &Raw::Number(*least));
        }
        return name;
    }
    at -= NUMBERS.len();
    if let Some((of, name, least)) = LISTS.get(at) {
        set(w, *of, name, &Raw::text(least));
        return name;
    }
    at -= LISTS.len();
    CHANGES[at].1(w);
    CHANGES[at].0
}
