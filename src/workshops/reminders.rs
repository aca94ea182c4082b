//! Letters of the morning, by themselves: to guests who have not answered, then to those who come, as many
//! days before as their workshop says.

use super::letters::{self, Asking};
use super::list::counted;
use super::store;
use super::store::reminders::{Due, due, mark};
use crate::platform::access::Scope;
use crate::platform::db::{System, Tx};
use crate::platform::journal::Event;

/// Writes what is due today, one workshop after the other.
///
/// # Errors
/// Those of the database.
pub async fn remind(system: &System) -> anyhow::Result<()> {
    let mut due = due(&mut *system.read().await?, system.today(), None).await?;
    due.dedup_by_key(|one| one.workshop);
    for first in &due {
        system
            .transact(async |tx| -> anyhow::Result<()> {
                if write(tx, system, first).await? == 0 {
                    tx.nothing_to_record();
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

/// Gives how many letters leave. Who is due is read again once the workshop is held: somebody may have answered,
/// or been written to.
async fn write(tx: &mut Tx, system: &System, first: &Due) -> sqlx::Result<i64> {
    let scope = Scope::of_system(system, first.territory);
    let Some(workshop) = store::lock(tx, &scope, first.workshop).await? else {
        return Ok(0);
    };
    let guests = store::guests::of_workshop(tx, &scope, workshop.id).await?;
    let (mut asked, mut reminded) = (0, 0);
    let due = due(tx, system.today(), Some(workshop.id)).await?;
    for one in &due {
        let Some(guest) = guests.iter().find(|guest| guest.id == one.guest) else {
            continue;
        };
        let token = store::guests::link(tx, guest.id).await?;
        let (asking, sent) = if one.comes {
            (Asking::Coming, &mut reminded)
        } else {
            (Asking::Again, &mut asked)
        };
        if letters::ask(tx, &workshop, guest, (asking, &token)).await? {
            *sent += 1;
            store::guests::invited(tx, guest.id).await?;
        }
        mark(tx, one, workshop.held_on).await?;
    }
    if asked + reminded > 0 {
        let words = format!(
            "lettres automatiques\u{a0}: {}, {}",
            counted(asked, "relance"),
            counted(reminded, "rappel")
        );
        tx.record(Event::on("workshop", workshop.id, words).within(workshop.territory_id))
            .await?;
    }
    Ok(asked + reminded)
}
