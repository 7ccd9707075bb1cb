//! A site's sharing settings, by the names of `Set-SPOSite`.
//!
//! Source: specification "sharing rules" 2; defaults are the documented ones. A level that is left out is as the site's
//! template has it, and `Disabled` where the template is not known: a site that nobody spoke about is not shared.

use super::table::Standing::{Enforced, Ignored, Refused};
use super::table::settings;
use super::tenant::{AnyoneLinkDays, OrganizationLinkDays};
use super::value::{Domains, Groups, Limit};
use super::words::{
    AuthenticationContextAccess, BlockDownloadLinksFileType, BlockUserInfoVisibility,
    CompanyWideSharingLinks, DefaultSharingLinkType, FileAnonymousLinkType,
    FolderAnonymousLinkType, LimitedAccessFileType, LinkPermission, LockState, MainLinkScope,
    OnOff, ShareLinkRole, ShareLinkScope, SharingCapability, SharingDomainRestrictionMode,
    SharingMode, SiteConditionalAccess,
};

settings! {
    /// A site's sharing settings as they were configured; what takes effect is computed with the tenant's.
    SiteSharing {
        /// How far the site may be shared; one looser than its ceilings sleeps. As its template has it if left out: `Disabled` for most.
        capability: Option<SharingCapability> = None, "SharingCapability", Enforced;
        /// Whether the partition's ceiling is skipped; the tenant's is not.
        override_partition: bool = false, "OverrideSharingCapability", Enforced;
        /// Which of the site's two lists counts.
        domain_mode: SharingDomainRestrictionMode = SharingDomainRestrictionMode::None, "SharingDomainRestrictionMode", Enforced;
        /// Domains that may be shared with under `AllowList`, at most 500; where the tenant has such a list, a part of it.
        allowed_domains: Domains<500> = Domains::default(), "SharingAllowedDomainList", Enforced;
        /// Domains that may not be shared with under `BlockList`, at most 500.
        blocked_domains: Domains<500> = Domains::default(), "SharingBlockedDomainList", Enforced;

        /// Whether the site's own life of Anyone links counts, stricter or looser than the tenant's.
        override_anyone_days: bool = false, "OverrideTenantAnonymousLinkExpirationPolicy", Enforced;
        /// Longest life of an Anyone link in days, where the site overrides the tenant's; 0 is no limit.
        anyone_link_days: AnyoneLinkDays = AnyoneLinkDays::NONE, "AnonymousLinkExpirationInDays", Enforced;
        /// Whether the site's own life of guests' access counts, stricter or looser than the tenant's.
        override_guest_expiry: bool = false, "OverrideTenantExternalUserExpirationPolicy", Enforced;
        /// After how many days a guest's access ends, where the site overrides the tenant's; 0 is never.
        guest_expiry_days: Limit<1, 730> = Limit::NONE, "ExternalUserExpirationInDays", Enforced;
        /// Whether the site's own life of organisation links counts, stricter or looser than the tenant's.
        override_organization_days: bool = false, "OverrideTenantOrganizationSharingLinkExpirationPolicy", Enforced;
        /// Longest life of an organisation link in days, where the site overrides the tenant's; 0 is no limit.
        organization_link_days: OrganizationLinkDays = OrganizationLinkDays::NONE, "OrganizationSharingLinkMaxExpirationInDays", Enforced;
        /// The life suggested for an organisation link in days, where the site overrides the tenant's; not above the longest life, and 0 is the longest life.
        organization_link_suggested: OrganizationLinkDays = OrganizationLinkDays::NONE, "OrganizationSharingLinkRecommendedExpirationInDays", Enforced;
        /// Whether organisation links are off.
        company_links: CompanyWideSharingLinks = CompanyWideSharingLinks::NotDisabled, "DisableCompanyWideSharingLinks", Enforced;
        /// The link that sharing begins with; as the tenant has it if left out or `None`.
        default_link_type: Option<DefaultSharingLinkType> = None, "DefaultSharingLinkType", Enforced;
        /// The scope that sharing begins with; counts before `DefaultSharingLinkType` unless `Uninitialized`.
        default_scope: ShareLinkScope = ShareLinkScope::Uninitialized, "DefaultShareLinkScope", Enforced;
        /// The permission that sharing begins with; as the tenant has it if `None`.
        default_link_permission: LinkPermission = LinkPermission::None, "DefaultLinkPermission", Enforced;
        /// The role that sharing begins with; counts before `DefaultLinkPermission` unless `None`.
        default_role: ShareLinkRole = ShareLinkRole::None, "DefaultShareLinkRole", Enforced;
        /// Whether sharing begins with a link for people who have access already, whatever scope is set.
        default_existing: bool = false, "DefaultLinkToExistingAccess", Enforced;
        /// For whom the main link of an item works at first; where that is not allowed, the next stricter.
        default_main_scope: MainLinkScope = MainLinkScope::OnlyPeopleAdded, "DefaultMainLinkScope", Enforced;
        /// What an Anyone link on a file of the site allows at most.
        file_link_type: Option<FileAnonymousLinkType> = None, "FileAnonymousLinkType", Refused("how a site's own goes together with the tenant's is not documented; set the tenant's");
        /// What an Anyone link on a folder of the site allows at most.
        folder_link_type: Option<FolderAnonymousLinkType> = None, "FolderAnonymousLinkType", Refused("how a site's own goes together with the tenant's is not documented; set the tenant's");
        /// The life suggested for an Anyone link of the site.
        anyone_link_suggested: Option<AnyoneLinkDays> = None, "AnyoneSharingLinkRecommendedExpirationInDays", Refused("how a site's own goes together with the tenant's is not documented; set the tenant's");
        /// The scope that sharing a Loop page of the site begins with.
        loop_scope: Option<ShareLinkScope> = None, "LoopDefaultSharingLinkScope", Ignored("there are no Loop pages behind this gateway");
        /// The role that sharing a Loop page of the site begins with.
        loop_role: Option<ShareLinkRole> = None, "LoopDefaultSharingLinkRole", Ignored("there are no Loop pages behind this gateway");
        /// Which files a link that blocks downloads may show; the stricter of this and the tenant's counts.
        block_download_links: Option<BlockDownloadLinksFileType> = None, "BlockDownloadLinksFileType", Enforced;
        /// Whether file requests can be made; the partition's if left out.
        file_requests: Option<bool> = None, "RequestFilesLinkEnabled", Enforced;
        /// Longest life of a file request in days; the partition's if left out.
        file_request_days: Option<AnyoneLinkDays> = None, "RequestFilesLinkExpirationInDays", Enforced;

        /// Who in the site may share: `members`, `members-files-only`, `owners`.
        sharing_mode: SharingMode = SharingMode::Members, "SharingMode", Enforced;
        /// Whether only owners share, as `SharingMode = "owners"`.
        owners_only: bool = false, "DisableSharingForNonOwners", Enforced;
        /// Whether the owner is asked, where somebody may not share or has no access. In personal sites `ODBAccessRequests` counts before this.
        access_requests: bool = false, "RequestAccess", Enforced;

        /// Whether the site can be used and written to; not for the root site.
        lock: LockState = LockState::Unlock, "LockState", Enforced;
        /// What unmanaged devices may do; at least as strict as the tenant's, which counts if left out. `AuthenticationContext` is not for the root site.
        conditional_access: Option<SiteConditionalAccess> = None, "ConditionalAccessPolicy", Enforced;
        /// The authentication context that everybody satisfies first, with `ConditionalAccessPolicy = "AuthenticationContext"`.
        authentication_context: Option<String> = None, "AuthenticationContextName", Enforced;
        /// What applications may do that cannot satisfy the context.
        authentication_context_access: Option<AuthenticationContextAccess> = None, "AuthenticationContextAccessType", Ignored("whoever does not satisfy the context does not come in");
        /// Whether limited access edits in the browser; the tenant's if left out.
        allow_editing: Option<bool> = None, "AllowEditing", Enforced;
        /// What limited access may preview and download; the stricter of this and the tenant's counts.
        limited_file_type: Option<LimitedAccessFileType> = None, "LimitedAccessFileType", Enforced;
        /// Whether access needs membership of a group as well; sleeps without `EnableRestrictedAccessControl`.
        restricted_access: bool = false, "RestrictedAccessControl", Enforced;
        /// The groups, at most 10. Where the site is connected to a group, that counts instead.
        restricted_groups: Groups<10> = Groups::default(), "RestrictedAccessControlGroups", Enforced;
        /// Whether nothing is downloaded from the site: its files are viewed in the browser.
        block_download: bool = false, "BlockDownloadPolicy", Enforced;
        /// Whether the site's owners may download all the same, where `BlockDownloadPolicy` is on.
        block_download_owners: bool = false, "ExcludeBlockDownloadPolicySiteOwners", Enforced;
        /// Groups whose members may download all the same, where `BlockDownloadPolicy` is on.
        block_download_groups: Groups<5_000> = Groups::default(), "ExcludedBlockDownloadGroupIds", Enforced;
        /// The site's own groups whose members may.
        block_download_site_groups: Option<String> = None, "ExcludeBlockDownloadSharePointGroups", Refused("a site's own groups are not visible here; use `ExcludedBlockDownloadGroupIds`");
        /// Whether the site is read only as well, where `BlockDownloadPolicy` is on.
        block_download_read_only: bool = false, "ReadOnlyForBlockDownloadPolicy", Enforced;
        /// Whether guests cannot own the site; as its partition has it if `Unspecified`.
        block_guest_admins: OnOff = OnOff::Unspecified, "BlockGuestsAsSiteAdmin", Enforced;
        /// From whom the information about users is hidden, where the tenant lets sites say otherwise.
        user_info: Option<BlockUserInfoVisibility> = None, "OverrideBlockUserInfoVisibility", Enforced;
        /// Whether guests are suggested when sharing.
        suggest_guests: Option<bool> = None, "ShowPeoplePickerSuggestionsForGuestUsers", Ignored("this gateway has no people picker");
        /// The label of the site.
        label: Option<String> = None, "SensitivityLabel", Refused("what a label says about sharing is not visible here; set `SharingCapability` and `ConditionalAccessPolicy`");
        /// How information barriers bind the site.
        barriers: Option<String> = None, "InformationBarriersMode", Refused("segments of people are not visible here; use `RestrictedAccessControl`");
    }
}

impl SiteSharing {
    /// Who in the site may share: the stricter of both settings that say so.
    #[must_use]
    pub fn mode(&self) -> SharingMode {
        if self.owners_only {
            SharingMode::Owners
        } else {
            self.sharing_mode
        }
    }
}
