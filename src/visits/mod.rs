//! A visit (diagnostic): the meeting during which an establishment's inventory is recorded.
//! Planned, then done, then validated: validation asks the engine to match. Begin with `model`.

pub mod model;
pub mod store;

pub use model::{Visit, VisitStatus, VisitStep};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::VisitId;
    use crate::platform::web::fill;

    pub const LIST: &str = "/visites";
    pub const SHOW: &str = "/visites/{id}";

    pub fn show(id: &VisitId) -> String {
        fill(SHOW, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
}
