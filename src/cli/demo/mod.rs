//! `maillage demo`: the state of the founding document, built by the product's own functions.
//! Fictitious companies on real communes; the same on every machine.

mod draw;
mod evaluation;
mod follow_up;
mod inventory;
mod neighbour;
mod network;
mod people;
mod programme;
mod recording;
mod steering;
mod synergies;
mod workshops;

use super::start::Started;
use crate::app;
use crate::flows::FlowsChanged;
use crate::kernel::clock::Clock;
use crate::kernel::ids::{EstablishmentId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::config::Config;
use crate::platform::db::{System, Tx};
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::territories::store::{self as territories, Territory};
use anyhow::{Context, bail};
use chrono::{Duration, NaiveDate};
use std::io::Write;

const NAME: &str = "Pays Vendômois";
/// Since when the engine has proposed and advisors have decided.
const WEEKS: i64 = 6;
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
    let (today, clock) = (system.today(), started.app.clock());
    let filled = fill(&system, today, &hash).await?;
    let territory = filled.territory;
    system
        .transact(async |tx| network::import(tx, &system).await)
        .await?;
    clock.travel(-Duration::days(WEEKS * 7));
    system
        .transact(async |tx| -> anyhow::Result<()> {
            tx.nothing_to_record();
            Ok(jobs::enqueue(tx, &FlowsChanged { territory }).await?)
        })
        .await?;
    while jobs::run_next(&started.app, &app::jobs()).await? {}
    let scope = Scope::of_system(&system, filled.territory);
    let review = synergies::Review {
        system: &system,
        clock,
        scope: &scope,
        today,
        advisors: &filled.advisors,
        contact: filled.contact,
    };
    review.decide().await?;
    clock.travel(Clock::default().now() - clock.now());
    let mornings = workshops::Mornings {
        scope: &scope,
        today,
        advisors: &filled.advisors,
    };
    system.transact(async |tx| mornings.record(tx).await).await?;
    while jobs::run_next(&started.app, &app::jobs()).await? {}
    system
        .transact(async |tx| evaluation::record(tx, &scope, today).await)
        .await?;
    print_accounts(out)
}

/// What the inventory gives to the review.
struct Filled {
    territory: TerritoryId,
    advisors: Vec<UserId>,
    contact: EstablishmentId,
}

/// Territory, people, contract and inventory, in one transaction that asks for matching.
async fn fill(system: &System, today: NaiveDate, hash: &str) -> anyhow::Result<Filled> {
    system
        .transact(async |tx| -> anyhow::Result<Filled> {
            let territory = found_territory(tx).await?;
            let organisations = people::organisations(tx).await?;
            let advisors = people::open(tx, territory, &organisations, hash).await?;
            let scope = Scope::of_system(system, territory);
            programme::record(tx, &scope).await?;
            let inventory = inventory::Inventory {
                scope: &scope,
                today,
                advisors: &advisors,
            };
            let made = inventory.record(tx).await?;
            let first = made.first().context("at least one company")?;
            people::open_contact(tx, territory, first.company_id, hash).await?;
            let home = neighbour::Home {
                system,
                territory,
                organisations: &organisations,
                hash,
            };
            for across in [neighbour::DUNOIS, neighbour::VALLEE_DU_LOIR] {
                across.open(tx, &home).await?;
            }
            Ok(Filled {
                territory,
                advisors,
                contact: first.id,
            })
        })
        .await
}

async fn found_territory(tx: &mut Tx) -> anyhow::Result<TerritoryId> {
    let territory = Territory {
        id: TerritoryId::fresh(),
        name: NAME.to_owned(),
        is_demo: true,
        freshness_months: 24,
        latitude: 47.82,
        longitude: 1.02,
        establishments: Some(2_400),
        allows_offline: true,
        version: 1,
    };
    let communes = territories::communes_of_epci(tx, &EPCI).await?;
    territories::insert(tx, &territory, &communes).await?;
    let event = Event::on("territory", territory.id, "territoire de démonstration créé");
    tx.record(event.within(territory.id)).await?;
    Ok(territory.id)
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
