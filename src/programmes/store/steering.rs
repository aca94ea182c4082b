use super::said;
use crate::kernel::ids::{DecisionId, MeetingId, OutreachId, PartnerId, ProgrammeId};
use crate::platform::access::{AggregateScope, Scope};
use crate::platform::db::Tx;
use crate::programmes::model::{
    Attendance, Decision, DecisionState, Meeting, MeetingKind, Outreach, OutreachKind, Partner, PartnerKind,
    Programme,
};
use sqlx::PgConnection;

/// Adds or changes a partner; false when somebody changed it since.
pub async fn save_partner(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    partner: &Partner,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into partners (id, programme_id, name, kind, is_on_committee)
         select $1, p.id, $4, $5, $6 from programmes p where p.id = $2 and p.territory_id = any($3)
         on conflict (id) do update set name = excluded.name, kind = excluded.kind,
            is_on_committee = excluded.is_on_committee, version = partners.version + 1
         where partners.programme_id = $2 and partners.version = $7",
        partner.id.uuid(),
        programme.id.uuid(),
        scope.territories(),
        partner.name,
        partner.kind as PartnerKind,
        partner.is_on_committee,
        partner.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("partenaire enregistré", partner),
    )
    .await
}

/// Adds or changes a meeting; false when somebody changed it since.
pub async fn save_meeting(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    meeting: &Meeting,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into meetings (id, programme_id, kind, held_on, is_held, agenda)
         select $1, p.id, $4, $5, $6, $7 from programmes p where p.id = $2 and p.territory_id = any($3)
         on conflict (id) do update set kind = excluded.kind, held_on = excluded.held_on, is_held = excluded.is_held,
            agenda = excluded.agenda, version = meetings.version + 1
         where meetings.programme_id = $2 and meetings.version = $8",
        meeting.id.uuid(),
        programme.id.uuid(),
        scope.territories(),
        meeting.kind as MeetingKind,
        meeting.held_on,
        meeting.is_held,
        meeting.agenda,
        meeting.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("réunion enregistrée", meeting),
    )
    .await
}

/// Replaces who was invited to a meeting, and who came. The caller saved the meeting.
pub async fn save_attendance(
    tx: &mut Tx,
    programme: &Programme,
    meeting: MeetingId,
    attendance: &[Attendance],
) -> sqlx::Result<()> {
    let partners: Vec<_> = attendance.iter().map(|a| a.partner.uuid()).collect();
    let present: Vec<_> = attendance.iter().map(|a| a.is_present).collect();
    sqlx::query!(
        "delete from meeting_attendances where meeting_id = $1",
        meeting.uuid()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into meeting_attendances (meeting_id, partner_id, is_present)
         select $1, given.partner, given.present from unnest($2::uuid[], $3::bool[]) as given (partner, present)
         join partners p on p.id = given.partner and p.programme_id = $4",
        meeting.uuid(),
        &partners,
        &present,
        programme.id.uuid()
    )
    .execute(&mut **tx)
    .await?;
    said(tx, programme, 1, ("présences enregistrées", &attendance)).await?;
    Ok(())
}

/// Adds or changes a decision of a meeting of the programme; false when somebody changed it since.
pub async fn save_decision(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    decision: &Decision,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into decisions (id, meeting_id, what, owner, due_on, state)
         select $1, m.id, $5, $6, $7, $8 from meetings m join programmes p on p.id = m.programme_id
         where m.id = $2 and p.id = $3 and p.territory_id = any($4)
         on conflict (id) do update set what = excluded.what, owner = excluded.owner, due_on = excluded.due_on,
            state = excluded.state, version = decisions.version + 1
         where decisions.meeting_id = $2 and decisions.version = $9",
        decision.id.uuid(),
        decision.meeting.uuid(),
        programme.id.uuid(),
        scope.territories(),
        decision.what,
        decision.owner,
        decision.due_on,
        decision.state as DecisionState,
        decision.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("décision enregistrée", decision),
    )
    .await
}

/// Adds or changes an action of communication; false when somebody changed it since.
pub async fn save_outreach(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    outreach: &Outreach,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into outreach (id, programme_id, kind, title, held_on, detail)
         select $1, p.id, $4, $5, $6, $7 from programmes p where p.id = $2 and p.territory_id = any($3)
         on conflict (id) do update set kind = excluded.kind, title = excluded.title, held_on = excluded.held_on,
            detail = excluded.detail, version = outreach.version + 1
         where outreach.programme_id = $2 and outreach.version = $8",
        outreach.id.uuid(),
        programme.id.uuid(),
        scope.territories(),
        outreach.kind as OutreachKind,
        outreach.title,
        outreach.held_on,
        outreach.detail,
        outreach.version
    )
    .execute(&mut **tx)
    .await?;
    said(
        tx,
        programme,
        saved.rows_affected(),
        ("action de communication enregistrée", outreach),
    )
    .await
}

/// Those on the committee first, then by name.
pub async fn partners(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<Partner>> {
    sqlx::query_as!(
        Partner,
        r#"select a.id as "id: PartnerId", a.name, a.kind as "kind: PartnerKind", a.is_on_committee, a.version
           from partners a join programmes p on p.id = a.programme_id
           where p.id = $1 and p.territory_id = $2 order by a.is_on_committee desc, folded(a.name), a.id"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// A meeting with how many came.
#[derive(Debug, Clone)]
pub struct MeetingRow {
    pub meeting: Meeting,
    pub invited: i64,
    pub present: i64,
    pub decisions: i64,
}

/// The latest first.
pub async fn meetings(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<MeetingRow>> {
    let rows = sqlx::query!(
        r#"select m.id as "id: MeetingId", m.kind as "kind: MeetingKind", m.held_on, m.is_held, m.agenda, m.version,
                  (select count(*) from meeting_attendances a where a.meeting_id = m.id) as "invited!",
                  (select count(*) from meeting_attendances a where a.meeting_id = m.id and a.is_present) as "present!",
                  (select count(*) from decisions d where d.meeting_id = m.id) as "decisions!"
           from meetings m join programmes p on p.id = m.programme_id
           where p.id = $1 and p.territory_id = $2 order by m.held_on desc, m.id desc"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| MeetingRow {
            meeting: Meeting {
                id: row.id,
                kind: row.kind,
                held_on: row.held_on,
                is_held: row.is_held,
                agenda: row.agenda,
                version: row.version,
            },
            invited: row.invited,
            present: row.present,
            decisions: row.decisions,
        })
        .collect())
}

/// Who was invited to a meeting.
pub async fn attendance(
    db: &mut PgConnection,
    scope: &AggregateScope,
    meeting: MeetingId,
) -> sqlx::Result<Vec<Attendance>> {
    sqlx::query_as!(
        Attendance,
        r#"select a.partner_id as "partner: PartnerId", a.is_present
           from meeting_attendances a join meetings m on m.id = a.meeting_id join programmes p on p.id = m.programme_id
           where m.id = $1 and p.territory_id = $2"#,
        meeting.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Every decision of the programme: what is still to do first, by date.
pub async fn decisions(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<Decision>> {
    sqlx::query_as!(
        Decision,
        r#"select d.id as "id: DecisionId", d.meeting_id as "meeting: MeetingId", d.what, d.owner, d.due_on,
                  d.state as "state: DecisionState", d.version
           from decisions d join meetings m on m.id = d.meeting_id join programmes p on p.id = m.programme_id
           where p.id = $1 and p.territory_id = $2
           order by d.state in ('done', 'dropped'), d.due_on nulls last, m.held_on desc, d.id"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// The latest first.
pub async fn outreach(
    db: &mut PgConnection,
    scope: &AggregateScope,
    programme: ProgrammeId,
) -> sqlx::Result<Vec<Outreach>> {
    sqlx::query_as!(
        Outreach,
        r#"select o.id as "id: OutreachId", o.kind as "kind: OutreachKind", o.title, o.held_on, o.detail, o.version
           from outreach o join programmes p on p.id = o.programme_id
           where p.id = $1 and p.territory_id = $2 order by o.held_on desc, o.id desc"#,
        programme.uuid(),
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}
