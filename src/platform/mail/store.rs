use super::{Letter, Link, Need};
use crate::kernel::ids::{LetterId, UserId};
use crate::kernel::words::words;
use crate::platform::db::Tx;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

words! {
    /// Where a letter stands.
    LetterState "letter_state" {
        Queued "queued" "en attente",
        Sending "sending" "en cours d’envoi",
        Sent "sent" "envoyé",
        Held "held" "retenu",
        Dead "dead" "non remis",
        Cancelled "cancelled" "annulé",
    }
}

/// How long a sender may keep a letter before another takes it up.
const LEASE: Duration = Duration::minutes(10);

pub(super) async fn is_refused(db: &mut PgConnection, user: UserId, topic: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from letter_refusals where user_id = $1 and topic = $2) as "refused!""#,
        user.uuid(),
        topic
    )
    .fetch_one(db)
    .await
}

#[expect(clippy::cognitive_complexity, reason = "one statement with many columns")]
pub(super) async fn insert(tx: &mut Tx, letter: &Letter) -> sqlx::Result<bool> {
    let now = tx.now();
    let (label, path, is_secret) = link_columns(letter.link.as_ref());
    let inserted = sqlx::query!(
        "insert into letters (id, topic, user_id, territory_id, recipient, recipient_name, reply_to, subject, body,
                link_label, link_path, is_secret, is_optional, dedupe_key, due_at, created_at, expires_at, stale_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17)
         on conflict (dedupe_key) do nothing",
        LetterId::fresh().uuid(),
        letter.topic.code,
        letter.to.user.map(UserId::uuid),
        letter.territory.map(|t| t.uuid()),
        letter.to.email,
        letter.to.name,
        letter.reply_to,
        letter.subject,
        letter.body,
        label,
        path,
        is_secret,
        letter.topic.need == Need::Optional,
        letter.dedupe,
        now,
        letter.expires_at,
        letter.stale_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

fn link_columns(link: Option<&Link>) -> (Option<&'static str>, Option<&str>, bool) {
    link.map_or((None, None, false), |link| {
        (Some(link.label), Some(link.path.as_str()), link.is_secret)
    })
}

/// A letter, whole.
#[derive(Debug, Clone)]
pub struct Kept {
    pub id: LetterId,
    pub recipient: String,
    pub recipient_name: String,
    pub reply_to: Option<String>,
    pub subject: String,
    pub body: String,
    pub link_label: Option<String>,
    pub link_path: Option<String>,
    pub is_secret: bool,
    pub is_optional: bool,
    pub state: LetterState,
    pub attempts: i32,
    pub due_at: DateTime<Utc>,
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub stale_at: Option<DateTime<Utc>>,
    pub territory: Option<String>,
}

pub async fn find(db: &mut PgConnection, id: LetterId) -> sqlx::Result<Option<Kept>> {
    sqlx::query_as!(
        Kept,
        r#"select l.id as "id: LetterId", l.recipient, l.recipient_name, l.reply_to, l.subject, l.body, l.link_label, l.link_path,
                  l.is_secret, l.is_optional, l.state as "state: LetterState", l.attempts, l.due_at, l.failure, l.created_at,
                  l.settled_at, l.stale_at, t.name as "territory?"
           from letters l left join territories t on t.id = l.territory_id where l.id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

/// Takes the next letter that is due, for as long as [`LEASE`]; two senders never take the same.
pub(super) async fn take(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Option<Kept>> {
    let taken = sqlx::query_scalar!(
        r#"update letters set state = 'sending', attempts = attempts + 1, due_at = $2
           where id = (select id from letters where state in ('queued', 'sending') and due_at <= $1
                       order by due_at, id limit 1 for update skip locked)
           returning id as "id: LetterId""#,
        now,
        now + LEASE
    )
    .fetch_optional(&mut *db)
    .await?;
    match taken {
        Some(id) => find(db, id).await,
        None => Ok(None),
    }
}

/// Sets aside what must not leave: everything, or what concerns a demonstration.
pub(super) async fn hold(db: &mut PgConnection, everything: bool, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let held = sqlx::query!(
        "update letters l set state = 'held', settled_at = $2
         where l.state = 'queued' and ($1
            or exists (select from territories t where t.id = l.territory_id and t.is_demo)
            or (l.territory_id is null
                and exists (select from user_roles r join territories t on t.id = r.territory_id where r.user_id = l.user_id and t.is_demo)
                and not exists (select from user_roles r left join territories t on t.id = r.territory_id
                                where r.user_id = l.user_id and t.is_demo is not true))
            or (l.territory_id is null and not exists (select from territories t where not t.is_demo)
                and exists (select from territories)))",
        everything,
        now
    )
    .execute(db)
    .await?;
    Ok(held.rows_affected())
}

const EXPIRED: &str = "le lien n’était plus valable quand le message allait partir";

/// Cancels what would open nothing, and forgets its link; gives up what nobody needs any more.
pub(super) async fn expire(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let gone = sqlx::query!(
        "update letters set state = 'cancelled', settled_at = $1, failure = $2,
                link_path = case when is_secret then null else link_path end
         where state in ('queued', 'sending') and due_at <= $1 and expires_at <= $1",
        now,
        EXPIRED
    )
    .execute(&mut *db)
    .await?;
    let stale = sqlx::query!(
        r#"update letters set state = 'dead', settled_at = $1,
                  failure = 'il n’avait plus de sens : il devait partir avant le ' || to_char(stale_at at time zone 'Europe/Paris', 'DD/MM/YYYY')
                            || coalesce(' ; dernier essai : ' || failure, '')
           where state in ('queued', 'sending') and due_at <= $1 and stale_at <= $1"#,
        now
    )
    .execute(db)
    .await?;
    Ok(gone.rows_affected() + stale.rows_affected())
}

/// What became of a try.
pub(super) enum Outcome {
    Sent,
    Later { at: DateTime<Utc>, reason: String },
    Dead { reason: String },
}

/// Writes it down. A link that opens by itself is forgotten as soon as it left.
pub(super) async fn settle(
    db: &mut PgConnection,
    id: LetterId,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (state, due_at, failure) = match outcome {
        Outcome::Sent => (LetterState::Sent, now, None),
        Outcome::Later { at, reason } => (LetterState::Queued, at, Some(reason)),
        Outcome::Dead { reason } => (LetterState::Dead, now, Some(reason)),
    };
    sqlx::query!(
        "update letters set state = $2, due_at = $3, failure = $4,
                settled_at = case when $2 = 'queued'::letter_state then null else $5::timestamptz end,
                link_path = case when is_secret and $2 = 'sent'::letter_state then null else link_path end
         where id = $1 and state = 'sending'",
        id.uuid(),
        state as LetterState,
        due_at,
        failure,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// When the next letter is to be tried.
pub(super) async fn next_due(db: &mut PgConnection) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("select min(due_at) from letters where state in ('queued', 'sending')")
        .fetch_one(db)
        .await
}

/// A letter in the administrator's list: who, what about, where it stands; never its words.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: LetterId,
    pub recipient: String,
    pub subject: String,
    pub state: LetterState,
    pub attempts: i32,
    pub due_at: DateTime<Utc>,
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// The latest letters, newest first.
pub async fn latest(db: &mut PgConnection, state: Option<LetterState>, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select id as "id: LetterId", recipient, subject, state as "state: LetterState", attempts, due_at, failure, created_at, settled_at
           from letters where $1::letter_state is null or state = $1 order by created_at desc, id desc limit $2"#,
        state as Option<LetterState>,
        limit
    )
    .fetch_all(db)
    .await
}

/// How many letters are in each state.
pub async fn counts(db: &mut PgConnection) -> sqlx::Result<Vec<(LetterState, i64)>> {
    let rows = sqlx::query!(
        r#"select state as "state: LetterState", count(*) as "count!" from letters group by state order by state"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
}

/// Puts a letter that was not delivered, or was cancelled, back in the outbox. What was held
/// stays, and what would open nothing.
pub async fn resend(tx: &mut Tx, id: LetterId) -> sqlx::Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "update letters set state = 'queued', attempts = 0, due_at = $2, settled_at = null
         where id = $1 and state in ('dead', 'cancelled') and (expires_at is null or expires_at > $2)
           and (stale_at is null or stale_at > $2)",
        id.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes back a letter that did not leave.
pub async fn cancel(tx: &mut Tx, id: LetterId) -> sqlx::Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "update letters set state = 'cancelled', settled_at = $2 where id = $1 and state in ('queued', 'dead', 'held')",
        id.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Letters are not an archive: they go away some time after they were settled.
pub async fn sweep(tx: &mut Tx, kept: Duration) -> sqlx::Result<u64> {
    let before = tx.now() - kept;
    let gone = sqlx::query!("delete from letters where settled_at < $1", before)
        .execute(&mut **tx)
        .await?;
    Ok(gone.rows_affected())
}

/// The kinds of letters that somebody does not want.
pub async fn refusals(db: &mut PgConnection, user: UserId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select topic from letter_refusals where user_id = $1 order by topic",
        user.uuid()
    )
    .fetch_all(db)
    .await
}

/// Keeps exactly these refusals.
pub async fn set_refusals(tx: &mut Tx, user: UserId, topics: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from letter_refusals where user_id = $1 and topic <> all ($2)",
        user.uuid(),
        topics
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into letter_refusals (user_id, topic) select $1, unnest($2::text[]) on conflict do nothing",
        user.uuid(),
        topics
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
