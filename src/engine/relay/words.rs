//! What a relay says for itself. The engine knows no name: « le donneur », « le prestataire », « le
//! receveur »; the screen adds who they are.

use crate::engine::facts::Fact;
use crate::engine::outcome::{Ask, Estimate, Part, PartName};
use crate::kernel::{format_euros, format_km, format_number};
use crate::nomenclature::Process;

/// From this value a component is a reason to act; below the second, a reason to doubt.
const STRONG: f64 = 0.65;
const WEAK: f64 = 0.5;
const UNSURE: f64 = 0.5;

pub(super) fn material(process: &Process) -> String {
    format!(
        "{}\u{a0}: le flux devient «\u{a0}{}\u{a0}», dont le receveur a besoin.",
        process.label, process.output
    )
}

pub(super) fn distance(first: Option<f64>, second: Option<f64>) -> String {
    match (first, second) {
        (Some(first), Some(second)) => format!(
            "{} jusqu’au prestataire, puis {} jusqu’au receveur.",
            format_km(first),
            format_km(second)
        ),
        (None, Some(second)) => format!(
            "{} entre le donneur et le receveur, prestataire à trouver.",
            format_km(second)
        ),
        (Some(first), None) => format!(
            "{} jusqu’au prestataire\u{202f}; la suite du trajet est inconnue.",
            format_km(first)
        ),
        (None, None) => "Distances inconnues.".to_owned(),
    }
}

pub(super) fn economics(giver: Option<&Estimate>, receiver: Option<&Estimate>) -> String {
    match (giver, receiver) {
        (Some(giver), Some(receiver)) => format!(
            "Traitement payé, il reste {} par an au donneur et {} au receveur.",
            format_euros(giver.central),
            format_euros(receiver.central)
        ),
        (Some(giver), None) => format!(
            "Traitement payé, il reste {} par an au donneur\u{202f}; gain du receveur non estimé.",
            format_euros(giver.central)
        ),
        (None, Some(receiver)) => format!(
            "{} par an pour le receveur\u{202f}; gain du donneur non estimé.",
            format_euros(receiver.central)
        ),
        (None, None) => "Gain non estimé\u{a0}: il manque les quantités ou un prix.".to_owned(),
    }
}

pub(super) fn carbon(tco2e: Option<&Estimate>) -> String {
    match tco2e {
        Some(tonnes) => format!(
            "{}\u{a0}tCO₂e évitées par an, transports déduits\u{202f}; l’énergie du traitement n’est pas comptée.",
            format_number(tonnes.central, 1)
        ),
        None => "Émissions évitées non estimées.".to_owned(),
    }
}

pub(super) fn nobody(process: &Process) -> String {
    format!(
        "Prestataire à trouver\u{a0}: aucun établissement connu ne fait «\u{a0}{}\u{a0}» à moins de {}.",
        process.label,
        format_km(process.km)
    )
}

/// What the work costs and whether it fits is asked of whoever does it.
pub(super) fn treatment_questions(process: &Process) -> Vec<Ask> {
    let ask = |fact, question: String| Ask {
        fact,
        question,
        low: 0.0,
        high: 0.0,
    };
    vec![
        ask(
            Fact::Cost,
            format!(
                "Prix du traitement («\u{a0}{}\u{a0}») pour cette quantité",
                process.label
            ),
        ),
        ask(
            Fact::Quality,
            format!(
                "Qualité de «\u{a0}{}\u{a0}» attendue par le receveur",
                process.output
            ),
        ),
    ]
}

/// The three best reasons and the two worst.
pub(super) fn reasons(parts: &[Part]) -> (Vec<String>, Vec<String>) {
    let value = |part: &&Part| part.value.unwrap_or(UNSURE);
    let mut strong: Vec<&Part> = parts
        .iter()
        .filter(|part| part.name != PartName::Material && part.value.is_some_and(|value| value >= STRONG))
        .collect();
    strong.sort_by(|a, b| {
        (b.weight * value(b))
            .total_cmp(&(a.weight * value(a)))
            .then(a.name.cmp(&b.name))
    });
    let mut weak: Vec<&Part> = parts
        .iter()
        .filter(|part| part.name != PartName::Material && part.value.is_some_and(|value| value < WEAK))
        .collect();
    weak.sort_by(|a, b| {
        (b.weight * (1.0 - value(b)))
            .total_cmp(&(a.weight * (1.0 - value(a))))
            .then(a.name.cmp(&b.name))
    });
    let said = |part: &Part| part.sentence.clone();
    // What the flow becomes is the first thing to understand.
    let material = parts
        .iter()
        .find(|part| part.name == PartName::Material)
        .map(said);
    (
        material
            .into_iter()
            .chain(strong.into_iter().take(2).map(said))
            .collect(),
        weak.into_iter().take(2).map(said).collect(),
    )
}
