//! The list of the territory: what it is narrowed to, its order, and its lines.

use crate::flows::model::{Certainty, FlowSource, Visibility};
use crate::kernel::Direction;
use crate::kernel::ids::{EstablishmentId, FlowId};
use crate::platform::access::Scope;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// What the list may be narrowed to; everything is optional.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words of the flow's or of the establishment's name.
    pub words: Option<String>,
    pub family: Option<String>,
    pub category: Option<String>,
    pub direction: Option<Direction>,
    pub unclassified: bool,
    /// Last vouched for before that day.
    pub stale_before: Option<NaiveDate>,
    pub insee: Option<String>,
    pub establishment: Option<EstablishmentId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Establishment,
    Label,
    Category,
    Quantity,
    Known,
}

impl Sort {
    fn words(self) -> Option<&'static str> {
        match self {
            Self::Establishment => Some("establishment"),
            Self::Label => Some("label"),
            Self::Category => Some("category"),
            Self::Quantity | Self::Known => None,
        }
    }
    fn figure(self) -> Option<&'static str> {
        match self {
            Self::Quantity => Some("quantity"),
            Self::Known => Some("known"),
            Self::Establishment | Self::Label | Self::Category => None,
        }
    }
}

/// One page of a sorted list.
#[derive(Debug, Clone, Copy)]
pub struct Slice {
    pub sort: Sort,
    pub descending: bool,
    pub limit: i64,
    pub offset: i64,
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: FlowId,
    pub direction: Direction,
    pub category: Option<String>,
    pub label: String,
    pub annual_quantity: Option<f64>,
    pub certainty: Certainty,
    pub outlet: Option<String>,
    pub quality: Option<String>,
    pub annual_cost_eur: Option<f64>,
    pub contract_end_on: Option<NaiveDate>,
    pub waste_code: Option<String>,
    pub visibility: Visibility,
    pub source: FlowSource,
    pub known_on: NaiveDate,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub commune: Option<String>,
    pub total: i64,
}

pub async fn list(
    db: &mut PgConnection,
    scope: &Scope,
    filter: &Filter,
    slice: Slice,
) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"with found as (
             select f.id, f.direction, f.category, f.label, f.annual_quantity, f.certainty, f.outlet, f.quality,
                    f.annual_cost_eur, f.contract_end_on, f.waste_code, f.visibility, f.source,
                    greatest(f.observed_on, f.confirmed_on) as known_on, f.establishment_id, e.name as establishment, c.name as commune,
                    case $11 when 'label' then folded(f.label) when 'category' then f.category when 'establishment' then folded(e.name) end as words,
                    case $12 when 'quantity' then f.annual_quantity when 'known' then (greatest(f.observed_on, f.confirmed_on) - date '1970-01-01')::float8 end as figure
             from flows f join establishments e on e.id = f.establishment_id left join communes c on c.insee = e.insee
             where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null
               and ($2::text is null or folded(f.label) like '%' || folded($2) || '%' or folded(e.name) like '%' || folded($2) || '%')
               and ($3::text is null or f.category like $3 || '-%')
               and ($4::text is null or f.category = $4)
               and ($5::flow_direction is null or f.direction = $5)
               and (not $6 or f.category is null)
               and ($7::date is null or greatest(f.observed_on, f.confirmed_on) < $7)
               and ($8::text is null or e.insee = $8)
               and ($9::uuid is null or f.establishment_id = $9))
           select id as "id: FlowId", direction as "direction: Direction", category, label, annual_quantity, certainty as "certainty: Certainty",
                  outlet, quality, annual_cost_eur, contract_end_on, waste_code, visibility as "visibility: Visibility", source as "source: FlowSource",
                  known_on as "known_on!", establishment_id as "establishment_id: EstablishmentId", establishment,
                  commune as "commune?", count(*) over () as "total!"
           from found
           order by case when not $10 then words end, case when $10 then words end desc nulls last,
                    case when not $10 then figure end, case when $10 then figure end desc nulls last,
                    folded(establishment), folded(label), id
           limit $13 offset $14"#,
        scope.territory().uuid(),
        filter.words,
        filter.family,
        filter.category,
        filter.direction as Option<Direction>,
        filter.unclassified,
        filter.stale_before,
        filter.insee,
        filter.establishment.map(|e| e.uuid()),
        slice.descending,
        slice.sort.words(),
        slice.sort.figure(),
        slice.limit,
        slice.offset
    )
    .fetch_all(db)
    .await
}

/// What the filters of the list offer: the communes that have flows.
pub async fn communes(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "select distinct c.insee, c.name from communes c join establishments e on e.insee = c.insee
         join flows f on f.establishment_id = e.id and f.deleted_at is null
         where e.territory_id = $1 and e.archived_at is null order by c.name, c.insee",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.insee, row.name)).collect())
}
