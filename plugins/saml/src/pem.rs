//! PEM, as far as operators paste it (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The blocks of `text` that have `label`, in DER.
///
/// # Errors
/// What is wrong with it, for an operator: no such block, a block of another kind, or damage. Never holds the content.
pub(crate) fn blocks(text: &str, label: &str) -> Result<Vec<Vec<u8>>, String> {
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines().map(str::trim) {
        match &mut open {
            None if line == begin => open = Some(String::new()),
            None if line.starts_with("-----BEGIN ") => {
                return Err(format!("must hold PEM blocks of kind `{label}` only"));
            }
            // Text between blocks is commentary.
            None => {}
            Some(body) if line == end => {
                let der = STANDARD.decode(&*body).ok().filter(|der| !der.is_empty());
                blocks.push(der.ok_or("holds a damaged PEM block")?);
                open = None;
            }
            Some(body) => body.push_str(line),
        }
    }
    if open.is_some() {
        return Err("holds a PEM block without end".to_owned());
    }
    if blocks.is_empty() {
        return Err(format!("must hold a PEM block `{label}`"));
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_in_order_with_text_between() {
        let text = "subject=x\n-----BEGIN X-----\r\nAQI\r\nD\r\n-----END X-----\n\nnext\n-----BEGIN X-----\nBA==\n-----END X-----";
        assert_eq!(blocks(text, "X"), Ok(vec![vec![1, 2, 3], vec![4]]));
    }

    #[test]
    fn what_is_no_such_block_is_told() {
        for text in [
            "",
            "AQID",
            "-----BEGIN Y-----\nAQID\n-----END Y-----",
            "-----BEGIN X-----\nAQID",
            "-----BEGIN X-----\nAQI\n-----END X-----",
            "-----BEGIN X-----\n-----END X-----",
            "-----BEGIN X-----\n!\n-----END X-----",
        ] {
            let problem = blocks(text, "X").unwrap_err();
            assert!(!problem.contains("AQI"), "{problem}");
        }
    }
}
