//! The settings of a run: weights, thresholds, prices, and their version, which every proposal keeps.
//!
//! They are editable per territory; what belongs to a category (radius, price, payload) is in the
//! nomenclature instead.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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

/// What a lorry costs and emits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Haulage {
    pub eur_per_km: f64,
    /// 1 when the lorry finds a load for its way back, 2 when it returns empty.
    pub return_factor: f64,
    /// Loading, unloading and papers, per trip.
    pub fixed_eur: f64,
    pub kgco2_per_km: f64,
    /// Roads against the great circle.
    pub detour: f64,
}

impl Default for Haulage {
    fn default() -> Self {
        Self {
            eur_per_km: 1.5,
            return_factor: 2.0,
            fixed_eur: 60.0,
            kgco2_per_km: 1.05,
            detour: 1.3,
        }
    }
}

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
    /// Share of the price of the new product that the receiver accepts to pay for a substitute.
    pub substitution_rate: f64,
    /// Firms in one group at most.
    pub max_members: usize,
    /// Half of the window in which contracts of one group must end, in months.
    pub window_months: u32,
}

impl Params {
    /// The starting values of the specification.
    #[must_use]
    pub fn new(today: NaiveDate) -> Self {
        Self {
            version: "2026-11".to_owned(),
            today,
            weights: Weights::default(),
            haulage: Haulage::default(),
            threshold: 45.0,
            max_open: 3,
            top: 10,
            radius_factor: 1.0,
            limit_km: None,
            substitution_rate: 0.7,
            max_members: 30,
            window_months: 3,
        }
    }
}
