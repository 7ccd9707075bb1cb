//! From what a request does to the questions it asks.

use gateway_core::action::Action;
use gateway_core::policy::{Question, Target};

use super::method::Effect;
use super::table::Table;

/// The questions of a request with these `effects`. The transfer first, as the permit's owner looks for the destination
/// in second place; sites further down last.
pub(crate) fn all(
    table: &Table,
    source: &Target,
    destination: Option<&Target>,
    effects: &[Effect],
) -> Vec<Question> {
    let (transfers, others): (Vec<Effect>, Vec<Effect>) = effects
        .iter()
        .partition(|effect| matches!(effect, Effect::Transfer { .. }));
    let mut asked = Asked::default();
    let mut deep: Vec<(&Target, Action)> = Vec::new();
    for effect in transfers.into_iter().chain(others) {
        match effect {
            Effect::On(action) | Effect::Unseen(action) => asked.ask(source, action),
            Effect::Below(action) => {
                asked.ask(source, action);
                deep.push((source, action));
            }
            Effect::Transfer {
                source: here,
                destination: there,
            } => {
                let transferred = destination.map(|destination| (destination, there));
                // `resource` has refused transfers without destination.
                for (target, action) in [(source, here)].into_iter().chain(transferred) {
                    asked.ask(target, action);
                    deep.push((target, action));
                }
                // What is moved is taken along, to where other rules may hold.
                if here != Action::Download {
                    asked.ask(source, Action::Download);
                    deep.push((source, Action::Download));
                }
            }
        }
    }
    for (target, action) in deep {
        asked.below(table, target, action);
    }
    asked.0
}

/// Questions, each once.
#[derive(Default)]
struct Asked(Vec<Question>);

impl Asked {
    fn ask(&mut self, target: &Target, action: Action) {
        let question = Question {
            target: target.clone(),
            action,
        };
        if !self.0.contains(&question) {
            self.0.push(question);
        }
    }

    /// A folder may hold the roots of other sites, with rules of their own: what takes the folder takes them along.
    fn below(&mut self, table: &Table, target: &Target, action: Action) {
        for (site, root) in table.sites_below(&target.tenant, &target.path) {
            let root = Target {
                tenant: target.tenant.clone(),
                site: site.clone(),
                path: root.clone(),
                query: None,
            };
            self.ask(&root, action);
        }
    }
}
