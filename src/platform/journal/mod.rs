//! Who did what to what, when, before and after: the audit and every timeline.
//! Append-only; written in the transaction that it describes.

pub mod store;

use crate::kernel::ids::{TerritoryId, UserId};
use serde::Serialize;

/// Who acts: a user, or the application itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub(in crate::platform) user: Option<UserId>,
    /// Shown in timelines: initials of a user, or what the application was doing.
    pub(in crate::platform) label: String,
}

impl Author {
    pub(in crate::platform) fn user(id: UserId, name: &str) -> Self {
        Self {
            user: Some(id),
            label: initials(name),
        }
    }
    pub(in crate::platform) fn visitor() -> Self {
        Self {
            user: None,
            label: "visiteur".to_owned(),
        }
    }
    pub(in crate::platform) fn system(because: &'static str) -> Self {
        Self {
            user: None,
            label: because.to_owned(),
        }
    }
    pub fn user_id(&self) -> Option<UserId> {
        self.user
    }
    pub fn label(&self) -> &str {
        &self.label
    }
}

/// « Claire Vasseur » → « CV ».
pub fn initials(name: &str) -> String {
    name.split([' ', '-'])
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .take(3)
        .collect()
}

/// One line of the journal. `action` is what happened, in the words of the timeline.
#[derive(Debug, Clone)]
pub struct Event {
    pub(in crate::platform) territory: Option<TerritoryId>,
    pub(in crate::platform) subject: &'static str,
    pub(in crate::platform) subject_id: uuid::Uuid,
    pub(in crate::platform) action: String,
    pub(in crate::platform) before: Option<serde_json::Value>,
    pub(in crate::platform) after: Option<serde_json::Value>,
    pub(in crate::platform) comment: Option<String>,
}

impl Event {
    /// `subject` is the table's singular: `flow`, `synergy`…
    pub fn on(subject: &'static str, id: impl Into<uuid::Uuid>, action: impl Into<String>) -> Self {
        Self {
            territory: None,
            subject,
            subject_id: id.into(),
            action: action.into(),
            before: None,
            after: None,
            comment: None,
        }
    }
    pub fn within(mut self, territory: TerritoryId) -> Self {
        self.territory = Some(territory);
        self
    }
    pub fn before(mut self, state: &impl Serialize) -> Self {
        self.before = serde_json::to_value(state).ok();
        self
    }
    pub fn after(mut self, state: &impl Serialize) -> Self {
        self.after = serde_json::to_value(state).ok();
        self
    }
    pub fn comment(mut self, words: Option<String>) -> Self {
        self.comment = words.filter(|w| !w.trim().is_empty());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_take_the_first_letters_of_each_word() {
        assert_eq!(initials("Émilie Roche-Noire"), "ÉRN");
        assert_eq!(initials("  conseil "), "C");
    }
}
