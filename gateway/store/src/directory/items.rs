//! Things that hold for an item and everything below it, found by walking down the path.

use std::collections::HashMap;

use gateway_core::id::SiteId;
use gateway_core::path::{ItemPath, PathCase};

/// For each site a tree of names. A walk costs as many steps as the path shares with something inserted,
/// however long the path is and however much the site holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Items<T> {
    sites: HashMap<SiteId, Vec<Folder<T>>>,
}

/// One node of a tree, the root at index 0. Kept in a vector: nested boxes would be dropped recursively, as deep
/// as paths are long.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Folder<T> {
    here: Vec<(ItemPath, T)>,
    below: HashMap<String, usize>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self {
            sites: HashMap::new(),
        }
    }
}

impl<T> Folder<T> {
    fn new() -> Self {
        Self {
            here: Vec::new(),
            below: HashMap::new(),
        }
    }
}

impl<T> Items<T> {
    /// Adds `value` to `item` and everything below.
    pub(super) fn insert(&mut self, site: &SiteId, item: ItemPath, value: T) {
        let folders = self
            .sites
            .entry(site.clone())
            .or_insert_with(|| vec![Folder::new()]);
        let mut at = 0;
        for name in item.segments() {
            let next = folders.len();
            let Some(folder) = folders.get_mut(at) else {
                return;
            };
            at = *folder.below.entry(name.to_lowercase()).or_insert(next);
            if at == next {
                folders.push(Folder::new());
            }
        }
        if let Some(folder) = folders.get_mut(at) {
            folder.here.push((item, value));
        }
    }

    /// Everything on `path` or above it.
    ///
    /// The tree folds case, so that one tree serves both kinds of site; what differs in case only is then left
    /// out where the site tells it apart.
    pub(super) fn covering(
        &self,
        site: &SiteId,
        path: &ItemPath,
        case: PathCase,
    ) -> impl Iterator<Item = &T> {
        let folders = self.sites.get(site).map_or(&[][..], Vec::as_slice);
        let mut names = path.segments();
        let down = move |folder: &&Folder<T>| {
            let at = folder.below.get(&names.next()?.to_lowercase())?;
            folders.get(*at)
        };
        std::iter::successors(folders.first(), down)
            .flat_map(|folder| &folder.here)
            .filter(move |(item, _)| path.is_within(item, case))
            .map(|(_, value)| value)
    }

    /// Takes out what `keep` says no to.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        for folder in self.sites.values_mut().flatten() {
            folder.here.retain(|(_, value)| keep(value));
        }
    }
}
