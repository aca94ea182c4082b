//! Screen: the link received, where a person chooses a password.

use super::{letters, paths, store};
use crate::platform::App;
use crate::platform::access::throttle::Counter;
use crate::platform::access::{self, Anyone, Token, password};
use crate::platform::journal::Event;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Result, set_session};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Not `Debug`: it holds passwords.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PasswordForm {
    password: String,
    again: String,
}

impl PasswordForm {
    fn check(&self, context: &[&str]) -> Errors {
        let mut errors = Errors::default();
        if let Err(weak) = password::check_strength(&self.password, context) {
            errors.add("password", weak.to_string());
        }
        if self.password != self.again {
            errors.add("again", "Les deux mots de passe ne sont pas les mêmes.");
        }
        errors
    }
}

#[derive(Template)]
#[template(path = "accounts/invitation.html")]
struct Invitation {
    token: String,
    name: String,
    email: String,
    returns: bool,
    errors: Errors,
}

pub(super) async fn show(me: Anyone, Path(token): Path<String>) -> Result<Response> {
    let invited = store::invited(&mut *me.read().await?, &Token::from_text(&token), me.now())
        .await?
        .or_not_found()?;
    let page = Invitation {
        token,
        name: invited.name,
        email: invited.email,
        returns: invited.returns,
        errors: Errors::default(),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn accept(
    me: Anyone,
    State(app): State<App>,
    Path(token): Path<String>,
    Form(form): Form<PasswordForm>,
) -> Result<Response> {
    let secret = Token::from_text(&token);
    let invited = store::invited(&mut *me.read().await?, &secret, me.now())
        .await?
        .or_not_found()?;
    let errors = form.check(&[&invited.name, &invited.email]);
    if !errors.is_empty() {
        let page = Invitation {
            token,
            name: invited.name,
            email: invited.email,
            returns: invited.returns,
            errors,
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let hash = app.hasher().hash(form.password).await?;
    me.transact(async |tx| -> Result<()> {
        if !store::use_invitation(tx, &secret).await? {
            return Err(AppError::NotFound);
        }
        store::set_password(tx, invited.user, &hash).await?;
        store::void_invitations(tx, invited.user).await?;
        access::store::close_sessions(tx, invited.user, None).await?;
        access::store::forget_failures(tx, &Counter::account(&invited.email)).await?;
        if let Some(somebody_else) = me.session() {
            access::store::close_session(tx, somebody_else).await?;
        }
        if invited.returns
            && let Some(user) = store::find(tx, invited.user).await?
        {
            letters::password_changed(tx, &user).await?;
        }
        tx.record(Event::on("user", invited.user, "mot de passe choisi par lien"))
            .await?;
        Ok(())
    })
    .await?;
    let done = me.done(
        "Votre mot de passe est enregistré. Connectez-vous.",
        paths::SIGN_IN,
    );
    Ok(set_session(&app, done.into_response(), None))
}
