//! Screen: the sheet of one synergy, pair or group, and the acts that need no form of their own.

use super::acts::{self, seen};
use super::contact::ContactView;
use super::examples::Beside;
use super::filters::Filters;
use super::model::{State, Step};
use super::paths;
use super::store;
use super::store::actions::NextAction;
use super::store::years::Told;
use super::times::Spent;
use super::view::{self, Detail, GradeView, Moment, Shape};
use crate::accounts;
use crate::accounts::store::Colleague;
use crate::comments::{Subject, Thread};
use crate::kernel::ids::{SynergyId, UserId};
use crate::platform::access::Staff;
use crate::platform::journal;
use crate::platform::web::{Choice, Done, Errors, Form, Page, Path, Query, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const HISTORY: i64 = 40;

#[derive(Template)]
#[template(path = "synergies/show.html")]
struct Show {
    detail: Detail,
    grades: Vec<GradeView>,
    timeline: Vec<Moment>,
    colleagues: Vec<Choice>,
    contact: Option<ContactView>,
    thread: Thread,
    spent: Spent,
    told: Vec<Told>,
    beside: Beside,
    next: Option<NextAction>,
    is_late: bool,
    form: AssignForm,
    errors: Errors,
}

/// An act that is one button.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ActForm {
    pub(super) version: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AssignForm {
    user: String,
    version: String,
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    page(&me, &filters, id, None).await
}

async fn page(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    refused: Option<(AssignForm, Errors)>,
) -> Result<Response> {
    let sheet = Filters {
        view: String::new(),
        ..filters.clone()
    };
    let detail = acts::detail(me, &sheet, id).await?;
    let mut db = me.read().await?;
    let grid = store::show::grid(&mut db, id).await?;
    let lines = journal::store::about(&mut db, id.uuid(), HISTORY).await?;
    let colleagues = accounts::store::colleagues(&mut db, detail.synergy.territory_id).await?;
    let contact = ContactView::load(&mut db, &detail.synergy).await?;
    let next = store::actions::find(&mut db, id).await?;
    let spent = Spent::load(&mut db, &detail.synergy).await?;
    let beside = Beside::load(&mut db, &detail.synergy).await?;
    let told = store::years::list(&mut db, id).await?;
    drop(db);
    let thread = Thread::load(me, Subject::Synergy(id)).await?;
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let (form, errors) = refused.unwrap_or_else(|| {
        let user = detail
            .synergy
            .assigned_to
            .map(|user| user.to_string())
            .unwrap_or_default();
        (
            AssignForm {
                user,
                version: String::new(),
            },
            Errors::default(),
        )
    });
    let page = Show {
        grades: view::grades(&grid),
        timeline: view::timeline(&lines),
        colleagues: colleagues.iter().map(choice).collect(),
        contact,
        thread,
        spent,
        told,
        beside,
        is_late: next.as_ref().is_some_and(|next| next.due_on < me.today()),
        next,
        detail,
        form,
        errors,
    };
    Ok((status, Page(page)).into_response())
}

fn choice(colleague: &Colleague) -> Choice {
    let label = match &colleague.organisation {
        Some(organisation) => format!("{}, {organisation}", colleague.name),
        None => colleague.name.clone(),
    };
    Choice::new(colleague.id.to_string(), label)
}

async fn advance(me: &Staff, id: SynergyId, form: &ActForm, step: Step) -> Result<store::Synergy> {
    let scope = me.scope()?;
    me.transact(async |tx| Ok(store::advance_seen(tx, &scope, id, seen(&form.version), step).await?))
        .await
}

/// Takes it: whoever reads its sheet goes on with it, whoever sorts the list with the next.
pub(super) async fn take(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ActForm>,
) -> Result<Response> {
    let next = acts::next(&me, &filters, id).await?;
    let synergy = advance(&me, id, &form, Step::Take).await?;
    let message = format!("Vous prenez en charge «\u{a0}{}\u{a0}».", synergy.title);
    if filters.is_read_in_list() {
        return Ok(acts::onward(&me, &filters, next, message));
    }
    Ok(me
        .done(message, filters.follow(&id, State::UnderReview))
        .into_response())
}

/// Back to study.
pub(super) async fn resume(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ActForm>,
) -> Result<Done> {
    let synergy = advance(&me, id, &form, Step::Resume).await?;
    Ok(me.done(
        format!("«\u{a0}{}\u{a0}» est de nouveau en étude.", synergy.title),
        filters.follow(&id, State::UnderReview),
    ))
}

/// Gives it to a colleague, or back to everybody.
pub(super) async fn assign(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<AssignForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let synergy = acts::detail(&me, &filters, id).await?.synergy;
    let colleagues = accounts::store::colleagues(&mut *me.read().await?, synergy.territory_id).await?;
    let chosen = colleagues
        .into_iter()
        .find(|colleague| colleague.id.to_string() == form.user);
    if chosen.is_none() && !form.user.is_empty() {
        let errors = Errors::one("user", "Choisissez un conseiller ou un pilote de ce territoire.");
        return page(&me, &filters, id, Some((form, errors))).await;
    }
    let message = match &chosen {
        Some(colleague) => format!("Synergie confiée à {}.", colleague.name),
        None => "Cette synergie n’est plus confiée à personne.".to_owned(),
    };
    let to: Option<(UserId, String)> = chosen.map(|colleague| (colleague.id, colleague.name));
    me.transact(async |tx| -> Result<()> {
        Ok(store::assign(tx, &scope, id, seen(&form.version), to).await?)
    })
    .await?;
    Ok(me.done(message, filters.look_at(&id)).into_response())
}
