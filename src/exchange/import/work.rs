//! Jobs: read the files of an import, apply it. Both may last minutes; the page shows how far they are.

use super::model::{Report, State};
use super::read::Reading;
use super::store::{self, Asked};
use super::write::{self, Refused, Watch};
use crate::kernel::ids::{ImportId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::{System, Tx};
use crate::platform::jobs::{Context, Job};
use crate::platform::journal::Event;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadImport {
    pub(super) id: ImportId,
    pub(super) territory: TerritoryId,
}

impl Job for ReadImport {
    const NAME: &'static str = "import_read";
    const LABEL: &'static str = "Lecture d’un import";

    fn unique_key(&self) -> Option<String> {
        Some(key(Self::NAME, self.id))
    }
    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApplyImport {
    pub(super) id: ImportId,
    pub(super) territory: TerritoryId,
    /// Who confirmed, as the journal says.
    pub(super) user: UserId,
    pub(super) name: String,
}

impl Job for ApplyImport {
    const NAME: &'static str = "import_apply";
    const LABEL: &'static str = "Écriture d’un import";

    fn unique_key(&self) -> Option<String> {
        Some(key(Self::NAME, self.id))
    }
    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}

/// The key of the job at work on an import in this state.
pub(super) fn key_of(state: State, id: ImportId) -> String {
    let name = if state == State::Applying {
        ApplyImport::NAME
    } else {
        ReadImport::NAME
    };
    key(name, id)
}

fn key(name: &str, id: ImportId) -> String {
    format!("{name}:{id}")
}

/// The import, when it is still to be worked on.
async fn taken(context: &Context, id: ImportId, state: State) -> sqlx::Result<Option<Asked>> {
    let mut db = context.system.read().await?;
    let asked = store::asked(&mut db, id).await?;
    Ok(asked.filter(|asked| asked.state == state))
}

/// # Errors
/// Those of the database.
pub async fn read_import(job: ReadImport, context: Context) -> anyhow::Result<()> {
    let id = job.id;
    let Some(asked) = taken(&context, id, State::Reading).await? else {
        return Ok(());
    };
    let system = context.system.on_behalf_of(asked.user, &asked.author);
    let scope = Scope::of_system(&system, asked.territory);
    let uploads = store::uploads(&mut *system.read().await?, id).await?;
    let reading = Reading {
        uploads,
        parts: asked.parts.0,
        today: system.today(),
    };
    let mut watch = Watch::new(&context, id, "lues");
    let staged = system
        .transact(async |tx| -> Result<(), Refused> {
            Box::pin(write::stage(tx, &scope, id, reading, &mut watch)).await?;
            if !store::advance(tx, id, (State::Reading, State::Checked)).await? {
                return Err(Refused::Stopped);
            }
            tx.record(Event::on("import", id, "fichier vérifié avant import").within(scope.territory()))
                .await?;
            Ok(())
        })
        .await;
    match staged {
        Ok(()) | Err(Refused::Stopped) => Ok(()),
        Err(Refused::File(fault)) => {
            system
                .transact(async |tx| -> anyhow::Result<()> {
                    store::confess(tx, id, &fault.sentence).await?;
                    tx.nothing_to_record();
                    Ok(())
                })
                .await
        }
        Err(refused @ (Refused::App(_) | Refused::Changed)) => Err(refused.into()),
    }
}

/// # Errors
/// Those of the database.
pub async fn apply_import(job: ApplyImport, context: Context) -> anyhow::Result<()> {
    let id = job.id;
    let Some(asked) = taken(&context, id, State::Applying).await? else {
        return Ok(());
    };
    let system = context.system.on_behalf_of(job.user, &job.name);
    let scope = Scope::of_system(&system, asked.territory);
    let report = asked.report.0;
    let mut watch = Watch::new(&context, id, "écrites");
    let applied = system
        .transact(async |tx| -> Result<(), Refused> {
            wait_turn(tx, &scope, id).await?;
            Box::pin(write::apply(tx, &scope, &report, &mut watch)).await
        })
        .await;
    match applied {
        Ok(()) | Err(Refused::Stopped) => Ok(()),
        Err(Refused::Changed) => judge_again(&system, &scope, id, report).await,
        Err(refused @ (Refused::App(_) | Refused::File(_))) => Err(refused.into()),
    }
}

/// Nothing was written: the new report replaces the old one, to be confirmed in its turn.
async fn judge_again(system: &System, scope: &Scope, id: ImportId, report: Report) -> anyhow::Result<()> {
    let judged = system
        .transact(async |tx| -> Result<(), Refused> {
            wait_turn(tx, scope, id).await?;
            Box::pin(write::judge_again(tx, scope, id, report)).await?;
            store::mark_changed(tx, id).await?;
            tx.nothing_to_record();
            Ok(())
        })
        .await;
    match judged {
        Ok(()) | Err(Refused::Stopped) => Ok(()),
        Err(refused) => Err(refused.into()),
    }
}

/// Imports of a territory are applied one after the other; another instance may have done this one in
/// the meantime, or somebody stopped it.
async fn wait_turn(tx: &mut Tx, scope: &Scope, id: ImportId) -> Result<(), Refused> {
    store::take_turn(tx, scope.territory()).await?;
    match store::state(tx, id).await? {
        Some(State::Applying) => Ok(()),
        _ => Err(Refused::Stopped),
    }
}
