//! Screen: everything that is recorded about the company, and what was found for it.

use super::model::{OwnFlow, Proposal};
use super::{paths, store};
use crate::kernel::Direction;
use crate::platform::access::CompanyUser;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

#[derive(Template)]
#[template(path = "portal/space.html")]
struct Space {
    today: NaiveDate,
    proposals: Vec<Proposal>,
    sheets: Vec<Sheet>,
    advisors: Vec<String>,
}

/// One establishment with its flows.
struct Sheet {
    of: store::OwnEstablishment,
    flows: Vec<OwnFlow>,
}

impl Space {
    fn is_stale(&self, sheet: &Sheet, flow: &OwnFlow) -> bool {
        flow.is_stale(sheet.of.freshness_months, self.today)
    }
}

pub(super) async fn show(me: CompanyUser) -> Result<Response> {
    let scope = me.scope();
    let mut db = me.read().await?;
    let mut sheets = Vec::new();
    for of in store::establishments(&mut db, &scope).await? {
        let flows = store::flows(&mut db, &scope, of.id).await?;
        sheets.push(Sheet { of, flows });
    }
    let page = Space {
        today: me.today(),
        proposals: store::proposals(&mut db, &scope).await?,
        advisors: store::advisors(&mut db, &scope).await?,
        sheets,
    };
    Ok(Page(page).into_response())
}
