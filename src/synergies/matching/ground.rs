//! What a search stands on, for those who ask « et si… » without writing.

use super::super::factors::store as factors;
use super::super::store::matching::{self as store, Rows};
use super::facts;
use crate::engine::{Difference, Facts, Params};
use crate::flows::words;
use crate::nomenclature::{Catalogue, Local};
use crate::platform::access::Scope;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The facts of a territory, its own figures, and the day.
pub(in crate::synergies) struct Ground {
    rows: Rows,
    local: Local,
    today: NaiveDate,
}

/// What the territory knows better than the nomenclature.
pub(in crate::synergies) async fn local(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Local> {
    Ok(Local {
        synonyms: words::store::accepted(db, scope).await?,
        ..factors::latest(db, scope).await?
    })
}

impl Ground {
    pub(in crate::synergies) async fn read(
        db: &mut PgConnection,
        scope: &Scope,
        today: NaiveDate,
    ) -> sqlx::Result<Self> {
        Ok(Self {
            rows: store::read(db, scope).await?,
            local: local(db, scope).await?,
            today,
        })
    }

    /// What each flow is called.
    pub(in crate::synergies) fn labels(&self) -> BTreeMap<String, String> {
        let flows = self.rows.flows.iter();
        flows
            .map(|flow| (flow.id.to_string(), flow.label.clone()))
            .collect()
    }

    /// Puts a question to the engine, on a thread of its own: it computes for a while.
    pub(in crate::synergies) async fn ask(
        self,
        question: impl FnOnce(&Facts, &Catalogue, &Params) -> Difference + Send + 'static,
    ) -> anyhow::Result<Difference> {
        let answer = tokio::task::spawn_blocking(move || {
            let catalogue = Catalogue::embedded().localised(&self.local);
            let facts = facts::translate(&self.rows, &catalogue, &self.local, self.today);
            question(&facts, &catalogue, &Params::of(&catalogue, self.today))
        });
        Ok(answer.await?)
    }
}
