use std::collections::BTreeSet;

use crate::settings::table::{NotTaken, Setting, Standing};
use crate::settings::value::{Kind, Raw};
use crate::settings::{DirectoryPolicy, SiteSharing, TenantSharing};

/// The three tables, so that what holds for one is asked of all.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tables(TenantSharing, SiteSharing, DirectoryPolicy);

impl Tables {
    const ALL: [&'static [Setting]; 3] = [
        TenantSharing::SETTINGS,
        SiteSharing::SETTINGS,
        DirectoryPolicy::SETTINGS,
    ];

    fn set(&mut self, table: usize, name: &str, raw: &Raw) -> Result<(), NotTaken> {
        match table {
            0 => self.0.set(name, raw),
            1 => self.1.set(name, raw),
            _ => self.2.set(name, raw),
        }
    }

    fn clear(&mut self, table: usize, name: &str) -> Result<(), NotTaken> {
        match table {
            0 => self.0.clear(name),
            1 => self.1.clear(name),
            _ => self.2.clear(name),
        }
    }

    fn get(&self, table: usize, name: &str) -> Option<Raw> {
        match table {
            0 => self.0.get(name),
            1 => self.1.get(name),
            _ => self.2.get(name),
        }
    }
}

fn all() -> impl Iterator<Item = (usize, &'static Setting)> {
    let tables = Tables::ALL.into_iter().enumerate();
    tables.flat_map(|(table, settings)| settings.iter().map(move |setting| (table, setting)))
}

/// A value that the setting has, and that is not its default.
fn other(setting: &Setting) -> Raw {
    let default = (setting.default)();
    let candidates = match setting.kind {
        Kind::Flag => vec![Raw::Flag(true), Raw::Flag(false)],
        Kind::Word(words) | Kind::WordOrFlag(words) => {
            words.iter().map(|word| Raw::text(word)).collect()
        }
        Kind::Words(words) => vec![Raw::List(vec![Raw::text(words[1])])],
        Kind::Number { least, most, .. } => {
            vec![Raw::Number(least.into()), Raw::Number(most.into())]
        }
        Kind::Domains { .. } | Kind::DomainCharacters { .. } => {
            vec![Raw::List(vec![Raw::text("contoso.com")])]
        }
        Kind::Groups { .. } => vec![Raw::List(vec![Raw::text("g1")])],
        Kind::Ranges => vec![Raw::List(vec![Raw::text("192.0.2.0/24")])],
        Kind::Addresses => vec![Raw::List(vec![Raw::text("ada@contoso.com")])],
        Kind::Text => vec![Raw::text("some text")],
    };
    let mut differing = candidates.into_iter().filter(|raw| *raw != default);
    differing.next().unwrap()
}

#[test]
fn every_setting_is_explained_in_one_line() {
    let mut names = BTreeSet::new();
    for (table, setting) in all() {
        let name = setting.name;
        assert!(names.insert((table, name)), "{name} is there twice");
        let doc = setting.doc.trim();
        assert!(doc.ends_with('.') && !doc.contains('\n'), "{name}: {doc}");
        assert!(doc.chars().count() > 15, "{name}: {doc}");
        // Who reads one line has not read the line above it.
        assert!(!doc.starts_with("The same"), "{name}: {doc}");
        match setting.standing {
            Standing::Enforced => {}
            Standing::Ignored(why) | Standing::Refused(why) => {
                assert!(
                    why.chars().count() > 15 && !why.ends_with('.'),
                    "{name}: {why}"
                );
            }
        }
    }
}

#[test]
fn what_was_set_is_what_is_got_until_it_is_cleared() {
    for (table, setting) in all() {
        let (mut tables, raw) = (Tables::default(), other(setting));
        let name = setting.name;
        let taken = tables.set(table, name, &raw);
        if let Standing::Refused(why) = setting.standing {
            assert_eq!(taken, Err(NotTaken::Refused(why)), "{name}");
            assert_eq!(tables, Tables::default(), "{name}");
            continue;
        }
        assert_eq!(taken, Ok(()), "{name}");
        assert_eq!(tables.get(table, name), Some(raw), "{name}");
        assert_ne!(tables, Tables::default(), "{name}");
        assert_eq!(tables.clear(table, name), Ok(()), "{name}");
        assert_eq!(tables, Tables::default(), "{name}");
    }
}

#[test]
fn every_default_is_a_value_of_its_setting() {
    for (table, setting) in all() {
        let mut tables = Tables::default();
        let default = (setting.default)();
        assert_eq!(tables.get(table, setting.name), Some(default.clone()));
        // An empty text stands for a setting that was left out.
        if default == Raw::text("") || matches!(setting.standing, Standing::Refused(_)) {
            continue;
        }
        assert_eq!(tables.set(table, setting.name, &default), Ok(()));
        assert_eq!(tables, Tables::default(), "{}", setting.name);
    }
}

#[test]
fn a_value_of_another_type_changes_nothing() {
    let wrong = |kind: Kind| match kind {
        Kind::Flag => vec![Raw::text("true"), Raw::Number(1), Raw::List(vec![])],
        Kind::Word(_) => vec![
            Raw::Flag(true),
            Raw::Number(0),
            Raw::List(vec![]),
            Raw::text(""),
        ],
        Kind::WordOrFlag(_) => vec![Raw::Number(0), Raw::List(vec![]), Raw::text("true")],
        Kind::Words(words) => vec![
            Raw::text(words[0]),
            Raw::List(vec![Raw::text("nobody")]),
            Raw::List(vec![Raw::text(words[0]), Raw::text(words[0])]),
        ],
        Kind::Number { .. } => vec![Raw::text("30"), Raw::Flag(true), Raw::Number(-1)],
        Kind::Domains { .. } | Kind::DomainCharacters { .. } | Kind::Addresses => vec![
            Raw::Flag(true),
            Raw::Number(1),
            Raw::List(vec![Raw::Number(1)]),
            Raw::text("not a domain"),
        ],
        Kind::Groups { .. } => vec![Raw::Flag(true), Raw::Number(1), Raw::text("Ä")],
        Kind::Ranges => vec![Raw::Flag(true), Raw::Number(1), Raw::text("everywhere")],
        Kind::Text => vec![Raw::Flag(true), Raw::Number(1), Raw::text("two\nlines")],
    };
    for (table, setting) in all() {
        for raw in wrong(setting.kind) {
            let mut tables = Tables::default();
            let taken = tables.set(table, setting.name, &raw);
            match setting.standing {
                Standing::Refused(why) => assert_eq!(taken, Err(NotTaken::Refused(why))),
                Standing::Enforced | Standing::Ignored(_) => {
                    assert!(
                        matches!(taken, Err(NotTaken::Invalid(_))),
                        "{}: {raw:?}",
                        setting.name
                    );
                }
            }
            assert_eq!(tables, Tables::default(), "{}: {raw:?}", setting.name);
        }
    }
}

#[test]
fn names_are_spelled_exactly() {
    let mut tables = Tables::default();
    for name in ["sharingCapability", "SharingCapability ", "", "profile"] {
        let raw = Raw::text("Disabled");
        assert_eq!(tables.set(0, name, &raw), Err(NotTaken::Unknown), "{name}");
        assert_eq!(tables.clear(0, name), Err(NotTaken::Unknown), "{name}");
        assert_eq!(tables.get(0, name), None, "{name}");
    }
}

/// The documented defaults, written out, so that no slip in a table goes unseen.
#[test]
fn defaults_are_the_documented_ones() {
    let documented = [
        (
            0,
            "SharingCapability",
            Raw::text("ExternalUserAndGuestSharing"),
        ),
        (0, "SharingDomainRestrictionMode", Raw::text("None")),
        (
            0,
            "RequireAcceptingAccountMatchInvitedAccount",
            Raw::Flag(false),
        ),
        (0, "PreventExternalUsersFromResharing", Raw::Flag(false)),
        (
            0,
            "AllowGuestUserShareToUsersNotInSiteCollection",
            Raw::Flag(false),
        ),
        (0, "ODBMembersCanShare", Raw::text("Unspecified")),
        (0, "ODBAccessRequests", Raw::text("Unspecified")),
        (0, "BccExternalSharingInvitations", Raw::Flag(false)),
        (0, "DefaultSharingLinkType", Raw::text("AnonymousAccess")),
        (0, "DefaultLinkPermission", Raw::text("Edit")),
        (0, "CoreDefaultShareLinkScope", Raw::text("Uninitialized")),
        (
            0,
            "OneDriveDefaultShareLinkScope",
            Raw::text("Uninitialized"),
        ),
        (0, "CoreDefaultLinkToExistingAccess", Raw::Flag(false)),
        (0, "FileAnonymousLinkType", Raw::text("Edit")),
        (0, "FolderAnonymousLinkType", Raw::text("Edit")),
        (0, "RequireAnonymousLinksExpireInDays", Raw::Number(0)),
        (0, "ExternalUserExpirationRequired", Raw::Flag(false)),
        (
            0,
            "MarkNewFilesSensitiveByDefault",
            Raw::text("AllowExternalSharing"),
        ),
        (0, "ConditionalAccessPolicy", Raw::text("AllowFullAccess")),
        (0, "AllowEditing", Raw::Flag(true)),
        (0, "LimitedAccessFileType", Raw::text("WebPreviewableFiles")),
        (0, "IPAddressEnforcement", Raw::Flag(false)),
        (0, "ReduceTempTokenLifetimeEnabled", Raw::Flag(false)),
        (0, "ReduceTempTokenLifetimeValue", Raw::Number(15)),
        (0, "EnableRestrictedAccessControl", Raw::Flag(false)),
        (
            0,
            "AllowSharingOutsideRestrictedAccessControlGroups",
            Raw::Flag(true),
        ),
        (0, "LegacyAuthProtocolsEnabled", Raw::Flag(true)),
        (0, "ShowEveryoneClaim", Raw::Flag(false)),
        (0, "ShowEveryoneExceptExternalUsersClaim", Raw::Flag(true)),
        (
            0,
            "ShowPeoplePickerSuggestionsForGuestUsers",
            Raw::Flag(false),
        ),
        (0, "SearchResolveExactEmailOrUPN", Raw::Flag(false)),
        (
            0,
            "BlockUserInfoVisibilityInOneDrive",
            Raw::text("ApplyToGuestAndExternalUsers"),
        ),
        (
            0,
            "BlockUserInfoVisibilityInSharePoint",
            Raw::text("ApplyToNoUsers"),
        ),
        (
            0,
            "AllowOverrideForBlockUserInfoVisibility",
            Raw::Flag(false),
        ),
        (1, "OverrideSharingCapability", Raw::Flag(false)),
        (1, "DefaultMainLinkScope", Raw::text("OnlyPeopleAdded")),
        (
            1,
            "DisableCompanyWideSharingLinks",
            Raw::text("NotDisabled"),
        ),
        (1, "LockState", Raw::text("Unlock")),
        (
            2,
            "guestUserRoleId",
            Raw::text("10dae51f-b6af-4016-8d66-8c2a99b929b3"),
        ),
        (
            2,
            "fallbackIdentityProvider",
            Raw::text("defaultConfiguredIdp"),
        ),
        (
            2,
            "primaryIdentityProviderPrecedenceOrder",
            Raw::List(vec![
                Raw::text("azureActiveDirectory"),
                Raw::text("externalFederation"),
                Raw::text("socialIdentityProviders"),
            ]),
        ),
    ];
    for (table, name, default) in documented {
        assert_eq!(Tables::default().get(table, name), Some(default), "{name}");
    }
}
