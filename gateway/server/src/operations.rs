//! Health and metrics, on a listener of their own that the configuration keeps on loopback.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use crate::serve::{EndsSoon, Told};

/// What the listener reports.
#[derive(Clone)]
pub(crate) struct Operations {
    /// Renders the metrics.
    pub(crate) metrics: PrometheusHandle,
    /// Whether the public listener takes requests.
    pub(crate) ready: Arc<AtomicBool>,
    /// What ends soon.
    pub(crate) ends: Told,
}

/// Serves `/healthz`, `/readyz` and `/metrics` until `stop` ends.
pub(crate) async fn serve(
    operations: Operations,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) {
    tokio::pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(error = %error, "Operations listener could not accept");
                    continue;
                }
            },
        };
        let operations = operations.clone();
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let response = if names_here(request.headers()) {
                answer(&operations, request.method(), request.uri().path())
            } else {
                text(
                    StatusCode::MISDIRECTED_REQUEST,
                    "ask by a loopback address\n".to_owned(),
                )
            };
            async move { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(async move {
            // A client that goes away is nobody's concern here.
            let _ended = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Whether the request was made to a loopback address, or to `localhost`. A page of a stranger can have its own name resolve to
/// loopback and read what it gets from there, but it cannot have the browser leave out that name.
fn names_here(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Some(authority) = std::str::from_utf8(host.as_bytes())
        .ok()
        .and_then(|text| text.parse::<Authority>().ok())
    else {
        return false;
    };
    let name = authority.host();
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || literal
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn answer(operations: &Operations, method: &Method, path: &str) -> Response<Full<Bytes>> {
    if method != Method::GET && method != Method::HEAD {
        return text(StatusCode::METHOD_NOT_ALLOWED, "GET only\n".to_owned());
    }
    match path {
        "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
        "/readyz" if operations.ready.load(Ordering::Acquire) => {
            text(StatusCode::OK, ready(&operations.ends.load()))
        }
        "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned()),
        "/metrics" => text(StatusCode::OK, operations.metrics.render()),
        _ => text(
            StatusCode::NOT_FOUND,
            "try /healthz, /readyz or /metrics\n".to_owned(),
        ),
    }
}

/// Ready, and what will not last: a probe looks at the status, people at the rest.
fn ready(ends: &[EndsSoon]) -> String {
    let lines = ends.iter().map(|one| {
        let EndsSoon { file, key, message } = one;
        format!("warning: {file}: {key}: {message}\n")
    });
    std::iter::once("ready\n".to_owned()).chain(lines).collect()
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let plain = header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hosts: &[&str], want: bool) {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        assert_eq!(names_here(&headers), want, "{hosts:?}");
    }

    #[test]
    fn what_ends_soon_is_told_after_being_ready() {
        assert_eq!(ready(&[]), "ready\n");
        let one = EndsSoon {
            file: "providers/fabrikam.toml".to_owned(),
            key: "settings.metadata".to_owned(),
            message: "the certificate ends in 8 days, on 2026-11-30: replace it".to_owned(),
        };
        assert_eq!(
            ready(&[one]),
            "ready\nwarning: providers/fabrikam.toml: settings.metadata: the certificate ends in 8 days, on 2026-11-30: replace it\n"
        );
    }

    #[test]
    fn a_name_that_resolves_to_loopback_is_not_loopback() {
        for here in [
            "127.0.0.1",
            "127.0.0.1:9464",
            "127.9.9.9:9464",
            "[::1]:9464",
            "[::1]",
            "localhost",
            "LocalHost:9464",
        ] {
            check(&[here], true);
        }
        for elsewhere in [
            "evil.example:9464",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil.example@evil.example",
            "192.0.2.1:9464",
            "",
        ] {
            check(&[elsewhere], false);
        }
        check(&[], false);
        check(&["localhost", "evil.example"], false);
    }
}
