//! A company (SIREN) and its establishments (SIRET): where it is, what it does, whom to call.
//!
//! Flows belong to establishments. Begin with `model`; `search` says what the list, the map and the
//! exports look for; `directory` what can be looked up elsewhere; `consent` is the only way to another company's name; `list`, `show`, `edit`,
//! `contacts` and `archive` are screens.
//!
//! The sheet (`show`) also shows flows, visits and synergies, which stand on higher floors: it reads
//! their tables by SQL, names none of their modules, and links to their pages by the addresses kept
//! in [`paths`]. Sharing tables was judged simpler than having every feature hand over its part.

pub mod changes;
pub mod consent;
pub mod contacts;
pub mod directory;
pub mod model;
pub mod questions;
pub mod search;
pub mod store;

mod archive;
mod edit;
mod list;
mod show;
mod suggest;

pub use contacts::Contact;
pub use model::{Establishment, Headcount, PositionSource};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::Direction;
    use crate::kernel::ids::{BatchId, ContactId, EstablishmentId, FlowId, SynergyId, VisitId};
    use crate::platform::web::{encoded, fill};

    pub const LIST: &str = "/entreprises";
    pub const POINTS: &str = "/entreprises/points.json";
    pub const NAF: &str = "/entreprises/activites.json";
    pub const ADDRESSES: &str = "/entreprises/adresses.json";
    pub const NEW: &str = "/entreprises/nouvelle";
    pub const DIRECTORY: &str = "/administration/annuaire";
    pub const SHOW: &str = "/entreprises/{id}";
    pub const EDIT: &str = "/entreprises/{id}/modifier";
    pub const SHEET: &str = "/entreprises/{id}/fiche.pdf";
    pub const ARCHIVE: &str = "/entreprises/{id}/archivage";
    pub const RESTORE: &str = "/entreprises/{id}/retablissement";
    pub const CONTACT_NEW: &str = "/entreprises/{id}/contacts/nouveau";
    pub const CONTACT_EDIT: &str = "/contacts/{id}/modifier";
    pub const CONTACT_REMOVE: &str = "/contacts/{id}/retrait";

    /// Files that hold what the list shows, made by `exchange`: address and label. The list links
    /// to each with its own filters.
    pub const EXPORTS: &[(&str, &str)] = &[
        ("/entreprises/export.xlsx", "classeur .xlsx"),
        ("/entreprises/export.csv", "texte .csv"),
    ];

    /// The same list as a table of its own columns.
    pub const TABLES: &[(&str, &str)] = &[
        ("/entreprises/tableau.xlsx", "classeur .xlsx"),
        ("/entreprises/tableau.csv", "texte .csv"),
    ];

    // Pages of higher floors, by address only.
    pub const PLAN: &str = "/visites/planification";
    const PLAN_UNDO: &str = "/visites/planification/{id}/annulation";
    const VISIT_NEW: &str = "/visites/nouvelle?etablissement={id}";
    const VISIT: &str = "/visites/{id}";
    const SPACE: &str = "/entreprises/{id}/espace";
    const SYNERGY: &str = "/synergies/{id}";
    const TOGETHER: &str = "/synergies/nouvelle?de={id}";
    const PRESUMED: &str = "/entreprises/{id}/flux-presumes/";

    const FLOW_EDIT: &str = "/flux/{id}/modifier?retour=";
    const FLOW_ANSWER: &str = "/flux/{id}/reponse";
    const FLOW_WHY: &str = "/flux/{id}/pourquoi";
    const FLOWS_CONFIRM_ALL: &str = "/entreprises/{id}/flux/confirmation";

    /// The form of a new company, filled with what the directory says of it.
    pub fn new_from(siret: &str, typed: &str) -> String {
        format!("{NEW}?{}", encoded(&[("cherche", typed), ("siret", siret)]))
    }
    pub fn show(id: &EstablishmentId) -> String {
        fill(SHOW, id)
    }
    pub fn edit(id: &EstablishmentId) -> String {
        fill(EDIT, id)
    }
    pub fn sheet(id: &EstablishmentId) -> String {
        fill(SHEET, id)
    }
    pub fn archive(id: &EstablishmentId) -> String {
        fill(ARCHIVE, id)
    }
    pub fn restore(id: &EstablishmentId) -> String {
        fill(RESTORE, id)
    }
    pub fn contact_new(id: &EstablishmentId) -> String {
        fill(CONTACT_NEW, id)
    }
    pub fn contact_edit(id: &ContactId) -> String {
        fill(CONTACT_EDIT, id)
    }
    pub fn contact_remove(id: &ContactId) -> String {
        fill(CONTACT_REMOVE, id)
    }
    pub fn plan_undo(id: &BatchId) -> String {
        fill(PLAN_UNDO, id)
    }
    pub fn visit_new(id: &EstablishmentId) -> String {
        fill(VISIT_NEW, id)
    }
    pub fn visit(id: &VisitId) -> String {
        fill(VISIT, id)
    }
    /// Comes back to the sheet afterwards.
    pub fn flow_edit(id: &FlowId, back: &EstablishmentId) -> String {
        format!("{}{}", fill(FLOW_EDIT, id), show(back))
    }
    pub fn flow_answer(id: &FlowId) -> String {
        fill(FLOW_ANSWER, id)
    }
    pub fn flow_why(id: &FlowId) -> String {
        fill(FLOW_WHY, id)
    }
    pub fn flows_confirm_all(id: &EstablishmentId) -> String {
        fill(FLOWS_CONFIRM_ALL, id)
    }
    pub fn space(id: &EstablishmentId) -> String {
        fill(SPACE, id)
    }
    /// A presumed flow, to record it or to dismiss it.
    pub fn presumed(id: &EstablishmentId, category: &str, direction: Direction) -> String {
        format!("{}{category}/{}", fill(PRESUMED, id), direction.word())
    }
    pub fn presumed_dismissal(id: &EstablishmentId, category: &str, direction: Direction) -> String {
        format!("{}/ecart", presumed(id, category, direction))
    }
    /// « Je propose une synergie » with it.
    pub fn together(id: &EstablishmentId) -> String {
        fill(TOGETHER, id)
    }
    pub fn synergy(id: &SynergyId) -> String {
        fill(SYNERGY, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::LIST, list::show)
        .get(paths::POINTS, list::points)
        .get(paths::NAF, suggest::activities)
        .get(paths::ADDRESSES, suggest::addresses)
        .get(paths::NEW, edit::new)
        .post(paths::NEW, edit::create)
        .get(paths::DIRECTORY, directory::intake::show)
        .post(paths::DIRECTORY, directory::intake::submit)
        .get(paths::SHOW, show::show)
        .get(paths::SHEET, show::sheet::pdf)
        .get(paths::EDIT, edit::edit)
        .post(paths::EDIT, edit::save)
        .get(paths::ARCHIVE, archive::ask)
        .post(paths::ARCHIVE, archive::archive)
        .post(paths::RESTORE, archive::restore)
        .get(paths::CONTACT_NEW, contacts::new)
        .post(paths::CONTACT_NEW, contacts::create)
        .get(paths::CONTACT_EDIT, contacts::edit)
        .post(paths::CONTACT_EDIT, contacts::save)
        .get(paths::CONTACT_REMOVE, contacts::ask_removal)
        .post(paths::CONTACT_REMOVE, contacts::remove)
}
