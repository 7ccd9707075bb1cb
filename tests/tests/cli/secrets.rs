//! What none of the verbs prints.

use std::fs;

use tests::{Outcome, ensure, plugins};

use crate::operator::{FABRIKAM, Operator, SECRET, TAILWIND};

const VARIABLE: &str = "canary-5a5a-variable";

/// Runs every verb that ends by itself.
async fn printed(operator: &Operator) -> Outcome<String> {
    let library = operator.library();
    let hash = plugins::sha256(library.as_ref())?;
    let url = "https://tailwind.localhost/sites/team/plan.txt";
    let mut all = String::new();
    for arguments in [
        &["check"][..],
        &[
            "explain",
            "--person",
            "ada@fabrikam.example",
            "--url",
            url,
            "--action",
            "view",
        ],
        &["explain", "--url", url, "--action", "view", "--json"],
        &["plugin", "check"],
        &["plugin", "check", &library, "--sha256", &hash, "--json"],
        &["keys", "rotate"],
        &["--help"],
        &["serve", "--help"],
        &["serve", "--nonsense"],
    ] {
        let mut command = operator.call()?.command(arguments)?;
        command.env("VESTIBULE_TEST_SECRET", VARIABLE);
        let output = command.output().await?;
        all += &String::from_utf8_lossy(&output.stdout);
        all += &String::from_utf8_lossy(&output.stderr);
    }
    Ok(all)
}

#[tokio::test]
async fn no_verb_prints_a_secret() -> Outcome {
    let mut operator = Operator::new()?;
    operator.overlay.set(
        "providers/members.toml",
        "settings.client_secret",
        reference("env", "VESTIBULE_TEST_SECRET"),
    );
    let sound = printed(&operator).await?;
    ensure!(
        sound.contains("ok: environment"),
        "the secrets are not found: {sound}"
    );
    operator.overlay.set(TAILWIND, "colour", "red");
    operator.overlay.set(FABRIKAM, "settings.client_id", 5);
    let broken = printed(&operator).await?;
    operator
        .overlay
        .set(FABRIKAM, "settings.client_secret", SECRET);
    let in_the_open = printed(&operator).await?;
    ensure!(
        in_the_open.contains("secrets are given by reference"),
        "{in_the_open}"
    );
    for text in [sound, broken, in_the_open] {
        for canary in [SECRET, VARIABLE] {
            ensure!(!text.contains(canary), "`{canary}` is printed: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_not_toml_is_not_quoted() -> Outcome {
    let operator = Operator::new()?;
    let call = operator.call()?;
    let file = operator.overlay.folder().join(FABRIKAM);
    let content = fs::read_to_string(&file)?;
    fs::write(
        &file,
        format!("{content}\nclient_secret = \"{SECRET}\nmore"),
    )?;
    for verb in ["check", "serve"] {
        let output = call.run(&[verb]).await?;
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        ensure!(
            text.contains("not TOML") && !text.contains(SECRET),
            "{text}"
        );
    }
    Ok(())
}

fn reference(kind: &str, name: &str) -> toml::Table {
    toml::Table::from_iter([(kind.to_owned(), name.into())])
}
