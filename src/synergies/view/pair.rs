//! A pair as the engine explained it, with the names the engine does not know.

use super::drawing::{MapView, pair_map};
use super::{SiteView, amount, site};
use crate::engine::{Ask, Estimate, Origin, Pair};
use crate::kernel::format_number;
use crate::synergies::model::Side;
use crate::synergies::store::show::MemberRow;

pub(in crate::synergies) struct PairView {
    pub(in crate::synergies) out: Option<SiteView>,
    pub(in crate::synergies) into: Option<SiteView>,
    pub(in crate::synergies) strengths: Vec<String>,
    pub(in crate::synergies) weaknesses: Vec<String>,
    pub(in crate::synergies) asks: Vec<String>,
    pub(in crate::synergies) gains: Vec<GainRow>,
    pub(in crate::synergies) parts: Vec<(&'static str, Option<u8>)>,
    pub(in crate::synergies) map: Option<MapView>,
}

/// A line of the table of gains; without figures it is « non estimé ».
pub(in crate::synergies) struct GainRow {
    pub(in crate::synergies) label: String,
    pub(in crate::synergies) figures: Option<[String; 3]>,
    pub(in crate::synergies) origin: &'static str,
    pub(in crate::synergies) source: String,
}

impl PairView {
    pub(super) fn new(pair: &Pair, members: &[MemberRow]) -> Self {
        let giver = members.iter().find(|m| m.side == Side::Outbound);
        let receiver = members.iter().find(|m| m.side == Side::Inbound);
        let name = |member: Option<&MemberRow>, role: &str| {
            member.map_or_else(|| role.to_owned(), |m| m.name.clone())
        };
        let positions = giver
            .and_then(MemberRow::position)
            .zip(receiver.and_then(MemberRow::position));
        let distance = pair.distance_km.map(super::km);
        Self {
            strengths: pair.explanation.strengths.clone(),
            weaknesses: pair.explanation.weaknesses.clone(),
            asks: pair.explanation.to_ask.iter().map(Ask::sentence).collect(),
            gains: vec![
                gain(name(giver, "Donneur"), pair.giver_gain.as_ref(), "€", 0),
                gain(name(receiver, "Receveur"), pair.receiver_gain.as_ref(), "€", 0),
                gain("CO₂ évité, net".to_owned(), pair.tco2e.as_ref(), "t", 1),
            ],
            parts: pair
                .explanation
                .parts
                .iter()
                .map(|part| {
                    (
                        part.name.label(),
                        part.value.map(|value| super::whole(value * 100.0)),
                    )
                })
                .collect(),
            map: positions.zip(distance).map(|((a, b), distance)| {
                pair_map(
                    a,
                    b,
                    pair.break_even_km.map(|limit| (limit, super::km(limit))),
                    &distance,
                )
            }),
            out: giver.map(site),
            into: receiver.map(site),
        }
    }
}

fn gain(label: String, estimate: Option<&Estimate>, unit: &str, decimals: usize) -> GainRow {
    let written = |value: f64| match unit {
        "t" if value.abs() >= 20.0 => amount(value, unit),
        _ => format!("{}\u{a0}{unit}", format_number(value, decimals)),
    };
    GainRow {
        label,
        figures: estimate.map(|e| [written(e.low), written(e.central), written(e.high)]),
        origin: estimate.map_or("estimated", |e| origin(e.origin)),
        source: estimate.map_or_else(String::new, |e| e.source.clone()),
    }
}

/// The word that the mark of origin expects.
pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Estimated => "estimated",
        Origin::Declared => "declared",
        Origin::Measured => "measured",
    }
}
