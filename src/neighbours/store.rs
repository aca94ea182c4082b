//! Agreements between territories and what meets across their borders.

pub mod matches;

use super::model::Agreement;
use crate::kernel::ids::{AgreementId, TerritoryId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// The agreements of the territory, the latest first.
pub async fn agreements(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Agreement>> {
    sqlx::query_as!(
        Agreement,
        r#"select a.id as "id: AgreementId", a.asker_id as "asker: TerritoryId", mine.name as asker_name,
                  a.other_id as "other: TerritoryId", theirs.name as other_name, a.families, a.starts_on, a.ends_on,
                  (a.accepted_at at time zone 'Europe/Paris')::date as accepted_on, (a.ended_at at time zone 'Europe/Paris')::date as ended_on
           from territory_agreements a join territories mine on mine.id = a.asker_id join territories theirs on theirs.id = a.other_id
           where a.asker_id = $1 or a.other_id = $1 order by a.asked_at desc, a.id"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// One of them.
pub async fn agreement(
    db: &mut PgConnection,
    scope: &Scope,
    id: AgreementId,
) -> sqlx::Result<Option<Agreement>> {
    let known = agreements(db, scope).await?;
    Ok(known.into_iter().find(|one| one.id == id))
}

/// Territories that asked for the agreements beginning that day.
pub async fn beginning(db: &mut PgConnection, on: NaiveDate) -> sqlx::Result<Vec<TerritoryId>> {
    sqlx::query_scalar!(
        r#"select distinct asker_id as "id: TerritoryId" from territory_agreements
           where accepted_at is not null and ended_at is null and starts_on = $1"#,
        on
    )
    .fetch_all(db)
    .await
}

/// The other territories of the instance, by name.
pub async fn others(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<(TerritoryId, String)>> {
    let rows = sqlx::query!(
        r#"select t.id as "id: TerritoryId", t.name from territories t join territories here on here.id = $1
           where t.id <> $1 and t.is_demo = here.is_demo order by t.name"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// What a pilot asks of a neighbour.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Asked {
    pub id: AgreementId,
    pub other: TerritoryId,
    pub families: Vec<String>,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

/// Asks; the same request sent twice changes nothing and gives `false`.
pub async fn ask(tx: &mut Tx, scope: &Scope, asked: &Asked) -> sqlx::Result<bool> {
    let (now, today) = (tx.now(), tx.today());
    // One that is over by its date no longer stands in the way.
    sqlx::query!(
        "update territory_agreements set ended_at = $3
         where ended_at is null and ends_on < $4
           and least(asker_id, other_id) = least($1::uuid, $2::uuid) and greatest(asker_id, other_id) = greatest($1::uuid, $2::uuid)",
        scope.territory().uuid(),
        asked.other.uuid(),
        now,
        today
    )
    .execute(&mut **tx)
    .await?;
    let inserted = sqlx::query!(
        "insert into territory_agreements (id, asker_id, other_id, families, starts_on, ends_on, asked_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
        asked.id.uuid(),
        scope.territory().uuid(),
        asked.other.uuid(),
        &asked.families,
        asked.starts_on,
        asked.ends_on,
        now
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    record(
        tx,
        [scope.territory(), asked.other],
        "accord avec un territoire voisin demandé",
        asked.id,
    )
    .await?;
    Ok(true)
}

/// The other pilot accepts; `None` when there is nothing to accept.
pub async fn accept(tx: &mut Tx, scope: &Scope, id: AgreementId) -> sqlx::Result<Option<[TerritoryId; 2]>> {
    let now = tx.now();
    let accepted = sqlx::query!(
        r#"update territory_agreements set accepted_at = $3
           where id = $1 and other_id = $2 and accepted_at is null and ended_at is null
           returning asker_id as "asker: TerritoryId", other_id as "other: TerritoryId""#,
        id.uuid(),
        scope.territory().uuid(),
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(accepted) = accepted else { return Ok(None) };
    let both = [accepted.asker, accepted.other];
    record(tx, both, "accord avec un territoire voisin accepté", id).await?;
    Ok(Some(both))
}

/// Either pilot ends it, at once.
pub async fn end(tx: &mut Tx, scope: &Scope, id: AgreementId) -> sqlx::Result<Option<[TerritoryId; 2]>> {
    let now = tx.now();
    let ended = sqlx::query!(
        r#"update territory_agreements set ended_at = $3
           where id = $1 and (asker_id = $2 or other_id = $2) and ended_at is null
           returning asker_id as "asker: TerritoryId", other_id as "other: TerritoryId""#,
        id.uuid(),
        scope.territory().uuid(),
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(ended) = ended else { return Ok(None) };
    let both = [ended.asker, ended.other];
    record(tx, both, "accord avec un territoire voisin terminé", id).await?;
    Ok(Some(both))
}

/// In the journal of both.
async fn record(
    tx: &mut Tx,
    territories: [TerritoryId; 2],
    action: &str,
    id: AgreementId,
) -> sqlx::Result<()> {
    let event = |territory: TerritoryId| {
        Event::on("territory", territory, action)
            .within(territory)
            .after(&id)
    };
    tx.record_all(territories.map(event).to_vec()).await
}
