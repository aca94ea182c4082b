//! The list of guests, their answers, and the links of their letters.

use crate::kernel::ids::{EstablishmentId, GuestId, UserId, WorkshopId};
use crate::platform::access::{Scope, Token};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::workshops::model::{GuestAnswer, Interest, Workshop};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A company worth asking.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: EstablishmentId,
    pub name: String,
    pub commune: Option<String>,
    pub has_email: bool,
    pub interest: Interest,
}

struct CandidateRow {
    id: EstablishmentId,
    name: String,
    commune: Option<String>,
    has_email: bool,
    proposals: i64,
    unserved: i64,
    presumed: i64,
    is_visited: bool,
    about: Vec<String>,
}

/// Companies with something to gain from the theme and not on the list yet, the most concerned first.
/// With `only`, those and no others, whatever speaks for them.
pub async fn candidates(
    db: &mut PgConnection,
    workshop: &Workshop,
    only: Option<&[uuid::Uuid]>,
) -> sqlx::Result<Vec<Candidate>> {
    let rows = sqlx::query_as!(
        CandidateRow,
        r#"with open as (
               select s.id, s.category, m.establishment_id, m.flow_id
               from synergies s join synergy_members m on m.synergy_id = s.id
               where s.territory_id = $1 and s.is_current
                 and is_to_settle(s.state)),
           judged as (
               select e.id, e.name, c.name as commune,
                      exists (select from contacts k where k.establishment_id = e.id and k.email like '%_@_%') as has_email,
                      (select count(distinct o.id) from open o
                       where o.establishment_id = e.id and (cardinality($2::text[]) = 0 or o.category = any($2))) as proposals,
                      (select count(*) from flows f
                       where f.establishment_id = e.id and f.deleted_at is null and cardinality($2::text[]) > 0 and f.category = any($2)
                         and not exists (select from open o where o.flow_id = f.id)) as unserved,
                      (select count(*) from presumed_flows p
                       where p.establishment_id = e.id and p.probability >= 0.5 and p.category = any($2)) as presumed,
                      exists (select from visits v where v.establishment_id = e.id and v.status in ('done', 'validated')) as is_visited,
                      array(select o.category from open o
                            where o.establishment_id = e.id and o.category is not null and (cardinality($2::text[]) = 0 or o.category = any($2))
                            group by o.category order by count(*) desc, o.category limit 2) as about
               from establishments e left join communes c on c.insee = e.insee
               where e.territory_id = $1 and e.archived_at is null and ($4::uuid[] is null or e.id = any($4))
                 and not exists (select from workshop_guests g where g.workshop_id = $3 and g.establishment_id = e.id))
           select id as "id!: EstablishmentId", name as "name!", commune, has_email as "has_email!", proposals as "proposals!",
                  unserved as "unserved!", presumed as "presumed!", is_visited as "is_visited!", about as "about!: Vec<String>"
           from judged where $4::uuid[] is not null or proposals + unserved + presumed > 0
           order by proposals desc, unserved desc, presumed desc, name, id limit 60"#,
        workshop.territory_id.uuid(),
        &workshop.categories,
        workshop.id.uuid(),
        only
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Candidate::from).collect())
}

impl From<CandidateRow> for Candidate {
    fn from(row: CandidateRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            commune: row.commune,
            has_email: row.has_email,
            interest: Interest {
                proposals: row.proposals,
                unserved: row.unserved,
                presumed: row.presumed,
                is_visited: row.is_visited,
                about: crate::workshops::category_labels(&row.about),
            },
        }
    }
}

/// Puts a company on the list; gives whether it was not there.
pub async fn add(
    tx: &mut Tx,
    workshop: &Workshop,
    establishment: EstablishmentId,
    reason: &str,
) -> sqlx::Result<Option<GuestId>> {
    sqlx::query_scalar!(
        r#"insert into workshop_guests (id, workshop_id, establishment_id, reason) values ($1, $2, $3, $4)
           on conflict on constraint workshop_guests_key do nothing returning id as "id: GuestId""#,
        GuestId::fresh().uuid(),
        workshop.id.uuid(),
        establishment.uuid(),
        reason
    )
    .fetch_optional(&mut **tx)
    .await
}

/// A company of the territory that is called so.
pub(in crate::workshops) async fn named(
    tx: &mut Tx,
    workshop: &Workshop,
    name: &str,
) -> sqlx::Result<Option<EstablishmentId>> {
    sqlx::query_scalar!(
        r#"select id as "id: EstablishmentId" from establishments
           where territory_id = $1 and archived_at is null and folded(name) = folded($2) order by created_at, id limit 1"#,
        workshop.territory_id.uuid(),
        name
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Puts a company on the list because it is there, invited or not.
pub(in crate::workshops) async fn welcome(
    tx: &mut Tx,
    workshop: &Workshop,
    establishment: EstablishmentId,
    reason: &str,
) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into workshop_guests (id, workshop_id, establishment_id, reason, answer, answered_at) values ($1, $2, $3, $4, 'yes', $5)
         on conflict on constraint workshop_guests_key do update set answer = 'yes', answered_at = excluded.answered_at",
        GuestId::fresh().uuid(),
        workshop.id.uuid(),
        establishment.uuid(),
        reason,
        now
    )
    .execute(&mut **tx)
    .await?;
    tx.record(
        Event::on("workshop", workshop.id, "entreprise venue le jour même").within(workshop.territory_id),
    )
    .await
}

/// Takes a company off the list, unless it was invited already.
pub(in crate::workshops) async fn remove(
    tx: &mut Tx,
    workshop: &Workshop,
    guest: GuestId,
) -> sqlx::Result<bool> {
    let gone = sqlx::query!(
        "delete from workshop_guests where id = $1 and workshop_id = $2 and invited_at is null and is_present is null",
        guest.uuid(),
        workshop.id.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() == 1)
}

/// A guest, with whom to write to.
#[derive(Debug, Clone)]
pub struct Guest {
    pub id: GuestId,
    pub establishment_id: EstablishmentId,
    pub name: String,
    pub commune: Option<String>,
    pub activity: Option<String>,
    pub reason: String,
    pub answer: GuestAnswer,
    pub person: Option<String>,
    pub people: i32,
    pub comment: Option<String>,
    pub invited_at: Option<DateTime<Utc>>,
    pub reminded_at: Option<DateTime<Utc>>,
    pub is_present: Option<bool>,
    pub mark: Option<i16>,
    pub mark_comment: Option<String>,
    pub contact: Option<String>,
    pub email: Option<String>,
    /// The account of that contact, which may refuse such letters.
    pub user: Option<UserId>,
}

impl Guest {
    /// Who is expected: the person named, else the contact.
    pub fn expected(&self) -> Option<&str> {
        self.person.as_deref().or(self.contact.as_deref())
    }
    pub fn comes(&self) -> bool {
        self.answer == GuestAnswer::Yes
    }
}

/// The guests of a workshop of the scope, by name.
pub async fn of_workshop(
    db: &mut PgConnection,
    scope: &Scope,
    workshop: WorkshopId,
) -> sqlx::Result<Vec<Guest>> {
    sqlx::query_as!(
        Guest,
        r#"select g.id as "id: GuestId", g.establishment_id as "establishment_id: EstablishmentId", e.name, c.name as "commune?", e.activity, g.reason, g.answer as "answer: GuestAnswer", g.person, g.people, g.comment, g.invited_at, g.reminded_at,
                  g.is_present, g.mark, g.mark_comment, k.name as "contact?", k.email as "email?", u.id as "user?: UserId"
           from workshop_guests g join workshops w on w.id = g.workshop_id join establishments e on e.id = g.establishment_id
             left join communes c on c.insee = e.insee
             left join lateral (select name, email from contacts where establishment_id = e.id and email like '%_@_%'
                                order by created_at, id limit 1) k on true
             left join users u on u.email = lower(k.email) and u.suspended_at is null
           where g.workshop_id = $1 and w.territory_id = any($2) order by e.folded_name, g.id"#,
        workshop.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// What a guest says, or what an advisor notes for it.
#[derive(Debug, Clone)]
pub struct Said {
    pub answer: GuestAnswer,
    pub person: Option<String>,
    pub people: i32,
    pub comment: Option<String>,
}

pub async fn answer(tx: &mut Tx, workshop: &Workshop, guest: GuestId, said: &Said) -> sqlx::Result<bool> {
    let now = tx.now();
    let saved = sqlx::query!(
        "update workshop_guests set answer = $3, person = $4, people = $5, comment = coalesce($6, comment), answered_at = $7
         where id = $1 and workshop_id = $2",
        guest.uuid(),
        workshop.id.uuid(),
        said.answer as GuestAnswer,
        said.person,
        said.people,
        said.comment,
        now
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    // Chairs follow who comes.
    let people = if said.answer == GuestAnswer::Yes {
        said.people
    } else {
        0
    };
    sqlx::query!(
        "delete from workshop_seats where guest_id = $1 and rank > $2",
        guest.uuid(),
        people
    )
    .execute(&mut **tx)
    .await?;
    let words = format!("une réponse d’invité\u{a0}: {}", said.answer.label());
    tx.record(Event::on("workshop", workshop.id, words).within(workshop.territory_id))
        .await?;
    Ok(true)
}

/// A link for one letter; those of earlier letters stay good.
pub(in crate::workshops) async fn link(tx: &mut Tx, guest: GuestId) -> sqlx::Result<Token> {
    let token = Token::fresh();
    let now = tx.now();
    sqlx::query!(
        "insert into workshop_links (token_hash, guest_id, created_at) values ($1, $2, $3)",
        token.hash(),
        guest.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(token)
}

pub(in crate::workshops) async fn invited(tx: &mut Tx, guest: GuestId) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update workshop_guests set reminded_at = case when invited_at is null then reminded_at else $2 end,
                invited_at = coalesce(invited_at, $2) where id = $1",
        guest.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whose link it is: the workshop and the guest, for whoever holds it, up to two months after the day.
#[derive(Debug, Clone)]
pub(in crate::workshops) struct Linked {
    pub(in crate::workshops) guest: GuestId,
    pub(in crate::workshops) workshop: WorkshopId,
    pub establishment: String,
    pub answer: GuestAnswer,
    pub person: Option<String>,
    pub people: i32,
    pub mark: Option<i16>,
    pub host: Option<String>,
}

pub(in crate::workshops) async fn linked(
    db: &mut PgConnection,
    token: &Token,
    today: chrono::NaiveDate,
) -> sqlx::Result<Option<(Linked, Workshop)>> {
    let linked = sqlx::query_as!(
        Linked,
        r#"select g.id as "guest: GuestId", w.id as "workshop: WorkshopId",
                  e.name as establishment, g.answer as "answer: GuestAnswer", g.person, g.people, g.mark,
                  o.name as "host?"
           from workshop_links l join workshop_guests g on g.id = l.guest_id join workshops w on w.id = g.workshop_id
             join establishments e on e.id = g.establishment_id
             left join users u on u.id = w.owner_id left join organisations o on o.id = u.organisation_id
           where l.token_hash = $1 and w.held_on + 60 >= $2"#,
        token.hash(),
        today
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(linked) = linked else { return Ok(None) };
    let workshop = super::of_link(db, linked.workshop).await?;
    Ok(workshop.map(|workshop| (linked, workshop)))
}
