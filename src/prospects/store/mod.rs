use crate::companies::Headcount;
use crate::engine::deduction::{Lead, Missing};
use crate::kernel::Direction;
use crate::kernel::Position;
use crate::kernel::ids::{EstablishmentId, FlowId, ZoneId};
use crate::nomenclature::FlowCode;
use crate::platform::access::{AggregateScope, Scope};
use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

pub(super) mod deduced;

/// What is asked of the list of visits.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub commune: Option<String>,
    pub zone: Option<ZoneId>,
    /// Divisions of the NAF.
    pub divisions: Option<Vec<String>>,
    pub limit: i64,
    pub offset: i64,
}

/// An establishment worth a visit.
#[derive(Debug, Clone)]
pub struct Worth {
    pub id: EstablishmentId,
    pub name: String,
    pub commune: Option<String>,
    pub zone: Option<String>,
    pub naf: Option<String>,
    pub activity: Option<String>,
    pub headcount: Option<Headcount>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub points: f64,
    pub synergies: f64,
    pub gain_eur: Option<f64>,
    pub leads: Json<Vec<Lead>>,
    pub planned_on: Option<NaiveDate>,
    /// How many the filter keeps.
    pub total: i64,
}

impl Worth {
    pub fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?).ok()
    }
}

/// Establishments not visited yet, those already in a calendar last.
pub async fn worth(db: &mut PgConnection, scope: &Scope, wanted: &Wanted) -> sqlx::Result<Vec<Worth>> {
    sqlx::query_as!(
        Worth,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?", z.name as "zone?", e.naf,
                  coalesce(e.activity, n.label) as activity, e.headcount as "headcount: Headcount", e.latitude, e.longitude,
                  p.points, p.synergies, p.gain_eur, p.leads as "leads: Json<Vec<Lead>>", v.planned_on, count(*) over () as "total!"
           from visit_prospects p join establishments e on e.id = p.establishment_id
           left join communes c on c.insee = e.insee left join activity_zones z on z.id = e.zone_id left join naf_codes n on n.code = e.naf
           left join lateral (select min(visit_on) as planned_on from visits where establishment_id = e.id and status = 'planned') v on true
           where p.territory_id = $1 and e.archived_at is null
             and ($2::text is null or e.insee = $2) and ($3::uuid is null or e.zone_id = $3)
             and ($4::text[] is null or left(e.naf, 2) = any($4))
           order by v.planned_on is not null, p.points desc, e.folded_name, e.id limit $5 offset $6"#,
        scope.territory().uuid(),
        wanted.commune,
        wanted.zone.map(|zone| zone.uuid()),
        wanted.divisions.as_deref(),
        wanted.limit,
        wanted.offset
    )
    .fetch_all(db)
    .await
}

/// The best visits that are in no calendar yet.
pub async fn next(db: &mut PgConnection, scope: &Scope, limit: i64) -> sqlx::Result<Vec<Worth>> {
    let wanted = Wanted {
        limit,
        ..Wanted::default()
    };
    let mut found = worth(db, scope, &wanted).await?;
    found.retain(|row| row.planned_on.is_none() && row.points > 0.0);
    Ok(found)
}

/// Where the establishments to visit are, for the filters.
pub struct Presence {
    pub insee: Option<String>,
    pub commune: Option<String>,
    pub zone_id: Option<ZoneId>,
    pub zone: Option<String>,
    pub division: Option<String>,
}

pub async fn presence(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Presence>> {
    sqlx::query_as!(
        Presence,
        r#"select distinct e.insee, c.name as "commune?", e.zone_id as "zone_id: ZoneId", z.name as "zone?", left(e.naf, 2) as division
           from visit_prospects p join establishments e on e.id = p.establishment_id
           left join communes c on c.insee = e.insee left join activity_zones z on z.id = e.zone_id
           where p.territory_id = $1 and e.archived_at is null order by c.name nulls last, e.insee, z.name"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// The other prospects near which a round may pass.
pub struct Neighbour {
    pub id: EstablishmentId,
    pub name: String,
    pub latitude: f64,
    pub longitude: f64,
}

impl Neighbour {
    pub fn position(&self) -> Option<Position> {
        Position::new(self.latitude, self.longitude).ok()
    }
}

/// The best prospects of the territory that have a place and no planned visit.
pub async fn neighbours(db: &mut PgConnection, scope: &Scope, limit: i64) -> sqlx::Result<Vec<Neighbour>> {
    sqlx::query_as!(
        Neighbour,
        r#"select e.id as "id: EstablishmentId", e.name, e.latitude as "latitude!", e.longitude as "longitude!"
           from visit_prospects p join establishments e on e.id = p.establishment_id
           where p.territory_id = $1 and e.archived_at is null and e.latitude is not null and p.points > 0
             and not exists (select from visits v where v.establishment_id = e.id and v.status = 'planned')
           order by p.points desc, e.id limit $2"#,
        scope.territory().uuid(),
        limit
    )
    .fetch_all(db)
    .await
}

/// A recorded flow with its establishment, to name it on the page of an advisor.
pub struct Named {
    pub flow: FlowId,
    pub label: String,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub commune: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

pub async fn named(db: &mut PgConnection, scope: &Scope, flows: &[Uuid]) -> sqlx::Result<Vec<Named>> {
    sqlx::query_as!(
        Named,
        r#"select f.id as "flow: FlowId", f.label, e.id as "establishment_id: EstablishmentId", e.name as establishment,
                  c.name as "commune?", e.latitude, e.longitude
           from flows f join establishments e on e.id = f.establishment_id left join communes c on c.insee = e.insee
           where f.id = any($2) and f.territory_id = $1 and f.deleted_at is null"#,
        scope.territory().uuid(),
        flows
    )
    .fetch_all(db)
    .await
}

/// The kinds of partner that the territory lacks, the most useful first.
pub async fn missing(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Missing>> {
    let rows = sqlx::query_scalar!(
        r#"select details as "details: Json<Missing>" from missing_partners where territory_id = $1 order by position"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|Json(missing)| missing).collect())
}

/// The same without any establishment, for those who read no name.
#[derive(Debug, Clone)]
pub struct Lacking {
    pub code: FlowCode,
    pub direction: Direction,
    pub sites: i64,
    pub quantity: Option<f64>,
    pub largest_share: Option<f64>,
}

pub async fn lacking(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Lacking>> {
    let rows = sqlx::query!(
        r#"select category, direction as "direction: Direction", sites, quantity, largest_share
           from missing_partners where territory_id = $1 order by position"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Lacking {
                code: FlowCode::find(&row.category)?,
                direction: row.direction,
                sites: row.sites,
                quantity: row.quantity,
                largest_share: row.largest_share,
            })
        })
        .collect())
}

/// One presumed flow of an establishment.
pub struct PresumedRow {
    pub probability: f64,
    pub low: Option<f64>,
    pub central: Option<f64>,
    pub high: Option<f64>,
    pub why: String,
}

pub async fn presumed(
    db: &mut PgConnection,
    scope: &Scope,
    (id, code, direction): (EstablishmentId, FlowCode, Direction),
) -> sqlx::Result<Option<PresumedRow>> {
    sqlx::query_as!(
        PresumedRow,
        r#"select p.probability, p.low, p.central, p.high, p.why
           from presumed_flows p join establishments e on e.id = p.establishment_id
           where p.establishment_id = $1 and p.category = $2 and p.direction = $3 and e.territory_id = any($4) and e.archived_at is null"#,
        id.uuid(),
        code.as_str(),
        direction as Direction,
        scope.territories()
    )
    .fetch_optional(db)
    .await
}
