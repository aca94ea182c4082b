//! Whom to visit next, and whom the territory lacks: what the visits already made let us presume of the
//! establishments nobody has visited. Nothing here is a recorded flow; everything says « présumé ».
//!
//! `deduce` is the job that asks the engine and rewrites the answer; `ranking`, `missing` and `presumed`
//! are screens. The engine's part is `engine::deduction`.

mod deduce;
mod missing;
pub mod model;
mod presumed;
mod ranking;
pub mod store;

pub use deduce::run as run_deduction;

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::Direction;
    use crate::kernel::ids::EstablishmentId;
    use crate::nomenclature::FlowCode;
    use crate::platform::web::fill;

    pub const VISITS: &str = "/qui-visiter";
    pub const MISSING: &str = "/qui-manque";
    pub const PRESUMED: &str = "/entreprises/{id}/flux-presumes/{categorie}/{sens}";
    pub const DISMISS: &str = "/entreprises/{id}/flux-presumes/{categorie}/{sens}/ecart";

    pub fn presumed(id: &EstablishmentId, code: FlowCode, direction: Direction) -> String {
        flow(PRESUMED, id, code, direction)
    }
    pub fn dismiss(id: &EstablishmentId, code: FlowCode, direction: Direction) -> String {
        flow(DISMISS, id, code, direction)
    }
    fn flow(pattern: &str, id: &EstablishmentId, code: FlowCode, direction: Direction) -> String {
        fill(&fill(&fill(pattern, id), code), direction.word())
    }
    /// The detail of one missing partner.
    pub fn missing(code: FlowCode, direction: Direction) -> String {
        format!("{MISSING}?categorie={code}&sens={}#detail", direction.word())
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::VISITS, ranking::show)
        .post(paths::VISITS, ranking::refresh)
        .get(paths::MISSING, missing::show)
        .get(paths::PRESUMED, presumed::show)
        .post(paths::PRESUMED, presumed::record)
        .post(paths::DISMISS, presumed::dismiss)
}
