//! Screen: the letters of the instance: those that wait, those held back, those that were refused and
//! why; reading one, sending it again, taking it back.

use super::people::Chip;
use super::{model::address, paths};
use crate::kernel::ids::LetterId;
use crate::platform::App;
use crate::platform::access::Administrator;
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::platform::mail::store::{self, Kept, LetterState, Row};
use crate::platform::mail::{Deliver, Dressed, Post};
use crate::platform::web::{AppError, Done, OptionExt, Page, Path, Query, Result, filters};
use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;

const SHOWN: i64 = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    etat: String,
}

/// The word of a state in the address, and its tab. What is being sent is part of what waits.
const TABS: [(LetterState, &str, &str); 5] = [
    (LetterState::Queued, "en-attente", "En attente"),
    (LetterState::Held, "retenus", "Retenus"),
    (LetterState::Dead, "non-remis", "Non remis"),
    (LetterState::Sent, "envoyes", "Envoyés"),
    (LetterState::Cancelled, "annules", "Annulés"),
];

fn badge(state: &LetterState) -> &'static str {
    match state {
        LetterState::Queued => "",
        LetterState::Sending => "info",
        LetterState::Sent => "ok",
        LetterState::Held => "warn",
        LetterState::Dead => "bad",
        LetterState::Cancelled => "",
    }
}

#[derive(Template)]
#[template(path = "administration/mail.html")]
struct Mail {
    rows: Vec<Row>,
    tabs: Vec<(Chip, Option<i64>, bool)>,
    filtered: bool,
    dead: i64,
    held: i64,
    way_out: String,
    is_open: bool,
}

pub(super) async fn list(
    me: Administrator,
    State(app): State<App>,
    Query(search): Query<Search>,
) -> Result<Page<impl Template>> {
    let chosen = TABS.iter().find(|(_, code, _)| *code == search.etat);
    let state = chosen.map(|(state, ..)| *state);
    let mut db = me.read().await?;
    let rows = store::latest(&mut db, state, SHOWN).await?;
    let counts = store::counts(&mut db).await?;
    let count = |state| counts.iter().find(|(s, _)| *s == state).map(|(_, n)| *n);
    let tab = |label: &str, code: &str, count: Option<i64>| {
        let label = label.to_owned();
        let href = address(paths::MAIL, &[("etat", code)]);
        (
            Chip { label, href },
            count,
            chosen.map_or("", |(_, c, _)| c) == code,
        )
    };
    let each = TABS.iter().map(|(s, code, label)| tab(label, code, count(*s)));
    let post = Post::of(&app.config);
    Ok(Page(Mail {
        rows,
        tabs: std::iter::once(tab("Tous", "", None)).chain(each).collect(),
        filtered: state.is_some(),
        dead: count(LetterState::Dead).unwrap_or(0),
        held: count(LetterState::Held).unwrap_or(0),
        is_open: matches!(post, Post::Open(_)),
        way_out: post.words(),
    }))
}

#[derive(Template)]
#[template(path = "administration/letter.html")]
struct Show {
    letter: Kept,
    text: String,
    now: DateTime<Utc>,
}

impl Show {
    fn may_be_sent_again(&self) -> bool {
        let is_forgotten = self.letter.is_secret && self.letter.link_path.is_none();
        let is_stale = self.letter.stale_at.is_some_and(|at| at <= self.now);
        !is_forgotten && !is_stale && matches!(self.letter.state, LetterState::Dead | LetterState::Cancelled)
    }
    fn may_be_cancelled(&self) -> bool {
        matches!(
            self.letter.state,
            LetterState::Queued | LetterState::Dead | LetterState::Held
        )
    }
}

/// The letter as its reader has it, but for a link that opens by itself.
pub(super) async fn show(
    me: Administrator,
    State(app): State<App>,
    Path(id): Path<LetterId>,
) -> Result<Page<impl Template>> {
    let letter = store::find(&mut *me.read().await?, id).await?.or_not_found()?;
    let mut shown = letter.clone();
    if shown.is_secret {
        shown.link_path = Some("/… (lien réservé à son destinataire)".to_owned());
    }
    let dressed = Dressed::new(&shown, &app.config.base_url(), &app.config.mail_name)
        .map_err(|error| AppError::Internal(error.into()))?;
    Ok(Page(Show {
        letter,
        text: dressed.text,
        now: me.now(),
    }))
}

pub(super) async fn resend(me: Administrator, Path(id): Path<LetterId>) -> Result<Done> {
    me.transact(async |tx| -> Result<()> {
        store::resend(tx, id).await?.then_some(()).or_not_found()?;
        jobs::enqueue(tx, &Deliver {}).await?;
        Ok(tx.record(Event::on("letter", id, "message renvoyé")).await?)
    })
    .await?;
    Ok(me.done("Le message repart.", paths::letter(&id)))
}

pub(super) async fn cancel(me: Administrator, Path(id): Path<LetterId>) -> Result<Done> {
    me.transact(async |tx| -> Result<()> {
        store::cancel(tx, id).await?.then_some(()).or_not_found()?;
        Ok(tx.record(Event::on("letter", id, "message annulé")).await?)
    })
    .await?;
    Ok(me.done("Le message ne partira pas.", paths::letter(&id)))
}
