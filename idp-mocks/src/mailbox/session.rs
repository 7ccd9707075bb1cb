//! The dialogue of one SMTP session, without any IO (RFC 5321, RFC 3207, RFC 6531).

/// The longest message that is taken, in bytes.
pub(super) const MESSAGE_LIMIT: usize = 10 * 1024 * 1024;

/// The most recipients of one message.
const RECIPIENT_LIMIT: usize = 100;

/// A message with the addresses that it travelled under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) data: Vec<u8>,
}

/// What to do after a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Send the reply and read on.
    Reply(String),
    /// Read on.
    Listen,
    /// A message is complete: take it in, send the reply and read on.
    TakeIn(Envelope, String),
    /// Send the reply and begin TLS.
    StartTls(String),
    /// Send the reply and hang up.
    HangUp(String),
}

/// Where a session stands.
#[derive(Debug, Default)]
pub(super) struct Session {
    name: String,
    offers_tls: bool,
    greeted: bool,
    mail: Option<Envelope>,
    in_data: bool,
    after_crlf: bool,
}

impl Session {
    pub(super) fn new(name: &str, offers_tls: bool) -> Self {
        Self {
            name: name.to_owned(),
            offers_tls,
            ..Self::default()
        }
    }

    /// The first line.
    pub(super) fn greeting(&self) -> String {
        format!("220 {} ESMTP mock\r\n", self.name)
    }

    /// After the handshake everything begins anew (RFC 3207, section 4.2), and TLS is not offered again.
    pub(super) fn encrypted(&self) -> Self {
        Self::new(&self.name, false)
    }

    /// Takes one line with its line end.
    pub(super) fn line(&mut self, line: &[u8]) -> Then {
        if self.in_data {
            return self.data(line);
        }
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']);
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.ehlo(),
            "HELO" => self.helo(),
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "DATA" => self.begin_data(),
            "RSET" => self.reset(),
            "NOOP" => reply("250 OK"),
            "VRFY" => reply("252 try it"),
            "STARTTLS" if self.offers_tls => Then::StartTls("220 go ahead\r\n".to_owned()),
            "QUIT" => Then::HangUp("221 bye\r\n".to_owned()),
            _ => reply("502 not known here"),
        }
    }

    fn ehlo(&mut self) -> Then {
        self.greeted = true;
        self.mail = None;
        let tls = if self.offers_tls {
            "250-STARTTLS\r\n"
        } else {
            ""
        };
        let name = &self.name;
        Then::Reply(format!(
            "250-{name}\r\n{tls}250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {MESSAGE_LIMIT}\r\n"
        ))
    }

    fn helo(&mut self) -> Then {
        self.greeted = true;
        self.mail = None;
        reply(&format!("250 {}", self.name))
    }

    fn mail(&mut self, rest: &str) -> Then {
        let Some(from) = path(rest, "FROM:") else {
            return reply("501 MAIL FROM:<address>");
        };
        if !self.greeted || self.mail.is_some() {
            return reply("503 not now");
        }
        self.mail = Some(Envelope {
            from,
            ..Envelope::default()
        });
        reply("250 OK")
    }

    fn rcpt(&mut self, rest: &str) -> Then {
        let to = path(rest, "TO:").filter(|address| !address.is_empty());
        match (&mut self.mail, to) {
            (None, _) => reply("503 not now"),
            (Some(_), None) => reply("501 RCPT TO:<address>"),
            (Some(mail), Some(_)) if mail.to.len() >= RECIPIENT_LIMIT => {
                reply("452 too many recipients")
            }
            (Some(mail), Some(to)) => {
                mail.to.push(to);
                reply("250 OK")
            }
        }
    }

    fn begin_data(&mut self) -> Then {
        if self.mail.as_ref().is_none_or(|mail| mail.to.is_empty()) {
            return reply("503 not now");
        }
        self.in_data = true;
        self.after_crlf = true;
        reply("354 end with a dot alone")
    }

    fn data(&mut self, line: &[u8]) -> Then {
        // A line begins after CR LF and nowhere else: taking a bare LF for a line end is how mails are
        // smuggled past a server that reads them otherwise.
        let begins = std::mem::replace(&mut self.after_crlf, line.ends_with(b"\r\n"));
        if begins && line == b".\r\n" {
            return self.end_data();
        }
        let unstuffed = line.strip_prefix(b".").filter(|_| begins).unwrap_or(line);
        if let Some(mail) = &mut self.mail
            && mail.data.len() <= MESSAGE_LIMIT
        {
            mail.data.extend_from_slice(unstuffed);
        }
        Then::Listen
    }

    fn end_data(&mut self) -> Then {
        self.in_data = false;
        match self.mail.take() {
            Some(mail) if mail.data.len() <= MESSAGE_LIMIT => {
                Then::TakeIn(mail, "250 taken in\r\n".to_owned())
            }
            _ => reply("552 too long"),
        }
    }

    fn reset(&mut self) -> Then {
        self.mail = None;
        reply("250 OK")
    }
}

fn reply(line: &str) -> Then {
    Then::Reply(format!("{line}\r\n"))
}

/// The address of `FROM:<a@b> PARAMETERS`.
fn path(rest: &str, keyword: &str) -> Option<String> {
    let (found, tail) = rest.split_at_checked(keyword.len())?;
    let tail = tail.trim_start().strip_prefix('<')?;
    let (address, _parameters) = tail.split_once('>')?;
    found
        .eq_ignore_ascii_case(keyword)
        .then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says the lines, split as a reader splits them, and looks at the last answer.
    fn check(lines: &[&str], want: &str) {
        let mut session = Session::new("mail.localhost", false);
        let mut last = String::new();
        for line in format!("{}\r\n", lines.join("\r\n")).split_inclusive('\n') {
            last = match session.line(line.as_bytes()) {
                Then::Reply(text) | Then::HangUp(text) | Then::StartTls(text) => text,
                Then::TakeIn(envelope, _) => String::from_utf8(envelope.data).unwrap(),
                Then::Listen => String::new(),
            };
        }
        assert!(
            last.starts_with(want),
            "{lines:?} gave {last:?}, wanted {want:?}"
        );
    }

    #[test]
    fn a_session_keeps_to_its_order() {
        check(&["MAIL FROM:<a@b.example>"], "503");
        check(&["EHLO x", "RCPT TO:<a@b.example>"], "503");
        check(&["EHLO x", "MAIL FROM:<>"], "250");
        check(&["EHLO x", "MAIL FROM:a@b.example"], "501");
        check(&["EHLO x", "MAIL FROM:<>", "DATA"], "503");
        check(
            &[
                "EHLO x",
                "mail from:<a@b.example> BODY=8BITMIME SMTPUTF8",
                "rcpt to:<>",
            ],
            "501",
        );
        check(
            &["EHLO x", "MAIL FROM:<>", "RCPT TO:<a@b.example>", "DATA"],
            "354",
        );
        check(&["STARTTLS"], "502");
        check(&["QUIT"], "221");
    }

    #[test]
    fn dots_are_unstuffed_and_a_bare_line_feed_ends_nothing() {
        let begin = ["EHLO x", "MAIL FROM:<>", "RCPT TO:<a@b.example>", "DATA"];
        let mut lines = begin.to_vec();
        lines.extend(["..dot", "text\n.", "more", "."]);
        check(&lines, ".dot\r\ntext\n.\r\nmore\r\n");
    }

    #[test]
    fn a_message_over_the_limit_is_refused() {
        let mut session = Session::new("mail.localhost", false);
        for line in [
            "EHLO x\r\n",
            "MAIL FROM:<>\r\n",
            "RCPT TO:<a@b.example>\r\n",
            "DATA\r\n",
        ] {
            session.line(line.as_bytes());
        }
        let long = vec![b'x'; MESSAGE_LIMIT];
        session.line(&long);
        session.line(b"\r\n");
        assert_eq!(
            session.line(b".\r\n"),
            Then::Reply("552 too long\r\n".to_owned())
        );
    }
}
