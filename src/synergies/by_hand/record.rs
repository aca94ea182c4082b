//! Recording what a person brings together: under the engine's own key, so that no search repeats it, and never
//! twice.

use crate::flows::{self, Certainty, Flow, FlowSource};
use crate::kernel::Direction;
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId, TerritoryId};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::web::{AppError, OptionExt, Result};
use crate::synergies::matching::by_hand::{self as engine, Reason};
use crate::synergies::matching::local;
use crate::synergies::store::matching::{FlowRow, Rows};
use crate::synergies::store::{self, by_hand as near, why as around};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Two flows brought together, and why.
pub(in crate::synergies) struct Said {
    pub(in crate::synergies) id: SynergyId,
    pub(in crate::synergies) own: Flow,
    pub(in crate::synergies) other: EstablishmentId,
    /// The flow that answers there; none when it is not recorded yet.
    pub(in crate::synergies) with: Option<FlowId>,
    pub(in crate::synergies) reason: Reason,
}

pub(in crate::synergies) enum Recorded {
    Done(SynergyId),
    /// The same flows have a synergy already.
    Known,
}

pub(in crate::synergies) fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Outbound => Direction::Inbound,
        Direction::Inbound => Direction::Outbound,
    }
}

/// The flow that would answer one, at an establishment where nobody recorded it.
pub(in crate::synergies) fn answering(own: &Flow, at: EstablishmentId, today: NaiveDate) -> Flow {
    Flow {
        category: own.category.clone(),
        certainty: Certainty::OrderOfMagnitude,
        source: FlowSource::Advisor,
        ..Flow::told(
            (own.territory_id, at),
            opposite(own.direction),
            own.label.clone(),
            today,
        )
    }
}

/// What the engine needs to know of two flows.
pub(in crate::synergies) async fn rows(
    db: &mut PgConnection,
    scope: &Scope,
    [own, other]: [&Flow; 2],
) -> sqlx::Result<Rows> {
    let flows: Vec<FlowRow> = [own, other].map(FlowRow::from).into();
    Ok(Rows {
        sites: around::sites(db, scope, &flows).await?,
        known: near::between(db, scope, [own.establishment_id, other.establishment_id]).await?,
        flows,
    })
}

/// What leaves, then what comes in.
pub(in crate::synergies) fn ends(own: &Flow, other: &Flow) -> (FlowId, FlowId) {
    match own.direction {
        Direction::Outbound => (own.id, other.id),
        Direction::Inbound => (other.id, own.id),
    }
}

/// A need that nobody recorded at that establishment.
pub(super) fn needing(
    of: (TerritoryId, EstablishmentId),
    (code, direction): (FlowCode, Direction),
    today: NaiveDate,
) -> Flow {
    let label = &Catalogue::embedded().category(code).label;
    Flow {
        category: Some(code.to_string()),
        certainty: Certainty::OrderOfMagnitude,
        source: FlowSource::Advisor,
        ..Flow::told(of, direction, label, today)
    }
}

/// Nobody else proposes, and no search runs, until the end. Whether the same form was recorded already.
pub(super) async fn hold(tx: &mut Tx, scope: &Scope, id: SynergyId) -> sqlx::Result<bool> {
    store::hold_numbers(tx, scope.territory()).await?;
    let is_there = store::find(tx, scope, id).await?.is_some();
    if is_there {
        tx.nothing_to_record();
    }
    Ok(is_there)
}

/// # Errors
/// A flow that is gone, or the database.
pub(in crate::synergies) async fn record(tx: &mut Tx, scope: &Scope, said: Said) -> Result<Recorded> {
    if hold(tx, scope, said.id).await? {
        return Ok(Recorded::Done(said.id));
    }
    let other = match said.with {
        Some(id) => {
            let found = flows::store::find(tx, scope, id).await?.or_not_found()?;
            let answers = found.establishment_id == said.other && found.direction != said.own.direction;
            answers.then_some(found).or_not_found()?
        }
        None => answering(&said.own, said.other, tx.today()),
    };
    let rows = rows(tx, scope, [&said.own, &other]).await?;
    let (out, into) = ends(&said.own, &other);
    let key = engine::key(out, into);
    if rows.known.iter().any(|known| known.key == key) {
        tx.nothing_to_record();
        return Ok(Recorded::Known);
    }
    if said.with.is_none() {
        flows::store::insert(tx, scope, &other).await?;
        flows::changes::announce(tx, &other).await?;
    }
    let (local, today) = (local(tx, scope).await?, tx.today());
    let found = engine::judged(&rows, &local, (out, into), today).or_not_found()?;
    let row = |id| rows.flows.iter().find(|flow| flow.id == id);
    let ends = row(out).zip(row(into)).or_not_found()?;
    let version = engine::version(&local, today);
    let mut new = engine::synergy(ends, said.reason, found, &version);
    new.id = said.id;
    if !store::insert(tx, scope, &new).await? {
        return Err(AppError::Conflict(
            "Quelqu’un vient de proposer la même synergie.".to_owned(),
        ));
    }
    Ok(Recorded::Done(new.id))
}
