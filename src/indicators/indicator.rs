//! Screen: one indicator of one year. What it says, what is behind it, how it moved; the answer, or
//! the correction of what was computed.

use super::catalogue::{Indicator, Measure, find};
use super::evaluation::{Answer, EvaluationState, Line, Status, figure};
use super::judged::Judged;
use super::year::{HIDDEN, records_of};
use super::{paths, store};
use crate::kernel::{format_number, parse_decimal};
use crate::platform::access::{Manager, Observer};
use crate::platform::web::charts::{Caption, Mark, Svg, curve};
use crate::platform::web::{
    AppError, Choice, Errors, Form, OptionExt, Page, Path, Result, checked, filters, optional,
};
use crate::programmes;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use sqlx::PgConnection;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    value: String,
    not_concerned: String,
    justification: String,
    evidence: String,
    version: String,
}

impl AnswerForm {
    fn of(answer: &Answer) -> Self {
        Self {
            value: answer.value.map(typed).unwrap_or_default(),
            not_concerned: if answer.is_not_concerned { "true" } else { "" }.to_owned(),
            justification: answer.justification.clone().unwrap_or_default(),
            evidence: answer.evidence.clone().unwrap_or_default(),
            version: answer.version.to_string(),
        }
    }

    fn parse(&self, indicator: &Indicator) -> Result<Answer, Errors> {
        let mut errors = Errors::default();
        let is_not_concerned = checked(&self.not_concerned);
        let value = match (self.value.trim(), indicator.scale()) {
            ("", _) => None,
            (level, Some(_)) => {
                let level = level.parse::<u8>().ok().filter(|level| *level <= 4);
                if level.is_none() {
                    errors.add("value", "Choisissez un niveau de 0 à 4.");
                }
                level.map(f64::from)
            }
            (number, None) => errors.take("value", parse_decimal(number)),
        };
        let (justification, evidence) = (optional(&self.justification), optional(&self.evidence));
        if is_not_concerned && value.is_some() {
            errors.add(
                "not_concerned",
                "Effacez la valeur, ou décochez «\u{a0}non concerné\u{a0}».",
            );
        }
        if is_not_concerned && indicator.mandatory {
            errors.add(
                "not_concerned",
                "Cet indicateur est obligatoire\u{a0}: il lui faut une valeur.",
            );
        }
        let must_say_why = is_not_concerned || (value.is_some() && indicator.is_computed());
        if must_say_why && justification.is_none() {
            errors.add(
                "justification",
                "Dites pourquoi\u{a0}: la valeur calculée reste gardée à côté.",
            );
        }
        if value.is_some() && indicator.scale().is_some() && evidence.is_none() {
            errors.add(
                "evidence",
                "Indiquez ce qui le montre\u{a0}: un compte rendu, une délibération, une date.",
            );
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Answer {
            value,
            is_not_concerned,
            justification,
            evidence,
            version: self.version.parse().unwrap_or_default(),
        })
    }
}

/// A number as a form shows it back.
pub(super) fn typed(value: f64) -> String {
    format_number(value, 4).replace('\u{a0}', "")
}

/// A year of the history.
struct Past {
    year: i32,
    value: String,
    score: Option<f64>,
    closed: bool,
}

#[derive(Template)]
#[template(path = "indicators/indicator.html")]
struct IndicatorPage {
    indicator: &'static Indicator,
    judged: Judged,
    line: Line,
    form: AnswerForm,
    errors: Errors,
    staff: bool,
    may_edit: bool,
    history: Vec<Past>,
    chart: Option<Svg>,
    targets: Vec<(NaiveDate, Option<f64>, bool)>,
}

impl IndicatorPage {
    fn year(&self) -> &i32 {
        &self.judged.evaluation.year
    }
    fn is_open(&self) -> bool {
        self.judged.evaluation.state == EvaluationState::Open
    }
    fn hidden(&self) -> bool {
        !self.staff && self.judged.masked.contains(&self.line.code)
    }
    fn said(&self, value: Option<f64>, hidden: bool) -> String {
        match value {
            _ if hidden => HIDDEN.to_owned(),
            Some(value) => with_unit(self.indicator, value),
            None => "non estimé".to_owned(),
        }
    }
    fn value(&self) -> String {
        self.said(self.line.value(), self.hidden())
    }
    /// What the records give, beside a correction.
    fn computed(&self) -> String {
        // A correction keeps it out of the series that decides what may be shown.
        self.said(self.line.computed.value, !self.staff)
    }
    fn levels(&self) -> Vec<Choice> {
        let Some(scale) = self.indicator.scale() else {
            return Vec::new();
        };
        let levels = scale.0.iter().enumerate();
        levels
            .map(|(level, words)| Choice::new(level.to_string(), format!("{level}. {words}")))
            .collect()
    }
    fn level_words(&self) -> Option<&'static str> {
        let value = self.line.value()?;
        let scale = self.indicator.scale()?;
        let levels = (0_u8..).zip(scale.0);
        levels
            .filter(|(level, _)| (f64::from(*level) - value).abs() < 0.5)
            .map(|(_, words)| words)
            .next()
    }
    fn records(&self) -> Option<String> {
        records_of(self.year(), self.indicator.records, self.staff)
    }
    fn bounds(&self) -> Option<(String, String)> {
        let (low, high) = self.line.bounds?;
        Some((with_unit(self.indicator, low), with_unit(self.indicator, high)))
    }
    fn points(score: &f64) -> String {
        format_number(*score, 0)
    }
    fn worded(&self, value: &f64) -> String {
        with_unit(self.indicator, *value)
    }
    fn legend(&self) -> &'static str {
        match self.indicator.measure {
            Measure::Computed(_) => "Je corrige la valeur calculée",
            Measure::Asked(_) | Measure::AskedNumber => "Je réponds",
        }
    }
}

fn with_unit(indicator: &Indicator, value: f64) -> String {
    let symbol = indicator.unit.symbol();
    let number = figure(indicator, value);
    if symbol.is_empty() {
        number
    } else {
        format!("{number}\u{a0}{symbol}")
    }
}

pub(super) async fn show(me: Observer, Path((year, code)): Path<(i32, String)>) -> Result<Response> {
    let staff = me.rows().is_some();
    let may_edit = me.is_manager();
    let indicator = find(&code).or_not_found()?;
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let (judged, years) = years(&mut db, &scope, year, me.today()).await?;
    let answers = store::answers(&mut db, &scope, judged.evaluation.id).await?;
    let form = AnswerForm::of(&answers.get(indicator.code).cloned().unwrap_or_default());
    let page = page(
        &mut db,
        (&scope, me.today()),
        (indicator, judged, &years),
        (staff, may_edit),
    )
    .await?;
    Ok(Page(IndicatorPage { form, ..page }).into_response())
}

/// The year asked for, and the others.
async fn years(
    db: &mut PgConnection,
    scope: &crate::platform::access::AggregateScope,
    year: i32,
    today: NaiveDate,
) -> Result<(Judged, Vec<Judged>)> {
    let mut all = Judged::all(db, scope, today).await?;
    let rank = all.iter().position(|one| one.evaluation.year == year);
    let judged = all.remove(rank.or_not_found()?);
    Ok((judged, all))
}

type Place<'a> = (&'a crate::platform::access::AggregateScope, NaiveDate);

async fn page(
    db: &mut PgConnection,
    (scope, today): Place<'_>,
    (indicator, judged, others): (&'static Indicator, Judged, &[Judged]),
    (staff, may_edit): (bool, bool),
) -> Result<IndicatorPage> {
    let line = judged.line(indicator.code).cloned().or_not_found()?;
    let targets = match programmes::store::current(db, scope, today).await? {
        Some(programme) => programmes::store::targets(db, scope, programme.id).await?,
        None => Vec::new(),
    };
    let targets: Vec<_> = targets
        .into_iter()
        .filter(|target| target.indicator == indicator.code)
        .map(|target| (target.due_on, target.value, target.is_baseline))
        .collect();
    let mut shown: Vec<&Judged> = others.iter().filter(|one| !one.evaluation.is_open()).collect();
    shown.push(&judged);
    shown.sort_by_key(|one| -one.evaluation.year);
    let (history, marks) = history(indicator, &shown, staff);
    Ok(IndicatorPage {
        chart: chart(indicator, &marks, &targets),
        indicator,
        judged,
        line,
        form: AnswerForm::default(),
        errors: Errors::default(),
        staff,
        may_edit,
        history,
        targets,
    })
}

/// The years, newest first, with what may be shown of each.
fn history(indicator: &Indicator, years: &[&Judged], staff: bool) -> (Vec<Past>, Vec<Mark>) {
    let (mut past, mut marks) = (Vec::new(), Vec::new());
    for judged in years {
        let Some(line) = judged.line(indicator.code) else {
            continue;
        };
        let hidden = !staff && judged.masked.contains(&line.code);
        let year = judged.evaluation.year;
        if let Some(value) = line.value().filter(|_| !hidden) {
            marks.push(Mark {
                at: f64::from(year),
                value,
                label: figure(indicator, value),
            });
        }
        past.push(Past {
            year,
            value: match line.value() {
                _ if hidden => HIDDEN.to_owned(),
                Some(value) => with_unit(indicator, value),
                None => "non estimé".to_owned(),
            },
            score: line.score().filter(|_| !hidden),
            closed: !judged.evaluation.is_open(),
        });
    }
    marks.reverse();
    (past, marks)
}

fn chart(indicator: &Indicator, marks: &[Mark], targets: &[(NaiveDate, Option<f64>, bool)]) -> Option<Svg> {
    let aimed: Vec<_> = targets
        .iter()
        .filter_map(|(due_on, value, _)| {
            let day_share = f64::from(due_on.ordinal()) / 366.0;
            Some(Mark {
                at: f64::from(due_on.year()) - 1.0 + day_share,
                value: (*value)?,
                label: figure(indicator, (*value)?),
            })
        })
        .collect();
    if marks.len() + aimed.len() < 2 {
        return None;
    }
    let title = format!("{} par année.", indicator.title);
    let told: Vec<_> = marks
        .iter()
        .map(|mark| format!("{}\u{a0}: {}", mark.at, mark.label))
        .collect();
    let description = format!(
        "Trait plein\u{a0}: valeurs des évaluations ({}). Tirets\u{a0}: référence et objectifs du contrat.",
        told.join("\u{202f}; ")
    );
    let caption = Caption {
        id: "courbe",
        title: &title,
        description: &description,
    };
    Some(curve(caption, marks, &aimed))
}

pub(super) async fn answer(
    me: Manager,
    Path((year, code)): Path<(i32, String)>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let indicator = find(&code).or_not_found()?;
    let scope = me.scope()?;
    let answer = match form.parse(indicator) {
        Ok(answer) => answer,
        Err(errors) => {
            let mut db = me.read().await?;
            let own = scope.aggregate();
            let (judged, years) = years(&mut db, &own, year, me.today()).await?;
            let asked = (indicator, judged, years.as_slice());
            let page = page(&mut db, (&own, me.today()), asked, (true, true)).await?;
            let page = IndicatorPage { form, errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let saved = me
        .transact(async |tx| -> Result<bool> {
            let (id, state) = store::lock(tx, &scope, year).await?.or_not_found()?;
            if state == EvaluationState::Closed {
                return Err(AppError::Conflict(format!(
                    "L’évaluation {year} est clôturée\u{a0}: ses réponses ne changent plus."
                )));
            }
            Ok(store::save_answer(tx, &scope, (id, indicator.code), &answer).await?)
        })
        .await?;
    if !saved {
        return Err(AppError::Conflict(
            "Quelqu’un a répondu à cet indicateur pendant ce temps. Revenez à sa page pour lire sa réponse."
                .to_owned(),
        ));
    }
    let message = format!("{} est enregistré.", indicator.code);
    Ok(me.done(message, paths::year(&year)).into_response())
}

#[cfg(test)]
mod tests {
    use super::AnswerForm;
    use crate::indicators::catalogue::find;

    fn form(value: &str, justification: &str, evidence: &str) -> AnswerForm {
        AnswerForm {
            value: value.to_owned(),
            justification: justification.to_owned(),
            evidence: evidence.to_owned(),
            ..AnswerForm::default()
        }
    }

    #[test]
    fn a_correction_says_why_and_a_level_says_what_shows_it() {
        let (computed, asked) = (find("A01").unwrap(), find("A14").unwrap());
        assert!(
            form("72", "", "")
                .parse(computed)
                .unwrap_err()
                .has("justification")
        );
        assert_eq!(
            form("72", "Registre papier", "").parse(computed).unwrap().value,
            Some(72.0)
        );
        assert_eq!(
            form("", "", "").parse(computed).unwrap().value,
            None,
            "back to the computed one"
        );
        assert!(form("3", "", "").parse(asked).unwrap_err().has("evidence"));
        assert!(
            form("5", "", "Compte rendu")
                .parse(asked)
                .unwrap_err()
                .has("value")
        );
        assert_eq!(
            form("3", "", "Compte rendu").parse(asked).unwrap().value,
            Some(3.0)
        );
    }

    #[test]
    fn what_is_mandatory_concerns_everybody() {
        let not_concerned = |value: &str| AnswerForm {
            not_concerned: "true".to_owned(),
            ..form(value, "Aucun atelier", "")
        };
        let (mandatory, free) = (find("A17").unwrap(), find("A19").unwrap());
        assert!(
            not_concerned("")
                .parse(mandatory)
                .unwrap_err()
                .has("not_concerned")
        );
        assert!(not_concerned("3").parse(free).unwrap_err().has("not_concerned"));
        assert!(not_concerned("").parse(free).unwrap().is_not_concerned);
    }
}
