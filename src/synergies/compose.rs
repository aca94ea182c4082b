//! Screen: the members of a group, chosen by hand. Each addition or removal is one act: it is saved, and
//! the engine computes the figures of the group again. A search no longer changes such a group by itself.

use super::acts;
use super::filters::Filters;
use super::matching::{local, why};
use super::model::State;
use super::paths;
use super::proposal::{Explained, Proposal};
use super::store::matching::{FlowRow, Rows};
use super::store::{self, Synergy, compose as save, why as near};
use super::view::{self, Detail, Shape};
use crate::companies;
use crate::engine::Group;
use crate::kernel::format_km;
use crate::kernel::ids::{FlowId, SynergyId};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Query, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Candidates shown.
const SHOWN: usize = 30;

#[derive(Template)]
#[template(path = "synergies/compose.html")]
struct Compose {
    detail: Detail,
    action: String,
    members: Vec<Row>,
    candidates: Vec<Row>,
    errors: Errors,
}

/// A flow in or out of the group.
struct Row {
    flow: FlowId,
    name: String,
    href: String,
    label: String,
    commune: String,
    quantity: Option<String>,
    distance: String,
    contract: Option<String>,
    km: f64,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ComposeForm {
    #[serde(rename = "ajouter")]
    add: String,
    #[serde(rename = "retirer")]
    remove: String,
    version: String,
}

enum Change {
    Add(FlowId),
    Remove(FlowId),
}

impl Change {
    /// Which flow, whether it joins, and whether anything changed.
    fn apply(&self, flows: &mut BTreeSet<FlowId>) -> (FlowId, bool, bool) {
        match *self {
            Self::Add(flow) => (flow, true, flows.insert(flow)),
            Self::Remove(flow) => (flow, false, flows.remove(&flow)),
        }
    }
}

impl ComposeForm {
    fn parse(&self) -> Result<Change, Errors> {
        let read = |text: &str| text.parse::<FlowId>().ok();
        match (read(&self.add), read(&self.remove)) {
            (Some(flow), None) => Ok(Change::Add(flow)),
            (None, Some(flow)) => Ok(Change::Remove(flow)),
            (None | Some(_), _) => Err(Errors::one(
                "membre",
                "Choisissez un établissement à ajouter ou à retirer.",
            )),
        }
    }
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    page(&me, &filters, id, Errors::default()).await
}

async fn page(me: &Staff, filters: &Filters, id: SynergyId, errors: Errors) -> Result<Response> {
    let scope = me.scope()?;
    let detail = acts::detail(me, filters, id).await?;
    let group = group_of(&detail.synergy.explained).or_not_found()?.clone();
    let mut db = me.read().await?;
    let inside = near::flows(&mut db, &scope, &uuids(&flows_of(&group))).await?;
    let sites = near::sites(&mut db, &scope, &inside).await?;
    let medoid = sites
        .iter()
        .find(|site| site.id.to_string() == group.medoid.as_str());
    let around = near::around(&mut db, &scope, &why::neighbours(&group, medoid)).await?;
    let all: Vec<FlowRow> = inside.iter().chain(&around).cloned().collect();
    let rows = Rows {
        sites: near::sites(&mut db, &scope, &all).await?,
        flows: all,
        known: Vec::new(),
    };
    let names = near::names(&mut db, &scope, &rows.flows).await?;
    drop(db);
    let lines = lines(&rows, &names, &group);
    let held = flows_of(&group);
    let (members, mut candidates): (Vec<Row>, Vec<Row>) =
        lines.into_iter().partition(|row| held.contains(&row.flow));
    candidates.truncate(SHOWN);
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let action = filters.carry(&paths::members(&id));
    Ok((
        status,
        Page(Compose {
            detail,
            action,
            members,
            candidates,
            errors,
        }),
    )
        .into_response())
}

fn group_of(explained: &Explained) -> Option<&Group> {
    match &explained.proposal {
        Proposal::Group(group) => Some(group),
        Proposal::Pair(_) | Proposal::Relay(_) | Proposal::Hand(_) => None,
    }
}

fn flows_of(group: &Group) -> BTreeSet<FlowId> {
    group
        .flows()
        .iter()
        .filter_map(|key| key.as_str().parse().ok())
        .collect()
}

fn uuids(flows: &BTreeSet<FlowId>) -> Vec<uuid::Uuid> {
    flows.iter().map(|flow| flow.uuid()).collect()
}

/// One line per flow of the group's need, the nearest to its centre first.
fn lines(rows: &Rows, names: &near::Names, group: &Group) -> Vec<Row> {
    let sites: BTreeMap<_, _> = rows.sites.iter().map(|site| (site.id, site)).collect();
    let centre = rows
        .sites
        .iter()
        .find(|site| site.id.to_string() == group.medoid.as_str())
        .and_then(why::place);
    let mut found: BTreeMap<FlowId, Row> = BTreeMap::new();
    for flow in rows.flows.iter().filter(|flow| flow.direction == group.direction) {
        let (Some(name), Some(site)) = (names.get(&flow.id.to_string()), sites.get(&flow.establishment_id))
        else {
            continue;
        };
        let km = why::place(site)
            .zip(centre)
            .map(|(at, centre)| at.distance_km(centre));
        found.insert(
            flow.id,
            Row {
                flow: flow.id,
                name: name.establishment.clone(),
                href: companies::paths::show(&flow.establishment_id),
                label: name.label.clone(),
                commune: site.commune.clone().unwrap_or_default(),
                quantity: flow
                    .annual_quantity
                    .map(|amount| view::amount(amount, group.unit.symbol())),
                distance: km.map_or_else(|| "distance inconnue".to_owned(), format_km),
                contract: flow.contract_end_on.map(|end| end.format("%m/%Y").to_string()),
                km: km.unwrap_or(f64::INFINITY),
            },
        );
    }
    let mut lines: Vec<Row> = found.into_values().collect();
    lines.sort_by(|a, b| a.km.total_cmp(&b.km).then(a.name.cmp(&b.name)));
    lines
}

/// Whether its members may still be chosen.
pub(super) fn is_open(state: State) -> bool {
    matches!(state, State::Proposed | State::UnderReview)
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ComposeForm>,
) -> Result<Response> {
    let change = match form.parse() {
        Ok(change) => change,
        Err(errors) => return page(&me, &filters, id, errors).await,
    };
    let scope = me.scope()?;
    let seen = acts::seen(&form.version);
    let outcome = me
        .transact(async |tx| -> Result<Outcome> {
            let synergy = store::lock(tx, &scope, id).await?.or_not_found()?;
            let group = group_of(&synergy.explained).or_not_found()?;
            check(&synergy, seen)?;
            let mut flows = flows_of(group);
            let (changed, adds, is_new) = change.apply(&mut flows);
            if !is_new {
                return Err(AppError::Conflict(STALE.to_owned()));
            }
            let read = near::flows(tx, &scope, &uuids(&flows)).await?;
            let rows = Rows {
                sites: near::sites(tx, &scope, &read).await?,
                flows: read,
                known: Vec::new(),
            };
            let firms: BTreeSet<_> = rows.flows.iter().map(|flow| flow.establishment_id).collect();
            if firms.len() < 2 {
                tx.nothing_to_record();
                return Ok(Outcome::TooFew);
            }
            let local = local(tx, &scope).await?;
            let (key, today) = (synergy_key(group), tx.today());
            let new = why::compose(&rows, &local, (&key, group.code), &flows, today).or_not_found()?;
            let joined = group_of(&new.explained).is_some_and(|group| flows_of(group).contains(&changed));
            if adds != joined {
                return Err(AppError::Conflict(UNFIT.to_owned()));
            }
            let name = save::flow_owner(tx, &scope, changed).await?.or_not_found()?;
            save::members(tx, &synergy, &new, (&name, adds)).await?;
            Ok(Outcome::Done(told(&name, adds)))
        })
        .await?;
    match outcome {
        Outcome::Done(message) => Ok(me
            .done(message, filters.carry(&paths::members(&id)))
            .into_response()),
        Outcome::TooFew => {
            let errors = Errors::one("membre", "Un groupe compte au moins deux établissements.");
            page(&me, &filters, id, errors).await
        }
    }
}

fn told(name: &str, adds: bool) -> String {
    if adds {
        format!("{name} rejoint le groupe.")
    } else {
        format!("{name} quitte le groupe.")
    }
}

enum Outcome {
    Done(String),
    TooFew,
}

const UNFIT: &str =
    "Ce flux ne peut pas rejoindre ce groupe\u{a0}: sa position manque, ou il est d’une autre sorte.";
const STALE: &str = "Quelqu’un a changé ce groupe entre-temps\u{a0}: relisez-le avant de continuer.";

fn synergy_key(group: &Group) -> String {
    group.key.to_string()
}

fn check(synergy: &Synergy, seen: Option<i32>) -> Result<()> {
    if !is_open(synergy.state) {
        return Err(AppError::Conflict(format!(
            "Cette synergie est «\u{a0}{}\u{a0}»\u{a0}: ses membres ne se choisissent plus.",
            synergy.state.label()
        )));
    }
    if seen.is_some_and(|version| version != synergy.version) {
        return Err(AppError::Conflict(STALE.to_owned()));
    }
    Ok(())
}
