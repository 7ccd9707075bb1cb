//! `serve`, where it does not start.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use tests::{Outcome, ensure};

use crate::operator::{FABRIKAM, Operator, TAILWIND};

#[tokio::test]
async fn a_broken_configuration_is_refused_with_every_problem() -> Outcome {
    let mut operator = Operator::new()?;
    operator.overlay.set("default.toml", "limits.conections", 5);
    operator
        .overlay
        .set(TAILWIND, "permissions.ada.site", "nowhere");
    operator.overlay.set(FABRIKAM, "sha256", "abc");
    let refused = operator.run(&["serve"]).await?.with(1)?;
    refused.says(&["default.toml:", "limits.conections"])?;
    refused.says(&["tailwind.toml:", "permissions.ada.site"])?;
    refused.says(&["fabrikam.toml:", "sha256"])?;
    ensure!(!operator.path("keys").exists(), "it has begun to serve");
    Ok(())
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_key() -> Outcome {
    let operator = Operator::new()?;
    let _taken = TcpListener::bind(("127.0.0.1", operator.port))?;
    let address = format!("127.0.0.1:{}", operator.port);
    let refused = operator.run(&["serve"]).await?.with(1)?;
    refused.says(&[&address, "listen.public.address", "in use"])?;
    Ok(())
}

#[tokio::test]
async fn keys_that_others_may_read_are_refused() -> Outcome {
    let operator = Operator::new()?;
    let keys = operator.path("keys");
    fs::create_dir(&keys)?;
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o755))?;
    let remedy = format!("chmod 700 {}", keys.display());
    operator.run(&["serve"]).await?.with(1)?.says(&[&remedy])?;
    Ok(())
}

#[tokio::test]
async fn a_store_that_is_a_folder_is_refused() -> Outcome {
    let operator = Operator::new()?;
    fs::create_dir(operator.path("vestibule.db"))?;
    let refused = operator.run(&["serve"]).await?.with(1)?;
    refused.says(&[&operator.text("vestibule.db"), "not a regular file"])?;
    Ok(())
}
