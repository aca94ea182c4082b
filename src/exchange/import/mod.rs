//! Imports of the two tables of a network: checked first, told line by line, then applied in one
//! transaction exactly as it was told.
//!
//! `check` judges; `upload`, `report` and `apply` are the screens,
//! `template` the workbook to fill; `write` stages and applies.

mod check;
mod flow;
mod model;
mod places;
mod read;
mod site;
mod store;
mod write;

pub(super) mod apply;
pub(super) mod report;
pub(super) mod template;
pub(super) mod upload;

pub use model::{Counts, Outcome, Report, State};
pub use write::{Refused, import_network};
