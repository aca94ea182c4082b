//! What is looked for among establishments: the filters as they stand in the URL, and what they
//! mean. The list, the map and the exports ask the same [`store::matching`], so they show the same set.

pub mod store;

use crate::kernel::fold;
use crate::kernel::ids::ZoneId;
use crate::nomenclature::{Family, naf};
use crate::platform::web::Chosen;
use crate::platform::web::columns::columns;
use crate::platform::web::encoded;
use chrono::{Months, NaiveDate};
use serde::Deserialize;

/// The query string of `/entreprises` and of everything that shows the same result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Query {
    pub q: String,
    pub commune: String,
    pub zone: String,
    pub naf: String,
    pub famille: String,
    pub a_confirmer: String,
    pub tri: String,
    pub sens: String,
    pub vue: String,
    pub colonnes: Vec<String>,
    pub page: String,
}

columns! {
    /// Beside the establishment's name.
    pub Column {
        Siret "siret" "SIRET" false,
        Activity "activite" "Activité" false,
        Commune "commune" "Commune" true,
        Zone "zone" "Zone d’activités" false,
        Headcount "effectif" "Effectif" true,
        Flows "flux" "Flux" true,
        Stale "a_confirmer" "Flux à confirmer" false,
        LastVisit "visite" "Dernière visite" true,
        NextVisit "prevue" "Visite prévue" false,
        Charter "charte" "Charte signée le" false,
        Families "familles" "Familles de flux" true,
    }
}

impl Query {
    pub fn columns(&self) -> Chosen<Column> {
        Chosen::read(&self.colonnes)
    }

    /// What is set, in the order of the URL.
    pub fn pairs(&self) -> [(&'static str, String); 11] {
        let text = |name, value: &String| (name, value.clone());
        [
            ("q", self.q.trim().to_owned()),
            text("commune", &self.commune),
            text("zone", &self.zone),
            text("naf", &self.naf),
            text("famille", &self.famille),
            text("a_confirmer", &self.a_confirmer),
            text("tri", &self.tri),
            text("sens", &self.sens),
            text("vue", &self.vue),
            ("colonnes", self.columns().word()),
            text("page", &self.page),
        ]
    }

    /// The same search at `path`, with these values changed; an empty value takes the filter away.
    /// The page is forgotten unless it is given.
    pub fn href(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let pairs = self.pairs();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| {
                let changed = changes.iter().find(|(key, _)| key == name);
                let kept = if *name == "page" { "" } else { value.as_str() };
                (*name, changed.map_or(kept, |(_, value)| value))
            })
            .collect();
        let query = encoded(&pairs);
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }

    pub fn page(&self) -> usize {
        self.page.parse().ok().filter(|page| *page > 0).unwrap_or(1)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    Commune,
    Headcount,
    Flows,
    LastVisit,
}

impl Sort {
    pub const ALL: [Self; 5] = [
        Self::Name,
        Self::Commune,
        Self::Headcount,
        Self::Flows,
        Self::LastVisit,
    ];

    /// The word of the URL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "nom",
            Self::Commune => "commune",
            Self::Headcount => "effectif",
            Self::Flows => "flux",
            Self::LastVisit => "visite",
        }
    }

    fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|sort| sort.word() == word)
            .unwrap_or_default()
    }
}

/// What the query means. Words that mean nothing here (an unknown zone, say) filter nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Each word must be found in the name, the activity, the commune or the reference.
    words: Vec<String>,
    /// The beginning of a SIRET, when only digits were typed.
    digits: Option<String>,
    pub commune: Option<String>,
    pub zone: Option<ZoneId>,
    pub activity: Option<&'static naf::Naf>,
    pub family: Option<Family>,
    /// Only establishments with a flow that nobody vouched for since that day.
    pub stale_before: Option<NaiveDate>,
    pub sort: Sort,
    pub descending: bool,
}

impl Filter {
    /// `fresh_since` is the day before which a flow is to be confirmed.
    pub fn from_query(query: &Query, fresh_since: NaiveDate) -> Self {
        let is_set = |text: &str| !text.trim().is_empty();
        Self {
            words: fold(&query.q)
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
            digits: digits(&query.q),
            commune: is_set(&query.commune).then(|| query.commune.trim().to_owned()),
            zone: query.zone.parse().ok(),
            activity: naf::find(&query.naf).filter(|naf| naf.level <= naf::Level::Division),
            family: Family::find(&query.famille),
            stale_before: is_set(&query.a_confirmer).then_some(fresh_since),
            sort: Sort::parse(&query.tri),
            descending: query.sens == "desc",
        }
    }

    /// The two-digit divisions wanted; a section means all of its own.
    fn divisions(&self) -> Option<Vec<String>> {
        let wanted = self.activity?;
        let all = naf::divisions().filter(|division| {
            division.code == wanted.code
                || naf::section(&division.code).is_some_and(|s| s.code == wanted.code)
        });
        Some(all.map(|division| division.code.clone()).collect())
    }
}

fn digits(typed: &str) -> Option<String> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    (compact.len() >= 3 && compact.bytes().all(|b| b.is_ascii_digit())).then_some(compact)
}

/// The day before which a fact is to be confirmed.
pub fn fresh_since(today: NaiveDate, freshness_months: i32) -> NaiveDate {
    let months = Months::new(u32::try_from(freshness_months).unwrap_or(24));
    today.checked_sub_months(months).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::{Filter, Query, Sort, fresh_since};
    use chrono::NaiveDate;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_link_keeps_the_search_and_forgets_the_page() {
        let query = Query {
            q: " l’îlot & co ".to_owned(),
            famille: "MAT".to_owned(),
            page: "3".to_owned(),
            ..Query::default()
        };
        assert_eq!(
            query.href("/e", &[]),
            "/e?q=l%E2%80%99%C3%AElot%20%26%20co&famille=MAT"
        );
        assert_eq!(
            query.href("/e", &[("famille", ""), ("page", "2")]),
            "/e?q=l%E2%80%99%C3%AElot%20%26%20co&page=2"
        );
        assert_eq!(Query::default().href("/e", &[]), "/e");
    }

    #[test]
    fn a_section_means_all_its_divisions() {
        let divisions = |naf: &str| {
            let query = Query {
                naf: naf.to_owned(),
                ..Query::default()
            };
            Filter::from_query(&query, day(2026, 1, 1)).divisions()
        };
        assert_eq!(divisions("B").unwrap(), ["05", "06", "07", "08", "09"]);
        assert_eq!(divisions("17").unwrap(), ["17"]);
        assert_eq!(divisions(""), None);
        assert_eq!(divisions("17.21A"), None);
    }

    #[test]
    fn what_means_nothing_filters_nothing() {
        let query = Query {
            zone: "nulle part".to_owned(),
            famille: "XXX".to_owned(),
            tri: "prix".to_owned(),
            page: "-2".to_owned(),
            ..Query::default()
        };
        let filter = Filter::from_query(&query, day(2026, 1, 1));
        assert_eq!(filter, Filter::default());
        assert_eq!(filter.sort, Sort::Name);
        assert_eq!(query.page(), 1);
    }

    #[test]
    fn a_siret_is_looked_for_by_its_beginning() {
        let filter = |q: &str| {
            Filter::from_query(
                &Query {
                    q: q.to_owned(),
                    ..Query::default()
                },
                day(2026, 1, 1),
            )
        };
        assert_eq!(filter("732 829 320").digits.as_deref(), Some("732829320"));
        assert_eq!(filter("zone 41").digits, None);
        assert_eq!(filter("Saint-Ouen, scierie").words, ["saint", "ouen", "scierie"]);
    }

    #[test]
    fn freshness_counts_calendar_months() {
        assert_eq!(fresh_since(day(2026, 11, 24), 24), day(2024, 11, 24));
        assert_eq!(fresh_since(day(2026, 3, 31), 1), day(2026, 2, 28));
    }
}
