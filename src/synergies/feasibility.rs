//! Screen: the feasibility sheet of a synergy, filled with the companies: six axes, judged one by one,
//! until the study is over.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{Axis, Grade, Grid, NotFeasible, State, Step, StepKind, Wanted};
use super::paths;
use super::store::{self, study};
use super::view::{Detail, capital};
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Choice, Errors, Form, Page, Path, Query, Result, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;

/// What was typed, by name: `technical`, `technical_comment`…
#[derive(Debug, Default, Clone, serde::Deserialize)]
pub(super) struct StudyForm {
    #[serde(flatten)]
    typed: BTreeMap<String, String>,
}

const LONGEST: usize = 2_000;

type Lines = Vec<(Axis, Option<Grade>, Option<String>)>;

impl StudyForm {
    fn of(grid: &[(Axis, Grade, Option<String>)]) -> Self {
        let mut typed = BTreeMap::new();
        for (axis, grade, comment) in grid {
            typed.insert(axis.code().to_owned(), grade.code().to_owned());
            typed.insert(comment_of(*axis), comment.clone().unwrap_or_default());
        }
        Self { typed }
    }

    fn get(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    /// Every axis as it stands, judged or not.
    fn lines(&self) -> Result<Lines, Errors> {
        let mut errors = Errors::default();
        let mut lines = Vec::new();
        for axis in Axis::ALL {
            let comment = self.get(&comment_of(*axis));
            if comment.chars().count() > LONGEST {
                errors.add(
                    comment_of(*axis),
                    "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.",
                );
            }
            let grade = Grade::parse(self.get(axis.code()));
            lines.push((*axis, grade, optional(comment)));
        }
        if errors.is_empty() { Ok(lines) } else { Err(errors) }
    }
}

fn comment_of(axis: Axis) -> String {
    format!("{}_comment", axis.code())
}

/// All six, none blocking.
fn complete(lines: Lines) -> Result<Grid, Errors> {
    Grid::new(Wanted::All, lines).map_err(|refused| {
        let mut errors = Errors::default();
        for refusal in refused {
            errors.add(NotFeasible::axis(refusal).code(), refusal.to_string());
        }
        errors
    })
}

struct AxisField {
    code: &'static str,
    label: &'static str,
    hint: &'static str,
    grade: String,
    comment: String,
}

#[derive(Template)]
#[template(path = "synergies/feasibility.html")]
struct Sheet {
    detail: Detail,
    action: String,
    axes: Vec<AxisField>,
    grades: Vec<Choice>,
    /// The study may be closed now.
    may_close: bool,
    is_open: bool,
    errors: Errors,
}

/// Studied as long as it is alive.
fn is_open(state: State) -> bool {
    !matches!(
        state,
        State::Rejected | State::Abandoned | State::Duplicate | State::Interrupted
    )
}

async fn page(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    refused: Option<(StudyForm, Errors)>,
) -> Result<Response> {
    let detail = acts::detail(me, filters, id).await?;
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let grid = store::show::grid(&mut *me.read().await?, id).await?;
    let (form, errors) = refused.unwrap_or_else(|| (StudyForm::of(&grid), Errors::default()));
    let field = |axis: &Axis| AxisField {
        code: axis.code(),
        label: axis.label(),
        hint: axis.hint(),
        grade: form.get(axis.code()).to_owned(),
        comment: form.get(&comment_of(*axis)).to_owned(),
    };
    let page = Sheet {
        action: filters.carry(&paths::feasibility(&id)),
        axes: Axis::ALL.iter().map(field).collect(),
        grades: Choice::pairs(
            [Grade::Green, Grade::Orange, Grade::Red].map(|g| (g.code(), capital(g.label()))),
        ),
        may_close: detail.synergy.state.allows(StepKind::Study),
        is_open: is_open(detail.synergy.state),
        detail,
        errors,
    };
    Ok((status, Page(page)).into_response())
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    page(&me, &filters, id, None).await
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<StudyForm>,
) -> Result<Response> {
    // Outside the scope the synergy does not exist, before anything is said of the form.
    let detail = acts::detail(&me, &filters, id).await?;
    if !is_open(detail.synergy.state) {
        let sentence = format!(
            "Cette synergie est «\u{a0}{}\u{a0}».",
            detail.synergy.state.label()
        );
        return Err(AppError::Conflict(sentence));
    }
    let closes = !form.get("done").is_empty();
    let read = match form.lines() {
        Ok(lines) if closes => complete(lines).map(Some).map_err(|errors| (form.clone(), errors)),
        Ok(lines) => {
            save(&me, id, &lines).await?;
            Ok(None)
        }
        Err(errors) => Err((form.clone(), errors)),
    };
    match read {
        Err(refused) => page(&me, &filters, id, Some(refused)).await,
        Ok(None) => Ok(me
            .done(
                "L’étude est enregistrée.",
                filters.carry(&paths::feasibility(&id)),
            )
            .into_response()),
        Ok(Some(grid)) => {
            let scope = me.scope()?;
            let version = seen(form.get("version"));
            let synergy = me
                .transact(async |tx| -> Result<store::Synergy> {
                    Ok(store::advance_seen(tx, &scope, id, version, Step::Study(grid)).await?)
                })
                .await?;
            let message = "La faisabilité est étudiée\u{a0}: la mise en œuvre peut commencer.";
            Ok(me
                .done(message, filters.follow(&id, synergy.state))
                .into_response())
        }
    }
}

async fn save(me: &Staff, id: SynergyId, lines: &Lines) -> Result<()> {
    let scope = me.scope()?;
    let judged: Vec<_> = lines
        .iter()
        .filter_map(|(axis, grade, comment)| Some((*axis, (*grade)?, comment.clone())))
        .collect();
    me.transact(async |tx| -> Result<()> { Ok(study::judge(tx, &scope, id, &judged).await?) })
        .await
}

#[cfg(test)]
mod tests {
    use super::{StudyForm, complete};
    use crate::synergies::model::{Axis, Grade};

    #[test]
    fn a_study_is_over_when_six_axes_are_judged_and_none_blocks() {
        let all = |grade| {
            Axis::ALL
                .iter()
                .map(|axis| (*axis, grade, None))
                .collect::<Vec<_>>()
        };
        let mut form = StudyForm::of(&all(Grade::Green));
        assert!(complete(form.lines().unwrap()).is_ok());
        form.typed.insert("social".to_owned(), String::new());
        form.typed.insert("geographic".to_owned(), "red".to_owned());
        let errors = complete(form.lines().unwrap()).unwrap_err();
        assert!(errors.has("social") && errors.has("geographic"));
        assert_eq!(errors.summary().len(), 2);
    }
}
