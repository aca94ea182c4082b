//! The proposals that a company reads. Of others, only what `Others` can hold leaves this file.

use crate::companies::consent::{self, Amount, Link, Other, Party};
use crate::kernel::Unit;
use crate::kernel::ids::{CompanyId, EstablishmentId, SynergyId};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::CompanyScope;
use crate::portal::model::{Gain, Others, Part, Proposal, Stage};
use crate::synergies::store::talks_of;
use crate::synergies::{Axis, Kind, Side, State, Talks};
use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;

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
    company: CompanyId,
    /// The others, and whose each is.
    others: Vec<EstablishmentId>,
    companies: Vec<CompanyId>,
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
               coalesce(s.explanation #>> '{proposal,pair,matched,quantity}', s.explanation #>> '{proposal,relay,matched,quantity}')::float8 as matched,
               coalesce(s.explanation #>> '{proposal,pair,matched,unit}', s.explanation #>> '{proposal,relay,matched,unit}') as matched_unit,
               s.distance_km,
               case m.side when 'outbound' then coalesce(s.explanation #> '{proposal,pair,giver_gain}', s.explanation #> '{proposal,relay,giver_gain}')
                           when 'inbound' then coalesce(s.explanation #> '{proposal,pair,receiver_gain}', s.explanation #> '{proposal,relay,receiver_gain}') end as "gain: Json<Option<Gain>>",
               array(select k.axis from feasibility_checks k
                     where k.synergy_id = s.id and k.grade <> 'green' order by k.axis) as "open_axes!: Vec<Axis>",
               array(select o.id from synergy_members x join establishments o on o.id = x.establishment_id
                     where x.synergy_id = s.id and x.state <> 'withdrawn' and not o.company_id = any($1) order by o.id) as "others!: Vec<EstablishmentId>",
               e.company_id as "company: CompanyId",
               array(select o.company_id from synergy_members x join establishments o on o.id = x.establishment_id
                     where x.synergy_id = s.id and x.state <> 'withdrawn' and not o.company_id = any($1) order by o.id) as "companies!: Vec<CompanyId>",
               case when s.state = 'realised' then s.realised_on else (s.state_since at time zone 'Europe/Paris')::date end as "since!"
        from synergies s join synergy_members m on m.synergy_id = s.id
             join establishments e on e.id = m.establishment_id left join flows f on f.id = m.flow_id
        where e.company_id = any($1) and e.archived_at is null and m.state <> 'withdrawn'
          and s.state in ('prevalidated', 'contact_proposed', 'silent', 'agreed', 'studied', 'implementing', 'realised', 'durable')
          and ($2::uuid is null or s.id = $2)
        order by s.id, m.side"#,
        scope.companies(),
        id.map(SynergyId::uuid)
    )
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<_> = rows.iter().flat_map(|row| row.others.iter().copied()).collect();
    let others = consent::store::others(db, scope, &ids).await?;
    let synergies: Vec<_> = rows.iter().map(|row| row.id).collect();
    let talks = talks_of(db, &synergies).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let talks = talks.get(&row.id)?;
            row.told(&others, talks)
        })
        .collect())
}

impl Row {
    /// What the company reads of it: the other one stops here, but for a few words.
    fn told(self, known: &BTreeMap<EstablishmentId, Other>, talks: &Talks) -> Option<Proposal> {
        let category = self.category.as_deref().and_then(FlowCode::find);
        let part = match (self.kind, self.side) {
            (Kind::Mutualisation, _) | (_, Side::Member) => Part::Joins,
            (Kind::Sharing, _) => Part::Shares,
            (Kind::Substitution, Side::Relay) => Part::Treats,
            (Kind::Substitution, Side::Outbound) => Part::Gives,
            (Kind::Substitution, Side::Inbound) => Part::Receives,
        };
        let mut parties = self.parties(category, known, talks);
        let others = match (part, parties.len()) {
            (Part::Gives | Part::Receives | Part::Shares, 0 | 1) => Others::One(parties.pop()?),
            (Part::Gives | Part::Receives | Part::Shares | Part::Treats | Part::Joins, total) => {
                let named: Vec<_> = parties
                    .into_iter()
                    .filter_map(|party| match party {
                        Party::Named(card) => Some(card),
                        Party::Anonymous(_) => None,
                    })
                    .collect();
                let hidden = i64::try_from(total - named.len()).unwrap_or(i64::MAX);
                Others::Several { named, hidden }
            }
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
            word: talks.word(self.company),
            may_answer: talks.open().is_ok(),
            is_introduced: talks.is_introduced(),
        })
    }

    /// The others, each as what both said allows.
    fn parties(
        &self,
        category: Option<FlowCode>,
        known: &BTreeMap<EstablishmentId, Other>,
        talks: &Talks,
    ) -> Vec<Party> {
        let link = Link {
            distance_km: self.distance_km,
            amount: self.amount(category),
        };
        let others = self.others.iter().zip(&self.companies);
        others
            .filter_map(|(id, company)| {
                let consents = talks.consents(self.company, *company);
                Some(consent::reveal(known.get(id)?, &link, consents))
            })
            .collect()
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
        Axis::Geographic => "la distance et l’accès",
        Axis::Social => "la confiance entre partenaires",
    }
}
