//! A tree over flows that tells, for any branch, the best that could be in it.
//!
//! Branches gather flows that are near in place and in quantity, and keep a summary of what a score
//! looks at: the box of positions, the extreme quantities, the months, the zones, what is known. From a
//! summary the search draws a bound on the score of a whole branch, and leaves most of the tree alone.
//! Leaves hold what a first look needs, side by side. Bulk loading packs; edits split and refresh.

use super::column::number;
use super::summary::{Entry, Summary, coordinate};

/// Flows in a leaf when loaded in bulk, and from which it is split.
const PACKED: usize = 8;
const FULL: usize = 40;
/// Branches of a node from which it is split; bulk loading gives eight.
const WIDE: usize = 16;

#[derive(Debug)]
enum Below {
    Branches(Vec<u32>),
    Flows(Vec<Entry>),
}

#[derive(Debug)]
struct Node {
    summary: Summary,
    parent: u32,
    below: Below,
}

/// What a branch leads to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Within<'t> {
    Branches(&'t [u32]),
    Flows(&'t [Entry]),
}

/// The tree; empty by default.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    root: u32,
    size: usize,
}

const NOBODY: u32 = u32::MAX;

impl Tree {
    pub(super) fn new(mut entries: Vec<Entry>) -> Self {
        let mut tree = Self {
            size: entries.len(),
            ..Self::default()
        };
        if !entries.is_empty() {
            tree.nodes.reserve(entries.len() / (PACKED * 2 / 3) + 1);
            let node = Node::leaf(Vec::new(), NOBODY);
            tree.nodes.push(node);
            tree.pack(0, &mut entries);
        }
        tree
    }

    pub(super) fn is_empty(&self) -> bool {
        self.size == 0
    }

    pub(super) fn root(&self) -> Option<u32> {
        (self.size > 0).then_some(self.root)
    }

    pub(super) fn summary(&self, node: u32) -> &Summary {
        &self.nodes[node as usize].summary
    }

    pub(super) fn within(&self, node: u32) -> Within<'_> {
        match &self.nodes[node as usize].below {
            Below::Branches(branches) => Within::Branches(branches),
            Below::Flows(flows) => Within::Flows(flows),
        }
    }

    /// Fills a node with entries, by halves along the widest side.
    fn pack(&mut self, node: u32, entries: &mut [Entry]) {
        let parent = self.nodes[node as usize].parent;
        if entries.len() <= PACKED {
            self.nodes[node as usize] = Node::leaf(entries.to_vec(), parent);
            return;
        }
        let mut parts = vec![entries];
        for _ in 0..3 {
            parts = parts.into_iter().flat_map(halves).collect();
        }
        parts.retain(|part| !part.is_empty());
        let first = self.nodes.len();
        for _ in &parts {
            self.nodes.push(Node::leaf(Vec::new(), node));
        }
        let branches: Vec<u32> = (first..self.nodes.len()).map(number).collect();
        for (branch, part) in branches.iter().zip(parts) {
            self.pack(*branch, part);
        }
        self.nodes[node as usize].below = Below::Branches(branches);
        self.refresh(node);
    }

    /// Draws the summary of a node again from what is right below it.
    fn refresh(&mut self, node: u32) {
        let mut summary = Summary::NOTHING;
        match &self.nodes[node as usize].below {
            Below::Branches(branches) => {
                for branch in branches {
                    summary.add(&self.nodes[*branch as usize].summary);
                }
            }
            Below::Flows(flows) => {
                for flow in flows {
                    summary.add(&Summary::of(flow));
                }
            }
        }
        self.nodes[node as usize].summary = summary;
    }

    fn refresh_up(&mut self, mut node: u32) {
        while node != NOBODY {
            self.refresh(node);
            node = self.nodes[node as usize].parent;
        }
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        self.size += 1;
        if self.nodes.is_empty() {
            self.nodes.push(Node::leaf(vec![entry], NOBODY));
            return;
        }
        let mut node = self.root;
        loop {
            self.nodes[node as usize].summary.add(&Summary::of(&entry));
            match &mut self.nodes[node as usize].below {
                Below::Flows(flows) => {
                    flows.push(entry);
                    break;
                }
                Below::Branches(branches) => {
                    let branches = branches.clone();
                    node = self.best_branch(&branches, &entry);
                }
            }
        }
        self.relieve(node);
    }

    fn best_branch(&self, branches: &[u32], entry: &Entry) -> u32 {
        let growth = |branch: &u32| self.summary(*branch).growth(entry);
        let mut best = branches[0];
        let mut least = growth(&best);
        for branch in &branches[1..] {
            let found = growth(branch);
            if found < least {
                (best, least) = (*branch, found);
            }
        }
        best
    }

    /// Splits what has become too full, upwards.
    fn relieve(&mut self, mut node: u32) {
        loop {
            let parent = self.nodes[node as usize].parent;
            let sibling = match &mut self.nodes[node as usize].below {
                Below::Flows(flows) if flows.len() > FULL => {
                    let mut whole = std::mem::take(flows);
                    let (one, other) = split(&mut whole);
                    *flows = one;
                    Node::leaf(other, parent)
                }
                Below::Branches(branches) if branches.len() > WIDE => {
                    let whole = std::mem::take(branches);
                    let (one, other) = self.split_branches(whole);
                    self.nodes[node as usize].below = Below::Branches(one);
                    Node {
                        summary: Summary::NOTHING,
                        parent,
                        below: Below::Branches(other),
                    }
                }
                Below::Flows(_) | Below::Branches(_) => return,
            };
            let added = number(self.nodes.len());
            self.nodes.push(sibling);
            self.adopt(added);
            self.refresh(node);
            self.refresh(added);
            if parent == NOBODY {
                self.root = number(self.nodes.len());
                self.nodes.push(Node {
                    summary: Summary::NOTHING,
                    parent: NOBODY,
                    below: Below::Branches(vec![node, added]),
                });
                self.adopt(self.root);
                self.refresh(self.root);
                return;
            }
            if let Below::Branches(branches) = &mut self.nodes[parent as usize].below {
                branches.push(added);
            }
            node = parent;
        }
    }

    fn adopt(&mut self, node: u32) {
        if let Below::Branches(branches) = &self.nodes[node as usize].below {
            for branch in branches.clone() {
                self.nodes[branch as usize].parent = node;
            }
        }
    }

    fn split_branches(&self, mut branches: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
        let mut whole = Summary::NOTHING;
        for branch in &branches {
            whole.add(self.summary(*branch));
        }
        let axis = whole.widest().min(2);
        let middle = |branch: &u32| self.summary(*branch).low[axis] + self.summary(*branch).high[axis];
        branches.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
        let other = branches.split_off(branches.len() / 2);
        (branches, other)
    }

    /// Takes a flow out, given as it was put in.
    pub(super) fn remove(&mut self, entry: &Entry) {
        if let Some((node, rank)) = self.find(entry) {
            if let Below::Flows(flows) = &mut self.nodes[node as usize].below {
                flows.swap_remove(rank);
            }
            self.size -= 1;
            self.refresh_up(node);
        }
    }

    /// Changes what does not move a flow.
    pub(super) fn replace(&mut self, entry: Entry) {
        if let Some((node, rank)) = self.find(&entry) {
            if let Below::Flows(flows) = &mut self.nodes[node as usize].below {
                flows[rank] = entry;
            }
            self.refresh_up(node);
        }
    }

    fn find(&self, entry: &Entry) -> Option<(u32, usize)> {
        let mut to_see = vec![self.root()?];
        while let Some(node) = to_see.pop() {
            if !self.summary(node).may_hold(entry) {
                continue;
            }
            match self.within(node) {
                Within::Branches(branches) => to_see.extend(branches),
                Within::Flows(flows) => {
                    if let Some(rank) = flows.iter().position(|flow| flow.id == entry.id) {
                        return Some((node, rank));
                    }
                }
            }
        }
        None
    }
}

impl Node {
    fn leaf(flows: Vec<Entry>, parent: u32) -> Self {
        let mut summary = Summary::NOTHING;
        for flow in &flows {
            summary.add(&Summary::of(flow));
        }
        Self {
            summary,
            parent,
            below: Below::Flows(flows),
        }
    }
}

fn halves(entries: &mut [Entry]) -> [&mut [Entry]; 2] {
    if entries.len() <= PACKED {
        return [entries, &mut []];
    }
    let middle = entries.len() / 2;
    by_widest(entries, middle);
    let (one, other) = entries.split_at_mut(middle);
    [one, other]
}

fn split(entries: &mut Vec<Entry>) -> (Vec<Entry>, Vec<Entry>) {
    let middle = entries.len() / 2;
    by_widest(entries, middle);
    let other = entries.split_off(middle);
    (std::mem::take(entries), other)
}

/// Puts the lesser half first, along the widest side; ties by number, so that the same flows always
/// make the same tree.
fn by_widest(entries: &mut [Entry], middle: usize) {
    let mut whole = Summary::NOTHING;
    for entry in entries.iter() {
        whole.add(&Summary::of(entry));
    }
    let axis = whole.widest();
    entries.select_nth_unstable_by(middle, |a, b| {
        coordinate(a, axis)
            .total_cmp(&coordinate(b, axis))
            .then(a.id.cmp(&b.id))
    });
}
