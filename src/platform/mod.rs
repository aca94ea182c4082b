//! Everything technical, nothing of the domain: database, access, web, jobs, mail, journal, settings.
//! Knows no feature; what it needs of them (menu, jobs) `app` hands over.

pub mod access;
pub mod config;
pub mod db;
pub mod jobs;
pub mod journal;
pub mod mail;
pub mod outside;
pub mod pdf;
pub mod telemetry;
pub mod web;

use crate::kernel::clock::Clock;
use std::sync::Arc;

/// What every request and job shares. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(in crate::platform) db: db::Db,
    pub(in crate::platform) hasher: access::password::Hasher,
    pub config: Arc<config::Config>,
    pub(in crate::platform) menu: web::MenuSource,
    jobs: jobs::Registry,
}

impl App {
    pub fn new(db: db::Db, config: config::Config, menu: web::MenuSource, jobs: jobs::Registry) -> Self {
        Self {
            db,
            hasher: access::password::Hasher::new(),
            config: Arc::new(config),
            menu,
            jobs,
        }
    }

    pub fn clock(&self) -> &Clock {
        self.db.clock()
    }

    /// The French name of a kind of job.
    pub fn job_label(&self, name: &str) -> &'static str {
        self.jobs.label(name)
    }

    /// Work nobody asked for through a page: jobs, commands, start-up. One greppable word.
    pub fn system(&self, because: &'static str) -> db::System {
        db::System::because(self.db.clone(), because)
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When the database refuses a migration.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        self.db.migrate().await
    }

    /// How many migrations the database has not had yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pending_migrations(&self) -> anyhow::Result<usize> {
        self.db.pending_migrations().await
    }

    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Hashes passwords for commands and the demonstration; pages do it through their actor.
    pub fn hasher(&self) -> &access::password::Hasher {
        &self.hasher
    }
}
