//! The bodies that strangers may send: how long each is, and how many are in memory at once.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use gateway_sign_in::AddressPrefix;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::listener::shares::{Share, Shares};
use crate::respond::Refusal;

/// Forms of our own pages: an address, a code, a handle. At most 16 MiB of all together.
static SMALL: LazyLock<Kind> = LazyLock::new(|| Kind::new(16 * 1024, 1024, 64));
/// What identity providers let the browser post: a signed answer with all its claims (row S142). At most 32 MiB.
static LARGE: LazyLock<Kind> = LazyLock::new(|| Kind::new(512 * 1024, 64, 16));

/// Bytes that are read and thrown away behind a form that is too long, and for how long: whoever is still sending when the
/// connection is closed sees it break, and not the answer.
const DISCARDED: usize = 4 * 1024 * 1024;
const DISCARDED_WITHIN: Duration = Duration::from_secs(5);

/// A kind of form.
pub(super) struct Kind {
    /// Longest form, in bytes.
    longest: usize,
    /// Forms in memory at once: of everybody, and of one network.
    places: Semaphore,
    shares: Shares,
}

/// A form in memory; its place is free again when dropped.
pub(super) struct Form<'a> {
    pub(super) content: Bytes,
    _place: SemaphorePermit<'a>,
    _share: Share,
}

impl Kind {
    fn new(longest: usize, places: usize, each: usize) -> Self {
        Self {
            longest,
            places: Semaphore::new(places),
            shares: Shares::new(each),
        }
    }

    /// Forms of our own pages.
    pub(super) fn small() -> &'static Self {
        &SMALL
    }

    /// Forms that come from identity providers.
    pub(super) fn large() -> &'static Self {
        &LARGE
    }

    /// Reads a form of a stranger.
    ///
    /// # Errors
    /// [`Refusal::FormTooLarge`], without keeping anything of it where its length says so; [`Refusal::FormBrokeOff`] also
    /// where it is not whole after `within`; [`Refusal::Busy`] where too many are in memory.
    pub(super) async fn read<B>(
        &self,
        mut body: B,
        prefix: AddressPrefix,
        within: Duration,
    ) -> Result<Form<'_>, Refusal>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let told = body.size_hint().lower();
        if usize::try_from(told).map_or(true, |told| told > self.longest) {
            discard(&mut body).await;
            return Err(Refusal::FormTooLarge);
        }
        let busy = || Refusal::Busy;
        let share = self.shares.take(prefix).ok_or_else(busy)?;
        let place = self.places.try_acquire().map_err(|_| busy())?;
        let limited = Limited::new(&mut body, self.longest).collect();
        let read = tokio::time::timeout(within, limited).await;
        match read {
            Ok(Ok(form)) => Ok(Form {
                content: form.to_bytes(),
                _place: place,
                _share: share,
            }),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                discard(&mut body).await;
                Err(Refusal::FormTooLarge)
            }
            Ok(Err(_)) | Err(_) => Err(Refusal::FormBrokeOff),
        }
    }
}

/// Reads on and keeps nothing, up to [`DISCARDED`] bytes.
async fn discard<B>(body: &mut B)
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut left = DISCARDED;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let read = frame.data_ref().map_or(0, Bytes::len);
            left = left.saturating_sub(read);
            if left == 0 {
                break;
            }
        }
    };
    // Whoever sends nothing more within that time is not waited for.
    let _ended = tokio::time::timeout(DISCARDED_WITHIN, reading).await;
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http_body_util::Full;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn prefix(text: &str) -> AddressPrefix {
        text.parse::<IpAddr>().unwrap().into()
    }

    fn form() -> Full<Bytes> {
        Full::new(Bytes::from_static(b"a=b"))
    }

    fn is_busy(read: &Result<Form<'_>, Refusal>) -> bool {
        matches!(read, Err(Refusal::Busy))
    }

    #[tokio::test]
    async fn sec_142_forms_in_memory_are_counted_for_everybody() {
        let kind = Kind::new(16, 2, 2);
        let here = prefix("192.0.2.1");
        let first = kind.read(form(), here, LONG).await.unwrap();
        let _second = kind.read(form(), prefix("192.0.2.2"), LONG).await.unwrap();
        assert!(is_busy(&kind.read(form(), prefix("192.0.2.3"), LONG).await));
        drop(first);
        assert!(kind.read(form(), prefix("192.0.2.3"), LONG).await.is_ok());
    }

    #[tokio::test]
    async fn sec_142_and_one_network_does_not_take_all_places() {
        let kind = Kind::new(16, 3, 1);
        let here = prefix("192.0.2.1");
        let _held = kind.read(form(), here, LONG).await.unwrap();
        assert!(is_busy(&kind.read(form(), here, LONG).await));
        assert!(kind.read(form(), prefix("192.0.2.2"), LONG).await.is_ok());
    }

    #[tokio::test]
    async fn sec_142_a_form_that_says_it_is_too_large_takes_no_place() {
        let kind = Kind::new(2, 0, 0);
        let read = kind.read(form(), prefix("192.0.2.1"), LONG).await;
        assert!(matches!(read, Err(Refusal::FormTooLarge)));
    }

    #[tokio::test]
    async fn what_is_too_long_is_read_to_its_end_before_the_answer() {
        use futures_util::StreamExt;
        use std::sync::atomic::{AtomicUsize, Ordering};
        let read = AtomicUsize::new(0);
        let body = |pieces: usize| {
            let read = &read;
            let frames = futures_util::stream::iter(0..pieces).map(move |_| {
                read.fetch_add(1, Ordering::Relaxed);
                let piece = Bytes::from_static(&[b'a'; 1024]);
                Ok::<_, std::convert::Infallible>(http_body::Frame::data(piece))
            });
            http_body_util::StreamBody::new(frames)
        };
        let kind = Kind::new(16, 1, 1);
        let long = kind.read(body(100), prefix("192.0.2.1"), LONG).await;
        assert!(matches!(long, Err(Refusal::FormTooLarge)));
        assert_eq!(read.swap(0, Ordering::Relaxed), 100);
        let endless = kind.read(body(1_000_000), prefix("192.0.2.1"), LONG).await;
        assert!(matches!(endless, Err(Refusal::FormTooLarge)));
        assert!(read.load(Ordering::Relaxed) <= DISCARDED / 1024 + 1);
    }

    #[tokio::test]
    async fn a_form_that_does_not_come_frees_its_place() {
        let kind = Kind::new(16, 1, 1);
        let here = prefix("192.0.2.1");
        let never = http_body_util::StreamBody::new(futures_util::stream::pending::<
            Result<http_body::Frame<Bytes>, std::convert::Infallible>,
        >());
        assert!(matches!(
            kind.read(never, here, Duration::ZERO).await,
            Err(Refusal::FormBrokeOff)
        ));
        assert!(kind.read(form(), here, LONG).await.is_ok());
    }
}
