//! Replays the fuzzer's seeds for the SAML provider: apart from the others, because two plugins do not link together.

#[cfg(test)]
mod seeds;
