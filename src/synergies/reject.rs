//! Screen: « J’écarte… », with its motive.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::Step;
use super::motives::{Motive, MotiveFamily};
use super::paths;
use super::store;
use super::view::Detail;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Errors, Form, Page, Path, Query, Result, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct RejectForm {
    motive: String,
    comment: String,
    version: String,
}

const LONGEST: usize = 2_000;

impl RejectForm {
    fn parse(&self) -> Result<Step, Errors> {
        let mut errors = Errors::default();
        let motive = Motive::find(&self.motive);
        if motive.is_none() {
            errors.add(
                "motive",
                "Choisissez un motif\u{a0}: il sert à ne pas reproposer la même chose.",
            );
        }
        if self.comment.chars().count() > LONGEST {
            errors.add(
                "comment",
                "Ce commentaire dépasse 2\u{a0}000 caractères\u{a0}: raccourcissez-le.",
            );
        }
        match motive {
            Some(motive) if errors.is_empty() => Ok(Step::Reject {
                motive,
                comment: optional(&self.comment),
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/reject.html")]
struct Reject {
    detail: Detail,
    action: String,
    families: Vec<Group>,
    form: RejectForm,
    errors: Errors,
}

/// The motives of one family; the first of all carries the id that an error leads to.
struct Group {
    label: &'static str,
    motives: Vec<Line>,
}

struct Line {
    id: String,
    code: &'static str,
    label: &'static str,
    is_chosen: bool,
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    page(
        &me,
        &filters,
        id,
        (RejectForm::default(), Errors::default()),
        StatusCode::OK,
    )
    .await
}

async fn page(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    (mut form, errors): (RejectForm, Errors),
    status: StatusCode,
) -> Result<Response> {
    let detail = acts::detail(me, filters, id).await?;
    if form.version.is_empty() {
        form.version = detail.synergy.version.to_string();
    }
    let action = filters.carry(&paths::reject(&id));
    let families = families(&form.motive);
    Ok((
        status,
        Page(Reject {
            detail,
            action,
            families,
            form,
            errors,
        }),
    )
        .into_response())
}

fn families(chosen: &str) -> Vec<Group> {
    let line = |motive: &'static Motive| Line {
        id: if motive.code == super::motives::MOTIVES[0].code {
            "f-motive".to_owned()
        } else {
            format!("f-motive-{}", motive.code)
        },
        code: motive.code,
        label: motive.label,
        is_chosen: motive.code == chosen,
    };
    MotiveFamily::ALL
        .map(|family| Group {
            label: family.label(),
            motives: family.motives().map(line).collect(),
        })
        .into()
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<RejectForm>,
) -> Result<Response> {
    let step = match form.parse() {
        Ok(step) => step,
        Err(errors) => {
            return page(
                &me,
                &filters,
                id,
                (form, errors),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await;
        }
    };
    let scope = me.scope()?;
    let next = acts::next(&me, &filters, id).await?;
    let words = step.event();
    me.transact(async |tx| -> Result<()> {
        store::advance_seen(tx, &scope, id, seen(&form.version), step).await?;
        Ok(())
    })
    .await?;
    Ok(acts::onward(&me, &filters, next, format!("Proposition {words}.")))
}
