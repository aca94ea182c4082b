//! The catalogue, one constant per indicator. Here the six of the founding document, under the
//! codes that they have in the full framework.

use super::model::{Reading, YearFacts};

/// What an indicator counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    Establishments,
    Synergies,
    Workshops,
    MegawattHoursAYear,
    TonnesCo2AYear,
    FullTimeJobs,
}

impl Quantity {
    /// Written after the figure; empty when the title says it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Establishments | Self::Synergies | Self::Workshops => "",
            Self::MegawattHoursAYear => "MWh/an",
            Self::TonnesCo2AYear => "tCO₂e/an",
            Self::FullTimeJobs => "ETP",
        }
    }
    /// For tables and exports, where the unit has its column.
    pub fn label(self) -> &'static str {
        match self {
            Self::Establishments => "établissements",
            Self::Synergies => "synergies",
            Self::Workshops => "ateliers",
            Self::MegawattHoursAYear | Self::TonnesCo2AYear | Self::FullTimeJobs => self.symbol(),
        }
    }
}

/// One indicator: pages, exports and targets know it by its code only.
pub struct Indicator {
    pub code: &'static str,
    pub title: &'static str,
    /// Definition and method, for the reader.
    pub help: &'static str,
    pub unit: Quantity,
    pub measure: fn(&YearFacts) -> Reading,
}

/// The indicators of the contract, in its order.
pub const CONTRACT: &[Indicator] = &[
    Indicator {
        code: "A01",
        title: "Entreprises mobilisées",
        help: "Établissements qui ont reçu au moins une visite, faite ou validée, ou qui participent à une synergie \
               sur laquelle les entreprises se sont accordées. Chacun compte une fois, depuis le début de la démarche.",
        unit: Quantity::Establishments,
        measure: |year| Reading::count(year.mobilised),
    },
    Indicator {
        code: "B08",
        title: "Synergies réalisées",
        help: "Synergies dont le premier échange a eu lieu et qui durent encore, depuis le début de la démarche.",
        unit: Quantity::Synergies,
        measure: |year| Reading::count(year.realised),
    },
    Indicator {
        code: "A17",
        title: "Ateliers et rencontres",
        help: "Ateliers, rencontres et événements collectifs tenus, depuis le début de la démarche.",
        unit: Quantity::Workshops,
        measure: |year| Reading::open(year.workshops),
    },
    Indicator {
        code: "B16",
        title: "Énergie récupérée",
        help: "Énergie économisée ou récupérée par an grâce aux synergies réalisées. Une synergie dont l’effet n’est \
               pas estimé n’est pas comptée\u{a0}: le total est un minimum.",
        unit: Quantity::MegawattHoursAYear,
        measure: |year| Reading::sum(&year.energy_mwh),
    },
    Indicator {
        code: "B19",
        title: "GES évités",
        help: "Gaz à effet de serre évités par an grâce aux synergies réalisées\u{a0}: matière, énergie et transport, \
               en tonnes d’équivalent CO₂. Une synergie dont l’effet n’est pas estimé n’est pas comptée.",
        unit: Quantity::TonnesCo2AYear,
        measure: |year| Reading::sum(&year.avoided_tco2e),
    },
    Indicator {
        code: "C12",
        title: "Emplois créés ou maintenus",
        help: "Emplois en équivalent temps plein que les entreprises attribuent aux synergies réalisées.",
        unit: Quantity::FullTimeJobs,
        measure: |year| Reading::sum(&year.jobs_fte),
    },
];

/// The indicator of this code.
pub fn find(code: &str) -> Option<&'static Indicator> {
    CONTRACT.iter().find(|indicator| indicator.code == code)
}

#[cfg(test)]
mod tests {
    use super::{CONTRACT, find};

    #[test]
    fn codes_are_unique_and_every_indicator_explains_itself() {
        let codes: Vec<_> = CONTRACT.iter().map(|indicator| indicator.code).collect();
        assert_eq!(codes, ["A01", "B08", "A17", "B16", "B19", "C12"]);
        assert!(
            CONTRACT
                .iter()
                .all(|i| i.help.ends_with('.') && !i.help.contains("  "))
        );
        assert_eq!(find("B08").map(|i| i.title), Some("Synergies réalisées"));
        assert!(find("Z99").is_none());
    }
}
