//! What a form refused, and small pieces that every form needs. Forms hold what was typed, as text;
//! their `parse` gives a command of real types or [`Errors`].

use std::borrow::Cow;

/// One sentence per refused field, in the order of the form.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Errors(Vec<(Cow<'static, str>, String)>);

impl Errors {
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, sentence: impl Into<String>) {
        self.0.push((field.into(), sentence.into()));
    }

    /// Errors made of one sentence: a constraint of the database, say.
    pub fn one(field: &'static str, sentence: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, sentence);
        errors
    }

    /// Keeps the value, or the sentence of its refusal.
    pub fn take<T, E: std::fmt::Display>(&mut self, field: &'static str, value: Result<T, E>) -> Option<T> {
        value.map_err(|refusal| self.add(field, refusal.to_string())).ok()
    }

    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| name == field)
    }
    pub fn on(&self, field: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(name, _)| name == field)
            .map(|(_, sentence)| sentence.clone())
            .collect()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn summary(&self) -> Vec<(String, String)> {
        self.0
            .iter()
            .map(|(field, sentence)| (field.to_string(), sentence.clone()))
            .collect()
    }
}

/// Trims, and replaces any run of white space by one space.
pub fn clean(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was typed, or nothing. Keeps line breaks.
pub fn optional(typed: &str) -> Option<String> {
    let trimmed = typed.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// Whether a checkbox was ticked.
pub fn checked(typed: &str) -> bool {
    matches!(typed, "on" | "1" | "true" | "oui")
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }

    /// Options from pairs of value and label.
    pub fn pairs<V: Into<String>, L: Into<String>>(pairs: impl IntoIterator<Item = (V, L)>) -> Vec<Self> {
        pairs
            .into_iter()
            .map(|(value, label)| Self::new(value, label))
            .collect()
    }
}
