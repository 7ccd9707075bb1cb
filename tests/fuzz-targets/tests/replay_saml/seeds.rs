//! Every seed of every target, and which of them go all the way.
#![expect(
    clippy::print_stdout,
    reason = "what was found is told where a test fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use fuzz_targets_saml::{TARGETS, is_known, is_read};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// Name and content of every seed of a target.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(fuzz().join("corpus").join(target)).unwrap();
    let mut seeds: Vec<_> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

#[test]
fn every_seed_holds() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "`{name}` has no seeds");
        for (seed, bytes) in seeds {
            // Told if it fails.
            println!("{name}/{seed}");
            target(&bytes);
        }
    }
}

/// Otherwise what follows a good signature would never be reached; and what is hostile gets in nowhere.
#[test]
fn somebody_is_known_by_the_good_responses_alone() {
    let known: Vec<String> = seeds("saml_response")
        .into_iter()
        .filter(|(_, bytes)| is_known(bytes))
        .map(|(name, _)| name)
        .collect();
    let good = [
        "encrypted-in-signed",
        "known-ec",
        "known-rsa",
        "signed",
        "signed-odd-text",
        "signed-then-encrypted",
        "wrapped-none",
        "wrapped-whole",
    ];
    assert_eq!(known, good);
}

#[test]
fn the_good_metadata_alone_is_used() {
    let read: Vec<String> = seeds("saml_metadata")
        .into_iter()
        .filter(|(_, bytes)| is_read(bytes))
        .map(|(name, _)| name)
        .collect();
    let good = [
        "durations",
        "federation",
        "one-key",
        "post-binding",
        "two-keys",
    ];
    assert_eq!(read, good);
}

#[test]
fn every_target_has_a_program() {
    for (name, _) in TARGETS {
        let program = fuzz().join("fuzz_targets").join(format!("{name}.rs"));
        assert!(program.is_file(), "`{name}` has no program");
    }
}
