//! The synergies in place, for the examples that are made of them.

use crate::kernel::ids::{SynergyId, TerritoryId};
use crate::synergies::model::Kind;
use sqlx::PgConnection;
use uuid::Uuid;

/// One synergy in place: never shown alone.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct InPlace {
    pub(in crate::synergies) kind: Kind,
    /// The category given, and the one it answers: the same for a group.
    pub(in crate::synergies) given: Option<String>,
    pub(in crate::synergies) taken: Option<String>,
    pub(in crate::synergies) distance_km: Option<f64>,
    pub(in crate::synergies) savings_eur: Option<f64>,
    pub(in crate::synergies) avoided_tco2e: Option<f64>,
    pub(in crate::synergies) companies: Vec<Uuid>,
}

pub(in crate::synergies) async fn in_place(
    db: &mut PgConnection,
    territory: TerritoryId,
) -> sqlx::Result<Vec<InPlace>> {
    sqlx::query_as!(
        InPlace,
        r#"select s.kind as "kind: Kind", coalesce(ends.given, s.category) as given, coalesce(ends.taken, s.category) as taken,
                  s.distance_km, e.savings_eur as "savings_eur?", e.avoided_tco2e as "avoided_tco2e?",
                  array(select distinct o.company_id from synergy_members m join establishments o on o.id = m.establishment_id
                        where m.synergy_id = s.id and m.state <> 'withdrawn' order by 1) as "companies!: Vec<Uuid>"
           from synergies s left join lateral (select * from synergy_effects y where y.synergy_id = s.id
                                                   order by y.since desc limit 1) e on true
           cross join lateral (
               select max(f.category) filter (where m.side = 'outbound') as given, max(f.category) filter (where m.side = 'inbound') as taken
               from synergy_members m join flows f on f.id = m.flow_id where m.synergy_id = s.id) ends
           where s.territory_id = $1 and s.state in ('realised', 'durable') order by s.number"#,
        territory.uuid()
    )
    .fetch_all(db)
    .await
}

/// The categories that a proposal joins.
pub(in crate::synergies) async fn ends(
    db: &mut PgConnection,
    id: SynergyId,
) -> sqlx::Result<(Option<String>, Option<String>)> {
    let row = sqlx::query!(
        r#"select coalesce(max(f.category) filter (where m.side = 'outbound'), max(s.category)) as given,
                  coalesce(max(f.category) filter (where m.side = 'inbound'), max(s.category)) as taken
           from synergies s left join synergy_members m on m.synergy_id = s.id left join flows f on f.id = m.flow_id where s.id = $1"#,
        id.uuid()
    )
    .fetch_one(db)
    .await?;
    Ok((row.given, row.taken))
}
