//! Letters about accounts: an invitation, a forgotten password, a changed one.

use super::store::{self, User};
use super::{Notice, paths};
use crate::platform::access::Token;
use crate::platform::db::Tx;
use crate::platform::mail::{self, Letter, Link, Recipient};
use askama::Template;

impl From<&User> for Recipient {
    fn from(user: &User) -> Self {
        Self {
            user: Some(user.id),
            name: user.name.clone(),
            email: user.email.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct Invitation<'a> {
    name: &'a str,
    /// A company's own space, when the person answers for one.
    company: Option<&'a str>,
}

/// The link with which somebody chooses a first password, or another one.
///
/// # Errors
/// Those of the database.
pub async fn invited(tx: &mut Tx, user: &User, company: Option<&str>, token: &Token) -> sqlx::Result<bool> {
    let words = Invitation {
        name: &user.name,
        company,
    };
    let subject = match company {
        Some(company) => format!("L’espace de {company} dans Maillage"),
        None => "Votre compte Maillage".to_owned(),
    };
    let letter = Letter::new(Notice::Invitation.topic(), user.into(), subject, &words)?;
    let link = Link::secret("Je choisis mon mot de passe", paths::invitation(token.reveal()));
    let until = tx.now() + store::INVITATION_LIFE;
    mail::queue(tx, &letter.link(link).until(until)).await
}

#[derive(Template)]
#[template(path = "mail/reset.txt")]
struct Reset<'a> {
    name: &'a str,
}

pub(super) async fn reset(tx: &mut Tx, user: &User, token: &Token) -> sqlx::Result<bool> {
    let words = Reset { name: &user.name };
    let subject = "Choisir un nouveau mot de passe";
    let letter = Letter::new(Notice::Reset.topic(), user.into(), subject, &words)?;
    let link = Link::secret(
        "Je choisis un nouveau mot de passe",
        paths::invitation(token.reveal()),
    );
    let until = tx.now() + store::RESET_LIFE;
    mail::queue(tx, &letter.link(link).until(until)).await
}

#[derive(Template)]
#[template(path = "mail/password_changed.txt")]
struct PasswordChanged<'a> {
    name: &'a str,
}

/// To the owner of the account, who may not be whoever changed it.
pub(super) async fn password_changed(tx: &mut Tx, user: &User) -> sqlx::Result<bool> {
    let words = PasswordChanged { name: &user.name };
    let subject = "Votre mot de passe a été changé";
    let letter = Letter::new(Notice::PasswordChanged.topic(), user.into(), subject, &words)?;
    mail::queue(
        tx,
        &letter.link(Link::to("J’ai oublié mon mot de passe", paths::FORGOTTEN)),
    )
    .await
}
