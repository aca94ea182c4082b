//! Screens: planning a workshop, and changing what was planned.

use super::model::{Workshop, parse_hour};
use super::{category_labels, paths, store};
use crate::accounts;
use crate::kernel::ids::{UserId, WorkshopId};
use crate::kernel::{parse_day, typed_day};
use crate::nomenclature::FlowCode;
use crate::platform::access::Staff;
use crate::platform::web::{
    AppError, Choice, Errors, Form, OptionExt, Page, Path, Query, Result, clean, optional,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveTime;
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct WorkshopForm {
    id: String,
    version: String,
    title: String,
    held_on: String,
    begins_at: String,
    ends_at: String,
    place: String,
    capacity: String,
    table_size: String,
    owner: String,
    categories: Vec<String>,
    message: String,
    chase_days: String,
    recall_days: String,
}

impl From<&Workshop> for WorkshopForm {
    fn from(w: &Workshop) -> Self {
        let hour = |at: NaiveTime| at.format("%-H h %M").to_string();
        Self {
            id: w.id.to_string(),
            version: w.version.to_string(),
            title: w.title.clone(),
            held_on: typed_day(w.held_on),
            begins_at: hour(w.begins_at),
            ends_at: hour(w.ends_at),
            place: w.place.clone().unwrap_or_default(),
            capacity: w.capacity.to_string(),
            table_size: w.table_size.to_string(),
            owner: w.owner.map(|id| id.to_string()).unwrap_or_default(),
            categories: w.categories.clone(),
            message: w.message.clone().unwrap_or_default(),
            chase_days: days(w.chase_days),
            recall_days: days(w.recall_days),
        }
    }
}

impl WorkshopForm {
    /// The workshop with what was typed in it.
    fn parse(&self, before: &Workshop, owners: &[Choice]) -> Result<Workshop, Errors> {
        let mut errors = Errors::default();
        let title = clean(&self.title);
        if title.is_empty() || title.chars().count() > 120 {
            errors.add("title", "Indiquez un titre, en 120 caractères au plus.");
        }
        let held_on = errors.take("held_on", parse_day(&self.held_on));
        let begins_at = self.hour(&mut errors, "begins_at", &self.begins_at);
        let ends_at = self.hour(&mut errors, "ends_at", &self.ends_at);
        if let (Some(from), Some(to)) = (begins_at, ends_at)
            && from >= to
        {
            errors.add("ends_at", "La fin vient après le début.");
        }
        let capacity = number(&self.capacity, 2, 300);
        if capacity.is_none() {
            errors.add("capacity", "Indiquez un nombre de personnes entre 2 et 300.");
        }
        let table_size = number(&self.table_size, 2, 20);
        if table_size.is_none() {
            errors.add("table_size", "Indiquez un nombre de personnes entre 2 et 20.");
        }
        let chase_days = before_days(&mut errors, "chase_days", &self.chase_days);
        let recall_days = before_days(&mut errors, "recall_days", &self.recall_days);
        let owner = self.owner.parse::<UserId>().ok();
        if !owners.iter().any(|choice| choice.value == self.owner) {
            errors.add("owner", "Choisissez qui organise l’atelier.");
        }
        let read = (held_on, begins_at, ends_at, capacity, table_size);
        let (Some(held_on), Some(begins_at), Some(ends_at), Some(capacity), Some(table_size)) = read else {
            return Err(errors);
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Workshop {
            title,
            held_on,
            begins_at,
            ends_at,
            place: optional(&self.place),
            capacity,
            table_size,
            categories: self.codes(),
            message: optional(&self.message),
            chase_days,
            recall_days,
            owner,
            ..before.clone()
        })
    }

    fn hour(&self, errors: &mut Errors, field: &'static str, typed: &str) -> Option<NaiveTime> {
        let hour = parse_hour(typed.trim());
        if hour.is_none() {
            errors.add(field, "Indiquez une heure comme 8 h 30.");
        }
        hour
    }

    fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self
            .categories
            .iter()
            .filter_map(|code| FlowCode::find(code))
            .map(|code| code.to_string())
            .collect();
        codes.sort();
        codes.dedup();
        codes
    }
}

/// Nothing typed: never.
fn before_days(errors: &mut Errors, field: &'static str, typed: &str) -> Option<i32> {
    let days = number(typed, 1, 30);
    if days.is_none() && !typed.trim().is_empty() {
        errors.add(field, "Indiquez de 1 à 30 jours, ou rien pour ne rien envoyer.");
    }
    days
}

fn days(days: Option<i32>) -> String {
    days.map(|days| days.to_string()).unwrap_or_default()
}

fn number(typed: &str, least: i32, most: i32) -> Option<i32> {
    typed
        .trim()
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}

#[derive(Template)]
#[template(path = "workshops/edit.html")]
struct Edit {
    form: WorkshopForm,
    errors: Errors,
    owners: Vec<Choice>,
    themes: Vec<Choice>,
    /// The workshop being changed; none for a new one.
    known: Option<Workshop>,
}

impl Edit {
    fn action(&self) -> String {
        self.known
            .as_ref()
            .map_or_else(|| paths::NEW.to_owned(), |known| paths::edit(&known.id))
    }
    fn title(&self) -> &'static str {
        if self.known.is_some() {
            "Modifier l’atelier"
        } else {
            "Prévoir un atelier"
        }
    }
}

async fn page(me: &Staff, form: WorkshopForm, known: Option<Workshop>, errors: Errors) -> Result<Response> {
    let scope = me.scope()?;
    let owners = owners(me).await?;
    let found = store::themes::themes(&mut *me.read().await?, &scope).await?;
    let mut codes: Vec<String> = form.codes();
    codes.extend(found.into_iter().map(|theme| theme.category));
    let mut themes: Vec<Choice> = Vec::new();
    for code in codes {
        if !themes.iter().any(|choice| choice.value == code) {
            let label = category_labels(std::slice::from_ref(&code))
                .pop()
                .unwrap_or_default();
            themes.push(Choice::new(code, label));
        }
    }
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((
        status,
        Page(Edit {
            form,
            errors,
            owners,
            themes,
            known,
        }),
    )
        .into_response())
}

/// Who may organise: the territory's team, and whoever is looking.
pub(super) async fn owners(me: &Staff) -> Result<Vec<Choice>> {
    let colleagues = accounts::store::colleagues(&mut *me.read().await?, me.scope()?.territory()).await?;
    let mut owners: Vec<Choice> = colleagues
        .into_iter()
        .map(|c| Choice::new(c.id.to_string(), c.name))
        .collect();
    let myself = me.user().to_string();
    if !owners.iter().any(|choice| choice.value == myself) {
        owners.insert(0, Choice::new(myself, me.session().name()));
    }
    Ok(owners)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct About {
    theme: String,
}

pub(super) async fn new(me: Staff, Query(about): Query<About>) -> Result<Response> {
    let mut workshop = Workshop::on(me.scope()?.territory(), "", me.today());
    if let Some(code) = FlowCode::find(&about.theme) {
        workshop.categories = vec![code.to_string()];
        workshop.title = category_labels(&workshop.categories).pop().unwrap_or_default();
    }
    workshop.owner = Some(me.user());
    let mut form = WorkshopForm::from(&workshop);
    form.held_on = String::new();
    page(&me, form, None, Errors::default()).await
}

pub(super) async fn create(me: Staff, Form(form): Form<WorkshopForm>) -> Result<Response> {
    let scope = me.scope()?;
    let blank = Workshop {
        id: form.id.parse().unwrap_or_else(|_| WorkshopId::fresh()),
        ..Workshop::on(scope.territory(), "", me.today())
    };
    let workshop = match form.parse(&blank, &owners(&me).await?) {
        Ok(workshop) => workshop,
        Err(errors) => return page(&me, form, None, errors).await,
    };
    me.transact(async |tx| -> Result<()> {
        store::insert(tx, &scope, &workshop).await?;
        Ok(())
    })
    .await?;
    Ok(me
        .done(
            "Atelier prévu. Choisissez qui inviter.",
            paths::guests(&workshop.id),
        )
        .into_response())
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let known = store::find(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()?;
    page(&me, WorkshopForm::from(&known), Some(known), Errors::default()).await
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<WorkshopForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let known = store::find(&mut *me.read().await?, &scope, id)
        .await?
        .or_not_found()?;
    let after = match form.parse(&known, &owners(&me).await?) {
        Ok(after) => after,
        Err(errors) => return page(&me, form, Some(known), errors).await,
    };
    if form.version != known.version.to_string() {
        let sentence = "Quelqu’un a modifié cet atelier entre-temps\u{a0}: relisez votre saisie, puis enregistrez de nouveau.";
        let form = WorkshopForm {
            version: known.version.to_string(),
            ..form
        };
        return page(&me, form, Some(known), Errors::one("", sentence)).await;
    }
    me.transact(async |tx| -> Result<()> {
        if store::save(tx, &scope, (&known, &after), "modifié").await? {
            Ok(())
        } else {
            Err(AppError::Conflict(
                "Quelqu’un a modifié cet atelier entre-temps.".to_owned(),
            ))
        }
    })
    .await?;
    Ok(me.done("Atelier enregistré.", paths::show(&id)).into_response())
}
