//! Writes XML that is its own exclusive canonical form (XML-EXC-C14N 1.0, without comments), so that what is
//! signed is what is sent and nothing has to be canonicalised.
//!
//! Invariants: a namespace is declared by the outermost elements whose own names use its prefix; attributes have no
//! prefix and are sorted; nothing is self-closing; every value is escaped here and nowhere else.

/// The prefixes that our messages use.
const NAMESPACES: [(&str, &str); 5] = [
    ("ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("md", "urn:oasis:names:tc:SAML:2.0:metadata"),
    ("saml", "urn:oasis:names:tc:SAML:2.0:assertion"),
    ("samlp", "urn:oasis:names:tc:SAML:2.0:protocol"),
    ("xenc", "http://www.w3.org/2001/04/xmlenc#"),
];

/// An element to be written.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    prefix: &'static str,
    local: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Content>,
}

#[derive(Clone, Debug)]
enum Content {
    Element(Element),
    Text(String),
}

impl Element {
    /// - `prefix`: one of `ds`, `md`, `saml`, `samlp`, `xenc`.
    pub(crate) fn new(prefix: &'static str, local: &'static str) -> Self {
        Self {
            prefix,
            local,
            attributes: Vec::new(),
            content: Vec::new(),
        }
    }

    pub(crate) fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    pub(crate) fn optional(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.content.push(Content::Text(text.into()));
        self
    }

    pub(crate) fn child(mut self, child: Self) -> Self {
        self.content.push(Content::Element(child));
        self
    }

    pub(crate) fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// Puts `child` behind the first child.
    pub(crate) fn insert_second(mut self, child: Self) -> Self {
        let place = self.content.len().min(1);
        self.content.insert(place, Content::Element(child));
        self
    }

    /// The element as a document, without XML declaration.
    pub(crate) fn write(&self) -> String {
        let mut out = String::new();
        self.write_into(&mut out, &mut Vec::new());
        out
    }

    fn write_into(&self, out: &mut String, declared: &mut Vec<&'static str>) {
        out.push('<');
        self.write_name(out);
        let new = !declared.contains(&self.prefix);
        if new {
            declared.push(self.prefix);
            let uri = NAMESPACES.iter().find(|(prefix, _)| *prefix == self.prefix);
            let uri = uri.map_or("", |(_, uri)| uri);
            out.push_str(" xmlns:");
            out.push_str(self.prefix);
            write_attribute_value(out, uri);
        }
        let mut attributes: Vec<&(&str, String)> = self.attributes.iter().collect();
        attributes.sort_by_key(|(name, _)| *name);
        for (name, value) in attributes {
            out.push(' ');
            out.push_str(name);
            write_attribute_value(out, value);
        }
        out.push('>');
        for content in &self.content {
            match content {
                Content::Element(element) => element.write_into(out, declared),
                Content::Text(text) => write_text(out, text),
            }
        }
        out.push_str("</");
        self.write_name(out);
        out.push('>');
        if new {
            declared.pop();
        }
    }

    fn write_name(&self, out: &mut String) {
        out.push_str(self.prefix);
        out.push(':');
        out.push_str(self.local);
    }
}

fn write_attribute_value(out: &mut String, value: &str) {
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn write_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use bergshamra::c14n::{C14nMode, canonicalize};

    use super::*;

    const NASTY: &str = "a&b<c>\"d'\u{e9}\t\r\n]]><!--x-->{{x}}";

    fn nasty() -> Element {
        let inner = Element::new("saml", "Issuer")
            .attribute("Format", NASTY)
            .text(NASTY);
        Element::new("samlp", "AuthnRequest")
            .attribute("Version", "2.0")
            .attribute("ID", NASTY)
            .child(inner.clone())
            .child(Element::new("samlp", "Extensions").child(inner.clone()))
            .child(inner)
    }

    #[test]
    fn what_is_written_is_its_own_canonical_form() {
        let written = nasty().write();
        let canonical = canonicalize::<&str>(&written, C14nMode::Exclusive, None, &[]).unwrap();
        assert_eq!(String::from_utf8(canonical).unwrap(), written);
    }

    #[test]
    fn every_value_survives() {
        let written = nasty().write();
        let document = uppsala::parse(&written).unwrap();
        let root = document.document_element().unwrap();
        assert_eq!(document.get_attribute(root, "ID"), Some(NASTY));
        let issuer = document.first_child(root).unwrap();
        assert_eq!(document.get_attribute(issuer, "Format"), Some(NASTY));
        assert_eq!(document.text_content_deep(issuer), NASTY);
    }

    #[test]
    fn a_signature_goes_behind_the_issuer() {
        let signed = nasty().insert_second(Element::new("ds", "Signature"));
        let written = signed.write();
        assert!(
            written.contains("</saml:Issuer><ds:Signature xmlns:ds="),
            "{written}"
        );
        let alone = Element::new("md", "X")
            .insert_second(Element::new("ds", "Y"))
            .write();
        assert!(alone.contains("<ds:Y"), "{alone}");
    }
}
