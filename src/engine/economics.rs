//! What a pair brings, to each side, and how far it pays.
//!
//! Every figure comes from the catalogue or from what the companies declared; a missing term gives
//! « non estimé », never zero. A synergy must pay for both sides: each keeps its own gain, and they share
//! the preparation of the matter and its transport.
//!
//! [`Terms`] is what a pair of categories is worth under a rule, whoever the firms are; [`Terms::figures`]
//! applies it to one pair of flows without allocating. For a given quantity every gain falls as the
//! distance grows, so the figures at the nearest distance bound all the others.

use super::material::{Basis, Link};
use super::outcome::{Estimate, Matched, Origin, Payback};
use super::params::{Haulage, Params};
use super::prepare::{Board, Item, convert};
use crate::nomenclature::{Catalogue, Category, Range, Rule, Works};

/// The figures of a pair.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures<'a> {
    pub matched: Option<Matched>,
    /// Per year and in unit of the outbound category, as the firms said.
    pub declared: Declared,
    pub break_even_km: Option<f64>,
    /// A term is missing, so that the break-even distance is at least that.
    pub partial: bool,
    pub giver: Option<Figure<'a>>,
    pub receiver: Option<Figure<'a>>,
    pub tco2e: Option<Figure<'a>>,
}

/// What the two firms say they pay today, per unit of the outbound category.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Declared {
    /// The giver, to get rid of it.
    pub disposal: Option<f64>,
    /// The receiver, to buy what it would replace.
    pub price: Option<f64>,
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

impl<'a> Figure<'a> {
    fn new([low, central, high]: [f64; 3], origin: Origin, source: &'a str) -> Self {
        Self {
            low,
            central,
            high,
            origin,
            source,
        }
    }

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

/// What one pair of categories is worth, per unit of the outbound one: low, central, high.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    /// Units per lorry; nothing for what goes by pipe, wire or people.
    payload: Option<f64>,
    value: Option<[f64; 3]>,
    value_source: &'a str,
    disposal: Option<[f64; 3]>,
    disposal_source: &'a str,
    /// Nil when the matter serves as it is, absent when its cost cannot be told.
    treatment: Option<[f64; 3]>,
    carbon: Option<[f64; 3]>,
    carbon_source: &'a str,
    /// Units of the inbound category in one of the outbound one.
    rate: Option<f64>,
}

impl<'a> Terms<'a> {
    pub(super) fn of(
        catalogue: &Catalogue,
        params: &Params,
        (from, to): (&'a Category, &'a Category),
        rule: Option<&Rule>,
    ) -> Self {
        let rate = if from.code == to.code {
            Some(1.0)
        } else {
            convert(1.0, from, to)
        };
        let value = to.economics.value.as_ref();
        let disposal = from.economics.disposal.as_ref();
        // What the receiver no longer consumes counts first; else what the giver's outlet no longer emits.
        let replaced = to.economics.avoided_kgco2.as_ref().zip(rate);
        let carbon = replaced.or_else(|| from.economics.avoided_kgco2.as_ref().zip(Some(1.0)));
        Self {
            payload: from.economics.payload,
            value: value.zip(rate).map(|(range, rate)| {
                let new = range.bounds();
                [0, 1, 2].map(|bound| new[bound] * rate * params.substitution[bound])
            }),
            value_source: source(value),
            disposal: disposal.map(Range::bounds),
            disposal_source: source(disposal),
            treatment: treatment(catalogue, from, rule),
            carbon: carbon.map(|(range, rate)| range.bounds().map(|unit| unit * rate)),
            carbon_source: source(carbon.map(|(range, _)| range)),
            rate,
        }
    }

    /// All the figures of a pair of flows of these categories.
    pub(super) fn figures(
        &self,
        params: &Params,
        matched: Option<Matched>,
        declared: Declared,
        distance: Option<f64>,
    ) -> Figures<'a> {
        let disposal = declared.disposal.map(|unit| [unit; 3]).or(self.disposal);
        let price = declared
            .price
            .map(|unit| params.substitution.map(|share| unit * share));
        let value = price.or(self.value);
        let mut figures = Figures {
            matched,
            declared,
            break_even_km: self.break_even(&params.haulage, value, disposal),
            partial: value.is_none() || disposal.is_none(),
            ..Figures::default()
        };
        let Some(quantity) = matched.map(|matched| matched.quantity) else {
            return figures;
        };
        let Some(transport) = self.transport(&params.haulage, quantity, distance) else {
            return figures;
        };
        if let Some(treatment) = self.treatment {
            let shared = [0, 1, 2].map(|bound| (transport.eur[bound] + treatment[bound] * quantity) / 2.0);
            let gain = |unit: [f64; 3]| less(unit.map(|euros| euros * quantity), shared);
            let told = |said: Option<f64>, source: &'a str| match said {
                Some(_) => (Origin::Declared, "coût déclaré par l’établissement"),
                None => (Origin::Estimated, source),
            };
            let (origin, source) = told(declared.disposal, self.disposal_source);
            figures.giver = disposal.map(|unit| Figure::new(gain(unit), origin, source));
            let (origin, source) = told(declared.price, self.value_source);
            figures.receiver = value.map(|unit| Figure::new(gain(unit), origin, source));
        }
        figures.tco2e = self.carbon.map(|unit| {
            let avoided = less(unit.map(|kilograms| kilograms * quantity), transport.kgco2);
            let tonnes = avoided.map(|kilograms| kilograms / 1_000.0);
            Figure::new(tonnes, Origin::Estimated, self.carbon_source)
        });
        figures
    }

    /// `payload × (value + disposal − treatment − fixed ÷ payload) ÷ cost of a kilometre there and back`, as
    /// the crow flies. Pipes have no payload, hence no such distance.
    fn break_even(
        &self,
        haulage: &Haulage,
        value: Option<[f64; 3]>,
        disposal: Option<[f64; 3]>,
    ) -> Option<f64> {
        let payload = self.payload?;
        if value.is_none() && disposal.is_none() {
            return None;
        }
        let central = |term: Option<[f64; 3]>| term.map_or(0.0, |[_, central, _]| central);
        let margin = central(value) + central(disposal) - self.treatment?[1];
        let per_km = haulage.eur_per_km[1] * haulage.driven[1];
        Some(((payload * margin - haulage.eur_per_trip[1]) / per_km).max(0.0))
    }

    /// Without a payload no lorry is needed. Without a distance, unknown.
    fn transport(&self, haulage: &Haulage, quantity: f64, distance: Option<f64>) -> Option<Transport> {
        let Some(payload) = self.payload else {
            return Some(Transport::default());
        };
        let (trips, km) = (quantity / payload, distance?);
        let driven = haulage.driven.map(|times| km * times);
        let euros = |bound: usize| haulage.eur_per_trip[bound] + driven[bound] * haulage.eur_per_km[bound];
        Some(Transport {
            eur: [0, 1, 2].map(|bound| trips * euros(bound)),
            kgco2: [0, 1, 2].map(|bound| trips * driven[bound] * haulage.kgco2_per_km[bound]),
        })
    }
}

/// Yearly transport of a pair, low, central, high.
#[derive(Debug, Clone, Copy, Default)]
struct Transport {
    eur: [f64; 3],
    kgco2: [f64; 3],
}

/// A range less another: the low bound meets the high cost.
fn less([low, central, high]: [f64; 3], cost: [f64; 3]) -> [f64; 3] {
    [low - cost[2], central - cost[1], high - cost[0]]
}

/// What the rule asks to do to the matter, else what its category asks, else nothing.
fn treatment(catalogue: &Catalogue, from: &Category, rule: Option<&Rule>) -> Option<[f64; 3]> {
    let steps = rule.map(|rule| rule.treatment.as_slice()).unwrap_or_default();
    if steps.is_empty() {
        return Some(from.economics.treatment.as_ref().map_or([0.0; 3], Range::bounds));
    }
    let tonnes = from.tonnes_per_unit()?;
    let mut sum = [0.0; 3];
    for step in steps {
        let bounds = catalogue.factors().get(*step).value.bounds();
        for (total, bound) in sum.iter_mut().zip(bounds) {
            *total += bound * tonnes;
        }
    }
    Some(sum)
}

fn source(range: Option<&Range>) -> &str {
    range.map_or("", |range| range.source.as_str())
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
    // Labels bring categories together without their rule.
    let known = board.terms((from, to)).filter(|_| link.basis != Basis::Label);
    let made;
    let terms = if let Some(known) = known {
        known
    } else {
        made = Terms::of(board.catalogue, &board.params, (from, to), link.rule);
        &made
    };
    let paid = |item: &Item<'_>, category: &Category| {
        let cost = item.flow.annual_cost_eur?;
        let annual = board.amount(item, category).filter(|annual| *annual > 0.0)?;
        Some(cost / annual)
    };
    let declared = Declared {
        disposal: paid(out, from),
        price: paid(into, to).zip(terms.rate).map(|(unit, rate)| unit * rate),
    };
    terms.figures(&board.params, matched, declared, distance)
}

/// What must be built once, euros: the pipe follows the roads.
pub(super) fn investment(board: &Board<'_>, works: Works, distance: f64) -> Estimate {
    let factors = board.catalogue.factors();
    let [metre, fixed] = works.factors().map(|shared| &factors.get(shared).value);
    let metres = distance * 1_000.0;
    let detour = board.params.haulage.detour;
    let [low, central, high] =
        [0, 1, 2].map(|bound| metre.bounds()[bound] * metres * detour[bound] + fixed.bounds()[bound]);
    Estimate {
        low,
        central,
        high,
        origin: Origin::Estimated,
        source: metre.source.clone(),
    }
}

/// Years until the known gains have paid for what is built; nothing when they never do.
pub(super) fn payback(investment: &Estimate, figures: &Figures<'_>) -> Option<Payback> {
    let gains = [figures.giver, figures.receiver];
    let sum = |bound: fn(&Figure<'_>) -> f64| -> f64 { gains.iter().flatten().map(bound).sum() };
    let central = sum(|gain| gain.central);
    if central <= 0.0 {
        return None;
    }
    let (low, high) = (sum(|gain| gain.low), sum(|gain| gain.high));
    Some(Payback {
        low: investment.low / high,
        central: investment.central / central,
        high: (low > 0.0).then(|| investment.high / low),
        one_sided: gains.iter().flatten().count() < 2,
    })
}

#[cfg(test)]
mod tests;
