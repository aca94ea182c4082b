//! Screen: planning a visit.

use super::store::Visitable;
use super::{Visit, VisitStatus, paths, store};
use crate::accounts;
use crate::companies;
use crate::kernel::ids::{EstablishmentId, UserId, VisitId};
use crate::kernel::{fold, next_day, parse_hour};
use crate::platform::access::{Scope, Staff};
use crate::platform::web::{Choice, Errors, Form, OptionExt, Page, Query, Result, clean, optional};
use askama::Template;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PlanForm {
    id: String,
    establishment: String,
    establishment_typed: String,
    visit_on: String,
    begins_at: String,
    advisors: Vec<String>,
    notes: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PlanQuery {
    etablissement: String,
}

#[derive(Template)]
#[template(path = "visits/plan.html")]
struct Plan {
    form: PlanForm,
    errors: Errors,
    advisors: Vec<Choice>,
    /// What the typed name may mean, when it means several.
    candidates: Vec<Choice>,
}

impl Plan {
    fn suggest(&self) -> String {
        format!("{}?q=", paths::ESTABLISHMENTS)
    }
}

/// What a suggestion field expects.
#[derive(Debug, Serialize)]
pub(super) struct Suggestion {
    value: String,
    label: String,
    hint: String,
}

pub(super) async fn show(me: Staff, Query(query): Query<PlanQuery>) -> Result<Response> {
    let mut form = PlanForm {
        id: VisitId::fresh().to_string(),
        advisors: vec![me.user().to_string()],
        ..PlanForm::default()
    };
    if let Ok(id) = query.etablissement.parse::<EstablishmentId>() {
        let known = companies::store::find(&mut *me.read().await?, &me.scope()?, id)
            .await?
            .or_not_found()?;
        form.establishment = id.to_string();
        form.establishment_typed = known.name;
    }
    page(&me, form, Errors::default(), Vec::new()).await
}

async fn page(me: &Staff, form: PlanForm, errors: Errors, candidates: Vec<Visitable>) -> Result<Response> {
    let advisors = advisors(me).await?;
    let candidates = candidates
        .into_iter()
        .map(|c| Choice::new(c.id.to_string(), title(&c)))
        .collect();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((
        status,
        Page(Plan {
            form,
            errors,
            advisors,
            candidates,
        }),
    )
        .into_response())
}

/// Who may visit: the territory's advisors, and whoever is looking (an administrator, say).
pub(super) async fn advisors(me: &Staff) -> Result<Vec<Choice>> {
    let colleagues = accounts::store::colleagues(&mut *me.read().await?, me.scope()?.territory()).await?;
    let title = |name: &str, organisation: Option<String>| match organisation {
        Some(organisation) => format!("{name}, {organisation}"),
        None => name.to_owned(),
    };
    let mut advisors: Vec<_> = colleagues
        .into_iter()
        .map(|c| Choice::new(c.id.to_string(), title(&c.name, c.organisation)))
        .collect();
    let myself = me.user().to_string();
    if !advisors.iter().any(|choice| choice.value == myself) {
        advisors.insert(0, Choice::new(myself, me.session().name()));
    }
    Ok(advisors)
}

/// The people ticked, among those.
pub(super) fn picked(ticked: &[String], advisors: &[Choice]) -> Vec<UserId> {
    let known = ticked
        .iter()
        .filter(|id| advisors.iter().any(|choice| &choice.value == *id));
    known.filter_map(|id| id.parse().ok()).collect()
}

fn title(found: &Visitable) -> String {
    found.commune.as_ref().map_or_else(
        || found.name.clone(),
        |commune| format!("{} ({commune})", found.name),
    )
}

/// Which establishment is meant.
enum Meant {
    One(EstablishmentId),
    Several(Vec<Visitable>),
    Nothing,
}

async fn meant(me: &Staff, scope: &Scope, form: &PlanForm) -> Result<Meant> {
    let mut db = me.read().await?;
    let typed = clean(&form.establishment_typed);
    if let Ok(id) = form.establishment.parse::<EstablishmentId>() {
        let known = companies::store::find(&mut db, scope, id).await?;
        // Without a script, the hidden choice may be older than the words beside it.
        if let Some(known) = known
            && (typed.is_empty() || fold(&typed).starts_with(&fold(&known.name)))
        {
            return Ok(Meant::One(id));
        }
    }
    if typed.chars().count() < 2 {
        return Ok(Meant::Nothing);
    }
    let found = store::visitable(&mut db, scope, &typed).await?;
    let exact: Vec<_> = found
        .iter()
        .filter(|known| fold(&known.name) == fold(&typed))
        .map(|known| known.id)
        .collect();
    match (&exact[..], &found[..]) {
        ([id], _) => Ok(Meant::One(*id)),
        (_, [only]) => Ok(Meant::One(only.id)),
        (_, []) => Ok(Meant::Nothing),
        _ => Ok(Meant::Several(found)),
    }
}

pub(super) async fn submit(me: Staff, Form(form): Form<PlanForm>) -> Result<Response> {
    let scope = me.scope()?;
    let mut errors = Errors::default();
    let (establishment, candidates) = match meant(&me, &scope, &form).await? {
        Meant::One(id) => (Some(id), Vec::new()),
        Meant::Several(found) => {
            errors.add(
                "establishment",
                "Plusieurs établissements répondent à ce nom : choisissez le vôtre.",
            );
            (None, found)
        }
        Meant::Nothing => {
            errors.add(
                "establishment",
                "Indiquez l’établissement : les premières lettres de son nom, ou son SIRET.",
            );
            (None, Vec::new())
        }
    };
    let visit_on = errors.take("visit_on", next_day(&form.visit_on, me.today()));
    let begins_at = match form.begins_at.trim() {
        "" => None,
        typed => errors.take(
            "begins_at",
            parse_hour(typed).ok_or("Indiquez une heure comme 8 h 30."),
        ),
    };
    let advisors = picked(&form.advisors, &advisors(&me).await?);
    if advisors.is_empty() {
        errors.add("advisors", "Cochez au moins une personne.");
    }
    let (Some(establishment_id), Some(visit_on), true) = (establishment, visit_on, errors.is_empty()) else {
        return page(&me, form, errors, candidates).await;
    };
    let known = companies::store::find(&mut *me.read().await?, &scope, establishment_id)
        .await?
        .or_not_found()?;
    let visit = Visit {
        id: form.id.parse().unwrap_or_else(|_| VisitId::fresh()),
        territory_id: known.territory_id,
        establishment_id,
        status: VisitStatus::Planned,
        visit_on,
        begins_at,
        duration_minutes: None,
        contact_met: None,
        notes: optional(&form.notes),
        advisors,
        version: 1,
    };
    me.transact(async |tx| -> Result<()> {
        store::insert(tx, &scope, &visit).await?;
        Ok(())
    })
    .await?;
    Ok(me.done("Visite prévue.", paths::show(&visit.id)).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
}

/// Establishments while typing.
pub(super) async fn establishments(me: Staff, Query(typed): Query<Typed>) -> Result<Json<Vec<Suggestion>>> {
    let words = clean(&typed.q);
    if words.chars().count() < 2 {
        return Ok(Json(Vec::new()));
    }
    let found = store::visitable(&mut *me.read().await?, &me.scope()?, &words).await?;
    let suggestions = found.into_iter().map(|c| Suggestion {
        value: c.id.to_string(),
        hint: [c.commune, c.siret]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        label: c.name,
    });
    Ok(Json(suggestions.collect()))
}
