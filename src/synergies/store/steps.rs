//! Deciding: the one way by which the state of a synergy changes, with its line in the journal.

use super::{Refused, Synergy, find_within, lock, positions, talks};
use crate::kernel::ids::{SynergyId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::{self, Event};
use crate::synergies::letters;
use crate::synergies::mass::Mass;
use crate::synergies::model::{Axis, Grade, Kind, NotAllowed, NotYet, State, Step, StepKind, sustainable};
use crate::synergies::proposal::{Explained, Remembered};
use crate::synergies::talks::forgets;
use crate::synergies::wake;
use chrono::NaiveDate;
use serde_json::json;
use sqlx::types::Json;

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
    let is_late = Deciding { seen }.is_late(&synergy) || (seen.is_some() && after.is_err());
    if is_late && let Some(decided) = last_decision(tx, id).await? {
        return Err(decided);
    }
    after?;
    may(tx, &synergy, &step).await?;
    step_forward(tx, &synergy, step).await
}

/// A decision taken on what somebody had on screen.
#[derive(Debug, Clone, Copy)]
pub(in crate::synergies) struct Deciding {
    pub(in crate::synergies) seen: Option<i32>,
}

impl Deciding {
    fn is_late(self, synergy: &Synergy) -> bool {
        self.seen.is_some_and(|version| version != synergy.version)
    }

    /// Holds the synergy, if nobody decided meanwhile.
    ///
    /// # Errors
    /// As [`advance_seen`].
    pub(in crate::synergies) async fn hold(
        self,
        tx: &mut Tx,
        scope: &Scope,
        id: SynergyId,
    ) -> Result<Synergy, Refused> {
        let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
        if self.is_late(&synergy)
            && let Some(decided) = last_decision(tx, id).await?
        {
            return Err(decided);
        }
        Ok(synergy)
    }
}

/// What the state alone does not tell: companies that know each other, a group that has its mass, a year
/// that has passed.
async fn may(tx: &mut Tx, synergy: &Synergy, step: &Step) -> Result<(), Refused> {
    let kind = step.kind();
    if kind == StepKind::Study && !synergy.is_introduced {
        return Err(NotYet::Introduction.into());
    }
    if kind == StepKind::Implement && synergy.kind == Kind::Mutualisation {
        let standing = positions::standing(tx, synergy.id).await?;
        Mass::of(&synergy.explained, standing).may_begin()?;
    }
    if kind == StepKind::Sustain {
        sustainable(synergy.realised_on, tx.today())?;
    }
    Ok(())
}

/// Takes a step of a synergy that is held.
pub(super) async fn step_forward(tx: &mut Tx, synergy: &Synergy, step: Step) -> Result<Synergy, Refused> {
    let id = synergy.id;
    let mut to = synergy.state.after(step.kind())?;
    if step.kind() == StepKind::Hear {
        to = State::heard_again(silent_from(tx, id).await?);
    }
    if !save_step(tx, synergy, to, &step).await? {
        return Err(NotAllowed {
            from: synergy.state,
            step: step.kind(),
        }
        .into());
    }
    follow(tx, synergy, &step).await?;
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

/// What a step changes beside the state.
async fn follow(tx: &mut Tx, synergy: &Synergy, step: &Step) -> Result<(), Refused> {
    let id = synergy.id;
    if let Step::Prevalidate(grid) | Step::Study(grid) = step {
        save_grid(tx, id, grid.lines()).await?;
    }
    if forgets(step.kind()) {
        talks::forget(tx, id).await?;
    }
    if let Step::Merge { into, .. } = step {
        siblings_follow(tx, synergy, (*into, step)).await?;
    }
    if let Step::Sleep { until, .. } = step {
        wake::ask(tx, synergy, *until).await?;
    }
    Ok(())
}

/// Those kept as this one are kept as the other.
async fn siblings_follow(
    tx: &mut Tx,
    synergy: &Synergy,
    (into, step): (SynergyId, &Step),
) -> sqlx::Result<()> {
    let now = tx.now();
    let siblings = sqlx::query_scalar!(
        r#"update synergies set duplicate_of = $2, version = version + 1, updated_at = $3 where duplicate_of = $1
           returning id as "id: SynergyId""#,
        synergy.id.uuid(),
        into.uuid(),
        now
    )
    .fetch_all(&mut **tx)
    .await?;
    for sibling in siblings {
        let event = Event::on("synergy", sibling, step.event()).within(synergy.territory_id);
        tx.record(
            event
                .before(&json!({ "into": synergy.id }))
                .after(&json!({ "into": into })),
        )
        .await?;
    }
    Ok(())
}

/// Where it was before the silence.
async fn silent_from(tx: &mut Tx, id: SynergyId) -> sqlx::Result<Option<State>> {
    sqlx::query_scalar!(
        r#"select silent_from as "from: State" from synergies where id = $1"#,
        id.uuid()
    )
    .fetch_one(&mut **tx)
    .await
}

fn after_words(to: State, step: &Step) -> serde_json::Value {
    match step {
        Step::Reject { motive, .. } | Step::Abandon { motive, .. } | Step::Interrupt { motive, .. } => {
            json!({ "state": to, "motive": motive.code })
        }
        Step::Sleep { until, .. } => json!({ "state": to, "wake_on": until }),
        Step::Realise { on } => json!({ "state": to, "realised_on": on }),
        Step::Merge { into, .. } => json!({ "state": to, "into": into }),
        Step::Prevalidate(grid) | Step::Study(grid) => json!({ "state": to, "grid": grid.lines() }),
        Step::Take
        | Step::ProposeContact
        | Step::Agree
        | Step::Withdraw
        | Step::Implement
        | Step::Sustain { .. }
        | Step::Resume
        | Step::Return { .. }
        | Step::Silence { .. }
        | Step::Hear => json!({ "state": to }),
    }
}

async fn last_decision(tx: &mut Tx, id: SynergyId) -> sqlx::Result<Option<Refused>> {
    let line = journal::store::last_change(tx, id.uuid(), &["state", "assigned_to", "members"]).await?;
    Ok(line.map(|line| Refused::Decided {
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
    duplicate_of: Option<SynergyId>,
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
        duplicate_of: None,
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
        Step::Interrupt { motive, comment } => {
            traces.motive = Some(motive.code);
            traces.comment.clone_from(comment);
        }
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
        Step::Merge { into, .. } => traces.duplicate_of = Some(*into),
        Step::ProposeContact
        | Step::Agree
        | Step::Withdraw
        | Step::Study(_)
        | Step::Implement
        | Step::Sustain { .. }
        | Step::Silence { .. }
        | Step::Hear => {}
    }
    traces
}

/// The only place where a state changes; `batch` puts one back.
async fn save_step(tx: &mut Tx, synergy: &Synergy, to: State, step: &Step) -> sqlx::Result<bool> {
    let now = tx.now();
    let traces = traces(synergy, step, tx.author().user_id());
    let saved = sqlx::query!(
        "update synergies set state = $3, assigned_to = $4, motive = $5, motive_comment = $6, rejected_facts = $7, wake_on = $8,
                realised_on = $9, explanation = $10, is_current = is_current or $11, decided_at = case when $13 then $12 when $14 then null else decided_at end,
                proposed_at = case when $11 then $12 else proposed_at end, version = version + 1, updated_at = $12,
                state_since = $12, duplicate_of = $15, silent_from = case when $3 = 'silent'::synergy_state then $2 end
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
        traces.reopens,
        traces.duplicate_of.map(SynergyId::uuid)
    )
    .execute(&mut **tx)
    .await?;
    Ok(saved.rows_affected() == 1)
}

pub(super) async fn save_grid(
    tx: &mut Tx,
    id: SynergyId,
    lines: &[(Axis, Grade, Option<String>)],
) -> sqlx::Result<()> {
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
    let synergy = Deciding { seen }.hold(tx, scope, id).await?;
    if let Some((user, _)) = &to {
        letters::assigned(tx, &synergy, *user).await?;
    }
    Ok(entrust(tx, &synergy, to).await?)
}

/// The same of a synergy that is held, without a letter.
pub(in crate::synergies) async fn entrust(
    tx: &mut Tx,
    synergy: &Synergy,
    to: Option<(UserId, String)>,
) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update synergies set assigned_to = $2, version = version + 1, updated_at = $3 where id = $1",
        synergy.id.uuid(),
        to.as_ref().map(|(user, _)| user.uuid()),
        now
    )
    .execute(&mut **tx)
    .await?;
    let words = to.as_ref().map_or_else(
        || "sans conseiller".to_owned(),
        |(_, name)| format!("confiée à {name}"),
    );
    let event = Event::on("synergy", synergy.id, words).within(synergy.territory_id);
    let after = json!({ "assigned_to": to.map(|(user, _)| user) });
    tx.record(
        event
            .before(&json!({ "assigned_to": synergy.assigned_to }))
            .after(&after),
    )
    .await
}
