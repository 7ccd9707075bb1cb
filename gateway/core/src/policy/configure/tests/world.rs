//! A tenant with two sites, and changes to it.

use crate::address::EmailAddress;
use crate::id::{CloudName, GroupId, LinkId, SiteId};
use crate::path::ItemPath;
use crate::person::InvitationManager;
use crate::policy::configure::*;
use crate::policy::{NoTrace, Recorded};
use crate::settings::directory::Federation;
use crate::settings::value::Raw;
use crate::settings::{Partition, Profile};
use crate::sharing::{LinkScope, LinkType, SharingLink};
use crate::testing;
use crate::time::UnixTime;

pub(super) const T: Raw = Raw::Flag(true);
pub(super) const F: Raw = Raw::Flag(false);
pub(super) const DAY: i64 = 86_400;
pub(super) const NOW: UnixTime = UnixTime(1_000 * DAY);

pub(super) fn n(number: i64) -> Raw {
    Raw::Number(number)
}

pub(super) fn w(word: &str) -> Raw {
    Raw::text(word)
}

pub(super) fn site_id(name: &str) -> SiteId {
    SiteId::parse(name).unwrap()
}

/// `tenant`, `directory`, or the name of a site.
pub(super) fn scope(name: &str) -> Scope {
    match name {
        "tenant" => Scope::Tenant,
        "directory" => Scope::Directory,
        site => Scope::Site(site_id(site)),
    }
}

pub(super) fn set(place: &str, name: &str, value: Raw) -> Change {
    Change::Set {
        scope: scope(place),
        name: name.to_owned(),
        value,
    }
}

pub(super) fn clear(place: &str, name: &str) -> Change {
    Change::Clear {
        scope: scope(place),
        name: name.to_owned(),
    }
}

pub(super) fn federation(domain: &str, endpoint: &str, dns_text: Option<&str>) -> Federation {
    Federation {
        provider: None,
        issuer: format!("https://{domain}/trust"),
        domains: testing::domains(&[domain]),
        endpoint: endpoint.to_owned(),
        dns_text: dns_text.map(str::to_owned),
    }
}

/// The settings that changes are made to.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) settings: Settings,
    pub(super) links: Vec<SharingLink>,
}

impl World {
    /// In P3, with everything open: the site `s`, the personal site `p` and the root site `root`, all at Anyone.
    pub(super) fn new() -> Self {
        let mut tenant = testing::tenant();
        tenant.profile = Profile::IntegrationDefault;
        let mut personal = testing::site();
        personal.partition = Partition::OneDrive;
        let mut root = testing::site();
        root.root = true;
        let sites = [("s", testing::site()), ("p", personal), ("root", root)];
        let sites = sites.map(|(id, site)| (site_id(id), site));
        Self {
            settings: Settings {
                tenant,
                sites: sites.into(),
            },
            links: Vec::new(),
        }
    }

    pub(super) fn profile(mut self, profile: Profile) -> Self {
        self.settings.tenant.profile = profile;
        self
    }

    pub(super) fn cloud(mut self, name: &str) -> Self {
        self.settings.tenant.cloud = CloudName::parse(name).unwrap();
        self
    }

    pub(super) fn group(mut self, site: &str, group: &str) -> Self {
        let site = self.settings.sites.get_mut(&site_id(site)).unwrap();
        site.group = Some(GroupId::parse(group).unwrap());
        self
    }

    /// With a setting as it is, whatever rule that breaks.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "rows read better without a `&` before every value"
    )]
    pub(super) fn with(mut self, place: &str, name: &str, value: Raw) -> Self {
        let settings = &mut self.settings;
        match scope(place) {
            Scope::Tenant => settings.tenant.sharing.set(name, &value).unwrap(),
            Scope::Directory => settings.tenant.directory.policy.set(name, &value).unwrap(),
            Scope::Site(site) => {
                let site = settings.sites.get_mut(&site).unwrap();
                site.sharing.set(name, &value).unwrap();
            }
        }
        self
    }

    /// With a link in the site `s`, made that many days ago, that ends in that many days if at all.
    pub(super) fn link(
        mut self,
        id: &str,
        scope: LinkScope,
        kind: LinkType,
        age: i64,
        left: Option<i64>,
    ) -> Self {
        self.links.push(SharingLink {
            id: LinkId::parse(id).unwrap(),
            site: site_id("s"),
            item: ItemPath::parse("/s/a").unwrap(),
            kind,
            scope,
            created_by: EmailAddress::parse("mia@contoso.example").unwrap(),
            creator_may_share: true,
            manager: InvitationManager::Sharing,
            created: NOW.plus(-age * DAY),
            expires: left.map(|days| NOW.plus(days * DAY)),
        });
        self
    }

    pub(super) fn configure(&self, changes: &[Change], shown: &[(&str, &str)]) -> Configured {
        let shown: Vec<_> = shown
            .iter()
            .map(|(place, name)| (scope(place), (*name).to_owned()))
            .collect();
        let clouds = testing::clouds();
        let run = |trace: &mut dyn Trace| {
            configure(
                &self.settings,
                changes,
                &shown,
                &self.links,
                &clouds,
                NOW,
                trace,
            )
        };
        let alone = run(&mut NoTrace);
        assert_eq!(
            alone,
            run(&mut Recorded::default()),
            "a listener changes nothing"
        );
        alone
    }

    pub(super) fn trace(&self, changes: &[Change]) -> Recorded {
        let mut trace = Recorded::default();
        let clouds = testing::clouds();
        configure(
            &self.settings,
            changes,
            &[],
            &self.links,
            &clouds,
            NOW,
            &mut trace,
        );
        trace
    }

    /// What comes of the changes, which must be taken.
    pub(super) fn taken(&self, changes: &[Change]) -> (Settings, Vec<Consequence>) {
        match self.configure(changes, &[]) {
            Configured::Set {
                settings,
                consequences,
            } => (*settings, consequences),
            Configured::Reject(why) => panic!("{why:#?}"),
        }
    }

    /// What comes of the changes but the values in effect, one line each.
    pub(super) fn told(&self, changes: &[Change]) -> Vec<String> {
        self.taken(changes).1.iter().filter_map(spell).collect()
    }

    /// Why the changes are not taken: `place key=value: rule`.
    pub(super) fn rejected(&self, changes: &[Change]) -> Vec<String> {
        match self.configure(changes, &[]) {
            Configured::Reject(why) => why.iter().map(reason).collect(),
            Configured::Set { consequences, .. } => panic!("taken: {consequences:#?}"),
        }
    }

    /// The value in effect and where it comes from: `value (source)`.
    pub(super) fn shown(&self, place: &str, name: &str) -> String {
        let Configured::Set { consequences, .. } = self.configure(&[], &[(place, name)]) else {
            panic!("{place} {name} was not shown");
        };
        let Some(Consequence::Effective { value, source, .. }) = consequences.last() else {
            panic!("{consequences:#?}");
        };
        format!("{value} ({})", source.name())
    }
}

fn place(scope: &Scope) -> &str {
    match scope {
        Scope::Tenant => "tenant",
        Scope::Directory => "directory",
        Scope::Site(site) => site.as_str(),
    }
}

pub(super) fn reason(rejection: &Rejection) -> String {
    let Rejection {
        scope,
        key,
        value,
        rule,
    } = rejection;
    format!("{} {key}={value}: {rule}", place(scope))
}

fn spell(consequence: &Consequence) -> Option<String> {
    Some(match consequence {
        Consequence::Effective { .. } => return None,
        Consequence::Sleeps { scope, key, value } => {
            format!("sleeps {} {key}={value}", place(scope))
        }
        Consequence::Wakes { scope, key, value } => format!("wakes {} {key}={value}", place(scope)),
        Consequence::LinkShortened(link, end) => {
            format!("shortened {link} {}", end.since(NOW) / DAY)
        }
        Consequence::ListDiscarded { key } => format!("discarded {key}"),
        Consequence::Warning {
            scope,
            key,
            message,
        } => format!("warning {} {key} {message}", place(scope)),
    })
}
