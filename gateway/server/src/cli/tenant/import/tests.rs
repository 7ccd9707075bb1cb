use super::*;

/// What `Get-SPOTenant | ConvertTo-Json` prints for a tenant that shares with guests.
const EXPORT: &[u8] = include_bytes!("get-spotenant.json");

#[test]
fn a_whole_export_is_sorted_property_by_property() {
    let properties = export::read(EXPORT).unwrap();
    assert!(properties.len() > 150, "{}", properties.len());
    let report = sorted(&properties, &[]);
    assert!(report.refused.is_empty(), "{:?}", report.refused);
    for (name, value) in [
        ("SharingCapability", json!("ExternalUserSharingOnly")),
        ("OneDriveSharingCapability", json!("Disabled")),
        ("SharingDomainRestrictionMode", json!("BlockList")),
        (
            "SharingBlockedDomainList",
            json!("rival.example other.example"),
        ),
        ("DefaultSharingLinkType", json!("Direct")),
        ("DefaultLinkPermission", json!("View")),
    ] {
        assert_eq!(report.taken.get(name), Some(&value), "{name}");
    }
    assert!(
        report
            .same
            .contains(&"RequireAnonymousLinksExpireInDays".to_owned())
    );
    assert!(report.nothing.contains_key("BccExternalSharingInvitations"));
    assert!(report.weaker.contains_key("ODBAccessRequests"));
    assert!(report.others.contains(&"StorageQuota".to_owned()));
    assert!(report.others.len() > 90, "{}", report.others.len());
}

#[test]
fn what_is_so_already_is_not_changed() {
    let now = [json!({ "name": "SharingCapability", "value": "ExternalUserSharingOnly" })];
    let properties = export::read(br#"{"SharingCapability":1}"#).unwrap();
    let report = sorted(&properties, &now);
    assert!(report.taken.is_empty());
    assert_eq!(report.same, ["SharingCapability"]);
}

#[test]
fn a_list_is_the_same_however_it_is_written() {
    assert!(is_same(&json!(["a", "b"]), &json!("a b")));
    assert!(!is_same(&json!(["a"]), &json!("a b")));
    assert!(!is_same(&json!(1), &json!(true)));
}
