//! The erasure of a company's data, in one transaction: what names it or its people goes, wherever it is
//! written; what public money paid for, and what indicators count, stays without a name.

use crate::accounts::store::User;
use crate::kernel::ids::{CompanyId, ErasureId, SynergyId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::portal::letters;
use crate::synergies::store::{self as synergies, Refused};
use crate::synergies::{Motive, State, Step};
use sqlx::PgConnection;

/// Stands for what was written.
const HIDDEN: &str = "[effacé]";
/// Shorter words are too common to be hidden everywhere.
const SHORTEST: usize = 8;

/// What an erasure takes away, and what it leaves.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub contacts: i64,
    pub accounts: i64,
    pub flows: i64,
    pub visits: i64,
    /// Synergies that stop.
    pub stopped: i64,
    /// Synergies whose results stay counted, without a name.
    pub kept: i64,
}

/// A request that waits, with the company it is about.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: ErasureId,
    pub territory_id: TerritoryId,
    pub company_id: CompanyId,
    pub company: String,
    pub comment: Option<String>,
    pub asked_by: Option<UserId>,
    pub extent: Extent,
}

pub async fn waiting(db: &mut PgConnection, scope: &Scope, id: ErasureId) -> sqlx::Result<Option<Waiting>> {
    let row = sqlx::query!(
        r#"select r.territory_id as "territory: TerritoryId", r.company_id as "company_id: CompanyId", c.name, r.comment,
                  r.asked_by as "asked_by: UserId"
           from erasure_requests r join companies c on c.id = r.company_id
           where r.id = $1 and r.territory_id = any($2) and r.answered_at is null"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Waiting {
        id,
        territory_id: row.territory,
        company_id: row.company_id,
        company: row.name,
        comment: row.comment,
        asked_by: row.asked_by,
        extent: extent(db, row.company_id).await?,
    }))
}

async fn extent(db: &mut PgConnection, company: CompanyId) -> sqlx::Result<Extent> {
    sqlx::query_as!(
        Extent,
        r#"with sites as (select id from establishments where company_id = $1),
                parts as (select distinct s.id, s.kind, s.state from synergies s join synergy_members m on m.synergy_id = s.id
                          where m.establishment_id in (select id from sites))
           select (select count(*) from contacts where establishment_id in (select id from sites)) as "contacts!",
                  (select count(distinct user_id) from user_roles where company_id = $1) as "accounts!",
                  (select count(*) from flows where establishment_id in (select id from sites) and deleted_at is null) as "flows!",
                  (select count(*) from visits where establishment_id in (select id from sites)) as "visits!",
                  (select count(*) from parts where kind <> 'mutualisation' and state not in ('realised', 'durable', 'interrupted', 'rejected', 'abandoned', 'duplicate')) as "stopped!",
                  (select count(*) from parts where state in ('realised', 'durable', 'interrupted')) as "kept!""#,
        company.uuid()
    )
    .fetch_one(db)
    .await
}

/// Carries it out, once; `false` when somebody answered first.
///
/// # Errors
/// Those of the database.
pub async fn erase(tx: &mut Tx, scope: &Scope, request: &Waiting, answer: &str) -> Result<bool, Refused> {
    if !settle(tx, request, answer).await? {
        tx.nothing_to_record();
        return Ok(false);
    }
    let asker = match request.asked_by {
        Some(user) => crate::accounts::store::find(tx, user).await?,
        None => None,
    };
    let words = people(tx, request.company_id).await?;
    stop(tx, scope, request.company_id).await?;
    allow(tx, "on").await?;
    told(tx, request.company_id).await?;
    imports(tx, &words).await?;
    journal(tx, request.company_id).await?;
    identity(tx, request.company_id).await?;
    hide(tx, &words).await?;
    allow(tx, "off").await?;
    let event = Event::on(
        "company",
        request.company_id,
        "données effacées à la demande de l’entreprise",
    );
    tx.record(event.within(request.territory_id)).await?;
    tell(tx, request, asker, answer).await?;
    Ok(true)
}

/// What the company said, gave and was told, wherever it stands.
async fn told(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    accounts(tx, company).await?;
    visits(tx, company).await?;
    flows(tx, company).await?;
    talks(tx, company).await?;
    studies(tx, company).await?;
    workshops(tx, company).await
}

async fn hide(tx: &mut Tx, words: &[String]) -> sqlx::Result<()> {
    sqlx::query!("select hide_words($1, $2)", words, HIDDEN)
        .fetch_one(&mut **tx)
        .await?;
    Ok(())
}

async fn tell(tx: &mut Tx, request: &Waiting, asker: Option<User>, answer: &str) -> sqlx::Result<()> {
    if let Some(asker) = asker {
        letters::erased(tx, &asker, request.territory_id, answer).await?;
    }
    let territory = request.territory_id;
    crate::platform::jobs::enqueue(tx, &crate::flows::FlowsChanged { territory }).await?;
    Ok(())
}

/// The journal lets its words be hidden, in this transaction only.
async fn allow(tx: &mut Tx, switch: &str) -> sqlx::Result<()> {
    sqlx::query!("select set_config('maillage.erasing', $1, true)", switch)
        .fetch_one(&mut **tx)
        .await?;
    Ok(())
}

async fn settle(tx: &mut Tx, request: &Waiting, answer: &str) -> sqlx::Result<bool> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let settled = sqlx::query!(
        "update erasure_requests set answer = $2, answered_by = $3, answered_at = $4, comment = null
         where id = $1 and answered_at is null",
        request.id.uuid(),
        answer,
        author.map(UserId::uuid),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// The names, addresses and numbers of the company's people, as they were written.
async fn people(tx: &mut Tx, company: CompanyId) -> sqlx::Result<Vec<String>> {
    let words = sqlx::query_scalar!(
        r#"with sites as (select id from establishments where company_id = $1)
           select distinct word as "word!" from (
               select unnest(array[name, email, lower(email), phone]) from contacts where establishment_id in (select id from sites)
               union all
               select unnest(array[u.name, u.email]) from users u
                 where exists (select from user_roles r where r.user_id = u.id and r.company_id = $1)
               union all select person from synergy_consents where company_id = $1
               union all select person from publication_consents where company_id = $1
               union all select person from workshop_guests where establishment_id in (select id from sites)
               union all select contact_met from visits where establishment_id in (select id from sites)) found (word)
           where word is not null"#,
        company.uuid()
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut words: Vec<String> = words.into_iter().map(|word| word.trim().to_owned()).collect();
    words.retain(|word| word.chars().count() >= SHORTEST);
    // The longest first: « Camille Essai-Roux » before « Camille Essai ».
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    Ok(words)
}

/// Synergies that have not given anything yet stop, as after a refusal; groups go on without it.
async fn stop(tx: &mut Tx, scope: &Scope, company: CompanyId) -> Result<(), Refused> {
    let open = sqlx::query!(
        r#"select distinct s.id as "id: SynergyId", s.state as "state: State" from synergies s
             join synergy_members m on m.synergy_id = s.id join establishments e on e.id = m.establishment_id
           where e.company_id = $1 and s.kind <> 'mutualisation'"#,
        company.uuid()
    )
    .fetch_all(&mut **tx)
    .await?;
    let Some(motive) = Motive::find("refusal") else {
        return Ok(());
    };
    sqlx::query!(
        "update synergy_members m set state = 'withdrawn' from synergies s, establishments e
         where s.id = m.synergy_id and e.id = m.establishment_id and e.company_id = $1 and s.kind = 'mutualisation' and s.realised_on is null",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    for row in open {
        let steps = match row.state {
            State::Proposed | State::UnderReview => vec![reject(motive)],
            State::Prevalidated | State::Asleep => vec![Step::Resume, reject(motive)],
            State::ContactProposed | State::Agreed | State::Studied | State::Implementing | State::Silent => {
                vec![Step::Abandon {
                    motive,
                    comment: None,
                }]
            }
            State::Realised
            | State::Durable
            | State::Interrupted
            | State::Rejected
            | State::Abandoned
            | State::Duplicate => Vec::new(),
        };
        for step in steps {
            synergies::advance(tx, scope, row.id, step).await?;
        }
    }
    Ok(())
}

fn reject(motive: &'static Motive) -> Step {
    Step::Reject {
        motive,
        comment: None,
    }
}

/// Contacts, and the accounts that only this company gave.
async fn accounts(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "delete from letters where recipient in (
             select c.email from contacts c join establishments e on e.id = c.establishment_id where e.company_id = $1 and c.email is not null
             union select u.email from users u join user_roles r on r.user_id = u.id where r.company_id = $1)",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from contacts c using establishments e where e.id = c.establishment_id and e.company_id = $1",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    let left = sqlx::query_scalar!(
        "delete from user_roles where company_id = $1 returning user_id",
        company.uuid()
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update users u set name = 'Compte effacé', email = 'efface-' || u.id || '@exemple.invalid', password_hash = null,
                specialities = '{}', suspended_at = $2, version = version + 1
         where u.id = any($1) and not exists (select from user_roles r where r.user_id = u.id)",
        &left,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from sessions s using users u where u.id = s.user_id and u.id = any($1) and u.suspended_at = $2",
        &left,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// That a visit took place stays; what was said there goes.
async fn visits(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    sqlx::query!(
        "with gone as (select v.id from visits v join establishments e on e.id = v.establishment_id where e.company_id = $1),
              answers as (delete from visit_answers where visit_id in (select id from gone)),
              cells as (delete from visit_cells where visit_id in (select id from gone)),
              lines as (update visit_flows set label = 'flux effacé', outlet = null where visit_id in (select id from gone))
         update visits set notes = null, contact_met = null where id in (select id from gone)",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Flows are withdrawn for good, with what the company asked about them.
async fn flows(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "with sites as (select id from establishments where company_id = $1),
              gone as (select id from flows where establishment_id in (select id from sites)),
              asked as (delete from flow_corrections where establishment_id in (select id from sites)),
              ideas as (delete from company_ideas where establishment_id in (select id from sites)),
              presumed as (delete from presumed_flows where establishment_id in (select id from sites)),
              said as (delete from comments where establishment_id in (select id from sites) or flow_id in (select id from gone)),
              lots as (delete from batch_rows where row_id in (select id from gone) or row_id in (select id from sites))
         update flows set label = 'flux effacé', reference = null, quality = null, outlet = null, annual_cost_eur = null,
                contract_end_on = null, deleted_at = coalesce(deleted_at, $2), updated_at = $2, version = version + 1
         where id in (select id from gone)",
        company.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What was said with the company about its synergies.
async fn talks(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    sqlx::query!(
        "with parts as (select distinct m.synergy_id as id from synergy_members m join establishments e on e.id = m.establishment_id
                        where e.company_id = $1),
              words as (update synergy_consents set person = 'personne effacée', comment = null where company_id = $1),
              letters as (update introductions set subject = 'Mise en relation', body = 'Message effacé.', recipients = '{}'
                          where synergy_id in (select id from parts)),
              meetings as (update synergy_meetings set place = 'lieu effacé', attendees = null
                           where synergy_id in (select id from parts)),
              stories as (delete from publications where synergy_id in (select id from parts)),
              said as (delete from comments where synergy_id in (select id from parts))
         update satisfactions set comment = null, may_quote = false, given_by = null where company_id = $1",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What was written about its synergies. Results, and the files that prove them, stay: public money paid for them.
async fn studies(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    sqlx::query!(
        "with parts as (select distinct s.id, s.state from synergies s join synergy_members m on m.synergy_id = s.id
                          join establishments e on e.id = m.establishment_id where e.company_id = $1),
              checks as (update feasibility_checks set comment = null where synergy_id in (select id from parts)),
              law as (update regulatory_checks set note = null where synergy_id in (select id from parts)),
              acts as (delete from next_actions where synergy_id in (select id from parts)),
              studies as (delete from synergy_studies where synergy_id in (select id from parts)),
              files as (delete from synergy_files where synergy_id in (
                          select id from parts where state not in ('realised', 'durable', 'interrupted')))
         update synergies s set motive_comment = null, title = coalesce((select c.label from flow_categories c where c.code = s.category), 'Synergie'),
                explanation = case when s.explanation #> '{proposal,hand}' is null then s.explanation - 'said'
                              else jsonb_set(s.explanation - 'said', '{proposal,hand,note}', '\"\"') end
         where s.id in (select id from parts)",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn workshops(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    sqlx::query!(
        "with sites as (select id from establishments where company_id = $1),
              links as (delete from workshop_links where guest_id in (
                          select id from workshop_guests where establishment_id in (select id from sites))),
              acts as (delete from next_actions where establishment_id in (select id from sites)),
              ideas as (update workshop_ideas set label = 'idée effacée'
                        where giver_id in (select id from sites) or taker_id in (select id from sites))
         update workshop_guests set person = null, comment = null, mark_comment = null, reason = ''
         where establishment_id in (select id from sites)",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The files that brought its people in.
async fn imports(tx: &mut Tx, words: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from import_files f where exists (
             select from import_rows r, unnest($1::text[]) w (word) where r.import_id = f.import_id and strpos(r.cells::text, w.word) > 0)",
        words
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// That something was done, by whom and when, stays; what it was done to goes, but for the states of synergies that
/// every delay is counted from.
async fn journal(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    sqlx::query!(
        "with sites as (select id from establishments where company_id = $1),
              things as (select $1::uuid as id union select id from sites
                         union select id from flows where establishment_id in (select id from sites)
                         union select id from visits where establishment_id in (select id from sites))
         update journal set before = null, after = null, comment = null where subject_id in (select id from things)",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "with names as (select name from establishments where company_id = $1 union select name from companies where id = $1),
              parts as (select distinct m.synergy_id as id from synergy_members m join establishments e on e.id = m.establishment_id
                        where e.company_id = $1)
         update journal j set comment = null, before = before - 'title', after = after - 'title',
                action = coalesce((select replace(j.action, n.name, 'un établissement') from names n
                                   where strpos(j.action, n.name) > 0 order by length(n.name) desc limit 1), j.action)
         where j.subject_id in (select id from parts)",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Its name and place. Activity, size and commune stay, for indicators.
async fn identity(tx: &mut Tx, company: CompanyId) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update establishments set name = 'Établissement effacé', reference = null, siret = null, activity = null, address = null,
                postal_code = null, latitude = null, longitude = null, position_source = null, notes = null,
                archived_at = coalesce(archived_at, $2), updated_at = $2, version = version + 1
         where company_id = $1",
        company.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update companies set name = 'Entreprise effacée', siren = null where id = $1",
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
