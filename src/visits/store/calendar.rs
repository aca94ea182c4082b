//! Visits by day, with where they are; and who may read an advisor's calendar.

use crate::kernel::Position;
use crate::kernel::ids::{EstablishmentId, TerritoryId, UserId, VisitId};
use crate::platform::access::{Scope, Token};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::visits::model::VisitStatus;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use sqlx::PgConnection;

/// How long a visit is thought to last before anybody noted it.
const USUAL_MINUTES: i32 = 90;

/// A visit of a day.
#[derive(Debug, Clone)]
pub struct Appointed {
    pub id: VisitId,
    pub on: NaiveDate,
    pub begins_at: Option<NaiveTime>,
    pub duration_minutes: Option<i32>,
    pub status: VisitStatus,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub address: Option<String>,
    pub postal_code: Option<String>,
    pub commune: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub advisors: Vec<String>,
}

impl Appointed {
    pub fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?).ok()
    }

    /// From when to when: an hour and a half unless it was told.
    pub fn hours(&self) -> Option<(NaiveTime, NaiveTime)> {
        let begins_at = self.begins_at?;
        let lasts = TimeDelta::minutes(i64::from(self.duration_minutes.unwrap_or(USUAL_MINUTES)));
        // Not beyond midnight: a calendar reads the hours of one day.
        let (ends_at, wrapped) = begins_at.overflowing_add_signed(lasts);
        let last = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or(begins_at);
        Some((begins_at, if wrapped == 0 { ends_at } else { last }))
    }

    /// « 14 h 30 ».
    pub fn hour(&self) -> Option<String> {
        self.begins_at.map(crate::kernel::hour)
    }

    /// « 12 rue du Pont, 41100 Vendôme »; none when nothing is known.
    pub fn place(&self) -> Option<String> {
        let town = match (&self.postal_code, &self.commune) {
            (Some(code), Some(name)) => Some(format!("{code} {name}")),
            (code, name) => code.clone().or_else(|| name.clone()),
        };
        let parts: Vec<String> = [self.address.clone(), town].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// The visits of the territory between two days, both included, cancelled ones left out; only those of one
/// advisor when given.
///
/// # Errors
/// Those of the database.
pub async fn appointed(
    db: &mut PgConnection,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
    advisor: Option<UserId>,
) -> sqlx::Result<Vec<Appointed>> {
    read(db, scope.territory(), (from, to), advisor).await
}

async fn read(
    db: &mut PgConnection,
    territory: TerritoryId,
    (from, to): (NaiveDate, NaiveDate),
    advisor: Option<UserId>,
) -> sqlx::Result<Vec<Appointed>> {
    sqlx::query_as!(
        Appointed,
        r#"select v.id as "id: VisitId", v.visit_on as "on", v.begins_at, v.duration_minutes, v.status as "status: VisitStatus",
                  e.id as "establishment_id: EstablishmentId", e.name as establishment, e.address, e.postal_code, c.name as "commune?",
                  e.latitude, e.longitude,
                  array(select u.name from visit_advisors a join users u on u.id = a.user_id where a.visit_id = v.id order by u.name) as "advisors!"
           from visits v join establishments e on e.id = v.establishment_id left join communes c on c.insee = e.insee
           where v.territory_id = $1 and v.visit_on between $2 and $3 and v.status <> 'cancelled'
             and ($4::uuid is null or exists (select from visit_advisors a where a.visit_id = v.id and a.user_id = $4))
           order by v.visit_on, v.begins_at nulls last, e.name, v.id"#,
        territory.uuid(),
        from,
        to,
        advisor.map(UserId::uuid)
    )
    .fetch_all(db)
    .await
}

/// Whose calendar an address opens.
#[derive(Debug, Clone, Copy)]
pub struct Feed {
    pub user: UserId,
    pub territory: TerritoryId,
}

/// The calendar of a secret address; none when it was revoked, or its owner suspended or gone from the
/// territory.
///
/// # Errors
/// Those of the database.
pub async fn feed(db: &mut PgConnection, token: &Token) -> sqlx::Result<Option<Feed>> {
    sqlx::query_as!(
        Feed,
        r#"select f.user_id as "user: UserId", f.territory_id as "territory: TerritoryId"
           from calendar_feeds f join users u on u.id = f.user_id and u.suspended_at is null
           where f.token_hash = $1 and exists (select from user_roles r where r.user_id = u.id
             and (r.role = 'admin' or r.territory_id = f.territory_id and r.role in ('pilot', 'advisor')))"#,
        token.hash()
    )
    .fetch_optional(db)
    .await
}

/// The visits of whoever owns the address.
///
/// # Errors
/// Those of the database.
pub async fn of_feed(
    db: &mut PgConnection,
    feed: Feed,
    (from, to): (NaiveDate, NaiveDate),
) -> sqlx::Result<Vec<Appointed>> {
    read(db, feed.territory, (from, to), Some(feed.user)).await
}

/// Whether somebody has an address.
///
/// # Errors
/// Those of the database.
pub async fn has_feed(db: &mut PgConnection, user: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from calendar_feeds where user_id = $1) as "any!""#,
        user.uuid()
    )
    .fetch_one(db)
    .await
}

/// A new address, which replaces the one before: only its fingerprint is kept.
///
/// # Errors
/// Those of the database.
pub async fn open_feed(tx: &mut Tx, scope: &Scope, user: UserId) -> sqlx::Result<Token> {
    let token = Token::fresh();
    let now = tx.now();
    sqlx::query!(
        "insert into calendar_feeds (user_id, territory_id, token_hash, created_at) values ($1, $2, $3, $4)
         on conflict (user_id) do update set territory_id = $2, token_hash = $3, created_at = $4",
        user.uuid(),
        scope.territory().uuid(),
        token.hash(),
        now
    )
    .execute(&mut **tx)
    .await?;
    tx.record(Event::on("user", user, "lien d’agenda créé")).await?;
    Ok(token)
}

/// Revokes it.
///
/// # Errors
/// Those of the database.
pub async fn close_feed(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from calendar_feeds where user_id = $1", user.uuid())
        .execute(&mut **tx)
        .await?;
    tx.record(Event::on("user", user, "lien d’agenda révoqué")).await
}
