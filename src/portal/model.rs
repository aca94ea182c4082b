//! What a company reads in its space. Another company's name, once both agreed, is a `CompanyCard`
//! that only `companies::consent::reveal` makes; there is no room for anything else of it. No SQL, no
//! clock.

use crate::companies::consent::{CompanyCard, Party};
use crate::flows::Certainty;
use crate::kernel::ids::{FlowId, SynergyId};
use crate::kernel::{Direction, Period, format_number};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::synergies::{State, Word};
use chrono::{Months, NaiveDate};

/// A flow of the company itself, as recorded.
#[derive(Debug, Clone)]
pub struct OwnFlow {
    pub id: FlowId,
    pub direction: Direction,
    pub category: Option<String>,
    pub label: String,
    pub quantity: Option<f64>,
    pub unit: Option<String>,
    pub period: Option<Period>,
    pub certainty: Certainty,
    /// The last time somebody vouched for it.
    pub known_on: NaiveDate,
}

impl OwnFlow {
    pub fn code(&self) -> Option<FlowCode> {
        FlowCode::find(self.category.as_deref()?)
    }

    /// « 3,2 t par mois »; none when nobody knows.
    pub fn amount(&self) -> Option<String> {
        super::requests::amount(self.quantity, self.unit.as_deref(), self.period)
    }

    pub fn is_stale(&self, freshness_months: i32, today: NaiveDate) -> bool {
        let limit = today.checked_sub_months(Months::new(freshness_months.unsigned_abs()));
        limit.is_some_and(|limit| self.known_on < limit)
    }
}

/// How far a synergy is, as the company needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// An advisor finds it feasible and will call.
    ToDiscuss,
    /// The companies are being asked.
    Asked,
    Agreed,
    UnderWay,
    InPlace,
}

impl Stage {
    /// None for what a company does not see: not validated yet, or stopped.
    pub fn of(state: State) -> Option<Self> {
        match state {
            State::Prevalidated => Some(Self::ToDiscuss),
            State::ContactProposed | State::Silent => Some(Self::Asked),
            State::Agreed => Some(Self::Agreed),
            State::Studied | State::Implementing => Some(Self::UnderWay),
            State::Realised | State::Durable => Some(Self::InPlace),
            State::Proposed
            | State::UnderReview
            | State::Rejected
            | State::Asleep
            | State::Abandoned
            | State::Interrupted
            | State::Duplicate => None,
        }
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::ToDiscuss => "à discuter",
            Self::Asked => "avis demandés",
            Self::Agreed => "accord trouvé",
            Self::UnderWay => "en préparation",
            Self::InPlace => "en place",
        }
    }
    pub fn badge(self) -> &'static str {
        match self {
            Self::ToDiscuss | Self::Asked => "hot",
            Self::Agreed | Self::UnderWay => "info",
            Self::InPlace => "ok",
        }
    }
}

/// The company's part in a synergy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Gives,
    Receives,
    Shares,
    /// Something of one neighbour passes through it on its way to another.
    Treats,
    /// One of several with the same need.
    Joins,
}

/// Who else: one company, or several, those that agreed and the number of those without a name.
#[derive(Debug, Clone)]
pub enum Others {
    One(Party),
    Several { named: Vec<CompanyCard>, hidden: i64 },
}

impl Others {
    /// Whether a name may be read.
    pub fn is_named(&self) -> bool {
        match self {
            Self::One(Party::Named(_)) => true,
            Self::One(Party::Anonymous(_)) => false,
            Self::Several { named, .. } => !named.is_empty(),
        }
    }
}

/// What the company may gain in a year, in euros.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
pub struct Gain {
    pub low: f64,
    pub high: f64,
}

/// One synergy about the company.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub id: SynergyId,
    pub number: i32,
    pub establishment: String,
    /// The company's own words for its flow.
    pub label: Option<String>,
    pub category: Option<FlowCode>,
    pub part: Part,
    pub others: Others,
    /// The company's own yearly quantity.
    pub own_annual: Option<f64>,
    pub gain: Option<Gain>,
    /// Sides of feasibility that are still open.
    pub open_axes: Vec<&'static str>,
    pub stage: Stage,
    pub since: NaiveDate,
    /// What the company last said of it.
    pub word: Option<Word>,
    /// Its word may be said, or changed, now.
    pub may_answer: bool,
    /// The names were exchanged by an advisor.
    pub is_introduced: bool,
}

impl Proposal {
    /// « S-0412 ».
    pub fn reference(&self) -> String {
        format!("S-{:04}", self.number)
    }

    /// What the idea is, without anybody's name.
    pub fn title(&self) -> String {
        let what = self.subject();
        match self.part {
            Part::Gives => format!("«\u{a0}{what}\u{a0}»\u{a0}: une entreprise voisine pourrait s’en servir"),
            Part::Receives => {
                format!("«\u{a0}{what}\u{a0}»\u{a0}: une entreprise voisine pourrait vous en fournir")
            }
            Part::Shares => {
                format!("«\u{a0}{what}\u{a0}»\u{a0}: un partage est possible avec une entreprise voisine")
            }
            Part::Treats => {
                format!(
                    "«\u{a0}{what}\u{a0}»\u{a0}: deux entreprises voisines pourraient passer par votre savoir-faire"
                )
            }
            Part::Joins => format!("{what}\u{a0}: d’autres entreprises ont le même besoin que vous"),
        }
    }

    fn subject(&self) -> String {
        let group = self
            .category
            .and_then(|code| Catalogue::embedded().category(code).group.as_ref());
        match (self.part, group, &self.label) {
            (Part::Joins, Some(rule), _) => rule.title.clone(),
            (_, _, Some(label)) => label.clone(),
            (_, _, None) => self.category.map_or_else(
                || "Un de vos flux".to_owned(),
                |code| Catalogue::embedded().category(code).label.clone(),
            ),
        }
    }

    /// « sur vos 38 t par an ».
    pub fn own(&self) -> Option<String> {
        let unit = Catalogue::embedded().category(self.category?).unit;
        Some(format!(
            "{}\u{a0}{}",
            format_number(self.own_annual?, 1),
            unit.symbol()
        ))
    }

    /// « Entre 1 900 et 3 400 € par an ».
    pub fn gain_words(&self) -> Option<String> {
        if self.part == Part::Joins {
            let rule = Catalogue::embedded().category(self.category?).group.as_ref()?;
            let [low, _, high] = rule.saving.map(|share| format_number(share * 100.0, 0));
            return Some(format!(
                "Entre {low} et {high}\u{a0}% de ce que vous payez aujourd’hui"
            ));
        }
        let Gain { low, high } = self.gain?;
        let (low, high) = (two_figures(low.max(0.0)), two_figures(high));
        if high <= 0.0 {
            return None;
        }
        if low <= 0.0 || (high - low).abs() < f64::EPSILON {
            return Some(format!("Jusqu’à {}\u{a0}€ par an", format_number(high, 0)));
        }
        Some(format!(
            "Entre {} et {}\u{a0}€ par an",
            format_number(low, 0),
            format_number(high, 0)
        ))
    }
}

/// An estimate is not known to the euro.
fn two_figures(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    (value / scale).round() * scale
}

#[cfg(test)]
mod tests {
    use super::{Gain, Others, Part, Proposal, Stage, State, two_figures};
    use crate::kernel::ids::SynergyId;
    use crate::nomenclature::FlowCode;
    use chrono::NaiveDate;

    fn proposal(part: Part) -> Proposal {
        Proposal {
            id: SynergyId::fresh(),
            number: 412,
            establishment: "Cartonnerie".to_owned(),
            label: Some("Chutes de carton".to_owned()),
            category: FlowCode::find("MAT-01"),
            part,
            others: Others::Several {
                named: Vec::new(),
                hidden: 4,
            },
            own_annual: Some(38.4),
            gain: Some(Gain {
                low: 1_904.0,
                high: 3_377.0,
            }),
            open_axes: Vec::new(),
            stage: Stage::ToDiscuss,
            since: NaiveDate::from_ymd_opt(2026, 11, 12).unwrap(),
            word: None,
            may_answer: true,
            is_introduced: false,
        }
    }

    #[test]
    fn titles_use_only_the_company_s_own_words() {
        assert_eq!(
            proposal(Part::Gives).title(),
            "«\u{a0}Chutes de carton\u{a0}»\u{a0}: une entreprise voisine pourrait s’en servir"
        );
        assert!(
            proposal(Part::Joins)
                .title()
                .ends_with("d’autres entreprises ont le même besoin que vous")
        );
    }

    #[test]
    fn gains_are_ranges_of_two_figures() {
        assert_eq!(
            proposal(Part::Gives).gain_words().unwrap(),
            "Entre 1\u{a0}900 et 3\u{a0}400\u{a0}€ par an"
        );
        let unknown = Proposal {
            gain: None,
            ..proposal(Part::Gives)
        };
        assert_eq!(unknown.gain_words(), None);
        let loss = Proposal {
            gain: Some(Gain {
                low: -50.0,
                high: -1.0,
            }),
            ..proposal(Part::Gives)
        };
        assert_eq!(loss.gain_words(), None);
        for (given, kept) in [(7.3, 7.0), (96.0, 96.0), (1_234.0, 1_200.0), (0.0, 0.0)] {
            assert!((two_figures(given) - kept).abs() < 1e-9, "{given}");
        }
    }

    #[test]
    fn nothing_shows_before_validation_nor_after_a_stop() {
        let shown: Vec<_> = State::ALL
            .iter()
            .filter(|state| Stage::of(**state).is_some())
            .map(|s| s.code())
            .collect();
        let expected = [
            "prevalidated",
            "contact_proposed",
            "agreed",
            "studied",
            "implementing",
            "realised",
            "durable",
            "silent",
        ];
        assert_eq!(shown, expected);
        assert!(Stage::of(State::Prevalidated) < Stage::of(State::Realised));
    }
}
