//! Pages that cross features: what waits for an advisor, what a committee reads.
//!
//! They read what the features below hold; the only rules here are what a page without any company's
//! name may show. Begin with `home` and `board`.

mod board;
mod budget;
mod home;
pub mod model;
pub mod news;
mod search;
pub mod store;
mod tables;
pub mod waiting;

use crate::platform::web::Routes;

pub mod paths {
    pub const HOME: &str = "/";
    pub const SEARCH: &str = "/recherche";
    pub const BOARD: &str = "/tableau-de-bord";
    pub const BOARD_XLSX: &str = "/tableau-de-bord.xlsx";
    pub const BUDGET: &str = "/demarche/budget";
    pub const BOARD_CSV: &str = "/tableau-de-bord.csv";
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::HOME, home::home)
        .get(paths::SEARCH, search::show)
        .get(paths::BOARD, board::show)
        .get(paths::BUDGET, budget::show)
        .get(paths::BOARD_XLSX, board::xlsx)
        .get(paths::BOARD_CSV, board::csv)
}
