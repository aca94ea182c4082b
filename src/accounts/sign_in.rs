//! Screen: sign in, and signing out.

use super::model::{Email, NotAnEmail};
use super::{paths, store};
use crate::kernel::ids::UserId;
use crate::platform::App;
use crate::platform::access::throttle::{Blocked, Counter};
use crate::platform::access::{self, Anyone, SignedIn, Token, password};
use crate::platform::journal::Event;
use crate::platform::web::{
    ClientAddress, Errors, Form, Page, Query, Result, UserAgent, set_session, wiped, wiped_unless_of,
};
use askama::Template;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Not `Debug`: it holds a password.
#[derive(Default, Clone, Deserialize)]
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
        return Ok(Redirect::to(local(&query.next)).into_response());
    }
    let form = SignInForm {
        next: query.next,
        ..SignInForm::default()
    };
    page(&me, form, Errors::default(), StatusCode::OK).await
}

/// The form again, without the password.
async fn page(me: &Anyone, form: SignInForm, errors: Errors, status: StatusCode) -> Result<Response> {
    let territories = crate::territories::store::all(&mut *me.read().await?).await?;
    let demo = territories.iter().any(|t| t.is_demo);
    let form = SignInForm {
        password: String::new(),
        ..form
    };
    Ok((status, Page(SignIn { form, errors, demo })).into_response())
}

/// Where a signature comes from.
pub(super) struct Origin {
    address: String,
    agent: String,
    headers: HeaderMap,
}

impl axum::extract::FromRequestParts<App> for Origin {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        app: &App,
    ) -> std::result::Result<Self, Self::Rejection> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, app).await?;
        let UserAgent(agent) = UserAgent::from_request_parts(parts, app).await?;
        let headers = parts.headers.clone();
        Ok(Self {
            address,
            agent,
            headers,
        })
    }
}

/// Every answer costs the same work, whether the address is one, has an account, or may sign in: the
/// try is counted first, then a password is compared, the account's or a decoy.
pub(super) async fn submit(
    me: Anyone,
    State(app): State<App>,
    origin: Origin,
    Form(form): Form<SignInForm>,
) -> Result<Response> {
    let email = Email::parse(&form.email).ok();
    let account = email.as_ref().map(|email| Counter::account(email.as_str()));
    let mut counters = vec![Counter::address(&origin.address)];
    counters.extend(account.clone());
    if let Some(blocked) = attempt(&me, &counters).await? {
        return wait(&me, form, blocked).await;
    }
    let known = match &email {
        Some(email) => store::credentials(&mut *me.read().await?, email).await?,
        None => None,
    };
    let hash = known.as_ref().and_then(|k| k.password_hash.clone());
    let right = match app.hasher().verify(form.password.clone(), hash.clone()).await {
        Ok(right) => right,
        Err(busy) => {
            take_back(&me, &counters).await?;
            return Err(busy.into());
        }
    };
    let Some((known, hash)) = known.as_ref().zip(hash).filter(|_| right) else {
        note_refusal(&me, known.map(|k| k.user)).await?;
        let errors = match email {
            Some(_) => Errors::one("password", "Adresse ou mot de passe incorrect."),
            None => Errors::one("email", NotAnEmail.to_string()),
        };
        return page(&me, form, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let stronger = if password::is_outdated(&hash) {
        Some(app.hasher().hash(form.password.clone()).await?)
    } else {
        None
    };
    let token = me
        .transact(async |tx| -> Result<Token> {
            access::store::take_back(tx, &counters).await?;
            if let Some(account) = &account {
                access::store::forget_failures(tx, account).await?;
            }
            if let Some(stronger) = &stronger {
                store::rehash_password(tx, known.user, &hash, stronger).await?;
            }
            if let Some(old) = me.session() {
                access::store::close_session(tx, old).await?;
            }
            access::store::sweep(tx).await?;
            let token = access::store::open_session(tx, known.user, &origin.address, &origin.agent).await?;
            tx.record(Event::on("user", known.user, "connexion")).await?;
            Ok(token)
        })
        .await?;
    let response = Redirect::to(local(&form.next)).into_response();
    let response = wiped_unless_of(&origin.headers, response, known.user);
    Ok(set_session(&app, response, Some(&token)))
}

async fn attempt(me: &Anyone, counters: &[Counter]) -> Result<Option<Blocked>> {
    me.transact(async |tx| {
        tx.nothing_to_record();
        Ok(access::store::attempt(tx, counters).await?)
    })
    .await
}

async fn take_back(me: &Anyone, counters: &[Counter]) -> Result<()> {
    me.transact(async |tx| {
        tx.nothing_to_record();
        Ok(access::store::take_back(tx, counters).await?)
    })
    .await
}

async fn wait(me: &Anyone, form: SignInForm, blocked: Blocked) -> Result<Response> {
    let seconds = blocked.seconds_left(me.now());
    let sentence = format!(
        "Trop d’essais\u{a0}: attendez {}, puis recommencez.",
        duration(seconds)
    );
    let errors = Errors::one("password", sentence);
    let mut response = page(me, form, errors, StatusCode::TOO_MANY_REQUESTS).await?;
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// « 12 secondes », « 5 minutes ».
fn duration(seconds: i64) -> String {
    let (count, word) = if seconds < 90 {
        (seconds, "seconde")
    } else {
        ((seconds + 59) / 60, "minute")
    };
    format!("{count}\u{a0}{word}{}", if count > 1 { "s" } else { "" })
}

/// Who was aimed at, when an account was; never what was typed: it may be a password.
async fn note_refusal(me: &Anyone, aimed: Option<UserId>) -> Result<()> {
    let subject = aimed.map_or(uuid::Uuid::nil(), UserId::uuid);
    me.transact(async |tx| {
        tx.record(Event::on("user", subject, "connexion refusée")).await?;
        Ok(())
    })
    .await
}

/// Only a path of this site, written as addresses are; anything else leads home.
fn local(next: &str) -> &str {
    let safe = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.bytes().all(|b| b.is_ascii_graphic())
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
    let response = me.done("Vous êtes déconnecté.", paths::SIGN_IN).into_response();
    Ok(set_session(&app, wiped(response), None))
}

#[cfg(test)]
mod tests {
    use super::{duration, local};

    #[test]
    fn waits_are_said_in_seconds_then_minutes() {
        let said = [1, 2, 89, 90, 900].map(|s| duration(s).replace('\u{a0}', " "));
        assert_eq!(
            said,
            [
                "1 seconde",
                "2 secondes",
                "89 secondes",
                "2 minutes",
                "15 minutes"
            ]
        );
    }

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
            "/\t/ailleurs.fr",
            "/é",
            " /entreprises",
            "/connexion",
        ] {
            assert_eq!(local(wrong), "/", "{wrong}");
        }
    }
}
