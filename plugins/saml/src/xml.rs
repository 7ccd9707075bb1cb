//! XML as it is read here: a small subset on which parsers have no chance to differ.
//!
//! No document type, so no entities; no processing instructions and CDATA sections; no comments, unless the caller
//! allows them; UTF-8; names in ASCII; no text beside elements. The tree lends itself through [`Element`], whose
//! accessors give a value only where there is exactly one way to read it.

use std::borrow::Cow;
use std::ops::Range;

use uppsala::{Attribute, Document, NodeId, NodeKind, Parser};

/// Deepest nesting of elements.
const DEPTH: u32 = 40;

/// Most attributes and namespace declarations of one element. The parser compares each with each.
const ATTRIBUTES: usize = 64;

/// Most elements of a document.
const ELEMENTS: usize = 16_384;

/// Why bytes are not the XML that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotStrict {
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    #[error("not UTF-8, or with a byte order mark")]
    Encoding,
    #[error("an XML declaration other than of version 1.0 in UTF-8")]
    Declaration,
    #[error("a document type, a CDATA section or another markup declaration")]
    MarkupDeclaration,
    #[error("more than {ATTRIBUTES} attributes or {ELEMENTS} elements, or deeper than {DEPTH}")]
    TooMuch,
    #[error("not well-formed, or deeper than {DEPTH} elements")]
    NotWellFormed,
    #[error("a comment or a processing instruction")]
    Unread,
    #[error("a name that is not of ASCII letters, digits, `-`, `_` and `.`")]
    Name,
    #[error("a namespace that is no absolute URI")]
    Namespace,
    #[error("a tab or a line end in an attribute")]
    AttributeSpace,
    #[error("text beside elements")]
    Mixed,
}

/// A document of the subset.
pub(crate) struct Xml<'a> {
    document: Document<'a>,
    root: NodeId,
}

/// Parses a document without comments.
///
/// - `cap`: most bytes.
///
/// # Errors
/// [`NotStrict`]: whatever is not in the subset.
pub(crate) fn parse(bytes: &[u8], cap: usize) -> Result<Xml<'_>, NotStrict> {
    read(bytes, cap, false)
}

/// As [`parse`], but comments between elements are skipped, and lines may end in any way; a text with a comment in it is
/// still not read. For documents that people write, such as metadata, and whose signature is not looked at.
///
/// # Errors
/// [`NotStrict`]: whatever is not in the subset.
pub(crate) fn parse_commented(bytes: &[u8], cap: usize) -> Result<Xml<'_>, NotStrict> {
    read(bytes, cap, true)
}

fn read(bytes: &[u8], cap: usize, comments: bool) -> Result<Xml<'_>, NotStrict> {
    if bytes.len() > cap {
        return Err(NotStrict::TooLarge(cap));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NotStrict::Encoding)?;
    // A parser that looks at the bytes first would skip the mark, and one that does not would refuse it.
    if text.starts_with('\u{feff}') {
        return Err(NotStrict::Encoding);
    }
    prescan(text, comments)?;
    let document = Parser::new()
        .with_max_depth(DEPTH)
        .with_forbid_dtd(true)
        .with_forbid_entities(true)
        .parse(text)
        .map_err(|_| NotStrict::NotWellFormed)?;
    let root = document
        .document_element()
        .ok_or(NotStrict::NotWellFormed)?;
    declaration(&document)?;
    let xml = Xml { document, root };
    xml.check(xml.document.root(), comments)?;
    Ok(xml)
}

/// What must not even reach the parser: declarations, and elements with more attributes than it compares quickly.
fn prescan(text: &str, comments: bool) -> Result<(), NotStrict> {
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once('<') {
        rest = tag;
        if let Some(markup) = tag.strip_prefix('!') {
            let Some(comment) = markup.strip_prefix("--") else {
                return Err(NotStrict::MarkupDeclaration);
            };
            // Its text may hold anything, quotes too.
            rest = comment.split_once("-->").ok_or(NotStrict::NotWellFormed)?.1;
        } else {
            scan_tag(tag, comments)?;
        }
    }
    Ok(())
}

/// Counts what stands between `<` and `>`.
///
/// A tab or a line end in an attribute is a space (XML 1.0, 3.3.3), but not to every parser. What is signed may not have
/// one.
fn scan_tag(tag: &str, comments: bool) -> Result<(), NotStrict> {
    let mut quote = None;
    let mut attributes = 0;
    for byte in tag.bytes() {
        match (quote, byte) {
            (None, b'>') => break,
            // In no tag, not even in quotes. Going on would read the rest once for each of them.
            (_, b'<') => return Err(NotStrict::NotWellFormed),
            (None, b'=') => attributes += 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(_), b'\t' | b'\r' | b'\n') if !comments => {
                return Err(NotStrict::AttributeSpace);
            }
            (Some(open), _) if open == byte => quote = None,
            (None | Some(_), _) => {}
        }
    }
    if attributes > ATTRIBUTES {
        return Err(NotStrict::TooMuch);
    }
    Ok(())
}

/// Another encoding than that of the bytes would be obeyed by some parsers.
fn declaration(document: &Document<'_>) -> Result<(), NotStrict> {
    let Some(declaration) = &document.xml_declaration else {
        return Ok(());
    };
    let utf8 = declaration.encoding.as_ref();
    let utf8 = utf8.is_none_or(|name| name.eq_ignore_ascii_case("utf-8"));
    if utf8 && declaration.version == "1.0" {
        Ok(())
    } else {
        Err(NotStrict::Declaration)
    }
}

impl Xml<'_> {
    pub(crate) fn root(&self) -> Element<'_> {
        Element {
            document: &self.document,
            id: self.root,
        }
    }

    /// The parsed document, for the verifier that works on the same tree.
    pub(crate) fn document(&self) -> &Document<'_> {
        &self.document
    }

    /// Every element in document order.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.document
            .descendants(self.document.root())
            .into_iter()
            .filter(|id| self.document.element(*id).is_some())
            .map(|id| Element {
                document: &self.document,
                id,
            })
    }

    /// The whole tree is of the subset.
    fn check(&self, top: NodeId, comments: bool) -> Result<(), NotStrict> {
        let mut elements = 0_usize;
        for id in self.document.descendants(top) {
            match self.document.node_kind(id) {
                Some(NodeKind::Element(element)) => {
                    elements += 1;
                    let names = element.attributes.iter().map(|attribute| &attribute.name);
                    let names = names.chain([&element.name]).all(|name| {
                        plain(&name.local_name) && name.prefix.as_deref().is_none_or(plain)
                    });
                    if !names {
                        return Err(NotStrict::Name);
                    }
                    let mut declared = element.namespace_declarations.iter();
                    if !declared.all(|(prefix, uri)| declarable(prefix, uri)) {
                        return Err(NotStrict::Namespace);
                    }
                    self.check_content(id)?;
                }
                Some(NodeKind::Text(_)) => {}
                Some(NodeKind::Comment(_)) if comments => {}
                Some(NodeKind::CData(_)) => return Err(NotStrict::MarkupDeclaration),
                Some(
                    NodeKind::Comment(_)
                    | NodeKind::ProcessingInstruction(_)
                    | NodeKind::Document
                    | NodeKind::Attribute(..),
                )
                | None => return Err(NotStrict::Unread),
            }
        }
        if elements > ELEMENTS {
            return Err(NotStrict::TooMuch);
        }
        Ok(())
    }

    /// Elements or text, not both.
    fn check_content(&self, id: NodeId) -> Result<(), NotStrict> {
        let children = || self.document.children_iter(id);
        let elements = children().any(|child| self.document.element(child).is_some());
        let text = children().any(|child| match self.document.node_kind(child) {
            Some(NodeKind::Text(text)) => !text.chars().all(is_space),
            _ => false,
        });
        if elements && text {
            return Err(NotStrict::Mixed);
        }
        Ok(())
    }
}

/// Only the default namespace can be taken back (Namespaces in XML 1.0, 2.2).
fn declarable(prefix: &str, uri: &str) -> bool {
    match (prefix, uri) {
        ("", "") => true,
        _ => (prefix.is_empty() || plain(prefix)) && absolute(uri),
    }
}

/// A URI that every canonicalisation takes for absolute: `urn:`, or a web address whose host is a name, of characters that
/// need no escape.
fn absolute(uri: &str) -> bool {
    let every = |text: &str, others: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
    };
    let web = uri.strip_prefix("http://").or(uri.strip_prefix("https://"));
    let rest = match (web, uri.strip_prefix("urn:")) {
        (Some(web), _) => {
            let host = web.split(['/', '?', '#']).next().unwrap_or_default();
            (!host.is_empty() && every(host, b"-.")).then_some(web)
        }
        (None, urn) => urn.filter(|name| !name.is_empty()),
    };
    rest.is_some_and(|rest| every(rest, b"-._~:/?#!$'()*+,;=") && rest.matches('#').count() <= 1)
}

/// White space of XML 1.0 (production 3); Rust's is larger.
pub(crate) fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// A name without a colon, in ASCII. Names with several or odd colons survived some parsers and not others.
pub(crate) fn plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// What stands in an element.
pub(crate) enum Content<'t> {
    Text(String),
    Element(Element<'t>),
}

/// An element of a document.
#[derive(Clone, Copy)]
pub(crate) struct Element<'t> {
    document: &'t Document<'t>,
    id: NodeId,
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.id == other.id
    }
}

impl<'t> Element<'t> {
    /// Its place in the tree.
    pub(crate) fn id(self) -> NodeId {
        self.id
    }

    /// Its bytes in the text that was parsed.
    pub(crate) fn range(self) -> Option<Range<usize>> {
        self.document.node_range(self.id)
    }

    pub(crate) fn is(self, namespace: &str, name: &str) -> bool {
        self.namespace() == Some(namespace) && self.name() == name
    }

    /// Its name without a prefix.
    pub(crate) fn name(self) -> &'t str {
        self.document
            .element(self.id)
            .map_or("", |element| &*element.name.local_name)
    }

    pub(crate) fn namespace(self) -> Option<&'t str> {
        self.document
            .element(self.id)
            .and_then(|element| element.name.namespace_uri.as_deref())
    }

    pub(crate) fn parent(self) -> Option<Self> {
        let id = self.document.parent(self.id)?;
        self.document.element(id).map(|_| Self { id, ..self })
    }

    /// Every attribute; declarations of namespaces are none.
    pub(crate) fn attributes(self) -> &'t [Attribute<'t>] {
        self.document
            .element(self.id)
            .map_or(&[], |element| &element.attributes)
    }

    /// The attribute of this name that is in no namespace.
    pub(crate) fn attribute(self, name: &str) -> Option<&'t str> {
        self.attributes()
            .iter()
            .find(|attribute| {
                attribute.name.namespace_uri.is_none() && attribute.name.local_name == name
            })
            .map(|attribute| &*attribute.value)
    }

    /// The elements directly in this one.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> {
        self.document
            .children_iter(self.id)
            .filter(move |id| self.document.element(*id).is_some())
            .map(move |id| Self { id, ..self })
    }

    /// Its text as it stands, if it holds nothing but text.
    pub(crate) fn text(self) -> Option<Cow<'t, str>> {
        let mut whole = Cow::Borrowed("");
        for child in self.document.children_iter(self.id) {
            match self.document.node_kind(child) {
                Some(NodeKind::Text(text)) if whole.is_empty() => whole = Cow::Borrowed(&**text),
                Some(NodeKind::Text(text)) => whole.to_mut().push_str(text),
                _ => return None,
            }
        }
        Some(whole)
    }

    /// Texts and elements in document order, without the element `without`. Texts that meet are one.
    pub(crate) fn content(self, without: Option<Self>) -> Vec<Content<'t>> {
        let mut content = Vec::new();
        for id in self.document.children_iter(self.id) {
            match self.document.node_kind(id) {
                Some(NodeKind::Element(_)) => {
                    let child = Self { id, ..self };
                    if Some(child) != without {
                        content.push(Content::Element(child));
                    }
                }
                Some(NodeKind::Text(text)) => match content.last_mut() {
                    Some(Content::Text(before)) => before.push_str(text),
                    Some(Content::Element(_)) | None => {
                        content.push(Content::Text(text.as_ref().to_owned()));
                    }
                },
                _ => {}
            }
        }
        content
    }
}
