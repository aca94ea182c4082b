//! The barest page of the stack: what no page of the application can beat.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use maillage::kernel::ids::TerritoryId;
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Row as _};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Flux</title></head><body><h1>Flux</h1><table><thead><tr><th>Flux</th><th>Catégorie</th><th>Quantité</th><th>Relevé le</th></tr></thead><tbody>
{% for row in rows %}<tr><th scope="row"><a href="/flux/{{ row.id }}">{{ row.label }}</a></th><td><span class="mark family">{{ row.category }}</span></td><td class="num">{{ row.quantity }}</td><td class="nw">{{ row.observed_on }}</td><td><a class="btn quiet" href="/flux/{{ row.id }}/modifier">Je modifie ce flux</a></td></tr>
{% endfor %}</tbody></table></body></html>"#
)]
struct Page {
    rows: Vec<Line>,
}

struct Line {
    id: String,
    label: String,
    category: String,
    quantity: f64,
    observed_on: String,
}

#[derive(Clone)]
struct Known {
    pool: PgPool,
    territory: TerritoryId,
}

pub(crate) async fn router(url: &str, territory: TerritoryId) -> anyhow::Result<Router> {
    let pool = PgPoolOptions::new().max_connections(16).connect(url).await?;
    Ok(Router::new()
        .route("/", get(show))
        .with_state(Known { pool, territory }))
}

async fn show(State(known): State<Known>) -> Result<Html<String>, StatusCode> {
    let refused = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let rows = sqlx::query(
        "select id::text, label, category, coalesce(annual_quantity, 0) as quantity, observed_on::text from flows
         where territory_id = $1 and category = 'MAT-01' and deleted_at is null limit 50",
    )
    .bind(known.territory.uuid())
    .fetch_all(&known.pool)
    .await
    .map_err(refused)?;
    let rows = rows
        .iter()
        .map(|row| {
            Ok(Line {
                id: row.try_get(0)?,
                label: row.try_get(1)?,
                category: row.try_get(2)?,
                quantity: row.try_get(3)?,
                observed_on: row.try_get(4)?,
            })
        })
        .collect::<sqlx::Result<Vec<_>>>()
        .map_err(refused)?;
    let html = Page { rows }
        .render()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Html(html))
}
