//! The search against a plain scan that tries every pair and knows no tree.

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use super::{Ranked, Search, order, related};
use crate::engine::matching::{Tried, attempt};
use crate::engine::prepare::Board;
use crate::engine::tests::random::some_facts;
use crate::engine::{Facts, Params};
use crate::kernel::Direction;
use crate::nomenclature::Catalogue;
use chrono::NaiveDate;

fn plain_scan(board: &Board<'_>, out: usize) -> Vec<Ranked> {
    let out = board.item(out);
    let underway = board.underway(&out);
    let mut found: Vec<Ranked> = Vec::new();
    for id in board.going(Direction::Inbound) {
        let into = board.item(id);
        let known = underway.contains(&id);
        if (known || related(board, &out, &into))
            && let Tried::Open(scored) = attempt(board, &out, &into, out.words.agreement(into.words))
        {
            found.push(Ranked::of(board, &scored, known));
        }
    }
    found.sort_by(|a, b| order(board, a, b));
    found.truncate(board.params.top);
    found
}

fn same_as_a_scan(facts: &Facts, top: usize) -> Result<(), proptest::test_runner::TestCaseError> {
    let mut params = Params::new(NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day"));
    params.top = top;
    let board = Board::new(facts, Catalogue::embedded(), &params);
    let mut search = Search::new();
    for out in board.going(Direction::Outbound) {
        prop_assert_eq!(search.best_for(&board, out, top), plain_scan(&board, out));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_search_finds_what_a_scan_finds(facts in some_facts(), top in 1_usize..5) {
        same_as_a_scan(&facts, top)?;
    }
}
