//! What only the administrator's screens ask.

use super::super::model::{Commune, CommuneLine, Zone};
use crate::kernel::ids::{TerritoryId, ZoneId};
use crate::platform::db::Tx;
use sqlx::PgConnection;

/// Communes of the whole country, for whoever draws a territory.
pub(in crate::territories) async fn search_all_communes(
    db: &mut PgConnection,
    typed: &str,
) -> sqlx::Result<Vec<Commune>> {
    sqlx::query_as!(
        Commune,
        "select insee, name, department, postal_codes, latitude, longitude from communes
         where folded(name) like translate(folded($1), ' -''', '___') || '%' or $1 = any(postal_codes) or insee = upper($1)
         order by length(name), population desc nulls last, insee limit 12",
        typed
    )
    .fetch_all(db)
    .await
}

/// Every commune that one of these names or codes may mean; `model::resolve_communes` then decides.
pub(in crate::territories) async fn possible_communes(
    db: &mut PgConnection,
    lines: &[CommuneLine],
) -> sqlx::Result<Vec<Commune>> {
    let codes: Vec<_> = lines.iter().flat_map(|l| l.codes.iter().cloned()).collect();
    let names: Vec<_> = lines
        .iter()
        .filter(|l| l.codes.is_empty())
        .map(|l| l.name.clone())
        .collect();
    sqlx::query_as!(
        Commune,
        "select insee, name, department, postal_codes, latitude, longitude from communes
         where insee = any($1) or postal_codes && $1
            or (cardinality($2::text[]) > 0 and regexp_replace(folded(name), '[^a-z0-9]+', ' ', 'g') = any($2))
         order by population desc nulls last, insee",
        &codes,
        &names
    )
    .fetch_all(db)
    .await
}

pub(in crate::territories) async fn zones_of(
    db: &mut PgConnection,
    territory: TerritoryId,
) -> sqlx::Result<Vec<Zone>> {
    sqlx::query_as!(
        Zone,
        r#"select id as "id: ZoneId", name, latitude, longitude from activity_zones where territory_id = $1 order by folded(name)"#,
        territory.uuid()
    )
    .fetch_all(db)
    .await
}

/// Whether this zone is already there: its form was sent again.
pub(in crate::territories) async fn has_zone(db: &mut PgConnection, zone: ZoneId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from activity_zones where id = $1) as "exists!""#,
        zone.uuid()
    )
    .fetch_one(db)
    .await
}

/// Gives the zone removed, if it was of this territory.
pub(in crate::territories) async fn delete_zone(
    tx: &mut Tx,
    territory: TerritoryId,
    zone: ZoneId,
) -> sqlx::Result<Option<Zone>> {
    sqlx::query_as!(
        Zone,
        r#"delete from activity_zones where id = $1 and territory_id = $2
           returning id as "id: ZoneId", name, latitude, longitude"#,
        zone.uuid(),
        territory.uuid()
    )
    .fetch_optional(&mut **tx)
    .await
}

/// A territory in the administrator's list.
pub(in crate::territories) struct TerritoryRow {
    pub(in crate::territories) id: TerritoryId,
    pub(in crate::territories) name: String,
    pub(in crate::territories) is_demo: bool,
    pub(in crate::territories) freshness_months: i32,
    pub(in crate::territories) establishments: Option<i32>,
    pub(in crate::territories) communes: i64,
    pub(in crate::territories) zones: i64,
}

impl TerritoryRow {
    pub(in crate::territories) fn perimeter(&self) -> Option<i64> {
        self.establishments.map(i64::from)
    }
}

pub(in crate::territories) async fn list(db: &mut PgConnection) -> sqlx::Result<Vec<TerritoryRow>> {
    sqlx::query_as!(
        TerritoryRow,
        r#"select t.id as "id: TerritoryId", t.name, t.is_demo, t.freshness_months, t.establishments,
                  (select count(*) from territory_communes c where c.territory_id = t.id) as "communes!",
                  (select count(*) from activity_zones z where z.territory_id = t.id) as "zones!"
           from territories t order by folded(t.name)"#
    )
    .fetch_all(db)
    .await
}
