//! Letters about what a company asks in its space.

use super::paths;
use super::requests::CorrectionState;
use super::store::requests::Correction;
use crate::accounts::Notice;
use crate::accounts::store::{User, find};
use crate::kernel::ids::{EstablishmentId, SynergyId, TerritoryId, UserId};
use crate::platform::db::Tx;
use crate::platform::mail::{self, Letter, Link, Recipient};
use askama::Template;
use chrono::Duration;

#[derive(Template)]
#[template(path = "mail/request.txt")]
struct Request<'a> {
    name: &'a str,
    what: &'a str,
}

async fn request(tx: &mut Tx, user: &User, territory: TerritoryId, what: &str) -> sqlx::Result<()> {
    let words = Request {
        name: &user.name,
        what,
    };
    let letter = Letter::new(
        Notice::Request.topic(),
        user.into(),
        "Une entreprise vous demande quelque chose",
        &words,
    )?
    .within(territory)
    .link(Link::to("Je regarde la demande", paths::DESK));
    mail::queue(tx, &letter).await?;
    Ok(())
}

/// To an advisor of the company. One letter a day and an establishment is enough.
pub(super) async fn asked(
    tx: &mut Tx,
    user: &User,
    territory: TerritoryId,
    establishment: EstablishmentId,
) -> sqlx::Result<()> {
    let words = Request {
        name: &user.name,
        what: "corrige ce qui est relevé chez elle",
    };
    let day = tx.today();
    let letter = Letter::new(
        Notice::Request.topic(),
        user.into(),
        "Une entreprise corrige sa fiche",
        &words,
    )?
    .within(territory)
    .once(format!("correction:{}:{establishment}:{day}", user.id))
    .link(Link::to("Je regarde la demande", paths::DESK));
    mail::queue(tx, &letter).await?;
    Ok(())
}

/// To an advisor of the company, which has an idea.
pub(super) async fn idea(
    tx: &mut Tx,
    user: &User,
    territory: TerritoryId,
    establishment: EstablishmentId,
) -> sqlx::Result<()> {
    let words = Request {
        name: &user.name,
        what: "a une idée de synergie",
    };
    let day = tx.today();
    let letter = Letter::new(
        Notice::Request.topic(),
        user.into(),
        "Une entreprise a une idée",
        &words,
    )?
    .within(territory)
    .once(format!("idea:{}:{establishment}:{day}", user.id))
    .link(Link::to("Je regarde l’idée", paths::DESK));
    mail::queue(tx, &letter).await?;
    Ok(())
}

pub(super) async fn erasure_asked(tx: &mut Tx, user: &User, territory: TerritoryId) -> sqlx::Result<()> {
    request(tx, user, territory, "demande l’effacement de ses données").await
}

#[derive(Template)]
#[template(path = "mail/decided.txt")]
struct Decided<'a> {
    name: &'a str,
    what: &'a str,
    answer: Option<&'a str>,
}

async fn tell(
    tx: &mut Tx,
    to: Option<UserId>,
    territory: TerritoryId,
    (what, answer): (&str, Option<&str>),
) -> sqlx::Result<()> {
    let Some(to) = to else { return Ok(()) };
    let Some(user) = find(tx, to).await? else {
        return Ok(());
    };
    let words = Decided {
        name: &user.name,
        what,
        answer,
    };
    let letter = Letter::new(
        Notice::Decided.topic(),
        (&user).into(),
        "Réponse à votre demande",
        &words,
    )?
    .within(territory)
    .link(Link::to("Je regarde mon espace", paths::SPACE));
    mail::queue(tx, &letter).await?;
    Ok(())
}

/// To whoever asked for the correction.
pub(super) async fn decided(
    tx: &mut Tx,
    correction: &Correction,
    state: CorrectionState,
    answer: Option<&str>,
) -> sqlx::Result<()> {
    let what = format!(
        "Votre correction «\u{a0}{}\u{a0}» est {}",
        correction.label,
        state.label()
    );
    tell(tx, correction.asked_by, correction.territory_id, (&what, answer)).await
}

pub(super) async fn erasure_answered(
    tx: &mut Tx,
    to: Option<UserId>,
    territory: TerritoryId,
    answer: &str,
) -> sqlx::Result<()> {
    let what = "Votre demande d’effacement a reçu une réponse";
    tell(tx, to, territory, (what, Some(answer))).await
}

/// To whoever asked for the erasure, whose account is gone: nothing to open.
pub(super) async fn erased(
    tx: &mut Tx,
    who: &User,
    territory: TerritoryId,
    answer: &str,
) -> sqlx::Result<()> {
    let words = Decided {
        name: &who.name,
        what: "Votre demande d’effacement est suivie",
        answer: Some(answer),
    };
    let to = Recipient {
        user: None,
        name: who.name.clone(),
        email: who.email.clone(),
    };
    let letter = Letter::new(Notice::Decided.topic(), to, "Vos données sont effacées", &words)?;
    mail::queue(tx, &letter.within(territory)).await?;
    Ok(())
}

#[derive(Template)]
#[template(path = "mail/satisfaction.txt")]
struct Satisfaction<'a> {
    name: &'a str,
}

/// One question, some time after the introduction.
pub(super) async fn satisfaction(
    tx: &mut Tx,
    who: Recipient,
    territory: TerritoryId,
    synergy: SynergyId,
) -> sqlx::Result<bool> {
    let name = who.name.clone();
    let words = Satisfaction { name: &name };
    let key = format!("satisfaction:{synergy}:{}", who.email);
    let letter = Letter::new(
        Notice::Satisfaction.topic(),
        who,
        "Cette mise en relation vous a-t-elle été utile ?",
        &words,
    )?
    .within(territory)
    .useful_until(tx.now() + Duration::days(30))
    .once(key)
    .link(Link::to("Je donne mon avis", paths::proposal(&synergy)));
    mail::queue(tx, &letter).await
}
