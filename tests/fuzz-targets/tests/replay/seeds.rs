//! Every seed of every target.
#![expect(
    clippy::print_stdout,
    reason = "what was found is told where a test fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use fuzz_targets::TARGETS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

#[test]
fn every_seed_holds() {
    for (name, target) in TARGETS {
        let folder = fuzz().join("corpus").join(name);
        let mut seeds = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            // Told if it fails.
            println!("{}", path.display());
            target(&fs::read(&path).unwrap());
            seeds += 1;
        }
        assert!(seeds > 0, "`{name}` has no seeds");
    }
}

/// Otherwise what follows a good signature would never be reached.
#[test]
fn somebody_is_known_by_the_good_claims() {
    let good = fs::read(fuzz().join("corpus/id_token/claims-good")).unwrap();
    assert!(fuzz_targets::is_known(&good));
    let unsigned = [&[0], good.get(1..).unwrap()].concat();
    assert!(!fuzz_targets::is_known(&unsigned));
}

#[test]
fn every_target_has_a_program_and_every_corpus_a_target() {
    let mut wanted: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    wanted.sort();
    let names = |folder: &str, ending: &str| {
        let entries = fs::read_dir(fuzz().join(folder)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
            // Those of another crate are counted beside it.
            .filter(|name| !name.starts_with("saml_"))
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("corpus", ""), wanted);
    assert_eq!(names("fuzz_targets", ".rs"), wanted);
}
