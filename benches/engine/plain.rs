//! The engine on the plain version of the task, the one that `PostGIS` answers in the same run: flows of one
//! category only, within one radius, ranked by distance, quantity and months.
//!
//! Each category is searched apart, so that no rule brings others in; the radii are those given to
//! `PostGIS`, and only three components weigh. Indexing counts here, and not in the time of `PostGIS`.

use std::collections::{BTreeMap, BTreeSet};

use maillage::engine::{Engine, Facts, Params, Weights};
use maillage::nomenclature::{Catalogue, Category, FactorKey, Figure, FlowCode, Local, Range};

use crate::measure::{Cost, measured};

/// What the plain task cost, and how many partners it found.
pub(crate) struct Figures {
    pub(crate) run: Cost,
    pub(crate) answers: usize,
}

/// Kilometres: between where the distance begins to count and where it forbids.
pub(crate) fn radius_km(category: &Category) -> f64 {
    (category.radius.full_km * category.radius.max_km).sqrt()
}

pub(crate) fn figures(facts: &Facts, params: &Params) -> Figures {
    let catalogue = Catalogue::embedded().localised(&radii());
    let params = Params {
        weights: Weights {
            economics: 0.0,
            distance: 45.0,
            quantity: 35.0,
            quality: 0.0,
            time: 20.0,
            carbon: 0.0,
            relations: 0.0,
        },
        ..params.clone()
    };
    let parts = by_category(facts);
    let (answers, run) = measured(|| {
        let found = parts
            .values()
            .map(|facts| Engine::new(facts, &catalogue, &params).search().len());
        found.sum()
    });
    Figures { run, answers }
}

/// The score falls from where the giver stands to the radius, whatever the quantity.
fn radii() -> Local {
    let categories = Catalogue::embedded().categories().iter();
    let factors = categories.flat_map(|category| {
        let of = |figure, km| {
            let key = FactorKey::Of(category.code, figure);
            (key, Range::single(km, "comparaison"))
        };
        let km = radius_km(category);
        [
            of(Figure::Radius, 0.0),
            of(Figure::Maximum, km),
            of(Figure::LargeRadius, 0.0),
            of(Figure::LargeMaximum, km),
        ]
    });
    Local {
        factors: factors.collect(),
        ..Local::default()
    }
}

/// The flows of each category, with the sites that have any.
fn by_category(facts: &Facts) -> BTreeMap<FlowCode, Facts> {
    let mut parts: BTreeMap<FlowCode, Facts> = BTreeMap::new();
    for flow in &facts.flows {
        if let Some(code) = flow.code {
            parts.entry(code).or_default().flows.push(flow.clone());
        }
    }
    for part in parts.values_mut() {
        let there: BTreeSet<_> = part.flows.iter().map(|flow| &flow.site).collect();
        let sites = facts.sites.iter().filter(|site| there.contains(&site.key));
        part.sites = sites.cloned().collect();
    }
    parts
}
