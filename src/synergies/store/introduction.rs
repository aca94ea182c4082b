//! The message that names two companies to each other, and the meeting that follows.

use super::{Refused, Synergy};
use crate::kernel::ids::{SynergyId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::NotYet;
use crate::synergies::{law, letters};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// The message, a draft until `sent_at`.
#[derive(Debug, Clone)]
pub struct Introduction {
    pub subject: String,
    pub body: String,
    /// Keys of [`super::Reachable`].
    pub recipients: Vec<String>,
    pub version: i32,
    pub sent_at: Option<DateTime<Utc>>,
    pub sent_by: Option<String>,
}

/// The message of a synergy, once somebody wrote one. The caller checked the scope.
pub async fn introduction(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Option<Introduction>> {
    sqlx::query_as!(
        Introduction,
        r#"select i.subject, i.body, i.recipients, i.version, i.sent_at, u.name as "sent_by?"
           from introductions i left join users u on u.id = i.sent_by where i.synergy_id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

/// Keeps the draft, over the version that was on screen (0 when there was none).
pub async fn save_draft(tx: &mut Tx, id: SynergyId, draft: &Introduction) -> sqlx::Result<bool> {
    let now = tx.now();
    let saved = sqlx::query!(
        "insert into introductions (synergy_id, subject, body, recipients, written_at) values ($1, $2, $3, $4, $5)
         on conflict (synergy_id) do update set subject = excluded.subject, body = excluded.body, recipients = excluded.recipients,
                written_at = excluded.written_at, version = introductions.version + 1
         where introductions.version = $6 and introductions.sent_at is null",
        id.uuid(),
        draft.subject,
        draft.body,
        &draft.recipients,
        now,
        draft.version
    )
    .execute(&mut **tx)
    .await?;
    Ok(saved.rows_affected() == 1)
}

/// Sends the message, as saved, to those recipients: every company agreed and an advisor says so.
///
/// Whoever else tries at the same moment is told that it left. A point of law still to be checked stops it,
/// unless the advisor writes why it should not.
///
/// # Errors
/// [`Refused`] outside the scope, before both agreed, before the law is checked, or when it left already.
pub async fn introduce(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    lifted: Option<&str>,
) -> Result<(), Refused> {
    let synergy = super::lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let mut talks = super::talks::talks(tx, id).await?.ok_or(Refused::Missing)?;
    talks.introduce()?;
    lift(tx, &synergy, lifted).await?;
    let draft = introduction(tx, id).await?.ok_or(Refused::Missing)?;
    let agreed: Vec<_> = talks.agreed().collect();
    let chosen: Vec<_> = super::talks::reachable(tx, id)
        .await?
        .into_iter()
        .filter(|who| draft.recipients.contains(&who.key) && agreed.contains(&who.company))
        .collect();
    let now = tx.now();
    let author = tx.author().user_id();
    sqlx::query!(
        "update introductions set sent_at = $2, sent_by = $3 where synergy_id = $1 and sent_at is null",
        id.uuid(),
        now,
        author.map(UserId::uuid)
    )
    .execute(&mut **tx)
    .await?;
    for who in &chosen {
        letters::introduced(tx, &synergy, &draft, who).await?;
    }
    let event = Event::on("synergy", id, "entreprises mises en relation").within(synergy.territory_id);
    tx.record(event.after(&json!({ "letters": chosen.len() })))
        .await?;
    Ok(())
}

/// What the law leaves to be checked is lifted with a reason, which the journal keeps.
async fn lift(tx: &mut Tx, synergy: &Synergy, reason: Option<&str>) -> Result<(), Refused> {
    let open = super::study::open_points(tx, synergy).await?;
    if open.is_empty() {
        return Ok(());
    }
    let titles = law::titles(&open);
    let Some(reason) = reason else {
        return Err(NotYet::Law(titles).into());
    };
    let words = format!("contrôle réglementaire levé\u{a0}: {titles}");
    let event = Event::on("synergy", synergy.id, words).within(synergy.territory_id);
    tx.record(event.comment(Some(reason.to_owned()))).await?;
    Ok(())
}

/// A meeting of the companies.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Meeting {
    pub held_on: NaiveDate,
    /// « 14 h 30 », as typed.
    pub hour: Option<String>,
    pub place: String,
    pub attendees: Option<String>,
}

pub async fn meeting(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Option<Meeting>> {
    sqlx::query_as!(
        Meeting,
        "select held_on, hour, place, attendees from synergy_meetings where synergy_id = $1",
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

/// Plans the meeting, or changes it; the journal keeps the former one.
///
/// # Errors
/// [`Refused`] outside the scope, or before both agreed.
pub async fn plan_meeting(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    meeting_planned: &Meeting,
) -> Result<(), Refused> {
    let synergy = super::lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let before = meeting(tx, id).await?;
    let m = meeting_planned;
    sqlx::query!(
        "insert into synergy_meetings (synergy_id, held_on, hour, place, attendees) values ($1, $2, $3, $4, $5)
         on conflict (synergy_id) do update set held_on = excluded.held_on, hour = excluded.hour, place = excluded.place,
                attendees = excluded.attendees",
        id.uuid(),
        m.held_on,
        m.hour,
        m.place,
        m.attendees
    )
    .execute(&mut **tx)
    .await?;
    let words = format!("rencontre prévue le {}", m.held_on.format("%d/%m/%Y"));
    let event = Event::on("synergy", id, words).within(synergy.territory_id);
    let event = match &before {
        Some(before) => event.before(before),
        None => event,
    };
    tx.record(event.after(m)).await?;
    Ok(())
}
