//! The server that the tests use, and a fresh database for each.
//!
//! Nothing to prepare: the first test of a run starts a throw-away cluster, keyed by the process that
//! runs the tests (`cargo` or `nextest`, which starts one process per test), and a guardian that
//! outlives the tests stops and deletes it. A template database is migrated and filled once per run;
//! each test then copies it, in a tenth of a second.
//!
//! With `TEST_DATABASE_URL` that server is used instead; its account must be allowed to create databases.

use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use maillage::platform::db::embedded::{Cluster, Profile};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row};
use tokio::sync::OnceCell;

static SERVER: OnceCell<Server> = OnceCell::const_new();
static CREATED: AtomicU32 = AtomicU32::new(0);

/// A database of the test's own, dropped with this value. `pool.connect_options()` tells its address.
pub(crate) struct Database {
    pub(crate) pool: PgPool,
    name: String,
}

/// A copy of the template that `prepare` fills; of all the calls of a run, one runs `prepare`.
pub(crate) async fn fresh_database<P, F>(prepare: P) -> Database
where
    P: FnOnce(PgPool) -> F,
    F: Future<Output = Result<()>>,
{
    let server = SERVER.get_or_try_init(|| Server::with_template(prepare));
    let server = server.await.expect("a server and its template");
    let rank = CREATED.fetch_add(1, Ordering::Relaxed);
    let name = format!("t_{}_{}_{rank}", server.run, std::process::id());
    let creation = format!("create database {name} template modele_{}", server.run);
    server.execute(creation).await.expect("a fresh database");
    let options = server.options.clone().database(&name);
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(20))
        .connect_lazy_with(options);
    Database { pool, name }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(server) = SERVER.get() else { return };
        let order = format!("drop database if exists {} with (force)", self.name);
        // Our own runtime may be going away, and must not be blocked.
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(server.execute(order))
        });
        if !std::thread::panicking() {
            done.join()
                .expect("no panic")
                .expect("the test's database is dropped");
        }
    }
}

struct Server {
    options: PgConnectOptions,
    run: String,
    /// Keeps the cluster's lock on the users' list.
    _cluster: Option<Cluster>,
}

impl Server {
    async fn with_template<P, F>(prepare: P) -> Result<Self>
    where
        P: FnOnce(PgPool) -> F,
        F: Future<Output = Result<()>>,
    {
        let run = Run::current();
        let (url, cluster) = match std::env::var("TEST_DATABASE_URL") {
            Ok(url) => (url, None),
            Err(_) => run
                .cluster()
                .map(|cluster| (cluster.url("postgres"), Some(cluster)))?,
        };
        let server = Self {
            options: url.parse()?,
            run: run.key.clone(),
            _cluster: cluster,
        };
        // Held until this connection closes: of all the processes of the run, one builds.
        let mut turn = PgConnection::connect_with(&server.options).await?;
        sqlx::raw_sql("select pg_advisory_lock(4157)")
            .execute(&mut turn)
            .await?;
        if !server.has_template().await? {
            server.build_template(prepare).await?;
        }
        turn.close().await?;
        Ok(server)
    }

    async fn has_template(&self) -> Result<bool> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let question = format!("select 1 from pg_database where datname = 'modele_{}'", self.run);
        let found = sqlx::raw_sql(AssertSqlSafe(question))
            .fetch_optional(&mut connection)
            .await?;
        Ok(found.is_some())
    }

    /// Under another name, then renamed: a failed preparation leaves no half-filled template.
    async fn build_template<P, F>(&self, prepare: P) -> Result<()>
    where
        P: FnOnce(PgPool) -> F,
        F: Future<Output = Result<()>>,
    {
        self.drop_old_templates().await?;
        let draft = format!("draft_{}", self.run);
        self.execute(format!("drop database if exists {draft} with (force)"))
            .await?;
        self.execute(format!("create database {draft}")).await?;
        let pool = PgPool::connect_with(self.options.clone().database(&draft)).await?;
        prepare(pool.clone())
            .await
            .context("the template's preparation")?;
        sqlx::raw_sql("analyze").execute(&pool).await?;
        pool.close().await;
        self.execute(format!("alter database {draft} rename to modele_{}", self.run))
            .await
    }

    /// On a server of the developer's own, each run leaves its template to the next.
    async fn drop_old_templates(&self) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let question = "select datname from pg_database where datname ~ '^modele_[0-9]+_'";
        for row in sqlx::raw_sql(question).fetch_all(&mut connection).await? {
            let template: &str = row.try_get(0)?;
            let parent = template.split('_').nth(1).unwrap_or_default();
            if !Path::new("/proc").join(parent).exists() {
                self.execute(format!("drop database if exists {template}"))
                    .await?;
            }
        }
        Ok(())
    }

    async fn execute(&self, statement: String) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(())
    }
}

/// All the test processes that one `cargo test` or `cargo nextest run` starts.
struct Run {
    parent: u32,
    key: String,
    directory: PathBuf,
}

impl Run {
    fn current() -> Self {
        let parent = parent_id();
        // Numbers are used again: with the hour of its birth, a process has a name of its own.
        let status = std::fs::read_to_string(format!("/proc/{parent}/stat")).unwrap_or_default();
        let after_name = status.rsplit(')').next().unwrap_or_default();
        let birth = after_name.split_whitespace().nth(19).unwrap_or("0");
        let key = format!("{parent}_{birth}");
        let directory = std::env::temp_dir().join(format!("maillage-test-{key}"));
        Self {
            parent,
            key,
            directory,
        }
    }

    fn cluster(&self) -> Result<Cluster> {
        let cluster = Cluster::start(&self.directory, Profile::Throwaway)?;
        if !cluster.adopted() {
            self.post_guardian(&cluster)?;
        }
        Ok(cluster)
    }

    /// SIGQUIT is PostgreSQL's immediate stop: nothing of it is worth keeping.
    fn post_guardian(&self, cluster: &Cluster) -> Result<()> {
        let watch = "while kill -0 \"$0\" 2>/dev/null; do sleep 1; done
            kill -QUIT \"$(head -n 1 \"$1/postmaster.pid\")\"
            sleep 1
            rm -rf \"$2\" \"$3\"";
        Command::new("/bin/sh")
            .args(["-c", watch, &self.parent.to_string()])
            .arg(cluster.data_directory())
            .arg(cluster.socket_directory())
            .arg(&self.directory)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("the guardian of the test cluster")?;
        Ok(())
    }
}
