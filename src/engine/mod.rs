//! The synergy engine: who could do something together, and why.
//!
//! # The idea in one page
//!
//! A territory is a set of establishments with flows: what leaves them (an offer) and what they need.
//! The engine answers two questions.
//!
//! **Which offer could meet which need?** (*substitution*, and *sharing* of what is lent.) Two flows
//! are worth comparing when they are of one category, when a rule of the nomenclature says that one
//! replaces the other, when reviewers accepted such a pair before, or when their labels say the same
//! thing. Gates then refuse what cannot be (same firm, too cold, never in the same month…), each with
//! its name. What passes is scored: *material fit × weighted mean of seven components*, so that
//! nearness never rescues an incompatible pair. An unknown component counts one half and lowers the
//! confidence, which is shown apart, and becomes a question to ask.
//!
//! What no partner takes as it is may go through a treatment first (*relays*: A → processor → B).
//!
//! **Which firms have the same need, near each other?** (*mutualisation*.) They make groups, never
//! pairs: seventy firms with one need are 2,415 pairs, and a few groups.
//!
//! The engine is a function: same facts and parameters, same bytes, whatever the order of the input.
//! It reads no clock, no file and no database, draws nothing at random and knows no category by name:
//! what belongs to a category comes from the [`Catalogue`].
//!
//! ```
//! use chrono::NaiveDate;
//! use maillage::engine::{Facts, Flow, Params, Site, propose};
//! use maillage::kernel::{Direction, Position};
//! use maillage::nomenclature::Catalogue;
//!
//! let site = |key: &str, lat, lon| Site { position: Position::new(lat, lon).ok(), ..Site::new(key) };
//! let facts = Facts {
//!     sites: vec![site("A", 47.79, 1.06), site("B", 47.80, 1.07)],
//!     flows: vec![
//!         Flow::new("A1", "A", Direction::Outbound, "Palettes bois"),
//!         Flow::new("B1", "B", Direction::Inbound, "palette en bois"),
//!     ],
//!     ..Facts::default()
//! };
//! let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
//! let outcome = propose(&facts, Catalogue::embedded(), &Params::new(today));
//! assert_eq!(outcome.pairs.len(), 1);
//! assert!(outcome.pairs[0].retained);
//! ```
//!
//! Where to begin: `facts` is what it is told, `outcome` what it answers, `matching` how it goes from
//! one to the other, `scoring` the figures and `explain` the words, `grouping` the groups.

mod between;
mod bound;
mod clusters;
mod column;
mod conditions;
mod crowd;
pub mod deduction;
mod economics;
mod edit;
mod evidence;
mod explain;
mod facts;
mod form;
mod gates;
mod grouping;
mod index;
mod joining;
mod labels;
mod learning;
mod live;
mod matching;
mod material;
mod memory;
mod outcome;
mod params;
mod past;
mod prepare;
mod quality;
mod questions;
mod queue;
mod readings;
mod relay;
mod rounds;
mod scoring;
mod search;
mod shelves;
mod summary;
mod sums;
#[cfg(test)]
mod tests;
mod tree;
mod what_if;
mod why;
mod wording;

use std::collections::BTreeSet;
use std::ops::Range;

pub use between::Between;
pub use evidence::{UsedFactor, factors_behind};
pub use facts::{
    Certainty, Cooperation, Decision, Fact, Facts, Fingerprint, Flow, GroupRecord, Key, KnownGroup,
    Opposition, Precedent, RuleRecord, Site, Verdict,
};
pub use form::Form;
pub use gates::{Gate, Refusal};
pub use index::Nearby;
pub use joining::{Joining, Obstacle};
pub use learning::Learned;
pub use live::{Live, UnknownSite};
pub use matching::pair_key;
pub use outcome::{
    Ask, BOUNDLESS_KM, Counts, Estimate, Explanation, Group, Kind, Matched, Member, Origin, Outcome, Pair,
    Part, PartName, Payback, Round, Twin,
};
pub use params::{Haulage, Params, Weights};
pub use queue::explore;
pub use relay::{Relay, relays};
pub use what_if::{Amount, Change, Difference, Moved, Totals, compare, gain, suppose, what_if};
pub use wording::Lane;

use crate::kernel::Direction;
use crate::nomenclature::{Catalogue, Category, FlowCode};
use prepare::Board;

/// The facts indexed, ready to answer; for callers that measure or repeat the steps of [`propose`].
#[derive(Debug)]
pub struct Engine<'a> {
    board: Board<'a>,
}

impl<'a> Engine<'a> {
    /// Classifies what is not classified yet and builds the indexes.
    #[must_use]
    pub fn new(facts: &'a Facts, catalogue: &'a Catalogue, params: &'a Params) -> Self {
        Self {
            board: Board::new(facts, catalogue, params),
        }
    }

    /// Looks for the best partners of every outbound flow, and decides which proposals enter the queue.
    #[must_use]
    pub fn search(&self) -> Proposals {
        Proposals(matching::search(&self.board))
    }

    /// Substitutions and sharings written out with their explanation: those of a range of what was found.
    #[must_use]
    pub fn write(&self, proposals: &Proposals, range: Range<usize>) -> Vec<Pair> {
        matching::written(&self.board, &proposals.0, range)
    }

    /// Written out: what enters the queue or nearly does, and the proposals of these keys.
    #[must_use]
    pub fn worth_storing(&self, proposals: &Proposals, known: &BTreeSet<Key>) -> Vec<Pair> {
        matching::worth_storing(&self.board, &proposals.0, known)
    }

    /// Keys of the proposals that enter the queue to learn, when it holds so many groups; see [`explore`].
    #[must_use]
    pub fn explored(&self, proposals: &Proposals, groups: usize) -> BTreeSet<Key> {
        let mut near = matching::nearly(&self.board, &proposals.0);
        explore(&mut near, proposals.retained() + groups);
        let explored = near.into_iter().filter(|pair| pair.exploration);
        explored.map(|pair| pair.key).collect()
    }

    /// Substitutions and sharings, by outbound flow, best first.
    #[must_use]
    pub fn pairs(&self) -> Vec<Pair> {
        let found = self.search();
        self.write(&found, 0..found.len())
    }

    /// Mutualisations, best first; `known` are the groups of the previous run.
    #[must_use]
    pub fn groups(&self, known: &[KnownGroup]) -> Vec<Group> {
        grouping::groups(&self.board, known)
    }

    /// The group of exactly these flows, with its figures; nothing when none of them is known.
    #[must_use]
    pub fn compose(&self, known: &KnownGroup) -> Option<Group> {
        grouping::composed(&self.board, known)
    }

    /// Counts of a run that found so much; explored proposals are retained too.
    #[must_use]
    pub fn counts(&self, [pairs, retained, groups]: [usize; 3]) -> Counts {
        Counts {
            sites: self.board.sites.len(),
            flows: self.board.items().count(),
            outbound: self.board.going(Direction::Outbound).count(),
            inbound: self.board.going(Direction::Inbound).count(),
            unclassified: self.board.items().filter(|item| !item.classified()).count(),
            orphans: self.board.orphans,
            pairs,
            retained,
            groups,
        }
    }
}

/// What a search found: a few bytes for each proposal, because there are millions of them. Written out on
/// demand.
#[derive(Debug)]
pub struct Proposals(matching::Found);

impl Proposals {
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.ranked.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.ranked.is_empty()
    }

    /// How many enter the queue.
    #[must_use]
    pub fn retained(&self) -> usize {
        self.0
            .places
            .iter()
            .filter(|place| **place == queue::Place::Enters)
            .count()
    }
}

/// Everything worth proposing.
#[must_use]
pub fn propose(facts: &Facts, catalogue: &Catalogue, params: &Params) -> Outcome {
    let engine = Engine::new(facts, catalogue, params);
    let pairs = engine.pairs();
    let groups = engine.groups(&facts.groups);
    let retained = pairs.iter().filter(|pair| pair.retained).count();
    let counts = engine.counts([pairs.len(), retained, groups.len()]);
    let relays = relays(facts, catalogue, params, &pairs);
    Outcome {
        pairs,
        groups,
        relays,
        counts,
        version: params.version.clone(),
    }
}

/// Which way flow the flows of a category that are put in common: what is thrown away leaves, the rest comes in.
#[must_use]
pub fn shared_direction(category: &Category) -> Direction {
    grouping::shared_direction(category)
}

/// « Pourquoi rien ? »: the candidates of one flow, nearest first, what stops each and what would open it.
#[must_use]
pub fn why_nothing(facts: &Facts, catalogue: &Catalogue, params: &Params, flow: &Key) -> Vec<Refusal> {
    why::why_nothing(&Board::new(facts, catalogue, params), flow)
}

/// What becomes of one flow among those with the same need: the group it joins, or what keeps it out.
#[must_use]
pub fn joining(facts: &Facts, catalogue: &Catalogue, params: &Params, flow: &Key) -> Option<Joining> {
    joining::joining(&Board::new(facts, catalogue, params), flow)
}

/// What two chosen flows would be worth together, whatever would have stopped them; nothing when one is unknown.
#[must_use]
pub fn between(
    facts: &Facts,
    catalogue: &Catalogue,
    params: &Params,
    (out, into): (&Key, &Key),
) -> Option<Between> {
    between::between(&Board::new(facts, catalogue, params), out, into)
}

/// Possible categories of a flow with their confidence, best first; exactly one, at 1, when chosen.
#[must_use]
pub fn classify(flow: &Flow, catalogue: &Catalogue) -> Vec<(FlowCode, f64)> {
    readings::guesses(flow, catalogue)
}
