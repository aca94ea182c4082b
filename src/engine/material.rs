//! Whether what leaves can be what comes in: the component that multiplies all the others.
//!
//! Two flows are linked by a same category, a rule of the compatibility table, a pair of categories
//! accepted before, or their labels. Categories a person chose are taken at their word; guessed ones
//! count by how sure the guess is and by how much the labels agree.

use super::prepare::{Board, Item};
use crate::nomenclature::{Category, Reach, Rule};

/// Below this the two flows have nothing to do with each other.
pub(super) const FLOOR: f64 = 0.2;
/// Fit of a pair of categories known only because reviewers accepted it before.
const PRECEDENT_FIT: f64 = 0.6;
/// Fit of two identical labels that are precise enough.
const SAME_LABEL: f64 = 0.95;
/// Ceiling of the fit of labels that are merely close.
const CLOSE_LABEL: f64 = 0.5;
/// How much farther a flow may go when its category, hence its maximum distance, is only a guess.
const GUESSED_TOLERANCE: f64 = 1.25;
/// Distances of matter about which nothing is known.
const DEFAULT_REACH: Reach = Reach {
    full_km: 30.0,
    max_km: 120.0,
    certain: false,
};

/// What links the two flows of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    SameCategory,
    Rule,
    Precedent,
    Label,
}

/// The best link between two flows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    pub basis: Basis,
    pub out: Option<&'a Category>,
    pub into: Option<&'a Category>,
    pub rule: Option<&'a Rule>,
    /// 0 to 1.
    pub fit: f64,
    pub confidence: f64,
}

impl Link<'_> {
    /// How far this matter travels.
    pub(super) fn reach(&self, board: &Board<'_>, out: &Item<'_>) -> Reach {
        reach(board, self.out.or(self.into), out)
    }
}

/// How far the outbound flow travels as a flow of that category.
pub(super) fn reach(board: &Board<'_>, category: Option<&Category>, out: &Item<'_>) -> Reach {
    let found = category.map_or(DEFAULT_REACH, |category| {
        category.radius.for_quantity(board.amount(out, category))
    });
    stretched(board, found, out.chosen())
}

/// How far any outbound flow of that category travels at most, chosen or guessed.
pub(super) fn farthest(board: &Board<'_>, category: Option<&Category>, chosen: bool) -> Reach {
    let found = category.map_or(DEFAULT_REACH, |category| {
        let quantities = [Some(0.0), Some(f64::MAX), None];
        let reaches = quantities.map(|quantity| category.radius.for_quantity(quantity));
        let most = |of: fn(&Reach) -> f64| reaches.iter().map(of).fold(0.0, f64::max);
        Reach {
            full_km: most(|reach| reach.full_km),
            max_km: most(|reach| reach.max_km),
            certain: false,
        }
    });
    stretched(board, found, chosen)
}

fn stretched(board: &Board<'_>, found: Reach, chosen: bool) -> Reach {
    let factor = board.params.radius_factor;
    let limit = board.params.limit_km.unwrap_or(f64::INFINITY);
    let tolerance = if chosen { 1.0 } else { GUESSED_TOLERANCE };
    Reach {
        full_km: (found.full_km * factor).min(limit),
        max_km: (found.max_km * factor * tolerance).min(limit),
        certain: found.certain,
    }
}

/// The best link of two flows whose words agree that much, if any is worth a look.
pub(super) fn link<'a>(
    board: &'a Board<'_>,
    out: &Item<'a>,
    into: &Item<'a>,
    words: f64,
) -> Option<Link<'a>> {
    let labels = Labels::compare(out, into, words);
    let mut best = by_categories(board, out, into, labels);
    let category = |item: &Item<'a>| item.guesses.first().map(|(category, _)| *category);
    let by_label = Link {
        basis: Basis::Label,
        out: category(out),
        into: category(into),
        rule: None,
        fit: labels.fit(out.chosen() && into.chosen()),
        confidence: 0.8 * labels.agreement,
    };
    // The same words under the same category: the category is the better reason to show.
    if let Some(link) = best.as_mut() {
        link.fit = link.fit.max(by_label.fit);
    } else {
        best = Some(by_label);
    }
    best.filter(|link| link.fit >= FLOOR)
}

/// The link of two categories of which the first is as sure as said, the second certain, and the labels
/// agree entirely: no pair under these categories fits better.
pub(super) fn best_case<'a>(
    board: &'a Board<'_>,
    categories: (&'a Category, &'a Category),
    sure: f64,
) -> Option<Link<'a>> {
    by_category(board, categories, sure.sqrt(), Labels::BEST)
}

/// The most that labels alone are worth: those of two chosen categories, and the others.
pub(super) const BY_LABEL: [f64; 2] = [CLOSE_LABEL, SAME_LABEL];

fn by_categories<'a>(
    board: &'a Board<'_>,
    out: &Item<'a>,
    into: &Item<'a>,
    labels: Labels,
) -> Option<Link<'a>> {
    let mut best = None;
    for (out_category, out_sure) in out.guesses {
        for (in_category, in_sure) in into.guesses {
            let sure = (out_sure * in_sure).sqrt();
            best = better(
                best,
                by_category(board, (out_category, in_category), sure, labels),
            );
        }
    }
    best
}

fn better<'a>(best: Option<Link<'a>>, found: Option<Link<'a>>) -> Option<Link<'a>> {
    match (best, found) {
        (Some(best), Some(found)) if best.fit >= found.fit => Some(best),
        (best, None) => best,
        (_, found) => found,
    }
}

fn by_category<'a>(
    board: &'a Board<'_>,
    (from, to): (&'a Category, &'a Category),
    sure: f64,
    labels: Labels,
) -> Option<Link<'a>> {
    let (rule, learned) = board.rule(from, to).unzip();
    let learned = learned.unwrap_or(1.0);
    let chosen = sure >= 1.0;
    let (basis, fit) = if std::ptr::eq(from, to) {
        // A rule on one category only adds its note and its questions.
        (Basis::SameCategory, learned * same_category(chosen, sure, labels))
    } else if let Some(rule) = rule {
        let trust = if chosen {
            1.0
        } else {
            (0.75 + 0.25 * labels.agreement) * (0.6 + 0.4 * sure)
        };
        (Basis::Rule, rule.fit * trust * learned)
    } else if board.precedents(from.code, to.code).1 > 0 {
        (Basis::Precedent, PRECEDENT_FIT * sure)
    } else {
        return None;
    };
    Some(Link {
        basis,
        out: Some(from),
        into: Some(to),
        rule,
        fit,
        confidence: sure,
    })
}

fn same_category(chosen: bool, sure: f64, labels: Labels) -> f64 {
    if !chosen {
        (0.5 + 0.5 * labels.agreement) * (0.6 + 0.4 * sure)
    } else if labels.comparable {
        0.85 + 0.15 * labels.agreement
    } else {
        1.0
    }
}

/// What the two labels and waste codes say of each other.
#[derive(Debug, Clone, Copy)]
struct Labels {
    /// Both say something.
    comparable: bool,
    identical: bool,
    precision: f64,
    agreement: f64,
}

impl Labels {
    const BEST: Self = Self {
        comparable: true,
        identical: true,
        precision: 1.0,
        agreement: 1.0,
    };

    fn compare(out: &Item<'_>, into: &Item<'_>, words: f64) -> Self {
        let precision = out.words.precision().min(into.words.precision());
        let agreement = match (out.waste_code, into.waste_code) {
            (Some(a), Some(b)) if a == b => 1.0 - (1.0 - words * precision) * 0.5,
            (Some(_), Some(_)) => words * precision * 0.6,
            (None, _) | (_, None) => words * precision,
        };
        Self {
            comparable: precision > 0.0,
            identical: words > 0.999,
            precision,
            agreement,
        }
    }

    /// What the labels are worth alone.
    fn fit(self, contradicted: bool) -> f64 {
        if self.identical && !contradicted {
            SAME_LABEL
                * self.precision
                * if self.agreement < self.precision * 0.7 {
                    0.6
                } else {
                    1.0
                }
        } else if self.agreement >= 0.4 {
            CLOSE_LABEL * self.agreement
        } else {
            0.0
        }
    }
}
