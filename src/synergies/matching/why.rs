//! What the engine says of one flow, or of one group, from its surroundings alone. Pure.

use super::{facts, reconcile};
use crate::engine::{
    Engine, Group, Joining, Key, KnownGroup, Params, Refusal, joining, pair_key, why_nothing,
};
use crate::kernel::ids::{FlowId, SynergyId};
use crate::kernel::{Direction, Position};
use crate::nomenclature::{Catalogue, FlowCode, Local};
use crate::synergies::model::Kind;
use crate::synergies::store::NewSynergy;
use crate::synergies::store::code;
use crate::synergies::store::matching::{FlowRow, Rows, SiteRow};
use crate::synergies::store::why::Around;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// How much farther than the maximum distance to look: the first one too far says how far it is.
const BEYOND: f64 = 1.6;
/// Looked at around a flow whose category is not known.
const BLIND_KM: f64 = 40.0;

/// What may meet a flow: the categories its own can meet, as far as they travel.
pub(in crate::synergies) fn surroundings(flow: &FlowRow, site: Option<&SiteRow>, local: &Local) -> Around {
    let catalogue = Catalogue::embedded();
    let own = facts::codes(flow, catalogue, local);
    let mut codes: BTreeSet<FlowCode> = own.iter().copied().collect();
    for rule in catalogue.rules() {
        if own.contains(&rule.out) {
            codes.insert(rule.into);
        }
        if own.contains(&rule.into) {
            codes.insert(rule.out);
        }
    }
    let reach = |code: &FlowCode| {
        let radius = &catalogue.category(*code).radius;
        let large = radius.large.map_or(0.0, |large| large.max_km);
        radius.max_km.max(radius.unknown_km.1).max(large)
    };
    let farthest = own.iter().map(reach).fold(0.0, f64::max);
    Around {
        codes: codes.iter().map(ToString::to_string).collect(),
        unclassified: true,
        centre: site.and_then(place),
        km: if own.is_empty() {
            BLIND_KM
        } else {
            farthest * BEYOND
        },
    }
}

/// Those that could join a group: the same category, twice as far as its members may be.
pub(in crate::synergies) fn neighbours(group: &Group, centre: Option<&SiteRow>) -> Around {
    let rule = Catalogue::embedded().category(group.code).group.as_ref();
    Around {
        codes: vec![group.code.to_string()],
        unclassified: false,
        centre: centre.and_then(place),
        km: rule.map_or(BLIND_KM, |rule| 2.0 * rule.diameter_km),
    }
}

pub(in crate::synergies) fn place(site: &SiteRow) -> Option<Position> {
    Position::new(site.latitude?, site.longitude?).ok()
}

/// What the engine says of one flow.
pub(in crate::synergies) struct Answer {
    /// The candidates and what stops each, nearest first.
    pub(in crate::synergies) refusals: Vec<Refusal>,
    /// The group it joins, or what keeps it out; nothing while nobody knows what it is.
    pub(in crate::synergies) joining: Option<Joining>,
}

pub(in crate::synergies) fn answer(rows: &Rows, local: &Local, flow: FlowId, today: NaiveDate) -> Answer {
    let catalogue = Catalogue::embedded().localised(local);
    let params = Params::of(&catalogue, today);
    let facts = facts::translate(rows, &catalogue, local, today);
    let flow = Key::new(flow.to_string());
    Answer {
        refusals: why_nothing(&facts, &catalogue, &params, &flow),
        joining: joining(&facts, &catalogue, &params, &flow),
    }
}

/// The group that holds the flow already; rows are those in which it has a part.
pub(in crate::synergies) fn own_group(rows: &Rows) -> Option<(SynergyId, String)> {
    let mut groups = rows
        .known
        .iter()
        .filter(|known| known.kind == Kind::Mutualisation);
    let group = groups.find(|known| facts::lives(known))?;
    Some((group.id, code(group.kind, group.number)))
}

/// Proposals that exist already, by their key.
pub(in crate::synergies) fn proposals(rows: &Rows) -> BTreeMap<String, (SynergyId, String)> {
    rows.known
        .iter()
        .map(|known| (known.key.clone(), (known.id, code(known.kind, known.number))))
        .collect()
}

/// The key of the proposal between a flow and its candidate.
pub(in crate::synergies) fn key_between(flow: FlowId, direction: Direction, candidate: &str) -> String {
    let (own, other) = (Key::new(flow.to_string()), Key::new(candidate));
    match direction {
        Direction::Outbound => pair_key(&own, &other),
        Direction::Inbound => pair_key(&other, &own),
    }
    .to_string()
}

/// The group of exactly these flows, as it would be stored; nothing when none of them counts.
pub(in crate::synergies) fn compose(
    rows: &Rows,
    local: &Local,
    (key, code): (&str, FlowCode),
    members: &BTreeSet<FlowId>,
    today: NaiveDate,
) -> Option<NewSynergy> {
    let catalogue = Catalogue::embedded().localised(local);
    let params = Params::of(&catalogue, today);
    let facts = facts::translate(rows, &catalogue, local, today);
    let known = KnownGroup {
        key: Key::new(key),
        code,
        members: members.iter().map(|flow| Key::new(flow.to_string())).collect(),
        is_fixed: true,
    };
    let group = Engine::new(&facts, &catalogue, &params).compose(&known)?;
    reconcile::from_group(&reconcile::communes(rows), group)
}
