//! What the pilots of one territory are told when those of the other ask, accept or end.

use super::model::Agreement;
use super::paths;
use crate::accounts::{self, Notice};
use crate::kernel::ids::TerritoryId;
use crate::platform::db::Tx;
use crate::platform::mail::{self, Letter, Link};
use askama::Template;

#[derive(Template)]
#[template(path = "mail/neighbour.txt")]
struct Words<'a> {
    name: &'a str,
    neighbour: &'a str,
    did: &'a str,
    families: &'a str,
}

/// To those of the other side of `here`, where something was just done.
pub(super) async fn tell(
    tx: &mut Tx,
    here: TerritoryId,
    agreement: &Agreement,
    did: &str,
) -> sqlx::Result<()> {
    let (there, _) = agreement.across(here);
    let (_, neighbour) = agreement.across(there);
    let labels: Vec<_> = agreement.families().iter().map(|family| family.label()).collect();
    for pilot in accounts::store::in_charge(tx, there, None).await? {
        let words = Words {
            name: &pilot.name,
            neighbour,
            did,
            families: &labels.join(", "),
        };
        let subject = format!("{neighbour} {did}");
        let letter = Letter::new(Notice::Neighbour.topic(), (&pilot).into(), subject, &words)?
            .within(there)
            .link(Link::to("Je regarde les accords", paths::AGREEMENTS));
        mail::queue(tx, &letter).await?;
    }
    Ok(())
}
