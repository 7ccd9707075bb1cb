//! A case, read and ready to be answered.

mod access;
mod configure;
mod redeem;
mod share;

use std::collections::BTreeMap;

use gateway_core::address::EmailAddress;
use gateway_core::cloud::Clouds;
use gateway_core::groups::Groups;
use gateway_core::id::SiteId;
use gateway_core::path::ItemPath;
use gateway_core::settings::{SiteSettings, TenantSettings};
use gateway_core::sharing::{Permission, SharingLink};
use gateway_core::time::UnixTime;
use serde_json::Value;

use crate::answer::{Answered, Told};
use crate::moment;
use crate::problem::At;
use crate::read::{self, Known, Place};
use crate::wire;

/// The item that questions are about, where they name none.
const ITEM: &str = "/site/Plan.docx";
/// Who shared, where nobody is named.
const CREATOR: &str = "mia@contoso.com";

/// Everything that answers rest on.
pub(crate) struct World {
    pub(crate) clouds: Clouds,
    pub(crate) tenant: TenantSettings,
    pub(crate) site: SiteId,
    pub(crate) site_settings: SiteSettings,
    pub(crate) guests: BTreeMap<String, Known>,
    pub(crate) groups: Groups,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) links: Vec<SharingLink>,
    pub(crate) item: ItemPath,
    pub(crate) now: UnixTime,
}

impl World {
    /// The guest with that address.
    pub(crate) fn guest(&self, address: &EmailAddress) -> Option<&Known> {
        let mut known = self.guests.values();
        known.find(|known| known.guest.address == *address)
    }

    pub(crate) fn integration(&self) -> bool {
        self.tenant.integration().value
    }
}

enum Kind {
    Access(access::Asked),
    Share(share::Asked),
    Redeem(redeem::Asked),
    Configure(configure::Asked),
}

/// A case, read and ready to be answered.
pub(crate) struct Asked {
    name: String,
    profile: &'static str,
    world: World,
    question: Kind,
    expected: Option<Value>,
}

impl Asked {
    /// Reads a case.
    ///
    /// - `at`: where it stands in its file; everything that is wrong is noted there.
    pub(crate) fn read(case: &wire::Case, at: &At<'_>) -> Option<Self> {
        read_case(case, at)
    }

    /// Answers it.
    pub(crate) fn answer(&self) -> Answered {
        let told: Told = match &self.question {
            Kind::Access(asked) => asked.answer(&self.world),
            Kind::Share(asked) => asked.answer(&self.world),
            Kind::Redeem(asked) => asked.answer(&self.world),
            Kind::Configure(asked) => asked.answer(&self.world),
        };
        Answered::new(&self.name, self.profile, told, self.expected.as_ref())
    }
}

fn read_case(case: &wire::Case, at: &At<'_>) -> Option<Asked> {
    if case.expect.as_ref().is_some_and(serde_json::Map::is_empty) && !at.is_noted("expect") {
        at.key("expect").error("expects nothing: leave it out");
    }
    let now = match case.at.as_deref() {
        None => moment::DEFAULT,
        Some(text) => {
            let wrong = format!("`{text}` is no moment such as 2026-01-01T00:00:00Z");
            at.key("at").ok(moment::absolute(text).ok_or(wrong))?
        }
    };
    let clouds = read::clouds(at, case);
    let tenant = read::tenant(at, case, now);
    let site = read::site(at, case);
    let guests = read::guests(at, &case.guests, now);
    let groups = read::groups(at, &case.groups);
    let item = match case
        .access
        .as_ref()
        .and_then(|asked| asked.item.path.as_deref())
    {
        Some(text) => read::path(&at.key("access").key("item").key("path"), text)?,
        None => ItemPath::parse(ITEM).ok()?,
    };
    let (tenant, (site, site_settings)) = (tenant?, site?);
    let creator = EmailAddress::parse(CREATOR).ok()?;
    let place = Place {
        site: &site,
        item: &item,
        integration: tenant.integration().value,
        creator: &creator,
        now,
    };
    let permissions = read::permissions(at, &case.permissions, &place);
    let links = read::links(at, &case.links, &place);
    let profile = tenant.profile.name();
    let world = World {
        clouds,
        tenant,
        site,
        site_settings,
        guests,
        groups,
        permissions,
        links,
        item,
        now,
    };
    let question = question(case, at, &world)?;
    Some(Asked {
        name: case.name.clone(),
        profile,
        world,
        question,
        expected: case.expect.clone().map(Value::Object),
    })
}

fn question(case: &wire::Case, at: &At<'_>, world: &World) -> Option<Kind> {
    match (&case.access, &case.share, &case.redeem, &case.configure) {
        (Some(asked), None, None, None) => {
            access::read(&at.key("access"), asked, world).map(Kind::Access)
        }
        (None, Some(asked), None, None) => {
            share::read(&at.key("share"), asked, world).map(Kind::Share)
        }
        (None, None, Some(asked), None) => {
            redeem::read(&at.key("redeem"), asked, world).map(Kind::Redeem)
        }
        (None, None, None, Some(asked)) => {
            configure::read(&at.key("configure"), asked, world).map(Kind::Configure)
        }
        (_, _, _, _) => {
            at.error("asks exactly one of `access`, `share`, `redeem` and `configure`");
            None
        }
    }
}
