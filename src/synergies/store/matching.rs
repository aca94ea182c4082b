use super::recording::{NewSynergy, fingerprint, insert_members};
use crate::flows::{Certainty, Flow};
use crate::kernel::ids::{CompanyId, EstablishmentId, FlowId, SynergyId};
use crate::kernel::{Direction, Period};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::synergies::model::{Kind, Origin, State};
use crate::synergies::proposal::{Explained, Remembered};
use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;

/// An establishment that may take part.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct SiteRow {
    pub(in crate::synergies) id: EstablishmentId,
    pub(in crate::synergies) company_id: CompanyId,
    pub(in crate::synergies) naf: Option<String>,
    pub(in crate::synergies) latitude: Option<f64>,
    pub(in crate::synergies) longitude: Option<f64>,
    pub(in crate::synergies) zone: Option<String>,
    pub(in crate::synergies) commune: Option<String>,
}

/// A flow that a person vouches for: imported, or of a validated visit.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct FlowRow {
    pub(in crate::synergies) id: FlowId,
    pub(in crate::synergies) establishment_id: EstablishmentId,
    pub(in crate::synergies) direction: Direction,
    pub(in crate::synergies) category: Option<String>,
    pub(in crate::synergies) label: String,
    pub(in crate::synergies) quantity: Option<f64>,
    pub(in crate::synergies) unit: Option<String>,
    pub(in crate::synergies) period: Option<Period>,
    pub(in crate::synergies) annual_quantity: Option<f64>,
    pub(in crate::synergies) certainty: Certainty,
    pub(in crate::synergies) months: i32,
    pub(in crate::synergies) form: Option<String>,
    pub(in crate::synergies) temperature_c: Option<f64>,
    pub(in crate::synergies) food_grade: Option<bool>,
    pub(in crate::synergies) annual_cost_eur: Option<f64>,
    pub(in crate::synergies) contract_end_on: Option<NaiveDate>,
    pub(in crate::synergies) waste_code: Option<String>,
    pub(in crate::synergies) known_on: NaiveDate,
}

impl From<&Flow> for FlowRow {
    fn from(flow: &Flow) -> Self {
        Self {
            id: flow.id,
            establishment_id: flow.establishment_id,
            direction: flow.direction,
            category: flow.category.clone(),
            label: flow.label.clone(),
            quantity: flow.quantity,
            unit: flow.unit.clone(),
            period: flow.period,
            annual_quantity: flow.annual_quantity,
            certainty: flow.certainty,
            months: flow.months,
            form: flow.form.clone(),
            temperature_c: flow.temperature_c,
            food_grade: flow.food_grade,
            annual_cost_eur: flow.annual_cost_eur,
            contract_end_on: flow.contract_end_on,
            waste_code: flow.waste_code.clone(),
            known_on: flow.known_on(),
        }
    }
}

/// A synergy already stored.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Known {
    pub(in crate::synergies) id: SynergyId,
    pub(in crate::synergies) number: i32,
    pub(in crate::synergies) key: String,
    pub(in crate::synergies) kind: Kind,
    pub(in crate::synergies) origin: Origin,
    pub(in crate::synergies) state: State,
    pub(in crate::synergies) is_current: bool,
    /// Its members were chosen by hand.
    pub(in crate::synergies) is_fixed: bool,
    pub(in crate::synergies) category: Option<String>,
    pub(in crate::synergies) motive: Option<String>,
    pub(in crate::synergies) rejected_facts: Option<Json<Remembered>>,
    pub(in crate::synergies) wake_on: Option<NaiveDate>,
    pub(in crate::synergies) explained: Json<Explained>,
    pub(in crate::synergies) fingerprint: String,
    pub(in crate::synergies) score: Option<f64>,
    /// With which factors it was proposed.
    pub(in crate::synergies) params_version: String,
    pub(in crate::synergies) establishments: Vec<EstablishmentId>,
    pub(in crate::synergies) flows: Vec<FlowId>,
}

/// Everything a search reads.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Rows {
    pub(in crate::synergies) sites: Vec<SiteRow>,
    pub(in crate::synergies) flows: Vec<FlowRow>,
    pub(in crate::synergies) known: Vec<Known>,
}

pub(in crate::synergies) async fn read(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Rows> {
    Ok(Rows {
        sites: sites(db, scope).await?,
        flows: flows(db, scope).await?,
        known: known(db, scope).await?,
    })
}

async fn sites(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<SiteRow>> {
    sqlx::query_as!(
        SiteRow,
        r#"select e.id as "id: EstablishmentId", e.company_id as "company_id: CompanyId", e.naf, e.latitude, e.longitude,
                  z.name as "zone?", c.name as "commune?"
           from establishments e left join activity_zones z on z.id = e.zone_id left join communes c on c.insee = e.insee
           where e.territory_id = $1 and e.archived_at is null order by e.id"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Flows of a visit count from its validation on.
async fn flows(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<FlowRow>> {
    sqlx::query_as!(
        FlowRow,
        r#"select f.id as "id: FlowId", f.establishment_id as "establishment_id: EstablishmentId", f.direction as "direction: Direction",
                  f.category, f.label, f.quantity, f.unit, f.period as "period: Period", f.annual_quantity,
                  f.certainty as "certainty: Certainty", f.months, f.form, f.temperature_c, f.food_grade, f.annual_cost_eur,
                  f.contract_end_on, f.waste_code, f.known_on as "known_on!"
           from flows f join establishments e on e.id = f.establishment_id left join visits v on v.id = f.visit_id
           where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null
             and (v.id is null or v.status = 'validated')
           order by f.id"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

async fn known(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Known>> {
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
           where s.territory_id = $1 order by s.number"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Brings a stored proposal in step with what the engine says now. Decided ones are not passed here.
#[expect(clippy::cognitive_complexity, reason = "one statement with many columns")]
pub(in crate::synergies) async fn refresh(
    tx: &mut Tx,
    id: SynergyId,
    new: &NewSynergy,
    is_current: bool,
) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update synergies set category = $2, title = $3, score = $4, confidence = $5, distance_km = $6, explanation = $7,
                fingerprint = $8, params_version = $9, is_current = $10, updated_at = $11, priority = $12
         where id = $1 and state in ('proposed', 'under_review', 'rejected', 'asleep')",
        id.uuid(),
        new.category,
        new.title,
        new.score,
        new.confidence,
        new.distance_km,
        Json(&new.explained) as Json<&Explained>,
        fingerprint(new),
        new.params_version,
        is_current,
        now,
        new.priority
    )
    .execute(&mut **tx)
    .await?;
    let stay: Vec<_> = new
        .members
        .iter()
        .map(|member| member.establishment.uuid())
        .collect();
    sqlx::query!(
        "delete from synergy_members where synergy_id = $1 and establishment_id <> all ($2) and state = 'prospective'",
        id.uuid(),
        &stay
    )
    .execute(&mut **tx)
    .await?;
    insert_members(tx, id, &new.members).await
}

/// The flows that justified a proposal nobody has looked at are gone.
pub(in crate::synergies) async fn retire(tx: &mut Tx, id: SynergyId) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update synergies set is_current = false, updated_at = $2 where id = $1 and state = 'proposed'",
        id.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
