//! Screen: the reference and the yearly targets of one indicator in the contract.

use super::indicator::typed;
use super::{catalogue, paths, store};
use crate::kernel::{parse_day, parse_decimal, typed_day};
use crate::platform::access::Manager;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Result};
use crate::programmes::{self, Programme, Target};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct TargetsForm {
    baseline_on: String,
    baseline: String,
    /// One target a line: « 31/12/2027 : 100 », « sans objet » for none.
    goals: String,
}

impl TargetsForm {
    fn of(code: &str, targets: &[Target]) -> Self {
        let mut form = Self::default();
        for target in targets.iter().filter(|target| target.indicator == code) {
            let value = target.value.map_or_else(|| "sans objet".to_owned(), typed);
            if target.is_baseline {
                form.baseline_on = typed_day(target.due_on);
                form.baseline = value;
            } else {
                form.goals += &format!("{}\u{a0}: {value}\n", typed_day(target.due_on));
            }
        }
        form
    }

    fn parse(&self, code: &str) -> Result<Vec<Target>, Errors> {
        let mut errors = Errors::default();
        let mut targets = Vec::new();
        let target = |due_on, value, is_baseline| Target {
            indicator: code.to_owned(),
            due_on,
            value,
            is_baseline,
        };
        if !self.baseline_on.trim().is_empty() || !self.baseline.trim().is_empty() {
            let on = errors.take("baseline_on", parse_day(&self.baseline_on));
            let value = value(&self.baseline);
            match (on, value) {
                (Some(on), Ok(value)) => targets.push(target(on, value, true)),
                (_, Err(())) => errors.add("baseline", NOT_A_VALUE),
                (None, Ok(_)) => {}
            }
        }
        for line in self.goals.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let read = line
                .split_once(':')
                .and_then(|(day, words)| Some((parse_day(day.trim()).ok()?, value(words).ok()?)));
            match read {
                Some((on, value)) => targets.push(target(on, value, false)),
                None => errors.add(
                    "goals",
                    format!("«\u{a0}{line}\u{a0}»\u{a0}: écrivez une date, deux points, un nombre, comme «\u{a0}31/12/2027\u{a0}: 100\u{a0}»."),
                ),
            }
        }
        let mut days: Vec<_> = targets.iter().map(|target| target.due_on).collect();
        days.sort_unstable();
        if days.windows(2).any(|pair| pair[0] == pair[1]) {
            errors.add(
                "goals",
                "Une date ne peut servir qu’une fois, référence comprise.",
            );
        }
        if errors.is_empty() {
            Ok(targets)
        } else {
            Err(errors)
        }
    }
}

const NOT_A_VALUE: &str = "Indiquez un nombre, ou «\u{a0}sans objet\u{a0}».";

fn value(words: &str) -> Result<Option<f64>, ()> {
    let words = words.trim();
    if words.eq_ignore_ascii_case("sans objet") {
        return Ok(None);
    }
    parse_decimal(words).map(Some).map_err(|_| ())
}

#[derive(Template)]
#[template(path = "indicators/targets.html")]
struct Targets {
    code: String,
    title: String,
    form: TargetsForm,
    errors: Errors,
}

/// The programme, and the title of an indicator of the catalogue or of the territory.
async fn place(me: &Manager, code: &str) -> Result<(Programme, String)> {
    let scope = me.scope()?.aggregate();
    let mut db = me.read().await?;
    let title = match catalogue::find(code) {
        Some(indicator) => indicator.title.to_owned(),
        None => {
            let own = store::own(&mut db, &scope).await?;
            own.into_iter().find(|one| one.code == code).or_not_found()?.title
        }
    };
    let programme = programmes::store::current(&mut db, &scope, me.today()).await?;
    let programme = programme.ok_or_else(|| {
        AppError::Conflict("Décrivez d’abord la démarche\u{a0}: ses objectifs lui appartiennent.".to_owned())
    })?;
    Ok((programme, title))
}

pub(super) async fn show(me: Manager, Path(code): Path<String>) -> Result<Response> {
    let (programme, title) = place(&me, &code).await?;
    let scope = me.scope()?.aggregate();
    let targets = programmes::store::targets(&mut *me.read().await?, &scope, programme.id).await?;
    let form = TargetsForm::of(&code, &targets);
    let errors = Errors::default();
    Ok(Page(Targets {
        code,
        title,
        form,
        errors,
    })
    .into_response())
}

pub(super) async fn save(
    me: Manager,
    Path(code): Path<String>,
    Form(form): Form<TargetsForm>,
) -> Result<Response> {
    let (programme, title) = place(&me, &code).await?;
    let targets = match form.parse(&code) {
        Ok(targets) => targets,
        Err(errors) => {
            let page = Targets {
                code,
                title,
                form,
                errors,
            };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        Ok(programmes::store::set_targets(tx, &scope, &programme, (&code, &targets)).await?)
    })
    .await?;
    Ok(me
        .done(
            format!("Les objectifs de «\u{a0}{title}\u{a0}» sont enregistrés."),
            paths::CONTRACT,
        )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::TargetsForm;

    fn form(baseline_on: &str, baseline: &str, goals: &str) -> TargetsForm {
        TargetsForm {
            baseline_on: baseline_on.to_owned(),
            baseline: baseline.to_owned(),
            goals: goals.to_owned(),
        }
    }

    #[test]
    fn targets_are_lines_and_read_back_as_they_are_shown() {
        let typed = form("26/06/2019", "70", "31/12/2020 : 80\n30/06/2022: sans objet\n");
        let targets = typed.parse("A01").unwrap();
        let read: Vec<_> = targets.iter().map(|t| (t.value, t.is_baseline)).collect();
        assert_eq!(read, [(Some(70.0), true), (Some(80.0), false), (None, false)]);
        assert_eq!(TargetsForm::of("A01", &targets).parse("A01").unwrap(), targets);
        assert!(form("", "", "").parse("A01").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_by_the_field() {
        assert!(
            form("demain", "70", "")
                .parse("A01")
                .unwrap_err()
                .has("baseline_on")
        );
        assert!(
            form("26/06/2019", "beaucoup", "")
                .parse("A01")
                .unwrap_err()
                .has("baseline")
        );
        assert!(form("", "", "2020 : 80").parse("A01").unwrap_err().has("goals"));
        let twice = "31/12/2020 : 80\n31/12/2020 : 90";
        assert!(form("", "", twice).parse("A01").unwrap_err().has("goals"));
    }
}
