//! What holds for any facts.

use std::collections::BTreeSet;

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::{Index, select};

use super::random::{CODES, some_facts};
use super::{into, out, params, run, two_sites};
use crate::engine::{Engine, Facts, Key, propose};
use crate::nomenclature::Catalogue;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_input_changes_nothing(facts in some_facts(), turn in any::<Index>(), back in any::<bool>()) {
        let bytes = |facts: &Facts| serde_json::to_string(&run(facts)).expect("plain data");
        let mut other = facts.clone();
        let by = turn.index(facts.flows.len());
        other.flows.rotate_left(by);
        other.sites.rotate_left(by % facts.sites.len());
        if back {
            other.flows.reverse();
            other.sites.reverse();
        }
        prop_assert_eq!(bytes(&facts), bytes(&other));
    }

    #[test]
    fn no_site_meets_itself_and_every_score_is_a_score(facts in some_facts()) {
        for pair in run(&facts).pairs {
            prop_assert!(pair.out_site != pair.in_site);
            prop_assert!((0.0..=100.0).contains(&pair.score) && (0.0..=1.0).contains(&pair.confidence));
            prop_assert!(pair.explanation.strengths.len() <= 3 && pair.explanation.weaknesses.len() <= 2);
            prop_assert_eq!(pair.explanation.parts.len(), 8);
        }
    }

    #[test]
    fn what_is_worth_storing_is_that_part_of_the_whole(facts in some_facts(), chosen in any::<Index>()) {
        let whole = run(&facts).pairs;
        let known: BTreeSet<Key> = match whole.len() {
            0 => BTreeSet::new(),
            many => BTreeSet::from([whole[chosen.index(many)].key.clone()]),
        };
        let params = params();
        let engine = Engine::new(&facts, Catalogue::embedded(), &params);
        let found = engine.worth_storing(&engine.search(), &known);
        let expected = whole.into_iter().filter(|pair| pair.retained || pair.nearly || known.contains(&pair.key));
        prop_assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn the_walk_from_the_nearest_misses_nothing(facts in some_facts(), top in 1_usize..4) {
        let all = run(&facts).pairs;
        let mut few = params();
        few.top = top;
        let bounded = propose(&facts, Catalogue::embedded(), &few).pairs;
        for flow in &facts.flows {
            let of = |pairs: &[crate::engine::Pair]| -> Vec<(Key, String)> {
                let mine = pairs.iter().filter(|pair| pair.out_flow == flow.key);
                mine.map(|pair| (pair.in_flow.clone(), pair.score.to_string())).take(top).collect()
            };
            prop_assert_eq!(of(&bounded), of(&all));
        }
    }

    #[test]
    fn nearer_never_scores_less(
        code in select(&CODES[..]),
        given in proptest::option::of(0.1..5_000.0_f64),
        wanted in proptest::option::of(0.1..5_000.0_f64),
        near in 0.0..100.0_f64,
        farther in 0.0..100.0_f64,
    ) {
        let score = |km| {
            let mut flows = vec![out("A1", "A", code), into("B1", "B", code)];
            flows[0].annual = given;
            flows[1].annual = wanted;
            run(&two_sites(km, flows)).pairs.first().map_or(0.0, |pair| pair.score)
        };
        prop_assert!(score(near) >= score(near + farther));
    }

    #[test]
    fn what_is_stored_can_be_read_back(facts in some_facts()) {
        let outcome = run(&facts);
        let text = serde_json::to_string(&outcome).expect("plain data");
        let read: crate::engine::Outcome = serde_json::from_str(&text).expect("its own text");
        prop_assert_eq!(read.counts, outcome.counts);
        prop_assert_eq!(serde_json::to_string(&read).expect("plain data"), text);
    }
}
