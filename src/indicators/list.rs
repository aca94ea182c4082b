//! Screen: the years judged, and the agreement to compare them with other territories.

use super::evaluation::{self, Maturity, Subset};
use super::judged::Judged;
use super::paths;
use super::store;
use crate::kernel::ids::EvaluationId;
use crate::platform::access::{Manager, Observer};
use crate::platform::web::{AppError, Done, Form, Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::Datelike;
use serde::Deserialize;

/// A year of the list.
struct Row {
    judged: Judged,
    answered: usize,
    mandatory_missing: usize,
    maturity: Option<Maturity>,
}

#[derive(Template)]
#[template(path = "indicators/list.html")]
struct List {
    rows: Vec<Row>,
    /// Years that may be begun, newest first.
    open_years: Vec<i32>,
    new_id: String,
    may_edit: bool,
    shares: bool,
    neighbours: Vec<store::Neighbour>,
}

/// How many years back may still be judged.
const YEARS_BACK: i32 = 10;

pub(super) async fn show(me: Observer) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let mut rows = Vec::new();
    for judged in Judged::all(&mut db, &scope, today).await? {
        rows.push(Row {
            answered: judged
                .lines
                .iter()
                .filter(|line| !line.is_in(Subset::Missing))
                .count(),
            mandatory_missing: evaluation::missing(&judged.lines).len(),
            maturity: Maturity::of(&judged.lines, &judged.masked),
            judged,
        });
    }
    let begun: Vec<i32> = rows.iter().map(|row| row.judged.evaluation.year).collect();
    let open_years = (today.year() - YEARS_BACK..=today.year())
        .rev()
        .filter(|year| !begun.contains(year))
        .collect();
    Ok(Page(List {
        rows,
        open_years,
        new_id: EvaluationId::fresh().to_string(),
        may_edit: me.is_manager(),
        shares: store::is_sharing(&mut db, &scope).await?,
        neighbours: store::neighbours(&mut db, &scope).await?,
    })
    .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BeginForm {
    id: String,
    annee: String,
}

pub(super) async fn begin(me: Manager, Form(form): Form<BeginForm>) -> Result<Done> {
    let last = me.today().year();
    let year = form
        .annee
        .parse()
        .ok()
        .filter(|year| (last - YEARS_BACK..=last).contains(year))
        .ok_or_else(|| AppError::BadRequest("Choisissez une année de la liste.".to_owned()))?;
    let id = form.id.parse().unwrap_or_else(|_| EvaluationId::fresh());
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<bool> { Ok(store::begin(tx, &scope, id, year).await?) })
        .await?;
    Ok(me.done(format!("L’évaluation {year} est ouverte."), paths::year(&year)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShareForm {
    partage: String,
}

pub(super) async fn share(me: Manager, Form(form): Form<ShareForm>) -> Result<Done> {
    let (scope, shares) = (me.scope()?, form.partage == "oui");
    me.transact(async |tx| -> Result<()> { Ok(store::set_sharing(tx, &scope, shares).await?) })
        .await?;
    let message = if shares {
        "Vos évaluations closes se comparent désormais avec celles des territoires qui partagent."
    } else {
        "Vos évaluations ne se comparent plus avec d’autres territoires."
    };
    Ok(me.done(message, paths::LIST))
}
