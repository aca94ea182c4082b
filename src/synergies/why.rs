//! Screen: « Pourquoi rien ? » — for one flow, the nearest candidates, what stops each, and what would
//! let it in; the group it could join, or what keeps it out. Reads the surroundings of the flow only, so that it answers at once on a large territory.

use super::matching::{local, why};
use super::paths;
use super::store::matching::Rows;
use super::store::why as store;
use crate::engine::{Gate, Joining, Obstacle, Refusal};
use crate::flows::{self, Flow};
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId};
use crate::kernel::{Direction, format_km};
use crate::nomenclature::Local;
use crate::platform::access::{Scope, Staff};
use crate::platform::web::{OptionExt, Page, Path, Result};
use crate::{companies, visits};
use askama::Template;
use sqlx::PgConnection;

#[derive(Template)]
#[template(path = "synergies/why.html")]
struct Why {
    flow: Flow,
    establishment: String,
    sheet: String,
    edit: String,
    /// Only flows that somebody vouches for are searched.
    is_counted: bool,
    lines: Vec<Line>,
    /// Among those with the same need.
    together: Option<Together>,
}

struct Together {
    label: &'static str,
    css: &'static str,
    sentence: String,
    opening: Option<String>,
    group: Option<(SynergyId, String)>,
}

struct Line {
    label: &'static str,
    css: &'static str,
    sentence: String,
    opening: Option<String>,
    candidate: Option<Candidate>,
    /// The proposal that exists already between the two flows.
    proposal: Option<(SynergyId, String)>,
}

struct Candidate {
    label: String,
    establishment: String,
    href: String,
    distance: String,
}

impl Why {
    fn is_outbound(&self) -> bool {
        self.flow.direction == Direction::Outbound
    }
}

pub(super) async fn show(me: Staff, Path(id): Path<FlowId>) -> Result<Page<impl Template>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let flow = flows::store::find(&mut db, &scope, id).await?.or_not_found()?;
    let site = companies::store::find(&mut db, &scope, flow.establishment_id)
        .await?
        .or_not_found()?;
    let local = local(&mut db, &scope).await?;
    let rows = surroundings(&mut db, &scope, id, &local).await?;
    let names = store::names(&mut db, &scope, &rows.flows).await?;
    drop(db);
    let today = me.today();
    let is_counted = !rows.flows.is_empty();
    let proposals = why::proposals(&rows);
    let own_group = why::own_group(&rows);
    let answer = tokio::task::spawn_blocking(move || why::answer(&rows, &local, id, today))
        .await
        .map_err(anyhow::Error::from)?;
    let lines = answer
        .refusals
        .into_iter()
        .map(|refusal| {
            let proposal = refusal
                .candidate
                .as_ref()
                .and_then(|key| proposals.get(&why::key_between(id, flow.direction, key.as_str())))
                .cloned();
            line(refusal, proposal, &names, flow.establishment_id)
        })
        .collect();
    Ok(Page(Why {
        establishment: site.name,
        sheet: companies::paths::show(&flow.establishment_id),
        edit: flows::paths::edit(&id),
        flow,
        is_counted,
        lines,
        together: answer.joining.map(|joining| together(joining, own_group)),
    }))
}

/// The flow and what may meet it; nothing when nobody vouches for it yet.
async fn surroundings(db: &mut PgConnection, scope: &Scope, id: FlowId, local: &Local) -> Result<Rows> {
    let mut rows = Rows {
        sites: Vec::new(),
        flows: store::flows(db, scope, &[id.uuid()]).await?,
        known: Vec::new(),
    };
    let Some(subject) = rows.flows.first().cloned() else {
        return Ok(rows);
    };
    let own = store::sites(db, scope, &rows.flows).await?;
    let around = store::around(db, scope, &why::surroundings(&subject, own.first(), local)).await?;
    rows.flows.extend(around.into_iter().filter(|flow| flow.id != id));
    rows.sites = store::sites(db, scope, &rows.flows).await?;
    rows.known = store::known(db, scope, id).await?;
    Ok(rows)
}

fn together(joining: Joining, own_group: Option<(SynergyId, String)>) -> Together {
    if own_group.is_some() {
        return Together {
            label: "Dans un groupe",
            css: "ok",
            sentence: "Ce flux a sa place parmi d’autres qui ont le même besoin.".to_owned(),
            opening: None,
            group: own_group,
        };
    }
    match joining {
        Joining::Joins(group) => Together {
            label: if group.left_out.is_some() {
                "Groupe en attente"
            } else {
                "Groupe possible"
            },
            css: "info",
            sentence: format!(
                "{}\u{a0}: {} établissements dans un rayon de {}.",
                group.title,
                group.members.len(),
                format_km(group.radius_km)
            ),
            opening: group.left_out,
            group: None,
        },
        Joining::Stays(obstacle) => Together {
            label: obstacle.label(),
            css: if obstacle == Obstacle::NotShared {
                ""
            } else {
                "warn"
            },
            sentence: obstacle.sentence(),
            opening: obstacle.opening().map(str::to_owned),
            group: None,
        },
    }
}

fn line(
    refusal: Refusal,
    proposal: Option<(SynergyId, String)>,
    names: &store::Names,
    own: EstablishmentId,
) -> Line {
    let candidate = refusal.candidate.as_ref().and_then(|key| {
        let name = names.get(key.as_str())?;
        Some(Candidate {
            label: name.label.clone(),
            establishment: name.establishment.clone(),
            href: companies::paths::show(&name.establishment_id),
            distance: if name.establishment_id == own {
                String::new()
            } else {
                refusal
                    .distance_km
                    .map_or_else(|| "distance inconnue".to_owned(), format_km)
            },
        })
    });
    let is_proposed = refusal.gate == Gate::Outranked && proposal.is_some();
    Line {
        css: if is_proposed { "ok" } else { css(refusal.gate) },
        label: if is_proposed {
            "Déjà proposée"
        } else {
            refusal.gate.label()
        },
        sentence: refusal.sentence,
        opening: refusal.opening.filter(|_| !is_proposed),
        candidate,
        proposal,
    }
}

/// What can be opened stands out from what cannot.
fn css(gate: Gate) -> &'static str {
    match gate {
        Gate::Outranked => "info",
        Gate::InPlace => "ok",
        Gate::SameSite | Gate::SameLegalEntity | Gate::NoLink | Gate::Direction => "",
        Gate::Hazardous | Gate::Sanitary | Gate::Opposed => "bad",
        Gate::Temperature
        | Gate::Nature
        | Gate::Quality
        | Gate::Form
        | Gate::Treatment
        | Gate::Class
        | Gate::Lane
        | Gate::Calendar
        | Gate::Window
        | Gate::Units
        | Gate::TooFar
        | Gate::Rejected => "warn",
    }
}
