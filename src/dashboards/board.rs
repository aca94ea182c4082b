//! Screen: the committee's board at a glance, and every board's tables as files. Sums and counts only.

use super::figures::Figures;
use super::model::cut::Cut;
use super::model::secrecy::SECRECY;
use super::model::{ContractLine, PriorityLine, Stage};
use super::section::{Frame, Section, funnel_of};
use super::{activity, bonds, inventory, map, tables};
use crate::platform::access::Observer;
use crate::platform::web::charts::{Svg, progress};
use crate::platform::web::{Page, Query, Result, filters};
use crate::programmes::model::Goal;
use askama::Template;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, NaiveDate};

#[derive(Template)]
#[template(path = "dashboards/board.html")]
struct Board {
    frame: Frame,
    set: Figures,
}

impl Board {
    /// None without a target: an empty track would read as nothing done.
    fn bar(&self, line: &ContractLine) -> Option<Svg> {
        Some(progress(line.length()?, line.baseline_share()))
    }
    fn chart(&self) -> Svg {
        funnel_of(&self.set.stages)
    }
    fn nothing_proposed(&self) -> bool {
        self.set
            .stages
            .first()
            .is_some_and(|stage| stage.count() == Some(0))
    }
    fn is_chosen(&self, year: &i32) -> bool {
        self.set.contract.year == Some(*year)
    }
    fn stages(&self) -> &[Stage] {
        &self.set.stages
    }
}

pub(super) async fn show(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let frame = Frame::load(&mut db, &me, Section::Overview, &cut).await?;
    let set = Figures::load(&mut db, &scope, &cut, me.today()).await?;
    Ok(Page(Board { frame, set }).into_response())
}

pub(super) async fn xlsx(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let (set, heading, tables) = everything(&me, &cut).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(
        set.contract.on,
        "xlsx",
        kind,
        tables::xlsx((&set.contract.territory, &heading), &tables)?,
    ))
}

pub(super) async fn csv(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let (set, heading, tables) = everything(&me, &cut).await?;
    Ok(file(
        set.contract.on,
        "csv",
        "text/csv; charset=utf-8",
        tables::csv((&set.contract.territory, &heading), &tables)?,
    ))
}

/// The tables of all boards under the filters of the address, and what is said above them.
async fn everything(me: &Observer, cut: &Cut) -> Result<(Figures, String, Vec<tables::Table>)> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let set = Figures::load(&mut db, &scope, cut, today).await?;
    let mut all = tables::of(&set);
    all.extend(inventory::tables(&mut db, &scope, cut).await?);
    all.extend(map::tables(&mut db, &scope, cut).await?);
    all.extend(bonds::tables(&mut db, &scope, cut).await?);
    all.extend(activity::tables(&mut db, &scope, cut, today).await?);
    all.push(tables::method(&set));
    let frame = Frame::load(&mut db, me, Section::Overview, cut).await?;
    let heading = frame.heading(set.contract.on);
    Ok((set, heading, all))
}

fn file(on: NaiveDate, extension: &str, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"tableau-de-bord-{on}.{extension}\"");
    (
        [
            (CONTENT_TYPE, media_type.to_owned()),
            (CONTENT_DISPOSITION, disposition),
        ],
        bytes,
    )
        .into_response()
}
