//! Screen: a company says that one of its flows is not what is recorded, or that one is missing. An
//! advisor decides; until then nothing changes.

use super::requests::{Asked, Subject};
use super::{paths, store};
use crate::kernel::ids::{CorrectionId, EstablishmentId, FlowId};
use crate::kernel::measure::{Measure, Typed};
use crate::kernel::{Direction, Period};
use crate::platform::access::CompanyUser;
use crate::platform::web::{Choice, Errors, Form, OptionExt, Page, Query, Result, checked, clean, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// What it is about: a flow of ours, or an establishment of ours that has one more.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct About {
    #[serde(rename = "flux")]
    flow: String,
    #[serde(rename = "etablissement")]
    establishment: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct CorrectionForm {
    /// Given with the empty form: sent twice, it is one correction.
    id: String,
    flow: String,
    establishment: String,
    label: String,
    direction: String,
    quantity: String,
    unit: String,
    period: String,
    is_gone: String,
    comment: String,
}

#[derive(Template)]
#[template(path = "portal/correction.html")]
struct Correction {
    form: CorrectionForm,
    /// The flow as recorded; none when one is missing.
    known: Option<store::OwnFlowRow>,
    establishment: String,
    periods: Vec<Choice>,
    directions: Vec<Choice>,
    errors: Errors,
}

impl Correction {
    fn is_gone(&self) -> bool {
        checked(&self.form.is_gone)
    }
}

/// What the form is about, if it is the company's own.
enum Target {
    Flow(Box<store::OwnFlowRow>),
    Missing(store::OwnEstablishment),
}

async fn target(me: &CompanyUser, flow: &str, establishment: &str) -> Result<Target> {
    let scope = me.scope();
    let mut db = me.read().await?;
    if let Ok(id) = flow.parse::<FlowId>() {
        let flow = store::flow(&mut db, &scope, id).await?.or_not_found()?;
        return Ok(Target::Flow(Box::new(flow)));
    }
    let id: EstablishmentId = establishment.parse().ok().or_not_found()?;
    let own = store::establishments(&mut db, &scope).await?;
    let found = own.into_iter().find(|own| own.id == id).or_not_found()?;
    Ok(Target::Missing(found))
}

fn page(form: CorrectionForm, target: Target, errors: Errors) -> Correction {
    let (known, establishment) = match target {
        Target::Flow(flow) => {
            let name = flow.establishment.clone();
            (Some(*flow), name)
        }
        Target::Missing(establishment) => (None, establishment.name),
    };
    Correction {
        form,
        known,
        establishment,
        periods: Choice::pairs(Period::ALL.iter().map(|period| (period.word(), period.label()))),
        directions: Choice::pairs([
            (Direction::Inbound.word(), "Nous l’utilisons ou le cherchons"),
            (Direction::Outbound.word(), "Nous l’avons ou le jetons"),
        ]),
        errors,
    }
}

pub(super) async fn show(me: CompanyUser, Query(about): Query<About>) -> Result<Response> {
    let target = target(&me, &about.flow, &about.establishment).await?;
    let form = match &target {
        Target::Flow(flow) => CorrectionForm {
            id: CorrectionId::fresh().to_string(),
            flow: about.flow,
            quantity: flow.quantity_typed(),
            unit: flow.unit_symbol().to_owned(),
            period: flow
                .period
                .map(|p| p.word().to_owned())
                .unwrap_or_else(|| Period::Year.word().to_owned()),
            ..CorrectionForm::default()
        },
        Target::Missing(_) => CorrectionForm {
            id: CorrectionId::fresh().to_string(),
            establishment: about.establishment,
            period: Period::Year.word().to_owned(),
            ..CorrectionForm::default()
        },
    };
    Ok(Page(page(form, target, Errors::default())).into_response())
}

impl CorrectionForm {
    fn parse(&self, target: &Target) -> Result<Asked, Errors> {
        let mut errors = Errors::default();
        let is_gone = checked(&self.is_gone);
        let is_same = matches!(target, Target::Flow(flow) if self.repeats(flow));
        let measure = Measure::parse(
            Typed {
                quantity: &self.quantity,
                unit: &self.unit,
                period: &self.period,
            },
            None,
        );
        let measure = match measure {
            Ok(measure) => measure.filter(|_| !is_same),
            Err(_) if is_gone => None,
            Err(refusal) => {
                errors.add(refusal.field(), refusal.to_string());
                None
            }
        };
        let subject = match target {
            Target::Flow(flow) => Some(Subject::Flow(flow.id)),
            Target::Missing(_) => self.missing(&mut errors),
        };
        if self.comment.chars().count() > 2_000 {
            errors.add(
                "comment",
                "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.",
            );
        }
        let comment = optional(&self.comment);
        let says_nothing =
            matches!(target, Target::Flow(_)) && !is_gone && measure.is_none() && comment.is_none();
        if says_nothing && errors.is_empty() {
            errors.add(
                "quantity",
                "Indiquez la quantité juste, ou dites en quelques mots ce qui a changé.",
            );
        }
        match subject {
            Some(subject) if errors.is_empty() => Ok(Asked {
                id: self.id.parse().unwrap_or_else(|_| CorrectionId::fresh()),
                subject,
                measure,
                is_gone,
                comment,
            }),
            _ => Err(errors),
        }
    }

    /// The quantity was left as it is recorded: nothing is said of it, and a measure stays a measure.
    fn repeats(&self, flow: &store::OwnFlowRow) -> bool {
        self.quantity.trim() == flow.quantity_typed()
            && self.unit.trim() == flow.unit_symbol()
            && flow.period.is_none_or(|period| self.period == period.word())
    }

    fn missing(&self, errors: &mut Errors) -> Option<Subject> {
        let label = clean(&self.label);
        if label.is_empty() || label.chars().count() > 200 {
            errors.add(
                "label",
                "Nommez ce qui manque, par exemple «\u{a0}palettes perdues\u{a0}».",
            );
        }
        let direction = Direction::parse(&self.direction).ok();
        if direction.is_none() {
            errors.add("direction", "Dites si vous l’avez ou si vous le cherchez.");
        }
        Some(Subject::Missing {
            label,
            direction: direction?,
        })
    }
}

pub(super) async fn submit(me: CompanyUser, Form(form): Form<CorrectionForm>) -> Result<Response> {
    let target = target(&me, &form.flow, &form.establishment).await?;
    let asked = match form.parse(&target) {
        Ok(asked) => asked,
        Err(errors) => {
            let page = page(form, target, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let establishment = match &target {
        Target::Flow(flow) => flow.establishment_id,
        Target::Missing(establishment) => establishment.id,
    };
    let scope = me.scope();
    me.transact(async |tx| -> Result<()> {
        store::requests::ask(tx, &scope, establishment, &asked)
            .await?
            .then_some(())
            .or_not_found()
    })
    .await?;
    let message = "Votre correction est transmise. Un conseiller la lit, puis met votre fiche à jour.";
    Ok(me.done(message, paths::SPACE).into_response())
}
