//! What a question is about: plain lists, as somebody would write them down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use gateway_core::action::Action;
use gateway_core::address::EmailAddress;
use gateway_core::cloud::Clouds;
use gateway_core::groups::Group;
use gateway_core::id::{CloudName, GroupId, ProviderKind, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, InvitationManager, Principal};
use gateway_core::policy::redeem::RedeemQuestion;
use gateway_core::policy::share::ShareQuestion;
use gateway_core::settings::table::Setting;
use gateway_core::settings::value::Raw;
use gateway_core::settings::{SiteSettings, SiteSharing, TenantSettings, TenantSharing};
use gateway_core::sharing::{ItemFacts, Permission, Role, SharingLink};
use gateway_core::time::UnixTime;

/// The tenant and the site.
#[derive(Clone)]
pub struct Place {
    /// The clouds.
    pub clouds: Arc<Clouds>,
    /// The tenant.
    pub tenant: TenantSettings,
    /// The site.
    pub site: SiteSettings,
    /// Its name.
    pub site_id: SiteId,
    /// The moment of the question.
    pub now: UnixTime,
}

/// What the directory knows about the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// A member.
    Member(Option<EmailAddress>),
    /// The guest at this place of the list.
    Guest(usize),
    /// Nobody with an entry; the mailbox was proven.
    AdHoc(EmailAddress),
    /// A program of the tenant's own, with what it may do.
    Application(Role),
    /// Nothing.
    Unknown,
}

/// A question about access.
#[derive(Clone, Debug)]
pub struct AccessWorld {
    /// Where.
    pub place: Place,
    /// The item.
    pub path: ItemPath,
    /// What is known about it.
    pub item: ItemFacts,
    /// What is done.
    pub action: Action,
    /// Who asks.
    pub principal: Principal,
    /// What the directory knows about whoever asks.
    pub known: Known,
    /// Guests of the directory.
    pub guests: Vec<Guest>,
    /// Groups of the directory.
    pub groups: BTreeMap<GroupId, Group>,
    /// Permissions of the tenant.
    pub permissions: Vec<Permission>,
    /// Links of the tenant.
    pub links: Vec<SharingLink>,
}

/// A question about sharing.
#[derive(Clone, Debug)]
pub struct ShareWorld {
    /// Where.
    pub place: Place,
    /// The question.
    pub question: ShareQuestion,
}

/// The share that leads to a redemption.
#[derive(Clone, Debug)]
pub struct SharedBy {
    /// Who shared.
    pub creator: EmailAddress,
    /// Whether the creator is still here and may still share.
    pub creator_may_share: bool,
    /// Which manager invited for it.
    pub manager: InvitationManager,
}

/// A question about redeeming.
#[derive(Clone, Debug)]
pub struct RedeemWorld {
    /// Where; the site plays no part.
    pub place: Place,
    /// The question.
    pub question: RedeemQuestion,
    /// The entry of the directory.
    pub guest: Option<Guest>,
    /// The kind of provider that the guest redeemed with.
    pub redeemed_with: Option<ProviderKind>,
    /// The share.
    pub share: Option<SharedBy>,
    /// Kinds of provider that are set up.
    pub providers: Option<BTreeSet<ProviderKind>>,
}

/// Only settings that are not the default are shown: there are two hundred others.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenant = &self.tenant;
        let default = TenantSharing::default();
        let sharing = changed(TenantSharing::SETTINGS, |name| {
            (tenant.sharing.get(name), default.get(name))
        });
        let default = SiteSharing::default();
        let local = changed(SiteSharing::SETTINGS, |name| {
            (self.site.sharing.get(name), default.get(name))
        });
        let site = &self.site;
        f.debug_struct("Place")
            .field("now", &self.now)
            .field("clouds", &self.clouds_in_short())
            .field("tenant.cloud", &tenant.cloud)
            .field("tenant.profile", &tenant.profile)
            .field("tenant.boundary", &tenant.boundary)
            .field("tenant.sharing", &sharing)
            .field("tenant.directory", &tenant.directory)
            .field("site.template", &site.template)
            .field("site.partition", &site.partition)
            .field("site.path_case", &site.path_case)
            .field("site.channel", &site.channel)
            .field("site.group", &site.group)
            .field("site.sharing", &local)
            .finish()
    }
}

impl Place {
    fn clouds_in_short(&self) -> Vec<String> {
        let all = self.clouds.0.iter();
        all.map(|(name, cloud)| {
            let kinds: Vec<&str> =
                cloud.identity_providers.iter().map(ProviderKind::as_str).collect();
            let partners: Vec<&str> =
                cloud.partner_clouds.iter().map(CloudName::as_str).collect();
            format!(
                "{name}: {}, restricted {}, file requests {}, invites {}, providers {}, partners {}",
                cloud.instance,
                cloud.restricted,
                cloud.file_requests,
                cloud.allow_invites_from.name(),
                kinds.join(" "),
                partners.join(" "),
            )
        })
        .collect()
    }
}

fn changed(
    table: &[Setting],
    values: impl Fn(&str) -> (Option<Raw>, Option<Raw>),
) -> BTreeMap<&'static str, String> {
    let mut found = BTreeMap::new();
    for setting in table {
        let (value, default) = values(setting.name);
        if value != default {
            let text = value.map(|value| value.to_string());
            found.insert(setting.name, text.unwrap_or_default());
        }
    }
    found
}

impl AccessWorld {
    /// The guest who asks.
    #[must_use]
    pub fn guest(&self) -> Option<&Guest> {
        match self.known {
            Known::Guest(at) => self.guests.get(at),
            Known::Member(_) | Known::AdHoc(_) | Known::Application(_) | Known::Unknown => None,
        }
    }

    /// The address of whoever asks.
    #[must_use]
    pub fn address(&self) -> Option<&EmailAddress> {
        match &self.known {
            Known::Member(address) => address.as_ref(),
            Known::Guest(_) => self.guest().map(|guest| &guest.address),
            Known::AdHoc(address) => Some(address),
            Known::Application(_) | Known::Unknown => None,
        }
    }

    /// Whether one of the people that a link names is in the directory.
    #[must_use]
    pub fn in_directory(&self, people: &BTreeSet<EmailAddress>) -> bool {
        self.guests
            .iter()
            .any(|guest| people.contains(&guest.address))
    }

    /// Whether a link that was shown exists no more.
    #[must_use]
    pub fn link_missing(&self) -> bool {
        let mut ids = self.principal.links.iter();
        ids.any(|id| self.links.iter().all(|link| link.id != *id))
    }
}
