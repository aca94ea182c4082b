//! What the engine is told of a network that was read.

use super::{FlowRow, SiteRow};
use crate::engine::{Facts, Flow, Site, classify};
use crate::kernel::annual;
use crate::nomenclature::Catalogue;

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
    Facts {
        sites: sites.collect(),
        flows: flows.into_iter().map(|row| flow(row, catalogue)).collect(),
        ..Facts::default()
    }
}

/// The category first: the quantity is converted to its unit.
fn flow(row: FlowRow, catalogue: &Catalogue) -> Flow {
    let mut flow = Flow {
        code: row.code,
        waste_code: row.waste_code,
        certainty: row.certainty,
        months: row.months,
        form: row.form,
        temperature_c: row.temperature_c,
        pressure_bar: row.pressure_bar,
        purity_pct: row.purity_pct,
        humidity_pct: row.humidity_pct,
        food_grade: row.food_grade,
        hazardous: row.hazardous,
        annual_cost_eur: row.annual_cost_eur,
        contract_end: row.contract_end,
        observed_on: row.observed_on,
        technical_class: row.technical_class,
        ..Flow::new(row.reference, row.establishment, row.direction, &row.label)
    };
    flow.guesses = classify(&flow, catalogue);
    flow.annual = row
        .quantity
        .zip(flow.guesses.first())
        .and_then(|(quantity, (code, _))| {
            let category = catalogue.category(*code);
            annual(
                quantity.value,
                quantity.unit,
                quantity.period,
                category.unit,
                &category.densities,
            )
        });
    flow.with_its_words()
}
