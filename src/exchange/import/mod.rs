//! Imports of the two tables of a network: checked first, told line by line, then applied in one
//! transaction exactly as it was told.
//!
//! `columns` says what is in each column, `check` judges the lines; `upload`, `mapping`, `report` and
//! `apply` are the screens, `template` the workbook to fill; `work` are the jobs, by which `write`
//! stages and applies.

mod check;
mod columns;
mod flow;
mod model;
mod places;
mod read;
mod site;
mod store;
mod work;
mod write;

pub(super) mod apply;
pub(super) mod mapping;
pub(super) mod report;
pub(super) mod template;
pub(super) mod upload;

pub use model::{Counts, Outcome, Report, State};
pub use work::{ApplyImport, ReadImport, apply_import, read_import};
pub use write::{Refused, import_network};
