//! The score of a pair: material fit × weighted mean of the components.
//!
//! Only figures here, because the search scores far more pairs than it keeps; the sentences are
//! written by `explain` for the kept ones. What is unknown counts one half in the score and lowers the
//! confidence.

use std::cmp::Ordering;

use super::column::number;
use super::economics::{self, Figures};
use super::facts::Flow;
use super::material::Link;
use super::outcome;
use super::params::{Params, Weights};
use super::prepare::{Board, Item};
use super::quality;
use super::queue::{self, priority};
use crate::nomenclature::{Category, Reach};

/// What an unknown component counts.
pub(super) const UNKNOWN: f64 = 0.5;
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

/// A pair as the search ranks it: little, because there are millions of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    pub out: u32,
    pub into: u32,
    /// Infinite when a position is not known.
    km: f32,
    /// Hundredths of a point, under [`UNDERWAY`] and [`PLAUSIBLE`].
    standing: u16,
    /// Order of the queue.
    pub priority: f32,
    /// Ranks of the categories under which they meet; [`NO_CATEGORY`] for none.
    pub categories: [u8; 2],
}

/// Someone is working on it.
const UNDERWAY: u16 = 1 << 15;
/// It fits well enough for a try to teach something.
const PLAUSIBLE: u16 = 1 << 14;
pub(super) const NO_CATEGORY: u8 = u8::MAX;

impl Ranked {
    pub(super) fn of(board: &Board<'_>, scored: &Scored<'_>, underway: bool) -> Self {
        let rank = |category: Option<&Category>| {
            let rank = category.map(|category| u8::try_from(board.rank(category)).ok());
            rank.flatten().unwrap_or(NO_CATEGORY)
        };
        Self {
            out: number(scored.out),
            into: number(scored.into),
            km: scored.distance.map_or(f32::INFINITY, narrow),
            standing: hundredths(scored.score)
                | if underway { UNDERWAY } else { 0 }
                | if scored.link.fit >= queue::PLAUSIBLE {
                    PLAUSIBLE
                } else {
                    0
                },
            priority: narrow(priority(board, scored)),
            categories: [rank(scored.link.out), rank(scored.link.into)],
        }
    }

    pub(super) fn underway(&self) -> bool {
        self.standing & UNDERWAY != 0
    }

    pub(super) fn plausible(&self) -> bool {
        self.standing & PLAUSIBLE != 0
    }

    /// What orders: what is being worked on, then the score.
    fn standing(&self) -> u16 {
        self.standing & !PLAUSIBLE
    }

    pub(super) fn score(&self) -> f64 {
        f64::from(self.standing & !UNDERWAY & !PLAUSIBLE) / 100.0
    }

    /// Where it stands in the queue, the least first: what is enough, what is being worked on, the priority
    /// (never negative, so that its bits order like it), the score.
    pub(super) fn turn(&self, enough: bool) -> u64 {
        let after = u64::from(!enough) << 1 | u64::from(!self.underway());
        after << 48 | u64::from(!self.priority.to_bits()) << 16 | u64::from(!self.standing())
    }

    /// What is being worked on first, then the score, then the nearer; the keys decide between equals.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        other
            .standing()
            .cmp(&self.standing())
            .then(self.km.total_cmp(&other.km))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it only orders: what comes near in it comes near in the list"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score is between 0 and 100"
)]
fn hundredths(score: f64) -> u16 {
    (score * 100.0).round().clamp(0.0, 10_000.0) as u16
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
    board: &'a Board<'_>,
    link: Link<'a>,
    (out, into): (&Item<'_>, &Item<'_>),
    distance: Option<f64>,
) -> Scored<'a> {
    let reach = link.reach(board, out);
    let figures = economics::figures(board, &link, out, into, distance);
    let measures = [
        economics_measure(&figures, distance),
        distance_measure(&figures, reach, distance),
        quantity(&figures, out, into),
        quality::measure(&link, out, into),
        time(&board.params, out.flow, into.flow),
        carbon(&figures),
        relations(board, out, into),
    ];
    let weights = weights(&board.params.weights);
    let freshness = freshness(&board.params, out.flow).min(freshness(&board.params, into.flow));
    Scored {
        out: out.id,
        into: into.id,
        distance,
        reach,
        score: combine(link.fit, &measures, &weights),
        confidence: round(confidence(&link, &measures, &weights) * freshness),
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

pub(super) fn total(weights: &[f64; COMPONENTS]) -> f64 {
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
pub(super) fn decay(reach: Reach, distance: f64) -> f64 {
    if distance <= reach.full_km {
        1.0
    } else if distance >= reach.max_km {
        0.0
    } else {
        (reach.max_km - distance) / (reach.max_km - reach.full_km)
    }
}

/// 1 up to half the break-even distance, one half at it, nil at twice.
pub(super) fn profitable(break_even: f64, distance: f64) -> f64 {
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
    let Some(km) = distance else {
        return Measure::UNKNOWN;
    };
    let value = nearness(
        reach,
        km,
        profit(figures.break_even_km, figures.partial, distance),
    );
    Measure::known(value, if reach.certain { 1.0 } else { 0.4 })
}

/// Whether the way pays. A break-even distance without one of its terms is a lower bound: it says nothing.
pub(super) fn profit(break_even_km: Option<f64>, partial: bool, distance: Option<f64>) -> Option<f64> {
    let (break_even, km) = break_even_km.filter(|_| !partial).zip(distance)?;
    Some(profitable(break_even, km))
}

/// How little the distance stands in the way, given whether it pays.
pub(super) fn nearness(reach: Reach, km: f64, profit: Option<f64>) -> f64 {
    let near = decay(reach, km);
    profit.map_or(near, |profit| near.min(profit.max(near / 2.0)))
}

fn economics_measure(figures: &Figures<'_>, distance: Option<f64>) -> Measure {
    let gains = [&figures.giver, &figures.receiver].map(|gain| gain.as_ref().map(|gain| gain.central));
    let profit = profit(figures.break_even_km, figures.partial, distance);
    let confidence = match (gains, profit) {
        ([Some(_), Some(_)], _) => 0.8,
        ([Some(_), None] | [None, Some(_)], _) => 0.4,
        ([None, None], Some(_)) => 0.3,
        ([None, None], None) => return Measure::UNKNOWN,
    };
    Measure::known(gainful(gains, profit), confidence)
}

/// Both sides must gain: the smaller gain decides. Without quantities, the margin per trip speaks.
pub(super) fn gainful([giver, receiver]: [Option<f64>; 2], profit: Option<f64>) -> f64 {
    match (giver, receiver) {
        (Some(giver), Some(receiver)) => half_way(giver.min(receiver), GOOD_GAIN),
        (Some(gain), None) | (None, Some(gain)) => f64::midpoint(half_way(gain, GOOD_GAIN), UNKNOWN),
        (None, None) => profit.map_or(UNKNOWN, |profit| 0.25 + 0.5 * profit),
    }
}

/// Nil without a gain, one half at `good`, then less and less.
fn half_way(gain: f64, good: f64) -> f64 {
    if gain <= 0.0 { 0.0 } else { gain / (gain + good) }
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
    Measure::known(
        filling(matched.quantity / larger),
        out.flow
            .certainty
            .confidence()
            .min(into.flow.certainty.confidence()),
    )
}

/// What it is worth that one quantity is that share of the other.
pub(super) fn filling(share: f64) -> f64 {
    0.2 + 0.8 * share.sqrt()
}

/// Months in common, and how long until the receiver is free of its contract.
fn time(params: &Params, out: &Flow, into: &Flow) -> Measure {
    let common = f64::from(out.months.common(into.months));
    let wanted = f64::from(out.months.count().min(into.months.count()));
    let confidence = if into.contract_end.is_some() { 0.9 } else { 0.6 };
    Measure::known(common / wanted * freedom(params, into), confidence)
}

pub(super) const SOON_FREE: f64 = 0.8;
pub(super) const BOUND: f64 = 0.6;

/// How soon a receiver may take something else.
pub(super) fn freedom(params: &Params, into: &Flow) -> f64 {
    match into.contract_end.map(|end| (end - params.today).num_days()) {
        Some(days) if days > 365 => BOUND,
        Some(days) if days > 90 => SOON_FREE,
        Some(_) | None => 1.0,
    }
}

fn carbon(figures: &Figures<'_>) -> Measure {
    let tonnes = figures.tco2e.as_ref();
    tonnes.map_or(Measure::UNKNOWN, |tonnes| {
        Measure::known(sparing(tonnes.central), 0.7)
    })
}

/// What tonnes avoided are worth.
pub(super) fn sparing(tonnes: f64) -> f64 {
    half_way(tonnes, GOOD_CARBON)
}

pub(super) const OTHER_ZONE: f64 = 0.4;

fn relations(board: &Board<'_>, out: &Item<'_>, into: &Item<'_>) -> Measure {
    let (a, b) = (board.place(out), board.place(into));
    if a.partnered && board.cooperate(board.site(out), board.site(into)) {
        return Measure::known(1.0, 1.0);
    }
    match (a.zone, b.zone) {
        (Some(a), Some(b)) if a == b => Measure::known(1.0, 0.9),
        (Some(_), Some(_)) => Measure::known(OTHER_ZONE, 0.5),
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
