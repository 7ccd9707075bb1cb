//! A provider of whoever looks at the demo: configured by a file of theirs.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::overlay::Overlay;
use crate::{Outcome, built, plugins};

/// A provider's file and the library that it names.
#[derive(Debug)]
pub struct OwnProvider {
    name: String,
    configuration: Table,
    library: PathBuf,
}

impl OwnProvider {
    /// Reads a provider's file; its library is beside it, or among what cargo has built.
    ///
    /// # Errors
    /// If either is missing, or the file is no configuration of a provider.
    pub fn read(file: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(file).map_err(|why| format!("{}: {why}", file.display()))?;
        let configuration: Table = text.parse()?;
        let name = text_of(&configuration, "kind")?.to_owned();
        let plugin = text_of(&configuration, "plugin")?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let profile = built::profile_folder()?;
        let places = [
            folder.join(plugin),
            folder.join("target/debug").join(plugin),
            profile.join(plugin),
            profile.join("deps").join(plugin),
        ];
        let library = places.iter().find(|place| place.is_file());
        let library = library.ok_or_else(|| {
            let places: Vec<String> = places.iter().map(|at| at.display().to_string()).collect();
            format!(
                "`{plugin}` is not built: it is none of {}",
                places.join(", ")
            )
        })?;
        Ok(Self {
            name,
            library: library.clone(),
            configuration,
        })
    }

    /// Adds the provider to a configuration, and its guest to those who may read Contoso's readme.
    ///
    /// - `plugins`: the folder of plugins.
    ///
    /// # Errors
    /// If the library cannot be copied there.
    pub fn add(&self, overlay: &mut Overlay, plugins: &Path) -> Outcome {
        let target = plugins.join(text_of(&self.configuration, "plugin")?);
        fs::copy(&self.library, &target)?;
        let file = format!("providers/{}.toml", self.name);
        for (key, value) in &self.configuration {
            overlay.set(&file, key, value.clone());
        }
        overlay.set(&file, "sha256", plugins::sha256(&target)?);
        if let Some(guest) = self.guest() {
            let permission = format!("permissions.{}-readme", self.name);
            let mut set = |key: &str, value: &str| {
                overlay.set(
                    "tenants/contoso.toml",
                    &format!("{permission}.{key}"),
                    value,
                );
            };
            set("site", "projects");
            set("item", README);
            set("to", &guest);
            set("role", "read");
            set("created_by", "mia@contoso.example");
        }
        Ok(())
    }

    /// `guest@` the first domain that is sent to the provider.
    #[must_use]
    pub fn guest(&self) -> Option<String> {
        let domains = self.configuration.get("home_domains")?.as_array()?;
        Some(format!("guest@{}", domains.first()?.as_str()?))
    }
}

/// What the guest may read.
pub const README: &str = "/sites/projects/readme.txt";

fn text_of<'t>(table: &'t Table, key: &str) -> Outcome<&'t str> {
    let text = table.get(key).and_then(Value::as_str);
    text.ok_or_else(|| format!("the provider's file has no `{key}`").into())
}
