//! The database: one pool, read connections, and transactions that cannot forget the journal.
//! Reached only through an actor (`access`) or `System`.

pub mod embedded;

use super::journal::{self, Author};
use crate::kernel::clock::{self, Clock};
use crate::kernel::ids::UserId;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The pool, the clock that dates what is written, and the bell that wakes the job runner.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    clock: Clock,
    bell: Arc<Notify>,
}

impl Db {
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self {
            pool,
            clock,
            bell: Arc::new(Notify::new()),
        }
    }

    /// Opens a pool sized for one process beside its PostgreSQL.
    pub async fn connect(url: &str, clock: Clock) -> anyhow::Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("maillage").options([
            ("statement_timeout", "20s"),
            ("idle_in_transaction_session_timeout", "30s"),
            // Compiling a statement takes longer than running any of ours.
            ("jit", "off"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(3))
            .connect_with(options)
            .await?;
        Ok(Self::new(pool, clock))
    }

    pub async fn migrate(&self) -> anyhow::Result<()> {
        Ok(MIGRATOR.run(&self.pool).await?)
    }

    pub(in crate::platform) async fn pending_migrations(&self) -> anyhow::Result<usize> {
        let begun = sqlx::query_scalar!(
            r#"select exists (select from pg_tables where schemaname = 'public' and tablename = '_sqlx_migrations') as "begun!""#
        )
        .fetch_one(&self.pool)
        .await?;
        let known = MIGRATOR
            .iter()
            .filter(|m| m.migration_type.is_up_migration())
            .count();
        if !begun {
            return Ok(known);
        }
        let applied = sqlx::raw_sql("select version from _sqlx_migrations where success")
            .fetch_all(&self.pool)
            .await?;
        Ok(known.saturating_sub(applied.len()))
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(in crate::platform) fn bell(&self) -> &Notify {
        &self.bell
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(in crate::platform) async fn read(&self) -> sqlx::Result<Read> {
        Ok(Read(self.pool.acquire().await?))
    }

    /// Runs `work` in one transaction: commits on `Ok`, rolls back on `Err`.
    ///
    /// # Errors
    /// Those of `work`, of the database, and [`Unjournalled`] when `work` wrote without saying so.
    pub(in crate::platform) async fn transact<T, E>(
        &self,
        author: Author,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<sqlx::Error> + From<Unjournalled>,
    {
        let transaction = self.pool.begin().await?;
        let mut tx = Tx {
            transaction,
            author,
            now: self.clock.now(),
            said: Said::Nothing,
            rings: false,
        };
        let done = work(&mut tx).await?;
        if tx.said == Said::Nothing {
            return Err(Unjournalled.into());
        }
        let rings = tx.rings;
        tx.transaction.commit().await?;
        if rings {
            self.bell.notify_one();
        }
        Ok(done)
    }
}

/// A connection for reading; functions that write ask for a [`Tx`].
pub struct Read(PoolConnection<Postgres>);

impl Deref for Read {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.0
    }
}
impl DerefMut for Read {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Journalled,
    NothingToSay,
}

/// A transaction in which someone does something at a given instant.
pub struct Tx {
    transaction: sqlx::Transaction<'static, Postgres>,
    author: Author,
    now: DateTime<Utc>,
    said: Said,
    rings: bool,
}

impl Tx {
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
    pub fn today(&self) -> NaiveDate {
        clock::day(self.now)
    }
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Writes one event of the journal: every transaction has at least one.
    pub async fn record(&mut self, event: journal::Event) -> sqlx::Result<()> {
        self.said = Said::Journalled;
        let (author, now) = (self.author.clone(), self.now);
        journal::store::insert(self, &author, now, event).await
    }

    /// Writes many events at once: an import changes thousands of rows.
    pub async fn record_all(&mut self, events: Vec<journal::Event>) -> sqlx::Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.said = Said::Journalled;
        let (author, now) = (self.author.clone(), self.now);
        journal::store::insert_many(self, &author, now, &events).await
    }

    /// This transaction changed nothing that deserves a line: a repeated form, a session's last use.
    pub fn nothing_to_record(&mut self) {
        if self.said == Said::Nothing {
            self.said = Said::NothingToSay;
        }
    }

    /// Wakes the job runner after the commit.
    pub(in crate::platform) fn ring(&mut self) {
        self.rings = true;
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}
impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// A transaction was about to commit without a line in the journal.
#[derive(Debug, thiserror::Error)]
#[error("a write was refused because it left no line in the journal")]
pub struct Unjournalled;

/// The application acting by itself.
#[derive(Clone)]
pub struct System {
    db: Db,
    author: Author,
}

impl System {
    pub(in crate::platform) fn because(db: Db, because: &'static str) -> Self {
        Self {
            db,
            author: Author::system(because),
        }
    }
    /// Finishes in the background what this person asked for: the journal says who.
    #[must_use]
    pub fn on_behalf_of(&self, user: UserId, name: &str) -> Self {
        Self {
            db: self.db.clone(),
            author: Author::user(user, name),
        }
    }
    pub async fn read(&self) -> sqlx::Result<Read> {
        self.db.read().await
    }
    pub async fn transact<T, E>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T, E>) -> Result<T, E>
    where
        E: From<sqlx::Error> + From<Unjournalled>,
    {
        self.db.transact(self.author.clone(), work).await
    }
    pub fn now(&self) -> DateTime<Utc> {
        self.db.clock.now()
    }
    pub fn today(&self) -> NaiveDate {
        clock::day(self.now())
    }
}
