//! A workshop: a morning when companies find synergies together. Prepared from what the open proposals
//! are about, then companies are invited, the day is held, and it is closed with its report.
//!
//! Begin with `model`. `list`, `edit`, `show` plan it; `guests`, `invite`, `reminders` and `answer` fill the room;
//! `seating` (with `tables`, pure), `agenda` and `cards` prepare the day; `sheet` is who came, `capture` what was
//! said, `after` what was promised and what people thought; `report` tells it all. What is printed is made
//! as PDF by the file of its screen, with `paper`. Ideas reach the queue through [`IdeasCaptured`], which
//! `synergies` answers.

mod after;
mod agenda;
mod answer;
mod calendar;
mod capture;
mod cards;
mod changes;
mod edit;
mod guests;
mod invite;
mod letters;
mod list;
pub mod model;
mod newcomer;
mod paper;
mod reminders;
mod report;
mod seating;
mod sheet;
mod show;
pub mod store;
mod tables;

pub use changes::IdeasCaptured;
pub use model::{GuestAnswer, Workshop, WorkshopState, WorkshopStep};
pub use reminders::remind;

use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{EstablishmentId, WorkshopId};
    use crate::platform::web::fill;

    pub const LIST: &str = "/ateliers";
    pub const NEW: &str = "/ateliers/nouveau";
    pub const SHOW: &str = "/ateliers/{id}";
    pub const EDIT: &str = "/ateliers/{id}/modifier";
    pub const GUESTS: &str = "/ateliers/{id}/invites";
    pub const GUEST_ANSWER: &str = "/ateliers/{id}/invites/reponse";
    pub const GUEST_REMOVE: &str = "/ateliers/{id}/invites/retrait";
    /// Letters: read first, then sent.
    pub const INVITE: &str = "/ateliers/{id}/invitations";
    pub const REMIND: &str = "/ateliers/{id}/relance";
    pub const TABLES: &str = "/ateliers/{id}/tables";
    pub const MOVE: &str = "/ateliers/{id}/tables/placement";
    pub const CARDS: &str = "/ateliers/{id}/cartons";
    pub const SHEET: &str = "/ateliers/{id}/presences";
    pub const CAPTURE: &str = "/ateliers/{id}/saisie";
    pub const WELCOME: &str = "/ateliers/{id}/saisie/entreprise";
    pub const UNDO: &str = "/ateliers/{id}/saisie/retrait";
    pub const AFTER: &str = "/ateliers/{id}/suites";
    pub const PROMISE_KEPT: &str = "/ateliers/{id}/suites/engagement";
    pub const OPINION: &str = "/ateliers/{id}/suites/avis";
    pub const ASK: &str = "/ateliers/{id}/suites/questionnaire";
    pub const HOLD: &str = "/ateliers/{id}/tenue";
    pub const CLOSE: &str = "/ateliers/{id}/cloture";
    pub const REOPEN: &str = "/ateliers/{id}/reouverture";
    pub const REPORT: &str = "/ateliers/{id}/compte-rendu";
    pub const CALENDAR: &str = "/ateliers/{id}/atelier.ics";
    /// To be printed.
    pub const AGENDA: &str = "/ateliers/{id}/ordre-du-jour.pdf";
    pub const PLACE_CARDS: &str = "/ateliers/{id}/chevalets.pdf";
    pub const RESOURCE_CARDS: &str = "/ateliers/{id}/cartons.pdf";
    pub const SIGNATURES: &str = "/ateliers/{id}/presences.pdf";
    pub const REPORT_PDF: &str = "/ateliers/{id}/compte-rendu.pdf";
    /// The page of a letter, without an account.
    pub const ANSWER: &str = "/invitation-atelier/{jeton}";
    pub const MARK: &str = "/invitation-atelier/{jeton}/avis";
    pub const GUEST_CALENDAR: &str = "/invitation-atelier/{jeton}/atelier.ics";

    // A page of a higher floor, by address only.
    const SYNERGY: &str = "/synergies/{id}";

    macro_rules! of_workshop {
        ($($name:ident $path:ident)*) => {$(
            pub fn $name(id: &WorkshopId) -> String {
                fill($path, id)
            }
        )*};
    }
    of_workshop! {
        show SHOW edit EDIT guests GUESTS guest_answer GUEST_ANSWER guest_remove GUEST_REMOVE invite INVITE
        remind REMIND tables TABLES place MOVE cards CARDS sheet SHEET capture CAPTURE welcome WELCOME undo UNDO after AFTER
        promise_kept PROMISE_KEPT opinion OPINION ask ASK hold HOLD close CLOSE reopen REOPEN report REPORT
        calendar CALENDAR agenda AGENDA place_cards PLACE_CARDS resource_cards RESOURCE_CARDS signatures SIGNATURES
        report_pdf REPORT_PDF
    }
    pub fn about(category: &str) -> String {
        format!("{NEW}?theme={category}")
    }
    pub fn answer(token: &str) -> String {
        fill(ANSWER, token)
    }
    pub fn mark(token: &str) -> String {
        fill(MARK, token)
    }
    pub fn guest_calendar(token: &str) -> String {
        fill(GUEST_CALENDAR, token)
    }
    pub fn synergy(id: &crate::kernel::ids::SynergyId) -> String {
        fill(SYNERGY, id)
    }
    /// The capture of what somebody says, `who` having been tapped.
    pub fn capture_of(id: &WorkshopId, who: &EstablishmentId, sense: &str) -> String {
        format!("{}?de={who}&sens={sense}", fill(CAPTURE, id))
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::LIST, list::show)
        .get(paths::NEW, edit::new)
        .post(paths::NEW, edit::create)
        .get(paths::SHOW, show::show)
        .get(paths::EDIT, edit::show)
        .post(paths::EDIT, edit::submit)
        .get(paths::GUESTS, guests::show)
        .post(paths::GUESTS, guests::add)
        .post(paths::GUEST_ANSWER, guests::answer)
        .post(paths::GUEST_REMOVE, guests::remove)
        .get(paths::INVITE, invite::show)
        .post(paths::INVITE, invite::send)
        .post(paths::REMIND, invite::remind)
        .get(paths::TABLES, seating::show)
        .post(paths::TABLES, seating::compose)
        .post(paths::MOVE, seating::place)
        .get(paths::CARDS, cards::show)
        .get(paths::PLACE_CARDS, cards::place_cards)
        .get(paths::RESOURCE_CARDS, cards::resource_cards)
        .get(paths::AGENDA, agenda::pdf)
        .get(paths::SHEET, sheet::show)
        .post(paths::SHEET, sheet::submit)
        .get(paths::SIGNATURES, sheet::pdf)
        .get(paths::CAPTURE, capture::show)
        .post(paths::CAPTURE, capture::submit)
        .post(paths::WELCOME, newcomer::welcome)
        .post(paths::UNDO, capture::undo)
        .get(paths::AFTER, after::show)
        .post(paths::AFTER, after::promise)
        .post(paths::PROMISE_KEPT, after::keep)
        .post(paths::OPINION, after::opine)
        .post(paths::ASK, after::ask)
        .post(paths::HOLD, show::hold)
        .post(paths::CLOSE, show::close)
        .post(paths::REOPEN, show::reopen)
        .get(paths::REPORT, report::show)
        .get(paths::REPORT_PDF, report::pdf)
        .get(paths::CALENDAR, calendar::staff)
        .get(paths::ANSWER, answer::show)
        .post(paths::ANSWER, answer::submit)
        .post(paths::MARK, answer::opine)
        .get(paths::GUEST_CALENDAR, calendar::guest)
}

/// The names of categories.
fn category_labels(codes: &[String]) -> Vec<String> {
    codes
        .iter()
        .filter_map(|code| FlowCode::find(code))
        .map(|code| Catalogue::embedded().category(code).label.clone())
        .collect()
}
