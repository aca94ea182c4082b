//! Indicators: what a programme is judged by.
//!
//! Each is one constant of the catalogue: a formula over [`YearFacts`], itself loaded by one store
//! function, or a question. A year is judged when its mandatory lines have a value, and closing keeps
//! every line as it was that day. What may be shown of a figure is decided here too, so that every
//! page hides the same ones. Begin with `catalogue`, then `evaluation`.

pub mod catalogue;
mod contract;
pub mod evaluation;
pub mod facts;
mod indicator;
mod judged;
mod list;
pub mod masking;
pub mod model;
mod own;
mod records;
mod reference;
pub mod store;
mod targets;
mod year;

pub use catalogue::{Indicator, Quantity, find};
pub use evaluation::{Line, Maturity, Status, figure};
pub use facts::{Realised, RealisedSynergy, Summed, YearFacts, euros};
pub use judged::{Judged, Told};
pub use masking::Masked;
pub use model::{Basis, Reading, Shown, trend};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::OwnIndicatorId;
    use crate::platform::web::fill;

    pub const LIST: &str = "/evaluations";
    pub const SHARING: &str = "/evaluations/partage";
    pub const YEAR: &str = "/evaluations/{annee}";
    pub const CLOSING: &str = "/evaluations/{annee}/cloture";
    pub const INDICATOR: &str = "/evaluations/{annee}/{code}";
    pub const RECORDS: &str = "/evaluations/{annee}/donnees/{sorte}";
    pub const REFERENCE: &str = "/referentiel";
    pub const WORDING: &str = "/referentiel/{code}";
    pub const CONTRACT: &str = "/contrat";
    pub const TARGETS: &str = "/contrat/objectifs/{code}";
    pub const NEW_OWN: &str = "/contrat/indicateurs/nouveau";
    pub const OWN: &str = "/contrat/indicateurs/{id}";

    pub fn year(year: &i32) -> String {
        fill(YEAR, year)
    }
    pub fn closing(year: &i32) -> String {
        fill(CLOSING, year)
    }
    pub fn indicator(year: &i32, code: &str) -> String {
        fill(&fill(INDICATOR, year), code)
    }
    pub fn records(year: &i32, sort: &str) -> String {
        fill(&fill(RECORDS, year), sort)
    }
    pub fn wording(code: &str) -> String {
        fill(WORDING, code)
    }
    pub fn targets(code: &str) -> String {
        fill(TARGETS, code)
    }
    pub fn own(id: &OwnIndicatorId) -> String {
        fill(OWN, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::LIST, list::show)
        .post(paths::LIST, list::begin)
        .post(paths::SHARING, list::share)
        .get(paths::YEAR, year::show)
        .post(paths::CLOSING, year::close)
        .get(paths::INDICATOR, indicator::show)
        .post(paths::INDICATOR, indicator::answer)
        .get(paths::RECORDS, records::show)
        .get(paths::REFERENCE, reference::list)
        .get(paths::WORDING, reference::show)
        .post(paths::WORDING, reference::save)
        .get(paths::CONTRACT, contract::show)
        .get(paths::TARGETS, targets::show)
        .post(paths::TARGETS, targets::save)
        .get(paths::NEW_OWN, own::start)
        .get(paths::OWN, own::show)
        .post(paths::OWN, own::save)
}
