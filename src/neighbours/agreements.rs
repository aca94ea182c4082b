//! Screen: agreements with neighbouring territories, for the pilots of both.

use super::model::{Agreement, Standing};
use super::store::{self, Asked};
use super::{letters, paths};
use crate::kernel::ids::{AgreementId, TerritoryId};
use crate::kernel::{parse_day, typed_day};
use crate::nomenclature::Family;
use crate::platform::access::{Manager, Scope};
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::platform::web::{AppError, Choice, Errors, Form, OptionExt, Page, Path, Result, filters};
use crate::territories::changes::BordersChanged;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AskForm {
    id: String,
    other: String,
    families: Vec<String>,
    starts_on: String,
    ends_on: String,
}

impl AskForm {
    fn parse(&self, others: &[(TerritoryId, String)]) -> Result<Asked, Errors> {
        let mut errors = Errors::default();
        let other = others
            .iter()
            .map(|(id, _)| *id)
            .find(|id| id.to_string() == self.other);
        if other.is_none() {
            errors.add("other", "Choisissez le territoire voisin.");
        }
        let families: Vec<_> = self
            .families
            .iter()
            .filter_map(|code| Family::find(code))
            .map(|family| family.code().to_owned())
            .collect();
        if families.is_empty() {
            errors.add("families", "Cochez au moins une famille de flux à ouvrir.");
        }
        let starts_on = errors.take("starts_on", parse_day(&self.starts_on));
        let ends_on = if self.ends_on.trim().is_empty() {
            Some(None)
        } else {
            errors.take("ends_on", parse_day(&self.ends_on)).map(Some)
        };
        if let (Some(start), Some(Some(end))) = (starts_on, ends_on)
            && end < start
        {
            errors.add("ends_on", "La fin vient avant le début.");
        }
        match (other, starts_on, ends_on) {
            (Some(other), Some(starts_on), Some(ends_on)) if errors.is_empty() => Ok(Asked {
                id: self.id.parse().unwrap_or_else(|_| AgreementId::fresh()),
                other,
                families,
                starts_on,
                ends_on,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "neighbours/agreements.html")]
struct Agreements {
    form: AskForm,
    errors: Errors,
    others: Vec<Choice>,
    rows: Vec<Row>,
}

struct Row {
    id: AgreementId,
    neighbour: String,
    families: String,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    standing: Standing,
    may_accept: bool,
}

impl Agreements {
    fn families() -> Vec<Choice> {
        Family::ALL
            .iter()
            .map(|family| Choice::new(family.code(), family.label()))
            .collect()
    }
}

fn row(one: &Agreement, here: TerritoryId, today: NaiveDate) -> Row {
    let labels: Vec<_> = one.families().iter().map(|family| family.label()).collect();
    let standing = one.standing(today);
    Row {
        id: one.id,
        neighbour: one.across(here).1.to_owned(),
        families: labels.join(", "),
        starts_on: one.starts_on,
        ends_on: one.ends_on,
        standing,
        may_accept: standing == Standing::Asked && one.other == here,
    }
}

async fn page(me: &Manager, form: AskForm, errors: Errors) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let others = store::others(&mut db, &scope).await?;
    let known = store::agreements(&mut db, &scope).await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Agreements {
        form,
        errors,
        others: others
            .into_iter()
            .map(|(id, name)| Choice::new(id.to_string(), name))
            .collect(),
        rows: known
            .iter()
            .map(|one| row(one, scope.territory(), today))
            .collect(),
    };
    Ok((status, Page(page)).into_response())
}

pub(super) async fn list(me: Manager) -> Result<Response> {
    let form = AskForm {
        id: AgreementId::fresh().to_string(),
        starts_on: typed_day(me.today()),
        ..AskForm::default()
    };
    page(&me, form, Errors::default()).await
}

pub(super) async fn ask(me: Manager, Form(form): Form<AskForm>) -> Result<Response> {
    let scope = me.scope()?;
    let others = store::others(&mut *me.read().await?, &scope).await?;
    let asked = match form.parse(&others) {
        Ok(asked) => asked,
        Err(errors) => return page(&me, form, errors).await,
    };
    let done = me
        .transact(async |tx| -> Result<bool> {
            let is_new = store::ask(tx, &scope, &asked).await?;
            if is_new {
                tell(tx, &scope, asked.id, "propose un accord").await?;
            }
            Ok(is_new)
        })
        .await;
    match done.map_err(|error| {
        error.on_constraint(
            "territory_agreements_pair_key",
            "other",
            "Un accord existe déjà avec ce territoire\u{a0}: terminez-le d’abord.",
        )
    }) {
        Ok(_) => Ok(me
            .done(
                "La demande est notée\u{a0}: le pilote du territoire voisin en est prévenu.",
                paths::AGREEMENTS,
            )
            .into_response()),
        Err(AppError::Refused(errors)) => page(&me, form, errors).await,
        Err(other) => Err(other),
    }
}

/// The pilots across, in the transaction that concerns them.
async fn tell(tx: &mut Tx, scope: &Scope, id: AgreementId, did: &str) -> Result<()> {
    let agreement = store::agreement(tx, scope, id).await?.or_not_found()?;
    Ok(letters::tell(tx, scope.territory(), &agreement, did).await?)
}

pub(super) async fn accept(me: Manager, Path(id): Path<AgreementId>) -> Result<Response> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        let [territory, _] = store::accept(tx, &scope, id).await?.or_not_found()?;
        tell(tx, &scope, id, "accepte votre accord").await?;
        Ok(jobs::enqueue(tx, &BordersChanged { territory }).await?)
    })
    .await?;
    Ok(me
        .done(
            "L’accord est accepté\u{a0}: la recherche passe la frontière dès sa date de début.",
            paths::AGREEMENTS,
        )
        .into_response())
}

pub(super) async fn end(me: Manager, Path(id): Path<AgreementId>) -> Result<Response> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        store::end(tx, &scope, id).await?.or_not_found()?;
        tell(tx, &scope, id, "met fin à un accord").await
    })
    .await?;
    Ok(me
        .done(
            "L’accord est terminé\u{a0}: plus rien ne passe la frontière.",
            paths::AGREEMENTS,
        )
        .into_response())
}
