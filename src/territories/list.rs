//! Screen: the territories of the instance.

use super::{paths, store};
use crate::platform::access::Administrator;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "territories/list.html")]
struct List {
    territories: Vec<store::TerritoryRow>,
}

pub(super) async fn list(me: Administrator) -> Result<Response> {
    let territories = store::list(&mut *me.read().await?).await?;
    Ok(Page(List { territories }).into_response())
}
