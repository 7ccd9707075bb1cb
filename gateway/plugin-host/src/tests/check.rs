//! `vestibule plugin check FILE`.

use std::fs;

use bad_plugins::Bad;

use super::Bench;
use crate::{CheckReport, FileHash, Verdict, check_file};

fn verdicts(report: &CheckReport) -> Vec<(&str, Verdict)> {
    report
        .findings
        .iter()
        .map(|finding| (finding.check, finding.verdict))
        .collect()
}

#[test]
fn a_good_plugin_passes_with_its_hash_and_is_described() {
    let bench = Bench::new();
    let file = bench.folder.badge("badge").unwrap();
    let hash = FileHash::of(&fs::read(&file).unwrap());
    let report = check_file(&file, Some(hash), Some(bench.path()));
    assert!(report.passed(), "{report}");
    let text = report.to_string();
    for words in [
        "passed",
        "badge 1.0 (Badge)",
        "may           show",
        &hash.to_string(),
    ] {
        assert!(text.contains(words), "`{words}` is not in:\n{text}");
    }
    assert_eq!(
        serde_json::to_value(&report).unwrap()["description"]["kind"],
        "badge"
    );
}

#[test]
fn without_a_hash_it_is_told_and_none_of_its_code_runs() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    let report = check_file(&bench.folder.file("bad"), None, Some(bench.path()));
    assert!(!report.passed());
    let wanted = [
        ("file", Verdict::Passed),
        ("table", Verdict::Passed),
        ("sha256", Verdict::Refused),
        ("load", Verdict::Skipped),
    ];
    assert_eq!(verdicts(&report), wanted);
    assert!(
        report
            .to_string()
            .contains(report.sha256.as_deref().unwrap())
    );
    assert!(!bench.marker().exists());
}

#[test]
fn a_bad_table_and_a_bad_hash_are_told_together() {
    let bench = Bench::new();
    bench.compile(&Bad {
        abi_major: Some(7),
        ..Bad::default()
    });
    let report = check_file(
        &bench.folder.file("bad"),
        Some(FileHash::of(b"another")),
        Some(bench.path()),
    );
    let refused = report
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Refused)
        .count();
    assert_eq!(refused, 2, "{report}");
    assert!(!bench.marker().exists());
}

#[test]
fn a_file_that_cannot_be_a_plugin_by_its_name_is_refused() {
    let bench = Bench::new();
    bench.compile(&Bad::default());
    for name in ["bad", "bad.txt", "Bad.so", ".so", ".."] {
        let report = check_file(&bench.path().join(name), None, Some(bench.path()));
        assert_eq!(verdicts(&report), [("file", Verdict::Refused)], "{name}");
    }
}

#[test]
fn a_hash_is_64_hexadecimal_digits() {
    let text = "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdefABCD";
    assert_eq!(
        text.parse::<FileHash>().unwrap().to_string(),
        text.to_lowercase()
    );
    let short = text.strip_prefix('0').unwrap();
    for wrong in [
        short,
        &format!("{text}0"),
        &format!("g{short}"),
        "",
        &format!("{short}é"),
        &format!(" {short}"),
    ] {
        assert!(wrong.parse::<FileHash>().is_err(), "{wrong}");
    }
}
