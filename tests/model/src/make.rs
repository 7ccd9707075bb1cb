//! Questions made up at random: each begins where the answer is mostly yes, and a few things are then changed. A question
//! of nothing but random settings would be refused for ten reasons at once, and would prove little about any of them.

mod access;
mod directory;
mod person;
mod place;
mod pool;
mod redeem;
mod setting;
mod share;

use std::fmt::Debug;
use std::sync::Arc;

pub use pool::Pool;

use crate::random::Random;
use crate::world::Place;

/// What worlds are made with.
#[derive(Clone, Debug)]
pub struct Maker {
    /// What comes next.
    pub random: Random,
    /// Names, parsed once.
    pub pool: Arc<Pool>,
}

impl Default for Maker {
    fn default() -> Self {
        Self {
            random: Random::new(0),
            pool: Arc::new(Pool::new()),
        }
    }
}

/// One change to a world.
pub type Change<W> = fn(&mut W, &mut Maker);

/// A kind of world.
pub trait Make: Sized + Debug + 'static {
    /// One in which the answer is mostly yes.
    fn open(maker: &mut Maker) -> Self;

    /// What can be changed in it, apart from its place.
    fn changes() -> &'static [Change<Self>];

    /// Where it is.
    fn place(&mut self) -> &mut Place;

    /// How many things are changed: a table to draw from.
    fn counts() -> &'static [usize];
}

/// The world of that seed, and how many things were changed in it.
///
/// - `without`: changes that are left out, by number; the others stay as they were.
pub fn world<W: Make>(maker: &mut Maker, seed: u64, without: &[usize]) -> (W, usize) {
    maker.random = Random::new(seed);
    let mut world = W::open(maker);
    let count = maker.random.one(W::counts());
    for number in 0..count {
        let step = u64::try_from(number).unwrap_or_default().wrapping_add(1);
        maker.random = Random::new(seed.wrapping_add(step.wrapping_mul(0xa076_1d64_78bd_642f)));
        if !without.contains(&number) {
            change(&mut world, maker);
        }
    }
    (world, count)
}

fn change<W: Make>(world: &mut W, maker: &mut Maker) {
    if maker.random.chance(45) {
        let change = maker.random.one(place::CHANGES);
        change(world.place(), maker);
    } else {
        let change = maker.random.one(W::changes());
        change(world, maker);
    }
}
