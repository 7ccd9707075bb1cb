//! Codes: drawn without bias, read as people type them.

use aws_lc_rs::digest::{Context, SHA256};

/// Bytes from here on would make some digits likelier than others: 250 is the largest multiple of ten
/// in a byte.
const BIASED_FROM: u8 = 250;

/// Draws a code of `digits` digits, each equally likely.
///
/// - `entropy`: 32 random bytes.
pub(crate) fn draw(digits: u8, entropy: &[u8]) -> String {
    stream(entropy)
        .filter(|byte| *byte < BIASED_FROM)
        .take(usize::from(digits))
        .map(|byte| char::from(b'0' + byte % 10))
        .collect()
}

/// Bytes without end: drawing must not fail however many are thrown away.
fn stream(entropy: &[u8]) -> impl Iterator<Item = u8> {
    (0_u64..).flat_map(move |block| {
        let mut hash = Context::new(&SHA256);
        hash.update(b"vestibule passcode\0");
        hash.update(entropy);
        hash.update(&block.to_be_bytes());
        hash.finish().as_ref().to_vec()
    })
}

/// Reads a code as typed: full-width digits count, blanks and hyphens between digits do not.
///
/// - `typed`: attacker-controlled.
///
/// Returns `None` if anything else is in it or nothing is left.
pub(crate) fn normalise(typed: &str) -> Option<String> {
    let code = typed
        .chars()
        .filter(|c| !is_separator(*c))
        .map(digit)
        .collect::<Option<String>>()?;
    (!code.is_empty()).then_some(code)
}

/// What mail programs, input methods and people put between digits.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200d}' | '\u{feff}')
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c).checked_sub(0xff10)?, 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        for typed in [
            "12345678",
            " 1234 5678 ",
            "1234-5678",
            "1234\u{a0}5678",
            "１２３４５６７８",
            "\u{200b}12345678\r\n",
        ] {
            assert_eq!(normalise(typed).as_deref(), Some("12345678"), "{typed:?}");
        }
    }

    #[test]
    fn sec_147_blank_codes_are_no_codes() {
        for typed in [
            "",
            " ",
            "\t\r\n",
            "\u{3000}",
            "-",
            "\u{200b}",
            "١٢٣٤٥٦٧٨",
            "1234567O",
        ] {
            assert_eq!(normalise(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn codes_have_the_length_asked_for_and_follow_from_the_entropy() {
        for digits in 6..=10 {
            let code = draw(digits, &[7; 32]);
            assert_eq!(code.len(), usize::from(digits));
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
            assert_eq!(code, draw(digits, &[7; 32]));
            assert_ne!(code, draw(digits, &[8; 32]));
        }
    }

    #[test]
    fn every_digit_is_equally_likely() {
        let mut seen = [0_u32; 10];
        for seed in 0_u32..4000 {
            for digit in draw(10, &seed.to_be_bytes()).bytes() {
                seen[usize::from(digit - b'0')] += 1;
            }
        }
        // 40 000 draws: 4 000 of each expected, standard deviation 60. Without rejection, digits 0–5 come
        // 4 063 times and 6–9 3 906 times.
        let low: u32 = seen[..6].iter().sum();
        assert!((23_600..=24_190).contains(&low), "{seen:?}");
        assert!(
            seen.iter().all(|count| (3_700..=4_300).contains(count)),
            "{seen:?}"
        );
    }
}
