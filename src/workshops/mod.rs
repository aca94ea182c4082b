//! Workshops: collective meetings where companies find synergies together. Only what the contract
//! counts for now: a title, a date, how many came.

pub mod model;
pub mod store;

pub use model::Workshop;
