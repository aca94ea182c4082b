//! The diagnostic as one form: everything typed in the page, and the act that was asked for. What a
//! browser without JavaScript sends; and what any browser sends to leave the page with an act.

use super::autosave::{may_record, may_touch_flows};
use super::cells::{Field, Patch};
use super::course::{Closed, VALIDATED, close};
use super::entry::{self, Writer, Written};
use super::presumed::{confirmed, dismissed};
use super::show::{self, Typed};
use super::{Visit, paths, store};
use crate::flows;
use crate::kernel::Direction;
use crate::kernel::ids::{FlowId, VisitId};
use crate::nomenclature::FlowCode;
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::{AppError, Form, OptionExt, Path, Result};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What the pressed button asks beside saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Save,
    Add,
    Copy(FlowId),
    Delete(Uuid),
    Confirm(FlowId),
    ConfirmAll,
    Classify(FlowId, FlowCode),
    /// A presumed flow becomes a row.
    Presume(Uuid, FlowCode, Direction),
    Dismiss(FlowCode, Direction),
    Validate,
}

impl Act {
    fn parse(words: &str) -> Option<Self> {
        let mut parts = words.splitn(3, ':');
        let (name, row, code) = (parts.next()?, parts.next(), parts.next());
        let flow = || row.and_then(|row| row.parse::<FlowId>().ok());
        Some(match name {
            "" => Self::Save,
            "ajouter" => Self::Add,
            "dupliquer" => Self::Copy(flow()?),
            "supprimer" => Self::Delete(flow()?.uuid()),
            "inchange" => Self::Confirm(flow()?),
            "tout-inchange" => Self::ConfirmAll,
            "categorie" => Self::Classify(flow()?, FlowCode::find(code?)?),
            "confirmer" => {
                let (code, direction) = line(code?)?;
                Self::Presume(flow()?.uuid(), code, direction)
            }
            "ecarter" => {
                let (code, direction) = line(words.split_once(':')?.1)?;
                Self::Dismiss(code, direction)
            }
            "valider" => Self::Validate,
            _ => return None,
        })
    }
}

/// « MAT-01:sortant ».
fn line(words: &str) -> Option<(FlowCode, Direction)> {
    let (code, direction) = words.split_once(':')?;
    Some((FlowCode::find(code)?, Direction::parse(direction).ok()?))
}

/// The form, read: `l.ROW.FIELD` is a cell, `b.ROW` what its row held when the page was made.
#[derive(Debug, Default)]
struct Sheet {
    client: Option<Uuid>,
    seq: i64,
    act: String,
    patches: Vec<Patch>,
}

impl Sheet {
    fn read(posted: Vec<(String, String)>) -> Self {
        let mut sheet = Self::default();
        let mut typed = Posted::default();
        for (name, value) in posted {
            match name.as_str() {
                "client" => sheet.client = value.parse().ok(),
                "seq" => sheet.seq = value.parse().unwrap_or_default(),
                "act" => sheet.act = value,
                _ => typed.take(&name, value),
            }
        }
        let blank = typed.blank_rows();
        let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        for ((row, field), value) in &typed.cells {
            let base = typed.base(*row, field);
            if !blank.contains(row) && plain(value) != plain(base) {
                sheet.seq += 1;
                sheet.patches.push(Patch {
                    row: *row,
                    field: field.clone(),
                    value: value.clone(),
                    base: base.to_owned(),
                    seq: sheet.seq,
                });
            }
        }
        sheet
    }
}

/// Cells and their bases, as posted.
#[derive(Debug, Default)]
struct Posted {
    cells: BTreeMap<(Uuid, String), String>,
    bases: BTreeMap<Uuid, BTreeMap<String, String>>,
}

impl Posted {
    fn take(&mut self, name: &str, value: String) {
        if let Some((row, field)) = name.strip_prefix("l.").and_then(|name| name.split_once('.')) {
            if let Ok(row) = row.parse() {
                // A box sends its hidden blank first, then itself when it is ticked.
                self.cells.insert((row, field.to_owned()), value);
            }
        } else if let Some(row) = name.strip_prefix("b.")
            && let (Ok(row), Ok(base)) = (row.parse(), serde_json::from_str(&value))
        {
            self.bases.insert(row, base);
        }
    }

    fn base(&self, row: Uuid, field: &str) -> &str {
        let base = self.bases.get(&row).and_then(|base| base.get(field));
        base.map_or("", String::as_str)
    }

    /// Rows of the grid where a choice was made and nothing else is said: they are no flow.
    fn blank_rows(&self) -> BTreeSet<Uuid> {
        let words = [Field::Label, Field::Category, Field::Quantity, Field::Outlet].map(Field::name);
        let typed = |row: Uuid, field: &str| {
            self.cells
                .get(&(row, field.to_owned()))
                .map_or("", String::as_str)
        };
        let says = |row: Uuid, field: &str| {
            !typed(row, field).trim().is_empty() || !self.base(row, field).trim().is_empty()
        };
        let is_row = |row: Uuid| self.cells.contains_key(&(row, Field::Label.name().to_owned()));
        let rows = self.cells.keys().map(|(row, _)| *row);
        rows.filter(|row| is_row(*row) && !words.iter().any(|field| says(*row, field)))
            .collect()
    }
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<VisitId>,
    Form(posted): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let scope = me.scope()?;
    let sheet = Sheet::read(posted);
    let act = Act::parse(&sheet.act)
        .ok_or_else(|| AppError::BadRequest("Cette action n’existe pas.".to_owned()))?;
    let writer = Writer {
        user: me.user(),
        client: sheet.client.unwrap_or_else(|| FlowId::fresh().uuid()),
    };
    let (written, direction) = me
        .transact(async |tx| -> Result<(Written, String)> {
            let visit = store::entry::lock(tx, &scope, id).await?.or_not_found()?;
            if !sheet.patches.is_empty() {
                may_record(&visit, &sheet.patches)?;
            }
            let written = entry::write(tx, &scope, &visit, writer, &sheet.patches).await?;
            Ok((written, last_direction(tx, &scope, &sheet.patches).await?))
        })
        .await?;
    if !written.clashes.is_empty() {
        let typed = Typed {
            clashes: written.clashes,
            ..Typed::default()
        };
        return show::page(&me, id, typed, StatusCode::CONFLICT).await;
    }
    if written.refused && !matches!(act, Act::Delete(_)) {
        return refused(&me, id).await;
    }
    if let Some(row) = written.gone.first() {
        let href = format!("{}?supprime={row}", paths::show(&id));
        return Ok(me
            .done(gone_words(&sheet.patches, &written), href)
            .into_response());
    }
    let count = sheet.patches.len();
    perform(&me, &scope, id, act, (count, &direction)).await
}

/// What was typed in rows that somebody deleted meanwhile: said again, so that it is not lost.
fn gone_words(patches: &[Patch], written: &Written) -> String {
    let lost: Vec<String> = patches
        .iter()
        .filter(|patch| written.gone.contains(&patch.row) && !patch.value.trim().is_empty())
        .map(|patch| format!("«\u{a0}{}\u{a0}»", patch.value.trim()))
        .collect();
    format!(
        "Quelqu’un vient de supprimer cette ligne. Non enregistré\u{a0}: {}. Restaurez-la, puis ressaisissez.",
        lost.join(", ")
    )
}

/// The page again, with a sentence by every cell that cannot be understood.
async fn refused(me: &Staff, id: VisitId) -> Result<Response> {
    let typed = Typed {
        refused: true,
        ..Typed::default()
    };
    show::page(me, id, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// The direction of the last row typed, for the next one.
async fn last_direction(tx: &mut Tx, scope: &Scope, patches: &[Patch]) -> Result<String> {
    let Some(last) = patches.iter().max_by_key(|patch| patch.row) else {
        return Ok(String::new());
    };
    let flow = flows::store::find(tx, scope, FlowId::from(last.row)).await?;
    Ok(flow
        .map(|flow| flow.direction.word().to_owned())
        .unwrap_or_default())
}

async fn perform(
    me: &Staff,
    scope: &Scope,
    id: VisitId,
    act: Act,
    (saved, direction): (usize, &str),
) -> Result<Response> {
    let page = paths::show(&id);
    let (message, href) = match act {
        Act::Save | Act::Add => {
            let next = if direction.is_empty() {
                "sortant"
            } else {
                direction
            };
            (saved_words(saved), format!("{page}?sens={next}#nouvelle"))
        }
        Act::Copy(flow) => (saved_words(saved), format!("{page}?copie={flow}#nouvelle")),
        Act::Delete(row) => {
            let label = delete(me, scope, id, row).await?;
            (label, format!("{page}?supprime={row}"))
        }
        Act::Confirm(flow) => {
            let label = change(me, scope, id, flow, Change::Confirm).await?;
            (
                format!("Confirmé inchangé : {label}."),
                format!("{page}#flux-{flow}"),
            )
        }
        Act::ConfirmAll => (confirm_all(me, scope, id).await?, format!("{page}#flux")),
        Act::Classify(flow, code) => {
            let label = change(me, scope, id, flow, Change::Classify(code)).await?;
            (format!("Flux classé : {label}."), format!("{page}#flux-{flow}"))
        }
        Act::Presume(row, code, direction) => {
            presume(me, scope, id, (row, code, direction)).await?;
            let words = "Flux ajouté\u{a0}: corrigez sa quantité si vous la connaissez.";
            (words.to_owned(), format!("{page}#flux-{row}"))
        }
        Act::Dismiss(code, direction) => {
            let label = dismissed(me, scope, id, (code, direction)).await?;
            let words = format!("«\u{a0}{label}\u{a0}» n’est plus présumé ici.");
            (words, format!("{page}#presumes"))
        }
        Act::Validate => {
            if me.transact(async |tx| close(tx, scope, id).await).await? != Closed::Done {
                return refused(me, id).await;
            }
            (VALIDATED.to_owned(), page)
        }
    };
    Ok(me.done(message, href).into_response())
}

async fn presume(
    me: &Staff,
    scope: &Scope,
    id: VisitId,
    line: (Uuid, FlowCode, Direction),
) -> Result<Written> {
    let visit = store::find(&mut *me.read().await?, scope, id)
        .await?
        .or_not_found()?;
    let patches = confirmed(me, &visit, line).await?;
    let writer = Writer {
        user: me.user(),
        client: FlowId::fresh().uuid(),
    };
    me.transact(async |tx| -> Result<Written> {
        let visit = store::entry::lock(tx, scope, id).await?.or_not_found()?;
        may_touch_flows(&visit)?;
        entry::write(tx, scope, &visit, writer, &patches).await
    })
    .await
}

fn saved_words(count: usize) -> String {
    match count {
        0 => "Tout était déjà enregistré.".to_owned(),
        1 => "Une modification enregistrée.".to_owned(),
        n => format!("{n} modifications enregistrées."),
    }
}

const CHANGED: &str = "Ce flux vient d’être modifié par quelqu’un d’autre.";

/// What one click changes in a flow.
#[derive(Debug, Clone, Copy)]
enum Change {
    Confirm,
    Classify(FlowCode),
}

/// Changes one flow of the visit's establishment; gives its name.
async fn change(me: &Staff, scope: &Scope, id: VisitId, flow: FlowId, change: Change) -> Result<String> {
    me.transact(async |tx| -> Result<String> {
        let visit = store::entry::lock(tx, scope, id).await?.or_not_found()?;
        may_touch_flows(&visit)?;
        let flow = flow_of(tx, scope, &visit, flow).await?.or_not_found()?;
        let done = match change {
            Change::Confirm => flows::store::confirm(tx, scope, &flow).await?,
            Change::Classify(code) => {
                let mut after = flow.clone();
                after.category = Some(code.as_str().to_owned());
                after.normalise();
                let saved = flows::store::save(tx, scope, &flow, &after).await?;
                flows::words::learn(tx, scope, &after).await?;
                saved
            }
        };
        if !done {
            return Err(AppError::Conflict(CHANGED.to_owned()));
        }
        flows::changes::announce(tx, &flow).await?;
        Ok(flow.label)
    })
    .await
}

async fn flow_of(tx: &mut Tx, scope: &Scope, visit: &Visit, flow: FlowId) -> Result<Option<flows::Flow>> {
    let flow = flows::store::find(tx, scope, flow).await?;
    Ok(flow.filter(|flow| flow.establishment_id == visit.establishment_id))
}

/// Deletes a flow, restorable for thirty days, or forgets a row that has no name yet.
async fn delete(me: &Staff, scope: &Scope, id: VisitId, row: Uuid) -> Result<String> {
    me.transact(async |tx| -> Result<String> {
        let visit = store::entry::lock(tx, scope, id).await?.or_not_found()?;
        may_touch_flows(&visit)?;
        store::entry::forget_row(tx, id, row).await?;
        let Some(flow) = flow_of(tx, scope, &visit, FlowId::from(row)).await? else {
            tx.nothing_to_record();
            return Ok("Ligne retirée.".to_owned());
        };
        if !flows::store::delete(tx, scope, &flow).await? {
            return Err(AppError::Conflict(CHANGED.to_owned()));
        }
        flows::changes::announce(tx, &flow).await?;
        Ok("Flux supprimé.".to_owned())
    })
    .await
}

async fn confirm_all(me: &Staff, scope: &Scope, id: VisitId) -> Result<String> {
    let confirmed = me
        .transact(async |tx| -> Result<u64> {
            let visit = store::entry::lock(tx, scope, id).await?.or_not_found()?;
            may_touch_flows(&visit)?;
            let (territory, establishment) = (visit.territory_id, visit.establishment_id);
            let confirmed = flows::store::confirm_all(tx, scope, establishment, territory).await?;
            if confirmed > 0 {
                flows::changes::announce_all(tx, territory, establishment).await?;
            }
            Ok(confirmed)
        })
        .await?;
    Ok(match confirmed {
        0 => "Tous les flux étaient déjà à jour.".to_owned(),
        1 => "Un flux confirmé inchangé.".to_owned(),
        n => format!("{n} flux confirmés inchangés."),
    })
}

#[cfg(test)]
mod tests {
    use super::{Act, Sheet};
    use crate::kernel::ids::FlowId;

    #[test]
    fn only_what_changed_is_sent_on() {
        let row = FlowId::fresh();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let sheet = Sheet::read(vec![
            pair("act", "ajouter"),
            pair(
                &format!("b.{row}"),
                r#"{"label":"Cartons","quantity":"12 t/an","box":"oui"}"#,
            ),
            pair(&format!("l.{row}.label"), "Cartons "),
            pair(&format!("l.{row}.quantity"), "14 t/an"),
            pair(&format!("l.{row}.box"), ""),
            pair("l.nonsense.label", "x"),
        ]);
        let changed: Vec<_> = sheet
            .patches
            .iter()
            .map(|p| (p.field.as_str(), p.base.as_str(), p.value.as_str()))
            .collect();
        assert_eq!(changed, [("box", "oui", ""), ("quantity", "12 t/an", "14 t/an")]);
        assert_eq!((sheet.act.as_str(), sheet.seq), ("ajouter", 2));
    }

    #[test]
    fn acts_are_a_closed_list() {
        let row = FlowId::fresh();
        assert_eq!(Act::parse(""), Some(Act::Save));
        assert_eq!(Act::parse(&format!("dupliquer:{row}")), Some(Act::Copy(row)));
        assert!(matches!(
            Act::parse(&format!("categorie:{row}:MAT-03")),
            Some(Act::Classify(_, _))
        ));
        assert!(matches!(
            Act::parse("ecarter:MAT-03:sortant"),
            Some(Act::Dismiss(_, crate::kernel::Direction::Outbound))
        ));
        assert!(matches!(
            Act::parse(&format!("confirmer:{row}:MAT-03:entrant")),
            Some(Act::Presume(_, _, crate::kernel::Direction::Inbound))
        ));
        for unknown in [
            "ecarter:MAT-03",
            "confirmer:MAT-03:sortant",
            "detruire",
            "dupliquer",
            "dupliquer:3",
            "categorie:x:MAT-03",
        ] {
            assert_eq!(Act::parse(unknown), None, "{unknown}");
        }
        assert_eq!(Act::parse(&format!("categorie:{row}:ZZZ-99")), None);
    }
}
