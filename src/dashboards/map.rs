//! Screen: where the flows are, commune by commune in classes, and where synergies are in place.

use super::model::cut::Cut;
use super::model::ground::{CommuneCell, CommuneTie, Ground, Ring, WIDTH, told, told_ties};
use super::model::secrecy::Band;
use super::section::{Frame, Section};
use super::store::{figures as store, sums};
use super::tables::{Cell, Table};
use crate::indicators::model::LEAST;
use crate::platform::access::{AggregateScope, Observer};
use crate::platform::web::charts::{Caption, MapMark, Svg, ground};
use crate::platform::web::{Page, Query, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(Template)]
#[template(path = "dashboards/map.html")]
struct Map {
    frame: Frame,
    on: NaiveDate,
    ground: Ground,
    twin: Table,
    ties: Table,
}

impl Map {
    fn is_empty(&self) -> bool {
        self.ground.discs.is_empty()
    }
    fn chart(&self) -> Svg {
        let discs = self.ground.discs.iter().map(|disc| {
            (
                disc,
                format!("{}\u{a0}: {} entreprises", disc.label, disc.band.label()),
            )
        });
        let told: Vec<_> = discs.collect();
        let mut marks: Vec<_> = told
            .iter()
            .map(|(disc, title)| MapMark {
                x: disc.x,
                y: disc.y,
                r: Some(disc.r),
                is_hatched: disc.band == Band::Few,
                title,
                label: disc.name_at.map(|at| (at, disc.label.as_str())),
            })
            .collect();
        marks.extend(self.ground.zones.iter().map(|(x, y, name)| MapMark {
            x: *x,
            y: *y,
            r: None,
            is_hatched: false,
            title: name,
            label: None,
        }));
        let caption = Caption {
            id: "carte",
            title: "Entreprises et synergies par commune",
            description: "Un disque par commune, d’autant plus grand qu’elle compte d’entreprises ; un arc par synergie en place entre deux communes ; un carré par zone d’activités. Les tableaux qui suivent donnent les communes et les synergies.",
        };
        ground(
            caption,
            (WIDTH, self.ground.height),
            &self.ground.land,
            &self.ground.arcs,
            &marks,
        )
    }
}

pub(super) async fn show(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let frame = Frame::load(&mut db, &me, Section::Map, &cut).await?;
    let (cells, ties) = read(&mut db, &scope, &cut).await?;
    let zones: Vec<_> = store::zones(&mut db, &scope)
        .await?
        .into_iter()
        .map(|(_, name, lat, lon)| (name, lat, lon))
        .collect();
    Ok(Page(Map {
        frame,
        on: me.today(),
        ground: Ground::of(&cells, &ties, outlines(), &zones),
        twin: communes_table(&cells),
        ties: ties_table(&cells, &ties),
    })
    .into_response())
}

/// The communes and what joins them, as far as they may be told under the filters.
async fn read(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
) -> sqlx::Result<(Vec<CommuneCell>, Vec<CommuneTie>)> {
    let cells = sums::communes(db, scope, cut.family()).await?;
    let ties = store::commune_ties(db, scope).await?;
    Ok((told(cells, cut.family()), told_ties(&ties, cut.family())))
}

/// The same as files.
pub(super) async fn tables(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
) -> sqlx::Result<Vec<Table>> {
    let (cells, ties) = read(db, scope, cut).await?;
    Ok(vec![communes_table(&cells), ties_table(&cells, &ties)])
}

fn communes_table(cells: &[CommuneCell]) -> Table {
    let mut told: Vec<_> = cells
        .iter()
        .filter_map(|cell| Some((Band::of(cell.firms)?, &cell.name)))
        .collect();
    told.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    let rows = told
        .into_iter()
        .map(|(band, name)| vec![Cell::text(name.as_str()), Cell::text(band.label())]);
    Table::new("Communes", &["Commune", "Entreprises"], rows.collect())
}

/// Those that the map draws.
fn ties_table(cells: &[CommuneCell], ties: &[CommuneTie]) -> Table {
    let name = |insee: &str| {
        cells
            .iter()
            .find(|cell| cell.insee == insee && cell.firms >= LEAST)
            .map(|cell| cell.name.as_str())
    };
    let rows = ties.iter().filter_map(|tie| {
        let (one, other) = (name(&tie.one)?, name(&tie.other)?);
        let band = Band::of(tie.synergies)?;
        Some(vec![Cell::text(one), Cell::text(other), Cell::text(band.label())])
    });
    Table::new(
        "Synergies entre communes",
        &["Commune", "Avec", "Synergies en place"],
        rows.collect(),
    )
    .between()
}

#[derive(Deserialize)]
struct Features {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Properties {
    insee: String,
}

#[derive(Deserialize)]
struct Geometry {
    coordinates: Vec<Vec<Ring>>,
}

/// The outlines shipped with the application; a commune without one keeps its disc.
pub fn outlines() -> &'static BTreeMap<String, Vec<Ring>> {
    static KNOWN: OnceLock<BTreeMap<String, Vec<Ring>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let shipped: Features = serde_json::from_str(include_str!("../../static/map/communes_41.geojson"))
            .unwrap_or(Features { features: Vec::new() });
        let rings = |feature: Feature| {
            (
                feature.properties.insee,
                feature.geometry.coordinates.into_iter().flatten().collect(),
            )
        };
        shipped.features.into_iter().map(rings).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::outlines;

    #[test]
    fn the_outlines_that_are_shipped_can_be_read() {
        assert!(outlines().len() > 200 && outlines().contains_key("41269"));
    }
}
