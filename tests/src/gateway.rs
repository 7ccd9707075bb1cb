//! The gateway itself: the program `vestibule` in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Output;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use tokio::process::Command;

use crate::network::{Body, Network};
use crate::process::Running;
use crate::{Outcome, built};

/// How the program is called.
#[derive(Clone, Debug)]
pub struct Call {
    /// Configuration folders, in the order of their layers.
    pub config: Vec<PathBuf>,
    /// Name of the cloud environment.
    pub environment: String,
    /// Environment variables to add.
    pub variables: Vec<(String, String)>,
}

/// A running gateway; it is killed when this is dropped.
pub struct Gateway {
    call: Call,
    operations: String,
    network: Network,
    log: PathBuf,
    process: Running,
}

impl Call {
    /// The program with `arguments`, ready to be started.
    ///
    /// # Errors
    /// If it has not been built.
    pub fn command(&self, arguments: &[&str]) -> Outcome<Command> {
        let mut command = Command::new(built::program("vestibule")?);
        for folder in &self.config {
            command.arg("--config").arg(folder);
        }
        command
            .args(["--environment", &self.environment])
            .args(arguments)
            .envs(self.variables.iter().cloned());
        Ok(command)
    }

    /// Runs the program with `arguments` to its end.
    ///
    /// # Errors
    /// If it has not been built or does not start.
    pub async fn run(&self, arguments: &[&str]) -> Outcome<Output> {
        Ok(self.command(arguments)?.output().await?)
    }
}

impl Gateway {
    /// Starts it and waits until it is ready.
    ///
    /// - `operations`: origin of the listener that has `/readyz`.
    /// - `log`: the file that everything it prints goes to.
    ///
    /// # Errors
    /// If it ends or does not become ready; the message has the end of its log.
    pub async fn serve(
        call: Call,
        operations: &str,
        network: &Network,
        log: &Path,
    ) -> Outcome<Self> {
        let mut process = Running::start("vestibule", call.command(&["serve"])?, log)?;
        let ready = format!("{operations}/readyz");
        process
            .until(async || answers(network, &ready).await)
            .await?;
        Ok(Self {
            call,
            operations: operations.to_owned(),
            network: network.clone(),
            log: log.to_owned(),
            process,
        })
    }

    /// The running process.
    #[must_use]
    pub fn process(&self) -> &Running {
        &self.process
    }

    /// The file that everything it prints goes to.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Waits until it ends without having been asked to, which it should not.
    ///
    /// # Errors
    /// Always: with the end of its log.
    pub async fn watch(&mut self) -> Outcome {
        Err(self.process.ends_early().await?.into())
    }

    /// How it was called.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Kills it without warning and starts it again.
    ///
    /// # Errors
    /// As [`Gateway::serve`].
    pub async fn kill_and_restart(&mut self) -> Outcome {
        self.process.kill().await?;
        self.restart().await
    }

    /// Kills it without warning.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> Outcome {
        self.process.kill().await
    }

    /// Stops it in good order and starts it again.
    ///
    /// # Errors
    /// If it does not stop, or as [`Gateway::serve`].
    pub async fn stop_and_restart(&mut self) -> Outcome {
        self.stop().await?;
        self.restart().await
    }

    /// Stops it in good order.
    ///
    /// # Errors
    /// If it does not stop, or not with success.
    pub async fn stop(&mut self) -> Outcome {
        let status = self.process.stop().await?;
        crate::ensure!(
            status.success(),
            "the gateway stopped with {status}:\n{}",
            self.process.log()
        );
        Ok(())
    }

    async fn restart(&mut self) -> Outcome {
        *self = Self::serve(
            self.call.clone(),
            &self.operations,
            &self.network,
            &self.log,
        )
        .await?;
        Ok(())
    }
}

async fn answers(network: &Network, url: &str) -> bool {
    let Ok(request) = Request::get(url).body(empty()) else {
        return false;
    };
    let Ok(response) = network.send(request).await else {
        return false;
    };
    response.status().is_success()
}

fn empty() -> Body {
    Body::new(Empty::<Bytes>::new().map_err(|never| match never {}))
}
