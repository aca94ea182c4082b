//! What every act on a synergy shares: reading it with its neighbours, saying who decided first, and
//! going on to the next one.

use super::factors::store as factors;
use super::filters::Filters;
use super::model::{NotAllowed, StepKind};
use super::paths;
use super::proposal::Proposal;
use super::store::queue::{QueueRow, Slice};
use super::store::{self, Refused, Synergy, queue};
use super::view::{self, Detail, Shape};
use crate::kernel::ids::SynergyId;
use crate::nomenclature::{Catalogue, Local};
use crate::platform::access::Staff;
use crate::platform::journal;
use crate::platform::web::{AppError, OptionExt, Result};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Missing => Self::NotFound,
            Refused::NotNow(rule) => Self::Conflict(rule.to_string()),
            Refused::NotYet(rule) => Self::Conflict(rule.to_string()),
            Refused::NotAllowed(rule) => Self::Conflict(rule.to_string()),
            Refused::Decided { who, what, at } => Self::Conflict(format!(
                "{who} a agi le premier sur cette synergie\u{a0}: «\u{a0}{what}\u{a0}», le {}.",
                view::moment(at)
            )),
            Refused::Database(error) => error.into(),
        }
    }
}

impl From<NotAllowed> for AppError {
    fn from(rule: NotAllowed) -> Self {
        Self::Conflict(rule.to_string())
    }
}

/// The version that the reviewer had on screen, when the form says it.
pub(super) fn seen(version: &str) -> Option<i32> {
    version.parse().ok()
}

/// The synergy in the filtered list, with its neighbours; nothing when it is not in it.
pub(super) async fn place(me: &Staff, filters: &Filters, id: SynergyId) -> Result<Option<QueueRow>> {
    let wanted = filters.wanted(me.user(), me.today());
    let rows = queue::list(&mut *me.read().await?, &me.scope()?, &wanted, Slice::One(id)).await?;
    Ok(rows.into_iter().next())
}

/// What the page of one synergy shows.
pub(super) async fn detail(me: &Staff, filters: &Filters, id: SynergyId) -> Result<Detail> {
    let scope = me.scope()?;
    let place = place(me, filters, id).await?;
    let mut db = me.read().await?;
    let synergy = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let members = store::show::members(&mut db, &scope, id).await?;
    let twins: Vec<uuid::Uuid> = view::pair_of(&synergy)
        .map(|pair| pair.twins.iter())
        .into_iter()
        .flatten()
        .flat_map(|twin| [&twin.out_flow, &twin.in_flow])
        .filter_map(|key| key.as_str().parse().ok())
        .collect();
    let labels = if twins.is_empty() {
        BTreeMap::new()
    } else {
        store::show::labels(&mut db, &scope, &twins).await?
    };
    let mut detail = Detail::new(synergy, &members, filters, place.as_ref(), me.today());
    if let (Shape::Pair(view), Proposal::Pair(pair)) = (&mut detail.shape, &detail.synergy.explained.proposal)
    {
        let local = match Local::number_in(&detail.synergy.params_version) {
            Some(number) => factors::at(&mut db, detail.synergy.territory_id, number).await?,
            None => Local::default(),
        };
        view.tell_factors(pair, &Catalogue::embedded().localised(&local));
    }
    Ok(detail.with_twins(&labels))
}

/// The same, for the page of a step that may be taken now.
///
/// # Errors
/// [`AppError::Past`] when the synergy has moved on.
pub(super) async fn stepping(me: &Staff, filters: &Filters, id: SynergyId, step: StepKind) -> Result<Detail> {
    let detail = detail(me, filters, id).await?;
    match detail.synergy.state.after(step) {
        Ok(_) => Ok(detail),
        Err(rule) => Err(past(me, &detail.synergy, rule.to_string()).await?),
    }
}

/// The page of a step that is not to be taken now: why, who moved the synergy and when, and its sheet.
pub(super) async fn past(me: &Staff, synergy: &Synergy, message: String) -> Result<AppError> {
    let line = journal::store::last_change(&mut *me.read().await?, synergy.id.uuid(), &["state"]).await?;
    let last = line.map(|line| {
        format!(
            "{}, le {}\u{a0}: «\u{a0}{}\u{a0}».",
            line.author,
            view::moment(line.at),
            line.action
        )
    });
    Ok(AppError::Past {
        message,
        last,
        href: paths::show(&synergy.id),
        label: format!("Je regarde la fiche {}", synergy.code()),
    })
}

/// Who stands after this one in the list; asked before the act takes it out of the list.
pub(super) async fn next(me: &Staff, filters: &Filters, id: SynergyId) -> Result<Option<SynergyId>> {
    Ok(place(me, filters, id)
        .await?
        .and_then(|row| row.next.or(row.previous)))
}

/// To the next of the list, or to the list when it is finished.
pub(super) fn onward(
    me: &Staff,
    filters: &Filters,
    next: Option<SynergyId>,
    message: impl Into<String>,
) -> Response {
    let href = next.map_or_else(|| filters.list_href(), |id| filters.look_at(&id));
    me.done(message, href).into_response()
}
