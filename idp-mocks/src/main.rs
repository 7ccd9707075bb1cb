//! `idp-mocks`: starts every mock, says where they are, runs until interrupted.

mod cli;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use idp_mocks::{Mocks, Urls};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use cli::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            tracing::error!(error = cause.as_ref(), "Not started");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let json = options.json;
    let mut terminate = signal(SignalKind::terminate())?;
    let mocks = Mocks::start(options.into_settings()?).await?;
    say(mocks.urls(), json)?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

fn say(urls: &Urls, json: bool) -> Result<(), Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string(urls)?)?;
        return Ok(out.flush()?);
    }
    writeln!(out, "Entra, worldwide      {}", urls.entra_worldwide.origin)?;
    writeln!(out, "Entra, US Government  {}", urls.entra_usgov.origin)?;
    writeln!(out, "Entra, China          {}", urls.entra_china.origin)?;
    writeln!(out, "Google                {}", urls.google.origin)?;
    writeln!(out, "Partner (SAML)        {}", urls.saml.origin)?;
    writeln!(out, "Inbox                 {}", urls.mailbox.origin)?;
    writeln!(out, "SMTP                  {}", urls.mailbox.smtp)?;
    writeln!(out, "Documents             {}", urls.documents.origin)?;
    Ok(out.flush()?)
}
