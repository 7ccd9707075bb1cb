//! Calls that hang on threads that the runtime can spare. Alone in its test binary: what is spared is the process's.

#[cfg(test)]
mod hanging;
