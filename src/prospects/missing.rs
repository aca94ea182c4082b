//! Screen: « qui manque », the kinds of company that would unlock flows without a solution.

use super::model::{label, two_figures};
use super::paths;
use super::store::{self, Named};
use crate::companies;
use crate::engine::deduction::{Missing, Unlocked};
use crate::kernel::ids::EstablishmentId;
use crate::kernel::{Direction, format_number};
use crate::nomenclature::{FlowCode, naf};
use crate::platform::access::{Scope, Staff};
use crate::platform::web::{Page, Query, Result, asset, filters};
use askama::Template;
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Lines of each table.
const SHOWN: usize = 15;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    categorie: String,
    sens: String,
}

#[derive(Template)]
#[template(path = "prospects/missing.html")]
struct Lacks {
    receivers: Vec<Line>,
    suppliers: Vec<Line>,
    detail: Option<Detail>,
}

/// One kind of partner.
struct Line {
    css: &'static str,
    code: String,
    label: &'static str,
    href: String,
    is_chosen: bool,
    flows: i64,
    sites: i64,
    quantity: Option<String>,
    value: Option<String>,
    trades: String,
}

/// The flows that one partner would unlock.
struct Detail {
    title: String,
    place: String,
    rows: Vec<FlowLine>,
    trades: Vec<(String, String)>,
    points: Option<String>,
    attrs: String,
}

struct FlowLine {
    id: EstablishmentId,
    establishment: String,
    commune: String,
    css: &'static str,
    code: String,
    label: String,
    quantity: Option<String>,
    km: f64,
}

pub(super) async fn show(me: Staff, Query(chosen): Query<Chosen>) -> Result<Page<impl Template>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let missing = store::missing(&mut db, &scope).await?;
    let asked = FlowCode::find(&chosen.categorie).zip(Direction::parse(&chosen.sens).ok());
    let open = missing
        .iter()
        .find(|one| asked == Some((one.code, one.direction)));
    let detail = match open {
        Some(one) => Some(detail(&mut db, &scope, one).await?),
        None => None,
    };
    let lines = |direction| {
        let of = missing.iter().filter(move |one| one.direction == direction);
        of.take(SHOWN)
            .map(|one| Line::of(one, asked == Some((one.code, one.direction))))
            .collect::<Vec<_>>()
    };
    Ok(Page(Lacks {
        receivers: lines(Direction::Inbound),
        suppliers: lines(Direction::Outbound),
        detail,
    }))
}

impl Line {
    fn of(one: &Missing, is_chosen: bool) -> Self {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let trades: Vec<_> = one
            .trades
            .iter()
            .filter_map(|(division, _)| naf::division_label(division))
            .collect();
        Self {
            css: one.code.family().css(),
            code: one.code.to_string(),
            label: label(one.code),
            href: paths::missing(one.code, one.direction),
            is_chosen,
            flows: count(one.flows.len()),
            sites: count(one.sites),
            quantity: amount(one, one.quantity),
            value: one.value.map(|[low, _, high]| {
                format!(
                    "{} à {}\u{a0}€ par an",
                    two_figures(low.max(0.0)),
                    two_figures(high.max(0.0))
                )
            }),
            trades: trades.into_iter().take(2).collect::<Vec<_>>().join("\u{202f}; "),
        }
    }
}

fn amount(one: &Missing, quantity: Option<f64>) -> Option<String> {
    let quantity = quantity.filter(|quantity| *quantity > 0.0)?;
    Some(format!("{}\u{a0}{}", two_figures(quantity), one.unit.symbol()))
}

async fn detail(db: &mut PgConnection, scope: &Scope, one: &Missing) -> Result<Detail> {
    let ids: Vec<Uuid> = one
        .flows
        .iter()
        .filter_map(|flow| flow.flow.as_str().parse().ok())
        .collect();
    let named = store::named(db, scope, &ids).await?;
    let by_flow: BTreeMap<String, &Named> = named
        .iter()
        .map(|known| (known.flow.to_string(), known))
        .collect();
    let centre = one
        .place
        .as_str()
        .parse::<EstablishmentId>()
        .ok()
        .and_then(|id| named.iter().find(|known| known.establishment_id == id));
    let place = centre.map_or_else(
        || "au centre de ces flux".to_owned(),
        |known| match &known.commune {
            Some(commune) => format!("près de {commune}"),
            None => format!("près de {}", known.establishment),
        },
    );
    let title = match one.direction {
        Direction::Inbound => format!("Qui prendrait\u{a0}: {}", label(one.code)),
        Direction::Outbound => format!("Qui fournirait\u{a0}: {}", label(one.code)),
    };
    let trades = one.trades.iter().filter_map(|(division, share)| {
        let name = naf::division_label(division)?;
        Some((
            format!("{division} {name}"),
            format!("{}\u{a0}%", format_number(share * 100.0, 0)),
        ))
    });
    Ok(Detail {
        title,
        place: format!(
            "{place}, dans un rayon de {}\u{a0}km",
            format_number(one.radius_km, 0)
        ),
        rows: one
            .flows
            .iter()
            .filter_map(|flow| Some(FlowLine::of(one, flow, by_flow.get(flow.flow.as_str())?)))
            .collect(),
        trades: trades.collect(),
        points: points(one, &by_flow),
        attrs: format!(
            r#"data-contours="{} {}""#,
            asset("map/communes_41.geojson"),
            asset("map/departements.geojson")
        ),
    })
}

impl FlowLine {
    fn of(one: &Missing, flow: &Unlocked, known: &Named) -> Self {
        Self {
            id: known.establishment_id,
            establishment: known.establishment.clone(),
            commune: known.commune.clone().unwrap_or_default(),
            css: flow.code.family().css(),
            code: flow.code.to_string(),
            label: known.label.clone(),
            quantity: amount(one, flow.quantity),
            km: flow.km,
        }
    }
}

/// The places of the flows, as the map reads them.
fn points(one: &Missing, by_flow: &BTreeMap<String, &Named>) -> Option<String> {
    let points: Vec<_> = one
        .flows
        .iter()
        .filter_map(|flow| {
            let known = by_flow.get(flow.flow.as_str())?;
            Some(serde_json::json!({
                "lat": known.latitude?,
                "lon": known.longitude?,
                "label": known.establishment,
                "hint": known.label,
                "href": companies::paths::show(&known.establishment_id),
                "family": flow.code.family().css(),
            }))
        })
        .collect();
    (!points.is_empty()).then(|| serde_json::Value::Array(points).to_string())
}
