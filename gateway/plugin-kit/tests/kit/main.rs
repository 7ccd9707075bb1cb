//! The kit over real libraries: every provider passes, and each bad one fails in the row that says why.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod impure;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod valgrind;
