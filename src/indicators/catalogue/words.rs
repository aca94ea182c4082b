//! The closed lists of the catalogue: parts, themes, aspects, units, scales, kinds of records.

use serde::{Deserialize, Serialize};

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $code:literal $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $(#[serde(rename = $code)] $variant,)*
        }
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

named! {
    /// The three parts of the full framework.
    Part {
        Cooperation "A" "Coopérations multi-acteurs",
        Loops "B" "Bouclage des flux",
        LocalWealth "C" "Richesses locales",
    }
}

named! {
    /// The eleven themes, axes of the radar.
    Theme {
        A1 "A1" "Mobilisation",
        A2 "A2" "Gouvernance",
        A3 "A3" "Animation",
        A4 "A4" "Communication",
        B1 "B1" "Connaissance des flux",
        B2 "B2" "Dynamique des synergies",
        B3 "B3" "Flux bouclés et impacts",
        C1 "C1" "Gains des entreprises",
        C2 "C2" "Modèle économique",
        C3 "C3" "Emplois et compétences",
        C4 "C4" "Territoire",
    }
}

impl Theme {
    pub fn part(self) -> Part {
        match self {
            Self::A1 | Self::A2 | Self::A3 | Self::A4 => Part::Cooperation,
            Self::B1 | Self::B2 | Self::B3 => Part::Loops,
            Self::C1 | Self::C2 | Self::C3 | Self::C4 => Part::LocalWealth,
        }
    }
}

named! {
    /// The three aspects of the short framework.
    Aspect {
        Governance "governance" "Gouvernance",
        Economics "economics" "Modèle économique",
        Activities "activities" "Activités et résultats",
    }
}

/// What an indicator counts: written after the figure, and in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    Level,
    Percent,
    Index,
    MarkOfFive,
    Establishments,
    Visits,
    ActorKinds,
    Meetings,
    FullTimeJobs,
    Workshops,
    PeopleAWorkshop,
    ActionsAYear,
    Flows,
    FlowsAnEstablishment,
    Synergies,
    Months,
    TonnesAYear,
    MegawattHoursAYear,
    CubicMetresAYear,
    TonneKilometresAYear,
    TonnesCo2AYear,
    EurosAYear,
    EurosAnEstablishment,
    Euros,
    EurosAEuro,
    EurosASynergy,
    PeopleAYear,
    Activities,
    Kilometres,
}

impl Quantity {
    /// Those of several territories make those of all; a share, a mean or a kind does not.
    pub fn adds_up(self) -> bool {
        match self {
            Self::Establishments
            | Self::Visits
            | Self::Meetings
            | Self::FullTimeJobs
            | Self::Workshops
            | Self::ActionsAYear
            | Self::Flows
            | Self::Synergies
            | Self::TonnesAYear
            | Self::MegawattHoursAYear
            | Self::CubicMetresAYear
            | Self::TonneKilometresAYear
            | Self::TonnesCo2AYear
            | Self::EurosAYear
            | Self::Euros
            | Self::PeopleAYear
            | Self::Activities => true,
            Self::Level
            | Self::Percent
            | Self::Index
            | Self::MarkOfFive
            | Self::ActorKinds
            | Self::PeopleAWorkshop
            | Self::FlowsAnEstablishment
            | Self::Months
            | Self::EurosAnEstablishment
            | Self::EurosAEuro
            | Self::EurosASynergy
            | Self::Kilometres => false,
        }
    }

    /// Written after the figure; empty when the title says it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Level => "sur 4",
            Self::Percent => "%",
            Self::MarkOfFive => "sur 5",
            Self::Index
            | Self::Establishments
            | Self::Visits
            | Self::ActorKinds
            | Self::Meetings
            | Self::Workshops
            | Self::PeopleAWorkshop
            | Self::ActionsAYear
            | Self::Flows
            | Self::FlowsAnEstablishment
            | Self::Synergies
            | Self::Activities => "",
            Self::FullTimeJobs => "ETP",
            Self::Months => "mois",
            Self::TonnesAYear => "t/an",
            Self::MegawattHoursAYear => "MWh/an",
            Self::CubicMetresAYear => "m³/an",
            Self::TonneKilometresAYear => "t·km/an",
            Self::TonnesCo2AYear => "tCO₂e/an",
            Self::EurosAYear => "€/an",
            Self::EurosAnEstablishment => "€/an/entreprise",
            Self::Euros => "€",
            Self::EurosAEuro => "€/€",
            Self::EurosASynergy => "€/synergie",
            Self::PeopleAYear => "personnes/an",
            Self::Kilometres => "km",
        }
    }

    /// For tables and exports, where the unit has its column.
    pub fn label(self) -> &'static str {
        match self {
            Self::Index => "indice de 0 à 1",
            Self::Establishments => "établissements",
            Self::Visits => "visites",
            Self::ActorKinds => "types d’acteurs",
            Self::Meetings => "réunions",
            Self::Workshops => "ateliers",
            Self::PeopleAWorkshop => "participants par atelier",
            Self::ActionsAYear => "actions par an",
            Self::Flows => "flux",
            Self::FlowsAnEstablishment => "flux par établissement",
            Self::Synergies => "synergies",
            Self::Activities => "activités",
            Self::Level
            | Self::Percent
            | Self::MarkOfFive
            | Self::FullTimeJobs
            | Self::Months
            | Self::TonnesAYear
            | Self::MegawattHoursAYear
            | Self::CubicMetresAYear
            | Self::TonneKilometresAYear
            | Self::TonnesCo2AYear
            | Self::EurosAYear
            | Self::EurosAnEstablishment
            | Self::Euros
            | Self::EurosAEuro
            | Self::EurosASynergy
            | Self::PeopleAYear
            | Self::Kilometres => self.symbol(),
        }
    }

    /// Decimals worth showing.
    pub fn decimals(self, value: f64) -> usize {
        if matches!(self, Self::Index | Self::EurosAEuro) {
            2
        } else if matches!(
            self,
            Self::Euros | Self::EurosAYear | Self::EurosAnEstablishment | Self::EurosASynergy
        ) {
            0
        } else {
            usize::from(value.abs() < 10.0)
        }
    }
}

/// What stands behind a figure, and is shown one click away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// Only what was answered.
    Answer,
    Establishments,
    Visits,
    Flows,
    Synergies,
    Realised,
    Workshops,
    Meetings,
    Partners,
    Outreach,
    Money,
}

/// The five levels of a question.
pub struct Scale(pub [&'static str; 5]);

pub(super) const COMMITTEE: Scale = Scale([
    "aucune instance",
    "échanges informels",
    "comité des seuls porteurs et financeurs",
    "comité avec entreprises ou club",
    "comité avec entreprises, comité technique et règles écrites",
]);

pub(super) const STRATEGY: Scale = Scale([
    "aucune",
    "intentions",
    "plan d’actions annuel",
    "feuille de route pluriannuelle validée",
    "feuille de route révisée chaque année avec les entreprises",
]);

pub(super) const ASSESSMENT: Scale = Scale([
    "aucune",
    "bilan libre",
    "indicateurs suivis",
    "évaluation annuelle clôturée",
    "évaluation partagée, décisions tracées",
]);

pub(super) const TRUST: Scale = Scale([
    "conflits ou méfiance",
    "contacts rares",
    "relations cordiales",
    "coopérations régulières",
    "partage spontané d’informations sensibles",
]);

pub(super) const RENOWN: Scale = Scale([
    "inconnue",
    "connue des porteurs",
    "connue des entreprises visitées",
    "connue de la plupart des entreprises de la zone",
    "connue des élus, des habitants et des territoires voisins",
]);
