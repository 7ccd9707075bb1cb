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
