//! What a tree of flows knows of a flow, and of a whole branch: the figures from which a bound is drawn.

use super::index::EARTH_KM;

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
    pub(super) const NOTHING: Self = Self {
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

    pub(super) fn add(&mut self, other: &Self) {
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
        let gap = |axis: usize| {
            let (low, high, at) = (self.low[axis], self.high[axis], point[axis]);
            (low - at).max(at - high).max(0.0)
        };
        let [x, y, z] = [gap(0), gap(1), gap(2)];
        (x * x + y * y + z * z).sqrt() * KM
    }

    pub(super) fn may_hold(&self, entry: &Entry) -> bool {
        let inside = (0..3).all(|axis| (self.low[axis]..=self.high[axis]).contains(&entry.at[axis]));
        let unmeasured = entry.traits.has(Traits::UNMEASURED);
        inside && (unmeasured || (self.least..=self.most).contains(&entry.quantity))
    }

    /// How much the branch grows by taking a flow, in the measure of `spread`.
    pub(super) fn growth(&self, entry: &Entry) -> f32 {
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

    pub(super) fn widest(&self) -> usize {
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

pub(super) fn coordinate(entry: &Entry, axis: usize) -> f32 {
    match entry.at.get(axis) {
        Some(value) => *value,
        None if entry.traits.has(Traits::UNMEASURED) => 0.0,
        None => entry.quantity,
    }
}
