//! Walking down a path, with what is read on the way brought from memory beforehand.

use super::super::hash::Hash;
use super::{Found, Kept, Level, SPELLING, STEPS, Tree, UNIT, same};
use crate::id::SiteId;
use crate::path::{ItemPath, PathCase};

/// A step of a path before it is taken.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step<'a> {
    pub(super) name: &'a str,
    pub(super) hash: u32,
    /// The entry, if nothing collides.
    pub(super) guess: u32,
}

/// A walk down a path. What the next steps will read is asked for before any is taken, in rounds in which no read waits
/// for another: memory then takes as long for all of them as for one.
pub(in crate::index) struct Walk<'p, I> {
    pub(super) names: I,
    pub(super) hash: Hash,
    pub(super) steps: [Step<'p>; STEPS],
    pub(super) number: usize,
    /// How far it has come.
    pub(super) here: Option<Found>,
}

impl<'p, I> Walk<'p, I> {
    fn steps(&mut self) -> &mut [Step<'p>] {
        self.steps.get_mut(..self.number).unwrap_or_default()
    }
}

impl Tree {
    /// Begins a walk down `path`, and has the table brought from memory where the first steps will look into it.
    pub(in crate::index) fn start<'p>(
        &self,
        site: &SiteId,
        path: &'p ItemPath,
    ) -> Walk<'p, impl Iterator<Item = &'p str> + use<'p>> {
        let mut walk = Walk {
            names: path.segments(),
            hash: self.root_hash(site),
            steps: [Step::default(); STEPS],
            number: 0,
            here: None,
        };
        self.hash(&mut walk);
        walk
    }

    /// Has the entries of the next steps brought from memory: what comes before must be there by now.
    pub(in crate::index) fn fetch<'p, I: Iterator<Item = &'p str>>(&self, walk: &mut Walk<'p, I>) {
        let mut read = 0;
        for step in walk.steps() {
            step.guess = self.numbers.guess(step.hash);
            let first = self.entries.get(step.guess as usize * UNIT);
            read ^= first.copied().unwrap_or_default();
        }
        std::hint::black_box(read);
    }

    /// What is kept with the entries of the next steps, if nothing collides.
    pub(in crate::index) fn kept<'p, I: Iterator<Item = &'p str>>(
        &self,
        walk: &mut Walk<'p, I>,
    ) -> impl Iterator<Item = Kept> {
        let steps = walk.steps().iter();
        steps.filter_map(|step| self.entry(step.guess).map(|entry| entry.kept))
    }

    /// Walks for as long as there is something, and shows every step, a few at a time.
    pub(in crate::index) fn walk<'p, I: Iterator<Item = &'p str>>(
        &self,
        mut walk: Walk<'p, I>,
        site: &SiteId,
        case: PathCase,
        mut visit: impl FnMut(&[Level]),
    ) {
        loop {
            let mut levels = [Level::default(); STEPS];
            let mut taken = 0;
            let mut here = walk.here;
            for (step, level) in walk.steps().iter().zip(&mut levels) {
                // Nearly always the guess is right, and everything is spelled as it was first.
                if let Some(above) = here
                    && above.place == above.node
                    && let Some(entry) = self.entry(step.guess)
                    && entry.parent == above.node
                    && entry.marks & SPELLING == 0
                    && same(entry.name, step.name.as_bytes())
                {
                    *level = entry.level(step.guess);
                    here = Some(Found::at(step.guess));
                    taken += 1;
                    continue;
                }
                let found = match here {
                    None => self.root(site, step),
                    Some(here) => self.below(here, step, case),
                };
                let Some(next) = found.and_then(|found| self.level(found.place)) else {
                    break;
                };
                *level = next;
                here = found;
                taken += 1;
            }
            visit(levels.get(..taken).unwrap_or_default());
            if taken < STEPS {
                return;
            }
            walk.here = here;
            self.hash(&mut walk);
            self.fetch(&mut walk);
        }
    }

    /// Hashes the next steps.
    fn hash<'p, I: Iterator<Item = &'p str>>(&self, walk: &mut Walk<'p, I>) {
        walk.number = 0;
        let mut read = 0;
        for step in &mut walk.steps {
            // The first step of all is to the root.
            if walk.number > 0 || walk.here.is_some() {
                let Some(name) = walk.names.next() else { break };
                walk.hash = self.keys.folded(walk.hash, name);
                step.name = name;
            }
            step.hash = walk.hash.short();
            read ^= self.numbers.touch(step.hash);
            walk.number += 1;
        }
        std::hint::black_box(read);
    }
}
