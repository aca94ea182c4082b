//! Neighbouring territories: agreements that open families of flows across a border, and what meets there.
//!
//! A match across a border is not yet a synergy. Each side sees its own flow and a company without a name;
//! identities appear, to the staff of both, only once an advisor of each territory has agreed. Only flows
//! whose visibility leaves the circle of staff cross. Begin with `model`.

mod agreements;
mod letters;
mod matches;
pub mod model;
mod search;
pub mod store;

pub use search::{begin, run as run_search};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{AgreementId, BorderMatchId};
    use crate::platform::web::fill;

    pub const MATCHES: &str = "/voisins";
    pub const SAY: &str = "/voisins/{id}/reponse";
    pub const AGREEMENTS: &str = "/voisins/accords";
    pub const ACCEPT: &str = "/voisins/accords/{id}/acceptation";
    pub const END: &str = "/voisins/accords/{id}/fin";

    pub fn say(id: &BorderMatchId) -> String {
        fill(SAY, id)
    }
    pub fn accept(id: &AgreementId) -> String {
        fill(ACCEPT, id)
    }
    pub fn end(id: &AgreementId) -> String {
        fill(END, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::MATCHES, matches::list)
        .post(paths::SAY, matches::say)
        .get(paths::AGREEMENTS, agreements::list)
        .post(paths::AGREEMENTS, agreements::ask)
        .post(paths::ACCEPT, agreements::accept)
        .post(paths::END, agreements::end)
}
