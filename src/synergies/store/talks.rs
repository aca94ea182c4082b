//! The words of companies, as recorded; each one moves the synergy as [`Talks`] says.

use super::steps::step_forward;
use super::{Refused, Synergy, find_within, lock, positions};
use crate::kernel::ids::{CompanyId, SynergyId, TerritoryId, UserId};
use crate::platform::access::{CompanyScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::letters;
use crate::synergies::model::{Kind, State, Step, StepKind};
use crate::synergies::talks::{Channel, NotNow, Talks, Word};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// A company's word, with who said it and how.
#[derive(Debug, Clone)]
pub struct Said {
    pub word: Word,
    pub channel: Channel,
    pub person: String,
    /// A code of the list of motives.
    pub motive: Option<&'static str>,
    pub comment: Option<String>,
}

/// A company of a synergy, with its last word.
#[derive(Debug, Clone)]
pub struct Voice {
    pub company: CompanyId,
    pub name: String,
    pub establishment: String,
    pub word: Option<Word>,
    pub channel: Option<Channel>,
    pub person: Option<String>,
    pub motive: Option<String>,
    pub comment: Option<String>,
    pub said_at: Option<DateTime<Utc>>,
    pub recorded_by: Option<String>,
    /// Accounts that may answer for it in its space.
    pub accounts: i64,
}

/// The companies that take part, by name of establishment. The caller checked the synergy's scope.
pub(in crate::synergies) async fn voices(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Vec<Voice>> {
    sqlx::query_as!(
        Voice,
        r#"select distinct on (c.id) c.id as "company: CompanyId", c.name, e.name as establishment,
                  w.word as "word?: Word", w.channel as "channel?: Channel", w.person as "person?", w.motive, w.comment,
                  w.said_at as "said_at?", u.name as "recorded_by?",
                  (select count(*) from user_roles r join users p on p.id = r.user_id
                   where r.company_id = c.id and p.suspended_at is null) as "accounts!"
           from synergy_members m join establishments e on e.id = m.establishment_id join companies c on c.id = e.company_id
           left join synergy_consents w on w.synergy_id = m.synergy_id and w.company_id = c.id
           left join users u on u.id = w.recorded_by
           where m.synergy_id = $1 and m.state <> 'withdrawn' order by c.id, m.side, e.name"#,
        id.uuid()
    )
    .fetch_all(db)
    .await
}

/// The companies that take part.
pub async fn companies(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Vec<CompanyId>> {
    Ok(voices(db, id)
        .await?
        .into_iter()
        .map(|voice| voice.company)
        .collect())
}

/// Where the talks of one synergy stand.
pub async fn talks(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Option<Talks>> {
    Ok(talks_of(db, &[id]).await?.remove(&id))
}

/// The same for several: a company's space shows all of its own at once.
pub async fn talks_of(db: &mut PgConnection, ids: &[SynergyId]) -> sqlx::Result<BTreeMap<SynergyId, Talks>> {
    let rows = sqlx::query!(
        r#"select distinct s.id as "id: SynergyId", s.kind as "kind: Kind", s.state as "state: State",
                  exists (select from introductions i where i.synergy_id = s.id and i.sent_at is not null) as "introduced!",
                  e.company_id as "company: CompanyId", w.word as "word?: Word"
           from synergies s join synergy_members m on m.synergy_id = s.id join establishments e on e.id = m.establishment_id
           left join synergy_consents w on w.synergy_id = s.id and w.company_id = e.company_id
           where s.id = any($1) and m.state <> 'withdrawn' order by 1"#,
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    let mut found = BTreeMap::<SynergyId, Vec<_>>::new();
    for row in rows {
        found.entry(row.id).or_default().push(row);
    }
    Ok(found
        .into_iter()
        .filter_map(|(id, rows)| {
            let first = rows.first()?;
            let words = rows.iter().map(|row| (row.company, row.word));
            Some((id, Talks::new(first.kind, first.state, first.introduced, words)))
        })
        .collect())
}

impl From<NotNow> for Refused {
    fn from(refusal: NotNow) -> Self {
        match refusal {
            NotNow::Stranger => Self::Missing,
            NotNow::Introduced | NotNow::Closed(_) | NotNow::NothingToWithdraw => Self::NotNow(refusal),
        }
    }
}

/// An advisor notes what a company said.
///
/// # Errors
/// [`Refused`] outside the scope, or when the word may not be said now.
pub async fn note(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    company: CompanyId,
    said: &Said,
) -> Result<Synergy, Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    hear(tx, synergy, company, said).await
}

/// An advisor decides to ask the companies: those that have a space receive a letter. Gives how many
/// letters leave.
///
/// # Errors
/// As [`super::advance_seen`].
pub async fn propose(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    seen: Option<i32>,
) -> Result<(Synergy, usize), Refused> {
    let synergy = super::advance_seen(tx, scope, id, seen, Step::ProposeContact).await?;
    let letters = letters::proposed(tx, &synergy, letters::Asking::First).await?;
    let talks = talks(tx, id).await?.ok_or(Refused::Missing)?;
    Ok((follow(tx, synergy, talks).await?, letters))
}

/// A company answers in its space, for those of its companies that take part.
///
/// # Errors
/// [`Refused`] when it takes no part, or when the word may not be said now.
pub async fn answer(
    tx: &mut Tx,
    scope: &CompanyScope,
    id: SynergyId,
    said: &Said,
) -> Result<Synergy, Refused> {
    let held = sqlx::query!(
        r#"select s.territory_id as "territory: TerritoryId" from synergies s
           where s.id = $1 and exists (select from synergy_members m join establishments e on e.id = m.establishment_id
                   where m.synergy_id = s.id and m.state <> 'withdrawn' and e.company_id = any($2)) for update"#,
        id.uuid(),
        scope.companies()
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(Refused::Missing)?;
    let mut synergy = find_within(tx, &[held.territory.uuid()], id)
        .await?
        .ok_or(Refused::Missing)?;
    let ours = voices(tx, id)
        .await?
        .into_iter()
        .filter(|voice| scope.companies().contains(&voice.company.uuid()));
    for voice in ours {
        synergy = hear(tx, synergy, voice.company, said).await?;
        letters::answered(tx, &synergy, &voice, said).await?;
    }
    Ok(synergy)
}

async fn hear(
    tx: &mut Tx,
    mut synergy: Synergy,
    company: CompanyId,
    said: &Said,
) -> Result<Synergy, Refused> {
    let id = synergy.id;
    let mut talks = talks(tx, id).await?.ok_or(Refused::Missing)?;
    let before = talks.word(company);
    talks.hear(company, said.word)?;
    let name = write(tx, id, company, said).await?;
    if said.word == Word::Agreed {
        positions::take_interest(tx, id, company).await?;
    }
    let words = match said.word {
        Word::Agreed => "est d’accord pour être mise en relation",
        Word::Later => "répond «\u{a0}pas maintenant\u{a0}»",
        Word::Declined => "n’est pas intéressée",
        Word::Withdrawn => "retire son accord",
    };
    let event = Event::on("synergy", id, format!("{name} {words}"))
        .within(synergy.territory_id)
        .before(&json!({ "company": company, "word": before }))
        .after(
            &json!({ "company": company, "word": said.word, "channel": said.channel, "motive": said.motive }),
        )
        .comment(said.comment.clone());
    tx.record(event).await?;
    if synergy.state == State::Silent {
        talks.step(StepKind::Hear)?;
        synergy = step_forward(tx, &synergy, Step::Hear).await?;
    }
    follow(tx, synergy, talks).await
}

/// Companies that gave no news are heard of again; those that know each other go on where they were.
///
/// # Errors
/// As [`super::advance_seen`].
pub async fn hear_again(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    seen: Option<i32>,
) -> Result<Synergy, Refused> {
    let synergy = super::advance_seen(tx, scope, id, seen, Step::Hear).await?;
    let talks = talks(tx, id).await?.ok_or(Refused::Missing)?;
    follow(tx, synergy, talks).await
}

/// Takes the steps that the words call for.
/// Who takes part changed: what the remaining words call for is done.
///
/// # Errors
/// [`Refused`] when it is not in the scope.
pub async fn settle(tx: &mut Tx, scope: &Scope, id: SynergyId) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let talks = talks(tx, id).await?.ok_or(Refused::Missing)?;
    follow(tx, synergy, talks).await?;
    Ok(())
}

async fn follow(tx: &mut Tx, mut synergy: Synergy, mut talks: Talks) -> Result<Synergy, Refused> {
    while let Some(step) = talks.called_for() {
        talks.step(step.kind())?;
        synergy = step_forward(tx, &synergy, step).await?;
    }
    Ok(synergy)
}

/// Writes the word over the last one; gives the company's name.
async fn write(tx: &mut Tx, id: SynergyId, company: CompanyId, said: &Said) -> sqlx::Result<String> {
    let (now, author) = (tx.now(), tx.author().user_id());
    sqlx::query_scalar!(
        r#"with written as (
               insert into synergy_consents (synergy_id, company_id, word, channel, person, motive, comment, recorded_by, said_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               on conflict (synergy_id, company_id) do update set word = excluded.word, channel = excluded.channel,
                       person = excluded.person, motive = excluded.motive, comment = excluded.comment,
                       recorded_by = excluded.recorded_by, said_at = excluded.said_at)
           select name from companies where id = $2"#,
        id.uuid(),
        company.uuid(),
        said.word as Word,
        said.channel as Channel,
        said.person,
        said.motive,
        said.comment,
        author.map(UserId::uuid),
        now
    )
    .fetch_one(&mut **tx)
    .await
}

/// Companies that were not introduced are asked anew.
pub(super) async fn forget(tx: &mut Tx, id: SynergyId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from synergy_consents c where c.synergy_id = $1
            and not exists (select from introductions i where i.synergy_id = c.synergy_id and i.sent_at is not null)",
        id.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Somebody who can be written to for a company of the synergy: a contact, or an account of its space.
#[derive(Debug, Clone)]
pub struct Reachable {
    pub key: String,
    pub company: CompanyId,
    pub user: Option<UserId>,
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
}

/// Who can be written to, one line per address. The caller checked the synergy's scope.
pub(in crate::synergies) async fn reachable(
    db: &mut PgConnection,
    id: SynergyId,
) -> sqlx::Result<Vec<Reachable>> {
    sqlx::query_as!(
        Reachable,
        r#"with sites as (select distinct e.id, e.company_id from synergy_members m join establishments e on e.id = m.establishment_id
                          where m.synergy_id = $1 and m.state <> 'withdrawn'),
                people as (
                    select 'compte:' || u.id as key, s.company_id, u.id as user_id, u.name, u.email, null::text as phone, 0 as rank
                    from (select distinct company_id from sites) s join user_roles r on r.company_id = s.company_id
                    join users u on u.id = r.user_id where u.suspended_at is null
                    union all
                    select 'contact:' || c.id, s.company_id, null, c.name, lower(c.email), c.phone, 1
                    from sites s join contacts c on c.establishment_id = s.id where c.email like '%_@_%')
           select distinct on (company_id, email) key as "key!", company_id as "company!: CompanyId", user_id as "user: UserId",
                  name as "name!", email as "email!", phone
           from people order by company_id, email, rank, key"#,
        id.uuid()
    )
    .fetch_all(db)
    .await
}
