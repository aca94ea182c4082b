//! What a workshop is, its life, and the words for why a company is asked. No SQL, no clock.

use crate::kernel::ids::{TerritoryId, UserId, WorkshopId};
use crate::kernel::words::words;
pub use crate::kernel::{hour, parse_hour};
use chrono::{NaiveDate, NaiveTime};

words! {
    /// Where a workshop stands.
    WorkshopState "workshop_state" {
        Prepared "prepared" "en préparation",
        Invited "invited" "invitations envoyées",
        Held "held" "tenu, à clore",
        Closed "closed" "clos",
    }
}

words! {
    /// What a guest says.
    GuestAnswer "guest_answer" {
        Waiting "waiting" "sans réponse",
        Yes "yes" "vient",
        No "no" "ne vient pas",
    }
}

/// What may happen to a workshop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkshopStep {
    /// Letters leave.
    Invite,
    /// It took place.
    Hold,
    /// Everything is written down.
    Close,
    Reopen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", reason(*.step, *.from))]
pub struct NotAllowed {
    pub from: WorkshopState,
    pub step: WorkshopStep,
}

/// Why a step does not apply, and what to do.
fn reason(step: WorkshopStep, from: WorkshopState) -> &'static str {
    use WorkshopState::{Closed, Held, Invited, Prepared};
    match (step, from) {
        (WorkshopStep::Invite, _) => "Cet atelier a déjà eu lieu\u{a0}: plus aucune invitation ne part.",
        (WorkshopStep::Hold, _) => "Cet atelier est déjà noté comme tenu.",
        (WorkshopStep::Close, Prepared | Invited) => {
            "Dites d’abord que l’atelier a eu lieu\u{a0}: il pourra être clos ensuite."
        }
        (WorkshopStep::Close, Held | Closed) => "Cet atelier est déjà clos.",
        (WorkshopStep::Reopen, _) => "Cet atelier n’est pas clos\u{a0}: il n’y a rien à rouvrir.",
    }
}

impl WorkshopState {
    /// # Errors
    /// [`NotAllowed`] when the step does not apply now.
    pub fn after(self, step: WorkshopStep) -> Result<Self, NotAllowed> {
        match (self, step) {
            (Self::Prepared | Self::Invited, WorkshopStep::Invite) => Ok(Self::Invited),
            (Self::Prepared | Self::Invited, WorkshopStep::Hold) | (Self::Closed, WorkshopStep::Reopen) => {
                Ok(Self::Held)
            }
            (Self::Held, WorkshopStep::Close) => Ok(Self::Closed),
            (from, step) => Err(NotAllowed { from, step }),
        }
    }

    pub fn allows(self, step: WorkshopStep) -> bool {
        self.after(step).is_ok()
    }

    /// The list of guests and the tables may still change.
    pub fn prepares(self) -> bool {
        matches!(self, Self::Prepared | Self::Invited)
    }

    pub fn took_place(self) -> bool {
        matches!(self, Self::Held | Self::Closed)
    }

    pub fn badge(self) -> &'static str {
        match self {
            Self::Prepared => "",
            Self::Invited => "info",
            Self::Held => "hot",
            Self::Closed => "ok",
        }
    }
}

impl GuestAnswer {
    pub fn badge(self) -> &'static str {
        match self {
            Self::Waiting => "",
            Self::Yes => "ok",
            Self::No => "warn",
        }
    }
}

/// One workshop, whole.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Workshop {
    pub id: WorkshopId,
    pub territory_id: TerritoryId,
    pub title: String,
    pub held_on: NaiveDate,
    pub begins_at: NaiveTime,
    pub ends_at: NaiveTime,
    pub place: Option<String>,
    /// People that the room holds.
    pub capacity: i32,
    pub table_size: i32,
    /// Codes of the nomenclature; none means any.
    pub categories: Vec<String>,
    /// What the letter of invitation adds.
    pub message: Option<String>,
    pub state: WorkshopState,
    pub owner: Option<UserId>,
    /// People who came.
    pub participants: i32,
    /// How many days before the day the silent guests are asked again; none: never.
    pub chase_days: Option<i32>,
    /// The same for the reminder of those who come.
    pub recall_days: Option<i32>,
    pub version: i32,
}

impl Workshop {
    /// A workshop of a morning, nothing else being known.
    pub fn on(territory: TerritoryId, title: impl Into<String>, held_on: NaiveDate) -> Self {
        Self {
            id: WorkshopId::fresh(),
            territory_id: territory,
            title: title.into(),
            held_on,
            begins_at: NaiveTime::from_hms_opt(8, 30, 0).unwrap_or_default(),
            ends_at: NaiveTime::from_hms_opt(10, 30, 0).unwrap_or(NaiveTime::MIN),
            place: None,
            capacity: 28,
            table_size: 7,
            categories: Vec::new(),
            message: None,
            state: WorkshopState::Prepared,
            owner: None,
            participants: 0,
            chase_days: Some(7),
            recall_days: Some(2),
            version: 1,
        }
    }

    /// « de 8 h 30 à 10 h 30 ».
    pub fn hours(&self) -> String {
        format!("de {} à {}", hour(self.begins_at), hour(self.ends_at))
    }
}

/// What speaks for asking a company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interest {
    /// Open proposals on the theme.
    pub proposals: i64,
    /// Flows of the theme that no proposal serves.
    pub unserved: i64,
    /// Flows of the theme that its trade makes likely.
    pub presumed: i64,
    pub is_visited: bool,
    /// What its proposals are about, most frequent first.
    pub about: Vec<String>,
}

impl Interest {
    /// « 4 propositions ouvertes (Palettes bois) · 1 flux sans solution · jamais visitée ».
    pub fn reason(&self) -> String {
        let counted = |count: i64, one: &str, many: &str| {
            (count > 0).then(|| format!("{count}\u{a0}{}", if count == 1 { one } else { many }))
        };
        let about: Vec<&str> = self.about.iter().take(2).map(String::as_str).collect();
        let proposals =
            counted(self.proposals, "proposition ouverte", "propositions ouvertes").map(|words| {
                if about.is_empty() {
                    words
                } else {
                    format!("{words} ({})", about.join(", "))
                }
            });
        let parts: Vec<String> = [
            proposals,
            counted(self.unserved, "flux sans solution", "flux sans solution"),
            counted(self.presumed, "flux présumé", "flux présumés"),
            (!self.is_visited).then(|| "jamais visitée".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() {
            "ajoutée par un conseiller".to_owned()
        } else {
            parts.join(" · ")
        }
    }
}

/// How satisfied a guest is, from 1 to 4; the words of the four buttons.
pub const MARKS: [(i16, &str); 4] = [
    (1, "Pas utile"),
    (2, "Peu utile"),
    (3, "Utile"),
    (4, "Très utile"),
];

pub fn mark_label(mark: i16) -> &'static str {
    MARKS
        .iter()
        .find(|(value, _)| *value == mark)
        .map_or("–", |(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::{Interest, WorkshopState, WorkshopStep, hour, parse_hour};

    #[test]
    fn the_life_of_a_workshop() {
        let mut lines = Vec::new();
        for from in WorkshopState::ALL {
            for step in [
                WorkshopStep::Invite,
                WorkshopStep::Hold,
                WorkshopStep::Close,
                WorkshopStep::Reopen,
            ] {
                if let Ok(to) = from.after(step) {
                    lines.push(format!("{from:?} -{step:?}-> {to:?}"));
                }
            }
        }
        assert_eq!(
            lines,
            [
                "Prepared -Invite-> Invited",
                "Prepared -Hold-> Held",
                "Invited -Invite-> Invited",
                "Invited -Hold-> Held",
                "Held -Close-> Closed",
                "Closed -Reopen-> Held",
            ]
        );
    }

    #[test]
    fn hours_as_people_type_them() {
        for (typed, shown) in [
            ("8h30", "8\u{a0}h\u{a0}30"),
            ("08:30", "8\u{a0}h\u{a0}30"),
            ("14 h", "14\u{a0}h"),
            ("9", "9\u{a0}h"),
        ] {
            assert_eq!(parse_hour(typed).map(hour).as_deref(), Some(shown), "{typed}");
        }
        for refused in ["", "midi", "25h", "8h75", "8 h 30 min"] {
            assert_eq!(parse_hour(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_reason_says_what_there_is_to_gain() {
        let interest = Interest {
            proposals: 4,
            unserved: 1,
            presumed: 0,
            is_visited: false,
            about: vec!["Palettes".to_owned()],
        };
        assert_eq!(
            interest.reason(),
            "4\u{a0}propositions ouvertes (Palettes) · 1\u{a0}flux sans solution · jamais visitée"
        );
        let known = Interest {
            is_visited: true,
            ..Interest::default()
        };
        assert_eq!(known.reason(), "ajoutée par un conseiller");
    }
}
