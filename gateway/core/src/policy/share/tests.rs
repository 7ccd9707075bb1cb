//! Tests of sharing: rows of the decision table, each refusal, the order of judgement, what comes of a yes, and laws.

mod effects;
mod laws;
mod limits;
mod order;
mod refusals;
mod rows;
mod world;

use super::*;
