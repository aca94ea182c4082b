//! A company's own space: its flows as recorded, and the synergies found for it, the other company
//! without a name until both agreed. Begin with `space`.
//!
//! What a company asks there (`correction`, `data`) an advisor decides at the `desk`; `invite` opens
//! the space to one of its people, from its sheet.

mod correction;
mod data;
mod desk;
mod erasure;
mod idea;
mod invite;
mod letters;
mod model;
mod opinions;
mod proposal;
mod requests;
mod sheet;
mod space;
pub mod store;

pub use model::{OwnFlow, Proposal, Stage};
pub use opinions::ask_opinions;
pub use requests::{CorrectionState, Subject};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{CompanyIdeaId, CorrectionId, ErasureId, EstablishmentId, FlowId, SynergyId};
    use crate::platform::web::fill;

    pub const SPACE: &str = "/mon-espace";
    pub const PROPOSAL: &str = "/mon-espace/propositions/{id}";
    pub const SHEET: &str = "/mon-espace/propositions/{id}/fiche.pdf";
    pub const ANSWER: &str = "/mon-espace/propositions/{id}/reponse";
    pub const WITHDRAWAL: &str = "/mon-espace/propositions/{id}/retrait";
    pub const OPINION: &str = "/mon-espace/propositions/{id}/avis";
    pub const CORRECTION: &str = "/mon-espace/correction";
    pub const IDEA: &str = "/mon-espace/idee";
    pub const DATA: &str = "/mon-espace/mes-donnees";
    pub const ERASURE: &str = "/mon-espace/mes-donnees/effacement";
    pub const DESK: &str = "/demandes";
    pub const ACCEPT: &str = "/demandes/{id}/acceptation";
    pub const REFUSE: &str = "/demandes/{id}/refus";
    pub const DECLINE_IDEA: &str = "/demandes/idees/{id}/reponse";
    pub const ANSWER_ERASURE: &str = "/demandes/effacements/{id}/reponse";
    /// What an erasure takes away, and the act.
    pub const ERASE: &str = "/demandes/effacements/{id}";
    pub const INVITE: &str = "/entreprises/{id}/espace";

    /// Files of everything that is kept of the company, made by `exchange`: address and label.
    pub const EXPORTS: &[(&str, &str)] = &[
        ("/mon-espace/mes-donnees.json", "tout, en .json"),
        ("/mon-espace/mes-flux.xlsx", "les flux, en classeur .xlsx"),
    ];

    pub fn proposal(id: &SynergyId) -> String {
        fill(PROPOSAL, id)
    }
    pub fn sheet(id: &SynergyId) -> String {
        fill(SHEET, id)
    }
    pub fn answer(id: &SynergyId) -> String {
        fill(ANSWER, id)
    }
    pub fn withdrawal(id: &SynergyId) -> String {
        fill(WITHDRAWAL, id)
    }
    pub fn opinion(id: &SynergyId) -> String {
        fill(OPINION, id)
    }
    pub fn correct(id: &FlowId) -> String {
        format!("{CORRECTION}?flux={id}")
    }
    pub fn idea(id: &FlowId) -> String {
        format!("{IDEA}?flux={id}")
    }
    pub fn decline_idea(id: &CompanyIdeaId) -> String {
        fill(DECLINE_IDEA, id)
    }
    pub fn complete(id: &EstablishmentId) -> String {
        format!("{CORRECTION}?etablissement={id}")
    }
    pub fn accept(id: &CorrectionId) -> String {
        fill(ACCEPT, id)
    }
    pub fn refuse(id: &CorrectionId) -> String {
        fill(REFUSE, id)
    }
    pub fn answer_erasure(id: &ErasureId) -> String {
        fill(ANSWER_ERASURE, id)
    }
    pub fn erase(id: &ErasureId) -> String {
        fill(ERASE, id)
    }
    pub fn invite(id: &EstablishmentId) -> String {
        fill(INVITE, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::SPACE, space::show)
        .get(paths::PROPOSAL, proposal::show)
        .get(paths::SHEET, sheet::pdf)
        .post(paths::ANSWER, proposal::submit)
        .post(paths::WITHDRAWAL, proposal::withdraw)
        .post(paths::OPINION, proposal::judge)
        .get(paths::CORRECTION, correction::show)
        .post(paths::CORRECTION, correction::submit)
        .get(paths::IDEA, idea::show)
        .post(paths::IDEA, idea::submit)
        .get(paths::DATA, data::show)
        .post(paths::ERASURE, data::ask_erasure)
        .get(paths::DESK, desk::show)
        .post(paths::ACCEPT, desk::accept)
        .post(paths::REFUSE, desk::refuse)
        .post(paths::DECLINE_IDEA, desk::decline_idea)
        .post(paths::ANSWER_ERASURE, desk::answer_erasure)
        .get(paths::ERASE, erasure::show)
        .post(paths::ERASE, erasure::submit)
        .get(paths::INVITE, invite::show)
        .post(paths::INVITE, invite::submit)
}
