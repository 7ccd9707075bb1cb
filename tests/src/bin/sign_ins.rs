//! Complete sign-ins a second, with the pretended Entra in this process, and where the time goes.
//!
//! A sign-in is what a browser does: the page for the address, the address, Entra's page (which signs the hinted person
//! in at once), the callback, and then a session. The gateway redeems the code, verifies the token, asks where the
//! tenant lives, and writes attempt and session. It has one worker thread; this process (browsers, Entra and all that
//! they sign) has another.
//!
//! Usage: `sign_ins [SECONDS]`.

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tests::network::Version;
use tests::world::{Options, World};
use tests::{Outcome, built, ensure};
use url::Url;

const ADA: &str = "ada@fabrikam.example";
const FILE: &str = "/sites/projects/Plan.docx";
const BROWSERS: usize = 16;
const SECONDS: u64 = 10;
/// What a sign-in asks for, in order.
const STEPS: [&str; 4] = ["page", "address", "Entra", "callback"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(io::stderr(), "sign_ins: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome {
    let seconds = std::env::args()
        .nth(1)
        .map_or(Ok(SECONDS), |text| text.parse())?;
    let folder = built::target_folder()?.join("worlds/sign-ins");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let options = Options {
        folder: Some(folder),
        variables: vec![("TOKIO_WORKER_THREADS".to_owned(), "1".to_owned())],
        ..Options::default()
    };
    let world = World::start_with(options, |overlay, _| {
        overlay.set("default.toml", "limits.attempts_per_prefix", 1_000_000);
        Ok(())
    })
    .await?;
    // Once in full, with consent.
    world.signed_in(ADA, &world.url("contoso", FILE)).await?;
    world.mocks.set_auto_sign_in(true);
    measure(&world, Duration::from_secs(2)).await?;
    let process = world.gateway.process();
    let (before, own_before) = (process.cpu_time()?, own_cpu_time()?);
    let begun = Instant::now();
    let done = measure(&world, Duration::from_secs(seconds)).await?;
    let elapsed = begun.elapsed().as_secs_f64();
    let (after, own_after) = (process.cpu_time()?, own_cpu_time()?);
    let count = u32::try_from(done.len())?.max(1);
    say(&format!(
        "{:.0} sign-ins/s ({count} in {elapsed:.1} s, {BROWSERS} browsers)",
        f64::from(count) / elapsed
    ))?;
    say(&format!(
        "CPU per sign-in: gateway {:?}, browsers and Entra {:?}",
        (after - before) / count,
        (own_after - own_before) / count
    ))?;
    for (number, name) in STEPS.iter().enumerate() {
        let mut times: Vec<Duration> = done
            .iter()
            .filter_map(|steps| steps.get(number).copied())
            .collect();
        times.sort_unstable();
        let at = |share: usize| {
            times
                .get(times.len() * share / 100)
                .copied()
                .unwrap_or_default()
        };
        say(&format!(
            "  {name:10} median {:>10?}  99 % {:>10?}",
            at(50),
            at(99)
        ))?;
    }
    Ok(())
}

/// The times of the steps of every sign-in that was completed.
async fn measure(world: &World, length: Duration) -> Outcome<Vec<[Duration; 4]>> {
    let end = Instant::now() + length;
    let browsers = (0..BROWSERS).map(|_| async move {
        let mut browser = Browser::open(world).await?;
        let mut done = Vec::new();
        while Instant::now() < end {
            done.push(browser.sign_in().await?);
        }
        Outcome::Ok(done)
    });
    let done = futures_util::future::try_join_all(browsers).await?;
    Ok(done.into_iter().flatten().collect())
}

/// Two connections that are kept, and no cookies from one sign-in to the next.
struct Browser {
    gateway: SendRequest<Full<Bytes>>,
    entra: SendRequest<Full<Bytes>>,
    origin: String,
}

impl Browser {
    async fn open(world: &World) -> Outcome<Self> {
        let origin = world.url("contoso", "");
        let connect = async |url: &str| {
            let stream = world
                .network
                .connect(&Url::parse(url)?, Version::Http1)
                .await?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            Outcome::Ok(sender)
        };
        Ok(Self {
            gateway: connect(&origin).await?,
            entra: connect(&world.mocks.urls().entra_worldwide.origin).await?,
            origin,
        })
    }

    async fn sign_in(&mut self) -> Outcome<[Duration; 4]> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("address", ADA)
            .append_pair("return_to", FILE)
            .finish();
        let begun = Instant::now();
        let page = self
            .gateway(Method::GET, "/_vestibule/sign-in", "", "")
            .await?;
        ensure!(page.status() == 200, "the page: {}", page.status());
        let shown = Instant::now();
        let sent = self
            .gateway(Method::POST, "/_vestibule/sign-in", "", &form)
            .await?;
        let (cookies, there) = (cookies(&sent), location(&sent)?);
        let asked = Instant::now();
        let request = Request::get(path(&there))
            .header(HOST, there.authority())
            .body(Full::default())?;
        let signed_in = send(&mut self.entra, request).await?;
        let back = location(&signed_in)?;
        let known = Instant::now();
        let done = self
            .gateway(Method::GET, &path(&back), &cookies, "")
            .await?;
        let session = self::cookies(&done);
        ensure!(
            done.status() == 303 && session.contains("__Host-"),
            "the callback: {}",
            done.status()
        );
        Ok([shown - begun, asked - shown, known - asked, known.elapsed()])
    }

    async fn gateway(
        &mut self,
        method: Method,
        path: &str,
        cookies: &str,
        form: &str,
    ) -> Outcome<Response<Bytes>> {
        let host = self.origin.trim_start_matches("https://");
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, host)
            .header(ORIGIN, &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header(ACCEPT, "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        send(
            &mut self.gateway,
            request.body(Full::from(form.to_owned()))?,
        )
        .await
    }
}

async fn send(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Outcome<Response<Bytes>> {
    sender.ready().await?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

fn location(answer: &Response<Bytes>) -> Outcome<Url> {
    let location = answer.headers().get(LOCATION);
    let location = location.ok_or_else(|| {
        format!(
            "no redirect: {} {}",
            answer.status(),
            String::from_utf8_lossy(answer.body())
        )
    })?;
    Ok(Url::parse(location.to_str()?)?)
}

fn path(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn cookies(answer: &Response<Bytes>) -> String {
    let set = answer.headers().get_all(SET_COOKIE).iter();
    let pairs: Vec<&str> = set
        .filter_map(|line| line.to_str().ok()?.split(';').next())
        .collect();
    pairs.join("; ")
}

/// CPU time of this process, all threads.
fn own_cpu_time() -> Outcome<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat.rsplit_once(") ").ok_or("an odd /proc/self/stat")?;
    let field = |number: usize| {
        rest.split(' ')
            .nth(number)
            .and_then(|text| text.parse::<u64>().ok())
    };
    let ticks = field(11).zip(field(12)).map(|(user, system)| user + system);
    let per_second = rustix::param::clock_ticks_per_second();
    let ticks = ticks.ok_or("an odd /proc/self/stat")?;
    Ok(Duration::from_millis(ticks * 1000 / per_second.max(1)))
}

fn say(line: &str) -> Outcome {
    Ok(writeln!(io::stdout(), "{line}")?)
}
