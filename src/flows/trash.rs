//! Screen: flows deleted lately, each of which can come back.

use super::store::Deleted;
use super::{paths, store};
use crate::companies;
use crate::kernel::Direction;
use crate::platform::access::Staff;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "flows/trash.html")]
struct Trash {
    flows: Vec<Deleted>,
}

pub(super) async fn show(me: Staff) -> Result<Response> {
    let flows = store::deleted(&mut *me.read().await?, &me.scope()?, me.now()).await?;
    Ok(Page(Trash { flows }).into_response())
}
