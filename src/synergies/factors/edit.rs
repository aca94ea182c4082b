//! Screen: changing the factors of a family or of a category; what it does to the proposals is seen first.

use super::model::{self, Group};
use super::store;
use crate::engine::{Params, compare, suppose};
use crate::flows::FlowsChanged;
use crate::kernel::ids::FactorSetId;
use crate::nomenclature::{Catalogue, Local};
use crate::platform::access::Manager;
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Result, optional};
use crate::synergies::matching::Ground;
use crate::synergies::paths;
use crate::synergies::view::Effects;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;

type Typed = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "synergies/factors_edit.html")]
struct Edit {
    title: String,
    action: String,
    lines: Vec<Line>,
    note: String,
    /// The version the form began from, and what was seen of its effects.
    base: String,
    seal: String,
    /// The figures were changed after their effects were shown.
    moved_on: bool,
    effects: Option<Effects>,
    errors: Errors,
}

/// One factor of the form.
struct Line {
    label: String,
    unit: String,
    single: bool,
    /// Name and text of each field: low, central, high, source.
    fields: [(String, String); 4],
    /// « 1,35 » of the nomenclature.
    plain: String,
}

pub(in crate::synergies) async fn show(me: Manager, Path(segment): Path<String>) -> Result<Response> {
    let group = Group::find(&segment).or_not_found()?;
    let local = store::latest(&mut *me.read().await?, &me.scope()?).await?;
    let typed = model::fields(group, &Catalogue::embedded().localised(&local));
    let edit = Edit::new(group, &typed, base(&local));
    Ok(Page(edit).into_response())
}

fn base(local: &Local) -> String {
    local.version.unwrap_or(0).to_string()
}

impl Edit {
    fn new(group: Group, typed: &Typed, base: String) -> Self {
        let plain = Catalogue::embedded();
        let line = |key| {
            let fields = ["bas", "central", "haut", "source"].map(|part| {
                let name = model::field(key, part);
                let text = typed.get(&name).cloned().unwrap_or_default();
                (name, text)
            });
            Line {
                label: model::label(plain, key),
                unit: model::unit(plain, key),
                single: model::is_single(key),
                fields,
                plain: plain
                    .factor(key)
                    .map_or_else(|| "non estimé".to_owned(), |range| model::written(range.central)),
            }
        };
        Self {
            title: group.label(plain),
            action: paths::factor_group(&group.segment()),
            lines: group.keys(plain).into_iter().map(line).collect(),
            note: typed.get("note").cloned().unwrap_or_default(),
            base,
            seal: String::new(),
            moved_on: false,
            effects: None,
            errors: Errors::default(),
        }
    }
}

pub(in crate::synergies) async fn submit(
    me: Manager,
    Path(segment): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let group = Group::find(&segment).or_not_found()?;
    let scope = me.scope()?;
    let text = |name: &str| typed.get(name).map_or("", String::as_str);
    let current = store::latest(&mut *me.read().await?, &scope).await?;
    let mut edit = Edit::new(group, &typed, text("base").to_owned());
    let wanted = match model::read(group, &typed, (Catalogue::embedded(), &current)) {
        Ok(wanted) => wanted,
        Err(errors) => {
            edit.errors = errors;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(edit)).into_response());
        }
    };
    if text("base") != base(&current) {
        return Err(AppError::Conflict(
            "Les facteurs ont changé depuis l’ouverture de ce formulaire\u{a0}: relisez-les avant de les modifier."
                .to_owned(),
        ));
    }
    if wanted == current {
        edit.errors = Errors::one("note", "Rien n’a changé\u{a0}: modifiez au moins un facteur.");
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(edit)).into_response());
    }
    let seal = model::seal(&wanted);
    if text("etape") == "enregistrer" && text("vu") == seal {
        return save(&me, &wanted, optional(text("note"))).await;
    }
    edit.moved_on = text("etape") == "enregistrer";
    edit.seal = seal;
    edit.effects = Some(effects(&me, wanted).await?);
    Ok(Page(edit).into_response())
}

/// What the proposals would become.
async fn effects(me: &Manager, wanted: Local) -> Result<Effects> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let ground = Ground::read(&mut db, &scope, me.today()).await?;
    let labels = ground.labels();
    let difference = ground
        .ask(move |facts, catalogue, params| {
            let after = Catalogue::embedded().localised(&wanted);
            let supposed = Params::of(&after, params.today);
            compare(
                &suppose(facts, catalogue, params, &[]),
                &suppose(facts, &after, &supposed, &[]),
            )
        })
        .await?;
    Effects::read(&mut db, &scope, &difference, &labels).await
}

async fn save(me: &Manager, wanted: &Local, note: Option<String>) -> Result<Response> {
    let scope = me.scope()?;
    let territory = scope.territory();
    let version = wanted.version.unwrap_or(0) + 1;
    let set = Local {
        version: Some(version),
        ..wanted.clone()
    };
    me.transact(async |tx| -> Result<()> {
        store::insert(tx, &scope, FactorSetId::fresh(), &set, note.as_deref()).await?;
        let search = FlowsChanged { territory };
        jobs::enqueue(tx, &search).await?;
        let words = format!("facteurs modifiés, version {version}");
        let event = Event::on("territory", territory, words).within(territory);
        Ok(tx.record(event.after(&set.factors).comment(note.clone())).await?)
    })
    .await
    .map_err(|error| {
        error.on_constraint(
            "factor_sets_version_key",
            "note",
            "Quelqu’un vient d’enregistrer d’autres facteurs.",
        )
    })?;
    let message = format!("Facteurs enregistrés, version {version}. La recherche de synergies est relancée.");
    Ok(me.done(message, paths::FACTORS).into_response())
}
