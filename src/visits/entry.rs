//! The write path of a diagnostic: every cell typed in its page, by whatever request it comes. A
//! value goes over the one it was typed over, or over its own page's; anything else is a clash,
//! given back with its three values. The rule lives here, not in the pages.

use super::cells::{Digest, Field, Patch, Verdict, blank_row, digest, judge, row_of};
use super::course::MeetingForm;
use super::questionnaire::{self, Kind};
use super::store::entry::{self as store, CellWrite, StoredCell};
use super::{Visit, store as visits};
use crate::flows::{self, Flow, FlowForm, FlowSource, Place};
use crate::kernel::Direction;
use crate::kernel::ids::{FlowId, UserId};
use crate::kernel::measure::{Measure, Typed};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::{self, Event};
use crate::platform::web::{AppError, Result};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who types, and in which open page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer {
    pub(super) user: UserId,
    pub(super) client: Uuid,
}

/// One cell that two people filled differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clash {
    pub(super) row: Uuid,
    pub(super) field: String,
    pub(super) title: &'static str,
    pub(super) mine: String,
    pub(super) stored: String,
    pub(super) original: String,
    pub(super) author: String,
    pub(super) at: Option<DateTime<Utc>>,
}

impl Clash {
    /// A value of it, as a person reads it.
    pub(super) fn shown(&self, value: &str) -> String {
        let shown = Field::parse(&self.field).map(|field| field.shown(value));
        shown.unwrap_or_else(|| if value.is_empty() { "vide" } else { value }.to_owned())
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) clashes: Vec<Clash>,
    /// Cells that cannot be understood, among those sent.
    pub(super) refused: bool,
    /// Rows that somebody deleted meanwhile.
    pub(super) gone: BTreeSet<Uuid>,
}

/// Writes a batch in the order in which its page typed it. The visit is locked by the caller.
pub(super) async fn write(
    tx: &mut Tx,
    scope: &Scope,
    visit: &Visit,
    writer: Writer,
    patches: &[Patch],
) -> Result<Written> {
    let mut rows: BTreeMap<Uuid, Vec<&Patch>> = BTreeMap::new();
    for patch in patches {
        rows.entry(patch.row).or_default().push(patch);
    }
    let mut written = Written::default();
    for (row, mut patches) in rows {
        patches.sort_by_key(|patch| patch.seq);
        let cells = store::cells(tx, visit.id, Some(row)).await?;
        let mut turn = Turn {
            visit,
            scope,
            writer,
            cells,
            written: &mut written,
        };
        if row == visit.id.uuid() {
            turn.answer(tx, &patches).await?;
        } else {
            turn.fill(tx, row, &patches).await?;
        }
    }
    tx.nothing_to_record();
    Ok(written)
}

/// Whether two texts of a cell mean the same.
pub(super) fn same(field: Option<Field>, a: &str, b: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    if plain(a) == plain(b) {
        return true;
    }
    let measure = |quantity| {
        let typed = Typed {
            quantity,
            ..Typed::default()
        };
        Measure::parse(typed, None).ok().flatten()
    };
    field == Some(Field::Quantity) && measure(a).is_some_and(|a| measure(b) == Some(a))
}

/// The row as its page shows it: the flow's own text, and over it what is still to be understood.
pub(super) fn standing_row(visit: &Visit, flow: Option<&Flow>, cells: &[StoredCell]) -> FlowForm {
    let mut row = flow.map_or_else(|| blank_row(Direction::Outbound, visit.visit_on), row_of);
    for cell in cells.iter().filter(|cell| cell.is_pending) {
        if let Some(field) = Field::parse(&cell.field) {
            field.set(&mut row, &cell.write.typed);
        }
    }
    row
}

/// One row's turn.
struct Turn<'a> {
    visit: &'a Visit,
    scope: &'a Scope,
    writer: Writer,
    cells: Vec<StoredCell>,
    written: &'a mut Written,
}

impl Turn<'_> {
    fn last(&self, field: &str) -> Option<&StoredCell> {
        self.cells.iter().find(|cell| cell.field == field)
    }

    /// Whether the patch may go over what is stored; a clash is noted.
    async fn may_write(
        &mut self,
        tx: &mut Tx,
        patch: &Patch,
        title: &'static str,
        stored: &str,
    ) -> Result<bool> {
        let field = Field::parse(&patch.field);
        let last = self.last(&patch.field);
        let verdict = judge(
            patch,
            self.writer.client,
            stored,
            last.map(|cell| &cell.write),
            |a, b| same(field, a, b),
        );
        if verdict != Verdict::Clash {
            return Ok(verdict == Verdict::Write);
        }
        let author = last
            .filter(|cell| same(field, &cell.write.typed, stored))
            .map(|cell| (cell.author.clone(), cell.typed_at));
        let author = match author {
            Some(author) => Some(author),
            None => journal::store::about(tx, patch.row, 1)
                .await?
                .pop()
                .map(|line| (line.author, line.at)),
        };
        let (author, at) =
            author.map_or_else(|| ("quelqu’un d’autre".to_owned(), None), |(a, at)| (a, Some(at)));
        self.written.clashes.push(Clash {
            row: patch.row,
            field: patch.field.clone(),
            title,
            mine: patch.value.clone(),
            stored: stored.to_owned(),
            original: patch.base.clone(),
            author,
            at,
        });
        Ok(false)
    }

    async fn remember(&self, tx: &mut Tx, patch: &Patch, typed: &str, is_pending: bool) -> sqlx::Result<()> {
        let cell = CellWrite {
            row: patch.row,
            field: &patch.field,
            typed,
            is_pending,
            client: self.writer.client,
            seq: patch.seq,
            user: self.writer.user,
        };
        store::put_cell(tx, self.visit.id, cell).await
    }

    // ---- a row of the grid

    async fn fill(&mut self, tx: &mut Tx, row: Uuid, patches: &[&Patch]) -> Result<()> {
        let id = FlowId::from(row);
        // Each turn reads again: the flow's own page and the imports do not lock the visit.
        for _ in 0..3 {
            let stored = flows::store::find(tx, self.scope, id).await?;
            if stored
                .as_ref()
                .is_some_and(|flow| flow.establishment_id != self.visit.establishment_id)
            {
                return Err(AppError::NotFound);
            }
            if stored.is_none() && flows::store::just_deleted(tx, self.scope, id).await?.is_some() {
                self.written.gone.insert(row);
                return Ok(());
            }
            let before = standing_row(self.visit, stored.as_ref(), &self.cells);
            let (after, accepted) = self.typed_over(tx, &before, patches).await?;
            if accepted.is_empty() {
                return Ok(());
            }
            let settled = stored
                .as_ref()
                .map_or_else(|| blank_row(Direction::Outbound, self.visit.visit_on), row_of);
            let mut read = digest(&after, &settled);
            if let Some(entry) = read.entry.take() {
                read.entry = Some(flows::words::recognise(tx, self.scope, &after, entry).await?);
            }
            let Some(flow) = self.save(tx, id, stored.as_ref(), &read).await? else {
                continue;
            };
            return self
                .settle(tx, (row, &after), &accepted, flow.as_ref(), &read)
                .await;
        }
        Err(AppError::Conflict(
            "Ce flux change sans cesse : quelqu’un d’autre le modifie en ce moment.".to_owned(),
        ))
    }

    /// The row with what may be written, and which patches those are.
    async fn typed_over<'p>(
        &mut self,
        tx: &mut Tx,
        before: &FlowForm,
        patches: &[&'p Patch],
    ) -> Result<(FlowForm, Vec<(Field, &'p Patch)>)> {
        let mut after = before.clone();
        let mut accepted: Vec<(Field, &Patch)> = Vec::new();
        self.written
            .clashes
            .retain(|clash| !patches.iter().any(|patch| patch.row == clash.row));
        for patch in patches {
            let field = Field::parse(&patch.field)
                .ok_or_else(|| AppError::BadRequest("Cette colonne n’existe pas.".to_owned()))?;
            if self.may_write(tx, patch, field.title(), field.of(before)).await? {
                field.set(&mut after, &patch.value);
                accepted.push((field, patch));
            }
        }
        // A category that came from the name follows the name.
        let came_from_name = before.guessed().map_or("", |code| code.as_str()) == before.category;
        let renamed = accepted
            .iter()
            .any(|(field, _)| matches!(field, Field::Label | Field::Direction));
        if renamed && came_from_name && !accepted.iter().any(|(field, _)| *field == Field::Category) {
            after.category = String::new();
        }
        Ok((after, accepted))
    }

    /// Saves the flow that the row says: `Some(None)` while it has no name, `None` when another page
    /// saved first.
    async fn save(
        &self,
        tx: &mut Tx,
        id: FlowId,
        stored: Option<&Flow>,
        read: &Digest,
    ) -> Result<Option<Option<Flow>>> {
        let Some(entry) = read.entry.clone() else {
            return Ok(Some(stored.cloned()));
        };
        let Some(before) = stored else {
            let flow = entry.into_flow(Place {
                id,
                territory: self.visit.territory_id,
                establishment: self.visit.establishment_id,
                visit: Some(self.visit.id),
                source: FlowSource::Visit,
            });
            if !flows::store::insert(tx, self.scope, &flow).await? {
                return Err(AppError::NotFound);
            }
            flows::changes::announce(tx, &flow).await?;
            return Ok(Some(Some(flow)));
        };
        let mut after = before.clone();
        entry.apply(&mut after);
        after.observed_on = before.observed_on;
        if after != *before {
            after.observed_on = before.observed_on.max(self.visit.visit_on);
            if !flows::store::save(tx, self.scope, before, &after).await? {
                return Ok(None);
            }
            flows::changes::announce(tx, &after).await?;
        }
        Ok(Some(Some(after)))
    }

    /// Remembers who typed what, and what is still to be understood.
    async fn settle(
        &mut self,
        tx: &mut Tx,
        (row, typed): (Uuid, &FlowForm),
        accepted: &[(Field, &Patch)],
        flow: Option<&Flow>,
        read: &Digest,
    ) -> Result<()> {
        let shown = flow.map(row_of);
        for (field, patch) in accepted {
            let is_refused = read.refused.contains_key(field);
            match shown.as_ref().filter(|_| !is_refused) {
                Some(shown) => self.remember(tx, patch, field.of(shown), false).await?,
                None => self.remember(tx, patch, field.of(typed), true).await?,
            }
            self.written.refused |= is_refused && field.holds_back(&patch.value);
        }
        let chosen = accepted
            .iter()
            .any(|(field, patch)| *field == Field::Category && !patch.value.is_empty());
        if let Some(flow) = flow.filter(|_| chosen) {
            flows::words::learn(tx, self.scope, flow).await?;
        }
        let Some(shown) = shown else { return Ok(()) };
        for cell in self.cells.iter().filter(|cell| cell.is_pending) {
            if let Some(field) = Field::parse(&cell.field).filter(|field| !read.refused.contains_key(field)) {
                store::settle_cell(tx, self.visit.id, (row, field.name()), field.of(&shown)).await?;
            }
        }
        Ok(())
    }

    // ---- the questionnaire

    async fn answer(&mut self, tx: &mut Tx, patches: &[&Patch]) -> Result<()> {
        let answers: BTreeMap<String, String> =
            store::answers(tx, self.visit.id).await?.into_iter().collect();
        let mut meeting = MeetingForm::of(self.visit);
        let mut noted = Vec::new();
        for patch in patches {
            let of_meeting = questionnaire::is_of_the_meeting(&patch.field);
            let stored = match self.last(&patch.field).filter(|cell| cell.is_pending) {
                Some(cell) => cell.write.typed.clone(),
                None if of_meeting => meeting
                    .fact(&patch.field)
                    .map(|fact| fact.clone())
                    .unwrap_or_default(),
                None => answers.get(&patch.field).cloned().unwrap_or_default(),
            };
            let title = title(&patch.field)?;
            if !self.may_write(tx, patch, title, &stored).await? {
                continue;
            }
            let value = patch.value.replace("\r\n", "\n").trim().to_owned();
            if of_meeting {
                if let Some(fact) = meeting.fact(&patch.field) {
                    *fact = value;
                }
                noted.push(*patch);
            } else {
                self.keep_answer(tx, patch, title, (&stored, &value)).await?;
            }
        }
        if noted.is_empty() {
            return Ok(());
        }
        self.note(tx, &meeting, &noted).await
    }

    async fn keep_answer(
        &mut self,
        tx: &mut Tx,
        patch: &Patch,
        title: &str,
        (stored, value): (&str, &str),
    ) -> Result<()> {
        let choices = questionnaire::question(&patch.field).map(|question| question.kind);
        if let Some(Kind::Choice(choices)) = choices
            && !value.is_empty()
            && !choices.contains(&value)
        {
            return Err(AppError::BadRequest(
                "Cette réponse n’est pas dans la liste.".to_owned(),
            ));
        }
        if stored != value {
            store::put_answer(tx, self.visit.id, &patch.field, value).await?;
            let event = Event::on("visit", self.visit.id, format!("réponse notée : {title}"));
            let event = event
                .within(self.visit.territory_id)
                .before(&stored)
                .after(&value);
            tx.record(event).await?;
        }
        self.remember(tx, patch, value, false).await?;
        Ok(())
    }

    /// Saves the facts of the meeting that can be read; the others wait.
    async fn note(&mut self, tx: &mut Tx, meeting: &MeetingForm, noted: &[&Patch]) -> Result<()> {
        let (after, errors) = meeting.read(self.visit);
        if after != *self.visit && !visits::save(tx, self.scope, self.visit, &after).await? {
            return Err(AppError::Conflict(
                "Cette visite vient d’être modifiée.".to_owned(),
            ));
        }
        let mut shown = MeetingForm::of(&after);
        for patch in noted {
            let is_refused = errors.has(&patch.field);
            let text = match shown.fact(&patch.field).filter(|_| !is_refused) {
                Some(fact) => fact.clone(),
                None => patch.value.clone(),
            };
            self.remember(tx, patch, &text, is_refused).await?;
            self.written.refused |= is_refused;
        }
        Ok(())
    }
}

/// The words of a question, or of the box « sans objet » of a section.
pub(super) fn title(field: &str) -> Result<&'static str> {
    questionnaire::question(field)
        .map(|question| question.label)
        .or_else(|| questionnaire::optional_section(field).map(|section| section.title))
        .ok_or_else(|| AppError::BadRequest("Cette question n’existe pas.".to_owned()))
}
