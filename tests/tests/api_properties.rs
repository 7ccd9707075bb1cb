//! The part of the management API that is described by its own document, judged by a property-based tester of APIs.

use std::process::Stdio;

use tests::world::{Options, World};
use tests::{Outcome, built, ensure};
use tokio::process::Command;

/// What every answer must hold to: what a tester of APIs knows without knowing ours. `ignored_auth` among them: without a
/// token nothing is answered.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
response_headers_conformance,response_schema_conformance,negative_data_rejection,ignored_auth,unsupported_method";

#[tokio::test]
async fn every_answer_is_as_the_document_says() -> Outcome {
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("default.toml", "listen.api.requests_per_minute", 1_000_000);
        Ok(())
    })
    .await?;
    let token = world.operator_token("contoso", &[]).await?;
    let output = Command::new(built::python_program("schemathesis", "st")?)
        .arg("run")
        .arg(format!("{}/vestibule/v1/openapi.json", world.api))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--tls-verify", &world.ca.display().to_string()])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "30", "--seed", "1", "--no-color"])
        .args(["--generation-database", "none", "--continue-on-failure"])
        .args(["--request-timeout", "20", "--warnings", "off"])
        .current_dir(world.folder())
        .stdin(Stdio::null())
        .env("NO_PROXY", "localhost")
        .kill_on_drop(true)
        .output()
        .await?;
    ensure!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
