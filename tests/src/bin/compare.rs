//! The gateway and nginx in turns, in front of the same upstream: what a decision for every request costs.
//!
//! Each gets one thread, TLS and the same pooled connections to the upstream, an nginx that answers with 1 KiB. The
//! gateway opens a session, decides and signs; nginx passes on. The load is `wrk`, from this machine: look at the CPU
//! time per request first, and at requests per second as far as the cores go.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tests::nginx::Nginx;
use tests::process::Running;
use tests::world::{Options, World};
use tests::{Outcome, built, ensure};
use tokio::process::Command;

const ADA: &str = "ada@fabrikam.example";
const FILE: &str = "/sites/projects/Shared/kibibyte.bin";
const ROUNDS: usize = 5;
const SECONDS: u32 = 4;
const CONNECTIONS: u32 = 32;

const UPSTREAM: &str = "
    listen 127.0.0.1:PORT;
    keepalive_requests 100000000;
    root files;
";

/// What one turn came to.
#[derive(Clone, Copy, Debug)]
struct Turn {
    requests_per_second: f64,
    /// CPU time of the proxy per request, in microseconds.
    cpu_per_request: f64,
    /// Resident memory of the proxy behind the load, in MiB.
    memory: f64,
}

/// One of the two, as the load sees it.
struct Proxy<'a> {
    name: &'static str,
    url: String,
    headers: Vec<String>,
    process: &'a Running,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(io::stderr(), "compare: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome {
    let folder = built::target_folder()?.join("worlds/compare");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let (here, there) = (folder.join("upstream"), folder.join("proxy"));
    fs::create_dir_all(&there)?;
    let upstream = upstream(&here).await?;
    let world = world(&folder, upstream.port).await?;
    let nginx = proxy(&there, &world, upstream.port).await?;
    let ada = world.signed_in(ADA, &world.url("contoso", FILE)).await?;
    let session = ada.session("contoso")?;
    let proxies = [
        Proxy {
            name: "vestibule",
            url: format!("https://127.0.0.1:{}{FILE}", world.port),
            headers: vec![
                format!("Host: contoso.localhost:{}", world.port),
                format!("Cookie: {}", session.pair()),
            ],
            process: world.gateway.process(),
        },
        Proxy {
            name: "nginx",
            url: format!("https://127.0.0.1:{}{FILE}", nginx.port),
            headers: Vec::new(),
            process: nginx.process(),
        },
    ];
    let mut turns: [Vec<Turn>; 2] = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (proxy, turns) in proxies.iter().zip(&mut turns) {
            let turn = proxy.turn().await?;
            // The first round warms up.
            if round > 0 {
                turns.push(turn);
                say(&format!("round {round}  {}", line(proxy.name, turn)))?;
            }
        }
    }
    let medians = turns.each_ref().map(|turns| median(turns));
    let [gateway, nginx] = medians;
    say(&format!(
        "\nmedian   {}\nmedian   {}",
        line("vestibule", gateway),
        line("nginx", nginx)
    ))?;
    say(&format!(
        "ratio    {:<10} {:>8.2} req/s {:>12.2} CPU/request {:>8.2} memory",
        "",
        gateway.requests_per_second / nginx.requests_per_second,
        gateway.cpu_per_request / nginx.cpu_per_request,
        gateway.memory / nginx.memory
    ))
}

async fn upstream(folder: &Path) -> Outcome<Nginx> {
    let files = folder.join("files/sites/projects/Shared");
    fs::create_dir_all(&files)?;
    fs::write(files.join("kibibyte.bin"), [b'x'; 1024])?;
    Nginx::start(folder, UPSTREAM).await
}

async fn world(folder: &Path, upstream: u16) -> Outcome<World> {
    let folder = folder.join("gateway");
    fs::create_dir_all(&folder)?;
    let options = Options {
        folder: Some(folder),
        variables: vec![("TOKIO_WORKER_THREADS".to_owned(), "1".to_owned())],
        ..Options::default()
    };
    World::start_with(options, |overlay, _| {
        let origin = format!("http://127.0.0.1:{upstream}");
        overlay.set("tenants/contoso.toml", "sites.projects.upstream", origin);
        Ok(())
    })
    .await
}

/// The same certificate as the gateway's, and connections to the upstream that are kept.
async fn proxy(folder: &Path, world: &World, upstream: u16) -> Outcome<Nginx> {
    let certificates = world.folder().display();
    let server = format!(
        "listen 127.0.0.1:PORT ssl;
        keepalive_requests 100000000;
        ssl_certificate {certificates}/gateway.pem;
        ssl_certificate_key {certificates}/gateway.key;
        location / {{
            proxy_pass http://documents;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
        }}"
    );
    let pool = format!(
        "upstream documents {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}"
    );
    Nginx::start_beside(folder, &server, &pool).await
}

impl Proxy<'_> {
    async fn turn(&self) -> Outcome<Turn> {
        let before = self.process.cpu_time()?;
        let requests = self.load().await?;
        let used = self.process.cpu_time()?.saturating_sub(before);
        Ok(Turn {
            requests_per_second: requests / f64::from(SECONDS),
            cpu_per_request: micros(used) / requests,
            memory: mebibytes(self.process.memory()?.resident),
        })
    }

    /// The number of requests answered.
    async fn load(&self) -> Outcome<f64> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s")]);
        for header in &self.headers {
            wrk.args(["-H", header]);
        }
        let output = wrk
            .arg(&self.url)
            .output()
            .await
            .map_err(|why| format!("`wrk` could not be started: {why}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let all_good =
            output.status.success() && !text.contains("Non-2xx") && !text.contains("Socket errors");
        ensure!(all_good, "{}: {text}", self.name);
        let words: Vec<&str> = text.split_whitespace().collect();
        let count = words.windows(3).find_map(|words| match words {
            [count, "requests", "in"] => count.parse().ok(),
            _ => None,
        });
        count.ok_or_else(|| format!("wrk says {text}").into())
    }
}

fn median(turns: &[Turn]) -> Turn {
    let middle = |of: fn(&Turn) -> f64| {
        let mut values: Vec<f64> = turns.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Turn {
        requests_per_second: middle(|turn| turn.requests_per_second),
        cpu_per_request: middle(|turn| turn.cpu_per_request),
        memory: middle(|turn| turn.memory),
    }
}

fn line(name: &str, turn: Turn) -> String {
    format!(
        "{name:<10} {:>8.0} req/s {:>9.1} µs CPU/request {:>8.1} MiB",
        turn.requests_per_second, turn.cpu_per_request, turn.memory
    )
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no process has so much memory that it would show"
)]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn say(text: &str) -> Outcome {
    Ok(writeln!(io::stdout(), "{text}")?)
}
