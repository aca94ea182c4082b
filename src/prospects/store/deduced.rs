//! What the job reads and writes.

use crate::companies::Headcount;
use crate::engine::Key;
use crate::engine::deduction::{Lead, Missing, Prospect, VisitValue};
use crate::kernel::Direction;
use crate::kernel::ids::EstablishmentId;
use crate::nomenclature::FlowCode;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::prospects::model::Place;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeSet;

/// The answer of the engine.
pub(in crate::prospects) struct Deduced {
    /// To rank, and being recorded.
    pub(in crate::prospects) prospects: Vec<Prospect>,
    pub(in crate::prospects) worth: Vec<VisitValue>,
    pub(in crate::prospects) missing: Vec<Missing>,
}

/// One deduction at a time per territory.
pub(in crate::prospects) async fn hold(tx: &mut Tx, scope: &Scope) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('prospects:' || $1::text, 0))",
        scope.territory().to_string()
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::prospects) async fn places(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Place>> {
    sqlx::query_as!(
        Place,
        r#"select e.id as "id: EstablishmentId", e.naf, e.headcount as "headcount: Headcount",
                  exists (select from visits v where v.establishment_id = e.id and v.status = 'validated') as "is_visited!",
                  exists (select from visits v where v.establishment_id = e.id and v.status = 'done') as "is_open!"
           from establishments e where e.territory_id = $1 and e.archived_at is null order by e.id"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

pub(in crate::prospects) async fn dismissed(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<BTreeSet<(EstablishmentId, FlowCode, Direction)>> {
    let rows = sqlx::query!(
        r#"select d.establishment_id as "id: EstablishmentId", d.category, d.direction as "direction: Direction"
           from presumed_dismissals d join establishments e on e.id = d.establishment_id where e.territory_id = $1"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.id, FlowCode::find(&row.category)?, row.direction)))
        .collect())
}

/// Replaces everything presumed of the territory.
pub(in crate::prospects) async fn rewrite(tx: &mut Tx, scope: &Scope, deduced: &Deduced) -> sqlx::Result<()> {
    forget(tx, scope).await?;
    insert_presumed(tx, &deduced.prospects).await?;
    insert_worth(tx, scope, &deduced.worth).await?;
    insert_missing(tx, scope, &deduced.missing).await
}

async fn forget(tx: &mut Tx, scope: &Scope) -> sqlx::Result<()> {
    let territory = scope.territory().uuid();
    sqlx::query!(
        "delete from presumed_flows p using establishments e where e.id = p.establishment_id and e.territory_id = $1",
        territory
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from visit_prospects where territory_id = $1", territory)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("delete from missing_partners where territory_id = $1", territory)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn id(key: &Key) -> Option<uuid::Uuid> {
    key.as_str().parse().ok()
}

async fn insert_presumed(tx: &mut Tx, prospects: &[Prospect]) -> sqlx::Result<()> {
    let rows: Vec<_> = prospects
        .iter()
        .filter_map(|prospect| Some((id(&prospect.site)?, &prospect.presumed)))
        .flat_map(|(site, presumed)| presumed.iter().map(move |one| (site, one)))
        .collect();
    let sites: Vec<_> = rows.iter().map(|(site, _)| *site).collect();
    let categories: Vec<_> = rows.iter().map(|(_, one)| one.code.as_str().to_owned()).collect();
    let directions: Vec<_> = rows.iter().map(|(_, one)| one.direction).collect();
    let probabilities: Vec<_> = rows.iter().map(|(_, one)| one.probability).collect();
    let lows: Vec<_> = rows
        .iter()
        .map(|(_, one)| one.quantity.map(|span| span.low))
        .collect();
    let centrals: Vec<_> = rows
        .iter()
        .map(|(_, one)| one.quantity.map(|span| span.central))
        .collect();
    let highs: Vec<_> = rows
        .iter()
        .map(|(_, one)| one.quantity.map(|span| span.high))
        .collect();
    let reasons: Vec<_> = rows.iter().map(|(_, one)| one.why.clone()).collect();
    sqlx::query!(
        "insert into presumed_flows (establishment_id, category, direction, probability, low, central, high, why)
         select * from unnest($1::uuid[], $2::text[], $3::flow_direction[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::text[])",
        &sites,
        &categories,
        &directions as &[Direction],
        &probabilities,
        &lows as &[Option<f64>],
        &centrals as &[Option<f64>],
        &highs as &[Option<f64>],
        &reasons
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_worth(tx: &mut Tx, scope: &Scope, worth: &[VisitValue]) -> sqlx::Result<()> {
    let rows: Vec<_> = worth
        .iter()
        .filter_map(|one| Some((id(&one.site)?, one)))
        .collect();
    let sites: Vec<_> = rows.iter().map(|(site, _)| *site).collect();
    let points: Vec<_> = rows.iter().map(|(_, one)| one.points).collect();
    let synergies: Vec<_> = rows.iter().map(|(_, one)| one.synergies).collect();
    let gains: Vec<_> = rows.iter().map(|(_, one)| one.gain).collect();
    let leads: Vec<_> = rows.iter().map(|(_, one)| Json(one.leads.clone())).collect();
    sqlx::query!(
        "insert into visit_prospects (establishment_id, territory_id, points, synergies, gain_eur, leads)
         select site, $2, points, synergies, gain, leads
         from unnest($1::uuid[], $3::float8[], $4::float8[], $5::float8[], $6::jsonb[]) as t (site, points, synergies, gain, leads)",
        &sites,
        scope.territory().uuid(),
        &points,
        &synergies,
        &gains as &[Option<f64>],
        &leads as &[Json<Vec<Lead>>]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_missing(tx: &mut Tx, scope: &Scope, missing: &[Missing]) -> sqlx::Result<()> {
    for (position, one) in (0_i32..).zip(missing) {
        sqlx::query!(
            "insert into missing_partners (territory_id, category, direction, position, sites, quantity, largest_share, value_eur, details)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            scope.territory().uuid(),
            one.code.as_str(),
            one.direction as Direction,
            position,
            i64::try_from(one.sites).unwrap_or(i64::MAX),
            one.quantity,
            one.largest_share,
            one.value.map(|[_, central, _]| central),
            Json(one) as Json<&Missing>
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
