//! Where the members of a group stand.

use crate::kernel::ids::{CompanyId, EstablishmentId, SynergyId, TerritoryId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::MemberState;
use serde_json::json;
use sqlx::PgConnection;

/// Says where a member of a group stands; nothing is written when it stands there already.
///
/// # Errors
/// Those of the database.
pub async fn set_member_state(
    tx: &mut Tx,
    scope: &Scope,
    (id, establishment): (SynergyId, EstablishmentId),
    state: MemberState,
) -> sqlx::Result<bool> {
    let changed = sqlx::query!(
        r#"update synergy_members m set state = $3 from synergies s, establishments e
           where m.synergy_id = $1 and m.establishment_id = $2 and s.id = m.synergy_id and e.id = m.establishment_id
             and s.territory_id = any($4) and m.state <> $3
           returning e.name, s.territory_id as "territory: TerritoryId""#,
        id.uuid(),
        establishment.uuid(),
        state as MemberState,
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(member) = changed else {
        tx.nothing_to_record();
        return Ok(false);
    };
    let words = format!("{}\u{a0}: {}", member.name, state.label());
    let event = Event::on("synergy", id, words).within(member.territory);
    tx.record(event.after(&json!({ "member": establishment, "member_state": state })))
        .await?;
    Ok(true)
}

/// A company that says yes takes an interest, for each of its establishments in the group.
pub(super) async fn take_interest(tx: &mut Tx, id: SynergyId, company: CompanyId) -> sqlx::Result<()> {
    sqlx::query!(
        "update synergy_members m set state = 'interested' from establishments e
         where m.synergy_id = $1 and e.id = m.establishment_id and e.company_id = $2 and m.side = 'member'
           and m.state = 'prospective'",
        id.uuid(),
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Who takes part.
pub async fn establishments(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Vec<EstablishmentId>> {
    sqlx::query_scalar!(
        r#"select distinct establishment_id as "id: EstablishmentId" from synergy_members where synergy_id = $1 order by 1"#,
        id.uuid()
    )
    .fetch_all(db)
    .await
}

/// Every member's position and yearly quantity.
pub(in crate::synergies) async fn standing(
    db: &mut PgConnection,
    id: SynergyId,
) -> sqlx::Result<Vec<(MemberState, Option<f64>)>> {
    let rows = sqlx::query!(
        r#"select state as "state: MemberState", annual_quantity from synergy_members where synergy_id = $1 order by establishment_id"#,
        id.uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.state, row.annual_quantity))
        .collect())
}
