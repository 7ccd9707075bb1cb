//! A change of settings as it is typed, and the settings after it.

use gateway_core::cloud::Clouds;
use gateway_core::id::SiteId;
use gateway_core::policy::NoTrace;
use gateway_core::policy::configure::{
    Change, Configured, Consequence, Rejection, Scope, Settings, configure, validate,
};
use gateway_core::settings::value::{Kind, Raw};
use gateway_core::settings::{DirectoryPolicy, Profile, SiteSharing, TenantSharing};
use gateway_core::sharing::SharingLink;
use gateway_core::time::UnixTime;

/// One setting as it would be.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    /// As it was typed.
    text: String,
    scope: Scope,
    name: String,
    value: Raw,
}

/// Everything that would change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proposal<'a> {
    pub(super) settings: &'a [Assignment],
    pub(super) profile: Option<Profile>,
}

/// The settings after a change.
#[derive(Debug)]
pub(super) struct After {
    pub(super) settings: Settings,
    pub(super) consequences: Vec<Consequence>,
}

/// Why a change cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the change is refused: {}", list(.0))]
pub(super) struct Rejected(Vec<Rejection>);

fn list(rejections: &[Rejection]) -> String {
    let told = rejections.iter().map(|rejection| {
        let scope = scope_prefix(&rejection.scope);
        format!(
            "`{scope}{}` = `{}` {}",
            rejection.key, rejection.value, rejection.rule
        )
    });
    told.collect::<Vec<_>>().join("; ")
}

/// What stands before a setting's name: nothing for the tenant, `sites.ID.`, `directory.`.
pub(super) fn scope_prefix(scope: &Scope) -> String {
    match scope {
        Scope::Tenant => String::new(),
        Scope::Site(site) => format!("sites.{site}."),
        Scope::Directory => "directory.".to_owned(),
    }
}

impl Assignment {
    /// Reads `[SCOPE.]NAME=VALUE`. The value is read by the kind of the setting; names that no table has are left to the rules.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const WANTED: &str = "NAME=VALUE, sites.ID.NAME=VALUE or directory.NAME=VALUE, such as SharingCapability=Disabled";
        let (place, value) = text.split_once('=').ok_or(WANTED)?;
        let (scope, name) = if let Some(rest) = place.strip_prefix("sites.") {
            let (site, name) = rest.split_once('.').ok_or(WANTED)?;
            let site = SiteId::parse(site).map_err(|error| error.to_string())?;
            (Scope::Site(site), name)
        } else if let Some(name) = place.strip_prefix("directory.") {
            (Scope::Directory, name)
        } else {
            (Scope::Tenant, place)
        };
        let table = match scope {
            Scope::Tenant => TenantSharing::SETTINGS,
            Scope::Site(_) => SiteSharing::SETTINGS,
            Scope::Directory => DirectoryPolicy::SETTINGS,
        };
        let setting = table.iter().find(|setting| setting.name == name);
        let kind = setting
            .map(|setting| setting.kind)
            .ok_or_else(|| format!("`{name}` is no setting there"))?;
        Ok(Self {
            text: text.to_owned(),
            scope,
            name: name.to_owned(),
            value: raw(kind, value),
        })
    }
}

/// What is not of the setting's kind stays a text, and is refused with the setting's own words.
fn raw(kind: Kind, value: &str) -> Raw {
    let text = || Raw::text(value);
    match kind {
        Kind::Flag | Kind::WordOrFlag(_) => match value {
            "true" | "$true" => Raw::Flag(true),
            "false" | "$false" => Raw::Flag(false),
            _ => text(),
        },
        Kind::Number { .. } => value.parse().map_or_else(|_| text(), Raw::Number),
        Kind::Words(_) => Raw::List(
            value
                .split([' ', ','])
                .filter(|word| !word.is_empty())
                .map(Raw::text)
                .collect(),
        ),
        Kind::Word(_)
        | Kind::Domains { .. }
        | Kind::DomainCharacters { .. }
        | Kind::Groups { .. }
        | Kind::Ranges
        | Kind::Addresses
        | Kind::Text => text(),
    }
}

impl Proposal<'_> {
    pub(super) const fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.profile.is_none()
    }

    /// What would change, as it was typed.
    pub(super) fn words(&self) -> Vec<String> {
        let profile = self
            .profile
            .map(|profile| format!("profile={}", profile.name()));
        let settings = self.settings.iter().map(|one| one.text.clone());
        profile.into_iter().chain(settings).collect()
    }

    /// The settings after the change, all of it together.
    pub(super) fn apply(
        &self,
        before: &Settings,
        links: &[SharingLink],
        clouds: &Clouds,
        now: UnixTime,
    ) -> Result<After, Rejected> {
        let mut current = before.clone();
        if let Some(profile) = self.profile {
            current.tenant.profile = profile;
        }
        let changes: Vec<Change> = self
            .settings
            .iter()
            .map(|one| Change::Set {
                scope: one.scope.clone(),
                name: one.name.clone(),
                value: one.value.clone(),
            })
            .collect();
        let configured = configure(&current, &changes, &[], links, clouds, now, &mut NoTrace);
        match configured {
            Configured::Reject(rejections) => Err(Rejected(rejections)),
            Configured::Set {
                settings,
                consequences,
            } => {
                // A profile is no setting of a table: its rules are asked here.
                let broken = validate(&settings, clouds);
                if broken.is_empty() {
                    Ok(After {
                        settings: *settings,
                        consequences,
                    })
                } else {
                    Err(Rejected(broken))
                }
            }
        }
    }
}
