//! Acts on many flows of the list at once: confirmed, given to read, deleted; and back. What is refused
//! is shown by `list`.

use super::changes::announce;
use super::list::{self, Asking};
use super::search::{self, ListQuery};
use super::store::{self, Before, Slice};
use super::{Flow, Visibility};
use crate::kernel::ids::FlowId;
use crate::lists::store::Changed;
use crate::lists::{Batch, BatchForm, Fate, List, MOST, Reach, RowAct, RowUndo};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::{Errors, Form, OptionExt, Result};
use crate::territories;
use axum::response::{IntoResponse, Redirect, Response};
use uuid::Uuid;

/// What may be done to many flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Confirm,
    Show(Visibility),
    Delete,
}

impl Act {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "confirmer" => Some(Self::Confirm),
            "supprimer" => Some(Self::Delete),
            other => Visibility::parse(other).map(Self::Show),
        }
    }

    fn batch(self) -> Batch {
        let (act, words) = match self {
            Self::Confirm => ("confirm", "Confirmer inchangé".to_owned()),
            Self::Show(visibility) => ("show", format!("Rendre «\u{a0}{}\u{a0}»", visibility.label())),
            Self::Delete => ("delete", "Supprimer".to_owned()),
        };
        Batch {
            list: List::Flows,
            act,
            words,
        }
    }
}

pub(super) async fn act(me: Staff, Form(form): Form<BatchForm>) -> Result<Response> {
    let query: ListQuery = form.filters();
    let ids = meant(&me, &form, &query).await?;
    let (Some(act), false) = (Act::parse(&form.acte), ids.is_empty()) else {
        let errors = Errors::one(
            "lot",
            "Cochez au moins un flux, puis choisissez ce qu’il devient.",
        );
        return list::page(&me, query, Asking { form, errors }).await;
    };
    let scope = me.scope()?;
    let one = One { act, scope: &scope };
    let batch = act.batch().run(&me, &form, &ids, &one).await?;
    Ok(Redirect::to(&form.back(List::Flows, batch)).into_response())
}

async fn meant(me: &Staff, form: &BatchForm, query: &ListQuery) -> Result<Vec<Uuid>> {
    if let Reach::These(ids) = form.reach() {
        return Ok(ids);
    }
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let territory = territories::store::find(&mut db, scope.territory())
        .await?
        .or_not_found()?;
    let filter = query.filter(search::stale_before(me.today(), territory.freshness_months));
    let (sort, descending) = query.sort();
    let first = Slice {
        sort,
        descending,
        limit: i64::try_from(MOST).unwrap_or(i64::MAX),
        offset: 0,
    };
    let rows = store::list(&mut db, &scope, &filter, first).await?;
    Ok(rows.into_iter().map(|row| row.id.uuid()).collect())
}

/// The act on one flow.
struct One<'a> {
    act: Act,
    scope: &'a Scope,
}

impl RowAct for One<'_> {
    async fn lock(&self, tx: &mut Tx, rows: &[Uuid]) -> Result<()> {
        Ok(store::lock(tx, self.scope, rows).await?)
    }
    async fn act(&self, tx: &mut Tx, row: Uuid) -> Result<Fate> {
        one(tx, self.scope, self.act, row.into()).await
    }
}

async fn one(tx: &mut Tx, scope: &Scope, act: Act, id: FlowId) -> Result<Fate> {
    let Some(flow) = store::find(tx, scope, id).await? else {
        return Ok(Fate::gone());
    };
    let refused = |why: &str| Ok(Fate::refused(flow.label.clone(), why));
    let done = match act {
        Act::Confirm if flow.known_on() >= tx.today() => return refused("déjà vu ou confirmé aujourd’hui"),
        Act::Show(visibility) if flow.visibility == visibility => return refused("c’était déjà le cas"),
        Act::Confirm => store::confirm(tx, scope, &flow).await?,
        Act::Show(visibility) => {
            let after = Flow {
                visibility,
                ..flow.clone()
            };
            store::save(tx, scope, &flow, &after).await?
        }
        Act::Delete => store::delete(tx, scope, &flow).await?,
    };
    if !done {
        return refused("modifié à l’instant par quelqu’un d’autre");
    }
    announce(tx, &flow).await?;
    let before = Before {
        confirmed_on: flow.confirmed_on,
        visibility: flow.visibility,
    };
    Fate::done(flow.label, &before, flow.version + 1)
}

pub(super) struct Back;

impl RowUndo for Back {
    const LIST: List = List::Flows;
    async fn lock(tx: &mut Tx, scope: &Scope, held: &[Uuid]) -> Result<()> {
        Ok(store::lock(tx, scope, held).await?)
    }
    async fn undo(tx: &mut Tx, scope: &Scope, row: &Changed) -> Result<bool> {
        let before: Before = row.before()?;
        let undone = store::undo(tx, scope, (row.row.into(), row.version), &before).await?;
        if let Some(flow) = &undone {
            announce(tx, flow).await?;
        }
        Ok(undone.is_some())
    }
}
