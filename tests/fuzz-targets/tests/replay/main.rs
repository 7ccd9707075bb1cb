//! Replays the fuzzer's seeds, and what it once found.

#[cfg(test)]
mod seeds;
