//! The conditions that a compatibility rule sets on the flow it moves: which one closes the pair.
//!
//! Only what is known can close it; what is not known is asked (see `quality`).

use super::gates::Gate;
use super::material::{Basis, Link};
use super::prepare::Item;
use crate::kernel::{Direction, format_number};
use crate::nomenclature::{Limits, Rule};

/// A condition that is not met, with what its sentence needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unmet {
    Nature { of: Direction },
    NotHarmless,
    NotFood,
    TooCold { given: f64, least: f64 },
    TooHumid { given: f64, most: f64 },
    NotPure { given: f64, least: f64 },
    Pressure { given: f64, least: f64 },
}

impl Unmet {
    pub(super) fn gate(self) -> Gate {
        match self {
            Self::Nature { .. } => Gate::Nature,
            Self::NotHarmless => Gate::Hazardous,
            Self::NotFood => Gate::Sanitary,
            Self::TooCold { .. } => Gate::Temperature,
            Self::TooHumid { .. } | Self::NotPure { .. } | Self::Pressure { .. } => Gate::Quality,
        }
    }

    /// The reason in French.
    pub(super) fn sentence(self) -> String {
        let figure = |value| format_number(value, 1);
        match self {
            Self::Nature { of } => {
                let side = match of {
                    Direction::Outbound => "sortant",
                    Direction::Inbound => "receveur",
                };
                format!("Les deux catégories vont ensemble, mais pas pour ce que dit le libellé du {side}.")
            }
            Self::NotHarmless => "Le sortant est dangereux\u{a0}: cet usage ne l’admet pas.".to_owned(),
            Self::NotFood => {
                "Le sortant n’est pas de qualité alimentaire, et cet usage la demande.".to_owned()
            }
            Self::TooCold { given, least } => format!(
                "Le sortant est à {}\u{a0}°C\u{202f}; cet usage demande au moins {}\u{a0}°C.",
                figure(given),
                figure(least)
            ),
            Self::TooHumid { given, most } => format!(
                "Humidité de {}\u{a0}%\u{202f}; cet usage en admet {}\u{a0}% au plus.",
                figure(given),
                figure(most)
            ),
            Self::NotPure { given, least } => format!(
                "Pureté de {}\u{a0}%\u{202f}; cet usage demande au moins {}\u{a0}%.",
                figure(given),
                figure(least)
            ),
            Self::Pressure { given, least } => format!(
                "Le sortant est à {}\u{a0}bar\u{202f}; il en faudrait {}.",
                figure(given),
                figure(least)
            ),
        }
    }
}

impl Unmet {
    /// What would make the condition met.
    pub(super) fn opening(self) -> Option<String> {
        let said = match self {
            Self::Nature { .. } => "Un libellé plus précis, si l’usage est bien celui-là.",
            Self::NotHarmless => return None,
            Self::NotFood => "Une attestation de qualité alimentaire du sortant.",
            Self::TooCold { .. } => "Une mesure à la source, ou un appoint de chaleur.",
            Self::TooHumid { .. } => "Un séchage, un pressage ou un stockage à l’abri.",
            Self::NotPure { .. } => "Un tri ou une purification avant l’envoi.",
            Self::Pressure { .. } => "Une compression, ou un autre niveau de pression.",
        };
        Some(said.to_owned())
    }
}

/// The first condition of the pair's rule that is not met.
pub(super) fn unmet(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Option<Unmet> {
    let rule = link.rule?;
    let nature = || nature(rule, out, into).filter(|_| link.basis == Basis::Rule);
    nature().or_else(|| limit(&rule.limits, out, into))
}

fn nature(rule: &Rule, out: &Item<'_>, into: &Item<'_>) -> Option<Unmet> {
    let of = if !out.words.may_be(&rule.only.out) {
        Direction::Outbound
    } else if !into.words.may_be(&rule.only.into) {
        Direction::Inbound
    } else {
        return None;
    };
    Some(Unmet::Nature { of })
}

fn limit(limits: &Limits, out: &Item<'_>, into: &Item<'_>) -> Option<Unmet> {
    let flow = out.flow;
    if limits.harmless && out.dangerous() {
        return Some(Unmet::NotHarmless);
    }
    if limits.food_grade && flow.food_grade == Some(false) {
        return Some(Unmet::NotFood);
    }
    let below = |given: Option<f64>, least: Option<f64>| {
        let (given, least) = (given?, least?);
        (given < least).then_some((given, least))
    };
    let pressure = into.flow.pressure_bar.zip(limits.min_pressure_margin_bar);
    below(flow.temperature_c, limits.min_temperature_c)
        .map(|(given, least)| Unmet::TooCold { given, least })
        .or_else(|| {
            let (most, given) = below(limits.max_humidity_pct, flow.humidity_pct)?;
            Some(Unmet::TooHumid { given, most })
        })
        .or_else(|| {
            let (given, least) = below(flow.purity_pct, limits.min_purity_pct)?;
            Some(Unmet::NotPure { given, least })
        })
        .or_else(|| {
            let least = pressure.map(|(wanted, margin)| wanted + margin);
            let (given, least) = below(flow.pressure_bar, least)?;
            Some(Unmet::Pressure { given, least })
        })
}
