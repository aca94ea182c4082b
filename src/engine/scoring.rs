//! The score of a pair: material fit × weighted mean of the components.
//!
//! Only figures here, because the search scores far more pairs than it keeps; the sentences are
//! written by `explain` for the kept ones. What is unknown counts one half in the score and lowers the
//! confidence.

use super::economics::{self, Figures};
use super::facts::Flow;
use super::material::Link;
use super::outcome;
use super::params::{Params, Weights};
use super::prepare::{Board, Item};
use super::quality;
use crate::nomenclature::Reach;

/// What an unknown component counts.
const UNKNOWN: f64 = 0.5;
/// Share of material fit in the confidence.
const MATERIAL_SHARE: f64 = 0.3;
/// A yearly gain that gives half of the points, euros.
pub(super) const GOOD_GAIN: f64 = 1_500.0;
/// Tonnes of CO2 equivalent a year that give half of the points.
const GOOD_CARBON: f64 = 4.0;
/// Number of weighted components.
pub(super) const COMPONENTS: usize = 7;

/// A component: its value, if known, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measure {
    pub value: Option<f64>,
    pub confidence: f64,
}

impl Measure {
    pub(super) const UNKNOWN: Self = Self {
        value: None,
        confidence: 0.0,
    };

    pub(super) fn known(value: f64, confidence: f64) -> Self {
        Self {
            value: Some(value.clamp(0.0, 1.0)),
            confidence: confidence.clamp(0.0, 1.0),
        }
    }
}

/// A scored pair, without words.
#[derive(Debug, Clone)]
pub(super) struct Scored<'a> {
    pub out: usize,
    pub into: usize,
    pub link: Link<'a>,
    pub distance: Option<f64>,
    pub reach: Reach,
    pub figures: Figures<'a>,
    /// Economics, distance, quantity, quality, time, carbon, relations.
    pub measures: [Measure; COMPONENTS],
    /// 0 to 100, two decimals: what is shown is what is compared.
    pub score: f64,
    pub confidence: f64,
}

/// Scores a pair whose gates are open.
pub(super) fn score<'a>(
    board: &Board<'a>,
    link: Link<'a>,
    (out_id, in_id): (usize, usize),
    distance: Option<f64>,
) -> Scored<'a> {
    let (out, into) = (&board.items[out_id], &board.items[in_id]);
    let reach = link.reach(board, out);
    let figures = economics::figures(board, &link, out, into, distance);
    let measures = [
        economics_measure(&figures, distance),
        distance_measure(&figures, reach, distance),
        quantity(&figures, out, into),
        quality::measure(&link, out, into),
        time(board.params, out.flow, into.flow),
        carbon(&figures),
        relations(board, out, into),
    ];
    let weights = weights(&board.params.weights);
    let freshness = freshness(board.params, out.flow).min(freshness(board.params, into.flow));
    Scored {
        out: out_id,
        into: in_id,
        distance,
        reach,
        score: combine(link.fit, &measures, &weights),
        confidence: confidence(&link, &measures, &weights) * freshness,
        link,
        figures,
        measures,
    }
}

/// The weights in the order of [`Scored::measures`].
pub(super) fn weights(weights: &Weights) -> [f64; COMPONENTS] {
    [
        weights.economics,
        weights.distance,
        weights.quantity,
        weights.quality,
        weights.time,
        weights.carbon,
        weights.relations,
    ]
}

/// 0 to 100 with two decimals.
pub(super) fn combine(fit: f64, measures: &[Measure; COMPONENTS], weights: &[f64; COMPONENTS]) -> f64 {
    let sum: f64 = measures
        .iter()
        .zip(weights)
        .map(|(measure, weight)| measure.value.unwrap_or(UNKNOWN) * weight)
        .sum();
    round(100.0 * fit * sum / total(weights))
}

/// The best score a pair could have at that distance, whatever the rest.
pub(super) fn bound(params: &Params, fit: f64, reach: Reach, distance: f64) -> f64 {
    let weights = weights(&params.weights);
    let [_, near, ..] = weights;
    let sum = total(&weights) - near + near * decay(reach, distance);
    100.0 * fit * sum / total(&weights) + 0.01
}

fn total(weights: &[f64; COMPONENTS]) -> f64 {
    weights.iter().sum::<f64>().max(f64::MIN_POSITIVE)
}

pub(super) fn round(score: f64) -> f64 {
    outcome::round(score, 2)
}

fn confidence(link: &Link<'_>, measures: &[Measure; COMPONENTS], weights: &[f64; COMPONENTS]) -> f64 {
    let known: f64 = measures
        .iter()
        .zip(weights)
        .map(|(measure, weight)| measure.confidence * weight)
        .sum();
    round(MATERIAL_SHARE * link.confidence + (1.0 - MATERIAL_SHARE) * known / total(weights))
}

/// 1 within the full radius, nil from the maximum.
fn decay(reach: Reach, distance: f64) -> f64 {
    if distance <= reach.full_km {
        1.0
    } else if distance >= reach.max_km {
        0.0
    } else {
        (reach.max_km - distance) / (reach.max_km - reach.full_km)
    }
}

/// 1 up to half the break-even distance, one half at it, nil at twice.
fn profitable(break_even: f64, distance: f64) -> f64 {
    if break_even <= 0.0 {
        return 0.0;
    }
    let share = distance / break_even;
    if share <= 0.5 {
        1.0
    } else if share <= 1.0 {
        1.5 - share
    } else {
        (1.0 - share / 2.0).max(0.0)
    }
}

fn distance_measure(figures: &Figures<'_>, reach: Reach, distance: Option<f64>) -> Measure {
    let Some(distance) = distance else {
        return Measure::UNKNOWN;
    };
    let near = decay(reach, distance);
    // A break-even distance without one of its terms is a lower bound: it must not condemn.
    let value = match figures.break_even_km {
        Some(break_even) if !figures.partial => near.min(profitable(break_even, distance).max(near / 2.0)),
        Some(_) | None => near,
    };
    Measure::known(value, if reach.certain { 1.0 } else { 0.4 })
}

/// Both sides must gain: the smaller gain decides. Without quantities, the margin per trip speaks.
fn economics_measure(figures: &Figures<'_>, distance: Option<f64>) -> Measure {
    let worth = |gain: f64| {
        if gain <= 0.0 {
            0.0
        } else {
            gain / (gain + GOOD_GAIN)
        }
    };
    match (&figures.giver, &figures.receiver) {
        (Some(giver), Some(receiver)) => Measure::known(worth(giver.central.min(receiver.central)), 0.8),
        (Some(gain), None) | (None, Some(gain)) => Measure::known((worth(gain.central) + UNKNOWN) / 2.0, 0.4),
        (None, None) => match (figures.break_even_km, distance) {
            (Some(break_even), Some(distance)) if !figures.partial => {
                Measure::known(0.25 + 0.5 * profitable(break_even, distance), 0.3)
            }
            (None | Some(_), _) => Measure::UNKNOWN,
        },
    }
}

/// Several small flows may fill a need: a mismatch never counts nothing.
fn quantity(figures: &Figures<'_>, out: &Item<'_>, into: &Item<'_>) -> Measure {
    let Some(matched) = figures.matched else {
        return Measure::UNKNOWN;
    };
    let larger = matched.offered.max(matched.needed);
    if larger <= 0.0 {
        return Measure::UNKNOWN;
    }
    let share = matched.quantity / larger;
    Measure::known(
        0.2 + 0.8 * share.sqrt(),
        out.flow
            .certainty
            .confidence()
            .min(into.flow.certainty.confidence()),
    )
}

/// Months in common, and how long until the receiver is free of its contract.
fn time(params: &Params, out: &Flow, into: &Flow) -> Measure {
    let common = f64::from(out.months.common(into.months));
    let wanted = f64::from(out.months.count().min(into.months.count()));
    let free = match into.contract_end.map(|end| (end - params.today).num_days()) {
        Some(days) if days > 365 => 0.6,
        Some(days) if days > 90 => 0.8,
        Some(_) | None => 1.0,
    };
    let confidence = if into.contract_end.is_some() { 0.9 } else { 0.6 };
    Measure::known(common / wanted * free, confidence)
}

fn carbon(figures: &Figures<'_>) -> Measure {
    figures.tco2e.as_ref().map_or(Measure::UNKNOWN, |tonnes| {
        let value = if tonnes.central <= 0.0 {
            0.0
        } else {
            tonnes.central / (tonnes.central + GOOD_CARBON)
        };
        Measure::known(value, 0.7)
    })
}

fn relations(board: &Board<'_>, out: &Item<'_>, into: &Item<'_>) -> Measure {
    let (a, b) = (board.site(out), board.site(into));
    if board.cooperate(a, b) {
        return Measure::known(1.0, 1.0);
    }
    match (&a.zone, &b.zone) {
        (Some(a), Some(b)) if a == b => Measure::known(1.0, 0.9),
        (Some(_), Some(_)) => Measure::known(0.4, 0.5),
        (None | Some(_), _) => Measure::UNKNOWN,
    }
}

/// 1 for a fact of this year, down to one half at four years.
fn freshness(params: &Params, flow: &Flow) -> f64 {
    flow.observed_on.map_or(1.0, |seen| {
        let days = i32::try_from((params.today - seen).num_days()).unwrap_or(i32::MAX);
        let years = f64::from(days) / 365.25;
        (1.0 - (years - 1.0).max(0.0) / 6.0).max(0.5)
    })
}
