//! A real published network beside the fictitious one: Kalundborg's, imported as an analyst would.

use super::people;
use crate::exchange;
use crate::flows::FlowsChanged;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::Scope;
use crate::platform::db::{System, Tx};
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::territories::store::{self as territories, Territory};

const NAME: &str = "Kalundborg, réseau réel publié";
const SITES: &[u8] = include_bytes!("kalundborg/etablissements.csv");
const FLOWS: &[u8] = include_bytes!("kalundborg/flux.csv");

/// Opens the territory to the demonstration's people and imports its two files.
pub(super) async fn import(tx: &mut Tx, system: &System) -> anyhow::Result<()> {
    let territory = Territory {
        id: TerritoryId::fresh(),
        name: NAME.to_owned(),
        // Its facts are real: the banner of fictitious data would lie.
        is_demo: false,
        freshness_months: 24,
        latitude: 55.66,
        longitude: 11.1,
        establishments: None,
        allows_offline: false,
        version: 1,
    };
    territories::insert(tx, &territory, &[]).await?;
    let event = Event::on("territory", territory.id, "territoire de démonstration créé");
    tx.record(event.within(territory.id)).await?;
    people::admit(tx, territory.id).await?;
    let scope = Scope::of_system(system, territory.id);
    exchange::import_network(tx, &scope, SITES, FLOWS).await?;
    jobs::enqueue(
        tx,
        &FlowsChanged {
            territory: territory.id,
        },
    )
    .await?;
    Ok(())
}
