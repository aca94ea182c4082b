//! Reports to project and to file: the committee's slides and the annual report.
//!
//! They are made of what the dashboards show, without any company's name whoever asks. Begin with `report` (what is gathered);
//! `index` is the screen, `deck` and `annual` the documents, `parts` what both draw.

mod annual;
mod deck;
mod index;
mod parts;
mod report;

use crate::platform::web::Routes;

pub mod paths {
    pub const LIST: &str = "/rapports";
    pub const DECK: &str = "/rapports/copil.pdf";
    pub const ANNUAL: &str = "/rapports/annuel.pdf";
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::LIST, index::show)
        .get(paths::DECK, deck::pdf)
        .get(paths::ANNUAL, annual::pdf)
}
