//! After any edits, the lists and the queue of a full search.

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, proptest};
use proptest::prop_oneof;
use proptest::test_runner::TestCaseError;

use super::Live;
use crate::engine::matching::{self, Found};
use crate::engine::prepare::Board;
use crate::engine::queue::Place;
use crate::engine::tests::random::{a_flow, a_site, some_facts};
use crate::engine::{Facts, Flow, Key, Params, Site};
use crate::nomenclature::Catalogue;

#[derive(Debug, Clone)]
enum Edit {
    Put(usize, Flow),
    Remove(usize),
    Move(Site),
}

fn an_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (0..48_usize, a_flow(9)).prop_map(|(rank, flow)| Edit::Put(rank, flow)),
        2 => (0..40_usize).prop_map(Edit::Remove),
        1 => (0..10_usize).prop_flat_map(|rank| (Just(rank), a_site(rank))).prop_map(|(_, site)| Edit::Move(site)),
    ]
}

fn key(rank: usize) -> Key {
    Key::new(format!("F{rank:02}"))
}

/// The same edit on plain facts.
fn apply(facts: &mut Facts, edit: &Edit) {
    match edit {
        Edit::Put(rank, flow) => {
            facts.flows.retain(|known| known.key != key(*rank));
            let known = facts.sites.iter().any(|site| site.key == flow.site);
            facts.flows.extend(known.then(|| Flow {
                key: key(*rank),
                ..flow.clone()
            }));
        }
        Edit::Remove(rank) => facts.flows.retain(|known| known.key != key(*rank)),
        Edit::Move(site) => {
            facts.sites.retain(|known| known.key != site.key);
            facts.sites.push(site.clone());
        }
    }
}

fn apply_live(live: &mut Live<'_>, edit: &Edit) {
    match edit {
        Edit::Put(rank, flow) => {
            let key = key(*rank);
            let put = live.put_flow(Flow { key, ..flow.clone() });
            assert_eq!(put.is_err(), live.board.site_number(&flow.site).is_none());
        }
        Edit::Remove(rank) => drop(live.remove_flow(&key(*rank))),
        Edit::Move(site) => live.put_site(site.clone()),
    }
}

/// What was found, in keys instead of numbers.
fn told(board: &Board<'_>, found: &Found) -> Vec<(Key, Key, String, Place)> {
    let key = |id: u32| board.item(id as usize).flow.key.clone();
    let pairs = found.ranked.iter().zip(&found.places);
    pairs
        .map(|(pair, place)| {
            let figures = format!("{} {} {:?}", pair.score(), pair.priority, pair.categories);
            (key(pair.out), key(pair.into), figures, *place)
        })
        .collect()
}

fn same_as_a_full_search(mut facts: Facts, edits: &[Edit], top: usize) -> Result<(), TestCaseError> {
    let mut params = Params::new(NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day"));
    params.top = top;
    let before = facts.clone();
    let mut live = Live::new(&before, Catalogue::embedded(), &params);
    for edit in edits {
        apply(&mut facts, edit);
        apply_live(&mut live, edit);
    }
    let board = Board::new(&facts, Catalogue::embedded(), &params);
    let whole = matching::search(&board);
    let kept = live.found();
    prop_assert_eq!(told(&live.board, &kept), told(&board, &whole));
    prop_assert_eq!(kept.joined, whole.joined);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_lead_where_a_full_search_leads(facts in some_facts(), edits in vec(an_edit(), 1..7), top in 1_usize..4) {
        same_as_a_full_search(facts, &edits, top)?;
    }
}
