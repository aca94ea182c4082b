//! Rows into what the engine reads. Pure.

use crate::engine::{
    self, Cooperation, Decision, Fact, Facts, GroupRecord, Key, KnownGroup, Opposition, Precedent,
    RuleRecord, Site, Verdict,
};
use crate::flows::{Certainty, model::Form};
use crate::kernel::{Months, Position, Unit, annual, fold};
use crate::nomenclature::{Catalogue, FlowCode, Local, WasteCode};
use crate::synergies::model::{Kind, State};
use crate::synergies::motives::Motive;
use crate::synergies::proposal::{Proposal, Remembered};
use crate::synergies::store::matching::{FlowRow, Known, Rows, SiteRow};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// How this territory reads labels.
pub(in crate::synergies) struct Reading<'a> {
    catalogue: &'a Catalogue,
    /// What people said that its words mean.
    meanings: BTreeMap<String, FlowCode>,
}

impl<'a> Reading<'a> {
    pub(in crate::synergies) fn new(catalogue: &'a Catalogue, local: &Local) -> Self {
        Self {
            catalogue,
            meanings: local.meanings(),
        }
    }

    /// A flow as the engine sees it, by the words of the territory when nobody classified it.
    pub(in crate::synergies) fn flow(&self, row: &FlowRow) -> engine::Flow {
        flow(row, self)
    }
}

pub(super) fn translate(rows: &Rows, catalogue: &Catalogue, local: &Local, today: NaiveDate) -> Facts {
    let reading = Reading::new(catalogue, local);
    Facts {
        sites: rows.sites.iter().map(site).collect(),
        flows: rows.flows.iter().map(|row| flow(row, &reading)).collect(),
        decisions: rows
            .known
            .iter()
            .flat_map(|known| decisions(known, today))
            .collect(),
        cooperations: rows.known.iter().filter_map(cooperation).collect(),
        history: history(&rows.known),
        groups: rows.known.iter().filter_map(group).collect(),
        rules: rules(&rows.known),
        grouped: grouped(&rows.known),
        oppositions: oppositions(rows),
    }
}

/// What one flow may be, by the words of the territory.
pub(super) fn codes(row: &FlowRow, catalogue: &Catalogue, local: &Local) -> Vec<FlowCode> {
    let read = Reading::new(catalogue, local).flow(row);
    let guesses = read.guesses.iter().map(|(code, _)| *code);
    read.code.map_or_else(|| guesses.collect(), |code| vec![code])
}

/// Flows that have a partner: a proposal waiting, studied or in place. Being in a group is no outlet.
pub(super) fn taken(known: &[Known]) -> BTreeSet<Key> {
    let paired = known
        .iter()
        .filter(|row| row.kind != Kind::Mutualisation && lives(row));
    let flows = paired.flat_map(|row| &row.flows);
    flows.map(|flow| Key::new(flow.to_string())).collect()
}

/// Whether it waits, is studied or in place.
pub(super) fn lives(row: &Known) -> bool {
    match row.state {
        State::Proposed => row.is_current,
        State::UnderReview
        | State::Prevalidated
        | State::ContactProposed
        | State::Agreed
        | State::Studied
        | State::Implementing
        | State::Realised
        | State::Durable => true,
        State::Rejected
        | State::Asleep
        | State::Silent
        | State::Abandoned
        | State::Interrupted
        | State::Duplicate => false,
    }
}

fn site(row: &SiteRow) -> Site {
    Site {
        legal_entity: Some(row.company_id.to_string()),
        position: row
            .latitude
            .zip(row.longitude)
            .and_then(|(lat, lon)| Position::new(lat, lon).ok()),
        naf: row.naf.clone(),
        zone: row.zone.clone(),
        ..Site::new(row.id.to_string())
    }
}

fn flow(row: &FlowRow, reading: &Reading<'_>) -> engine::Flow {
    let waste_code = row.waste_code.as_deref().and_then(WasteCode::find);
    let mut flow = engine::Flow {
        code: row.category.as_deref().and_then(FlowCode::find),
        waste_code,
        annual: row.annual_quantity,
        certainty: certainty(row.certainty),
        months: u16::try_from(row.months)
            .ok()
            .and_then(Months::from_bits)
            .unwrap_or(Months::ALL),
        form: row.form.as_deref().and_then(form),
        temperature_c: row.temperature_c,
        food_grade: row.food_grade,
        hazardous: waste_code.is_some_and(WasteCode::hazardous),
        annual_cost_eur: row.annual_cost_eur,
        contract_end: row.contract_end_on,
        observed_on: Some(row.known_on),
        ..engine::Flow::new(
            row.id.to_string(),
            row.establishment_id.to_string(),
            row.direction,
            &row.label,
        )
    };
    if flow.code.is_none() {
        // « À classer »: the guess serves the engine only, the inventory keeps its blank.
        flow.code = reading.meanings.get(&fold(&row.label)).copied();
        flow.guesses = engine::classify(&flow, reading.catalogue);
        flow.annual = guessed_annual(row, reading.catalogue, &flow.guesses);
    }
    flow.with_its_words()
}

fn guessed_annual(row: &FlowRow, catalogue: &Catalogue, guesses: &[(FlowCode, f64)]) -> Option<f64> {
    let category = catalogue.category(guesses.first()?.0);
    let unit = Unit::find(row.unit.as_deref()?)?;
    annual(
        row.quantity?,
        unit,
        row.period?,
        category.unit,
        &category.densities,
    )
}

fn certainty(certainty: Certainty) -> engine::Certainty {
    match certainty {
        Certainty::Measured => engine::Certainty::Measured,
        Certainty::Declared => engine::Certainty::Declared,
        Certainty::Estimated => engine::Certainty::Estimated,
        Certainty::OrderOfMagnitude => engine::Certainty::OrderOfMagnitude,
    }
}

fn form(code: &str) -> Option<engine::Form> {
    let Some(form) = Form::parse(code) else {
        return engine::Form::parse(code);
    };
    Some(match form {
        Form::Bulk => engine::Form::Bulk,
        Form::Bale => engine::Form::Baled,
        Form::Chip => engine::Form::Chips,
        Form::Bar | Form::Piece => engine::Form::Pieces,
        Form::Powder => engine::Form::Powder,
        Form::Liquid => engine::Form::Liquid,
        Form::Paste => engine::Form::Paste,
        Form::Gas => engine::Form::Gas,
    })
}

/// What people decided about a pair of flows and about those shown with it, in the words of the engine.
fn decisions(known: &Known, today: NaiveDate) -> Vec<Decision> {
    let (out_flow, in_flow, fingerprint, twins) = match &known.explained.proposal {
        Proposal::Pair(pair) => (&pair.out_flow, &pair.in_flow, &pair.fingerprint, &pair.twins[..]),
        // Under the key of what the treatment would give.
        Proposal::Relay(relay) => (&relay.made_flow, &relay.in_flow, &relay.fingerprint, &[][..]),
        Proposal::Group(_) | Proposal::Hand(_) => return Vec::new(),
    };
    let motive = known.motive.as_deref().and_then(Motive::find);
    let Some(verdict) = verdict(known, motive, today) else {
        return Vec::new();
    };
    let names: BTreeSet<Fact> = motive
        .map(|m| m.names.iter().copied().collect())
        .unwrap_or_default();
    let first = match known.rejected_facts.as_ref().map(|facts| &facts.0) {
        Some(Remembered::Pair(print)) => print,
        Some(Remembered::Group(_) | Remembered::Nothing) | None => fingerprint,
    };
    std::iter::once((out_flow, in_flow, first))
        .chain(
            twins
                .iter()
                .map(|twin| (&twin.out_flow, &twin.in_flow, &twin.fingerprint)),
        )
        .map(|(out_flow, in_flow, fingerprint)| Decision {
            out_flow: out_flow.clone(),
            in_flow: in_flow.clone(),
            verdict,
            reason: motive.map_or_else(String::new, |m| m.label.to_owned()),
            names: names.clone(),
            fingerprint: fingerprint.clone(),
        })
        .collect()
}

/// Nothing as long as nobody decided, or when the contract that stopped it ends.
fn verdict(known: &Known, motive: Option<&'static Motive>, today: NaiveDate) -> Option<Verdict> {
    Some(match known.state {
        State::Proposed | State::Asleep => return None,
        State::UnderReview
        | State::Prevalidated
        | State::ContactProposed
        | State::Agreed
        | State::Studied
        | State::Implementing
        | State::Silent => Verdict::Underway,
        State::Realised | State::Durable => Verdict::InPlace,
        State::Rejected | State::Abandoned | State::Interrupted | State::Duplicate => {
            let remembered = known.rejected_facts.as_ref().map(|facts| &facts.0);
            let ended = motive
                .zip(remembered)
                .and_then(|(motive, facts)| facts.contract_ended(motive, today));
            if ended.is_some() {
                return None;
            }
            motive.map_or(Verdict::Rejected, Motive::verdict)
        }
    })
}

/// How often each compatibility rule was judged, and found off topic.
fn rules(known: &[Known]) -> Vec<RuleRecord> {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for row in known {
        let Proposal::Pair(pair) = &row.explained.proposal else {
            continue;
        };
        let (Some(rule), Some(_)) = (&pair.rule, accepted(row)) else {
            continue;
        };
        let count = counts.entry(rule).or_default();
        count.0 += 1;
        count.1 += u32::from(row.motive.as_deref() == Some("off_topic"));
    }
    let record = |(rule, (reviewed, off_topic)): (&str, (u32, u32))| RuleRecord {
        rule: rule.to_owned(),
        reviewed,
        off_topic,
    };
    counts.into_iter().map(record).collect()
}

/// How often the groups of each category were accepted, among those decided for their own merits.
fn grouped(known: &[Known]) -> Vec<GroupRecord> {
    let mut counts: BTreeMap<FlowCode, (u32, u32)> = BTreeMap::new();
    for row in known {
        let Proposal::Group(group) = &row.explained.proposal else {
            continue;
        };
        if let Some(accepted) = accepted(row) {
            let count = counts.entry(group.code).or_default();
            count.0 += 1;
            count.1 += u32::from(accepted);
        }
    }
    let record = |(code, (reviewed, accepted))| GroupRecord {
        code,
        reviewed,
        accepted,
    };
    counts.into_iter().map(record).collect()
}

/// Two firms that said they are competitors, or have secrets from each other, are not brought together by
/// another of their flows.
fn oppositions(rows: &Rows) -> Vec<Opposition> {
    let company: BTreeMap<String, String> = rows
        .sites
        .iter()
        .map(|site| (site.id.to_string(), site.company_id.to_string()))
        .collect();
    let refused = rows.known.iter().filter(|row| {
        let motive = row.motive.as_deref().and_then(Motive::find);
        matches!(row.state, State::Rejected | State::Abandoned)
            && motive.is_some_and(Motive::is_about_the_firm)
    });
    refused
        .filter_map(|row| {
            let Proposal::Pair(pair) = &row.explained.proposal else {
                return None;
            };
            Some(Opposition {
                legal_entity: company.get(pair.out_site.as_str())?.clone(),
                other: Some(company.get(pair.in_site.as_str())?.clone()),
            })
        })
        .collect()
}

fn cooperation(known: &Known) -> Option<Cooperation> {
    if !matches!(known.state, State::Realised | State::Durable) {
        return None;
    }
    match known.establishments.as_slice() {
        [one, other] => Some(Cooperation {
            one: Key::new(one.to_string()),
            other: Key::new(other.to_string()),
        }),
        _ => None,
    }
}

/// How often each pair of categories was accepted, among those decided for its own merits.
fn history(known: &[Known]) -> Vec<Precedent> {
    let mut counts: BTreeMap<(FlowCode, FlowCode), (u32, u32)> = BTreeMap::new();
    for row in known {
        let Proposal::Pair(pair) = &row.explained.proposal else {
            continue;
        };
        let (Some(out), Some(into), Some(accepted)) = (pair.out_code, pair.in_code, accepted(row)) else {
            continue;
        };
        let count = counts.entry((out, into)).or_default();
        count.0 += 1;
        count.1 += u32::from(accepted);
    }
    counts
        .into_iter()
        .map(|((out, into), (reviewed, accepted))| Precedent {
            out,
            into,
            reviewed,
            accepted,
        })
        .collect()
}

/// Whether reviewers liked it; `None` when they have not said, or only found a mistake in the data.
fn accepted(known: &Known) -> Option<bool> {
    match known.state {
        State::Proposed | State::UnderReview | State::Asleep | State::Duplicate => None,
        State::Prevalidated
        | State::ContactProposed
        | State::Agreed
        | State::Studied
        | State::Implementing
        | State::Silent
        | State::Realised
        | State::Durable
        | State::Interrupted => Some(true),
        State::Rejected | State::Abandoned => {
            let motive = known.motive.as_deref().and_then(Motive::find)?;
            motive.judges().then(|| motive.verdict() == Verdict::InPlace)
        }
    }
}

/// A group keeps its name whatever became of it, so that a rejected one is recognised; one that an advisor
/// composed keeps its flows too.
fn group(known: &Known) -> Option<KnownGroup> {
    if known.kind != Kind::Mutualisation || known.flows.is_empty() {
        return None;
    }
    let composed = match &known.explained.proposal {
        Proposal::Group(group) if known.is_fixed => Some(group.flows()),
        Proposal::Group(_) | Proposal::Pair(_) | Proposal::Relay(_) | Proposal::Hand(_) => None,
    };
    Some(KnownGroup {
        key: Key::new(known.key.clone()),
        code: FlowCode::find(known.category.as_deref()?)?,
        is_fixed: composed.is_some(),
        members: composed.unwrap_or_else(|| {
            let flows = known.flows.iter();
            flows.map(|flow| Key::new(flow.to_string())).collect()
        }),
    })
}
