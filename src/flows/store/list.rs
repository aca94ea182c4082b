//! The list of the territory: what it is narrowed to, its order, and its lines.

use crate::flows::model::{Certainty, FlowSource, Visibility};
use crate::kernel::Direction;
use crate::kernel::ids::{EstablishmentId, FlowId, ZoneId};
use crate::platform::access::Scope;
use chrono::NaiveDate;
use sqlx::{Connection as _, PgConnection};

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
    pub zone: Option<ZoneId>,
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
    // A plan made for these very filters may follow an index; one for any filters reads everything.
    let mut turn = db.begin().await?;
    sqlx::query!("set local plan_cache_mode = force_custom_plan")
        .execute(&mut *turn)
        .await?;
    let rows = slice_of(&mut turn, scope, filter, slice).await?;
    turn.commit().await?;
    Ok(rows)
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one query: the macro writes the branches"
)]
async fn slice_of(
    db: &mut PgConnection,
    scope: &Scope,
    filter: &Filter,
    slice: Slice,
) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"with page as materialized (
             select l.id, l.folded_name, l.folded_label, key.words, key.figure
             from flows_listed($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) l
               cross join lateral (select
                 case $12 when 'label' then l.folded_label when 'category' then l.category when 'establishment' then l.folded_name end as words,
                 case $13 when 'quantity' then l.annual_quantity when 'known' then (l.known_on - date '1970-01-01')::float8 end as figure) key
             order by case when not $11 then key.words end, case when $11 then key.words end desc nulls last,
                      case when not $11 then key.figure end, case when $11 then key.figure end desc nulls last,
                      l.folded_name, l.folded_label, l.id
             limit $14 offset $15)
           select f.id as "id: FlowId", f.direction as "direction: Direction", f.category, f.label, f.annual_quantity,
                  f.certainty as "certainty: Certainty", f.outlet, f.quality, f.annual_cost_eur, f.contract_end_on, f.waste_code,
                  f.visibility as "visibility: Visibility", f.source as "source: FlowSource", f.known_on,
                  f.establishment_id as "establishment_id: EstablishmentId", e.name as establishment, c.name as "commune?",
                  (select count(*) from flows_listed($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)) as "total!"
           from page p join flows f on f.id = p.id join establishments e on e.id = f.establishment_id
             left join communes c on c.insee = e.insee
           order by case when not $11 then p.words end, case when $11 then p.words end desc nulls last,
                    case when not $11 then p.figure end, case when $11 then p.figure end desc nulls last,
                    p.folded_name, p.folded_label, p.id"#,
        scope.territory().uuid(),
        filter.words,
        filter.family,
        filter.category,
        filter.direction as Option<Direction>,
        filter.unclassified,
        filter.stale_before,
        filter.insee,
        filter.establishment.map(|e| e.uuid()),
        filter.zone.map(|zone| zone.uuid()),
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
        "select c.insee, c.name from communes c
         where exists (select from establishments e where e.insee = c.insee and e.territory_id = $1 and e.archived_at is null
                         and exists (select from flows f where f.establishment_id = e.id and f.deleted_at is null))
         order by c.name, c.insee",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.insee, row.name)).collect())
}
