//! The units companies count in, and how those of one dimension convert.
//!
//! The list is closed: a quantity in an unknown unit could not be compared with anything. Depends
//! only on [`super::text`].

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::text::fold;

/// The text names no known unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Cette unité n’est pas connue\u{a0}: choisissez dans la liste (t, kg, m³, L, MWh, unité…).")]
pub struct NotAUnit;

/// What a unit measures; quantities convert within one dimension only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    Mass,
    Volume,
    /// Gas at 0 °C and 1 atm, which is not a tank's volume.
    GasVolume,
    Energy,
    Count,
    Skip,
    Area,
    AreaMonth,
    VolumeMonth,
    Place,
    WorkingTime,
    FullTimeJob,
    Employee,
    Test,
    Passage,
    Trip,
    Parcel,
    Meal,
    Money,
    Length,
    Freight,
    Vehicle,
}

macro_rules! units {
    ($($name:ident $code:literal $symbol:literal $label:literal $dimension:ident $factor:literal [$($alias:literal),*];)*) => {
        /// A unit of quantity.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Unit { $(#[serde(rename = $code)] $name,)* }

        impl Unit {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code of the nomenclature and of the database.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The short form written after a number.
            #[must_use]
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$name => $symbol,)* }
            }

            /// The French name, for lists to choose from.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }

            #[must_use]
            pub fn dimension(self) -> Dimension {
                match self { $(Self::$name => Dimension::$dimension,)* }
            }

            /// How many base units of the dimension one of this unit makes.
            #[must_use]
            pub fn factor(self) -> f64 {
                match self { $(Self::$name => $factor,)* }
            }

            fn by_folded_alias(word: &str) -> Option<Self> {
                match word { $($code $(| $alias)* => Some(Self::$name),)* _ => None }
            }
        }
    };
}

units! {
    Tonne "t" "t" "tonne" Mass 1.0 ["tonne", "tonnes", "to", "tn"];
    Kilogram "kg" "kg" "kilogramme" Mass 0.001 ["kgs", "kilo", "kilos", "kilogramme", "kilogrammes"];
    CubicMetre "m3" "m³" "mètre cube" Volume 1.0 ["metre cube", "metres cubes", "m cube", "map"];
    Litre "l" "L" "litre" Volume 0.001 ["litre", "litres", "lt"];
    Each "u" "u." "unité" Count 1.0 ["unite", "unites", "un", "piece", "pieces", "pce", "pcs", "nb"];
    Pallet "palette" "pal." "palette" Count 1.0 ["palettes", "pal"];
    Drum "fut" "fûts" "fût" Count 1.0 ["futs"];
    Can "bidon" "bidons" "bidon" Count 1.0 ["bidons"];
    BigBag "bigbag" "big bags" "big bag" Count 1.0 ["big bag", "big bags", "bigbags"];
    Ibc "grv" "GRV" "grand récipient pour vrac" Count 1.0 ["grvs", "ibc", "grand recipient pour vrac", "cuve grv"];
    Roll "rouleau" "rouleaux" "rouleau" Count 1.0 ["rouleaux"];
    Skip "benne" "benne" "benne" Skip 1.0 ["bennes"];
    MegawattHour "mwh" "MWh" "mégawattheure" Energy 1.0 ["mwh pcs", "megawattheure", "megawattheures"];
    KilowattHour "kwh" "kWh" "kilowattheure" Energy 0.001 ["kwh pcs", "kilowattheure", "kilowattheures"];
    GigawattHour "gwh" "GWh" "gigawattheure" Energy 1000.0 ["gigawattheure", "gigawattheures"];
    NormalCubicMetre "nm3" "Nm³" "normal mètre cube" GasVolume 1.0 ["normal metre cube", "normaux metres cubes"];
    SquareMetre "m2" "m²" "mètre carré" Area 1.0 ["metre carre", "metres carres"];
    SquareMetreMonth "m2mois" "m²·mois" "mètre carré × mois" AreaMonth 1.0 ["m2 mois", "m2 x mois", "metre carre x mois", "metre carre mois"];
    CubicMetreMonth "m3mois" "m³·mois" "mètre cube × mois" VolumeMonth 1.0 ["m3 mois", "m3 x mois", "metre cube x mois", "metre cube mois"];
    Place "place" "pl." "place" Place 1.0 ["places", "pl"];
    Hour "h" "h" "heure" WorkingTime 1.0 ["heure", "heures", "hr", "hrs"];
    Day "jour" "j" "jour" WorkingTime 7.0 ["jours", "j", "journee", "journees"];
    FullTimeJob "etp" "ETP" "équivalent temps plein" FullTimeJob 1.0 ["equivalent temps plein", "etps"];
    Employee "salarie" "salariés" "salarié" Employee 1.0 ["salaries", "personne", "personnes", "pers", "employe", "employes"];
    Test "essai" "essais" "essai" Test 1.0 ["essais", "controle", "controles", "analyse", "analyses"];
    Passage "passage" "passages" "passage" Passage 1.0 ["passages", "collecte", "collectes", "enlevement", "enlevements", "fois"];
    Trip "trajet" "trajets" "trajet" Trip 1.0 ["trajets", "voyage", "voyages", "camion", "camions"];
    Parcel "colis" "colis" "colis" Parcel 1.0 ["plis", "pli"];
    Meal "repas" "repas" "repas" Meal 1.0 ["couvert", "couverts"];
    Euro "eur" "€" "euro" Money 1.0 ["euro", "euros", "€"];
    Kilometre "km" "km" "kilomètre" Length 1.0 ["kilometre", "kilometres", "kms"];
    TonneKilometre "tkm" "t·km" "tonne-kilomètre" Freight 1.0 ["t km", "tonne kilometre", "tonnes kilometres"];
    Vehicle "vehicule" "véhicules" "véhicule" Vehicle 1.0 ["vehicules", "voiture", "voitures", "velo", "velos"];
}

impl Unit {
    /// The unit of exactly that code.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|unit| unit.code() == code)
    }

    /// Reads what people write: « tonnes », « u. », « m³ », « € ».
    ///
    /// # Errors
    /// When the text names no known unit.
    pub fn parse(text: &str) -> Result<Self, NotAUnit> {
        if text.contains('€') {
            return Ok(Self::Euro);
        }
        Self::by_folded_alias(&fold(text)).ok_or(NotAUnit)
    }

    /// What one of this unit makes in the other; `None` across dimensions.
    #[must_use]
    pub fn ratio_to(self, other: Self) -> Option<f64> {
        if self == other {
            Some(1.0)
        } else {
            (self.dimension() == other.dimension()).then(|| self.factor() / other.factor())
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAUnit, Unit};

    #[test]
    fn every_unit_is_read_from_what_it_shows() {
        for unit in Unit::ALL {
            assert_eq!(Unit::find(unit.code()), Some(*unit));
            assert_eq!(Unit::parse(unit.code()), Ok(*unit), "code {}", unit.code());
            assert_eq!(Unit::parse(unit.symbol()), Ok(*unit), "symbol {unit}");
            assert_eq!(Unit::parse(unit.label()), Ok(*unit), "label {}", unit.label());
            let json = serde_json::to_string(unit).expect("json");
            assert_eq!(json, format!("\"{}\"", unit.code()));
        }
    }

    #[test]
    fn aliases_as_people_write_them() {
        let cases = [
            ("tonnes", Unit::Tonne),
            ("T", Unit::Tonne),
            ("Kg", Unit::Kilogram),
            ("m³", Unit::CubicMetre),
            ("M3", Unit::CubicMetre),
            ("litres", Unit::Litre),
            ("unités", Unit::Each),
            ("U.", Unit::Each),
            ("MWh PCS", Unit::MegawattHour),
            ("m² × mois", Unit::SquareMetreMonth),
            ("€", Unit::Euro),
            ("t.km", Unit::TonneKilometre),
            ("salariés", Unit::Employee),
        ];
        for (given, expected) in cases {
            assert_eq!(Unit::parse(given), Ok(expected), "{given}");
        }
        for refused in ["", "brouette", "t m3"] {
            assert_eq!(Unit::parse(refused), Err(NotAUnit));
        }
    }

    #[test]
    fn conversion_stays_within_a_dimension() {
        let cases = [
            (Unit::Kilogram, Unit::Tonne, Some(0.001)),
            (Unit::Tonne, Unit::Kilogram, Some(1_000.0)),
            (Unit::Litre, Unit::CubicMetre, Some(0.001)),
            (Unit::KilowattHour, Unit::MegawattHour, Some(0.001)),
            (Unit::GigawattHour, Unit::MegawattHour, Some(1_000.0)),
            (Unit::Day, Unit::Hour, Some(7.0)),
            (Unit::Pallet, Unit::Each, Some(1.0)),
            (Unit::Tonne, Unit::CubicMetre, None),
            (Unit::NormalCubicMetre, Unit::CubicMetre, None),
        ];
        for (from, into, expected) in cases {
            match (from.ratio_to(into), expected) {
                (Some(found), Some(wanted)) => assert!((found - wanted).abs() < 1e-9),
                (found, wanted) => assert_eq!(found, wanted, "{from} into {into}"),
            }
        }
    }
}
