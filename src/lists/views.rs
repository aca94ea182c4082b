//! Screen: a saved view, named; and the bar of views above each list. A view is the query string of
//! its list, less what a list does not know, so that it opens by a plain link.

use super::model::List;
use super::{paths, store};
use crate::kernel::ids::{TerritoryId, UserId, ViewId};
use crate::platform::access::{Role, Staff};
use crate::platform::web::{AppError, Done, Errors, Form, OptionExt, Page, Path, Result, checked, clean};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// A saved view of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    pub id: ViewId,
    pub territory_id: TerritoryId,
    pub list: List,
    pub name: String,
    pub query: String,
    /// With those who work in the territory.
    pub is_shared: bool,
    pub owner_id: UserId,
    pub owner: String,
}

impl View {
    pub fn href(&self) -> String {
        at(self.list, &self.query)
    }

    /// Its owner, or who runs the territory when it is everybody's.
    fn may_be_changed_by(&self, me: &Staff) -> bool {
        self.owner_id == me.user() || (self.is_shared && runs(me))
    }
}

/// Whether this person runs the territory.
fn runs(me: &Staff) -> bool {
    me.has(Role::Admin) || me.has(Role::Pilot)
}

fn gone() -> AppError {
    AppError::Conflict("Cette vue vient d’être supprimée par quelqu’un d’autre.".to_owned())
}

fn at(list: List, query: &str) -> String {
    if query.is_empty() {
        list.path().to_owned()
    } else {
        format!("{}?{query}", list.path())
    }
}

/// What every list's address may say beside its filters.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub vue_supprimee: String,
    /// An act on many rows just done.
    pub lot: String,
}

/// The views above a list.
pub struct Bar {
    pub list: List,
    pub views: Vec<View>,
    /// The list as it is now.
    pub query: String,
    /// The view that it shows, when this person may change it.
    pub mine: Option<View>,
    pub deleted: Option<View>,
    pub fresh: ViewId,
}

impl Bar {
    /// # Errors
    /// Those of the database.
    pub async fn of(me: &Staff, list: List, address: &str, asked: &Asked) -> Result<Self> {
        let scope = me.scope()?;
        let mut db = me.read().await?;
        let query = list.kept(address.split_once('?').map_or("", |(_, query)| query));
        let views = store::views(&mut db, &scope, me.user(), list).await?;
        let deleted = match asked.vue_supprimee.parse() {
            Ok(id) => store::deleted_view(&mut db, &scope, (me.user(), runs(me)), (id, me.now())).await?,
            Err(_) => None,
        };
        let shown = views.iter().find(|view| view.query == query);
        Ok(Self {
            list,
            mine: shown.filter(|view| view.may_be_changed_by(me)).cloned(),
            views,
            query,
            deleted,
            fresh: ViewId::fresh(),
        })
    }

    pub fn is_current(&self, view: &View) -> bool {
        view.query == self.query
    }
    pub fn is_known(&self) -> bool {
        self.views.iter().any(|view| self.is_current(view))
    }
    /// A bare list needs no view.
    pub fn may_be_saved(&self) -> bool {
        !self.query.is_empty() && !self.is_known()
    }
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ViewForm {
    id: String,
    liste: String,
    requete: String,
    nom: String,
    partagee: String,
}

/// A view's form when something is refused.
#[derive(Template)]
#[template(path = "lists/view.html")]
struct Refused {
    form: ViewForm,
    list: List,
    errors: Errors,
    action: String,
    back: String,
}

impl Refused {
    fn is_shared(&self) -> bool {
        checked(&self.form.partagee)
    }
    fn page(form: ViewForm, list: List, errors: Errors, action: String) -> Response {
        let back = at(list, &list.kept(&form.requete));
        let page = Self {
            form,
            list,
            errors,
            action,
            back,
        };
        (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
    }
}

const LONGEST: usize = 60;

fn name(form: &ViewForm, others: &[View], me: UserId) -> std::result::Result<String, Errors> {
    let name = clean(&form.nom);
    let id = form.id.parse::<ViewId>().ok();
    let refusal = if name.is_empty() {
        "Donnez un nom à cette vue, par exemple «\u{a0}Mes flux à confirmer\u{a0}»."
    } else if name.chars().count() > LONGEST {
        "Raccourcissez ce nom\u{a0}: 60 caractères au plus."
    } else if others
        .iter()
        .any(|v| v.owner_id == me && v.name == name && Some(v.id) != id)
    {
        "Une de vos vues porte déjà ce nom\u{a0}: donnez-en un autre."
    } else {
        return Ok(name);
    };
    Err(Errors::one("nom", refusal))
}

pub(super) async fn create(me: Staff, Form(form): Form<ViewForm>) -> Result<Response> {
    let list = List::parse(&form.liste)
        .ok_or_else(|| AppError::BadRequest("Cette liste n’existe pas.".to_owned()))?;
    let scope = me.scope()?;
    let others = store::views(&mut *me.read().await?, &scope, me.user(), list).await?;
    let name = match name(&form, &others, me.user()) {
        Ok(name) => name,
        Err(errors) => return Ok(Refused::page(form, list, errors, paths::VIEWS.to_owned())),
    };
    let view = View {
        id: form.id.parse().unwrap_or_else(|_| ViewId::fresh()),
        territory_id: scope.territory(),
        list,
        name,
        query: list.kept(&form.requete),
        is_shared: checked(&form.partagee),
        owner_id: me.user(),
        owner: me.session().name().to_owned(),
    };
    me.transact(async |tx| -> Result<()> {
        store::add_view(tx, &view).await?;
        Ok(())
    })
    .await?;
    Ok(me
        .done(format!("Vue enregistrée\u{a0}: {}.", view.name), view.href())
        .into_response())
}

async fn changeable(me: &Staff, id: ViewId) -> Result<View> {
    let found = store::view(&mut *me.read().await?, &me.scope()?, me.user(), id).await?;
    let view = found.or_not_found()?;
    if view.may_be_changed_by(me) {
        Ok(view)
    } else {
        Err(AppError::Forbidden)
    }
}

/// Another name, or shared or not.
pub(super) async fn change(
    me: Staff,
    Path(id): Path<ViewId>,
    Form(mut form): Form<ViewForm>,
) -> Result<Response> {
    let before = changeable(&me, id).await?;
    let others = store::views(&mut *me.read().await?, &me.scope()?, me.user(), before.list).await?;
    form.id = id.to_string();
    let name = match name(&form, &others, before.owner_id) {
        Ok(name) => name,
        Err(errors) => return Ok(Refused::page(form, before.list, errors, paths::view(&id))),
    };
    let after = View {
        name,
        is_shared: checked(&form.partagee),
        ..before.clone()
    };
    me.transact(async |tx| -> Result<()> {
        let saved = store::save_view(tx, &before, &after).await?;
        saved.then_some(()).ok_or_else(gone)
    })
    .await?;
    Ok(me
        .done(format!("Vue modifiée\u{a0}: {}.", after.name), after.href())
        .into_response())
}

/// Whoever may delete it can bring it back from the list where it leads.
pub(super) async fn delete(me: Staff, Path(id): Path<ViewId>) -> Result<Done> {
    let view = changeable(&me, id).await?;
    me.transact(async |tx| -> Result<()> {
        let deleted = store::delete_view(tx, &view).await?;
        deleted.then_some(()).ok_or_else(gone)
    })
    .await?;
    let href = view.href();
    let mark = if href.contains('?') { '&' } else { '?' };
    Ok(me.done("Vue supprimée.", format!("{href}{mark}vue_supprimee={id}")))
}

pub(super) async fn restore(me: Staff, Path(id): Path<ViewId>) -> Result<Done> {
    let scope = me.scope()?;
    let who = (me.user(), runs(&me));
    let found = store::deleted_view(&mut *me.read().await?, &scope, who, (id, me.now())).await?;
    let view = found.or_not_found()?;
    me.transact(async |tx| -> Result<()> {
        store::restore_view(tx, &view).await?;
        Ok(())
    })
    .await?;
    Ok(me.done(format!("Vue rétablie\u{a0}: {}.", view.name), view.href()))
}
