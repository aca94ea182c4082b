//! Screen: the next thing to do for a synergy, who does it and before when; and the button that says it
//! is done.

use super::acts;
use super::filters::Filters;
use super::paths;
use super::store::actions::{self, NextAction};
use super::view::Detail;
use crate::accounts;
use crate::accounts::store::Colleague;
use crate::kernel::day::parse_day;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Done, Errors, Form, OptionExt, Page, Path, Query, Result, clean};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ActionForm {
    pub(super) what: String,
    pub(super) owner: String,
    pub(super) due_on: String,
}

const LONGEST: usize = 300;

impl ActionForm {
    fn of(next: &NextAction) -> Self {
        Self {
            what: next.what.clone(),
            owner: next.owner.to_string(),
            due_on: next.due_on.format("%d/%m/%Y").to_string(),
        }
    }

    pub(super) fn parse(&self, colleagues: &[Colleague]) -> Result<NextAction, Errors> {
        let mut errors = Errors::default();
        let what = clean(&self.what);
        if what.is_empty() {
            errors.add(
                "what",
                "Dites ce qui est à faire, par exemple «\u{a0}appeler la responsable du site\u{a0}».",
            );
        }
        if what.chars().count() > LONGEST {
            errors.add("what", "Raccourcissez ce texte\u{a0}: 300 caractères au plus.");
        }
        let owner = colleagues
            .iter()
            .find(|colleague| colleague.id.to_string() == self.owner);
        if owner.is_none() {
            errors.add("owner", "Choisissez un conseiller ou un pilote de ce territoire.");
        }
        let due_on = errors.take("due_on", parse_day(&self.due_on));
        match (owner, due_on) {
            (Some(owner), Some(due_on)) if errors.is_empty() => Ok(NextAction {
                what,
                owner: owner.id,
                owner_name: owner.name.clone(),
                due_on,
            }),
            (_, _) => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/action.html")]
struct ActionPage {
    detail: Detail,
    action: String,
    colleagues: Vec<Choice>,
    form: ActionForm,
    errors: Errors,
}

async fn load(me: &Staff, filters: &Filters, id: SynergyId) -> Result<(ActionPage, Vec<Colleague>)> {
    let detail = acts::detail(me, filters, id).await?;
    let mut db = me.read().await?;
    let colleagues = accounts::store::colleagues(&mut db, detail.synergy.territory_id).await?;
    let form = match actions::find(&mut db, id).await? {
        Some(next) => ActionForm::of(&next),
        None => ActionForm {
            owner: me.user().to_string(),
            ..ActionForm::default()
        },
    };
    let choices = colleagues.iter().map(|c| (c.id.to_string(), c.name.clone()));
    let page = ActionPage {
        action: filters.carry(&paths::action(&id)),
        colleagues: Choice::pairs(choices),
        detail,
        form,
        errors: Errors::default(),
    };
    Ok((page, colleagues))
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &filters, id).await?.0))
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ActionForm>,
) -> Result<Response> {
    let (page, colleagues) = load(&me, &filters, id).await?;
    let next = match form.parse(&colleagues) {
        Ok(next) => next,
        Err(errors) => {
            let page = ActionPage { form, errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> { Ok(actions::plan(tx, &scope, id, &next).await?) })
        .await?;
    Ok(me
        .done("La prochaine action est notée.", filters.look_at(&id))
        .into_response())
}

pub(super) async fn finish(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Done> {
    let scope = me.scope()?;
    let done = me
        .transact(async |tx| -> Result<bool> { Ok(actions::finish(tx, &scope, id).await?) })
        .await?;
    done.then_some(()).or_not_found()?;
    Ok(me.done("C’est fait\u{a0}: notez la suite.", filters.look_at(&id)))
}
