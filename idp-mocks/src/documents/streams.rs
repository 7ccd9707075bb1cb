//! Answers that take their time or their space, without holding more than a chunk.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::http::params::Params;
use crate::http::{Answer, text};

const EVENT_EVERY: Duration = Duration::from_millis(50);
const CHUNK: u64 = 64 * 1024;

/// Events without end: `data: 1`, `data: 2`, …
pub(super) fn events() -> Answer {
    let events = stream::unfold(
        (ticking(EVENT_EVERY), 1_u64),
        |(mut ticks, number)| async move {
            ticks.tick().await;
            Some((
                Ok(Frame::data(Bytes::from(format!("data: {number}\n\n")))),
                (ticks, number + 1),
            ))
        },
    );
    let mut answer = streaming(events, "text/event-stream");
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

/// `?ms=` waits before the answer. `?ms=&chunks=` answers at once and waits before each chunk.
pub(super) async fn slow(params: &Params, usual: Duration) -> Answer {
    let pause = params.number("ms").map_or(usual, Duration::from_millis);
    let Some(chunks) = params.number("chunks") else {
        tokio::time::sleep(pause).await;
        return text(StatusCode::OK, "slow\n");
    };
    let chunks = stream::unfold(0, move |number| async move {
        if number >= chunks {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some((
            Ok(Frame::data(Bytes::from(format!("chunk {number}\n")))),
            number + 1,
        ))
    });
    streaming(chunks, "text/plain; charset=utf-8")
}

/// `?bytes=` that many bytes, in 64 KiB chunks that each begin with their number in 8 bytes, big-endian;
/// `?chunked=1` leaves out the length.
pub(super) fn large(params: &Params) -> Answer {
    let bytes = params.number("bytes").unwrap_or(CHUNK);
    let chunks = stream::unfold((0, bytes), |(number, left)| async move {
        let length = left.min(CHUNK);
        (length > 0).then(|| {
            (
                Ok(Frame::data(chunk(number, length))),
                (number + 1, left - length),
            )
        })
    });
    let mut answer = streaming(chunks, "application/octet-stream");
    if params.first("chunked") != Some("1") {
        answer
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    }
    answer
}

fn chunk(number: u64, length: u64) -> Bytes {
    let mut chunk = number.to_be_bytes().to_vec();
    chunk.resize(usize::try_from(length).unwrap_or_default(), 0);
    Bytes::from(chunk)
}

fn ticking(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn streaming<S>(frames: S, media_type: &'static str) -> Answer
where
    S: Stream<Item = io::Result<Frame<Bytes>>> + Send + 'static,
{
    let mut answer = Answer::new(StreamBody::new(frames).boxed_unsync());
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}
