//! Questions that were changed on the way.

use plugins_sdk::message::Input;
use serde_json::{Map, Value};

use super::{Case, Class, NOW};
use crate::random::Random;

/// Longest text that is put into a field, bytes: more than any limit of the contract on what people type.
const LONG: usize = 64 * 1024;
/// Most cases that are made of one input, by the class.
const EACH: usize = 90;

/// Well-formed inputs made of a good one: overlong and odd texts, states that are missing, cut or another's, times
/// out of range.
pub(crate) fn hostile(label: &str, good: &Input, foreign: &[String]) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |what: String, input: &Input| {
        let label = format!("{label}, {what}");
        cases.push(Case::well_formed(Class::Hostile, label, input));
    };
    for (what, state) in states(good.state.as_deref(), foreign) {
        let state = state.map(|state| state.into_owned());
        let input = Input {
            state,
            ..good.clone()
        };
        add(what, &input);
    }
    for now in [0, -1, 1, i64::from(u32::MAX), i64::MAX, i64::MIN] {
        let input = Input {
            now,
            ..good.clone()
        };
        add(format!("now = {now}"), &input);
    }
    for (what, event) in changed_texts(good) {
        if let Ok(event) = serde_json::from_value(event) {
            let input = Input {
                event,
                ..good.clone()
            };
            add(what, &input);
        }
    }
    cases.truncate(EACH);
    cases
}

type State<'a> = Option<std::borrow::Cow<'a, str>>;

fn states<'a>(good: Option<&'a str>, foreign: &'a [String]) -> Vec<(String, State<'a>)> {
    let mut states: Vec<(String, State<'a>)> = vec![
        ("state missing".to_owned(), None),
        ("state empty".to_owned(), Some("".into())),
        ("state `null`".to_owned(), Some("null".into())),
        ("state `{}`".to_owned(), Some("{}".into())),
        (
            "state of control characters".to_owned(),
            Some("\0\u{1}\r\n\u{7f}\u{202e}".into()),
        ),
        ("state overlong".to_owned(), Some("x".repeat(LONG).into())),
        (
            "state nested deep".to_owned(),
            Some("[".repeat(LONG).into()),
        ),
    ];
    for (number, other) in foreign.iter().enumerate() {
        states.push((format!("foreign state {}", number + 1), Some(other.into())));
    }
    if let Some(good) = good {
        for part in [1, 2, 3] {
            let cut: String = good.chars().take(good.chars().count() * part / 4).collect();
            states.push((format!("state cut to {part}/4"), Some(cut.into())));
        }
        let less: String = good.chars().skip(1).collect();
        states.push((
            "state without its first character".to_owned(),
            Some(less.into()),
        ));
        states.push(("state twice".to_owned(), Some(good.repeat(2).into())));
    }
    states
}

/// The event with each of its texts replaced, and with more fields than anybody sends.
fn changed_texts(good: &Input) -> Vec<(String, Value)> {
    let event = serde_json::to_value(&good.event).unwrap_or_default();
    let mut changed = Vec::new();
    let long = "x".repeat(LONG);
    let hostile = [
        ("empty", ""),
        ("overlong", long.as_str()),
        (
            "control characters",
            "\0\u{1}\u{8}\r\nSet-Cookie: a=b\u{7f}",
        ),
        ("quotes and tags", "\"'><script>alert(1)</script>\\u0000"),
        (
            "other scripts",
            "кім@приклад.example\u{202e}\u{feff}\u{10ffff}",
        ),
        ("a number", "-9999999999999999999999"),
        ("nested", "{\"a\":[{\"a\":[{}]}]}"),
    ];
    for path in text_paths(&event) {
        // The tag says what it is: another tag is another event.
        if path == "/kind" {
            continue;
        }
        for (what, text) in hostile {
            let mut event = event.clone();
            if let Some(place) = event.pointer_mut(&path) {
                *place = Value::String(text.to_owned());
            }
            changed.push((format!("`{}` {what}", path.trim_start_matches('/')), event));
        }
    }
    for list in ["query", "form", "fields", "headers"] {
        let mut event = event.clone();
        if let Some(place) = event.get_mut(list) {
            *place = (0..300)
                .map(|number| (format!("field{number}"), Value::String("x".repeat(64))))
                .collect::<Map<_, _>>()
                .into();
            changed.push((format!("300 entries in `{list}`"), event));
        }
    }
    changed
}

/// What the gateway never sends: wrong types, missing and unknown and repeated names, broken JSON.
pub(crate) fn malformed(label: &str, good: &Input) -> Vec<Case> {
    let bytes = serde_json::to_vec(good).unwrap_or_default();
    let whole = serde_json::to_value(good).unwrap_or_default();
    let mut cases = Vec::new();
    let mut add = |what: String, bytes: Vec<u8>| {
        cases.push(Case::raw(
            Class::Malformed,
            format!("{label}, {what}"),
            bytes,
        ));
    };
    for part in 0..8 {
        let cut = bytes.iter().take(bytes.len() * part / 8).copied();
        add(format!("cut to {part}/8"), cut.collect());
    }
    for path in paths(&whole) {
        let name = path.trim_start_matches('/').to_owned();
        for wrong in [
            Value::Null,
            Value::Bool(true),
            Value::from(7),
            Value::Array(Vec::new()),
        ] {
            let mut changed = whole.clone();
            if let Some(place) = changed.pointer_mut(&path) {
                let what = format!("`{name}` is {wrong}");
                *place = wrong;
                add(what, changed.to_string().into_bytes());
            }
        }
        if let Some(without) = without(&whole, &path) {
            add(
                format!("`{name}` missing"),
                without.to_string().into_bytes(),
            );
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let again = text.replacen(
        '{',
        &format!("{{\"now\":{NOW},\"state\":\"\",\"state\":\"x\","),
        1,
    );
    add("names twice".to_owned(), again.into_bytes());
    let unknown = text.replacen('{', "{\"unknown\":1,", 1);
    add("an unknown name".to_owned(), unknown.into_bytes());
    let dance = text.replacen("\"kind\":\"", "\"kind\":\"dance_", 1);
    add("an unknown kind".to_owned(), dance.into_bytes());
    add("nested deep".to_owned(), vec![b'['; 2 * LONG]);
    add(
        "no UTF-8".to_owned(),
        [bytes.as_slice(), b"\xff\xfe"].concat(),
    );
    add("zeros".to_owned(), vec![0; 64]);
    cases
}

/// A case that is one of `bases`, changed in one to four places.
pub(crate) fn random(number: usize, bases: &[&Case], random: &mut Random) -> Option<Case> {
    let base = *random.pick(bases)?;
    let mut bytes = base.bytes.clone();
    for _ in 0..=random.below(4) {
        change(&mut bytes, random);
    }
    let label = format!("random {number} of `{}`", base.label);
    Some(Case::raw(Class::Random, label, bytes))
}

fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    const PIECES: [&[u8]; 12] = [
        b"\"", b"\\", b"{", b"}", b"[", b"]", b",", b"\\u0000", b"\xff", b"-1e999", b"null", b"\0",
    ];
    let at = random.below(bytes.len() + 1);
    match random.below(5) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(piece) = random.pick(&PIECES) {
                bytes.splice(at..at, piece.iter().copied());
            }
        }
        2 => {
            let end = (at + random.below(16)).min(bytes.len());
            bytes.drain(at..end);
        }
        3 => {
            let end = (at + random.below(64)).min(bytes.len());
            let piece: Vec<u8> = bytes.get(at..end).unwrap_or_default().to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, piece);
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.next().to_le_bytes()[0];
            }
        }
    }
}

/// Every place of a message, but the root.
fn paths(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, "", &mut |path, _| found.push(path));
    found
}

fn text_paths(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, "", &mut |path, value| {
        if value.is_string() {
            found.push(path);
        }
    });
    found
}

fn walk(value: &Value, path: &str, visit: &mut impl FnMut(String, &Value)) {
    if !path.is_empty() {
        visit(path.to_owned(), value);
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(member, &format!("{path}/{name}"), visit);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                walk(element, &format!("{path}/{index}"), visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn without(whole: &Value, path: &str) -> Option<Value> {
    let (parent, name) = path.rsplit_once('/')?;
    let mut changed = whole.clone();
    changed
        .pointer_mut(parent)?
        .as_object_mut()?
        .remove(&name.replace("~1", "/").replace("~0", "~"))?;
    Some(changed)
}
