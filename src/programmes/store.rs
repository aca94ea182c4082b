//! Every statement about programmes; those of committees and of money are in its parts. What is
//! saved is inserted when its identifier is new, and changed when its version is the one last read.

mod money;
mod steering;

pub use money::{expenses, funding, save_expense, save_funding_line};
pub use steering::{
    MeetingRow, attendance, decisions, meetings, outreach, partners, save_attendance, save_decision,
    save_meeting, save_outreach, save_partner,
};

use super::model::{Commitment, CommitmentState, Priority, Programme, Target, Task};
use crate::kernel::ids::{CommitmentId, ProgrammeId, TaskId, TerritoryId};
use crate::nomenclature::FlowCode;
use crate::platform::access::{AggregateScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Adds a programme. Adding the same identifier twice changes nothing and gives `false`.
pub async fn insert_programme(tx: &mut Tx, scope: &Scope, programme: &Programme) -> sqlx::Result<bool> {
    debug_assert!(
        scope.contains(programme.territory_id),
        "the caller checked the territory"
    );
    let inserted = sqlx::query!(
        "insert into programmes (id, territory_id, name, starts_on, ends_on) values ($1, $2, $3, $4, $5)
         on conflict (id) do nothing",
        programme.id.uuid(),
        programme.territory_id.uuid(),
        programme.name,
        programme.starts_on,
        programme.ends_on
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let event = Event::on(
        "programme",
        programme.id,
        format!("démarche ajoutée\u{a0}: {}", programme.name),
    );
    tx.record(event.within(programme.territory_id).after(programme))
        .await?;
    Ok(true)
}

/// Sets the target of an indicator at a date, or its baseline.
pub async fn insert_target(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    target: &Target,
) -> sqlx::Result<()> {
    debug_assert!(
        scope.contains(programme.territory_id),
        "the caller checked the territory"
    );
    sqlx::query!(
        "insert into programme_targets (programme_id, indicator, due_on, value, is_baseline) values ($1, $2, $3, $4, $5)
         on conflict (programme_id, indicator, due_on) do update set value = excluded.value, is_baseline = excluded.is_baseline",
        programme.id.uuid(),
        target.indicator,
        target.due_on,
        target.value,
        target.is_baseline
    )
    .execute(&mut **tx)
    .await?;
    record(tx, programme, "objectif fixé", target).await
}

/// Replaces the reference and the targets of one indicator.
pub async fn set_targets(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    (indicator, targets): (&str, &[Target]),
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from programme_targets t using programmes p
         where p.id = t.programme_id and p.id = $1 and p.territory_id = any($2) and t.indicator = $3",
        programme.id.uuid(),
        scope.territories(),
        indicator
    )
    .execute(&mut **tx)
    .await?;
    for target in targets {
        insert_target(tx, scope, programme, target).await?;
    }
    record(tx, programme, "objectifs fixés", &targets).await
}

/// Adds or changes a commitment; false when somebody changed it since.
pub async fn save_commitment(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    commitment: &Commitment,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into commitments (id, programme_id, partner, what, period, state, next_step)
         select $1, p.id, $4, $5, $6, $7, $8 from programmes p where p.id = $2 and p.territory_id = any($3)
         on conflict (id) do update set partner = excluded.partner, what = excluded.what, period = excluded.period,
            state = excluded.state, next_step = excluded.next_step, version = commitments.version + 1
         where commitments.programme_id = $2 and commitments.version = $9",
        commitment.id.uuid(),
        programme.id.uuid(),
        scope.territories(),
        commitment.partner,
        commitment.what,
        commitment.period,
        commitment.state as CommitmentState,
        commitment.next_step,
        commitment.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("engagement enregistré", commitment),
    )
    .await
}

/// Adds or changes a line of the calendar; false when somebody changed it since.
pub async fn save_task(tx: &mut Tx, scope: &Scope, programme: &Programme, task: &Task) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into programme_tasks (id, programme_id, title, starts_on, ends_on, done_until, rank)
         select $1, p.id, $4, $5, $6, $7, $8 from programmes p where p.id = $2 and p.territory_id = any($3)
         on conflict (id) do update set title = excluded.title, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
            done_until = excluded.done_until, rank = excluded.rank, version = programme_tasks.version + 1
         where programme_tasks.programme_id = $2 and programme_tasks.version = $9",
        task.id.uuid(),
        programme.id.uuid(),
        scope.territories(),
        task.title,
        task.starts_on,
        task.ends_on,
        task.done_until,
        task.rank,
        task.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("calendrier enregistré", task),
    )
    .await
}

/// Changes the name and dates of a programme; false when somebody changed it since.
pub async fn save_programme(tx: &mut Tx, scope: &Scope, programme: &Programme) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "update programmes set name = $3, starts_on = $4, ends_on = $5, version = version + 1
         where id = $1 and territory_id = any($2) and version = $6",
        programme.id.uuid(),
        scope.territories(),
        programme.name,
        programme.starts_on,
        programme.ends_on,
        programme.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("démarche modifiée", programme),
    )
    .await
}

/// What may be taken away from a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    Task,
    Partner,
    Commitment,
    Funding,
    Expense,
    Outreach,
    Meeting,
    Decision,
}

/// Takes a piece away; false when the programme has no such piece.
#[expect(
    clippy::cognitive_complexity,
    reason = "eight statements, checked by macros that branch"
)]
pub async fn remove(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    (piece, id): (Piece, uuid::Uuid),
) -> sqlx::Result<bool> {
    let owner = scope
        .contains(programme.territory_id)
        .then(|| programme.id.uuid());
    let statement = match piece {
        Piece::Task => sqlx::query!(
            "delete from programme_tasks where id = $1 and programme_id = $2",
            id,
            owner
        ),
        Piece::Partner => sqlx::query!(
            "delete from partners where id = $1 and programme_id = $2",
            id,
            owner
        ),
        Piece::Commitment => sqlx::query!(
            "delete from commitments where id = $1 and programme_id = $2",
            id,
            owner
        ),
        Piece::Funding => sqlx::query!(
            "delete from funding_lines where id = $1 and programme_id = $2",
            id,
            owner
        ),
        Piece::Expense => sqlx::query!(
            "delete from expenses where id = $1 and programme_id = $2",
            id,
            owner
        ),
        Piece::Outreach => sqlx::query!(
            "delete from outreach where id = $1 and programme_id = $2",
            id,
            owner
        ),
        Piece::Meeting => sqlx::query!(
            "delete from meetings where id = $1 and programme_id = $2",
            id,
            owner
        ),
        Piece::Decision => sqlx::query!(
            "delete from decisions d using meetings m where d.id = $1 and m.id = d.meeting_id and m.programme_id = $2",
            id,
            owner
        ),
    };
    let gone = statement.execute(&mut **tx).await?;
    let what = match piece {
        Piece::Task => "ligne du calendrier retirée",
        Piece::Partner => "partenaire retiré",
        Piece::Commitment => "engagement retiré",
        Piece::Funding => "financement retiré",
        Piece::Expense => "dépense retirée",
        Piece::Outreach => "action de communication retirée",
        Piece::Meeting => "réunion retirée",
        Piece::Decision => "décision retirée",
    };
    said(tx, programme, gone.rows_affected(), (what, &id)).await
}

/// Writes the line of the journal when something was saved.
async fn said(
    tx: &mut Tx,
    programme: &Programme,
    saved: u64,
    (what, after): (&str, &impl serde::Serialize),
) -> sqlx::Result<bool> {
    if saved == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    record(tx, programme, what, after).await?;
    Ok(true)
}

async fn record(
    tx: &mut Tx,
    programme: &Programme,
    what: &str,
    after: &impl serde::Serialize,
) -> sqlx::Result<()> {
    tx.record(
        Event::on("programme", programme.id, what)
            .within(programme.territory_id)
            .after(after),
    )
    .await
}

/// Replaces the committee's priorities of the territory by these, the first first.
pub async fn set_priorities(
    tx: &mut Tx,
    scope: &Scope,
    decided_on: NaiveDate,
    codes: &[FlowCode],
    weight: i32,
) -> sqlx::Result<()> {
    let territory = scope.territory();
    sqlx::query!(
        "update territories set priority_weight = $2 where id = $1",
        territory.uuid(),
        weight
    )
    .execute(&mut **tx)
    .await?;
    let codes: Vec<_> = codes.iter().map(|code| code.as_str().to_owned()).collect();
    sqlx::query!("delete from priorities where territory_id = $1", territory.uuid())
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into priorities (territory_id, category, rank, decided_on)
         select $1, code, rank::int, $3 from unnest($2::text[]) with ordinality as chosen (code, rank)",
        territory.uuid(),
        &codes,
        decided_on
    )
    .execute(&mut **tx)
    .await?;
    let event = Event::on("territory", territory, "priorités du comité fixées").within(territory);
    tx.record(event.after(&(&codes, weight))).await
}

/// By how much, in percent, a priority goes up in the queue.
pub async fn priority_weight(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "select priority_weight from territories where id = $1",
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}

/// The programme under way, else the latest.
pub async fn current(
    db: &mut PgConnection,
    scope: &AggregateScope,
    today: NaiveDate,
) -> sqlx::Result<Option<Programme>> {
    sqlx::query_as!(
        Programme,
        r#"select id as "id: ProgrammeId", territory_id as "territory_id: TerritoryId", name, starts_on, ends_on, version
           from programmes where territory_id = $1
           order by ($2 between starts_on and ends_on) desc, starts_on desc, id limit 1"#,
        scope.territory().uuid(),
        today
    )
    .fetch_optional(db)
    .await
}

/// Targets and baselines of a programme of the territory, by date.
pub async fn targets(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<Target>> {
    sqlx::query_as!(
        Target,
        "select t.indicator, t.due_on, t.value, t.is_baseline
         from programme_targets t join programmes p on p.id = t.programme_id
         where p.id = $1 and p.territory_id = $2 order by t.due_on, t.indicator",
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// The lines of the calendar, from top to bottom.
pub async fn tasks(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<Task>> {
    sqlx::query_as!(
        Task,
        r#"select t.id as "id: TaskId", t.title, t.starts_on, t.ends_on, t.done_until, t.rank, t.version
           from programme_tasks t join programmes p on p.id = t.programme_id
           where p.id = $1 and p.territory_id = $2 order by t.rank, t.starts_on, t.id"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// In the order in which they were added.
pub async fn commitments(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<Commitment>> {
    sqlx::query_as!(
        Commitment,
        r#"select c.id as "id: CommitmentId", c.partner, c.what, c.period, c.state as "state: CommitmentState", c.next_step, c.version
           from commitments c join programmes p on p.id = c.programme_id
           where p.id = $1 and p.territory_id = $2 order by c.id"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// The committee's priorities, the first first; categories that the nomenclature lost are left out.
pub async fn priorities(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Priority>> {
    let rows = sqlx::query!(
        "select category, rank, decided_on from priorities where territory_id = $1 order by rank, category",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let code = FlowCode::find(&row.category)?;
            Some(Priority {
                code,
                rank: row.rank,
                decided_on: row.decided_on,
            })
        })
        .collect())
}
