//! Words of a filter.

/// Longest filter, in bytes.
const MOST_BYTES: usize = 4096;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name: of a property, an operator or a function; `/` joins names.
    Name(String),
    /// A text, without its quotes.
    Text(String),
    /// Anything that begins with a digit or `-`: a number, a moment, or a GUID.
    Literal(String),
    /// `(`, `)`, `,` or `:`.
    Mark(char),
}

/// The words of a filter.
///
/// # Errors
/// What is wrong, for the caller.
pub(super) fn words(text: &str) -> Result<Vec<Word>, &'static str> {
    if text.len() > MOST_BYTES {
        return Err("it is too long");
    }
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            ' ' | '\t' => {}
            '(' | ')' | ',' | ':' => words.push(Word::Mark(first)),
            '\'' => {
                let mut quoted = String::new();
                loop {
                    match rest.next() {
                        Some('\'') if rest.next_if_eq(&'\'').is_some() => quoted.push('\''),
                        Some('\'') => break,
                        Some(letter) => quoted.push(letter),
                        None => return Err("a text does not end"),
                    }
                }
                words.push(Word::Text(quoted));
            }
            _ => {
                let mut word = String::from(first);
                let literal = first.is_ascii_digit() || first == '-';
                let goes_on = |letter: &char| {
                    letter.is_ascii_alphanumeric()
                        || "_/.-+".contains(*letter)
                        || (literal && *letter == ':')
                };
                while let Some(letter) = rest.next_if(goes_on) {
                    word.push(letter);
                }
                // A GUID may begin with a letter, and a name holds no hyphen.
                let guid = word.len() == 36 && word.contains('-');
                if literal || guid {
                    words.push(Word::Literal(word));
                } else if first.is_ascii_alphabetic() {
                    words.push(Word::Name(word));
                } else {
                    return Err("it holds a character that belongs to nothing");
                }
            }
        }
    }
    Ok(words)
}
