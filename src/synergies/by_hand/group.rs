//! Screen: « Je propose un groupe ». A need that several establishments share: which need, who has it, what the
//! engine says of them together, why. Those chosen stay the members: no search changes them.

use super::already::Already;
use super::record::{hold, needing};
use crate::engine::{Group, shared_direction};
use crate::flows::{self, Flow};
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId};
use crate::kernel::{Direction, format_euros, format_km};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::{Choice, Errors, Form, OptionExt, Page, Query, Result, clean};
use crate::synergies::matching::{local, why};
use crate::synergies::model::Origin;
use crate::synergies::proposal::Proposal;
use crate::synergies::store::by_hand::{self as near, Place};
use crate::synergies::store::matching::{FlowRow, Rows};
use crate::synergies::store::why::{self as around, Around};
use crate::synergies::store::{self, NewSynergy};
use crate::synergies::{paths, view};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// What was chosen so far, in the address; and why, once it is sent.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::synergies) struct GroupForm {
    /// Given with the empty form: sent twice, it is one group.
    id: String,
    /// The category of the need.
    theme: String,
    flux: Vec<String>,
    /// Establishments where the need is not recorded yet.
    avec: Vec<String>,
    /// Words of a name.
    q: String,
    why: String,
}

impl GroupForm {
    fn code(&self) -> Option<FlowCode> {
        FlowCode::find(&self.theme).filter(|code| Catalogue::embedded().category(*code).group.is_some())
    }
    fn flows(&self) -> BTreeSet<FlowId> {
        self.flux.iter().filter_map(|id| id.parse().ok()).collect()
    }
    fn others(&self) -> BTreeSet<EstablishmentId> {
        self.avec.iter().filter_map(|id| id.parse().ok()).collect()
    }
}

/// An establishment that has the need.
struct Row {
    flow: FlowId,
    name: String,
    detail: String,
    is_chosen: bool,
}

/// What the engine says of those chosen.
struct Figures {
    members: usize,
    radius: String,
    mass: String,
    score: String,
    saving: Option<String>,
    /// Chosen, but not on the map.
    left_out: usize,
}

#[derive(Template)]
#[template(path = "synergies/by_hand_group.html")]
struct GroupPage {
    themes: Vec<Choice>,
    title: Option<String>,
    rows: Vec<Row>,
    /// Those found by words, or chosen, without a flow of the need.
    places: Vec<(Place, bool)>,
    figures: Option<Figures>,
    already: Vec<Already>,
    form: GroupForm,
    errors: Errors,
}

fn themes() -> Vec<Choice> {
    let categories = Catalogue::embedded().categories().iter();
    let shared = categories.filter(|category| category.group.is_some());
    Choice::pairs(shared.map(|category| (category.code.to_string(), category.label.clone())))
}

async fn load(me: &Staff, form: GroupForm, errors: Errors) -> Result<GroupPage> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let mut page = GroupPage {
        themes: themes(),
        title: None,
        rows: Vec::new(),
        places: Vec::new(),
        figures: None,
        already: Vec::new(),
        form,
        errors,
    };
    let Some(code) = page.form.code() else {
        return Ok(page);
    };
    let category = Catalogue::embedded().category(code);
    page.title = category.group.as_ref().map(|rule| rule.title.clone());
    let needs = needs(&mut db, &scope, code).await?;
    page.rows = rows(&mut db, &scope, &needs, &page.form).await?;
    page.places = places(&mut db, &scope, &needs, &page.form).await?;
    for known in near::groups(&mut db, &scope, &page.form.theme).await? {
        page.already.push(Already::read(&mut db, &known).await?);
    }
    let flows = chosen(&mut db, &scope, (&page.form, code), me.today()).await?;
    let group = composed(&mut db, &scope, (&page.form, code), &flows, me.today()).await?;
    page.figures = group.as_ref().and_then(|new| figures(new, flows.len()));
    Ok(page)
}

/// The flows of the need in the territory.
async fn needs(db: &mut PgConnection, scope: &Scope, code: FlowCode) -> Result<Vec<FlowRow>> {
    let everywhere = Around {
        codes: vec![code.to_string()],
        ..Around::default()
    };
    let direction = shared_direction(Catalogue::embedded().category(code));
    let mut found = around::around(db, scope, &everywhere).await?;
    found.retain(|flow| flow.direction == direction);
    Ok(found)
}

async fn rows(db: &mut PgConnection, scope: &Scope, needs: &[FlowRow], form: &GroupForm) -> Result<Vec<Row>> {
    let names = around::names(db, scope, needs).await?;
    let held = form.flows();
    let row = |flow: &FlowRow| {
        let name = names.get(&flow.id.to_string())?;
        let code = flow.category.as_deref().and_then(FlowCode::find);
        let year = flows::model::annual_text(code, flow.annual_quantity);
        let detail = match year {
            Some(year) => format!("{}, {year} par an", name.label),
            None => name.label.clone(),
        };
        Some(Row {
            flow: flow.id,
            name: name.establishment.clone(),
            detail,
            is_chosen: held.contains(&flow.id),
        })
    };
    let mut rows: Vec<Row> = needs.iter().filter_map(row).collect();
    rows.sort_by_key(|row| crate::kernel::fold(&row.name));
    Ok(rows)
}

/// Without the need on record: those chosen, and those that the words find.
async fn places(
    db: &mut PgConnection,
    scope: &Scope,
    needs: &[FlowRow],
    form: &GroupForm,
) -> Result<Vec<(Place, bool)>> {
    let held = form.others();
    let mut found = near::some(db, scope, &held).await?;
    if !clean(&form.q).is_empty() {
        found.extend(near::places(db, scope, &form.q, None).await?);
    }
    let mut seen: BTreeSet<EstablishmentId> = needs.iter().map(|flow| flow.establishment_id).collect();
    found.retain(|place| seen.insert(place.id));
    Ok(found
        .into_iter()
        .map(|place| {
            let is_chosen = held.contains(&place.id);
            (place, is_chosen)
        })
        .collect())
}

/// The flows chosen, and those that the others would have.
async fn chosen(
    db: &mut PgConnection,
    scope: &Scope,
    (form, code): (&GroupForm, FlowCode),
    today: chrono::NaiveDate,
) -> Result<Vec<Flow>> {
    let direction: Direction = shared_direction(Catalogue::embedded().category(code));
    let mut all = Vec::new();
    for id in form.flows() {
        let flow = flows::store::find(db, scope, id).await?.or_not_found()?;
        (flow.code() == Some(code) && flow.direction == direction)
            .then(|| all.push(flow))
            .or_not_found()?;
    }
    for place in near::some(db, scope, &form.others()).await? {
        all.push(needing((scope.territory(), place.id), (code, direction), today));
    }
    Ok(all)
}

/// The group that the engine makes of them; nothing for fewer than two establishments on the map.
async fn composed(
    db: &mut PgConnection,
    scope: &Scope,
    (form, code): (&GroupForm, FlowCode),
    flows: &[Flow],
    today: chrono::NaiveDate,
) -> Result<Option<NewSynergy>> {
    let flows: Vec<FlowRow> = flows.iter().map(FlowRow::from).collect();
    let rows = Rows {
        sites: around::sites(db, scope, &flows).await?,
        flows,
        known: Vec::new(),
    };
    let members: BTreeSet<FlowId> = rows.flows.iter().map(|flow| flow.id).collect();
    let local = local(db, scope).await?;
    let key = format!("main:{}", form.id);
    let made = why::compose(&rows, &local, (&key, code), &members, today);
    Ok(made.filter(|new| new.members.len() > 1))
}

fn figures(new: &NewSynergy, flows: usize) -> Option<Figures> {
    let group = group_of(new)?;
    let saving = group.saving.as_ref().filter(|saving| saving.high > 0.0);
    Some(Figures {
        members: new.members.len(),
        radius: format_km(group.radius_km),
        mass: group.mass_sentence.clone(),
        score: format!("{} sur 100", view::whole(group.score)),
        saving: saving.map(|saving| {
            let [low, high] = [saving.low, saving.high].map(format_euros);
            format!("entre {low} et {high} par an, estimé")
        }),
        left_out: flows - group.members.len().min(flows),
    })
}

fn group_of(new: &NewSynergy) -> Option<&Group> {
    match &new.explained.proposal {
        Proposal::Group(group) => Some(group),
        Proposal::Pair(_) | Proposal::Relay(_) | Proposal::Hand(_) => None,
    }
}

pub(in crate::synergies) async fn show(
    me: Staff,
    Query(form): Query<GroupForm>,
) -> Result<Page<impl Template>> {
    let form = GroupForm {
        id: SynergyId::fresh().to_string(),
        ..form
    };
    Ok(Page(load(&me, form, Errors::default()).await?))
}

pub(in crate::synergies) async fn submit(me: Staff, Form(form): Form<GroupForm>) -> Result<Response> {
    let scope = me.scope()?;
    let (code, words) = match (form.code(), super::reason(&form.why)) {
        (Some(code), Ok(words)) => (code, words),
        (None, _) => {
            return refused(
                &me,
                form,
                Errors::one("theme", "Choisissez un besoin de la liste."),
            )
            .await;
        }
        (_, Err(errors)) => return refused(&me, form, errors).await,
    };
    let made = me
        .transact(async |tx| record(tx, &scope, (&form, code), words).await)
        .await?;
    match made {
        Some(id) => Ok(me
            .done("Votre groupe est dans la file, avec votre nom.", paths::show(&id))
            .into_response()),
        None => {
            let sentence = "Choisissez au moins deux établissements placés sur la carte.";
            refused(&me, form, Errors::one("flux", sentence)).await
        }
    }
}

async fn refused(me: &Staff, form: GroupForm, errors: Errors) -> Result<Response> {
    let page = load(me, form, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Nothing for fewer than two establishments.
async fn record(
    tx: &mut Tx,
    scope: &Scope,
    (form, code): (&GroupForm, FlowCode),
    words: String,
) -> Result<Option<SynergyId>> {
    let id: SynergyId = form.id.parse().unwrap_or_else(|_| SynergyId::fresh());
    if hold(tx, scope, id).await? {
        return Ok(Some(id));
    }
    let today = tx.today();
    let flows = chosen(tx, scope, (form, code), today).await?;
    let Some(mut new) = composed(tx, scope, (form, code), &flows, today).await? else {
        tx.nothing_to_record();
        return Ok(None);
    };
    let known = form.flows();
    for flow in flows.iter().filter(|flow| !known.contains(&flow.id)) {
        flows::store::insert(tx, scope, flow).await?;
        flows::changes::announce(tx, flow).await?;
    }
    new.id = id;
    new.origin = Origin::Advisor;
    new.explained.said = Some(words);
    store::insert(tx, scope, &new).await?;
    Ok(Some(id))
}
