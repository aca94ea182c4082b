use super::model::{Commitment, CommitmentState, FundingLine, Priority, Programme, Target};
use crate::kernel::ids::{ProgrammeId, TerritoryId};
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

pub async fn insert_funding_line(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    line: &FundingLine,
) -> sqlx::Result<()> {
    debug_assert!(
        scope.contains(programme.territory_id),
        "the caller checked the territory"
    );
    sqlx::query!(
        "insert into funding_lines (id, programme_id, phase, funder, is_external, period, amount_eur)
         values ($1, $2, $3, $4, $5, $6, $7)",
        ProgrammeId::fresh().uuid(),
        programme.id.uuid(),
        line.phase,
        line.funder,
        line.is_external,
        line.period,
        line.amount_eur
    )
    .execute(&mut **tx)
    .await?;
    record(tx, programme, "financement ajouté", line).await
}

pub async fn insert_commitment(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    commitment: &Commitment,
) -> sqlx::Result<()> {
    debug_assert!(
        scope.contains(programme.territory_id),
        "the caller checked the territory"
    );
    sqlx::query!(
        "insert into commitments (id, programme_id, partner, what, period, state, next_step)
         values ($1, $2, $3, $4, $5, $6, $7)",
        ProgrammeId::fresh().uuid(),
        programme.id.uuid(),
        commitment.partner,
        commitment.what,
        commitment.period,
        commitment.state as CommitmentState,
        commitment.next_step
    )
    .execute(&mut **tx)
    .await?;
    record(tx, programme, "engagement ajouté", commitment).await
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
) -> sqlx::Result<()> {
    let territory = scope.territory();
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
    tx.record(event.after(&codes)).await
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

/// In the order in which they were added.
pub async fn funding(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<FundingLine>> {
    sqlx::query_as!(
        FundingLine,
        "select f.phase, f.funder, f.is_external, f.period, f.amount_eur
         from funding_lines f join programmes p on p.id = f.programme_id
         where p.id = $1 and p.territory_id = $2 order by f.id",
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
        r#"select c.partner, c.what, c.period, c.state as "state: CommitmentState", c.next_step
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
