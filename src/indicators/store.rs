use super::model::{RealisedSynergy, YearFacts};
use crate::flows::Certainty;
use crate::platform::access::AggregateScope;
use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

/// The facts of the territory at the end of each of these days, in the same order.
pub async fn facts(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<YearFacts>> {
    let synergies = realised(db, scope).await?;
    let rows = sqlx::query!(
        r#"
        select given.day as "day!",
               (select count(*) from (
                    select v.establishment_id from visits v
                    where v.territory_id = $1 and v.status in ('done', 'validated') and v.visit_on <= given.day
                    union
                    select m.establishment_id from synergies s join synergy_members m on m.synergy_id = s.id
                    where s.territory_id = $1 and m.state <> 'withdrawn' and (
                        (s.state in ('realised', 'durable', 'interrupted') and s.realised_on <= given.day)
                        or (s.state in ('agreed', 'studied', 'implementing')
                            and (s.updated_at at time zone 'Europe/Paris')::date <= given.day))
                ) mobilised) as "mobilised!",
               (select count(*) from workshops w where w.territory_id = $1 and w.held_on <= given.day) as "workshops!"
        from unnest($2::date[]) with ordinality as given (day, rank) order by given.rank"#,
        scope.territory().uuid(),
        days
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| YearFacts::at(row.day, row.mobilised, row.workshops, &synergies))
        .collect())
}

async fn realised(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<RealisedSynergy>> {
    sqlx::query_as!(
        RealisedSynergy,
        r#"select s.realised_on as "since!", r.origin as "origin?: Certainty", r.energy_mwh, r.avoided_tco2e, r.jobs_fte,
                  array(select m.establishment_id from synergy_members m
                        where m.synergy_id = s.id and m.state <> 'withdrawn') as "members!: Vec<Uuid>"
           from synergies s left join synergy_results r on r.synergy_id = s.id
           where s.territory_id = $1 and s.state in ('realised', 'durable')"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}
