//! A territory is the perimeter of a programme: its communes, its activity zones, the tenant of
//! every company, flow and synergy. Organisations (chambers, local authorities, clubs) act in it.
//! Begin with `store`; screens for the administrator are `admin`.

pub mod model;
mod reference;
pub mod store;
mod switch;

pub use model::{Commune, OrganisationKind, Zone};
pub use reference::sync as sync_reference;

use crate::platform::web::Routes;

pub mod paths {
    pub const SWITCH: &str = "/territoire";
    pub const COMMUNES: &str = "/communes.json";
}

pub fn routes() -> Routes {
    Routes::default()
        .post(paths::SWITCH, switch::choose)
        .get(paths::COMMUNES, switch::communes)
}
