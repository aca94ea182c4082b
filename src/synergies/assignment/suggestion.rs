//! Whom the proposal on screen is for, and the button that gives it.

use super::model::{Advisor, Shape, Subject, Suggestion, suggest};
use super::store;
use crate::nomenclature::FlowCode;
use crate::platform::access::Staff;
use crate::platform::web::Result;
use crate::synergies::model::State;
use crate::synergies::store::Synergy;

/// Nothing once somebody follows it, or when nobody of the speciality is there.
pub(in crate::synergies) async fn suggestion(me: &Staff, synergy: &Synergy) -> Result<Option<Suggestion>> {
    let waits = matches!(synergy.state, State::Proposed | State::UnderReview);
    if !waits || synergy.assigned_to.is_some() {
        return Ok(None);
    }
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let rules = store::rules(&mut db, &scope).await?;
    let loads = store::loads(&mut db, &scope, me.today(), 0).await?;
    let subject = Subject {
        shape: Shape::of(synergy.kind, &synergy.explained.proposal),
        category: synergy.category.as_deref().and_then(FlowCode::find),
        activities: store::activities(&mut db, synergy.id).await?,
    };
    let advisors: Vec<Advisor> = loads.iter().map(Advisor::from).collect();
    Ok(suggest(&rules, &subject, &advisors))
}
