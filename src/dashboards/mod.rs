//! Pages that cross features: what waits for an advisor, what a committee reads.
//!
//! They read what the features below hold; the only rules here are what a page without any company's
//! name may show. Begin with `home` and `board`.

mod activity;
mod agenda;
mod board;
mod bonds;
mod budget;
mod figures;
mod home;
mod inventory;
mod letters;
mod map;
pub mod model;
pub mod news;
mod public;
mod publication;
mod region;
mod search;
mod section;
pub mod store;
mod sums;
mod tables;
pub mod waiting;

pub use figures::{Contract, Figures, Headline};
pub use letters::{letter, quarter};
pub use map::outlines;
pub use sums::{run as run_sums, sum_up};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{SynergyId, TerritoryId};
    use crate::platform::web::fill;

    pub const HOME: &str = "/";
    pub const AGENDA: &str = "/agenda";
    pub const FEED_OPEN: &str = "/agenda/abonnement";
    pub const FEED_CLOSE: &str = "/agenda/abonnement/revocation";
    /// What a calendar reads; the address is the secret.
    pub const FEED: &str = "/agenda/{jeton}/maillage.ics";
    pub const SEARCH: &str = "/recherche";
    pub const BOARD: &str = "/tableau-de-bord";
    pub const BOARD_FLOWS: &str = "/tableau-de-bord/flux";
    pub const BOARD_MAP: &str = "/tableau-de-bord/carte";
    pub const BOARD_SYNERGIES: &str = "/tableau-de-bord/synergies";
    pub const BOARD_ACTIVITY: &str = "/tableau-de-bord/activite";
    pub const BOARD_REGION: &str = "/tableau-de-bord/territoires";
    pub const PUBLICATION: &str = "/demarche/publication";
    pub const PUBLICATION_OF: &str = "/demarche/publication/{id}";
    pub const PUBLIC: &str = "/public/{id}";
    pub const BOARD_XLSX: &str = "/tableau-de-bord.xlsx";
    pub const BUDGET: &str = "/demarche/budget";
    pub const BOARD_CSV: &str = "/tableau-de-bord.csv";

    pub fn feed(token: &str) -> String {
        fill(FEED, token)
    }
    pub fn publication_of(id: &SynergyId) -> String {
        fill(PUBLICATION_OF, id)
    }
    pub fn public(id: TerritoryId) -> String {
        fill(PUBLIC, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::HOME, home::home)
        .get(paths::AGENDA, agenda::show)
        .post(paths::FEED_OPEN, agenda::open)
        .post(paths::FEED_CLOSE, agenda::revoke)
        .get(paths::FEED, agenda::feed)
        .get(paths::SEARCH, search::show)
        .get(paths::BOARD, board::show)
        .get(paths::BOARD_FLOWS, inventory::show)
        .get(paths::BOARD_MAP, map::show)
        .get(paths::BOARD_SYNERGIES, bonds::show)
        .get(paths::BOARD_ACTIVITY, activity::show)
        .get(paths::BOARD_REGION, region::show)
        .get(paths::PUBLICATION, publication::list)
        .post(paths::PUBLICATION, publication::set)
        .post(paths::PUBLICATION_OF, publication::publish)
        .get(paths::PUBLIC, public::show)
        .get(paths::BUDGET, budget::show)
        .get(paths::BOARD_XLSX, board::xlsx)
        .get(paths::BOARD_CSV, board::csv)
}
