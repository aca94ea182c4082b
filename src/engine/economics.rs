//! What a pair brings, to each side, and how far it pays.
//!
//! Every figure comes from the nomenclature or from what the companies declared; a missing term gives
//! « non estimé », never zero. A synergy must pay for both sides.

use super::material::Link;
use super::outcome::{Estimate, Matched, Origin};
use super::params::Haulage;
use super::prepare::{Board, Item, convert};
use crate::nomenclature::{Category, Range};

/// The figures of a pair.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures<'a> {
    pub matched: Option<Matched>,
    pub break_even_km: Option<f64>,
    /// A term is missing, so that the break-even distance is at least that.
    pub partial: bool,
    pub giver: Option<Figure<'a>>,
    pub receiver: Option<Figure<'a>>,
    pub tco2e: Option<Figure<'a>>,
}

/// An estimate whose source is not written out yet: most pairs are scored and forgotten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure<'a> {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    pub origin: Origin,
    source: &'a str,
}

impl Figure<'_> {
    pub(super) fn written(self) -> Estimate {
        Estimate {
            low: self.low,
            central: self.central,
            high: self.high,
            origin: self.origin,
            source: self.source.to_owned(),
        }
    }
}

/// Low, central and high of one term, per unit of the outbound category.
#[derive(Debug, Clone, Copy)]
struct Term([f64; 3]);

impl Term {
    fn of(range: &Range, factor: f64) -> Self {
        Self([range.low, range.central, range.high].map(|value| value * factor))
    }

    fn central(self) -> f64 {
        self.0[1]
    }

    fn figure(self, origin: Origin, source: &str) -> Figure<'_> {
        let [a, central, b] = self.0;
        Figure {
            low: a.min(b),
            central,
            high: a.max(b),
            origin,
            source,
        }
    }
}

/// Yearly transport of a pair: euros, and kilograms of CO2 (low, central, high).
#[derive(Debug, Clone, Copy)]
struct Transport {
    eur: f64,
    kgco2: [f64; 3],
}

/// The quantity that both sides have in common.
pub(super) fn matched(
    board: &Board<'_>,
    link: &Link<'_>,
    out: &Item<'_>,
    into: &Item<'_>,
) -> Option<Matched> {
    let category = link.out.or(link.into)?;
    let offered = board.amount(out, category)?;
    let needed = board.amount(into, category)?;
    Some(Matched {
        offered,
        needed,
        quantity: offered.min(needed),
        unit: category.unit,
    })
}

/// All the figures of a pair.
pub(super) fn figures<'a>(
    board: &Board<'a>,
    link: &Link<'a>,
    out: &Item<'_>,
    into: &Item<'_>,
    distance: Option<f64>,
) -> Figures<'a> {
    let matched = matched(board, link, out, into);
    let (Some(from), Some(to)) = (link.out, link.into) else {
        return Figures {
            matched,
            ..Figures::default()
        };
    };
    // Units of the inbound category in one unit of the outbound one.
    let rate = if from.code == to.code {
        Some(1.0)
    } else {
        convert(1.0, from, to)
    };
    let declared = declared_disposal(out);
    let disposal = declared
        .map(|(term, _, _)| term)
        .or_else(|| from.economics.disposal.as_ref().map(|r| Term::of(r, 1.0)));
    let share = board.params.substitution_rate;
    let value = to
        .economics
        .value
        .as_ref()
        .zip(rate)
        .map(|(range, rate)| Term::of(range, rate * share));
    let haulage = &board.params.haulage;
    let mut figures = Figures {
        break_even_km: break_even(from, value, disposal, haulage),
        partial: value.is_none() || disposal.is_none(),
        matched,
        ..Figures::default()
    };
    let (Some(matched), Some(transport)) = (
        matched,
        matched.and_then(|m| transport(from, haulage, m.quantity, distance)),
    ) else {
        return figures;
    };
    let yearly = |term: Term, half: f64| Term(term.0.map(|unit| unit * matched.quantity - half));
    let half = transport.eur / 2.0;
    figures.giver = disposal.map(|term| match declared {
        Some((_, origin, source)) => yearly(term, half).figure(origin, source),
        None => yearly(term, half).figure(Origin::Estimated, source(from.economics.disposal.as_ref())),
    });
    figures.receiver =
        value.map(|term| yearly(term, half).figure(Origin::Estimated, source(to.economics.value.as_ref())));
    figures.tco2e = carbon(from, to, rate, matched.quantity, transport.kgco2);
    figures
}

fn source(range: Option<&Range>) -> &str {
    range.map_or("", |range| range.source.as_str())
}

/// What the giver says it pays today, per unit.
fn declared_disposal(out: &Item<'_>) -> Option<(Term, Origin, &'static str)> {
    let cost = out.flow.annual_cost_eur?;
    let annual = out.flow.annual.filter(|annual| *annual > 0.0)?;
    Some((
        Term([cost / annual; 3]),
        Origin::Declared,
        "coût déclaré par l’établissement",
    ))
}

/// `payload × (value + disposal − fixed/payload) ÷ cost of a kilometre there and back`, as the crow
/// flies. Pipes have no payload, hence no such distance.
fn break_even(
    from: &Category,
    value: Option<Term>,
    disposal: Option<Term>,
    haulage: &Haulage,
) -> Option<f64> {
    let payload = from.economics.payload?;
    if value.is_none() && disposal.is_none() {
        return None;
    }
    let margin = value.map_or(0.0, Term::central) + disposal.map_or(0.0, Term::central);
    let per_km = haulage.eur_per_km * haulage.return_factor * haulage.detour;
    Some(((payload * margin - haulage.fixed_eur) / per_km).max(0.0))
}

/// Without a payload the flow goes by pipe, wire or people: no lorry. Without a distance, unknown.
fn transport(from: &Category, haulage: &Haulage, quantity: f64, distance: Option<f64>) -> Option<Transport> {
    let Some(payload) = from.economics.payload else {
        return Some(Transport {
            eur: 0.0,
            kgco2: [0.0; 3],
        });
    };
    let trips = quantity / payload;
    let km = distance? * haulage.return_factor * haulage.detour;
    Some(Transport {
        eur: trips * (haulage.fixed_eur + km * haulage.eur_per_km),
        kgco2: haulage.kgco2_per_km.map(|per_km| trips * km * per_km),
    })
}

/// What the receiver no longer consumes counts first; else what the giver's outlet no longer emits.
fn carbon<'a>(
    from: &'a Category,
    to: &'a Category,
    rate: Option<f64>,
    quantity: f64,
    transport: [f64; 3],
) -> Option<Figure<'a>> {
    let replaced = to.economics.avoided_kgco2.as_ref().zip(rate);
    let (range, rate) = replaced.or_else(|| from.economics.avoided_kgco2.as_ref().zip(Some(1.0)))?;
    let [low, central, high] = range.bounds().map(|unit| unit * rate * quantity);
    let [light, middle, heavy] = transport;
    let term = Term([low - heavy, central - middle, high - light].map(|kilograms| kilograms / 1_000.0));
    Some(term.figure(Origin::Estimated, &range.source))
}
