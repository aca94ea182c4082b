//! Pages that cross features: what waits for an advisor, what a committee reads.
//!
//! They read what the features below hold; the only rules here are what a page without any company's
//! name may show. Begin with `home` and `board`.

mod agenda;
mod activity;
mod board;
mod bonds;
mod budget;
mod figures;
mod flows;
mod home;
mod map;
pub mod model;
pub mod news;
mod search;
mod section;
pub mod store;
mod tables;
pub mod waiting;

pub use figures::{Figures, Headline};

use crate::platform::web::Routes;

pub mod paths {
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
    pub const BOARD_XLSX: &str = "/tableau-de-bord.xlsx";
    pub const BUDGET: &str = "/demarche/budget";
    pub const BOARD_CSV: &str = "/tableau-de-bord.csv";

    pub fn feed(token: &str) -> String {
        crate::platform::web::fill(FEED, token)
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
        .get(paths::BOARD_FLOWS, flows::show)
        .get(paths::BOARD_MAP, map::show)
        .get(paths::BOARD_SYNERGIES, bonds::show)
        .get(paths::BOARD_ACTIVITY, activity::show)
        .get(paths::BUDGET, budget::show)
        .get(paths::BOARD_XLSX, board::xlsx)
        .get(paths::BOARD_CSV, board::csv)
}
