//! Screen: the programme as its founding document tells it: its calendar, who takes part, who commits
//! to what, what comes first.

use super::model::{Calendar, Commitment, FundingPlan, Partner, Priority, Programme};
use super::paths;
use super::store::{self, Piece};
use crate::nomenclature::Catalogue;
use crate::platform::access::Observer;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

#[derive(Template)]
#[template(path = "programmes/show.html")]
struct Show {
    programme: Programme,
    calendar: Calendar,
    partners: Vec<Partner>,
    commitments: Vec<Commitment>,
    plan: FundingPlan,
    priorities: Vec<Priority>,
    today: NaiveDate,
    may_edit: bool,
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
    may_edit: bool,
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
        let may_edit = me.is_manager();
        return Ok(Page(NoProgramme { territory, may_edit }).into_response());
    };
    let commitments = store::commitments(&mut db, &scope, programme.id).await?;
    let tasks = store::tasks(&mut db, &scope, programme.id).await?;
    let partners = store::partners(&mut db, &scope, programme.id).await?;
    let plan = FundingPlan::of(&store::funding(&mut db, &scope, programme.id).await?);
    let priorities = store::priorities(&mut db, &scope).await?;
    Ok(Page(Show {
        calendar: Calendar::of(&programme, &tasks),
        programme,
        partners,
        commitments,
        plan,
        priorities,
        today: me.today(),
        may_edit: me.is_manager(),
    })
    .into_response())
}
