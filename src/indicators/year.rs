//! Screen: one year, by theme, with its radar and its maturity; closing it.

use super::catalogue::{Aspect, Part, Records, Theme};
use super::evaluation::{self, EvaluationState, Line, Maturity, Mean, Status, Subset, figure};
use super::judged::{self, Judged};
use super::masking::{self, Masked};
use super::{paths, store};
use crate::kernel::format_number;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::{Manager, Observer};
use crate::platform::web::charts::{Caption, Series, Svg, radar};
use crate::platform::web::{AppError, OptionExt, Page, Path, Query, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgConnection;

/// What a committee reads of a hidden figure.
pub(super) const HIDDEN: &str = "masqué";

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct YearQuery {
    /// 29, obligatoires, manquants; anything else shows all.
    liste: String,
    /// « aspects » for three axes instead of eleven.
    radar: String,
    /// A territory that agreed to be compared.
    territoire: String,
}

impl YearQuery {
    fn subset(&self) -> Subset {
        match self.liste.as_str() {
            "29" => Subset::Short,
            "obligatoires" => Subset::Mandatory,
            "manquants" => Subset::Missing,
            _ => Subset::All,
        }
    }
}

/// A line as the page writes it.
struct Row<'a> {
    line: &'a Line,
    value: String,
    unit: &'static str,
    hidden: bool,
    score: Option<f64>,
    /// Where its records are.
    records: Option<String>,
}

/// One polygon of the radar, and a column of its table.
struct Compared {
    label: String,
    lines: Vec<Line>,
    masked: Masked,
}

#[derive(Template)]
#[template(path = "indicators/year.html")]
pub(super) struct YearPage {
    judged: Judged,
    query: YearQuery,
    compared: Vec<Compared>,
    neighbours: Vec<store::Neighbour>,
    staff: bool,
    may_edit: bool,
    refused: bool,
}

impl YearPage {
    fn year(&self) -> &i32 {
        &self.judged.evaluation.year
    }
    fn is_open(&self) -> bool {
        self.judged.evaluation.state == EvaluationState::Open
    }
    /// The year is over, or on its last day.
    fn may_close(&self) -> bool {
        self.judged.on >= judged::last_day(*self.year(), NaiveDate::MAX)
    }
    fn missing(&self) -> Vec<&Line> {
        evaluation::missing(&self.judged.lines)
    }
    fn count(&self, subset: Subset) -> usize {
        self.judged.lines.iter().filter(|line| line.is_in(subset)).count()
    }
    fn computed(&self) -> usize {
        let computed = |line: &&Line| line.indicator().is_some_and(super::Indicator::is_computed);
        self.judged.lines.iter().filter(computed).count()
    }
    /// Of those, what the year's records give a value to.
    fn valued(&self) -> usize {
        let valued = |line: &&Line| line.computed.value.is_some();
        self.judged.lines.iter().filter(valued).count()
    }
    fn maturity(&self) -> Option<Maturity> {
        Maturity::of(&self.judged.lines, &self.judged.masked)
    }
    fn aspect(&self, aspect: &Aspect) -> Mean {
        evaluation::aspect(&self.judged.lines, *aspect, &self.judged.masked)
    }
    fn theme(&self, theme: &Theme) -> Mean {
        evaluation::theme(&self.judged.lines, *theme, &self.judged.masked)
    }
    fn score(score: &Option<f64>) -> String {
        score.map_or_else(|| "–".to_owned(), |score| format_number(score, 0))
    }
    /// Lists that may be chosen: address, label, number of lines, chosen.
    fn lists(&self) -> Vec<(String, &'static str, usize, bool)> {
        [
            ("", "Les 61", Subset::All),
            ("29", "Les 29", Subset::Short),
            ("obligatoires", "Obligatoires", Subset::Mandatory),
            ("manquants", "Manquants", Subset::Missing),
        ]
        .into_iter()
        .map(|(word, label, subset)| {
            let href = format!("{}?liste={word}#indicateurs", paths::year(self.year()));
            (href, label, self.count(subset), self.query.subset() == subset)
        })
        .collect()
    }

    fn themes(&self, part: &Part) -> Vec<(&'static Theme, Vec<Row<'_>>)> {
        let subset = self.query.subset();
        Theme::ALL
            .iter()
            .filter(|theme| theme.part() == *part)
            .map(|theme| {
                let own = self.judged.lines.iter().filter(|line| line.is_in(subset));
                let own = own.filter(|line| line.indicator().is_some_and(|i| i.theme == *theme));
                (theme, own.map(|line| self.row(line)).collect::<Vec<_>>())
            })
            .filter(|(_, rows)| !rows.is_empty())
            .collect()
    }

    fn row<'a>(&self, line: &'a Line) -> Row<'a> {
        let hidden = !self.staff && self.judged.masked.contains(&line.code);
        let value = match (line.indicator(), line.value()) {
            _ if hidden => HIDDEN.to_owned(),
            (Some(indicator), Some(value)) => figure(indicator, value),
            _ => String::new(),
        };
        Row {
            value,
            unit: line.indicator().map_or("", |indicator| indicator.unit.symbol()),
            hidden,
            score: line.score().filter(|_| !hidden),
            records: line
                .indicator()
                .and_then(|indicator| records_of(self.year(), indicator.records, self.staff)),
            line,
        }
    }

    fn by_aspect(&self) -> bool {
        self.query.radar == "aspects"
    }

    fn axes(&self) -> Vec<(&'static str, &'static str)> {
        if self.by_aspect() {
            Aspect::ALL.iter().map(|one| (one.label(), one.label())).collect()
        } else {
            Theme::ALL.iter().map(|one| (one.code(), one.label())).collect()
        }
    }

    fn scores(&self, lines: &[Line], masked: &Masked) -> Vec<Option<f64>> {
        if self.by_aspect() {
            let aspects = Aspect::ALL.iter();
            aspects
                .map(|one| evaluation::aspect(lines, *one, masked).score)
                .collect()
        } else {
            let themes = Theme::ALL.iter();
            themes
                .map(|one| evaluation::theme(lines, *one, masked).score)
                .collect()
        }
    }

    fn series(&self) -> Vec<Series> {
        let own = (self.year().to_string(), &self.judged.lines, &self.judged.masked);
        let others = self
            .compared
            .iter()
            .map(|one| (one.label.clone(), &one.lines, &one.masked));
        std::iter::once(own)
            .chain(others)
            .map(|(label, lines, masked)| Series {
                label,
                scores: self.scores(lines, masked),
            })
            .collect()
    }

    /// The same scores as a table: code, label, one score per series.
    fn table(&self) -> Vec<(&'static str, &'static str, Vec<Option<f64>>)> {
        let series = self.series();
        let axes = self.axes().into_iter().enumerate();
        axes.map(|(rank, (code, label))| {
            let scores = series.iter().map(|one| one.scores.get(rank).copied().flatten());
            (code, label, scores.collect())
        })
        .collect()
    }

    fn radar(&self) -> Svg {
        let axes = self.axes();
        let series = self.series();
        let told: Vec<_> = axes
            .iter()
            .zip(
                series
                    .first()
                    .map(|own| own.scores.as_slice())
                    .unwrap_or_default(),
            )
            .map(|((_, label), score)| format!("{label}\u{a0}: {}", Self::score(score)))
            .collect();
        let title = format!("Scores de l’année {}, de 0 à 100.", self.year());
        let description = format!("{}.", told.join("\u{202f}; "));
        let caption = Caption {
            id: "radar",
            title: &title,
            description: &description,
        };
        let labels: Vec<_> = axes.iter().map(|(_, label)| (*label).to_owned()).collect();
        radar(caption, &labels, &series)
    }
}

/// The page of what stands behind a figure.
pub(super) fn records_of(year: &i32, records: Records, staff: bool) -> Option<String> {
    use crate::{flows, programmes, synergies};
    let sort = match records {
        Records::Answer => return None,
        Records::Establishments => "etablissements",
        Records::Visits if staff => "visites",
        Records::Visits => "etablissements",
        Records::Flows if staff => return Some(flows::paths::LIST.to_owned()),
        Records::Synergies if staff => return Some(synergies::paths::LIST.to_owned()),
        Records::Flows | Records::Synergies => return Some("/tableau-de-bord".to_owned()),
        Records::Realised => "synergies",
        Records::Workshops => "ateliers",
        Records::Meetings => return Some(programmes::paths::MEETINGS.to_owned()),
        Records::Partners => return Some(programmes::paths::SHOW.to_owned()),
        Records::Outreach => return Some(programmes::paths::OUTREACH.to_owned()),
        Records::Money => return Some("/demarche/budget".to_owned()),
    };
    Some(paths::records(year, sort))
}

pub(super) async fn show(
    me: Observer,
    Path(year): Path<i32>,
    Query(query): Query<YearQuery>,
) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let mut years = Judged::all(&mut db, &scope, me.today()).await?;
    let rank = years.iter().position(|one| one.evaluation.year == year);
    let judged = years.remove(rank.or_not_found()?);
    let page = page(&mut db, &me, (judged, years), query).await?;
    Ok(Page(page).into_response())
}

async fn page(
    db: &mut PgConnection,
    me: &Observer,
    (judged, others): (Judged, Vec<Judged>),
    query: YearQuery,
) -> Result<YearPage> {
    let staff = me.rows().is_some();
    let neighbours = store::neighbours(db, &me.scope()?).await?;
    let chosen: Option<TerritoryId> = query.territoire.parse().ok();
    let mut compared: Vec<_> = neighbours
        .iter()
        .filter(|other| Some(other.territory) == chosen)
        .map(|other| Compared {
            label: format!("{}, {}", other.name, other.year),
            lines: other.frozen.0.clone(),
            masked: masking::masked(&[&other.frozen.0]).remove(0),
        })
        .collect();
    if compared.is_empty() {
        compared = others
            .into_iter()
            .filter(|one| one.evaluation.year < judged.evaluation.year && !one.evaluation.is_open())
            .map(|one| Compared {
                label: one.evaluation.year.to_string(),
                masked: one.masked,
                lines: one.lines,
            })
            .take(2)
            .collect();
    }
    Ok(YearPage {
        judged,
        query,
        compared,
        neighbours,
        staff,
        may_edit: me.is_manager(),
        refused: false,
    })
}

/// Closes the year, or says what is missing with a link to each.
pub(super) async fn close(me: Manager, Path(year): Path<i32>) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let closed = me
        .transact(async |tx| -> Result<Option<Judged>> {
            let (id, state) = store::lock(tx, &scope, year).await?.or_not_found()?;
            if state == EvaluationState::Closed {
                return Err(AppError::Conflict(format!(
                    "L’évaluation {year} est déjà clôturée."
                )));
            }
            if today < judged::last_day(year, NaiveDate::MAX) {
                return Err(AppError::Conflict(format!(
                    "L’année {year} n’est pas finie\u{a0}: elle pourra être clôturée à partir du 31 décembre."
                )));
            }
            let judged = Judged::load(tx, &scope.aggregate(), year, today)
                .await?
                .or_not_found()?;
            if evaluation::missing(&judged.lines).is_empty() {
                store::close(tx, &scope, id, &judged.lines).await?;
                return Ok(None);
            }
            tx.nothing_to_record();
            Ok(Some(judged))
        })
        .await?;
    let Some(judged) = closed else {
        let message = format!("L’évaluation {year} est clôturée\u{a0}: ses valeurs ne changeront plus.");
        return Ok(me.done(message, paths::year(&year)).into_response());
    };
    let page = YearPage {
        judged,
        query: YearQuery::default(),
        compared: Vec::new(),
        neighbours: Vec::new(),
        staff: true,
        may_edit: true,
        refused: true,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}
