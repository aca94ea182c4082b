//! Facts drawn at random: everything a score looks at, told or not.

use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::{collection, option, prop_oneof};

use super::{code, day, site};
use crate::engine::{
    Certainty, Cooperation, Decision, Facts, Fingerprint, Flow, Form, Key, Precedent, Site, Verdict,
};
use crate::kernel::{Direction, Months};
use crate::nomenclature::WasteCode;

pub(in crate::engine) const CODES: [&str; 10] = [
    "MAT-01", "MAT-03", "MAT-04", "MAT-09", "MAT-25", "ENE-04", "ENE-05", "ENE-08", "ESP-01", "RHC-05",
];
const LABELS: [&str; 8] = [
    "Cartons",
    "palettes europe",
    "Zyxoline brute",
    "zyxoline",
    "boue de station d’épuration",
    "Vapeur",
    "Vapeur 12 bar",
    "",
];

/// A flow of one of so many sites, without its key.
pub(in crate::engine) fn a_flow(sites: usize) -> impl Strategy<Value = Flow> {
    let what = (
        select(&CODES[..]),
        select(&LABELS[..]),
        0_u8..4,
        any::<bool>(),
        option::weighted(0.2, select(&["150101", "150103", "190805", "140603"][..])),
    );
    let how = (
        0..sites,
        option::weighted(0.8, prop_oneof![Just(0.0), 0.1..50.0_f64, 0.1..50_000.0_f64]),
        1_u16..0x1000,
    );
    let more = (
        option::weighted(0.3, 0.0..200.0_f64),
        option::weighted(0.3, any::<bool>()),
        option::weighted(0.3, select(&Form::ALL[..])),
        option::weighted(0.3, 0.0..60_000.0_f64),
        option::weighted(0.4, 2025_i32..2030),
        any::<bool>(),
    );
    (what, how, more).prop_map(|(what, (site, annual, months), more)| {
        let (category, label, chosen, outbound, waste) = what;
        let direction = if outbound {
            Direction::Outbound
        } else {
            Direction::Inbound
        };
        let name = format!("S{site}");
        let mut flow = match chosen {
            0 => Flow::new("", name.as_str(), direction, label),
            1 => Flow {
                code: Some(code(category)),
                ..Flow::new("", name.as_str(), direction, label)
            },
            _ => super::flow("", &name, direction, category),
        };
        flow.waste_code = waste.and_then(WasteCode::find);
        flow.annual = annual;
        flow.months = Months::from_bits(months).expect("in range");
        (
            flow.temperature_c,
            flow.food_grade,
            flow.form,
            flow.annual_cost_eur,
        ) = (more.0, more.1, more.2, more.3);
        flow.contract_end = more.4.map(|year| day(year, 2, 15));
        flow.observed_on = more.4.map(|year| day(year - 4, 6, 1));
        if more.5 {
            flow.certainty = Certainty::Estimated;
        }
        flow
    })
}

/// A site that may be anywhere up to some distance, or nowhere.
pub(in crate::engine) fn a_site(rank: usize) -> impl Strategy<Value = Site> {
    let place = option::weighted(0.9, prop_oneof![0.0..5.0_f64, 0.0..30.0_f64, 0.0..150.0_f64]);
    (place, option::of(0_u8..3), any::<bool>()).prop_map(move |(km, zone, treats)| {
        let mut place = site(&format!("S{rank}"), km.unwrap_or_default());
        place.position = place.position.filter(|_| km.is_some());
        place.zone = zone.map(|zone| format!("Zone {zone}"));
        place.naf = treats.then(|| "38.11Z".to_owned());
        place
    })
}

fn some_sites() -> impl Strategy<Value = Vec<Site>> {
    (2_usize..9).prop_flat_map(|count| (0..count).map(a_site).collect::<Vec<_>>())
}

fn some_history() -> impl Strategy<Value = Vec<Precedent>> {
    let one = (select(&CODES[..]), select(&CODES[..]), 1_u32..9);
    let precedent = one.prop_map(|(out, into, reviewed)| Precedent {
        out: code(out),
        into: code(into),
        reviewed,
        accepted: reviewed / 2,
    });
    collection::vec(precedent, 0..3)
}

fn decision(facts: &Facts, (one, other, verdict): (usize, usize, Verdict)) -> Decision {
    Decision {
        out_flow: facts.flows[one % facts.flows.len()].key.clone(),
        in_flow: facts.flows[other % facts.flows.len()].key.clone(),
        verdict,
        reason: "quantité insuffisante".to_owned(),
        names: std::collections::BTreeSet::new(),
        fingerprint: Fingerprint::default(),
    }
}

pub(in crate::engine) fn some_facts() -> impl Strategy<Value = Facts> {
    let verdicts = [
        Verdict::Underway,
        Verdict::Underway,
        Verdict::Rejected,
        Verdict::InPlace,
    ];
    some_sites().prop_flat_map(move |sites| {
        let flows = collection::vec(a_flow(sites.len()), 2..40);
        let decisions = collection::vec((0..40_usize, 0..40_usize, select(verdicts.to_vec())), 0..8);
        let together = option::of((0..sites.len(), 0..sites.len()));
        (flows, decisions, some_history(), together).prop_map(move |(flows, decisions, history, together)| {
            let mut facts = Facts {
                sites: sites.clone(),
                history,
                ..Facts::default()
            };
            for (rank, flow) in flows.into_iter().enumerate() {
                let key = Key::new(format!("F{rank:02}"));
                facts.flows.push(Flow { key, ..flow });
            }
            facts.decisions = decisions.into_iter().map(|one| decision(&facts, one)).collect();
            facts.cooperations = together
                .map(|(one, other)| Cooperation {
                    one: facts.sites[one].key.clone(),
                    other: facts.sites[other].key.clone(),
                })
                .into_iter()
                .collect();
            facts
        })
    })
}
