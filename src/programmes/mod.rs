//! A territory's programme over several years, as its founding document describes it.
//!
//! Its calendar, the targets to reach, who pays, who commits to what, which flows the committee wants
//! first, what the committees decide. Begin with `model`. `pieces` is the one form that writes every part of it, `edit` its screens; the
//! budget, which also needs synergies, is a dashboard.

mod edit;
mod meetings;
pub mod model;
mod outreach;
mod pieces;
mod priorities;
mod show;
pub mod store;

pub use model::{Commitment, CommitmentState, FundingLine, FundingPlan, Priority, Programme, Target};

use crate::platform::web::Routes;

/// The page of the budget, on a higher floor.
const BUDGET: &str = "/demarche/budget";

pub mod paths {
    use super::store::Piece;
    use crate::kernel::ids::MeetingId;
    use crate::platform::web::fill;
    use uuid::Uuid;

    pub const SHOW: &str = "/demarche";
    pub const PROGRAMME: &str = "/demarche/modifier";
    pub const PRIORITIES: &str = "/demarche/priorites";
    pub const MEETINGS: &str = "/demarche/reunions";
    pub const MEETING: &str = "/demarche/reunions/{id}";
    pub const ATTENDANCE: &str = "/demarche/reunions/{id}/presences";
    pub const OUTREACH: &str = "/demarche/communication";
    pub const ADD: &str = "/demarche/ajout/{sorte}";
    pub const EDIT: &str = "/demarche/modification/{sorte}/{id}";
    pub const REMOVE: &str = "/demarche/retrait/{sorte}/{id}";

    pub fn meeting(id: &MeetingId) -> String {
        fill(MEETING, id)
    }
    pub fn attendance(id: &MeetingId) -> String {
        fill(ATTENDANCE, id)
    }
    pub fn add(piece: Piece) -> String {
        fill(ADD, piece.code())
    }
    pub fn decide(meeting: &MeetingId) -> String {
        format!("{}?reunion={meeting}", add(Piece::Decision))
    }
    pub fn edit(piece: Piece, id: &(impl Copy + Into<Uuid>)) -> String {
        fill(&fill(EDIT, piece.code()), (*id).into())
    }
    pub fn remove(piece: Piece, id: &(impl Copy + Into<Uuid>)) -> String {
        fill(&fill(REMOVE, piece.code()), (*id).into())
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::SHOW, show::show)
        .get(paths::PROGRAMME, edit::show_programme)
        .post(paths::PROGRAMME, edit::save_programme)
        .get(paths::PRIORITIES, priorities::show)
        .post(paths::PRIORITIES, priorities::save)
        .get(paths::MEETINGS, meetings::list)
        .get(paths::MEETING, meetings::show)
        .post(paths::ATTENDANCE, meetings::attend)
        .get(paths::OUTREACH, outreach::show)
        .get(paths::ADD, edit::start)
        .get(paths::EDIT, edit::show)
        .post(paths::EDIT, edit::save)
        .post(paths::REMOVE, edit::remove)
}
