//! `maillage demo`: the state of the founding document, built by the product's own functions.
//! Fictitious companies on real communes; the same on every machine.

mod draw;
mod inventory;
mod people;
mod programme;

use super::start::Started;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::Scope;
use crate::platform::config::Config;
use crate::platform::journal::Event;
use crate::territories::store::{self as territories, Territory};
use anyhow::bail;
use std::io::Write;

const NAME: &str = "Pays Vendômois";
/// Territoires Vendômois, Perche et Haut Vendômois, Collines du Perche.
const EPCI: [&str; 3] = ["200072072", "200040772", "244100293"];

pub(super) async fn run(config: Config, out: &mut impl Write) -> anyhow::Result<()> {
    let started = Started::open(config).await?;
    started.migrate().await?;
    load(&started, out).await?;
    started.close().await
}

/// Builds the demonstration, and says how to get in.
pub(super) async fn load(started: &Started, out: &mut impl Write) -> anyhow::Result<()> {
    let system = started.app.system("démonstration");
    let known = territories::all(&mut *system.read().await?).await?;
    if known.iter().any(|t| t.name == NAME) {
        bail!("le territoire « {NAME} » existe déjà dans cette base");
    }
    let hash = started.app.hasher().hash(people::PASSWORD.to_owned()).await?;
    system
        .transact(async |tx| -> anyhow::Result<()> {
            let territory = Territory {
                id: TerritoryId::fresh(),
                name: NAME.to_owned(),
                is_demo: true,
                freshness_months: 24,
                latitude: 47.82,
                longitude: 1.02,
                establishments: Some(2_400),
                version: 1,
            };
            let communes = territories::communes_of_epci(tx, &EPCI).await?;
            territories::insert(tx, &territory, &communes).await?;
            tx.record(
                Event::on("territory", territory.id, "territoire de démonstration créé").within(territory.id),
            )
            .await?;
            let organisations = people::organisations(tx).await?;
            let advisors = people::open(tx, territory.id, &organisations, &hash).await?;
            let scope = Scope::of_system(&system, territory.id);
            let inventory = inventory::Inventory {
                scope: &scope,
                today: system.today(),
                advisors: &advisors,
            };
            programme::record(tx, &scope).await?;
            let made = inventory.record(tx).await?;
            if let Some(first) = made.first() {
                people::open_contact(tx, territory.id, first.company_id, &hash).await?;
            }
            Ok(())
        })
        .await?;
    print_accounts(out)
}

/// The accounts of the demonstration, for whoever starts it.
pub(super) fn print_accounts(out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "Démonstration (données fictives). Mot de passe de tous les comptes : {}",
        people::PASSWORD
    )?;
    for (email, role) in people::accounts() {
        writeln!(out, "  {email:<26} {role}")?;
    }
    Ok(())
}
