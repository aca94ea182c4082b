//! Screen: the diagnostic. The inventory as a grid grouped by family, the questionnaire section by
//! section, what is still to ask, and the course of the visit. Every field is saved as it is typed
//! (`autosave`), or by one button without JavaScript (`grid`).

use super::entry::Clash;
use super::loaded::{Loaded, Questions, identity, load};
use super::plan::advisors;
use super::presumed::{Offer, offers};
use super::progress::{Progress, State};
use super::questionnaire::{self, Kind, SECTIONS};
use super::sheet::{self, Eye, Group, Row};
use super::store::Around;
use super::{Visit, VisitStep, paths};
use crate::companies::{self, Establishment, questions, questions::Question};
use crate::flows;
use crate::kernel::ids::{FlowId, UserId, VisitId};
use crate::kernel::{Direction, typed_day};
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Errors, Page, Path, Query, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShowQuery {
    /// The direction of the last flow: the next one keeps it, and the focus is in its row.
    sens: String,
    copie: String,
    supprime: String,
}

/// What was typed in one of the page's forms and not saved.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) held_on: Option<String>,
    pub(super) hold_errors: Errors,
    pub(super) advisors: Option<Vec<String>>,
    pub(super) advisors_errors: Errors,
    pub(super) clashes: Vec<Clash>,
    /// What became of the rest of what was sent.
    pub(super) note: Option<String>,
    pub(super) query: ShowQuery,
    /// Something that was just sent cannot be understood.
    pub(super) refused: bool,
}

#[derive(Template)]
#[template(path = "visits/show.html")]
struct Show {
    visit: Visit,
    establishment: Establishment,
    around: Around,
    progress: Progress,
    groups: Vec<Group>,
    /// Rows to type in: an empty one, or a copy.
    fresh: Row,
    template: Row,
    inventory: String,
    presumed: Vec<Offer>,
    awaited: Vec<Question>,
    any_old: bool,
    address: String,
    client: Uuid,
    person: UserId,
    /// Whether the territory lets the browser keep this page.
    offline: bool,
    autofocus: bool,
    questions: Questions,
    errors: Errors,
    others: Vec<String>,
    previous: Option<NaiveDate>,
    /// Answers of the previous diagnostic that this one has not.
    to_take_up: usize,
    /// Who may have been met: « nom, fonction ».
    people: Vec<String>,
    faults: usize,
    advisors: Vec<Choice>,
    ticked: Vec<String>,
    original: Vec<String>,
    advisors_errors: Errors,
    held_on: String,
    hold_errors: Errors,
    undo: Option<(FlowId, String)>,
}

impl Show {
    fn allows(&self, step: &str) -> bool {
        let step = match step {
            "hold" => VisitStep::Hold,
            "validate" => VisitStep::Validate,
            "reopen" => VisitStep::Reopen,
            _ => VisitStep::Cancel,
        };
        self.visit.status.allows(step)
    }

    fn refused(&self) -> bool {
        !(self.errors.is_empty() && self.advisors_errors.is_empty() && self.hold_errors.is_empty())
    }

    fn identity(&self) -> String {
        identity(&self.establishment, &self.around)
    }

    fn directions(&self) -> Vec<Choice> {
        sheet::directions()
    }
    fn certainties(&self) -> Vec<Choice> {
        sheet::certainties()
    }

    /// « Marie Durand édite aussi cette fiche. »
    /// Whether this row is the next to type in, and should take the focus.
    fn focuses(&self, row: &Uuid) -> bool {
        self.autofocus && *row == self.fresh.id
    }

    fn presence(&self) -> String {
        match &self.others[..] {
            [] => String::new(),
            [one] => format!("{one} édite aussi cette fiche."),
            several => format!("{} éditent aussi cette fiche.", several.join(", ")),
        }
    }

    fn hour(&self) -> Option<String> {
        self.visit.begins_at.map(crate::kernel::hour)
    }

    fn faults_words(&self) -> String {
        match self.faults {
            1 => "1 saisie à corriger".to_owned(),
            n => format!("{n} saisies à corriger"),
        }
    }

    fn icon(&self, state: State) -> &'static str {
        match state {
            State::Complete => "check",
            State::Partial => "circle-dot",
            State::NotApplicable => "minus",
        }
    }
    fn css(&self, state: State) -> &'static str {
        match state {
            State::Complete => "done",
            State::Partial => "part",
            State::NotApplicable => "na",
        }
    }

    fn is_skipped(&self, section: &questionnaire::Section) -> bool {
        self.questions.answer(&questionnaire::skip(section)) == questionnaire::SKIPPED
    }
    fn is_area(&self, question: &questionnaire::Question) -> bool {
        question.kind == Kind::Area
    }
    fn choices(&self, question: &questionnaire::Question) -> Vec<&'static str> {
        match question.kind {
            Kind::Choice(choices) => choices.to_vec(),
            Kind::Line | Kind::Area => Vec::new(),
        }
    }
    fn names_people(&self, question: &questionnaire::Question) -> bool {
        question.code == questionnaire::CONTACT_MET && !self.people.is_empty()
    }
    fn sections(&self) -> &'static [questionnaire::Section] {
        SECTIONS
    }
    fn skip_name(&self, section: &questionnaire::Section) -> String {
        questionnaire::skip(section)
    }
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<VisitId>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let typed = Typed {
        query,
        ..Typed::default()
    };
    page(&me, id, typed, StatusCode::OK).await
}

pub(super) async fn page(me: &Staff, id: VisitId, typed: Typed, status: StatusCode) -> Result<Response> {
    let loaded = load(me, id).await?;
    let undo = match typed.query.supprime.parse() {
        Ok(id) => flows::store::just_deleted(&mut *me.read().await?, &me.scope()?, id)
            .await?
            .map(|label| (id, label)),
        Err(_) => None,
    };
    let eye = Eye {
        visit: &loaded.visit,
        today: me.today(),
        freshness: loaded.freshness,
    };
    let mut groups = eye.groups(&loaded.inventory, &loaded.cells);
    let mut questions = loaded.questions();
    let errors = faults(&groups, &questions, &typed);
    typed_again(&mut groups, &mut questions, &typed.clashes);
    let original: Vec<_> = loaded.visit.advisors.iter().map(ToString::to_string).collect();
    let visit_on = loaded.visit.visit_on;
    let page = Show {
        progress: loaded.progress(),
        any_old: groups
            .iter()
            .flat_map(|group| &group.rows)
            .any(|row| row.known_on.is_some()),
        groups,
        fresh: next_row(&loaded, &typed.query),
        template: sheet::empty_row(Uuid::nil(), Direction::Outbound, visit_on),
        inventory: loaded.inventory_words(),
        presumed: offers(me, &loaded.visit).await?,
        awaited: questions::of_establishment(me, loaded.visit.establishment_id).await?,
        address: paths::show(&id),
        client: FlowId::fresh().uuid(),
        person: me.user(),
        offline: loaded.allows_offline,
        autofocus: status == StatusCode::OK && wants_next(&typed.query, &loaded),
        questions,
        errors,
        faults: sheet::faults(&loaded.cells),
        others: loaded.others,
        previous: loaded.previous,
        to_take_up: loaded.to_take_up,
        people: loaded.people,
        advisors: advisors(me).await?,
        ticked: typed.advisors.unwrap_or_else(|| original.clone()),
        original,
        advisors_errors: typed.advisors_errors,
        held_on: typed
            .held_on
            .unwrap_or_else(|| typed_day(visit_on.min(me.today()))),
        hold_errors: typed.hold_errors,
        undo,
        visit: loaded.visit,
        establishment: loaded.establishment,
        around: loaded.around,
    };
    Ok((status, Page(page)).into_response())
}

fn wants_next(query: &ShowQuery, loaded: &Loaded) -> bool {
    !query.sens.is_empty() || !query.copie.is_empty() || loaded.inventory.is_empty()
}

/// The row to type in: like the flow to copy, else empty but for the direction.
fn next_row(loaded: &Loaded, query: &ShowQuery) -> Row {
    let (id, visit_on) = (FlowId::fresh().uuid(), loaded.visit.visit_on);
    match loaded
        .inventory
        .iter()
        .find(|flow| query.copie == flow.id.to_string())
    {
        Some(flow) => sheet::copied_row(id, flow, visit_on),
        None => {
            let direction = Direction::parse(&query.sens).unwrap_or(Direction::Outbound);
            sheet::empty_row(id, direction, visit_on)
        }
    }
}

/// The summary of a page that was sent and not wholly saved.
fn faults(groups: &[Group], questions: &Questions, typed: &Typed) -> Errors {
    let mut errors = Errors::default();
    for clash in &typed.clashes {
        errors.add(
            format!("{}-{}", clash.row, clash.field),
            format!(
                "{} : {} a enregistré {} entre-temps.",
                clash.title,
                clash.author,
                clash.shown(&clash.stored)
            ),
        );
    }
    if let Some(note) = &typed.note {
        errors.add("", note.clone());
    }
    if !typed.refused {
        return errors;
    }
    for row in groups.iter().flat_map(|group| &group.rows) {
        for (field, sentence) in &row.errors {
            let said = format!("{}\u{a0}: {sentence}", row.name());
            errors.add(format!("{}-{field}", row.id), said);
        }
    }
    for (question, sentence) in &questions.errors {
        errors.add(format!("q-{question}"), sentence.clone());
    }
    errors
}

/// A value that clashes stays in its cell as it was typed, over what is stored now.
fn typed_again(groups: &mut [Group], questions: &mut Questions, clashes: &[Clash]) {
    for clash in clashes {
        let said = format!(
            "{} a enregistré entre-temps : {}. Valeur d’origine : {}. Votre saisie est gardée ; enregistrez de nouveau pour qu’elle remplace l’autre.",
            clash.author,
            clash.shown(&clash.stored),
            clash.shown(&clash.original)
        );
        let row = groups
            .iter_mut()
            .flat_map(|group| &mut group.rows)
            .find(|row| row.id == clash.row);
        match row {
            Some(row) => row.clash(&clash.field, &clash.mine, said),
            None => questions.clash(&clash.field, &clash.mine, said),
        }
    }
}
