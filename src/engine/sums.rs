//! The figures and sentences of a group.

use std::collections::BTreeSet;

use super::facts::Key;
use super::outcome::{Estimate, Member, round};
use crate::kernel::{Direction, Unit, format_number};
use crate::nomenclature::{Category, GroupRule};

/// What an unknown figure counts.
const UNKNOWN: f64 = 0.5;
/// A yearly saving that gives half of the points, euros.
const GOOD_SAVING: f64 = 3_000.0;
/// Size, mass, compactness, calendar, saving.
const WEIGHTS: [f64; 5] = [25.0, 25.0, 20.0, 15.0, 15.0];

/// Sums over the members of a group.
#[derive(Debug)]
pub(super) struct Sums {
    sites: usize,
    pub quantity: Option<f64>,
    pub radius_km: f64,
    diameter_km: f64,
    mass_share: Option<f64>,
    /// Share of members whose quantity is known, and of those whose end of contract is.
    with_quantity: f64,
    with_end: f64,
    certainty: f64,
}

impl Sums {
    pub(super) fn of(members: &[Member], rule: &GroupRule) -> Self {
        let sites: BTreeSet<&Key> = members.iter().map(|member| &member.site).collect();
        let quantities: Vec<f64> = members.iter().filter_map(|member| member.quantity).collect();
        let quantity = (!quantities.is_empty()).then(|| quantities.iter().sum());
        let certainty: f64 = members.iter().map(|member| member.certainty.confidence()).sum();
        Self {
            sites: sites.len(),
            quantity,
            radius_km: members
                .iter()
                .filter_map(|member| member.km_from_medoid)
                .fold(0.0, f64::max),
            diameter_km: rule.diameter_km,
            mass_share: quantity
                .zip(rule.critical_mass)
                .filter(|(_, mass)| *mass > 0.0)
                .map(|(q, mass)| q / mass),
            with_quantity: ratio(quantities.len(), members.len()),
            with_end: ratio(
                members
                    .iter()
                    .filter(|member| member.contract_end.is_some())
                    .count(),
                members.len(),
            ),
            certainty: certainty * ratio(1, members.len()),
        }
    }

    /// 0 to 100.
    pub(super) fn score(&self, rule: &GroupRule, saving: Option<&Estimate>) -> f64 {
        let wanted = usize::try_from(rule.min_members).unwrap_or(usize::MAX).max(2);
        let saving = saving.map_or(UNKNOWN, |saving| saving.central / (saving.central + GOOD_SAVING));
        let values = [
            (ratio(self.sites, wanted) / 2.0).min(1.0),
            self.mass_share.map_or(UNKNOWN, |share| share.min(1.0)),
            1.0 - 0.5 * (self.radius_km / self.diameter_km.max(0.1)).min(1.0),
            UNKNOWN + (1.0 - UNKNOWN) * self.with_end,
            saving,
        ];
        let total: f64 = values
            .iter()
            .zip(WEIGHTS)
            .map(|(value, weight)| value * weight)
            .sum();
        round(total, 2)
    }

    /// 0 to 1.
    pub(super) fn confidence(&self, saving: Option<&Estimate>) -> f64 {
        let saving = if saving.is_some() { 0.7 } else { 0.0 };
        let known = 0.35 + 0.3 * self.with_quantity * self.certainty + 0.2 * self.with_end + 0.15 * saving;
        round(known, 2)
    }

    pub(super) fn reasons(&self, rule: &GroupRule, saving: Option<&Estimate>) -> Vec<String> {
        let mut reasons = vec![format!(
            "{} établissements ont le même besoin dans un rayon de {}\u{a0}km.",
            self.sites,
            format_number(self.radius_km, 1)
        )];
        if let Some(saving) = saving {
            let [low, _, high] = rule.saving.map(|share| format_number(share * 100.0, 0));
            reasons.push(format!(
                "Économie de {} à {}\u{a0}€ par an, soit {low} à {high}\u{a0}% du coût actuel.",
                format_number(saving.low, 0),
                format_number(saving.high, 0)
            ));
        }
        reasons
    }

    pub(super) fn to_ask(&self, category: &Category, direction: Direction) -> Vec<String> {
        let mut asks = Vec::new();
        if self.with_quantity < 1.0 {
            asks.push(format!(
                "Quantité annuelle ({}) de chaque établissement\u{202f}?",
                category.unit.symbol()
            ));
        }
        if self.with_end < 1.0 {
            let contract = match direction {
                Direction::Outbound => "Prestataire actuel et date de fin de contrat",
                Direction::Inbound => "Fournisseur actuel et date de fin de contrat",
            };
            asks.push(format!("{contract}\u{202f}?"));
        }
        asks
    }
}

/// « Il manque 0,5 t pour remplir une tournée. »
pub(super) fn mass_sentence(
    quantity: Option<f64>,
    rule: &GroupRule,
    category: &Category,
    direction: Direction,
) -> String {
    let Some(mass) = rule.critical_mass else {
        return format!(
            "Le groupe est viable à partir de {} établissements.",
            rule.min_members
        );
    };
    let goal = match (category.unit, direction) {
        (Unit::Employee, _) => "remplir une session",
        (Unit::Tonne | Unit::Kilogram | Unit::CubicMetre | Unit::Litre | Unit::Each, Direction::Outbound) => {
            "remplir une tournée"
        }
        _ => "atteindre la masse critique",
    };
    let amount = |value: f64| {
        let decimals = usize::from(value < 10.0);
        format!(
            "{}\u{a0}{}",
            format_number(value, decimals),
            category.unit.symbol()
        )
    };
    match quantity {
        None => format!(
            "Quantités à demander\u{a0}: il faut {} pour {goal}.",
            amount(mass)
        ),
        Some(quantity) if quantity < mass => format!("Il manque {} pour {goal}.", amount(mass - quantity)),
        Some(quantity) => format!(
            "{} par an\u{a0}: de quoi {goal} ({}).",
            amount(quantity),
            amount(mass)
        ),
    }
}

/// A share of two counts.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    if whole == 0 {
        0.0
    } else {
        number(part) / number(whole)
    }
}
