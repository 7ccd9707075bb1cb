//! Filters: parsed within bounds, and judged in memory over what is shown.

mod holds;

use gateway_core::time::UnixTime;
use serde_json::Value;

use super::parse::{Word, words};
use crate::request::json::moment;

/// Deepest nesting.
const MOST_DEEP: usize = 16;

/// Most comparisons, and most values in all of them.
const MOST_PARTS: usize = 200;

/// A filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter(Expression);

#[derive(Clone, Debug, PartialEq)]
enum Expression {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Compare(Path, Operator, Literal),
    In(Path, Vec<Literal>),
    Text(Function, Path, String),
    Any(Path, String, Box<Self>),
    Flag(Path),
}

/// Names joined by `/`.
#[derive(Clone, Debug, PartialEq)]
struct Path(Vec<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Flag(bool),
    Number(f64),
    Moment(UnixTime),
    Text(String),
}

impl Filter {
    /// Parses a filter.
    ///
    /// - `properties`: the names that can be asked for.
    ///
    /// # Errors
    /// What is wrong, for the caller.
    pub(crate) fn parse(text: &str, properties: &[&str]) -> Result<Self, &'static str> {
        let words = words(text)?;
        let mut parser = Parser {
            words: &words,
            properties,
            variables: Vec::new(),
            parts: 0,
        };
        let expression = parser.either(0)?;
        if parser.words.is_empty() {
            Ok(Self(expression))
        } else {
            Err("there is more behind its end")
        }
    }

    /// Whether it holds for `item`.
    pub(crate) fn holds(&self, item: &Value) -> bool {
        self.0.holds(item, &[])
    }

    /// The texts one of which `property` has wherever the filter holds, if it says so: for a look-up instead of a search.
    pub(crate) fn demands(&self, property: &str) -> Option<Vec<&str>> {
        self.0.demands(property)
    }
}

struct Parser<'a> {
    words: &'a [Word],
    properties: &'a [&'a str],
    variables: Vec<String>,
    parts: usize,
}

impl<'a> Parser<'a> {
    fn either(&mut self, depth: usize) -> Result<Expression, &'static str> {
        if depth > MOST_DEEP {
            return Err("it is nested too deeply");
        }
        let mut left = self.both(depth)?;
        while self.takes("or") {
            left = Expression::Or(Box::new(left), Box::new(self.both(depth)?));
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Expression, &'static str> {
        let mut left = self.single(depth)?;
        while self.takes("and") {
            left = Expression::And(Box::new(left), Box::new(self.single(depth)?));
        }
        Ok(left)
    }

    fn single(&mut self, depth: usize) -> Result<Expression, &'static str> {
        self.count()?;
        if self.takes("not") {
            if depth >= MOST_DEEP {
                return Err("it is nested too deeply");
            }
            return Ok(Expression::Not(Box::new(self.single(depth + 1)?)));
        }
        if self.marks('(') {
            let inner = self.either(depth + 1)?;
            self.needs(')')?;
            return Ok(inner);
        }
        let name = self.name()?;
        if self.marks('(') {
            return self.call(&name, depth);
        }
        let path = self.path(&name)?;
        let Some(Word::Name(operator)) = self.words.first() else {
            return Ok(Expression::Flag(path));
        };
        let operator = operator.to_ascii_lowercase();
        if operator == "in" {
            self.skip();
            return self.list(path);
        }
        let compared = [
            ("eq", Operator::Eq),
            ("ne", Operator::Ne),
            ("gt", Operator::Gt),
            ("ge", Operator::Ge),
            ("lt", Operator::Lt),
            ("le", Operator::Le),
        ];
        match compared.iter().find(|(name, _)| *name == operator) {
            Some((_, compared)) => {
                self.skip();
                Ok(Expression::Compare(path, *compared, self.literal()?))
            }
            None if operator == "and" || operator == "or" => Ok(Expression::Flag(path)),
            None => Err("it holds an operator that is not known"),
        }
    }

    /// A function, behind its `(`; `name/any(` is one as well.
    fn call(&mut self, name: &str, depth: usize) -> Result<Expression, &'static str> {
        if let Some(collection) = strip_suffix(name, "/any") {
            // One inside another would multiply what is looked at.
            if !self.variables.is_empty() {
                return Err("it holds an `any` inside another");
            }
            let path = self.path(collection)?;
            let variable = self.name()?;
            self.needs(':')?;
            self.variables.push(variable.clone());
            let inner = self.either(depth + 1)?;
            self.variables.pop();
            self.needs(')')?;
            return Ok(Expression::Any(path, variable, Box::new(inner)));
        }
        let known = [
            ("startswith", Function::StartsWith),
            ("endswith", Function::EndsWith),
            ("contains", Function::Contains),
        ];
        let lower = name.to_ascii_lowercase();
        let function = known.iter().find(|(name, _)| *name == lower);
        let (_, function) = function.ok_or("it holds a function that is not known")?;
        let name = self.name()?;
        let path = self.path(&name)?;
        self.needs(',')?;
        let Literal::Text(text) = self.literal()? else {
            return Err("a function needs a text");
        };
        self.needs(')')?;
        // `startswith(…) eq true` is how some write it.
        if self.takes("eq") && !self.takes("true") {
            return Err("a function is compared with `true` only");
        }
        Ok(Expression::Text(*function, path, text.to_lowercase()))
    }

    fn list(&mut self, path: Path) -> Result<Expression, &'static str> {
        self.needs('(')?;
        let mut values = vec![self.literal()?];
        while self.marks(',') {
            self.count()?;
            values.push(self.literal()?);
        }
        self.needs(')')?;
        Ok(Expression::In(path, values))
    }

    fn literal(&mut self) -> Result<Literal, &'static str> {
        let (first, rest) = self.words.split_first().ok_or("it ends too early")?;
        self.words = rest;
        match first {
            Word::Text(text) => Ok(Literal::Text(text.clone())),
            Word::Literal(text) => match (moment(text), text.parse::<f64>()) {
                (Some(moment), _) => Ok(Literal::Moment(moment)),
                (None, Ok(number)) if number.is_finite() => Ok(Literal::Number(number)),
                (None, _) if text.len() == 36 => Ok(Literal::Text(text.clone())),
                (None, _) => Err("it holds a value that is none"),
            },
            Word::Name(name) if name.eq_ignore_ascii_case("null") => Ok(Literal::Null),
            Word::Name(name) if name.eq_ignore_ascii_case("true") => Ok(Literal::Flag(true)),
            Word::Name(name) if name.eq_ignore_ascii_case("false") => Ok(Literal::Flag(false)),
            Word::Name(_) | Word::Mark(_) => Err("it holds a name where a value belongs"),
        }
    }

    /// A path that begins with a property or with a variable.
    fn path(&self, name: &str) -> Result<Path, &'static str> {
        let names: Vec<String> = name.split('/').map(str::to_owned).collect();
        let first = names.first().map(String::as_str).unwrap_or_default();
        let variable = self.variables.iter().any(|variable| variable == first);
        let is_name = |name: &String| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            !name.is_empty() && name.bytes().all(known)
        };
        if !names.iter().all(is_name) {
            return Err("it holds a path that is none");
        }
        if variable || self.properties.contains(&first) {
            Ok(Path(names))
        } else {
            Err("it names a property that cannot be filtered by")
        }
    }

    fn name(&mut self) -> Result<String, &'static str> {
        let (first, rest) = self.words.split_first().ok_or("it ends too early")?;
        let Word::Name(name) = first else {
            return Err("a name is missing");
        };
        self.words = rest;
        Ok(name.clone())
    }

    fn takes(&mut self, word: &str) -> bool {
        let found =
            matches!(self.words.first(), Some(Word::Name(name)) if name.eq_ignore_ascii_case(word));
        if found {
            self.skip();
        }
        found
    }

    fn marks(&mut self, mark: char) -> bool {
        let found = self.words.first() == Some(&Word::Mark(mark));
        if found {
            self.skip();
        }
        found
    }

    fn needs(&mut self, mark: char) -> Result<(), &'static str> {
        if self.marks(mark) {
            Ok(())
        } else {
            Err("a bracket, comma or colon is missing")
        }
    }

    fn skip(&mut self) {
        self.words = self.words.get(1..).unwrap_or_default();
    }

    fn count(&mut self) -> Result<(), &'static str> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err("it has too many parts");
        }
        Ok(())
    }
}

fn strip_suffix<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(suffix.len())?;
    let (start, end) = name.split_at_checked(at)?;
    end.eq_ignore_ascii_case(suffix).then_some(start)
}

#[cfg(test)]
mod tests;
