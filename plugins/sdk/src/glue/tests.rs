//! Calls the functions of a table as the gateway does, and as it should not.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

use serde_json::{Value, json};

use super::*;
use crate::abi::{FLAG_PANIC_ABORT, STATUS_TOO_LARGE};
use crate::message::{Description, Event, RejectReason, SettingProblem, Step};
use crate::testing;
use crate::tests::samples;

thread_local! {
    /// Instances that are open; every call of a test is on the test's own thread.
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// Does what its settings say.
struct Told {
    settings: Value,
}

impl Provider for Told {
    fn describe() -> Description {
        samples::description()
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        if request.settings == "refuse" {
            return Err(vec![SettingProblem {
                key: "settings".to_owned(),
                message: "no".to_owned(),
            }]);
        }
        assert_ne!(request.settings, "panic in open", "on purpose");
        OPEN.set(OPEN.get() + 1);
        Ok(Opened {
            provider: Self {
                settings: request.settings.clone(),
            },
            fetch_hosts: Vec::new(),
        })
    }

    fn step(&self, _: &Input) -> Step {
        assert_ne!(self.settings, "panic in step", "on purpose");
        Step::Reject {
            reason: RejectReason::Cancelled,
            detail: self.settings.to_string(),
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        OPEN.set(OPEN.get() - 1);
        assert_ne!(self.settings, "panic in drop", "on purpose");
    }
}

const TABLE: PluginTable = table::<Told>(0);

#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    refuse: bool,
}

unsafe extern "C" fn write(ctx: *mut c_void, bytes: PluginBytes) -> Status {
    // SAFETY: `call` made this pointer.
    let collected = unsafe { &mut *ctx.cast::<Collected>() };
    if collected.refuse {
        return STATUS_TOO_LARGE;
    }
    // SAFETY: the glue lends `len` bytes; never null, because it comes from a `Vec`.
    collected
        .bytes
        .extend_from_slice(unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) });
    STATUS_OK
}

/// Runs `call` with a sink; answers status and what was written.
fn call(refuse: bool, call: impl FnOnce(*const HostSink) -> Status) -> (Status, String) {
    let mut collected = Collected {
        refuse,
        ..Collected::default()
    };
    let sink = HostSink {
        ctx: (&raw mut collected).cast(),
        write,
    };
    let status = call(&raw const sink);
    (status, String::from_utf8(collected.bytes).unwrap())
}

fn lend(text: &str) -> HostBytes {
    HostBytes {
        ptr: text.as_ptr(),
        len: text.len(),
    }
}

const NOTHING: HostBytes = HostBytes {
    ptr: ptr::null(),
    len: 0,
};

fn open(settings: &str, refuse: bool) -> (Status, String, *mut PluginInstance) {
    let request = serde_json::to_string(&testing::open_request(json!(settings))).unwrap();
    let mut instance = ptr::null_mut();
    // SAFETY: everything lives until the call returns.
    let (status, answer) = call(refuse, |sink| unsafe {
        TABLE.open.unwrap()(lend(&request), &raw mut instance, sink)
    });
    (status, answer, instance)
}

fn step(instance: *const PluginInstance, input: HostBytes) -> (Status, String) {
    // SAFETY: everything lives until the call returns; `instance` is open or null.
    call(false, |sink| unsafe {
        TABLE.step.unwrap()(instance, input, sink)
    })
}

fn close(instance: *mut PluginInstance) {
    // SAFETY: `instance` is not used again.
    unsafe { TABLE.close.unwrap()(instance) }
}

fn input() -> String {
    serde_json::to_string(&testing::input(Event::Sent, None, 7)).unwrap()
}

#[test]
fn the_table_says_what_it_is() {
    let header = table::<Told>(FLAG_PANIC_ABORT).header;
    assert_eq!(
        (header.magic, header.abi_major, header.abi_minor),
        (MAGIC, ABI_MAJOR, ABI_MINOR)
    );
    assert_eq!(
        (header.struct_size as usize, header.flags),
        (size_of::<PluginTable>(), FLAG_PANIC_ABORT)
    );
}

#[test]
fn describe_writes_the_description() {
    // SAFETY: the sink lives until the call returns.
    let (status, answer) = call(false, |sink| unsafe { TABLE.describe.unwrap()(sink) });
    assert_eq!(status, STATUS_OK);
    assert_eq!(
        serde_json::from_str::<Description>(&answer).unwrap(),
        samples::description()
    );
}

#[test]
fn an_instance_lives_from_open_to_close() {
    let (status, answer, instance) = open("hello", false);
    assert_eq!(
        (status, answer.as_str()),
        (STATUS_OK, r#"{"outcome":"opened","fetch_hosts":[]}"#)
    );
    let (status, answer) = step(instance, lend(&input()));
    assert_eq!(status, STATUS_OK);
    assert!(answer.contains("hello"), "{answer}");
    assert_eq!(OPEN.get(), 1);
    close(instance);
    assert_eq!(OPEN.get(), 0);
}

#[test]
fn refused_settings_give_no_instance() {
    let (status, answer, instance) = open("refuse", false);
    assert_eq!(status, STATUS_OK);
    assert!(answer.contains("refused") && instance.is_null(), "{answer}");
}

#[test]
fn an_instance_that_could_not_be_told_of_is_not_leaked() {
    let (status, _, instance) = open("hello", true);
    assert_eq!(
        (status, instance.is_null(), OPEN.get()),
        (STATUS_TOO_LARGE, true, 0)
    );
}

#[test]
fn panics_do_not_cross() {
    let (status, answer, instance) = open("panic in open", false);
    assert_eq!((status, instance.is_null()), (STATUS_PANIC, true));
    assert!(
        answer.contains("on purpose") && answer.contains("glue/tests.rs:"),
        "{answer}"
    );

    let (_, _, instance) = open("panic in step", false);
    let (status, answer) = step(instance, lend(&input()));
    assert_eq!(status, STATUS_PANIC);
    assert!(answer.contains("on purpose"), "{answer}");
    close(instance);

    close(open("panic in drop", false).2);
    // The instance could not be told of, and dropping it panics as well.
    assert_eq!(open("panic in drop", true).0, STATUS_TOO_LARGE);
    assert_eq!(OPEN.get(), 0);
}

#[test]
fn what_the_gateway_must_not_do_is_answered_all_the_same() {
    let (_, _, instance) = open("hello", false);
    for wrong in [
        NOTHING,
        HostBytes {
            ptr: ptr::null(),
            len: 9,
        },
        lend(""),
        lend("{}"),
        lend("\u{0}"),
    ] {
        let (status, answer) = step(instance, wrong);
        assert_eq!(status, STATUS_MALFORMED);
        assert!(answer.contains("does not fit the schema"), "{answer}");
    }
    close(instance);
    assert_eq!(step(ptr::null(), lend(&input())).0, STATUS_MALFORMED);
    // SAFETY: a null sink is what is tested.
    let status = unsafe { TABLE.describe.unwrap()(ptr::null()) };
    assert_eq!(status, STATUS_MALFORMED);
    close(ptr::null_mut());
}
