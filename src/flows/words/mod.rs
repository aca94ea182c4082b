//! The words of the territory, that the nomenclature does not know or takes for another thing.
//!
//! An advisor who chooses another category than the one suggested teaches a word: it is proposed, and serves
//! the suggestions and the search for synergies once a manager accepts it (see `vocabulary`).

mod model;
pub mod store;

use super::{Entry, Flow, FlowForm};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use sqlx::PgConnection;

pub(in crate::flows) use model::word;
pub use model::{LocalWord, WordState};

/// Keeps what the choice of this flow's category teaches, if anything, as a proposal.
///
/// # Errors
/// Those of the database.
pub async fn learn(tx: &mut Tx, scope: &Scope, flow: &Flow) -> sqlx::Result<()> {
    let Some(code) = model::lesson(flow) else {
        return Ok(());
    };
    if let Some(id) = store::propose(tx, scope, (flow.territory_id, &flow.label), code).await? {
        let said = format!("mot proposé au vocabulaire\u{a0}: {} ({code})", flow.label);
        tx.record(Event::on("local_word", id, said).within(flow.territory_id))
            .await?;
    }
    Ok(())
}

/// The entry, its category taken from the words of the territory when nobody chose one.
///
/// # Errors
/// Those of the database.
pub async fn recognise(
    db: &mut PgConnection,
    scope: &Scope,
    form: &FlowForm,
    mut entry: Entry,
) -> sqlx::Result<Entry> {
    if form.leaves_category_open()
        && let Some(code) = store::meaning(db, scope, &entry.label).await?
    {
        entry.category = Some(code);
    }
    Ok(entry)
}
