//! The clouds that are shipped, and that they are.

use std::collections::BTreeMap;

use super::world::{homes, kinds};
use crate::cloud::{Cloud, Clouds};
use crate::settings::words::AllowInvitesFrom;
use crate::testing::cloud;

const EVERY_KIND: &[&str] = &[
    "work-school",
    "microsoft-account",
    "google",
    "email-otp",
    "saml",
];

/// The clouds of `config/clouds.toml`.
pub(super) fn shipped() -> Clouds {
    let record = |instance: &str, offered: &[&str], partners: &[&str]| Cloud {
        instance: instance.to_owned(),
        authority: format!("https://login.{instance}"),
        identity_providers: kinds(offered),
        integration_supported: instance == "microsoftonline.com",
        restricted: instance != "microsoftonline.com",
        partner_clouds: homes(partners),
        tenants: crate::cloud::Described::default(),
        consumers: instance == "microsoftonline.com",
        file_requests: true,
        allow_invites_from: AllowInvitesFrom::Everyone,
    };
    let (commercial, government, china) = (
        "microsoftonline.com",
        "microsoftonline.us",
        "partner.microsoftonline.cn",
    );
    let not_saml = &["work-school", "microsoft-account", "google", "email-otp"];
    let all = [
        (
            "worldwide",
            record(
                commercial,
                EVERY_KIND,
                &["gcc-high", "dod", "china-21vianet"],
            ),
        ),
        ("gcc", record(commercial, EVERY_KIND, &["gcc-high", "dod"])),
        (
            "gcc-high",
            record(government, not_saml, &["worldwide", "gcc"]),
        ),
        ("dod", record(government, not_saml, &["worldwide", "gcc"])),
        (
            "china-21vianet",
            record(china, &["work-school", "saml"], &["worldwide"]),
        ),
    ];
    Clouds(
        all.into_iter()
            .map(|(name, record)| (cloud(name), record))
            .collect(),
    )
}

#[test]
fn the_clouds_of_these_tests_are_those_that_are_shipped() {
    let file = include_str!("../../../../../../config/clouds.toml");
    let mut read: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    let mut name = "";
    for line in file.lines() {
        if let Some(table) = line.strip_prefix("[clouds.") {
            name = table.trim_end_matches(']');
            read.insert(name, BTreeMap::new());
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
        {
            read.get_mut(name).unwrap().insert(key, value);
        }
    }
    let built = shipped();
    assert_eq!(
        read.keys().copied().collect::<Vec<_>>(),
        built.0.keys().map(|name| name.as_str()).collect::<Vec<_>>()
    );
    let list = |value: &str| -> Vec<String> {
        let inner = value.trim_matches(['[', ']']);
        let words = inner
            .split(", ")
            .map(|word| word.trim_matches('"').to_owned());
        let mut words: Vec<_> = words.collect();
        words.sort();
        words
    };
    for (name, record) in &built.0 {
        let cloud = &read[name.as_str()];
        let text = |value: &str| format!("\"{value}\"");
        let flag = |value: bool| value.to_string();
        assert_eq!(cloud["instance"], text(&record.instance), "{name}");
        assert_eq!(cloud["authority"], text(&record.authority), "{name}");
        assert_eq!(cloud["restricted"], flag(record.restricted), "{name}");
        assert_eq!(cloud["consumers"], flag(record.consumers), "{name}");
        assert_eq!(
            cloud["integration_supported"],
            flag(record.integration_supported),
            "{name}"
        );
        let offered = record.identity_providers.iter();
        assert_eq!(
            list(cloud["identity_providers"]),
            offered.map(ToString::to_string).collect::<Vec<_>>(),
            "{name}"
        );
        let partners = record.partner_clouds.iter();
        assert_eq!(
            list(cloud["partner_clouds"]),
            partners.map(ToString::to_string).collect::<Vec<_>>(),
            "{name}"
        );
    }
}
