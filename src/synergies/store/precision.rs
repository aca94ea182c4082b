use crate::platform::access::{AggregateScope, Scope};
use crate::synergies::model::Kind;
use crate::synergies::motives::MOTIVES;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// What became of the proposals of one rule; a proposal without a rule counts with its category.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct RuleCount {
    pub(in crate::synergies) rule: String,
    pub(in crate::synergies) kind: Kind,
    pub(in crate::synergies) reviewed: i64,
    pub(in crate::synergies) accepted: i64,
    pub(in crate::synergies) off_topic: i64,
    pub(in crate::synergies) in_place: i64,
}

/// Motives that judge the data, not the proposal.
fn not_judging() -> Vec<String> {
    let data = MOTIVES.iter().filter(|motive| !motive.judges());
    data.map(|motive| motive.code.to_owned()).collect()
}

pub(in crate::synergies) async fn by_rule(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<RuleCount>> {
    sqlx::query_as!(
        RuleCount,
        r#"select coalesce(s.explanation #>> '{proposal,pair,rule}', s.category, '') as "rule!", s.kind as "kind!: Kind",
                  count(*) as "reviewed!",
                  count(*) filter (where s.state not in ('rejected', 'abandoned') or s.motive = 'in_place') as "accepted!",
                  count(*) filter (where s.motive = 'off_topic') as "off_topic!",
                  count(*) filter (where s.motive = 'in_place') as "in_place!"
           from synergies s
           where s.territory_id = $1 and s.origin = 'engine' and s.decided_at is not null
             and (s.motive is null or s.motive <> all ($2))
           group by 1, 2 order by 3 desc, 1"#,
        scope.territory().uuid(),
        &not_judging()
    )
    .fetch_all(db)
    .await
}

/// First of the month, reviewed, accepted.
pub(in crate::synergies) async fn by_month(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<(NaiveDate, i64, i64)>> {
    let rows = sqlx::query!(
        r#"select date_trunc('month', decided_at at time zone 'Europe/Paris')::date as "month!", count(*) as "reviewed!",
                  count(*) filter (where state not in ('rejected', 'abandoned') or motive = 'in_place') as "accepted!"
           from synergies
           where territory_id = $1 and origin = 'engine' and decided_at is not null and (motive is null or motive <> all ($2))
           group by 1 order by 1"#,
        scope.territory().uuid(),
        &not_judging()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.month, row.reviewed, row.accepted))
        .collect())
}

/// Proposals of the engine that were decided since a day, and those accepted: for the committee.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reviewed {
    pub reviewed: i64,
    pub accepted: i64,
}

/// The whole territory, without a name.
///
/// # Errors
/// Those of the database.
pub async fn reviewed_since(
    db: &mut PgConnection,
    scope: &AggregateScope,
    since: NaiveDate,
) -> sqlx::Result<Reviewed> {
    sqlx::query_as!(
        Reviewed,
        r#"select count(*) as "reviewed!",
                  count(*) filter (where state not in ('rejected', 'abandoned') or motive = 'in_place') as "accepted!"
           from synergies
           where territory_id = $1 and origin = 'engine' and decided_at >= $2::date::timestamp at time zone 'Europe/Paris'
             and (motive is null or motive <> all ($3))"#,
        scope.territory().uuid(),
        since,
        &not_judging()
    )
    .fetch_one(db)
    .await
}
