//! What the slides and the report both draw of a [`Report`].

use super::report::{Report, beside};
use crate::dashboards::model::secrecy::{Band, SECRECY};
use crate::dashboards::model::{ContractLine, HIDDEN, PriorityLine, UNKNOWN, grouped, plain};
use crate::dashboards::outlines;
use crate::indicators::catalogue::Theme;
use crate::indicators::model::Timeline;
use crate::indicators::{Judged, Maturity, Shown, catalogue, euros, evaluation, figure};
use crate::kernel::format_number;
use crate::platform::pdf::{Block, Cell, Column, Map, MapArea, Table, Words, edited};
use crate::platform::web::charts::{Length, Series};
use crate::platform::web::filters::long_day;
use crate::programmes::model::{Decision, DecisionState, Goal};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

impl Report {
    pub(super) fn header(&self) -> String {
        let programme = self
            .set
            .contract
            .programme
            .as_ref()
            .map(|programme| programme.name.as_str());
        [Some(self.set.contract.territory.as_str()), programme]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ")
    }

    /// Method and date, on each page.
    pub(super) fn footer(&self, now: DateTime<Utc>) -> String {
        format!(
            "Indicateurs au {}, autres données au {}. {} Effectifs sous 3 et sommes révélatrices masqués\u{202f}; hachures\u{a0}: masqué ou non estimé.",
            long_day(self.set.contract.on),
            long_day(self.today),
            edited(now)
        )
    }

    pub(super) fn contract(&self) -> Block {
        let year = |word: &str, day: Option<NaiveDate>| {
            day.map_or_else(|| word.to_owned(), |day| format!("{word} {}", day.year()))
        };
        let mut columns = vec![Column::words("Indicateur")];
        if self.has_targets() {
            columns.push(Column::number(year(
                "Référence",
                self.set.contract.milestones.baseline,
            )));
        }
        columns.push(Column::number("Réalisé"));
        if self.has_targets() {
            columns.push(Column::words("Avancement"));
        }
        if self.set.contract.milestones.next.is_some() {
            columns.push(Column::number(year(
                "Objectif",
                self.set.contract.milestones.next,
            )));
        }
        if self.has_targets() {
            columns.push(Column::number(year(
                "Objectif",
                self.set.contract.milestones.last,
            )));
        }
        columns.push(Column::number("Sur 3 mois"));
        Block::Table(Table {
            columns,
            rows: self
                .set
                .contract
                .lines
                .iter()
                .map(|line| self.contract_line(line))
                .collect(),
            ..Table::default()
        })
    }

    fn has_targets(&self) -> bool {
        self.set.contract.milestones.last.is_some()
    }

    fn contract_line(&self, line: &ContractLine) -> Vec<Cell> {
        let unit = line.indicator.unit.symbol();
        let title = match unit {
            "" => Words::from(line.indicator.title),
            unit => Words::from(line.indicator.title).then(format!(" ({unit})")),
        };
        let done = match line.shown {
            Shown::Value(_) => Cell::strong(line.figure()),
            Shown::Hidden | Shown::Unknown => Cell::Soft(line.figure()),
        };
        let bar = line.length().map_or_else(
            || Cell::text(""),
            |length| Cell::Bar(length, line.baseline_share()),
        );
        let mut cells = vec![Cell::Text(title)];
        if self.has_targets() {
            cells.extend([goal(line.baseline), done, bar]);
        } else {
            cells.push(done);
        }
        if self.set.contract.milestones.next.is_some() {
            cells.push(goal(line.next));
        }
        if self.has_targets() {
            cells.push(goal(line.last));
        }
        cells.push(Cell::Soft(line.trend_words()));
        cells
    }

    /// How many final targets are reached, of how many that have a figure.
    pub(super) fn reached(&self) -> (usize, usize) {
        let aimed = self
            .set
            .contract
            .lines
            .iter()
            .filter_map(|line| Some((line.shown.value()?, line.last.value()?, line.baseline.value())));
        let aimed: Vec<_> = aimed.collect();
        let is_reached = |(done, target, start): &(f64, f64, Option<f64>)| {
            if start.is_some_and(|start| start > *target) {
                done <= target
            } else {
                done >= target
            }
        };
        (aimed.iter().filter(|one| is_reached(one)).count(), aimed.len())
    }

    pub(super) fn funnel(&self) -> Block {
        let longest = self
            .set
            .stages
            .iter()
            .filter_map(crate::dashboards::model::Stage::count)
            .max()
            .unwrap_or(0);
        let told: Vec<_> = self
            .set
            .stages
            .iter()
            .map(|stage| format!("{}\u{a0}: {}", stage.label, stage.figure()))
            .collect();
        Block::Bars {
            said: format!("Barres, de haut en bas. {}.", told.join("\u{202f}; ")),
            steps: self.set.stages.iter().map(|stage| stage.step(longest)).collect(),
        }
    }

    pub(super) fn funnel_title(&self) -> String {
        let figure = |stage: Option<&crate::dashboards::model::Stage>| {
            stage
                .map(crate::dashboards::model::Stage::figure)
                .unwrap_or_default()
        };
        format!(
            "De {} propositions à {} synergies réalisées",
            figure(self.set.stages.first()),
            figure(self.set.stages.last())
        )
    }

    pub(super) fn precision(&self) -> Words {
        match self.set.precision() {
            Some(share) => Words::default().strong(share).then(
                " des propositions examinées ces douze derniers mois ont été acceptées ou étaient déjà en place.",
            ),
            None => "Moins de cinq propositions examinées ces douze derniers mois\u{a0}: la part n’est pas donnée.".into(),
        }
    }

    pub(super) fn priority_table(&self) -> Block {
        let rows = self.set.priorities.iter().map(|line| {
            vec![
                Cell::Text(
                    Words::default()
                        .strong(line.label)
                        .then(format!(" {}", line.code.as_str())),
                ),
                Cell::text(line.amount(&line.leaving)),
                Cell::text(line.amount(&line.entering)),
                Cell::text(PriorityLine::count(&line.firms)),
                Cell::text(PriorityLine::count(&line.unsolved)),
            ]
        });
        Block::Table(Table {
            columns: vec![
                Column::words("Flux prioritaire"),
                Column::number("Sortant par an"),
                Column::number("Entrant par an"),
                Column::number("Entreprises"),
                Column::number("Sans solution"),
            ],
            rows: rows.collect(),
            ..Table::default()
        })
    }

    pub(super) fn lacking_table(&self) -> Block {
        let rows = self.set.lacking.iter().map(|line| {
            let who = if line.is_receiver {
                "un receveur"
            } else {
                "un fournisseur"
            };
            vec![
                Cell::Text(
                    Words::default()
                        .strong(line.label)
                        .then(format!(" {}", line.code.as_str())),
                ),
                Cell::text(who),
                Cell::text(line.sites.clone()),
                Cell::text(line.quantity.clone()),
            ]
        });
        Block::Table(Table {
            columns: vec![
                Column::words("Pour le flux"),
                Column::words("il manque"),
                Column::number("Sites concernés"),
                Column::number("Quantité par an"),
            ],
            rows: rows.collect(),
            ..Table::default()
        })
    }

    /// Communes as dark as they have companies with flows; none without outlines.
    pub(super) fn map(&self) -> Option<Block> {
        let areas: Vec<_> = self
            .communes
            .iter()
            .filter_map(|commune| {
                Some(MapArea {
                    rings: outlines().get(&commune.insee)?.clone(),
                    strength: strength(Band::of(commune.firms)),
                })
            })
            .collect();
        let told: Vec<_> = self
            .told_communes()
            .into_iter()
            .map(|(name, band)| format!("{name}\u{a0}: {}", band.label()))
            .collect();
        (!areas.is_empty()).then(|| {
            Block::Map(Map {
                said: format!("Carte des communes du territoire. {}.", told.join("\u{202f}; ")),
                areas,
                dots: Vec::new(),
            })
        })
    }

    /// Those with at least three companies, by class then by name: no order tells more than the class.
    fn told_communes(&self) -> Vec<(&str, Band)> {
        let mut told: Vec<_> = self
            .communes
            .iter()
            .filter_map(|commune| Some((commune.name.as_str(), Band::of(commune.firms)?)))
            .filter(|(_, band)| *band > Band::Few)
            .collect();
        told.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        told
    }

    pub(super) fn commune_table(&self, rows: usize) -> Block {
        let rows = self.told_communes().into_iter().take(rows);
        let rows = rows.map(|(name, band)| vec![Cell::text(name), Cell::text(band.label())]);
        Block::Table(Table {
            columns: vec![Column::words("Commune"), Column::number("Entreprises")],
            rows: rows.collect(),
            ..Table::default()
        })
    }

    /// The last year judged, then those before it.
    fn years(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().chain(&self.earlier)
    }

    /// The scores of the eleven themes, the last year's first.
    pub(super) fn radar(&self) -> Option<Block> {
        let series: Vec<_> = self
            .years()
            .map(|judged| Series {
                label: judged.evaluation.year.to_string(),
                scores: Theme::ALL.iter().map(|theme| score(judged, *theme)).collect(),
            })
            .collect();
        let told = Theme::ALL.iter().zip(&series.first()?.scores);
        let told: Vec<_> = told
            .map(|(theme, score)| format!("{}\u{a0}: {}", theme.label(), score_words(*score)))
            .collect();
        Some(Block::Radar {
            said: format!("Scores de 0 à 100 par thème. {}.", told.join("\u{202f}; ")),
            axes: Theme::ALL.iter().map(|theme| theme.label().to_owned()).collect(),
            series,
        })
    }

    pub(super) fn score_table(&self) -> Block {
        let years = self
            .years()
            .map(|judged| Column::number(judged.evaluation.year.to_string()));
        let rows = Theme::ALL.iter().map(|theme| {
            let scores = self
                .years()
                .map(|judged| Cell::text(score_words(score(judged, *theme))));
            std::iter::once(Cell::text(theme.label())).chain(scores).collect()
        });
        Block::Table(Table {
            columns: std::iter::once(Column::words("Thème")).chain(years).collect(),
            rows: rows.collect(),
            ..Table::default()
        })
    }

    pub(super) fn maturity(&self) -> Option<String> {
        let judged = self.judged.as_ref()?;
        let maturity = Maturity::of(&judged.lines, &judged.masked)?;
        Some(format!("{}, niveau {} sur 4", maturity.label(), maturity.rank()))
    }

    pub(super) fn spent(&self) -> i64 {
        let expenses = &self.steering.expenses;
        expenses.iter().map(|expense| i64::from(expense.amount_eur)).sum()
    }

    pub(super) fn spent_share(&self) -> Option<f64> {
        let whole = euros(self.steering.plan.total);
        (whole > 0.0).then(|| euros(self.spent()) / whole)
    }

    pub(super) fn money(&self) -> Vec<(String, Words)> {
        let plan = &self.steering.plan;
        let external: i64 = plan.phases.iter().map(|phase| phase.external).sum();
        let amount = |sum: i64| format!("{}\u{a0}€", grouped(sum));
        let mut facts = vec![
            ("Plan de financement", amount(plan.total)),
            (
                "dont financeurs extérieurs",
                format!("{} ({})", amount(external), percent(external, plan.total)),
            ),
            (
                "Dépensé",
                format!("{} ({})", amount(self.spent()), percent(self.spent(), plan.total)),
            ),
            ("Restant", amount(plan.total - self.spent())),
        ];
        facts.extend(
            ["C11", "C05", "C01"]
                .into_iter()
                .filter_map(|code| self.ratio(code)),
        );
        facts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Words::default().strong(value)))
            .collect()
    }

    /// An indicator of the catalogue, as a page without names shows it.
    fn ratio(&self, code: &str) -> Option<(&'static str, String)> {
        let indicator = catalogue::find(code)?;
        let readings: Vec<_> = self.series.iter().map(|facts| indicator.read(facts)).collect();
        let value = match Timeline::beside(beside(&self.told, indicator), &readings)
            .shown()
            .get(self.place)
            .copied()?
        {
            Shown::Unknown => UNKNOWN.to_owned(),
            Shown::Hidden => HIDDEN.to_owned(),
            Shown::Value(value) => {
                format!("{}\u{a0}{}", figure(indicator, value), indicator.unit.symbol())
            }
        };
        Some((indicator.title, value))
    }

    /// How the money spent stands to what is planned.
    pub(super) fn money_bar(&self) -> Option<Block> {
        let share = self.spent_share()?;
        Some(Block::Table(Table {
            columns: vec![Column::words("Dépensé du plan"), Column::number("Part")],
            rows: vec![vec![
                Cell::Bar(Length::Share(share), None),
                Cell::strong(format!("{}\u{a0}%", format_number(share * 100.0, 0))),
            ]],
            ..Table::default()
        }))
    }

    /// What each indicator of the contract counts, and what is hidden.
    pub(super) fn definitions(&self) -> Block {
        let indicators = self.set.contract.lines.iter().map(|line| {
            vec![
                Cell::strong(line.indicator.title),
                Cell::text(line.indicator.help),
            ]
        });
        let secrecy = vec![Cell::strong("Secret"), Cell::text(SECRECY)];
        Block::Table(Table {
            columns: ["Indicateur", "Définition"].map(Column::words).into(),
            rows: indicators.chain([secrecy]).collect(),
            ..Table::default()
        })
    }

    pub(super) fn open_decisions(&self) -> Vec<&Decision> {
        let decisions = &self.steering.decisions;
        let mut open: Vec<_> = decisions.iter().filter(|one| one.state.is_open()).collect();
        open.sort_by_key(|one| (one.due_on.is_none(), one.due_on));
        open
    }
}

pub(super) fn decision_table(decisions: &[&Decision]) -> Block {
    let rows = decisions.iter().map(|one| {
        vec![
            Cell::strong(one.what.clone()),
            Cell::text(one.owner.clone().unwrap_or_else(|| "à désigner".to_owned())),
            Cell::text(
                one.due_on
                    .map(|due| due.format("%d/%m/%Y").to_string())
                    .unwrap_or_default(),
            ),
            Cell::text(DecisionState::label(one.state)),
        ]
    });
    Block::Table(Table {
        columns: vec![
            Column::words("Décision"),
            Column::words("Qui"),
            Column::number("Pour le"),
            Column::words("État"),
        ],
        rows: rows.collect(),
        ..Table::default()
    })
}

fn goal(goal: Goal) -> Cell {
    match goal {
        Goal::NotSet => Cell::Soft("–".to_owned()),
        Goal::NotApplicable => Cell::Soft("sans objet".to_owned()),
        Goal::Value(value) => Cell::text(plain(value)),
    }
}

/// Of a theme, without what would tell a company's figure.
fn score(judged: &Judged, theme: Theme) -> Option<f64> {
    evaluation::theme(&judged.lines, theme, &judged.masked).score
}

fn score_words(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format_number(score, 0))
}

fn percent(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return UNKNOWN.to_owned();
    }
    format!("{}\u{a0}%", format_number(euros(part) / euros(whole) * 100.0, 0))
}

/// `s` beyond one.
pub(super) fn s(count: usize) -> &'static str {
    if count > 1 { "s" } else { "" }
}

/// The shade of a class; none for one or two companies.
fn strength(band: Option<Band>) -> Option<f64> {
    match band {
        None => Some(0.0),
        Some(Band::Few) => None,
        Some(Band::Some) => Some(0.25),
        Some(Band::Several) => Some(0.5),
        Some(Band::Many) => Some(0.75),
        Some(Band::Crowd) => Some(1.0),
    }
}
