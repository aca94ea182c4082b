//! What was decided before: a rejection comes back only when a fact that its reason names has changed.

use std::collections::BTreeMap;

use super::facts::{Decision, Fact, Fingerprint, Verdict};
use super::material::Link;
use super::prepare::{Board, Item};
use crate::kernel::format_number;
use crate::nomenclature::Category;

/// The facts of a pair as they are now.
pub(super) fn fingerprint(
    board: &Board<'_>,
    link: &Link<'_>,
    out: &Item<'_>,
    into: &Item<'_>,
) -> Fingerprint {
    let mut print = Fingerprint {
        out: snapshot(board, out, link.out),
        into: snapshot(board, into, link.into),
    };
    if let Some(rule) = link.rule {
        print.out.insert(Fact::Rule, rule.id.clone());
    }
    print
}

fn snapshot(board: &Board<'_>, item: &Item<'_>, category: Option<&Category>) -> BTreeMap<Fact, String> {
    let flow = item.flow;
    let unit = item.guesses.first().map(|(category, _)| category.unit.symbol());
    let facts = [
        (Fact::Category, category.map(|category| category.code.to_string())),
        (
            Fact::Label,
            Some(flow.label.trim().to_owned()).filter(|label| !label.is_empty()),
        ),
        (
            Fact::Quantity,
            flow.annual
                .map(|annual| format!("{}\u{a0}{}", format_number(annual, 2), unit.unwrap_or_default())),
        ),
        (Fact::Quality, quality(item)),
        (Fact::Form, flow.form.map(|form| form.label().to_owned())),
        (Fact::Months, Some(flow.months.label())),
        (
            Fact::Contract,
            flow.contract_end.map(|end| end.format("%d/%m/%Y").to_string()),
        ),
        (
            Fact::Cost,
            flow.annual_cost_eur
                .map(|cost| format!("{}\u{a0}€", format_number(cost, 0))),
        ),
        (
            Fact::Position,
            board
                .position(item)
                .map(|at| format!("{:.3}, {:.3}", at.lat(), at.lon()).replace('.', ",")),
        ),
        (Fact::Hazard, flow.hazardous.then(|| "dangereux".to_owned())),
        (Fact::WasteCode, flow.waste_code.map(|code| code.to_string())),
    ];
    facts
        .into_iter()
        .filter_map(|(fact, text)| Some((fact, text?)))
        .collect()
}

fn quality(item: &Item<'_>) -> Option<String> {
    let flow = item.flow;
    let figure =
        |value: Option<f64>, unit: &str| value.map(|v| format!("{}\u{a0}{unit}", format_number(v, 1)));
    let parts: Vec<String> = [
        figure(flow.temperature_c, "°C"),
        figure(flow.pressure_bar, "bar"),
        figure(flow.purity_pct, "% de pureté"),
        figure(flow.humidity_pct, "% d’humidité"),
        flow.food_grade
            .map(|food| if food { "alimentaire" } else { "non alimentaire" }.to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// « Ce qui a changé » among the facts the reason names; empty when nothing did.
pub(super) fn changes(decision: &Decision, now: &Fingerprint) -> Vec<String> {
    if decision.verdict != Verdict::Rejected {
        return Vec::new();
    }
    let sides = [
        ("sortant", &decision.fingerprint.out, &now.out),
        ("entrant", &decision.fingerprint.into, &now.into),
    ];
    let mut sentences = Vec::new();
    for fact in &decision.names {
        for (side, then, now) in &sides {
            let (then, now) = (then.get(fact), now.get(fact));
            if then != now {
                let text = |value: Option<&String>| value.map_or_else(|| "inconnu".to_owned(), Clone::clone);
                sentences.push(format!(
                    "{} ({side})\u{a0}: {} au lieu de {}.",
                    fact.label(),
                    text(now),
                    text(then)
                ));
            }
        }
    }
    sentences
}
