//! Requests of companies: asked from their space, decided by the staff.

use crate::accounts::store::{User, in_charge};
use crate::flows::{self, Flow};
use crate::kernel::Measure;
use crate::kernel::ids::{CompanyId, CorrectionId, ErasureId, EstablishmentId, FlowId, TerritoryId, UserId};
use crate::kernel::{Direction, Period, Unit};
use crate::platform::access::{CompanyScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::portal::letters;
use crate::portal::requests::{Asked, CorrectionState, Subject, corrected, discovered};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Asks for a correction of one of the company's establishments, once however often it is sent; `false`
/// when it is not one of its own.
#[expect(clippy::cognitive_complexity, reason = "one statement with many columns")]
pub async fn ask(
    tx: &mut Tx,
    scope: &CompanyScope,
    establishment: EstablishmentId,
    asked: &Asked,
) -> sqlx::Result<bool> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let (flow, label, direction) = match &asked.subject {
        Subject::Flow(id) => (Some(id.uuid()), None, None),
        Subject::Missing { label, direction } => (None, Some(label.as_str()), Some(*direction)),
    };
    let measure = asked.measure;
    let inserted = sqlx::query!(
        r#"insert into flow_corrections (id, territory_id, establishment_id, flow_id, label, direction, quantity, unit, period,
                is_gone, comment, asked_by, asked_at)
         select $1, e.territory_id, e.id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
         from establishments e where e.id = $2 and e.company_id = any($3) and e.archived_at is null
           and ($4::uuid is null or exists (select from flows f where f.id = $4 and f.establishment_id = e.id and f.deleted_at is null))
         on conflict (id) do nothing returning territory_id as "territory: TerritoryId""#,
        asked.id.uuid(),
        establishment.uuid(),
        scope.companies(),
        flow,
        label,
        direction as Option<Direction>,
        measure.map(|m| m.quantity),
        measure.map(|m| m.unit.code()),
        measure.map(|m| m.period) as Option<Period>,
        asked.is_gone,
        asked.comment,
        author.map(UserId::uuid),
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = inserted else {
        tx.nothing_to_record();
        return was_asked(tx, asked.id, author).await;
    };
    let event = Event::on(
        "establishment",
        establishment,
        "correction demandée par l’entreprise",
    );
    tx.record(event.within(row.territory).comment(asked.comment.clone()))
        .await?;
    for user in advisors_of(tx, row.territory, establishment).await? {
        letters::asked(tx, &user, row.territory, establishment).await?;
    }
    Ok(true)
}

/// The form was sent again by the same person.
async fn was_asked(tx: &mut Tx, id: CorrectionId, author: Option<UserId>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from flow_corrections where id = $1 and asked_by = $2) as "asked!""#,
        id.uuid(),
        author.map(UserId::uuid)
    )
    .fetch_one(&mut **tx)
    .await
}

/// Whoever visited it last, or those in charge of the territory.
pub(in crate::portal) async fn advisors_of(
    tx: &mut Tx,
    territory: TerritoryId,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<User>> {
    let visitor = sqlx::query_scalar!(
        r#"select a.user_id as "user: UserId" from visits v join visit_advisors a on a.visit_id = v.id
           where v.establishment_id = $1 and v.status <> 'cancelled' order by v.visit_on desc, a.user_id limit 1"#,
        establishment.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    in_charge(tx, territory, visitor).await
}

/// A correction, with the flow it is about.
#[derive(Debug, Clone)]
pub struct Correction {
    pub id: CorrectionId,
    pub territory_id: TerritoryId,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub flow_id: Option<FlowId>,
    /// The flow's label, or what is missing.
    pub label: String,
    pub direction: Option<Direction>,
    pub quantity: Option<f64>,
    pub unit: Option<String>,
    pub period: Option<Period>,
    pub was_quantity: Option<f64>,
    pub was_unit: Option<String>,
    pub was_period: Option<Period>,
    /// The flow's version now: what the advisor compares with.
    pub flow_version: Option<i32>,
    pub is_gone: bool,
    pub comment: Option<String>,
    pub state: CorrectionState,
    pub answer: Option<String>,
    pub asked_by: Option<UserId>,
    pub asker: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Correction {
    pub fn asked(&self) -> Option<String> {
        crate::portal::requests::amount(self.quantity, self.unit.as_deref(), self.period)
    }
    pub fn recorded(&self) -> Option<String> {
        crate::portal::requests::amount(self.was_quantity, self.was_unit.as_deref(), self.was_period)
    }
    fn measure(&self) -> Option<Measure> {
        Some(Measure {
            quantity: self.quantity?,
            unit: Unit::find(self.unit.as_deref()?)?,
            period: self.period?,
        })
    }
}

/// Those of the territory on screen: what waits first, then the latest decided.
pub async fn corrections(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Correction>> {
    read(db, (scope.territories(), &[]), Some(scope.territory()), None).await
}

/// Those of a company.
pub async fn own_corrections(db: &mut PgConnection, scope: &CompanyScope) -> sqlx::Result<Vec<Correction>> {
    read(db, (&[], scope.companies()), None, None).await
}

async fn read(
    db: &mut PgConnection,
    (territories, companies): (&[uuid::Uuid], &[uuid::Uuid]),
    territory: Option<TerritoryId>,
    id: Option<CorrectionId>,
) -> sqlx::Result<Vec<Correction>> {
    sqlx::query_as!(
        Correction,
        r#"select k.id as "id: CorrectionId", k.territory_id as "territory_id: TerritoryId",
                  k.establishment_id as "establishment_id: EstablishmentId", e.name as establishment,
                  k.flow_id as "flow_id: FlowId", coalesce(f.label, k.label, '') as "label!",
                  coalesce(f.direction, k.direction) as "direction: Direction", k.quantity, k.unit, k.period as "period: Period",
                  f.quantity as "was_quantity?", f.unit as "was_unit?", f.period as "was_period?: Period", f.version as "flow_version?",
                  k.is_gone, k.comment, k.state as "state: CorrectionState", k.answer, k.asked_by as "asked_by: UserId",
                  u.name as "asker?", k.asked_at, k.decided_at
           from flow_corrections k join establishments e on e.id = k.establishment_id
           left join flows f on f.id = k.flow_id left join users u on u.id = k.asked_by
           where (k.territory_id = any($1) or e.company_id = any($2)) and ($3::uuid is null or k.territory_id = $3)
             and ($4::uuid is null or k.id = $4)
           order by k.state <> 'pending', k.asked_at desc, k.id limit 200"#,
        territories,
        companies,
        territory.map(TerritoryId::uuid),
        id.map(CorrectionId::uuid)
    )
    .fetch_all(db)
    .await
}

/// What an advisor decides of a correction.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Over the version of the flow that was compared.
    Accept {
        flow_version: Option<i32>,
    },
    Refuse {
        answer: String,
    },
}

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    #[error("not found")]
    Missing,
    #[error("Quelqu’un a déjà répondu à cette demande.")]
    Decided,
    #[error("Ce flux vient de changer\u{a0}: comparez de nouveau avant d’accepter.")]
    Changed,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes the decision, once; an accepted correction changes the flow, and the company is told.
///
/// # Errors
/// [`Undecided`] outside the scope, when somebody decided first, or when the flow changed meanwhile.
pub async fn decide(
    tx: &mut Tx,
    scope: &Scope,
    id: CorrectionId,
    decision: &Decision,
) -> Result<Correction, Undecided> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let found = read(tx, (scope.territories(), &[]), None, Some(id))
        .await?
        .into_iter()
        .next();
    let correction = found.ok_or(Undecided::Missing)?;
    let (state, answer) = match decision {
        Decision::Accept { .. } => (CorrectionState::Accepted, None),
        Decision::Refuse { answer } => (CorrectionState::Refused, Some(answer.as_str())),
    };
    let decided = sqlx::query!(
        "update flow_corrections set state = $2, answer = $3, decided_by = $4, decided_at = $5 where id = $1 and state = 'pending'",
        id.uuid(),
        state as CorrectionState,
        answer,
        author.map(UserId::uuid),
        now
    )
    .execute(&mut **tx)
    .await?;
    if decided.rows_affected() == 0 {
        return Err(Undecided::Decided);
    }
    if let Decision::Accept { flow_version } = decision {
        apply(tx, scope, &correction, *flow_version).await?;
    }
    let words = format!("correction {} par un conseiller", state.label());
    let event =
        Event::on("establishment", correction.establishment_id, words).within(correction.territory_id);
    tx.record(event.comment(answer.map(str::to_owned))).await?;
    letters::decided(tx, &correction, state, answer).await?;
    Ok(correction)
}

async fn apply(
    tx: &mut Tx,
    scope: &Scope,
    correction: &Correction,
    seen: Option<i32>,
) -> Result<(), Undecided> {
    let today = tx.today();
    let saved = match correction.flow_id {
        Some(id) => {
            let flow = flows::store::find(tx, scope, id)
                .await?
                .ok_or(Undecided::Changed)?;
            if seen != Some(flow.version) {
                return Err(Undecided::Changed);
            }
            if correction.is_gone {
                flows::store::delete(tx, scope, &flow).await?
            } else {
                let after = corrected(&flow, correction.measure(), today);
                flows::store::save(tx, scope, &flow, &after).await?
            }
        }
        None => flows::store::insert(tx, scope, &missing(correction, today)).await?,
    };
    if !saved {
        return Err(Undecided::Changed);
    }
    flows::changes::announce_all(tx, correction.territory_id, correction.establishment_id).await?;
    Ok(())
}

fn missing(correction: &Correction, today: chrono::NaiveDate) -> Flow {
    discovered(
        (correction.territory_id, correction.establishment_id),
        (
            correction.label.clone(),
            correction.direction.unwrap_or(Direction::Outbound),
        ),
        correction.measure(),
        today,
    )
}

/// How many requests wait in the territory: for the menu.
pub async fn pending(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select (select count(*) from flow_corrections where territory_id = $1 and state = 'pending')
                + (select count(*) from company_ideas where territory_id = $1 and state = 'pending')
                + (select count(*) from erasure_requests where territory_id = $1 and answered_at is null) as "count!""#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}

/// A company asks for its data to be erased.
#[derive(Debug, Clone)]
pub struct Erasure {
    pub id: ErasureId,
    pub company: String,
    pub asker: Option<String>,
    pub comment: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub answer: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
}

/// Asks once: a request that waits is enough.
pub async fn ask_erasure(tx: &mut Tx, scope: &CompanyScope, comment: Option<&str>) -> sqlx::Result<u64> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let asked = sqlx::query!(
        r#"insert into erasure_requests (id, company_id, territory_id, asked_by, asked_at, comment)
           select gen_random_uuid(), c.id, c.territory_id, $2, $3, $4 from companies c
           where c.id = any($1) and not exists (select from erasure_requests r where r.company_id = c.id and r.answered_at is null)
           returning id as "id: ErasureId", company_id as "company: CompanyId", territory_id as "territory: TerritoryId""#,
        scope.companies(),
        author.map(UserId::uuid),
        now,
        comment
    )
    .fetch_all(&mut **tx)
    .await?;
    if asked.is_empty() {
        tx.nothing_to_record();
    }
    for row in &asked {
        let event =
            Event::on("company", row.company, "effacement de ses données demandé").within(row.territory);
        tx.record(event).await?;
        for user in in_charge(tx, row.territory, None).await? {
            letters::erasure_asked(tx, &user, row.territory).await?;
        }
    }
    Ok(u64::try_from(asked.len()).unwrap_or(u64::MAX))
}

/// Those of the territory, what waits first.
pub async fn erasures(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as!(
        Erasure,
        r#"select r.id as "id: ErasureId", c.name as company, u.name as "asker?", r.comment, r.asked_at, r.answer, r.answered_at
           from erasure_requests r join companies c on c.id = r.company_id left join users u on u.id = r.asked_by
           where r.territory_id = $1 order by r.answered_at is not null, r.asked_at desc limit 50"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Those of a company.
pub async fn own_erasures(db: &mut PgConnection, scope: &CompanyScope) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as!(
        Erasure,
        r#"select r.id as "id: ErasureId", c.name as company, u.name as "asker?", r.comment, r.asked_at, r.answer, r.answered_at
           from erasure_requests r join companies c on c.id = r.company_id left join users u on u.id = r.asked_by
           where r.company_id = any($1) order by r.asked_at desc limit 10"#,
        scope.companies()
    )
    .fetch_all(db)
    .await
}

/// Says what was done of it; `false` outside the scope, or when somebody answered first.
pub async fn answer_erasure(tx: &mut Tx, scope: &Scope, id: ErasureId, answer: &str) -> sqlx::Result<bool> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let answered = sqlx::query!(
        r#"update erasure_requests set answer = $3, answered_by = $4, answered_at = $5
           where id = $1 and territory_id = any($2) and answered_at is null
           returning company_id as "company: CompanyId", territory_id as "territory: TerritoryId", asked_by as "asked_by: UserId""#,
        id.uuid(),
        scope.territories(),
        answer,
        author.map(UserId::uuid),
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = answered else {
        tx.nothing_to_record();
        return Ok(false);
    };
    let event = Event::on("company", row.company, "réponse à sa demande d’effacement").within(row.territory);
    tx.record(event.comment(Some(answer.to_owned()))).await?;
    letters::erasure_answered(tx, row.asked_by, row.territory, answer).await?;
    Ok(true)
}
