//! Screen: what anybody may read of a territory that chose to show itself. Its own page: no session, no
//! menu, nothing followed, so that it may be kept by any cache.

use super::figures::{Contract, Headline};
use super::model::cut::Cut;
use super::store::publication::{self as store, Published};
use crate::indicators::model::quarter_end;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::{AggregateScope, Anyone};
use crate::platform::web::{AppError, OptionExt, Path, Result, filters};
use askama::Template;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};
use chrono::NaiveDate;

#[derive(Template)]
#[template(path = "dashboards/public.html")]
struct Public {
    territory: String,
    on: NaiveDate,
    is_indexed: bool,
    heads: Vec<Headline>,
    published: Vec<Published>,
}

pub(super) async fn show(me: Anyone, Path(id): Path<TerritoryId>) -> Result<Response> {
    let today = me.today();
    let mut db = me.read().await?;
    let setting = store::setting(&mut db, id)
        .await?
        .filter(|setting| setting.is_public)
        .or_not_found()?;
    let scope = AggregateScope::of_public(&me, id);
    // Figures that moved each day would tell, to whoever comes every day, what the synergy just begun brings.
    let on = quarter_end(today);
    let set = Contract::load(&mut db, &scope, &Cut::default(), on).await?;
    let page = Public {
        heads: set.headlines(),
        territory: set.territory,
        on,
        is_indexed: setting.is_indexed,
        published: store::published(&mut db, id).await?,
    };
    let html = page.render().map_err(|error| AppError::Internal(error.into()))?;
    let robots = if setting.is_indexed {
        "all"
    } else {
        "noindex, nofollow"
    };
    Ok((
        [
            (CACHE_CONTROL.as_str(), "public, max-age=600"),
            ("x-robots-tag", robots),
        ],
        Html(html),
    )
        .into_response())
}
