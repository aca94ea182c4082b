//! The settings of a run: weights, thresholds, prices, and their version, which every proposal keeps.
//!
//! They are editable per territory; what belongs to a category (radius, price, payload) is in the
//! nomenclature instead.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::nomenclature::{Catalogue, Factors, Shared};

/// How much each component counts in the mean that material fit multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    pub economics: f64,
    pub distance: f64,
    pub quantity: f64,
    pub quality: f64,
    pub time: f64,
    pub carbon: f64,
    pub relations: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            economics: 25.0,
            distance: 20.0,
            quantity: 15.0,
            quality: 15.0,
            time: 10.0,
            carbon: 10.0,
            relations: 5.0,
        }
    }
}

/// What a lorry costs and emits, from the factors of the catalogue: low, central, high.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Haulage {
    /// Of a kilometre on the road.
    pub eur_per_km: [f64; 3],
    /// Loading, unloading and papers.
    pub eur_per_trip: [f64; 3],
    /// Of a kilometre on the road.
    pub kgco2_per_km: [f64; 3],
    /// Roads against the great circle.
    pub detour: [f64; 3],
    /// Kilometres on the road for one as the crow flies, way back included.
    pub driven: [f64; 3],
}

impl Haulage {
    #[must_use]
    pub fn of(factors: &Factors) -> Self {
        let bound = |shared: Shared, bound: usize| factors.get(shared).value.bounds()[bound];
        let diesel = |rank: usize| bound(Shared::DieselPrice, rank) * bound(Shared::DieselUse, rank) / 100.0;
        let freight = |rank: usize| bound(Shared::FreightCarbon, rank) * bound(Shared::FreightLoad, rank);
        Self {
            eur_per_km: BOUNDS.map(|rank| bound(Shared::Kilometre, rank) + diesel(rank)),
            eur_per_trip: BOUNDS.map(|rank| bound(Shared::Trip, rank)),
            kgco2_per_km: BOUNDS.map(freight),
            detour: BOUNDS.map(|rank| bound(Shared::Detour, rank)),
            driven: BOUNDS.map(|rank| bound(Shared::Return, rank) * bound(Shared::Detour, rank)),
        }
    }
}

/// Low, central, high.
const BOUNDS: [usize; 3] = [0, 1, 2];

/// Settings of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Named in every proposal, so that a score can be explained years later.
    pub version: String,
    /// The day of the run: contracts end and facts age.
    pub today: NaiveDate,
    pub weights: Weights,
    pub haulage: Haulage,
    /// Score, 0 to 100, from which a proposal enters the review queue.
    pub threshold: f64,
    /// Open proposals per establishment and category.
    pub max_open: usize,
    /// Proposals kept for each outbound flow.
    pub top: usize,
    /// Multiplies every radius of the nomenclature: a sparse territory reaches farther.
    pub radius_factor: f64,
    /// Nothing beyond that distance, whatever the category.
    pub limit_km: Option<f64>,
    /// Share of the price of the new product that a substitute is worth: low, central, high.
    pub substitution: [f64; 3],
    /// Firms in one group at most.
    pub max_members: usize,
    /// Half of the window in which contracts of one group must end, in months.
    pub window_months: u32,
}

impl Params {
    /// The starting values of the specification, with the factors of the embedded catalogue.
    #[must_use]
    pub fn new(today: NaiveDate) -> Self {
        Self::of(Catalogue::embedded(), today)
    }

    /// The starting values with the factors of that catalogue.
    #[must_use]
    pub fn of(catalogue: &Catalogue, today: NaiveDate) -> Self {
        let factors = catalogue.factors();
        Self {
            version: catalogue.version().to_owned(),
            today,
            weights: Weights::default(),
            haulage: Haulage::of(factors),
            threshold: 45.0,
            max_open: 3,
            top: 10,
            radius_factor: 1.0,
            limit_km: None,
            substitution: factors.get(Shared::SubstitutionShare).value.bounds(),
            max_members: 30,
            window_months: 3,
        }
    }

    /// The same settings with the factors of another catalogue.
    #[must_use]
    pub fn under(&self, catalogue: &Catalogue) -> Self {
        let factors = Self::of(catalogue, self.today);
        Self {
            version: factors.version,
            haulage: factors.haulage,
            substitution: factors.substitution,
            ..self.clone()
        }
    }
}
