//! Tests of redeeming: the rows of the decision table, every refusal, the clouds, and laws over generated worlds.

mod admission;
mod denials;
mod laws;
mod matrix;
mod order;
mod providers;
mod rows;
mod shared;
mod shipped;
mod world;
