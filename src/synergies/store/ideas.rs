//! What the ideas of a workshop find in the queue.

use crate::kernel::Position;
use crate::kernel::ids::{EstablishmentId, IdeaId, SynergyId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::workshops::store::ideas::Idea;
use sqlx::PgConnection;

/// The synergy that already joins the two flows of an idea; else one of the same category between the same
/// two establishments, the same one giving. For one put aside as a duplicate, the one that was kept.
pub(in crate::synergies) async fn same(
    db: &mut PgConnection,
    scope: &Scope,
    idea: &Idea,
) -> sqlx::Result<Option<SynergyId>> {
    sqlx::query_scalar!(
        r#"select coalesce(s.duplicate_of, s.id) as "id!: SynergyId" from synergies s
             join synergy_members a on a.synergy_id = s.id and a.side = 'outbound' and a.establishment_id = $2
             join synergy_members b on b.synergy_id = s.id and b.side = 'inbound' and b.establishment_id = $3
           where s.territory_id = $1
             and (a.flow_id = $4 and b.flow_id = $5 or s.category = $6)
           order by (a.flow_id = $4 and b.flow_id = $5) desc nulls last, s.is_current desc, s.number limit 1"#,
        scope.territory().uuid(),
        idea.giver_id.uuid(),
        idea.taker_id.uuid(),
        idea.giver_flow.uuid(),
        idea.taker_flow.uuid(),
        idea.category
    )
    .fetch_optional(db)
    .await
}

/// A proposal set aside for want of facts comes back: two companies talked about it.
pub(in crate::synergies) async fn wake(tx: &mut Tx, id: SynergyId) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update synergies set is_current = true, updated_at = $2 where id = $1 and state = 'proposed' and not is_current",
        id.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The idea that made a synergy is undone: another one that supports it answers for it from now on. Gives
/// `false` when there is none.
pub(in crate::synergies) async fn passed_on(
    tx: &mut Tx,
    synergy: SynergyId,
    undone: IdeaId,
) -> sqlx::Result<bool> {
    let heir = sqlx::query!(
        "update workshop_ideas set is_reinforcement = false where id = (
             select id from workshop_ideas where synergy_id = $1 and id <> $2 and undone_at is null order by said_at, id limit 1)",
        synergy.uuid(),
        undone.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(heir.rows_affected() == 1)
}

/// Kilometres between two establishments, when both are placed.
pub(in crate::synergies) async fn distance(
    db: &mut PgConnection,
    one: EstablishmentId,
    other: EstablishmentId,
) -> sqlx::Result<Option<f64>> {
    let rows = sqlx::query!(
        r#"select latitude as "latitude!", longitude as "longitude!" from establishments
           where id in ($1, $2) and latitude is not null"#,
        one.uuid(),
        other.uuid()
    )
    .fetch_all(db)
    .await?;
    let places: Vec<Position> = rows
        .iter()
        .filter_map(|row| Position::new(row.latitude, row.longitude).ok())
        .collect();
    Ok(match places[..] {
        [one, other] => Some(one.distance_km(other)),
        _ => None,
    })
}
