//! A company (SIREN) and its establishments (SIRET): where it is, what it does, whom to call.
//! Flows belong to establishments. Begin with `model`; each other file is a screen.

pub mod model;
pub mod store;

pub use model::{Establishment, Headcount, PositionSource};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::EstablishmentId;
    use crate::platform::web::fill;

    pub const LIST: &str = "/entreprises";
    pub const SHOW: &str = "/entreprises/{id}";

    pub fn show(id: &EstablishmentId) -> String {
        fill(SHOW, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
}
