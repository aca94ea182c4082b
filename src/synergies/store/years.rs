//! What the exchanges of each year were, with the evidence.

use super::study::Known;
use super::{Refused, lock};
use crate::flows::Certainty;
use crate::kernel::ids::{FileId, SynergyId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::YieldMeasure;
use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;

/// One year of a synergy in place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Year {
    pub year: i32,
    pub measure: YieldMeasure,
    pub quantity: f64,
    /// Given when the measure is another one.
    pub other_unit: Option<String>,
    /// Measured or declared.
    pub origin: Certainty,
    /// An invoice, a weighing slip, who said it: its reference, or a file of the synergy.
    pub evidence: Option<String>,
    pub file: Option<FileId>,
    pub dated_on: NaiveDate,
    /// Of the giver, or of a group as a whole.
    pub giver: Option<Known>,
    pub receiver: Option<Known>,
    pub avoided_tco2e: Option<f64>,
    pub jobs_fte: Option<f64>,
}

/// A year as it is read: with who told it.
#[derive(Debug, Clone)]
pub struct Told {
    pub year: Year,
    pub file_name: Option<String>,
    pub author: Option<String>,
}

/// The latest first. The caller checked the synergy's scope.
pub(in crate::synergies) async fn list(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Vec<Told>> {
    let rows = sqlx::query!(
        r#"select y.year, y.measure as "measure: YieldMeasure", y.quantity, y.other_unit, y.origin as "origin: Certainty",
                  y.evidence, y.file_id as "file: FileId", y.dated_on, y.giver_gain_eur, y.giver_source, y.receiver_gain_eur,
                  y.receiver_source, y.avoided_tco2e, y.jobs_fte, f.name as "file_name?", u.name as "author?"
           from synergy_years y left join synergy_files f on f.id = y.file_id left join users u on u.id = y.recorded_by
           where y.synergy_id = $1 order by y.year desc"#,
        id.uuid()
    )
    .fetch_all(db)
    .await?;
    let known = |value: Option<f64>, source: Option<String>| {
        Some(Known {
            value: value?,
            source: source?,
        })
    };
    let told = rows.into_iter().map(|row| Told {
        year: Year {
            year: row.year,
            measure: row.measure,
            quantity: row.quantity,
            other_unit: row.other_unit,
            origin: row.origin,
            evidence: row.evidence,
            file: row.file,
            dated_on: row.dated_on,
            giver: known(row.giver_gain_eur, row.giver_source),
            receiver: known(row.receiver_gain_eur, row.receiver_source),
            avoided_tco2e: row.avoided_tco2e,
            jobs_fte: row.jobs_fte,
        },
        file_name: row.file_name,
        author: row.author,
    });
    Ok(told.collect())
}

/// Records or corrects a year.
///
/// # Errors
/// [`Refused`] outside the scope.
#[expect(
    clippy::cognitive_complexity,
    reason = "one statement with many columns, each checked by a macro"
)]
pub async fn save(tx: &mut Tx, scope: &Scope, id: SynergyId, year: &Year) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let (author, now) = (tx.author().user_id(), tx.now());
    let (giver, receiver) = (year.giver.as_ref(), year.receiver.as_ref());
    sqlx::query!(
        "insert into synergy_years (synergy_id, year, measure, quantity, other_unit, origin, evidence, file_id, dated_on,
                giver_gain_eur, giver_source, receiver_gain_eur, receiver_source, avoided_tco2e, jobs_fte, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         on conflict (synergy_id, year) do update set measure = excluded.measure, quantity = excluded.quantity,
                other_unit = excluded.other_unit, origin = excluded.origin, evidence = excluded.evidence, file_id = excluded.file_id,
                dated_on = excluded.dated_on, giver_gain_eur = excluded.giver_gain_eur, giver_source = excluded.giver_source,
                receiver_gain_eur = excluded.receiver_gain_eur, receiver_source = excluded.receiver_source,
                avoided_tco2e = excluded.avoided_tco2e, jobs_fte = excluded.jobs_fte,
                recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at",
        id.uuid(),
        year.year,
        year.measure as YieldMeasure,
        year.quantity,
        year.other_unit,
        year.origin as Certainty,
        year.evidence,
        year.file.map(FileId::uuid),
        year.dated_on,
        giver.map(|known| known.value),
        giver.map(|known| known.source.as_str()),
        receiver.map(|known| known.value),
        receiver.map(|known| known.source.as_str()),
        year.avoided_tco2e,
        year.jobs_fte,
        author.map(|user| user.uuid()),
        now
    )
    .execute(&mut **tx)
    .await?;
    let words = format!("résultats de {} relevés", year.year);
    tx.record(
        Event::on("synergy", id, words)
            .within(synergy.territory_id)
            .after(year),
    )
    .await?;
    Ok(())
}
