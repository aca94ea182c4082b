//! A synergy: what two establishments, or a group of them, could do together.
//!
//! The engine proposes, people decide: queue, study, pre-validation, rejection with its motive, later
//! the contact of the companies up to the synergy in place. Nothing goes to a company before somebody
//! validated it.
//!
//! Begin with `model` (the life cycle) and `proposal` (what is stored of the engine's answer).
//! `matching` is the job that asks the engine; `queue`, `show` and the acts are screens.

mod action;
mod acts;
mod advance;
mod answer;
mod assignment;
mod basket;
mod batch;
mod by_hand;
mod compose;
mod confirm;
mod contact;
mod duplicate;
mod ending;
mod examples;
mod factors;
mod feasibility;
mod file_kind;
mod files;
mod filters;
mod ideas;
mod introduction;
mod law;
mod letters;
mod mass;
mod matching;
mod meeting;
pub mod model;
mod motives;
mod narrow;
mod positions;
mod precision;
mod prevalidate;
mod progress;
mod proposal;
mod queue;
mod realise;
mod reminders;
mod results;
pub mod search;
mod sheet;
mod show;
mod simulation;
mod sleep;
pub mod store;
mod table;
mod talks;
mod times;
mod triage;
mod typed;
mod view;
mod wake;
mod why;
mod years;

pub use ideas::run as run_ideas;
pub use matching::{Inventory, run as run_matching};
pub use model::{
    Axis, Checked, Grade, Grid, IdeaState, Kind, MemberState, NotAllowed, Origin, Readiness, Side, State,
    Step, StepKind, Treatment, Wanted, YieldMeasure, anniversary,
};
pub use motives::{MOTIVES, Motive, MotiveFamily};
pub use proposal::{Explained, Hand, Proposal};
pub use reminders::{recap, remind};
pub use talks::{Channel, REASONS, Talks, Word, reason};
pub use wake::run as run_wake;

use crate::platform::db::System;
use crate::platform::journal::Event;
use crate::platform::web::Routes;

/// Brings the list of motives up to date, at start.
///
/// # Errors
/// When the database refuses.
pub async fn sync_reference(system: &System) -> anyhow::Result<()> {
    system
        .transact(async |tx| -> anyhow::Result<()> {
            if store::sync_motives(tx).await? > 0 {
                tx.record(Event::on(
                    "reference",
                    uuid::Uuid::nil(),
                    "liste « motifs » mise à jour",
                ))
                .await?;
            } else {
                tx.nothing_to_record();
            }
            Ok(())
        })
        .await
}

pub mod paths {
    use crate::kernel::ids::{
        AbsenceId, BatchId, CompanyIdeaId, FileId, FlowId, HandoverId, SynergyId, WorkTimeId,
    };
    use crate::platform::web::fill;

    pub const LIST: &str = "/synergies";
    /// The groups to study: what the menu shows apart.
    pub const GROUPS: &str = "/synergies?type=mutualisation";
    pub const OF_GROUPS: &str = "type=mutualisation";
    /// The files of the table; `exchange` answers.
    pub const TABLES: &[(&str, &str)] = &[
        ("/synergies/tableau.csv", ".csv"),
        ("/synergies/tableau.xlsx", ".xlsx"),
    ];
    pub const BATCH: &str = "/synergies/lot";
    pub const BATCH_UNDO: &str = "/synergies/lot/{id}/annulation";
    pub const SEARCH: &str = "/synergies/recherche";
    pub const PRECISION: &str = "/synergies/precision";
    pub const FACTORS: &str = "/synergies/facteurs";
    pub const FACTOR_GROUP: &str = "/synergies/facteurs/{groupe}";
    /// What others already do.
    pub const EXAMPLES: &str = "/synergies/exemples";
    /// « Et si… ».
    pub const SIMULATION: &str = "/synergies/et-si";
    /// « Je propose une synergie ».
    pub const NEW: &str = "/synergies/nouvelle";
    pub const NEW_GROUP: &str = "/synergies/nouvelle/groupe";
    pub const SHOW: &str = "/synergies/{id}";
    pub const SHEET: &str = "/synergies/{id}/fiche.pdf";
    pub const MEMBERS: &str = "/synergies/{id}/membres";
    pub const TAKE: &str = "/synergies/{id}/prise-en-charge";
    pub const PREVALIDATE: &str = "/synergies/{id}/prevalidation";
    pub const REJECT: &str = "/synergies/{id}/rejet";
    pub const SLEEP: &str = "/synergies/{id}/sommeil";
    pub const RESUME: &str = "/synergies/{id}/reprise";
    pub const ASSIGN: &str = "/synergies/{id}/attribution";
    /// What each advisor has in hand.
    pub const TEAM: &str = "/synergies/conseillers";
    pub const ABSENCES: &str = "/synergies/conseillers/absences";
    pub const ABSENCE_DROP: &str = "/synergies/conseillers/absences/{id}/retrait";
    pub const HANDOVERS: &str = "/synergies/conseillers/passages";
    pub const HANDOVER_UNDO: &str = "/synergies/conseillers/passages/{id}/annulation";
    pub const RULES: &str = "/synergies/regles";
    pub const RULE_MOVE: &str = "/synergies/regles/ordre";
    pub const RESULTS: &str = "/synergies/{id}/resultats";
    pub const YEARS: &str = "/synergies/{id}/annees";
    pub const TIMES: &str = "/synergies/{id}/temps";
    pub const TIME_WITHDRAWAL: &str = "/synergies/temps/{id}/retrait";
    /// What an hour of an agent costs.
    pub const HOUR_COST: &str = "/synergies/conseillers/cout";

    pub const ABANDON: &str = "/synergies/{id}/abandon";
    pub const INTERRUPT: &str = "/synergies/{id}/interruption";
    pub const MERGE: &str = "/synergies/{id}/doublon";
    pub const SILENCE: &str = "/synergies/{id}/sans-nouvelles";
    pub const HEAR: &str = "/synergies/{id}/nouvelles";
    pub const POSITIONS: &str = "/synergies/{id}/positions";
    pub const FEASIBILITY: &str = "/synergies/{id}/faisabilite";
    pub const IMPLEMENT: &str = "/synergies/{id}/mise-en-oeuvre";
    pub const REALISE: &str = "/synergies/{id}/premier-echange";
    pub const ACTION: &str = "/synergies/{id}/action";
    pub const ACTION_DONE: &str = "/synergies/{id}/action/faite";
    pub const FILES: &str = "/synergies/{id}/pieces";
    pub const FILE: &str = "/pieces/{id}";
    pub const FILE_WITHDRAWAL: &str = "/pieces/{id}/retrait";
    pub const CONFIRM: &str = "/synergies/{id}/confirmation";

    pub const PROPOSE: &str = "/synergies/{id}/proposition";
    pub const ANSWER: &str = "/synergies/{id}/reponse";
    pub const INTRODUCTION: &str = "/synergies/{id}/mise-en-relation";
    pub const INTRODUCTION_SEND: &str = "/synergies/{id}/mise-en-relation/envoi";
    pub const MEETING: &str = "/synergies/{id}/rencontre";

    // Pages of a higher floor, by address only.
    const PROPOSAL_IN_SPACE: &str = "/mon-espace/propositions/{id}";
    /// A company's own space.
    pub const SPACE: &str = "/mon-espace";

    pub fn batch_undo(id: &BatchId) -> String {
        fill(BATCH_UNDO, id)
    }
    pub fn abandon(id: &SynergyId) -> String {
        fill(ABANDON, id)
    }
    pub fn interrupt(id: &SynergyId) -> String {
        fill(INTERRUPT, id)
    }
    pub fn merge(id: &SynergyId) -> String {
        fill(MERGE, id)
    }
    pub fn silence(id: &SynergyId) -> String {
        fill(SILENCE, id)
    }
    pub fn hear(id: &SynergyId) -> String {
        fill(HEAR, id)
    }
    pub fn positions(id: &SynergyId) -> String {
        fill(POSITIONS, id)
    }
    pub fn feasibility(id: &SynergyId) -> String {
        fill(FEASIBILITY, id)
    }
    pub fn implement(id: &SynergyId) -> String {
        fill(IMPLEMENT, id)
    }
    pub fn realise(id: &SynergyId) -> String {
        fill(REALISE, id)
    }
    pub fn action(id: &SynergyId) -> String {
        fill(ACTION, id)
    }
    pub fn action_done(id: &SynergyId) -> String {
        fill(ACTION_DONE, id)
    }
    pub fn files(id: &SynergyId) -> String {
        fill(FILES, id)
    }
    pub fn file(id: &FileId) -> String {
        fill(FILE, id)
    }
    pub fn file_withdrawal(id: &FileId) -> String {
        fill(FILE_WITHDRAWAL, id)
    }
    /// « J’en fais une synergie », from the idea of a company.
    pub fn from_idea(id: &CompanyIdeaId, flow: &FlowId) -> String {
        format!("{NEW}?flux={flow}&idee={id}")
    }
    pub fn confirm(id: &SynergyId) -> String {
        fill(CONFIRM, id)
    }
    pub fn propose(id: &SynergyId) -> String {
        fill(PROPOSE, id)
    }
    pub fn answer(id: &SynergyId) -> String {
        fill(ANSWER, id)
    }
    pub fn introduction(id: &SynergyId) -> String {
        fill(INTRODUCTION, id)
    }
    pub fn introduction_send(id: &SynergyId) -> String {
        fill(INTRODUCTION_SEND, id)
    }
    pub fn meeting(id: &SynergyId) -> String {
        fill(MEETING, id)
    }
    pub fn proposal_in_space(id: &SynergyId) -> String {
        fill(PROPOSAL_IN_SPACE, id)
    }
    pub fn show(id: &SynergyId) -> String {
        fill(SHOW, id)
    }
    pub fn sheet(id: &SynergyId) -> String {
        fill(SHEET, id)
    }
    pub fn members(id: &SynergyId) -> String {
        fill(MEMBERS, id)
    }
    pub fn factor_group(segment: &str) -> String {
        fill(FACTOR_GROUP, segment)
    }
    pub fn take(id: &SynergyId) -> String {
        fill(TAKE, id)
    }
    pub fn prevalidate(id: &SynergyId) -> String {
        fill(PREVALIDATE, id)
    }
    pub fn reject(id: &SynergyId) -> String {
        fill(REJECT, id)
    }
    pub fn sleep(id: &SynergyId) -> String {
        fill(SLEEP, id)
    }
    pub fn resume(id: &SynergyId) -> String {
        fill(RESUME, id)
    }
    pub fn assign(id: &SynergyId) -> String {
        fill(ASSIGN, id)
    }
    pub fn absence_drop(id: &AbsenceId) -> String {
        fill(ABSENCE_DROP, id)
    }
    pub fn handover_undo(id: &HandoverId) -> String {
        fill(HANDOVER_UNDO, id)
    }
    /// Where its comments are written.
    pub fn comments(id: &SynergyId) -> String {
        crate::comments::paths::thread(crate::comments::Subject::Synergy(*id))
    }
    pub fn results(id: &SynergyId) -> String {
        fill(RESULTS, id)
    }
    pub fn years(id: &SynergyId) -> String {
        fill(YEARS, id)
    }
    pub fn year(id: &SynergyId, year: &i32) -> String {
        format!("{}?annee={year}", years(id))
    }
    pub fn times(id: &SynergyId) -> String {
        fill(TIMES, id)
    }
    pub fn time_withdrawal(id: &WorkTimeId) -> String {
        fill(TIME_WITHDRAWAL, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::LIST, queue::list)
        .get(paths::SEARCH, progress::show)
        .post(paths::SEARCH, progress::start)
        .get(paths::PRECISION, precision::show)
        .get(crate::flows::paths::WHY, why::show)
        .get(paths::FACTORS, factors::list::show)
        .get(paths::FACTOR_GROUP, factors::edit::show)
        .post(paths::FACTOR_GROUP, factors::edit::submit)
        .get(paths::SIMULATION, simulation::show)
        .get(paths::EXAMPLES, examples::show)
        .merge(proposed())
        .get(paths::SHOW, show::show)
        .get(paths::SHEET, sheet::pdf)
        .get(paths::MEMBERS, compose::show)
        .post(paths::MEMBERS, compose::submit)
        .post(paths::TAKE, show::take)
        .get(paths::PREVALIDATE, prevalidate::show)
        .post(paths::PREVALIDATE, prevalidate::submit)
        .get(paths::REJECT, ending::reject)
        .post(paths::REJECT, ending::submit_rejection)
        .get(paths::ABANDON, ending::abandon)
        .post(paths::ABANDON, ending::submit_abandon)
        .get(paths::INTERRUPT, ending::interrupt)
        .post(paths::INTERRUPT, ending::submit_interruption)
        .get(paths::MERGE, duplicate::show)
        .post(paths::MERGE, duplicate::submit)
        .post(paths::SILENCE, advance::silence)
        .post(paths::HEAR, advance::hear)
        .get(paths::POSITIONS, positions::show)
        .post(paths::POSITIONS, positions::submit)
        .get(paths::FEASIBILITY, feasibility::show)
        .post(paths::FEASIBILITY, feasibility::submit)
        .post(paths::IMPLEMENT, advance::implement)
        .get(paths::REALISE, realise::show)
        .post(paths::REALISE, realise::submit)
        .get(paths::ACTION, action::show)
        .post(paths::ACTION, action::submit)
        .post(paths::ACTION_DONE, action::finish)
        .get(paths::FILES, files::show)
        .post(paths::FILES, files::attach)
        .get(paths::FILE, files::download)
        .post(paths::FILE_WITHDRAWAL, files::withdraw)
        .get(paths::CONFIRM, confirm::show)
        .post(paths::CONFIRM, confirm::submit)
        .get(paths::SLEEP, sleep::show)
        .post(paths::SLEEP, sleep::submit)
        .post(paths::RESUME, show::resume)
        .post(paths::ASSIGN, show::assign)
        .merge(shared())
        .merge(proof())
        .post(paths::PROPOSE, contact::propose)
        .get(paths::ANSWER, answer::show)
        .post(paths::ANSWER, answer::submit)
        .get(paths::INTRODUCTION, introduction::show)
        .post(paths::INTRODUCTION, introduction::save)
        .post(paths::INTRODUCTION_SEND, introduction::send)
        .get(paths::MEETING, meeting::show)
        .post(paths::MEETING, meeting::submit)
}

/// What a person proposes beside the engine.
fn proposed() -> Routes {
    Routes::default()
        .get(paths::NEW, by_hand::show)
        .post(paths::NEW, by_hand::submit)
        .get(paths::NEW_GROUP, by_hand::group::show)
        .post(paths::NEW_GROUP, by_hand::group::submit)
}

/// What a synergy brings, what it costs, and what proves it.
fn proof() -> Routes {
    Routes::default()
        .get(paths::RESULTS, results::show)
        .post(paths::RESULTS, results::save)
        .get(paths::YEARS, years::show)
        .post(paths::YEARS, years::save)
        .get(paths::TIMES, times::show)
        .post(paths::TIMES, times::note)
        .post(paths::TIME_WITHDRAWAL, times::withdraw)
}

/// What colleagues share: who follows what, and what they say of it.
fn shared() -> Routes {
    Routes::default()
        .post(paths::BATCH, batch::act)
        .post(paths::BATCH_UNDO, crate::lists::Undo::act::<batch::Back>)
        .get(paths::TEAM, assignment::team::show)
        .post(paths::ABSENCES, assignment::team::note_absence)
        .post(paths::ABSENCE_DROP, assignment::team::drop_absence)
        .post(paths::HOUR_COST, assignment::team::set_hour_cost)
        .post(paths::HANDOVERS, assignment::team::hand_over)
        .post(paths::HANDOVER_UNDO, assignment::team::undo)
        .get(paths::RULES, assignment::rules::show)
        .post(paths::RULES, assignment::rules::add)
        .post(paths::RULE_MOVE, assignment::rules::arrange)
}
