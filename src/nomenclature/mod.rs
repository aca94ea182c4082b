//! What the product knows about the world: flow categories, compatibility rules, waste codes, NAF.
//!
//! Knowledge is data (`flows.toml`, `rules.toml`, two official lists), so that an advisor's
//! correction is a line in a file; the code here reads it, checks it and searches it. Pure: files
//! are embedded at build time. Depends on [`crate::kernel`] only.

mod catalogue;
mod classify;
mod code;
mod index;
mod lexicon;
mod load;
pub mod naf;
mod search;
mod spelling;
mod waste;

pub use catalogue::{
    Attribute, Catalogue, Category, Economics, Factor, GroupRule, LargeRadius, Modes, Radius, Range, Reach,
    Requirement, Rule,
};
pub use classify::{CONFIDENT, Guess};
pub use code::{Family, FlowCode, UnknownFlowCode};
pub use load::CatalogueErrors;
pub use waste::{WasteCode, WasteCodeError};
