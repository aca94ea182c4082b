//! What the ideas of a workshop find in the queue.

use crate::kernel::Position;
use crate::kernel::ids::{EstablishmentId, FlowId, IdeaId, SynergyId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::synergies::matching::by_hand::key;
use crate::synergies::model::{State, Step};
use crate::synergies::motives::Motive;
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

/// Keeps what is lifted, to be put back if the idea is undone.
pub(in crate::synergies) async fn keep_refusal(tx: &mut Tx, id: SynergyId) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into lifted_refusals (synergy_id, state, motive, motive_comment, rejected_facts, wake_on, decided_at, proposed_at, version)
         select id, state, motive, motive_comment, rejected_facts, wake_on, decided_at, proposed_at, version + 1 from synergies where id = $1
         on conflict (synergy_id) do update set state = excluded.state, motive = excluded.motive, motive_comment = excluded.motive_comment,
                rejected_facts = excluded.rejected_facts, wake_on = excluded.wake_on, decided_at = excluded.decided_at,
                proposed_at = excluded.proposed_at, version = excluded.version",
        id.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What an idea lifted, once no idea supports the synergy any more and nobody has moved it.
pub(in crate::synergies) async fn refusal_to_restore(
    tx: &mut Tx,
    id: SynergyId,
    undone: IdeaId,
) -> sqlx::Result<Option<Step>> {
    let row = sqlx::query!(
        r#"select l.state as "state: State", l.motive, l.motive_comment, l.wake_on
           from lifted_refusals l join synergies s on s.id = l.synergy_id and s.version = l.version and s.state = 'proposed'
           where l.synergy_id = $1
             and not exists (select from workshop_ideas i where i.synergy_id = $1 and i.id <> $2 and i.undone_at is null)"#,
        id.uuid(),
        undone.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(|row| match row.state {
        State::Asleep => Some(Step::Sleep {
            until: row.wake_on?,
            comment: row.motive_comment,
        }),
        State::Proposed
        | State::UnderReview
        | State::Prevalidated
        | State::ContactProposed
        | State::Agreed
        | State::Studied
        | State::Implementing
        | State::Realised
        | State::Durable
        | State::Rejected
        | State::Silent
        | State::Abandoned
        | State::Interrupted
        | State::Duplicate => Some(Step::Reject {
            motive: Motive::find(row.motive.as_deref()?)?,
            comment: row.motive_comment,
        }),
    }))
}

/// The dates and facts of the refusal that was put back are those of its day.
pub(in crate::synergies) async fn as_it_was(tx: &mut Tx, id: SynergyId) -> sqlx::Result<()> {
    sqlx::query!(
        "with lifted as (delete from lifted_refusals where synergy_id = $1 returning *)
         update synergies s set rejected_facts = l.rejected_facts, decided_at = l.decided_at, proposed_at = l.proposed_at
         from lifted l where s.id = l.synergy_id",
        id.uuid()
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
    to_their_own(tx, synergy, undone).await?;
    let heir = sqlx::query_as!(
        Heir,
        r#"update workshop_ideas set is_reinforcement = false where id = (
             select id from workshop_ideas where synergy_id = $1 and id <> $2 and undone_at is null order by said_at, id limit 1)
           returning giver_id as "giver: EstablishmentId", giver_flow as "giver_flow: FlowId",
                     taker_id as "taker: EstablishmentId", taker_flow as "taker_flow: FlowId""#,
        synergy.uuid(),
        undone.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(heir) = &heir {
        stand_on(tx, synergy, heir).await?;
    }
    Ok(heir.is_some())
}

/// The ideas whose flows another proposal joins by now leave one still to be studied for that one.
async fn to_their_own(tx: &mut Tx, synergy: SynergyId, undone: IdeaId) -> sqlx::Result<()> {
    sqlx::query!(
        "update workshop_ideas i set synergy_id = o.id, is_reinforcement = true
         from synergies s join synergies o on o.territory_id = s.territory_id and o.id <> s.id
           join synergy_members a on a.synergy_id = o.id and a.side = 'outbound'
           join synergy_members b on b.synergy_id = o.id and b.side = 'inbound'
         where s.id = $1 and s.state = 'proposed' and i.synergy_id = s.id and i.id <> $2 and i.undone_at is null
           and o.is_current and o.duplicate_of is null and a.flow_id = i.giver_flow and b.flow_id = i.taker_flow",
        synergy.uuid(),
        undone.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The idea that answers for a synergy, by its two ends.
struct Heir {
    giver: EstablishmentId,
    giver_flow: FlowId,
    taker: EstablishmentId,
    taker_flow: FlowId,
}

/// The synergy stands on the flows of that idea; under their key, unless another one has it.
async fn stand_on(tx: &mut Tx, synergy: SynergyId, heir: &Heir) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update synergy_members set flow_id = case when side = 'outbound' then $3::uuid else $5::uuid end
         where synergy_id = $1 and (side = 'outbound' and establishment_id = $2 or side = 'inbound' and establishment_id = $4)",
        synergy.uuid(),
        heir.giver.uuid(),
        heir.giver_flow.uuid(),
        heir.taker.uuid(),
        heir.taker_flow.uuid()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update synergies s set key = $2, updated_at = $3
         where s.id = $1 and not exists (select from synergies o where o.territory_id = s.territory_id and o.key = $2)",
        synergy.uuid(),
        key(heir.giver_flow, heir.taker_flow),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
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
