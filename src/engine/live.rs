//! The lists kept in step with edits, so that a change costs what it touches and not a whole search.
//!
//! The best partners of every outbound flow are kept. An edit of an outbound flow searches its list again.
//! An edit of an inbound flow asks the other way round: which outbound flows could have it in their list,
//! given the worst score that each list holds; their branches know the least of these. The queue is drawn
//! from the lists when it is asked for. The result is the one of a full search, which the property tests
//! check after sequences of edits.

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

/// A search kept up to date.
#[derive(Debug)]
pub struct Live<'a> {
    board: Board<'a>,
    /// By number of the outbound flow.
    lists: Vec<Vec<Ranked>>,
    /// By number of the inbound flow, the outbound ones whose list holds it.
    holders: Vec<Vec<u32>>,
    search: Search,
}

impl<'a> Live<'a> {
    /// Searches once, whole.
    #[must_use]
    pub fn new(facts: &'a Facts, catalogue: &'a Catalogue, params: &'a Params) -> Self {
        let mut board = Board::new(facts, catalogue, params);
        board.expect_edits();
        let mut live = Self {
            lists: vec![Vec::new(); board.numbers()],
            holders: vec![Vec::new(); board.numbers()],
            search: Search::new(),
            board,
        };
        for pair in matching::ranks(&live.board) {
            live.lists[pair.out as usize].push(pair);
            live.holders[pair.into as usize].push(pair.out);
        }
        let outs: Vec<usize> = live.board.going(Direction::Outbound).collect();
        for out in outs {
            live.board.refile(out, live.floor(out));
        }
        live
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
        self.lists.resize_with(self.board.numbers(), Vec::new);
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
        let ranked = outs.into_iter().flat_map(|out| self.lists[out].iter().copied());
        Found::of(&self.board, ranked.collect())
    }

    fn floor(&self, out: usize) -> f32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounds leave room for the rounding"
        )]
        let floor = floor(&self.board, &self.lists[out]) as f32;
        floor
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

    /// Takes a flow off the shelves and out of the lists; gives those that held it.
    fn forget(&mut self, id: usize) -> Vec<u32> {
        self.board.unfile(id);
        self.keep(id, Vec::new());
        let holders = std::mem::take(&mut self.holders[id]);
        for out in &holders {
            self.lists[*out as usize].retain(|pair| pair.into as usize != id);
        }
        holders
    }

    /// Replaces the list of an outbound flow.
    fn keep(&mut self, out: usize, list: Vec<Ranked>) {
        for pair in std::mem::take(&mut self.lists[out]) {
            self.holders[pair.into as usize].retain(|holder| *holder as usize != out);
        }
        for pair in &list {
            self.holders[pair.into as usize].push(number(out));
        }
        self.lists[out] = list;
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
        for out in &stale {
            let list = self.search.best_for(&self.board, *out as usize);
            self.keep(*out as usize, list);
            self.board.refile(*out as usize, self.floor(*out as usize));
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
            let out = out as usize;
            let Some(pair) = self.search.rank(&self.board, out, into) else {
                continue;
            };
            let list = &self.lists[out];
            let rank = list.partition_point(|kept| order(&self.board, kept, &pair).is_lt());
            if rank < self.board.params.top {
                let mut list = list.clone();
                list.insert(rank, pair);
                list.truncate(self.board.params.top);
                self.keep(out, list);
                self.board.refile(out, self.floor(out));
            }
        }
    }
}

#[cfg(test)]
mod tests;
