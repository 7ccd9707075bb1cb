//! The C layout of the plugin boundary; `include/vestibule_plugin.h` says the same in C.
//!
//! A plugin exports exactly one symbol, the data symbol [`SYMBOL`] of type [`PluginTable`]. It is data so
//! that the gateway can read it from the file: constructors run at load, and a file that is going to be
//! refused must not run any.
//!
//! Nobody frees the other side's memory. A type's name says who owns what it points to: `Host…` belongs
//! to the gateway, `Plugin…` to the plugin. Every buffer is borrowed for the duration of one call and
//! copied by the side that receives it.

use std::ffi::c_void;

/// Name of the exported data symbol. The number is the ABI's major version.
pub const SYMBOL: &str = "vestibule_plugin_v1";
/// First eight bytes of the table.
pub const MAGIC: [u8; 8] = *b"VESTIBUL";
/// Changes when existing plugins would break. Must be equal on both sides.
pub const ABI_MAJOR: u16 = 1;
/// Changes when something is added. A plugin's may not be above the gateway's.
pub const ABI_MINOR: u16 = 1;

/// Flag: a panic ends the process instead of unwinding. Such a plugin is refused.
pub const FLAG_PANIC_ABORT: u64 = 1;
/// Every flag this version of the ABI knows.
pub const KNOWN_FLAGS: u64 = FLAG_PANIC_ABORT;

/// Outcome of a call across the boundary.
pub type Status = i32;
/// The answer is JSON, as the message schema says.
pub const STATUS_OK: Status = 0;
/// The plugin panicked; the answer is a message in UTF-8.
pub const STATUS_PANIC: Status = 1;
/// The plugin could not read the question or write the answer; the answer is a message in UTF-8.
pub const STATUS_MALFORMED: Status = 2;
/// Returned by [`HostSink::write`] alone: the answer has grown too long. The plugin should stop.
pub const STATUS_TOO_LARGE: Status = 3;

/// Bytes owned by the gateway, lent to the plugin until the call returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HostBytes {
    /// First byte; may be null when `len` is 0.
    pub ptr: *const u8,
    /// Length in bytes.
    pub len: usize,
}

/// Bytes owned by the plugin, lent to the gateway until [`HostSink::write`] returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PluginBytes {
    /// First byte; may be null when `len` is 0.
    pub ptr: *const u8,
    /// Length in bytes.
    pub len: usize,
}

/// Where a plugin writes its answer. Owned by the gateway, lent to the plugin until the call returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HostSink {
    /// Handed back to `write` as it is.
    pub ctx: *mut c_void,
    /// Appends `bytes` to the answer; may be called several times, on the thread of the call only.
    /// Answers [`STATUS_OK`] or [`STATUS_TOO_LARGE`].
    pub write: unsafe extern "C" fn(ctx: *mut c_void, bytes: PluginBytes) -> Status,
}

/// An opened instance. Owned by the plugin; the gateway hands the pointer back and never looks inside.
#[repr(C)]
#[derive(Debug)]
pub struct PluginInstance {
    _opaque: [u8; 0],
}

/// Writes the plugin's description. Thread-safe, callable at any time.
pub type DescribeFn = unsafe extern "C" fn(answer: *const HostSink) -> Status;
/// Reads an `OpenRequest`, writes an `OpenAnswer` and, where that is `opened`, sets `*instance`, which
/// the gateway has set to null before.
pub type OpenFn = unsafe extern "C" fn(
    request: HostBytes,
    instance: *mut *mut PluginInstance,
    answer: *const HostSink,
) -> Status;
/// Reads an `Input`, writes a `Step`. Called from several threads at once for the same instance.
pub type StepFn = unsafe extern "C" fn(
    instance: *const PluginInstance,
    input: HostBytes,
    answer: *const HostSink,
) -> Status;
/// Frees an instance: once, with no other call on it running or following.
pub type CloseFn = unsafe extern "C" fn(instance: *mut PluginInstance);

/// The part of the table that is read from the file, before the library is loaded.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableHeader {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// `sizeof(vestibule_plugin)` as the plugin was built; grows with minor versions, never shrinks.
    pub struct_size: u32,
    /// [`ABI_MAJOR`] as the plugin was built.
    pub abi_major: u16,
    /// [`ABI_MINOR`] as the plugin was built, or any lower one whose fields suffice for it.
    pub abi_minor: u16,
    /// Flags; unknown ones are refused.
    pub flags: u64,
}

/// The exported table. Constant from load to the end of the process.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PluginTable {
    /// What can be judged without running code.
    pub header: TableHeader,
    /// Never null in an acceptable table, as the next three.
    pub describe: Option<DescribeFn>,
    /// See [`OpenFn`].
    pub open: Option<OpenFn>,
    /// See [`StepFn`].
    pub step: Option<StepFn>,
    /// See [`CloseFn`].
    pub close: Option<CloseFn>,
}

/// Size of [`TableHeader`] in bytes; without padding, so any byte order of fields is this one.
pub const HEADER_SIZE: usize = size_of::<TableHeader>();
/// Size of [`PluginTable`] of ABI 1.0 in bytes: the least a table may have.
pub const TABLE_SIZE: usize = size_of::<PluginTable>();

impl TableHeader {
    /// Reads a header from the bytes of a library of this machine's byte order.
    #[must_use]
    pub fn read(bytes: &[u8; HEADER_SIZE]) -> Self {
        let [
            m0,
            m1,
            m2,
            m3,
            m4,
            m5,
            m6,
            m7,
            s0,
            s1,
            s2,
            s3,
            a0,
            a1,
            i0,
            i1,
            flags @ ..,
        ] = *bytes;
        Self {
            magic: [m0, m1, m2, m3, m4, m5, m6, m7],
            struct_size: u32::from_ne_bytes([s0, s1, s2, s3]),
            abi_major: u16::from_ne_bytes([a0, a1]),
            abi_minor: u16::from_ne_bytes([i0, i1]),
            flags: u64::from_ne_bytes(flags),
        }
    }

    /// The bytes that [`TableHeader::read`] reads.
    #[must_use]
    pub fn write(&self) -> [u8; HEADER_SIZE] {
        let [m0, m1, m2, m3, m4, m5, m6, m7] = self.magic;
        let [s0, s1, s2, s3] = self.struct_size.to_ne_bytes();
        let ([a0, a1], [i0, i1]) = (self.abi_major.to_ne_bytes(), self.abi_minor.to_ne_bytes());
        let [f0, f1, f2, f3, f4, f5, f6, f7] = self.flags.to_ne_bytes();
        [
            m0, m1, m2, m3, m4, m5, m6, m7, s0, s1, s2, s3, a0, a1, i0, i1, f0, f1, f2, f3, f4, f5,
            f6, f7,
        ]
    }
}
