//! The factors of a territory: prices, loads, emissions and distances, in versions.
//!
//! A set of factors is never changed: whoever edits one sees first what it does to the proposals, then
//! saves the next version, and the whole territory is matched again. `model` reads what was typed.

pub(super) mod edit;
pub(super) mod list;
mod model;
pub(super) mod store;
