//! Screen: one person's account, and what is done to it: link, suspension, sessions, roles taken back.

use super::desk::{Act, Desk, Keeper};
use super::store::{self, Held, Person};
use crate::accounts::{self, store as accounts_store};
use crate::kernel::ids::UserId;
use crate::platform::App;
use crate::platform::access::{self, Grant, Role, Token};
use crate::platform::db::Tx;
use crate::platform::journal::{self, Event};
use crate::platform::web::{AppError, Form, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// A role in a form: « admin », « advisor:territory », « company:company ».
pub(super) fn token(grant: &Grant) -> String {
    let place = grant
        .company_id
        .map(|id| id.to_string())
        .or_else(|| grant.territory_id.map(|id| id.to_string()));
    match place {
        Some(place) => format!("{}:{place}", grant.role.code()),
        None => grant.role.code().to_owned(),
    }
}

struct Line {
    held: Held,
    token: String,
    /// May be taken back from here.
    within: bool,
}

#[derive(Template)]
#[template(path = "administration/person.html")]
struct Show {
    desk: Desk,
    person: Person,
    lines: Vec<Line>,
    /// The account itself may be changed from here.
    owned: bool,
    /// Whoever looks looks at themselves.
    myself: bool,
    link_is_valid: bool,
    history: Vec<journal::store::Line>,
}

pub(super) async fn show<K: Keeper>(me: K, Path(id): Path<UserId>) -> Result<Response> {
    let desk = me.desk()?;
    let mut db = desk.read().await?;
    let person = store::person(&mut db, desk.reach(), id).await?.or_not_found()?;
    let owned = desk.reach().owns(&person.grants);
    let history = if owned {
        journal::store::about(&mut db, id.uuid(), 12).await?
    } else {
        Vec::new()
    };
    drop(db);
    let lines = person.roles.iter().map(|held| Line {
        token: token(&held.grant()),
        within: desk.reach().covers(&held.grant()),
        held: held.clone(),
    });
    Ok(Page(Show {
        lines: lines.collect(),
        owned,
        myself: desk.user() == id,
        link_is_valid: person.link_until.is_some_and(|until| until > desk.now()),
        history,
        person,
        desk,
    })
    .into_response())
}

/// The link that somebody transmits, shown this once: only its fingerprint is kept.
#[derive(Template)]
#[template(path = "administration/link.html")]
pub(super) struct Link {
    desk: Desk,
    user: UserId,
    name: String,
    link: String,
    is_new: bool,
}

impl Link {
    pub(super) fn new(desk: Desk, app: &App, (user, name): (UserId, String), token: &Token) -> Self {
        let path = accounts::paths::invitation(token.reveal());
        Self {
            link: format!("{}{path}", app.config.base_url().trim_end_matches('/')),
            desk,
            user,
            name,
            is_new: false,
        }
    }
    pub(super) fn of_a_new_account(self) -> Self {
        Self { is_new: true, ..self }
    }
}

/// The account, held still; a person whom this desk does not see does not exist.
pub(super) async fn lock(desk: &Desk, tx: &mut Tx, id: UserId) -> Result<accounts_store::Locked> {
    let locked = accounts_store::lock(tx, id).await?.or_not_found()?;
    let seen = desk.reach().territory();
    let visible = seen.is_none() || locked.grants.iter().any(|grant| grant.territory_id == seen);
    visible.then_some(locked).or_not_found()
}

/// The same, when the account itself may be changed from here.
async fn lock_owned(desk: &Desk, tx: &mut Tx, id: UserId) -> Result<accounts_store::Locked> {
    let locked = lock(desk, tx, id).await?;
    if desk.reach().owns(&locked.grants) {
        Ok(locked)
    } else {
        Err(AppError::Forbidden)
    }
}

pub(super) const LAST_ADMINISTRATOR: &str = "C’est le dernier administrateur\u{a0}: donnez d’abord ce rôle à quelqu’un d’autre, qui se sera connecté.";

/// Refuses to leave the instance without anybody to administer it.
pub(super) async fn keep_an_administrator(tx: &mut Tx, without: UserId) -> Result<bool> {
    let able = accounts_store::lock_administrators(tx).await?;
    Ok(able.into_iter().any(|user| user != without))
}

fn is_administrator(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| grant.role == Role::Admin)
}

/// A line of the journal about an account, in the territory from which it was changed.
pub(super) fn event(desk: &Desk, id: UserId, action: impl Into<String>) -> Event {
    let event = Event::on("user", id, action);
    match desk.reach().territory() {
        Some(territory) => event.within(territory),
        None => event,
    }
}

pub(super) async fn invite<K: Keeper>(
    me: K,
    State(app): State<App>,
    Path(id): Path<UserId>,
) -> Result<Response> {
    let desk = me.desk()?;
    let (name, token) = desk
        .transact(async |tx| {
            if lock_owned(&desk, tx, id).await?.suspended_at.is_some() {
                let sentence = "Ce compte est suspendu\u{a0}: réactivez-le avant de renouveler son lien.";
                return Err(AppError::Conflict(sentence.to_owned()));
            }
            let token = accounts_store::invite(tx, id).await?;
            tx.record(event(&desk, id, "lien d’invitation renouvelé")).await?;
            let person = accounts_store::find(tx, id).await?.or_not_found()?;
            accounts::letters::invited(tx, &person, None, &token).await?;
            Ok((person.name, token))
        })
        .await?;
    Ok(Page(Link::new(desk, &app, (id, name), &token)).into_response())
}

pub(super) async fn suspend<K: Keeper>(me: K, Path(id): Path<UserId>) -> Result<Response> {
    let desk = me.desk()?;
    desk.transact(async |tx| {
        let locked = lock_owned(&desk, tx, id).await?;
        if desk.user() == id {
            let sentence = "Vous ne pouvez pas suspendre votre propre compte.";
            return Err(AppError::Conflict(sentence.to_owned()));
        }
        if is_administrator(&locked.grants) && !keep_an_administrator(tx, id).await? {
            return Err(AppError::Conflict(LAST_ADMINISTRATOR.to_owned()));
        }
        if !accounts_store::suspend(tx, id).await? {
            tx.nothing_to_record();
            return Ok(());
        }
        access::store::close_sessions(tx, id, None).await?;
        accounts_store::void_invitations(tx, id).await?;
        Ok(tx.record(event(&desk, id, "compte suspendu")).await?)
    })
    .await?;
    let message = "Compte suspendu\u{a0}: ses sessions sont fermées et son lien ne vaut plus.";
    Ok(desk.done(message, desk.path(Act::Show, &id)).into_response())
}

pub(super) async fn reactivate<K: Keeper>(me: K, Path(id): Path<UserId>) -> Result<Response> {
    let desk = me.desk()?;
    desk.transact(async |tx| {
        lock_owned(&desk, tx, id).await?;
        if !accounts_store::reactivate(tx, id).await? {
            tx.nothing_to_record();
            return Ok(());
        }
        Ok(tx.record(event(&desk, id, "compte réactivé")).await?)
    })
    .await?;
    Ok(desk
        .done("Compte réactivé.", desk.path(Act::Show, &id))
        .into_response())
}

pub(super) async fn close_sessions<K: Keeper>(me: K, Path(id): Path<UserId>) -> Result<Response> {
    let desk = me.desk()?;
    let closed = desk
        .transact(async |tx| {
            lock_owned(&desk, tx, id).await?;
            let closed = access::store::close_sessions(tx, id, None).await?;
            tx.record(event(&desk, id, "sessions fermées")).await?;
            Ok(closed)
        })
        .await?;
    let message = match closed {
        0 => "Aucune session n’était ouverte.".to_owned(),
        1 => "Une session est fermée.".to_owned(),
        n => format!("{n} sessions sont fermées."),
    };
    Ok(desk.done(message, desk.path(Act::Show, &id)).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RevokeForm {
    role: String,
}

pub(super) async fn revoke<K: Keeper>(
    me: K,
    Path(id): Path<UserId>,
    Form(form): Form<RevokeForm>,
) -> Result<Response> {
    let desk = me.desk()?;
    let remains = desk
        .transact(async |tx| {
            let locked = lock(&desk, tx, id).await?;
            let held = locked.grants.iter().find(|grant| token(grant) == form.role);
            let grant = *held.or_not_found()?;
            if !desk.reach().covers(&grant) {
                return Err(AppError::Forbidden);
            }
            if grant.role == Role::Admin && !keep_an_administrator(tx, id).await? {
                return Err(AppError::Conflict(LAST_ADMINISTRATOR.to_owned()));
            }
            let before = store::snapshot(tx, id).await?;
            accounts_store::revoke(tx, id, &grant).await?;
            accounts_store::touch(tx, id).await?;
            let after = store::snapshot(tx, id).await?;
            let event = event(&desk, id, format!("rôle retiré\u{a0}: {}", grant.role));
            tx.record(event.before(&before).after(&after)).await?;
            Ok(store::person(tx, desk.reach(), id).await?.is_some())
        })
        .await?;
    let lost = desk.user() == id && form.role == Role::Admin.code();
    let next = match (lost, remains) {
        (true, _) => "/".to_owned(),
        (false, true) => desk.path(Act::Show, &id),
        (false, false) => desk.list().to_owned(),
    };
    Ok(desk.done("Le rôle est retiré.", next).into_response())
}
