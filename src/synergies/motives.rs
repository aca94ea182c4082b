//! Why a synergy is not pursued: a closed list, grouped by family, that the reviewer chooses from.
//!
//! Each motive names the facts whose change would make it void: that is what brings a rejected
//! proposal back. Kept in step with the table `motives` at start. Pure.

use crate::engine::{Fact, Verdict};

/// The families of the list, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MotiveFamily {
    Technical,
    Economic,
    Regulatory,
    Organisational,
    Geographic,
    Social,
    Data,
}

impl MotiveFamily {
    pub const ALL: [Self; 7] = [
        Self::Technical,
        Self::Economic,
        Self::Regulatory,
        Self::Organisational,
        Self::Geographic,
        Self::Social,
        Self::Data,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Economic => "economic",
            Self::Regulatory => "regulatory",
            Self::Organisational => "organisational",
            Self::Geographic => "geographic",
            Self::Social => "social",
            Self::Data => "data",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Technical => "Technique",
            Self::Economic => "Économique",
            Self::Regulatory => "Réglementaire",
            Self::Organisational => "Organisation",
            Self::Geographic => "Géographique",
            Self::Social => "Social et confiance",
            Self::Data => "Données",
        }
    }

    /// The motives of the family, in the order of the list.
    pub fn motives(self) -> impl Iterator<Item = &'static Motive> {
        MOTIVES.iter().filter(move |motive| motive.family == self)
    }
}

/// One motive of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Motive {
    pub code: &'static str,
    pub family: MotiveFamily,
    /// « contrat en cours », as said after « écartée : ».
    pub label: &'static str,
    /// A change in one of these brings the proposal back; none: it never comes back by itself.
    pub names: &'static [Fact],
}

impl Motive {
    pub fn find(code: &str) -> Option<&'static Self> {
        MOTIVES.iter().find(|motive| motive.code == code)
    }

    /// What the engine must make of it: « déjà en place » is a success to count, not a refusal.
    pub fn verdict(&self) -> Verdict {
        match self.code {
            "in_place" => Verdict::InPlace,
            "competitors" | "confidentiality" | "dependence" | "refusal" => Verdict::Opposed,
            _ => Verdict::Rejected,
        }
    }

    /// Whether it judges the proposal; a mistake in the data says nothing of the engine.
    pub fn judges(&self) -> bool {
        self.family != MotiveFamily::Data || matches!(self.code, "off_topic" | "in_place")
    }

    /// Whether it is about the other firm rather than about these two flows.
    pub fn is_about_the_firm(&self) -> bool {
        matches!(self.code, "competitors" | "confidentiality")
    }

    /// Whether the end of a contract makes it void, even when nobody edits anything.
    pub fn waits_for_contract(&self) -> bool {
        self.code == "contract"
    }
}

const fn motive(
    code: &'static str,
    family: MotiveFamily,
    label: &'static str,
    names: &'static [Fact],
) -> Motive {
    Motive {
        code,
        family,
        label,
        names,
    }
}

/// The whole list.
pub const MOTIVES: &[Motive] = &[
    motive(
        "quality",
        MotiveFamily::Technical,
        "qualité incompatible",
        &[Fact::Quality, Fact::Form, Fact::Rule],
    ),
    motive(
        "quantity",
        MotiveFamily::Technical,
        "quantité insuffisante",
        &[Fact::Quantity],
    ),
    motive(
        "irregular",
        MotiveFamily::Technical,
        "irrégularité ou saisonnalité",
        &[Fact::Months],
    ),
    motive(
        "packaging",
        MotiveFamily::Technical,
        "conditionnement",
        &[Fact::Form],
    ),
    motive(
        "treatment",
        MotiveFamily::Technical,
        "traitement préalable nécessaire",
        &[Fact::Form, Fact::Quality, Fact::Rule],
    ),
    motive(
        "storage",
        MotiveFamily::Technical,
        "stockage impossible",
        &[Fact::Months, Fact::Quantity],
    ),
    motive(
        "health",
        MotiveFamily::Technical,
        "risque sanitaire",
        &[Fact::Quality, Fact::Hazard, Fact::WasteCode],
    ),
    motive(
        "gain",
        MotiveFamily::Economic,
        "gain trop faible",
        &[Fact::Quantity, Fact::Cost],
    ),
    motive(
        "transport",
        MotiveFamily::Economic,
        "transport trop cher",
        &[Fact::Position, Fact::Quantity],
    ),
    motive(
        "investment",
        MotiveFamily::Economic,
        "investissement trop lourd",
        &[Fact::Quantity, Fact::Cost],
    ),
    motive(
        "outlet",
        MotiveFamily::Economic,
        "débouché actuel meilleur",
        &[Fact::Cost, Fact::Contract],
    ),
    motive("price", MotiveFamily::Economic, "prix instable", &[Fact::Cost]),
    motive(
        "contract",
        MotiveFamily::Economic,
        "contrat en cours",
        &[Fact::Contract],
    ),
    motive(
        "waste_status",
        MotiveFamily::Regulatory,
        "statut de déchet",
        &[Fact::WasteCode, Fact::Rule],
    ),
    motive(
        "icpe",
        MotiveFamily::Regulatory,
        "ICPE à modifier",
        &[Fact::Quantity, Fact::WasteCode],
    ),
    motive(
        "hazardous",
        MotiveFamily::Regulatory,
        "déchet dangereux",
        &[Fact::Hazard, Fact::WasteCode],
    ),
    motive(
        "by_products",
        MotiveFamily::Regulatory,
        "sous-produits animaux",
        &[Fact::Category, Fact::Quality],
    ),
    motive(
        "rep",
        MotiveFamily::Regulatory,
        "REP déjà financée",
        &[Fact::WasteCode, Fact::Category],
    ),
    motive(
        "insurance",
        MotiveFamily::Regulatory,
        "assurance ou responsabilité",
        &[Fact::Rule],
    ),
    motive(
        "labour_law",
        MotiveFamily::Regulatory,
        "droit social",
        &[Fact::Rule],
    ),
    motive("no_time", MotiveFamily::Organisational, "manque de temps", &[]),
    motive("nobody", MotiveFamily::Organisational, "pas d’interlocuteur", &[]),
    motive(
        "head_office",
        MotiveFamily::Organisational,
        "décision au siège",
        &[],
    ),
    motive(
        "calendars",
        MotiveFamily::Organisational,
        "calendriers incompatibles",
        &[Fact::Months, Fact::Contract],
    ),
    motive(
        "no_leader",
        MotiveFamily::Organisational,
        "absence de porteur",
        &[],
    ),
    motive(
        "too_far",
        MotiveFamily::Geographic,
        "trop loin",
        &[Fact::Position, Fact::Quantity],
    ),
    motive("access", MotiveFamily::Geographic, "accès", &[Fact::Position]),
    motive(
        "outside",
        MotiveFamily::Geographic,
        "hors périmètre",
        &[Fact::Position],
    ),
    motive("competitors", MotiveFamily::Social, "concurrents", &[]),
    motive("confidentiality", MotiveFamily::Social, "confidentialité", &[]),
    motive(
        "dependence",
        MotiveFamily::Social,
        "dépendance à un partenaire",
        &[],
    ),
    motive(
        "refusal",
        MotiveFamily::Social,
        "refus du personnel ou du voisinage",
        &[],
    ),
    motive(
        "stale",
        MotiveFamily::Data,
        "flux périmé",
        &[Fact::Quantity, Fact::Label, Fact::Category],
    ),
    motive(
        "mistake",
        MotiveFamily::Data,
        "erreur de saisie",
        &[Fact::Category, Fact::Label, Fact::Quantity, Fact::Quality],
    ),
    motive("duplicate", MotiveFamily::Data, "doublon", &[]),
    motive("in_place", MotiveFamily::Data, "déjà en place", &[]),
    motive(
        "off_topic",
        MotiveFamily::Data,
        "hors sujet (faux positif du moteur)",
        &[Fact::Rule, Fact::Category],
    ),
];

#[cfg(test)]
mod tests {
    use super::{MOTIVES, Motive, MotiveFamily};
    use crate::engine::{Fact, Verdict};
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_every_family_has_motives() {
        let codes: BTreeSet<_> = MOTIVES.iter().map(|motive| motive.code).collect();
        assert_eq!(codes.len(), MOTIVES.len());
        assert_eq!(
            MotiveFamily::ALL
                .iter()
                .map(|family| family.motives().count())
                .sum::<usize>(),
            MOTIVES.len()
        );
        assert!(
            MotiveFamily::ALL
                .iter()
                .all(|family| family.motives().count() >= 3)
        );
    }

    #[test]
    fn a_success_is_not_a_refusal_and_a_contract_ends() {
        assert_eq!(Motive::find("in_place").unwrap().verdict(), Verdict::InPlace);
        assert_eq!(Motive::find("off_topic").unwrap().verdict(), Verdict::Rejected);
        let contract = Motive::find("contract").unwrap();
        assert!(contract.waits_for_contract());
        assert_eq!(contract.names, [Fact::Contract]);
        assert_eq!(Motive::find("ailleurs"), None);
    }
}
