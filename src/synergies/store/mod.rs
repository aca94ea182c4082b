use crate::kernel::ids::{EstablishmentId, SynergyId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::{self, Event};
use crate::synergies::letters;
use crate::synergies::model::{Axis, Grade, Kind, NotAllowed, Origin, State, Step, StepKind};
use crate::synergies::motives::MOTIVES;
use crate::synergies::proposal::{Explained, Remembered};
use crate::synergies::talks::{NotNow, forgets};
use crate::synergies::wake;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

pub(super) mod compose;
pub(super) mod ideas;
pub(super) mod introduction;
pub(super) mod matching;
pub(super) mod names;
pub mod precision;
pub(super) mod queue;
mod recording;
pub(super) mod reminders;
mod results;
pub(super) mod show;
pub(super) mod talks;
pub(super) mod why;

pub use introduction::{Introduction, Meeting, introduce, introduction, meeting, plan_meeting};
pub use recording::{NewMember, NewSynergy, Waiting, insert, set_member_state, waiting};
pub(super) use recording::{fingerprint, hold_numbers, insert_numbered, last_number};
pub use results::{Results, results, set_results};
pub use talks::{Reachable, Said, Voice, answer, companies, note, propose, talks, talks_of};

/// One synergy, whole.
#[derive(Debug, Clone)]
pub struct Synergy {
    pub id: SynergyId,
    pub territory_id: TerritoryId,
    pub number: i32,
    pub kind: Kind,
    pub origin: Origin,
    pub state: State,
    pub category: Option<String>,
    pub title: String,
    pub score: Option<f64>,
    pub confidence: Option<f64>,
    pub distance_km: Option<f64>,
    pub explained: Json<Explained>,
    pub params_version: String,
    /// False when the flows that justified it are gone.
    pub is_current: bool,
    /// An advisor chose the members of this group.
    pub is_fixed: bool,
    pub assigned_to: Option<UserId>,
    pub assigned_name: Option<String>,
    pub motive: Option<String>,
    pub motive_comment: Option<String>,
    pub rejected_facts: Option<Json<Remembered>>,
    pub wake_on: Option<NaiveDate>,
    pub realised_on: Option<NaiveDate>,
    pub is_priority: bool,
    pub version: i32,
    pub proposed_at: DateTime<Utc>,
}

impl Synergy {
    /// « S-0012 », « G-0007 ».
    pub fn code(&self) -> String {
        code(self.kind, self.number)
    }
}

/// The name of a synergy in conversation.
pub fn code(kind: Kind, number: i32) -> String {
    let letter = if kind == Kind::Mutualisation { 'G' } else { 'S' };
    format!("{letter}-{number:04}")
}

/// One synergy of the scope.
pub async fn find(db: &mut PgConnection, scope: &Scope, id: SynergyId) -> sqlx::Result<Option<Synergy>> {
    find_within(db, scope.territories(), id).await
}

/// The same, for whoever reached it by another way than a scope of the staff.
async fn find_within(
    db: &mut PgConnection,
    territories: &[Uuid],
    id: SynergyId,
) -> sqlx::Result<Option<Synergy>> {
    sqlx::query_as!(
        Synergy,
        r#"select s.id as "id: SynergyId", s.territory_id as "territory_id: TerritoryId", s.number, s.kind as "kind: Kind",
                  s.origin as "origin: Origin", s.state as "state: State", s.category, s.title, s.score, s.confidence, s.distance_km,
                  s.explanation as "explained: Json<Explained>", s.params_version, s.is_current, s.is_fixed,
                  s.assigned_to as "assigned_to: UserId", u.name as "assigned_name?", s.motive, s.motive_comment,
                  s.rejected_facts as "rejected_facts: Json<Remembered>", s.wake_on, s.realised_on,
                  exists (select from priorities p where p.territory_id = s.territory_id and p.category = s.category) as "is_priority!",
                  s.version, s.proposed_at
           from synergies s left join users u on u.id = s.assigned_to
           where s.id = $1 and s.territory_id = any($2)"#,
        id.uuid(),
        territories
    )
    .fetch_optional(db)
    .await
}

/// The same, held until the end of the transaction.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: SynergyId) -> sqlx::Result<Option<Synergy>> {
    let held = sqlx::query_scalar!(
        r#"select id as "id: SynergyId" from synergies where id = $1 and territory_id = any($2) for update"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    match held {
        Some(id) => find(tx, scope, id).await,
        None => Ok(None),
    }
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("not found")]
    Missing,
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// A company's word, or the introduction, cannot be now.
    #[error(transparent)]
    NotNow(NotNow),
    /// Somebody decided while the page was open.
    #[error("{who} has decided: {what}")]
    Decided {
        who: String,
        what: String,
        at: DateTime<Utc>,
    },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes one step of the life cycle, with its line in the journal. What the demonstration uses.
///
/// # Errors
/// [`Refused`] when it is not in the scope, or when its state does not allow the step.
pub async fn advance(tx: &mut Tx, scope: &Scope, id: SynergyId, step: Step) -> Result<Synergy, Refused> {
    advance_seen(tx, scope, id, None, step).await
}

/// The same, only if nobody decided since the version that the reviewer saw.
///
/// # Errors
/// As [`advance`], and [`Refused::Decided`] when somebody did.
pub async fn advance_seen(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    seen: Option<i32>,
    step: Step,
) -> Result<Synergy, Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let after = synergy.state.after(step.kind());
    if let Some(version) = seen
        && (version != synergy.version || after.is_err())
        && let Some(decided) = last_decision(tx, id).await?
    {
        return Err(decided);
    }
    after?;
    step_forward(tx, &synergy, step).await
}

/// Takes a step of a synergy that is held.
async fn step_forward(tx: &mut Tx, synergy: &Synergy, step: Step) -> Result<Synergy, Refused> {
    let id = synergy.id;
    let to = synergy.state.after(step.kind())?;
    if !save_step(tx, synergy, to, &step).await? {
        return Err(NotAllowed {
            from: synergy.state,
            step: step.kind(),
        }
        .into());
    }
    if let Step::Prevalidate(grid) = &step {
        save_grid(tx, id, grid.lines()).await?;
    }
    if forgets(step.kind()) {
        talks::forget(tx, id).await?;
    }
    if let Step::Sleep { until, .. } = &step {
        wake::ask(tx, synergy, *until).await?;
    }
    let event = Event::on("synergy", id, step.event())
        .within(synergy.territory_id)
        .comment(step.comment());
    tx.record(
        event
            .before(&json!({ "state": synergy.state }))
            .after(&after_words(to, &step)),
    )
    .await?;
    find_within(tx, &[synergy.territory_id.uuid()], id)
        .await?
        .ok_or(Refused::Missing)
}

fn after_words(to: State, step: &Step) -> serde_json::Value {
    match step {
        Step::Reject { motive, .. } | Step::Abandon { motive, .. } => {
            json!({ "state": to, "motive": motive.code })
        }
        Step::Sleep { until, .. } => json!({ "state": to, "wake_on": until }),
        Step::Realise { on } => json!({ "state": to, "realised_on": on }),
        Step::Merge { into } => json!({ "state": to, "into": into }),
        Step::Prevalidate(grid) => json!({ "state": to, "grid": grid.lines() }),
        Step::Take
        | Step::ProposeContact
        | Step::Agree
        | Step::Withdraw
        | Step::Study
        | Step::Implement
        | Step::Sustain
        | Step::Resume
        | Step::Return { .. }
        | Step::Interrupt { .. } => json!({ "state": to }),
    }
}

async fn last_decision(tx: &mut Tx, id: SynergyId) -> sqlx::Result<Option<Refused>> {
    let lines = journal::store::about(tx, id.uuid(), 1).await?;
    Ok(lines.into_iter().next().map(|line| Refused::Decided {
        who: line.author,
        what: line.action,
        at: line.at,
    }))
}

/// What a step leaves in the row.
struct Traces {
    assigned_to: Option<UserId>,
    motive: Option<&'static str>,
    comment: Option<String>,
    facts: Option<Remembered>,
    wake_on: Option<NaiveDate>,
    realised_on: Option<NaiveDate>,
    explained: Explained,
    comes_back: bool,
    /// A reviewer accepts or refuses it; or it is to be judged again.
    decides: bool,
    reopens: bool,
}

fn traces(synergy: &Synergy, step: &Step, author: Option<UserId>) -> Traces {
    let mut traces = Traces {
        assigned_to: synergy.assigned_to,
        motive: None,
        comment: None,
        facts: None,
        wake_on: None,
        realised_on: synergy.realised_on,
        explained: synergy.explained.0.clone(),
        comes_back: false,
        decides: matches!(
            step.kind(),
            StepKind::Prevalidate | StepKind::Reject | StepKind::Abandon
        ),
        reopens: matches!(step.kind(), StepKind::Return | StepKind::Resume),
    };
    match step {
        Step::Take => traces.assigned_to = author.or(synergy.assigned_to),
        Step::Prevalidate(_) | Step::Resume => traces.assigned_to = synergy.assigned_to.or(author),
        Step::Reject { motive, comment } | Step::Abandon { motive, comment } => {
            traces.motive = Some(motive.code);
            traces.comment.clone_from(comment);
            traces.facts = Some(synergy.explained.remembered());
        }
        Step::Sleep { until, comment } => {
            traces.wake_on = Some(*until);
            traces.comment.clone_from(comment);
        }
        Step::Realise { on } => traces.realised_on = Some(*on),
        Step::Return { changed } => {
            traces.explained.changed.clone_from(changed);
            traces.comes_back = true;
        }
        Step::Interrupt { comment } => traces.comment.clone_from(comment),
        Step::ProposeContact
        | Step::Agree
        | Step::Withdraw
        | Step::Study
        | Step::Implement
        | Step::Sustain
        | Step::Merge { .. } => {}
    }
    traces
}

async fn save_step(tx: &mut Tx, synergy: &Synergy, to: State, step: &Step) -> sqlx::Result<bool> {
    let now = tx.now();
    let traces = traces(synergy, step, tx.author().user_id());
    let saved = sqlx::query!(
        "update synergies set state = $3, assigned_to = $4, motive = $5, motive_comment = $6, rejected_facts = $7, wake_on = $8,
                realised_on = $9, explanation = $10, is_current = is_current or $11, decided_at = case when $13 then $12 when $14 then null else decided_at end,
                proposed_at = case when $11 then $12 else proposed_at end, version = version + 1, updated_at = $12
         where id = $1 and state = $2",
        synergy.id.uuid(),
        synergy.state as State,
        to as State,
        traces.assigned_to.map(|u| u.uuid()),
        traces.motive,
        traces.comment,
        traces.facts.map(Json) as Option<Json<Remembered>>,
        traces.wake_on,
        traces.realised_on,
        Json(traces.explained) as Json<Explained>,
        traces.comes_back,
        now,
        traces.decides,
        traces.reopens
    )
    .execute(&mut **tx)
    .await?;
    Ok(saved.rows_affected() == 1)
}

async fn save_grid(tx: &mut Tx, id: SynergyId, lines: &[(Axis, Grade, Option<String>)]) -> sqlx::Result<()> {
    for (axis, grade, comment) in lines {
        sqlx::query!(
            "insert into feasibility_checks (synergy_id, axis, grade, comment) values ($1, $2, $3, $4)
             on conflict (synergy_id, axis) do update set grade = excluded.grade, comment = excluded.comment",
            id.uuid(),
            *axis as Axis,
            *grade as Grade,
            *comment
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Gives the synergy to a colleague, or to nobody.
///
/// # Errors
/// [`Refused`] when it is not in the scope or somebody decided since.
pub async fn assign(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    seen: Option<i32>,
    to: Option<(UserId, String)>,
) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    if seen.is_some_and(|version| version != synergy.version)
        && let Some(decided) = last_decision(tx, id).await?
    {
        return Err(decided);
    }
    let now = tx.now();
    sqlx::query!(
        "update synergies set assigned_to = $2, version = version + 1, updated_at = $3 where id = $1",
        id.uuid(),
        to.as_ref().map(|(user, _)| user.uuid()),
        now
    )
    .execute(&mut **tx)
    .await?;
    let words = to.as_ref().map_or_else(
        || "sans conseiller".to_owned(),
        |(_, name)| format!("confiée à {name}"),
    );
    let event = Event::on("synergy", id, words).within(synergy.territory_id);
    if let Some((user, _)) = &to {
        letters::assigned(tx, &synergy, *user).await?;
    }
    let after = json!({ "assigned_to": to.map(|(user, _)| user) });
    tx.record(
        event
            .before(&json!({ "assigned_to": synergy.assigned_to }))
            .after(&after),
    )
    .await?;
    Ok(())
}

/// For the menu: proposals to study, and how many of them are groups.
pub async fn menu_counts(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<(i64, i64)> {
    let counts = sqlx::query!(
        r#"select count(*) as "all!", count(*) filter (where kind = 'mutualisation') as "groups!"
           from synergies where territory_id = $1 and state = 'proposed' and is_current"#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await?;
    Ok((counts.all, counts.groups))
}

/// A synergy of an establishment, as its sheet shows it.
#[derive(Debug, Clone)]
pub struct Of {
    pub id: SynergyId,
    pub number: i32,
    pub kind: Kind,
    pub state: State,
    pub title: String,
    pub score: Option<f64>,
    pub updated_at: DateTime<Utc>,
}

/// The synergies in which an establishment has a part, the most advanced first.
pub async fn of_establishment(
    db: &mut PgConnection,
    scope: &Scope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<Of>> {
    sqlx::query_as!(
        Of,
        r#"select s.id as "id: SynergyId", s.number, s.kind as "kind: Kind", s.state as "state: State", s.title, s.score, s.updated_at
           from synergies s where s.territory_id = any($2) and (s.is_current or s.state <> 'proposed')
             and exists (select from synergy_members m where m.synergy_id = s.id and m.establishment_id = $1)
           order by array_position(array['realised', 'durable', 'implementing', 'studied', 'agreed', 'contact_proposed',
                    'prevalidated', 'under_review', 'proposed', 'asleep']::synergy_state[], s.state) nulls last, s.score desc nulls last, s.number"#,
        establishment.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// Brings the table of motives in step with the list of the code; those no longer in it are retired.
/// Gives how many lines changed.
pub async fn sync_motives(tx: &mut Tx) -> sqlx::Result<u64> {
    let column = |pick: fn(&crate::synergies::motives::Motive) -> &'static str| -> Vec<String> {
        MOTIVES.iter().map(|motive| pick(motive).to_owned()).collect()
    };
    let written = sqlx::query!(
        "insert into motives (code, family, label) select * from unnest($1::text[], $2::text[], $3::text[])
         on conflict (code) do update set family = excluded.family, label = excluded.label, is_retired = false
         where (motives.family, motives.label, motives.is_retired) is distinct from (excluded.family, excluded.label, false)",
        &column(|m| m.code),
        &column(|m| m.family.code()),
        &column(|m| m.label)
    )
    .execute(&mut **tx)
    .await?;
    let retired = sqlx::query!(
        "update motives set is_retired = true where code <> all ($1) and not is_retired",
        &column(|m| m.code)
    )
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() + retired.rows_affected())
}
