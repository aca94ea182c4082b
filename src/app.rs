//! Assembles the application: routes, menu, jobs, layers.

mod daily;
mod menu;

pub use daily::plan as plan_daily;

use crate::flows::FlowsChanged;
use crate::platform::App;
use crate::platform::config::Config;
use crate::platform::db::{Db, System};
use crate::platform::jobs::{Context, Registry};
use crate::platform::mail;
use crate::platform::web::{self, Routes};
use crate::{
    accounts, administration, comments, companies, dashboards, exchange, flows, indicators, lists,
    neighbours, portal, programmes, prospects, reports, synergies, territories, visits, workshops,
};

/// Every URL of the application.
pub fn routes() -> Routes {
    [
        accounts::routes(),
        territories::routes(),
        lists::routes(),
        companies::routes(),
        flows::routes(),
        visits::routes(),
        workshops::routes(),
        comments::routes(),
        synergies::routes(),
        programmes::routes(),
        indicators::routes(),
        portal::routes(),
        prospects::routes(),
        neighbours::routes(),
        dashboards::routes(),
        exchange::routes(),
        reports::routes(),
        administration::routes(),
    ]
    .into_iter()
    .fold(Routes::default(), Routes::merge)
}

/// Every kind of background work, with who does it.
pub fn jobs() -> Registry {
    Registry::default()
        .with(mail::deliver)
        .with(accounts::answer_reset)
        .with(daily::run)
        .with(flows_changed)
        .with(synergies::run_wake)
        .with(synergies::run_ideas)
        .with(prospects::run_deduction)
        .with(exchange::read_import)
        .with(companies::directory::take_sirene)
        .with(exchange::apply_import)
        .with(neighbours::run_search)
        .with(dashboards::run_sums)
}

/// Synergies are searched, then what a large inventory adds up to is kept.
async fn flows_changed(job: FlowsChanged, context: Context) -> anyhow::Result<()> {
    let (system, territory) = (context.system.clone(), job.territory);
    synergies::run_matching(job, context).await?;
    dashboards::sum_up(&system, territory).await
}

pub fn build(db: Db, config: Config) -> App {
    App::new(db, config, menu::source(), jobs())
}

/// Brings every reference list of the database up to date with the files of this version.
///
/// # Errors
/// When the database refuses.
pub async fn sync_reference(system: &System) -> anyhow::Result<()> {
    territories::sync_reference(system).await?;
    synergies::sync_reference(system).await
}

pub fn router(app: &App) -> axum::Router {
    web::dress(routes(), app.clone())
}
