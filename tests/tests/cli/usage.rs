//! How it is called, and how not.

use tests::{Outcome, built, ensure};
use tokio::process::Command;

use crate::operator::{Ended, Operator, shipped};

/// Runs the program as it is called here, with nothing added.
async fn called(arguments: &[&str], variables: &[(&str, &str)]) -> Outcome<Ended> {
    let mut command = Command::new(built::program("vestibule")?);
    // Nothing that is configured here by chance.
    command
        .args(arguments)
        .current_dir("/")
        .env_clear()
        .envs(variables.iter().copied());
    Ok(Ended::from(command.output().await?))
}

#[tokio::test]
async fn what_is_called_wrongly_ends_with_2_and_says_what_is_wrong() -> Outcome {
    let check = async |arguments: &[&str], says: &str| -> Outcome {
        called(arguments, &[]).await?.with(2)?.says(&[says])?;
        Ok(())
    };
    let url = "https://tailwind.localhost/x";
    check(&[], "Usage: vestibule").await?;
    check(&["keys"], "rotate").await?;
    check(&["plugin"], "check").await?;
    check(&["frobnicate"], "frobnicate").await?;
    check(&["serve", "--nonsense"], "--nonsense").await?;
    check(&["--config"], "--config").await?;
    check(&["serve", "--config", "/etc"], "stand before the verb").await?;
    check(
        &["plugin", "check", "x.so", "--sha256", "abc"],
        "64 hexadecimal digits",
    )
    .await?;
    check(&["explain", "--url", url], "--action").await?;
    check(
        &["explain", "--url", url, "--action", "fly"],
        "view, download, edit, create, delete, read-user-info",
    )
    .await?;
    check(
        &["explain", "--url", "/x", "--action", "view"],
        "a whole URL",
    )
    .await?;
    check(
        &[
            "explain", "--url", url, "--action", "view", "--person", "ada",
        ],
        "`@`",
    )
    .await?;
    check(
        &["explain", "--url", url, "--action", "view", "--at", "noon"],
        "2026-11-21T12:00:00Z",
    )
    .await
}

#[tokio::test]
async fn every_verb_explains_itself() -> Outcome {
    for verb in [
        &["serve"][..],
        &["check"],
        &["explain"],
        &["plugin", "check"],
        &["keys", "rotate"],
        &[],
    ] {
        let help = called(&[verb, &["--help"]].concat(), &[]).await?.with(0)?;
        ensure!(
            help.err.is_empty() && help.out.contains("Usage: vestibule"),
            "{}",
            help.text()
        );
    }
    let help = called(&["--help"], &[]).await?;
    help.says(&["Exit status", "0", "1", "2"])?;
    Ok(())
}

#[tokio::test]
async fn an_empty_variable_is_unset() -> Outcome {
    let operator = Operator::new()?;
    let overlay = operator.call()?.config.pop().unwrap_or_default();
    let folders = format!("{}:{}", shipped().display(), overlay.display());
    let check = async |variables: &[(&str, &str)], says: &str| -> Outcome {
        called(&["check"], variables).await?.says(&[says])?;
        Ok(())
    };
    let folders = ("VESTIBULE_CONFIG", folders.as_str());
    check(
        &[folders, ("VESTIBULE_ENVIRONMENT", "gcc")],
        "ok: environment `gcc`",
    )
    .await?;
    check(
        &[folders, ("VESTIBULE_ENVIRONMENT", "")],
        "ok: environment `worldwide`",
    )
    .await?;
    check(&[folders, ("VESTIBULE__LIMITS__CONNECTIONS", "")], "ok:").await?;
    check(
        &[folders, ("VESTIBULE__LIMITS__CONNECTIONS", "many")],
        "VESTIBULE__LIMITS__CONNECTIONS",
    )
    .await?;
    check(
        &[("VESTIBULE_CONFIG", "")],
        "config: there is no such folder",
    )
    .await
}
