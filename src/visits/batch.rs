//! Acts on many visits of the list at once: given to others, put off, cancelled; and back. What is
//! refused is shown by `list`.

use super::list::{self, Asking};
use super::plan::{advisors, picked};
use super::search::ListQuery;
use super::{Visit, VisitStatus, VisitStep, store};
use crate::kernel::ids::{UserId, VisitId};
use crate::kernel::parse_day;
use crate::lists::store::Changed;
use crate::lists::{Batch, BatchForm, Fate, List, MOST, Reach, RowAct, RowUndo};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::filters::long_day;
use crate::platform::web::{Errors, Form, Result};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What may be done to many visits.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    Entrust(Vec<UserId>),
    Postpone(NaiveDate),
    Cancel,
}

impl Act {
    async fn read(me: &Staff, form: &BatchForm) -> Result<std::result::Result<Self, Errors>> {
        let act = match form.acte.as_str() {
            "annuler" => Ok(Self::Cancel),
            "confier" => match picked(&form.conseillers, &advisors(me).await?) {
                people if people.is_empty() => {
                    Err(Errors::one("conseillers", "Cochez au moins une personne."))
                }
                people => Ok(Self::Entrust(people)),
            },
            "reporter" => match parse_day(&form.jour) {
                Ok(day) if day < me.today() => Err(Errors::one(
                    "jour",
                    "Cette date est passée\u{a0}: indiquez un jour à venir.",
                )),
                Ok(day) => Ok(Self::Postpone(day)),
                Err(refusal) => Err(Errors::one("jour", refusal.to_string())),
            },
            _ => Err(Errors::one("lot", "Choisissez ce que deviennent ces visites.")),
        };
        Ok(act)
    }

    fn batch(&self) -> Batch {
        let (act, words) = match self {
            Self::Entrust(_) => ("entrust", "Confier".to_owned()),
            Self::Postpone(day) => ("postpone", format!("Reporter au {}", long_day(*day))),
            Self::Cancel => ("cancel", "Annuler".to_owned()),
        };
        Batch {
            list: List::Visits,
            act,
            words,
        }
    }

    /// The visit afterwards, or why not.
    fn on(&self, visit: &Visit) -> std::result::Result<Visit, String> {
        let refused = || Err(format!("cette visite est {}", visit.status.label()));
        let mut after = visit.clone();
        match self {
            Self::Entrust(_) if visit.status == VisitStatus::Cancelled => return refused(),
            Self::Postpone(_) if visit.status != VisitStatus::Planned => return refused(),
            Self::Entrust(people) => {
                after.advisors.clone_from(people);
                after.advisors.sort();
            }
            Self::Postpone(day) => after.visit_on = *day,
            Self::Cancel => match visit.status.after(VisitStep::Cancel) {
                Ok(status) => after.status = status,
                Err(_) => return refused(),
            },
        }
        if after == *visit {
            return Err("c’était déjà le cas".to_owned());
        }
        Ok(after)
    }
}

/// A visit as an act found it.
#[derive(Serialize, Deserialize)]
struct Before {
    status: VisitStatus,
    visit_on: NaiveDate,
    advisors: Vec<UserId>,
}

pub(super) async fn act(me: Staff, Form(form): Form<BatchForm>) -> Result<Response> {
    let query: ListQuery = form.filters();
    let ids = meant(&me, &form, &query).await?;
    let act = if ids.is_empty() {
        Err(Errors::one(
            "lot",
            "Cochez au moins une visite, puis choisissez ce qu’elle devient.",
        ))
    } else {
        Act::read(&me, &form).await?
    };
    let act = match act {
        Ok(act) => act,
        Err(errors) => return list::page(&me, query, Asking { form, errors }).await,
    };
    let scope = me.scope()?;
    let one = One {
        act: &act,
        scope: &scope,
    };
    let batch = act.batch().run(&me, &form, &ids, &one).await?;
    Ok(Redirect::to(&form.back(List::Visits, batch)).into_response())
}

async fn meant(me: &Staff, form: &BatchForm, query: &ListQuery) -> Result<Vec<Uuid>> {
    if let Reach::These(ids) = form.reach() {
        return Ok(ids);
    }
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let filter = query.filter(me.user());
    let status = query.status(&store::counts(&mut db, &scope, &filter).await?);
    let first = query.slice(status, (i64::try_from(MOST).unwrap_or(i64::MAX), 0));
    let rows = store::list(&mut db, &scope, status, &filter, first).await?;
    Ok(rows.into_iter().map(|row| row.id.uuid()).collect())
}

/// The act on one visit.
struct One<'a> {
    act: &'a Act,
    scope: &'a Scope,
}

impl RowAct for One<'_> {
    async fn lock(&self, tx: &mut Tx, rows: &[Uuid]) -> Result<()> {
        Ok(store::lock_all(tx, self.scope, rows).await?)
    }
    async fn act(&self, tx: &mut Tx, row: Uuid) -> Result<Fate> {
        one(tx, self.scope, self.act, row.into()).await
    }
}

async fn one(tx: &mut Tx, scope: &Scope, act: &Act, id: VisitId) -> Result<Fate> {
    let Some(visit) = store::entry::lock(tx, scope, id).await? else {
        return Ok(Fate::gone());
    };
    let label = store::establishment_name(tx, visit.establishment_id).await?;
    let label = format!("{label}, {}", long_day(visit.visit_on));
    let after = match act.on(&visit) {
        Ok(after) => after,
        Err(why) => return Ok(Fate::Refused { label, why }),
    };
    if !store::save(tx, scope, &visit, &after).await? {
        return Ok(Fate::refused(label, "modifiée à l’instant par quelqu’un d’autre"));
    }
    let before = Before {
        status: visit.status,
        visit_on: visit.visit_on,
        advisors: visit.advisors,
    };
    Fate::done(label, &before, visit.version + 1)
}

pub(super) struct Back;

impl RowUndo for Back {
    const LIST: List = List::Visits;
    async fn lock(tx: &mut Tx, scope: &Scope, held: &[Uuid]) -> Result<()> {
        Ok(store::lock_all(tx, scope, held).await?)
    }
    async fn undo(tx: &mut Tx, scope: &Scope, row: &Changed) -> Result<bool> {
        let before: Before = row.before()?;
        let Some(now) = store::find(tx, scope, row.row.into()).await? else {
            return Ok(false);
        };
        let after = Visit {
            status: before.status,
            visit_on: before.visit_on,
            advisors: before.advisors,
            ..now.clone()
        };
        Ok(now.version == row.version && store::save(tx, scope, &now, &after).await?)
    }
}
