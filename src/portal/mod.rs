//! A company's own space: its flows as recorded, and the synergies found for it, the other company
//! without a name. Begin with `space`.

mod model;
mod proposal;
mod space;
pub mod store;

pub use model::{OwnFlow, Proposal, Stage};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::SynergyId;
    use crate::platform::web::fill;

    pub const SPACE: &str = "/mon-espace";
    pub const PROPOSAL: &str = "/mon-espace/propositions/{id}";

    pub fn proposal(id: &SynergyId) -> String {
        fill(PROPOSAL, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::SPACE, space::show)
        .get(paths::PROPOSAL, proposal::show)
}
