//! What enters and leaves an establishment, as recorded: the inventory that visits, workshops and
//! imports fill and that the engine reads. Begin with `model`.
//!
//! `form` says how a flow is typed, `merge` what happens when two people type it at
//! once; `edit`, `acts`, `batch`, `list`, `trash` are screens.

mod acts;
mod answer;
mod back;
mod batch;
pub mod changes;
mod echo;
mod edit;
mod entry;
mod form;
mod list;
mod merge;
pub mod model;
pub mod search;
pub mod store;
mod suggest;
mod trash;
mod vocabulary;
pub mod words;

pub use changes::FlowsChanged;
pub use entry::{Entry, Place};
pub use form::FlowForm;
pub use model::{Certainty, Flow, FlowSource, Visibility};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{BatchId, EstablishmentId, FlowId, LocalWordId};
    use crate::platform::web::fill;

    pub const LIST: &str = "/flux";
    pub const TRASH: &str = "/flux/corbeille";
    pub const EDIT: &str = "/flux/{id}/modifier";
    /// One field that proposals wait for.
    pub const ANSWER: &str = "/flux/{id}/reponse";
    pub const CONFIRM: &str = "/flux/{id}/confirmation";
    pub const CONFIRM_ALL: &str = "/entreprises/{id}/flux/confirmation";
    pub const CLASSIFY: &str = "/flux/{id}/categorie";
    pub const DUPLICATE: &str = "/flux/{id}/duplication";
    pub const DELETE: &str = "/flux/{id}/suppression";
    pub const RESTORE: &str = "/flux/{id}/restauration";
    /// « Pourquoi rien ? », answered by `synergies`.
    pub const WHY: &str = "/flux/{id}/pourquoi";
    // A page of a higher floor, by address only.
    const TOGETHER: &str = "/synergies/nouvelle";
    /// Files that hold what the list shows, made by `exchange`: address and label. The list links to
    /// each with its own filters.
    pub const EXPORTS: &[(&str, &str)] = &[
        ("/flux/export.xlsx", "classeur .xlsx"),
        ("/flux/export.csv", "texte .csv"),
    ];
    /// The same list as a table of its own columns.
    pub const TABLES: &[(&str, &str)] = &[
        ("/flux/tableau.xlsx", "classeur .xlsx"),
        ("/flux/tableau.csv", "texte .csv"),
    ];
    /// One act on many flows, and back.
    pub const BATCH: &str = "/flux/lot";
    pub const BATCH_UNDO: &str = "/flux/lot/{id}/annulation";
    pub const VOCABULARY: &str = "/flux/vocabulaire";
    pub const ACCEPT_WORD: &str = "/flux/vocabulaire/{id}/acceptation";
    pub const REFUSE_WORD: &str = "/flux/vocabulaire/{id}/refus";
    pub const REMOVE_WORD: &str = "/flux/vocabulaire/{id}/retrait";
    pub const SUGGEST: &str = "/nomenclature.json";
    /// What a quantity makes in a year, while it is typed.
    pub const YEAR: &str = "/flux/quantite.json";

    pub fn edit(id: &FlowId) -> String {
        fill(EDIT, id)
    }
    /// Comes back to this page afterwards.
    pub fn edit_from(id: &FlowId, back: &str) -> String {
        format!("{}?retour={}", fill(EDIT, id), super::back::encoded(back))
    }
    pub fn confirm(id: &FlowId) -> String {
        fill(CONFIRM, id)
    }
    pub fn confirm_all(establishment: &EstablishmentId) -> String {
        fill(CONFIRM_ALL, establishment)
    }
    pub fn classify(id: &FlowId) -> String {
        fill(CLASSIFY, id)
    }
    pub fn duplicate(id: &FlowId) -> String {
        fill(DUPLICATE, id)
    }
    pub fn delete(id: &FlowId) -> String {
        fill(DELETE, id)
    }
    pub fn why(id: &FlowId) -> String {
        fill(WHY, id)
    }
    /// « Je propose une synergie » with it.
    pub fn together(id: &FlowId) -> String {
        format!("{TOGETHER}?flux={id}")
    }
    pub fn restore(id: &FlowId) -> String {
        fill(RESTORE, id)
    }
    pub fn batch_undo(id: &BatchId) -> String {
        fill(BATCH_UNDO, id)
    }
    pub fn accept_word(id: &LocalWordId) -> String {
        fill(ACCEPT_WORD, id)
    }
    pub fn refuse_word(id: &LocalWordId) -> String {
        fill(REFUSE_WORD, id)
    }
    pub fn remove_word(id: &LocalWordId) -> String {
        fill(REMOVE_WORD, id)
    }
    /// The flows of one establishment.
    pub fn of_establishment(id: &EstablishmentId) -> String {
        format!("{LIST}?etablissement={id}")
    }
    /// What a category's field asks while typing.
    pub fn suggest() -> String {
        format!("{SUGGEST}?q=")
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::LIST, list::show)
        .post(paths::BATCH, batch::act)
        .post(paths::BATCH_UNDO, crate::lists::Undo::act::<batch::Back>)
        .get(paths::TRASH, trash::show)
        .get(paths::VOCABULARY, vocabulary::show)
        .post(paths::VOCABULARY, vocabulary::add)
        .post(paths::ACCEPT_WORD, vocabulary::accept)
        .post(paths::REFUSE_WORD, vocabulary::refuse)
        .post(paths::REMOVE_WORD, vocabulary::remove)
        .get(paths::SUGGEST, suggest::categories)
        .get(paths::YEAR, echo::year)
        .get(paths::EDIT, edit::show)
        .post(paths::EDIT, edit::submit)
        .post(paths::ANSWER, answer::submit)
        .post(paths::CONFIRM, acts::confirm)
        .post(paths::CONFIRM_ALL, acts::confirm_all)
        .post(paths::CLASSIFY, acts::classify)
        .post(paths::DUPLICATE, acts::duplicate)
        .post(paths::DELETE, acts::delete)
        .post(paths::RESTORE, acts::restore)
}
