//! One act on many rows, in one transaction: which rows, what became of each, and how it is undone.
//! Each list gives its acts; the rows that one refuses are told with their reason.

use super::model::List;
use super::store::{self, Changed, Rows};
use crate::kernel::ids::{BatchId, TerritoryId, UserId};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::{AppError, Form, Path, Result};
use axum::response::Redirect;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use uuid::Uuid;

/// As many rows as one act takes.
pub const MOST: usize = 500;

/// Which rows, and what to do with them, as the list's form says it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct BatchForm {
    /// Of the page, so that sending twice acts once.
    pub lot: String,
    pub portee: String,
    pub coches: Vec<String>,
    /// The rows of the page.
    pub lignes: Vec<String>,
    /// The list as it was filtered.
    pub requete: String,
    pub acte: String,
    /// What an act asks.
    pub jour: String,
    pub conseillers: Vec<String>,
    pub motif: String,
    pub commentaire: String,
}

/// The rows meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Reach {
    These(Vec<Uuid>),
    /// Everything that the filters keep, [`MOST`] at most.
    Result,
}

impl BatchForm {
    pub fn reach(&self) -> Reach {
        let parsed = |ids: &[String]| {
            let mut seen = BTreeSet::new();
            let ids = ids.iter().filter_map(|id| id.parse().ok());
            Reach::These(ids.filter(|id| seen.insert(*id)).take(MOST).collect())
        };
        match self.portee.as_str() {
            "page" => parsed(&self.lignes),
            "resultat" => Reach::Result,
            _ => parsed(&self.coches),
        }
    }

    /// The filters of the list when the form was made.
    pub fn filters<Q: DeserializeOwned + Default>(&self) -> Q {
        serde_html_form::from_str(&self.requete).unwrap_or_default()
    }

    pub fn is_ticked(&self, id: &impl ToString) -> bool {
        self.coches.contains(&id.to_string())
    }

    /// Back to the list as it was, with what was done.
    pub fn back(&self, list: List, batch: BatchId) -> String {
        let kept = list.kept(&self.requete);
        let mark = if kept.is_empty() { "" } else { "&" };
        format!("{}?{kept}{mark}lot={batch}#lot", list.path())
    }
}

/// What became of a row.
pub enum Fate {
    Done {
        label: String,
        /// What undoing needs.
        before: Value,
        /// The row's version now: undone only while it has not changed again.
        version: i32,
    },
    Refused {
        label: String,
        why: String,
    },
}

impl Fate {
    /// # Errors
    /// When `before` cannot be kept.
    pub fn done(label: String, before: &impl Serialize, version: i32) -> Result<Self> {
        Ok(Self::Done {
            label,
            before: serde_json::to_value(before).map_err(anyhow::Error::from)?,
            version,
        })
    }
    pub fn refused(label: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Refused {
            label: label.into(),
            why: why.into(),
        }
    }
    /// A row that is not there, or not for this person.
    pub fn gone() -> Self {
        Self::refused("Une ligne", "elle n’existe plus")
    }
}

/// What is done to one row.
pub trait RowAct: Sync {
    /// Holds all the rows, in the order of their identifiers, before any of them is acted on.
    fn lock(&self, tx: &mut Tx, rows: &[Uuid]) -> impl Future<Output = Result<()>> + Send;
    fn act(&self, tx: &mut Tx, row: Uuid) -> impl Future<Output = Result<Fate>> + Send;
    /// Once all is done: what is said of the rows together.
    fn end(&self, _: &mut Tx, _done: usize) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// How the rows of a list come back.
pub trait RowUndo: 'static {
    const LIST: List;
    /// What the act changed: the row itself, unless it made another.
    ///
    /// # Errors
    /// When what the act kept cannot be read.
    fn held(row: &Changed) -> Result<Uuid> {
        Ok(row.row)
    }
    /// Like [`RowAct::lock`].
    fn lock(tx: &mut Tx, scope: &Scope, held: &[Uuid]) -> impl Future<Output = Result<()>> + Send;
    /// `false` when the row changed since, and stays.
    fn undo(tx: &mut Tx, scope: &Scope, row: &Changed) -> impl Future<Output = Result<bool>> + Send;
}

/// The button « Annuler » of a list.
pub struct Undo;

impl Undo {
    /// Undoes a batch of this person.
    ///
    /// # Errors
    /// `Conflict` when there is no such batch, or when it is undone already.
    pub async fn act<B: RowUndo>(
        me: Staff,
        Path(id): Path<BatchId>,
        Form(form): Form<BatchForm>,
    ) -> Result<Redirect> {
        let scope = me.scope()?;
        me.transact(async |tx| -> Result<()> {
            tx.nothing_to_record();
            let rows = store::to_undo(tx, &scope, me.user(), (id, B::LIST)).await?;
            let rows = rows.ok_or_else(|| {
                AppError::Conflict("Cette action est déjà annulée, ou n’est pas la vôtre.".to_owned())
            })?;
            let held: Result<Vec<Uuid>> = rows.iter().map(B::held).collect();
            B::lock(tx, &scope, &held?).await?;
            let mut left = 0;
            for row in &rows {
                if !B::undo(tx, &scope, row).await? {
                    left += 1;
                }
            }
            store::close(tx, id, left).await?;
            Ok(())
        })
        .await?;
        Ok(Redirect::to(&form.back(B::LIST, id)))
    }
}

/// Who does what.
pub(super) struct Made {
    pub(super) id: BatchId,
    pub(super) territory: TerritoryId,
    pub(super) user: UserId,
    pub(super) act: String,
    pub(super) words: String,
}

/// An act about to be done.
pub struct Batch {
    pub list: List,
    /// Kept, to know how it is undone.
    pub act: &'static str,
    /// What the result says first: « Confirmer inchangé ».
    pub words: String,
}

impl Batch {
    /// The same when the same is asked twice from one page; another act or other rows make another batch.
    fn id(&self, user: UserId, form: &BatchForm, ids: &[Uuid]) -> BatchId {
        if form.lot.trim().is_empty() {
            return BatchId::fresh();
        }
        let rows = match form.reach() {
            // Its rows may be others once the act is done.
            Reach::Result => form.requete.clone(),
            Reach::These(_) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        };
        let people = form.conseillers.join(",");
        let user = user.to_string();
        let words: [&str; 7] = [
            &form.lot,
            &user,
            self.act,
            &self.words,
            &form.jour,
            &people,
            &rows,
        ];
        let digest: [u8; 32] = Sha256::digest(words.join("\n")).into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
    }

    /// Does it row by row, each in the order given; gives the batch, to be told and undone.
    ///
    /// # Errors
    /// Those of the act: one row that fails undoes all.
    pub async fn run(self, me: &Staff, form: &BatchForm, ids: &[Uuid], one: &impl RowAct) -> Result<BatchId> {
        let made = Made {
            id: self.id(me.user(), form, ids),
            territory: me.scope()?.territory(),
            user: me.user(),
            act: self.act.to_owned(),
            words: self.words,
        };
        me.transact(async |tx| -> Result<()> {
            tx.nothing_to_record();
            if !store::open_batch(tx, &made, self.list).await? {
                return Ok(());
            }
            one.lock(tx, ids).await?;
            let rows = acted(tx, ids, one).await?;
            store::add_rows(tx, made.id, &rows).await?;
            one.end(tx, rows.done()).await
        })
        .await?;
        Ok(made.id)
    }
}

/// Acts on each row, and keeps what became of it.
async fn acted(tx: &mut Tx, ids: &[Uuid], one: &impl RowAct) -> Result<Rows> {
    let mut rows = Rows::default();
    for id in ids {
        let (label, before, version, refusal) = match one.act(tx, *id).await? {
            Fate::Done {
                label,
                before,
                version,
            } => (label, Some(before), Some(version), None),
            Fate::Refused { label, why } => (label, None, None, Some(why)),
        };
        rows.ids.push(*id);
        rows.labels.push(label);
        rows.before.push(before);
        rows.versions.push(version);
        rows.refusals.push(refusal);
    }
    Ok(rows)
}

/// A row that an act refused.
pub struct Refusal {
    pub label: String,
    pub why: String,
}

/// A batch as its list tells it.
pub struct Outcome {
    pub id: BatchId,
    pub act: String,
    /// « Confirmer inchangé : 37 traités, 2 refusés. »
    pub words: String,
    pub refused: Vec<Refusal>,
    pub can_be_undone: bool,
}

impl Outcome {
    /// What the address names, when it names one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find(me: &Staff, list: List, named: &str) -> Result<Option<Self>> {
        let Ok(id) = named.parse::<BatchId>() else {
            return Ok(None);
        };
        let mut db = me.read().await?;
        let Some(told) = store::batch(&mut db, &me.scope()?, me.user(), (id, list)).await? else {
            return Ok(None);
        };
        let refused = store::refusals(&mut db, id).await?;
        let done = usize::try_from(told.done).unwrap_or_default();
        let words = if told.undone_at.is_some() {
            undone_words(&told.words, told.left)
        } else {
            let act = (told.act.as_str(), told.words.as_str());
            done_words(list, act, (done, refused.len()))
        };
        Ok(Some(Self {
            id,
            act: told.act,
            words,
            can_be_undone: told.undone_at.is_none() && done > 0,
            refused: if told.undone_at.is_some() {
                Vec::new()
            } else {
                refused
            },
        }))
    }
}

fn done_words(list: List, (code, act): (&str, &str), (done, refused): (usize, usize)) -> String {
    let done = match (code, done) {
        // What is planned for a company is a visit.
        ("plan", n) if n < 2 => format!("{n}\u{a0}visite prévue"),
        ("plan", n) => format!("{n}\u{a0}visites prévues"),
        (_, n) => format!("{act}\u{a0}: {}", list.treated(n)),
    };
    match refused {
        0 => format!("{done}."),
        _ => format!("{done}, {}.", list.refused(refused)),
    }
}

fn undone_words(act: &str, left: i64) -> String {
    match left {
        0 => format!("{act}\u{a0}: annulé, tout est revenu comme avant."),
        1 => format!("{act}\u{a0}: annulé, sauf une ligne modifiée depuis."),
        n => format!("{act}\u{a0}: annulé, sauf {n} lignes modifiées depuis."),
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, BatchForm, MOST, Reach};
    use crate::kernel::ids::{BatchId, UserId};
    use crate::lists::List;

    #[test]
    fn a_row_is_meant_once_and_the_limit_holds() {
        let id = "01890000-0000-7000-8000-000000000001";
        let form = BatchForm {
            coches: vec![id.to_owned(), id.to_owned(), "rien".to_owned()],
            ..BatchForm::default()
        };
        assert_eq!(form.reach(), Reach::These(vec![id.parse().unwrap()]));
        let lignes = (0..600)
            .map(|n| format!("01890000-0000-7000-8000-{n:012}"))
            .collect();
        let form = BatchForm {
            portee: "page".to_owned(),
            lignes,
            ..BatchForm::default()
        };
        assert!(matches!(form.reach(), Reach::These(ids) if ids.len() == MOST));
    }

    #[test]
    fn a_page_sent_twice_is_one_batch_and_another_request_is_another() {
        let me = UserId::fresh();
        let rows = [BatchId::fresh().uuid(), BatchId::fresh().uuid()];
        let batch = |act| Batch {
            list: List::Flows,
            act,
            words: String::new(),
        };
        let form = BatchForm {
            lot: "page".to_owned(),
            ..BatchForm::default()
        };
        let first = batch("delete").id(me, &form, &rows);
        assert_eq!(batch("delete").id(me, &form, &rows), first);
        assert_ne!(batch("delete").id(me, &form, &rows[..1]), first);
        assert_ne!(batch("confirm").id(me, &form, &rows), first);
        assert_ne!(batch("delete").id(UserId::fresh(), &form, &rows), first);
        let people = BatchForm {
            conseillers: vec![me.to_string()],
            ..form.clone()
        };
        assert_ne!(batch("delete").id(me, &people, &rows), first);
        // All the results: the same, even if fewer are left.
        let all = BatchForm {
            portee: "resultat".to_owned(),
            ..form
        };
        assert_eq!(
            batch("delete").id(me, &all, &rows),
            batch("delete").id(me, &all, &rows[..1])
        );
    }
}
