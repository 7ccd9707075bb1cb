//! What can be shown of a file without giving it away, by the extension of its name.

use crate::path::ItemPath;

/// How a file can be shown, the easiest to keep first.
///
/// Source: specification "sharing rules" 1.4, `BlockDownloadLinksFileType`; 1.6, `LimitedAccessFileType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileClass {
    /// Rendered on the server: Office documents.
    ServerRendered,
    /// Previewed in the browser.
    WebPreviewable,
    /// Neither.
    Other,
}

/// The class of the file at `path`. A name without a known extension is [`FileClass::Other`].
#[must_use]
pub fn class(path: &ItemPath) -> FileClass {
    const RENDERED: [&str; 14] = [
        "doc", "docm", "docx", "dotx", "odp", "ods", "odt", "one", "ppt", "pptm", "pptx", "xls",
        "xlsm", "xlsx",
    ];
    const PREVIEWED: [&str; 18] = [
        "avif", "bmp", "csv", "gif", "heic", "jpeg", "jpg", "md", "mov", "mp3", "mp4", "pdf",
        "png", "svg", "tif", "tiff", "txt", "webp",
    ];
    let name = path.segments().last().unwrap_or_default();
    let Some((_, extension)) = name.rsplit_once('.') else {
        return FileClass::Other;
    };
    let is = |known: &&str| extension.eq_ignore_ascii_case(known);
    if RENDERED.iter().any(is) {
        FileClass::ServerRendered
    } else if PREVIEWED.iter().any(is) {
        FileClass::WebPreviewable
    } else {
        FileClass::Other
    }
}
