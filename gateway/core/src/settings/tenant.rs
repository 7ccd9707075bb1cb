//! The tenant's sharing settings, by the names of `Set-SPOTenant`.
//!
//! Source: specification "sharing rules" 1; defaults are the documented ones.

use std::collections::BTreeSet;

use super::table::Standing::{Enforced, Ignored, Refused};
use super::table::settings;
use super::value::{Domains, Groups, Limit, Number, Seconds};
use super::words::{
    BlockDownloadLinksFileType, BlockUserInfoVisibility, DefaultSharingLinkType,
    FileAnonymousLinkType, FolderAnonymousLinkType, LimitedAccessFileType, MarkNewFilesSensitive,
    OnOff, ShareLinkRole, ShareLinkScope, SharingCapability, SharingDomainRestrictionMode,
    TenantConditionalAccess, TenantLinkPermission,
};
use crate::address::EmailAddress;
use crate::network::AddressRanges;

/// Days of an Anyone link's life, at most.
pub type AnyoneLinkDays = Limit<1, 730>;
/// Days of an organisation link's life, at most.
pub type OrganizationLinkDays = Limit<7, 720>;

const NO_MAIL: &str = "this gateway sends no mail about sharing";
const NO_PICKER: &str = "this gateway has no people picker";
const NO_RENDERING: &str = "this gateway renders no documents";
const NO_LOOP: &str = "there are no Loop pages behind this gateway";
const NO_DOWNLOAD_ADDRESSES: &str = "there are no download addresses here that outlive a decision";
const OWN_PAGES: &str = "refusals are pages of the gateway";
const HOMES: &str = "homes are given under `directory.domain_homes` and by the providers";
const NO_RECORDINGS: &str = "which file is a meeting's recording is not visible here; use `BlockDownloadPolicy` on the site";

settings! {
    /// The tenant's sharing settings as they were configured; what takes effect is computed from them.
    TenantSharing {
        /// How far anything in the tenant may be shared: the ceiling for every site.
        capability: SharingCapability = SharingCapability::ExternalUserAndGuestSharing, "SharingCapability", Enforced;
        /// The ceiling for sites that are not personal; a looser one than `SharingCapability` sleeps. As that if left out.
        core_capability: Option<SharingCapability> = None, "CoreSharingCapability", Enforced;
        /// The ceiling for personal sites; a looser one than for sites is refused. As strict as that if left out.
        onedrive_capability: Option<SharingCapability> = None, "OneDriveSharingCapability", Enforced;

        /// Which of the tenant's two domain lists counts.
        domain_mode: SharingDomainRestrictionMode = SharingDomainRestrictionMode::None, "SharingDomainRestrictionMode", Enforced;
        /// Domains that may be shared with under `AllowList`, at most 5000; no wildcards, every subdomain is listed.
        allowed_domains: Domains<5_000> = Domains::default(), "SharingAllowedDomainList", Enforced;
        /// Domains that may not be shared with under `BlockList`, at most 5000; no wildcards, every subdomain is listed.
        blocked_domains: Domains<5_000> = Domains::default(), "SharingBlockedDomainList", Enforced;

        /// Whether an invitation of sharing's own manager binds the invited address; with the integration the invited address always counts.
        require_account_match: bool = false, "RequireAcceptingAccountMatchInvitedAccount", Enforced;
        /// Whether guests may share only what they own. The opposite of Graph's `isResharingByExternalUsersEnabled`.
        prevent_resharing: bool = false, "PreventExternalUsersFromResharing", Enforced;
        /// Whether guests may share with people of the directory who are not in the site yet; needs the integration.
        guests_share_outside_site: bool = false, "AllowGuestUserShareToUsersNotInSiteCollection", Enforced;
        /// Graph's name for `RequireAcceptingAccountMatchInvitedAccount`.
        graph_account_match: Option<bool> = None, "isRequireAcceptingUserToMatchInvitedUserEnabled", Refused("it is another name for `RequireAcceptingAccountMatchInvitedAccount`: set that");
        /// Graph's name for the opposite of `PreventExternalUsersFromResharing`.
        graph_resharing: Option<bool> = None, "isResharingByExternalUsersEnabled", Refused("it is another name for the opposite of `PreventExternalUsersFromResharing`: set that");
        /// Security groups, at most 12, whose members make Anyone links and share with guests. Everybody if both lists are empty.
        anonymous_sharers: Groups<12> = Groups::default(), "WhoCanShareAnonymousAllowList", Enforced;
        /// Security groups, at most 12, whose members share with guests.
        guest_sharers: Groups<12> = Groups::default(), "WhoCanShareAuthenticatedGuestAllowList", Enforced;
        /// Whether no agent identity shares with people from outside.
        restrict_agents: bool = false, "RestrictExternalSharingForAgents", Enforced;
        /// Agent identities that do not share with people from outside.
        restricted_agents: Groups<5_000> = Groups::default(), "RestrictExternalSharing", Enforced;
        /// Whether editors of a personal site may share what is in it; if `Unspecified`, as the site's sharing mode has it.
        odb_members_can_share: OnOff = OnOff::Unspecified, "ODBMembersCanShare", Enforced;
        /// Whether the owner of a personal site is asked, where others may not share or have no access; if `Unspecified`, as the site's `RequestAccess` has it.
        odb_access_requests: OnOff = OnOff::Unspecified, "ODBAccessRequests", Enforced;
        /// Whether guests cannot own sites.
        core_block_guest_admins: OnOff = OnOff::Unspecified, "CoreBlockGuestsAsSiteAdmin", Enforced;
        /// Whether guests cannot own personal sites.
        onedrive_block_guest_admins: OnOff = OnOff::Unspecified, "OneDriveBlockGuestsAsSiteAdmin", Enforced;
        /// Address of a page that sharers are pointed to when policy refuses them.
        help_url: Option<String> = None, "CustomizedExternalSharingServiceUrl", Ignored("refusals name the setting instead");
        /// Whether invitations are copied to others.
        bcc_invitations: bool = false, "BccExternalSharingInvitations", Ignored(NO_MAIL);
        /// To whom invitations are copied.
        bcc_list: Option<BTreeSet<EmailAddress>> = None, "BccExternalSharingInvitationsList", Ignored(NO_MAIL);
        /// Whether owners are told about resharing.
        notify_reshared: Option<bool> = None, "NotifyOwnersWhenItemsReshared", Ignored(NO_MAIL);
        /// Whether owners are told about Anyone links.
        notify_anonymous: Option<bool> = None, "OwnerAnonymousNotification", Ignored(NO_MAIL);
        /// Whether owners are told about acceptance; deprecated.
        notify_accepted: Option<bool> = None, "NotifyOwnersWhenInvitationsAccepted", Ignored(NO_MAIL);

        /// The link that sharing begins with; `None` is the widest that is allowed. Where Anyone links are off, `AnonymousAccess` is an organisation link.
        default_link_type: DefaultSharingLinkType = DefaultSharingLinkType::AnonymousAccess, "DefaultSharingLinkType", Enforced;
        /// The permission that sharing begins with.
        default_link_permission: TenantLinkPermission = TenantLinkPermission::Edit, "DefaultLinkPermission", Enforced;
        /// The scope that sharing begins with in sites; counts before `DefaultSharingLinkType` unless `Uninitialized`.
        core_default_scope: ShareLinkScope = ShareLinkScope::Uninitialized, "CoreDefaultShareLinkScope", Enforced;
        /// The scope that sharing begins with in personal sites; counts before `DefaultSharingLinkType` unless `Uninitialized`.
        onedrive_default_scope: ShareLinkScope = ShareLinkScope::Uninitialized, "OneDriveDefaultShareLinkScope", Enforced;
        /// The role that sharing begins with in sites; counts before `DefaultLinkPermission` unless `None`.
        core_default_role: ShareLinkRole = ShareLinkRole::None, "CoreDefaultShareLinkRole", Enforced;
        /// The role that sharing begins with in personal sites; counts before `DefaultLinkPermission` unless `None`.
        onedrive_default_role: ShareLinkRole = ShareLinkRole::None, "OneDriveDefaultShareLinkRole", Enforced;
        /// Whether sharing in sites begins with a link for people who have access already, whatever scope is set.
        core_default_existing: bool = false, "CoreDefaultLinkToExistingAccess", Enforced;
        /// Whether sharing in personal sites begins with a link for people who have access already, whatever scope is set.
        onedrive_default_existing: bool = false, "OneDriveDefaultLinkToExistingAccess", Enforced;
        /// What an Anyone link on a file allows at most.
        file_link_type: FileAnonymousLinkType = FileAnonymousLinkType::Edit, "FileAnonymousLinkType", Enforced;
        /// What an Anyone link on a folder allows at most.
        folder_link_type: FolderAnonymousLinkType = FolderAnonymousLinkType::Edit, "FolderAnonymousLinkType", Enforced;
        /// Longest life of an Anyone link in days; 0 is no limit. Links that have longer are cut.
        anyone_link_days: AnyoneLinkDays = AnyoneLinkDays::NONE, "RequireAnonymousLinksExpireInDays", Enforced;
        /// Longest life of an Anyone link in sites, in days; 0 is no limit. The stricter of this and `RequireAnonymousLinksExpireInDays` counts.
        core_anyone_link_days: AnyoneLinkDays = AnyoneLinkDays::NONE, "CoreAnyoneSharingLinkMaxExpirationInDays", Enforced;
        /// Longest life of an Anyone link in personal sites, in days; 0 is no limit. The stricter of this and `RequireAnonymousLinksExpireInDays` counts.
        onedrive_anyone_link_days: AnyoneLinkDays = AnyoneLinkDays::NONE, "OneDriveAnyoneSharingLinkMaxExpirationInDays", Enforced;
        /// The life suggested for an Anyone link in sites, in days; not above the longest life, and 0 is the longest life.
        core_anyone_link_suggested: AnyoneLinkDays = AnyoneLinkDays::NONE, "CoreAnyoneSharingLinkRecommendedExpirationInDays", Enforced;
        /// The life suggested for an Anyone link in personal sites, in days; not above the longest life, and 0 is the longest life.
        onedrive_anyone_link_suggested: AnyoneLinkDays = AnyoneLinkDays::NONE, "OneDriveAnyoneSharingLinkRecommendedExpirationInDays", Enforced;
        /// Longest life of an organisation link in sites, in days; 0 is no limit.
        core_organization_link_days: OrganizationLinkDays = OrganizationLinkDays::NONE, "CoreOrganizationSharingLinkMaxExpirationInDays", Enforced;
        /// Longest life of an organisation link in personal sites, in days; 0 is no limit.
        onedrive_organization_link_days: OrganizationLinkDays = OrganizationLinkDays::NONE, "OneDriveOrganizationSharingLinkMaxExpirationInDays", Enforced;
        /// The life suggested for an organisation link in sites, in days; not above the longest life, and 0 is the longest life.
        core_organization_link_suggested: OrganizationLinkDays = OrganizationLinkDays::NONE, "CoreOrganizationSharingLinkRecommendedExpirationInDays", Enforced;
        /// The life suggested for an organisation link in personal sites, in days; not above the longest life, and 0 is the longest life.
        onedrive_organization_link_suggested: OrganizationLinkDays = OrganizationLinkDays::NONE, "OneDriveOrganizationSharingLinkRecommendedExpirationInDays", Enforced;
        /// Whether file requests can be made in sites. If left out they cannot.
        core_file_requests: Option<bool> = None, "CoreRequestFilesLinkEnabled", Enforced;
        /// Whether file requests can be made in personal sites. If left out they can, where Anyone links can.
        onedrive_file_requests: Option<bool> = None, "OneDriveRequestFilesLinkEnabled", Enforced;
        /// Longest life of a file request in sites, in days; 0 is none but that of Anyone links.
        core_file_request_days: AnyoneLinkDays = AnyoneLinkDays::NONE, "CoreRequestFilesLinkExpirationInDays", Enforced;
        /// Longest life of a file request in personal sites, in days; 0 is none but that of Anyone links.
        onedrive_file_request_days: AnyoneLinkDays = AnyoneLinkDays::NONE, "OneDriveRequestFilesLinkExpirationInDays", Enforced;
        /// Whether the bearer of an Anyone link proves an address first.
        anyone_link_track_users: bool = false, "AnyoneLinkTrackUsers", Enforced;
        /// Which files a link that blocks downloads may show; the stricter of this and the site's counts.
        block_download_links: BlockDownloadLinksFileType = BlockDownloadLinksFileType::WebPreviewableFiles, "BlockDownloadLinksFileType", Enforced;
        /// The scope that sharing a Loop page begins with in sites.
        core_loop_scope: Option<ShareLinkScope> = None, "CoreLoopDefaultSharingLinkScope", Ignored(NO_LOOP);
        /// The role that sharing a Loop page begins with in sites.
        core_loop_role: Option<ShareLinkRole> = None, "CoreLoopDefaultSharingLinkRole", Ignored(NO_LOOP);
        /// The scope that sharing a Loop page begins with in personal sites.
        onedrive_loop_scope: Option<ShareLinkScope> = None, "OneDriveLoopDefaultSharingLinkScope", Ignored(NO_LOOP);
        /// The role that sharing a Loop page begins with in personal sites.
        onedrive_loop_role: Option<ShareLinkRole> = None, "OneDriveLoopDefaultSharingLinkRole", Ignored(NO_LOOP);

        /// Whether a guest's access to a site ends by itself, counted from joining it.
        guest_expiry: bool = false, "ExternalUserExpirationRequired", Enforced;
        /// After how many days a guest's access to a site ends, where `ExternalUserExpirationRequired` is on. 60 if left out.
        guest_expiry_days: Option<Number<30, 730>> = None, "ExternalUserExpireInDays", Enforced;
        /// Whether recipients who come in by sharing's own passcode prove their mailbox again; with the integration the directory's passcode counts instead.
        attestation: bool = false, "EmailAttestationRequired", Enforced;
        /// After how many days they do, where `EmailAttestationRequired` is on. 30 if left out.
        attestation_days: Option<Number<1, 365>> = None, "EmailAttestationReAuthDays", Enforced;
        /// Whether sharing invites through the directory. As the profile has it if left out; `separate-managers` and `integration-mandatory` let nobody choose.
        integration: Option<bool> = None, "EnableAzureADB2BIntegration", Enforced;
        /// Whether a copy of the directory's policy, at most 24 hours old, is asked before the directory itself.
        sync_policy: bool = false, "SyncAadB2BManagementPolicy", Enforced;
        /// Whether limited access also binds recipients who come in by sharing's own passcode.
        restrict_ad_hoc: bool = false, "ApplyAppEnforcedRestrictionsToAdHocRecipients", Enforced;
        /// Whether files are closed to guests until they have been scanned and nothing was found.
        new_files: MarkNewFilesSensitive = MarkNewFilesSensitive::AllowExternalSharing, "MarkNewFilesSensitiveByDefault", Enforced;

        /// What unmanaged devices may do; the stricter of this and the site's counts. Anyone links are not affected.
        conditional_access: TenantConditionalAccess = TenantConditionalAccess::AllowFullAccess, "ConditionalAccessPolicy", Enforced;
        /// Whether limited access edits in the browser, where the site does not say.
        allow_editing: bool = true, "AllowEditing", Enforced;
        /// What limited access may preview and download; the stricter of this and the site's counts.
        limited_file_type: LimitedAccessFileType = LimitedAccessFileType::WebPreviewableFiles, "LimitedAccessFileType", Enforced;
        /// Trusted network addresses and ranges, none overlapping another. They do nothing without `IPAddressEnforcement`.
        ip_ranges: AddressRanges = AddressRanges::default(), "IPAddressAllowList", Enforced;
        /// Whether there is access from `IPAddressAllowList` only, for members and guests.
        ip_enforcement: bool = false, "IPAddressEnforcement", Enforced;
        /// Minutes that a token for Office on the web lives; 15 where `IPAddressEnforcement` is on.
        wac_minutes: Option<Number<1, 1_440>> = None, "IPAddressWACTokenLifetime", Ignored(NO_RENDERING);
        /// Whether download addresses live shorter.
        short_download: bool = false, "ReduceTempTokenLifetimeEnabled", Ignored(NO_DOWNLOAD_ADDRESSES);
        /// How many minutes download addresses live, where they live shorter.
        short_download_minutes: Number<5, 15> = Number::MOST, "ReduceTempTokenLifetimeValue", Ignored(NO_DOWNLOAD_ADDRESSES);
        /// Seconds without a request after which people are warned (`Set-SPOBrowserIdleSignOut -WarnAfter`); less than `SignOutAfter`.
        idle_warn: Option<Seconds> = None, "WarnAfter", Ignored("this gateway shows no warning before a session ends");
        /// Seconds without a request after which people on unmanaged devices sign in again (`Set-SPOBrowserIdleSignOut -SignOutAfter`). Never if left out.
        idle_sign_out: Option<Seconds> = None, "SignOutAfter", Enforced;
        /// Whether sites may be restricted to groups.
        restricted_access: bool = false, "EnableRestrictedAccessControl", Enforced;
        /// Whether what is in a restricted site may be shared with people outside its groups. They get in all the same only through a group.
        share_outside_restriction: bool = true, "AllowSharingOutsideRestrictedAccessControlGroups", Enforced;
        /// Groups, at most 10, that personal sites are restricted to. No restriction if empty.
        onedrive_groups: Groups<10> = Groups::default(), "OneDriveRestrictedAccessGroups", Enforced;
        /// Whether old sign-in protocols work.
        legacy_auth: bool = true, "LegacyAuthProtocolsEnabled", Ignored("this gateway speaks no old sign-in protocols");
        /// Where people are sent from a site whose `LockState` is `NoAccess`.
        no_access_url: Option<String> = None, "NoAccessRedirectUrl", Ignored(OWN_PAGES);
        /// Help for people whose device is refused.
        device_help_url: Option<String> = None, "ConditionalAccessPolicyErrorHelpLink", Ignored(OWN_PAGES);
        /// Help for people outside a restricted site.
        restricted_help_url: Option<String> = None, "RestrictedAccessControlforSitesErrorHelpLink", Ignored(OWN_PAGES);
        /// The domain whose provider people are sent to without being asked who they are.
        acceleration_domain: Option<String> = None, "SignInAccelerationDomain", Ignored(HOMES);
        /// Whether guests of shared sites are sent there too.
        guest_acceleration: bool = false, "EnableGuestSignInAcceleration", Ignored(HOMES);
        /// Whether recordings of meetings cannot be downloaded.
        block_recordings: Option<bool> = None, "BlockDownloadFileTypePolicy", Refused(NO_RECORDINGS);
        /// Which kinds of recordings that concerns.
        block_recordings_ids: Option<String> = None, "BlockDownloadFileTypeIds", Refused(NO_RECORDINGS);
        /// Groups whose members may download them all the same.
        block_recordings_excluded: Option<Groups<5_000>> = None, "ExcludedBlockDownloadGroupIds", Refused(NO_RECORDINGS);

        /// Whether what is granted to Everyone is granted to guests.
        everyone_claim: bool = false, "ShowEveryoneClaim", Enforced;
        /// Whether what is granted to All Users is granted to guests. Guests lost that claim in 2018: it takes `true`, and leaving it out is not enough.
        all_users_claim: Option<bool> = None, "ShowAllUsersClaim", Enforced;
        /// Whether Everyone except external users can be picked. It never holds guests.
        everyone_except_external: bool = true, "ShowEveryoneExceptExternalUsersClaim", Ignored(NO_PICKER);
        /// Whether guests are suggested when sharing.
        suggest_guests: bool = false, "ShowPeoplePickerSuggestionsForGuestUsers", Ignored(NO_PICKER);
        /// Whether people are found by the exact address only.
        exact_match: bool = false, "SearchResolveExactEmailOrUPN", Ignored(NO_PICKER);
        /// From whom the information about users of personal sites is hidden.
        onedrive_user_info: BlockUserInfoVisibility = BlockUserInfoVisibility::ApplyToGuestAndExternalUsers, "BlockUserInfoVisibilityInOneDrive", Enforced;
        /// From whom the information about users of sites is hidden.
        core_user_info: BlockUserInfoVisibility = BlockUserInfoVisibility::ApplyToNoUsers, "BlockUserInfoVisibilityInSharePoint", Enforced;
        /// Whether a site's `OverrideBlockUserInfoVisibility` counts before these two.
        override_user_info: bool = false, "AllowOverrideForBlockUserInfoVisibility", Enforced;
        /// The older setting for sites and personal sites.
        user_info: Option<BlockUserInfoVisibility> = None, "BlockUserInfoVisibility", Refused("it was never rolled out; use `BlockUserInfoVisibilityInSharePoint` and `…InOneDrive`");
    }
}
