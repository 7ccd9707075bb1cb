//! Which processes there are. Alone in its test binary: it counts the children of the whole process.

#[cfg(test)]
mod children;
