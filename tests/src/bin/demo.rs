//! The demo: the whole system on this machine, for people, for programs, or for the tour.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tests::overlay::Overlay;
use tests::own_provider::{self, OwnProvider};
use tests::world::{Options, USUAL_PORTS, World};
use tests::{Outcome, built, demo, ensure, ports, tour};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: demo [--json] [--tour] [--port N] [--provider FILE]";

/// What was asked for.
#[derive(Default)]
struct Wishes {
    json: bool,
    tour: bool,
    port: Option<u16>,
    /// A provider beside the demo's own.
    provider: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let wishes = match Wishes::read(std::env::args().skip(1)) {
        Ok(wishes) => wishes,
        Err(why) => {
            say_error(&format!("{why}\n{USAGE}"));
            return ExitCode::from(2);
        }
    };
    match run(wishes).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say_error(&format!("demo: {why}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(wishes: Wishes) -> Outcome {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let running = async {
        let own = wishes.provider.as_deref().map(OwnProvider::read);
        let own = own.transpose()?;
        let mut world = start(wishes.port, own.as_ref()).await?;
        if wishes.tour {
            tour::play(&mut world).await?;
        } else {
            let told = if wishes.json {
                demo::for_programs(&world).to_string()
            } else {
                demo::for_people(&world)
            };
            writeln!(io::stdout(), "{told}")?;
            if let Some(guest) = own.as_ref().and_then(OwnProvider::guest) {
                let place = world.url("contoso", own_provider::README);
                say_error(&format!("Your provider signs in {guest}: {place}"));
            }
            io::stdout().flush()?;
            world.gateway.watch().await?;
        }
        Ok(())
    };
    // Whatever runs ends with what is dropped here: the gateway is killed, everything else is in this process.
    tokio::select! {
        ended = running => ended,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

async fn start(wanted: Option<u16>, own: Option<&OwnProvider>) -> Outcome<World> {
    let port = match wanted {
        None => ports::usual_or_free(USUAL_PORTS.gateway)?,
        Some(port) => {
            ensure!(ports::usual_or_free(port)? == port, "port {port} is taken");
            port
        }
    };
    // Named after the port, which no other demo can have now. What an earlier one left would not fit: other ports are
    // other issuers, and a guest stays bound to one.
    let folder = built::target_folder()?.join("demo").join(port.to_string());
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let plugins = folder.join("plugins");
    let options = Options {
        folder: Some(folder),
        port: Some(port),
        usual_ports: true,
        ..Options::default()
    };
    let add = |overlay: &mut Overlay, _| own.map_or(Ok(()), |own| own.add(overlay, &plugins));
    World::start_with(options, add).await
}

impl Wishes {
    fn read(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut wishes = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--json" => wishes.json = true,
                "--tour" => wishes.tour = true,
                "--provider" => {
                    let file = arguments.next().ok_or("--provider takes a file")?;
                    wishes.provider = Some(PathBuf::from(file));
                }
                "--port" => {
                    let port = arguments.next().and_then(|port| port.parse().ok());
                    wishes.port = Some(port.ok_or("--port takes a number from 1 to 65535")?);
                }
                other => return Err(format!("`{other}` is not known").into()),
            }
        }
        ensure!(
            !(wishes.json && wishes.tour),
            "--json and --tour exclude each other"
        );
        Ok(wishes)
    }
}

fn say_error(text: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}
