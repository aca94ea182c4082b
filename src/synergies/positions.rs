//! Screen: where each member of a group stands, and what they make up together.

use super::acts;
use super::filters::Filters;
use super::mass::Mass;
use super::model::{MemberState, State};
use super::paths;
use super::store::{self, show::MemberRow};
use super::view::{Detail, amount, capital};
use crate::kernel::ids::{EstablishmentId, SynergyId};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Choice, Errors, Form, OptionExt, Page, Path, Query, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Members change their mind as long as the group lives.
pub(super) fn is_open(state: State) -> bool {
    !matches!(
        state,
        State::Rejected | State::Abandoned | State::Duplicate | State::Interrupted
    )
}

/// Two lists in step: each member and its position.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PositionsForm {
    member: Vec<String>,
    position: Vec<String>,
}

impl PositionsForm {
    fn parse(&self, members: &[MemberRow]) -> Result<Vec<(EstablishmentId, MemberState)>, Errors> {
        let mut errors = Errors::default();
        let mut read = Vec::new();
        for (member, position) in self.member.iter().zip(&self.position) {
            let known = members.iter().find(|row| row.id.to_string() == *member);
            match (known, MemberState::parse(position)) {
                (Some(row), Some(state)) => read.push((row.id, state)),
                (_, _) => errors.add(
                    "position",
                    "Choisissez une position pour chaque membre du groupe.",
                ),
            }
        }
        if errors.is_empty() { Ok(read) } else { Err(errors) }
    }
}

struct Line {
    id: EstablishmentId,
    name: String,
    quantity: Option<String>,
    position: &'static str,
}

#[derive(Template)]
#[template(path = "synergies/positions.html")]
struct Positions {
    detail: Detail,
    action: String,
    lines: Vec<Line>,
    choices: Vec<Choice>,
    sentence: String,
    errors: Errors,
}

async fn members(me: &Staff, id: SynergyId) -> Result<Vec<MemberRow>> {
    Ok(store::show::members(&mut *me.read().await?, &me.scope()?, id).await?)
}

async fn load(me: &Staff, filters: &Filters, id: SynergyId, errors: Errors) -> Result<Positions> {
    let detail = acts::detail(me, filters, id).await?;
    let members = members(me, id).await?;
    detail.links.positions.as_ref().or_not_found()?;
    let unit = detail.unit();
    let standing = members.iter().map(|m| (m.state, m.quantity)).collect();
    Ok(Positions {
        action: filters.carry(&paths::positions(&id)),
        sentence: Mass::of(&detail.synergy.explained, standing).sentence(),
        lines: members
            .iter()
            .map(|m| Line {
                id: m.id,
                name: m.name.clone(),
                quantity: m.quantity.map(|quantity| amount(quantity, unit)),
                position: m.state.code(),
            })
            .collect(),
        choices: Choice::pairs(MemberState::ALL.iter().map(|s| (s.code(), capital(s.label())))),
        detail,
        errors,
    })
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &filters, id, Errors::default()).await?))
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<PositionsForm>,
) -> Result<Response> {
    let known = members(&me, id).await?;
    let positions = match form.parse(&known) {
        Ok(positions) => positions,
        Err(errors) => {
            let page = load(&me, &filters, id, errors).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    let changed = me
        .transact(async |tx| -> Result<usize> {
            let synergy = store::lock(tx, &scope, id).await?.or_not_found()?;
            if !is_open(synergy.state) {
                let sentence = format!("Cette synergie est «\u{a0}{}\u{a0}».", synergy.state.label());
                return Err(AppError::Conflict(sentence));
            }
            let mut changed = 0;
            for (member, state) in positions {
                changed += usize::from(store::set_member_state(tx, &scope, (id, member), state).await?);
            }
            if changed > 0 {
                store::settle(tx, &scope, id).await?;
            }
            tx.nothing_to_record();
            Ok(changed)
        })
        .await?;
    let message = match changed {
        0 => "Rien n’a changé.".to_owned(),
        1 => "Une position est notée.".to_owned(),
        n => format!("{n} positions sont notées."),
    };
    Ok(me.done(message, filters.look_at(&id)).into_response())
}
