//! What must change in the stored proposals for them to say what the engine says. Pure.
//!
//! Never two rows for one idea, never a rejected one back without a fact that its motive names, and
//! nothing of what a person decided is overwritten.

use super::Found;
use crate::engine::{Group, Key, Pair, Relay};
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId};
use crate::synergies::model::{Kind, Origin, Side, State};
use crate::synergies::motives::Motive;
use crate::synergies::proposal::{Explained, Proposal, pair_title, relay_title};
use crate::synergies::store::matching::{FlowRow, Known, Rows};
use crate::synergies::store::{NewMember, NewSynergy, fingerprint};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// One thing to write.
#[derive(Debug)]
pub(super) enum Change {
    Insert(Box<NewSynergy>),
    Update {
        id: SynergyId,
        new: Box<NewSynergy>,
        is_current: bool,
    },
    Return {
        id: SynergyId,
        new: Box<NewSynergy>,
        changed: Vec<String>,
    },
    Retire(SynergyId),
}

/// What the engine would have the row say, and whether it deserves a place in the queue.
struct Wanted {
    new: NewSynergy,
    retained: bool,
}

pub(super) fn changes(rows: &Rows, found: Found, today: NaiveDate) -> Vec<Change> {
    let wanted = wanted(rows, found);
    let known: BTreeMap<&str, &Known> = rows.known.iter().map(|row| (row.key.as_str(), row)).collect();
    let mut changes: Vec<Change> = Vec::new();
    for wanted in wanted.values() {
        match known.get(wanted.new.key.as_str()) {
            None if wanted.retained => changes.push(Change::Insert(Box::new(wanted.new.clone()))),
            None => {}
            Some(row) => changes.extend(compare(row, wanted, today)),
        }
    }
    let vanished = rows.known.iter().filter(|row| {
        row.state == State::Proposed
            && row.is_current
            && row.origin == Origin::Engine
            && !wanted.contains_key(row.key.as_str())
    });
    changes.extend(vanished.map(|row| Change::Retire(row.id)));
    changes
}

fn compare(row: &Known, wanted: &Wanted, today: NaiveDate) -> Option<Change> {
    let kept = NewSynergy {
        explained: wanted.new.explained.clone().keeping(&row.explained),
        ..wanted.new.clone()
    };
    match row.state {
        // What a person proposed is not the engine's to withdraw.
        State::Proposed if !wanted.retained => {
            (row.is_current && row.origin == Origin::Engine).then_some(Change::Retire(row.id))
        }
        State::Proposed if row.is_current && is_as(row, &kept) => None,
        State::UnderReview if is_as(row, &kept) => None,
        State::Proposed | State::UnderReview => Some(Change::Update {
            id: row.id,
            new: Box::new(kept),
            is_current: true,
        }),
        State::Rejected | State::Asleep if wanted.retained => {
            let changed = why_back(row, &wanted.new, today)?;
            Some(Change::Return {
                id: row.id,
                new: Box::new(NewSynergy {
                    explained: wanted.new.explained.clone().saying(&row.explained),
                    ..wanted.new.clone()
                }),
                changed,
            })
        }
        State::Prevalidated
        | State::ContactProposed
        | State::Agreed
        | State::Studied
        | State::Implementing
        | State::Realised
        | State::Durable
        | State::Rejected
        | State::Asleep
        | State::Silent
        | State::Abandoned
        | State::Interrupted
        | State::Duplicate => None,
    }
}

/// Whether what is stored says what the engine says now, with the factors of now.
fn is_as(row: &Known, kept: &NewSynergy) -> bool {
    row.fingerprint == fingerprint(kept)
        && same(row.score, kept.score)
        && row.params_version == kept.params_version
}

fn same(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-9,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The sentences that justify proposing it again.
fn why_back(row: &Known, new: &NewSynergy, today: NaiveDate) -> Option<Vec<String>> {
    if row.state == State::Asleep {
        let due = row.wake_on.is_some_and(|day| day <= today);
        return due.then(|| vec!["La date de réveil est arrivée.".to_owned()]);
    }
    let motive = Motive::find(row.motive.as_deref()?)?;
    let mut changed = new.explained.changed.clone();
    if let Some(remembered) = &row.rejected_facts {
        changed.extend(remembered.contract_ended(motive, today));
        if let Proposal::Group(group) = &new.explained.proposal {
            changed.extend(remembered.newcomers(motive, group));
        }
    }
    (!changed.is_empty()).then_some(changed)
}

/// The engine's answer, by key.
fn wanted(rows: &Rows, found: Found) -> BTreeMap<String, Wanted> {
    let labels: BTreeMap<String, &FlowRow> = rows
        .flows
        .iter()
        .map(|flow| (flow.id.to_string(), flow))
        .collect();
    let communes = communes(rows);
    let mut wanted = BTreeMap::new();
    for pair in found.pairs {
        let retained = pair.retained;
        if let Some(new) = from_pair(&labels, pair, &found.version) {
            wanted.insert(new.key.clone(), Wanted { new, retained });
        }
    }
    for relay in found.relays {
        let retained = relay.retained;
        if let Some(new) = from_relay(&labels, relay, &found.version) {
            wanted.insert(new.key.clone(), Wanted { new, retained });
        }
    }
    for group in found.groups {
        let retained = group.left_out.is_none();
        if let Some(new) = from_group(&communes, group) {
            wanted.insert(new.key.clone(), Wanted { new, retained });
        }
    }
    wanted
}

/// The commune of each establishment.
pub(super) fn communes(rows: &Rows) -> BTreeMap<String, &str> {
    let sites = rows.sites.iter();
    sites
        .filter_map(|site| Some((site.id.to_string(), site.commune.as_deref()?)))
        .collect()
}

pub(super) fn from_pair(
    labels: &BTreeMap<String, &FlowRow>,
    pair: Pair,
    version: &str,
) -> Option<NewSynergy> {
    let out = labels.get(pair.out_flow.as_str())?;
    let into = labels.get(pair.in_flow.as_str())?;
    let kind = match pair.kind {
        crate::engine::Kind::Substitution => Kind::Substitution,
        crate::engine::Kind::Sharing => Kind::Sharing,
    };
    let member = |flow: &FlowRow, side, quantity| NewMember {
        establishment: flow.establishment_id,
        flow: Some(flow.id),
        side,
        annual_quantity: quantity,
    };
    Some(NewSynergy {
        id: SynergyId::fresh(),
        key: pair.key.to_string(),
        kind,
        origin: Origin::Engine,
        category: pair.out_code.or(pair.in_code).map(|code| code.to_string()),
        title: pair_title(&out.label, &into.label),
        score: Some(pair.score),
        confidence: Some(pair.confidence),
        distance_km: pair.distance_km,
        priority: Some(pair.priority),
        members: vec![
            member(out, Side::Outbound, pair.matched.map(|m| m.offered)),
            member(into, Side::Inbound, pair.matched.map(|m| m.needed)),
        ],
        explained: Explained::pair(pair),
        params_version: version.to_owned(),
    })
}

/// The processor is a member without a flow of its own; none while it is to be found.
fn from_relay(labels: &BTreeMap<String, &FlowRow>, relay: Relay, version: &str) -> Option<NewSynergy> {
    let out = labels.get(relay.out_flow.as_str())?;
    let into = labels.get(relay.in_flow.as_str())?;
    let processor: Option<EstablishmentId> = match &relay.processor {
        Some(site) => Some(site.as_str().parse().ok()?),
        None => None,
    };
    let member = |establishment, flow, side, annual_quantity| NewMember {
        establishment,
        flow,
        side,
        annual_quantity,
    };
    let mut members = vec![
        member(out.establishment_id, Some(out.id), Side::Outbound, relay.given),
        member(
            into.establishment_id,
            Some(into.id),
            Side::Inbound,
            relay.matched.map(|matched| matched.needed),
        ),
    ];
    members.extend(processor.map(|id| member(id, None, Side::Relay, None)));
    Some(NewSynergy {
        id: SynergyId::fresh(),
        key: relay.key.to_string(),
        kind: Kind::Substitution,
        origin: Origin::Engine,
        category: Some(relay.out_code.to_string()),
        title: relay_title(&out.label, &into.label, &relay.treatment),
        score: Some(relay.score),
        confidence: Some(relay.confidence),
        priority: Some(relay.priority),
        distance_km: relay
            .second_km
            .map(|second| second + relay.first_km.unwrap_or(0.0)),
        members,
        explained: Explained::relay(relay),
        params_version: version.to_owned(),
    })
}

pub(super) fn from_group(communes: &BTreeMap<String, &str>, group: Group) -> Option<NewSynergy> {
    let place = group
        .zone
        .clone()
        .or_else(|| communes.get(group.medoid.as_str()).map(|name| (*name).to_owned()));
    let title = place.map_or_else(
        || group.title.clone(),
        |place| format!("{}, {place}", group.title),
    );
    Some(NewSynergy {
        id: SynergyId::fresh(),
        key: group.key.to_string(),
        kind: Kind::Mutualisation,
        origin: Origin::Engine,
        category: Some(group.code.to_string()),
        title,
        score: Some(group.score),
        confidence: Some(group.confidence),
        distance_km: Some(group.radius_km),
        priority: Some(group.priority()),
        members: members(&group)?,
        params_version: group.version.clone(),
        explained: Explained::group(group),
    })
}

/// One line per establishment: two flows of one place are added up.
fn members(group: &Group) -> Option<Vec<NewMember>> {
    let mut by_site: BTreeMap<&Key, NewMember> = BTreeMap::new();
    for member in &group.members {
        let establishment: EstablishmentId = member.site.as_str().parse().ok()?;
        let flow: FlowId = member.flow.as_str().parse().ok()?;
        by_site
            .entry(&member.site)
            .and_modify(|one| {
                one.annual_quantity = match (one.annual_quantity, member.quantity) {
                    (Some(a), Some(b)) => Some(a + b),
                    (a, b) => a.or(b),
                };
            })
            .or_insert(NewMember {
                establishment,
                flow: Some(flow),
                side: Side::Member,
                annual_quantity: member.quantity,
            });
    }
    Some(by_site.into_values().collect())
}

#[cfg(test)]
mod tests;
