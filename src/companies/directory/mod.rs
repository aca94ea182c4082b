//! Companies that are not followed yet, to fill the form of a new one.
//!
//! An extract of the national directory (Sirene) that the administrator imports comes first, then the
//! public search service when a setting allows it. Nothing here is followed or matched.
//!
//! `sirene` reads the official files, `intake` imports them, `lookup` searches, `service` and
//! `geocoder` ask other servers.

mod geocoder;
pub mod intake;
mod lookup;
mod model;
mod service;
mod sirene;
mod store;

pub use intake::{TakeSirene, take_sirene};
pub(super) use lookup::{Chosen, Found, addresses, choose, locate, search};
pub(super) use model::Listed;
