//! Screen: a synergy that is not pursued, with its motive: set aside before the companies hear of it,
//! abandoned with them, or interrupted once in place.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{Step, StepKind};
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
pub(super) struct EndingForm {
    motive: String,
    comment: String,
    version: String,
}

const LONGEST: usize = 2_000;

/// The three ways of stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Reject,
    Abandon,
    Interrupt,
}

impl Ending {
    fn kind(self) -> StepKind {
        match self {
            Self::Reject => StepKind::Reject,
            Self::Abandon => StepKind::Abandon,
            Self::Interrupt => StepKind::Interrupt,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Reject => "J’écarte cette proposition",
            Self::Abandon => "J’abandonne cette synergie",
            Self::Interrupt => "Les échanges se sont arrêtés",
        }
    }

    fn lede(self) -> &'static str {
        match self {
            Self::Reject => {
                "Le motif est gardé\u{a0}: elle ne reviendra que si un fait qu’il concerne change."
            }
            Self::Abandon => {
                "Le motif est gardé et sert aux prochaines propositions. Vous pourrez la reprendre."
            }
            Self::Interrupt => "Ses résultats restent comptés jusqu’à aujourd’hui.",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Reject => "J’écarte",
            Self::Abandon => "J’abandonne",
            Self::Interrupt => "Je note l’interruption",
        }
    }

    fn path(self, id: &SynergyId) -> String {
        match self {
            Self::Reject => paths::reject(id),
            Self::Abandon => paths::abandon(id),
            Self::Interrupt => paths::interrupt(id),
        }
    }

    fn step(self, motive: &'static Motive, comment: Option<String>) -> Step {
        match self {
            Self::Reject => Step::Reject { motive, comment },
            Self::Abandon => Step::Abandon { motive, comment },
            Self::Interrupt => Step::Interrupt { motive, comment },
        }
    }
}

impl EndingForm {
    fn parse(&self, ending: Ending) -> Result<Step, Errors> {
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
            Some(motive) if errors.is_empty() => Ok(ending.step(motive, optional(&self.comment))),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/ending.html")]
struct End {
    ending: Ending,
    detail: Detail,
    action: String,
    families: Vec<Group>,
    form: EndingForm,
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

pub(super) async fn reject(me: Staff, id: Path<SynergyId>, filters: Query<Filters>) -> Result<Response> {
    show(&me, &filters.0, id.0, Ending::Reject).await
}

pub(super) async fn abandon(me: Staff, id: Path<SynergyId>, filters: Query<Filters>) -> Result<Response> {
    show(&me, &filters.0, id.0, Ending::Abandon).await
}

pub(super) async fn interrupt(me: Staff, id: Path<SynergyId>, filters: Query<Filters>) -> Result<Response> {
    show(&me, &filters.0, id.0, Ending::Interrupt).await
}

async fn show(me: &Staff, filters: &Filters, id: SynergyId, ending: Ending) -> Result<Response> {
    let fresh = (EndingForm::default(), Errors::default());
    page(me, filters, (id, ending), fresh, StatusCode::OK).await
}

async fn page(
    me: &Staff,
    filters: &Filters,
    (id, ending): (SynergyId, Ending),
    (mut form, errors): (EndingForm, Errors),
    status: StatusCode,
) -> Result<Response> {
    let detail = match status {
        StatusCode::OK => acts::stepping(me, filters, id, ending.kind()).await?,
        _ => acts::detail(me, filters, id).await?,
    };
    if form.version.is_empty() {
        form.version = detail.synergy.version.to_string();
    }
    let action = filters.carry(&ending.path(&id));
    let families = families(&form.motive);
    Ok((
        status,
        Page(End {
            ending,
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

pub(super) async fn submit_rejection(
    me: Staff,
    id: Path<SynergyId>,
    filters: Query<Filters>,
    form: Form<EndingForm>,
) -> Result<Response> {
    submit(&me, &filters.0, (id.0, Ending::Reject), form.0).await
}

pub(super) async fn submit_abandon(
    me: Staff,
    id: Path<SynergyId>,
    filters: Query<Filters>,
    form: Form<EndingForm>,
) -> Result<Response> {
    submit(&me, &filters.0, (id.0, Ending::Abandon), form.0).await
}

pub(super) async fn submit_interruption(
    me: Staff,
    id: Path<SynergyId>,
    filters: Query<Filters>,
    form: Form<EndingForm>,
) -> Result<Response> {
    submit(&me, &filters.0, (id.0, Ending::Interrupt), form.0).await
}

async fn submit(
    me: &Staff,
    filters: &Filters,
    (id, ending): (SynergyId, Ending),
    form: EndingForm,
) -> Result<Response> {
    let step = match form.parse(ending) {
        Ok(step) => step,
        Err(errors) => {
            let refused = StatusCode::UNPROCESSABLE_ENTITY;
            return page(me, filters, (id, ending), (form, errors), refused).await;
        }
    };
    let scope = me.scope()?;
    let next = acts::next(me, filters, id).await?;
    let words = step.event();
    me.transact(async |tx| -> Result<()> {
        store::advance_seen(tx, &scope, id, seen(&form.version), step).await?;
        Ok(())
    })
    .await?;
    match ending {
        Ending::Reject => Ok(acts::onward(me, filters, next, format!("Proposition {words}."))),
        Ending::Abandon => Ok(acts::onward(me, filters, next, format!("Synergie {words}."))),
        Ending::Interrupt => {
            let message = format!("C’est noté\u{a0}: {words}.");
            Ok(me.done(message, filters.look_at(&id)).into_response())
        }
    }
}
