//! Identifiers made from names, so that the same world has the same identifiers in every run.

use aws_lc_rs::digest::{SHA256, digest};

/// A GUID of version 4's form.
pub(super) fn guid(parts: &[&str]) -> String {
    let hex = hex(&parts.join("\n"));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

/// The form that object ids of Microsoft accounts have: the first half is zero.
pub(super) fn consumer_oid(address: &str) -> String {
    let hex = hex(address);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("00000000-0000-0000-{}-{}", part(0, 4), part(4, 16))
}

/// 21 decimal digits, like Google's `sub`.
pub(super) fn digits(address: &str) -> String {
    let hash = digest(&SHA256, address.as_bytes());
    let digits: String = hash
        .as_ref()
        .iter()
        .map(|byte| (b'0' + byte % 10) as char)
        .collect();
    format!("1{}", digits.get(..20).unwrap_or_default())
}

fn hex(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_form_of_the_real_ones() {
        let guid = guid(&["a", "b"]);
        let lengths: Vec<usize> = guid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(consumer_oid("a").starts_with("00000000-0000-0000-"));
        assert_eq!(consumer_oid("a").len(), 36);
        assert_eq!(digits("a").len(), 21);
    }
}
