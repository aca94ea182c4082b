use super::{day, into, only, out, params, run, site, two_sites};
use crate::engine::{
    Decision, Fact, Facts, Key, Pair, Precedent, RuleRecord, Verdict, explore, pair_key, propose,
};
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

#[test]
fn several_flows_of_the_same_two_sites_are_one_proposal() {
    let facts = two_sites(
        2.0,
        vec![
            out("A1", "A", "MAT-03"),
            out("A2", "A", "MAT-03"),
            into("B1", "B", "MAT-03"),
            into("B2", "B", "MAT-03"),
            out("A3", "A", "ENE-04"),
            into("B3", "B", "ENE-05"),
        ],
    );
    let kept = retained(&facts);
    assert_eq!(kept.len(), 2, "pallets once, heat once");
    let pallets = kept
        .iter()
        .find(|pair| pair.in_code == Some(super::code("MAT-03")));
    let twins = &pallets.expect("the pallets").twins;
    assert_eq!(twins.len(), 3);
    assert!(twins.iter().all(|twin| !twin.fingerprint.out.is_empty()));
}

#[test]
fn a_receiver_that_throws_the_same_thing_away_helps_itself() {
    let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    facts.flows.push(out("B2", "B", "MAT-03"));
    assert!(retained(&facts).is_empty());
    let left_out = run(&facts).pairs[0].left_out.clone();
    assert_eq!(left_out.as_deref(), Some("Le receveur a déjà ce flux chez lui."));
    facts.flows[1].annual = Some(1_000.0);
    facts.flows[2].annual = Some(20.0);
    assert_eq!(retained(&facts).len(), 1, "far too little of its own");
}

#[test]
fn a_tenth_is_explored_just_under_the_threshold() {
    let facts = market(9, 9);
    let mut settings = params();
    let scores: Vec<f64> = run(&facts).pairs.iter().map(|pair| pair.score).collect();
    let best = scores.iter().copied().fold(0.0, f64::max);
    settings.threshold = best + 5.0;
    let mut pairs = propose(&facts, Catalogue::embedded(), &settings).pairs;
    assert!(pairs.iter().all(|pair| !pair.retained) && pairs.iter().any(|pair| pair.nearly));
    explore(&mut pairs, 9);
    assert!(
        pairs.iter().all(|pair| !pair.retained),
        "under ten there is nothing to add"
    );
    explore(&mut pairs, 25);
    let tried: Vec<&Pair> = pairs.iter().filter(|pair| pair.exploration).collect();
    assert_eq!(tried.len(), 1, "one for each pair of categories");
    assert!(tried[0].retained && tried[0].nearly && tried[0].left_out.is_none());
}

#[test]
fn off_topic_takes_points_from_the_rule_and_says_so() {
    let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-01"), into("B1", "B", "MAT-09")]);
    let before = only(&facts);
    let rule = before.rule.clone().expect("cardboard becomes wedging");
    facts.rules = vec![RuleRecord {
        rule,
        reviewed: 10,
        off_topic: 8,
    }];
    let after = only(&facts);
    assert!(after.score < before.score && after.score > before.score * 0.6);
    let words = after.learned.sentence().expect("something was learned");
    assert!(words.contains("8 fois sur 10"), "{words}");
}

#[test]
fn what_was_accepted_before_comes_first() {
    let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    let before = only(&facts).priority;
    let record = |accepted| Precedent {
        out: super::code("MAT-03"),
        into: super::code("MAT-03"),
        reviewed: 6,
        accepted,
    };
    facts.history = vec![record(6)];
    let liked = only(&facts).priority;
    facts.history = vec![record(0)];
    assert!(liked > before && only(&facts).priority < before);
}
