//! Tables for people: columns are as wide as what is in them, and nothing is wrapped or cut.

use std::io::{self, Write};

use serde_json::Value;

/// Prints a table; only its heads where there are no rows.
pub(crate) fn table(out: &mut dyn Write, heads: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let cells = cells.map(|cell| cell.chars().count());
        let head = heads.get(column).map_or(0, |head| head.len());
        cells.chain([head]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let heads: Vec<String> = heads.iter().map(|head| head.to_uppercase()).collect();
    for row in std::iter::once(&heads).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let missing = width.saturating_sub(cell.chars().count());
            line.push_str(cell);
            line.push_str(&" ".repeat(missing.saturating_add(2)));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A member of an object as a cell; `-` where there is none. Control characters, which could write elsewhere on a terminal,
/// become `?`.
pub(crate) fn cell(object: &Value, name: &str) -> String {
    let text = match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) => {
            let texts = list.iter().map(|one| match one {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            texts.collect::<Vec<_>>().join(" ")
        }
        Some(other) => other.to_string(),
    };
    if text.is_empty() {
        return "-".to_owned();
    }
    text.chars()
        .map(|letter| if letter.is_control() { '?' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut out = Vec::new();
        let rows = [
            vec!["ada@fabrikam.example".to_owned(), "-".to_owned()],
            vec!["zoë@x.example".to_owned(), "two words".to_owned()],
        ];
        table(&mut out, &["address", "name"], &rows).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "ADDRESS               NAME\nada@fabrikam.example  -\nzoë@x.example         two words\n"
        );
    }

    #[test]
    fn sec_118_what_others_wrote_cannot_steer_a_terminal() {
        let object = json!({ "name": "a\u{1b}[2Jb\n", "list": ["x", 1], "gone": null });
        assert_eq!(cell(&object, "name"), "a?[2Jb?");
        assert_eq!(cell(&object, "list"), "x 1");
        assert_eq!(cell(&object, "gone"), "-");
    }
}
