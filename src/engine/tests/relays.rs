//! A → processor → B.

use std::collections::BTreeSet;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{code, into, out, params, site};
use crate::engine::{
    Decision, Facts, Fingerprint, Flow, Key, Opposition, Relay, Site, Verdict, propose, relays,
};
use crate::nomenclature::{Catalogue, WasteCode};

/// Paper that nobody takes as it is, somebody who needs cushioning, somebody who shreds.
fn paper() -> Facts {
    let paper = Flow {
        annual: Some(4.0),
        ..out("paper", "A", "MAT-02")
    };
    let cushioning = Flow {
        annual: Some(80.0),
        ..into("cushion", "B", "MAT-09")
    };
    Facts {
        sites: vec![site("A", 0.0), site("B", 6.0), shredder("P", 3.0)],
        flows: vec![paper, cushioning],
        ..Facts::default()
    }
}

fn shredder(key: &str, km: f64) -> Site {
    Site {
        naf: Some("88.10C".to_owned()),
        ..site(key, km)
    }
}

/// As if no direct pair were proposed: the treatment alone is looked at.
fn through(facts: &Facts) -> Vec<Relay> {
    relays(facts, Catalogue::embedded(), &params(), &[])
}

fn shredding(facts: &Facts) -> Option<Relay> {
    through(facts).into_iter().find(|relay| relay.process == "P-05")
}

#[test]
fn what_nobody_takes_goes_through_the_nearest_workshop() {
    let mut facts = paper();
    facts.sites.push(shredder("Q", 12.0));
    let relay = shredding(&facts).expect("shredded paper is cushioning");
    assert_eq!(relay.processor, Some(Key::new("P")));
    assert_eq!(
        (relay.out_flow.as_str(), relay.in_flow.as_str()),
        ("paper", "cushion")
    );
    assert_eq!(relay.made_code, code("MAT-09"));
    assert!((relay.first_km.expect("placed") - 3.0).abs() < 0.1);
    // Four tonnes make sixty cubic metres.
    assert!((relay.matched.expect("quantities").offered - 60.0).abs() < 1e-6);
    let first = &relay.explanation.strengths[0];
    assert!(
        first.starts_with("Déchiquetage\u{a0}: le flux devient"),
        "{first}"
    );
    let cost = relay.cost.expect("estimated");
    assert!(cost.low < cost.central && cost.central < cost.high && cost.source.contains("à vérifier"));
}

#[test]
fn baling_does_not_make_cushioning() {
    let mut facts = paper();
    facts.flows[0] = Flow {
        annual: Some(4.0),
        ..out("carton", "A", "MAT-01")
    };
    facts.sites[2].naf = Some("38.32Z".to_owned());
    let found = through(&facts);
    assert!(found.iter().any(|relay| relay.process == "P-05"));
    assert!(found.iter().all(|relay| relay.process != "P-01"));
}

#[test]
fn a_processor_to_be_found_lowers_score_and_confidence() {
    let known = shredding(&paper()).expect("found");
    let mut facts = paper();
    facts.sites.retain(|site| site.key.as_str() != "P");
    let unknown = shredding(&facts).expect("still an idea");
    assert_eq!(unknown.processor, None);
    assert!(unknown.score < known.score && unknown.confidence < known.confidence);
    assert!(unknown.explanation.weaknesses[0].starts_with("Prestataire à trouver"));
}

#[test]
fn an_offer_of_the_service_makes_a_processor() {
    let mut facts = paper();
    facts.sites.retain(|site| site.key.as_str() != "P");
    facts.sites.push(site("S", 2.0));
    facts.flows.push(out("press", "S", "EQP-04"));
    assert_eq!(
        shredding(&facts).and_then(|relay| relay.processor),
        Some(Key::new("S"))
    );
}

#[test]
fn the_giver_is_not_its_own_processor_nor_its_own_receiver() {
    let mut facts = paper();
    facts.sites[0].naf = Some("88.10C".to_owned());
    assert_eq!(
        shredding(&facts).and_then(|relay| relay.processor),
        Some(Key::new("P"))
    );
    for place in [0, 1] {
        facts.sites[place].legal_entity = Some("same".to_owned());
    }
    assert_eq!(shredding(&facts), None);
}

#[test]
fn firms_that_refuse_each_other_are_not_brought_together() {
    let mut facts = paper();
    for place in &mut facts.sites {
        place.legal_entity = Some(place.key.to_string());
    }
    let refusal = |one: &str, other: &str| Opposition {
        legal_entity: one.to_owned(),
        other: Some(other.to_owned()),
    };
    facts.oppositions = vec![refusal("B", "A")];
    assert_eq!(shredding(&facts), None);
    facts.oppositions = vec![refusal("P", "A")];
    assert_eq!(shredding(&facts).and_then(|relay| relay.processor), None);
}

#[test]
fn a_flow_with_a_partner_of_its_own_needs_no_treatment() {
    let mut facts = paper();
    facts.flows.push(into("paper mill", "B", "MAT-02"));
    let outcome = propose(&facts, Catalogue::embedded(), &params());
    assert!(
        outcome
            .pairs
            .iter()
            .any(|pair| pair.retained && pair.out_flow.as_str() == "paper")
    );
    assert!(
        outcome
            .relays
            .iter()
            .all(|relay| relay.out_flow.as_str() != "paper")
    );
}

#[test]
fn dangerous_waste_goes_only_to_a_waste_operator_that_may_take_it() {
    let solvent = |processor: Option<&str>| {
        let mut facts = Facts {
            sites: vec![site("A", 0.0), site("B", 6.0)],
            flows: vec![
                Flow {
                    waste_code: WasteCode::find("140603"),
                    annual: Some(900.0),
                    ..out("solvent", "A", "MAT-22")
                },
                Flow {
                    annual: Some(600.0),
                    ..into("thinner", "B", "MAT-22")
                },
            ],
            ..Facts::default()
        };
        if let Some(naf) = processor {
            facts.sites.push(Site {
                naf: Some(naf.to_owned()),
                ..site("P", 10.0)
            });
        }
        through(&facts)
    };
    assert!(solvent(None).is_empty());
    assert!(solvent(Some("20.59Z")).is_empty());
    assert_eq!(solvent(Some("38.22Z")).len(), 1);
}

#[test]
fn a_rejected_relay_stays_away_while_nothing_changes() {
    let mut facts = paper();
    let found = shredding(&facts).expect("found");
    facts.decisions.push(Decision {
        out_flow: found.made_flow.clone(),
        in_flow: found.in_flow.clone(),
        verdict: Verdict::Rejected,
        reason: "prix".to_owned(),
        names: BTreeSet::new(),
        fingerprint: Fingerprint::default(),
    });
    assert_eq!(shredding(&facts), None);
}

#[test]
fn the_caps_hold_over_pairs_and_relays() {
    let mut facts = paper();
    for rank in 0..8 {
        let place = format!("A{rank}");
        facts.sites.push(site(&place, 0.5 + f64::from(rank) / 10.0));
        facts.flows.push(Flow {
            annual: Some(4.0),
            ..out(&format!("paper {rank}"), &place, "MAT-02")
        });
    }
    let found = through(&facts);
    let retained = found.iter().filter(|relay| relay.retained).count();
    assert!(retained <= params().max_open, "{retained}");
    assert!(
        found
            .iter()
            .all(|relay| relay.retained == relay.left_out.is_none())
    );
}

proptest! {
    #[test]
    fn nearer_workshops_never_score_less_and_the_order_does_not_matter(near in 0.1..20.0_f64, more in 0.1..4.0_f64) {
        let at = |km: f64| {
            let mut facts = paper();
            // To the west: the second leg starts from the workshop, so both legs grow together.
            facts.sites[2] = shredder("P", -km);
            facts
        };
        let score = |km: f64| shredding(&at(km)).map_or(0.0, |relay| relay.score);
        prop_assert!(score(near) + 1e-9 >= score(near + more), "{} {}", score(near), score(near + more));
        let mut reversed = at(near);
        reversed.sites.reverse();
        reversed.flows.reverse();
        prop_assert_eq!(through(&reversed), through(&at(near)));
    }
}
