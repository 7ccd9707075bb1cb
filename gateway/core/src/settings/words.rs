//! Settings whose value is one of a few words, spelled as the cmdlets and Graph spell them.

/// An enum whose variants are written as words.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[$variant_doc:meta])* $variant:ident = $word:literal ),+ $(,)?
        }
        $(true = $yes:ident, false = $no:ident)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$variant_doc])* $variant, )+
        }

        impl $name {
            /// All, in the order of the variants.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($word),+];

            /// The name the settings use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The one of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }

        impl $crate::settings::value::Value for $name {
            const KIND: $crate::settings::value::Kind = {
                let flags: &[bool] = &[$({
                    let _ = Self::$yes;
                    true
                })?];
                if flags.is_empty() {
                    $crate::settings::value::Kind::Word(Self::NAMES)
                } else {
                    $crate::settings::value::Kind::WordOrFlag(Self::NAMES)
                }
            };

            fn read(raw: &$crate::settings::value::Raw) -> Result<Self, String> {
                let flags: &[(bool, Self)] = &[$((true, Self::$yes), (false, Self::$no))?];
                let word = match raw {
                    $crate::settings::value::Raw::Text(word) => Self::parse(word),
                    $crate::settings::value::Raw::Flag(flag) => {
                        flags.iter().find(|(on, _)| on == flag).map(|(_, word)| *word)
                    }
                    $crate::settings::value::Raw::Number(_)
                    | $crate::settings::value::Raw::List(_) => None,
                };
                word.ok_or_else(|| format!("must be one of {}", Self::NAMES.join(", ")))
            }

            fn write(&self) -> $crate::settings::value::Raw {
                $crate::settings::value::Raw::text(self.name())
            }
        }
    };
}

words! {
    /// How far a tenant, partition or site may be shared, from closed to open: the order of the variants is
    /// the order of openness. (Graph numbers them differently; never compare those numbers.)
    ///
    /// Source: `Set-SPOTenant -SharingCapability`.
    SharingCapability {
        /// Only people in the organisation.
        Disabled = "Disabled",
        /// Guests already in the directory.
        ExistingExternalUserSharingOnly = "ExistingExternalUserSharingOnly",
        /// New and existing guests, who sign in.
        ExternalUserSharingOnly = "ExternalUserSharingOnly",
        /// Also bearers of Anyone links.
        ExternalUserAndGuestSharing = "ExternalUserAndGuestSharing",
    }
}

words! {
    /// Which of two domain lists counts.
    SharingDomainRestrictionMode {
        /// Neither.
        None = "None",
        /// Only the domains allowed.
        AllowList = "AllowList",
        /// All but the domains blocked.
        BlockList = "BlockList",
    }
}

words! {
    /// A switch that the owner of a personal site may be left to turn.
    OnOff {
        /// On.
        On = "On",
        /// Off.
        Off = "Off",
        /// Whatever the owner says.
        Unspecified = "Unspecified",
    }
}

words! {
    /// The link that the sharing dialogue begins with.
    DefaultSharingLinkType {
        /// The widest scope that is allowed.
        None = "None",
        /// Specific people.
        Direct = "Direct",
        /// People in the organisation.
        Internal = "Internal",
        /// Anyone.
        AnonymousAccess = "AnonymousAccess",
    }
}

words! {
    /// The scope that the sharing dialogue begins with; the successor of [`DefaultSharingLinkType`].
    ShareLinkScope {
        /// Not said: the older setting counts.
        Uninitialized = "Uninitialized",
        /// Specific people.
        SpecificPeople = "SpecificPeople",
        /// People in the organisation.
        Organization = "Organization",
        /// Anyone.
        Anyone = "Anyone",
    }
}

words! {
    /// The permission that the sharing dialogue begins with in a tenant.
    TenantLinkPermission {
        /// View.
        View = "View",
        /// Edit.
        Edit = "Edit",
    }
}

words! {
    /// The permission that the sharing dialogue begins with in a site.
    LinkPermission {
        /// Not said: the tenant's counts.
        None = "None",
        /// View.
        View = "View",
        /// Edit.
        Edit = "Edit",
    }
}

words! {
    /// The role that the sharing dialogue begins with; the successor of [`LinkPermission`].
    ShareLinkRole {
        /// Not said: the older setting counts.
        None = "None",
        /// View.
        View = "View",
        /// Edit.
        Edit = "Edit",
        /// Review.
        Review = "Review",
        /// View without download.
        RestrictedView = "RestrictedView",
    }
}

words! {
    /// For whom the link works that is shown at the top of the sharing dialogue, the strictest first.
    MainLinkScope {
        /// The people added to it.
        OnlyPeopleAdded = "OnlyPeopleAdded",
        /// People in the organisation.
        Organization = "Organization",
        /// Anyone.
        Anyone = "Anyone",
    }
}

words! {
    /// What an Anyone link on a file allows at most, from strict to loose.
    FileAnonymousLinkType {
        /// View.
        View = "View",
        /// View and edit.
        Edit = "Edit",
    }
}

words! {
    /// What an Anyone link on a folder allows at most, from strict to loose.
    FolderAnonymousLinkType {
        /// View.
        View = "View",
        /// View and upload.
        ViewUpload = "ViewUpload",
        /// View, edit and upload.
        Edit = "Edit",
    }
}

words! {
    /// Which files a link that blocks downloads may show, the stricter first.
    BlockDownloadLinksFileType {
        /// Only what is rendered on the server.
        ServerRenderedFilesOnly = "ServerRenderedFilesOnly",
        /// All that can be previewed.
        WebPreviewableFiles = "WebPreviewableFiles",
    }
}

words! {
    /// What limited access may preview and download, the stricter first.
    LimitedAccessFileType {
        /// Only Office files.
        OfficeOnlineFilesOnly = "OfficeOnlineFilesOnly",
        /// Whatever can be previewed.
        WebPreviewableFiles = "WebPreviewableFiles",
        /// Files that cannot be previewed may be downloaded.
        OtherFiles = "OtherFiles",
    }
}

words! {
    /// What unmanaged devices may do in the whole tenant, the strictest first.
    TenantConditionalAccess {
        /// Nothing.
        BlockAccess = "BlockAccess",
        /// View in the browser, without download, print and sync.
        AllowLimitedAccess = "AllowLimitedAccess",
        /// Everything.
        AllowFullAccess = "AllowFullAccess",
    }
}

words! {
    /// What unmanaged devices may do in a site, the strictest first.
    SiteConditionalAccess {
        /// Everybody satisfies an authentication context first.
        AuthenticationContext = "AuthenticationContext",
        /// Nothing.
        BlockAccess = "BlockAccess",
        /// View in the browser, without download, print and sync.
        AllowLimitedAccess = "AllowLimitedAccess",
        /// Everything.
        AllowFullAccess = "AllowFullAccess",
    }
}

words! {
    /// What applications may do that cannot satisfy an authentication context.
    AuthenticationContextAccess {
        /// Nothing.
        BlockAccess = "BlockAccess",
        /// View in the browser.
        AllowLimitedAccess = "AllowLimitedAccess",
    }
}

words! {
    /// Whether new files are closed to guests until they have been scanned.
    MarkNewFilesSensitive {
        /// They are open.
        AllowExternalSharing = "AllowExternalSharing",
        /// They are closed.
        BlockExternalSharing = "BlockExternalSharing",
    }
}

words! {
    /// From whom the information about users is hidden.
    BlockUserInfoVisibility {
        /// Nobody.
        ApplyToNoUsers = "ApplyToNoUsers",
        /// Everybody.
        ApplyToAllUsers = "ApplyToAllUsers",
        /// Guests.
        ApplyToGuestAndExternalUsers = "ApplyToGuestAndExternalUsers",
        /// Members.
        ApplyToInternalUsers = "ApplyToInternalUsers",
    }
}

words! {
    /// Whether a site can be used.
    LockState {
        /// It can.
        Unlock = "Unlock",
        /// It can be read.
        ReadOnly = "ReadOnly",
        /// It cannot.
        NoAccess = "NoAccess",
    }
}

words! {
    /// Whether organisation links are off in a site.
    CompanyWideSharingLinks {
        /// They are off.
        Disabled = "Disabled",
        /// They are not.
        NotDisabled = "NotDisabled",
    }
}

words! {
    /// Who in a site may share.
    ///
    /// Source: specification "sharing rules" 2.4.
    SharingMode {
        /// Members share everything.
        Members = "members",
        /// Members share files and folders; only owners share the site.
        MembersFilesOnly = "members-files-only",
        /// Only owners share; others ask them.
        Owners = "owners",
    }
}

words! {
    /// Who may add guests to the directory, from strict to loose.
    ///
    /// Source: Graph `authorizationPolicy.allowInvitesFrom`.
    AllowInvitesFrom {
        /// Nobody.
        None = "none",
        /// Global and User Administrators, and Guest Inviters.
        AdminsAndGuestInviters = "adminsAndGuestInviters",
        /// Also all members of the directory.
        AdminsGuestInvitersAndAllMembers = "adminsGuestInvitersAndAllMembers",
        /// Also guests.
        Everyone = "everyone",
    }
}

words! {
    /// Whether guests without an account may use a passcode by mail.
    ///
    /// Source: Graph `emailAuthenticationMethodConfiguration.allowExternalIdToUseEmailOtp`.
    EmailOtp {
        /// As the cloud has it: on, except where it has none.
        Default = "default",
        /// On.
        Enabled = "enabled",
        /// Off.
        Disabled = "disabled",
    }
    true = Enabled, false = Disabled
}

words! {
    /// What guests see of the directory, by the ids of the roles.
    ///
    /// Source: Graph `authorizationPolicy.guestUserRoleId`.
    GuestUserRole {
        /// What members see.
        Member = "a0b1b346-4d3e-4e8b-98f8-753987be4970",
        /// Who is in the groups that are not hidden.
        Limited = "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        /// Themselves.
        Restricted = "2af84b1e-32c8-42b7-82bc-daa82404023b",
    }
}

words! {
    /// Kinds of provider that are tried first, in an order that can be set.
    ///
    /// Source: Graph `primaryIdentityProviderPrecedenceOrder`.
    PrimaryIdentityProvider {
        /// Accounts of the directory's own kind.
        AzureActiveDirectory = "azureActiveDirectory",
        /// SAML and WS-Fed partners.
        ExternalFederation = "externalFederation",
        /// Google.
        SocialIdentityProviders = "socialIdentityProviders",
    }
}

words! {
    /// What is offered where none of the primary providers knows the person.
    ///
    /// Source: Graph `fallbackIdentityProvider`.
    FallbackIdentityProvider {
        /// An existing Microsoft account, then a passcode if passcodes are on, then a new Microsoft account.
        DefaultConfiguredIdp = "defaultConfiguredIdp",
        /// A passcode.
        EmailOneTimePasscode = "emailOneTimePasscode",
        /// A Microsoft account.
        MicrosoftAccount = "microsoftAccount",
    }
}

words! {
    /// Which generation of sharing behaviour a tenant has.
    ///
    /// Source: specification "sharing rules" 0 (P1 to P5).
    Profile {
        /// P1, to 2018: sharing has its own invitation manager only.
        SeparateManagers = "separate-managers",
        /// P2, about 2020 to 2022: the integration is an opt-in, off by default.
        IntegrationOptIn = "integration-opt-in",
        /// P3, 2023 to the middle of 2025: the integration is on by default; sites always invite through the directory.
        IntegrationDefault = "integration-default",
        /// P4, from July 2025: links made before the integration fail.
        ReshareRequired = "reshare-required",
        /// P5, from May 2026: the integration is always on.
        IntegrationMandatory = "integration-mandatory",
    }
}
