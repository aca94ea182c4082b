//! An answer to what proposals wait to know of a flow: one field, saved like the whole form, so that two
//! people who answer at once are merged or shown their three values.

use super::edit;
use super::form::FlowForm;
use super::model::Flow;
use super::store;
use crate::kernel::ids::FlowId;
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Path, Result, clean};
use axum::response::Response;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    sujet: String,
    question: String,
    /// What the flow said of it when it was asked.
    base: String,
    valeur: String,
    retour: String,
}

/// What may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Quantity,
    Cost,
    Quality,
}

impl Subject {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "quantite" => Some(Self::Quantity),
            "cout" => Some(Self::Cost),
            "qualite" => Some(Self::Quality),
            _ => None,
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::Cost => "annual_cost",
            Self::Quality => "quality",
        }
    }

    fn set(self, form: &mut FlowForm, value: &str) {
        let field = match self {
            Self::Quantity => {
                form.unit.clear();
                form.period.clear();
                &mut form.quantity
            }
            Self::Cost => &mut form.annual_cost,
            Self::Quality => &mut form.quality,
        };
        value.clone_into(field);
    }
}

impl AnswerForm {
    /// What the field becomes: a quality is told after what was known of it, with its question.
    fn value(&self, subject: Subject, base: &str) -> String {
        let value = clean(&self.valeur);
        match subject {
            Subject::Quality => {
                let told = format!("{}\u{a0}: {value}", clean(&self.question));
                match base.trim() {
                    "" => told,
                    base => format!("{base}\u{a0}; {told}"),
                }
            }
            Subject::Quantity | Subject::Cost => value,
        }
    }

    /// The whole form, as if it had been opened when the question was asked.
    fn over(&self, flow: &Flow, subject: Subject) -> FlowForm {
        let mut seen = FlowForm::of(flow);
        let base = match subject {
            Subject::Quality => as_written(&self.base, &seen.quality).to_owned(),
            Subject::Quantity | Subject::Cost => self.base.clone(),
        };
        subject.set(&mut seen, &base);
        let mut form = seen.clone();
        subject.set(&mut form, &self.value(subject, &base));
        FlowForm {
            original: serde_json::to_string(&seen).unwrap_or_default(),
            // Never the version stored: what changed since is always compared.
            version: String::new(),
            back: self.retour.clone(),
            ..form
        }
    }
}

/// What the flow said when it was asked, as the flow writes it when it still says so: browsers send line
/// breaks in a way of their own.
fn as_written<'a>(base: &'a str, own: &'a str) -> &'a str {
    let plain = |text: &str| text.replace("\r\n", "\n");
    if plain(base) == plain(own) { own } else { base }
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<FlowId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let subject = Subject::parse(&form.sujet)
        .ok_or_else(|| AppError::BadRequest("Cette question n’existe pas.".to_owned()))?;
    let flow = store::find(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()?;
    if clean(&form.valeur).is_empty() {
        let errors = Errors::one(
            subject.field(),
            "Donnez une réponse, ou laissez cette question de côté.",
        );
        let form = FlowForm {
            back: form.retour,
            original: edit::original(&flow),
            ..FlowForm::of(&flow)
        };
        return edit::page(&me, &flow, form, errors).await;
    }
    edit::settle(me, id, form.over(&flow, subject)).await
}

#[cfg(test)]
mod tests {
    use super::{AnswerForm, Subject, as_written};

    #[test]
    fn a_quality_is_told_after_what_was_known() {
        let answer = AnswerForm {
            question: "Taux d’humidité".to_owned(),
            valeur: " 12 % ".to_owned(),
            ..AnswerForm::default()
        };
        assert_eq!(answer.value(Subject::Quality, ""), "Taux d’humidité\u{a0}: 12 %");
        assert_eq!(
            answer.value(Subject::Quality, "propre"),
            "propre\u{a0}; Taux d’humidité\u{a0}: 12 %"
        );
        assert_eq!(answer.value(Subject::Cost, ""), "12 %");
    }

    #[test]
    fn line_breaks_sent_by_a_browser_are_no_change() {
        assert_eq!(as_written("propre\r\net sec", "propre\net sec"), "propre\net sec");
        assert_eq!(as_written("propre\r\net sec", "sale"), "propre\r\net sec");
    }
}
