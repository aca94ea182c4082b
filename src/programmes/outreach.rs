//! Screen: what made the programme known, and what was shared with other territories.

use super::model::Outreach;
use super::paths;
use super::store::{self, Piece};
use crate::platform::access::Observer;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "programmes/outreach.html")]
struct OutreachPage {
    actions: Vec<Outreach>,
    may_edit: bool,
}

pub(super) async fn show(me: Observer) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let actions = match store::current(&mut db, &scope, me.today()).await? {
        Some(programme) => store::outreach(&mut db, &scope, programme.id).await?,
        None => Vec::new(),
    };
    Ok(Page(OutreachPage {
        actions,
        may_edit: me.is_manager(),
    })
    .into_response())
}
