use super::{day, into, only, out, params, run, site, two_sites};
use crate::engine::{Decision, Fact, Facts, Key, Pair, Verdict, pair_key, propose};
use crate::nomenclature::Catalogue;

fn decision(pair: &Pair, verdict: Verdict, names: &[Fact]) -> Decision {
    Decision {
        out_flow: pair.out_flow.clone(),
        in_flow: pair.in_flow.clone(),
        verdict,
        reason: "quantité insuffisante".to_owned(),
        names: names.iter().copied().collect(),
        fingerprint: pair.fingerprint.clone(),
    }
}

/// `givers` sites with pallets and as many takers, some hundred metres apart.
fn market(givers: u8, takers: u8) -> Facts {
    let mut facts = Facts::default();
    for (letter, count) in [('G', givers), ('T', takers)] {
        for rank in 0..count {
            let name = format!("{letter}{rank}");
            facts.sites.push(site(&name, f64::from(rank) * 0.3));
            facts.flows.push(if letter == 'G' {
                out(&format!("{name}f"), &name, "MAT-03")
            } else {
                into(&format!("{name}f"), &name, "MAT-03")
            });
        }
    }
    facts
}

fn retained(facts: &Facts) -> Vec<Pair> {
    run(facts)
        .pairs
        .into_iter()
        .filter(|pair| pair.retained)
        .collect()
}

#[test]
fn a_rejection_is_remembered_until_a_fact_it_names_changes() {
    let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-01"), into("B1", "B", "MAT-01")]);
    facts.flows[0].annual = Some(3.0);
    let first = only(&facts);
    facts
        .decisions
        .push(decision(&first, Verdict::Rejected, &[Fact::Quantity]));
    assert!(run(&facts).pairs.is_empty());
    facts.flows[0].contract_end = Some(day(2027, 1, 1));
    assert!(
        run(&facts).pairs.is_empty(),
        "the reason does not name the contract"
    );
    facts.flows[0].annual = Some(60.0);
    let back = only(&facts);
    assert_eq!(back.key, first.key);
    assert_eq!(
        back.explanation.changed,
        ["Quantité (sortant)\u{a0}: 60\u{a0}t au lieu de 3\u{a0}t."]
    );
    facts.decisions[0].names.clear();
    assert!(
        run(&facts).pairs.is_empty(),
        "a reason that names nothing is final"
    );
}

#[test]
fn the_queue_holds_the_best_partner_of_each_flow_and_no_more_than_three_by_site() {
    let pairs = retained(&market(5, 5));
    for pair in &pairs {
        let same = |other: &&Pair| other.out_site == pair.out_site;
        assert!(pairs.iter().filter(same).count() <= 3);
        let rival = pairs
            .iter()
            .any(|other| other.out_flow == pair.out_flow && other.distance_km < pair.distance_km)
            && pairs
                .iter()
                .any(|other| other.in_flow == pair.in_flow && other.distance_km < pair.distance_km);
        assert!(!rival, "{} has better on both sides", pair.key);
    }
    assert!(pairs.len() >= 5);
    let one_taker = retained(&market(6, 1));
    assert_eq!(
        one_taker.len(),
        3,
        "three open proposals for one establishment and category"
    );
    let left_out: Vec<String> = run(&market(6, 1))
        .pairs
        .into_iter()
        .filter_map(|pair| pair.left_out)
        .collect();
    assert_eq!(left_out.len(), 3);
    assert!(left_out[0].starts_with("Déjà 3 meilleures propositions"));
}

#[test]
fn a_poor_score_stays_out_and_says_why() {
    let mut settings = params();
    settings.threshold = 99.0;
    let facts = two_sites(2.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    let outcome = propose(&facts, Catalogue::embedded(), &settings);
    assert_eq!(
        outcome.pairs[0].left_out.as_deref(),
        Some("Score sous le seuil de 99.")
    );
    assert_eq!(outcome.counts.retained, 0);
}

#[test]
fn the_list_of_a_flow_is_bounded_and_best_first() {
    let mut settings = params();
    settings.top = 4;
    let outcome = propose(&market(1, 9), Catalogue::embedded(), &settings);
    let kilometres: Vec<f64> = outcome.pairs.iter().filter_map(|pair| pair.distance_km).collect();
    assert_eq!(kilometres.len(), 4);
    assert!(kilometres.is_sorted());
    assert!(
        outcome
            .pairs
            .iter()
            .map(|pair| pair.score)
            .is_sorted_by(|a, b| a >= b)
    );
}

#[test]
fn what_is_being_worked_on_stays_in_the_list_and_counts_first() {
    let mut facts = market(1, 9);
    let mut settings = params();
    settings.top = 3;
    let last = pair_key(&Key::from("G0f"), &Key::from("T8f"));
    let everything = run(&facts);
    let far = everything
        .pairs
        .iter()
        .find(|pair| pair.key == last)
        .expect("within ten")
        .clone();
    facts.decisions.push(decision(&far, Verdict::Underway, &[]));
    let outcome = propose(&facts, Catalogue::embedded(), &settings);
    assert_eq!(outcome.pairs[0].key, last);
    assert!(outcome.pairs[0].retained);
}
