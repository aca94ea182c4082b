//! The reasons for which a pair is not proposed at all, each with its name and its sentence.

use serde::{Deserialize, Serialize};

use super::facts::{Key, State, Verdict};
use super::material::{Basis, Link};
use super::memory;
use super::prepare::{Board, Item};
use crate::kernel::format_number;

/// Why a candidate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    SameSite,
    SameLegalEntity,
    Hazardous,
    Sanitary,
    Temperature,
    Form,
    Calendar,
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
            Self::Hazardous => "Déchet dangereux",
            Self::Sanitary => "Classe sanitaire",
            Self::Temperature => "Température insuffisante",
            Self::Form => "Forme incompatible",
            Self::Calendar => "Calendriers incompatibles",
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
}

/// A closed gate with its sentence.
pub(super) type Closed = (Gate, String);

/// The first closed gate of a pair, if any.
pub(super) fn closed(
    board: &Board<'_>,
    link: &Link<'_>,
    out: &Item<'_>,
    into: &Item<'_>,
    distance: Option<f64>,
) -> Option<Closed> {
    same_owner(board, out, into)
        .or_else(|| hazard(board, out, into))
        .or_else(|| sanitary(out, into))
        .or_else(|| temperature(link, out, into))
        .or_else(|| form(link, out, into))
        .or_else(|| calendar(out, into))
        .or_else(|| units(link, out, into))
        .or_else(|| too_far(board, link, out, distance))
        .or_else(|| decided(board, link, out, into))
}

fn say(gate: Gate, sentence: impl Into<String>) -> Option<Closed> {
    Some((gate, sentence.into()))
}

fn same_owner(board: &Board<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    if out.site == into.site {
        return say(Gate::SameSite, "Les deux flux sont dans le même établissement.");
    }
    let (a, b) = (board.site(out), board.site(into));
    match (&a.legal_entity, &b.legal_entity) {
        (Some(a), Some(b)) if a == b => say(
            Gate::SameLegalEntity,
            "Les deux établissements sont de la même entreprise.",
        ),
        (None | Some(_), _) => None,
    }
}

/// Dangerous waste goes only to a receiver that says it takes it, or whose trade is treating waste.
fn hazard(board: &Board<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    let dangerous =
        |item: &Item<'_>| item.flow.hazardous || item.waste_code.is_some_and(|code| code.hazardous());
    if !dangerous(out) || dangerous(into) || board.site(into).treats_waste() {
        return None;
    }
    say(
        Gate::Hazardous,
        "Le sortant est dangereux et le receveur n’est pas connu comme autorisé à le recevoir.",
    )
}

fn sanitary(out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    if into.flow.food_grade == Some(true) && out.flow.food_grade == Some(false) {
        say(
            Gate::Sanitary,
            "Le receveur demande une qualité alimentaire que le sortant n’a pas.",
        )
    } else {
        None
    }
}

fn temperature(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    let (given, wanted) = (out.flow.temperature_c?, into.flow.temperature_c?);
    // Only heat must be hotter than the need; a chilled flow has no rule with a margin.
    let margin = link.rule?.min_temperature_margin_k?;
    if given >= wanted + margin {
        return None;
    }
    let degrees = |value| format_number(value, 0);
    say(
        Gate::Temperature,
        format!(
            "Le sortant est à {}\u{a0}°C\u{202f}; il faudrait {}\u{a0}°C ({}\u{a0}°C demandés et {} de marge).",
            degrees(given),
            degrees(wanted + margin),
            degrees(wanted),
            degrees(margin)
        ),
    )
}

fn form(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    let (given, wanted) = (out.flow.form?, into.flow.form?);
    let meets = match (given.state(), wanted.state()) {
        (a, b) if a == b => true,
        (State::Paste, State::Liquid | State::Solid) | (State::Liquid | State::Solid, State::Paste) => true,
        (State::Solid | State::Liquid | State::Gas | State::Paste, _) => false,
    };
    // A rule may describe a treatment that changes the state (sludge into gas).
    if meets || (link.basis == Basis::Rule && link.out.map(|c| c.code) != link.into.map(|c| c.code)) {
        return None;
    }
    say(
        Gate::Form,
        format!(
            "Le sortant est sous forme «\u{a0}{}\u{a0}», le receveur demande «\u{a0}{}\u{a0}».",
            given.label().to_lowercase(),
            wanted.label().to_lowercase()
        ),
    )
}

fn calendar(out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    if out.flow.months.common(into.flow.months) > 0 {
        return None;
    }
    say(
        Gate::Calendar,
        format!(
            "Aucun mois commun\u{a0}: le sortant existe en {}, le besoin en {}.",
            out.flow.months.label(),
            into.flow.months.label()
        ),
    )
}

/// Only the labels bring the two flows together, and their quantities measure different things.
fn units(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    if link.basis != Basis::Label || out.flow.annual.is_none() || into.flow.annual.is_none() {
        return None;
    }
    let (from, to) = (link.out?, link.into?);
    if super::prepare::convert(1.0, from, to).is_some() || super::prepare::convert(1.0, to, from).is_some() {
        return None;
    }
    say(
        Gate::Units,
        format!(
            "Les quantités sont en {} et en {}, sans conversion connue.",
            from.unit.symbol(),
            to.unit.symbol()
        ),
    )
}

fn too_far(board: &Board<'_>, link: &Link<'_>, out: &Item<'_>, distance: Option<f64>) -> Option<Closed> {
    let distance = distance?;
    let reach = link.reach(board, out);
    if distance <= reach.max_km {
        return None;
    }
    say(
        Gate::TooFar,
        format!(
            "À {}\u{a0}km, au-delà du maximum de {}\u{a0}km pour ce flux.",
            format_number(distance, 1),
            format_number(reach.max_km, 1)
        ),
    )
}

fn decided(board: &Board<'_>, link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed> {
    let decision = board.decision(out, into)?;
    match decision.verdict {
        Verdict::Underway => None,
        Verdict::Opposed => say(
            Gate::Opposed,
            "Une des entreprises ne souhaite pas cette synergie.",
        ),
        Verdict::InPlace => say(Gate::InPlace, "La synergie est déjà en place."),
        Verdict::Rejected => {
            let now = memory::fingerprint(board, link, out, into);
            if memory::changes(decision, &now).is_empty() {
                say(
                    Gate::Rejected,
                    format!("Déjà écartée ({}), et rien n’a changé depuis.", decision.reason),
                )
            } else {
                None
            }
        }
    }
}
