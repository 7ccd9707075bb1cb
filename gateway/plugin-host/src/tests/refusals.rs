//! Every refusal, and that no code of a refused library runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use bad_plugins::{Bad, Behaviour};
use plugins_sdk::abi::ABI_MINOR;

use super::Bench;
use crate::{CallFailed, Expectations, FileHash, Library, Refused};

/// Loads what `prepare` leaves in the folder as `bad`, and looks for the words in the refusal.
#[track_caller]
fn check(bench: &Bench, loaded: Result<Library, Refused>, wanted: &[&str]) -> Refused {
    let refused = loaded.expect_err("loaded, and should have been refused");
    let text = refused.to_string();
    for words in wanted {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    assert!(!bench.marker().exists(), "its constructor has run");
    refused
}

#[track_caller]
fn check_bad(bad: &Bad, wanted: &[&str]) -> Refused {
    let bench = Bench::new();
    bench.compile(bad);
    check(&bench, bench.load("bad"), wanted)
}

fn mode(bench: &Bench, path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    assert!(path.starts_with(bench.path()));
}

/// The control of all that follows: nothing wrong with it, and the constructor leaves its mark.
#[test]
fn a_good_plugin_is_loaded() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let library = bench.load("bad").unwrap();
    assert_eq!(library.description().kind, "bad");
    assert!(bench.marker().exists());
}

#[test]
fn sec_194_a_name_cannot_lead_out_of_the_folder() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    fs::create_dir(bench.path().join("sub")).unwrap();
    let outside = bench.path().join("../bad.so");
    let long = format!("{}.so", "a".repeat(65));
    for name in [
        "../bad.so",
        "sub/../bad.so",
        "sub/../../bad.so",
        "/bad.so",
        "bad",
        "bad.so/..",
        "bad\0.so",
        "Bad.so",
        "bäd.so",
        "bad\n.so",
        "bad .so",
        "a.b.so",
        ".so",
        ".",
        "..",
        "",
        &long,
        &outside.to_string_lossy(),
    ] {
        let refused = check(&bench, Library::load(name, &bench.expectations("bad")), &[]);
        assert!(
            matches!(refused, Refused::BadName { .. }),
            "{name:?}: {refused}"
        );
    }
}

#[test]
fn a_path_may_be_given_with_the_folder_and_below_it() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let expectations = bench.expectations("bad");
    Library::load(bench.folder.file("bad"), &expectations).unwrap();
    fs::create_dir(bench.path().join("v2")).unwrap();
    fs::rename(bench.folder.file("bad"), bench.path().join("v2/bad.so")).unwrap();
    Library::load("v2/bad.so", &expectations).unwrap();
}

#[test]
fn sec_194_a_link_cannot_lead_out_of_the_folder() {
    let (bench, elsewhere) = (Bench::new(), Bench::new());
    let bad = Bad {
        marker: Some(bench.marker()),
        ..Bad::default()
    };
    elsewhere.folder.bad("bad", &bad).unwrap();
    let expectations = Expectations {
        sha256: elsewhere.expectations("bad").sha256,
        ..bench.expectations("bad")
    };
    symlink(elsewhere.folder.file("bad"), bench.folder.file("bad")).unwrap();
    let loaded = Library::load("bad.so", &expectations);
    assert!(matches!(
        check(&bench, loaded, &["symbolic link"]),
        Refused::SymbolicLink { .. }
    ));
    symlink(elsewhere.path(), bench.path().join("sub")).unwrap();
    let expectations = Expectations {
        trust_root: Some(elsewhere.path().to_owned()),
        ..expectations
    };
    let loaded = Library::load("sub/bad.so", &expectations);
    assert!(matches!(
        check(&bench, loaded, &["outside the plugin folder"]),
        Refused::LeadsOut { .. }
    ));
}

#[test]
fn sec_195_a_file_that_others_can_write_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    for writable in [0o777, 0o775, 0o757, 0o722] {
        mode(&bench, &bench.folder.file("bad"), writable);
        let octal = format!("{writable:o}");
        let refused = check(&bench, bench.load("bad"), &[&octal, "chmod go-w"]);
        assert!(matches!(refused, Refused::WritableByOthers { .. }));
    }
}

#[test]
fn sec_195_a_folder_that_others_can_write_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    // Neither does the sticky bit help: it is the folder of the libraries itself.
    for writable in [0o775, 0o757, 0o1777] {
        mode(&bench, bench.path(), writable);
        let refused = check(&bench, bench.load("bad"), &[&format!("{writable:o}")]);
        assert!(matches!(refused, Refused::WritableByOthers { .. }));
    }
}

#[test]
fn sec_195_folders_further_up_count_too() {
    let bench = Bench::new();
    let inner = bench.path().join("inner");
    fs::create_dir(&inner).unwrap();
    bench.compile(&Bad::default());
    fs::rename(bench.folder.file("bad"), inner.join("bad.so")).unwrap();
    mode(&bench, &inner, 0o755);
    let hash = FileHash::of(&fs::read(inner.join("bad.so")).unwrap());
    let mut expectations = Expectations {
        directory: inner.clone(),
        ..bench.expectations("bad")
    };
    expectations.sha256 = Some(hash);
    mode(&bench, bench.path(), 0o777);
    check(&bench, Library::load("bad.so", &expectations), &["777"]);
    // Without a trust root the check goes on up to `/`, past the folder for temporary files.
    mode(&bench, bench.path(), 0o755);
    expectations.trust_root = None;
    let refused = check(
        &bench,
        Library::load("bad.so", &expectations),
        &["lets others write"],
    );
    assert!(
        matches!(refused, Refused::WritableByOthers { path, .. } if !path.starts_with(bench.path()))
    );
    expectations.trust_root = Some(inner);
    Library::load("bad.so", &expectations).unwrap();
}

#[test]
fn sec_195_somebody_elses_file_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    if chown(bench.folder.file("bad"), Some(65_534), None).is_err() {
        // Only root can give a file away; then there is root to own it instead, and nothing to refuse.
        assert_ne!(rustix::process::geteuid().as_raw(), 0);
        return;
    }
    let refused = check(&bench, bench.load("bad"), &["user 65534", "chown root"]);
    assert!(matches!(refused, Refused::ForeignOwner { .. }));
}

#[test]
fn sec_195_only_a_regular_file_is_read() {
    let bench = Bench::new();
    fs::create_dir(bench.folder.file("bad")).unwrap();
    assert!(matches!(
        check(&bench, bench.load("bad"), &["not a regular file"]),
        Refused::NotRegular { .. }
    ));
    fs::remove_dir(bench.folder.file("bad")).unwrap();
    // Opening a pipe would wait for somebody to write to it.
    assert!(
        Command::new("mkfifo")
            .arg(bench.folder.file("bad"))
            .status()
            .unwrap()
            .success()
    );
    assert!(matches!(
        check(&bench, Library::load("bad.so", &piped(&bench)), &[]),
        Refused::NotRegular { .. }
    ));
}

/// Without reading the file for its hash.
fn piped(bench: &Bench) -> Expectations {
    Expectations {
        trust_root: Some(bench.path().to_owned()),
        ..Expectations::new(bench.path(), None)
    }
}

#[test]
fn a_missing_file_or_folder_is_named() {
    let bench = Bench::new();
    check(
        &bench,
        bench.load("bad"),
        &["bad.so cannot be read", "No such file"],
    );
    let expectations = Expectations::new(bench.path().join("nowhere"), None);
    check(
        &bench,
        Library::load("bad.so", &expectations),
        &["nowhere cannot be read"],
    );
}

#[test]
fn sec_196_without_a_configured_hash_nothing_is_loaded() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let found = bench.expectations("bad").sha256.unwrap().to_string();
    let expectations = Expectations {
        sha256: None,
        ..bench.expectations("bad")
    };
    let refused = check(
        &bench,
        Library::load("bad.so", &expectations),
        &["no SHA-256 is configured", &found],
    );
    assert!(matches!(refused, Refused::HashMissing { .. }));
}

#[test]
fn sec_196_another_file_than_the_configured_one_is_refused_before_its_code_runs() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let expectations = bench.expectations("bad");
    bench.compile(&Bad::step(Behaviour::Garbage));
    let (old, new) = (
        expectations.sha256.unwrap().to_string(),
        bench.expectations("bad").sha256.unwrap().to_string(),
    );
    let refused = check(
        &bench,
        Library::load("bad.so", &expectations),
        &[&old, &new],
    );
    assert!(matches!(refused, Refused::HashMismatch { .. }));
}

/// What is loaded has been read before: the file may change or vanish the moment after.
#[test]
fn sec_196_the_loaded_bytes_are_those_that_were_hashed() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let expectations = bench.expectations("bad");
    let file = crate::file::read(Path::new("bad.so"), &expectations).unwrap();
    fs::write(bench.folder.file("bad"), "replaced").unwrap();
    let library = Library::load_file(&file, &expectations).unwrap();
    assert_eq!(library.hash(), file.hash);
    let memory = fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    assert!(
        memory
            .into_iter()
            .any(|target| target.to_string_lossy().starts_with("/memfd:bad"))
    );
}

/// The loader tells libraries apart by path, and a memory file's path is a number that can come back.
#[test]
fn libraries_loaded_one_after_the_other_stay_apart() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    bench.folder.badge("badge").unwrap();
    bench.folder.panicking("panics").unwrap();
    let kinds = ["bad", "badge", "panics", "bad"]
        .map(|name| bench.load(name).unwrap().description().kind.clone());
    assert_eq!(kinds, ["bad", "badge", "panics", "bad"]);
}

#[test]
fn what_is_no_library_is_refused() {
    for content in [
        &b"#!/bin/sh\n"[..],
        b"",
        b"\x7fELF",
        b"\x7fELF\x02\x01\x01\0 and no more",
    ] {
        let bench = Bench::new();
        fs::write(bench.folder.file("bad"), content).unwrap();
        mode(&bench, &bench.folder.file("bad"), 0o644);
        assert!(matches!(
            check(&bench, bench.load("bad"), &["not an ELF"]),
            Refused::NotALibrary { .. }
        ));
    }
}

/// A damaged file is judged without a crash, wherever it breaks off.
#[test]
fn a_library_cut_short_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let whole = fs::read(bench.folder.file("bad")).unwrap();
    for length in (0..whole.len()).step_by(211) {
        fs::write(bench.folder.file("bad"), &whole[..length]).unwrap();
        check(&bench, bench.load("bad"), &[]);
    }
}

#[test]
fn a_program_is_no_library() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let mut bytes = fs::read(bench.folder.file("bad")).unwrap();
    // e_type: ET_EXEC.
    bytes[16] = 2;
    fs::write(bench.folder.file("bad"), bytes).unwrap();
    assert!(matches!(
        check(&bench, bench.load("bad"), &["Executable"]),
        Refused::NotALibrary { .. }
    ));
}

#[test]
fn a_library_for_another_machine_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let mut bytes = fs::read(bench.folder.file("bad")).unwrap();
    // e_machine: EM_PPC64.
    bytes[18] = 21;
    bytes[19] = 0;
    fs::write(bench.folder.file("bad"), bytes).unwrap();
    let refused = check(
        &bench,
        bench.load("bad"),
        &["PowerPc64", "build it for this machine"],
    );
    assert!(matches!(refused, Refused::WrongMachine { .. }));
}

#[test]
fn sec_197_a_library_without_the_symbol_is_refused() {
    let bad = Bad {
        no_symbol: true,
        ..Bad::default()
    };
    assert!(matches!(
        check_bad(&bad, &["does not export `vestibule_plugin_v1`"]),
        Refused::SymbolMissing { .. }
    ));
}

#[test]
fn sec_197_another_magic_is_refused() {
    let bad = Bad {
        magic_byte: Some(b'v'),
        ..Bad::default()
    };
    assert!(matches!(
        check_bad(&bad, &["76455354494255"]),
        Refused::WrongMagic { .. }
    ));
}

#[test]
fn sec_197_another_major_version_is_refused() {
    for major in [0, 2] {
        let bad = Bad {
            abi_major: Some(major),
            ..Bad::default()
        };
        let found = format!("plugin ABI {major}.{ABI_MINOR}");
        let ours = format!("this gateway speaks 1.{ABI_MINOR}");
        let refused = check_bad(&bad, &[&found, &ours, "rebuild"]);
        assert!(matches!(refused, Refused::OtherMajor { .. }));
    }
}

#[test]
fn sec_197_a_newer_minor_version_is_refused() {
    let bad = Bad {
        abi_minor: Some(ABI_MINOR + 1),
        ..Bad::default()
    };
    let found = format!("needs plugin ABI 1.{}", ABI_MINOR + 1);
    let ours = format!("offers 1.{ABI_MINOR}");
    let refused = check_bad(&bad, &[&found, &ours, "upgrade the gateway"]);
    assert!(matches!(refused, Refused::NewerMinor { .. }));
}

#[test]
fn sec_197_a_short_table_is_refused() {
    let bad = Bad {
        struct_size: Some(48),
        ..Bad::default()
    };
    assert!(matches!(
        check_bad(&bad, &["has 48 bytes"]),
        Refused::ShortTable { .. }
    ));
}

/// A plugin of a later minor version that declares the lower one it makes do with has a longer table.
#[test]
fn sec_197_a_longer_table_is_read_as_far_as_it_is_known() {
    let bench = Bench::new();
    bench.compile(&Bad {
        struct_size: Some(4096),
        ..Bad::default()
    });
    bench.load("bad").unwrap();
}

#[test]
fn sec_197_unknown_flags_are_refused() {
    let bad = Bad {
        flags: Some(4),
        ..Bad::default()
    };
    assert!(matches!(
        check_bad(&bad, &["unknown flags 0x4"]),
        Refused::UnknownFlags { .. }
    ));
}

#[test]
fn sec_199_a_plugin_built_to_abort_is_refused() {
    let bad = Bad {
        flags: Some(1),
        ..Bad::default()
    };
    assert!(matches!(
        check_bad(&bad, &["panic = \"abort\""]),
        Refused::BuiltToAbort { .. }
    ));
}

#[test]
fn a_table_that_changes_while_it_is_loaded_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad {
        changes_table: true,
        ..Bad::default()
    });
    assert!(matches!(
        bench.load("bad"),
        Err(Refused::TableChanged { .. })
    ));
}

#[test]
fn a_description_against_the_rules_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad {
        describe: Some(Behaviour::BadValue),
        ..Bad::default()
    });
    assert!(matches!(
        bench.load("bad"),
        Err(Refused::BadDescription { .. })
    ));
}

#[test]
fn a_table_without_a_function_is_refused() {
    let bench = Bench::new();
    // Only the loaded table can tell: in the file its pointers are still to be filled in.
    bench.compile(&Bad {
        no_function: true,
        ..Bad::default()
    });
    assert!(matches!(
        bench.load("bad"),
        Err(Refused::TableChanged { .. })
    ));
}

#[test]
fn a_plugin_that_does_not_describe_itself_is_refused() {
    let check = |behaviour, wanted: fn(&CallFailed) -> bool| {
        let bench = Bench::impatient();
        bench.compile(&Bad {
            describe: Some(behaviour),
            ..Bad::default()
        });
        match bench.load("bad") {
            Err(Refused::Undescribed { source, .. }) => {
                assert!(wanted(&source), "{behaviour:?}: {source:?}");
            }
            other => panic!("{behaviour:?}: {other:?}"),
        }
    };
    check(Behaviour::Hang, |failed| {
        matches!(failed, CallFailed::DeadlinePassed { .. })
    });
    check(Behaviour::Garbage, |failed| {
        matches!(failed, CallFailed::Malformed { .. })
    });
    check(Behaviour::OtherShape, |failed| {
        matches!(failed, CallFailed::Malformed { .. })
    });
    check(Behaviour::Oversized, |failed| {
        matches!(failed, CallFailed::TooLarge { .. })
    });
    check(Behaviour::SaysPanic, |failed| {
        matches!(failed, CallFailed::Panicked { .. })
    });
}
