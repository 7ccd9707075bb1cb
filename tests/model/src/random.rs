//! Numbers that look random and are the same at every run.

/// A generator of them.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The one that begins at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        // SplitMix64's finaliser: neighbouring seeds shall not begin alike, and the state is never zero.
        let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
        Self(if state == 0 { 1 } else { state })
    }

    /// Source: Marsaglia, xorshift.
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from((self.next() >> 11) % end).unwrap_or_default()
    }

    /// Yes, `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Yes or no.
    pub fn flag(&mut self) -> bool {
        self.chance(50)
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none.
    #[expect(clippy::indexing_slicing, reason = "no list here is empty")]
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of them.
    pub fn one<T: Copy>(&mut self, from: &[T]) -> T {
        *self.pick(from)
    }

    /// Some of them, each with the same chance.
    pub fn some<T: Clone, C: FromIterator<T>>(&mut self, from: &[T]) -> C {
        from.iter().filter(|_| self.chance(40)).cloned().collect()
    }

    /// Something, or nothing.
    pub fn perhaps<T>(&mut self, value: T) -> Option<T> {
        self.flag().then_some(value)
    }
}
