//! How much a plugin may say. What is longer is refused before it is read.

use std::time::Duration;

/// Longest answer of any call, bytes of JSON.
pub const ANSWER_BYTES: usize = 1024 * 1024;
/// Longest `state`, bytes.
pub const STATE_BYTES: usize = 64 * 1024;
/// Time a call may take.
pub const DEADLINE: Duration = Duration::from_secs(2);

/// Longest identifier of an instance and of a kind, characters of `[a-z0-9-]`.
pub const ID_CHARS: usize = 64;
/// Longest display name of a plugin, characters.
pub const DISPLAY_NAME_CHARS: usize = 80;
/// Longest version of a plugin, characters.
pub const VERSION_CHARS: usize = 64;
/// Most home domains, and most hosts to fetch from.
pub const HOSTS: usize = 256;

/// Longest URL, bytes.
pub const URL_BYTES: usize = 16 * 1024;
/// Most fields of a post and most headers of a fetch.
pub const FIELDS: usize = 64;
/// Longest body of a fetch, bytes.
pub const FETCH_BODY_BYTES: usize = 256 * 1024;

/// Most submissions of one form.
pub const SUBMITS: u8 = 20;
/// Longest title of a form, characters.
pub const FORM_TITLE_CHARS: usize = 80;
/// Longest text of a form, characters.
pub const FORM_TEXT_CHARS: usize = 400;
/// Longest error of a form, characters.
pub const FORM_ERROR_CHARS: usize = 200;
/// Most inputs of a form.
pub const FORM_FIELDS: usize = 8;
/// Most further buttons of a form.
pub const FORM_BUTTONS: usize = 3;
/// Longest name of an input, characters.
pub const FIELD_NAME_CHARS: usize = 32;
/// Longest label of an input, characters.
pub const LABEL_CHARS: usize = 80;
/// Longest label of a button, characters.
pub const BUTTON_CHARS: usize = 40;
/// Longest value that an input may take, characters.
pub const VALUE_CHARS: u16 = 1024;

/// Longest subject of a mail, characters.
pub const MAIL_SUBJECT_CHARS: usize = 120;
/// Longest text of a mail, bytes.
pub const MAIL_TEXT_BYTES: usize = 4 * 1024;
/// Longest mail address, bytes (RFC 5321: 64 + 1 + 255).
pub const ADDRESS_BYTES: usize = 320;

/// Longest subject, issuer, tenant, cloud and session id of claims, bytes.
pub const CLAIM_BYTES: usize = 512;
/// Longest logout hint of claims, bytes: it travels in the session's cookie.
pub const LOGOUT_HINT_BYTES: usize = 512;
/// Most authentication methods and contexts of claims.
pub const CLAIM_LIST: usize = 64;
/// Longest display name of a person, bytes; a longer one is cut.
pub const PERSON_NAME_BYTES: usize = 512;
/// Most ids to consume at once.
pub const CONSUMES: usize = 16;
/// Longest id to consume, bytes.
pub const CONSUME_ID_BYTES: usize = 256;
/// Longest media type of a document, bytes.
pub const CONTENT_TYPE_BYTES: usize = 128;
/// Longest detail of a rejection, bytes; a longer one is cut.
pub const DETAIL_BYTES: usize = 1024;
