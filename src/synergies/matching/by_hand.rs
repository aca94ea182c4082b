//! What the engine says of what a person brings together, and the synergy that it makes. Pure.

use super::{facts, reconcile};
use crate::engine::{Between, Key, Params, between, pair_key};
use crate::kernel::ids::FlowId;
use crate::nomenclature::{Catalogue, FlowCode, Local};
use crate::synergies::model::{Kind, Origin, Side};
use crate::synergies::proposal::pair_title;
use crate::synergies::store::matching::{FlowRow, Rows};
use crate::synergies::store::{NewMember, NewSynergy};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Who brings two flows together, and why.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Reason {
    pub(in crate::synergies) origin: Origin,
    pub(in crate::synergies) words: String,
}

/// The figures of the engine and what would have stopped it; nothing when a flow is not there.
pub(in crate::synergies) fn judged(
    rows: &Rows,
    local: &Local,
    (out, into): (FlowId, FlowId),
    today: NaiveDate,
) -> Option<Between> {
    let catalogue = Catalogue::embedded().localised(local);
    let params = Params::of(&catalogue, today);
    let facts = facts::translate(rows, &catalogue, local, today);
    let keys = [out, into].map(|flow| Key::new(flow.to_string()));
    between(&facts, &catalogue, &params, (&keys[0], &keys[1]))
}

/// With which factors it is judged.
pub(in crate::synergies) fn version(local: &Local, today: NaiveDate) -> String {
    Params::of(&Catalogue::embedded().localised(local), today)
        .version
        .clone()
}

/// The key that the engine would give.
pub(in crate::synergies) fn key(out: FlowId, into: FlowId) -> String {
    let key = |flow: FlowId| Key::new(flow.to_string());
    pair_key(&key(out), &key(into)).to_string()
}

/// The synergy to record: with the figures of the engine when it has some.
pub(in crate::synergies) fn synergy(
    (out, into): (&FlowRow, &FlowRow),
    said: Reason,
    found: Between,
    version: &str,
) -> NewSynergy {
    let labels: BTreeMap<String, &FlowRow> = [out, into]
        .into_iter()
        .map(|flow| (flow.id.to_string(), flow))
        .collect();
    let warnings = found
        .refusals
        .iter()
        .map(|refusal| format!("{}\u{a0}: {}", refusal.gate.label(), refusal.sentence))
        .collect();
    let engine = found
        .pair
        .and_then(|pair| reconcile::from_pair(&labels, pair, version));
    let mut new = match engine {
        Some(mut new) => {
            new.origin = said.origin;
            new.explained.said = Some(said.words);
            new
        }
        None => plain((out, into), said, found.distance_km),
    };
    new.explained.warnings = warnings;
    new
}

/// Without figures: the engine sees nothing in common.
fn plain((out, into): (&FlowRow, &FlowRow), said: Reason, distance_km: Option<f64>) -> NewSynergy {
    let member = |flow: &FlowRow, side| NewMember {
        establishment: flow.establishment_id,
        flow: Some(flow.id),
        side,
        annual_quantity: flow.annual_quantity,
    };
    let title = pair_title(&out.label, &into.label);
    let category = out.category.clone().or_else(|| into.category.clone());
    let kind = kind(category.as_deref());
    NewSynergy {
        category,
        key: key(out.id, into.id),
        distance_km,
        members: vec![member(out, Side::Outbound), member(into, Side::Inbound)],
        ..NewSynergy::by_hand(kind, said.origin, title, said.words)
    }
}

/// What is lent, not consumed, is a sharing.
pub(in crate::synergies) fn kind(category: Option<&str>) -> Kind {
    let code = category.and_then(FlowCode::find);
    match code.map(|code| Catalogue::embedded().category(code)) {
        Some(category) if !category.modes.substitution && category.modes.sharing => Kind::Sharing,
        Some(_) | None => Kind::Substitution,
    }
}
