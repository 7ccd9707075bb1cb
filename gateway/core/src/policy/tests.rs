//! Tests of the decision: rows, one rule each, and laws over generated worlds.

mod laws;
mod rows;
mod world;

use super::*;
