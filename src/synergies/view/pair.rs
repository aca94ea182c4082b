//! A pair as the engine explained it, with the names the engine does not know.

use super::drawing::{MapView, pair_map};
use super::{SiteView, amount, site};
use crate::engine::{Ask, Estimate, Origin, Pair, Payback, UsedFactor, factors_behind};
use crate::flows::Certainty;
use crate::kernel::{format_km, format_number};
use crate::nomenclature::Catalogue;
use crate::synergies::model::Side;
use crate::synergies::store::show::MemberRow;

pub(in crate::synergies) struct PairView {
    pub(in crate::synergies) out: Option<SiteView>,
    pub(in crate::synergies) into: Option<SiteView>,
    pub(in crate::synergies) strengths: Vec<String>,
    pub(in crate::synergies) weaknesses: Vec<String>,
    pub(in crate::synergies) asks: Vec<String>,
    pub(in crate::synergies) precedent: Option<String>,
    pub(in crate::synergies) gains: Vec<GainRow>,
    /// What must be spent once, and when it is paid back.
    pub(in crate::synergies) investment: String,
    /// The factors behind the figures, once they are read.
    pub(in crate::synergies) factors: Vec<FactorRow>,
    pub(in crate::synergies) parts: Vec<(&'static str, Option<u8>)>,
    pub(in crate::synergies) map: Option<MapView>,
}

/// A factor behind the figures.
pub(in crate::synergies) struct FactorRow {
    pub(in crate::synergies) label: String,
    pub(in crate::synergies) value: String,
    pub(in crate::synergies) source: String,
    pub(in crate::synergies) version: String,
}

/// A line of the table of gains; without figures it is « non estimé ».
pub(in crate::synergies) struct GainRow {
    pub(in crate::synergies) label: String,
    pub(in crate::synergies) figures: Option<[String; 3]>,
    pub(in crate::synergies) origin: &'static str,
    pub(in crate::synergies) source: String,
}

impl GainRow {
    pub(in crate::synergies) fn origin_words(&self) -> &'static str {
        Certainty::parse(self.origin).map_or("", Certainty::label)
    }
}

impl PairView {
    pub(super) fn new(pair: &Pair, members: &[MemberRow]) -> Self {
        let giver = members.iter().find(|m| m.side == Side::Outbound);
        let receiver = members.iter().find(|m| m.side == Side::Inbound);
        let name = |member: Option<&MemberRow>, role: &str| {
            member.map_or_else(|| role.to_owned(), |m| m.name.clone())
        };
        let names = [name(giver, "Donneur"), name(receiver, "Receveur")];
        let positions = giver
            .and_then(MemberRow::position)
            .zip(receiver.and_then(MemberRow::position));
        let distance = pair.distance_km.map(format_km);
        Self {
            strengths: pair.explanation.strengths.clone(),
            weaknesses: pair.explanation.weaknesses.clone(),
            asks: pair.explanation.to_ask.iter().map(Ask::sentence).collect(),
            precedent: pair.explanation.precedent.clone(),
            investment: pair_investment(Some(pair)),
            factors: Vec::new(),
            gains: pair_gains([&names[0], &names[1]], Some(pair)),
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
                    pair.break_even_km.map(|limit| (limit, format_km(limit))),
                    &distance,
                )
            }),
            out: giver.map(site),
            into: receiver.map(site),
        }
    }
}

impl PairView {
    /// Lists the factors as they stood in the catalogue the pair was proposed with.
    pub(in crate::synergies) fn tell_factors(&mut self, pair: &Pair, catalogue: &Catalogue) {
        self.factors = factors_behind(pair, catalogue).into_iter().map(factor).collect();
    }
}

fn factor(used: UsedFactor) -> FactorRow {
    let digits = |value: f64| format_number(value, if value.abs() >= 100.0 { 0 } else { 3 });
    let [low, central, high] = used.value.bounds().map(digits);
    let value = if low == high {
        format!("{central}\u{a0}{}", used.unit)
    } else {
        format!("{central}\u{a0}{} ({low} à {high})", used.unit)
    };
    FactorRow {
        label: used.label,
        value,
        source: match used.year {
            Some(year) => format!("{}, {year}", used.value.source),
            None => used.value.source,
        },
        version: used.version,
    }
}

/// What the giver, the receiver and the climate gain.
pub(in crate::synergies) fn pair_gains([giver, receiver]: [&String; 2], pair: Option<&Pair>) -> Vec<GainRow> {
    let of = |read: fn(&Pair) -> Option<&Estimate>| pair.and_then(read);
    vec![
        gain(giver.clone(), of(|pair| pair.giver_gain.as_ref()), "€", 0),
        gain(receiver.clone(), of(|pair| pair.receiver_gain.as_ref()), "€", 0),
        gain(
            "CO₂ évité, net".to_owned(),
            of(|pair| pair.tco2e.as_ref()),
            "t",
            1,
        ),
    ]
}

pub(in crate::synergies) fn pair_investment(pair: Option<&Pair>) -> String {
    investment(
        pair.and_then(|pair| pair.investment.as_ref()),
        pair.and_then(|pair| pair.payback.as_ref()),
    )
}

/// « Investissement estimé : 120 000 € (50 000 à 300 000), amorti en 4 ans (2 à 9). »
fn investment(spent: Option<&Estimate>, payback: Option<&Payback>) -> String {
    let Some(spent) = spent else {
        return "Investissement et temps de retour\u{a0}: non estimés.".to_owned();
    };
    let euros = |value: f64| format_number(value, 0);
    let years = |value: f64| format_number(value, usize::from(value < 10.0));
    let back = match payback {
        None => "non amorti avec les gains estimés".to_owned(),
        Some(back) => {
            let range = match back.high {
                Some(high) => format!("{} à {}", years(back.low), years(high)),
                None => format!("au moins {}", years(back.low)),
            };
            let known = if back.one_sided {
                ", sur le seul gain connu"
            } else {
                ""
            };
            let unit = if back.central < 2.0 { "an" } else { "ans" };
            format!("amorti en {}\u{a0}{unit} ({range}){known}", years(back.central))
        }
    };
    format!(
        "Investissement estimé\u{a0}: {}\u{a0}€ ({} à {}), {back}.",
        euros(spent.central),
        euros(spent.low),
        euros(spent.high)
    )
}

pub(super) fn gain(label: String, estimate: Option<&Estimate>, unit: &str, decimals: usize) -> GainRow {
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

#[cfg(test)]
mod tests {
    use super::investment;
    use crate::engine::{Estimate, Origin, Payback};

    #[test]
    fn an_investment_says_when_it_is_paid_back() {
        let spent = Estimate {
            low: 50_000.0,
            central: 120_000.0,
            high: 300_000.0,
            origin: Origin::Estimated,
            source: String::new(),
        };
        let mut back = Payback {
            low: 2.1,
            central: 4.0,
            high: Some(9.4),
            one_sided: false,
        };
        assert_eq!(
            investment(Some(&spent), Some(&back)),
            "Investissement estimé\u{a0}: 120\u{a0}000\u{a0}€ (50\u{a0}000 à 300\u{a0}000), amorti en 4\u{a0}ans (2,1 à 9,4)."
        );
        (back.high, back.one_sided) = (None, true);
        assert!(investment(Some(&spent), Some(&back)).ends_with("(au moins 2,1), sur le seul gain connu."));
        assert!(investment(Some(&spent), None).ends_with("non amorti avec les gains estimés."));
        assert!(investment(None, None).ends_with("non estimés."));
    }
}
