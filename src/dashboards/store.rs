//! Reads that cross features: what waits for an advisor, and searches. The committee's are in `figures`.

pub mod figures;
pub mod publication;
pub mod sums;

use super::news::Happened;
use super::waiting::{NextAction, Proposals, StaleSheet, WaitingVisit};
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId, UserId, VisitId, WorkshopId};
use crate::platform::access::Scope;
use crate::synergies;
use crate::visits::VisitStatus;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

// ---- what waits for an advisor

/// The visits that this advisor has to make or to validate that day, theirs and those of whoever they stand in
/// for, by date.
pub async fn my_visits(
    db: &mut PgConnection,
    scope: &Scope,
    (me, on): (UserId, NaiveDate),
) -> sqlx::Result<Vec<WaitingVisit>> {
    sqlx::query_as!(
        WaitingVisit,
        r#"select v.id as "id: VisitId", e.name as establishment, v.status as "status: VisitStatus", v.visit_on as "on",
                  (select count(*) from flows f where f.visit_id = v.id and f.deleted_at is null) as "flows!"
           from visits v join establishments e on e.id = v.establishment_id
           where v.territory_id = $1 and v.status in ('planned', 'done')
             and exists (select from visit_advisors a where a.visit_id = v.id and (a.user_id = $2 or acting(a.user_id, $1, $3) = $2))
           order by v.visit_on, v.id"#,
        scope.territory().uuid(),
        me.uuid(),
        on
    )
    .fetch_all(db)
    .await
}

/// Establishments with flows that nobody vouched for since `limit`: those I visited first, then the oldest.
pub async fn stale_sheets(
    db: &mut PgConnection,
    scope: &Scope,
    me: UserId,
    limit: NaiveDate,
) -> sqlx::Result<Vec<StaleSheet>> {
    sqlx::query_as!(
        StaleSheet,
        r#"select e.id as "id: EstablishmentId", e.name, count(*) as "flows!",
                  min(f.known_on) as "oldest!"
           from flows f join establishments e on e.id = f.establishment_id
           where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null
             and f.known_on < $3
           group by e.id, e.name
           order by exists (select from visits v join visit_advisors a on a.visit_id = v.id
                            where v.establishment_id = e.id and a.user_id = $2) desc, 4, e.name"#,
        scope.territory().uuid(),
        me.uuid(),
        limit
    )
    .fetch_all(db)
    .await
}

/// Counts of what is to study.
pub async fn proposals(
    db: &mut PgConnection,
    scope: &Scope,
    (me, on): (UserId, NaiveDate),
    since: DateTime<Utc>,
) -> sqlx::Result<Proposals> {
    sqlx::query_as!(
        Proposals,
        r#"select count(*) filter (where s.state = 'under_review' and (s.assigned_to = $2 or acting(s.assigned_to, $1, $4) = $2)) as "mine!",
                  count(*) filter (where s.state = 'proposed' and s.is_current) as "to_study!",
                  count(*) filter (where s.state = 'proposed' and s.is_current and s.proposed_at >= $3) as "fresh!",
                  count(*) filter (where s.state = 'proposed' and s.is_current and s.kind = 'mutualisation') as "groups!",
                  count(*) filter (where s.state = 'proposed' and s.is_current and p.category is not null) as "priority!"
           from synergies s left join priorities p on p.territory_id = s.territory_id and p.category = s.category
           where s.territory_id = $1"#,
        scope.territory().uuid(),
        me.uuid(),
        since,
        on
    )
    .fetch_one(db)
    .await
}

/// What this person, or whoever they stand in for that day, has to do next, the most urgent first.
pub async fn next_actions(
    db: &mut PgConnection,
    scope: &Scope,
    (me, on): (UserId, NaiveDate),
) -> sqlx::Result<Vec<NextAction>> {
    sqlx::query_as!(
        NextAction,
        r#"select a.what, e.name as "establishment?", a.due_on, a.synergy_id as "synergy: SynergyId", a.workshop_id as "workshop: WorkshopId",
                  coalesce(s.title, w.title) as "title!"
           from next_actions a left join synergies s on s.id = a.synergy_id left join workshops w on w.id = a.workshop_id
                left join establishments e on e.id = a.establishment_id
           where coalesce(s.territory_id, w.territory_id) = $1 and a.done_on is null
             and (a.owner = $2 or acting(a.owner, $1, $3) = $2)
           order by a.due_on, a.id"#,
        scope.territory().uuid(),
        me.uuid(),
        on
    )
    .fetch_all(db)
    .await
}

/// Whether the territory has a company yet.
pub async fn has_establishments(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from establishments where territory_id = $1 and archived_at is null) as "any!""#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}

/// What the journal says of companies, visits, flows, synergies and workshops since `since`, gathered
/// by day, author, kind and thing, newest first.
pub async fn happened(
    db: &mut PgConnection,
    scope: &Scope,
    since: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Happened>> {
    sqlx::query_as!(
        Happened,
        r#"
        select (j.at at time zone 'Europe/Paris')::date as "day!", coalesce(u.name, 'automatique') as "author!", j.subject,
               split_part(replace(j.action, ' :', chr(160) || ':'), chr(160) || ':', 1) as "kind!",
               (array_agg(j.action order by j.id desc))[1] as "action!", count(*) as "count!", max(j.at) as "at!",
               coalesce(e.name, s.title) as place, coalesce(e.id, s.id) as place_id
        from journal j
        left join users u on u.id = j.user_id
        left join synergies s on j.subject = 'synergy' and s.id = j.subject_id
        left join visits v on j.subject = 'visit' and v.id = j.subject_id
        left join flows f on j.subject = 'flow' and f.id = j.subject_id
        left join establishments e on e.id = coalesce(v.establishment_id, f.establishment_id,
                                                      case when j.subject = 'establishment' then j.subject_id end)
        where j.territory_id = $1 and j.at >= $2
          and j.subject in ('establishment', 'visit', 'flow', 'synergy', 'workshop', 'import')
        group by 1, 2, 3, 4, 8, 9 order by max(j.id) desc limit $3"#,
        scope.territory().uuid(),
        since,
        limit
    )
    .fetch_all(db)
    .await
}

/// An establishment that a search found.
pub(super) struct FoundEstablishment {
    pub(super) id: EstablishmentId,
    pub(super) name: String,
    pub(super) commune: Option<String>,
    pub(super) activity: Option<String>,
}

/// By a part of the name, or the beginning of the SIRET.
pub(super) async fn search_establishments(
    db: &mut PgConnection,
    scope: &Scope,
    words: &str,
) -> sqlx::Result<Vec<FoundEstablishment>> {
    sqlx::query_as!(
        FoundEstablishment,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?", n.label as "activity?"
           from establishments e left join communes c on c.insee = e.insee left join naf_codes n on n.code = e.naf
           where e.territory_id = $1 and e.archived_at is null
             and (strpos(e.folded_name, folded($2)) > 0
                  or (length($2) >= 3 and e.siret like regexp_replace($2, '[^0-9]', '', 'g') || '%' and $2 ~ '[0-9]'))
           order by strpos(e.folded_name, folded($2)), e.name, e.id limit 8"#,
        scope.territory().uuid(),
        words
    )
    .fetch_all(db)
    .await
}

/// A flow that a search found.
pub(super) struct FoundFlow {
    pub(super) id: FlowId,
    pub(super) label: String,
    pub(super) establishment: String,
}

/// By a part of the label.
pub(super) async fn search_flows(
    db: &mut PgConnection,
    scope: &Scope,
    words: &str,
) -> sqlx::Result<Vec<FoundFlow>> {
    sqlx::query_as!(
        FoundFlow,
        r#"select f.id as "id: FlowId", f.label, e.name as establishment
           from flows f join establishments e on e.id = f.establishment_id
           where f.territory_id = $1 and f.deleted_at is null and strpos(f.folded_label, folded($2)) > 0
           order by strpos(f.folded_label, folded($2)), f.label, e.name limit 8"#,
        scope.territory().uuid(),
        words
    )
    .fetch_all(db)
    .await
}

/// A synergy that a search found.
pub(super) struct FoundSynergy {
    pub(super) id: SynergyId,
    pub(super) number: i32,
    pub(super) kind: synergies::Kind,
    pub(super) state: synergies::State,
    pub(super) title: String,
}

/// By a part of the title, or the number (« S-0412 », « 412 »).
pub(super) async fn search_synergies(
    db: &mut PgConnection,
    scope: &Scope,
    words: &str,
) -> sqlx::Result<Vec<FoundSynergy>> {
    sqlx::query_as!(
        FoundSynergy,
        r#"select s.id as "id: SynergyId", s.number, s.kind as "kind: synergies::Kind", s.state as "state: synergies::State", s.title
           from synergies s
           where s.territory_id = $1 and (s.is_current or s.state <> 'proposed')
             and (strpos(folded(s.title), folded($2)) > 0
                  or s.number::text = ltrim(regexp_replace($2, '^[A-Za-z]-?', ''), '0'))
           order by s.state, s.score desc nulls last, s.number limit 8"#,
        scope.territory().uuid(),
        words
    )
    .fetch_all(db)
    .await
}
