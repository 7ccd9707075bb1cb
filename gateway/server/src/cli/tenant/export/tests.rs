use serde_json::json;

use super::*;

fn check(name: &str, value: impl Into<Value>, want: impl Into<Property>) {
    let value = value.into();
    assert_eq!(property(name, &value), want.into(), "{name} {value}");
}

#[test]
fn numbers_are_the_cmdlets_and_not_the_order_of_openness() {
    for (number, word) in [
        (0, "Disabled"),
        (1, "ExternalUserSharingOnly"),
        (2, "ExternalUserAndGuestSharing"),
        (3, "ExistingExternalUserSharingOnly"),
    ] {
        check(
            "SharingCapability",
            json!(number),
            Property::Setting(json!(word)),
        );
    }
    let unknown = property("SharingCapability", &json!(4));
    assert!(
        matches!(&unknown, Property::Refused(why) if why.starts_with("the number 4 is not known"))
    );
}

#[test]
fn every_number_stands_for_a_word_of_its_setting() {
    for (names, rows) in NUMBERS {
        for name in *names {
            for (number, word) in *rows {
                check(name, json!(number), Property::Setting(json!(word)));
                let mut settings = TenantSharing::default();
                assert!(
                    settings.set(name, &Raw::text(word)).is_ok(),
                    "{name} {word}"
                );
            }
        }
    }
}

#[test]
fn words_and_values_are_taken_as_the_cmdlet_prints_them() {
    check(
        "SharingCapability",
        json!("disabled"),
        Property::Setting(json!("Disabled")),
    );
    check(
        "RequireAnonymousLinksExpireInDays",
        json!(-1),
        Property::Setting(json!(0)),
    );
    check(
        "PreventExternalUsersFromResharing",
        json!("True"),
        Property::Setting(json!(true)),
    );
    check("SharingAllowedDomainList", json!(null), Property::NotSet);
    check("SharingAllowedDomainList", json!(""), Property::NotSet);
    check(
        "WhoCanShareAnonymousAllowList",
        json!([{ "Guid": "a" }, "b"]),
        Property::Setting(json!(["a", "b"])),
    );
    check("StorageQuota", json!(1_048_576), Property::Unknown);
    check(
        "BlockDownloadFileTypePolicy",
        json!(false),
        Property::NotSet,
    );
    assert!(matches!(
        property("BlockDownloadFileTypePolicy", &json!(true)),
        Property::Refused(_)
    ));
    assert!(matches!(
        property("BccExternalSharingInvitations", &json!(true)),
        Property::Ignored(_)
    ));
}

#[test]
fn an_export_is_read_as_powershell_writes_it() {
    let text = r#"{"SharingCapability":1}"#;
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for bytes in [
        text.as_bytes(),
        format!("\u{feff}{text}").as_bytes(),
        format!("[{text}]").as_bytes(),
        &utf16,
    ] {
        assert_eq!(read(bytes).unwrap()["SharingCapability"], 1);
    }
    for wrong in [&b"[]"[..], b"3", b"{", b"\x80", b"[{},{}]"] {
        assert!(read(wrong).is_err(), "{wrong:?}");
    }
}
