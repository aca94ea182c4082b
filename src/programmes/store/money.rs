use super::said;
use crate::kernel::ids::{ExpenseId, FundingLineId, ProgrammeId};
use crate::platform::access::{AggregateScope, Scope};
use crate::platform::db::Tx;
use crate::programmes::model::{Expense, ExpenseKind, FundingLine, Programme};
use sqlx::PgConnection;

/// Adds or changes a line of the funding plan; false when somebody changed it since.
pub async fn save_funding_line(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    line: &FundingLine,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into funding_lines (id, programme_id, phase, funder, is_external, period, starts_on, ends_on, is_acquired, amount_eur)
         select $1, p.id, $4, $5, $6, $7, $8, $9, $10, $11 from programmes p where p.id = $2 and p.territory_id = any($3)
         on conflict (id) do update set phase = excluded.phase, funder = excluded.funder, is_external = excluded.is_external,
            period = excluded.period, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
            is_acquired = excluded.is_acquired, amount_eur = excluded.amount_eur, version = funding_lines.version + 1
         where funding_lines.programme_id = $2 and funding_lines.version = $12",
        line.id.uuid(),
        programme.id.uuid(),
        scope.territories(),
        line.phase,
        line.funder,
        line.is_external,
        line.period,
        line.starts_on,
        line.ends_on,
        line.is_acquired,
        line.amount_eur,
        line.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("financement enregistré", line),
    )
    .await
}

/// Adds or changes an expense; false when somebody changed it since.
pub async fn save_expense(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    expense: &Expense,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into expenses (id, programme_id, kind, payer, label, spent_on, hours, amount_eur)
         select $1, p.id, $4, $5, $6, $7, $8, $9 from programmes p where p.id = $2 and p.territory_id = any($3)
         on conflict (id) do update set kind = excluded.kind, payer = excluded.payer, label = excluded.label,
            spent_on = excluded.spent_on, hours = excluded.hours, amount_eur = excluded.amount_eur, version = expenses.version + 1
         where expenses.programme_id = $2 and expenses.version = $10",
        expense.id.uuid(),
        programme.id.uuid(),
        scope.territories(),
        expense.kind as ExpenseKind,
        expense.payer,
        expense.label,
        expense.spent_on,
        expense.hours,
        expense.amount_eur,
        expense.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("dépense enregistrée", expense),
    )
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
        r#"select f.id as "id: FundingLineId", f.phase, f.funder, f.is_external, f.period, f.starts_on, f.ends_on,
                  f.is_acquired, f.amount_eur, f.version
           from funding_lines f join programmes p on p.id = f.programme_id
           where p.id = $1 and p.territory_id = $2 order by f.id"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// The latest first.
pub async fn expenses(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<Expense>> {
    sqlx::query_as!(
        Expense,
        r#"select e.id as "id: ExpenseId", e.kind as "kind: ExpenseKind", e.payer, e.label, e.spent_on, e.hours,
                  e.amount_eur, e.version
           from expenses e join programmes p on p.id = e.programme_id
           where p.id = $1 and p.territory_id = $2 order by e.spent_on desc, e.id desc"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}
