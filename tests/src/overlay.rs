//! A configuration folder that is laid over the others: what this machine and this run make different.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::{Outcome, ensure};

/// The files of a configuration folder, in memory until [`Overlay::write`].
#[derive(Clone, Debug)]
pub struct Overlay {
    folder: PathBuf,
    files: BTreeMap<String, Table>,
}

impl Overlay {
    /// An empty overlay in `folder`.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            files: BTreeMap::new(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The same files in another folder.
    #[must_use]
    pub fn moved_to(&self, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..self.clone()
        }
    }

    /// Sets one key.
    ///
    /// - `file`: such as `tenants/contoso.toml`.
    /// - `key`: names of tables and at last of the key, separated by dots.
    pub fn set(&mut self, file: &str, key: &str, value: impl Into<Value>) {
        let mut table = self.files.entry(file.to_owned()).or_default();
        let mut names = key.split('.').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                table.insert(name.to_owned(), value.into());
                return;
            }
            let inner = table
                .entry(name)
                .or_insert_with(|| Value::Table(Table::new()));
            if !inner.is_table() {
                *inner = Value::Table(Table::new());
            }
            let Value::Table(inner) = inner else { return };
            table = inner;
        }
    }

    /// Lays the TOML text `content` over what `file` says already.
    ///
    /// # Errors
    /// If it is no TOML.
    pub fn add(&mut self, file: &str, content: &str) -> Outcome {
        let content: Table = toml::from_str(content)?;
        lay_over(self.files.entry(file.to_owned()).or_default(), content);
        Ok(())
    }

    /// What one key is set to.
    #[must_use]
    pub fn find(&self, file: &str, key: &str) -> Option<&Value> {
        let mut names = key.split('.');
        let first = self.files.get(file)?.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    /// Takes a whole file out.
    pub fn remove(&mut self, file: &str) {
        self.files.remove(file);
    }

    /// Writes every file, and removes those that are no longer in it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&self) -> Outcome {
        if self.folder.exists() {
            // Only what we have written ourselves may be deleted.
            ensure!(
                self.folder.ends_with("overlay"),
                "`{}` is no overlay",
                self.folder.display()
            );
            fs::remove_dir_all(&self.folder)?;
        }
        for (file, table) in &self.files {
            let path = self.folder.join(file);
            fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
            fs::write(path, toml::to_string(table)?)?;
        }
        Ok(())
    }
}

fn lay_over(table: &mut Table, content: Table) {
    for (key, value) in content {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_layer_replaces_keys_and_keeps_their_neighbours() {
        let mut overlay = Overlay::new(Path::new("overlay"));
        overlay.set("default.toml", "listen.public.address", "127.0.0.1:1");
        overlay
            .add("default.toml", "[listen.public]\nexternal_port = 2")
            .unwrap();
        assert_eq!(
            overlay.find("default.toml", "listen.public.address"),
            Some(&"127.0.0.1:1".into())
        );
        assert_eq!(
            overlay.find("default.toml", "listen.public.external_port"),
            Some(&2.into())
        );
    }
}
