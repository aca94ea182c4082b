pub mod calendar;
pub(super) mod due;
pub(super) mod entry;
pub mod presumed;

pub use entry::keep_inventory;

use super::model::{Visit, VisitStatus};
use crate::kernel::ids::{EstablishmentId, TerritoryId, UserId, VisitId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// One visit of the scope.
pub async fn find(db: &mut PgConnection, scope: &Scope, id: VisitId) -> sqlx::Result<Option<Visit>> {
    sqlx::query_as!(
        Visit,
        r#"select v.id as "id: VisitId", v.territory_id as "territory_id: TerritoryId", v.establishment_id as "establishment_id: EstablishmentId",
                  v.status as "status: VisitStatus", v.visit_on, v.begins_at, v.duration_minutes, v.contact_met, v.notes,
                  array(select user_id from visit_advisors where visit_id = v.id order by user_id) as "advisors!: Vec<UserId>", v.version
           from visits v where v.id = $1 and v.territory_id = any($2)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Adds a visit. Adding the same identifier twice (a form sent again) changes nothing and gives `false`.
pub async fn insert(tx: &mut Tx, scope: &Scope, visit: &Visit) -> sqlx::Result<bool> {
    debug_assert!(
        scope.contains(visit.territory_id),
        "the caller checked the territory"
    );
    if !insert_row(tx, visit).await? {
        tx.nothing_to_record();
        return Ok(false);
    }
    set_advisors(tx, visit).await?;
    let event = Event::on("visit", visit.id, format!("visite {}", visit.status.label()));
    tx.record(event.within(visit.territory_id).after(visit)).await?;
    Ok(true)
}

async fn insert_row(tx: &mut Tx, visit: &Visit) -> sqlx::Result<bool> {
    let now = tx.now();
    let validated_at = (visit.status == VisitStatus::Validated).then_some(now);
    let inserted = sqlx::query!(
        "insert into visits (id, territory_id, establishment_id, status, visit_on, duration_minutes, contact_met, notes, created_at, validated_at, begins_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do nothing",
        visit.id.uuid(),
        visit.territory_id.uuid(),
        visit.establishment_id.uuid(),
        visit.status as VisitStatus,
        visit.visit_on,
        visit.duration_minutes,
        visit.contact_met,
        visit.notes,
        now,
        validated_at,
        visit.begins_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Saves over `before`; gives `false` when someone else saved first.
pub async fn save(tx: &mut Tx, scope: &Scope, before: &Visit, after: &Visit) -> sqlx::Result<bool> {
    let now = tx.now();
    let saved = sqlx::query!(
        "update visits set status = $2, visit_on = $3, duration_minutes = $4, contact_met = $5, notes = $6, begins_at = $10, version = version + 1,
                validated_at = case when $2 = 'validated'::visit_status then coalesce(validated_at, $7) end
         where id = $1 and version = $8 and territory_id = any($9)",
        after.id.uuid(),
        after.status as VisitStatus,
        after.visit_on,
        after.duration_minutes,
        after.contact_met,
        after.notes,
        now,
        before.version,
        scope.territories(),
        after.begins_at
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    set_advisors(tx, after).await?;
    let words = if before.status == after.status {
        "modifiée"
    } else {
        after.status.label()
    };
    let event = Event::on("visit", after.id, format!("visite {words}"));
    tx.record(event.within(after.territory_id).before(before).after(after))
        .await?;
    Ok(true)
}

async fn set_advisors(tx: &mut Tx, visit: &Visit) -> sqlx::Result<()> {
    sqlx::query!("delete from visit_advisors where visit_id = $1", visit.id.uuid())
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into visit_advisors (visit_id, user_id) select $1, unnest($2::uuid[])",
        visit.id.uuid(),
        &visit.advisors.iter().map(|a| a.uuid()).collect::<Vec<_>>()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

// ---- the list

/// How many visits of each status, for the tabs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub planned: i64,
    pub done: i64,
    pub validated: i64,
    pub cancelled: i64,
}

impl Counts {
    pub fn of(&self, status: VisitStatus) -> i64 {
        match status {
            VisitStatus::Planned => self.planned,
            VisitStatus::Done => self.done,
            VisitStatus::Validated => self.validated,
            VisitStatus::Cancelled => self.cancelled,
        }
    }
}

/// Whose visits, where, between which days, and which words of the establishment's or the commune's name.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub advisor: Option<UserId>,
    pub words: Option<String>,
    /// An INSEE code.
    pub commune: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Visits of the territory by status.
pub async fn counts(db: &mut PgConnection, scope: &Scope, filter: &Filter) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select count(*) filter (where v.status = 'planned') as "planned!", count(*) filter (where v.status = 'done') as "done!",
                  count(*) filter (where v.status = 'validated') as "validated!", count(*) filter (where v.status = 'cancelled') as "cancelled!"
           from visits v join establishments e on e.id = v.establishment_id left join communes c on c.insee = e.insee
           where v.territory_id = $1
             and ($2::uuid is null or exists (select from visit_advisors a where a.visit_id = v.id and a.user_id = $2))
             and ($3::text is null or folded(concat_ws(' ', e.name, c.name)) like '%' || folded($3) || '%')
             and ($4::text is null or e.insee = $4)
             and ($5::date is null or v.visit_on >= $5) and ($6::date is null or v.visit_on <= $6)"#,
        scope.territory().uuid(),
        filter.advisor.map(|a| a.uuid()),
        filter.words,
        filter.commune,
        filter.from,
        filter.to
    )
    .fetch_one(db)
    .await
}

/// The communes where there is a visit: INSEE code and name.
pub async fn communes(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "select c.insee, c.name from communes c where exists (
            select from visits v join establishments e on e.id = v.establishment_id
            where e.insee = c.insee and v.territory_id = $1) order by folded(c.name), c.insee",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.insee, row.name)).collect())
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: VisitId,
    pub status: VisitStatus,
    pub visit_on: NaiveDate,
    pub begins_at: Option<NaiveTime>,
    pub duration_minutes: Option<i32>,
    pub contact_met: Option<String>,
    pub validated_at: Option<DateTime<Utc>>,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub commune: Option<String>,
    pub advisors: Vec<String>,
    pub flows: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Date,
    Establishment,
    Commune,
    Flows,
}

impl Sort {
    /// By which name, if by a name.
    fn words(self) -> Option<&'static str> {
        match self {
            Self::Establishment => Some("establishment"),
            Self::Commune => Some("commune"),
            Self::Date | Self::Flows => None,
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

/// One page of the visits of that status.
pub async fn list(
    db: &mut PgConnection,
    scope: &Scope,
    status: VisitStatus,
    filter: &Filter,
    slice: Slice,
) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"select v.id as "id: VisitId", v.status as "status: VisitStatus", v.visit_on, v.begins_at, v.duration_minutes, v.contact_met, v.validated_at,
                  v.establishment_id as "establishment_id: EstablishmentId", e.name as establishment, c.name as "commune?",
                  array(select u.name from visit_advisors a join users u on u.id = a.user_id where a.visit_id = v.id order by u.name) as "advisors!",
                  n.flows as "flows!"
           from visits v join establishments e on e.id = v.establishment_id left join communes c on c.insee = e.insee
             cross join lateral (select count(*) as flows from flows f where f.establishment_id = v.establishment_id and f.deleted_at is null) n
             cross join lateral (select case $5 when 'establishment' then e.folded_name when 'commune' then folded(c.name) end as words,
                                        case when $6 then n.flows else v.visit_on - date '1970-01-01' end as figure) key
           where v.territory_id = $1 and v.status = $2
             and ($3::uuid is null or exists (select from visit_advisors a where a.visit_id = v.id and a.user_id = $3))
             and ($4::text is null or folded(concat_ws(' ', e.name, c.name)) like '%' || folded($4) || '%')
             and ($10::text is null or e.insee = $10)
             and ($11::date is null or v.visit_on >= $11) and ($12::date is null or v.visit_on <= $12)
           order by case when not $7 then key.words end, case when $7 then key.words end desc nulls last,
                    case when not $7 then key.figure end, case when $7 then key.figure end desc, v.visit_on desc, v.begins_at nulls last, v.id
           limit $8 offset $9"#,
        scope.territory().uuid(),
        status as VisitStatus,
        filter.advisor.map(|a| a.uuid()),
        filter.words,
        slice.sort.words(),
        slice.sort == Sort::Flows,
        slice.descending,
        slice.limit,
        slice.offset,
        filter.commune,
        filter.from,
        filter.to
    )
    .fetch_all(db)
    .await
}

/// Holds these visits until the end, in the order of their identifiers: two acts on many take turns.
pub(super) async fn lock_all(tx: &mut Tx, scope: &Scope, visits: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select id from visits where id = any($1) and territory_id = any($2) order by id for update",
        visits,
        scope.territories()
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// The same of establishments, for as long as what is planned there must not change.
pub(super) async fn lock_establishments(
    tx: &mut Tx,
    scope: &Scope,
    establishments: &[Uuid],
) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select id from establishments where id = any($1) and territory_id = any($2) order by id for update",
        establishments,
        scope.territories()
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// The day of the next visit planned there.
pub(super) async fn next_planned(
    db: &mut PgConnection,
    establishment: EstablishmentId,
) -> sqlx::Result<Option<NaiveDate>> {
    sqlx::query_scalar!(
        "select min(visit_on) from visits where establishment_id = $1 and status = 'planned'",
        establishment.uuid()
    )
    .fetch_one(db)
    .await
}

/// What a visit's line is called.
pub(super) async fn establishment_name(
    db: &mut PgConnection,
    establishment: EstablishmentId,
) -> sqlx::Result<String> {
    sqlx::query_scalar!(
        "select name from establishments where id = $1",
        establishment.uuid()
    )
    .fetch_one(db)
    .await
}

// ---- one visit

/// What the page of a visit says beside the visit and its flows.
#[derive(Debug, Clone)]
pub struct Around {
    pub commune: Option<String>,
    pub zone: Option<String>,
    pub contacts: i64,
    pub advisors: Vec<String>,
    pub validated_at: Option<DateTime<Utc>>,
    /// The last time anything of the inventory was saved.
    pub saved_at: Option<DateTime<Utc>>,
}

pub async fn around(db: &mut PgConnection, scope: &Scope, id: VisitId) -> sqlx::Result<Option<Around>> {
    sqlx::query_as!(
        Around,
        r#"select c.name as "commune?", z.name as "zone?", (select count(*) from contacts k where k.establishment_id = e.id) as "contacts!",
                  array(select u.name from visit_advisors a join users u on u.id = a.user_id where a.visit_id = v.id order by u.name) as "advisors!",
                  v.validated_at, (select max(f.updated_at) from flows f where f.establishment_id = e.id) as saved_at
           from visits v join establishments e on e.id = v.establishment_id
             left join communes c on c.insee = e.insee left join activity_zones z on z.id = e.zone_id
           where v.id = $1 and v.territory_id = any($2)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// An establishment that can be visited.
#[derive(Debug, Clone)]
pub struct Visitable {
    pub id: EstablishmentId,
    pub name: String,
    pub siret: Option<String>,
    pub commune: Option<String>,
}

/// Establishments of the territory whose name or commune holds every word typed, or by SIRET.
pub async fn visitable(db: &mut PgConnection, scope: &Scope, typed: &str) -> sqlx::Result<Vec<Visitable>> {
    sqlx::query_as!(
        Visitable,
        r#"select e.id as "id: EstablishmentId", e.name, e.siret, c.name as "commune?"
           from establishments e left join communes c on c.insee = e.insee
           where e.territory_id = $1 and e.archived_at is null
             and (e.siret like replace($2, ' ', '') || '%' or not exists (
                    select from unnest(string_to_array(folded($2), ' ')) word
                    where folded(concat_ws(' ', e.name, c.name)) not like '%' || word || '%'))
           order by e.folded_name like folded($2) || '%' desc, e.folded_name, e.id limit 12"#,
        scope.territory().uuid(),
        typed
    )
    .fetch_all(db)
    .await
}
