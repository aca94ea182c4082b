//! Indicators: what a programme is judged by.
//!
//! Each is one constant of the catalogue, a formula over [`YearFacts`], itself loaded by one store
//! function. What may be shown of a figure is decided here too, so that every page hides the same
//! ones. Begin with `catalogue`.

pub mod catalogue;
pub mod model;
pub mod store;

pub use catalogue::{CONTRACT, Indicator, Quantity};
pub use model::{Basis, Reading, RealisedSynergy, Shown, Summed, YearFacts, trend};
