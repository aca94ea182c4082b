//! Screen: the flows that the committee wants treated first. The queue of proposals marks them,
//! filters by them, and the board sums them.

use super::paths;
use super::store;
use crate::kernel::{parse_day, typed_day};
use crate::nomenclature::{Catalogue, Family, FlowCode};
use crate::platform::access::Manager;
use crate::platform::web::{Choice, Errors, Form, Page, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PrioritiesForm {
    decided_on: String,
    /// Codes in their order, one per line; only those ticked count.
    order: String,
    codes: Vec<String>,
    /// How much they move up, in percent.
    weight: String,
}

/// What the form asks for.
struct Wish {
    decided_on: NaiveDate,
    codes: Vec<FlowCode>,
    weight: i32,
}

impl PrioritiesForm {
    fn is_picked(&self, code: &str) -> bool {
        self.codes.iter().any(|picked| picked == code)
    }

    /// What is ticked, in the order written, the others after.
    fn parse(&self) -> Result<Wish, Errors> {
        let mut errors = Errors::default();
        let day = errors.take("decided_on", parse_day(&self.decided_on));
        let mut codes: Vec<FlowCode> = Vec::new();
        let ordered = self
            .order
            .split([' ', ',', '\n', '\r', ';'])
            .filter(|w| !w.is_empty());
        for word in ordered {
            match FlowCode::find(&word.to_uppercase()) {
                Some(code) if self.is_picked(code.as_str()) && !codes.contains(&code) => codes.push(code),
                Some(_) => {}
                None => errors.add(
                    "order",
                    format!("«\u{a0}{word}\u{a0}» n’est pas un code de la nomenclature."),
                ),
            }
        }
        for code in self.codes.iter().filter_map(|code| FlowCode::find(code)) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let weight = self
            .weight
            .trim()
            .parse()
            .ok()
            .filter(|weight| (0..=200).contains(weight));
        if weight.is_none() {
            errors.add("weight", "Indiquez un pourcentage de 0 à 200, par exemple 25.");
        }
        match (day, weight) {
            (Some(decided_on), Some(weight)) if errors.is_empty() => Ok(Wish {
                decided_on,
                codes,
                weight,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "programmes/priorities.html")]
struct Priorities {
    form: PrioritiesForm,
    errors: Errors,
}

impl Priorities {
    fn families() -> Vec<(&'static str, Vec<Choice>)> {
        let catalogue = Catalogue::embedded();
        Family::ALL
            .iter()
            .map(|family| {
                let own = catalogue
                    .categories()
                    .iter()
                    .filter(|c| c.code.family() == *family);
                let choices =
                    own.map(|c| Choice::new(c.code.as_str(), format!("{} {}", c.code.as_str(), c.label)));
                (family.label(), choices.collect())
            })
            .collect()
    }
    fn is_picked(&self, code: &str) -> bool {
        self.form.is_picked(code)
    }
}

pub(super) async fn show(me: Manager) -> Result<Response> {
    let scope = me.scope()?.aggregate();
    let mut db = me.read().await?;
    let known = store::priorities(&mut db, &scope).await?;
    let weight = store::priority_weight(&mut db, &scope).await?;
    let codes: Vec<String> = known.iter().map(|p| p.code.as_str().to_owned()).collect();
    let form = PrioritiesForm {
        decided_on: known
            .first()
            .map_or_else(|| typed_day(me.today()), |p| typed_day(p.decided_on)),
        order: codes.join("\n"),
        codes,
        weight: weight.to_string(),
    };
    let errors = Errors::default();
    Ok(Page(Priorities { form, errors }).into_response())
}

pub(super) async fn save(me: Manager, Form(form): Form<PrioritiesForm>) -> Result<Response> {
    let wish = match form.parse() {
        Ok(wish) => wish,
        Err(errors) => {
            let page = Page(Priorities { form, errors });
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        Ok(store::set_priorities(tx, &scope, wish.decided_on, &wish.codes, wish.weight).await?)
    })
    .await?;
    Ok(me
        .done(
            "Les priorités du comité sont enregistrées\u{a0}: la file des propositions les suit.",
            paths::SHOW,
        )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::PrioritiesForm;

    #[test]
    fn what_is_ticked_counts_in_the_order_written() {
        let form = |order: &str, codes: &[&str]| PrioritiesForm {
            decided_on: "31/01/2019".to_owned(),
            order: order.to_owned(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            weight: "25".to_owned(),
        };
        let wish = form("mat-03\nMAT-01", &["ENE-01", "MAT-01"])
            .parse()
            .ok()
            .unwrap();
        let read: Vec<_> = wish.codes.iter().map(|code| code.as_str()).collect();
        assert_eq!(read, ["MAT-01", "ENE-01"], "what is not ticked is taken away");
        assert!(form("XYZ-99", &[]).parse().err().unwrap().has("order"));
    }
}
