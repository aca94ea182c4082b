//! Screens: the reference list of the 61 indicators, and the territory's own wording and bounds of
//! one, every version kept so that the official words may replace the proposed ones.

use super::catalogue::{Bounds, Indicator, Measure, Part, all, find};
use super::evaluation::{Wording, figure};
use super::indicator::typed;
use super::store::WordingVersion;
use super::{paths, store};
use crate::kernel::parse_decimal;
use crate::platform::access::{Manager, Observer};
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Result, checked, clean, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "indicators/reference.html")]
struct Reference {
    wordings: BTreeMap<String, Wording>,
    may_edit: bool,
}

impl Reference {
    fn indicators(&self, part: &Part) -> Vec<&'static Indicator> {
        let own = all().iter().copied();
        own.filter(|indicator| indicator.theme.part() == *part).collect()
    }
    fn title(&self, indicator: &Indicator) -> String {
        let wording = self.wordings.get(indicator.code);
        wording.map_or_else(|| indicator.title.to_owned(), |wording| wording.title.clone())
    }
    fn is_official(&self, indicator: &Indicator) -> bool {
        self.wordings.get(indicator.code).is_some_and(|w| w.is_official)
    }
    fn how(indicator: &Indicator) -> &'static str {
        match indicator.measure {
            Measure::Computed(_) => "calculé",
            Measure::Asked(_) => "niveau répondu",
            Measure::AskedNumber => "nombre saisi",
        }
    }
    fn computed(&self) -> usize {
        all().iter().filter(|indicator| indicator.is_computed()).count()
    }
    fn asked(&self) -> Vec<&'static Indicator> {
        all().iter().copied().filter(|i| !i.is_computed()).collect()
    }
    fn bounds(&self, indicator: &Indicator) -> String {
        let own = self
            .wordings
            .get(indicator.code)
            .and_then(|wording| wording.bounds);
        match (own, indicator.bounds) {
            (Some((low, high)), _) | (None, Bounds::Between(low, high)) => {
                format!("{} → {}", figure(indicator, low), figure(indicator, high))
            }
            (None, Bounds::Unscored) => "suivi, sans score".to_owned(),
            (None, Bounds::ToTarget(_)) => "0 → objectif de l’année".to_owned(),
        }
    }
}

pub(super) async fn list(me: Observer) -> Result<Response> {
    let scope = me.scope()?;
    let wordings = store::wordings(&mut *me.read().await?, &scope).await?;
    Ok(Page(Reference {
        wordings,
        may_edit: me.is_manager(),
    })
    .into_response())
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct WordingForm {
    title: String,
    official: String,
    bound_0: String,
    bound_100: String,
    version: String,
}

impl WordingForm {
    fn of(indicator: &Indicator, wording: Option<&Wording>) -> Self {
        let bounds = wording.and_then(|w| w.bounds).or(match indicator.bounds {
            Bounds::Between(low, high) => Some((low, high)),
            Bounds::Unscored | Bounds::ToTarget(_) => None,
        });
        let title = wording.map_or_else(|| indicator.title.to_owned(), |w| w.title.clone());
        let official = wording.is_some_and(|w| w.is_official);
        Self {
            title,
            official: if official { "true" } else { "" }.to_owned(),
            bound_0: bounds.map(|b| typed(b.0)).unwrap_or_default(),
            bound_100: bounds.map(|b| typed(b.1)).unwrap_or_default(),
            version: wording.map_or(1, |w| w.version + 1).to_string(),
        }
    }

    fn parse(&self, indicator: &Indicator) -> Result<Wording, Errors> {
        let mut errors = Errors::default();
        let title = clean(&self.title);
        if title.is_empty() || title.chars().count() > 200 {
            errors.add("title", "Indiquez un titre, en 200 caractères au plus.");
        }
        let mut bound = |field: &'static str, text: &str| match text.trim() {
            "" => None,
            text => errors.take(field, parse_decimal(text)),
        };
        let (low, high) = (
            bound("bound_0", &self.bound_0),
            bound("bound_100", &self.bound_100),
        );
        let blank = self.bound_0.trim().is_empty() && self.bound_100.trim().is_empty();
        match (low, high) {
            (Some(low), Some(high)) if (low - high).abs() < f64::EPSILON => {
                errors.add("bound_100", "Les deux bornes doivent différer.");
            }
            (Some(_), Some(_)) => {}
            _ if blank && matches!(indicator.bounds, Bounds::Between(..)) => {
                errors.add("bound_0", "Indiquez les deux bornes de cet indicateur.");
            }
            _ if !blank && !errors.has("bound_0") && !errors.has("bound_100") => {
                errors.add("bound_100", "Indiquez les deux bornes, ou aucune.");
            }
            _ => {}
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Wording {
            title,
            is_official: checked(&self.official),
            bounds: low.zip(high),
            version: self.version.parse().unwrap_or(1),
        })
    }
}

#[derive(Template)]
#[template(path = "indicators/wording.html")]
struct WordingPage {
    indicator: &'static Indicator,
    form: WordingForm,
    errors: Errors,
    history: Vec<WordingVersion>,
}

impl WordingPage {
    fn bounds(&self, version: &WordingVersion) -> Option<String> {
        let (low, high) = (version.bound_0?, version.bound_100?);
        Some(format!(
            "{} → {}",
            figure(self.indicator, low),
            figure(self.indicator, high)
        ))
    }
}

pub(super) async fn show(me: Manager, Path(code): Path<String>) -> Result<Response> {
    let indicator = find(&code).or_not_found()?;
    let wordings = store::wordings(&mut *me.read().await?, &me.scope()?.aggregate()).await?;
    let form = WordingForm::of(indicator, wordings.get(indicator.code));
    page(&me, indicator, (form, Errors::default())).await
}

async fn page(
    me: &Manager,
    indicator: &'static Indicator,
    (form, errors): (WordingForm, Errors),
) -> Result<Response> {
    let scope = me.scope()?.aggregate();
    let history = store::wording_history(&mut *me.read().await?, &scope, indicator.code).await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = WordingPage {
        indicator,
        form,
        errors,
        history,
    };
    Ok((status, Page(page)).into_response())
}

pub(super) async fn save(
    me: Manager,
    Path(code): Path<String>,
    Form(form): Form<WordingForm>,
) -> Result<Response> {
    let indicator = find(&code).or_not_found()?;
    let wording = match form.parse(indicator) {
        Ok(wording) => wording,
        Err(errors) => return page(&me, indicator, (form, errors)).await,
    };
    let scope = me.scope()?;
    let saved = me
        .transact(async |tx| -> Result<bool> {
            Ok(store::save_wording(tx, &scope, indicator.code, &wording).await?)
        })
        .await?;
    if !saved {
        return Err(AppError::Conflict(
            "Quelqu’un a changé ce titre pendant ce temps. Revenez à sa page pour lire sa version."
                .to_owned(),
        ));
    }
    let message = format!("{} est réglé, version {}.", indicator.code, wording.version);
    Ok(me.done(message, paths::REFERENCE).into_response())
}

#[cfg(test)]
mod tests {
    use super::WordingForm;
    use crate::indicators::catalogue::find;

    #[test]
    fn bounds_go_by_two_and_differ() {
        let form = |low: &str, high: &str| WordingForm {
            title: "Titre officiel".to_owned(),
            bound_0: low.to_owned(),
            bound_100: high.to_owned(),
            ..WordingForm::default()
        };
        let (between, target) = (find("B10").unwrap(), find("A01").unwrap());
        assert_eq!(form("24", "6").parse(between).unwrap().bounds, Some((24.0, 6.0)));
        assert!(form("6", "6").parse(between).unwrap_err().has("bound_100"));
        assert!(form("", "").parse(between).unwrap_err().has("bound_0"));
        assert!(form("6", "").parse(between).unwrap_err().has("bound_100"));
        assert!(form("six", "9").parse(between).unwrap_err().has("bound_0"));
        assert_eq!(
            form("", "").parse(target).unwrap().bounds,
            None,
            "the year’s target"
        );
    }
}
