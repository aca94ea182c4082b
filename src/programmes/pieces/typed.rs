//! What was typed in a form, and a thing as its form shows it back.

use super::Thing;
use crate::kernel::{format_number, typed_day};
use crate::programmes::model::{
    Commitment, Decision, Expense, FundingLine, Meeting, Outreach, Partner, Task,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What was typed, by field.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub(in crate::programmes) struct Typed(BTreeMap<String, String>);

impl Typed {
    pub(in crate::programmes) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
    pub(in crate::programmes) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }
    pub(in crate::programmes) fn version(&self) -> i32 {
        self.get("version").parse().unwrap_or_default()
    }
    /// The meeting of a decision.
    pub(in crate::programmes) fn meeting(&self) -> Option<Uuid> {
        self.get("reunion").parse().ok()
    }
}

type Pairs = Vec<(&'static str, String)>;

fn flag(on: bool) -> String {
    if on { "true" } else { "" }.to_owned()
}

fn maybe(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn maybe_day(day: Option<NaiveDate>) -> String {
    day.map(typed_day).unwrap_or_default()
}

/// What the form shows of a thing.
pub(in crate::programmes) fn typed(thing: &Thing) -> Typed {
    let (version, pairs) = match thing {
        Thing::Task(it) => (it.version, task(it)),
        Thing::Partner(it) => (it.version, partner(it)),
        Thing::Commitment(it) => (it.version, commitment(it)),
        Thing::Funding(it) => (it.version, funding(it)),
        Thing::Expense(it) => (it.version, expense(it)),
        Thing::Outreach(it) => (it.version, outreach(it)),
        Thing::Meeting(it) => (it.version, meeting(it)),
        Thing::Decision(it) => (it.version, decision(it)),
    };
    let mut typed = Typed::default();
    typed.set("version", version.to_string());
    for (name, value) in pairs {
        typed.set(name, value);
    }
    typed
}

fn task(it: &Task) -> Pairs {
    vec![
        ("title", it.title.clone()),
        ("starts_on", typed_day(it.starts_on)),
        ("ends_on", typed_day(it.ends_on)),
        ("done_until", maybe_day(it.done_until)),
        ("rank", it.rank.to_string()),
    ]
}

fn partner(it: &Partner) -> Pairs {
    vec![
        ("name", it.name.clone()),
        ("kind", it.kind.code().to_owned()),
        ("committee", flag(it.is_on_committee)),
    ]
}

fn commitment(it: &Commitment) -> Pairs {
    vec![
        ("partner", it.partner.clone()),
        ("what", it.what.clone()),
        ("period", it.period.clone()),
        ("state", it.state.code().to_owned()),
        ("next_step", maybe(it.next_step.as_ref())),
    ]
}

fn funding(it: &FundingLine) -> Pairs {
    vec![
        ("phase", it.phase.clone()),
        ("funder", it.funder.clone()),
        ("external", flag(it.is_external)),
        ("period", it.period.clone()),
        ("starts_on", typed_day(it.starts_on)),
        ("ends_on", typed_day(it.ends_on)),
        ("amount", it.amount_eur.to_string()),
        ("acquired", flag(it.is_acquired)),
    ]
}

fn expense(it: &Expense) -> Pairs {
    vec![
        ("kind", it.kind.code().to_owned()),
        ("payer", it.payer.clone()),
        ("label", it.label.clone()),
        ("spent_on", typed_day(it.spent_on)),
        ("hours", it.hours.map(|h| format_number(h, 2)).unwrap_or_default()),
        ("amount", it.amount_eur.to_string()),
    ]
}

fn outreach(it: &Outreach) -> Pairs {
    vec![
        ("kind", it.kind.code().to_owned()),
        ("title", it.title.clone()),
        ("held_on", typed_day(it.held_on)),
        ("detail", maybe(it.detail.as_ref())),
    ]
}

fn meeting(it: &Meeting) -> Pairs {
    vec![
        ("kind", it.kind.code().to_owned()),
        ("held_on", typed_day(it.held_on)),
        ("held", flag(it.is_held)),
        ("agenda", it.agenda.clone()),
    ]
}

fn decision(it: &Decision) -> Pairs {
    vec![
        ("what", it.what.clone()),
        ("owner", maybe(it.owner.as_ref())),
        ("due_on", maybe_day(it.due_on)),
        ("state", it.state.code().to_owned()),
        ("reunion", it.meeting.to_string()),
    ]
}
