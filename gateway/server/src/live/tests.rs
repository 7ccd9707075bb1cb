//! What is stored lies over what is declared, and never loosens it.

use std::collections::BTreeSet;

use gateway_core::address::EmailAddress;
use gateway_core::id::SiteId;
use gateway_core::policy::configure::Scope;
use gateway_core::settings::words::SharingCapability;
use serde_json::json;

use super::*;
use crate::clock;
use crate::tests::support::{configuration_of_tests, email, tenant};

fn stored(scope: SettingScope, name: &str, value: Value) -> StoredSetting {
    StoredSetting {
        scope,
        name: name.to_owned(),
        value,
    }
}

fn declared(names: &[(Scope, &str)]) -> Arc<Configuration> {
    let mut configuration = configuration_of_tests();
    for tenant in configuration.tenants.values_mut() {
        let names = names.iter();
        tenant.declared = names
            .map(|(scope, name)| (scope.clone(), (*name).to_owned()))
            .collect();
    }
    Arc::new(configuration)
}

fn with(declared: &Arc<Configuration>, rows: TenantSettingsRows) -> Tenant {
    let rows = Arc::new(rows);
    let laid = laid_over(declared, |_| Arc::clone(&rows), clock::now());
    laid.tenants[&tenant()].clone()
}

fn with_settings(declared: &Arc<Configuration>, settings: Vec<StoredSetting>) -> Tenant {
    with(
        declared,
        TenantSettingsRows {
            settings,
            ..TenantSettingsRows::default()
        },
    )
}

const CAPABILITY: &str = "SharingCapability";

fn capability(word: &str) -> StoredSetting {
    stored(SettingScope::Tenant, CAPABILITY, json!(word))
}

#[test]
fn where_nothing_is_stored_the_declared_one_counts_itself() {
    let declared = declared(&[]);
    let laid = laid_over(&declared, |_| Arc::default(), clock::now());
    assert!(Arc::ptr_eq(&declared, &laid));
}

#[test]
fn what_is_not_declared_is_as_it_was_stored() {
    let open = declared(&[]);
    let claim = stored(SettingScope::Tenant, "ShowEveryoneClaim", json!(true));
    assert!(
        with_settings(&open, vec![claim])
            .settings
            .sharing
            .everyone_claim
    );
}

#[test]
fn sec_118_what_is_declared_is_tightened_and_never_loosened() {
    let here = declared(&[
        (Scope::Tenant, CAPABILITY),
        (Scope::Tenant, "ShowEveryoneClaim"),
    ]);
    let claim = stored(SettingScope::Tenant, "ShowEveryoneClaim", json!(true));
    let after = with_settings(&here, vec![claim, capability("Disabled")]);
    let sharing = &after.settings.sharing;
    assert!(!sharing.everyone_claim);
    assert_eq!(sharing.capability, SharingCapability::Disabled);
    let mut low = Configuration::clone(&here);
    for tenant in low.tenants.values_mut() {
        tenant.settings.sharing.capability = SharingCapability::Disabled;
    }
    let low = Arc::new(low);
    let after = with_settings(&low, vec![capability("ExternalUserSharingOnly")]);
    assert_eq!(
        after.settings.sharing.capability,
        SharingCapability::Disabled
    );
}

#[test]
fn sec_118_what_tightens_counts_whatever_else_is_wrong() {
    let here = declared(&[]);
    let site = SiteId::parse("projects").unwrap();
    let lists = [
        stored(
            SettingScope::Directory,
            "AllowedDomains",
            json!(["a.example"]),
        ),
        stored(
            SettingScope::Directory,
            "BlockedDomains",
            json!(["b.example"]),
        ),
    ];
    let wrong = [
        stored(SettingScope::Tenant, "Nonsense", json!(true)),
        stored(SettingScope::Tenant, CAPABILITY, json!({"a": 1})),
        stored(
            SettingScope::Site(SiteId::parse("gone").unwrap()),
            "LockState",
            json!("NoAccess"),
        ),
    ];
    let lock = stored(
        SettingScope::Site(site.clone()),
        "LockState",
        json!("ReadOnly"),
    );
    let mut all = vec![lock, capability("ExternalUserSharingOnly")];
    all.extend(wrong);
    all.extend(lists);
    let after = with_settings(&here, all);
    assert_eq!(
        after.settings.sharing.capability,
        SharingCapability::ExternalUserSharingOnly
    );
    let lock = after.sites[&site].settings.sharing.get("LockState");
    assert_eq!(lock, Some(Raw::text("ReadOnly")));
    // A list that tightens is kept; the two that do not go together are not both taken.
    let policy = &after.settings.directory.policy;
    assert!(policy.blocked_domains.is_some() || policy.allowed_domains.is_some());
}

#[test]
fn stored_groups_stand_beside_declared_ones() {
    let here = declared(&[]);
    let id = |name: &str| GroupId::parse(name).unwrap();
    let entry = |name: &str, people: &[EmailAddress], groups: &[&str]| GroupEntry {
        id: id(name),
        display_name: name.to_owned(),
        group: Group {
            people: people.iter().cloned().collect::<BTreeSet<_>>(),
            groups: groups.iter().map(|name| id(name)).collect(),
        },
        declared: false,
        version: 0,
    };
    let ada = email("ada@fabrikam.example");
    let groups = vec![
        entry("outer", &[], &["inner", "gone"]),
        entry("inner", std::slice::from_ref(&ada), &[]),
    ];
    let after = with(
        &here,
        TenantSettingsRows {
            groups,
            ..TenantSettingsRows::default()
        },
    );
    let of = after.groups.of(&ada);
    assert!(
        of.contains(&id("outer")) && of.contains(&id("inner")),
        "{of:?}"
    );
}

#[test]
fn the_copy_of_the_directorys_policy_is_taken_with_every_change() {
    let declared = declared(&[]);
    let sync = stored(
        SettingScope::Tenant,
        "SyncAadB2BManagementPolicy",
        json!(true),
    );
    let nobody = stored(SettingScope::Directory, "allowInvitesFrom", json!("none"));
    let copy = |settings| with_settings(&declared, settings).settings.directory.copy;
    assert_eq!(
        copy(vec![nobody.clone()]),
        None,
        "only where it is switched on"
    );
    let first = copy(vec![sync.clone()]).unwrap();
    assert_eq!(first.policy.allow_invites_from, None);
    let second = copy(vec![sync, nobody]).unwrap();
    let none = gateway_core::settings::words::AllowInvitesFrom::None;
    assert_eq!(second.policy.allow_invites_from, Some(none));
    assert!(second.taken >= first.taken);
}

#[test]
fn what_was_given_up_signs_nobody_in() {
    let declared = declared(&[]);
    let document = |collection: &str, key: &str| gateway_store::model::Document {
        collection: collection.to_owned(),
        key: key.to_owned(),
        body: json!({}),
        version: 1,
    };
    let rows = TenantSettingsRows {
        documents: vec![
            document("identityProviders/givenUp", "google"),
            document("identityProviders", "microsoft-account"),
        ],
        ..TenantSettingsRows::default()
    };
    let given_up = with(&declared, rows).settings.directory.given_up;
    let kinds: Vec<&str> = given_up.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds, ["google"]);
}
