//! `cargo xtask bench`.

use std::process::Command;

use crate::run::{self, Stopped};
use crate::{system, workspace};

/// Measures the policy by itself, then the gateway and nginx in turns (`arguments` are for these), then sign-ins.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stopped> {
    system::require(system::BUILDING)?;
    system::require(&[system::NGINX, system::WRK])?;
    run::step(workspace::cargo().args(["build", "--workspace", "--release"]))?;
    run::step(workspace::cargo().args(["bench", "--package", "gateway-core"]))?;
    run::step(Command::new(workspace::built("release", "compare")?).args(arguments))?;
    run::step(&mut Command::new(workspace::built("release", "sign_ins")?))
}
