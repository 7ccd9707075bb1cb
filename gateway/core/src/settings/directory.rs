//! The directory's collaboration settings, by the names of Microsoft Graph.
//!
//! Source: specification "sharing rules" 5 to 7.

use std::collections::{BTreeMap, BTreeSet};

use super::table::Standing::{Enforced, Ignored, Refused};
use super::table::settings;
use super::value::{Domains, Kind, Raw, Value};
use super::words::{
    AllowInvitesFrom, EmailOtp, FallbackIdentityProvider, GuestUserRole, PrimaryIdentityProvider,
};
use crate::address::DomainName;
use crate::id::{CloudName, ProviderId, ProviderKind, SiteId};
use crate::time::UnixTime;

/// Longest list of the directory, in characters.
///
/// Source: specification "sharing rules" 5.3.
pub const MOST_LIST_CHARACTERS: usize = 25_000;

/// A list of the directory.
pub type DirectoryDomains = Domains<MOST_LIST_CHARACTERS, true>;

settings! {
    /// Settings of the directory that are single values.
    DirectoryPolicy {
        /// Who may add guests to the directory. As the cloud has it if left out: `everyone`, in US Government clouds `none`.
        allow_invites_from: Option<AllowInvitesFrom> = None, "allowInvitesFrom", Enforced;
        /// The older name: whether administrators and guest inviters may add guests; not beside `allowInvitesFrom`.
        admins_can_invite: Option<bool> = None, "AdminsAndGuestInvitersCanInvite", Enforced;
        /// The older name: whether members may add guests; not beside `allowInvitesFrom`.
        members_can_invite: Option<bool> = None, "MembersCanInvite", Enforced;
        /// The older name: whether guests may add guests; not beside `allowInvitesFrom`.
        guests_can_invite: Option<bool> = None, "GuestsCanInvite", Enforced;
        /// What guests see of the directory.
        guest_role: GuestUserRole = GuestUserRole::Limited, "guestUserRoleId", Ignored("guests see nothing of the directory here");
        /// Whether guests in a Microsoft 365 group may use what the group may.
        guests_in_groups: bool = true, "AllowGuestsToAccessGroups", Refused("guests in a group have what the group has; take them out of the group");
        /// Only these domains can be invited; instead of `BlockedDomains`, which is discarded. At most 25,000 characters. Guests who redeemed stay.
        allowed_domains: Option<DirectoryDomains> = None, "AllowedDomains", Enforced;
        /// These domains cannot be invited; instead of `AllowedDomains`, which is discarded. At most 25,000 characters. Guests who redeemed stay.
        blocked_domains: Option<DirectoryDomains> = None, "BlockedDomains", Enforced;
        /// Whether guests without any account may use a passcode by mail: `default` (as the cloud has it), `enabled` or `true`, `disabled` or `false`.
        email_otp: EmailOtp = EmailOtp::Default, "allowExternalIdToUseEmailOtp", Enforced;
        /// Kinds of provider that are tried first, in this order; those left out are not tried first.
        primary_order: PrimaryOrder = PrimaryOrder::default(), "primaryIdentityProviderPrecedenceOrder", Enforced;
        /// What is offered where none of those knows the person; `emailOneTimePasscode` needs passcodes to be on.
        fallback: FallbackIdentityProvider = FallbackIdentityProvider::DefaultConfiguredIdp, "fallbackIdentityProvider", Enforced;
        /// Whether guests accept terms of use after they have consented.
        terms_of_use: bool = false, "TermsOfUseRequired", Enforced;
    }
}

/// Primary providers in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryOrder(pub Vec<PrimaryIdentityProvider>);

impl Default for PrimaryOrder {
    fn default() -> Self {
        Self(PrimaryIdentityProvider::ALL.to_vec())
    }
}

impl Value for PrimaryOrder {
    const KIND: Kind = Kind::Words(PrimaryIdentityProvider::NAMES);

    fn read(raw: &Raw) -> Result<Self, String> {
        let Raw::List(given) = raw else {
            return Err("must be a list of texts".to_owned());
        };
        let mut order = Vec::new();
        for one in given {
            let kind = PrimaryIdentityProvider::read(one)?;
            if order.contains(&kind) {
                return Err(format!("names {} twice", kind.name()));
            }
            order.push(kind);
        }
        Ok(Self(order))
    }

    fn write(&self) -> Raw {
        Raw::List(self.0.iter().map(Value::write).collect())
    }
}

/// What is believed of the claims that an organisation makes about its people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboundTrust {
    /// `isMfaAccepted`: a second factor.
    pub mfa: bool,
    /// `isCompliantDeviceAccepted`.
    pub compliant_device: bool,
    /// `isHybridAzureADJoinedDeviceAccepted`.
    pub hybrid_device: bool,
}

/// A partner organisation added to the cross-tenant access settings, by tenant id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// The partner's home cloud.
    pub cloud: CloudName,
    /// Whether its people may come in as guests.
    pub inbound: bool,
    /// Whether the partner did its part across clouds, as far as the operator knows: ticked this cloud and added this
    /// organisation.
    pub reciprocated: bool,
    /// What is believed of its claims.
    pub trust: InboundTrust,
    /// Whether consent is suppressed here; it takes both sides.
    pub automatic_redemption: bool,
    /// Whether the partner suppresses it as well.
    pub automatic_redemption_at_home: bool,
}

/// Cross-tenant access: which clouds and organisations the tenant opted in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossTenantAccess {
    /// Clouds ticked, empty by default. Ticking one admits nobody until a partner is added.
    pub clouds: BTreeSet<CloudName>,
    /// Organisations by lower-case tenant id.
    pub partners: BTreeMap<String, Partner>,
    /// Whether organisations that are not listed may come in, inside the own instance. On by default.
    pub default_inbound: bool,
    /// What is believed of the claims of organisations that are not listed. Nothing by default.
    pub default_trust: InboundTrust,
}

impl Default for CrossTenantAccess {
    fn default() -> Self {
        Self {
            clouds: BTreeSet::new(),
            partners: BTreeMap::new(),
            default_inbound: true,
            default_trust: InboundTrust::default(),
        }
    }
}

impl CrossTenantAccess {
    /// The partner with that tenant id, if it lives in the cloud `home`.
    #[must_use]
    pub fn partner(&self, home: &CloudName, organisation: Option<&str>) -> Option<&Partner> {
        let partner = self.partners.get(organisation?)?;
        (partner.cloud == *home).then_some(partner)
    }
}

/// A SAML or WS-Fed partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Federation {
    /// The configured provider that carries it, where there is one.
    pub provider: Option<ProviderId>,
    /// `issuerUri`.
    pub issuer: String,
    /// Domains it speaks for.
    pub domains: BTreeSet<DomainName>,
    /// `passiveSignInUri`.
    pub endpoint: String,
    /// Value of the `DirectFedAuthUrl=` text record at its domain, if one was seen.
    pub dns_text: Option<String>,
}

/// What a conditional access policy demands.
///
/// Source: Graph `conditionalAccessGrantControls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantControl {
    /// Refuse.
    Block,
    /// A second factor.
    Mfa,
    /// A compliant device.
    CompliantDevice,
    /// A hybrid joined device.
    DomainJoinedDevice,
    /// An approved client application: no guest can.
    ApprovedApplication,
    /// An application protection policy: no guest can.
    CompliantApplication,
    /// A new password: no guest can.
    PasswordChange,
    /// Terms of use.
    TermsOfUse,
}

/// How risky a sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// A conditional access policy, as far as it concerns guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionalAccessPolicy {
    /// Its name.
    pub name: String,
    /// Sites it concerns; all if absent.
    pub sites: Option<BTreeSet<SiteId>>,
    /// The authentication context it answers to; then it concerns only sites that demand that context.
    pub context: Option<String>,
    /// Sign-in risks it concerns; every sign-in if empty. A sign-in of unknown risk is of every risk.
    pub risks: BTreeSet<Risk>,
    /// Whether members are concerned as well.
    pub members: bool,
    /// What is demanded, all of it.
    pub controls: BTreeSet<GrantControl>,
    /// Oldest authentication accepted, in seconds.
    pub sign_in_frequency: Option<i64>,
}

/// A copy of the directory's policy (`SyncAadB2BManagementPolicy`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyCopy {
    /// When it was taken; it counts for 24 hours.
    pub taken: UnixTime,
    /// The policy as it was.
    pub policy: DirectoryPolicy,
}

/// The directory's own settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectorySettings {
    /// Those that are single values.
    pub policy: DirectoryPolicy,
    /// The organisation's tenant id in its cloud, lower case: the accounts of this tenant are members.
    pub tenant_id: Option<String>,
    /// Cross-tenant access settings.
    pub cross_tenant: CrossTenantAccess,
    /// Where a domain's accounts live when that is known beforehand. A domain of several clouds has them all.
    pub domain_homes: BTreeMap<DomainName, BTreeSet<CloudName>>,
    /// SAML and WS-Fed partners.
    pub federations: Vec<Federation>,
    /// Whether Google federation is set up.
    pub google: bool,
    /// Domains of organisations at Google that were opted in, beside Google's own two.
    pub google_domains: BTreeSet<DomainName>,
    /// Kinds of provider that are set up and that the tenant has given up: nobody signs in or stays by them.
    pub given_up: BTreeSet<ProviderKind>,
    /// Conditional access policies.
    pub conditional_access: Vec<ConditionalAccessPolicy>,
    /// The copy of the policy that is asked first, where there is one.
    pub copy: Option<PolicyCopy>,
}
