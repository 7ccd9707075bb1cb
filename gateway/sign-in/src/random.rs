//! The one place of this crate that draws random numbers.

use aws_lc_rs::rand;

/// The system gave no randomness: nothing can be sealed and nobody can be signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system's random number generator failed")]
pub struct NoRandomness;

/// 128 fresh random bits, as text.
///
/// # Errors
/// [`NoRandomness`].
pub fn random_id() -> Result<String, NoRandomness> {
    Ok(crate::text::encode(&bytes::<16>()?))
}

/// `N` fresh random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut drawn = [0; N];
    rand::fill(&mut drawn).map_err(|_| NoRandomness)?;
    Ok(drawn)
}
