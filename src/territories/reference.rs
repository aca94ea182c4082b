//! Reference lists kept in the database so that it can guard what refers to them: communes, NAF,
//! waste codes, flow categories. Loaded at start when the file differs from what was loaded.

use super::store;
use crate::nomenclature::{Catalogue, WasteCode, naf};
use crate::platform::db::{System, Tx};
use crate::platform::journal::Event;
use anyhow::Context;
use sha2::{Digest, Sha256};

/// The embedded list of communes, as published.
pub const COMMUNES: &str = include_str!("communes.csv");

/// Brings every list up to date.
///
/// # Errors
/// When the database refuses, or an embedded file is not readable.
pub async fn sync(system: &System) -> anyhow::Result<()> {
    load(system, "communes", COMMUNES, async |tx| {
        let rows = read_communes().map_err(|e| sqlx::Error::Decode(e.into()))?;
        store::replace_communes(tx, &rows).await
    })
    .await?;
    let naf: String = naf::sub_classes()
        .map(|n| format!("{} {}\n", n.code, n.label))
        .collect();
    load(system, "naf", &naf, async |tx| store::replace_naf(tx).await).await?;
    let waste: String = WasteCode::all().map(|w| format!("{w} {}\n", w.label())).collect();
    load(system, "waste_codes", &waste, async |tx| {
        store::replace_waste_codes(tx).await
    })
    .await?;
    let catalogue = Catalogue::embedded();
    let categories: String = catalogue
        .categories()
        .iter()
        .map(|c| format!("{} {} {}\n", c.code, c.label, c.unit.code()))
        .collect();
    load(system, "flow_categories", &categories, async |tx| {
        store::replace_categories(tx, catalogue).await
    })
    .await
}

async fn load(
    system: &System,
    name: &str,
    content: &str,
    replace: impl AsyncFnOnce(&mut Tx) -> sqlx::Result<()>,
) -> anyhow::Result<()> {
    let fingerprint: String = Sha256::digest(content.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let known = store::reference_fingerprint(&mut *system.read().await?, name).await?;
    if known.as_deref() == Some(fingerprint.as_str()) {
        return Ok(());
    }
    system
        .transact(async |tx| -> anyhow::Result<()> {
            replace(tx).await.with_context(|| format!("loading {name}"))?;
            store::note_reference(tx, name, &fingerprint).await?;
            tx.record(Event::on(
                "reference",
                uuid::Uuid::nil(),
                format!("liste « {name} » mise à jour"),
            ))
            .await?;
            Ok(())
        })
        .await
}

fn read_communes() -> csv::Result<Vec<store::CommuneRow>> {
    csv::Reader::from_reader(COMMUNES.as_bytes())
        .deserialize()
        .collect()
}
