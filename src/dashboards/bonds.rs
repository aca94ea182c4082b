//! Screen: the way of synergies and the network they make, by trade and never by name.

use super::model::cut::Cut;
use super::model::network::Network;
use super::model::secrecy::Band;
use super::model::{Stage, funnel};
use super::section::{Frame, Section, funnel_of};
use super::store::figures as store;
use super::tables::{self, Cell, Table};
use crate::platform::access::{AggregateScope, Observer};
use crate::platform::web::charts::{Caption, Svg, network};
use crate::platform::web::{Page, Query, Result, filters};
use crate::synergies;
use crate::synergies::store::precision::{self, Reviewed};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::{Months, NaiveDate};
use sqlx::PgConnection;

#[derive(Template)]
#[template(path = "dashboards/bonds.html")]
struct Bonds {
    frame: Frame,
    on: NaiveDate,
    stages: Vec<Stage>,
    network: Network,
    way: Table,
    twin: Table,
    reviewed: Reviewed,
    queue: String,
}

impl Bonds {
    fn way(&self) -> Svg {
        funnel_of(&self.stages)
    }
    fn chart(&self) -> Svg {
        let (knots, bonds) = self.network.drawn();
        let description = format!(
            "{} activités autour d’un cercle, {} liens. Le tableau qui suit donne les mêmes nombres.",
            knots.len(),
            bonds.len()
        );
        let caption = Caption {
            id: "reseau",
            title: "Qui travaille avec qui, par activité",
            description: &description,
        };
        network(caption, &knots, &bonds)
    }
    fn precision(&self) -> Option<String> {
        synergies::model::share(self.reviewed.accepted, self.reviewed.reviewed)
    }
}

pub(super) async fn show(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let frame = Frame::load(&mut db, &me, Section::Synergies, &cut).await?;
    let (stages, network) = read(&mut db, &scope, &cut).await?;
    let since = today.checked_sub_months(Months::new(12)).unwrap_or(today);
    let family = cut
        .family()
        .map(|family| format!("?famille={}", family.code()))
        .unwrap_or_default();
    Ok(Page(Bonds {
        frame,
        on: today,
        way: way_table(&stages),
        twin: network_table(&network),
        stages,
        network,
        reviewed: precision::reviewed_since(&mut db, &scope, since).await?,
        queue: format!("{}{family}", synergies::paths::LIST),
    })
    .into_response())
}

async fn read(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
) -> sqlx::Result<(Vec<Stage>, Network)> {
    let parts = store::funnel(db, scope).await?;
    let delays = store::delays(db, scope, cut.year(), cut.family()).await?;
    let trades = store::trades(db, scope).await?;
    let ties = store::ties(db, scope).await?;
    Ok((
        funnel::stages(&parts, &delays, cut),
        Network::of(&trades, &ties, cut),
    ))
}

/// The same as files.
pub(super) async fn tables(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
) -> sqlx::Result<Vec<Table>> {
    let (stages, network) = read(db, scope, cut).await?;
    Ok(vec![way_table(&stages), network_table(&network)])
}

fn way_table(stages: &[Stage]) -> Table {
    Table::new("Parcours des synergies", &tables::STAGES, tables::stages(stages))
}

fn network_table(network: &Network) -> Table {
    let name = |rank: usize| network.trades.get(rank).map_or("", |(name, _)| name.as_str());
    let told = |count: i64| Cell::text(Band::of(count).map_or("0", Band::label));
    let rows = network.ties.iter().map(|(one, other, under_way, realised)| {
        vec![
            Cell::text(name(*one)),
            Cell::text(name(*other)),
            told(*under_way),
            told(*realised),
        ]
    });
    Table::new(
        "Réseau par activité",
        &["Activité", "Avec", "En cours", "En place"],
        rows.collect(),
    )
    .between()
}
