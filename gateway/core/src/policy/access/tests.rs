//! Tests of access: each rule with each of its refusals, the order of judgement, and laws over generated worlds.

mod anyone;
mod application;
mod conditional;
mod generate;
mod grants;
mod home;
mod laws;
mod limits;
mod links;
mod order;
mod person;
mod place;
mod tighten;
mod world;
