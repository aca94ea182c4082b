//! Screen: the diagnostic. The inventory as a grid grouped by family, an entry row that needs no
//! mouse, what is still to ask, and the course of the visit.

use super::course::MeetingForm;
use super::model::{Known, Share};
use super::plan::advisors;
use super::store::Around;
use super::{Visit, VisitStatus, VisitStep, paths, store};
use crate::companies::{self, Establishment};
use crate::flows::{self, Flow, FlowForm, FlowSource, Measure, Place};
use crate::kernel::ids::{FlowId, VisitId};
use crate::kernel::{Direction, Period, Siret, typed_day};
use crate::nomenclature::{Catalogue, Family};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Choice, Errors, Form, OptionExt, Page, Path, Query, Result, filters};
use crate::territories;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShowQuery {
    /// The direction of the last flow: the next one keeps it, and the focus is in its row.
    sens: String,
    copie: String,
    supprime: String,
}

/// What was typed in one of the page's forms and refused.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) entry: Option<FlowForm>,
    pub(super) entry_errors: Errors,
    pub(super) meeting: Option<MeetingForm>,
    pub(super) meeting_errors: Errors,
    pub(super) held_on: Option<String>,
    pub(super) hold_errors: Errors,
    pub(super) query: ShowQuery,
}

/// Below this confidence, a category is not worth a question.
const WORTH_ASKING: f64 = 0.15;

/// A line of the grid.
struct Row {
    id: FlowId,
    href: String,
    copy_href: String,
    outbound: bool,
    label: String,
    category: Option<&'static str>,
    quantity: Option<String>,
    unit: String,
    annual: Option<String>,
    certainty: &'static str,
    outlet: String,
    is_stale: bool,
    /// Known from before this visit: « inchangé » makes sense.
    is_old: bool,
    /// What it may be, while it is not classified.
    guesses: Vec<Choice>,
}

/// A family's rows.
struct Group {
    css: &'static str,
    code: &'static str,
    label: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "visits/show.html")]
struct Show {
    visit: Visit,
    establishment: Establishment,
    around: Around,
    known: Known,
    groups: Vec<Group>,
    outbound: usize,
    any_old: bool,
    address: String,
    form: FlowForm,
    errors: Errors,
    focus: &'static str,
    meeting: MeetingForm,
    meeting_errors: Errors,
    advisors: Vec<Choice>,
    held_on: String,
    hold_errors: Errors,
    undo: Option<(FlowId, String)>,
}

impl Show {
    fn allows(&self, step: &str) -> bool {
        let step = match step {
            "hold" => VisitStep::Hold,
            "validate" => VisitStep::Validate,
            "reopen" => VisitStep::Reopen,
            _ => VisitStep::Cancel,
        };
        self.visit.status.allows(step)
    }

    fn refused(&self) -> bool {
        !(self.errors.is_empty() && self.meeting_errors.is_empty() && self.hold_errors.is_empty())
    }

    /// « SIRET 732 829 320 00074 · 17.21A · 50 à 99 salariés · Zone des Saules ».
    fn identity(&self) -> String {
        let e = &self.establishment;
        let siret = e.siret.as_deref().and_then(|digits| Siret::parse(digits).ok());
        let parts = [
            siret.map(|siret| format!("SIRET {siret}")),
            e.naf.clone(),
            e.headcount.map(|band| band.label().to_owned()),
            self.around.zone.clone().or_else(|| self.around.commune.clone()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn inventory(&self) -> String {
        let inbound = self.known.flows - self.outbound;
        let plural = |n: usize| if n > 1 { "s" } else { "" };
        let (n, out) = (self.known.flows, self.outbound);
        format!(
            "{n} flux · {inbound} entrant{}, {out} sortant{}",
            plural(inbound),
            plural(out)
        )
    }
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<VisitId>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let typed = Typed {
        query,
        ..Typed::default()
    };
    page(&me, id, typed, StatusCode::OK).await
}

/// What the page reads.
struct Loaded {
    visit: Visit,
    establishment: Establishment,
    around: Around,
    inventory: Vec<Flow>,
    freshness: u32,
    undo: Option<(FlowId, String)>,
}

async fn load(me: &Staff, id: VisitId, query: &ShowQuery) -> Result<Loaded> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let visit = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let establishment = companies::store::find(&mut db, &scope, visit.establishment_id).await?;
    let territory = territories::store::find(&mut db, visit.territory_id)
        .await?
        .or_not_found()?;
    let undo = match query.supprime.parse() {
        Ok(id) => flows::store::just_deleted(&mut db, &scope, id)
            .await?
            .map(|label| (id, label)),
        Err(_) => None,
    };
    Ok(Loaded {
        establishment: establishment.or_not_found()?,
        around: store::around(&mut db, &scope, id).await?.or_not_found()?,
        inventory: flows::store::of_establishment(&mut db, &scope, visit.establishment_id).await?,
        freshness: u32::try_from(territory.freshness_months).unwrap_or(u32::MAX),
        visit,
        undo,
    })
}

pub(super) async fn page(me: &Staff, id: VisitId, typed: Typed, status: StatusCode) -> Result<Response> {
    let Loaded {
        visit,
        establishment,
        around,
        inventory,
        freshness,
        undo,
    } = load(me, id, &typed.query).await?;
    let query = typed.query;
    let copied = inventory.iter().find(|flow| query.copie == flow.id.to_string());
    let wants_next = copied.is_some() || !query.sens.is_empty() || inventory.is_empty();
    let eye = Eye {
        visit: &visit,
        today: me.today(),
        freshness,
    };
    let page = Show {
        known: known(&visit, &establishment, &around, &inventory),
        outbound: inventory
            .iter()
            .filter(|flow| flow.direction == Direction::Outbound)
            .count(),
        any_old: inventory.iter().any(|flow| eye.is_old(flow)),
        groups: eye.groups(&inventory),
        address: paths::show(&id),
        form: typed
            .entry
            .unwrap_or_else(|| next_row(&visit, copied, &query.sens)),
        errors: typed.entry_errors,
        focus: if wants_next && status == StatusCode::OK {
            "autofocus"
        } else {
            ""
        },
        meeting: typed.meeting.unwrap_or_else(|| MeetingForm::of(&visit)),
        meeting_errors: typed.meeting_errors,
        advisors: advisors(me).await?,
        held_on: typed
            .held_on
            .unwrap_or_else(|| typed_day(visit.visit_on.min(me.today()))),
        hold_errors: typed.hold_errors,
        undo,
        visit,
        establishment,
        around,
    };
    Ok((status, Page(page)).into_response())
}

/// The entry row: like the flow to copy, else empty but for the direction.
fn next_row(visit: &Visit, copied: Option<&Flow>, direction: &str) -> FlowForm {
    match copied {
        Some(flow) => FlowForm::of(&flow.copy(visit.visit_on)),
        None => {
            let direction = Direction::parse(direction).unwrap_or(Direction::Outbound);
            FlowForm::blank(direction.word(), visit.visit_on)
        }
    }
}

fn known(visit: &Visit, establishment: &Establishment, around: &Around, flows: &[Flow]) -> Known {
    let e = establishment;
    Known {
        establishment: Share::of([
            e.siret.is_some(),
            e.naf.is_some() || e.activity.is_some(),
            e.headcount.is_some(),
            e.insee.is_some(),
            e.latitude.is_some(),
        ]),
        has_contact: visit.contact_met.is_some() || around.contacts > 0,
        flows: flows.len(),
        unclassified: flows.iter().filter(|flow| flow.category.is_none()).count(),
        meeting: Share::of([visit.duration_minutes.is_some(), visit.notes.is_some()]),
    }
}

/// From where the inventory is looked at.
struct Eye<'a> {
    visit: &'a Visit,
    today: NaiveDate,
    freshness: u32,
}

impl Eye<'_> {
    fn is_old(&self, flow: &Flow) -> bool {
        flow.known_on() < self.visit.visit_on
    }

    fn groups(&self, inventory: &[Flow]) -> Vec<Group> {
        let mut families: BTreeMap<Family, Vec<Row>> = BTreeMap::new();
        let mut unclassified = Vec::new();
        for flow in inventory {
            match flow.code() {
                Some(code) => families.entry(code.family()).or_default().push(self.row(flow)),
                None => unclassified.push(self.row(flow)),
            }
        }
        let mut groups: Vec<_> = families
            .into_iter()
            .map(|(family, rows)| Group {
                css: family.css(),
                code: family.code(),
                label: family.label(),
                rows,
            })
            .collect();
        if !unclassified.is_empty() {
            groups.push(Group {
                css: "",
                code: "",
                label: "À classer",
                rows: unclassified,
            });
        }
        groups
    }

    fn row(&self, flow: &Flow) -> Row {
        let measure = flow.measure();
        Row {
            id: flow.id,
            href: flows::paths::edit_from(&flow.id, &paths::show(&self.visit.id)),
            copy_href: paths::copy(&self.visit.id, &flow.id),
            outbound: flow.direction == Direction::Outbound,
            label: flow.label.clone(),
            category: flow.category_label(),
            quantity: measure.map(|m| m.typed_quantity()),
            unit: measure.map_or_else(String::new, unit_words),
            annual: flow.annual_text(),
            certainty: flow.certainty.code(),
            outlet: flow.outlet.clone().unwrap_or_default(),
            is_stale: flow.needs_confirmation(self.today, self.freshness),
            is_old: self.is_old(flow),
            guesses: if flow.category.is_none() {
                guesses(flow)
            } else {
                Vec::new()
            },
        }
    }
}

/// « t / mois ».
fn unit_words(measure: Measure) -> String {
    if measure.period == Period::Once {
        return format!("{}, une fois", measure.unit);
    }
    format!("{} / {}", measure.unit, measure.period.word())
}

fn guesses(flow: &Flow) -> Vec<Choice> {
    let catalogue = Catalogue::embedded();
    let found = catalogue.classify(&flow.label, None, Some(flow.direction));
    let choice = |code: crate::nomenclature::FlowCode| {
        Choice::new(
            code.as_str(),
            format!("{code} {}", catalogue.category(code).label),
        )
    };
    found
        .into_iter()
        .filter(|guess| guess.confidence >= WORTH_ASKING)
        .take(3)
        .map(|guess| choice(guess.code))
        .collect()
}

/// Adds the flow of the entry row, and comes back with the focus on the next one.
pub(super) async fn add(me: Staff, Path(id): Path<VisitId>, Form(form): Form<FlowForm>) -> Result<Response> {
    let scope = me.scope()?;
    let visit = store::find(&mut *me.read().await?, &scope, id)
        .await?
        .or_not_found()?;
    if !visit.status.records() {
        let words = format!(
            "Cette visite est {} : les flux se notent quand elle a eu lieu.",
            visit.status.label()
        );
        return Err(AppError::Conflict(words));
    }
    let entry = match form.parse() {
        Ok(entry) => flows::words::recognise(&mut *me.read().await?, &scope, &form, entry).await?,
        Err(entry_errors) => {
            let typed = Typed {
                entry: Some(form),
                entry_errors,
                ..Typed::default()
            };
            return page(&me, id, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let flow = entry.into_flow(Place {
        id: form.id.parse().unwrap_or_else(|_| FlowId::fresh()),
        territory: visit.territory_id,
        establishment: visit.establishment_id,
        visit: Some(id),
        source: FlowSource::Visit,
    });
    me.transact(async |tx| -> Result<()> {
        if flows::store::insert(tx, &scope, &flow).await? {
            if visit.status == VisitStatus::Validated {
                flows::changes::announce(tx, &flow).await?;
            }
            flows::words::learn(tx, &scope, &flow).await?;
        }
        Ok(())
    })
    .await?;
    let year = flow
        .annual_text()
        .map(|year| format!(", soit {year} par an"))
        .unwrap_or_default();
    let next = if form.again.is_empty() {
        String::new()
    } else {
        format!("&copie={}", flow.id)
    };
    let href = format!("{}?sens={}{next}", paths::show(&id), flow.direction.word());
    Ok(me
        .done(format!("Flux ajouté : {}{year}.", flow.label), href)
        .into_response())
}
