//! Secrets are named, closed, and never shown.

use crate::support::{GATEWAY, World};

/// Stands for a secret: it must be in no output.
const CANARY: &str = "canary-7f3a";

/// Checks the problems, and that neither they nor anything printable of the configuration holds the canary.
#[track_caller]
fn check(world: &World, want: &[&str]) {
    assert_eq!(world.lines(), want);
    let printed = match world.load() {
        Ok(loaded) => format!("{loaded:?}"),
        Err(problems) => format!("{problems:?}"),
    };
    assert!(!printed.contains(CANARY), "{printed}");
}

fn setting(world: &World, key: &str) -> serde_json::Value {
    let provider = world
        .loaded()
        .configuration
        .providers
        .into_values()
        .next()
        .unwrap();
    provider
        .settings
        .0
        .pointer(key)
        .cloned()
        .unwrap_or_default()
}

#[test]
fn references_are_resolved_wherever_they_stand() {
    let world = World::new()
        .provider("[settings]\nclient_secret = { file = \"secret\" }\n[settings.nested]\nlist = [{ env = \"TOKEN\" }, \"open\"]\n")
        .file("own/providers/secret", &format!("{CANARY}\n"))
        .variable("TOKEN", CANARY);
    check(&world, &[]);
    assert_eq!(
        setting(&world, "/client_secret"),
        CANARY,
        "without the newline at its end"
    );
    assert_eq!(setting(&world, "/nested/list/0"), CANARY);
    assert_eq!(setting(&world, "/nested/list/1"), "open");
}

#[test]
fn only_one_newline_is_cut() {
    let check = |content: &str, want: &str| {
        let world = World::new()
            .provider("[settings]\na = { file = \"s\" }\n")
            .file("own/providers/s", content);
        assert_eq!(setting(&world, "/a"), want);
    };
    check("x", "x");
    check("x\n", "x");
    check("x\r\n", "x");
    check("x\n\n", "x\n");
    check(" x ", " x ");
}

#[test]
fn a_table_with_other_keys_is_no_reference() {
    let world =
        World::new().provider("[settings.a]\nfile = \"x\"\nmode = \"y\"\n[settings.b]\nfile = 7\n");
    check(&world, &[]);
    assert_eq!(setting(&world, "/a/file"), "x");
    assert_eq!(setting(&world, "/b/file"), 7);
}

#[test]
fn secrets_in_the_open_are_refused() {
    let text = format!(
        "[settings]\nclient_secret = \"{CANARY}\"\nPassword = \"{CANARY}\"\nsigning_keys = [\"open\"]\n[settings.a]\nprivate_key = [\"{CANARY}\"]\n"
    );
    check(
        &World::new().provider(&text),
        &[
            "own/providers/openid.toml:7:1: settings.client_secret: secrets are given by reference: `{ file = \"…\" }` or `{ env = \"…\" }`",
            "own/providers/openid.toml:8:1: settings.Password: secrets are given by reference: `{ file = \"…\" }` or `{ env = \"…\" }`",
            "own/providers/openid.toml:11:16: settings.a.private_key.0: secrets are given by reference: `{ file = \"…\" }` or `{ env = \"…\" }`",
        ],
    );
    let mail = format!(
        "[mail]\nhost = \"localhost\"\nport = 25\nsecurity = \"none\"\nfrom = \"a@b.example\"\nfrom_name = \"A\"\nusername = \"u\"\npassword = \"{CANARY}\"\n"
    );
    check(
        &World::new().gateway(&mail),
        &[
            "own/default.toml:14:1: mail.password: secrets are given by reference: `{ file = \"…\" }` or `{ env = \"…\" }`",
        ],
    );
    check(
        &World::new()
            .gateway(&mail.replace(&format!("\"{CANARY}\""), "{ env = \"A\" }"))
            .variable("A", "x")
            .variable("VESTIBULE__MAIL__PASSWORD", CANARY),
        &[
            "variable VESTIBULE__MAIL__PASSWORD: mail.password: secrets are given by reference: `{ file = \"…\" }` or `{ env = \"…\" }`",
        ],
    );
}

#[test]
fn a_secret_that_is_not_there_is_named_by_its_reference() {
    let world = World::new()
        .provider("[settings]\na = { file = \"gone\" }\nb = { env = \"GONE\" }\nc = { env = \"EMPTY\" }\nd = { file = \"empty\" }\ne = { file = \"a\", env = \"b\" }\n")
        .file("own/providers/empty", "\n")
        .variable("EMPTY", "");
    check(
        &world,
        &[
            "own/providers/openid.toml:7:7: settings.a.file: `own/providers/gone` cannot be opened: No such file or directory (os error 2)",
            "own/providers/openid.toml:8:7: settings.b.env: the environment variable `GONE` is not set",
            "own/providers/openid.toml:9:7: settings.c.env: the environment variable `EMPTY` is not set",
            "own/providers/openid.toml:10:7: settings.d.file: `own/providers/empty` is empty",
            "own/providers/openid.toml:11:1: settings.e: must hold exactly one of `file` and `env`",
        ],
    );
}

#[test]
fn a_secret_is_in_a_regular_file() {
    let world = World::new()
        .provider("[settings]\na = { file = \"folder\" }\n")
        .file("own/providers/folder/x", CANARY);
    check(
        &world,
        &[
            "own/providers/openid.toml:7:7: settings.a.file: `own/providers/folder` is not a regular file",
        ],
    );
}

#[test]
fn a_secret_that_is_open_to_others_is_refused() {
    for mode in [0o640, 0o604, 0o660] {
        let world = World::new()
            .provider("[settings]\na = { file = \"s\" }\n")
            .file("own/providers/s", CANARY)
            .mode("own/providers/s", mode);
        check(
            &world,
            &[
                "own/providers/openid.toml:7:7: settings.a.file: `own/providers/s` is open to others: run `chmod go= own/providers/s`",
            ],
        );
    }
}

#[test]
fn sec_202_nothing_that_is_wrong_shows_a_secret_in_the_wrong_place() {
    let world = World::new()
        .gateway(&format!("[limits]\nconnections = \"{CANARY}\"\n[mail]\nsecurity = \"{CANARY}\"\nport = \"{CANARY}\"\n[listen.operations]\naddress = \"{CANARY}\"\n"))
        .provider(&format!("order = \"{CANARY}\"\n[settings]\nclient_secret = 'x' \"{CANARY}\"\n"))
        .variable("VESTIBULE__LIMITS__HEADER_BYTES", CANARY)
        .variable("VESTIBULE__SESSIONS__IDLE", CANARY);
    assert!(!GATEWAY.contains(CANARY));
    let printed = format!("{:?}", world.load().unwrap_err());
    assert!(
        printed.contains("not TOML") && printed.contains("connections"),
        "{printed}"
    );
    assert!(!printed.contains(CANARY), "{printed}");
}

#[test]
fn a_broken_line_that_holds_a_secret_is_not_quoted() {
    let world = World::new().provider(&format!("[settings]\nclient_secret = \"{CANARY}\n"));
    let printed = format!(
        "{:?} {}",
        world.load().unwrap_err(),
        world.lines().join("\n")
    );
    assert!(printed.contains("openid.toml:7:"), "{printed}");
    assert!(!printed.contains(CANARY), "{printed}");
}
