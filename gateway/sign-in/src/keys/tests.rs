use std::fs;
use std::os::unix::fs::PermissionsExt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::*;
use crate::text;

const NOW: UnixTime = UnixTime(1_800_000_000);

fn folder() -> (tempfile::TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("keys");
    (temporary, path)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn keys_are_made_once_and_for_their_owner_only() {
    let (_temporary, path) = folder();
    let first = Keyring::open(&path, NOW).unwrap().jwks();
    assert_eq!(mode(&path), 0o700);
    let files: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
    assert_eq!(Keyring::open(&path, NOW).unwrap().jwks(), first);
}

#[test]
fn what_others_may_read_is_refused() {
    let (_temporary, path) = folder();
    drop(Keyring::open(&path, NOW).unwrap());
    set_mode(&path, 0o750);
    assert!(matches!(
        Keyring::open(&path, NOW),
        Err(KeysUnusable::TooOpen { wanted: 0o700, .. })
    ));
    set_mode(&path, 0o700);
    for entry in fs::read_dir(&path).unwrap() {
        let file = entry.unwrap().path();
        set_mode(&file, 0o604);
        let refused = Keyring::open(&path, NOW).unwrap_err();
        assert!(
            matches!(&refused, KeysUnusable::TooOpen { path, .. } if *path == file),
            "{refused}"
        );
        set_mode(&file, 0o600);
    }
    assert!(Keyring::open(&path, NOW).is_ok());
}

#[test]
fn a_link_or_a_torn_file_is_no_key() {
    let (_temporary, path) = folder();
    drop(Keyring::open(&path, NOW).unwrap());
    let root = path.join("root.key");
    let content = fs::read(&root).unwrap();
    fs::write(&root, &content[..31]).unwrap();
    assert!(matches!(
        Keyring::open(&path, NOW),
        Err(KeysUnusable::Malformed { .. })
    ));
    fs::remove_file(&root).unwrap();
    let elsewhere = path.join("elsewhere");
    fs::write(&elsewhere, content).unwrap();
    set_mode(&elsewhere, 0o600);
    std::os::unix::fs::symlink(&elsewhere, &root).unwrap();
    assert!(matches!(
        Keyring::open(&path, NOW),
        Err(KeysUnusable::Malformed { .. })
    ));
}

#[test]
fn a_rotation_seals_with_the_new_key_and_opens_with_the_old() {
    let (_temporary, path) = folder();
    let keys = Keyring::open(&path, NOW).unwrap();
    let before = keys.seal("test", "host", b"text").unwrap();
    Keyring::rotate(&path, NOW.plus(10)).unwrap();
    keys.reload().unwrap();
    let after = keys.seal("test", "host", b"text").unwrap();
    let name = |sealed: &str| text::decode(sealed).unwrap()[..4].to_vec();
    assert_ne!(name(&before), name(&after));
    assert_eq!(keys.unseal("test", "host", &before).unwrap(), b"text");
    assert_eq!(keys.unseal("test", "host", &after).unwrap(), b"text");
    let published: serde_json::Value = serde_json::from_str(&keys.jwks()).unwrap();
    assert_eq!(published["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn a_key_goes_when_its_successor_is_older_than_the_overlap() {
    let (_temporary, path) = folder();
    let keys = Keyring::open(&path, NOW).unwrap();
    let old = keys.seal("test", "host", b"text").unwrap();
    Keyring::rotate(&path, NOW.plus(1)).unwrap();
    Keyring::rotate(&path, NOW.plus(1 + OVERLAP)).unwrap();
    keys.reload().unwrap();
    assert!(
        keys.unseal("test", "host", &old).is_some(),
        "still within the overlap"
    );
    Keyring::rotate(&path, NOW.plus(2 + OVERLAP)).unwrap();
    keys.reload().unwrap();
    assert_eq!(keys.unseal("test", "host", &old), None);
}

#[test]
fn instance_keys_differ_by_provider_and_survive_rotation() {
    let (_temporary, path) = folder();
    let keys = Keyring::open(&path, NOW).unwrap();
    let id = |text| ProviderId::parse(text).unwrap();
    let first = keys.instance_key(&id("passcode"));
    assert_ne!(first, [0; 32]);
    assert_ne!(first, keys.instance_key(&id("google")));
    Keyring::rotate(&path, NOW.plus(1)).unwrap();
    assert_eq!(
        Keyring::open(&path, NOW.plus(2))
            .unwrap()
            .instance_key(&id("passcode")),
        first
    );
}

#[test]
fn a_signed_token_verifies_with_the_published_key_of_its_kid() {
    let (_temporary, path) = folder();
    let keys = Keyring::open(&path, NOW).unwrap();
    let token = keys.sign(&serde_json::json!({ "sub": "x" })).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let header: serde_json::Value =
        serde_json::from_slice(&text::decode(parts[0]).unwrap()).unwrap();
    let published: serde_json::Value = serde_json::from_str(&keys.jwks()).unwrap();
    let jwk = &published["keys"][0];
    assert_eq!(header["alg"], "ES256");
    assert_eq!(header["kid"], jwk["kid"]);
    let coordinate = |name: &str| text::decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    let signed = format!("{}.{}", parts[0], parts[1]);
    key.verify(signed.as_bytes(), &text::decode(parts[2]).unwrap())
        .unwrap();
    assert!(jwk.get("d").is_none(), "only the public half is published");
}

#[test]
fn the_kid_is_the_thumbprint_of_rfc_7638() {
    let (_temporary, path) = folder();
    let published: serde_json::Value =
        serde_json::from_str(&Keyring::open(&path, NOW).unwrap().jwks()).unwrap();
    let jwk = &published["keys"][0];
    let canonical = format!(
        r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
        jwk["x"], jwk["y"]
    );
    assert_eq!(
        jwk["kid"].as_str().unwrap(),
        text::encode(&text::sha256(canonical.as_bytes()))
    );
}

#[test]
fn sec_118_an_assertion_is_no_operators_token_nor_the_other_way_round() {
    let (_temporary, path) = folder();
    let keys = Keyring::open(&path, NOW).unwrap();
    let claims =
        serde_json::json!({ "aud": "https://gateway.example", "scp": "Vestibule.ReadWrite.All" });
    let operator = keys.sign_operator_token(&claims).unwrap();
    let assertion = keys.sign(&claims).unwrap();
    assert_eq!(keys.operator_token(&operator), Some(claims));
    assert_eq!(keys.operator_token(&assertion), None);
    let header = |token: &str| {
        let bytes = text::decode(token.split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["typ"].clone()
    };
    assert_eq!(header(&operator), "vestibule-operator+jwt");
    assert_eq!(header(&assertion), "JWT");
}

#[test]
fn sec_118_an_operators_token_is_one_that_a_key_here_signed() {
    let (_temporary, path) = folder();
    let (_other, elsewhere) = folder();
    let keys = Keyring::open(&path, NOW).unwrap();
    let claims = serde_json::json!({ "scp": "a" });
    let token = keys.sign_operator_token(&claims).unwrap();
    let stranger = Keyring::open(&elsewhere, NOW).unwrap();
    assert_eq!(stranger.operator_token(&token), None);
    let parts: Vec<&str> = token.split('.').collect();
    let header = |text: &str| text::encode(text.as_bytes());
    let kid =
        serde_json::from_slice::<serde_json::Value>(&text::decode(parts[0]).unwrap()).unwrap();
    let kid = kid["kid"].as_str().unwrap();
    let none = header(&format!(
        r#"{{"alg":"none","kid":"{kid}","typ":"vestibule-operator+jwt"}}"#
    ));
    let critical = header(&format!(
        r#"{{"alg":"ES256","kid":"{kid}","typ":"vestibule-operator+jwt","crit":["x"]}}"#
    ));
    for forged in [
        format!("{}.{}.{}", parts[0], header(r#"{"scp":"b"}"#), parts[2]),
        format!("{none}.{}.", parts[1]),
        format!("{critical}.{}.{}", parts[1], parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{token}="),
        String::new(),
    ] {
        assert_eq!(keys.operator_token(&forged), None, "{forged}");
    }
    Keyring::rotate(&path, NOW.plus(1)).unwrap();
    keys.reload().unwrap();
    assert!(
        keys.operator_token(&token).is_some(),
        "the old key is still there"
    );
}

#[test]
fn sec_118_what_is_sealed_for_one_purpose_of_the_api_opens_for_no_other() {
    let (_temporary, path) = folder();
    let keys = Keyring::open(&path, NOW).unwrap();
    let sealed = keys.seal_for_api("link", b"token").unwrap();
    assert_eq!(
        keys.open_for_api("link", &sealed).as_deref(),
        Some(&b"token"[..])
    );
    assert_eq!(keys.open_for_api("ticket", &sealed), None);
    assert_eq!(keys.unseal("link", "", &sealed), None);
}
