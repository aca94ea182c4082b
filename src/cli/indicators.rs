//! `maillage indicators`: the framework as a table, each indicator with its value of the day, where it comes from
//! and how it is counted. Values are exact: they are for whoever holds the database.

use super::start::Started;
use crate::indicators::{self, Indicator, catalogue, figure};
use crate::platform::access::AggregateScope;
use crate::platform::config::Config;
use crate::territories;
use anyhow::Context as _;
use std::io::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Territoire, par son nom ; sans lui, le premier de la base
    #[arg(long)]
    territory: Option<String>,
}

pub(super) async fn run(config: Config, args: Args, out: &mut impl Write) -> anyhow::Result<()> {
    let started = Started::open(config).await?;
    let system = started.app.system("indicateurs");
    let known = territories::store::all(&mut *system.read().await?).await?;
    let territory = known
        .into_iter()
        .find(|one| args.territory.as_ref().is_none_or(|name| *name == one.name))
        .context("aucun territoire de ce nom dans la base")?;
    let scope = AggregateScope::of_system(&system, territory.id);
    let facts = indicators::store::facts(&mut *system.read().await?, &scope, &[system.today()]).await?;
    let facts = facts.into_iter().next().unwrap_or_default();
    writeln!(out, "| Code | Indicateur | Valeur | Unité | État | Formule |")?;
    writeln!(out, "| --- | --- | ---: | --- | --- | --- |")?;
    let (mut computed, mut valued) = (0, 0);
    for indicator in catalogue::all() {
        let value = indicator.read(&facts).value;
        computed += usize::from(indicator.is_computed());
        valued += usize::from(value.is_some());
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            indicator.code,
            indicator.title,
            value.map_or_else(String::new, |value| figure(indicator, value)),
            indicator.unit.label(),
            state(indicator, value),
            indicator.formula
        )?;
    }
    writeln!(
        out,
        "\n{computed} indicateurs sur {} sont calculés ; {valued} ont une valeur à ce jour ({}).",
        catalogue::all().len(),
        territory.name
    )?;
    started.close().await
}

fn state(indicator: &Indicator, value: Option<f64>) -> &'static str {
    match (indicator.is_computed(), value) {
        (true, Some(_)) => "calculé",
        (true, None) => "calculé, données absentes",
        (false, _) => "demandé",
    }
}
