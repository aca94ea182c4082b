//! A territory's programme over several years, as its founding document describes it: targets to
//! reach, who pays, who commits to what, which flows the committee wants first. Begin with `model`.

pub mod model;
mod show;
pub mod store;

pub use model::{Commitment, CommitmentState, FundingLine, FundingPlan, Priority, Programme, Target};

use crate::platform::web::Routes;

pub mod paths {
    pub const SHOW: &str = "/demarche";
}

pub fn routes() -> Routes {
    Routes::default().get(paths::SHOW, show::show)
}
