//! The files of cases that the project keeps: all answered as expected, and described as they are.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

type Outcome = Result<(), Box<dyn Error>>;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/cases")
        .join(name)
}

fn files(name: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder(name))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Everything about the files of a folder that is not as it is expected to be.
fn unmet(name: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut unmet = Vec::new();
    for path in files(name)? {
        let shown = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match gateway_cases::run(&fs::read_to_string(&path)?) {
            Err(problems) => unmet.extend(problems.iter().map(|one| format!("{shown}: {one}"))),
            Ok(answers) => {
                for answer in answers {
                    if answer.as_expected() != Some(true) {
                        unmet.push(format!("{shown}: {}", answer.to_json()));
                    }
                }
            }
        }
    }
    Ok(unmet)
}

fn all_met(name: &str) -> Outcome {
    let unmet = unmet(name)?;
    if unmet.is_empty() {
        Ok(())
    } else {
        Err(unmet.join("\n").into())
    }
}

#[test]
fn every_row_of_the_decision_table_is_answered_as_documented() -> Outcome {
    all_met("rows")
}

#[test]
fn every_example_is_answered_as_it_says() -> Outcome {
    all_met("examples")
}

#[test]
fn the_examples_of_the_readme_are_answered_as_they_say() -> Outcome {
    let text = fs::read_to_string(folder("README.md"))?;
    let mut found = 0;
    for block in text.split("```json\n").skip(1) {
        let example = block.split("```").next().unwrap_or_default();
        let answers = gateway_cases::run(example).map_err(|problems| format!("{problems:?}"))?;
        for answer in answers {
            found += 1;
            if answer.as_expected() != Some(true) {
                return Err(answer.to_json().to_string().into());
            }
        }
    }
    if found >= 6 {
        Ok(())
    } else {
        Err("the examples are gone".into())
    }
}

#[test]
fn every_row_has_a_file_that_names_its_profile_and_reason() -> Outcome {
    let mut found = BTreeSet::new();
    for path in files("rows")? {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let row: u16 = name
            .strip_prefix("row-")
            .and_then(|row| row.parse().ok())
            .ok_or_else(|| format!("`{name}` is no name of a row"))?;
        found.insert(row);
        let file: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let cases = file
            .get("cases")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        if cases.is_empty() {
            return Err(format!("{name} has no case").into());
        }
        for case in cases {
            let text = |key: &str| {
                case.get(key)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            if !text("name").starts_with(&format!("row {row}")) || text("note").is_empty() {
                return Err(format!("{name}: a case has no name or no note").into());
            }
            let expected = case.get("expect").and_then(|expect| expect.get("outcome"));
            if expected.is_none() {
                return Err(format!("{name}: a case expects no outcome").into());
            }
        }
    }
    let missing: Vec<u16> = ROWS
        .iter()
        .copied()
        .filter(|row| !found.contains(row))
        .collect();
    if missing.is_empty() && found.len() == ROWS.len() {
        Ok(())
    } else {
        Err(format!("rows without a file: {missing:?}; files: {}", found.len()).into())
    }
}

/// The rows of the decision table; its numbering has gaps.
const ROWS: [u16; 160] = [
    1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 19, 20, 21, 23, 24, 25, 27, 28, 29, 31, 32, 33,
    35, 36, 37, 39, 40, 41, 43, 44, 45, 47, 48, 49, 51, 52, 53, 55, 56, 57, 59, 60, 61, 63, 64, 65,
    67, 68, 69, 71, 72, 73, 75, 76, 77, 79, 80, 81, 83, 84, 85, 87, 88, 89, 91, 92, 93, 95, 96, 97,
    99, 100, 101, 103, 104, 105, 107, 108, 109, 111, 112, 113, 115, 116, 117, 119, 120, 121, 123,
    124, 125, 127, 128, 129, 131, 132, 133, 135, 136, 137, 139, 140, 141, 143, 144, 145, 147, 148,
    149, 151, 152, 153, 155, 156, 157, 159, 160, 161, 163, 164, 165, 167, 168, 169, 171, 172, 173,
    175, 176, 177, 179, 180, 181, 183, 184, 185, 187, 188, 189, 191, 192, 193, 195, 196, 197, 199,
    200, 201, 203, 204, 205, 207, 208, 209, 211, 212, 213,
];

#[test]
fn the_schema_is_current() -> Outcome {
    let path = folder("schema.json");
    let mut text = serde_json::to_string_pretty(&gateway_cases::schema())?;
    text.push('\n');
    if std::env::var_os("VESTIBULE_WRITE_SCHEMA").is_some() {
        fs::write(&path, &text)?;
    }
    if fs::read_to_string(&path)? == text {
        Ok(())
    } else {
        Err("tests/cases/schema.json is not current: set VESTIBULE_WRITE_SCHEMA=1 and run this test".into())
    }
}

#[test]
fn every_file_is_as_the_schema_says() -> Outcome {
    let schema = jsonschema::validator_for(&gateway_cases::schema())?;
    for name in ["rows", "examples"] {
        for path in files(name)? {
            let file: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
            if let Err(error) = schema.validate(&file) {
                return Err(
                    format!("{}: {}: {error}", path.display(), error.instance_path()).into(),
                );
            }
        }
    }
    Ok(())
}
