//! An open-addressing table from hashes to numbers. What a number stands for, and whether it is what is looked for, the
//! caller knows.

/// No number: what is never stored.
pub(super) const NONE: u32 = u32::MAX;

const EMPTY: u64 = u64::MAX;

/// Eight bytes a slot: the hash above, the number below. Places are in the order of the hashes, so that growing walks
/// through memory in order; at most 7 of 8 slots are taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    slots: Vec<u64>,
    taken: usize,
}

impl Table {
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            taken: 0,
        }
    }

    /// The first number under `hash` that `is` says yes to.
    pub(crate) fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.place(hash, &mut is).map(|(_, number)| number)
    }

    /// Reads where a number under `hash` is, and a little further, and tells nothing of use: it brings into the cache
    /// what is about to be looked at.
    pub(super) fn touch(&self, hash: u32) -> u64 {
        let at = self.home(u64::from(hash) << 32);
        let read = |at| self.slots.get(at).copied().unwrap_or_default();
        read(at) ^ read(at + 5)
    }

    /// The first number under `hash`, whatever it stands for; [`NONE`] if there is none.
    pub(super) fn guess(&self, hash: u32) -> u32 {
        self.find(hash, |_| true).unwrap_or(NONE)
    }

    /// Adds `number`, also where there are others under the same hash.
    pub(crate) fn insert(&mut self, hash: u32, number: u32) {
        if (self.taken + 1) * 8 > self.slots.len() * 7 {
            self.resize(self.slots.len() * 3 / 2 + 8);
        }
        self.put(u64::from(hash) << 32 | u64::from(number));
        self.taken += 1;
    }

    /// Puts `new` where `old` was; without one there, nothing happens.
    pub(super) fn replace(&mut self, hash: u32, old: u32, new: u32) {
        if let Some((at, _)) = self.place(hash, &mut |number| number == old)
            && let Some(slot) = self.slots.get_mut(at)
        {
            *slot = u64::from(hash) << 32 | u64::from(new);
        }
    }

    /// Takes `number` out.
    pub(super) fn remove(&mut self, hash: u32, number: u32) {
        let Some((mut hole, _)) = self.place(hash, &mut |other| other == number) else {
            return;
        };
        // Whatever would not be found past a hole moves into it.
        let mut at = hole;
        loop {
            at = self.after(at);
            let Some(slot) = self.slots.get(at).copied().filter(|slot| *slot != EMPTY) else {
                break;
            };
            if self.way(self.home(slot), at) >= self.way(hole, at) {
                self.write(hole, slot);
                hole = at;
            }
        }
        self.write(hole, EMPTY);
        self.taken -= 1;
    }

    /// Gives back memory that is not needed until more is inserted.
    pub(crate) fn shrink(&mut self) {
        self.resize(if self.taken == 0 {
            0
        } else {
            self.taken * 5 / 4 + 1
        });
    }

    fn place(&self, hash: u32, is: &mut impl FnMut(u32) -> bool) -> Option<(usize, u32)> {
        let mut at = self.home(u64::from(hash) << 32);
        loop {
            // There is always an empty slot.
            let slot = self.slots.get(at).copied().filter(|slot| *slot != EMPTY)?;
            if (slot >> 32) as u32 == hash && is(slot as u32) {
                return Some((at, slot as u32));
            }
            at = self.after(at);
        }
    }

    const fn home(&self, slot: u64) -> usize {
        (((slot >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    const fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() {
            0
        } else {
            at + 1
        }
    }

    /// Steps from one slot forward to another.
    const fn way(&self, from: usize, to: usize) -> usize {
        if to >= from {
            to - from
        } else {
            to + self.slots.len() - from
        }
    }

    fn write(&mut self, at: usize, value: u64) {
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = value;
        }
    }

    fn put(&mut self, value: u64) {
        let mut at = self.home(value);
        while self.slots.get(at).is_some_and(|slot| *slot != EMPTY) {
            at = self.after(at);
        }
        self.write(at, value);
    }

    fn resize(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; slots]);
        for value in old.into_iter().filter(|value| *value != EMPTY) {
            self.put(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few hashes, so that they collide, at both ends of the table, so that runs wrap around.
        #[test]
        fn a_table_holds_what_was_put_in_and_not_taken_out(
            steps in prop::collection::vec((prop::bool::weighted(0.6), 0u32..12, 0u32..40), 0..200),
        ) {

            let (mut table, mut model) = (Table::default(), Vec::new());
            for (add, short, number) in steps {
                let hash = hash_of(short);
                let held = model.contains(&(hash, number));
                if add && !held {
                    table.insert(hash, number);
                    model.push((hash, number));
                } else if !add {
                    table.remove(hash, number);
                    model.retain(|other| *other != (hash, number));
                } else {
                    table.shrink();
                }
                for short in 0..12 {
                    for number in 0..40 {
                        let key = (hash_of(short), number);
                        let found = table.find(key.0, |other| other == number).is_some();
                        prop_assert_eq!(found, model.contains(&key));
                    }
                }
            }
        }
    }

    fn hash_of(short: u32) -> u32 {
        if short < 6 {
            u32::MAX - short * 7
        } else {
            short * 0x1000_0000
        }
    }
}
