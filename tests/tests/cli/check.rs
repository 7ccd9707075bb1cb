//! `check`.

use std::fs;

use tests::Outcome;
use tests::certificates::Authority;

use crate::operator::{FABRIKAM, Operator, TAILWIND, points_at};

const INTEGRATION: &str = "sharing.EnableAzureADB2BIntegration";

#[tokio::test]
async fn a_sound_configuration_is_counted() -> Outcome {
    let checked = Operator::new()?.run(&["check"]).await?.with(0)?;
    checked.says(&["ok: environment `worldwide`, cloud `worldwide`, 1 tenant, 2 providers"])?;
    // Asleep, and said so without refusing the rest.
    checked.says(&[
        "warning",
        "permissions.ada-closed.to",
        "site SharingCapability",
    ])?;
    Ok(())
}

#[tokio::test]
async fn every_problem_is_printed_at_once_with_file_line_and_key() -> Outcome {
    let mut operator = Operator::new()?;
    let broken = [
        ("default.toml", "limits.conections", "5"),
        ("default.toml", "limits.header_timeout", "never"),
        (TAILWIND, "sharing.SharingCapability", "Everything"),
        (TAILWIND, "permissions.ada.site", "nowhere"),
        (FABRIKAM, "sha256", "abc"),
    ];
    for (file, key, value) in broken {
        operator.overlay.set(file, key, value);
    }
    let checked = operator.run(&["check"]).await?.with(1)?;
    for (file, key, _) in broken {
        let line = checked.says(&[file, key])?;
        points_at(&line, &operator.overlay.folder().join(file), key)?;
    }
    checked.says(&["5 problems found"])?;
    Ok(())
}

#[tokio::test]
async fn the_integration_is_refused_in_a_national_cloud_unless_acknowledged() -> Outcome {
    let mut operator = Operator::new()?;
    operator.overlay.set(TAILWIND, INTEGRATION, true);
    operator.run(&["check"]).await?.with(0)?;
    operator.environment = "gcc-high";
    let refused = operator.run(&["check"]).await?.with(1)?;
    let line = refused.says(&[INTEGRATION, "gcc-high", "acknowledge_unsupported"])?;
    points_at(
        &line,
        &operator.overlay.folder().join(TAILWIND),
        INTEGRATION,
    )?;
    operator
        .overlay
        .set(TAILWIND, "sharing.acknowledge_unsupported", true);
    let accepted = operator.run(&["check"]).await?.with(0)?;
    accepted.says(&["warning", INTEGRATION, "outside the environment"])?;
    Ok(())
}

#[tokio::test]
async fn a_kind_that_the_21vianet_cloud_has_not_is_refused_there() -> Outcome {
    let mut operator = Operator::new()?;
    operator.environment = "china-21vianet";
    operator.run(&["check"]).await?.with(0)?;
    operator.overlay.set(FABRIKAM, "kind", "google");
    let refused = operator.run(&["check"]).await?.with(1)?;
    let line = refused.says(&["`google` is not offered", "china-21vianet", "tailwind"])?;
    points_at(&line, &operator.overlay.folder().join(FABRIKAM), "kind")
}

#[tokio::test]
async fn a_provider_that_would_be_left_out_is_a_problem() -> Outcome {
    let check = async |change: (&str, &str), parts: &[&str]| -> Outcome {
        let mut operator = Operator::new()?;
        operator.overlay.set(FABRIKAM, change.0, change.1);
        let refused = operator.run(&["check"]).await?.with(1)?;
        let file = operator
            .overlay
            .folder()
            .join(FABRIKAM)
            .display()
            .to_string();
        refused.says(&[&[&*file], parts].concat())?;
        refused.says(&["1 problem found"])?;
        Ok(())
    };
    let zeros = "0".repeat(64);
    check(("sha256", &zeros), &["sha256: ", "configured is 000"]).await?;
    check(("kind", "saml"), &["kind: ", "`openid`", "`saml`"]).await?;
    check(
        ("settings.issuer", "http://fabrikam.example"),
        &["settings.issuer: must be https"],
    )
    .await?;
    check(
        ("settings.colour", "red"),
        &["settings.colour: unknown field"],
    )
    .await?;
    check(
        ("plugin", "absent.so"),
        &["plugin: ", "absent.so", "No such file"],
    )
    .await
}

#[tokio::test]
async fn certificates_that_serve_could_not_use_are_problems() -> Outcome {
    let mut operator = Operator::new()?;
    let folder = operator.path("tls");
    fs::create_dir(&folder)?;
    let authority = Authority::create(&folder)?;
    let (one, other) = (
        authority.issue("one", &["tailwind.localhost"])?,
        authority.issue("other", &["x.localhost"])?,
    );
    let mut set = |file: &str, key: &str, path: &std::path::Path| {
        operator.overlay.set(file, key, path.display().to_string());
    };
    set(
        "default.toml",
        "listen.public.tls.certificate",
        &one.certificate,
    );
    set("default.toml", "listen.public.tls.key", &other.key);
    set(FABRIKAM, "ca", &one.key);
    set(TAILWIND, "sites.team.upstream_ca", &one.key);
    operator
        .overlay
        .set("default.toml", "listen.public.plain_http", false);
    operator
        .overlay
        .set(TAILWIND, "sites.team.upstream", "https://documents.example");
    let refused = operator.run(&["check"]).await?.with(1)?;
    let pair = [
        one.certificate.display().to_string(),
        other.key.display().to_string(),
    ];
    refused.says(&["default.toml", "listen.public.tls", &pair[0], &pair[1]])?;
    let none = one.key.display().to_string();
    refused.says(&[FABRIKAM, "ca: ", &none])?;
    refused.says(&["upstream_ca", &none])?;
    refused.says(&["3 problems found"])?;
    Ok(())
}

/// It is used as it is: whoever connects is told more than the operator could be.
#[tokio::test]
async fn a_certificate_that_is_over_is_a_warning() -> Outcome {
    let mut operator = Operator::new()?;
    let folder = operator.path("tls");
    fs::create_dir(&folder)?;
    let over = Authority::create(&folder)?.issue_over("over", &["tailwind.localhost"])?;
    for (key, path) in [("certificate", &over.certificate), ("key", &over.key)] {
        let key = format!("listen.public.tls.{key}");
        let path = path.display().to_string();
        operator.overlay.set("default.toml", &key, path);
    }
    operator
        .overlay
        .set("default.toml", "listen.public.plain_http", false);
    let checked = operator.run(&["check"]).await?.with(0)?;
    checked.says(&[
        "default.toml",
        "warning: listen.public.tls.certificate: the certificate ended on 2020-01-01: replace it",
    ])?;
    Ok(())
}

#[tokio::test]
async fn an_environment_or_a_folder_that_is_not_there_is_named() -> Outcome {
    let mut operator = Operator::new()?;
    operator.environment = "mars";
    let refused = operator.run(&["check"]).await?.with(1)?;
    refused.says(&["environments/mars.toml", "gcc-high", "worldwide"])?;
    operator.environment = "worldwide";
    operator.overlay.remove(TAILWIND);
    operator
        .run(&["check"])
        .await?
        .with(1)?
        .says(&["tenants/*.toml"])?;
    let elsewhere = operator
        .run(&["--config", "absent-folder", "check"])
        .await?
        .with(1)?;
    elsewhere.says(&["absent-folder"])?;
    Ok(())
}
