//! What a flow is. No SQL, no clock.

use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId, VisitId};
use crate::kernel::{Direction, Period, Unit, annual};
use crate::nomenclature::{Catalogue, FlowCode};
use chrono::NaiveDate;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $sql:literal { $($variant:ident $code:literal $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(type_name = $sql)]
        pub enum $name {
            $(#[sqlx(rename = $code)] #[serde(rename = $code)] $variant,)*
        }
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.code() == code)
            }
        }
    };
}

words! {
    /// Where a figure comes from.
    Certainty "certainty" {
        Measured "measured" "mesuré",
        Declared "declared" "déclaré",
        Estimated "estimated" "estimé",
        OrderOfMagnitude "order_of_magnitude" "ordre de grandeur",
    }
}

words! {
    /// Who may read a flow beside the advisors.
    Visibility "visibility" {
        Internal "internal" "conseillers seulement",
        Anonymised "anonymised" "anonymisé",
        Shareable "shareable" "partageable",
    }
}

words! {
    /// How a flow entered the inventory.
    FlowSource "flow_source" {
        Visit "visit" "visite",
        Import "import" "import",
        Workshop "workshop" "atelier",
        Portal "portal" "espace entreprise",
    }
}

words! {
    /// The physical form of a material.
    Form "flow_form" {
        Bulk "bulk" "vrac",
        Bale "bale" "balle",
        Chip "chip" "copeau, broyat",
        Bar "bar" "barre, plaque",
        Powder "powder" "poudre",
        Liquid "liquid" "liquide",
        Paste "paste" "pâteux, boue",
        Gas "gas" "gaz, vapeur",
        Piece "piece" "pièce, unité",
    }
}

/// One recorded flow, whole.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Flow {
    pub id: FlowId,
    pub territory_id: TerritoryId,
    pub establishment_id: EstablishmentId,
    pub visit_id: Option<VisitId>,
    pub reference: Option<String>,
    pub direction: Direction,
    /// A code of the nomenclature; none while « à classer ».
    pub category: Option<String>,
    pub label: String,
    pub quantity: Option<f64>,
    /// A `Unit` code.
    pub unit: Option<String>,
    pub period: Option<Period>,
    /// In the category's unit; none when unknown or not convertible.
    pub annual_quantity: Option<f64>,
    pub certainty: Certainty,
    /// Twelve bits, January first.
    pub months: i32,
    /// A [`Form`] code.
    pub form: Option<String>,
    pub quality: Option<String>,
    pub temperature_c: Option<f64>,
    pub food_grade: Option<bool>,
    /// Where it goes today, or who supplies it.
    pub outlet: Option<String>,
    pub annual_cost_eur: Option<f64>,
    pub contract_end_on: Option<NaiveDate>,
    pub waste_code: Option<String>,
    pub visibility: Visibility,
    pub source: FlowSource,
    pub observed_on: NaiveDate,
    pub confirmed_on: Option<NaiveDate>,
    pub version: i32,
}

impl Flow {
    pub fn code(&self) -> Option<FlowCode> {
        FlowCode::find(self.category.as_deref()?)
    }

    pub fn typed_unit(&self) -> Option<Unit> {
        Unit::find(self.unit.as_deref()?)
    }

    /// Brings the quantity to a year in the category's unit.
    pub fn normalise(&mut self) {
        self.annual_quantity = self.computed_annual();
    }

    fn computed_annual(&self) -> Option<f64> {
        let category = Catalogue::embedded().category(self.code()?);
        annual(
            self.quantity?,
            self.typed_unit()?,
            self.period?,
            category.unit,
            &category.densities,
        )
    }

    /// The last time somebody vouched for it.
    pub fn known_on(&self) -> NaiveDate {
        self.confirmed_on
            .map_or(self.observed_on, |confirmed| confirmed.max(self.observed_on))
    }
}
