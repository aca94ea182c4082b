//! The deduction: reads what is recorded, asks the engine, rewrites what is presumed. Runs as a job
//! after each search for synergies and each change of an establishment.

use super::model::{Split, split};
use super::store::deduced::{self, Deduced};
use crate::companies::changes::SitesChanged;
use crate::engine::Params;
use crate::engine::deduction::{missing, worth_of_visits};
use crate::nomenclature::Catalogue;
use crate::platform::access::Scope;
use crate::platform::jobs;
use crate::synergies::Inventory;

/// Answers [`SitesChanged`].
///
/// # Errors
/// Those of the database; running it again is harmless.
pub async fn run(job: SitesChanged, context: jobs::Context) -> anyhow::Result<()> {
    let scope = Scope::of_system(&context.system, job.territory);
    context.progress(5, "Lecture des flux et des visites").await?;
    let count = context
        .system
        .transact(async |tx| -> anyhow::Result<usize> {
            tx.nothing_to_record();
            deduced::hold(tx, &scope).await?;
            let today = tx.today();
            let inventory = Inventory::read(tx, &scope, today).await?;
            let places = deduced::places(tx, &scope).await?;
            let dismissed = deduced::dismissed(tx, &scope).await?;
            let (deduced, ranked) = tokio::task::spawn_blocking(move || {
                let catalogue = &Catalogue::embedded().localised(&inventory.local);
                let params = Params::of(catalogue, today);
                let (
                    Split {
                        mut prospects, open, ..
                    },
                    knowledge,
                ) = split(&places, &inventory, &dismissed);
                let (facts, taken) = (&inventory.facts, &inventory.taken);
                let worth = worth_of_visits(facts, &prospects, taken, catalogue, &params);
                let ranked = prospects.len();
                prospects.extend(open);
                let deduced = Deduced {
                    worth,
                    missing: missing(facts, taken, &knowledge, catalogue, &params),
                    prospects,
                };
                (deduced, ranked)
            })
            .await?;
            deduced::rewrite(tx, &scope, &deduced).await?;
            Ok(ranked)
        })
        .await?;
    let said = match count {
        0 => "Tous les établissements connus ont été visités.".to_owned(),
        1 => "1\u{a0}établissement à visiter classé.".to_owned(),
        n => format!("{n}\u{a0}établissements à visiter classés."),
    };
    context.progress(100, &said).await
}
