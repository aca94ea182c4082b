//! Screen: sign in, and signing out.

use super::{model::Email, paths, store};
use crate::platform::App;
use crate::platform::access::{self, Anyone, SignedIn, Token, throttle::Counter};
use crate::platform::journal::Event;
use crate::platform::web::{
    AppError, ClientAddress, Errors, Form, Page, Query, Result, UserAgent, set_session,
};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct SignInForm {
    email: String,
    password: String,
    next: String,
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignIn {
    form: SignInForm,
    errors: Errors,
    demo: bool,
}

#[derive(Deserialize)]
pub(super) struct NextQuery {
    #[serde(default)]
    next: String,
}

pub(super) async fn show(me: Anyone, Query(query): Query<NextQuery>) -> Result<Response> {
    if me.session().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    let form = SignInForm {
        next: query.next,
        ..SignInForm::default()
    };
    page(&me, form, Errors::default(), StatusCode::OK).await
}

async fn page(me: &Anyone, form: SignInForm, errors: Errors, status: StatusCode) -> Result<Response> {
    let territories = crate::territories::store::all(&mut *me.read().await?).await?;
    let demo = territories.iter().any(|t| t.is_demo);
    Ok((status, Page(SignIn { form, errors, demo })).into_response())
}

/// Where a signature comes from.
pub(super) struct Origin {
    address: String,
    agent: String,
}

impl axum::extract::FromRequestParts<App> for Origin {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        app: &App,
    ) -> std::result::Result<Self, Self::Rejection> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, app).await?;
        let UserAgent(agent) = UserAgent::from_request_parts(parts, app).await?;
        Ok(Self { address, agent })
    }
}

pub(super) async fn submit(
    me: Anyone,
    State(app): State<App>,
    origin: Origin,
    Form(form): Form<SignInForm>,
) -> Result<Response> {
    let Ok(email) = Email::parse(&form.email) else {
        let errors = Errors::one(
            "email",
            "Indiquez votre adresse électronique, par exemple prenom.nom@exemple.fr.",
        );
        return page(
            &me,
            SignInForm {
                password: String::new(),
                ..form
            },
            errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    };
    let account = Counter::account(email.as_str());
    let counters = [account.clone(), Counter::address(&origin.address)];
    let now = me.now();
    if let Some(blocked) = access::store::blocked(&mut *me.read().await?, &counters, now).await? {
        return Err(AppError::TooMany(blocked.seconds_left(now)));
    }
    let known = store::credentials(&mut *me.read().await?, &email).await?;
    let hash = known.as_ref().and_then(|k| k.password_hash.clone());
    let right = app.hasher().verify(form.password.clone(), hash).await?;
    let Some(known) = known.filter(|_| right) else {
        refuse(&me, &counters).await?;
        let errors = Errors::one("password", "Adresse ou mot de passe incorrect.");
        return page(
            &me,
            SignInForm {
                password: String::new(),
                ..form
            },
            errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    };
    let token = me
        .transact(async |tx| -> Result<Token> {
            access::store::forget_failures(tx, &account).await?;
            if let Some(old) = me.session() {
                access::store::close_session(tx, old).await?;
            }
            let token = access::store::open_session(tx, known.user, &origin.address, &origin.agent).await?;
            tx.record(Event::on("user", known.user, "connexion")).await?;
            Ok(token)
        })
        .await?;
    Ok(set_session(
        &app,
        Redirect::to(local(&form.next)).into_response(),
        Some(&token),
    ))
}

async fn refuse(me: &Anyone, counters: &[Counter]) -> Result<()> {
    me.transact(async |tx| {
        access::store::count_failure(tx, counters).await?;
        tx.record(Event::on("user", uuid::Uuid::nil(), "connexion refusée"))
            .await?;
        Ok(())
    })
    .await
}

/// Only a path of this site; anything else leads home.
fn local(next: &str) -> &str {
    let safe = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && !next.starts_with(paths::SIGN_IN);
    if safe { next } else { "/" }
}

pub(super) async fn sign_out(me: SignedIn, State(app): State<App>) -> Result<Response> {
    me.transact(async |tx| -> Result<()> {
        access::store::close_session(tx, me.session()).await?;
        tx.record(Event::on("user", me.user(), "déconnexion")).await?;
        Ok(())
    })
    .await?;
    let mut response = me.done("Vous êtes déconnecté.", paths::SIGN_IN).into_response();
    response.headers_mut().insert(
        "clear-site-data",
        axum::http::HeaderValue::from_static("\"cache\""),
    );
    Ok(set_session(&app, response, None))
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn next_stays_on_this_site() {
        assert_eq!(local("/entreprises?commune=41269"), "/entreprises?commune=41269");
        for wrong in [
            "",
            "https://ailleurs.fr",
            "//ailleurs.fr",
            "/\\ailleurs.fr",
            "javascript:1",
            "/a\nb",
            "/connexion",
        ] {
            assert_eq!(local(wrong), "/", "{wrong}");
        }
    }
}
