//! Which files there are, and what stands in them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{DirEntry, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::problem::{Place, Problems};
use crate::suggest::nearest;

/// A configuration file is not larger than this, in bytes.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
const FILES: [&str; 2] = ["default.toml", "clouds.toml"];
const FOLDERS: [&str; 3] = ["environments", "providers", "tenants"];

/// One file's text.
pub(crate) struct Text {
    /// As its folder was given, with its name.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// What was found, each list in the order of the folders. A file that cannot be read leaves its entry
/// empty, so that what refers to it is not reported as well.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) default: Vec<Text>,
    pub(crate) clouds: Vec<Text>,
    pub(crate) environments: BTreeMap<String, Vec<Text>>,
    pub(crate) tenants: BTreeMap<String, Vec<Text>>,
    pub(crate) providers: BTreeMap<String, Vec<Text>>,
    /// Some file could not be read.
    pub(crate) incomplete: bool,
}

/// Reads every configuration file of `folders`.
pub(crate) fn read_all<'a>(
    folders: impl IntoIterator<Item = &'a Path>,
    problems: &Problems,
) -> Found {
    let mut found = Found::default();
    for folder in folders {
        found.read_folder(folder, problems);
    }
    found
}

impl Found {
    /// Every text but those of providers, in a fixed order.
    pub(crate) fn base(&self) -> impl Iterator<Item = &Text> {
        let groups = [&self.environments, &self.tenants];
        let grouped = groups.into_iter().flat_map(BTreeMap::values).flatten();
        self.default.iter().chain(&self.clouds).chain(grouped)
    }

    fn read_folder(&mut self, folder: &Path, problems: &Problems) {
        let Some(entries) = self.list(folder, problems) else {
            return;
        };
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            match name.as_str() {
                "default.toml" => self.read(&path, problems, |found| &mut found.default),
                "clouds.toml" => self.read(&path, problems, |found| &mut found.clouds),
                "environments" => self.read_group(&path, problems, |found| &mut found.environments),
                "tenants" => self.read_group(&path, problems, |found| &mut found.tenants),
                "providers" => self.read_group(&path, problems, |found| &mut found.providers),
                _ => report_stranger(&path, &name, problems),
            }
        }
    }

    fn read_group(
        &mut self,
        folder: &Path,
        problems: &Problems,
        group: impl Fn(&mut Self) -> &mut BTreeMap<String, Vec<Text>>,
    ) {
        let Some(entries) = self.list(folder, problems) else {
            return;
        };
        for path in entries.iter().map(DirEntry::path) {
            let (Some(name), true) = (path.file_stem().and_then(OsStr::to_str), is_toml(&path))
            else {
                continue;
            };
            self.read(&path, problems, |found| {
                group(found).entry(name.to_owned()).or_default()
            });
        }
    }

    /// The entries of a folder by name, so that every run reports in the same order.
    fn list(&mut self, folder: &Path, problems: &Problems) -> Option<Vec<DirEntry>> {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match entries {
            Ok(mut entries) => {
                entries.sort_by_key(DirEntry::file_name);
                Some(entries)
            }
            Err(error) => {
                self.incomplete = true;
                let place = Place::whole(&folder.display().to_string());
                let message = match error.kind() {
                    ErrorKind::NotFound => {
                        "there is no such folder: name one with `--config DIR`".to_owned()
                    }
                    _ => format!("cannot be read: {error}"),
                };
                problems.error(&place, &[], message);
                None
            }
        }
    }

    fn read(
        &mut self,
        path: &Path,
        problems: &Problems,
        list: impl FnOnce(&mut Self) -> &mut Vec<Text>,
    ) {
        let file = path.display().to_string();
        let read = read_text(path);
        self.incomplete |= read.is_err();
        let list = list(self);
        match read {
            Ok(text) => list.push(Text { file, text }),
            Err(message) => problems.error(&Place::whole(&file), &[], message),
        }
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    // Opening a pipe would wait for a writer.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err("is not a regular file".to_owned());
    }
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let metadata = file
        .metadata()
        .map_err(|error| format!("cannot be read: {error}"))?;
    if metadata.mode() & 0o022 != 0 {
        return Err("can be written by others: run `chmod go-w` on it".to_owned());
    }
    if metadata.len() > MOST_BYTES {
        return Err(format!("is larger than {MOST_BYTES} bytes"));
    }
    let mut text = String::new();
    file.take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot be read as UTF-8 text: {error}"))?;
    Ok(text)
}

/// A file or folder that is almost one of ours would be overlooked in silence.
fn report_stranger(path: &Path, name: &str, problems: &Problems) {
    let place = Place::whole(&path.display().to_string());
    if path.is_dir() {
        if let Some(meant) = nearest(name, FOLDERS) {
            problems.error(&place, &[], format!("is not read: did you mean `{meant}`?"));
        }
    } else if is_toml(path) {
        let advice = match nearest(name, FILES) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => {
                "`default.toml`, `clouds.toml`, `environments/`, `tenants/` and `providers/` are"
                    .to_owned()
            }
        };
        problems.error(&place, &[], format!("is not read: {advice}"));
    }
}

fn is_toml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "toml")
}
