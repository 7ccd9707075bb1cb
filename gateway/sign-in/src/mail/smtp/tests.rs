use gateway_core::address::EmailAddress;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedSender;

use super::*;

fn mail(port: u16) -> Mail {
    Mail {
        host: "127.0.0.1".to_owned(),
        port,
        security: MailSecurity::None,
        credentials: None,
        from: EmailAddress::parse("no-reply@contoso.example").unwrap(),
        from_name: "Contoso".to_owned(),
    }
}

fn letter(to: &str) -> Letter {
    Letter::plain(
        EmailAddress::parse(to).unwrap(),
        "Your code".to_owned(),
        "12345678".to_owned(),
    )
}

/// Takes one mail as an SMTP server does, and passes on every line it was told.
async fn take(stream: TcpStream, told: UnboundedSender<String>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail\r\n").await.unwrap();
    let mut inside = false;
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
        let said = line.trim_end().to_owned();
        line.clear();
        let verb = said.to_ascii_uppercase();
        let reply: &[u8] = match (inside, verb.as_str()) {
            (true, ".") => {
                inside = false;
                b"250 taken\r\n"
            }
            (true, _) => b"",
            (false, "DATA") => {
                inside = true;
                b"354 go on\r\n"
            }
            (false, _) => b"250 fine\r\n",
        };
        let _listening = told.send(said);
        stream.write_all(reply).await.unwrap();
    }
}

async fn server() -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, lines) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, told.clone()));
        }
    });
    (port, lines)
}

#[tokio::test]
async fn a_queued_letter_reaches_the_server() {
    let (port, mut lines) = server().await;
    let mailer = SmtpMailer::start(mail(port)).unwrap();
    mailer.queue(letter("pat@nowhere.example"));
    let mut told = Vec::new();
    while let Some(line) = lines.recv().await {
        told.push(line.clone());
        if line == "." {
            break;
        }
    }
    for line in [
        "MAIL FROM:<no-reply@contoso.example>",
        "RCPT TO:<pat@nowhere.example>",
        "Subject: Your code",
        "12345678",
    ] {
        assert!(told.iter().any(|said| said == line), "{line}: {told:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_holds_nobody_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mailer = SmtpMailer::start(mail(port)).unwrap();
    for _ in 0..WAITING + 10 {
        mailer.queue(letter("pat@nowhere.example"));
    }
}
