//! Checks of a form.

use std::collections::BTreeSet;

use super::NotAccepted;
use super::text::{count, line, out_of_range};
use crate::limits;
use crate::message::Form;

/// Checks a form and how many submissions it stands.
pub(super) fn check(form: &Form, submits: u8) -> Result<(), NotAccepted> {
    if !(1..=limits::SUBMITS).contains(&submits) {
        return Err(out_of_range(
            "submits",
            format!("is {submits}, 1 to {} are allowed", limits::SUBMITS),
        ));
    }
    line("form.title", &form.title, 1, limits::FORM_TITLE_CHARS)?;
    line("form.text", &form.text, 0, limits::FORM_TEXT_CHARS)?;
    line("form.submit", &form.submit, 1, limits::BUTTON_CHARS)?;
    line(
        "form.error",
        form.error.as_deref().unwrap_or_default(),
        0,
        limits::FORM_ERROR_CHARS,
    )?;
    check_inputs(form)?;
    check_names(form)
}

fn check_inputs(form: &Form) -> Result<(), NotAccepted> {
    count("form.fields", form.fields.len(), 1, limits::FORM_FIELDS)?;
    for (index, input) in form.fields.iter().enumerate() {
        line(
            &format!("form.fields.{index}.label"),
            &input.label,
            1,
            limits::LABEL_CHARS,
        )?;
        if !(1..=limits::VALUE_CHARS).contains(&input.max_length) {
            let problem = format!(
                "is {}, 1 to {} are allowed",
                input.max_length,
                limits::VALUE_CHARS
            );
            return Err(out_of_range(
                &format!("form.fields.{index}.max_length"),
                problem,
            ));
        }
    }
    count("form.buttons", form.buttons.len(), 0, limits::FORM_BUTTONS)?;
    for (index, button) in form.buttons.iter().enumerate() {
        line(
            &format!("form.buttons.{index}.label"),
            &button.label,
            1,
            limits::BUTTON_CHARS,
        )?;
    }
    Ok(())
}

fn check_names(form: &Form) -> Result<(), NotAccepted> {
    let inputs = form.fields.iter().map(|field| &field.name);
    let mut seen = BTreeSet::new();
    for name in inputs.chain(form.buttons.iter().map(|button| &button.name)) {
        if !is_field_name(name) {
            return Err(out_of_range(
                "form",
                format!("has the name `{name}`, which is not `[a-z][a-z0-9_]{{0,31}}`"),
            ));
        }
        // The gateway's own hidden field, which says whose form this is.
        if name == "attempt" {
            return Err(out_of_range(
                "form",
                "uses the name `attempt`, which belongs to the gateway",
            ));
        }
        if !seen.insert(name) {
            return Err(out_of_range(
                "form",
                format!("uses the name `{name}` twice"),
            ));
        }
    }
    Ok(())
}

fn is_field_name(name: &str) -> bool {
    name.len() <= limits::FIELD_NAME_CHARS
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
