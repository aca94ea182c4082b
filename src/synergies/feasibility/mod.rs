//! Screen: the feasibility sheet of a synergy, filled with the companies until the study is over: six axes
//! judged one by one, the points of law that the flow raises, what each side gains and must invest.

mod form;

pub(super) use form::StudyForm;

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{Axis, Checked, Grade, Grid, Readiness, State, Step, StepKind};
use super::paths;
use super::proposal::Proposal;
use super::store::study::Sheet;
use super::store::{self, study};
use super::typed::Typed;
use super::view::{Detail, capital};
use crate::engine::Estimate;
use crate::kernel::ids::SynergyId;
use crate::kernel::{format_euros, format_number};
use crate::nomenclature::regulation::Point;
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Choice, Clash, Errors, Form, OptionExt, Page, Path, Query, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use form::{answer_to, comment_of, complete, note_on};

struct AxisField {
    code: &'static str,
    label: &'static str,
    hint: &'static str,
    grade: String,
    comment: String,
}

struct PointField {
    name: String,
    note_name: String,
    point: &'static Point,
    answer: String,
    note: String,
}

/// A figure with what the engine found.
struct MoneyField {
    name: &'static str,
    source_name: &'static str,
    label: &'static str,
    unit: &'static str,
    value: String,
    source: String,
    estimate: String,
}

#[derive(Template)]
#[template(path = "synergies/feasibility.html")]
struct SheetPage {
    detail: Detail,
    action: String,
    axes: Vec<AxisField>,
    grades: Vec<Choice>,
    points: Vec<PointField>,
    answers: Vec<Choice>,
    money: Vec<MoneyField>,
    payback: Option<String>,
    readiness: String,
    levels: Vec<Choice>,
    asks: Vec<String>,
    /// The study may be closed now.
    may_close: bool,
    is_open: bool,
    /// What the page showed of each field.
    bases: Typed,
    clashes: Vec<Clash>,
    errors: Errors,
}

/// Studied as long as it is alive.
fn is_open(state: State) -> bool {
    !matches!(
        state,
        State::Rejected | State::Abandoned | State::Duplicate | State::Interrupted
    )
}

fn axes(form: &StudyForm) -> Vec<AxisField> {
    let field = |axis: &Axis| AxisField {
        code: axis.code(),
        label: axis.label(),
        hint: axis.hint(),
        grade: form.get(axis.code()).to_owned(),
        comment: form.get(&comment_of(*axis)).to_owned(),
    };
    Axis::ALL.iter().map(field).collect()
}

fn points(form: &StudyForm, raised: &[&'static Point]) -> Vec<PointField> {
    let field = |point: &&'static Point| PointField {
        name: answer_to(point),
        note_name: note_on(point),
        answer: form.get(&answer_to(point)).to_owned(),
        note: form.get(&note_on(point)).to_owned(),
        point,
    };
    raised.iter().map(field).collect()
}

/// What the engine found for the giver, or the group, for the receiver, and to be invested.
fn estimates(proposal: &Proposal) -> [Option<&Estimate>; 3] {
    match proposal {
        Proposal::Pair(pair) => [
            pair.giver_gain.as_ref(),
            pair.receiver_gain.as_ref(),
            pair.investment.as_ref(),
        ],
        Proposal::Group(group) => [group.saving.as_ref(), None, None],
        Proposal::Relay(_) | Proposal::Hand(_) => [None; 3],
    }
}

fn words(estimate: Option<&Estimate>) -> String {
    match estimate {
        Some(found) => format!(
            "Estimation du moteur\u{a0}: {} ({} à {}).",
            format_euros(found.central),
            format_euros(found.low),
            format_euros(found.high)
        ),
        None => "Le moteur ne l’estime pas.".to_owned(),
    }
}

fn money(form: &StudyForm, proposal: &Proposal) -> Vec<MoneyField> {
    let [giver, receiver, investment] = estimates(proposal);
    let field = |(name, source_name): (&'static str, &'static str), label, unit, estimate| MoneyField {
        name,
        source_name,
        label,
        unit,
        value: form.get(name).to_owned(),
        source: form.get(source_name).to_owned(),
        estimate: words(estimate),
    };
    let is_group = matches!(proposal, Proposal::Group(_));
    let first = if is_group {
        "Gain du groupe"
    } else {
        "Gain du donneur"
    };
    let mut fields = vec![field(("giver_gain", "giver_source"), first, "€/an", giver)];
    if !is_group {
        fields.push(field(
            ("receiver_gain", "receiver_source"),
            "Gain du receveur",
            "€/an",
            receiver,
        ));
    }
    let spent = field(
        ("investment", "investment_source"),
        "Investissement",
        "€",
        investment,
    );
    fields.push(spent);
    fields
}

async fn page(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    refused: Option<(StudyForm, Errors, Vec<Clash>)>,
) -> Result<Response> {
    let detail = acts::detail(me, filters, id).await?;
    let status = match &refused {
        None => StatusCode::OK,
        Some((_, _, clashes)) if clashes.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Some(_) => StatusCode::CONFLICT,
    };
    let known = study::sheet(&mut *me.read().await?, id).await?;
    let (form, errors, clashes) = refused.unwrap_or_else(|| {
        let mut form = StudyForm::of(&known);
        let stored = form.typed.clone();
        form.typed
            .rebase(&stored, &StudyForm::names(&detail.exchange.points()));
        (form, Errors::default(), Vec::new())
    });
    let years = |years: f64| {
        let unit = if years < 2.0 { "an" } else { "ans" };
        format!("{}\u{a0}{unit}", format_number(years, 1))
    };
    let page = SheetPage {
        action: filters.carry(&paths::feasibility(&id)),
        axes: axes(&form),
        grades: Choice::pairs(
            [Grade::Green, Grade::Orange, Grade::Red].map(|g| (g.code(), capital(g.label()))),
        ),
        points: points(&form, &detail.exchange.points()),
        answers: Choice::pairs(Checked::ALL.iter().map(|a| (a.code(), capital(a.label())))),
        money: money(&form, &detail.synergy.explained.proposal),
        payback: known.study.payback().map(years),
        readiness: form.get("readiness").to_owned(),
        levels: Choice::pairs(Readiness::ALL.iter().map(|l| (l.code(), capital(l.label())))),
        asks: asks(&detail.synergy.explained.proposal),
        may_close: detail.synergy.is_introduced && detail.synergy.state.allows(StepKind::Study),
        is_open: is_open(detail.synergy.state),
        detail,
        bases: form.typed,
        clashes,
        errors,
    };
    Ok((status, Page(page)).into_response())
}

/// What the call should clear up.
fn asks(proposal: &Proposal) -> Vec<String> {
    match proposal {
        Proposal::Pair(pair) => pair
            .explanation
            .to_ask
            .iter()
            .map(|ask| ask.question.clone())
            .collect(),
        Proposal::Group(group) => group.to_ask.clone(),
        Proposal::Relay(_) | Proposal::Hand(_) => Vec::new(),
    }
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    page(&me, &filters, id, None).await
}

/// What became of a sheet.
enum Outcome {
    Saved(Option<State>),
    Refused(Errors),
    Clashing(Vec<Clash>),
}

/// The sheet, and its grid when the study is over.
fn read(form: &StudyForm, points: &[&Point]) -> Result<(Sheet, Option<Grid>), Errors> {
    let sheet = form.read(points)?;
    let closes = !form.get("done").is_empty();
    let grid = closes.then(|| complete(&sheet, points)).transpose()?;
    Ok((sheet, grid))
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<StudyForm>,
) -> Result<Response> {
    // Outside the scope the synergy does not exist, before anything is said of the form.
    let detail = acts::detail(&me, &filters, id).await?;
    if !is_open(detail.synergy.state) {
        let sentence = format!(
            "Cette synergie est «\u{a0}{}\u{a0}».",
            detail.synergy.state.label()
        );
        return Err(AppError::Conflict(sentence));
    }
    let points = detail.exchange.points();
    let (mut form, scope) = (form, me.scope()?);
    let outcome = me
        .transact(async |tx| -> Result<Outcome> {
            tx.nothing_to_record();
            store::lock(tx, &scope, id).await?.or_not_found()?;
            let stored = StudyForm::of(&study::sheet(tx, id).await?).typed;
            let names = StudyForm::names(&points);
            let clashes = form.typed.merge(&stored, &names, form::reading);
            if !clashes.is_empty() {
                form.typed.rebase(&stored, &names);
                return Ok(Outcome::Clashing(clashes));
            }
            let (sheet, grid) = match read(&form, &points) {
                Ok(read) => read,
                Err(errors) => return Ok(Outcome::Refused(errors)),
            };
            study::save(tx, &scope, id, &sheet).await?;
            let Some(grid) = grid else {
                return Ok(Outcome::Saved(None));
            };
            let version = seen(form.get("version"));
            let synergy = store::advance_seen(tx, &scope, id, version, Step::Study(grid)).await?;
            Ok(Outcome::Saved(Some(synergy.state)))
        })
        .await?;
    let state = match outcome {
        Outcome::Saved(state) => state,
        Outcome::Refused(errors) => return page(&me, &filters, id, Some((form, errors, Vec::new()))).await,
        Outcome::Clashing(clashes) => {
            return page(&me, &filters, id, Some((form, Errors::default(), clashes))).await;
        }
    };
    let (message, href) = match state {
        None => (
            "L’étude est enregistrée.",
            filters.carry(&paths::feasibility(&id)),
        ),
        Some(state) => (
            "La faisabilité est étudiée\u{a0}: la mise en œuvre peut commencer.",
            filters.follow(&id, state),
        ),
    };
    Ok(me.done(message, href).into_response())
}
