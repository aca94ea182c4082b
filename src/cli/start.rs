//! Opens the database for a command: the given server, or the private cluster under the data folder.

use crate::app;
use crate::kernel::clock::Clock;
use crate::platform::App;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::db::embedded::{Cluster, Profile};
use anyhow::Context;
use sqlx::{Connection, PgConnection};

/// An open application, and the cluster to stop last.
pub(super) struct Started {
    pub(super) app: App,
    cluster: Option<Cluster>,
}

const DATABASE: &str = "maillage";

impl Started {
    /// # Errors
    /// When no database can be reached, or it refuses the migrations.
    pub(super) async fn open(config: Config) -> anyhow::Result<Self> {
        let (url, cluster) = match config.database_url.clone() {
            Some(url) => (url, None),
            None => {
                let data = config.data.clone();
                let cluster =
                    tokio::task::spawn_blocking(move || Cluster::start(&data, Profile::Durable)).await??;
                create_database(&cluster.url("postgres")).await?;
                (cluster.url(DATABASE), Some(cluster))
            }
        };
        let db = Db::connect(&url, Clock::default())
            .await
            .context("la base de données ne répond pas")?;
        Ok(Self {
            app: app::build(db, config),
            cluster,
        })
    }

    /// Brings the schema and the reference lists up to date.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn migrate(&self) -> anyhow::Result<()> {
        self.app.migrate().await?;
        app::sync_reference(&self.app.system("mise à jour des listes")).await
    }

    /// Whether the database is this process's own.
    pub(super) fn is_embedded(&self) -> bool {
        self.cluster.is_some()
    }

    /// Closes the pool, then stops the private cluster.
    ///
    /// # Errors
    /// When the cluster does not stop.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.app.close().await;
        if let Some(cluster) = self.cluster {
            tokio::task::spawn_blocking(move || cluster.stop()).await??;
        }
        Ok(())
    }
}

async fn create_database(url: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let known = sqlx::query_scalar!(
        r#"select exists (select from pg_database where datname = $1) as "known!""#,
        DATABASE
    )
    .fetch_one(&mut connection)
    .await?;
    if !known {
        sqlx::raw_sql("create database maillage")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}
