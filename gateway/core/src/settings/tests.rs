//! Tests of the tables: every setting, every kind of value, every limit.

mod limits;
mod tables;
mod values;
