//! Screen: what a synergy in place brings each year, as measured, declared or estimated. The yearly
//! indicators add these up; a field left blank is « non estimé ».

use super::acts;
use super::filters::Filters;
use super::model::Treatment;
use super::paths;
use super::store::{self, Results};
use super::view::Detail;
use crate::flows::Certainty;
use crate::kernel::ids::SynergyId;
use crate::kernel::{format_number, parse_decimal};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Choice, Errors, Form, OptionExt, Page, Path, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ResultsForm {
    origin: String,
    diverted_t: String,
    energy_mwh: String,
    water_m3: String,
    avoided_tco2e: String,
    savings_eur: String,
    jobs_fte: String,
    handled_t: String,
    treated_before: String,
    treated_after: String,
    virgin_t: String,
    freight_tkm: String,
    car_km: String,
    local_sales_eur: String,
    investment_eur: String,
    shared_jobs_fte: String,
    trained_people: String,
    new_activities: String,
}

pub(super) fn typed(value: Option<f64>) -> String {
    value
        .map(|value| format_number(value, 4).replace('\u{a0}', "").replace('−', "-"))
        .unwrap_or_default()
}

fn code(treatment: Option<Treatment>) -> String {
    treatment.map(|t| t.code().to_owned()).unwrap_or_default()
}

impl ResultsForm {
    fn of(results: &Results) -> Self {
        Self {
            origin: results.origin.code().to_owned(),
            diverted_t: typed(results.diverted_t),
            energy_mwh: typed(results.energy_mwh),
            water_m3: typed(results.water_m3),
            avoided_tco2e: typed(results.avoided_tco2e),
            savings_eur: typed(results.savings_eur),
            jobs_fte: typed(results.jobs_fte),
            handled_t: typed(results.handled_t),
            treated_before: code(results.treated_before),
            treated_after: code(results.treated_after),
            virgin_t: typed(results.virgin_t),
            freight_tkm: typed(results.freight_tkm),
            car_km: typed(results.car_km),
            local_sales_eur: typed(results.local_sales_eur),
            investment_eur: typed(results.investment_eur),
            shared_jobs_fte: typed(results.shared_jobs_fte),
            trained_people: typed(results.trained_people.map(f64::from)),
            new_activities: typed(results.new_activities.map(f64::from)),
        }
    }

    fn parse(&self) -> Result<Results, Errors> {
        let mut errors = Errors::default();
        let origin = Certainty::parse(&self.origin);
        if origin.is_none() {
            errors.add(
                "origin",
                "Dites d’où viennent ces chiffres\u{a0}: mesurés, déclarés ou estimés.",
            );
        }
        let mut number = |field: &'static str, text: &str| signed(&mut errors, field, text);
        let results = Results {
            diverted_t: number("diverted_t", &self.diverted_t),
            energy_mwh: number("energy_mwh", &self.energy_mwh),
            water_m3: number("water_m3", &self.water_m3),
            avoided_tco2e: number("avoided_tco2e", &self.avoided_tco2e),
            savings_eur: number("savings_eur", &self.savings_eur),
            jobs_fte: number("jobs_fte", &self.jobs_fte),
            handled_t: number("handled_t", &self.handled_t),
            treated_before: Treatment::parse(&self.treated_before),
            treated_after: Treatment::parse(&self.treated_after),
            virgin_t: number("virgin_t", &self.virgin_t),
            freight_tkm: number("freight_tkm", &self.freight_tkm),
            car_km: number("car_km", &self.car_km),
            local_sales_eur: number("local_sales_eur", &self.local_sales_eur),
            investment_eur: number("investment_eur", &self.investment_eur),
            shared_jobs_fte: number("shared_jobs_fte", &self.shared_jobs_fte),
            trained_people: whole(&mut errors, "trained_people", &self.trained_people),
            new_activities: whole(&mut errors, "new_activities", &self.new_activities),
            origin: origin.unwrap_or(Certainty::Estimated),
        };
        let ranked = results.treated_before.is_some() || results.treated_after.is_some();
        if ranked && (results.treated_before.is_none() || results.treated_after.is_none()) {
            errors.add("treated_after", "Indiquez les deux traitements, avant et après.");
        }
        if ranked && results.handled_t.is_none() && !errors.has("handled_t") {
            errors.add("handled_t", "Indiquez le tonnage qui change de traitement.");
        }
        if errors.is_empty() {
            Ok(results)
        } else {
            Err(errors)
        }
    }
}

/// A number, which may be under zero where a synergy costs more than it brings.
pub(super) fn signed(errors: &mut Errors, field: &'static str, text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let may_cost = matches!(
        field,
        "avoided_tco2e" | "savings_eur" | "giver_gain_eur" | "receiver_gain_eur"
    );
    match text.strip_prefix(['-', '−']).filter(|_| may_cost) {
        Some(rest) => errors.take(field, parse_decimal(rest)).map(|value| -value),
        None => errors.take(field, parse_decimal(text)),
    }
}

fn whole(errors: &mut Errors, field: &'static str, text: &str) -> Option<i32> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.is_empty() {
        return None;
    }
    let number = digits.parse().ok().filter(|number| *number >= 0);
    if number.is_none() {
        errors.add(field, "Indiquez un nombre entier, par exemple 12.");
    }
    number
}

#[derive(Template)]
#[template(path = "synergies/results.html")]
struct ResultsPage {
    detail: Detail,
    form: ResultsForm,
    errors: Errors,
}

impl ResultsPage {
    fn origins() -> Vec<Choice> {
        let known = [Certainty::Measured, Certainty::Declared, Certainty::Estimated];
        Choice::pairs(known.map(|origin| (origin.code(), origin.label())))
    }
    fn treatments() -> Vec<Choice> {
        Choice::pairs(Treatment::ALL.iter().map(|t| (t.code(), t.label())))
    }
}

async fn page(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    refused: Option<(ResultsForm, Errors)>,
) -> Result<Response> {
    let detail = acts::detail(me, filters, id).await?;
    if !detail.synergy.state.was_realised() {
        return Err(AppError::Conflict(
            "Les résultats se notent quand la synergie est en place.".to_owned(),
        ));
    }
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let known = store::results(&mut *me.read().await?, &me.scope()?, id).await?;
    let (form, errors) = refused.unwrap_or_else(|| {
        let form = known.map(|known| ResultsForm::of(&known));
        (form.unwrap_or_default(), Errors::default())
    });
    Ok((status, Page(ResultsPage { detail, form, errors })).into_response())
}

pub(super) async fn show(me: Staff, Path(id): Path<SynergyId>) -> Result<Response> {
    page(&me, &Filters::default(), id, None).await
}

pub(super) async fn save(
    me: Staff,
    Path(id): Path<SynergyId>,
    Form(form): Form<ResultsForm>,
) -> Result<Response> {
    let filters = Filters::default();
    let detail = acts::detail(&me, &filters, id).await?;
    let results = match form.parse() {
        Ok(results) if detail.synergy.state.was_realised() => results,
        Ok(_) => return page(&me, &filters, id, None).await,
        Err(errors) => return page(&me, &filters, id, Some((form, errors))).await,
    };
    let scope = me.scope()?;
    let saved = me
        .transact(async |tx| -> Result<bool> { Ok(store::set_results(tx, &scope, id, &results).await?) })
        .await?;
    saved.then_some(()).or_not_found()?;
    Ok(me
        .done("Les résultats sont enregistrés.", paths::show(&id))
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::ResultsForm;
    use crate::synergies::Treatment;

    #[test]
    fn blank_is_unknown_and_a_synergy_may_cost() {
        let form = ResultsForm {
            origin: "declared".to_owned(),
            savings_eur: "-1 200".to_owned(),
            handled_t: "38".to_owned(),
            treated_before: "disposal".to_owned(),
            treated_after: "recycling".to_owned(),
            trained_people: "12".to_owned(),
            ..ResultsForm::default()
        };
        let read = form.parse().unwrap();
        assert_eq!((read.savings_eur, read.energy_mwh), (Some(-1_200.0), None));
        assert!(read.treated_after > Some(Treatment::Disposal));
        assert_eq!(
            ResultsForm::of(&read).parse().unwrap(),
            read,
            "what is shown reads back"
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_the_field() {
        let form = ResultsForm {
            diverted_t: "-3".to_owned(),
            treated_before: "disposal".to_owned(),
            new_activities: "une".to_owned(),
            ..ResultsForm::default()
        };
        let errors = form.parse().unwrap_err();
        for field in [
            "origin",
            "diverted_t",
            "treated_after",
            "handled_t",
            "new_activities",
        ] {
            assert!(errors.has(field), "{field}");
        }
    }
}
