//! What the product knows about the world: flow categories, compatibility rules, waste codes, NAF.
//!
//! Knowledge is data (`flows.toml`, `rules.toml`, two official lists), so that an advisor's
//! correction is a line in a file; the code here reads it, checks it and searches it. Pure: files
//! are embedded at build time. Depends on [`crate::kernel`] only.

mod catalogue;
mod classes;
mod classify;
mod code;
mod conditions;
mod factors;
mod index;
mod lexicon;
mod load;
mod local;
pub mod naf;
pub mod precedents;
mod processes;
mod profiles;
pub mod regulation;
mod search;
mod spelling;
mod waste;

pub use catalogue::{
    Attribute, Catalogue, Category, Economics, GroupRule, Landfilled, LargeRadius, Modes, Radius, Range,
    Reach, Requirement, Rule, Works,
};
pub use classes::{Class, treatment};
pub use classify::{CONFIDENT, Guess};
pub use code::{Family, FlowCode, UnknownFlowCode};
pub use conditions::{Limits, Only};
pub use factors::{FactorFamily, Factors, Shared, SharedFactor};
pub use load::CatalogueErrors;
pub use local::{FactorKey, Figure, Local};
pub use processes::{Process, processes};
pub use profiles::{Profiles, Trade, Usual};
pub use waste::{WasteCode, WasteCodeError};
