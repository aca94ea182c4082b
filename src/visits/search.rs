//! What is looked for among visits: the filters as they stand in the address, and what they mean. The
//! list and its table ask the same, so they show the same set.

use super::VisitStatus;
use super::store::{Counts, Filter, Slice, Sort};
use crate::kernel::ids::UserId;
use crate::kernel::parse_day;
use crate::platform::access::Role;
use crate::platform::web::Chosen;
use crate::platform::web::columns::columns;
use crate::platform::web::{clean, encoded, optional};
use serde::Deserialize;

/// The address's parameters, as typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    pub qui: String,
    pub statut: String,
    pub q: String,
    /// An INSEE code, then two days as typed.
    pub commune: String,
    pub depuis: String,
    pub jusqua: String,
    pub tri: String,
    pub colonnes: Vec<String>,
    pub page: String,
}

columns! {
    /// Beside the establishment's name.
    pub Column {
        Date "date" "Date" true,
        Commune "commune" "Commune" true,
        Advisors "conseillers" "Conseillers" true,
        Flows "flux" "Flux" true,
        Duration "duree" "Durée" false,
        ContactMet "rencontre" "Personne rencontrée" false,
        Validated "validee" "Validée le" false,
        Status "etat" "État" true,
    }
}

/// Everybody's, rather than one's own.
pub const EVERYBODY: &str = "tous";
pub const MINE: &str = "moi";

/// The word of the address.
pub fn word(status: VisitStatus) -> &'static str {
    match status {
        VisitStatus::Planned => "prevues",
        VisitStatus::Done => "a-valider",
        VisitStatus::Validated => "validees",
        VisitStatus::Cancelled => "annulees",
    }
}

impl Sort {
    pub const ALL: [Self; 4] = [Self::Date, Self::Establishment, Self::Commune, Self::Flows];

    /// The word of the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Establishment => "entreprise",
            Self::Commune => "commune",
            Self::Flows => "flux",
        }
    }
}

impl ListQuery {
    /// Without a word about whose: an advisor's own, everybody's for who makes no visits.
    pub fn as_read_by(mut self, roles: &[Role]) -> Self {
        if self.qui.is_empty() && !roles.contains(&Role::Advisor) {
            self.qui = EVERYBODY.to_owned();
        }
        self
    }
    pub fn is_mine(&self) -> bool {
        self.qui != EVERYBODY && self.colleague().is_none()
    }

    /// The one advisor that is asked for.
    pub fn colleague(&self) -> Option<UserId> {
        self.qui.parse().ok()
    }

    pub fn filter(&self, me: UserId) -> Filter {
        let words = clean(&self.q);
        Filter {
            advisor: self.colleague().or(self.is_mine().then_some(me)),
            words: (!words.is_empty()).then_some(words),
            commune: optional(&self.commune),
            from: parse_day(&self.depuis).ok(),
            to: parse_day(&self.jusqua).ok(),
        }
    }

    /// Whether more is asked than whose visits they are.
    pub fn is_narrowed(&self) -> bool {
        [&self.q, &self.commune, &self.depuis, &self.jusqua]
            .iter()
            .any(|typed| !typed.trim().is_empty())
    }

    /// The status asked for, else what waits for the reader: visits to validate, else those planned.
    pub fn status(&self, counts: &Counts) -> VisitStatus {
        let asked = VisitStatus::ALL
            .into_iter()
            .find(|status| word(*status) == self.statut);
        asked.unwrap_or(if counts.done > 0 && counts.planned == 0 {
            VisitStatus::Done
        } else {
            VisitStatus::Planned
        })
    }

    /// Unless asked otherwise: the next planned first, the others from the latest.
    pub fn sort(&self, status: VisitStatus) -> (Sort, bool) {
        let (descending, key) = match self.tri.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, self.tri.as_str()),
        };
        let asked = Sort::ALL.into_iter().find(|sort| sort.word() == key);
        asked.map_or((Sort::Date, status != VisitStatus::Planned), |sort| {
            (sort, descending)
        })
    }

    pub fn slice(&self, status: VisitStatus, (limit, offset): (i64, i64)) -> Slice {
        let (sort, descending) = self.sort(status);
        Slice {
            sort,
            descending,
            limit,
            offset,
        }
    }

    pub fn columns(&self) -> Chosen<Column> {
        Chosen::read(&self.colonnes)
    }

    /// What the address says, from its first page.
    pub fn pairs(&self) -> [(&'static str, String); 8] {
        [
            ("qui", self.qui.clone()),
            ("statut", self.statut.clone()),
            ("q", clean(&self.q)),
            ("commune", self.commune.clone()),
            ("depuis", self.depuis.clone()),
            ("jusqua", self.jusqua.clone()),
            ("tri", self.tri.clone()),
            ("colonnes", self.columns().word()),
        ]
    }

    /// The same list at `path` with these values changed, from its first page.
    pub fn href(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let pairs = self.pairs();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| {
                let changed = changes.iter().find(|(key, _)| key == name);
                (*name, changed.map_or(value.as_str(), |(_, value)| value))
            })
            .collect();
        let query = encoded(&pairs);
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }
}
