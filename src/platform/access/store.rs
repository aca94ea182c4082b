use super::session::{COOKIE_LIFETIME, idle_limit};
use super::throttle::{self, Blocked, Counter};
use super::{Grant, Session, TerritoryRef, Token};
use crate::kernel::ids::{TerritoryId, UserId};
use crate::platform::db::Tx;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Opens a session and gives its secret, to be put in a cookie.
pub async fn open_session(tx: &mut Tx, user: UserId, address: &str, agent: &str) -> sqlx::Result<Token> {
    let token = Token::fresh();
    let now = tx.now();
    sqlx::query!(
        "insert into sessions (token_hash, user_id, created_at, seen_at, address, agent) values ($1, $2, $3, $3, $4, $5)",
        token.hash(),
        user.uuid(),
        now,
        address,
        agent.chars().take(200).collect::<String>()
    )
    .execute(&mut **tx)
    .await?;
    Ok(token)
}

/// Who holds this token now: `None` when unknown, suspended, unused for too long or too old.
pub(in crate::platform) async fn session(
    db: &mut PgConnection,
    token: &Token,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Session>> {
    let found = sqlx::query!(
        r#"
        select s.user_id as "user: UserId", s.territory_id as "territory: TerritoryId", s.seen_at, u.name,
               (select coalesce(json_agg(json_build_object('role', r.role, 'territory_id', r.territory_id, 'company_id', r.company_id)), '[]')
                from user_roles r where r.user_id = u.id) as "grants!: Json<Vec<Grant>>",
               (select coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'is_demo', t.is_demo) order by t.created_at, t.id), '[]')
                from territories t
                where exists (select from user_roles r where r.user_id = u.id
                              and (r.role = 'admin' or r.territory_id = t.id))) as "territories!: Json<Vec<TerritoryRef>>"
        from sessions s join users u on u.id = s.user_id
        where s.token_hash = $1 and u.suspended_at is null and s.created_at > $2"#,
        token.hash(),
        now - COOKIE_LIFETIME,
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let session = Session {
        token_hash: token.hash(),
        user: found.user,
        name: found.name,
        grants: found.grants.0,
        territories: found.territories.0,
        territory: found.territory,
    };
    if found.seen_at < now - idle_limit(&session.roles()) {
        return Ok(None);
    }
    if found.seen_at < now - Duration::minutes(1) {
        sqlx::query!(
            "update sessions set seen_at = $2 where token_hash = $1",
            session.token_hash,
            now
        )
        .execute(db)
        .await?;
    }
    Ok(Some(session))
}

/// Gives an open session a new secret, and the person keeps their place: after a change of password.
pub async fn renew_session(tx: &mut Tx, session: &Session) -> sqlx::Result<Token> {
    let token = Token::fresh();
    sqlx::query!(
        "update sessions set token_hash = $2 where token_hash = $1",
        session.token_hash,
        token.hash()
    )
    .execute(&mut **tx)
    .await?;
    Ok(token)
}

pub async fn close_session(tx: &mut Tx, session: &Session) -> sqlx::Result<()> {
    sqlx::query!("delete from sessions where token_hash = $1", session.token_hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends all sessions of a user, or all but one; gives how many.
pub async fn close_sessions(tx: &mut Tx, user: UserId, but: Option<&Session>) -> sqlx::Result<u64> {
    let closed = sqlx::query!(
        "delete from sessions where user_id = $1 and ($2::bytea is null or token_hash <> $2)",
        user.uuid(),
        but.map(|s| s.token_hash.clone())
    )
    .execute(&mut **tx)
    .await?;
    Ok(closed.rows_affected())
}

/// An open session, as its owner sees it.
pub struct OpenSession {
    pub created_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub agent: String,
    pub is_this_one: bool,
}

pub async fn open_sessions(db: &mut PgConnection, session: &Session) -> sqlx::Result<Vec<OpenSession>> {
    sqlx::query_as!(
        OpenSession,
        r#"select created_at, seen_at, agent, token_hash = $2 as "is_this_one!" from sessions
           where user_id = $1 order by seen_at desc"#,
        session.user.uuid(),
        session.token_hash
    )
    .fetch_all(db)
    .await
}

/// The territory shown from now on in this session.
pub async fn choose_territory(tx: &mut Tx, session: &Session, territory: TerritoryId) -> sqlx::Result<()> {
    sqlx::query!(
        "update sessions set territory_id = $2 where token_hash = $1",
        session.token_hash,
        territory.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts a try against every counter before it is made, so that simultaneous tries cannot all slip
/// through. Gives `Some`, and counts nothing, when it may not be made now. Shared by all instances.
pub async fn attempt(tx: &mut Tx, counters: &[Counter]) -> sqlx::Result<Option<Blocked>> {
    let now = tx.now();
    let mut keys: Vec<_> = counters.iter().map(|c| c.key.clone()).collect();
    keys.sort();
    // Rows first, so that even the first tries of all have something to wait for each other on.
    sqlx::query!(
        "insert into throttles (key, failures, last_at) select key, 0, $2 from unnest($1::text[]) as given (key)
         on conflict (key) do nothing",
        &keys,
        now
    )
    .execute(&mut **tx)
    .await?;
    let until = sqlx::query_scalar!(
        "select blocked_until from throttles where key = any($1) order by key for update",
        &keys
    )
    .fetch_all(&mut **tx)
    .await?;
    if let Some(until) = until.into_iter().flatten().max().filter(|until| *until > now) {
        return Ok(Some(Blocked { until }));
    }
    for Counter { key, free } in counters {
        let failures = sqlx::query_scalar!(
            "update throttles set failures = case when last_at < $3 then 1 else failures + 1 end, last_at = $2
             where key = $1 returning failures",
            key,
            now,
            now - throttle::MEMORY
        )
        .fetch_one(&mut **tx)
        .await?;
        sqlx::query!(
            "update throttles set blocked_until = $2 where key = $1",
            key,
            now + throttle::penalty(failures, *free)
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(None)
}

/// Takes back a try that was no failure, and the wait it alone had caused.
pub async fn take_back(tx: &mut Tx, counters: &[Counter]) -> sqlx::Result<()> {
    for Counter { key, free } in counters {
        sqlx::query!(
            "update throttles set failures = greatest(failures - 1, 0),
                    blocked_until = case when failures - 1 <= $2 then null else blocked_until end
             where key = $1",
            key,
            free
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// A success forgets the account's failures (the address keeps its own).
pub async fn forget_failures(tx: &mut Tx, account: &Counter) -> sqlx::Result<()> {
    sqlx::query!("delete from throttles where key = $1", account.key)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Deletes what no longer serves: dead sessions, old throttles, invitations out of date. Done at each
/// sign-in, by one at a time.
pub async fn sweep(tx: &mut Tx) -> sqlx::Result<u64> {
    let alone =
        sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtextextended('sweep', 0)) as "alone!""#)
            .fetch_one(&mut **tx)
            .await?;
    if !alone {
        return Ok(0);
    }
    let now = tx.now();
    let sessions = sqlx::query!(
        "delete from sessions where created_at < $1",
        now - COOKIE_LIFETIME
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from throttles where last_at < $1",
        now - Duration::days(1)
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from invitations where expires_at < $1",
        now - Duration::days(30)
    )
    .execute(&mut **tx)
    .await?;
    Ok(sessions.rows_affected())
}
