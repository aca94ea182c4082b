//! The reasons for which a pair is not proposed at all, each with its name; `words` has their sentences.

mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::conditions::{self, Unmet};
use super::facts::{Decision, Flow, Key, Verdict};
use super::form::{Form, State};
use super::material::{Basis, Link};
use super::memory;
use super::prepare::{Board, Item, convert};
use super::wording::Lane;
use crate::kernel::{Direction, Months, Unit};
use crate::nomenclature::{Attribute, Class, treatment};

/// Why a candidate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    SameSite,
    SameLegalEntity,
    /// Both go the same way: to be grouped, not paired.
    Direction,
    /// The rule that links the categories is about other things than what the labels say.
    Nature,
    Hazardous,
    Sanitary,
    Temperature,
    /// Too humid, not pure enough, not under enough pressure for the use.
    Quality,
    Form,
    /// The rule needs a step that neither firm does.
    Treatment,
    /// The labels speak of two different things of one broad category.
    Class,
    /// The two journeys have no end in common.
    Lane,
    Calendar,
    /// Dates, not months: a one-off flow, or a contract that outlasts it.
    Window,
    Units,
    TooFar,
    Opposed,
    InPlace,
    Rejected,
    /// Nothing of the same nature was found.
    NoLink,
    /// A candidate passed the gates, but better ones filled the list or its score is too low.
    Outranked,
}

impl Gate {
    /// The title of the reason.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::SameSite => "Même établissement",
            Self::SameLegalEntity => "Même entreprise",
            Self::Nature => "Nature différente",
            Self::Hazardous => "Déchet dangereux",
            Self::Sanitary => "Classe sanitaire",
            Self::Temperature => "Température insuffisante",
            Self::Direction => "Même sens",
            Self::Quality => "Qualité insuffisante",
            Self::Form => "Forme incompatible",
            Self::Treatment => "Traitement nécessaire",
            Self::Class => "Objets différents",
            Self::Lane => "Trajets différents",
            Self::Calendar => "Calendriers incompatibles",
            Self::Window => "Dates incompatibles",
            Self::Units => "Unités inconvertibles",
            Self::TooFar => "Trop loin",
            Self::Opposed => "Refus d’une entreprise",
            Self::InPlace => "Déjà en place",
            Self::Rejected => "Déjà écartée",
            Self::NoLink => "Rien de compatible",
            Self::Outranked => "Score insuffisant",
        }
    }
}

/// A candidate that was not proposed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// The other flow; absent when there was no candidate at all.
    pub candidate: Option<Key>,
    pub gate: Gate,
    /// The reason in French.
    pub sentence: String,
    /// What would open the gate, when something could.
    pub opening: Option<String>,
    pub distance_km: Option<f64>,
}

/// A closed gate with what its sentence needs; most candidates are refused and never written about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Closed<'a> {
    SameSite,
    SameLegalEntity,
    Hazardous,
    Sanitary,
    Soiled,
    Unmet(Unmet),
    Temperature { given: f64, wanted: f64, margin: f64 },
    Direction(Direction),
    Form { given: Form, wanted: Form },
    Treatment { step: &'static str },
    Class { given: Class, wanted: Class },
    Lane { given: &'a Lane, wanted: &'a Lane },
    Calendar { given: Months, wanted: Months },
    Gone { end: NaiveDate },
    NotTogether { start: NaiveDate, end: NaiveDate },
    Bound { contract: NaiveDate, end: NaiveDate },
    Units { given: Unit, wanted: Unit },
    TooFar { km: f64, max_km: f64 },
    Opposed,
    InPlace,
    Rejected(&'a Decision),
}

impl Closed<'_> {
    pub(super) fn gate(self) -> Gate {
        match self {
            Self::SameSite => Gate::SameSite,
            Self::SameLegalEntity => Gate::SameLegalEntity,
            Self::Hazardous => Gate::Hazardous,
            Self::Sanitary | Self::Soiled => Gate::Sanitary,
            Self::Unmet(condition) => condition.gate(),
            Self::Temperature { .. } => Gate::Temperature,
            Self::Direction(_) => Gate::Direction,
            Self::Form { .. } => Gate::Form,
            Self::Treatment { .. } => Gate::Treatment,
            Self::Class { .. } => Gate::Class,
            Self::Lane { .. } => Gate::Lane,
            Self::Calendar { .. } => Gate::Calendar,
            Self::Gone { .. } | Self::NotTogether { .. } | Self::Bound { .. } => Gate::Window,
            Self::Units { .. } => Gate::Units,
            Self::TooFar { .. } => Gate::TooFar,
            Self::Opposed => Gate::Opposed,
            Self::InPlace => Gate::InPlace,
            Self::Rejected(_) => Gate::Rejected,
        }
    }
}

/// The first closed gate of a pair, if any.
pub(super) fn closed<'a>(
    board: &'a Board<'_>,
    link: &Link<'_>,
    out: &Item<'a>,
    into: &Item<'a>,
    distance: Option<f64>,
) -> Option<Closed<'a>> {
    same_owner(board, out, into)
        .or_else(|| same_way(out, into))
        .or_else(|| hazard(board, out, into))
        .or_else(|| sanitary(out, into))
        .or_else(|| soiled(board, link, out, into))
        .or_else(|| conditions::unmet(link, out, into).map(Closed::Unmet))
        .or_else(|| temperature(link, out, into))
        .or_else(|| form(link, out, into))
        .or_else(|| step(board, link, out, into))
        .or_else(|| class(out.flow, into.flow))
        .or_else(|| lane(out.flow, into.flow))
        .or_else(|| calendar(out, into))
        .or_else(|| window(board, out.flow, into.flow))
        .or_else(|| units(link, out, into))
        .or_else(|| too_far(board, link, out, distance))
        .or_else(|| decided(board, link, out, into))
}

/// Every closed gate of a pair, in the order of [`closed`]; a test holds the two together.
pub(super) fn every<'a>(
    board: &'a Board<'_>,
    link: &Link<'_>,
    out: &Item<'a>,
    into: &Item<'a>,
    distance: Option<f64>,
) -> impl Iterator<Item = Closed<'a>> {
    [
        same_owner(board, out, into),
        same_way(out, into),
        hazard(board, out, into),
        sanitary(out, into),
        soiled(board, link, out, into),
        conditions::unmet(link, out, into).map(Closed::Unmet),
        temperature(link, out, into),
        form(link, out, into),
        step(board, link, out, into),
        class(out.flow, into.flow),
        lane(out.flow, into.flow),
        calendar(out, into),
        window(board, out.flow, into.flow),
        units(link, out, into),
        too_far(board, link, out, distance),
        decided(board, link, out, into),
    ]
    .into_iter()
    .flatten()
}

fn same_way<'a>(out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let way = out.flow.direction;
    (way == into.flow.direction).then_some(Closed::Direction(way))
}

fn same_owner<'a>(board: &Board<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    if out.site == into.site {
        return Some(Closed::SameSite);
    }
    let (a, b) = (board.site(out), board.site(into));
    let same = a.legal_entity.is_some() && a.legal_entity == b.legal_entity;
    same.then_some(Closed::SameLegalEntity)
}

/// Dangerous waste goes only to a receiver that says it takes it, or whose trade is treating waste.
fn hazard<'a>(board: &Board<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    (out.dangerous() && !takes_danger(board, into)).then_some(Closed::Hazardous)
}

/// Whether an inbound flow may receive what is dangerous.
pub(super) fn takes_danger(board: &Board<'_>, into: &Item<'_>) -> bool {
    into.dangerous() || board.site(into).treats_waste()
}

fn sanitary<'a>(out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let refused = into.flow.food_grade == Some(true) && out.flow.food_grade == Some(false);
    refused.then_some(Closed::Sanitary)
}

/// What must be clean does not go from a chemist to a maker of food, unless its food grade is told.
fn soiled<'a>(board: &Board<'_>, link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let requires = &link.rule?.requires;
    let matters = requires.iter().any(|r| r.attribute == Attribute::Cleanliness);
    let risky = board.site(out).handles_chemicals() && board.site(into).makes_food();
    (matters && risky && out.flow.food_grade != Some(true)).then_some(Closed::Soiled)
}

fn temperature<'a>(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let (given, wanted) = (out.flow.temperature_c?, into.flow.temperature_c?);
    // Only heat must be hotter than the need; a chilled flow has no rule with a margin.
    let margin = link.rule?.min_temperature_margin_k?;
    (given < wanted + margin).then_some(Closed::Temperature {
        given,
        wanted,
        margin,
    })
}

fn form<'a>(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let (given, wanted) = (out.flow.form?, into.flow.form?);
    let meets = match (given.state(), wanted.state()) {
        (a, b) if a == b => true,
        (State::Paste, State::Liquid | State::Solid) | (State::Liquid | State::Solid, State::Paste) => true,
        (State::Solid | State::Liquid | State::Gas | State::Paste, _) => false,
    };
    // A rule may describe a treatment that changes the state (sludge into gas).
    (!meets && link.basis != Basis::Rule).then_some(Closed::Form { given, wanted })
}

/// A rule may stand for a step that only a firm of the trade does.
fn step<'a>(board: &Board<'_>, link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let step = needed_step(link)?;
    let done = board.site(out).treats_waste() || board.site(into).treats_waste();
    (!done).then_some(Closed::Treatment { step })
}

/// The step that the rule of a link stands for.
pub(super) fn needed_step(link: &Link<'_>) -> Option<&'static str> {
    treatment(&link.rule?.id)
}

fn class<'a>(out: &Flow, into: &Flow) -> Option<Closed<'a>> {
    let (given, wanted) = (out.class?, into.class?);
    (!given.suits(wanted)).then_some(Closed::Class { given, wanted })
}

fn lane<'a>(out: &'a Flow, into: &'a Flow) -> Option<Closed<'a>> {
    let (given, wanted) = (out.lane.as_deref()?, into.lane.as_deref()?);
    (!given.meets(wanted)).then_some(Closed::Lane { given, wanted })
}

/// A flow that exists only on given days needs a partner who is free then.
fn window<'a>(board: &Board<'_>, out: &Flow, into: &Flow) -> Option<Closed<'a>> {
    let over = |flow: &Flow| flow.window.filter(|(_, end)| *end < board.params.today);
    if let Some((_, end)) = over(out).or_else(|| over(into)) {
        return Some(Closed::Gone { end });
    }
    if let (Some((start, end)), Some((from, to))) = (out.window, into.window) {
        if end < from {
            return Some(Closed::NotTogether { start: from, end });
        }
        if to < start {
            return Some(Closed::NotTogether { start, end: to });
        }
    }
    let (_, end) = out.window?;
    let contract = into.contract_end.filter(|contract| *contract > end)?;
    Some(Closed::Bound { contract, end })
}

fn calendar<'a>(out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let (given, wanted) = (out.flow.months, into.flow.months);
    (given.common(wanted) == 0).then_some(Closed::Calendar { given, wanted })
}

/// Only the labels bring the two flows together, and their quantities measure different things.
fn units<'a>(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    if link.basis != Basis::Label || out.flow.annual.is_none() || into.flow.annual.is_none() {
        return None;
    }
    let (from, to) = (link.out?, link.into?);
    let comparable = convert(1.0, from, to).is_some() || convert(1.0, to, from).is_some();
    (!comparable).then_some(Closed::Units {
        given: from.unit,
        wanted: to.unit,
    })
}

fn too_far<'a>(
    board: &Board<'_>,
    link: &Link<'_>,
    out: &Item<'_>,
    distance: Option<f64>,
) -> Option<Closed<'a>> {
    let km = distance?;
    let max_km = link.reach(board, out).max_km;
    (km > max_km).then_some(Closed::TooFar { km, max_km })
}

fn decided<'a>(board: &'a Board<'_>, link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let Some(decision) = board.decision(out, into) else {
        return board
            .opposed(board.site(out), board.site(into))
            .then_some(Closed::Opposed);
    };
    match decision.verdict {
        Verdict::Underway => None,
        Verdict::Opposed => Some(Closed::Opposed),
        Verdict::InPlace => Some(Closed::InPlace),
        Verdict::Rejected => {
            let now = memory::fingerprint(board, link, out, into);
            let same = memory::changes(decision, &now).is_empty();
            same.then_some(Closed::Rejected(decision))
        }
    }
}
