//! A form of a page.

use http::Method;
use url::form_urlencoded;

use crate::Outcome;

/// A form as the page offers it, or as it has been filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it goes, relative to the page.
    pub action: String,
    /// GET or POST.
    pub method: Method,
    /// Every named control that would be sent, with its value, in order.
    pub fields: Vec<(String, String)>,
    /// Names and values of its buttons; one is sent if it was pressed.
    pub buttons: Vec<(String, String)>,
}

impl Form {
    /// The same form with some controls changed. A button is pressed by giving its name and value.
    ///
    /// # Errors
    /// If the form has no such control.
    pub fn filled(&self, fields: &[(&str, &str)]) -> Outcome<Self> {
        let mut form = self.clone();
        for (name, value) in fields {
            let button = ((*name).to_owned(), (*value).to_owned());
            if let Some(field) = form.fields.iter_mut().find(|(known, _)| known == name) {
                field.1 = (*value).to_owned();
            } else if form.buttons.contains(&button) {
                form.fields.push(button);
            } else {
                return Err(format!("the form has no `{name}`: {form:?}").into());
            }
        }
        Ok(form)
    }

    /// The value of a control.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// As `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish()
    }
}
