//! What the engine is told of a network that was read.

use std::collections::BTreeMap;

use super::{FlowRow, SiteRow};
use crate::engine::{Facts, Flow, Site, classify};
use crate::kernel::{Direction, Months, annual};
use crate::nomenclature::{Catalogue, FlowCode, WasteCode};

/// The facts of two tables; references become keys.
#[must_use]
pub fn facts(sites: Vec<SiteRow>, flows: Vec<FlowRow>, catalogue: &Catalogue) -> Facts {
    let sites = sites.into_iter().map(|row| Site {
        key: row.reference.into(),
        legal_entity: row.siret.map(|siret| siret.siren().to_string()),
        position: row.position,
        naf: row.naf,
        zone: row.zone,
    });
    let mut reader = Reader {
        catalogue,
        known: BTreeMap::new(),
    };
    Facts {
        sites: sites.collect(),
        flows: flows.into_iter().map(|row| reader.flow(row)).collect(),
        ..Facts::default()
    }
}

/// Reads each label once: the same few come back thousands of times.
struct Reader<'a> {
    catalogue: &'a Catalogue,
    /// By label, flows of which nothing else is known than what they were classified from.
    known: BTreeMap<String, Vec<Flow>>,
}

type Told = (Option<FlowCode>, Option<WasteCode>, Direction);

impl Reader<'_> {
    fn flow(&mut self, row: FlowRow) -> Flow {
        let words = self.words(&row.label, (row.code, row.waste_code, row.direction));
        let first = words
            .code
            .or_else(|| words.guesses.first().map(|(code, _)| *code));
        let told = |months: Months| {
            if months == Months::ALL {
                words.months
            } else {
                months
            }
        };
        let mut flow = Flow {
            code: row.code,
            guesses: words.guesses.clone(),
            waste_code: row.waste_code,
            certainty: row.certainty,
            months: told(row.months),
            form: row.form,
            temperature_c: row.temperature_c.or(words.temperature_c),
            pressure_bar: row.pressure_bar,
            purity_pct: row.purity_pct,
            humidity_pct: row.humidity_pct,
            food_grade: row.food_grade,
            hazardous: row.hazardous,
            annual_cost_eur: row.annual_cost_eur,
            contract_end: row.contract_end,
            observed_on: row.observed_on,
            technical_class: row.technical_class,
            class: words.class,
            lane: words.lane.clone(),
            ..Flow::new(row.reference, row.establishment, row.direction, "")
        };
        flow.label = row.label;
        // The category first: the quantity is converted to its unit.
        flow.annual = row.quantity.zip(first).and_then(|(quantity, code)| {
            let category = self.catalogue.category(code);
            annual(
                quantity.value,
                quantity.unit,
                quantity.period,
                category.unit,
                &category.densities,
            )
        });
        flow
    }

    /// What a label says, with the code or the waste code beside it.
    fn words(&mut self, label: &str, (code, waste_code, direction): Told) -> &Flow {
        if !self.known.contains_key(label) {
            self.known.insert(label.to_owned(), Vec::new());
        }
        let known = self.known.get_mut(label).expect("just put there");
        let told =
            |flow: &Flow| (flow.code, flow.waste_code, flow.direction) == (code, waste_code, direction);
        let rank = known.iter().position(told).unwrap_or_else(|| {
            let mut flow = Flow {
                code,
                waste_code,
                ..Flow::new("", "", direction, label)
            };
            if code.is_none() {
                flow.guesses = classify(&flow, self.catalogue);
            }
            known.push(flow.with_its_words());
            known.len() - 1
        });
        &known[rank]
    }
}
