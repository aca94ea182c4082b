//! The surroundings of one flow or of one group: read by place and category, not the whole territory.

use super::matching::{FlowRow, Known, SiteRow};
use crate::flows::Certainty;
use crate::kernel::ids::{CompanyId, EstablishmentId, FlowId, SynergyId};
use crate::kernel::{Direction, Period, Position};
use crate::platform::access::Scope;
use crate::synergies::model::{Kind, Origin, State};
use crate::synergies::proposal::{Explained, Remembered};
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Flows read around a place.
const NEAREST: i64 = 600;
const KM_PER_DEGREE: f64 = 111.2;

/// What to read around.
#[derive(Debug, Clone, Default)]
pub(in crate::synergies) struct Around {
    pub(in crate::synergies) codes: Vec<String>,
    /// Flows that nobody has classified yet, too.
    pub(in crate::synergies) unclassified: bool,
    pub(in crate::synergies) centre: Option<Position>,
    pub(in crate::synergies) km: f64,
}

/// Who a flow belongs to.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Name {
    pub(in crate::synergies) label: String,
    pub(in crate::synergies) establishment: String,
    pub(in crate::synergies) establishment_id: EstablishmentId,
}

/// By the key of the flow.
pub(in crate::synergies) type Names = BTreeMap<String, Name>;

/// These flows, among those that somebody vouches for.
pub(in crate::synergies) async fn flows(
    db: &mut PgConnection,
    scope: &Scope,
    ids: &[Uuid],
) -> sqlx::Result<Vec<FlowRow>> {
    sqlx::query_as!(
        FlowRow,
        r#"select f.id as "id: FlowId", f.establishment_id as "establishment_id: EstablishmentId", f.direction as "direction: Direction",
                  f.category, f.label, f.quantity, f.unit, f.period as "period: Period", f.annual_quantity,
                  f.certainty as "certainty: Certainty", f.months, f.form, f.temperature_c, f.food_grade, f.annual_cost_eur,
                  f.contract_end_on, f.waste_code, f.known_on as "known_on!"
           from flows f join establishments e on e.id = f.establishment_id left join visits v on v.id = f.visit_id
           where f.id = any($2) and f.territory_id = any($1) and f.deleted_at is null and e.archived_at is null
             and (v.id is null or v.status = 'validated')
           order by f.id"#,
        scope.territories(),
        ids
    )
    .fetch_all(db)
    .await
}

/// The nearest flows of some categories; without a place, the first ones.
pub(in crate::synergies) async fn around(
    db: &mut PgConnection,
    scope: &Scope,
    around: &Around,
) -> sqlx::Result<Vec<FlowRow>> {
    let place = around.centre.map(|at| {
        let north = around.km / KM_PER_DEGREE;
        let east = north / at.lat().to_radians().cos().abs().max(0.01);
        (at, north, east)
    });
    let (lat, lon) = place.map(|(at, ..)| (at.lat(), at.lon())).unzip();
    let (north, east) = place.map(|(_, north, east)| (north, east)).unzip();
    sqlx::query_as!(
        FlowRow,
        r#"select f.id as "id: FlowId", f.establishment_id as "establishment_id: EstablishmentId", f.direction as "direction: Direction",
                  f.category, f.label, f.quantity, f.unit, f.period as "period: Period", f.annual_quantity,
                  f.certainty as "certainty: Certainty", f.months, f.form, f.temperature_c, f.food_grade, f.annual_cost_eur,
                  f.contract_end_on, f.waste_code, f.known_on as "known_on!"
           from flows f join establishments e on e.id = f.establishment_id left join visits v on v.id = f.visit_id
           where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null
             and (v.id is null or v.status = 'validated')
             and (f.category = any($2) or ($3 and f.category is null))
             and ($4::float8 is null or e.latitude is null
                  or (e.latitude between $4::float8 - $6::float8 and $4::float8 + $6::float8
                      and e.longitude between $5::float8 - $7::float8 and $5::float8 + $7::float8))
           order by power(e.latitude - $4::float8, 2) + power((e.longitude - $5::float8) * cos(radians($4::float8)), 2) nulls last, f.id
           limit $8"#,
        scope.territory().uuid(),
        &around.codes,
        around.unclassified,
        lat,
        lon,
        north,
        east,
        NEAREST
    )
    .fetch_all(db)
    .await
}

/// The establishments of some flows.
pub(in crate::synergies) async fn sites(
    db: &mut PgConnection,
    scope: &Scope,
    flows: &[FlowRow],
) -> sqlx::Result<Vec<SiteRow>> {
    let ids: Vec<Uuid> = flows.iter().map(|flow| flow.establishment_id.uuid()).collect();
    sqlx::query_as!(
        SiteRow,
        r#"select e.id as "id: EstablishmentId", e.company_id as "company_id: CompanyId", e.naf, e.latitude, e.longitude,
                  z.name as "zone?", c.name as "commune?"
           from establishments e left join activity_zones z on z.id = e.zone_id left join communes c on c.insee = e.insee
           where e.id = any($2) and e.territory_id = any($1) and e.archived_at is null order by e.id"#,
        scope.territories(),
        &ids
    )
    .fetch_all(db)
    .await
}

/// What to call some flows.
pub(in crate::synergies) async fn names(
    db: &mut PgConnection,
    scope: &Scope,
    flows: &[FlowRow],
) -> sqlx::Result<Names> {
    let ids: Vec<Uuid> = flows.iter().map(|flow| flow.id.uuid()).collect();
    let rows = sqlx::query!(
        r#"select f.id as "id: FlowId", f.label, e.name, e.id as "establishment: EstablishmentId"
           from flows f join establishments e on e.id = f.establishment_id
           where f.id = any($2) and f.territory_id = any($1)"#,
        scope.territories(),
        &ids
    )
    .fetch_all(db)
    .await?;
    let name = |label, establishment, establishment_id| Name {
        label,
        establishment,
        establishment_id,
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.id.to_string(), name(row.label, row.name, row.establishment)))
        .collect())
}

/// The synergies in which a flow has a part.
pub(in crate::synergies) async fn known(
    db: &mut PgConnection,
    scope: &Scope,
    flow: FlowId,
) -> sqlx::Result<Vec<Known>> {
    sqlx::query_as!(
        Known,
        r#"select s.id as "id: SynergyId", s.number, s.key, s.kind as "kind: Kind", s.origin as "origin: Origin", s.state as "state: State",
                  s.is_current, s.is_fixed, s.category, s.motive, s.rejected_facts as "rejected_facts: Json<Remembered>", s.wake_on,
                  s.explanation as "explained: Json<Explained>", s.fingerprint, s.score, s.params_version,
                  coalesce(m.establishments, '{}') as "establishments!: Vec<EstablishmentId>", coalesce(m.flows, '{}') as "flows!: Vec<FlowId>"
           from synergies s
           left join lateral (select array_agg(establishment_id order by side, establishment_id) as establishments,
                                     array_agg(flow_id order by side, establishment_id) filter (where flow_id is not null) as flows
                              from synergy_members where synergy_id = s.id) m on true
           where s.territory_id = any($1) and exists (select from synergy_members o where o.synergy_id = s.id and o.flow_id = $2)
           order by s.number"#,
        scope.territories(),
        flow.uuid()
    )
    .fetch_all(db)
    .await
}
