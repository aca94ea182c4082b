//! A territory is the perimeter of a programme: the tenant of every company, flow and synergy.
//!
//! It has communes and activity zones; organisations (chambers, local authorities, clubs) act in it.
//! Begin with `store`. Screens for the administrator: `list`, `edit`, `zones`, `organisations`.

pub mod changes;
mod edit;
mod list;
pub mod model;
mod organisations;
mod reference;
pub mod store;
mod switch;
mod zones;

pub use model::{Commune, OrganisationKind, Zone};
pub use reference::{COMMUNES, sync as sync_reference};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{OrganisationId, TerritoryId};
    use crate::platform::web::fill;

    pub const SWITCH: &str = "/territoire";
    pub const COMMUNES: &str = "/communes.json";
    pub const TERRITORIES: &str = "/administration/territoires";
    pub const NEW_TERRITORY: &str = "/administration/territoires/nouveau";
    pub const TERRITORY: &str = "/administration/territoires/{id}";
    pub const ZONES: &str = "/administration/territoires/{id}/zones";
    pub const ZONE_REMOVAL: &str = "/administration/territoires/{id}/zones/retrait";
    pub const ALL_COMMUNES: &str = "/administration/communes.json";
    pub const ALL_COMMUNES_QUERY: &str = "/administration/communes.json?q=";
    pub const ORGANISATIONS: &str = "/administration/organisations";
    pub const NEW_ORGANISATION: &str = "/administration/organisations/nouvelle";
    pub const ORGANISATION: &str = "/administration/organisations/{id}";

    pub fn territory(id: &TerritoryId) -> String {
        fill(TERRITORY, id)
    }
    pub fn zones(id: &TerritoryId) -> String {
        fill(ZONES, id)
    }
    pub fn zone_removal(id: &TerritoryId) -> String {
        fill(ZONE_REMOVAL, id)
    }
    pub fn organisation(id: &OrganisationId) -> String {
        fill(ORGANISATION, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .post(paths::SWITCH, switch::choose)
        .get(paths::COMMUNES, switch::communes)
        .get(paths::TERRITORIES, list::list)
        .get(paths::NEW_TERRITORY, edit::start)
        .post(paths::NEW_TERRITORY, edit::create)
        .get(paths::TERRITORY, edit::show)
        .post(paths::TERRITORY, edit::save)
        .post(paths::ZONES, zones::add)
        .post(paths::ZONE_REMOVAL, zones::remove)
        .get(paths::ALL_COMMUNES, switch::all_communes)
        .get(paths::ORGANISATIONS, organisations::list)
        .get(paths::NEW_ORGANISATION, organisations::start)
        .post(paths::NEW_ORGANISATION, organisations::create)
        .get(paths::ORGANISATION, organisations::show)
        .post(paths::ORGANISATION, organisations::save)
}
