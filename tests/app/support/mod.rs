//! `TestApp`: the application over a database of its own, without a socket; clients that keep their
//! cookies; makers with sound defaults.

pub(crate) mod browser;
mod client;
pub(crate) mod make;
pub(crate) mod pdf;
mod postgres;
pub(crate) mod smtp;

pub(crate) use client::{Client, Reply};

use clap::Parser;
use maillage::app;
use maillage::flows::FlowsChanged;
use maillage::kernel::clock::Clock;
use maillage::kernel::ids::{TerritoryId, UserId};
use maillage::platform::App;
use maillage::platform::access::{self, Role};
use maillage::platform::config::Config;
use maillage::platform::db::{Db, System};
use maillage::platform::jobs;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// The settings of a test: plain cookies, nothing of the environment that matters.
pub(crate) fn config() -> Config {
    let mut config = Settings::parse_from(["test"]).config;
    config.secure_cookies = false;
    config.base_url = Some("http://maillage.test".to_owned());
    config
}

pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) router: axum::Router,
    /// A territory with a pilot's programme around Vendôme.
    pub(crate) territory: TerritoryId,
    pub(crate) database: postgres::Database,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    /// An application whose letters go to that server.
    pub(crate) async fn with_mail(sink: &smtp::Sink) -> Self {
        let mut config = config();
        config.smtp_url = Some(sink.url());
        config.mail_from = Some("maillage@exemple.fr".to_owned());
        config.mail_name = "Maillage d’essai".to_owned();
        Self::with(config).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let database = postgres::fresh_database(prepare).await;
        let app = app::build(Db::new(database.pool.clone(), Clock::default()), config);
        let router = app::router(&app);
        let territory = make::territory(&app.system("essai"), "Pays d’essai").await;
        Self {
            app,
            router,
            territory,
            database,
        }
    }

    pub(crate) fn system(&self) -> System {
        self.app.system("essai")
    }

    /// A client signed in as a new person of that role in the test's territory.
    pub(crate) async fn as_(&self, role: Role) -> Client {
        let user = make::user(self, role, self.territory).await;
        self.signed_in(user).await
    }

    pub(crate) async fn signed_in(&self, user: UserId) -> Client {
        let token = self
            .system()
            .transact(async |tx| -> anyhow::Result<access::Token> {
                tx.nothing_to_record();
                Ok(access::store::open_session(tx, user, "essai", "essai").await?)
            })
            .await
            .unwrap();
        Client::new(self.router.clone(), Some(token.reveal()), user)
    }

    pub(crate) fn nobody(&self) -> Client {
        Client::new(self.router.clone(), None, UserId::fresh())
    }

    /// Runs waiting jobs until none is left.
    pub(crate) async fn run_jobs(&self) {
        let registry = app::jobs();
        while jobs::run_next(&self.app, &registry).await.unwrap() {}
    }

    /// Asks for a search of synergies, and lets it end.
    pub(crate) async fn search(&self) {
        let territory = self.territory;
        self.system()
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                Ok(jobs::enqueue(tx, &FlowsChanged { territory }).await?)
            })
            .await
            .unwrap();
        self.run_jobs().await;
        let waiting = "select count(*) from jobs where state <> 'done' and name <> 'synergy_wake'";
        assert_eq!(self.count(waiting).await, 0);
    }

    pub(crate) fn travel(&self, by: chrono::Duration) {
        self.app.clock().travel(by);
    }

    /// Moves to noon of that day in France: a count of days from now would land on the day before or
    /// after when the clocks change in between.
    pub(crate) fn travel_to(&self, day: chrono::NaiveDate) {
        let noon = day.and_hms_opt(12, 0, 0).unwrap();
        let there = noon.and_local_timezone(chrono_tz::Europe::Paris).unwrap();
        self.travel(there.to_utc() - self.app.clock().now());
        assert_eq!(self.system().today(), day);
    }

    /// The one number that a query gives.
    pub(crate) async fn count(&self, query: impl Into<String>) -> i64 {
        use sqlx::Row;
        sqlx::raw_sql(sqlx::AssertSqlSafe(query.into()))
            .fetch_one(&self.database.pool)
            .await
            .unwrap()
            .get(0)
    }

    /// Runs statements straight on the database, for what no screen does.
    pub(crate) async fn execute(&self, statements: String) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
            .execute(&self.database.pool)
            .await
            .unwrap();
    }
}

async fn prepare(pool: sqlx::PgPool) -> anyhow::Result<()> {
    let app = app::build(Db::new(pool, Clock::default()), config());
    app.migrate().await?;
    app::sync_reference(&app.system("essai")).await
}
