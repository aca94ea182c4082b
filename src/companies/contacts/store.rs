use super::Contact;
use crate::companies::model::Establishment;
use crate::kernel::ids::{ContactId, EstablishmentId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::{Event, initials};
use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;

/// What the journal keeps of a contact. The journal cannot be erased, a person's data must be able
/// to: it says that something changed and what kind of thing, never the name, address or number.
#[derive(Serialize)]
struct Trace {
    initials: String,
    job_title: Option<String>,
    has_email: bool,
    has_phone: bool,
    informed_on: Option<NaiveDate>,
}

impl From<&Contact> for Trace {
    fn from(contact: &Contact) -> Self {
        Self {
            initials: initials(&contact.name),
            job_title: contact.job_title.clone(),
            has_email: contact.email.is_some(),
            has_phone: contact.phone.is_some(),
            informed_on: contact.informed_on,
        }
    }
}

fn event(establishment: &Establishment, action: &str) -> Event {
    Event::on("establishment", establishment.id, action).within(establishment.territory_id)
}

/// The contacts of an establishment, by name.
pub async fn of_establishment(
    db: &mut PgConnection,
    scope: &Scope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<Contact>> {
    sqlx::query_as!(
        Contact,
        r#"select c.id as "id: ContactId", c.establishment_id as "establishment_id: EstablishmentId", c.name, c.job_title,
                  c.email, c.phone, c.informed_on, c.version
           from contacts c join establishments e on e.id = c.establishment_id
           where c.establishment_id = $1 and e.territory_id = any($2) order by folded(c.name), c.id"#,
        establishment.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

pub async fn find(db: &mut PgConnection, scope: &Scope, id: ContactId) -> sqlx::Result<Option<Contact>> {
    sqlx::query_as!(
        Contact,
        r#"select c.id as "id: ContactId", c.establishment_id as "establishment_id: EstablishmentId", c.name, c.job_title,
                  c.email, c.phone, c.informed_on, c.version
           from contacts c join establishments e on e.id = c.establishment_id
           where c.id = $1 and e.territory_id = any($2) and e.archived_at is null"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Adds a contact. Adding the same identifier twice (a form sent again) changes nothing and gives `false`.
pub async fn insert(tx: &mut Tx, establishment: &Establishment, contact: &Contact) -> sqlx::Result<bool> {
    let now = tx.now();
    let inserted = sqlx::query!(
        "insert into contacts (id, establishment_id, name, job_title, email, phone, informed_on, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        contact.id.uuid(),
        establishment.id.uuid(),
        contact.name,
        contact.job_title,
        contact.email,
        contact.phone,
        contact.informed_on,
        now
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    tx.record(event(establishment, "contact ajouté").after(&Trace::from(contact)))
        .await?;
    Ok(true)
}

/// Saves over `before`; gives `false` when someone else saved first.
pub async fn save(
    tx: &mut Tx,
    establishment: &Establishment,
    before: &Contact,
    after: &Contact,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "update contacts set name = $2, job_title = $3, email = $4, phone = $5, informed_on = $6, version = version + 1
         where id = $1 and version = $7",
        after.id.uuid(),
        after.name,
        after.job_title,
        after.email,
        after.phone,
        after.informed_on,
        before.version
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let event = event(establishment, "contact modifié")
        .before(&Trace::from(before))
        .after(&Trace::from(after));
    tx.record(event).await?;
    Ok(true)
}

/// Erases a contact for good.
pub async fn delete(tx: &mut Tx, establishment: &Establishment, contact: &Contact) -> sqlx::Result<()> {
    let deleted = sqlx::query!("delete from contacts where id = $1", contact.id.uuid())
        .execute(&mut **tx)
        .await?;
    if deleted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(());
    }
    tx.record(event(establishment, "contact effacé").before(&Trace::from(contact)))
        .await
}
