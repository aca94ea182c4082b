//! Screen: visits of many establishments, planned at once from their list: a day for each, or a month
//! over whose working days they are spread.

use super::plan::{advisors, picked};
use super::{Visit, VisitStatus, VisitStep, paths, store};
use crate::companies::search::{self, Filter, Query as Search, store as sites};
use crate::kernel::ids::{BatchId, EstablishmentId, UserId, VisitId};
use crate::kernel::{next_day, parse_day};
use crate::lists::store::Changed;
use crate::lists::{Batch, BatchForm, Fate, List, MOST, Reach, RowAct, RowUndo};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::filters::long_day;
use crate::platform::web::{Choice, Errors, Form, OptionExt, Page, Query, Result, filters};
use crate::{companies, territories};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PlanningForm {
    lot: String,
    requete: String,
    lignes: Vec<String>,
    /// One for each row, empty for those that the month places.
    jours: Vec<String>,
    mois: String,
    conseillers: Vec<String>,
}

#[derive(Template)]
#[template(path = "visits/planning.html")]
struct Planning {
    form: PlanningForm,
    errors: Errors,
    rows: Vec<sites::Row>,
    advisors: Vec<Choice>,
    back: String,
}

impl Planning {
    fn day(&self, rank: &usize) -> &str {
        self.form.jours.get(*rank).map_or("", String::as_str)
    }
    fn field(&self, rank: &usize) -> String {
        day_field(*rank)
    }
}

fn day_field(rank: usize) -> String {
    format!("jour-{rank}")
}

pub(super) async fn show(me: Staff, Query(chosen): Query<BatchForm>) -> Result<Response> {
    let ids = meant(&me, &chosen).await?;
    let back = List::Establishments.kept(&chosen.requete);
    if ids.is_empty() {
        let list = format!("{}?{back}", companies::paths::LIST);
        let message = "Cochez au moins une entreprise, puis prévoyez les visites.";
        return Ok(me.done(message, list).into_response());
    }
    let form = PlanningForm {
        lot: BatchId::fresh().to_string(),
        requete: chosen.requete,
        lignes: ids.iter().map(ToString::to_string).collect(),
        conseillers: vec![me.user().to_string()],
        ..PlanningForm::default()
    };
    page(&me, form, Errors::default()).await
}

async fn meant(me: &Staff, chosen: &BatchForm) -> Result<Vec<EstablishmentId>> {
    if let Reach::These(ids) = chosen.reach() {
        return Ok(ids.into_iter().map(Into::into).collect());
    }
    let query: Search = chosen.filters();
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let filter = Filter::from_query(&query, fresh_since(me, &mut db).await?);
    let mut ids = sites::matching(&mut db, &scope, &filter).await?;
    ids.truncate(MOST);
    Ok(ids)
}

async fn fresh_since(me: &Staff, db: &mut sqlx::PgConnection) -> Result<NaiveDate> {
    let territory = territories::store::find(db, me.scope()?.territory())
        .await?
        .or_not_found()?;
    Ok(search::fresh_since(me.today(), territory.freshness_months))
}

async fn page(me: &Staff, mut form: PlanningForm, errors: Errors) -> Result<Response> {
    let scope = me.scope()?;
    let ids: Vec<EstablishmentId> = form.lignes.iter().filter_map(|id| id.parse().ok()).collect();
    let mut db = me.read().await?;
    let since = fresh_since(me, &mut db).await?;
    let rows = sites::rows(&mut db, &scope, &ids, since).await?;
    drop(db);
    // A row that is gone takes its day along.
    let typed: BTreeMap<String, String> = form.lignes.drain(..).zip(form.jours.drain(..)).collect();
    let day = |row: &sites::Row| typed.get(&row.id.to_string()).cloned().unwrap_or_default();
    form.jours = rows.iter().map(day).collect();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let query = List::Establishments.kept(&form.requete);
    let page = Planning {
        back: format!("{}?{query}", companies::paths::LIST),
        form,
        errors,
        rows,
        advisors: advisors(me).await?,
    };
    Ok((status, Page(page)).into_response())
}

/// What is asked: who goes where, on which day.
struct Plan {
    days: BTreeMap<EstablishmentId, NaiveDate>,
    advisors: Vec<UserId>,
}

impl Plan {
    fn read(form: &PlanningForm, choices: &[Choice], today: NaiveDate) -> std::result::Result<Self, Errors> {
        let mut errors = Errors::default();
        let advisors = picked(&form.conseillers, choices);
        if advisors.is_empty() {
            errors.add("conseillers", "Cochez au moins une personne.");
        }
        let ids = form
            .lignes
            .iter()
            .filter_map(|id| id.parse::<EstablishmentId>().ok())
            .take(MOST);
        let (mut days, mut without) = (BTreeMap::new(), Vec::new());
        for (rank, id) in ids.enumerate() {
            match form.jours.get(rank).map_or("", |typed| typed.trim()) {
                "" => without.push(id),
                typed => match next_day(typed, today) {
                    Ok(day) if day < today => errors.add(
                        day_field(rank),
                        "Cette date est passée\u{a0}: indiquez un jour à venir.",
                    ),
                    Ok(day) => {
                        days.insert(id, day);
                    }
                    Err(refusal) => errors.add(day_field(rank), refusal.to_string()),
                },
            }
        }
        match (month(&form.mois), without.is_empty()) {
            (_, true) => {}
            (Some(first), false) => days.extend(spread(&without, first, today)),
            (None, false) => errors.add(
                "mois",
                "Indiquez le mois, par exemple 01/2027, ou une date pour chaque entreprise.",
            ),
        }
        if errors.is_empty() && days.values().any(|day| *day < today) {
            errors.add(
                "mois",
                "Ce mois est passé\u{a0}: indiquez un mois à venir, par exemple 01/2027.",
            );
        }
        if errors.is_empty() {
            Ok(Self { days, advisors })
        } else {
            Err(errors)
        }
    }
}

/// « 01/2027 », « 2027-01 »: its first day.
fn month(typed: &str) -> Option<NaiveDate> {
    parse_day(&format!("01/{}", typed.trim()))
        .or_else(|_| parse_day(&format!("{}-01", typed.trim())))
        .ok()
}

/// Over the working days of a month that are still to come, evenly and in order.
fn spread(
    ids: &[EstablishmentId],
    first: NaiveDate,
    today: NaiveDate,
) -> impl Iterator<Item = (EstablishmentId, NaiveDate)> {
    let last = first + Months::new(1);
    let mut days: Vec<NaiveDate> = first
        .iter_days()
        .take_while(|day| *day < last)
        .filter(|day| *day > today && !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
        .collect();
    if days.is_empty() {
        days.push(last - Days::new(1));
    }
    let count = ids.len();
    let place = move |rank: usize| days[rank * days.len() / count];
    let places: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(rank, id)| (*id, place(rank)))
        .collect();
    places.into_iter()
}

pub(super) async fn submit(me: Staff, Form(form): Form<PlanningForm>) -> Result<Response> {
    let plan = match Plan::read(&form, &advisors(&me).await?, me.today()) {
        Ok(plan) => plan,
        Err(errors) => return page(&me, form, errors).await,
    };
    let scope = me.scope()?;
    let batch = Batch {
        list: List::Establishments,
        act: "plan",
        words: "Prévoir une visite".to_owned(),
    };
    let ids: Vec<Uuid> = plan.days.keys().map(|id| id.uuid()).collect();
    let days: Vec<String> = plan.days.values().map(ToString::to_string).collect();
    let asked = BatchForm {
        lot: form.lot,
        requete: form.requete,
        // What tells this plan from another of the same page.
        jour: days.join(","),
        conseillers: form.conseillers,
        ..BatchForm::default()
    };
    let one = One {
        plan: &plan,
        scope: &scope,
    };
    let batch = batch.run(&me, &asked, &ids, &one).await?;
    Ok(Redirect::to(&asked.back(List::Establishments, batch)).into_response())
}

/// The visit of one establishment.
struct One<'a> {
    plan: &'a Plan,
    scope: &'a Scope,
}

impl RowAct for One<'_> {
    /// Nobody else plans there meanwhile.
    async fn lock(&self, tx: &mut Tx, rows: &[Uuid]) -> Result<()> {
        Ok(store::lock_establishments(tx, self.scope, rows).await?)
    }
    async fn act(&self, tx: &mut Tx, row: Uuid) -> Result<Fate> {
        one(tx, self.scope, self.plan, row.into()).await
    }
}

/// The row of the batch is the establishment; undoing finds its visit in `before`.
async fn one(tx: &mut Tx, scope: &Scope, plan: &Plan, id: EstablishmentId) -> Result<Fate> {
    let Some(site) = companies::store::find(tx, scope, id).await? else {
        return Ok(Fate::gone());
    };
    if let Some(day) = store::next_planned(tx, id).await? {
        let why = format!("une visite est déjà prévue le {}", long_day(day));
        return Ok(Fate::refused(site.name, why));
    }
    let visit = Visit {
        id: VisitId::fresh(),
        territory_id: site.territory_id,
        establishment_id: id,
        status: VisitStatus::Planned,
        visit_on: plan.days[&id],
        begins_at: None,
        duration_minutes: None,
        contact_met: None,
        notes: None,
        advisors: plan.advisors.clone(),
        version: 1,
    };
    store::insert(tx, scope, &visit).await?;
    Fate::done(site.name, &visit.id, visit.version)
}

/// The visits planned are cancelled, unless somebody touched them since.
pub(super) struct Back;

impl RowUndo for Back {
    const LIST: List = List::Establishments;
    fn held(row: &Changed) -> Result<Uuid> {
        Ok(row.before::<VisitId>()?.uuid())
    }
    async fn lock(tx: &mut Tx, scope: &Scope, held: &[Uuid]) -> Result<()> {
        Ok(store::lock_all(tx, scope, held).await?)
    }
    async fn undo(tx: &mut Tx, scope: &Scope, row: &Changed) -> Result<bool> {
        let Some(visit) = store::find(tx, scope, row.before()?).await? else {
            return Ok(false);
        };
        let (Ok(status), true) = (
            visit.status.after(VisitStep::Cancel),
            visit.version == row.version,
        ) else {
            return Ok(false);
        };
        let after = Visit {
            status,
            ..visit.clone()
        };
        Ok(store::save(tx, scope, &visit, &after).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::{month, spread};
    use crate::kernel::ids::EstablishmentId;
    use chrono::NaiveDate;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_month_as_people_type_it() {
        for typed in ["01/2027", "1/2027", " 01 2027 ", "2027-01"] {
            assert_eq!(month(typed), Some(day(2027, 1, 1)), "{typed}");
        }
        assert_eq!(month("janvier"), None);
        assert_eq!(month(""), None);
    }

    #[test]
    fn a_month_is_filled_evenly_on_working_days() {
        let ids: Vec<_> = (0..3).map(|_| EstablishmentId::fresh()).collect();
        let days = |today| {
            spread(&ids, day(2027, 1, 1), today)
                .map(|(_, day)| day)
                .collect::<Vec<_>>()
        };
        // 21 working days from Friday the 1st.
        assert_eq!(
            days(day(2026, 11, 24)),
            [day(2027, 1, 1), day(2027, 1, 12), day(2027, 1, 21)]
        );
        assert_eq!(
            days(day(2027, 1, 27)),
            [day(2027, 1, 28), day(2027, 1, 28), day(2027, 1, 29)]
        );
    }
}
