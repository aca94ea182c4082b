//! What a quantity makes in a year, while it is typed: the reading of the form itself, so that the
//! page has no rule of its own.

use super::FlowForm;
use super::entry::Place;
use super::model::FlowSource;
use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId};
use crate::kernel::{Period, format_number, typed_day};
use crate::platform::access::SignedIn;
use crate::platform::web::Query;
use axum::Json;
use serde::Serialize;

/// The words to show, empty while nothing can be said.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Echo {
    text: String,
}

pub(super) async fn year(me: SignedIn, Query(form): Query<FlowForm>) -> Json<Echo> {
    let form = FlowForm {
        observed_on: typed_day(me.today()),
        ..form
    };
    Json(Echo { text: words(&form) })
}

/// « = 38,4 t par an », in the unit of the category when it is known, else in the one typed.
fn words(form: &FlowForm) -> String {
    let named = FlowForm {
        label: if form.label.trim().is_empty() {
            "?".to_owned()
        } else {
            form.label.clone()
        },
        ..FlowForm::blank(&form.direction, chrono::NaiveDate::default())
    };
    let typed = FlowForm {
        category: form.category.clone(),
        category_typed: form.category_typed.clone(),
        quantity: form.quantity.clone(),
        unit: form.unit.clone(),
        period: form.period.clone(),
        ..named
    };
    let Ok(entry) = typed.parse() else {
        return String::new();
    };
    let Some(measure) = entry.measure else {
        return String::new();
    };
    let once = measure.period == Period::Once;
    let flow = entry.into_flow(nowhere());
    let amount = flow.annual_text().unwrap_or_else(|| {
        let year = measure.quantity * measure.period.per_year();
        format!("{}\u{a0}{}", format_number(year, 2), measure.unit)
    });
    format!("= {amount} {}", if once { "en une fois" } else { "par an" })
}

/// A flow that is read and never kept.
fn nowhere() -> Place {
    Place {
        id: FlowId::fresh(),
        territory: TerritoryId::fresh(),
        establishment: EstablishmentId::fresh(),
        visit: None,
        source: FlowSource::Visit,
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::flows::FlowForm;

    #[test]
    fn a_quantity_is_echoed_as_a_year() {
        let echo = |label: &str, quantity: &str, unit: &str, period: &str| {
            words(&FlowForm {
                label: label.to_owned(),
                direction: "sortant".to_owned(),
                quantity: quantity.to_owned(),
                unit: unit.to_owned(),
                period: period.to_owned(),
                ..FlowForm::default()
            })
        };
        assert_eq!(echo("", "3 t/mois", "", "an"), "= 36\u{a0}t par an");
        assert_eq!(
            echo("Cartons", "1 234,5 kg par mois", "", ""),
            "= 14,8\u{a0}t par an"
        );
        assert_eq!(
            echo("Palettes bois", "3 palettes/sem", "", ""),
            "= 156\u{a0}u. par an"
        );
        assert_eq!(echo("", "12", "t", "ponctuel"), "= 12\u{a0}t en une fois");
        assert_eq!(echo("Cartons", "beaucoup", "t", "an"), "");
        assert_eq!(echo("Cartons", "", "t", "an"), "");
    }
}
