//! The one question, asked by letter two weeks after an introduction.

use super::{letters, store};
use crate::platform::db::System;
use crate::platform::mail::Recipient;
use chrono::Duration;

/// # Errors
/// Those of the database.
pub async fn ask_opinions(system: &System) -> anyhow::Result<()> {
    let now = system.now();
    let (after, before) = (now - Duration::days(60), now - Duration::days(14));
    for who in store::introduced(&mut *system.read().await?, after, before).await? {
        let recipient = Recipient {
            user: Some(who.user),
            name: who.name,
            email: who.email,
        };
        system
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                letters::satisfaction(tx, recipient, who.territory, who.synergy).await?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}
