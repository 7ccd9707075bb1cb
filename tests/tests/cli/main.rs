//! The program's verbs as an operator meets them: what they print, and how they end.

mod check;
mod decide;
mod explain;
mod explain_signed_in;
mod first_gateway;
mod impact;
mod keys;
mod operator;
mod plugin;
mod secrets;
mod serve;
mod usage;
