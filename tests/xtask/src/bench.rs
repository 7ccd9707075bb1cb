//! `cargo xtask bench`.

use std::process::Command;

use crate::run::{self, Stopped};
use crate::{system, workspace};

/// Measures the policy by itself, then the gateway and nginx in turns; `arguments` go to the latter.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stopped> {
    system::require(&[system::COMPILER, system::NGINX, system::WRK])?;
    run::step(workspace::cargo().args(["build", "--workspace", "--release"]))?;
    run::step(workspace::cargo().args(["bench", "--package", "gateway-core"]))?;
    run::step(Command::new(workspace::built("release", "compare")?).args(arguments))
}
