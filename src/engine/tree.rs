//! A tree over flows that tells, for any branch, the best that could be in it.
//!
//! Branches gather flows that are near in place and in quantity, and keep a summary of what a score
//! looks at: the box of positions, the extreme quantities, the months, the zones, what is known. From a
//! summary the search draws a bound on the score of a whole branch, and leaves most of the tree alone.
//! Leaves hold what a first look needs, side by side. Bulk loading packs; edits split and refresh.

use super::index::EARTH_KM;

/// Flows in a leaf when loaded in bulk, and from which it is split.
const PACKED: usize = 8;
const FULL: usize = 40;
/// Branches of a node from which it is split; bulk loading gives eight.
const WIDE: usize = 16;
/// How many kilometres tell two flows apart as much as quantities of which one is `e` times the other.
const KM_PER_FOLD: f32 = 15.0;

/// Facts of a flow, or of any flow of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits(u8);

impl Traits {
    /// A person chose its category.
    pub(super) const CHOSEN: Self = Self(1);
    /// Nobody did.
    pub(super) const GUESSED: Self = Self(1 << 1);
    /// Its quantity counts in the unit of another category than the one it is filed under.
    pub(super) const LOOSE: Self = Self(1 << 2);
    /// Its quantity is not known.
    pub(super) const UNMEASURED: Self = Self(1 << 3);
    /// Danger does not stand in its way: a harmless offer, or a receiver that takes the rest.
    pub(super) const SAFE: Self = Self(1 << 4);
    /// It says what its outlet or its purchase costs.
    pub(super) const COSTED: Self = Self(1 << 5);
    /// Bound by no contract, or by one that ends within months.
    pub(super) const FREE: Self = Self(1 << 6);
    pub(super) const SOON_FREE: Self = Self(1 << 7);

    pub(super) fn has(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    pub(super) fn with(self, one: Self, when: bool) -> Self {
        if when { Self(self.0 | one.0) } else { self }
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A flow as a leaf holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    /// On the unit sphere; the origin when the place is not known.
    pub at: [f32; 3],
    /// Yearly quantity in the unit of its own category; nothing when [`Traits::UNMEASURED`].
    pub quantity: f32,
    /// The score that a newcomer must reach to be of interest to this flow.
    pub floor: f32,
    /// Bit of its activity zone, among [`zone_bit`]s.
    pub zone: u32,
    pub id: u32,
    pub months: u16,
    pub traits: Traits,
    /// Quality attributes it tells, one bit each.
    pub quality: u8,
}

/// One bit out of 31 for a zone, and a bit of its own for none.
pub(super) fn zone_bit(zone: Option<u32>) -> u32 {
    zone.map_or(1, |zone| 2 << (zone % 31))
}

/// What the flows of a branch have at best.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summary {
    pub low: [f32; 3],
    pub high: [f32; 3],
    /// Extremes of the known quantities.
    pub least: f32,
    pub most: f32,
    pub floor: f32,
    pub zones: u32,
    pub months: u16,
    /// Smallest number of months.
    pub fewest: u8,
    pub traits: Traits,
    pub quality: u8,
}

impl Summary {
    const NOTHING: Self = Self {
        low: [f32::INFINITY; 3],
        high: [f32::NEG_INFINITY; 3],
        least: f32::INFINITY,
        most: f32::NEG_INFINITY,
        floor: f32::INFINITY,
        zones: 0,
        months: 0,
        fewest: 12,
        traits: Traits(0),
        quality: 0,
    };

    pub(super) fn of(entry: &Entry) -> Self {
        let known = !entry.traits.has(Traits::UNMEASURED);
        Self {
            low: entry.at,
            high: entry.at,
            least: if known { entry.quantity } else { f32::INFINITY },
            most: if known { entry.quantity } else { f32::NEG_INFINITY },
            floor: entry.floor,
            zones: entry.zone,
            months: entry.months,
            fewest: u8::try_from(entry.months.count_ones()).unwrap_or(12),
            traits: entry.traits,
            quality: entry.quality,
        }
    }

    fn add(&mut self, other: &Self) {
        for axis in 0..3 {
            self.low[axis] = self.low[axis].min(other.low[axis]);
            self.high[axis] = self.high[axis].max(other.high[axis]);
        }
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
        self.floor = self.floor.min(other.floor);
        self.zones |= other.zones;
        self.months |= other.months;
        self.fewest = self.fewest.min(other.fewest);
        self.traits = self.traits.or(other.traits);
        self.quality |= other.quality;
    }

    /// Kilometres, in a straight line, from a point to the nearest that could be in here.
    pub(super) fn km_from(&self, point: [f32; 3]) -> f32 {
        let sides = self.low.iter().zip(self.high).zip(point);
        let gaps = sides.map(|((low, high), at)| (low - at).max(at - high).max(0.0));
        gaps.map(|gap| gap * gap).sum::<f32>().sqrt() * KM
    }

    fn may_hold(&self, entry: &Entry) -> bool {
        let inside = (0..3).all(|axis| (self.low[axis]..=self.high[axis]).contains(&entry.at[axis]));
        let unmeasured = entry.traits.has(Traits::UNMEASURED);
        inside && (unmeasured || (self.least..=self.most).contains(&entry.quantity))
    }

    /// How much the branch grows by taking a flow, in the measure of `spread`.
    fn growth(&self, entry: &Entry) -> f32 {
        let mut grown = *self;
        grown.add(&Self::of(entry));
        let size = |summary: &Self| (0..4).map(|axis| summary.side(axis)).sum::<f32>();
        size(&grown) - size(self)
    }

    fn side(&self, axis: usize) -> f32 {
        let side = if axis < 3 {
            (self.high[axis] - self.low[axis]) * KM
        } else {
            (fold(self.most) - fold(self.least)) * KM_PER_FOLD
        };
        side.max(0.0)
    }

    fn widest(&self) -> usize {
        let mut best = 0;
        for axis in 1..4 {
            if self.side(axis) > self.side(best) {
                best = axis;
            }
        }
        best
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a radius of four digits")]
const KM: f32 = EARTH_KM as f32;

/// Orders of magnitude, without an end below.
fn fold(quantity: f32) -> f32 {
    quantity.clamp(1e-3, 1e12).ln()
}

fn coordinate(entry: &Entry, axis: usize) -> f32 {
    match entry.at.get(axis) {
        Some(value) => *value,
        None if entry.traits.has(Traits::UNMEASURED) => 0.0,
        None => entry.quantity,
    }
}

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
        let branches: Vec<u32> = (first..self.nodes.len()).map(super::column::number).collect();
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
            let added = super::column::number(self.nodes.len());
            self.nodes.push(sibling);
            self.adopt(added);
            self.refresh(node);
            self.refresh(added);
            if parent == NOBODY {
                self.root = super::column::number(self.nodes.len());
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
