//! A tenant's sharing links, by item and by token.

use std::collections::HashMap;
use std::sync::Arc;

use gateway_core::id::{LinkId, SiteId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::sharing::SharingLink;

use super::items::Items;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    on_items: Items<Arc<SharingLink>>,
    by_token: HashMap<[u8; 32], Arc<SharingLink>>,
}

impl Links {
    pub(super) fn declared(links: Vec<(SharingLink, [u8; 32])>) -> Self {
        let mut all = Self::default();
        for (link, token) in links {
            let link = Arc::new(link);
            all.on_items
                .insert(&link.site, link.item.clone(), Arc::clone(&link));
            all.by_token.insert(token, link);
        }
        all
    }

    pub(super) fn by_token(&self, token: &[u8; 32]) -> Option<&SharingLink> {
        self.by_token.get(token).map(|link| &**link)
    }

    pub(super) fn covering(
        &self,
        site: &SiteId,
        path: &ItemPath,
        case: PathCase,
    ) -> impl Iterator<Item = &SharingLink> {
        self.on_items.covering(site, path, case).map(|link| &**link)
    }

    pub(super) fn remove(&mut self, id: &LinkId) {
        self.on_items.retain(|link| link.id != *id);
        self.by_token.retain(|_, link| link.id != *id);
    }
}
