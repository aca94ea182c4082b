//! What a flow is. No SQL, no clock.

use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId, VisitId};
use crate::kernel::measure::Measure;
use crate::kernel::words::words;
use crate::kernel::{Direction, Months, Period, Unit, annual, format_number};
use crate::nomenclature::{Catalogue, Category, FlowCode, Guess};
use chrono::NaiveDate;

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
        Advisor "advisor" "conseiller",
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
    /// A flow of which only this is known, as an advisor hears it during a visit.
    pub fn told(
        (territory_id, establishment_id): (TerritoryId, EstablishmentId),
        direction: Direction,
        label: impl Into<String>,
        observed_on: NaiveDate,
    ) -> Self {
        Self {
            id: FlowId::fresh(),
            territory_id,
            establishment_id,
            visit_id: None,
            reference: None,
            direction,
            category: None,
            label: label.into(),
            quantity: None,
            unit: None,
            period: None,
            annual_quantity: None,
            certainty: Certainty::Declared,
            months: i32::from(Months::ALL.bits()),
            form: None,
            quality: None,
            temperature_c: None,
            food_grade: None,
            outlet: None,
            annual_cost_eur: None,
            contract_end_on: None,
            waste_code: None,
            visibility: Visibility::Internal,
            source: FlowSource::Visit,
            observed_on,
            confirmed_on: None,
            version: 1,
        }
    }

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

    /// The same flow to be recorded again: the quantity is to be asked, it rarely is the same.
    pub fn copy(&self, today: NaiveDate) -> Self {
        Self {
            id: FlowId::fresh(),
            reference: None,
            quantity: None,
            unit: None,
            period: None,
            annual_quantity: None,
            observed_on: today,
            confirmed_on: None,
            version: 1,
            ..self.clone()
        }
    }

    /// The last time somebody vouched for it.
    pub fn known_on(&self) -> NaiveDate {
        self.confirmed_on
            .map_or(self.observed_on, |confirmed| confirmed.max(self.observed_on))
    }

    /// Whether nobody vouched for it since the territory's limit.
    pub fn needs_confirmation(&self, today: NaiveDate, freshness_months: u32) -> bool {
        is_stale(self.known_on(), today, freshness_months)
    }

    pub fn measure(&self) -> Option<Measure> {
        Some(Measure {
            quantity: self.quantity?,
            unit: self.typed_unit()?,
            period: self.period?,
        })
    }

    pub fn month_set(&self) -> Months {
        u16::try_from(self.months)
            .ok()
            .and_then(Months::from_bits)
            .unwrap_or(Months::ALL)
    }

    pub fn category_label(&self) -> Option<&'static str> {
        self.code()
            .map(|code| Catalogue::embedded().category(code).label.as_str())
    }

    /// « 38,4 t »; in the unit that was typed while there is no category; none while it cannot be estimated.
    pub fn annual_text(&self) -> Option<String> {
        match self.code() {
            Some(code) => annual_text(Some(code), self.annual_quantity),
            None => self
                .measure()
                .map(|told| amount(told.quantity * told.period.per_year(), told.unit)),
        }
    }
}

/// « 38,4 t » in the category's unit.
pub fn annual_text(code: Option<FlowCode>, quantity: Option<f64>) -> Option<String> {
    Some(amount(quantity?, Catalogue::embedded().category(code?).unit))
}

fn amount(quantity: f64, unit: Unit) -> String {
    let decimals = match quantity {
        q if q >= 100.0 => 0,
        q if q >= 10.0 => 1,
        q if q >= 1.0 => 2,
        _ => 4,
    };
    format!("{}\u{a0}{unit}", format_number(quantity, decimals))
}

/// What a guess keeps when the unit typed is measured of it by a density only, or not at all.
const BY_DENSITY: f64 = 0.8;
const NOT_MEASURED: f64 = 0.3;

/// The guesses in the light of the unit in which the flow is counted: what is told in `MWh` is no chemical.
pub fn measured_in(mut guesses: Vec<Guess>, unit: Option<Unit>) -> Vec<Guess> {
    let Some(unit) = unit else { return guesses };
    for guess in &mut guesses {
        guess.confidence *= fitness(Catalogue::embedded().category(guess.code), unit);
    }
    guesses.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    guesses
}

/// What a category keeps of its chances when the flow is counted in that unit.
fn fitness(category: &Category, unit: Unit) -> f64 {
    if unit.ratio_to(category.unit).is_some() {
        1.0
    } else if is_measured(category, unit) {
        BY_DENSITY
    } else {
        NOT_MEASURED
    }
}

/// Whether that unit says a quantity of the category.
pub(super) fn is_measured(category: &Category, unit: Unit) -> bool {
    unit.ratio_to(category.unit).is_some() || category.densities.iter().any(|density| density.unit == unit)
}

/// Whether that day is older than the limit.
pub fn is_stale(known_on: NaiveDate, today: NaiveDate, freshness_months: u32) -> bool {
    today
        .checked_sub_months(chrono::Months::new(freshness_months))
        .is_some_and(|limit| known_on < limit)
}

#[cfg(test)]
mod tests {
    use super::{Flow, annual_text, is_stale};
    use crate::kernel::ids::{EstablishmentId, TerritoryId};
    use crate::kernel::{Direction, Period};
    use crate::nomenclature::FlowCode;
    use chrono::NaiveDate;

    #[test]
    fn a_flow_is_to_confirm_after_the_limit() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
        let today = day(2026, 11, 24);
        assert!(!is_stale(day(2024, 11, 24), today, 24));
        assert!(is_stale(day(2024, 11, 23), today, 24));
    }

    #[test]
    fn without_a_category_a_year_is_told_in_the_unit_typed() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
        let at = (TerritoryId::fresh(), EstablishmentId::fresh());
        let mut flow = Flow::told(at, Direction::Inbound, "gaz", day);
        assert_eq!(flow.annual_text(), None);
        (flow.quantity, flow.unit, flow.period) = (Some(40.0), Some("mwh".to_owned()), Some(Period::Month));
        assert_eq!(flow.annual_text().as_deref(), Some("480\u{a0}MWh"));
    }

    #[test]
    fn a_year_reads_in_the_unit_of_the_category() {
        let cardboard = FlowCode::find("MAT-01");
        assert_eq!(annual_text(cardboard, Some(38.4)).as_deref(), Some("38,4\u{a0}t"));
        assert_eq!(
            annual_text(cardboard, Some(1250.0)).as_deref(),
            Some("1\u{a0}250\u{a0}t")
        );
        assert_eq!(annual_text(cardboard, None), None);
        assert_eq!(annual_text(None, Some(1.0)), None);
    }
}
