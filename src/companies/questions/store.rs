use crate::kernel::Direction;
use crate::kernel::ids::{EstablishmentId, FlowId};
use crate::platform::access::Scope;
use sqlx::PgConnection;

/// What proposals ask about a flow, and what the flow says.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub flow: FlowId,
    pub label: String,
    pub direction: Direction,
    pub quality: Option<String>,
    pub annual_quantity: Option<f64>,
    pub annual_cost_eur: Option<f64>,
    pub fact: String,
    pub question: String,
    pub waiting: i64,
}

pub(super) async fn asked(
    db: &mut PgConnection,
    scope: &Scope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<Asked>> {
    sqlx::query_as!(
        Asked,
        r#"select f.id as "flow: FlowId", f.label, f.direction as "direction: Direction", f.quality, f.annual_quantity, f.annual_cost_eur,
                  ask ->> 'fact' as "fact!", ask ->> 'question' as "question!", count(distinct s.id) as "waiting!"
           from synergy_members m join synergies s on s.id = m.synergy_id join flows f on f.id = m.flow_id
             cross join lateral jsonb_array_elements(coalesce(s.explanation #> '{proposal,pair,explanation,to_ask}', '[]')) ask
           where m.establishment_id = $1 and s.territory_id = any($2) and f.territory_id = any($2) and f.deleted_at is null
             and s.is_current and s.state in ('proposed', 'under_review', 'prevalidated')
           group by f.id, ask ->> 'fact', ask ->> 'question'
           order by count(distinct s.id) desc, f.label, f.id, ask ->> 'question'"#,
        establishment.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}
