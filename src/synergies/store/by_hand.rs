//! What an advisor chooses from to bring two flows together, and what is known already between two firms.

use super::matching::Known;
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId};
use crate::kernel::{Position, fold};
use crate::platform::access::Scope;
use crate::synergies::model::{Kind, Origin, State};
use crate::synergies::proposal::{Explained, Remembered};
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeSet;

/// Establishments shown at once.
const SHOWN: i64 = 24;

/// An establishment that may take part.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Place {
    pub(in crate::synergies) id: EstablishmentId,
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) commune: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl Place {
    pub(in crate::synergies) fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?).ok()
    }
}

/// Those whose name or commune holds every word, the nearest to that one first, without it.
pub(in crate::synergies) async fn places(
    db: &mut PgConnection,
    scope: &Scope,
    words: &str,
    near: Option<(EstablishmentId, Option<Position>)>,
) -> sqlx::Result<Vec<Place>> {
    let words: Vec<String> = fold(words).split_whitespace().map(str::to_owned).collect();
    let (own, at) = near.unzip();
    let (lat, lon) = at.flatten().map(|at| (at.lat(), at.lon())).unzip();
    sqlx::query_as!(
        Place,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?", e.latitude, e.longitude
           from establishments e left join communes c on c.insee = e.insee
           where e.territory_id = $1 and e.archived_at is null and ($3::uuid is null or e.id <> $3)
             and not exists (select from unnest($2::text[]) w (word)
                             where position(w.word in folded(concat_ws(' ', e.name, c.name, e.activity))) = 0)
           order by power(e.latitude - $4::float8, 2) + power((e.longitude - $5::float8) * cos(radians($4::float8)), 2) nulls last,
                    e.folded_name, e.id
           limit $6"#,
        scope.territory().uuid(),
        &words,
        own.map(EstablishmentId::uuid),
        lat,
        lon,
        SHOWN
    )
    .fetch_all(db)
    .await
}

/// These ones, by name.
pub(in crate::synergies) async fn some(
    db: &mut PgConnection,
    scope: &Scope,
    ids: &BTreeSet<EstablishmentId>,
) -> sqlx::Result<Vec<Place>> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        Place,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?", e.latitude, e.longitude
           from establishments e left join communes c on c.insee = e.insee
           where e.territory_id = $1 and e.archived_at is null and e.id = any($2) order by e.folded_name, e.id"#,
        scope.territory().uuid(),
        &ids
    )
    .fetch_all(db)
    .await
}

/// The synergies in which both companies have a part, the first ones first.
pub(in crate::synergies) async fn between(
    db: &mut PgConnection,
    scope: &Scope,
    [one, other]: [EstablishmentId; 2],
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
           where s.territory_id = any($1)
             and not exists (select from establishments f where f.id in ($2, $3) and not exists (
                   select from synergy_members p join establishments e on e.id = p.establishment_id
                   where p.synergy_id = s.id and e.company_id = f.company_id))
           order by s.number"#,
        scope.territories(),
        one.uuid(),
        other.uuid()
    )
    .fetch_all(db)
    .await
}

/// The groups about a need, whatever became of them, the first ones first.
pub(in crate::synergies) async fn groups(
    db: &mut PgConnection,
    scope: &Scope,
    category: &str,
) -> sqlx::Result<Vec<Known>> {
    sqlx::query_as!(
        Known,
        r#"select s.id as "id: SynergyId", s.number, s.key, s.kind as "kind: Kind", s.origin as "origin: Origin", s.state as "state: State",
                  s.is_current, s.is_fixed, s.category, s.motive, s.rejected_facts as "rejected_facts: Json<Remembered>", s.wake_on,
                  s.explanation as "explained: Json<Explained>", s.fingerprint, s.score, s.params_version,
                  '{}'::uuid[] as "establishments!: Vec<EstablishmentId>", '{}'::uuid[] as "flows!: Vec<FlowId>"
           from synergies s where s.territory_id = $1 and s.kind = 'mutualisation' and s.category = $2
           order by s.number"#,
        scope.territory().uuid(),
        category
    )
    .fetch_all(db)
    .await
}
