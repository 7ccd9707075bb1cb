//! Parses TOML keeping positions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};
use toml_edit::{Document, Item, Key, TableLike};

use super::layer::{KeyPath, Layer};
use crate::problem::{Place, Position, Problems};

/// Parses `text`; `None` after noting the syntax error.
pub(crate) fn parse(file: &str, text: &str, problems: &Problems) -> Option<Layer> {
    let mut reader = Reader {
        file: file.into(),
        text,
        places: BTreeMap::new(),
    };
    match Document::parse(text) {
        Ok(document) => {
            let mut path = KeyPath::new();
            let content = reader.table(document.as_table(), &mut path);
            let place = Place {
                file: reader.file.clone(),
                position: Some(Position { line: 1, column: 1 }),
            };
            Some(Layer {
                place,
                content,
                places: reader.places,
            })
        }
        Err(error) => {
            // `Display` of the error would quote the line, and with it perhaps a secret.
            problems.error(
                &reader.place(error.span()),
                &[],
                format!("not TOML: {}", error.message()),
            );
            None
        }
    }
}

struct Reader<'a> {
    file: Arc<str>,
    text: &'a str,
    places: BTreeMap<KeyPath, Place>,
}

impl Reader<'_> {
    fn table(&mut self, table: &dyn TableLike, path: &mut KeyPath) -> Map<String, Value> {
        let mut content = Map::new();
        for (name, item) in table.iter() {
            path.push(name.to_owned());
            let place = self.place(table.key(name).and_then(Key::span).or_else(|| item.span()));
            self.places.insert(path.clone(), place);
            content.insert(name.to_owned(), self.item(item, path));
            path.pop();
        }
        content
    }

    fn item(&mut self, item: &Item, path: &mut KeyPath) -> Value {
        match item {
            Item::None => Value::Null,
            Item::Value(value) => self.value(value, path),
            Item::Table(table) => Value::Object(self.table(table, path)),
            Item::ArrayOfTables(tables) => {
                let elements = tables.iter().enumerate().map(|(index, table)| {
                    self.element(index, table.span(), path, |reader, path| {
                        Value::Object(reader.table(table, path))
                    })
                });
                Value::Array(elements.collect())
            }
        }
    }

    fn value(&mut self, value: &toml_edit::Value, path: &mut KeyPath) -> Value {
        match value {
            toml_edit::Value::String(text) => Value::String(text.value().clone()),
            toml_edit::Value::Integer(number) => Value::from(*number.value()),
            toml_edit::Value::Float(number) => Value::from(*number.value()),
            toml_edit::Value::Boolean(flag) => Value::Bool(*flag.value()),
            toml_edit::Value::Datetime(moment) => Value::String(moment.value().to_string()),
            toml_edit::Value::Array(array) => {
                let elements = array.iter().enumerate().map(|(index, element)| {
                    self.element(index, element.span(), path, |reader, path| {
                        reader.value(element, path)
                    })
                });
                Value::Array(elements.collect())
            }
            toml_edit::Value::InlineTable(table) => Value::Object(self.table(table, path)),
        }
    }

    fn element(
        &mut self,
        index: usize,
        span: Option<Range<usize>>,
        path: &mut KeyPath,
        read: impl FnOnce(&mut Self, &mut KeyPath) -> Value,
    ) -> Value {
        path.push(index.to_string());
        let place = self.place(span);
        self.places.insert(path.clone(), place);
        let value = read(self, path);
        path.pop();
        value
    }

    fn place(&self, span: Option<Range<usize>>) -> Place {
        let before = self
            .text
            .get(..span.map_or(0, |span| span.start))
            .unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let position = Position {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        };
        Place {
            file: self.file.clone(),
            position: Some(position),
        }
    }
}
