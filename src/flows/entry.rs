//! A flow as its form is understood: real types, to be attached to an establishment or laid over a flow
//! already there. Pure.

use super::model::{Certainty, Flow, FlowSource, Form, Visibility};
use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId, VisitId};
use crate::kernel::measure::Measure;
use crate::kernel::{Direction, Months};
use crate::nomenclature::{FlowCode, WasteCode};
use chrono::NaiveDate;

/// A flow as understood, not yet attached to anything.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub direction: Direction,
    pub label: String,
    pub category: Option<FlowCode>,
    pub measure: Option<Measure>,
    pub certainty: Certainty,
    pub outlet: Option<String>,
    pub annual_cost_eur: Option<f64>,
    pub contract_end_on: Option<NaiveDate>,
    pub waste_code: Option<WasteCode>,
    pub months: Months,
    pub form: Option<Form>,
    pub quality: Option<String>,
    pub temperature_c: Option<f64>,
    pub food_grade: Option<bool>,
    pub visibility: Visibility,
    pub observed_on: NaiveDate,
}

/// Where a new flow belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub id: FlowId,
    pub territory: TerritoryId,
    pub establishment: EstablishmentId,
    pub visit: Option<VisitId>,
    pub source: FlowSource,
}

impl Entry {
    pub fn into_flow(self, place: Place) -> Flow {
        let mut flow = Flow {
            id: place.id,
            visit_id: place.visit,
            certainty: self.certainty,
            visibility: self.visibility,
            source: place.source,
            ..Flow::told(
                (place.territory, place.establishment),
                self.direction,
                "",
                self.observed_on,
            )
        };
        self.apply(&mut flow);
        flow
    }

    /// Overwrites what the form can change.
    pub fn apply(self, flow: &mut Flow) {
        flow.direction = self.direction;
        flow.label = self.label;
        flow.category = self.category.map(|code| code.as_str().to_owned());
        flow.quantity = self.measure.map(|m| m.quantity);
        flow.unit = self.measure.map(|m| m.unit.code().to_owned());
        flow.period = self.measure.map(|m| m.period);
        flow.certainty = self.certainty;
        flow.months = i32::from(self.months.bits());
        flow.form = self.form.map(|form| form.code().to_owned());
        flow.quality = self.quality;
        flow.temperature_c = self.temperature_c;
        flow.food_grade = self.food_grade;
        flow.outlet = self.outlet;
        flow.annual_cost_eur = self.annual_cost_eur;
        flow.contract_end_on = self.contract_end_on;
        flow.waste_code = self.waste_code.map(|code| code.as_str().to_owned());
        flow.visibility = self.visibility;
        flow.observed_on = self.observed_on;
        flow.normalise();
    }
}
