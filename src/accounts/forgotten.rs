//! Screen: « mot de passe oublié ». The answer is the same whoever asks about whoever: the address is
//! looked up by a job, so that neither the words nor the time tell whether it has an account.

use super::model::{Email, NotAnEmail};
use super::{letters, paths, store};
use crate::kernel::ids::TerritoryId;
use crate::platform::access::throttle::Counter;
use crate::platform::access::{self, Anyone};
use crate::platform::jobs::{self, Context, Job};
use crate::platform::journal::Event;
use crate::platform::web::{AppError, ClientAddress, Errors, Form, Page, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ForgottenForm {
    email: String,
}

#[derive(Template)]
#[template(path = "accounts/forgotten.html")]
struct Forgotten {
    form: ForgottenForm,
    errors: Errors,
}

pub(super) async fn show(_: Anyone) -> Page<impl Template> {
    Page(Forgotten {
        form: ForgottenForm::default(),
        errors: Errors::default(),
    })
}

pub(super) async fn submit(
    me: Anyone,
    ClientAddress(address): ClientAddress,
    Form(form): Form<ForgottenForm>,
) -> Result<Response> {
    let Ok(email) = Email::parse(&form.email) else {
        let errors = Errors::one("email", NotAnEmail.to_string());
        let page = Page(Forgotten { form, errors });
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let asked = ResetAsked {
        address_hash: email.hash(),
    };
    let counters = [Counter::address(&address), Counter::reset(email.as_str())];
    let blocked = me
        .transact(async |tx| -> Result<_> {
            let blocked = access::store::attempt(tx, &counters).await?;
            if blocked.is_none() {
                jobs::enqueue(tx, &asked).await?;
            }
            tx.nothing_to_record();
            Ok(blocked)
        })
        .await?;
    if let Some(blocked) = blocked {
        return Err(AppError::TooMany(blocked.seconds_left(me.now())));
    }
    let message = "Si un compte existe pour cette adresse, un message vient de partir. Son lien sert pendant une heure.";
    Ok(me.done(message, paths::SIGN_IN).into_response())
}

/// Somebody says they forgot the password of this address, of which only the fingerprint is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResetAsked {
    address_hash: String,
}

impl Job for ResetAsked {
    const NAME: &'static str = "accounts.reset";
    const LABEL: &'static str = "Mot de passe oublié";
    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.address_hash))
    }
    fn territory(&self) -> Option<TerritoryId> {
        None
    }
}

/// Writes to the account of the address, if there is one that may sign in.
///
/// # Errors
/// Those of the database.
pub async fn answer(asked: ResetAsked, context: Context) -> anyhow::Result<()> {
    let known = store::find_by_hash(&mut *context.system.read().await?, &asked.address_hash).await?;
    let Some(user) = known else { return Ok(()) };
    context
        .system
        .transact(async |tx| {
            let token = store::allow_reset(tx, user.id).await?;
            letters::reset(tx, &user, &token).await?;
            tx.record(Event::on("user", user.id, "nouveau mot de passe demandé"))
                .await?;
            Ok(())
        })
        .await
}
