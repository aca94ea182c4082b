//! The factors that serve every category: what a kilometre costs, the landfill tax, the price of gas.
//!
//! A figure of a category may follow one of them (the value of heat follows the price of gas), so that
//! changing one number moves everything it rules.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::catalogue::Range;

macro_rules! shared {
    ($($(#[$doc:meta])* $name:ident $key:literal,)*) => {
        /// One shared factor.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Shared { $($(#[$doc])* #[serde(rename = $key)] $name,)* }

        impl Shared {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word of the file, of the database and of the command line.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

shared! {
    DieselPrice "gazole",
    DieselUse "consommation",
    /// What a kilometre costs apart from diesel.
    Kilometre "kilometre",
    Trip "trajet",
    Return "retour",
    Detour "detour",
    FreightCarbon "fret_co2",
    /// Tonnes on board to which the freight factor applies.
    FreightLoad "fret_charge",
    /// Share of the price of the new product that a substitute is worth.
    SubstitutionShare "part_du_neuf",
    LandfillTax "tgap",
    ElectricityPrice "electricite",
    GasPrice "gaz",
    ElectricityCarbon "electricite_co2",
    GasCarbon "gaz_co2",
    WaterPrice "eau",
    SewagePrice "assainissement",
    Sorting "tri",
    Baling "pressage",
    Shredding "broyage",
    Washing "lavage",
    Drying "sechage",
    Regeneration "regeneration",
    HeatPipe "reseau_chaleur",
    HeatExchanger "echangeur",
    WaterPipe "conduite_eau",
    WaterPump "pompage",
    GasPipe "conduite_gaz",
    GasStation "poste_gaz",
}

impl Shared {
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|factor| factor.key() == key)
    }
}

/// The heading under which a shared factor is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorFamily {
    Transport,
    Exchange,
    Waste,
    Energy,
    Water,
    Preparation,
    Works,
}

impl FactorFamily {
    pub const ALL: [Self; 7] = [
        Self::Transport,
        Self::Exchange,
        Self::Waste,
        Self::Energy,
        Self::Water,
        Self::Preparation,
        Self::Works,
    ];

    /// The word of an address.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Exchange => "echange",
            Self::Waste => "dechets",
            Self::Energy => "energie",
            Self::Water => "eau",
            Self::Preparation => "preparation",
            Self::Works => "travaux",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Transport => "Transport",
            Self::Exchange => "Échange",
            Self::Waste => "Déchets",
            Self::Energy => "Énergie",
            Self::Water => "Eau",
            Self::Preparation => "Préparation",
            Self::Works => "Travaux",
        }
    }
}

/// A shared factor as the file gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedFactor {
    pub shared: Shared,
    pub family: FactorFamily,
    pub label: String,
    pub unit: String,
    pub year: Option<u16>,
    pub value: Range,
}

/// Every shared factor, in the order of [`Shared::ALL`].
#[derive(Debug, Clone, PartialEq)]
pub struct Factors(Vec<SharedFactor>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    factor: Vec<RawFactor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFactor {
    key: Shared,
    family: FactorFamily,
    label: String,
    unit: String,
    year: Option<u16>,
    low: f64,
    central: f64,
    high: f64,
    source: String,
}

static EMBEDDED: LazyLock<Factors> = LazyLock::new(|| {
    Factors::read(include_str!("factors.toml")).unwrap_or_else(|error| panic!("factors.toml: {error}"))
});

impl Factors {
    /// The factors built into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let factors: Vec<SharedFactor> = file.factor.into_iter().map(SharedFactor::from).collect();
        let keys: Vec<Shared> = factors.iter().map(|factor| factor.shared).collect();
        if keys != Shared::ALL {
            return Err("every factor once, in the order of the code".to_owned());
        }
        match factors.iter().find(|factor| !factor.value.is_sound()) {
            Some(wrong) => Err(format!(
                "{}: low, central, high must be positive and in order",
                wrong.shared.key()
            )),
            None => Ok(Self(factors)),
        }
    }

    #[must_use]
    pub fn get(&self, shared: Shared) -> &SharedFactor {
        let found = self.0.iter().find(|factor| factor.shared == shared);
        found.expect("every factor is checked to be there")
    }

    #[must_use]
    pub fn central(&self, shared: Shared) -> f64 {
        self.get(shared).value.central
    }

    pub fn iter(&self) -> impl Iterator<Item = &SharedFactor> {
        self.0.iter()
    }

    pub(super) fn replace(&mut self, shared: Shared, value: &Range) {
        for factor in self.0.iter_mut().filter(|factor| factor.shared == shared) {
            // A figure given here is of the year it was given, which its source tells.
            factor.year = None;
            factor.value = value.clone();
        }
    }
}

impl From<RawFactor> for SharedFactor {
    fn from(raw: RawFactor) -> Self {
        Self {
            shared: raw.key,
            family: raw.family,
            label: raw.label,
            unit: raw.unit,
            year: raw.year,
            value: Range {
                low: raw.low,
                central: raw.central,
                high: raw.high,
                source: raw.source,
                follows: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Factors, Shared};

    #[test]
    fn every_factor_says_where_it_comes_from() {
        for factor in Factors::embedded().iter() {
            assert!(
                !factor.label.is_empty() && !factor.unit.is_empty(),
                "{:?}",
                factor.shared
            );
            let source = &factor.value.source;
            assert!(
                source.starts_with("S-") || source.contains("à vérifier"),
                "{source}"
            );
            assert_eq!(Shared::find(factor.shared.key()), Some(factor.shared));
        }
    }

    #[test]
    fn a_missing_or_unsound_factor_is_refused() {
        let text = include_str!("factors.toml");
        assert!(Factors::read(text).is_ok());
        let unordered = text.replace("low = 1.20", "low = 1.40");
        assert!(Factors::read(&unordered).is_err_and(|error| error.contains("gazole")));
        let cut = text
            .find("[[factor]]\nkey = \"poste_gaz\"")
            .expect("the last one");
        assert!(Factors::read(&text[..cut]).is_err());
    }
}
