//! A visit (diagnostic): the meeting during which an establishment's inventory is recorded.
//! Planned, then done, then validated: validation asks the engine to match.
//!
//! Begin with `model`; `list`, `plan` and `show` are screens, `course` what moves a visit along.

mod course;
mod list;
pub mod model;
mod plan;
mod show;
pub mod store;

pub use model::{Visit, VisitStatus, VisitStep};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{EstablishmentId, FlowId, VisitId};
    use crate::platform::web::fill;

    pub const LIST: &str = "/visites";
    pub const NEW: &str = "/visites/nouvelle";
    pub const ESTABLISHMENTS: &str = "/visites/etablissements.json";
    pub const SHOW: &str = "/visites/{id}";
    pub const ADD_FLOW: &str = "/visites/{id}/flux";
    pub const MEETING: &str = "/visites/{id}/deroulement";
    pub const HOLD: &str = "/visites/{id}/tenue";
    pub const VALIDATE: &str = "/visites/{id}/validation";
    pub const REOPEN: &str = "/visites/{id}/reouverture";
    pub const CANCEL: &str = "/visites/{id}/annulation";

    pub fn show(id: &VisitId) -> String {
        fill(SHOW, id)
    }
    /// The entry row already filled like this flow.
    pub fn copy(id: &VisitId, flow: &FlowId) -> String {
        format!("{}?copie={flow}", show(id))
    }
    pub fn new_at(establishment: &EstablishmentId) -> String {
        format!("{NEW}?etablissement={establishment}")
    }
    pub fn add_flow(id: &VisitId) -> String {
        fill(ADD_FLOW, id)
    }
    pub fn meeting(id: &VisitId) -> String {
        fill(MEETING, id)
    }
    pub fn hold(id: &VisitId) -> String {
        fill(HOLD, id)
    }
    pub fn validate(id: &VisitId) -> String {
        fill(VALIDATE, id)
    }
    pub fn reopen(id: &VisitId) -> String {
        fill(REOPEN, id)
    }
    pub fn cancel(id: &VisitId) -> String {
        fill(CANCEL, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::LIST, list::show)
        .get(paths::NEW, plan::show)
        .post(paths::NEW, plan::submit)
        .get(paths::ESTABLISHMENTS, plan::establishments)
        .get(paths::SHOW, show::show)
        .post(paths::ADD_FLOW, show::add)
        .post(paths::MEETING, course::record)
        .post(paths::HOLD, course::hold)
        .post(paths::VALIDATE, course::validate)
        .post(paths::REOPEN, course::reopen)
        .post(paths::CANCEL, course::cancel)
}
