//! The lists kept in step with edits, so that a change costs what it touches and not a whole search.
//!
//! The best partners of every outbound flow are kept, and a few more, so that one that goes away leaves the
//! next in its place. An edit of an outbound flow searches its list again. An edit of an inbound flow asks
//! the other way round: which outbound flows could have it in their list, given the worst score that each
//! list holds; their branches know the least of these. The queue is drawn from the lists when it is asked
//! for. The result is the one of a full search, which the property tests check after sequences of edits.

use std::collections::BTreeSet;

use super::column::number;
use super::facts::{Facts, Flow, Key, Site};
use super::matching::{self, Found};
use super::outcome::Pair;
use super::params::Params;
use super::prepare::Board;
use super::queue::order;
use super::scoring::Ranked;
use super::search::{Search, floor};
use crate::kernel::Direction;
use crate::nomenclature::Catalogue;

/// The flow stands on a site that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownSite;

/// Partners kept beyond those that are shown.
const SPARE: usize = 4;

/// The best partners of an outbound flow, best first.
#[derive(Debug, Clone, Default)]
struct List {
    pairs: Vec<Ranked>,
    /// There are no others.
    whole: bool,
}

impl List {
    /// What a search for so many found.
    fn found(pairs: Vec<Ranked>, most: usize) -> Self {
        let whole = pairs.len() < most;
        Self { pairs, whole }
    }

    /// The score from which another partner may enter.
    fn floor(&self) -> f32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounds leave room for the rounding"
        )]
        let floor = floor(&self.pairs, if self.whole { usize::MAX } else { 0 }) as f32;
        floor
    }
}

/// A search kept up to date.
#[derive(Debug)]
pub struct Live<'a> {
    board: Board<'a>,
    /// By number of the outbound flow.
    lists: Vec<List>,
    /// By number of the inbound flow, the outbound ones whose list holds it.
    holders: Vec<Vec<u32>>,
    search: Search,
}

impl<'a> Live<'a> {
    /// Searches once, whole.
    #[must_use]
    pub fn new(facts: &'a Facts, catalogue: &'a Catalogue, params: &'a Params) -> Self {
        let mut board = Board::new(facts, catalogue, params);
        board.file_by_label();
        let most = most(&board);
        let mut lists = vec![List::default(); board.numbers()];
        let mut holders = vec![Vec::new(); board.numbers()];
        for pair in matching::ranks(&board, most) {
            lists[pair.out as usize].pairs.push(pair);
            holders[pair.into as usize].push(pair.out);
        }
        for list in &mut lists {
            list.whole = list.pairs.len() < most;
        }
        board.file_outbound(&|out| lists[out].floor());
        Self {
            board,
            lists,
            holders,
            search: Search::new(),
        }
    }

    /// Puts a flow, new or changed.
    ///
    /// # Errors
    /// When its site is not known; a flow of that key is then taken away.
    pub fn put_flow(&mut self, flow: Flow) -> Result<(), UnknownSite> {
        let Some(site) = self.board.site_number(&flow.site) else {
            self.remove_flow(&flow.key);
            return Err(UnknownSite);
        };
        let stale = self.take_away(&flow.key);
        let id = self.board.put_flow(flow, site);
        self.lists.resize_with(self.board.numbers(), List::default);
        self.holders.resize_with(self.board.numbers(), Vec::new);
        self.bring_back(&[id], stale);
        Ok(())
    }

    /// Takes a flow away; gives whether there was one.
    pub fn remove_flow(&mut self, flow: &Key) -> bool {
        let known = self.board.number(flow).is_some();
        let stale = self.take_away(flow);
        self.bring_back(&[], stale);
        known
    }

    /// Puts a site, new or changed: moved, renamed, in another zone.
    pub fn put_site(&mut self, site: Site) {
        let flows: Vec<usize> = match self.board.site_number(&site.key) {
            Some(site) => self.board.of_site(site).map(|item| item.id).collect(),
            None => Vec::new(),
        };
        let mut stale = BTreeSet::new();
        for flow in &flows {
            stale.extend(self.forget(*flow));
        }
        self.board.put_site(site);
        self.bring_back(&flows, stale);
    }

    /// Substitutions and sharings as a full search would write them.
    #[must_use]
    pub fn pairs(&self) -> Vec<Pair> {
        let found = self.found();
        matching::written(&self.board, &found, 0..found.ranked.len())
    }

    /// The lists in the order of the keys, with what becomes of each proposal.
    pub(super) fn found(&self) -> Found {
        let mut outs: Vec<usize> = self.board.going(Direction::Outbound).collect();
        outs.sort_by(|a, b| self.board.item(*a).flow.key.cmp(&self.board.item(*b).flow.key));
        let ranked = outs.into_iter().flat_map(|out| self.shown(out).iter().copied());
        Found::of(&self.board, ranked.collect())
    }

    fn shown(&self, out: usize) -> &[Ranked] {
        let pairs = &self.lists[out].pairs;
        &pairs[..pairs.len().min(self.board.params.top)]
    }

    /// Takes a flow away; gives the outbound flows whose list must be searched again.
    fn take_away(&mut self, flow: &Key) -> BTreeSet<u32> {
        let Some(id) = self.board.number(flow) else {
            return BTreeSet::new();
        };
        let stale = self.forget(id).into_iter().collect();
        self.board.drop_flow(id);
        stale
    }

    /// Takes a flow off the shelves and out of the lists; gives those that lack partners since.
    fn forget(&mut self, id: usize) -> Vec<u32> {
        self.board.unfile(id);
        self.keep(id, List::default());
        let mut short = std::mem::take(&mut self.holders[id]);
        let top = self.board.params.top;
        short.retain(|out| {
            let list = &mut self.lists[*out as usize];
            list.pairs.retain(|pair| pair.into as usize != id);
            !list.whole && list.pairs.len() < top
        });
        short
    }

    /// Replaces the list of an outbound flow.
    fn keep(&mut self, out: usize, list: List) {
        let before = std::mem::replace(&mut self.lists[out], list);
        for pair in before.pairs {
            self.holders[pair.into as usize].retain(|holder| *holder as usize != out);
        }
        for pair in &self.lists[out].pairs {
            self.holders[pair.into as usize].push(number(out));
        }
    }

    /// Files flows again, and searches the lists that are stale or may hold them.
    fn bring_back(&mut self, flows: &[usize], mut stale: BTreeSet<u32>) {
        for id in flows {
            self.board.file(*id, 0.0);
            if self.board.item(*id).flow.direction == Direction::Outbound {
                stale.insert(number(*id));
            }
        }
        stale.retain(|out| self.board.is_there(*out as usize));
        let most = most(&self.board);
        for out in stale.iter().map(|out| *out as usize) {
            let found = self.search.best_for(&self.board, out, most);
            self.keep(out, List::found(found, most));
            self.board.refile(out, self.lists[out].floor());
        }
        for id in flows {
            if self.board.item(*id).flow.direction == Direction::Inbound {
                self.offer(*id, &stale);
            }
        }
    }

    /// Offers an inbound flow to the lists that it could enter, but those just searched.
    fn offer(&mut self, into: usize, done: &BTreeSet<u32>) {
        let mut takers = self.search.takers(&self.board, into);
        takers.extend(self.board.underway_into(into));
        takers.sort_unstable();
        takers.dedup();
        for out in takers.into_iter().filter(|out| !done.contains(out)) {
            let Some(pair) = self.search.rank(&self.board, out as usize, into) else {
                continue;
            };
            self.enter(pair);
        }
    }

    /// Puts a pair in its list, if it belongs there. The shelves may go on with the old floor, which is not
    /// above the new one.
    fn enter(&mut self, pair: Ranked) {
        let list = &mut self.lists[pair.out as usize];
        let kept = &mut list.pairs;
        let rank = kept.partition_point(|kept| order(&self.board, kept, &pair).is_lt());
        if rank == kept.len() && !list.whole {
            return;
        }
        kept.insert(rank, pair);
        self.holders[pair.into as usize].push(pair.out);
        if kept.len() > most(&self.board)
            && let Some(last) = kept.pop()
        {
            list.whole = false;
            self.holders[last.into as usize].retain(|holder| *holder != pair.out);
        }
    }
}

/// How many partners are kept.
fn most(board: &Board<'_>) -> usize {
    board.params.top.saturating_add(SPARE)
}

#[cfg(test)]
mod tests;
