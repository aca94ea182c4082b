//! A visit (diagnostic): the meeting during which an establishment's inventory is recorded.
//! Planned, then done, then validated: validation asks the engine to match.
//!
//! Begin with `model`; `list`, `plan` and `show` are screens, `course` what moves a visit along.
//! What is typed in a diagnostic goes through `entry`, cell by cell, whether a page sends it by
//! itself (`autosave`) or whole (`grid`); `questionnaire` is the catalogue of what is asked.

mod autosave;
mod batch;
mod cells;
mod changes;
mod course;
mod due;
mod entry;
mod grid;
mod list;
mod loaded;
mod meeting;
pub mod model;
mod offline;
mod paper;
mod paste;
mod plan;
mod planning;
mod presumed;
mod progress;
pub mod questionnaire;
mod report;
mod round;
pub mod search;
mod sheet;
mod show;
pub mod store;
mod table;
mod tour;

pub use model::{Visit, VisitStatus, VisitStep};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{BatchId, EstablishmentId, UserId, VisitId};
    use crate::platform::web::fill;

    pub const LIST: &str = "/visites";
    /// The same list as a table of its own columns, made by `exchange`.
    pub const TABLES: &[(&str, &str)] = &[
        ("/visites/tableau.xlsx", "classeur .xlsx"),
        ("/visites/tableau.csv", "texte .csv"),
    ];
    /// One act on many visits, and back.
    pub const BATCH: &str = "/visites/lot";
    pub const BATCH_UNDO: &str = "/visites/lot/{id}/annulation";
    /// Visits of many establishments at once, and back.
    pub const PLAN: &str = "/visites/planification";
    pub const PLAN_UNDO: &str = "/visites/planification/{id}/annulation";
    pub const NEW: &str = "/visites/nouvelle";
    /// Sheets that nobody vouched for since the territory's limit.
    pub const DUE: &str = "/visites/a-confirmer";
    /// The round of a day.
    pub const TOUR: &str = "/visites/tournee";
    // A page of a higher floor, by address only.
    pub const AGENDA: &str = "/agenda";
    pub const ESTABLISHMENTS: &str = "/visites/etablissements.json";
    pub const SHOW: &str = "/visites/{id}";
    pub const REPORT: &str = "/visites/{id}/compte-rendu.pdf";
    /// Cells as they are typed.
    pub const AUTOSAVE: &str = "/visites/{id}/saisie";
    pub const PRESENCE: &str = "/visites/{id}/presence";
    /// Asks this browser to keep the visit where there is no network.
    pub const OFFLINE: &str = "/visites/{id}/hors-connexion";
    pub const NOMENCLATURE: &str = "/visites/nomenclature.json";
    /// The whole page as one form.
    pub const GRID: &str = "/visites/{id}/grille";
    pub const ADVISORS: &str = "/visites/{id}/conseillers";
    /// A block of a spreadsheet: preview, then the rows.
    pub const PASTE: &str = "/visites/{id}/collage";
    pub const PASTED: &str = "/visites/{id}/lignes";
    /// The diagnostic on paper; as a workbook to fill; and that workbook, filled (`exchange::sheet`).
    pub const PAPER: &str = "/visites/{id}/grille-papier";
    pub const WORKBOOK: &str = "/visites/{id}/grille.xlsx";
    pub const FILLED: &str = "/visites/{id}/grille-remplie";
    /// What changed since the previous diagnostic.
    pub const CHANGES: &str = "/visites/{id}/evolution";
    pub const TAKE_UP: &str = "/visites/{id}/reprise";
    pub const HOLD: &str = "/visites/{id}/tenue";
    pub const VALIDATE: &str = "/visites/{id}/validation";
    pub const REOPEN: &str = "/visites/{id}/reouverture";
    pub const CANCEL: &str = "/visites/{id}/annulation";

    pub fn batch_undo(id: &BatchId) -> String {
        fill(BATCH_UNDO, id)
    }
    pub fn show(id: &VisitId) -> String {
        fill(SHOW, id)
    }
    pub fn tour(on: chrono::NaiveDate, who: &UserId) -> String {
        format!("{TOUR}?jour={}&qui={who}", on.format("%Y-%m-%d"))
    }
    pub fn new_at(establishment: &EstablishmentId) -> String {
        format!("{NEW}?etablissement={establishment}")
    }
    pub fn report(id: &VisitId) -> String {
        fill(REPORT, id)
    }
    pub fn autosave(id: &VisitId) -> String {
        fill(AUTOSAVE, id)
    }
    pub fn presence(id: &VisitId) -> String {
        fill(PRESENCE, id)
    }
    pub fn offline(id: &VisitId) -> String {
        fill(OFFLINE, id)
    }
    pub fn grid(id: &VisitId) -> String {
        fill(GRID, id)
    }
    pub fn advisors(id: &VisitId) -> String {
        fill(ADVISORS, id)
    }
    pub fn paste(id: &VisitId) -> String {
        fill(PASTE, id)
    }
    pub fn pasted(id: &VisitId) -> String {
        fill(PASTED, id)
    }
    pub fn paper(id: &VisitId) -> String {
        fill(PAPER, id)
    }
    pub fn workbook(id: &VisitId) -> String {
        fill(WORKBOOK, id)
    }
    pub fn filled(id: &VisitId) -> String {
        fill(FILLED, id)
    }
    pub fn changes(id: &VisitId) -> String {
        fill(CHANGES, id)
    }
    pub fn take_up(id: &VisitId) -> String {
        fill(TAKE_UP, id)
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
        .post(paths::BATCH, batch::act)
        .post(paths::BATCH_UNDO, crate::lists::Undo::act::<batch::Back>)
        .get(paths::PLAN, planning::show)
        .post(paths::PLAN, planning::submit)
        .post(paths::PLAN_UNDO, crate::lists::Undo::act::<planning::Back>)
        .get(paths::NEW, plan::show)
        .post(paths::NEW, plan::submit)
        .get(paths::DUE, due::show)
        .post(paths::DUE, due::confirm)
        .get(paths::TOUR, tour::show)
        .get(paths::ESTABLISHMENTS, plan::establishments)
        .get(paths::SHOW, show::show)
        .get(paths::REPORT, report::pdf)
        .post(paths::AUTOSAVE, autosave::save)
        .post(paths::PRESENCE, autosave::present)
        .post(paths::OFFLINE, offline::prepare)
        .get(paths::NOMENCLATURE, offline::nomenclature)
        .post(paths::GRID, grid::submit)
        .post(paths::ADVISORS, course::assign)
        .get(paths::PASTE, paste::show)
        .post(paths::PASTE, paste::preview)
        .post(paths::PASTED, paste::add)
        .get(paths::PAPER, paper::show)
        .get(paths::CHANGES, changes::show)
        .post(paths::TAKE_UP, changes::take_up)
        .post(paths::HOLD, course::hold)
        .post(paths::VALIDATE, course::validate)
        .post(paths::REOPEN, course::reopen)
        .post(paths::CANCEL, course::cancel)
}
