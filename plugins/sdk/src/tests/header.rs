//! The C header and `abi.rs` describe the same bytes: the compiler is asked.

use std::fmt::Write as _;
use std::io::Write as _;
use std::mem::offset_of;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::abi::{
    ABI_MAJOR, ABI_MINOR, FLAG_PANIC_ABORT, HEADER_SIZE, HostBytes, HostSink, MAGIC, PluginBytes,
    PluginTable, STATUS_MALFORMED, STATUS_OK, STATUS_PANIC, STATUS_TOO_LARGE, TABLE_SIZE,
    TableHeader,
};
use crate::limits;

/// C expressions with the values that Rust has for them.
fn expressions() -> Vec<(&'static str, usize)> {
    let status = |status: i32| usize::try_from(status).unwrap();
    vec![
        ("VESTIBULE_ABI_MAJOR", ABI_MAJOR.into()),
        ("VESTIBULE_ABI_MINOR", ABI_MINOR.into()),
        (
            "VESTIBULE_FLAG_PANIC_ABORT",
            usize::try_from(FLAG_PANIC_ABORT).unwrap(),
        ),
        ("VESTIBULE_OK", status(STATUS_OK)),
        ("VESTIBULE_PANIC", status(STATUS_PANIC)),
        ("VESTIBULE_MALFORMED", status(STATUS_MALFORMED)),
        ("VESTIBULE_TOO_LARGE", status(STATUS_TOO_LARGE)),
        ("VESTIBULE_ANSWER_BYTES", limits::ANSWER_BYTES),
        ("VESTIBULE_STATE_BYTES", limits::STATE_BYTES),
        ("sizeof(vestibule_status)", size_of::<crate::abi::Status>()),
        ("sizeof(vestibule_host_bytes)", size_of::<HostBytes>()),
        (
            "offsetof(vestibule_host_bytes, len)",
            offset_of!(HostBytes, len),
        ),
        ("sizeof(vestibule_plugin_bytes)", size_of::<PluginBytes>()),
        (
            "offsetof(vestibule_plugin_bytes, len)",
            offset_of!(PluginBytes, len),
        ),
        ("sizeof(vestibule_host_sink)", size_of::<HostSink>()),
        (
            "offsetof(vestibule_host_sink, write)",
            offset_of!(HostSink, write),
        ),
        ("sizeof(vestibule_header)", HEADER_SIZE),
        (
            "offsetof(vestibule_header, struct_size)",
            offset_of!(TableHeader, struct_size),
        ),
        (
            "offsetof(vestibule_header, abi_major)",
            offset_of!(TableHeader, abi_major),
        ),
        (
            "offsetof(vestibule_header, abi_minor)",
            offset_of!(TableHeader, abi_minor),
        ),
        (
            "offsetof(vestibule_header, flags)",
            offset_of!(TableHeader, flags),
        ),
        ("sizeof(vestibule_plugin)", TABLE_SIZE),
        (
            "offsetof(vestibule_plugin, describe)",
            offset_of!(PluginTable, describe),
        ),
        (
            "offsetof(vestibule_plugin, open)",
            offset_of!(PluginTable, open),
        ),
        (
            "offsetof(vestibule_plugin, step)",
            offset_of!(PluginTable, step),
        ),
        (
            "offsetof(vestibule_plugin, close)",
            offset_of!(PluginTable, close),
        ),
    ]
}

/// Whether `source` compiles behind the header.
fn compiles(source: &str, language: &str, standard: &str) -> bool {
    let mut compiler = Command::new("cc")
        .args([
            "-fsyntax-only",
            "-pedantic",
            "-Wall",
            "-Wextra",
            "-Werror",
            standard,
            "-x",
            language,
            "-I",
        ])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let source = format!("#include \"vestibule_plugin.h\"\n{source}");
    compiler
        .stdin
        .take()
        .unwrap()
        .write_all(source.as_bytes())
        .unwrap();
    compiler.wait().unwrap().success()
}

/// An array of negative size does not compile: C99 has no other assertion at compile time.
fn assertions(expressions: &[(&str, usize)]) -> String {
    expressions.iter().enumerate().fold(
        String::new(),
        |mut source, (index, (expression, value))| {
            writeln!(
                source,
                "typedef char assertion_{index}[({expression}) == {value} ? 1 : -1];"
            )
            .unwrap();
            source
        },
    )
}

#[test]
fn sec_198_what_crosses_is_the_same_bytes_in_c_and_rust() {
    for (expression, value) in expressions() {
        assert!(
            compiles(&assertions(&[(expression, value)]), "c", "-std=c99"),
            "{expression} is not {value} in C"
        );
    }
    assert!(
        !compiles(&assertions(&[("VESTIBULE_ABI_MAJOR", 77)]), "c", "-std=c99"),
        "the assertions assert nothing"
    );
}

#[test]
fn the_macro_writes_the_magic() {
    let magic: Vec<String> = MAGIC
        .iter()
        .map(|byte| format!("'{}'", char::from(*byte)))
        .collect();
    let header = include_str!("../../include/vestibule_plugin.h");
    assert!(header.contains(&format!("{{{}}}", magic.join(", "))));
}

#[test]
fn a_header_is_read_as_it_is_laid_out() {
    let mut bytes = [0; HEADER_SIZE];
    let mut put =
        |offset: usize, value: &[u8]| bytes[offset..offset + value.len()].copy_from_slice(value);
    put(offset_of!(TableHeader, magic), &MAGIC);
    put(offset_of!(TableHeader, struct_size), &7_u32.to_ne_bytes());
    put(offset_of!(TableHeader, abi_major), &8_u16.to_ne_bytes());
    put(offset_of!(TableHeader, abi_minor), &9_u16.to_ne_bytes());
    put(offset_of!(TableHeader, flags), &10_u64.to_ne_bytes());
    let wanted = TableHeader {
        magic: MAGIC,
        struct_size: 7,
        abi_major: 8,
        abi_minor: 9,
        flags: 10,
    };
    assert_eq!(TableHeader::read(&bytes), wanted);
    assert_eq!(wanted.write(), bytes);
}
