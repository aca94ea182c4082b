//! One year judged: a line per indicator, its score, the scores of themes and aspects, the maturity,
//! and what is still missing before closing. Pure; a closed year is these very lines kept.

use super::catalogue::{self, Aspect, Bounds, Indicator, Theme};
use super::facts::YearFacts;
use super::masking::Masked;
use super::model::Reading;
use crate::kernel::format_number;
use crate::kernel::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// Whether a year can still be answered.
    EvaluationState "evaluation_state" {
        Open "open" "en cours",
        Closed "closed" "clôturée",
    }
}

/// What people answered of one indicator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    pub value: Option<f64>,
    pub is_not_concerned: bool,
    pub justification: Option<String>,
    pub evidence: Option<String>,
    pub version: i32,
}

/// The territory's own title and bounds of an indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    pub title: String,
    /// The official words, no longer a proposal.
    pub is_official: bool,
    pub bounds: Option<(f64, f64)>,
    pub version: i32,
}

/// Everything known of one indicator in one year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub code: String,
    pub title: String,
    pub is_official: bool,
    /// What the records give; kept even when an answer replaces it.
    pub computed: Reading,
    pub answered: Option<f64>,
    pub is_not_concerned: bool,
    pub justification: Option<String>,
    pub evidence: Option<String>,
    pub bounds: Option<(f64, f64)>,
}

/// Where a line's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Computed,
    /// Computed, and replaced with a justification.
    Overridden,
    Answered,
    NotConcerned,
    Missing,
}

impl Status {
    pub fn label(self) -> &'static str {
        match self {
            Self::Computed => "calculé",
            Self::Overridden => "corrigé",
            Self::Answered => "répondu",
            Self::NotConcerned => "non concerné",
            Self::Missing => "manquant",
        }
    }
    pub fn badge(self) -> &'static str {
        match self {
            Self::Computed | Self::NotConcerned => "",
            Self::Overridden => "warn",
            Self::Answered => "info",
            Self::Missing => "hot",
        }
    }
}

/// Which lines a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subset {
    All,
    Short,
    Mandatory,
    Missing,
}

impl Line {
    pub fn value(&self) -> Option<f64> {
        self.answered.or(self.computed.value)
    }

    pub fn status(&self) -> Status {
        match (self.is_not_concerned, self.answered, self.computed.value) {
            (true, _, _) => Status::NotConcerned,
            (false, Some(_), Some(_)) => Status::Overridden,
            (false, Some(_), None) => Status::Answered,
            (false, None, Some(_)) => Status::Computed,
            (false, None, None) => Status::Missing,
        }
    }

    /// How sure its value is, when it was computed from measures and declarations; else where it comes from.
    pub fn origin(&self) -> &'static str {
        match (self.status(), self.computed.origin) {
            (Status::Computed, Some(origin)) => origin.label(),
            (status, _) => status.label(),
        }
    }

    /// 0 to 100; none when not scored or not answered.
    pub fn score(&self) -> Option<f64> {
        let (low, high) = self.bounds?;
        let value = self.value().filter(|_| !self.is_not_concerned)?;
        Some(((value - low) / (high - low)).clamp(0.0, 1.0) * 100.0)
    }

    /// What a page reads: an answer was written to be read, a computed figure may tell too much.
    pub fn reading(&self) -> Reading {
        self.answered
            .map_or_else(|| self.computed.clone(), |value| Reading::plain(Some(value)))
    }

    pub fn indicator(&self) -> Option<&'static Indicator> {
        catalogue::find(&self.code)
    }

    pub fn is_in(&self, subset: Subset) -> bool {
        let Some(indicator) = self.indicator() else {
            return subset == Subset::All;
        };
        match subset {
            Subset::All => true,
            Subset::Short => indicator.aspect.is_some(),
            Subset::Mandatory => indicator.mandatory,
            Subset::Missing => self.status() == Status::Missing,
        }
    }
}

/// « 1 234,5 », with the decimals that the unit deserves.
pub fn figure(indicator: &Indicator, value: f64) -> String {
    format_number(value, indicator.unit.decimals(value))
}

/// The lines of a year from its facts, its answers and the territory's wordings. `targets` gives the
/// year's target of an indicator, when the contract sets one.
pub fn lines(
    facts: &YearFacts,
    answers: &BTreeMap<String, Answer>,
    wordings: &BTreeMap<String, Wording>,
    target: impl Fn(&str) -> Option<f64>,
) -> Vec<Line> {
    catalogue::all()
        .iter()
        .map(|indicator| {
            let answer = answers.get(indicator.code).cloned().unwrap_or_default();
            let wording = wordings.get(indicator.code);
            let own = wording.and_then(|wording| wording.bounds);
            Line {
                code: indicator.code.to_owned(),
                title: wording.map_or_else(|| indicator.title.to_owned(), |w| w.title.clone()),
                is_official: wording.is_some_and(|w| w.is_official),
                computed: indicator.read(facts),
                answered: answer.value,
                is_not_concerned: answer.is_not_concerned,
                justification: answer.justification,
                evidence: answer.evidence,
                bounds: own.or_else(|| bounds(indicator, &target)),
            }
        })
        .collect()
}

fn bounds(indicator: &Indicator, target: impl Fn(&str) -> Option<f64>) -> Option<(f64, f64)> {
    match indicator.bounds {
        Bounds::Unscored => None,
        Bounds::Between(low, high) => Some((low, high)),
        Bounds::ToTarget(usual) => {
            let high = target(indicator.code).filter(|target| *target > 0.0);
            Some((0.0, high.unwrap_or(usual)))
        }
    }
}

/// The mean of the scored lines, and the share of lines that count in it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Mean {
    pub score: Option<f64>,
    pub answered: usize,
    pub of: usize,
}

impl Mean {
    fn over<'a>(lines: impl Iterator<Item = &'a Line>, masked: &Masked) -> Self {
        let (mut sum, mut scored, mut mean) = (0.0, 0.0, Self::default());
        for line in lines {
            mean.of += 1;
            mean.answered += usize::from(line.status() != Status::Missing);
            if let Some(score) = line.score().filter(|_| !masked.contains(&line.code)) {
                sum += score;
                scored += 1.0;
            }
        }
        mean.score = (scored > 0.0).then(|| sum / scored);
        mean
    }
}

/// The mean of a theme; the masked lines count as answered, not in its score.
pub fn theme(lines: &[Line], theme: Theme, masked: &Masked) -> Mean {
    let own = |line: &&Line| line.indicator().is_some_and(|i| i.theme == theme);
    Mean::over(lines.iter().filter(own), masked)
}

/// The same of an aspect.
pub fn aspect(lines: &[Line], aspect: Aspect, masked: &Masked) -> Mean {
    let own = |line: &&Line| line.indicator().is_some_and(|i| i.aspect == Some(aspect));
    Mean::over(lines.iter().filter(own), masked)
}

/// How far a programme has come, by our own reading of the three aspects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maturity {
    Emergence,
    Launch,
    Development,
    Lasting,
}

impl Maturity {
    /// None while an aspect has no score.
    pub fn of(lines: &[Line], masked: &Masked) -> Option<Self> {
        let mut scores = Vec::new();
        for one in Aspect::ALL {
            scores.push(aspect(lines, *one, masked).score?);
        }
        let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let mean = scores.iter().sum::<f64>() / 3.0;
        Some(if least >= 60.0 {
            Self::Lasting
        } else if least >= 25.0 && mean >= 45.0 {
            Self::Development
        } else if scores.iter().any(|score| *score >= 25.0) {
            Self::Launch
        } else {
            Self::Emergence
        })
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Emergence => "Émergence",
            Self::Launch => "Lancement",
            Self::Development => "Développement",
            Self::Lasting => "Pérennisation",
        }
    }
    pub fn rank(self) -> u8 {
        match self {
            Self::Emergence => 1,
            Self::Launch => 2,
            Self::Development => 3,
            Self::Lasting => 4,
        }
    }
}

/// The mandatory lines without a value: « non concerné » is no answer to what everybody must tell.
pub fn missing(lines: &[Line]) -> Vec<&Line> {
    lines
        .iter()
        .filter(|line| line.is_in(Subset::Mandatory) && (line.value().is_none() || line.is_not_concerned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Answer, Masked, Maturity, Status, aspect, lines, missing, theme};
    use crate::indicators::catalogue::{Aspect, Theme, all};
    use crate::indicators::facts::{People, YearFacts};
    use std::collections::BTreeMap;

    fn answered(value: f64) -> Answer {
        Answer {
            value: Some(value),
            ..Answer::default()
        }
    }

    #[test]
    fn a_score_goes_from_one_bound_to_the_other_even_backwards() {
        let answers = BTreeMap::from([
            ("A14".to_owned(), answered(3.0)),
            ("B10".to_owned(), answered(6.0)),
            ("B14".to_owned(), answered(1_000.0)),
            ("C06".to_owned(), answered(60_000.0)),
        ]);
        let all_lines = lines(&YearFacts::default(), &answers, &BTreeMap::new(), |_| None);
        let score = |code: &str| all_lines.iter().find(|l| l.code == code).unwrap().score();
        assert_eq!(score("A14"), Some(75.0));
        assert_eq!(score("B10"), Some(100.0), "six months is best");
        assert_eq!(score("B14"), Some(100.0), "never beyond the bound");
        assert_eq!(score("C06"), None, "followed, not scored");
        assert_eq!(score("B19"), None, "unknown is not zero");
    }

    #[test]
    fn an_answer_replaces_a_computed_figure_and_both_stay() {
        let facts = YearFacts {
            people: People {
                mobilised: 70,
                ..People::default()
            },
            ..YearFacts::default()
        };
        let answers = BTreeMap::from([("A01".to_owned(), answered(72.0))]);
        let all_lines = lines(&facts, &answers, &BTreeMap::new(), |_| Some(100.0));
        let first = &all_lines[0];
        assert_eq!((first.value(), first.computed.value), (Some(72.0), Some(70.0)));
        assert_eq!((first.status(), first.score()), (Status::Overridden, Some(72.0)));
        assert_eq!(
            all_lines[20].status(),
            Status::Missing,
            "a question nobody answered"
        );
    }

    #[test]
    fn maturity_needs_the_three_aspects() {
        let none = lines(&YearFacts::default(), &BTreeMap::new(), &BTreeMap::new(), |_| {
            None
        });
        assert_eq!(aspect(&none, Aspect::Economics, &Masked::new()).of, 8);
        assert_eq!(
            Maturity::of(&none, &Masked::new()),
            None,
            "nothing scored of the money"
        );
        let best: BTreeMap<_, _> = all()
            .iter()
            .map(|i| {
                (
                    i.code.to_owned(),
                    answered(super::bounds(i, |_| None).map_or(0.0, |b| b.1)),
                )
            })
            .collect();
        let perfect = lines(&YearFacts::default(), &best, &BTreeMap::new(), |_| None);
        assert_eq!(Maturity::of(&perfect, &Masked::new()), Some(Maturity::Lasting));
        assert_eq!(theme(&perfect, Theme::C4, &Masked::new()).score, Some(100.0));
        assert!(missing(&perfect).is_empty());
        assert!(missing(&none).len() >= 8, "{}", missing(&none).len());
    }
}
