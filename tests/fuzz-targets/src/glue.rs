//! The C functions over a provider in Rust, called as the gateway calls them.
#![expect(unsafe_code, reason = "calls across the C boundary are what is fuzzed")]

use std::ffi::c_void;
use std::ptr;
use std::slice;

use plugins_openid::OpenId;
use plugins_sdk::abi::{
    HostBytes, HostSink, PluginBytes, PluginInstance, PluginTable, STATUS_MALFORMED, STATUS_OK,
    Status,
};
use plugins_sdk::glue;
use plugins_sdk::message::{OpenAnswer, Step};
use plugins_sdk::testing::open_request;
use serde::de::DeserializeOwned;

const TABLE: PluginTable = glue::table::<OpenId>(0);

/// Hands bytes to `open` and `step`: each answers with a message or refuses, and never panics.
pub fn step_input(bytes: &[u8]) {
    let (status, written, opened) = open(bytes);
    judge::<OpenAnswer>("open", status, &written);
    close(opened);
    let settings = serde_json::json!({ "issuer": "https://idp.example", "client_id": "c", "client_secret": "s" });
    let request = serde_json::to_vec(&open_request(settings)).unwrap_or_default();
    let (_, written, instance) = open(&request);
    if instance.is_null() {
        panic!(
            "good settings are refused: {}",
            String::from_utf8_lossy(&written)
        );
    }
    let (status, written) = step(instance, bytes);
    judge::<Step>("step", status, &written);
    if step(instance, bytes) != (status, written) {
        panic!("the same input is answered differently");
    }
    close(instance);
}

fn judge<T: DeserializeOwned>(function: &str, status: Status, written: &[u8]) {
    let holds = match status {
        STATUS_OK => serde_json::from_slice::<T>(written).is_ok(),
        STATUS_MALFORMED => std::str::from_utf8(written).is_ok(),
        _ => false,
    };
    if !holds {
        let text = String::from_utf8_lossy(written);
        panic!("`{function}` answers with status {status}: {text}");
    }
}

fn open(request: &[u8]) -> (Status, Vec<u8>, *mut PluginInstance) {
    let Some(open) = TABLE.open else {
        return (STATUS_OK, Vec::new(), ptr::null_mut());
    };
    let mut instance = ptr::null_mut();
    // SAFETY: the table is a provider's own; request, instance and sink live until it returns.
    let (status, written) = collect(|sink| unsafe { open(lend(request), &raw mut instance, sink) });
    (status, written, instance)
}

/// `instance` is one that [`open`] gave and [`close`] has not taken.
fn step(instance: *const PluginInstance, input: &[u8]) -> (Status, Vec<u8>) {
    let Some(step) = TABLE.step else {
        return (STATUS_OK, Vec::new());
    };
    // SAFETY: as in `open`; the instance is of the same table and not closed.
    collect(|sink| unsafe { step(instance, lend(input), sink) })
}

fn close(instance: *mut PluginInstance) {
    if let Some(close) = TABLE.close {
        // SAFETY: null, or the last call on an instance of the same table.
        unsafe { close(instance) }
    }
}

fn lend(bytes: &[u8]) -> HostBytes {
    HostBytes {
        ptr: bytes.as_ptr(),
        len: bytes.len(),
    }
}

fn collect(call: impl FnOnce(*const HostSink) -> Status) -> (Status, Vec<u8>) {
    let mut written: Vec<u8> = Vec::new();
    let sink = HostSink {
        ctx: (&raw mut written).cast::<c_void>(),
        write,
    };
    let status = call(&raw const sink);
    (status, written)
}

/// # Safety
/// `ctx` is the one of a sink of `collect`, during its call; `bytes` is valid until this returns.
unsafe extern "C" fn write(ctx: *mut c_void, bytes: PluginBytes) -> Status {
    // SAFETY: `collect` made this pointer, and nothing else uses what it points to during the call.
    if let Some(written) = unsafe { ctx.cast::<Vec<u8>>().as_mut() }
        && !bytes.ptr.is_null()
    {
        // SAFETY: the provider lent `len` initialised bytes at `ptr`, which is not null.
        written.extend_from_slice(unsafe { slice::from_raw_parts(bytes.ptr, bytes.len) });
    }
    STATUS_OK
}
