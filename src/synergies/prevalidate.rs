//! Screen: « Je pré-valide », with the short feasibility grid and, for waste, the regulatory check.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{Axis, Grade, Grid, NotFeasible, Step, StepKind, Wanted};
use super::paths;
use super::store;
use super::view::Detail;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Errors, Form, Page, Path, Query, Result, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// One grade and one comment per axis.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PrevalidateForm {
    technical: String,
    technical_comment: String,
    economic: String,
    economic_comment: String,
    regulatory: String,
    regulatory_comment: String,
    organisational: String,
    organisational_comment: String,
    /// `done` or `to_do`, when the question is asked.
    check: String,
    version: String,
}

const TO_DO: &str = "Contrôle réglementaire à faire.";
const DONE: &str = "Contrôle réglementaire fait.";

impl PrevalidateForm {
    fn grade(&self, axis: Axis) -> &str {
        match axis {
            Axis::Technical => &self.technical,
            Axis::Economic => &self.economic,
            Axis::Regulatory => &self.regulatory,
            Axis::Organisational => &self.organisational,
            Axis::Geographic | Axis::Social => "",
        }
    }

    fn comment(&self, axis: Axis) -> &str {
        match axis {
            Axis::Technical => &self.technical_comment,
            Axis::Economic => &self.economic_comment,
            Axis::Regulatory => &self.regulatory_comment,
            Axis::Organisational => &self.organisational_comment,
            Axis::Geographic | Axis::Social => "",
        }
    }

    /// The comment of an axis, opened by the answer to the regulatory question.
    fn said(&self, axis: Axis, must_check: MustCheck) -> Option<String> {
        let own = optional(self.comment(axis));
        let answer = match (axis, must_check, self.check.as_str()) {
            (Axis::Regulatory, MustCheck::Yes, "done") => DONE,
            (Axis::Regulatory, MustCheck::Yes, "to_do") => TO_DO,
            _ => return own,
        };
        Some(own.map_or_else(|| answer.to_owned(), |words| format!("{answer} {words}")))
    }

    fn parse(&self, must_check: MustCheck) -> Result<Grid, Errors> {
        let mut errors = Errors::default();
        if must_check == MustCheck::Yes {
            match self.check.as_str() {
                "done" => {}
                "to_do" if Grade::parse(&self.regulatory) == Some(Grade::Green) => errors.add(
                    "regulatory",
                    "Un contrôle réglementaire reste à faire\u{a0}: cet axe ne peut pas encore être acquis.",
                ),
                "to_do" => {}
                _ => errors.add(
                    "check",
                    "Dites si le contrôle réglementaire est fait ou reste à faire.",
                ),
            }
        }
        let grades = Wanted::First.axes().iter().map(|axis| {
            (
                *axis,
                Grade::parse(self.grade(*axis)),
                self.said(*axis, must_check),
            )
        });
        match Grid::new(Wanted::First, grades.collect()) {
            Ok(grid) if errors.is_empty() => Ok(grid),
            Ok(_) => Err(errors),
            Err(refused) => {
                for refusal in refused {
                    errors.add(NotFeasible::axis(refusal).code(), refusal.to_string());
                }
                Err(errors)
            }
        }
    }
}

/// Whether the regulatory question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MustCheck {
    Yes,
    No,
}

#[derive(Template)]
#[template(path = "synergies/prevalidate.html")]
struct Prevalidate {
    detail: Detail,
    action: String,
    axes: Vec<AxisField>,
    grades: Vec<Choice>,
    answers: Vec<Choice>,
    form: PrevalidateForm,
    errors: Errors,
}

struct AxisField {
    code: &'static str,
    label: &'static str,
    hint: &'static str,
    grade: String,
    comment: String,
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    let detail = acts::stepping(&me, &filters, id, StepKind::Prevalidate).await?;
    Ok(page(
        detail,
        &filters,
        PrevalidateForm::default(),
        Errors::default(),
        StatusCode::OK,
    ))
}

fn page(
    detail: Detail,
    filters: &Filters,
    mut form: PrevalidateForm,
    errors: Errors,
    status: StatusCode,
) -> Response {
    if form.version.is_empty() {
        form.version = detail.synergy.version.to_string();
    }
    let action = filters.carry(&paths::prevalidate(&detail.synergy.id));
    let field = |axis: &Axis| AxisField {
        code: axis.code(),
        label: axis.label(),
        hint: axis.hint(),
        grade: form.grade(*axis).to_owned(),
        comment: form.comment(*axis).to_owned(),
    };
    let axes = Wanted::First.axes().iter().map(field).collect();
    let grades = [Grade::Green, Grade::Orange, Grade::Red]
        .map(|g| Choice::new(g.code(), super::view::capital(g.label())));
    let answers = vec![
        Choice::new("done", "Fait\u{a0}: rien ne s’y oppose"),
        Choice::new("to_do", "À faire avant la mise en relation"),
    ];
    (
        status,
        Page(Prevalidate {
            detail,
            action,
            axes,
            grades: grades.into(),
            answers,
            form,
            errors,
        }),
    )
        .into_response()
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<PrevalidateForm>,
) -> Result<Response> {
    let detail = acts::detail(&me, &filters, id).await?;
    let must_check = if detail.regulatory.is_some() {
        MustCheck::Yes
    } else {
        MustCheck::No
    };
    let grid = match form.parse(must_check) {
        Ok(grid) => grid,
        Err(errors) => {
            return Ok(page(
                detail,
                &filters,
                form,
                errors,
                StatusCode::UNPROCESSABLE_ENTITY,
            ));
        }
    };
    let scope = me.scope()?;
    let next = acts::next(&me, &filters, id).await?;
    let is_left = must_check == MustCheck::Yes && form.check == "to_do";
    let left: Vec<_> = detail
        .exchange
        .points()
        .into_iter()
        .filter(|point| point.blocks && is_left)
        .collect();
    me.transact(async |tx| -> Result<()> {
        store::advance_seen(tx, &scope, id, seen(&form.version), Step::Prevalidate(grid)).await?;
        store::study::to_check(tx, id, &left).await?;
        Ok(())
    })
    .await?;
    Ok(acts::onward(
        &me,
        &filters,
        next,
        format!("Proposition pré-validée\u{a0}: {}.", detail.synergy.title),
    ))
}

#[cfg(test)]
mod tests {
    use super::{MustCheck, PrevalidateForm};
    use crate::synergies::model::Axis;

    fn graded(regulatory: &str, check: &str) -> PrevalidateForm {
        PrevalidateForm {
            technical: "green".to_owned(),
            economic: "orange".to_owned(),
            regulatory: regulatory.to_owned(),
            organisational: "green".to_owned(),
            check: check.to_owned(),
            ..PrevalidateForm::default()
        }
    }

    #[test]
    fn a_red_axis_refuses_and_a_missing_one_asks() {
        let errors = graded("red", "").parse(MustCheck::No).unwrap_err();
        assert_eq!(
            errors.on("regulatory"),
            [
                "L’axe «\u{a0}Réglementaire\u{a0}» est bloquant\u{a0}: la synergie ne peut pas aller plus loin."
            ]
        );
        assert_eq!(
            PrevalidateForm::default()
                .parse(MustCheck::No)
                .unwrap_err()
                .summary()
                .len(),
            4
        );
        assert!(graded("green", "").parse(MustCheck::No).is_ok());
    }

    #[test]
    fn the_regulatory_question_must_be_answered_and_stays_written() {
        assert!(
            graded("green", "")
                .parse(MustCheck::Yes)
                .unwrap_err()
                .has("check")
        );
        assert!(
            graded("green", "to_do")
                .parse(MustCheck::Yes)
                .unwrap_err()
                .has("regulatory")
        );
        let grid = graded("orange", "to_do").parse(MustCheck::Yes).unwrap();
        let said = grid
            .lines()
            .iter()
            .find(|(axis, ..)| *axis == Axis::Regulatory)
            .unwrap();
        assert_eq!(said.2.as_deref(), Some("Contrôle réglementaire à faire."));
        assert!(graded("green", "done").parse(MustCheck::Yes).is_ok());
    }
}
