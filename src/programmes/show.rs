//! Screen: the programme as its founding document tells it, who commits to what and who pays.

use super::model::{Commitment, FundingPlan, Priority, Programme};
use super::store;
use crate::nomenclature::Catalogue;
use crate::platform::access::Observer;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "programmes/show.html")]
struct Show {
    programme: Programme,
    commitments: Vec<Commitment>,
    plan: FundingPlan,
    priorities: Vec<Priority>,
}

impl Show {
    fn category(&self, priority: &Priority) -> &'static str {
        &Catalogue::embedded().category(priority.code).label
    }
}

#[derive(Template)]
#[template(path = "programmes/none.html")]
struct NoProgramme {
    territory: String,
}

pub(super) async fn show(me: Observer) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let Some(programme) = store::current(&mut db, &scope, me.today()).await? else {
        let territory = me
            .session()
            .territory()
            .map(|t| t.name.clone())
            .unwrap_or_default();
        return Ok(Page(NoProgramme { territory }).into_response());
    };
    let commitments = store::commitments(&mut db, &scope, programme.id).await?;
    let plan = FundingPlan::of(&store::funding(&mut db, &scope, programme.id).await?);
    let priorities = store::priorities(&mut db, &scope).await?;
    Ok(Page(Show {
        programme,
        commitments,
        plan,
        priorities,
    })
    .into_response())
}
