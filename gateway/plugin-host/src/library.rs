//! The gateway's side of the C boundary, and its only unsafe code.
//!
//! What is promised by the plugin (`plugins/sdk/include/vestibule_plugin.h`, which it vouches for with magic and
//! version, and whose author the operator vouches for with the hash): its functions have the signatures of the
//! table, may be called from any thread, let nothing unwind, keep no pointer lent to them, and write through the
//! sink only while called. What this side promises: an instance is closed once, after its last call; a
//! library is never unloaded, so that a function pointer stays valid whatever thread still runs in it.
#![expect(unsafe_code, reason = "the gateway's side of the C boundary")]

use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::fmt;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::{Mutex, PoisonError};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use plugins_sdk::abi::{
    CloseFn, DescribeFn, HostBytes, HostSink, OpenFn, PluginBytes, PluginInstance, PluginTable,
    STATUS_OK, STATUS_TOO_LARGE, SYMBOL, Status, StepFn, TableHeader,
};

use crate::expectations::FileHash;
use crate::file::PluginFile;
use crate::memory_file;
use crate::refused::Refused;

/// Linux, glibc and musl: `bits/dlfcn.h`, `dlfcn.h`.
const RTLD_NODELETE: c_int = 0x1000;

/// The functions of a loaded library.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Functions {
    describe: DescribeFn,
    open: OpenFn,
    step: StepFn,
    close: CloseFn,
}

/// What a plugin wrote.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: Status,
    pub(crate) bytes: Vec<u8>,
    /// It wrote more than was allowed; `bytes` holds what came before.
    pub(crate) too_large: bool,
}

/// An instance that a plugin opened; closed when dropped, on the thread that drops it.
pub(crate) struct RawInstance {
    pointer: NonNull<PluginInstance>,
    functions: Functions,
}

/// Why a library's functions are not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unloadable {
    /// The system's loader refuses it.
    #[error("it cannot be loaded: {0}")]
    Loader(String),
    /// The table in memory is not the one in the file, or misses a function.
    #[error("its plugin table is unusable once loaded: {0}")]
    TableChanged(&'static str),
}

/// Loads a checked library, or finds it among those loaded: the same bytes are loaded once.
///
/// - `header`: what was read from the file and found good.
pub(crate) fn load(file: &PluginFile, header: &TableHeader) -> Result<Functions, Refused> {
    static LOADED: Mutex<BTreeMap<FileHash, Functions>> = Mutex::new(BTreeMap::new());
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(functions) = loaded.get(&file.hash) {
        return Ok(*functions);
    }
    let sealed = file.seal()?;
    let path = memory_file::path_for_ever(sealed);
    let functions = load_at(&path, header).map_err(|unloadable| match unloadable {
        Unloadable::Loader(problem) => Refused::Loader {
            path: file.path.clone(),
            problem,
        },
        Unloadable::TableChanged(problem) => Refused::TableChanged {
            path: file.path.clone(),
            problem,
        },
    })?;
    loaded.insert(file.hash, functions);
    Ok(functions)
}

/// Loads the sealed memory file at `path`, which was checked.
///
/// - `header`: what was read from the file and found good.
pub(crate) fn load_at(path: &Path, header: &TableHeader) -> Result<Functions, Unloadable> {
    check_table(load_table(path)?, header)
}

fn load_table(path: &Path) -> Result<PluginTable, Unloadable> {
    let loader = |error: libloading::Error| Unloadable::Loader(error.to_string());
    // SAFETY: constructors run here. The operator vouched for these very bytes with their hash.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) }
        .map_err(loader)?;
    // SAFETY: the file has this symbol with at least the size of a table (table.rs), and it is data.
    let symbol = unsafe { library.get::<*const PluginTable>(SYMBOL) }.map_err(loader)?;
    // SAFETY: as above; the table is constant, and each function pointer in it may be null.
    let table = unsafe { ptr::read_unaligned(*symbol) };
    // Never unloaded: a hung call, or a destructor of a thread's local data, would return into unmapped code.
    let _loaded_for_ever = library.into_raw();
    Ok(table)
}

fn check_table(table: PluginTable, header: &TableHeader) -> Result<Functions, Unloadable> {
    if table.header != *header {
        return Err(Unloadable::TableChanged(
            "it differs from the one in the file",
        ));
    }
    let PluginTable {
        header: _,
        describe: Some(describe),
        open: Some(open),
        step: Some(step),
        close: Some(close),
    } = table
    else {
        return Err(Unloadable::TableChanged("a function pointer is null"));
    };
    Ok(Functions {
        describe,
        open,
        step,
        close,
    })
}

impl Functions {
    /// Calls `describe`.
    pub(crate) fn describe(&self, limit: usize) -> RawAnswer {
        collect(limit, |sink| {
            // SAFETY: the function has this signature, and the sink lives until it returns.
            unsafe { (self.describe)(sink) }
        })
    }

    /// Calls `open`.
    pub(crate) fn open(&self, request: &[u8], limit: usize) -> (RawAnswer, Option<RawInstance>) {
        let mut instance = ptr::null_mut();
        let answer = collect(limit, |sink| {
            // SAFETY: the function has this signature; request, instance and sink live until it returns.
            unsafe { (self.open)(lend(request), &raw mut instance, sink) }
        });
        let opened = NonNull::new(instance).map(|pointer| RawInstance {
            pointer,
            functions: *self,
        });
        (answer, opened)
    }
}

impl RawInstance {
    /// Calls `step`.
    pub(crate) fn step(&self, input: &[u8], limit: usize) -> RawAnswer {
        collect(limit, |sink| {
            // SAFETY: `open` of the same table made the instance, which is not closed while it is borrowed.
            unsafe { (self.functions.step)(self.pointer.as_ptr(), lend(input), sink) }
        })
    }
}

impl Drop for RawInstance {
    fn drop(&mut self) {
        // SAFETY: `open` of the same table made the instance, and nothing can use it after `drop`.
        unsafe { (self.functions.close)(self.pointer.as_ptr()) }
    }
}

// SAFETY: the contract lets an instance be used and closed on any thread (`vestibule_plugin.h`, THREADS).
unsafe impl Send for RawInstance {}
// SAFETY: the contract lets an instance be stepped on several threads at once (as above).
unsafe impl Sync for RawInstance {}

impl fmt::Debug for RawInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawInstance").field(&self.pointer).finish()
    }
}

fn lend(bytes: &[u8]) -> HostBytes {
    HostBytes {
        ptr: bytes.as_ptr(),
        len: bytes.len(),
    }
}

/// What the sink's `ctx` points to.
struct Collected {
    bytes: Vec<u8>,
    limit: usize,
    too_large: bool,
}

/// Runs `call` with a sink that takes at most `limit` bytes.
fn collect(limit: usize, call: impl FnOnce(*const HostSink) -> Status) -> RawAnswer {
    let mut collected = Collected {
        bytes: Vec::new(),
        limit,
        too_large: false,
    };
    let sink = HostSink {
        ctx: (&raw mut collected).cast::<c_void>(),
        write,
    };
    let status = call(&raw const sink);
    RawAnswer {
        status,
        bytes: collected.bytes,
        too_large: collected.too_large,
    }
}

/// # Safety
/// `ctx` is the one of the sink, during its call and on its thread; `bytes` is valid until this returns.
unsafe extern "C" fn write(ctx: *mut c_void, bytes: PluginBytes) -> Status {
    // SAFETY: `collect` made this pointer, and nothing else uses what it points to during the call.
    let Some(collected) = (unsafe { ctx.cast::<Collected>().as_mut() }) else {
        return STATUS_TOO_LARGE;
    };
    let room = collected.limit.saturating_sub(collected.bytes.len());
    if collected.too_large || bytes.len > room {
        collected.too_large = true;
        return STATUS_TOO_LARGE;
    }
    // A null pointer makes no slice, not even an empty one.
    if !bytes.ptr.is_null() && bytes.len != 0 {
        // SAFETY: the plugin lent `len` initialised bytes at `ptr`, which is not null.
        collected
            .bytes
            .extend_from_slice(unsafe { slice::from_raw_parts(bytes.ptr, bytes.len) });
    }
    STATUS_OK
}
