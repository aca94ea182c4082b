//! Screen: what meets across the border. The own flow with its name, the other side without until both agreed.

use super::model::BorderWord;
use super::paths;
use super::store::{self, matches};
use crate::companies;
use crate::companies::consent::{self, Amount, Consent, Consents, Link, Party};
use crate::kernel::format_number;
use crate::kernel::ids::{BorderMatchId, TerritoryId};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Form, Page, Path, Result};
use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "neighbours/matches.html")]
struct Matches {
    rows: Vec<Row>,
    /// An agreement is in force or asked.
    has_agreements: bool,
    may_agree: bool,
}

struct Row {
    id: BorderMatchId,
    gives: bool,
    neighbour: String,
    score: String,
    label: String,
    establishment: String,
    href: String,
    /// Its category, in the words of the nomenclature: what the other wrote may name it.
    other_flow: &'static str,
    party: Party,
    own: BorderWord,
    other: BorderWord,
    /// Whom to call, once both agreed.
    contact: Option<String>,
}

fn row(found: matches::Found, divisions: &BTreeMap<TerritoryId, Vec<String>>) -> Row {
    let consent = |word| {
        if word == BorderWord::Agreed {
            Consent::Given
        } else {
            Consent::Withheld
        }
    };
    let category = found
        .other_category
        .as_deref()
        .and_then(FlowCode::find)
        .map(|code| Catalogue::embedded().category(code));
    let link = Link {
        distance_km: found.distance_km,
        amount: category
            .zip(found.other_quantity)
            .map(|(category, per_year)| Amount {
                per_year,
                unit: category.unit,
            }),
    };
    let across = divisions.get(&found.neighbour_id).map_or(&[][..], Vec::as_slice);
    let other = found.other(across);
    let consents = Consents {
        viewer: consent(found.own_word),
        other: consent(found.other_word),
    };
    let party = consent::reveal(&other, &link, consents);
    let contact = match &party {
        Party::Named(_) => found
            .other_person
            .zip(found.other_email)
            .map(|(name, email)| format!("{name}, {email}")),
        Party::Anonymous(_) => None,
    };
    Row {
        id: found.id,
        gives: found.gives,
        neighbour: found.neighbour,
        score: format_number(found.score, 0),
        label: found.label,
        establishment: found.establishment_name,
        href: companies::paths::show(&found.establishment),
        other_flow: category.map_or("Flux à classer", |category| category.label.as_str()),
        party,
        own: found.own_word,
        other: found.other_word,
        contact,
    }
}

pub(super) async fn list(me: Staff) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let rows = matches::list(&mut db, &scope, today).await?;
    let agreements = store::agreements(&mut db, &scope).await?;
    let across: BTreeSet<_> = rows.iter().map(|found| found.neighbour_id).collect();
    let across: Vec<_> = across.into_iter().collect();
    let divisions = matches::divisions(&mut db, &across).await?;
    Ok(Page(Matches {
        rows: rows.into_iter().map(|found| row(found, &divisions)).collect(),
        has_agreements: agreements.iter().any(|one| one.ended_on.is_none()),
        may_agree: me.has(crate::platform::access::Role::Pilot)
            || me.has(crate::platform::access::Role::Admin),
    })
    .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SayForm {
    word: String,
}

pub(super) async fn say(
    me: Staff,
    Path(id): Path<BorderMatchId>,
    Form(form): Form<SayForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let word = match form.word.as_str() {
        "agreed" => BorderWord::Agreed,
        "declined" => BorderWord::Declined,
        "waiting" => BorderWord::Waiting,
        _ => {
            return Err(AppError::BadRequest(
                "Choisissez d’étudier cette correspondance, ou de l’écarter.".to_owned(),
            ));
        }
    };
    let today = me.today();
    let visible = matches::list(&mut *me.read().await?, &scope, today).await?;
    if !visible.iter().any(|one| one.id == id) {
        return Err(AppError::NotFound);
    }
    let said = me
        .transact(async |tx| -> Result<bool> { Ok(matches::say(tx, &scope, id, word).await?) })
        .await?;
    if !said {
        return Err(AppError::Conflict(
            "Votre territoire a déjà répondu à cette correspondance.".to_owned(),
        ));
    }
    let words = match word {
        BorderWord::Agreed => {
            "Votre accord est noté. Les entreprises seront nommées quand le conseiller voisin aura donné le sien."
        }
        BorderWord::Declined => "Cette correspondance est écartée, pour les deux territoires.",
        BorderWord::Waiting => "Votre accord est retiré\u{a0}: les entreprises ne sont plus nommées.",
    };
    Ok(me.done(words, paths::MATCHES).into_response())
}
