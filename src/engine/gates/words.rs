//! What is said of a closed gate: the reason, and what would open it.

use chrono::NaiveDate;

use super::Closed;
use crate::kernel::format_number;

impl Closed<'_> {
    /// The reason in French.
    pub(in crate::engine) fn sentence(self) -> String {
        match self {
            Self::SameSite => "Les deux flux sont dans le même établissement.".to_owned(),
            Self::SameLegalEntity => "Les deux établissements sont de la même entreprise.".to_owned(),
            Self::Direction(direction) => format!(
                "Ce flux est {} lui aussi\u{a0}: à regrouper, pas à rapprocher.",
                direction.word()
            ),
            Self::Hazardous => {
                "Le sortant est dangereux et le receveur n’est pas connu comme autorisé à le recevoir."
                    .to_owned()
            }
            Self::Sanitary => {
                "Le receveur demande une qualité alimentaire que le sortant n’a pas.".to_owned()
            }
            Self::Soiled => {
                "Le sortant vient de la chimie et le receveur fabrique des aliments\u{a0}: propreté à prouver."
                    .to_owned()
            }
            Self::Unmet(condition) => condition.sentence(),
            Self::Temperature {
                given,
                wanted,
                margin,
            } => too_cold(given, wanted, margin),
            Self::Form { given, wanted } => {
                two_sides("Le sortant est sous forme", given.label(), "le receveur demande", wanted.label())
            }
            Self::Treatment { step } => format!("Il faut {step}, que ni l’un ni l’autre ne fait."),
            Self::Class { given, wanted } => {
                two_sides("Le sortant est", &given.label(), "le besoin est", &wanted.label())
            }
            Self::Lane { given, wanted } => format!(
                "Le véhicule roule à vide {}, le besoin est {}\u{a0}: aucun bout de trajet commun.",
                given.label(),
                wanted.label()
            ),
            Self::Calendar { given, wanted } => format!(
                "Aucun mois commun\u{a0}: le sortant existe en {}, le besoin en {}.",
                given.label(),
                wanted.label()
            ),
            Self::Gone { end } => format!("Ce flux ponctuel s’est terminé le {}.", day(end)),
            Self::NotTogether { start, end } => apart(end, start),
            Self::Bound { contract, end } => bound(contract, end),
            Self::Units { given, wanted } => format!(
                "Les quantités sont en {} et en {}, sans conversion connue.",
                given.symbol(),
                wanted.symbol()
            ),
            Self::TooFar { km, max_km } => far(km, max_km),
            Self::Opposed => "Une des entreprises ne souhaite pas cette synergie.".to_owned(),
            Self::InPlace => "La synergie est déjà en place.".to_owned(),
            Self::Rejected(decision) => {
                format!("Déjà écartée ({}), et rien n’a changé depuis.", decision.reason)
            }
        }
    }

    /// What would open the gate, when something could.
    pub(in crate::engine) fn opening(self) -> Option<String> {
        let said = match self {
            Self::SameSite | Self::SameLegalEntity | Self::InPlace => return None,
            Self::Rejected(decision) if decision.names.is_empty() => return None,
            Self::Direction(_) => "Un groupe, si d’autres établissements proches ont le même besoin.",
            Self::Hazardous => {
                "Un receveur qui déclare accepter ce code de déchet, ou un exploitant de traitement."
            }
            Self::Unmet(condition) => return condition.opening(),
            Self::Sanitary | Self::Soiled => "Une attestation de qualité alimentaire du sortant.",
            Self::Treatment { .. } => "Un transformateur entre les deux.",
            Self::Class { .. } => "Un libellé plus précis, si l’objet est bien le même.",
            Self::Lane { .. } => "Un autre trajet, ou l’axe précisé dans le libellé.",
            Self::Calendar { .. } => "Un stockage entre les deux périodes, ou d’autres mois de présence.",
            Self::Gone { .. } | Self::NotTogether { .. } => "D’autres dates, ou un stockage.",
            Self::Opposed => "L’accord de l’entreprise qui a refusé.",
            Self::Temperature {
                given,
                wanted,
                margin,
            } => {
                let more = format_number(wanted + margin - given, 0);
                return Some(format!(
                    "{more}\u{a0}°C de plus\u{a0}: une mesure à la source, ou une pompe à chaleur."
                ));
            }
            Self::Form { wanted, .. } => {
                let wanted = wanted.label().to_lowercase();
                return Some(format!(
                    "Un traitement qui donne la forme «\u{a0}{wanted}\u{a0}»."
                ));
            }
            Self::Bound { contract, .. } => {
                let contract = day(contract);
                return Some(format!(
                    "Une sortie anticipée du contrat, ou un flux qui dure après le {contract}."
                ));
            }
            Self::Units { wanted, .. } => {
                return Some(format!(
                    "Une quantité donnée en {} des deux côtés.",
                    wanted.symbol()
                ));
            }
            Self::TooFar { km, max_km } => {
                let more = format_number(km - max_km, 1);
                return Some(format!(
                    "Un rayon élargi de {more}\u{a0}km, ou un transport groupé."
                ));
            }
            Self::Rejected(decision) => {
                let facts: Vec<String> = decision.names.iter().map(|f| f.label().to_lowercase()).collect();
                return Some(format!(
                    "Un changement de l’un de ces faits\u{a0}: {}.",
                    facts.join(", ")
                ));
            }
        };
        Some(said.to_owned())
    }
}

fn too_cold(given: f64, wanted: f64, margin: f64) -> String {
    let degrees = |value| format_number(value, 0);
    format!(
        "Le sortant est à {}\u{a0}°C\u{202f}; il faudrait {}\u{a0}°C ({}\u{a0}°C demandés et {} de marge).",
        degrees(given),
        degrees(wanted + margin),
        degrees(wanted),
        degrees(margin)
    )
}

fn two_sides(first: &str, given: &str, second: &str, wanted: &str) -> String {
    let (given, wanted) = (given.to_lowercase(), wanted.to_lowercase());
    format!("{first} «\u{a0}{given}\u{a0}», {second} «\u{a0}{wanted}\u{a0}».")
}

fn far(km: f64, max_km: f64) -> String {
    let (km, max_km) = (format_number(km, 1), format_number(max_km, 1));
    format!("À {km}\u{a0}km, au-delà du maximum de {max_km}\u{a0}km pour ce flux.")
}

fn apart(end: NaiveDate, start: NaiveDate) -> String {
    let (end, start) = (day(end), day(start));
    format!("Dates sans recouvrement\u{a0}: l’un finit le {end}, l’autre commence le {start}.")
}

fn bound(contract: NaiveDate, end: NaiveDate) -> String {
    let (contract, end) = (day(contract), day(end));
    format!("Le receveur est sous contrat jusqu’au {contract}, le flux ponctuel finit le {end}.")
}

fn day(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}
