//! Every statement about indicators: the facts of a day, the years judged, the territory's wordings,
//! its own indicators, what stands behind a figure.

mod facts;
pub mod kept;
mod own;
mod records;

pub use facts::facts;
pub use own::{OwnIndicator, find_own, own, save_own, save_own_value};
pub use records::{
    EstablishedRow, Group, HeldRow, RealisedRecord, VisitedRow, established, groups, held, kinds, realised,
    visited,
};

use super::evaluation::{Answer, EvaluationState, Line, Wording};
use crate::kernel::ids::{EvaluationId, TerritoryId};
use crate::platform::access::{AggregateScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;

/// A year being judged, or judged.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub id: EvaluationId,
    pub year: i32,
    pub state: EvaluationState,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by: Option<String>,
    /// The lines as they were that day.
    pub frozen: Option<Json<Vec<Line>>>,
    pub version: i32,
}

impl Evaluation {
    pub fn is_open(&self) -> bool {
        self.state == EvaluationState::Open
    }
}

/// The years of the territory, newest first.
pub async fn evaluations(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Evaluation>> {
    sqlx::query_as!(
        Evaluation,
        r#"select id as "id: EvaluationId", year, state as "state: EvaluationState", closed_at, closed_by,
                  frozen as "frozen: Json<Vec<Line>>", version
           from evaluations where territory_id = $1 order by year desc"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Begins a year; false when it was already begun.
pub async fn begin(tx: &mut Tx, scope: &Scope, id: EvaluationId, year: i32) -> sqlx::Result<bool> {
    let begun = sqlx::query!(
        "insert into evaluations (id, territory_id, year) values ($1, $2, $3) on conflict do nothing",
        id.uuid(),
        scope.territory().uuid(),
        year
    )
    .execute(&mut **tx)
    .await?;
    if begun.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    record(tx, scope, id, (format!("évaluation {year} ouverte"), &year)).await?;
    Ok(true)
}

async fn record(
    tx: &mut Tx,
    scope: &Scope,
    id: EvaluationId,
    (what, after): (String, &impl Serialize),
) -> sqlx::Result<()> {
    let event = Event::on("evaluation", id, what).within(scope.territory());
    tx.record(event.after(after)).await
}

/// Holds the year until the end of the transaction, so that no answer slips into a closing.
pub async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    year: i32,
) -> sqlx::Result<Option<(EvaluationId, EvaluationState)>> {
    let row = sqlx::query!(
        r#"select id as "id: EvaluationId", state as "state: EvaluationState"
           from evaluations where territory_id = $1 and year = $2 for update"#,
        scope.territory().uuid(),
        year
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.id, row.state)))
}

/// The answers of a year, by indicator.
pub async fn answers(
    db: &mut PgConnection,
    scope: &AggregateScope,
    id: EvaluationId,
) -> sqlx::Result<BTreeMap<String, Answer>> {
    let rows = sqlx::query!(
        "select a.indicator, a.value, a.is_not_concerned, a.justification, a.evidence, a.version
         from evaluation_answers a join evaluations e on e.id = a.evaluation_id
         where e.id = $1 and e.territory_id = $2",
        id.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let answer = Answer {
                value: row.value,
                is_not_concerned: row.is_not_concerned,
                justification: row.justification,
                evidence: row.evidence,
                version: row.version,
            };
            (row.indicator, answer)
        })
        .collect())
}

/// Keeps an answer; false when somebody answered since the version that was read. The caller holds
/// the year.
pub async fn save_answer(
    tx: &mut Tx,
    scope: &Scope,
    (id, code): (EvaluationId, &str),
    answer: &Answer,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into evaluation_answers (evaluation_id, indicator, value, is_not_concerned, justification, evidence)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (evaluation_id, indicator) do update set value = excluded.value, is_not_concerned = excluded.is_not_concerned,
            justification = excluded.justification, evidence = excluded.evidence, version = evaluation_answers.version + 1
         where evaluation_answers.version = $7",
        id.uuid(),
        code,
        answer.value,
        answer.is_not_concerned,
        answer.justification,
        answer.evidence,
        answer.version
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let after = (answer.value, answer.is_not_concerned, &answer.justification);
    record(tx, scope, id, (format!("{code} répondu"), &after)).await?;
    Ok(true)
}

/// Closes a year with its lines. The caller holds it and saw that nothing mandatory is missing.
pub async fn close(tx: &mut Tx, scope: &Scope, id: EvaluationId, lines: &[Line]) -> sqlx::Result<()> {
    let (now, author) = (tx.now(), tx.author().label().to_owned());
    sqlx::query!(
        "update evaluations set state = 'closed', closed_at = $3, closed_by = $4, frozen = $5, version = version + 1
         where id = $1 and territory_id = $2 and state = 'open'",
        id.uuid(),
        scope.territory().uuid(),
        now,
        author,
        Json(lines) as Json<&[Line]>
    )
    .execute(&mut **tx)
    .await?;
    record(tx, scope, id, ("évaluation clôturée".to_owned(), &lines.len())).await
}

/// The wordings in force, by indicator.
pub async fn wordings(
    db: &mut PgConnection,
    scope: &AggregateScope,
) -> sqlx::Result<BTreeMap<String, Wording>> {
    let rows = sqlx::query!(
        "select distinct on (indicator) indicator, version, title, is_official, bound_0, bound_100
         from indicator_wordings where territory_id = $1 order by indicator, version desc",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let wording = Wording {
                title: row.title,
                is_official: row.is_official,
                bounds: row.bound_0.zip(row.bound_100),
                version: row.version,
            };
            (row.indicator, wording)
        })
        .collect())
}

/// A version of a wording, with who wrote it.
#[derive(Debug, Clone)]
pub struct WordingVersion {
    pub version: i32,
    pub title: String,
    pub is_official: bool,
    pub bound_0: Option<f64>,
    pub bound_100: Option<f64>,
    pub written_at: DateTime<Utc>,
    pub written_by: String,
}

/// Every version of an indicator's wording, newest first.
pub async fn wording_history(
    db: &mut PgConnection,
    scope: &AggregateScope,
    code: &str,
) -> sqlx::Result<Vec<WordingVersion>> {
    sqlx::query_as!(
        WordingVersion,
        "select version, title, is_official, bound_0, bound_100, written_at, written_by
         from indicator_wordings where territory_id = $1 and indicator = $2 order by version desc",
        scope.territory().uuid(),
        code
    )
    .fetch_all(db)
    .await
}

/// Writes the next version; false when it is not the next any more.
pub async fn save_wording(tx: &mut Tx, scope: &Scope, code: &str, wording: &Wording) -> sqlx::Result<bool> {
    let (now, author) = (tx.now(), tx.author().label().to_owned());
    let saved = sqlx::query!(
        "insert into indicator_wordings (territory_id, indicator, version, title, is_official, bound_0, bound_100, written_at, written_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        scope.territory().uuid(),
        code,
        wording.version,
        wording.title,
        wording.is_official,
        wording.bounds.map(|bounds| bounds.0),
        wording.bounds.map(|bounds| bounds.1),
        now,
        author
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let event = Event::on("territory", scope.territory(), format!("indicateur {code} réglé"));
    let event = event.within(scope.territory());
    tx.record(event.after(&(&wording.title, wording.bounds))).await?;
    Ok(true)
}

/// Whether the territory shows its closed years to those that show theirs.
pub async fn is_sharing(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from evaluation_sharing where territory_id = $1) as "shares!""#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}

/// Begins or ends the sharing.
pub async fn set_sharing(tx: &mut Tx, scope: &Scope, shares: bool) -> sqlx::Result<()> {
    let (territory, today) = (scope.territory(), tx.today());
    if shares {
        sqlx::query!(
            "insert into evaluation_sharing (territory_id, since) values ($1, $2) on conflict do nothing",
            territory.uuid(),
            today
        )
        .execute(&mut **tx)
        .await?;
    } else {
        sqlx::query!(
            "delete from evaluation_sharing where territory_id = $1",
            territory.uuid()
        )
        .execute(&mut **tx)
        .await?;
    }
    let words = if shares {
        "évaluations closes partagées"
    } else {
        "partage des évaluations arrêté"
    };
    let event = Event::on("territory", territory, words).within(territory);
    tx.record(event).await
}

/// A closed year of a territory that shares, when this one shares too.
#[derive(Debug, Clone)]
pub struct Neighbour {
    pub territory: TerritoryId,
    pub name: String,
    pub year: i32,
    pub frozen: Json<Vec<Line>>,
}

/// The latest closed year of every other territory that agrees; none unless this one agrees.
pub async fn neighbours(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Neighbour>> {
    sqlx::query_as!(
        Neighbour,
        r#"select distinct on (t.name, t.id) t.id as "territory: TerritoryId", t.name, e.year,
                  e.frozen as "frozen!: Json<Vec<Line>>"
           from evaluations e join territories t on t.id = e.territory_id
           join evaluation_sharing theirs on theirs.territory_id = t.id
           join evaluation_sharing ours on ours.territory_id = $1
           where e.state = 'closed' and t.id <> $1 order by t.name, t.id, e.year desc"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}
