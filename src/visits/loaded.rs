//! What is known of a diagnostic: read once for its page, its autosave, its paper grid and its report.

use super::progress::{Inventory, Known, Progress};
use super::questionnaire::SECTIONS;
use super::store::Around;
use super::store::entry::StoredCell;
use super::{Visit, course::MeetingForm, meeting, sheet, store};
use crate::companies::{self, Establishment};
use crate::flows::{self, Flow};
use crate::kernel::ids::VisitId;
use crate::kernel::{Direction, Siret};
use crate::platform::access::Staff;
use crate::platform::web::{OptionExt, Result};
use crate::territories;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// « SIRET 732 829 320 00074 · 17.21A · 50 à 99 salariés · Zone des Saules ».
pub(super) fn identity(e: &Establishment, around: &Around) -> String {
    let siret = e.siret.as_deref().and_then(|digits| Siret::parse(digits).ok());
    let parts = [
        siret.map(|siret| format!("SIRET {siret}")),
        e.naf.clone(),
        e.headcount.map(|band| band.label().to_owned()),
        around.zone.clone().or_else(|| around.commune.clone()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What is answered, facts of the meeting included, and what of it cannot be understood.
pub(super) struct Questions {
    pub(super) answers: BTreeMap<String, String>,
    pub(super) errors: BTreeMap<String, String>,
    /// Over what is stored: sent, and not saved.
    typed: BTreeMap<String, String>,
}

impl Questions {
    pub(super) fn answer(&self, question: &str) -> &str {
        let typed = self.typed.get(question).or_else(|| self.answers.get(question));
        typed.map_or("", String::as_str)
    }
    pub(super) fn clash(&mut self, question: &str, mine: &str, sentence: String) {
        self.typed.insert(question.to_owned(), mine.to_owned());
        self.errors.insert(question.to_owned(), sentence);
    }
    pub(super) fn error(&self, question: &str) -> &str {
        self.errors.get(question).map_or("", String::as_str)
    }
    pub(super) fn base(&self) -> String {
        serde_json::to_string(&self.answers).unwrap_or_default()
    }
}

/// What the page reads.
pub(super) struct Loaded {
    pub(super) visit: Visit,
    pub(super) establishment: Establishment,
    pub(super) around: Around,
    pub(super) inventory: Vec<Flow>,
    pub(super) cells: Vec<StoredCell>,
    answers: Vec<(String, String)>,
    pub(super) freshness: u32,
    pub(super) allows_offline: bool,
    pub(super) others: Vec<String>,
    pub(super) previous: Option<NaiveDate>,
    pub(super) to_take_up: usize,
    pub(super) people: Vec<String>,
}

impl Loaded {
    pub(super) fn questions(&self) -> Questions {
        let mut answers: BTreeMap<String, String> = self.answers.iter().cloned().collect();
        let mut meeting = MeetingForm::of(&self.visit);
        let mut errors = BTreeMap::new();
        for section in SECTIONS {
            for question in section.questions {
                if let Some(fact) = meeting.fact(question.code) {
                    let waiting = self.cells.iter().find(|cell| {
                        cell.is_pending && cell.row_id == self.visit.id.uuid() && cell.field == question.code
                    });
                    if let Some(cell) = waiting {
                        fact.clone_from(&cell.write.typed);
                    }
                    answers.insert(question.code.to_owned(), fact.clone());
                } else {
                    answers.entry(question.code.to_owned()).or_default();
                }
            }
        }
        let (_, refused) = meeting.read(&self.visit);
        errors.extend(refused.summary());
        Questions {
            answers,
            errors,
            typed: BTreeMap::new(),
        }
    }

    /// « 8 flux · 3 entrants, 5 sortants ».
    pub(super) fn inventory_words(&self) -> String {
        let is_outbound = |flow: &&Flow| flow.direction == Direction::Outbound;
        let (all, outbound) = (
            self.inventory.len(),
            self.inventory.iter().filter(is_outbound).count(),
        );
        let inbound = all - outbound;
        let plural = |n: usize| if n > 1 { "s" } else { "" };
        let (s_in, s_out) = (plural(inbound), plural(outbound));
        format!("{all} flux · {inbound} entrant{s_in}, {outbound} sortant{s_out}")
    }

    pub(super) fn progress(&self) -> Progress {
        let e = &self.establishment;
        let href = companies::paths::show(&e.id);
        Progress::of(&Known {
            inventory: Inventory {
                flows: self.inventory.len(),
                unclassified: self
                    .inventory
                    .iter()
                    .filter(|flow| flow.category.is_none())
                    .count(),
                to_correct: sheet::faults(&self.cells),
            },
            sheet: &[
                ("SIRET", e.siret.is_some()),
                ("Activité (code NAF)", e.naf.is_some() || e.activity.is_some()),
                ("Effectif", e.headcount.is_some()),
                ("Commune", e.insee.is_some()),
                ("Position sur la carte", e.latitude.is_some()),
            ],
            sheet_href: &href,
            answers: &self.questions().answers,
        })
    }
}

pub(super) async fn load(me: &Staff, id: VisitId) -> Result<Loaded> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let visit = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let establishment = companies::store::find(&mut db, &scope, visit.establishment_id).await?;
    let territory = territories::store::find(&mut db, visit.territory_id)
        .await?
        .or_not_found()?;
    let previous = store::entry::previous(&mut db, &visit).await?;
    let to_take_up = match previous {
        Some((previous, _)) if visit.status.prepares() => {
            store::entry::to_take_up(&mut db, id, previous).await?
        }
        _ => 0,
    };
    let people = companies::store::people::of_establishment(&mut db, &scope, visit.establishment_id).await?;
    Ok(Loaded {
        to_take_up,
        people: people.iter().map(meeting::words).collect(),
        establishment: establishment.or_not_found()?,
        around: store::around(&mut db, &scope, id).await?.or_not_found()?,
        inventory: flows::store::of_establishment(&mut db, &scope, visit.establishment_id).await?,
        cells: store::entry::cells(&mut db, id, None).await?,
        answers: store::entry::answers(&mut db, id).await?,
        freshness: u32::try_from(territory.freshness_months).unwrap_or(u32::MAX),
        allows_offline: territory.allows_offline,
        others: store::entry::others(&mut db, id, me.user(), me.now()).await?,
        previous: previous.map(|(_, on)| on),
        visit,
    })
}
