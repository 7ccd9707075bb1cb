//! The files.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// The large file: every MiB begins with its number in 8 bytes, big-endian, and the rest is zero, so that
/// a range can be checked and no disk space is needed.
const LARGE: &str = "sites/projects/Large.bin";
const MEBIBYTE: u64 = 1 << 20;

const PLAN: &[u8] = include_bytes!("../../assets/plan.docx");
const SECRET: &[u8] = include_bytes!("../../assets/secret.docx");
const REPORT: &[u8] = include_bytes!("../../assets/report.pdf");
const LOGO: &[u8] = include_bytes!("../../assets/logo.png");
const PAGE: &[u8] = include_bytes!("../../assets/page.html");

/// Path and content of every other file.
const FILES: &[(&str, &[u8])] = &[
    ("sites/projects/Plan.docx", PLAN),
    ("sites/projects/Secret.docx", SECRET),
    (
        "sites/projects/readme.txt",
        b"Read me: this is the projects site.\n",
    ),
    ("sites/projects/report.pdf", REPORT),
    ("sites/projects/Shared/Brochure.pdf", REPORT),
    ("sites/projects/logo.png", LOGO),
    ("sites/projects/page.html", PAGE),
    (
        "sites/projects/Shared/notes.txt",
        b"Notes that are shared.\n",
    ),
    (
        "sites/projects/Shared/Budget.bin",
        b"\x00\x01\x02\x03budget\xff\xfe",
    ),
    ("sites/projects/Shared/Deep/inner.txt", b"Deep inside.\n"),
    (
        "sites/projects/Shared/Z\u{fc}rich plan (1).txt",
        b"A name with letters and blanks.\n",
    ),
    ("sites/internal/Board.docx", SECRET),
    (
        "sites/internal/minutes.txt",
        b"Minutes: for members only.\n",
    ),
    ("sites/dav/welcome.txt", b"Welcome to the WebDAV library.\n"),
    ("sites/dav/Drafts/draft.txt", b"A draft.\n"),
    ("personal/mia/Documents/letter.txt", b"A letter of Mia's.\n"),
    ("personal/mia/Documents/photo.png", LOGO),
];

/// Writes every file under `root`.
pub(super) fn write(root: &Path, large_bytes: u64) -> io::Result<()> {
    for (path, content) in FILES {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, content)?;
    }
    write_large(&root.join(LARGE), large_bytes)
}

fn write_large(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.set_len(bytes)?;
    for number in 0..bytes / MEBIBYTE {
        file.seek(SeekFrom::Start(number * MEBIBYTE))?;
        file.write_all(&number.to_be_bytes())?;
    }
    Ok(())
}
