//! What the flows of a territory add up to. A small inventory is summed when it is read; the sums of a large
//! one are kept, and rewritten together by a job (see `dashboards::sums`).

use crate::dashboards::model::flows::{CategorySums, PrioritySums, Side};
use crate::dashboards::model::ground::CommuneCell;
use crate::dashboards::model::outlets::{Outlet, Stream};
use crate::dashboards::model::secrecy::is_safe;
use crate::indicators::store::kept::{self, Part};
use crate::kernel::ids::ZoneId;
use crate::nomenclature::{Family, FlowCode};
use crate::platform::access::AggregateScope;
use crate::platform::db::Tx;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Sums everything anew and keeps it. The caller sees one moment of the database.
pub async fn rewrite(tx: &mut Tx, scope: &AggregateScope) -> sqlx::Result<()> {
    let today = tx.today();
    kept::rewrite_inventory(tx, scope).await?;
    let (whole, zones): (Vec<_>, Vec<_>) = sum_categories(tx, scope)
        .await?
        .into_iter()
        .partition(|row| row.is_whole);
    kept::write(tx, scope, Part::Categories, &whole).await?;
    kept::write(tx, scope, Part::Zones, &zones).await?;
    let streams = sum_streams(tx, scope).await?;
    kept::write(tx, scope, Part::Streams, &streams).await?;
    let communes = sum_communes(tx, scope).await?;
    kept::write(tx, scope, Part::Communes, &communes).await?;
    let fresh = sum_freshness(tx, scope, today).await?;
    kept::write(tx, scope, Part::Freshness, &(today, fresh)).await?;
    let flows = sum_flows(tx, scope).await?;
    kept::write(tx, scope, Part::Total, &flows).await
}

// ---- how many

/// How many flows are known.
pub async fn flows(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<i64> {
    match kept::find(db, scope, Part::Total).await? {
        Some(flows) => Ok(flows),
        None => sum_flows(db, scope).await,
    }
}

pub async fn sum_flows(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "flows!" from flows f join establishments e on e.id = f.establishment_id
           where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null"#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}

// ---- by category

/// A category over the territory or in one zone (None: out of any).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct CategoryRow {
    category: String,
    is_whole: bool,
    zone: Option<ZoneId>,
    firms: i64,
    solved: i64,
    leaves: i64,
    leaving_known: i64,
    leaving: Option<f64>,
    leaving_largest: Option<f64>,
    enters: i64,
    entering_known: i64,
    entering: Option<f64>,
    entering_largest: Option<f64>,
}

impl CategoryRow {
    fn sums(&self) -> PrioritySums {
        PrioritySums {
            firms: self.firms,
            solved: self.solved,
            leaving: Side {
                firms: self.leaves,
                quantified: self.leaving_known,
                total: self.leaving,
                largest: self.leaving_largest,
            },
            entering: Side {
                firms: self.enters,
                quantified: self.entering_known,
                total: self.entering,
                largest: self.entering_largest,
            },
        }
    }
}

/// Every category that has a flow or is a priority, over the territory and zone by zone: priorities first,
/// then those of most companies.
pub async fn categories(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
) -> sqlx::Result<Vec<CategorySums>> {
    let rows: Option<Vec<CategoryRow>> = kept::find(db, scope, Part::Categories).await?;
    let zones: Option<Vec<CategoryRow>> = kept::find(db, scope, Part::Zones).await?;
    let rows = match (rows, zones) {
        (Some(rows), Some(zones)) => rows.into_iter().chain(zones).collect(),
        _ => sum_categories(db, scope).await?,
    };
    gathered(db, scope, family, &rows).await
}

/// The same without the zones, which are many.
pub async fn whole_categories(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
) -> sqlx::Result<Vec<CategorySums>> {
    let rows: Vec<CategoryRow> = match kept::find(db, scope, Part::Categories).await? {
        Some(rows) => rows,
        None => sum_categories(db, scope)
            .await?
            .into_iter()
            .filter(|row| row.is_whole)
            .collect(),
    };
    gathered(db, scope, family, &rows).await
}

/// With what the committee chose, and the groups that are open.
async fn gathered(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
    rows: &[CategoryRow],
) -> sqlx::Result<Vec<CategorySums>> {
    let beside = sqlx::query!(
        r#"
        with groups as (
            select category, count(*) as groups from synergies
            where territory_id = $1 and kind = 'mutualisation' and category is not null
              and (state = 'proposed' and is_current or is_moving(state))
            group by category
        )
        select coalesce(p.category, g.category) as "category!", p.rank as "rank?", coalesce(g.groups, 0) as "groups!"
        from (select category, rank from priorities where territory_id = $1) p full join groups g on g.category = p.category"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    let empty = |code| CategorySums {
        code,
        rank: None,
        groups: 0,
        whole: PrioritySums::default(),
        zones: BTreeMap::new(),
    };
    let mut found: BTreeMap<FlowCode, CategorySums> = BTreeMap::new();
    for row in rows {
        if let Some(code) = FlowCode::find(&row.category) {
            let category = found.entry(code).or_insert_with(|| empty(code));
            if row.is_whole {
                category.whole = row.sums();
            } else {
                category.zones.insert(row.zone, row.sums());
            }
        }
    }
    for row in beside {
        let Some(code) = FlowCode::find(&row.category) else {
            continue;
        };
        if row.rank.is_some() {
            found.entry(code).or_insert_with(|| empty(code)).rank = row.rank;
        }
        if let Some(category) = found.get_mut(&code) {
            category.groups = row.groups;
        }
    }
    let mut found: Vec<_> = found
        .into_values()
        .filter(|one| family.is_none_or(|family| one.code.family() == family))
        .collect();
    found.sort_by_key(|one| (one.rank.is_none(), one.rank, -one.whole.firms, one.code));
    Ok(found)
}

async fn sum_categories(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<CategoryRow>> {
    sqlx::query_as!(
        CategoryRow,
        r#"
        with working as (
            select distinct m.flow_id from synergy_members m join synergies s on s.id = m.synergy_id
            where s.territory_id = $1 and m.flow_id is not null and m.state <> 'withdrawn' and s.state in ('realised', 'durable')
        ), firms as (
            select f.category, grouping(e.zone_id) = 1 as is_whole, e.zone_id, e.company_id,
                   bool_or(f.direction = 'outbound') as leaves, bool_or(f.direction = 'inbound') as enters,
                   bool_or(w.flow_id is not null) as solved,
                   sum(f.annual_quantity) filter (where f.direction = 'outbound') as leaving,
                   sum(f.annual_quantity) filter (where f.direction = 'inbound') as entering
            from flows f join establishments e on e.id = f.establishment_id left join working w on w.flow_id = f.id
            where f.territory_id = $1 and f.category is not null and f.deleted_at is null and e.archived_at is null
            group by grouping sets ((f.category, e.zone_id, e.company_id), (f.category, e.company_id))
        )
        select category as "category!", is_whole as "is_whole!", zone_id as "zone?: ZoneId", count(*) as "firms!",
               count(*) filter (where solved) as "solved!",
               count(*) filter (where leaves) as "leaves!", count(leaving) as "leaving_known!", sum(leaving) as leaving,
               max(leaving) as leaving_largest,
               count(*) filter (where enters) as "enters!", count(entering) as "entering_known!", sum(entering) as entering,
               max(entering) as entering_largest
        from firms group by 1, 2, 3 order by 1, 2, 3"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

// ---- by outlet

#[derive(Debug, Serialize, Deserialize)]
struct StreamRow {
    family: String,
    outlet: String,
    is_whole: bool,
    zone: Option<ZoneId>,
    flows: i64,
    firms: i64,
}

/// Outgoing flows by family and by what people wrote of their outlet, over the territory or in a zone.
pub async fn streams(
    db: &mut PgConnection,
    scope: &AggregateScope,
    zone: Option<ZoneId>,
) -> sqlx::Result<Vec<Stream>> {
    let rows = match kept::find(db, scope, Part::Streams).await? {
        Some(rows) => rows,
        None => sum_streams(db, scope).await?,
    };
    // What a zone shares with others is told when no other, by difference, is told with it.
    let is_told = |row: &StreamRow| {
        let twin =
            |other: &&StreamRow| !other.is_whole && other.family == row.family && other.outlet == row.outlet;
        is_safe(rows.iter().filter(twin).map(|other| other.firms))
    };
    let here = |row: &&StreamRow| match zone {
        None => row.is_whole,
        Some(_) => !row.is_whole && row.zone == zone && is_told(row),
    };
    Ok(rows
        .iter()
        .filter(here)
        .filter_map(|row| {
            let outlet = Outlet::ALL
                .into_iter()
                .find(|outlet| rank(*outlet) == row.outlet)?;
            Some(Stream {
                family: Family::find(&row.family)?,
                outlet,
                flows: row.flows,
                firms: row.firms,
            })
        })
        .collect())
}

async fn sum_streams(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<StreamRow>> {
    let written = sqlx::query_scalar!(
        r#"select distinct f.outlet as "outlet!" from flows f where f.territory_id = $1 and f.deleted_at is null and f.outlet is not null"#,
        scope.territory().uuid()
    )
    .fetch_all(&mut *db)
    .await?;
    let read: Vec<String> = written.iter().map(|words| rank(Outlet::read(words))).collect();
    sqlx::query_as!(
        StreamRow,
        r#"
        with working as (
            select distinct m.flow_id from synergy_members m join synergies s on s.id = m.synergy_id
            where s.territory_id = $1 and m.flow_id is not null and m.state <> 'withdrawn' and s.state in ('realised', 'durable')
        ), leaving as (
            select c.family, case when w.flow_id is not null then $4 else coalesce(o.read, $5) end as outlet, e.zone_id, e.company_id
            from flows f join establishments e on e.id = f.establishment_id join flow_categories c on c.code = f.category
            left join unnest($2::text[], $3::text[]) as o (written, read) on o.written = f.outlet
            left join working w on w.flow_id = f.id
            where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null and f.direction = 'outbound'
        ), firms as (
            select family, outlet, grouping(zone_id) = 1 as is_whole, zone_id, company_id, count(*) as flows
            from leaving group by grouping sets ((family, outlet, zone_id, company_id), (family, outlet, company_id))
        )
        select family as "family!", outlet as "outlet!", is_whole as "is_whole!", zone_id as "zone?: ZoneId",
               sum(flows)::bigint as "flows!", count(*) as "firms!"
        from firms group by 1, 2, 3, 4 order by 1, 2, 3, 4"#,
        scope.territory().uuid(),
        &written,
        &read,
        rank(Outlet::Synergy),
        rank(Outlet::Unknown)
    )
    .fetch_all(db)
    .await
}

fn rank(outlet: Outlet) -> String {
    format!("{outlet:?}")
}

// ---- by commune

/// Companies of a commune that have a flow: of a family, or of any when there is none.
#[derive(Debug, Serialize, Deserialize)]
struct CommuneRow {
    insee: Option<String>,
    family: Option<String>,
    is_whole: bool,
    firms: i64,
}

/// The communes of the territory and how many companies of each have a flow of the family.
pub async fn communes(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
) -> sqlx::Result<Vec<CommuneCell>> {
    let rows: Vec<CommuneRow> = match kept::find(db, scope, Part::Communes).await? {
        Some(rows) => rows,
        None => sum_communes(db, scope).await?,
    };
    let wanted = family.map(Family::code);
    let firms: BTreeMap<String, i64> = rows
        .into_iter()
        .filter(|row| row.is_whole == wanted.is_none() && row.family.as_deref() == wanted)
        .filter_map(|row| Some((row.insee?, row.firms)))
        .collect();
    let places: Vec<String> = firms.keys().cloned().collect();
    let cells = sqlx::query!(
        r#"select c.insee, c.name, c.latitude as "latitude!", c.longitude as "longitude!" from communes c
           where c.latitude is not null
             and c.insee in (select insee from territory_communes where territory_id = $1 union select unnest($2::text[])) order by c.insee"#,
        scope.territory().uuid(),
        &places
    )
    .fetch_all(db)
    .await?;
    Ok(cells
        .into_iter()
        .map(|cell| CommuneCell {
            firms: firms.get(&cell.insee).copied().unwrap_or_default(),
            insee: cell.insee,
            name: cell.name,
            latitude: cell.latitude,
            longitude: cell.longitude,
        })
        .collect())
}

async fn sum_communes(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<CommuneRow>> {
    sqlx::query_as!(
        CommuneRow,
        r#"
        with firms as (
            select e.insee, c.family, grouping(c.family) = 1 as is_whole, e.company_id
            from flows f join establishments e on e.id = f.establishment_id left join flow_categories c on c.code = f.category
            where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null
            group by grouping sets ((e.insee, c.family, e.company_id), (e.insee, e.company_id))
        )
        select insee, family as "family?", is_whole as "is_whole!", count(*) as "firms!" from firms group by 1, 2, 3 order by 1, 2, 3"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

// ---- how up to date

/// Flows of one family, over the territory or in one zone (None: out of any): how many are known, up to date,
/// quantified; from how many companies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    pub family: String,
    pub is_whole: bool,
    pub zone: Option<ZoneId>,
    pub firms: i64,
    pub flows: i64,
    pub fresh: i64,
    pub quantified: i64,
}

/// A flow is up to date as long as the territory says, from the last time somebody vouched for it.
pub async fn freshness(
    db: &mut PgConnection,
    scope: &AggregateScope,
    today: NaiveDate,
) -> sqlx::Result<Vec<Freshness>> {
    match kept::find::<(NaiveDate, Vec<Freshness>)>(db, scope, Part::Freshness).await? {
        Some((day, rows)) if day == today => Ok(rows),
        _ => sum_freshness(db, scope, today).await,
    }
}

async fn sum_freshness(
    db: &mut PgConnection,
    scope: &AggregateScope,
    today: NaiveDate,
) -> sqlx::Result<Vec<Freshness>> {
    sqlx::query_as!(
        Freshness,
        r#"
        with firms as (
            select c.family, grouping(e.zone_id) = 1 as is_whole, e.zone_id, e.company_id, count(*) as flows,
                   count(*) filter (where f.known_on > $2::date - make_interval(months => t.freshness_months)) as fresh,
                   count(f.annual_quantity) as quantified
            from flows f join establishments e on e.id = f.establishment_id join territories t on t.id = f.territory_id
            join flow_categories c on c.code = f.category
            where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null
            group by grouping sets ((c.family, e.zone_id, e.company_id), (c.family, e.company_id))
        )
        select family as "family!", is_whole as "is_whole!", zone_id as "zone?: ZoneId", count(*) as "firms!",
               sum(flows)::bigint as "flows!", sum(fresh)::bigint as "fresh!", sum(quantified)::bigint as "quantified!"
        from firms group by 1, 2, 3 order by 1, 2, 3"#,
        scope.territory().uuid(),
        today
    )
    .fetch_all(db)
    .await
}
