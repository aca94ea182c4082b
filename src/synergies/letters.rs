//! Letters about synergies, to those who study them.

use super::paths;
use super::store::Synergy;
use crate::accounts::{self, Notice};
use crate::kernel::ids::UserId;
use crate::platform::db::Tx;
use crate::platform::mail::{self, Letter, Link};
use askama::Template;

#[derive(Template)]
#[template(path = "mail/assigned.txt")]
struct Assigned<'a> {
    name: &'a str,
    by: &'a str,
    title: &'a str,
    code: &'a str,
    state: &'a str,
}

/// Somebody gave it to a colleague; whoever takes a synergy needs no letter.
pub(super) async fn assigned(tx: &mut Tx, synergy: &Synergy, to: UserId) -> sqlx::Result<()> {
    let Some(by) = tx.author().user_id().filter(|by| *by != to) else {
        return Ok(());
    };
    let by = accounts::store::find(tx, by).await?;
    let Some((user, by)) = accounts::store::find(tx, to).await?.zip(by) else {
        return Ok(());
    };
    let code = synergy.code();
    let words = Assigned {
        name: &user.name,
        by: &by.name,
        title: &synergy.title,
        code: &code,
        state: synergy.state.label(),
    };
    let subject = format!("{code}\u{a0}: une synergie vous est confiée");
    let letter = Letter::new(Notice::Assigned.topic(), (&user).into(), subject, &words)?
        .within(synergy.territory_id)
        .link(Link::to("Je regarde la synergie", paths::show(&synergy.id)));
    mail::queue(tx, &letter).await?;
    Ok(())
}
