use crate::flows::Certainty;
use crate::kernel::Position;
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId};
use crate::platform::access::Scope;
use crate::synergies::model::{Axis, Grade, MemberState, Side};
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// An establishment of a synergy with the flow it brings.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct MemberRow {
    pub(in crate::synergies) id: EstablishmentId,
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) is_archived: bool,
    pub(in crate::synergies) naf: Option<String>,
    pub(in crate::synergies) latitude: Option<f64>,
    pub(in crate::synergies) longitude: Option<f64>,
    pub(in crate::synergies) side: Side,
    pub(in crate::synergies) state: MemberState,
    /// Of the group's need; in the category's unit.
    pub(in crate::synergies) quantity: Option<f64>,
    pub(in crate::synergies) label: Option<String>,
    pub(in crate::synergies) category: Option<String>,
    pub(in crate::synergies) annual_quantity: Option<f64>,
    pub(in crate::synergies) certainty: Option<Certainty>,
    pub(in crate::synergies) contract_end_on: Option<NaiveDate>,
    pub(in crate::synergies) waste_code: Option<String>,
    pub(in crate::synergies) is_deleted: bool,
}

impl MemberRow {
    pub(in crate::synergies) fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?).ok()
    }
}

/// The members, giver first; those of a group by quantity.
pub(in crate::synergies) async fn members(
    db: &mut PgConnection,
    scope: &Scope,
    id: SynergyId,
) -> sqlx::Result<Vec<MemberRow>> {
    members_within(db, scope.territories(), id).await
}

/// The same, for a synergy whose scope the caller checked.
pub(super) async fn members_within(
    db: &mut PgConnection,
    territories: &[Uuid],
    id: SynergyId,
) -> sqlx::Result<Vec<MemberRow>> {
    sqlx::query_as!(
        MemberRow,
        r#"select e.id as "id: EstablishmentId", e.name, e.archived_at is not null as "is_archived!", e.naf,
                  e.latitude, e.longitude, m.side as "side: Side", m.state as "state: MemberState", m.annual_quantity as quantity,
                  f.label as "label?", f.category, f.annual_quantity,
                  f.certainty as "certainty?: Certainty", f.contract_end_on, f.waste_code, f.deleted_at is not null as "is_deleted!"
           from synergy_members m
           join synergies s on s.id = m.synergy_id
           join establishments e on e.id = m.establishment_id
           left join flows f on f.id = m.flow_id
           where m.synergy_id = $1 and s.territory_id = any($2)
           order by m.side, array_position(array['committed', 'interested', 'prospective', 'withdrawn']::member_state[], m.state),
                    m.annual_quantity desc nulls last, e.name"#,
        id.uuid(),
        territories
    )
    .fetch_all(db)
    .await
}

/// What was judged of its feasibility.
pub(in crate::synergies) async fn grid(
    db: &mut PgConnection,
    id: SynergyId,
) -> sqlx::Result<Vec<(Axis, Grade, Option<String>)>> {
    let rows = sqlx::query!(
        r#"select axis as "axis: Axis", grade as "grade: Grade", comment from feasibility_checks where synergy_id = $1 order by axis"#,
        id.uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.axis, row.grade, row.comment))
        .collect())
}

/// The labels of some flows, by their key.
pub(in crate::synergies) async fn labels(
    db: &mut PgConnection,
    scope: &Scope,
    flows: &[Uuid],
) -> sqlx::Result<BTreeMap<String, String>> {
    let rows = sqlx::query!(
        r#"select id as "id: FlowId", label from flows where id = any($1) and territory_id = any($2)"#,
        flows,
        scope.territories()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.to_string(), row.label))
        .collect())
}
