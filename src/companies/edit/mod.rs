//! Screen: an establishment's form, to add one or to correct one. When two people correct the same
//! sheet, what they changed apart is merged; what they both changed is put to the second one.

mod commune;
mod conflict;
mod form;
#[cfg(test)]
mod tests;

use super::changes::SitesChanged;
use super::directory::Listed;
use super::directory::{self, Chosen, Found};
use super::{Establishment, Headcount, list, paths, store};
use crate::kernel::Siret;
use crate::kernel::ids::{EstablishmentId, TerritoryId};
use crate::platform::App;
use crate::platform::access::Staff;
use crate::platform::jobs;
use crate::platform::web::{AppError, Choice, Errors, Form, OptionExt, Page, Path, Query, Result};
use crate::territories::{self, Commune};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use form::{Draft, References};
use serde::Deserialize;
use sqlx::PgConnection;

const DUPLICATE: &str = "Ce SIRET est déjà enregistré dans ce territoire.";

#[derive(Template)]
#[template(path = "companies/edit.html")]
struct Edit {
    /// None while the establishment is being added.
    current: Option<Establishment>,
    form: form::Form,
    errors: Errors,
    /// The establishment that already has this SIRET.
    known: Option<store::Known>,
    headcounts: Vec<Choice>,
    zones: Vec<Choice>,
    map: String,
    search: Search,
    found: Option<Found>,
    /// What filled the form, and whether it is closed.
    filled: Option<Listed>,
    /// The one that was chosen could not be found again.
    is_lost: bool,
    /// Whether addresses are proposed while one types.
    has_geocoder: bool,
}

/// A company looked for elsewhere than among those followed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    cherche: String,
    /// The one that was chosen.
    siret: String,
}

pub(super) async fn new(me: Staff, State(app): State<App>, Query(search): Query<Search>) -> Result<Response> {
    let scope = me.scope()?;
    let mut form = form::Form::default();
    let (mut found, mut filled, mut known) = (None, None, None);
    let mut is_lost = false;
    if let Ok(siret) = Siret::parse(&search.siret) {
        match directory::choose(&me, &app.config, &siret).await? {
            Chosen::Listed(listed, position) => {
                let commune = commune_of(&mut *me.read().await?, listed.insee.as_ref()).await?;
                form = form::Form::from_directory(&listed, commune.as_ref(), position);
                filled = Some(*listed);
            }
            Chosen::Ours => known = store::with_siret(&mut *me.read().await?, &scope, &siret).await?,
            Chosen::Lost => {
                form.siret = siret.to_string();
                is_lost = true;
            }
        }
    } else if !search.cherche.trim().is_empty() {
        found = Some(directory::search(&me, &app.config, search.cherche.trim()).await?);
    }
    form.id = EstablishmentId::fresh().to_string();
    let references = references(&mut *me.read().await?, &me, &form, scope.territory()).await?;
    let page = Edit {
        search,
        found,
        filled,
        is_lost,
        known,
        ..page(&app, None, form, references, Errors::default())
    };
    Ok(Page(page).into_response())
}

pub(super) async fn create(
    me: Staff,
    State(app): State<App>,
    Form(form): Form<form::Form>,
) -> Result<Response> {
    let scope = me.scope()?;
    let references = references(&mut *me.read().await?, &me, &form, scope.territory()).await?;
    let id: EstablishmentId = form
        .id
        .parse()
        .map_err(|_| AppError::BadRequest(LOST.to_owned()))?;
    let added = match understood(&me, &form, &references, id).await {
        Ok(draft) => {
            let mut blank = Establishment::named(scope.territory(), "");
            blank.id = id;
            let draft = placed(&app, draft, &blank).await;
            let establishment = draft.apply(&blank);
            me.transact(async |tx| -> Result<()> {
                if store::insert(tx, &scope, &establishment).await? {
                    let territory = establishment.territory_id;
                    jobs::enqueue(tx, &SitesChanged { territory }).await?;
                }
                Ok(())
            })
            .await
            .map_err(duplicate)
            .map(|()| establishment)
        }
        Err(error) => Err(error),
    };
    match added {
        Ok(e) => Ok(me
            .done(format!("{} est ajoutée.", e.name), paths::show(&e.id))
            .into_response()),
        Err(AppError::Refused(errors)) => refused(&me, &app, None, form, references, errors).await,
        Err(error) => Err(error),
    }
}

const LOST: &str = "Ce formulaire a perdu son numéro. Rouvrez la page et recommencez.";

pub(super) async fn edit(
    me: Staff,
    State(app): State<App>,
    Path(id): Path<EstablishmentId>,
) -> Result<Response> {
    let mut db = me.read().await?;
    let current = store::find(&mut db, &me.scope()?, id).await?.or_not_found()?;
    let commune = commune_of(&mut db, current.insee.as_ref()).await?;
    let form = form::Form::of(&current, commune.as_ref());
    let references = references(&mut db, &me, &form, current.territory_id).await?;
    Ok(Page(page(&app, Some(current), form, references, Errors::default())).into_response())
}

pub(super) async fn save(
    me: Staff,
    State(app): State<App>,
    Path(id): Path<EstablishmentId>,
    Form(form): Form<form::Form>,
) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let current = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let references = references(&mut db, &me, &form, current.territory_id).await?;
    drop(db);
    let draft = match understood(&me, &form, &references, id).await {
        Ok(draft) => draft,
        Err(AppError::Refused(errors)) => {
            return refused(&me, &app, Some(current), form, references, errors).await;
        }
        Err(error) => return Err(error),
    };
    let draft = placed(&app, draft, &current).await;
    let base = conflict::base(&me, &current, &form.version).await?;
    let mine = draft.apply(&base.establishment);
    let (merged, differences) = conflict::merge(&base.establishment, &mine, &current);
    if !differences.is_empty() {
        return conflict::page(&me, &base, &mine, &current, differences, &references).await;
    }
    if merged == current {
        return Ok(me.done("Rien n’a changé.", paths::show(&id)).into_response());
    }
    let saved = me
        .transact(async |tx| -> Result<bool> {
            let saved = store::save(tx, &scope, &current, &merged).await?;
            tx.nothing_to_record();
            if saved {
                let territory = merged.territory_id;
                jobs::enqueue(tx, &SitesChanged { territory }).await?;
            }
            Ok(saved)
        })
        .await
        .map_err(duplicate);
    match saved {
        Ok(true) => Ok(me.done(format!("La fiche de {} est à jour.", merged.name), paths::show(&id)).into_response()),
        // Somebody saved in the very same second: what was typed is still in the browser's form.
        Ok(false) => Err(AppError::Conflict(
            "Quelqu’un a enregistré cette fiche au même instant. Revenez en arrière et enregistrez à nouveau\u{a0}: votre saisie y est encore.".to_owned(),
        )),
        Err(AppError::Refused(errors)) => refused(&me, &app, Some(current), form, references, errors).await,
        Err(error) => Err(error),
    }
}

fn duplicate(error: AppError) -> AppError {
    error.on_constraint("establishments_siret_key", "siret", DUPLICATE)
}

/// The form's meaning, once its SIRET is known to be nobody else's.
async fn understood(
    me: &Staff,
    form: &form::Form,
    references: &References,
    id: EstablishmentId,
) -> Result<Draft> {
    let draft = form.parse(references).map_err(AppError::Refused)?;
    if let Some(siret) = &draft.siret {
        let known = store::with_siret(&mut *me.read().await?, &me.scope()?, siret).await?;
        if known.is_some_and(|other| other.id != id) {
            return Err(AppError::Refused(Errors::one("siret", DUPLICATE)));
        }
    }
    Ok(draft)
}

/// With the place of its address, when a geocoder is set and finds it. No connection is held meanwhile.
async fn placed(app: &App, draft: Draft, before: &Establishment) -> Draft {
    let located = match draft.unplaced_address(before) {
        Some((address, insee)) => directory::locate(&app.config, &address, insee).await,
        None => None,
    };
    draft.located(located)
}

/// The same form, what was typed kept, with the sheet to open instead of a duplicate.
async fn refused(
    me: &Staff,
    app: &App,
    current: Option<Establishment>,
    form: form::Form,
    references: References,
    errors: Errors,
) -> Result<Response> {
    let id = current
        .as_ref()
        .map_or_else(|| form.id.clone(), |e| e.id.to_string());
    let mut page = page(app, current, form, references, errors);
    if page.errors.has("siret")
        && let Ok(siret) = Siret::parse(&page.form.siret)
    {
        let known = store::with_siret(&mut *me.read().await?, &me.scope()?, &siret).await?;
        page.known = known.filter(|other| other.id.to_string() != id);
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

fn page(
    app: &App,
    current: Option<Establishment>,
    form: form::Form,
    references: References,
    errors: Errors,
) -> Edit {
    let (lat, lon) = references.centre;
    let map = format!(
        r#"{} data-pick data-lat-input="lat" data-lon-input="lon" data-centre="{lat} {lon}""#,
        list::map_background(app)
    );
    Edit {
        current,
        form,
        errors,
        known: None,
        headcounts: Choice::pairs(Headcount::ALL.iter().map(|band| (band.code(), band.label()))),
        zones: Choice::pairs(
            references
                .zones
                .into_iter()
                .map(|zone| (zone.id.to_string(), zone.name)),
        ),
        map,
        search: Search::default(),
        found: None,
        filled: None,
        is_lost: false,
        has_geocoder: app.config.geocoder.is_some(),
    }
}

/// What the form may refer to: the zones of its territory, and the communes that it may mean.
async fn references(
    db: &mut PgConnection,
    me: &Staff,
    form: &form::Form,
    territory: TerritoryId,
) -> Result<References> {
    let scope = me.scope()?;
    let mut communes: Vec<Commune> = Vec::new();
    if !form.commune.is_empty() {
        communes.extend(territories::store::find_commune(db, &form.commune).await?);
    }
    let typed = form.typed_commune();
    if !typed.query().is_empty() {
        let found = territories::store::search_communes(db, &scope, typed.query()).await?;
        let chosen = form.commune.clone();
        communes.extend(found.into_iter().filter(|commune| commune.insee != chosen));
    }
    let place = territories::store::find(db, territory).await?.or_not_found()?;
    Ok(References {
        today: me.today(),
        centre: (place.latitude, place.longitude),
        zones: store::zones(db, &scope, territory).await?,
        communes,
    })
}

async fn commune_of(db: &mut PgConnection, insee: Option<&String>) -> Result<Option<Commune>> {
    Ok(match insee {
        Some(insee) => territories::store::find_commune(db, insee).await?,
        None => None,
    })
}
