use super::model::{Advisor, Rule, Shape, usual};
use crate::accounts::Speciality;
use crate::kernel::ids::{AbsenceId, HandoverId, SynergyId, TerritoryId, UserId};
use crate::nomenclature::{Family, FlowCode};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// The rules of the territory, in their order; the usual ones while nobody wrote others.
pub(in crate::synergies) async fn rules(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Rule>> {
    let rows = sqlx::query!(
        "select shape, family, category, section, speciality from assignment_rules where territory_id = $1 order by rank",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    let written = rows.into_iter().filter_map(|row| {
        Some(Rule {
            shape: row.shape.as_deref().and_then(Shape::parse),
            family: row.family.as_deref().and_then(Family::find),
            category: row.category.as_deref().and_then(FlowCode::find),
            section: row.section,
            speciality: Speciality::parse(&row.speciality)?,
        })
    });
    let written: Vec<_> = written.collect();
    Ok(if written.is_empty() { usual() } else { written })
}

/// Nobody else changes them until the end of the transaction.
pub(in crate::synergies) async fn hold_rules(tx: &mut Tx, scope: &Scope) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('assignment_rules:' || $1::text, 0))",
        scope.territory().to_string()
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// Writes them all over.
pub(in crate::synergies) async fn save_rules(tx: &mut Tx, scope: &Scope, rules: &[Rule]) -> sqlx::Result<()> {
    let territory = scope.territory();
    sqlx::query!(
        "delete from assignment_rules where territory_id = $1",
        territory.uuid()
    )
    .execute(&mut **tx)
    .await?;
    for (rank, rule) in (1..).zip(rules) {
        sqlx::query!(
            "insert into assignment_rules (territory_id, rank, shape, family, category, section, speciality)
             values ($1, $2, $3, $4, $5, $6, $7)",
            territory.uuid(),
            rank,
            rule.shape.map(Shape::code),
            rule.family.map(Family::code),
            rule.category.map(|code| code.to_string()),
            rule.section,
            rule.speciality.code()
        )
        .execute(&mut **tx)
        .await?;
    }
    let words: Vec<_> = rules.iter().map(Rule::sentence).collect();
    let event = Event::on("territory", territory, "règles d’attribution modifiées").within(territory);
    tx.record(event.after(&words)).await
}

/// The activities of the establishments that take part.
pub(in crate::synergies) async fn activities(
    db: &mut PgConnection,
    synergy: SynergyId,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select distinct e.naf as "naf!" from synergy_members m join establishments e on e.id = m.establishment_id
           where m.synergy_id = $1 and e.naf is not null"#,
        synergy.uuid()
    )
    .fetch_all(db)
    .await
}

/// What one advisor has in hand.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Load {
    pub(in crate::synergies) id: UserId,
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) organisation: Option<String>,
    pub(in crate::synergies) specialities: Vec<String>,
    /// All that is followed, then its baskets.
    pub(in crate::synergies) open: i64,
    pub(in crate::synergies) under_review: i64,
    pub(in crate::synergies) prevalidated: i64,
    pub(in crate::synergies) introduced: i64,
    pub(in crate::synergies) silent: i64,
    /// Those whose next action should be done.
    pub(in crate::synergies) late: i64,
    /// From the proposal to the decision, over a year.
    pub(in crate::synergies) median_days: Option<f64>,
    pub(in crate::synergies) away_until: Option<NaiveDate>,
}

impl Load {
    pub(in crate::synergies) fn known(&self) -> Vec<Speciality> {
        let codes = self.specialities.iter();
        codes.filter_map(|code| Speciality::parse(code)).collect()
    }
}

impl From<&Load> for Advisor {
    fn from(load: &Load) -> Self {
        Self {
            id: load.id,
            name: load.name.clone(),
            specialities: load.known(),
            open: load.open,
            away_until: load.away_until,
        }
    }
}

/// The advisors and pilots of the territory, by name, with what has not moved for so many days.
pub(in crate::synergies) async fn loads(
    db: &mut PgConnection,
    scope: &Scope,
    today: NaiveDate,
    still: i32,
) -> sqlx::Result<Vec<Load>> {
    sqlx::query_as!(
        Load,
        r#"with held as (
               select s.assigned_to, s.state, n.due_on < $2 as is_late
               from synergies s left join next_actions n on n.synergy_id = s.id and n.done_on is null
               where s.territory_id = $1 and s.assigned_to is not null and is_followed(s.state)
                 and $2::date - (s.state_since at time zone 'Europe/Paris')::date >= $3)
           select u.id as "id: UserId", u.name, o.name as "organisation?", u.specialities, h.open as "open!", h.under_review as "under_review!",
                  h.prevalidated as "prevalidated!", h.open - h.under_review - h.prevalidated - h.silent as "introduced!", h.silent as "silent!",
                  h.late as "late!",
                  (select percentile_cont(0.5) within group (order by extract(epoch from s.decided_at - s.proposed_at)::float8 / 86400)
                   from synergies s where s.territory_id = $1 and s.assigned_to = u.id and s.decided_at > $2::date - 365) as median_days,
                  (select max(a.ends_on) from absences a where a.user_id = u.id and a.territory_id = $1
                       and $2 between a.starts_on and a.ends_on) as away_until
           from users u left join organisations o on o.id = u.organisation_id,
                lateral (select count(*) as open, count(*) filter (where state = 'under_review') as under_review,
                                count(*) filter (where state = 'prevalidated') as prevalidated, count(*) filter (where state = 'silent') as silent,
                                count(*) filter (where is_late) as late
                         from held where held.assigned_to = u.id) h
           where u.suspended_at is null
             and exists (select from user_roles r where r.user_id = u.id and r.territory_id = $1 and r.role in ('advisor', 'pilot'))
           order by folded(u.name)"#,
        scope.territory().uuid(),
        today,
        still
    )
    .fetch_all(db)
    .await
}

/// Days when somebody is not there, and who stands in.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Absence {
    pub(in crate::synergies) id: AbsenceId,
    pub(in crate::synergies) user: UserId,
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) starts_on: NaiveDate,
    pub(in crate::synergies) ends_on: NaiveDate,
    pub(in crate::synergies) replacement: Option<String>,
}

/// Those that are not over.
pub(in crate::synergies) async fn absences(
    db: &mut PgConnection,
    scope: &Scope,
    today: NaiveDate,
) -> sqlx::Result<Vec<Absence>> {
    sqlx::query_as!(
        Absence,
        r#"select a.id as "id: AbsenceId", a.user_id as "user: UserId", u.name, a.starts_on, a.ends_on, r.name as "replacement?"
           from absences a join users u on u.id = a.user_id left join users r on r.id = a.replaced_by
           where a.territory_id = $1 and a.ends_on >= $2 order by a.starts_on, u.name"#,
        scope.territory().uuid(),
        today
    )
    .fetch_all(db)
    .await
}

/// An absence to be noted.
#[derive(Debug, Clone, Copy)]
pub struct NewAbsence {
    pub id: AbsenceId,
    pub user: UserId,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub replaced_by: Option<UserId>,
}

/// Notes it, once however often its form is sent.
pub async fn insert_absence(tx: &mut Tx, scope: &Scope, absence: &NewAbsence) -> sqlx::Result<()> {
    let territory = scope.territory();
    let written = sqlx::query!(
        "insert into absences (id, territory_id, user_id, starts_on, ends_on, replaced_by) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
        absence.id.uuid(),
        territory.uuid(),
        absence.user.uuid(),
        absence.starts_on,
        absence.ends_on,
        absence.replaced_by.map(UserId::uuid)
    )
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(());
    }
    let words = format!(
        "absence du {} au {}",
        absence.starts_on.format("%d/%m/%Y"),
        absence.ends_on.format("%d/%m/%Y")
    );
    tx.record(Event::on("user", absence.user, words).within(territory))
        .await
}

pub(in crate::synergies) async fn delete_absence(
    tx: &mut Tx,
    scope: &Scope,
    absence: &Absence,
) -> sqlx::Result<()> {
    let territory = scope.territory();
    sqlx::query!(
        "delete from absences where id = $1 and territory_id = $2",
        absence.id.uuid(),
        territory.uuid()
    )
    .execute(&mut **tx)
    .await?;
    tx.record(Event::on("user", absence.user, "absence retirée").within(territory))
        .await
}

/// Everything open that one advisor held, given to another in one act.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Handover {
    pub(in crate::synergies) id: HandoverId,
    pub(in crate::synergies) giver: UserId,
    pub(in crate::synergies) giver_name: String,
    pub(in crate::synergies) taker: UserId,
    pub(in crate::synergies) taker_name: String,
    pub(in crate::synergies) made_by: Option<UserId>,
    pub(in crate::synergies) made_at: DateTime<Utc>,
    pub(in crate::synergies) count: i64,
    pub(in crate::synergies) undone_at: Option<DateTime<Utc>>,
}

/// The latest ones.
pub(in crate::synergies) async fn handovers(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<Handover>> {
    sqlx::query_as!(
        Handover,
        r#"select h.id as "id: HandoverId", h.giver_id as "giver: UserId", g.name as giver_name, h.taker_id as "taker: UserId",
                  t.name as taker_name, h.made_by as "made_by: UserId", h.made_at, h.undone_at,
                  (select count(*) from handover_synergies i where i.handover_id = h.id) as "count!"
           from handovers h join users g on g.id = h.giver_id join users t on t.id = h.taker_id
           where h.territory_id = $1 order by h.made_at desc, h.id limit 5"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Moves what is open from one to the other, and remembers it so that it can be undone.
pub(in crate::synergies) async fn hand_over(
    tx: &mut Tx,
    scope: &Scope,
    id: HandoverId,
    (giver, taker): (UserId, UserId),
) -> sqlx::Result<Vec<SynergyId>> {
    let territory = scope.territory();
    let moved = sqlx::query_scalar!(
        r#"update synergies set assigned_to = $3, version = version + 1
           where territory_id = $1 and assigned_to = $2
             and is_followed(state)
           returning id as "id: SynergyId""#,
        territory.uuid(),
        giver.uuid(),
        taker.uuid()
    )
    .fetch_all(&mut **tx)
    .await?;
    if moved.is_empty() {
        tx.nothing_to_record();
        return Ok(moved);
    }
    remember(tx, territory, id, (giver, taker), &moved).await?;
    record_moves(
        tx,
        territory,
        &moved,
        (giver, taker),
        "confiée à un collègue, avec les autres",
    )
    .await?;
    Ok(moved)
}

async fn remember(
    tx: &mut Tx,
    territory: TerritoryId,
    id: HandoverId,
    (giver, taker): (UserId, UserId),
    moved: &[SynergyId],
) -> sqlx::Result<()> {
    let (now, author) = (tx.now(), tx.author().user_id());
    sqlx::query!(
        "insert into handovers (id, territory_id, giver_id, taker_id, made_by, made_at) values ($1, $2, $3, $4, $5, $6)",
        id.uuid(),
        territory.uuid(),
        giver.uuid(),
        taker.uuid(),
        author.map(UserId::uuid),
        now
    )
    .execute(&mut **tx)
    .await?;
    let ids: Vec<_> = moved.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "insert into handover_synergies (handover_id, synergy_id) select $1, unnest($2::uuid[])",
        id.uuid(),
        &ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives back what the taker still holds. Gives how many.
pub(in crate::synergies) async fn undo(
    tx: &mut Tx,
    scope: &Scope,
    handover: &Handover,
) -> sqlx::Result<usize> {
    let (territory, now) = (scope.territory(), tx.now());
    let undone = sqlx::query!(
        "update handovers set undone_at = $3 where id = $1 and territory_id = $2 and undone_at is null",
        handover.id.uuid(),
        territory.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    if undone.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(0);
    }
    let back = sqlx::query_scalar!(
        r#"update synergies s set assigned_to = $2, version = version + 1 from handover_synergies i
           where i.handover_id = $1 and s.id = i.synergy_id and s.assigned_to = $3 returning s.id as "id: SynergyId""#,
        handover.id.uuid(),
        handover.giver.uuid(),
        handover.taker.uuid()
    )
    .fetch_all(&mut **tx)
    .await?;
    tx.record(Event::on("territory", territory, "attribution groupée annulée").within(territory))
        .await?;
    record_moves(
        tx,
        territory,
        &back,
        (handover.taker, handover.giver),
        "rendue à qui la suivait",
    )
    .await?;
    Ok(back.len())
}

async fn record_moves(
    tx: &mut Tx,
    territory: TerritoryId,
    moved: &[SynergyId],
    (from, to): (UserId, UserId),
    words: &str,
) -> sqlx::Result<()> {
    let (before, after) = (json!({ "assigned_to": from }), json!({ "assigned_to": to }));
    let events = moved.iter().map(|id| {
        Event::on("synergy", *id, words)
            .within(territory)
            .before(&before)
            .after(&after)
    });
    tx.record_all(events.collect()).await
}
