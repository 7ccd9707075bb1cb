//! One upload: what has come of it, in order and without gaps.
//!
//! Parts come one after the other. One that comes while another is on its way takes its place: a client that lost its
//! connection comes again before anybody notices that the first one is gone.

use std::io::{self, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use bytes::BytesMut;
use futures_util::TryStreamExt;
use futures_util::stream;
use gateway_core::id::SiteId;
use gateway_core::path::ItemPath;
use gateway_core::time::UnixTime;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::BodyExt;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::{Mutex, MutexGuard, watch};

use super::folder::{Folder, Spooled};
use super::room::{Room, Share};
use super::{LONGEST, REMEMBERED};
use crate::caller::Caller;
use crate::drives::head::Conflict;
use crate::request::StreamBody;

/// Bytes that are read at once on their way to the upstream.
const BLOCK: usize = 64 * 1024;

/// What an upload is, from its beginning.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Who began it: every part is judged as theirs.
    pub(crate) caller: Caller,
    /// The site.
    pub(crate) site: SiteId,
    /// The item.
    pub(crate) path: ItemPath,
    /// What becomes of it where something has the name.
    pub(crate) conflict: Conflict,
    /// `If-Match`, `If-None-Match`.
    pub(crate) conditions: HeaderMap,
    /// Whether the client says itself when it is to be kept.
    pub(crate) defer: bool,
}

/// An upload.
pub(crate) struct Session {
    pub(crate) begun: Begun,
    since: UnixTime,
    expires: AtomicI64,
    /// Bytes that have come.
    received: AtomicU64,
    /// Bytes of the whole; 0 while that is not known.
    total: AtomicU64,
    /// Whether the upstream has it.
    whole: AtomicBool,
    /// Counts those who began to write: the last one may.
    turn: watch::Sender<u64>,
    progress: Mutex<Progress>,
}

/// What has come of an upload.
pub(crate) struct Progress {
    spooled: Spooled,
    /// Open from the first part on: what is still being written when a client goes is waited for by the next write.
    file: Option<File>,
    share: Share,
    /// Bytes that count. The file may be longer: what broke off is written over.
    received: u64,
    total: Option<u64>,
    /// Whether it was given up.
    ended: bool,
    /// Where it is now, once the upstream has it.
    pub(crate) done: Option<Done>,
}

/// An upload that is whole.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    /// The item.
    pub(crate) path: ItemPath,
    /// Whether there was none before.
    pub(crate) created: bool,
}

/// Which bytes a part is, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: u64,
    /// The first byte behind it.
    pub(crate) end: u64,
    pub(crate) total: u64,
}

/// Why a part does not count.
#[derive(Debug)]
pub(crate) enum NotReceived {
    /// The upload is given up.
    Ended,
    /// Another part took its place.
    Superseded,
    /// It is of an item of another length.
    OtherTotal,
    /// It holds bytes that are there.
    Overlap,
    /// Bytes before it are missing.
    Gap,
    /// There is no room for it.
    NoRoom,
    /// It has more or fewer bytes than it says.
    OtherLength,
    /// It broke off.
    BrokeOff(Box<dyn std::error::Error + Send + Sync>),
    /// It cannot be kept.
    Disk(io::Error),
}

impl Session {
    pub(super) fn new(begun: Begun, folder: &Arc<Folder>, room: &Arc<Room>, now: UnixTime) -> Self {
        Self {
            begun,
            since: now,
            expires: AtomicI64::new(now.0),
            received: AtomicU64::new(0),
            total: AtomicU64::new(0),
            whole: AtomicBool::new(false),
            turn: watch::Sender::new(0),
            progress: Mutex::new(Progress {
                spooled: folder.file(),
                file: None,
                share: Share::none(Arc::clone(room)),
                received: 0,
                total: None,
                ended: false,
                done: None,
            }),
        }
    }

    /// Lets it wait for `lifetime` seconds, but not beyond its longest life. Returns until when.
    pub(super) fn wait(&self, now: UnixTime, lifetime: i64) -> UnixTime {
        let until = now.plus(lifetime).0.min(self.since.plus(LONGEST).0);
        self.expires.store(until, Ordering::SeqCst);
        UnixTime(until)
    }

    /// Whether nobody waits for it any more. One that is being written to is not over: its pauses are limited.
    pub(super) fn is_over(&self, now: UnixTime) -> bool {
        now.0 >= self.expires.load(Ordering::SeqCst) && self.progress.try_lock().is_ok()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole.load(Ordering::SeqCst)
    }

    /// Until when it waits.
    pub(crate) fn expires(&self) -> UnixTime {
        UnixTime(self.expires.load(Ordering::SeqCst))
    }

    /// Which bytes are missing, as `nextExpectedRanges` says it: `26-1023`, without the end where nobody has said yet how
    /// many there are.
    pub(crate) fn missing(&self) -> Vec<String> {
        let received = self.received.load(Ordering::SeqCst);
        match self.total.load(Ordering::SeqCst).checked_sub(1) {
            None => vec![format!("{received}-")],
            Some(last) if received <= last => vec![format!("{received}-{last}")],
            Some(_) => Vec::new(),
        }
    }

    pub(super) async fn end(&self) {
        self.turn.send_modify(|turn| *turn += 1);
        let mut progress = self.progress.lock().await;
        progress.ended = true;
        progress.forget().await;
    }

    /// Waits for the turn to write, and ends whoever has it.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        let mut mine = 0;
        self.turn.send_modify(|turn| {
            *turn += 1;
            mine = *turn;
        });
        let mut later = self.turn.subscribe();
        let progress = self.progress.lock().await;
        let superseded = *later.borrow_and_update() != mine;
        Turn {
            session: self,
            progress,
            later,
            superseded,
        }
    }
}

/// The turn to write to an upload.
pub(crate) struct Turn<'a> {
    session: &'a Session,
    pub(crate) progress: MutexGuard<'a, Progress>,
    later: watch::Receiver<u64>,
    superseded: bool,
}

impl Turn<'_> {
    /// Whether the part is the next one.
    ///
    /// # Errors
    /// [`NotReceived`].
    pub(crate) fn fits(&self, part: Part) -> Result<(), NotReceived> {
        self.still()?;
        let progress = &*self.progress;
        if progress.total.is_some_and(|total| total != part.total) {
            return Err(NotReceived::OtherTotal);
        }
        match part.start {
            start if start < progress.received => Err(NotReceived::Overlap),
            start if start > progress.received => Err(NotReceived::Gap),
            _ => Ok(()),
        }
    }

    /// Whether there is still something to write to.
    ///
    /// # Errors
    /// [`NotReceived::Ended`], [`NotReceived::Superseded`].
    pub(crate) fn still(&self) -> Result<(), NotReceived> {
        if self.progress.ended {
            return Err(NotReceived::Ended);
        }
        if self.superseded {
            return Err(NotReceived::Superseded);
        }
        Ok(())
    }

    /// Writes a part that fits into the file. It counts once it is [`Turn::keep`]t.
    ///
    /// # Errors
    /// [`NotReceived`]; the upload is as it was.
    pub(crate) async fn receive(
        &mut self,
        part: Part,
        body: StreamBody,
    ) -> Result<(), NotReceived> {
        let progress = &mut *self.progress;
        // With what broke off before, which is written over.
        if !progress.share.set(part.end) {
            return Err(NotReceived::NoRoom);
        }
        let received = progress.write(part, body, &mut self.later).await;
        if received.is_err() {
            progress.roll_back(part.start).await;
        }
        received
    }

    /// Counts a part that was received.
    pub(crate) fn keep(&mut self, part: Part) {
        self.progress.received = part.end;
        self.session.received.store(part.end, Ordering::SeqCst);
        self.of(part.total);
    }

    /// Notes how many bytes the whole has.
    pub(crate) fn of(&mut self, total: u64) {
        self.progress.total = Some(total);
        self.session.total.store(total, Ordering::SeqCst);
    }

    /// Keeps where the item is now, for whoever did not hear of it, and lets its file go.
    pub(crate) async fn finish(&mut self, done: Done, now: UnixTime) {
        let total = self.progress.total.unwrap_or_default();
        self.session.received.store(total, Ordering::SeqCst);
        self.session.whole.store(true, Ordering::SeqCst);
        let until = self.session.expires().0.min(now.plus(REMEMBERED).0);
        self.session.expires.store(until, Ordering::SeqCst);
        self.progress.done = Some(done);
        self.progress.forget().await;
    }
}

impl Progress {
    /// How many bytes the whole has, where all of them have come.
    pub(crate) fn complete(&self) -> Option<u64> {
        self.total.filter(|total| *total == self.received)
    }

    /// The bytes, on their way to the upstream.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) async fn content(&self, length: u64) -> io::Result<StreamBody> {
        let file = self.spooled.read().await?.take(length);
        let blocks = stream::try_unfold(file, |mut file| async move {
            let mut block = BytesMut::with_capacity(BLOCK);
            let read = file.read_buf(&mut block).await?;
            let frame = (read > 0).then(|| Frame::data(block.freeze()));
            Ok::<_, io::Error>(frame.map(|frame| (frame, file)))
        });
        let body = http_body_util::StreamBody::new(blocks.map_err(Into::into));
        Ok(body.boxed_unsync())
    }

    async fn write(
        &mut self,
        part: Part,
        mut body: StreamBody,
        later: &mut watch::Receiver<u64>,
    ) -> Result<(), NotReceived> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.spooled.write().await.map_err(NotReceived::Disk)?),
        };
        file.set_len(part.start).await.map_err(NotReceived::Disk)?;
        let at = file.seek(SeekFrom::Start(part.start)).await;
        at.map_err(NotReceived::Disk)?;
        let mut left = part.end - part.start;
        loop {
            let frame = tokio::select! {
                biased;
                _ = later.changed() => return Err(NotReceived::Superseded),
                frame = body.frame() => frame,
            };
            let Some(frame) = frame else { break };
            let Ok(data) = frame.map_err(NotReceived::BrokeOff)?.into_data() else {
                continue;
            };
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            left = left.checked_sub(length).ok_or(NotReceived::OtherLength)?;
            file.write_all(&data).await.map_err(NotReceived::Disk)?;
        }
        if left > 0 {
            return Err(NotReceived::OtherLength);
        }
        file.flush().await.map_err(NotReceived::Disk)
    }

    /// Makes room of what does not count. What cannot be cut off now is written over later.
    async fn roll_back(&mut self, to: u64) {
        if let Some(file) = &mut self.file {
            let _waited = file.flush().await;
            if file.set_len(to).await.is_ok() {
                self.share.set(to);
            }
        }
    }

    /// Lets go of the bytes: of the file at once, although somebody may still read it.
    async fn forget(&mut self) {
        self.file = None;
        self.share.set(0);
        self.spooled.remove().await;
    }
}
