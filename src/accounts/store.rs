use super::model::{Email, Speciality};
use crate::kernel::ids::{CompanyId, OrganisationId, TerritoryId, UserId};
use crate::platform::access::{Grant, Role, Token};
use crate::platform::db::Tx;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

mod charge;

pub use charge::{acting, in_charge};

/// How long a link to choose a password opens something.
pub(super) const INVITATION_LIFE: Duration = Duration::days(7);
pub(super) const RESET_LIFE: Duration = Duration::hours(1);

/// What signing in compares with.
pub(super) struct Credentials {
    pub(super) user: UserId,
    pub(super) password_hash: Option<String>,
}

pub(super) async fn credentials(db: &mut PgConnection, email: &Email) -> sqlx::Result<Option<Credentials>> {
    sqlx::query_as!(
        Credentials,
        r#"select id as "user: UserId", password_hash from users where email = $1 and suspended_at is null"#,
        email.as_str()
    )
    .fetch_optional(db)
    .await
}

/// The password of somebody already known, to be confirmed.
pub(super) async fn password_hash(db: &mut PgConnection, user: UserId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select password_hash from users where id = $1 and suspended_at is null",
        user.uuid()
    )
    .fetch_optional(db)
    .await
    .map(Option::flatten)
}

/// A person, as their account page and the administrator see them.
#[derive(Debug, Clone, serde::Serialize)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub organisation_id: Option<OrganisationId>,
    pub organisation: Option<String>,
    pub specialities: Vec<String>,
    pub has_password: bool,
    pub suspended_at: Option<DateTime<Utc>>,
    pub version: i32,
}

pub async fn find(db: &mut PgConnection, id: UserId) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        r#"select u.id as "id: UserId", u.email, u.name, u.organisation_id as "organisation_id: OrganisationId",
                  o.name as "organisation?", u.specialities, u.password_hash is not null as "has_password!", u.suspended_at, u.version
           from users u left join organisations o on o.id = u.organisation_id where u.id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

pub async fn find_by_email(db: &mut PgConnection, email: &Email) -> sqlx::Result<Option<UserId>> {
    sqlx::query_scalar!(
        r#"select id as "id: UserId" from users where email = $1"#,
        email.as_str()
    )
    .fetch_optional(db)
    .await
}

/// Somebody who may sign in, by the fingerprint of the address ([`Email::hash`]).
pub(super) async fn find_by_hash(db: &mut PgConnection, hash: &str) -> sqlx::Result<Option<User>> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: UserId" from users
           where encode(sha256(convert_to(email, 'UTF8')), 'hex') = $1 and suspended_at is null"#,
        hash
    )
    .fetch_optional(&mut *db)
    .await?;
    match id {
        Some(id) => find(db, id).await,
        None => Ok(None),
    }
}

/// What is needed to open an account.
pub struct NewUser {
    pub id: UserId,
    pub email: Email,
    pub name: String,
    pub organisation: Option<OrganisationId>,
    pub specialities: Vec<Speciality>,
    pub password_hash: Option<String>,
}

/// Opens an account. Opening the same one twice (a form sent again) changes nothing and gives `false`.
pub async fn insert(tx: &mut Tx, user: &NewUser) -> sqlx::Result<bool> {
    let now = tx.now();
    let specialities: Vec<_> = user.specialities.iter().map(|s| s.code().to_owned()).collect();
    let inserted = sqlx::query!(
        "insert into users (id, email, name, organisation_id, specialities, password_hash, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
        user.id.uuid(),
        user.email.as_str(),
        user.name,
        user.organisation.map(|o| o.uuid()),
        &specialities,
        user.password_hash,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Gives a role; giving it twice changes nothing.
pub async fn grant(
    tx: &mut Tx,
    user: UserId,
    role: Role,
    territory: Option<TerritoryId>,
    company: Option<CompanyId>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into user_roles (id, user_id, role, territory_id, company_id) values ($1, $2, $3, $4, $5)
         on conflict on constraint user_roles_key do nothing",
        UserId::fresh().uuid(),
        user.uuid(),
        role as Role,
        territory.map(|t| t.uuid()),
        company.map(|c| c.uuid())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes a role back.
pub async fn revoke(tx: &mut Tx, user: UserId, grant: &Grant) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from user_roles where user_id = $1 and role = $2 and territory_id is not distinct from $3
            and company_id is not distinct from $4",
        user.uuid(),
        grant.role as Role,
        grant.territory_id.map(|t| t.uuid()),
        grant.company_id.map(|c| c.uuid())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An account held still until the end of the transaction, roles included.
#[derive(Debug, Clone)]
pub struct Locked {
    pub email: String,
    pub suspended_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub grants: Vec<Grant>,
}

/// `no key`: the journal may still refer to this person, as an author acting at the same time.
pub async fn lock(tx: &mut Tx, user: UserId) -> sqlx::Result<Option<Locked>> {
    let found = sqlx::query!(
        "select email, suspended_at, version from users where id = $1 for no key update",
        user.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some(Locked {
        email: found.email,
        suspended_at: found.suspended_at,
        version: found.version,
        grants: grants(tx, user).await?,
    }))
}

pub async fn grants(db: &mut PgConnection, user: UserId) -> sqlx::Result<Vec<Grant>> {
    sqlx::query_as!(
        Grant,
        r#"select role as "role: Role", territory_id as "territory_id: TerritoryId", company_id as "company_id: CompanyId"
           from user_roles where user_id = $1 order by role, territory_id, company_id"#,
        user.uuid()
    )
    .fetch_all(db)
    .await
}

/// Administrators who can act: not suspended, with a password (or acting right now). Until the end of
/// the transaction nobody else can ask, so that two of them cannot remove each other.
pub async fn lock_administrators(tx: &mut Tx) -> sqlx::Result<Vec<UserId>> {
    sqlx::query_scalar!("select pg_advisory_xact_lock(hashtext('administrators'))::text")
        .fetch_one(&mut **tx)
        .await?;
    let acting = tx.author().user_id();
    sqlx::query_scalar!(
        r#"select u.id as "id: UserId" from users u join user_roles r on r.user_id = u.id
           where r.role = 'admin' and u.suspended_at is null and (u.password_hash is not null or u.id = $1)"#,
        acting.map(|u| u.uuid())
    )
    .fetch_all(&mut **tx)
    .await
}

/// Saves who the person is. The caller holds the account and compared its version.
pub async fn save(tx: &mut Tx, user: &NewUser) -> sqlx::Result<()> {
    let specialities: Vec<_> = user.specialities.iter().map(|s| s.code().to_owned()).collect();
    sqlx::query!(
        "update users set email = $2, name = $3, organisation_id = $4, specialities = $5, version = version + 1 where id = $1",
        user.id.uuid(),
        user.email.as_str(),
        user.name,
        user.organisation.map(|o| o.uuid()),
        &specialities
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Roles changed without the rest: whoever edits the account must see it.
pub async fn touch(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set version = version + 1 where id = $1",
        user.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives `false` when the account was suspended already.
pub async fn suspend(tx: &mut Tx, user: UserId) -> sqlx::Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "update users set suspended_at = $2, version = version + 1 where id = $1 and suspended_at is null",
        user.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives `false` when the account was not suspended.
pub async fn reactivate(tx: &mut Tx, user: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set suspended_at = null, version = version + 1 where id = $1 and suspended_at is not null",
        user.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Links not used yet lead nowhere from now on.
pub async fn void_invitations(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from invitations where user_id = $1 and used_at is null",
        user.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The same password, hashed again with today's parameters.
pub(super) async fn rehash_password(tx: &mut Tx, user: UserId, before: &str, hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set password_hash = $3 where id = $1 and password_hash = $2",
        user.uuid(),
        before,
        hash
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_password(tx: &mut Tx, user: UserId, hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set password_hash = $2, version = version + 1 where id = $1",
        user.uuid(),
        hash
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An invitation lasts seven days; a new one replaces those before.
pub async fn invite(tx: &mut Tx, user: UserId) -> sqlx::Result<Token> {
    let token = Token::fresh();
    let now = tx.now();
    sqlx::query!("delete from invitations where user_id = $1", user.uuid())
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into invitations (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)",
        token.hash(),
        user.uuid(),
        now,
        now + INVITATION_LIFE
    )
    .execute(&mut **tx)
    .await?;
    Ok(token)
}

/// A link of one hour for whoever forgot their password; an invitation not used yet stays good.
pub(super) async fn allow_reset(tx: &mut Tx, user: UserId) -> sqlx::Result<Token> {
    let token = Token::fresh();
    let now = tx.now();
    sqlx::query!(
        "insert into invitations (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)",
        token.hash(),
        user.uuid(),
        now,
        now + RESET_LIFE
    )
    .execute(&mut **tx)
    .await?;
    Ok(token)
}

pub(super) struct Invited {
    pub(super) user: UserId,
    pub(super) name: String,
    pub(super) email: String,
    /// There is a password to replace.
    pub(super) returns: bool,
}

/// Who this invitation is for, while it can be used.
pub(super) async fn invited(
    db: &mut PgConnection,
    token: &Token,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Invited>> {
    sqlx::query_as!(
        Invited,
        r#"select u.id as "user: UserId", u.name, u.email, u.password_hash is not null as "returns!" from invitations i join users u on u.id = i.user_id
           where i.token_hash = $1 and i.used_at is null and i.expires_at > $2 and u.suspended_at is null"#,
        token.hash(),
        now
    )
    .fetch_optional(db)
    .await
}

/// Uses the invitation up; only one of many simultaneous tries succeeds.
pub(super) async fn use_invitation(tx: &mut Tx, token: &Token) -> sqlx::Result<bool> {
    let now = tx.now();
    let used = sqlx::query!(
        "update invitations set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2
            and exists (select from users u where u.id = user_id and u.suspended_at is null)",
        token.hash(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(used.rows_affected() == 1)
}

/// Whether anybody has an account yet.
pub async fn any(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from users) as "any!""#)
        .fetch_one(db)
        .await
}

/// Who steers the programme of a territory: its committee, partners and pilots.
pub async fn steering(db: &mut PgConnection, territory: TerritoryId) -> sqlx::Result<Vec<User>> {
    let ids = sqlx::query_scalar!(
        r#"select distinct u.id as "id!: UserId" from users u join user_roles r on r.user_id = u.id
           where u.suspended_at is null and r.territory_id = $1 and r.role in ('pilot', 'partner', 'committee') order by 1"#,
        territory.uuid()
    )
    .fetch_all(&mut *db)
    .await?;
    let mut users = Vec::new();
    for id in ids {
        users.extend(find(db, id).await?);
    }
    Ok(users)
}

/// An advisor who can be given work in a territory.
#[derive(Debug, Clone)]
pub struct Colleague {
    pub id: UserId,
    pub name: String,
    pub organisation: Option<String>,
}

/// Advisors and pilots of a territory, by name.
pub async fn colleagues(db: &mut PgConnection, territory: TerritoryId) -> sqlx::Result<Vec<Colleague>> {
    sqlx::query_as!(
        Colleague,
        r#"select distinct u.id as "id: UserId", u.name, o.name as "organisation?"
           from users u join user_roles r on r.user_id = u.id left join organisations o on o.id = u.organisation_id
           where r.territory_id = $1 and r.role in ('advisor', 'pilot') and u.suspended_at is null
           order by u.name"#,
        territory.uuid()
    )
    .fetch_all(db)
    .await
}
