//! Settings that are described by tables: each value is read by its row.

use gateway_core::settings::table::{NotTaken, Setting, Standing};
use gateway_core::settings::value::{Kind, Raw};
use gateway_core::settings::{DirectoryPolicy, SiteSharing, TenantSharing};

use crate::source::Scope;
use crate::wire::Given;

/// A struct of settings with its table.
pub(super) trait Table: Default {
    /// The rows.
    const SETTINGS: &'static [Setting];

    /// Takes one value.
    ///
    /// # Errors
    /// [`NotTaken`].
    fn take(&mut self, name: &str, raw: &Raw) -> Result<(), NotTaken>;
}

macro_rules! table {
    ($($name:ident),+) => {
        $(impl Table for $name {
            const SETTINGS: &'static [Setting] = Self::SETTINGS;

            fn take(&mut self, name: &str, raw: &Raw) -> Result<(), NotTaken> {
                self.set(name, raw)
            }
        })+
    };
}

table!(TenantSharing, SiteSharing, DirectoryPolicy);

/// Settings that the rules know and that no request asks for, with the reason.
const IDLE: [(&[&str], &str); 3] = [
    (
        &["RestrictExternalSharingForAgents"],
        "no token says which program is an agent: list those that are in `RestrictExternalSharing`",
    ),
    (
        &[
            "BlockUserInfoVisibilityInOneDrive",
            "BlockUserInfoVisibilityInSharePoint",
            "AllowOverrideForBlockUserInfoVisibility",
            "OverrideBlockUserInfoVisibility",
        ],
        "who else has access is told only to those who may share, and the directory's people to its members",
    ),
    (
        &["RequestAccess", "ODBAccessRequests"],
        "no owner is asked from here: it changes only what the refused are told",
    ),
];

/// Why a setting that the rules know binds nobody yet.
#[must_use]
pub fn idle(name: &str) -> Option<&'static str> {
    let found = IDLE.iter().find(|(names, _)| names.contains(&name));
    found.map(|(_, why)| *why)
}

/// Settings that were read.
pub(super) struct Read<T> {
    /// The settings; those that were not taken are at their defaults.
    pub(super) settings: T,
    /// Whether all were taken. If not, what they are together says nothing.
    pub(super) whole: bool,
}

/// The settings given in the table at `scope`. What is not taken is noted.
pub(super) fn read<T: Table>(scope: &Scope<'_>, given: &Given) -> Read<T> {
    let mut settings = T::default();
    let mut whole = !scope.holds_broken();
    for (name, written) in given {
        let (scope, raw) = (scope.at(name), Raw::from(written));
        let standing = T::SETTINGS.iter().find(|setting| setting.name == name);
        match settings.take(name, &raw) {
            Ok(()) => {
                if let Some(Standing::Ignored(why)) = standing.map(|setting| setting.standing) {
                    scope.warn(format!("does nothing here: {why}"));
                } else if let Some(why) = idle(name) {
                    scope.warn(format!("binds nobody while the gateway runs: {why}"));
                }
            }
            Err(NotTaken::Invalid(message)) => {
                point_out::<T>(&scope, name, &raw, message);
                whole = false;
            }
            Err(refused @ (NotTaken::Unknown | NotTaken::Refused(_))) => {
                scope.error(refused.to_string());
                whole = false;
            }
        }
    }
    Read { settings, whole }
}

/// Notes what is wrong with a value: with those elements of a list that are wrong by themselves, or else with the whole.
fn point_out<T: Table>(scope: &Scope<'_>, name: &str, raw: &Raw, message: String) {
    let mut found = false;
    if let Raw::List(list) = raw {
        for (index, element) in list.iter().enumerate() {
            let alone = Raw::List(vec![element.clone()]);
            if let Err(NotTaken::Invalid(message)) = T::default().take(name, &alone) {
                scope.element(index).error(message);
                found = true;
            }
        }
    }
    if !found {
        scope.error(message);
    }
}

/// Names of settings in `given` that hold groups, with the groups.
pub(super) fn groups<T: Table>(given: &Given) -> impl Iterator<Item = (&str, Vec<String>)> {
    given.iter().filter_map(|(name, written)| {
        let setting = T::SETTINGS.iter().find(|setting| setting.name == name)?;
        // Agents are no groups, although their ids look alike.
        let holds_groups =
            matches!(setting.kind, Kind::Groups { .. }) && name != "RestrictExternalSharing";
        let text = holds_groups.then(|| Raw::from(written).to_string())?;
        let names = text.split([' ', ',']).filter(|name| !name.is_empty());
        Some((name.as_str(), names.map(str::to_owned).collect()))
    })
}
