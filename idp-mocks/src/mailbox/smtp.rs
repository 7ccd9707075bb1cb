//! SMTP over real sockets.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::Mailbox;
use super::session::{Session, Then};
use crate::misbehaviour::{Endpoint, Misbehaviour};
use crate::service::Service;
use crate::shared::Shared;

/// The longest line that is read, in bytes.
const LINE_LIMIT: u64 = 64 * 1024;

/// What every session needs.
pub(crate) struct PostOffice {
    pub(crate) name: String,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) mailbox: Mailbox,
    pub(crate) shared: Arc<Shared>,
}

/// Serves sessions in the background until `stop`.
pub(crate) fn serve(listener: TcpListener, office: PostOffice, stop: CancellationToken) {
    let office = Arc::new(office);
    tokio::spawn(async move {
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            let Ok((stream, _)) = accepted else { continue };
            let (office, stop) = (Arc::clone(&office), stop.clone());
            tokio::spawn(async move {
                let session = office.attend(stream);
                if let Some(Err(cause)) = stop.run_until_cancelled(session).await {
                    tracing::debug!(error = %cause, "SMTP session ended early");
                }
            });
        }
    });
}

/// How a dialogue ended.
enum End {
    HungUp,
    StartTls,
}

impl PostOffice {
    async fn attend(&self, mut stream: TcpStream) -> io::Result<()> {
        if self.misbehaves(Misbehaviour::Slow) {
            tokio::time::sleep(self.shared.switchboard.delay()).await;
        }
        if self.misbehaves(Misbehaviour::Huge) {
            return greet_without_end(&mut stream).await;
        }
        let mut session = Session::new(&self.name, self.tls.is_some());
        stream.write_all(session.greeting().as_bytes()).await?;
        let mut reader = BufReader::new(stream);
        let (End::StartTls, Some(acceptor)) =
            (self.converse(&mut session, &mut reader).await?, &self.tls)
        else {
            return Ok(());
        };
        // What came before the handshake is thrown away with the buffer: it could have been slipped in by
        // somebody in the middle.
        let stream = acceptor.accept(reader.into_inner()).await?;
        let mut session = session.encrypted();
        let mut stream = BufReader::new(stream);
        self.converse(&mut session, &mut stream).await?;
        stream.shutdown().await
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        session: &mut Session,
        stream: &mut BufReader<S>,
    ) -> io::Result<End> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut *stream)
                .take(LINE_LIMIT)
                .read_until(b'\n', &mut line)
                .await?;
            if read == 0 || line.last() != Some(&b'\n') {
                return Ok(End::HungUp);
            }
            let (reply, end) = match session.line(&line) {
                Then::Listen => continue,
                Then::Reply(reply) => (reply, None),
                Then::HangUp(reply) => (reply, Some(End::HungUp)),
                Then::StartTls(reply) => (reply, Some(End::StartTls)),
                Then::TakeIn(_, _) if self.misbehaves(Misbehaviour::Http500) => {
                    ("451 told to fail\r\n".to_owned(), None)
                }
                Then::TakeIn(_, _) if self.misbehaves(Misbehaviour::Truncated) => {
                    return Ok(End::HungUp);
                }
                Then::TakeIn(envelope, reply) => {
                    self.mailbox.take_in(&envelope);
                    (reply, None)
                }
            };
            stream.write_all(reply.as_bytes()).await?;
            stream.flush().await?;
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    fn misbehaves(&self, what: Misbehaviour) -> bool {
        self.shared
            .switchboard
            .has_at(Service::Mailbox, what, Endpoint::Other)
    }
}

async fn greet_without_end(stream: &mut TcpStream) -> io::Result<()> {
    loop {
        stream.write_all(b"220-welcome\r\n").await?;
    }
}
