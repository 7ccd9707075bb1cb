//! XML as a tree that is written in canonical form (Exclusive XML Canonicalization 1.0, without comments): what is
//! signed is what is sent, byte for byte, so that nothing has to be canonicalised afterwards.

use std::collections::BTreeMap;

pub(crate) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(crate) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub(crate) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
pub(crate) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// An element with everything in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) prefix: String,
    pub(crate) namespace: String,
    pub(crate) local: String,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Node>,
}

/// An attribute; without a prefix it is in no namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) prefix: String,
    pub(crate) namespace: String,
    pub(crate) local: String,
    pub(crate) value: String,
}

/// What stands in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
    /// Not in the canonical form.
    Comment(String),
    /// Plain text in the canonical form.
    Cdata(String),
    /// Target and data of a processing instruction, which the canonical form keeps.
    Instruction(String),
    /// Written as it is, and not in the canonical form at all.
    Raw(String),
}

/// What the text is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Canonical,
    Sent,
}

pub(crate) fn saml(local: &str) -> Element {
    Element::new("saml", ASSERTION, local)
}

pub(crate) fn samlp(local: &str) -> Element {
    Element::new("samlp", PROTOCOL, local)
}

pub(crate) fn md(local: &str) -> Element {
    Element::new("md", METADATA, local)
}

pub(crate) fn ds(local: &str) -> Element {
    Element::new("ds", DSIG, local)
}

pub(crate) fn xenc(local: &str) -> Element {
    Element::new("xenc", XENC, local)
}

impl Element {
    pub(crate) fn new(prefix: &str, namespace: &str, local: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            namespace: namespace.to_owned(),
            local: local.to_owned(),
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    /// With an attribute in no namespace.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, Some(value));
        self
    }

    /// With the attribute if there is a value.
    pub(crate) fn with_some(mut self, name: &str, value: Option<&str>) -> Self {
        self.set(name, value);
        self
    }

    /// With text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.children.push(Node::Text(text.to_owned()));
        self
    }

    /// With an element in it.
    pub(crate) fn holding(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// With the element, if there is one.
    pub(crate) fn holding_some(self, child: Option<Self>) -> Self {
        match child {
            Some(child) => self.holding(child),
            None => self,
        }
    }

    /// Sets an attribute in no namespace, or takes it away.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        self.attributes
            .retain(|known| known.local != name || !known.namespace.is_empty());
        if let Some(value) = value {
            self.attributes.push(Attribute {
                prefix: String::new(),
                namespace: String::new(),
                local: name.to_owned(),
                value: value.to_owned(),
            });
        }
    }

    /// An attribute in no namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|known| known.namespace.is_empty() && known.local == name)
            .map(|known| known.value.as_str())
    }

    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }

    /// The elements directly in it.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            _ => None,
        })
    }

    /// The elements of that name directly in it.
    pub(crate) fn all<'a>(
        &'a self,
        namespace: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = &'a Self> {
        self.elements()
            .filter(move |child| child.is(namespace, local))
    }

    /// The only element of that name directly in it.
    pub(crate) fn only<'a>(&'a self, namespace: &'a str, local: &'a str) -> Option<&'a Self> {
        let mut found = self.all(namespace, local);
        found.next().filter(|_| found.next().is_none())
    }

    /// The first element of that name directly in it, to be changed.
    pub(crate) fn first_mut(&mut self, namespace: &str, local: &str) -> Option<&mut Self> {
        self.children.iter_mut().find_map(|node| match node {
            Node::Element(child) if child.is(namespace, local) => Some(child),
            _ => None,
        })
    }

    /// Takes the first element of that name out of it.
    pub(crate) fn take(&mut self, namespace: &str, local: &str) -> Option<Self> {
        let place = self
            .children
            .iter()
            .position(|node| matches!(node, Node::Element(child) if child.is(namespace, local)))?;
        match self.children.remove(place) {
            Node::Element(child) => Some(child),
            _ => None,
        }
    }

    /// Puts an element before everything but the first `skip` nodes.
    pub(crate) fn insert(&mut self, skip: usize, child: Self) {
        let place = skip.min(self.children.len());
        self.children.insert(place, Node::Element(child));
    }

    /// Its text, without surrounding white space; nothing if there is anything but text in it.
    pub(crate) fn content(&self) -> Option<String> {
        let mut content = String::new();
        for node in &self.children {
            match node {
                Node::Text(text) => content.push_str(text),
                _ => return None,
            }
        }
        Some(content.trim().to_owned())
    }

    /// What is digested and signed.
    pub(crate) fn canonical(&self) -> String {
        self.written(Form::Canonical)
    }

    /// What is sent.
    pub(crate) fn document(&self) -> String {
        self.written(Form::Sent)
    }

    fn written(&self, form: Form) -> String {
        let mut out = String::new();
        let known = BTreeMap::from([("xml", "http://www.w3.org/XML/1998/namespace")]);
        self.write(&mut out, &known, form);
        out
    }

    /// - `known`: the prefixes that ancestors have declared in the output.
    fn write(&self, out: &mut String, known: &BTreeMap<&str, &str>, form: Form) {
        let mut scope = known.clone();
        let qualified = self.attributes.iter().filter(|one| !one.prefix.is_empty());
        let used = qualified.map(|one| (one.prefix.as_str(), one.namespace.as_str()));
        let mut declared = BTreeMap::new();
        for (prefix, namespace) in used.chain([(self.prefix.as_str(), self.namespace.as_str())]) {
            if scope.get(prefix).copied().unwrap_or_default() != namespace {
                declared.insert(prefix, namespace);
            }
        }
        scope.extend(&declared);
        let name = name(&self.prefix, &self.local);
        out.push('<');
        out.push_str(&name);
        for (prefix, namespace) in declared {
            out.push_str(if prefix.is_empty() {
                " xmlns"
            } else {
                " xmlns:"
            });
            out.push_str(prefix);
            value(out, namespace);
        }
        let mut attributes: Vec<&Attribute> = self.attributes.iter().collect();
        attributes.sort_by_key(|one| (one.namespace.as_str(), one.local.as_str()));
        for attribute in attributes {
            out.push(' ');
            out.push_str(&self::name(&attribute.prefix, &attribute.local));
            value(out, &attribute.value);
        }
        out.push('>');
        for node in &self.children {
            match (node, form) {
                (Node::Element(child), _) => child.write(out, &scope, form),
                (Node::Text(text), _) | (Node::Cdata(text), Form::Canonical) => escape(out, text),
                (Node::Cdata(text), Form::Sent) => {
                    out.push_str("<![CDATA[");
                    out.push_str(text);
                    out.push_str("]]>");
                }
                (Node::Instruction(text), _) => {
                    out.push_str("<?");
                    out.push_str(text);
                    out.push_str("?>");
                }
                (Node::Comment(text), Form::Sent) => {
                    out.push_str("<!--");
                    out.push_str(text);
                    out.push_str("-->");
                }
                (Node::Raw(text), Form::Sent) => out.push_str(text),
                (Node::Comment(_) | Node::Raw(_), Form::Canonical) => {}
            }
        }
        out.push_str("</");
        out.push_str(&name);
        out.push('>');
    }
}

fn name(prefix: &str, local: &str) -> String {
    if prefix.is_empty() {
        local.to_owned()
    } else {
        format!("{prefix}:{local}")
    }
}

fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

fn value(out: &mut String, text: &str) {
    out.push_str("=\"");
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_declared_where_it_is_first_used_and_again_only_after_that() {
        let response = samlp("Response")
            .with("Version", "2.0")
            .with("ID", "_1")
            .holding(saml("Issuer").text("a&b"))
            .holding(saml("Assertion").holding(saml("Issuer").text("<")));
        assert_eq!(
            response.document(),
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\" Version=\"2.0\">\
             <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">a&amp;b</saml:Issuer>\
             <saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><saml:Issuer>&lt;</saml:Issuer>\
             </saml:Assertion></samlp:Response>"
        );
    }

    #[test]
    fn the_canonical_form_is_without_comments_and_character_data_sections() {
        let mut name = saml("NameID").text("a");
        name.children.push(Node::Comment("x".to_owned()));
        name.children.push(Node::Cdata("<b".to_owned()));
        assert!(name.document().contains(">a<!--x--><![CDATA[<b]]></"));
        assert!(name.canonical().contains(">a&lt;b</"));
    }
}
