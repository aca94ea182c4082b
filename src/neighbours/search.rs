//! The search across borders: reads both inventories, asks the engine one way then the other. Runs as a
//! job after each search of a territory and each change of its agreements.

use super::model::{Agreement, Standing, facing};
use super::store::{self, matches};
use crate::engine::{Engine, Pair, Params};
use crate::nomenclature::Catalogue;
use crate::platform::access::Scope;
use crate::platform::db::{System, Tx};
use crate::platform::jobs;
use crate::synergies::Inventory;
use crate::territories::changes::BordersChanged;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// On the first day of an agreement, asks for its search.
///
/// # Errors
/// Those of the database.
pub async fn begin(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    system
        .transact(async |tx| -> anyhow::Result<()> {
            tx.nothing_to_record();
            for territory in store::beginning(tx, on).await? {
                jobs::enqueue(tx, &BordersChanged { territory }).await?;
            }
            Ok(())
        })
        .await
}

/// Answers [`BordersChanged`].
///
/// # Errors
/// Those of the database; running it again is harmless.
pub async fn run(job: BordersChanged, context: jobs::Context) -> anyhow::Result<()> {
    let here = Scope::of_system(&context.system, job.territory);
    let known = store::agreements(&mut *context.system.read().await?, &here).await?;
    let mut found = 0;
    for agreement in known {
        let there = Scope::of_system(&context.system, agreement.across(job.territory).0);
        found += context
            .system
            .transact(async |tx| -> anyhow::Result<usize> {
                tx.nothing_to_record();
                let today = tx.today();
                if agreement.standing(today) != Standing::InForce {
                    return Ok(0);
                }
                between(tx, &here, &there, &agreement).await
            })
            .await?;
    }
    context
        .progress(
            100,
            &format!("{found}\u{a0}correspondances avec les territoires voisins."),
        )
        .await
}

async fn between(tx: &mut Tx, here: &Scope, there: &Scope, agreement: &Agreement) -> anyhow::Result<usize> {
    let today = tx.today();
    matches::hold(tx, here.territory(), there.territory()).await?;
    let ours = Inventory::read(tx, here, today).await?;
    let theirs = Inventory::read(tx, there, today).await?;
    let may_cross = matches::may_cross(tx, [here.territory(), there.territory()]).await?;
    let families = agreement.families();
    let (out, into) = tokio::task::spawn_blocking(move || {
        let catalogue = Catalogue::embedded();
        let params = Params::of(catalogue, today);
        let meet = |giver: &Inventory, receiver: &Inventory| -> Vec<Pair> {
            let facts = facing(&giver.facts, &receiver.facts, &families, &may_cross);
            let engine = Engine::new(&facts, catalogue, &params);
            let worth = engine.worth_storing(&engine.search(), &BTreeSet::new());
            worth.into_iter().filter(|pair| pair.retained).collect()
        };
        (meet(&ours, &theirs), meet(&theirs, &ours))
    })
    .await?;
    matches::rewrite(tx, here.territory(), there.territory(), &out).await?;
    matches::rewrite(tx, there.territory(), here.territory(), &into).await?;
    Ok(out.len() + into.len())
}
