//! May the settings be changed so, and into what?

use std::cell::RefCell;

use gateway_core::policy::Recorded;
use gateway_core::policy::configure::{Change, Configured, Rejection, Scope, Settings, configure};
use serde_json::Value;

use super::World;
use crate::answer::Told;
use crate::problem::At;
use crate::read;
use crate::wire;

pub(super) struct Asked {
    changes: Vec<Change>,
    /// Changes that the rules cannot even be asked about: their values are none that a setting could have.
    unspeakable: Vec<Rejection>,
    shown: Vec<(Scope, String)>,
}

pub(super) fn read(at: &At<'_>, given: &wire::Configure, world: &World) -> Option<Asked> {
    if given.changes.is_empty() && given.show.is_empty() {
        at.error("neither changes nor shows anything");
    }
    let mut asked = Asked {
        changes: Vec::new(),
        unspeakable: Vec::new(),
        shown: Vec::new(),
    };
    for (index, given) in given.changes.iter().enumerate() {
        match change(&at.key("changes").index(index), given, world)? {
            Ok(change) => asked.changes.push(change),
            Err(rejections) => asked.unspeakable.extend(rejections),
        }
    }
    for (index, show) in given.show.iter().enumerate() {
        let at = at.key("show").index(index).key("scope");
        let shown = (scope(&at, &show.scope, world)?, show.name.clone());
        asked.shown.push(shown);
    }
    Some(asked)
}

fn scope(at: &At<'_>, text: &str, world: &World) -> Option<Scope> {
    let words = [
        ("tenant", &Scope::Tenant),
        ("site", &Scope::Site(world.site.clone())),
        ("directory", &Scope::Directory),
    ];
    read::word(at, text, &words).cloned()
}

/// A change, or why it is refused; nothing where it is none.
fn change(
    at: &At<'_>,
    given: &wire::Change,
    world: &World,
) -> Option<Result<Change, Vec<Rejection>>> {
    match (&given.name, &given.value, &given.add_federation) {
        (Some(name), Some(value), None) => {
            let text = given.scope.as_deref().unwrap_or("tenant");
            let scope = scope(&at.key("scope"), text, world)?;
            let name = name.clone();
            Some(match (value, read::raw(value)) {
                (Value::Null, _) => Ok(Change::Clear { scope, name }),
                (_, Some(value)) => Ok(Change::Set { scope, name, value }),
                (_, None) => Err(vec![Rejection {
                    scope,
                    key: name,
                    value: value.to_string(),
                    rule: "is no value that a setting has".to_owned(),
                }]),
            })
        }
        (None, None, Some(given)) => Some(federation(given)),
        (_, _, _) => {
            at.error("has either `name` and `value`, or `add_federation`");
            None
        }
    }
}

fn federation(given: &wire::Federation) -> Result<Change, Vec<Rejection>> {
    let problems = RefCell::new(Vec::new());
    let read = read::federation(&At::new("federations", &problems), given);
    let problems = problems.into_inner();
    match read {
        Some(federation) if problems.is_empty() => Ok(Change::AddFederation(federation)),
        Some(_) | None => Err(problems
            .into_iter()
            .map(|problem| Rejection {
                scope: Scope::Directory,
                key: problem.path,
                value: given.domains.join(" "),
                rule: problem.message,
            })
            .collect()),
    }
}

impl Asked {
    pub(super) fn answer(&self, world: &World) -> Told {
        let current = Settings {
            tenant: world.tenant.clone(),
            sites: [(world.site.clone(), world.site_settings.clone())].into(),
        };
        let mut trace = Recorded::default();
        let configured = configure(
            &current,
            &self.changes,
            &self.shown,
            &world.links,
            &world.clouds,
            world.now,
            &mut trace,
        );
        if self.unspeakable.is_empty() {
            return Told::configured(&configured, &trace);
        }
        let mut rejections = self.unspeakable.clone();
        if let Configured::Reject(others) = configured {
            rejections.extend(others);
        }
        // The rules were asked about the other changes only, so that what they found decides nothing.
        Told::configured(&Configured::Reject(rejections), &Recorded::default())
    }
}
