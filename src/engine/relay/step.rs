//! One flow through one treatment: what comes out, what it costs, what it is worth.

use super::{Relay, words};
use crate::engine::facts::{Flow, Key, Site};
use crate::engine::form::Form;
use crate::engine::outcome::{Ask, Estimate, Explanation, Origin, Pair, Part, PartName, round};
use crate::engine::pair_key;
use crate::engine::params::Params;
use crate::kernel::Direction;
use crate::nomenclature::{Catalogue, Category, FlowCode, Process, Range};

/// What the score keeps when the processor is to be found, and the confidence likewise.
const NOBODY: (f64, f64) = (0.8, 0.6);
/// An unknown component counts one half.
const UNKNOWN: f64 = 0.5;
/// A yearly gain that gives half of the points, euros.
const GOOD_GAIN: f64 = 1_500.0;

/// What one outbound flow could become.
pub(super) struct Step<'a> {
    pub(super) flow: &'a Flow,
    pub(super) code: FlowCode,
    pub(super) sure: f64,
    pub(super) process: &'a Process,
    pub(super) processor: Option<&'a Site>,
    pub(super) first_km: Option<f64>,
}

impl Step<'_> {
    /// What would come out, as the engine reads flows.
    pub(super) fn made(&self, key: &Key, catalogue: &Catalogue) -> Flow {
        let own = catalogue.category(self.code);
        let annual = self.given(own).map(|annual| annual * self.process.output_rate);
        let site = self.processor.map_or(&self.flow.site, |site| &site.key);
        Flow {
            code: Some(self.process.gives),
            annual,
            certainty: self.flow.certainty,
            months: self.flow.months,
            form: Form::parse(&self.process.form),
            contract_end: self.flow.contract_end,
            observed_on: self.flow.observed_on,
            ..Flow::new(
                key.clone(),
                site.clone(),
                Direction::Outbound,
                &self.process.output,
            )
        }
    }

    /// The giver's yearly quantity; a guessed flow is counted in the unit of its best guess already.
    fn given(&self, own: &Category) -> Option<f64> {
        debug_assert_eq!(own.code, self.code, "the category of the flow");
        self.flow.annual
    }

    /// A treatment that leaves the category as it was (baling, repair) changes nothing for those who want
    /// another one: they could as well take the flow before it.
    pub(super) fn leads_to(&self, into: Option<FlowCode>) -> bool {
        self.process.gives != self.code || into == Some(self.process.gives)
    }

    pub(super) fn relay(&self, pair: Pair, catalogue: &Catalogue, params: &Params) -> Relay {
        let own = catalogue.category(self.code);
        let money = self.money(own, params);
        let near = self
            .first_km
            .map_or(UNKNOWN, |km| 1.0 - 0.6 * (km / self.process.km).min(1.0));
        let receiver_gain = pair.receiver_gain.clone();
        let tco2e = pair
            .tco2e
            .clone()
            .zip(money.haul_kgco2)
            .map(|(saved, kg)| net(saved, kg));
        let parts = self.parts(&pair, near, money.giver.as_ref(), tco2e.as_ref());
        let (score_kept, confidence_kept) = if self.processor.is_some() {
            (1.0, 0.9)
        } else {
            NOBODY
        };
        let value: f64 = [&money.giver, &receiver_gain]
            .into_iter()
            .flatten()
            .map(|gain| gain.central)
            .sum();
        let known = money.giver.is_some() || receiver_gain.is_some();
        let score = round(combine(&parts) * score_kept, 2);
        Relay {
            key: pair_key(&pair.out_flow, &pair.in_flow),
            process: self.process.id.clone(),
            treatment: self.process.label.clone(),
            output: self.process.output.clone(),
            out_flow: self.flow.key.clone(),
            out_site: self.flow.site.clone(),
            made_flow: pair.out_flow,
            processor: self.processor.map(|site| site.key.clone()),
            in_flow: pair.in_flow,
            in_site: pair.in_site,
            out_code: self.code,
            made_code: self.process.gives,
            in_code: pair.in_code,
            score,
            confidence: round(pair.confidence * confidence_kept * self.sure, 2),
            // A third until reviewers have spoken, as for pairs.
            priority: round(
                score / 3.0 * (10.0 + if known { value.max(0.0) } else { GOOD_GAIN }).log10(),
                2,
            ),
            retained: true,
            left_out: None,
            first_km: self.first_km.map(|km| round(km, 3)),
            second_km: pair.distance_km,
            given: self.given(own).map(|given| round(given, 3)),
            matched: pair.matched,
            cost: money.cost,
            giver_gain: money.giver,
            receiver_gain,
            tco2e,
            explanation: self.explain(parts, &pair.explanation),
            fingerprint: pair.fingerprint,
        }
    }

    /// The parts of the second leg with the detour, the treatment and its trust counted in.
    fn parts(&self, pair: &Pair, near: f64, giver: Option<&Estimate>, tco2e: Option<&Estimate>) -> Vec<Part> {
        let worth = |gain: f64| {
            if gain <= 0.0 {
                0.0
            } else {
                gain / (gain + GOOD_GAIN)
            }
        };
        let gains: Vec<f64> = [giver, pair.receiver_gain.as_ref()]
            .into_iter()
            .flatten()
            .map(|gain| gain.central)
            .collect();
        let economics = match gains.as_slice() {
            [] => None,
            [one] => Some((worth(*one) + UNKNOWN) / 2.0),
            several => Some(worth(several.iter().copied().fold(f64::INFINITY, f64::min))),
        };
        let mut parts = pair.explanation.parts.clone();
        for part in &mut parts {
            match part.name {
                PartName::Material => {
                    part.value = part.value.map(|fit| fit * self.process.trust * self.sure);
                    part.sentence = words::material(self.process);
                }
                PartName::Distance => {
                    part.value = part.value.map(|value| value * near);
                    part.sentence = words::distance(self.first_km, pair.distance_km);
                }
                PartName::Economics => {
                    part.value = economics;
                    part.sentence = words::economics(giver, pair.receiver_gain.as_ref());
                }
                PartName::Carbon => {
                    if tco2e.is_none() {
                        part.value = None;
                    }
                    part.sentence = words::carbon(tco2e);
                }
                PartName::Quantity | PartName::Quality | PartName::Time | PartName::Relations => {}
            }
            part.value = part.value.map(|value| round(value, 4));
        }
        parts
    }

    fn explain(&self, parts: Vec<Part>, onward: &Explanation) -> Explanation {
        let (strengths, mut weaknesses) = words::reasons(&parts);
        if self.processor.is_none() {
            weaknesses.insert(0, words::nobody(self.process));
            weaknesses.truncate(2);
        }
        Explanation {
            strengths,
            weaknesses,
            to_ask: words::treatment_questions(self.process)
                .into_iter()
                .chain(onward.to_ask.iter().map(|ask| Ask {
                    high: ask.low,
                    ..ask.clone()
                }))
                .collect(),
            changed: onward.changed.clone(),
            precedent: None,
            parts,
        }
    }

    /// The giver pays the way to the processor and its work, and no longer its outlet.
    fn money(&self, own: &Category, params: &Params) -> Money {
        let Some(quantity) = self.given(own).filter(|quantity| *quantity > 0.0) else {
            return Money::default();
        };
        let haulage = &params.haulage;
        let trips = own.economics.payload.map_or(0.0, |payload| quantity / payload);
        let km = self.first_km.unwrap_or(self.process.km / 2.0);
        let driven = haulage.driven.map(|times| km * times);
        let haul = [0, 1, 2]
            .map(|bound| trips * (haulage.eur_per_trip[bound] + driven[bound] * haulage.eur_per_km[bound]));
        let cost = yearly(&self.process.cost, quantity);
        let spared = match self.flow.annual_cost_eur {
            Some(declared) => Some(([declared; 3], Origin::Declared)),
            None => own
                .economics
                .disposal
                .as_ref()
                .map(|range| (yearly(range, quantity), Origin::Estimated)),
        };
        let giver = spared.map(|(spared, origin)| Estimate {
            low: (spared[0] - cost[2] - haul[2]).round(),
            central: (spared[1] - cost[1] - haul[1]).round(),
            high: (spared[2] - cost[0] - haul[0]).round(),
            origin,
            source: format!(
                "débouché évité, moins le traitement ({}) et le transport",
                self.process.cost.source
            ),
        });
        Money {
            giver,
            cost: Some(Estimate {
                low: cost[0].round(),
                central: cost[1].round(),
                high: cost[2].round(),
                origin: Origin::Estimated,
                source: self.process.cost.source.clone(),
            }),
            haul_kgco2: Some([0, 1, 2].map(|bound| trips * driven[bound] * haulage.kgco2_per_km[bound])),
        }
    }
}

#[derive(Default)]
struct Money {
    giver: Option<Estimate>,
    cost: Option<Estimate>,
    /// Low, central, high.
    haul_kgco2: Option<[f64; 3]>,
}

fn yearly(range: &Range, quantity: f64) -> [f64; 3] {
    [range.low, range.central, range.high].map(|unit| unit * quantity)
}

/// Emissions avoided, less those of the first leg.
fn net(saved: Estimate, [low, central, high]: [f64; 3]) -> Estimate {
    let less = |tonnes: f64, haul_kg: f64| round(tonnes - haul_kg / 1_000.0, 3);
    Estimate {
        low: less(saved.low, high),
        central: less(saved.central, central),
        high: less(saved.high, low),
        ..saved
    }
}

/// Material × weighted mean of the rest, as for pairs.
fn combine(parts: &[Part]) -> f64 {
    let fit = parts
        .iter()
        .find(|part| part.name == PartName::Material)
        .and_then(|part| part.value)
        .unwrap_or(0.0);
    let weights: f64 = parts.iter().map(|part| part.weight).sum();
    let sum: f64 = parts
        .iter()
        .map(|part| part.weight * part.value.unwrap_or(UNKNOWN))
        .sum();
    100.0 * fit * sum / weights.max(f64::MIN_POSITIVE)
}
