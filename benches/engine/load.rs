//! Reading a territory from `PostgreSQL` into the facts of the engine, as a search of the server does.
//!
//! The territory is the one of `make bench-pages`: as many flows, with visits and proposals around them.

#![expect(
    clippy::disallowed_methods,
    reason = "the generated rows are in no schema that the macros know"
)]

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::Parser;
use maillage::app;
use maillage::kernel::clock::Clock;
use maillage::kernel::ids::TerritoryId;
use maillage::platform::access::Scope;
use maillage::platform::config::Config;
use maillage::platform::db::Db;
use maillage::synergies::Inventory;
use sqlx::{Connection as _, PgConnection};

use crate::measure::Cost;

/// Filling the base costs much more than reading it: beyond that, reading is in proportion.
pub(crate) const MOST: usize = 100_000;
const SYNERGIES: usize = 1_000;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// How many flows were read, and what it cost.
pub(crate) struct Figures {
    pub(crate) flows: usize,
    pub(crate) cost: Cost,
}

/// Makes a base for the time of the measure.
pub(crate) fn figures(url: &str, flows: usize, today: NaiveDate) -> anyhow::Result<Figures> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut server = PgConnection::connect(url).await?;
        let name = format!("mesure_lecture_{flows}");
        let drop = format!("drop database if exists {name} with (force)");
        run(&mut server, &drop).await?;
        run(&mut server, &format!("create database {name}")).await?;
        let mut base = url::Url::parse(url)?;
        base.set_path(&name);
        let figures = read(base.as_str(), flows, today).await;
        run(&mut server, &drop).await?;
        figures
    })
}

async fn read(url: &str, flows: usize, today: NaiveDate) -> anyhow::Result<Figures> {
    let config = Settings::try_parse_from(["mesure", "--database-url", url])?.config;
    let app = app::build(Db::connect(url, Clock::default()).await?, config);
    app.migrate().await?;
    let system = app.system("mesure");
    app::sync_reference(&system).await?;
    let mut db = PgConnection::connect(url).await?;
    let script = include_str!("../pages/territory.sql")
        .replace(":flows", &flows.to_string())
        .replace(":synergies", &SYNERGIES.to_string());
    run(&mut db, &script).await?;
    run(&mut db, "vacuum analyze").await?;
    let territory: String =
        sqlx::query_scalar("select id::text from territories where name = 'Mesure des pages'")
            .fetch_one(&mut db)
            .await?;
    let territory: TerritoryId = territory.parse().context("a territory")?;
    let scope = Scope::of_system(&system, territory);
    // Once before, so that what is measured is reading, and not a cold base.
    Inventory::read(&mut db, &scope, today).await?;
    let started = Cost::start();
    let inventory = Inventory::read(&mut db, &scope, today).await?;
    Ok(Figures {
        flows: inventory.facts.flows.len(),
        cost: started.so_far(),
    })
}

async fn run(db: &mut PgConnection, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(db)
        .await
        .map(drop)
}
