//! Reads of a company about itself. Of others, only what `Others` can hold leaves this file.

use super::model::{Gain, Others, OwnFlow, Part, Proposal, Stage};
use crate::companies::consent::{self, Amount, Consents, Link, Other, Party};
use crate::flows::Certainty;
use crate::kernel::ids::{EstablishmentId, SynergyId};
use crate::kernel::{Direction, Period, Unit};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::CompanyScope;
use crate::synergies::{Axis, Kind, Side, State};
use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;

/// An establishment of the company.
#[derive(Debug, Clone)]
pub struct OwnEstablishment {
    pub id: EstablishmentId,
    pub name: String,
    pub commune: Option<String>,
    pub freshness_months: i32,
}

pub async fn establishments(
    db: &mut PgConnection,
    scope: &CompanyScope,
) -> sqlx::Result<Vec<OwnEstablishment>> {
    sqlx::query_as!(
        OwnEstablishment,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?", t.freshness_months
           from establishments e join territories t on t.id = e.territory_id left join communes c on c.insee = e.insee
           where e.company_id = any($1) and e.archived_at is null order by e.name, e.id"#,
        scope.companies()
    )
    .fetch_all(db)
    .await
}

/// The flows of one of the company's establishments, by family then label.
pub async fn flows(
    db: &mut PgConnection,
    scope: &CompanyScope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<OwnFlow>> {
    sqlx::query_as!(
        OwnFlow,
        r#"select f.direction as "direction: Direction", f.category, f.label, f.quantity, f.unit, f.period as "period: Period",
                  f.certainty as "certainty: Certainty", greatest(f.observed_on, f.confirmed_on) as "known_on!"
           from flows f join establishments e on e.id = f.establishment_id
           where e.id = $1 and e.company_id = any($2) and e.archived_at is null and f.deleted_at is null
           order by f.category nulls last, f.direction, f.label, f.id"#,
        establishment.uuid(),
        scope.companies()
    )
    .fetch_all(db)
    .await
}

/// The organisations that answer the company: those of whoever visited it, else the chambers of its territory.
pub async fn advisors(db: &mut PgConnection, scope: &CompanyScope) -> sqlx::Result<Vec<String>> {
    let visited = sqlx::query_scalar!(
        "select distinct o.name from visits v join establishments e on e.id = v.establishment_id
         join visit_advisors a on a.visit_id = v.id join users u on u.id = a.user_id
         join organisations o on o.id = u.organisation_id
         where e.company_id = any($1) and v.status <> 'cancelled' order by o.name limit 3",
        scope.companies()
    )
    .fetch_all(&mut *db)
    .await?;
    if !visited.is_empty() {
        return Ok(visited);
    }
    sqlx::query_scalar!(
        "select distinct o.name from user_roles r join users u on u.id = r.user_id
         join organisations o on o.id = u.organisation_id
         where r.role in ('advisor', 'pilot') and o.kind in ('cci', 'cma')
           and r.territory_id in (select territory_id from companies where id = any($1)) order by o.name limit 3",
        scope.companies()
    )
    .fetch_all(db)
    .await
}

/// The synergies about the company that an advisor found feasible, those that wait first.
pub async fn proposals(db: &mut PgConnection, scope: &CompanyScope) -> sqlx::Result<Vec<Proposal>> {
    let mut found = read(db, scope, None).await?;
    found.sort_by_key(|proposal| (proposal.stage, proposal.number));
    Ok(found)
}

/// One of them; none when it is not about the company, or not validated.
pub async fn proposal(
    db: &mut PgConnection,
    scope: &CompanyScope,
    id: SynergyId,
) -> sqlx::Result<Option<Proposal>> {
    Ok(read(db, scope, Some(id)).await?.into_iter().next())
}

/// What the database says.
struct Row {
    id: SynergyId,
    number: i32,
    state: State,
    kind: Kind,
    side: Side,
    category: Option<String>,
    establishment: String,
    label: Option<String>,
    own_annual: Option<f64>,
    matched: Option<f64>,
    matched_unit: Option<String>,
    distance_km: Option<f64>,
    gain: Option<Json<Option<Gain>>>,
    open_axes: Vec<Axis>,
    others: Vec<EstablishmentId>,
    since: NaiveDate,
}

async fn read(
    db: &mut PgConnection,
    scope: &CompanyScope,
    id: Option<SynergyId>,
) -> sqlx::Result<Vec<Proposal>> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select distinct on (s.id) s.id as "id: SynergyId", s.number, s.state as "state: State", s.kind as "kind: Kind", m.side as "side: Side",
               coalesce(f.category, s.category) as category, e.name as establishment, f.label as "label?",
               coalesce(f.annual_quantity, m.annual_quantity) as own_annual,
               (s.explanation #>> '{proposal,pair,matched,quantity}')::float8 as matched,
               s.explanation #>> '{proposal,pair,matched,unit}' as matched_unit,
               s.distance_km,
               case m.side when 'outbound' then s.explanation #> '{proposal,pair,giver_gain}'
                           when 'inbound' then s.explanation #> '{proposal,pair,receiver_gain}' end as "gain: Json<Option<Gain>>",
               array(select k.axis from feasibility_checks k
                     where k.synergy_id = s.id and k.grade <> 'green' order by k.axis) as "open_axes!: Vec<Axis>",
               array(select o.id from synergy_members x join establishments o on o.id = x.establishment_id
                     where x.synergy_id = s.id and x.state <> 'withdrawn' and not o.company_id = any($1) order by o.id) as "others!: Vec<EstablishmentId>",
               (s.updated_at at time zone 'Europe/Paris')::date as "since!"
        from synergies s join synergy_members m on m.synergy_id = s.id
             join establishments e on e.id = m.establishment_id left join flows f on f.id = m.flow_id
        where e.company_id = any($1) and e.archived_at is null and m.state <> 'withdrawn'
          and s.state in ('prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing', 'realised', 'durable')
          and ($2::uuid is null or s.id = $2)
        order by s.id, m.side"#,
        scope.companies(),
        id.map(SynergyId::uuid)
    )
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<_> = rows.iter().flat_map(|row| row.others.iter().copied()).collect();
    let others = consent::store::others(db, scope, &ids).await?;
    Ok(rows.into_iter().filter_map(|row| row.told(&others)).collect())
}

impl Row {
    /// What the company reads of it: the other one stops here, but for a few words.
    fn told(self, known: &BTreeMap<EstablishmentId, Other>) -> Option<Proposal> {
        let category = self.category.as_deref().and_then(FlowCode::find);
        let part = match (self.kind, self.side) {
            (Kind::Mutualisation, _) | (_, Side::Member) => Part::Joins,
            (Kind::Sharing, _) => Part::Shares,
            (Kind::Substitution, Side::Outbound) => Part::Gives,
            (Kind::Substitution, Side::Inbound) => Part::Receives,
        };
        let others = match (part, self.others.as_slice()) {
            (Part::Gives | Part::Receives | Part::Shares, [other, ..]) => {
                let link = Link {
                    distance_km: self.distance_km,
                    amount: self.amount(category),
                };
                match consent::reveal(known.get(other)?, &link, Consents::NONE) {
                    Party::Anonymous(party) => Others::One(party),
                    Party::Named(_) => return None,
                }
            }
            (_, others) => Others::Several(i64::try_from(others.len()).unwrap_or(i64::MAX)),
        };
        Some(Proposal {
            id: self.id,
            number: self.number,
            establishment: self.establishment,
            label: self.label,
            category,
            part,
            others,
            own_annual: self.own_annual,
            gain: self.gain.and_then(|Json(gain)| gain),
            open_axes: self.open_axes.iter().map(|axis| axis_words(*axis)).collect(),
            stage: Stage::of(self.state)?,
            since: self.since,
        })
    }

    /// In the unit that the engine matched in, else the category's.
    fn amount(&self, category: Option<FlowCode>) -> Option<Amount> {
        let matched = self.matched_unit.as_deref().and_then(Unit::find);
        let unit = matched.or_else(|| category.map(|code| Catalogue::embedded().category(code).unit))?;
        Some(Amount {
            per_year: self.matched?,
            unit,
        })
    }
}

fn axis_words(axis: Axis) -> &'static str {
    match axis {
        Axis::Technical => "la technique",
        Axis::Economic => "le coût",
        Axis::Regulatory => "la réglementation",
        Axis::Organisational => "l’organisation",
    }
}
