//! Screen: my account, my password, my open sessions.

use super::{Notice, letters, paths, store};
use crate::platform::App;
use crate::platform::access::throttle::Counter;
use crate::platform::access::{self, SignedIn, Token, password};
use crate::platform::journal::Event;
use crate::platform::mail;
use crate::platform::web::{AppError, Done, Errors, Form, OptionExt, Page, Result, filters, set_session};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Not `Debug`: it holds passwords.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChangeForm {
    current: String,
    password: String,
    again: String,
}

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct Account {
    user: store::User,
    roles: Vec<String>,
    sessions: Vec<access::store::OpenSession>,
    /// Kinds of letters that may be refused, and whether each is wanted.
    notices: Vec<(Notice, bool)>,
    errors: Errors,
}

/// The kinds of letters that stay wanted; those that are not there are refused.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LettersForm {
    wanted: Vec<String>,
}

pub(super) async fn show(me: SignedIn) -> Result<Response> {
    page(&me, Errors::default(), StatusCode::OK).await
}

async fn page(me: &SignedIn, errors: Errors, status: StatusCode) -> Result<Response> {
    let mut db = me.read().await?;
    let user = store::find(&mut db, me.user()).await?.or_not_found()?;
    let sessions = access::store::open_sessions(&mut db, me.session()).await?;
    let refused = mail::store::refusals(&mut db, me.user()).await?;
    let notices = offered(me)
        .into_iter()
        .map(|notice| (notice, !refused.iter().any(|code| code == notice.code())))
        .collect();
    let roles = me
        .session()
        .grants()
        .iter()
        .map(|grant| role_words(me, grant))
        .collect();
    Ok((
        status,
        Page(Account {
            user,
            roles,
            sessions,
            notices,
            errors,
        }),
    )
        .into_response())
}

fn offered(me: &SignedIn) -> Vec<Notice> {
    let held: Vec<_> = me.session().grants().iter().map(|grant| grant.role).collect();
    Notice::offered(&held)
}

fn role_words(me: &SignedIn, grant: &access::Grant) -> String {
    let place = me
        .session()
        .territories()
        .iter()
        .find(|t| Some(t.id) == grant.territory_id);
    match place {
        Some(territory) => format!("{}, {}", grant.role, territory.name),
        None => grant.role.to_string(),
    }
}

/// A try at the present password counts like one at sign-in: a session left open is not a place to guess.
pub(super) async fn change_password(
    me: SignedIn,
    State(app): State<App>,
    Form(form): Form<ChangeForm>,
) -> Result<Response> {
    let user = store::find(&mut *me.read().await?, me.user())
        .await?
        .or_not_found()?;
    let counters = [Counter::account(&user.email)];
    let blocked = me
        .transact(async |tx| -> Result<_> {
            tx.nothing_to_record();
            Ok(access::store::attempt(tx, &counters).await?)
        })
        .await?;
    if let Some(blocked) = blocked {
        return Err(AppError::TooMany(blocked.seconds_left(me.now())));
    }
    let known = store::password_hash(&mut *me.read().await?, me.user()).await?;
    let right = app.hasher().verify(form.current.clone(), known).await;
    if !matches!(right, Ok(false)) {
        me.transact(async |tx| -> Result<()> {
            tx.nothing_to_record();
            Ok(access::store::take_back(tx, &counters).await?)
        })
        .await?;
    }
    let errors = form.check(&user, right?);
    if !errors.is_empty() {
        return page(&me, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let hash = app.hasher().hash(form.password).await?;
    let token = me
        .transact(async |tx| -> Result<Token> {
            store::set_password(tx, me.user(), &hash).await?;
            store::void_invitations(tx, me.user()).await?;
            access::store::close_sessions(tx, me.user(), Some(me.session())).await?;
            letters::password_changed(tx, &user).await?;
            tx.record(Event::on("user", me.user(), "mot de passe changé"))
                .await?;
            Ok(access::store::renew_session(tx, me.session()).await?)
        })
        .await?;
    let done = me.done(
        "Mot de passe changé\u{202f}; vos autres sessions sont fermées.",
        paths::ACCOUNT,
    );
    Ok(set_session(&app, done.into_response(), Some(&token)))
}

impl ChangeForm {
    fn check(&self, user: &store::User, current_is_right: bool) -> Errors {
        let mut errors = Errors::default();
        if !current_is_right {
            errors.add("current", "Ce n’est pas votre mot de passe actuel.");
        }
        if let Err(weak) = password::check_strength(&self.password, &[&user.name, &user.email]) {
            errors.add("password", weak.to_string());
        } else if self.password == self.current {
            errors.add("password", "Choisissez un mot de passe différent de l’actuel.");
        }
        if self.password != self.again {
            errors.add("again", "Les deux mots de passe ne sont pas les mêmes.");
        }
        errors
    }
}

pub(super) async fn choose_letters(me: SignedIn, Form(form): Form<LettersForm>) -> Result<Done> {
    let refused: Vec<_> = offered(&me)
        .into_iter()
        .map(|notice| notice.code().to_owned())
        .filter(|code| !form.wanted.contains(code))
        .collect();
    me.transact(async |tx| -> Result<()> {
        mail::store::set_refusals(tx, me.user(), &refused).await?;
        let event = Event::on("user", me.user(), "choix des messages reçus");
        Ok(tx.record(event.after(&refused)).await?)
    })
    .await?;
    Ok(me.done("Votre choix de messages est enregistré.", paths::ACCOUNT))
}

pub(super) async fn close_others(me: SignedIn) -> Result<Done> {
    let closed = me
        .transact(async |tx| -> Result<u64> {
            let closed = access::store::close_sessions(tx, me.user(), Some(me.session())).await?;
            tx.record(Event::on("user", me.user(), "autres sessions fermées"))
                .await?;
            Ok(closed)
        })
        .await?;
    let message = match closed {
        0 => "Aucune autre session n’était ouverte.".to_owned(),
        1 => "Une autre session est fermée.".to_owned(),
        n => format!("{n} autres sessions sont fermées."),
    };
    Ok(me.done(message, paths::ACCOUNT))
}
