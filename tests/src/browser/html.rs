//! As much of HTML as it takes to find forms in well-formed pages.

use std::collections::BTreeMap;

use http::Method;

use super::form::Form;

/// A start tag: its name and attributes, and the text up to the next tag.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

/// The forms of a page, in order.
pub(super) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut inside = false;
    for tag in tags(html) {
        match tag.name.as_str() {
            "form" => {
                inside = true;
                forms.push(started(&tag));
            }
            "/form" => inside = false,
            _ => {
                if let Some(form) = forms.last_mut().filter(|_| inside) {
                    add_control(form, &tag);
                }
            }
        }
    }
    forms
}

/// The text of the first element called `name`.
pub(super) fn text_of(html: &str, name: &str) -> Option<String> {
    tags(html)
        .into_iter()
        .find(|tag| tag.name == name)
        .map(|tag| tag.text.trim().to_owned())
}

fn started(tag: &Tag) -> Form {
    let post = tag
        .attributes
        .get("method")
        .is_some_and(|method| method.eq_ignore_ascii_case("post"));
    Form {
        action: tag.attributes.get("action").cloned().unwrap_or_default(),
        method: if post { Method::POST } else { Method::GET },
        fields: Vec::new(),
        buttons: Vec::new(),
    }
}

fn add_control(form: &mut Form, tag: &Tag) {
    let attribute = |name: &str| tag.attributes.get(name).cloned();
    let Some(name) = attribute("name").filter(|name| !name.is_empty()) else {
        return;
    };
    let value = attribute("value").unwrap_or_default();
    let kind = attribute("type").unwrap_or_default().to_ascii_lowercase();
    match (tag.name.as_str(), kind.as_str()) {
        ("button", _) | ("input", "submit") => form.buttons.push((name, value)),
        // An unchecked box can be checked by filling it in: it is offered with an empty value.
        ("input", "checkbox") if !tag.attributes.contains_key("checked") => {
            form.fields.push((name, String::new()));
        }
        ("input" | "select", _) => form.fields.push((name, value)),
        ("textarea", _) => form.fields.push((name, unescaped(&tag.text))),
        _ => {}
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (inside, after) = split_at_end(after);
        let name_end = inside
            .find(|c: char| c.is_whitespace())
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        tags.push(Tag {
            name: name.trim_end_matches('/').to_ascii_lowercase(),
            attributes: attributes_of(attributes),
            text: unescaped(after.split('<').next().unwrap_or_default()),
        });
        rest = after;
    }
    tags
}

/// Splits behind the `>` that ends a tag, which is not one inside a quoted value.
fn split_at_end(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '>') => {
                let (inside, after) = text.split_at(at);
                return (inside, after.trim_start_matches('>'));
            }
            _ => {}
        }
    }
    (text, "")
}

fn attributes_of(text: &str) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    let mut rest = text.trim().trim_end_matches('/').trim();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(value) => value_of(value.trim_start()),
            None => ("", after),
        };
        attributes.insert(name.to_ascii_lowercase(), unescaped(value));
        rest = after.trim_start();
    }
    attributes
}

fn value_of(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let known = after
            .split_once(';')
            .and_then(|(name, after)| Some((entity(name)?, after)));
        match known {
            Some((c, after)) => {
                plain.push(c);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_its_controls_with_unescaped_values() {
        let html = r#"<p>5 > 4</p><form method="post" action="/a?b=1&amp;c=2">
            <!-- <input name="no"> -->
            <input type=hidden name="attempt" value="&#34;x&#x3e;"><input name='address' required>
            <textarea name="note">a &amp; b</textarea>
            <button name="go" value="yes">Go</button></form><input name="outside">"#;
        let form = Form {
            action: "/a?b=1&c=2".to_owned(),
            method: Method::POST,
            fields: [("attempt", "\"x>"), ("address", ""), ("note", "a & b")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            buttons: vec![("go".to_owned(), "yes".to_owned())],
        };
        assert_eq!(forms(html), [form]);
    }

    #[test]
    fn a_quoted_angle_bracket_does_not_end_a_tag() {
        assert_eq!(
            text_of(r#"<code title="a > b">denied</code>"#, "code").as_deref(),
            Some("denied")
        );
    }
}
