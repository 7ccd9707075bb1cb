//! Numbers about requests. Labels come from closed lists, never from a request: nobody outside can make series.

use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{counter, histogram};

use super::Verdict;
use crate::traffic::Traffic;

/// Counts a request that has ended.
pub(super) fn count(
    method: &Method,
    status: Option<StatusCode>,
    verdict: Verdict,
    elapsed: Duration,
    traffic: &Traffic,
) {
    counter!(
        "vestibule_requests_total",
        "method" => method_label(method),
        "status" => status_label(status),
        "decision" => verdict.decision,
        "reason" => verdict.reason
    )
    .increment(1);
    histogram!("vestibule_request_seconds", "decision" => verdict.decision)
        .record(elapsed.as_secs_f64());
    counter!("vestibule_received_bytes_total").increment(traffic.received());
    counter!("vestibule_sent_bytes_total").increment(traffic.sent());
}

fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 17] = [
        "GET",
        "HEAD",
        "OPTIONS",
        "PUT",
        "POST",
        "PATCH",
        "DELETE",
        "PROPFIND",
        "PROPPATCH",
        "MKCOL",
        "MOVE",
        "COPY",
        "LOCK",
        "UNLOCK",
        "REPORT",
        "SEARCH",
        "MERGE",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}

fn status_label(status: Option<StatusCode>) -> &'static str {
    match status.map_or(0, |status| status.as_u16() / 100) {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "none",
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn sec_192_requests_cannot_make_series() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            for n in 0..10_000_u32 {
                let method = Method::from_bytes(format!("M{n}").as_bytes()).unwrap();
                let status = StatusCode::from_u16(100 + (n % 900) as u16).ok();
                let verdict = Verdict {
                    decision: "deny",
                    reason: "permission-missing",
                };
                count(
                    &method,
                    status,
                    verdict,
                    Duration::ZERO,
                    &Traffic::default(),
                );
            }
        });
        let series = handle
            .render()
            .lines()
            .filter(|line| line.starts_with("vestibule_requests_total{"))
            .count();
        assert_eq!(series, 6);
    }
}
