//! Hashes of names: keyed, and the same for names that differ in case only.
//!
//! A hash leads to a candidate and never decides: who looks something up compares the text as well.

/// What keeps outsiders from choosing names that collide, as long as they do not know the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    start: u64,
    word: u64,
}

/// A hash of everything that has been taken in so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash(u64);

impl Keys {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            start: scatter(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)),
            // An even factor would lose a bit of every word.
            word: scatter(seed.wrapping_add(0x3c6e_f372_fe94_f82a)) | 1,
        }
    }

    #[cfg(test)]
    pub(crate) const fn of(start: u64, word: u64) -> Self {
        Self { start, word }
    }

    pub(crate) const fn start(self) -> Hash {
        Hash(self.start)
    }

    /// Takes in `text` as it is.
    pub(crate) fn exact(self, hash: Hash, text: &str) -> Hash {
        self.bytes(hash, text.as_bytes())
    }

    /// Takes in the bytes of a text as they are.
    pub(crate) fn bytes(self, hash: Hash, bytes: &[u8]) -> Hash {
        self.words(hash, bytes, |word| word)
    }

    /// Takes in `name` so that names which differ in case only are one. Names that are not the same in any case may be
    /// one as well: all forms of sigma are.
    pub(crate) fn folded(self, hash: Hash, name: &str) -> Hash {
        if name.is_ascii() {
            return self.words(hash, name.as_bytes(), lower);
        }
        let (mut hash, mut word, mut held) = (hash, 0, 0);
        for c in name.chars().flat_map(char::to_lowercase) {
            let c = if c == 'ς' { 'σ' } else { c };
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                word |= u64::from(byte) << (8 * held);
                held += 1;
                if held == 8 {
                    hash = self.number(hash, word);
                    (word, held) = (0, 0);
                }
            }
        }
        self.number(hash, word | (held + 1) << 56)
    }

    /// Takes in a number.
    pub(crate) fn number(self, hash: Hash, number: u64) -> Hash {
        let product = u128::from(hash.0 ^ number) * u128::from(self.word);
        Hash((product >> 64) as u64 ^ product as u64)
    }

    /// Eight bytes at a time; the last word, which may be empty, is marked by its length.
    fn words(self, hash: Hash, bytes: &[u8], fold: impl Fn(u64) -> u64) -> Hash {
        let (words, rest) = bytes.as_chunks::<8>();
        let hash = words.iter().fold(hash, |hash, word| {
            self.number(hash, fold(u64::from_le_bytes(*word)))
        });
        let last = rest
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.number(hash, fold(last) | (rest.len() as u64 + 1) << 56)
    }
}

impl Hash {
    /// The hash as tables keep it.
    pub(crate) const fn short(self) -> u32 {
        (self.0 >> 32) as u32 ^ self.0 as u32
    }
}

/// The finalizer of SplitMix64.
const fn scatter(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

/// Eight ASCII characters in lower case.
const fn lower(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // No byte is above 0x7f, so that no sum carries: bit 7 tells who has reached `A`, and who is past `Z`.
    let from_a = word.wrapping_add(EACH * (0x80 - b'A' as u64));
    let past_z = word.wrapping_add(EACH * (0x7f - b'Z' as u64));
    word | (from_a & !past_z & (EACH * 0x80)) >> 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(name: &str) -> u64 {
        let keys = Keys::new(7);
        keys.folded(keys.start(), name).0
    }

    #[test]
    fn case_makes_no_difference() {
        for (one, other) in [
            ("Plan.DOCX", "plan.docx"),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZ@[`{",
                "abcdefghijklmnopqrstuvwxyz@[`{",
            ),
            ("Größe", "GRÖßE"),
            ("\u{212a}elvin", "kelvin"),
            ("ΟΔΟΣ", "οδος"),
            ("ΟΔΟΣ", "οδοσ"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        for (one, other) in [
            ("a", "b"),
            ("a", "aa"),
            ("12345678", "1234567"),
            ("@", "`"),
            ("[", "{"),
        ] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }

    #[test]
    fn the_seed_changes_everything() {
        let hash = |seed| Keys::new(seed).folded(Keys::new(seed).start(), "plan").0;
        assert_ne!(hash(0), hash(1));
    }

    proptest! {
        #[test]
        fn what_is_the_same_name_has_the_same_hash(name in "\\PC{0,20}") {
            prop_assert_eq!(folded(&name), folded(&name.to_lowercase()));
            prop_assert_eq!(folded(&name), folded(&name.to_ascii_uppercase()));
        }
    }
}
