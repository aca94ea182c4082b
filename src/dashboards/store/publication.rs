//! The public page: its setting, and what companies agreed to publish.

use crate::kernel::ids::{CompanyId, SynergyId, TerritoryId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Whether anybody may read it, and search engines list it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    pub is_public: bool,
    pub is_indexed: bool,
}

pub async fn setting(db: &mut PgConnection, territory: TerritoryId) -> sqlx::Result<Option<Setting>> {
    sqlx::query_as!(
        Setting,
        "select is_public, is_indexed from territories where id = $1",
        territory.uuid()
    )
    .fetch_optional(db)
    .await
}

pub async fn set(tx: &mut Tx, scope: &Scope, setting: Setting) -> sqlx::Result<()> {
    sqlx::query!(
        "update territories set is_public = $2, is_indexed = $3 where id = $1",
        scope.territory().uuid(),
        setting.is_public,
        setting.is_indexed
    )
    .execute(&mut **tx)
    .await?;
    let event = Event::on("territory", scope.territory(), "page publique réglée").within(scope.territory());
    tx.record(event.after(&setting)).await
}

/// A realised synergy and what may be said of it in public.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: SynergyId,
    pub title: String,
    pub written_title: Option<String>,
    pub story: Option<String>,
}

/// A company of it, and who agreed for it.
#[derive(Debug, Clone)]
pub struct Voice {
    pub synergy: SynergyId,
    pub company: CompanyId,
    pub name: String,
    pub person: Option<String>,
    pub said_on: Option<NaiveDate>,
}

pub async fn candidates(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as!(
        Candidate,
        r#"select s.id as "id: SynergyId", s.title, p.title as "written_title?", p.story as "story?"
           from synergies s left join publications p on p.synergy_id = s.id
           where s.territory_id = $1 and s.state in ('realised', 'durable') order by s.realised_on desc, s.number"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

pub async fn voices(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Voice>> {
    sqlx::query_as!(
        Voice,
        r#"select distinct s.id as "synergy: SynergyId", c.id as "company: CompanyId", c.name, pc.person as "person?", pc.said_on as "said_on?"
           from synergies s join synergy_members m on m.synergy_id = s.id and m.state <> 'withdrawn'
           join establishments e on e.id = m.establishment_id join companies c on c.id = e.company_id
           left join publication_consents pc on pc.synergy_id = s.id and pc.company_id = c.id
           where s.territory_id = $1 and s.state in ('realised', 'durable') order by c.name, c.id"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Writes what is published and who agreed; a company without a person has not agreed, or no longer does.
/// `false` when there is no such realised synergy.
pub async fn publish(
    tx: &mut Tx,
    scope: &Scope,
    synergy: SynergyId,
    (title, story): (&str, &str),
    agreed: &[(CompanyId, String)],
) -> sqlx::Result<bool> {
    let now = tx.now();
    // Who agreed, agreed to these words: others must be asked again.
    sqlx::query!(
        "delete from publication_consents c using publications p
         where c.synergy_id = $1 and p.synergy_id = c.synergy_id and (p.title <> $2 or p.story <> $3)",
        synergy.uuid(),
        title,
        story
    )
    .execute(&mut **tx)
    .await?;
    let written = sqlx::query!(
        "insert into publications (synergy_id, title, story, written_at)
         select id, $3, $4, $5 from synergies where id = $1 and territory_id = $2 and state in ('realised', 'durable')
         on conflict (synergy_id) do update set title = excluded.title, story = excluded.story, written_at = excluded.written_at",
        synergy.uuid(),
        scope.territory().uuid(),
        title,
        story,
        now
    )
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    consents(tx, synergy, agreed).await?;
    let event = Event::on("synergy", synergy, "publication et accords notés").within(scope.territory());
    tx.record(event.after(&(title, agreed.len()))).await?;
    Ok(true)
}

/// Who agreed, whoever did before.
async fn consents(tx: &mut Tx, synergy: SynergyId, agreed: &[(CompanyId, String)]) -> sqlx::Result<()> {
    let today = tx.today();
    let author = tx.author().user_id().map(|user| user.uuid());
    let companies: Vec<_> = agreed.iter().map(|(company, _)| company.uuid()).collect();
    let people: Vec<_> = agreed.iter().map(|(_, person)| person.clone()).collect();
    sqlx::query!(
        "delete from publication_consents where synergy_id = $1 and company_id <> all ($2)",
        synergy.uuid(),
        &companies
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into publication_consents (synergy_id, company_id, person, said_on, recorded_by)
         select $1, a.company, a.person, $4, $5 from unnest($2::uuid[], $3::text[]) as a (company, person)
         where a.company in (select e.company_id from synergy_members m join establishments e on e.id = m.establishment_id where m.synergy_id = $1)
         on conflict (synergy_id, company_id) do update set person = excluded.person
         where publication_consents.person <> excluded.person",
        synergy.uuid(),
        &companies,
        &people,
        today,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A synergy as anybody may read it.
#[derive(Debug, Clone)]
pub struct Published {
    pub title: String,
    pub story: String,
    pub realised_on: Option<NaiveDate>,
    pub companies: Vec<String>,
}

/// Those that every company in them agreed to publish, of a territory that shows itself.
pub async fn published(db: &mut PgConnection, territory: TerritoryId) -> sqlx::Result<Vec<Published>> {
    sqlx::query_as!(
        Published,
        r#"
        with members as (
            select distinct m.synergy_id, c.id, c.name, pc.person is not null as agreed
            from synergy_members m join establishments e on e.id = m.establishment_id join companies c on c.id = e.company_id
            left join publication_consents pc on pc.synergy_id = m.synergy_id and pc.company_id = c.id
            where m.state <> 'withdrawn'
        )
        select p.title, p.story, s.realised_on, array_agg(m.name order by m.name) as "companies!"
        from publications p join synergies s on s.id = p.synergy_id join territories t on t.id = s.territory_id
        join members m on m.synergy_id = s.id
        where s.territory_id = $1 and t.is_public and s.state in ('realised', 'durable')
        group by s.id, p.title, p.story, s.realised_on having bool_and(m.agreed)
        order by s.realised_on desc, p.title"#,
        territory.uuid()
    )
    .fetch_all(db)
    .await
}
