//! `plugin check`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use tests::{Outcome, ensure, plugins, says};

use crate::operator::{FABRIKAM, Operator};

const CHECK: [&str; 2] = ["plugin", "check"];

#[tokio::test]
async fn a_library_is_described_once_somebody_says_that_it_is_the_one_meant() -> Outcome {
    let operator = Operator::new()?;
    let (library, root) = (operator.library(), operator.text("plugins"));
    let hash = plugins::sha256(library.as_ref())?;
    let named = [CHECK[0], CHECK[1], &library, "--trust-root", &root];
    let unknown = operator.run(&named).await?.with(1)?;
    unknown.says(&["refused", "sha256", &hash])?;
    unknown.says(&["skipped", "load", "none of its code was run"])?;
    let known = operator
        .run(&[&named[..], &["--sha256", &hash]].concat())
        .await?
        .with(0)?;
    known.says(&["kind", "openid"])?;
    known.says(&["issuer", "required"])?;
    known.says(&["client_secret"])?;
    let json = operator
        .run(&[&named[..], &["--sha256", &hash, "--json"]].concat())
        .await?
        .with(0)?;
    let json: Value = serde_json::from_str(&json.out)?;
    ensure!(says(&json, "sha256") == hash, "{json}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_plugin_or_not_the_one_meant_is_refused() -> Outcome {
    let operator = Operator::new()?;
    let root = operator.text("plugins");
    let check = async |file: &str, more: &[&str], parts: &[&str]| -> Outcome {
        let named = [CHECK[0], CHECK[1], file, "--trust-root", &root];
        let refused = operator.run(&[&named[..], more].concat()).await?.with(1)?;
        refused.says(&[&["refused"], parts].concat())?;
        Ok(())
    };
    let text = operator.text("plugins/text.so");
    fs::write(&text, "not a library")?;
    let hash = plugins::sha256(text.as_ref())?;
    check(&text, &["--sha256", &hash], &["ELF"]).await?;
    check(
        &operator.library(),
        &["--sha256", &hash],
        &["sha256", "configured is", &hash],
    )
    .await?;
    check(
        &operator.text("plugins/absent.so"),
        &[],
        &["absent.so", "No such file"],
    )
    .await?;
    check(&operator.text("plugins/Vestibule.so"), &[], &["NAME.so"]).await
}

#[tokio::test]
async fn only_what_lies_below_the_trust_root_must_be_closed_to_others() -> Outcome {
    let operator = Operator::new()?;
    let (outside, inside) = (operator.path("plugins"), operator.path("plugins/inside"));
    fs::create_dir(&inside)?;
    fs::set_permissions(&outside, fs::Permissions::from_mode(0o777))?;
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o755))?;
    let library = operator.text("plugins/inside/openid.so");
    fs::copy(operator.library(), &library)?;
    let hash = plugins::sha256(library.as_ref())?;
    let named = [CHECK[0], CHECK[1], &library, "--sha256", &hash];
    let refused = operator.run(&named).await?.with(1)?;
    refused.says(&["lets others write it"])?;
    let root = inside.display().to_string();
    operator
        .run(&[&named[..], &["--trust-root", &root]].concat())
        .await?
        .with(0)?;
    Ok(())
}

#[tokio::test]
async fn without_a_file_those_of_the_providers_are_checked() -> Outcome {
    let mut operator = Operator::new()?;
    let checked = operator.run(&CHECK).await?.with(0)?;
    checked.says(&["kind", "openid"])?;
    checked.says(&["kind", "work-school"])?;
    operator.overlay.set(FABRIKAM, "sha256", "0".repeat(64));
    let checked = operator.run(&CHECK).await?.with(1)?;
    checked.says(&["refused", "libplugins_openid.so", "configured is 000"])?;
    checked.says(&["kind", "work-school"])?;
    Ok(())
}

/// Settings by a file, a secret by reference, code by `--trust` alone.
#[tokio::test]
async fn with_settings_the_kit_judges_what_is_trusted() -> Outcome {
    let operator = Operator::new()?;
    let (library, root) = (operator.library(), operator.text("plugins"));
    let (settings, secret) = (operator.text("kit.toml"), operator.path("kit-secret"));
    fs::write(&secret, "canary-kit\n")?;
    let text = "issuer = \"https://idp.fabrikam.example\"\nclient_id = \"c\"\nclient_secret = { file = \"kit-secret\" }\n";
    fs::write(&settings, text)?;
    let named = [CHECK[0], CHECK[1], &library, "--settings", &settings];
    let unsaid = operator
        .run(&[&named[..], &["--trust-root", &root]].concat())
        .await?
        .with(1)?;
    unsaid.says(&["skipped", "load", "none of its code was run"])?;
    let judged = operator
        .run(&[&named[..], &["--trust", "--seed", "7"]].concat())
        .await?
        .with(0)?;
    for row in ["purity", "clock", "sockets", "threads", "hostile", "memory"] {
        judged.says(&["passed", row])?;
    }
    judged.says(&["seed 7"])?;
    ensure!(!judged.out.contains("canary-kit"), "a secret is printed");
    let json = operator
        .run(&[&named[..], &["--trust", "--json"]].concat())
        .await?
        .with(0)?;
    let json: Value = serde_json::from_str(&json.out)?;
    ensure!(
        json.get("seed").is_some() && says(&json, "file") == library,
        "{json}"
    );
    fs::write(&settings, "issuer = 7\n")?;
    let refused = operator
        .run(&[&named[..], &["--trust"]].concat())
        .await?
        .with(1)?;
    refused.says(&["failed", "settings", "issuer"])?;
    Ok(())
}

/// A provider's file will do for settings, and JSON too; what is wrong with a file is told without its values.
#[tokio::test]
async fn settings_for_the_kit_are_read_as_they_are_at_hand() -> Outcome {
    let operator = Operator::new()?;
    let library = operator.library();
    let run = async |name: &str, text: &str, status: i32| -> Outcome<_> {
        let settings = operator.text(name);
        fs::write(&settings, text)?;
        let named = [
            CHECK[0],
            CHECK[1],
            &library,
            "--settings",
            &settings,
            "--trust",
        ];
        operator.run(&named).await?.with(status)
    };
    let provider = "plugin = \"openid.so\"\nkind = \"openid\"\n[settings]\nissuer = \"https://idp.fabrikam.example\"\nclient_id = \"c\"\nclient_secret = \"s\"\n";
    run("provider.toml", provider, 0).await?;
    let json =
        r#"{"issuer": "https://idp.fabrikam.example", "client_id": "c", "client_secret": "s"}"#;
    run("settings.json", json, 0).await?;
    let broken = run("broken.toml", "client_secret = canary", 1).await?;
    ensure!(
        !broken.err.contains("canary") && broken.err.contains("TOML"),
        "{}",
        broken.err
    );
    let absent = run(
        "absent.toml",
        "client_secret = { env = \"NO_SUCH_VARIABLE\" }",
        1,
    )
    .await?;
    ensure!(absent.err.contains("NO_SUCH_VARIABLE"), "{}", absent.err);
    Ok(())
}
