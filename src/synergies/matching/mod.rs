//! The search: reads the facts of a territory, asks the engine, and brings the stored proposals in
//! step with its answer. Runs as a job after a visit is validated, an import, or on request.
//!
//! `facts` translates rows for the engine, `reconcile` compares its answer with what is stored (both
//! pure), `store::matching` reads and writes. One search at a time per territory: all of it holds one lock.

pub(in crate::synergies) mod by_hand;
mod facts;
mod ground;
mod reconcile;
pub(in crate::synergies) mod why;

pub(super) use facts::Reading;
pub(super) use ground::{Ground, local};

use super::model::Step;
use super::store::matching::{self as store, Rows};
use crate::companies::changes::SitesChanged;
use crate::engine::{Engine, Facts, Group, Key, Pair, Params, Relay, explore, relays};
use crate::flows::FlowsChanged;
use crate::nomenclature::{Catalogue, Local};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::territories::changes::BordersChanged;
use chrono::NaiveDate;
use reconcile::Change;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// What is recorded of a territory, as the engine reads it, and what has a partner already: for features
/// that ask the engine something else.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    pub facts: Facts,
    /// What the territory knows better than the catalogue.
    pub local: Local,
    /// Flows with a partner that is proposed, studied or in place.
    pub taken: BTreeSet<Key>,
}

impl Inventory {
    /// Reads it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(db: &mut PgConnection, scope: &Scope, today: NaiveDate) -> sqlx::Result<Self> {
        let rows = store::read(db, scope).await?;
        let local = local(db, scope).await?;
        let catalogue = Catalogue::embedded().localised(&local);
        Ok(Self {
            facts: facts::translate(&rows, &catalogue, &local, today),
            taken: facts::taken(&rows.known),
            local,
        })
    }
}

/// What the engine answered.
#[derive(Debug)]
struct Found {
    pairs: Vec<Pair>,
    groups: Vec<Group>,
    relays: Vec<Relay>,
    version: String,
}

/// How much a search changed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    new: usize,
    updated: usize,
    returned: usize,
    retired: usize,
}

impl Tally {
    /// « 12 nouvelles propositions, 1 revenue à étudier ».
    fn sentence(self) -> String {
        let said = [
            (self.new, "nouvelle proposition", "nouvelles propositions"),
            (self.returned, "revenue à étudier", "revenues à étudier"),
            (self.updated, "mise à jour", "mises à jour"),
            (
                self.retired,
                "retirée, ses flux ont changé",
                "retirées, leurs flux ont changé",
            ),
        ];
        let parts: Vec<String> = said
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count}\u{a0}{}", if count == 1 { one } else { many }))
            .collect();
        if parts.is_empty() {
            "rien de nouveau".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

/// Answers [`FlowsChanged`].
///
/// # Errors
/// Those of the database; running it again is harmless.
pub async fn run(job: FlowsChanged, context: jobs::Context) -> anyhow::Result<()> {
    let scope = Scope::of_system(&context.system, job.territory);
    context.progress(5, "Lecture des flux").await?;
    let tally = context
        .system
        .transact(async |tx| {
            super::store::hold_numbers(tx, job.territory).await?;
            let rows = store::read(tx, &scope).await?;
            let flows = rows.flows.len();
            context
                .progress(25, &format!("Comparaison de {flows} flux"))
                .await?;
            let today = tx.today();
            let local = local(tx, &scope).await?;
            let changes = tokio::task::spawn_blocking(move || search(&rows, &local, today)).await?;
            context.progress(70, "Enregistrement des propositions").await?;
            apply(tx, &scope, changes).await
        })
        .await?;
    context
        .progress(100, &format!("Recherche terminée\u{a0}: {}.", tally.sentence()))
        .await
}

/// The part that needs no database.
fn search(rows: &Rows, local: &Local, today: NaiveDate) -> Vec<Change> {
    let catalogue = Catalogue::embedded().localised(local);
    let params = Params::of(&catalogue, today);
    let facts = facts::translate(rows, &catalogue, local, today);
    let engine = Engine::new(&facts, &catalogue, &params);
    let groups = engine.groups(&facts.groups);
    let open = groups.iter().filter(|group| group.left_out.is_none()).count();
    let known = rows.known.iter().map(|row| Key::new(row.key.clone())).collect();
    let mut pairs = engine.worth_storing(&engine.search(), &known);
    // Explored proposals take no flow away from the treatments.
    let relays = relays(&facts, &catalogue, &params, &pairs);
    explore(&mut pairs, open);
    let found = Found {
        pairs,
        groups,
        relays,
        version: params.version.clone(),
    };
    reconcile::changes(rows, found, today)
}

async fn apply(tx: &mut Tx, scope: &Scope, changes: Vec<Change>) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let mut number = super::store::last_number(tx, scope.territory()).await?;
    for change in changes {
        match change {
            Change::Insert(new) => {
                number += 1;
                super::store::insert_numbered(tx, scope.territory(), number, &new).await?;
                tally.new += 1;
            }
            Change::Update { id, new, is_current } => {
                store::refresh(tx, id, &new, is_current).await?;
                tally.updated += 1;
            }
            Change::Return { id, new, changed } => {
                store::refresh(tx, id, &new, true).await?;
                super::store::advance(tx, scope, id, Step::Return { changed }).await?;
                tally.returned += 1;
            }
            Change::Retire(id) => {
                store::retire(tx, id).await?;
                tally.retired += 1;
            }
        }
    }
    let words = format!("recherche de synergies\u{a0}: {}", tally.sentence());
    tx.record(Event::on("territory", scope.territory(), words).within(scope.territory()))
        .await?;
    let territory = scope.territory();
    jobs::enqueue(tx, &SitesChanged { territory }).await?;
    jobs::enqueue(tx, &BordersChanged { territory }).await?;
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn a_tally_says_what_changed() {
        assert_eq!(Tally::default().sentence(), "rien de nouveau");
        let tally = Tally {
            new: 12,
            returned: 1,
            ..Tally::default()
        };
        assert_eq!(
            tally.sentence(),
            "12\u{a0}nouvelles propositions, 1\u{a0}revenue à étudier"
        );
    }
}
