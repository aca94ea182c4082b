//! Screen: the committee's board, and the same tables as files. Sums and counts only.

use super::model::{ContractLine, LackingLine, Milestones, PriorityLine, Stage, contract, grouped};
use super::{paths, store, tables};
use crate::indicators::{self, model::is_few};
use crate::kernel::ids::TerritoryId;
use crate::platform::access::Observer;
use crate::platform::web::charts::{Caption, Svg, funnel, progress};
use crate::platform::web::{Page, Query, Result, filters};
use crate::programmes::model::Goal;
use crate::programmes::{self, Programme};
use crate::prospects;
use crate::synergies;
use crate::synergies::store::precision::Reviewed;
use askama::Template;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

pub(super) const SECRECY: &str = "Un effectif de un ou deux est remplacé par «\u{a0}<\u{a0}3\u{a0}» ou masqué, comme tout \
    nombre qui permettrait de le retrouver par différence. Une quantité est masquée quand moins de trois établissements \
    la composent, ou quand un seul pèse plus de 80\u{a0}%. Les gisements sont arrondis à trois chiffres.";

/// Kinds of missing company that a committee reads.
const LACKING: usize = 5;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BoardQuery {
    annee: String,
}

/// Everything the page and the files show.
#[derive(Template)]
#[template(path = "dashboards/board.html")]
pub(super) struct Board {
    pub(super) territory: String,
    pub(super) on: NaiveDate,
    /// Ends of year that can be looked at, newest first.
    years: Vec<i32>,
    year: Option<i32>,
    programme: Option<Programme>,
    pub(super) milestones: Milestones,
    pub(super) lines: Vec<ContractLine>,
    flows: i64,
    pub(super) stages: Vec<Stage>,
    pub(super) priorities: Vec<PriorityLine>,
    /// What became of the engine's proposals over the last year.
    reviewed: Reviewed,
    lacking: Vec<LackingLine>,
}

impl Board {
    /// « Objectif 2022 », or the bare word without a date.
    pub(super) fn head(&self, word: &str, day: Option<NaiveDate>) -> String {
        day.map_or_else(|| word.to_owned(), |day| format!("{word} {}", day.year()))
    }

    pub(super) fn flows(&self) -> String {
        if is_few(self.flows) {
            super::model::FEW.to_owned()
        } else {
            grouped(self.flows)
        }
    }

    /// None without a target: an empty track would read as nothing done.
    fn bar(&self, line: &ContractLine) -> Option<Svg> {
        Some(progress(line.length()?, line.baseline_share()))
    }

    fn chart(&self) -> Svg {
        let longest = self
            .stages
            .iter()
            .filter_map(|stage| stage.count)
            .max()
            .unwrap_or(0);
        let steps: Vec<_> = self.stages.iter().map(|stage| stage.step(longest)).collect();
        let (first, last) = (self.stages.first(), self.stages.last());
        let figure = |stage: Option<&Stage>| stage.map(Stage::figure).unwrap_or_default();
        let title = format!(
            "De {} propositions à {} synergies réalisées.",
            figure(first),
            figure(last)
        );
        let told: Vec<_> = self
            .stages
            .iter()
            .map(|s| format!("{}\u{a0}: {}", s.label, s.figure()))
            .collect();
        let description = format!(
            "Barres horizontales, de haut en bas. {}.",
            told.join("\u{202f}; ")
        );
        funnel(
            Caption {
                id: "entonnoir",
                title: &title,
                description: &description,
            },
            &steps,
        )
    }

    /// « 34 % »; nothing under five cases.
    fn precision(&self) -> Option<String> {
        synergies::model::share(self.reviewed.accepted, self.reviewed.reviewed)
    }

    fn nothing_proposed(&self) -> bool {
        self.stages.first().is_some_and(|stage| stage.count == Some(0))
    }

    fn is_chosen(&self, year: &i32) -> bool {
        self.year == Some(*year)
    }

    fn query(&self) -> String {
        self.year.map(|year| format!("?annee={year}")).unwrap_or_default()
    }
}

pub(super) async fn show(me: Observer, Query(query): Query<BoardQuery>) -> Result<Response> {
    Ok(Page(load(&me, &query).await?).into_response())
}

pub(super) async fn xlsx(me: Observer, Query(query): Query<BoardQuery>) -> Result<Response> {
    let board = load(&me, &query).await?;
    let bytes = tables::xlsx(&board, &tables::of(&board))?;
    Ok(file(
        &board,
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        bytes,
    ))
}

pub(super) async fn csv(me: Observer, Query(query): Query<BoardQuery>) -> Result<Response> {
    let board = load(&me, &query).await?;
    let bytes = tables::csv(&board, &tables::of(&board))?;
    Ok(file(&board, "csv", "text/csv; charset=utf-8", bytes))
}

fn file(board: &Board, extension: &str, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!(
        "attachment; filename=\"tableau-de-bord-{}.{extension}\"",
        board.on
    );
    (
        [
            (CONTENT_TYPE, media_type.to_owned()),
            (CONTENT_DISPOSITION, disposition),
        ],
        bytes,
    )
        .into_response()
}

async fn load(me: &Observer, query: &BoardQuery) -> Result<Board> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let programme = programmes::store::current(&mut db, &scope, today).await?;
    let targets = match &programme {
        Some(programme) => programmes::store::targets(&mut db, &scope, programme.id).await?,
        None => Vec::new(),
    };
    let years: Vec<i32> = programme
        .as_ref()
        .map(|p| (p.starts_on.year()..today.year()).rev().collect())
        .unwrap_or_default();
    let year = query.annee.parse().ok().filter(|year| years.contains(year));
    let ends = years
        .iter()
        .filter_map(|year| NaiveDate::from_ymd_opt(*year, 12, 31));
    let mut days: Vec<_> = std::iter::once(today).chain(ends).collect();
    let place = year
        .and_then(|year| years.iter().position(|y| *y == year))
        .map_or(0, |found| found + 1);
    let on = days[place];
    days.push(on.checked_sub_months(Months::new(3)).unwrap_or(on));
    let mut series = indicators::store::facts(&mut db, &scope, &days).await?;
    let before = series
        .pop()
        .ok_or_else(|| anyhow::anyhow!("a figure for each day asked"))?;
    let counts = store::funnel(&mut db, &scope).await?;
    let sums = store::priority_sums(&mut db, &scope).await?;
    let since = today.checked_sub_months(Months::new(12)).unwrap_or(today);
    let reviewed = synergies::store::precision::reviewed_since(&mut db, &scope, since).await?;
    Ok(Board {
        territory: name_of(me, scope.territory()),
        on,
        milestones: Milestones::of(&targets, on),
        lines: contract(&targets, &series, place, &before),
        flows: counts.flows,
        stages: counts.stages(),
        priorities: sums
            .iter()
            .map(|(code, sums)| PriorityLine::of(*code, sums))
            .collect(),
        reviewed,
        lacking: prospects::store::lacking(&mut db, &scope)
            .await?
            .iter()
            .filter_map(LackingLine::of)
            .take(LACKING)
            .collect(),
        years,
        year,
        programme,
    })
}

fn name_of(me: &Observer, territory: TerritoryId) -> String {
    let here = me.session().territories().iter().find(|t| t.id == territory);
    here.map(|t| t.name.clone()).unwrap_or_default()
}
