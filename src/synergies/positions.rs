//! Screen: where each member of a group stands, and what they make up together.

use super::acts;
use super::filters::Filters;
use super::mass::Mass;
use super::model::{Kind, MemberState, State};
use super::paths;
use super::store::{self, show::MemberRow};
use super::view::{Detail, amount, capital};
use crate::kernel::ids::{EstablishmentId, SynergyId};
use crate::platform::access::Staff;
use crate::platform::web::{
    AppError, Choice, Clash, Errors, Form, Merge, OptionExt, Page, Path, Query, Result,
};
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

/// Three lists in step: each member, its position, and the one that the page showed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PositionsForm {
    member: Vec<String>,
    position: Vec<String>,
    was: Vec<String>,
}

impl PositionsForm {
    /// Takes in what was stored since the page was shown.
    fn merge(&mut self, members: &[MemberRow]) -> Vec<Clash> {
        let mut merge = Merge::default();
        let shown = |code: &str| {
            MemberState::parse(code).map_or_else(|| code.to_owned(), |state| state.label().to_owned())
        };
        for ((member, position), was) in self.member.iter().zip(&mut self.position).zip(&self.was) {
            if let Some(row) = members.iter().find(|row| row.id.to_string() == *member) {
                merge.field(row.name.clone(), position, row.state.code(), was, shown);
            }
        }
        merge.clashes
    }

    /// What was chosen for that member, else where it stands.
    fn chosen(&self, row: &MemberRow) -> String {
        let id = row.id.to_string();
        let mut chosen = self.member.iter().zip(&self.position);
        let chosen = chosen.find(|(member, _)| **member == id);
        chosen.map_or_else(|| row.state.code().to_owned(), |(_, position)| position.clone())
    }

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
    position: String,
    was: &'static str,
}

#[derive(Template)]
#[template(path = "synergies/positions.html")]
struct Positions {
    detail: Detail,
    action: String,
    lines: Vec<Line>,
    choices: Vec<Choice>,
    sentence: String,
    clashes: Vec<Clash>,
    errors: Errors,
}

async fn members(me: &Staff, id: SynergyId) -> Result<Vec<MemberRow>> {
    Ok(store::show::members(&mut *me.read().await?, &me.scope()?, id).await?)
}

async fn load(me: &Staff, filters: &Filters, id: SynergyId, form: &PositionsForm) -> Result<Positions> {
    let detail = acts::detail(me, filters, id).await?;
    let members = members(me, id).await?;
    (detail.synergy.kind == Kind::Mutualisation)
        .then_some(())
        .or_not_found()?;
    if !is_open(detail.synergy.state) {
        let state = detail.synergy.state.label();
        let sentence = format!(
            "Cette synergie est «\u{a0}{state}\u{a0}»\u{a0}: la position des membres ne se note plus."
        );
        return Err(acts::past(me, &detail.synergy, sentence).await?);
    }
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
                position: form.chosen(m),
                was: m.state.code(),
            })
            .collect(),
        choices: Choice::pairs(MemberState::ALL.iter().map(|s| (s.code(), capital(s.label())))),
        detail,
        clashes: Vec::new(),
        errors: Errors::default(),
    })
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &filters, id, &PositionsForm::default()).await?))
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(mut form): Form<PositionsForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let outcome = me
        .transact(async |tx| -> Result<Outcome> {
            tx.nothing_to_record();
            let synergy = store::lock(tx, &scope, id).await?.or_not_found()?;
            if !is_open(synergy.state) {
                let sentence = format!("Cette synergie est «\u{a0}{}\u{a0}».", synergy.state.label());
                return Err(AppError::Conflict(sentence));
            }
            let members = store::show::members(tx, &scope, id).await?;
            let clashes = form.merge(&members);
            if !clashes.is_empty() {
                return Ok(Outcome::Clashing(clashes));
            }
            let positions = match form.parse(&members) {
                Ok(positions) => positions,
                Err(errors) => return Ok(Outcome::Refused(errors)),
            };
            let mut changed = 0;
            for (member, state) in positions {
                changed += usize::from(store::set_member_state(tx, &scope, (id, member), state).await?);
            }
            if changed > 0 {
                store::settle(tx, &scope, id).await?;
            }
            Ok(Outcome::Saved(changed))
        })
        .await?;
    let (status, errors, clashes) = match outcome {
        Outcome::Saved(changed) => return Ok(saved(&me, &filters, id, changed)),
        Outcome::Refused(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, Vec::new()),
        Outcome::Clashing(clashes) => (StatusCode::CONFLICT, Errors::default(), clashes),
    };
    let page = Positions {
        errors,
        clashes,
        ..load(&me, &filters, id, &form).await?
    };
    Ok((status, Page(page)).into_response())
}

/// What became of the positions.
enum Outcome {
    Saved(usize),
    Refused(Errors),
    Clashing(Vec<Clash>),
}

fn saved(me: &Staff, filters: &Filters, id: SynergyId, changed: usize) -> Response {
    let message = match changed {
        0 => "Rien n’a changé.".to_owned(),
        1 => "Une position est notée.".to_owned(),
        n => format!("{n} positions sont notées."),
    };
    me.done(message, filters.look_at(&id)).into_response()
}
