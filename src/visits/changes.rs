//! Screen: what changed since the previous diagnostic of the same establishment: flows come, gone
//! and changed, answers that differ; and the previous answers, to take up again.

use super::autosave::may_record;
use super::questionnaire::{self, SECTIONS, SKIPPED};
use super::store::entry::DatedFlow;
use super::{Visit, VisitStatus, paths, store};
use crate::companies;
use crate::flows::model::annual_text;
use crate::flows::{self, Flow};
use crate::kernel::ids::{FlowId, VisitId};
use crate::kernel::{Measure, Unit};
use crate::nomenclature::FlowCode;
use crate::platform::access::Staff;
use crate::platform::journal::Event;
use crate::platform::web::{Done, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// One difference between two diagnostics.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Difference {
    title: String,
    outbound: Option<bool>,
    before: String,
    after: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Differences {
    come: Vec<Difference>,
    gone: Vec<Difference>,
    changed: Vec<Difference>,
    unchanged: usize,
}

#[derive(Template)]
#[template(path = "visits/changes.html")]
struct Changes {
    visit: Visit,
    establishment: String,
    previous: VisitId,
    previous_on: NaiveDate,
    /// None when the previous visit kept no inventory: an import, or a visit of an older version.
    flows: Option<Differences>,
    answers: Vec<Difference>,
    /// Answers of the previous diagnostic that this one has not.
    to_take_up: usize,
}

pub(super) async fn show(me: Staff, Path(id): Path<VisitId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let visit = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let establishment = companies::store::find(&mut db, &scope, visit.establishment_id)
        .await?
        .or_not_found()?;
    let (previous, previous_on) = store::entry::previous(&mut db, &visit).await?.or_not_found()?;
    let before = store::entry::kept_inventory(&mut db, previous).await?;
    let after = if visit.status == VisitStatus::Validated {
        store::entry::kept_inventory(&mut db, id).await?
    } else {
        let inventory = flows::store::of_establishment(&mut db, &scope, visit.establishment_id).await?;
        inventory.into_iter().map(DatedFlow::from).collect()
    };
    let [old, new] = [
        store::entry::answers(&mut db, previous)
            .await?
            .into_iter()
            .collect(),
        store::entry::answers(&mut db, id).await?.into_iter().collect(),
    ];
    let page = Changes {
        flows: (!before.is_empty()).then(|| compare(&before, &after)),
        answers: compare_answers(&old, &new),
        to_take_up: store::entry::to_take_up(&mut db, id, previous).await?,
        establishment: establishment.name,
        previous,
        previous_on,
        visit,
    };
    Ok(Page(page).into_response())
}

/// Takes up the previous answers where this visit has none yet.
pub(super) async fn take_up(me: Staff, Path(id): Path<VisitId>) -> Result<Done> {
    let scope = me.scope()?;
    let taken = me
        .transact(async |tx| -> Result<usize> {
            let visit = store::entry::lock(tx, &scope, id).await?.or_not_found()?;
            may_record(&visit, &[])?;
            let (previous, _) = store::entry::previous(tx, &visit).await?.or_not_found()?;
            let known: BTreeMap<_, _> = store::entry::answers(tx, id).await?.into_iter().collect();
            let old = store::entry::answers(tx, previous).await?;
            let missing: Vec<_> = old
                .into_iter()
                .filter(|(question, _)| !known.contains_key(question))
                .collect();
            for (question, answer) in &missing {
                store::entry::put_answer(tx, id, question, answer).await?;
            }
            tx.nothing_to_record();
            if !missing.is_empty() {
                let event = Event::on("visit", id, "réponses du diagnostic précédent reprises");
                tx.record(event.within(visit.territory_id).after(&missing))
                    .await?;
            }
            Ok(missing.len())
        })
        .await?;
    let message = match taken {
        0 => "Aucune réponse à reprendre.".to_owned(),
        1 => "Une réponse reprise : vérifiez-la avec l’entreprise.".to_owned(),
        n => format!("{n} réponses reprises : vérifiez-les avec l’entreprise."),
    };
    Ok(me.done(message, paths::show(&id)))
}

impl From<Flow> for DatedFlow {
    fn from(flow: Flow) -> Self {
        Self {
            flow_id: flow.id,
            direction: flow.direction,
            category: flow.category,
            label: flow.label,
            quantity: flow.quantity,
            unit: flow.unit,
            period: flow.period,
            annual_quantity: flow.annual_quantity,
            outlet: flow.outlet,
        }
    }
}

impl DatedFlow {
    fn amount(&self) -> String {
        let code = self.category.as_deref().and_then(FlowCode::find);
        let typed = || {
            let unit = Unit::find(self.unit.as_deref()?)?;
            let (quantity, period) = (self.quantity?, self.period?);
            Some(
                Measure {
                    quantity,
                    unit,
                    period,
                }
                .cell(),
            )
        };
        annual_text(code, self.annual_quantity)
            .map(|year| format!("{year} par an"))
            .or_else(typed)
            .unwrap_or_else(|| "quantité inconnue".to_owned())
    }

    fn difference(&self, before: String, after: String) -> Difference {
        Difference {
            title: self.label.clone(),
            outbound: Some(self.direction == crate::kernel::Direction::Outbound),
            before,
            after,
        }
    }

    /// What changed from an older state, in words.
    fn since(&self, old: &Self) -> Option<Difference> {
        let mut before = Vec::new();
        let mut after = Vec::new();
        let mut say = |old: String, new: String| {
            if old != new {
                before.push(old);
                after.push(new);
            }
        };
        say(old.label.clone(), self.label.clone());
        say(
            old.direction.label().to_owned(),
            self.direction.label().to_owned(),
        );
        say(old.amount(), self.amount());
        let outlet = |flow: &Self| {
            flow.outlet
                .clone()
                .unwrap_or_else(|| "exutoire inconnu".to_owned())
        };
        say(outlet(old), outlet(self));
        (!before.is_empty()).then(|| self.difference(before.join(" · "), after.join(" · ")))
    }
}

fn compare(before: &[DatedFlow], after: &[DatedFlow]) -> Differences {
    let old: BTreeMap<FlowId, &DatedFlow> = before.iter().map(|flow| (flow.flow_id, flow)).collect();
    let new: BTreeMap<FlowId, &DatedFlow> = after.iter().map(|flow| (flow.flow_id, flow)).collect();
    let mut differences = Differences::default();
    for flow in after {
        match old.get(&flow.flow_id) {
            None => differences
                .come
                .push(flow.difference(String::new(), flow.amount())),
            Some(old) => match flow.since(old) {
                Some(difference) => differences.changed.push(difference),
                None => differences.unchanged += 1,
            },
        }
    }
    let gone = before.iter().filter(|flow| !new.contains_key(&flow.flow_id));
    differences.gone = gone
        .map(|flow| flow.difference(flow.amount(), String::new()))
        .collect();
    differences
}

fn compare_answers(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<Difference> {
    let mut differences = Vec::new();
    for section in SECTIONS {
        let asked = section
            .questions
            .iter()
            .map(|q| (q.code.to_owned(), q.label.to_owned()));
        let skipped = (
            questionnaire::skip(section),
            format!("{} : sans objet", section.title),
        );
        for (code, title) in asked.chain([skipped]) {
            let said = |answers: &BTreeMap<String, String>| {
                let answer = answers.get(&code).cloned().unwrap_or_default();
                if answer == SKIPPED && code.ends_with(".sans_objet") {
                    "coché".to_owned()
                } else {
                    answer
                }
            };
            let (before, after) = (said(old), said(new));
            if before != after {
                differences.push(Difference {
                    title,
                    outbound: None,
                    before,
                    after,
                });
            }
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::{compare, compare_answers};
    use crate::kernel::ids::FlowId;
    use crate::kernel::{Direction, Period};
    use crate::visits::store::entry::DatedFlow;
    use std::collections::BTreeMap;

    fn flow(label: &str, tonnes: f64) -> DatedFlow {
        DatedFlow {
            flow_id: FlowId::fresh(),
            direction: Direction::Outbound,
            category: Some("MAT-01".to_owned()),
            label: label.to_owned(),
            quantity: Some(tonnes),
            unit: Some("t".to_owned()),
            period: Some(Period::Year),
            annual_quantity: Some(tonnes),
            outlet: None,
        }
    }

    #[test]
    fn what_came_went_and_changed() {
        let (kept, gone, come) = (flow("Cartons", 3.0), flow("Bois", 5.0), flow("Verre", 2.0));
        let grown = DatedFlow {
            annual_quantity: Some(11.0),
            quantity: Some(11.0),
            ..kept.clone()
        };
        let same = flow("Papier", 1.0);
        let found = compare(&[kept, gone, same.clone()], &[grown, come, same]);
        assert_eq!((found.come.len(), found.gone.len(), found.unchanged), (1, 1, 1));
        let change = &found.changed[0];
        assert_eq!(
            (change.before.as_str(), change.after.as_str()),
            ("3\u{a0}t par an", "11\u{a0}t par an")
        );
    }

    #[test]
    fn answers_are_compared_in_the_order_of_the_questionnaire() {
        let old = BTreeMap::from([
            ("icpe".to_owned(), "déclaration".to_owned()),
            ("services".to_owned(), "gardiennage".to_owned()),
        ]);
        let new = BTreeMap::from([
            ("icpe".to_owned(), "autorisation".to_owned()),
            ("services".to_owned(), "gardiennage".to_owned()),
        ]);
        let found = compare_answers(&old, &new);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].before.as_str(), found[0].after.as_str()),
            ("déclaration", "autorisation")
        );
    }
}
