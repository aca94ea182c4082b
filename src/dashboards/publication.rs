//! Screen: whether the territory has a public page, and what companies agreed to publish on it.

use super::paths;
use super::store::publication::{self as store, Candidate, Setting, Voice};
use crate::kernel::ids::{CompanyId, SynergyId, TerritoryId};
use crate::platform::access::Manager;
use crate::platform::web::{Errors, Form, OptionExt, Page, Path, Result, checked, clean, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "dashboards/publication.html")]
struct Publication {
    territory: TerritoryId,
    setting: Setting,
    rows: Vec<Row>,
    errors: Errors,
}

/// A realised synergy with its companies.
struct Row {
    synergy: Candidate,
    title: String,
    story: String,
    voices: Vec<Voice>,
}

impl Row {
    fn is_shown(&self) -> bool {
        self.synergy.story.is_some() && self.voices.iter().all(|voice| voice.said_on.is_some())
    }
}

async fn page(me: &Manager, refused: Option<(SynergyId, &PublishForm, Errors)>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let setting = store::setting(&mut db, scope.territory()).await?.or_not_found()?;
    let voices = store::voices(&mut db, &scope).await?;
    let synergies = store::candidates(&mut db, &scope).await?;
    let rows = synergies.into_iter().map(|synergy| {
        let typed = refused
            .as_ref()
            .filter(|(id, ..)| *id == synergy.id)
            .map(|(_, form, _)| *form);
        let mut voices: Vec<_> = voices
            .iter()
            .filter(|voice| voice.synergy == synergy.id)
            .cloned()
            .collect();
        if let Some(form) = typed {
            for voice in &mut voices {
                voice.person = form.person(voice.company);
            }
        }
        Row {
            title: typed.map_or_else(
                || synergy.written_title.clone().unwrap_or_default(),
                |form| form.title.clone(),
            ),
            story: typed.map_or_else(
                || synergy.story.clone().unwrap_or_default(),
                |form| form.story.clone(),
            ),
            voices,
            synergy,
        }
    });
    let rows = rows.collect();
    let errors = refused.map(|(.., errors)| errors).unwrap_or_default();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((
        status,
        Page(Publication {
            territory: scope.territory(),
            setting,
            rows,
            errors,
        }),
    )
        .into_response())
}

pub(super) async fn list(me: Manager) -> Result<Response> {
    page(&me, None).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SettingForm {
    is_public: String,
    is_indexed: String,
}

pub(super) async fn set(me: Manager, Form(form): Form<SettingForm>) -> Result<Response> {
    let scope = me.scope()?;
    let setting = Setting {
        is_public: checked(&form.is_public),
        is_indexed: checked(&form.is_indexed),
    };
    me.transact(async |tx| -> Result<()> { Ok(store::set(tx, &scope, setting).await?) })
        .await?;
    let words = if setting.is_public {
        "La page publique est ouverte."
    } else {
        "La page publique est fermée."
    };
    Ok(me.done(words, paths::PUBLICATION).into_response())
}

/// Companies and the people who agreed for them go in the same order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PublishForm {
    title: String,
    story: String,
    companies: Vec<String>,
    people: Vec<String>,
}

impl PublishForm {
    fn person(&self, company: CompanyId) -> Option<String> {
        let rank = self.companies.iter().position(|id| *id == company.to_string())?;
        self.people
            .get(rank)
            .map(|person| clean(person))
            .filter(|person| !person.is_empty())
    }

    fn agreed(&self) -> Vec<(CompanyId, String)> {
        let known = self.companies.iter().filter_map(|id| id.parse().ok());
        known
            .filter_map(|company| Some((company, self.person(company)?)))
            .collect()
    }
}

pub(super) async fn publish(
    me: Manager,
    Path(id): Path<SynergyId>,
    Form(form): Form<PublishForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let (title, story) = (clean(&form.title), form.story.trim().to_owned());
    let mut errors = Errors::default();
    if title.is_empty() {
        errors.add("title", "Donnez un titre que tout le monde puisse lire.");
    }
    if story.is_empty() {
        errors.add("story", "Dites en quelques phrases ce qui a été fait.");
    }
    if !errors.is_empty() {
        return page(&me, Some((id, &form, errors))).await;
    }
    let written = me
        .transact(async |tx| -> Result<bool> {
            Ok(store::publish(tx, &scope, id, (&title, &story), &form.agreed()).await?)
        })
        .await?;
    written.then_some(()).or_not_found()?;
    Ok(me
        .done("Le texte et les accords sont notés.", paths::PUBLICATION)
        .into_response())
}
