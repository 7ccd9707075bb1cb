//! `decide`, for people who have nothing but a file.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use tests::gateway::Call;
use tests::{Outcome, built, ensure, says};

use crate::operator::Ended;

/// Runs the verb where there is no configuration at all.
async fn decide(arguments: &[&str]) -> Outcome<Ended> {
    let call = Call {
        config: Vec::new(),
        environment: "nowhere".to_owned(),
        variables: Vec::new(),
    };
    let all = [&["decide"], arguments].concat();
    Ok(Ended::from(call.run(&all).await?))
}

async fn decide_text(text: &str) -> Outcome<Ended> {
    let folder = TempDir::new()?;
    let file = folder.path().join("cases.json");
    fs::write(&file, text)?;
    decide(&["--file", &file.display().to_string()]).await
}

const CASE: &str = r#"{
  "name": "sharing is off",
  "profile": "integration-opt-in",
  "tenant": { "SharingCapability": "Disabled" },
  "share": { "permission": "read", "with": [{ "who": { "outsider": "new@fabrikam.com" } }] },
  "expect": { "outcome": "OUTCOME" }
}"#;

fn file(outcomes: &[&str]) -> String {
    let cases: Vec<String> = outcomes
        .iter()
        .map(|outcome| CASE.replace("OUTCOME", outcome))
        .collect();
    format!("{{\"cases\":[{}]}}", cases.join(","))
}

#[tokio::test]
async fn every_case_is_answered_on_a_line_of_its_own() -> Outcome {
    let ended = decide_text(&file(&["deny", "deny"])).await?.with(0)?;
    let lines: Vec<&str> = ended.out.lines().collect();
    ensure!(lines.len() == 2, "{}", ended.out);
    for line in lines {
        let answer: Value = serde_json::from_str(line)?;
        ensure!(says(&answer, "code") == "sharing-disabled", "{answer}");
        ensure!(says(&answer, "documented") == "OSE201", "{answer}");
        let decider = answer.get("decided_by").cloned().unwrap_or_default();
        ensure!(
            (says(&decider, "rule"), says(&decider, "source")) == ("level", "tenant"),
            "{answer}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_not_expected_ends_with_1() -> Outcome {
    let ended = decide_text(&file(&["deny", "allow"])).await?.with(1)?;
    ended.says(&["\"expected\":false", "outcome"])?;
    ended.says(&["1 of 2 answers not as expected"])?;
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_wrong_is_refused_with_its_paths() -> Outcome {
    let wrong = file(&["deny"]).replace("Disabled", "Everybody");
    let ended = decide_text(&wrong).await?.with(1)?;
    ensure!(ended.out.is_empty(), "{}", ended.out);
    ended.says(&["cases[0].tenant.SharingCapability", "must be one of"])?;
    decide(&["--file", "/nowhere/cases.json"])
        .await?
        .with(1)?
        .says(&["cannot be read"])?;
    decide(&[]).await?.with(2)?;
    Ok(())
}

#[tokio::test]
async fn the_schema_is_the_one_that_is_kept() -> Outcome {
    let ended = decide(&["--schema"]).await?.with(0)?;
    let printed: Value = serde_json::from_str(&ended.out)?;
    let kept = fs::read_to_string(built::workspace().join("tests/cases/schema.json"))?;
    ensure!(printed == serde_json::from_str::<Value>(&kept)?, "differs");
    Ok(())
}
