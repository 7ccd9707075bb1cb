//! Filters judged over what is shown.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Expression, Function, Literal, Operator, Path};
use crate::request::json::moment;

impl Expression {
    pub(super) fn holds(&self, item: &Value, variables: &[(&str, &Value)]) -> bool {
        match self {
            Self::And(left, right) => left.holds(item, variables) && right.holds(item, variables),
            Self::Or(left, right) => left.holds(item, variables) || right.holds(item, variables),
            Self::Not(inner) => !inner.holds(item, variables),
            Self::Compare(path, operator, literal) => {
                operator.holds(path.value(item, variables), literal)
            }
            Self::In(path, list) => {
                let value = path.value(item, variables);
                list.iter()
                    .any(|literal| Operator::Eq.holds(value, literal))
            }
            Self::Text(function, path, text) => {
                let value = path.value(item, variables).and_then(Value::as_str);
                value.is_some_and(|value| {
                    let value = value.to_lowercase();
                    match function {
                        Function::StartsWith => value.starts_with(text.as_str()),
                        Function::EndsWith => value.ends_with(text.as_str()),
                        Function::Contains => value.contains(text.as_str()),
                    }
                })
            }
            Self::Any(path, variable, inner) => {
                let all = path.value(item, variables).and_then(Value::as_array);
                all.into_iter().flatten().any(|one| {
                    let mut variables = variables.to_vec();
                    variables.push((variable, one));
                    inner.holds(item, &variables)
                })
            }
            Self::Flag(path) => path.value(item, variables) == Some(&Value::Bool(true)),
        }
    }

    pub(super) fn demands(&self, property: &str) -> Option<Vec<&str>> {
        let own = |path: &Path| matches!(path.0.as_slice(), [name] if name == property);
        match self {
            Self::And(left, right) => left.demands(property).or_else(|| right.demands(property)),
            Self::Compare(path, Operator::Eq, Literal::Text(text)) if own(path) => {
                Some(vec![text.as_str()])
            }
            Self::In(path, list) if own(path) => list
                .iter()
                .map(|literal| match literal {
                    Literal::Text(text) => Some(text.as_str()),
                    Literal::Null | Literal::Flag(_) | Literal::Number(_) | Literal::Moment(_) => {
                        None
                    }
                })
                .collect(),
            Self::Or(..)
            | Self::Not(_)
            | Self::Compare(..)
            | Self::In(..)
            | Self::Text(..)
            | Self::Any(..)
            | Self::Flag(_) => None,
        }
    }
}

impl Path {
    fn value<'a>(&self, item: &'a Value, variables: &[(&str, &'a Value)]) -> Option<&'a Value> {
        let (first, rest) = self.0.split_first()?;
        let variable = variables.iter().rev().find(|(name, _)| name == first);
        let start = match variable {
            Some((_, value)) => Some(*value),
            None => item.get(first),
        };
        rest.iter().try_fold(start?, |value, name| value.get(name))
    }
}

impl Operator {
    /// Compares; what is absent is null. Texts are compared without case.
    fn holds(self, value: Option<&Value>, literal: &Literal) -> bool {
        let value = value.unwrap_or(&Value::Null);
        let ordering = match (value, literal) {
            (Value::Null, Literal::Null) => Some(Ordering::Equal),
            (Value::Bool(value), Literal::Flag(flag)) => Some(value.cmp(flag)),
            (Value::Number(value), Literal::Number(number)) => {
                value.as_f64().and_then(|value| value.partial_cmp(number))
            }
            (Value::String(value), Literal::Text(text)) => {
                Some(value.to_lowercase().cmp(&text.to_lowercase()))
            }
            (Value::String(value), Literal::Moment(at)) => moment(value).map(|value| value.cmp(at)),
            _ => None,
        };
        match self {
            Self::Eq => ordering == Some(Ordering::Equal),
            Self::Ne => ordering != Some(Ordering::Equal),
            Self::Gt => ordering == Some(Ordering::Greater),
            Self::Ge => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
            Self::Lt => ordering == Some(Ordering::Less),
            Self::Le => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        }
    }
}
