//! Reads XML into the tree.

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::tree::{Attribute, Element, Node};

/// Deepest nesting.
const DEPTH: usize = 40;

/// Text that is not the XML that is wanted here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotXml {
    #[error("the XML cannot be read: {0}")]
    Unreadable(String),
    #[error("the XML has a document type, an unknown entity or an undeclared prefix")]
    NotWanted,
    #[error("the XML is nested too deeply or does not end")]
    Structure,
}

/// Reads a document.
pub(crate) fn parse(text: &str) -> Result<Element, NotXml> {
    let unreadable = |why: &dyn std::fmt::Display| NotXml::Unreadable(why.to_string());
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|why| unreadable(&why))?;
        match event {
            Event::Start(tag) => {
                if root.is_some() || open.len() == DEPTH {
                    return Err(NotXml::Structure);
                }
                open.push(element(&reader, &tag)?);
            }
            Event::Empty(tag) => {
                let child = element(&reader, &tag)?;
                close(&mut open, &mut root, child)?;
            }
            Event::End(_) => {
                let child = open.pop().ok_or(NotXml::Structure)?;
                close(&mut open, &mut root, child)?;
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|why| unreadable(&why))?;
                add_text(&mut open, &text)?;
            }
            Event::CData(text) => {
                let text = text.xml10_content().map_err(|why| unreadable(&why))?;
                add_text(&mut open, &text)?;
            }
            Event::GeneralRef(reference) => {
                let character = referred(&reference)?;
                add_text(&mut open, &character.to_string())?;
            }
            Event::DocType(_) | Event::PI(_) => return Err(NotXml::NotWanted),
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof => {
                let finished = root.filter(|_| open.is_empty());
                return finished.ok_or(NotXml::Structure);
            }
        }
    }
}

fn close(open: &mut [Element], root: &mut Option<Element>, child: Element) -> Result<(), NotXml> {
    match open.last_mut() {
        Some(parent) => parent.children.push(Node::Element(child)),
        None if root.is_none() => *root = Some(child),
        None => return Err(NotXml::Structure),
    }
    Ok(())
}

fn add_text(open: &mut [Element], text: &str) -> Result<(), NotXml> {
    match open.last_mut() {
        Some(parent) => {
            if let Some(Node::Text(before)) = parent.children.last_mut() {
                before.push_str(text);
            } else {
                parent.children.push(Node::Text(text.to_owned()));
            }
            Ok(())
        }
        None if text.trim().is_empty() => Ok(()),
        None => Err(NotXml::Structure),
    }
}

fn referred(reference: &BytesRef<'_>) -> Result<char, NotXml> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    match reference.decode().as_deref() {
        Ok("amp") => Ok('&'),
        Ok("lt") => Ok('<'),
        Ok("gt") => Ok('>'),
        Ok("quot") => Ok('"'),
        Ok("apos") => Ok('\''),
        _ => Err(NotXml::NotWanted),
    }
}

fn element(reader: &NsReader<&[u8]>, tag: &BytesStart<'_>) -> Result<Element, NotXml> {
    let (namespace, local) = reader.resolver().resolve_element(tag.name());
    let prefix = tag.name().prefix();
    let mut element = Element::new(
        &text(prefix.as_ref().map_or(&[][..], AsRef::as_ref))?,
        &bound(&namespace)?,
        &text(local.as_ref())?,
    );
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|why| NotXml::Unreadable(why.to_string()))?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        let prefix = attribute.key.prefix();
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .map_err(|why| NotXml::Unreadable(why.to_string()))?;
        element.attributes.push(Attribute {
            prefix: text(prefix.as_ref().map_or(&[][..], AsRef::as_ref))?,
            namespace: bound(&namespace)?,
            local: text(local.as_ref())?,
            value: value.into_owned(),
        });
    }
    Ok(element)
}

fn bound(namespace: &ResolveResult<'_>) -> Result<String, NotXml> {
    match namespace {
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Bound(namespace) => text(namespace.as_ref()),
        ResolveResult::Unknown(_) => Err(NotXml::NotWanted),
    }
}

fn text(bytes: &[u8]) -> Result<String, NotXml> {
    let text = std::str::from_utf8(bytes).map_err(|why| NotXml::Unreadable(why.to_string()))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_text_is_read_and_written_again_the_same() {
        let text = "<p:a xmlns:p=\"urn:p\" B=\"&quot;&#xA;\" c=\"\"><b xmlns=\"urn:q\">x &amp; &lt;y&gt;</b></p:a>";
        assert_eq!(parse(text).unwrap().canonical(), text);
    }

    #[test]
    fn a_declaration_that_is_not_used_is_not_written() {
        let read = parse("<a xmlns='urn:a' xmlns:x='urn:x'><!-- c --><x:b/></a>").unwrap();
        assert_eq!(
            read.canonical(),
            "<a xmlns=\"urn:a\"><x:b xmlns:x=\"urn:x\"></x:b></a>"
        );
    }

    #[test]
    fn what_could_hide_something_is_refused() {
        for text in [
            "<!DOCTYPE a><a/>",
            "<a>&unknown;</a>",
            "<x:a/>",
            "<a/><b/>",
            "<a>",
            "text",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
