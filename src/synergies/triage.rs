//! The acts on a proposal where the queue is read: each form opens in its place, takes digits from the
//! keyboard, and is the very form of the act's own page, which answers when something is missing.

use super::filters::Filters;
use super::model::{Grade, State, StepKind, Wanted};
use super::motives::MotiveFamily;
use super::paths;
use super::store::Synergy;
use super::view;
use crate::platform::web::filters::long_day;
use chrono::{Months, NaiveDate};

/// What the forms of one proposal offer.
pub(super) struct Triage {
    /// Where each act is posted, when it is allowed.
    pub(super) take: Option<String>,
    pub(super) prevalidate: Option<String>,
    pub(super) reject: String,
    pub(super) sleep: Option<String>,
    pub(super) families: Vec<Family>,
    pub(super) axes: Vec<(&'static str, &'static str)>,
    pub(super) grades: Vec<Pick>,
    pub(super) naps: Vec<Pick>,
}

/// The motives of one family; the keys of a motive are the rank of its family, then its own.
pub(super) struct Family {
    pub(super) label: &'static str,
    pub(super) motives: Vec<Pick>,
}

/// A choice, with the digits that make it.
pub(super) struct Pick {
    pub(super) keys: String,
    pub(super) value: String,
    pub(super) label: String,
}

impl Triage {
    /// None once the proposal is beyond sorting: its other acts are on its sheet.
    pub(super) fn of(synergy: &Synergy, filters: &Filters, today: NaiveDate) -> Option<Self> {
        let (id, state) = (&synergy.id, synergy.state);
        let list = Filters {
            view: "liste".to_owned(),
            ..filters.clone()
        };
        let act = |step, path: String| state.allows(step).then(|| list.carry(&path));
        is_sorted(state).then(|| Self {
            take: act(StepKind::Take, paths::take(id)),
            prevalidate: act(StepKind::Prevalidate, paths::prevalidate(id)),
            reject: list.carry(&paths::reject(id)),
            sleep: act(StepKind::Sleep, paths::sleep(id)),
            families: families(),
            axes: Wanted::First
                .axes()
                .iter()
                .map(|axis| (axis.code(), axis.label()))
                .collect(),
            grades: [Grade::Green, Grade::Orange, Grade::Red]
                .into_iter()
                .zip(1..)
                .map(|(grade, rank)| Pick {
                    keys: rank.to_string(),
                    value: grade.code().to_owned(),
                    label: view::capital(grade.label()),
                })
                .collect(),
            naps: naps(today),
        })
    }
}

fn is_sorted(state: State) -> bool {
    state.allows(StepKind::Reject)
}

fn families() -> Vec<Family> {
    let family = |(rank, family): (usize, MotiveFamily)| Family {
        label: family.label(),
        motives: family
            .motives()
            .zip(1..)
            .map(|(motive, own)| Pick {
                keys: format!("{rank}{own}"),
                value: motive.code.to_owned(),
                label: motive.label.to_owned(),
            })
            .collect(),
    };
    (1..).zip(MotiveFamily::ALL).map(family).collect()
}

fn naps(today: NaiveDate) -> Vec<Pick> {
    [(1, "Un mois"), (3, "Trois mois"), (6, "Six mois"), (12, "Un an")]
        .into_iter()
        .zip(1..)
        .filter_map(|((months, words), rank)| {
            let day = today.checked_add_months(Months::new(months))?;
            Some(Pick {
                keys: rank.to_string(),
                value: day.format("%d/%m/%Y").to_string(),
                label: format!("{words}, jusqu’au {}", long_day(day)),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{families, is_sorted, naps};
    use crate::synergies::model::State;
    use crate::synergies::motives::MOTIVES;
    use chrono::NaiveDate;
    use std::collections::BTreeSet;

    #[test]
    fn two_digits_name_each_motive() {
        let keys: BTreeSet<_> = families()
            .into_iter()
            .flat_map(|family| family.motives)
            .map(|motive| motive.keys)
            .collect();
        assert_eq!(keys.len(), MOTIVES.len());
        assert!(keys.iter().all(|keys| keys.len() == 2 && !keys.contains('0')));
    }

    #[test]
    fn only_what_may_still_be_rejected_is_sorted_in_the_list() {
        let sorted: Vec<_> = State::ALL.iter().filter(|state| is_sorted(**state)).collect();
        assert_eq!(sorted, [&State::Proposed, &State::UnderReview]);
        let today = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
        assert_eq!(naps(today)[1].value, "28/02/2027");
    }
}
