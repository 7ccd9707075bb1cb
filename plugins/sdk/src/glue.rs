//! The C functions over a [`Provider`]: the only unsafe code of a plugin written in Rust.
//!
//! Used by [`export_provider!`](crate::export_provider); nothing here is called by hand. What is promised
//! by the gateway (`include/vestibule_plugin.h`): pointers are valid for the call, an instance is one that
//! `open` of the same table made, and `close` is the last call on it. What this side promises: no panic
//! crosses, and every call writes either the answer or a message.
#![expect(unsafe_code, reason = "the plugin's side of the C boundary")]

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::abi::{
    ABI_MAJOR, ABI_MINOR, HostBytes, HostSink, MAGIC, PluginBytes, PluginInstance, PluginTable,
    STATUS_MALFORMED, STATUS_OK, STATUS_PANIC, Status, TABLE_SIZE, TableHeader,
};
use crate::message::{Input, OpenAnswer, OpenRequest};
use crate::provider::{Opened, Provider};

/// The table of a provider.
///
/// - `flags`: as [`TableHeader::flags`].
#[must_use]
pub const fn table<P: Provider>(flags: u64) -> PluginTable {
    PluginTable {
        header: TableHeader {
            magic: MAGIC,
            struct_size: TABLE_SIZE as u32,
            abi_major: ABI_MAJOR,
            abi_minor: ABI_MINOR,
            flags,
        },
        describe: Some(describe::<P>),
        open: Some(open::<P>),
        step: Some(step::<P>),
        close: Some(close::<P>),
    }
}

/// # Safety
/// `answer` is valid for the call.
unsafe extern "C" fn describe<P: Provider>(answer: *const HostSink) -> Status {
    // SAFETY: the caller's promise, handed on.
    unsafe { reply(answer, || encode(&P::describe())) }
}

/// # Safety
/// `request`, `instance` and `answer` are valid for the call.
unsafe extern "C" fn open<P: Provider>(
    request: HostBytes,
    instance: *mut *mut PluginInstance,
    answer: *const HostSink,
) -> Status {
    let mut opened = None;
    let work = || {
        // SAFETY: `request` is lent for the call.
        let request: OpenRequest = unsafe { decode(request) }?;
        let answer = match P::open(&request) {
            Ok(Opened {
                provider,
                fetch_hosts,
            }) => {
                opened = Some(Box::new(provider));
                OpenAnswer::Opened { fetch_hosts }
            }
            Err(problems) => OpenAnswer::Refused { problems },
        };
        encode(&answer)
    };
    // SAFETY: the caller's promise, handed on.
    let status = unsafe { reply(answer, work) };
    match opened {
        // SAFETY: `instance` is valid for writing one pointer.
        Some(provider) if status == STATUS_OK => unsafe {
            instance.write(Box::into_raw(provider).cast());
        },
        unwanted => contain_drop(unwanted),
    }
    status
}

/// # Safety
/// `instance` was made by `open::<P>` and not closed; `input` and `answer` are valid for the call.
unsafe extern "C" fn step<P: Provider>(
    instance: *const PluginInstance,
    input: HostBytes,
    answer: *const HostSink,
) -> Status {
    let work = || {
        // SAFETY: `open` made this pointer from a `Box<P>`, and only `close` takes it back; `P` is `Sync`.
        let provider = unsafe { instance.cast::<P>().as_ref() }.ok_or("the instance is null")?;
        // SAFETY: `input` is lent for the call.
        let input: Input = unsafe { decode(input) }?;
        encode(&provider.step(&input))
    };
    // SAFETY: the caller's promise, handed on.
    unsafe { reply(answer, work) }
}

/// # Safety
/// `instance` is null, or was made by `open::<P>` and is not used again.
unsafe extern "C" fn close<P: Provider>(instance: *mut PluginInstance) {
    if !instance.is_null() {
        // SAFETY: `open` made this pointer from a `Box<P>`, and this is the last call on it.
        contain_drop(Some(unsafe { Box::from_raw(instance.cast::<P>()) }));
    }
}

/// Runs `work` and writes its answer, its error or the message of its panic.
///
/// # Safety
/// `answer` is null or valid for the call.
unsafe fn reply(answer: *const HostSink, work: impl FnOnce() -> Result<Vec<u8>, String>) -> Status {
    // SAFETY: the caller's promise.
    let Some(sink) = (unsafe { answer.as_ref() }) else {
        return STATUS_MALFORMED;
    };
    let (status, bytes) = match contain(work) {
        Ok(Ok(answer)) => (STATUS_OK, answer),
        Ok(Err(message)) => (STATUS_MALFORMED, message.into_bytes()),
        Err(message) => (STATUS_PANIC, message.into_bytes()),
    };
    // SAFETY: the sink is valid for the call, and `bytes` lives until `write` has returned.
    let written = unsafe {
        (sink.write)(
            sink.ctx,
            PluginBytes {
                ptr: bytes.as_ptr(),
                len: bytes.len(),
            },
        )
    };
    // The gateway knows by itself when it has cut off an answer; a status that is not OK must stay the cause.
    if status == STATUS_OK { written } else { status }
}

/// # Safety
/// `bytes` is valid for the call.
unsafe fn decode<T: DeserializeOwned>(bytes: HostBytes) -> Result<T, String> {
    let slice = if bytes.ptr.is_null() || bytes.len == 0 {
        // A null pointer makes no slice, not even an empty one.
        &[]
    } else {
        // SAFETY: the gateway lent `len` initialised bytes at `ptr`, which is not null.
        unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) }
    };
    serde_json::from_slice(slice)
        .map_err(|error| format!("the gateway's message does not fit the schema: {error}"))
}

fn encode(answer: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(answer)
        .map_err(|error| format!("the answer cannot be written as JSON: {error}"))
}

/// Drops a value whose `Drop` may panic.
fn contain_drop<T>(value: T) {
    // Nobody waits for an answer here: a panic while closing has been recorded by the hook and ends.
    let _message = contain(|| drop(value));
}

thread_local! {
    /// Message of the last panic on this thread, while one of the plugin's functions runs.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether one of the plugin's functions runs on this thread.
    static INSIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Runs `work`; a panic becomes its message with the place.
fn contain<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    quieten_panics();
    INSIDE.set(true);
    // Unwind-safe by contract: a provider is a pure function and leaves nothing half-changed.
    let outcome = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(false);
    outcome.map_err(|payload| {
        // The payload's own `Drop` may panic again, and there is nobody left to catch that.
        std::mem::forget(payload);
        PANIC
            .take()
            .unwrap_or_else(|| "a panic without a message".to_owned())
    })
}

/// Keeps a contained panic for the answer instead of printing it: every plugin has a standard library of
/// its own, whose hook would write past the gateway's log.
fn quieten_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if INSIDE.get() {
                PANIC.set(Some(describe_panic(info)));
            } else {
                before(info);
            }
        }));
    });
}

fn describe_panic(info: &PanicHookInfo<'_>) -> String {
    let message = text_of(info.payload());
    match info.location() {
        Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
        None => message.to_owned(),
    }
}

fn text_of(payload: &(dyn Any + Send)) -> &str {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests;
