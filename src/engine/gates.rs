//! The reasons for which a pair is not proposed at all, each with its name and its sentence.

use serde::{Deserialize, Serialize};

use super::facts::{Key, Verdict};
use super::form::{Form, State};
use super::material::{Basis, Link};
use super::memory;
use super::prepare::{Board, Item, convert};
use crate::kernel::{Months, Unit, format_number};

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

/// A closed gate with what its sentence needs; most candidates are refused and never written about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Closed<'a> {
    SameSite,
    SameLegalEntity,
    Hazardous,
    Sanitary,
    Temperature { given: f64, wanted: f64, margin: f64 },
    Form { given: Form, wanted: Form },
    Calendar { given: Months, wanted: Months },
    Units { given: Unit, wanted: Unit },
    TooFar { km: f64, max_km: f64 },
    Opposed,
    InPlace,
    Rejected { reason: &'a str },
}

impl Closed<'_> {
    pub(super) fn gate(self) -> Gate {
        match self {
            Self::SameSite => Gate::SameSite,
            Self::SameLegalEntity => Gate::SameLegalEntity,
            Self::Hazardous => Gate::Hazardous,
            Self::Sanitary => Gate::Sanitary,
            Self::Temperature { .. } => Gate::Temperature,
            Self::Form { .. } => Gate::Form,
            Self::Calendar { .. } => Gate::Calendar,
            Self::Units { .. } => Gate::Units,
            Self::TooFar { .. } => Gate::TooFar,
            Self::Opposed => Gate::Opposed,
            Self::InPlace => Gate::InPlace,
            Self::Rejected { .. } => Gate::Rejected,
        }
    }

    /// The reason in French.
    pub(super) fn sentence(self) -> String {
        let degrees = |value| format_number(value, 0);
        let km = |value| format_number(value, 1);
        match self {
            Self::SameSite => "Les deux flux sont dans le même établissement.".to_owned(),
            Self::SameLegalEntity => "Les deux établissements sont de la même entreprise.".to_owned(),
            Self::Hazardous => {
                "Le sortant est dangereux et le receveur n’est pas connu comme autorisé à le recevoir."
                    .to_owned()
            }
            Self::Sanitary => {
                "Le receveur demande une qualité alimentaire que le sortant n’a pas.".to_owned()
            }
            Self::Temperature {
                given,
                wanted,
                margin,
            } => format!(
                "Le sortant est à {}\u{a0}°C\u{202f}; il faudrait {}\u{a0}°C ({}\u{a0}°C demandés et {} de marge).",
                degrees(given),
                degrees(wanted + margin),
                degrees(wanted),
                degrees(margin)
            ),
            Self::Form { given, wanted } => format!(
                "Le sortant est sous forme «\u{a0}{}\u{a0}», le receveur demande «\u{a0}{}\u{a0}».",
                given.label().to_lowercase(),
                wanted.label().to_lowercase()
            ),
            Self::Calendar { given, wanted } => format!(
                "Aucun mois commun\u{a0}: le sortant existe en {}, le besoin en {}.",
                given.label(),
                wanted.label()
            ),
            Self::Units { given, wanted } => format!(
                "Les quantités sont en {} et en {}, sans conversion connue.",
                given.symbol(),
                wanted.symbol()
            ),
            Self::TooFar { km: distance, max_km } => format!(
                "À {}\u{a0}km, au-delà du maximum de {}\u{a0}km pour ce flux.",
                km(distance),
                km(max_km)
            ),
            Self::Opposed => "Une des entreprises ne souhaite pas cette synergie.".to_owned(),
            Self::InPlace => "La synergie est déjà en place.".to_owned(),
            Self::Rejected { reason } => format!("Déjà écartée ({reason}), et rien n’a changé depuis."),
        }
    }
}

/// The first closed gate of a pair, if any.
pub(super) fn closed<'a>(
    board: &Board<'a>,
    link: &Link<'_>,
    out: &Item<'_>,
    into: &Item<'_>,
    distance: Option<f64>,
) -> Option<Closed<'a>> {
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
    let dangerous =
        |item: &Item<'_>| item.flow.hazardous || item.waste_code.is_some_and(|code| code.hazardous());
    (dangerous(out) && !dangerous(into) && !board.site(into).treats_waste()).then_some(Closed::Hazardous)
}

fn sanitary<'a>(out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let refused = into.flow.food_grade == Some(true) && out.flow.food_grade == Some(false);
    refused.then_some(Closed::Sanitary)
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

fn decided<'a>(board: &Board<'a>, link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Closed<'a>> {
    let decision = board.decision(out, into)?;
    match decision.verdict {
        Verdict::Underway => None,
        Verdict::Opposed => Some(Closed::Opposed),
        Verdict::InPlace => Some(Closed::InPlace),
        Verdict::Rejected => {
            let now = memory::fingerprint(board, link, out, into);
            let same = memory::changes(decision, &now).is_empty();
            same.then_some(Closed::Rejected {
                reason: &decision.reason,
            })
        }
    }
}
