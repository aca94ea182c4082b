//! Document: the annual report, to be read and filed by funders.

use super::parts::{decision_table, s};
use super::report::Report;
use crate::dashboards::model::cut::Cut;
use crate::dashboards::model::{HIDDEN, grouped};
use crate::indicators::{Line, figure};
use crate::kernel::format_number;
use crate::platform::access::Observer;
use crate::platform::pdf::{Block, Bullet, Cell, Column, Document, Format, Table, Words};
use crate::platform::web::filters::long_day;
use crate::platform::web::{Query, Result};
use crate::programmes::model::Phase;
use axum::response::Response;
use chrono::Datelike;
use std::collections::BTreeMap;

pub(super) async fn pdf(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let report = Report::load(&me, &cut).await?;
    let year = report.set.contract.on.year();
    let document = Document {
        format: Format::Sheet,
        title: format!("Rapport annuel {year}, {}", report.set.contract.territory),
        about: "Rapport annuel d’une démarche d’écologie industrielle et territoriale, sans nom d’entreprise"
            .to_owned(),
        header: report.header(),
        footer: report.footer(me.now()),
        blocks: report.chapters(),
    };
    Ok(document.answer(&format!("rapport-annuel-{year}")).await?)
}

impl Report {
    fn chapters(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Title {
            text: format!("Rapport annuel {}", self.set.contract.on.year()),
            under: self.header(),
        }];
        blocks.extend(self.essentials());
        blocks.extend(self.found());
        blocks.extend(self.done());
        blocks.extend(self.paid());
        blocks.extend(self.judged_chapter());
        blocks.push(Block::Heading("Définitions et méthode".to_owned()));
        blocks.push(self.definitions());
        blocks
    }

    fn essentials(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let (reached, aimed) = self.reached();
        if let Some(programme) = &self.set.contract.programme {
            let period = format!(
                "La démarche va du {} au {}. ",
                long_day(programme.starts_on),
                long_day(programme.ends_on)
            );
            let goals = match aimed {
                0 => "Aucun objectif chiffré n’est fixé.".to_owned(),
                _ => format!(
                    "Au {}, {reached} objectif{} sur {aimed} {}.",
                    long_day(self.set.contract.on),
                    s(reached),
                    if reached > 1 {
                        "sont atteints"
                    } else {
                        "est atteint"
                    }
                ),
            };
            blocks.push(Block::Text(Words::from(period).strong(goals)));
        }
        blocks.push(Block::Heading("Indicateurs du contrat".to_owned()));
        blocks.push(self.contract());
        blocks
    }

    fn found(&self) -> Vec<Block> {
        let mut blocks = vec![
            Block::Heading("Du flux à la synergie".to_owned()),
            Block::Text(Words::default().strong(self.set.flows()).then(format!(
                " flux recensés au {}. {}.",
                long_day(self.today),
                self.funnel_title()
            ))),
            self.funnel(),
            Block::Text(self.precision()),
        ];
        if let Some(map) = self.map() {
            blocks.push(Block::Heading("Où les flux sont connus".to_owned()));
            blocks.push(Block::Columns(vec![
                (1.4, vec![map]),
                (1.0, vec![self.commune_table(10)]),
            ]));
            blocks.push(Block::Soft(
                "Entreprises avec au moins un flux recensé, par classes. En blanc\u{a0}: un ou deux, non montré."
                    .to_owned(),
            ));
        }
        if !self.set.priorities.is_empty() {
            blocks.push(Block::Heading("Flux prioritaires".to_owned()));
            blocks.push(self.priority_table());
        }
        if !self.set.lacking.is_empty() {
            blocks.push(Block::Heading("Ce qui manque au territoire".to_owned()));
            blocks.push(self.lacking_table());
        }
        blocks
    }

    fn done(&self) -> Vec<Block> {
        let steering = &self.steering;
        let mut blocks = vec![
            Block::Heading("Gouvernance et animation".to_owned()),
            self.meetings(),
        ];
        blocks.extend(self.outreach());
        if !steering.partners.is_empty() {
            let names: Vec<_> = steering
                .partners
                .iter()
                .map(|partner| partner.name.as_str())
                .collect();
            blocks.push(Block::Subheading("Partenaires".to_owned()));
            blocks.push(Block::Text(format!("{}.", names.join(", ")).into()));
        }
        if !steering.commitments.is_empty() {
            blocks.push(Block::Subheading("Engagements".to_owned()));
            blocks.push(self.commitments());
        }
        let open = self.open_decisions();
        if !open.is_empty() {
            blocks.push(Block::Subheading("Décisions en cours".to_owned()));
            blocks.push(decision_table(&open));
        }
        blocks
    }

    /// The committees of the year.
    fn meetings(&self) -> Block {
        let held: Vec<_> = self
            .steering
            .meetings
            .iter()
            .filter(|row| row.meeting.is_held && row.meeting.held_on.year() == self.set.contract.on.year())
            .map(|row| {
                let meeting = &row.meeting;
                let words = Words::default().strong(format!(
                    "{}, {}",
                    meeting.kind.label(),
                    long_day(meeting.held_on)
                ));
                let rest = format!(
                    ", {} présent{} sur {} invité{}, {} décision{}",
                    row.present,
                    plural(row.present),
                    row.invited,
                    plural(row.invited),
                    row.decisions,
                    plural(row.decisions)
                );
                (Bullet::Dot, words.then(rest))
            })
            .collect();
        if held.is_empty() {
            Block::Soft(format!(
                "Aucune réunion de comité n’est notée en {}.",
                self.set.contract.on.year()
            ))
        } else {
            Block::List(held)
        }
    }

    /// What made the programme known in the year.
    fn outreach(&self) -> Vec<Block> {
        let told = self
            .steering
            .outreach
            .iter()
            .filter(|one| one.held_on.year() == self.set.contract.on.year());
        let told: Vec<_> = told
            .map(|one| {
                (
                    Bullet::Dot,
                    Words::default()
                        .strong(one.title.clone())
                        .then(format!(", {}", long_day(one.held_on))),
                )
            })
            .collect();
        if told.is_empty() {
            return Vec::new();
        }
        vec![Block::Subheading("Communication".to_owned()), Block::List(told)]
    }

    fn commitments(&self) -> Block {
        let rows = self.steering.commitments.iter().map(|one| {
            vec![
                Cell::strong(one.partner.clone()),
                Cell::text(one.what.replace('\n', ", ")),
                Cell::text(one.state.label()),
                Cell::text(one.next_step.clone().unwrap_or_default()),
            ]
        });
        Block::Table(Table {
            columns: ["Partenaire", "Engagement", "État", "Prochaine étape"]
                .map(Column::words)
                .into(),
            rows: rows.collect(),
            ..Table::default()
        })
    }

    fn paid(&self) -> Vec<Block> {
        if self.steering.plan.total == 0 {
            return Vec::new();
        }
        let mut blocks = vec![Block::Heading("Budget".to_owned()), Block::Facts(self.money())];
        blocks.extend(
            self.steering
                .plan
                .phases
                .iter()
                .map(|phase| Block::Table(funding(phase))),
        );
        if !self.steering.expenses.is_empty() {
            blocks.push(Block::Table(self.expenses()));
        }
        blocks
    }

    fn expenses(&self) -> Table {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for expense in &self.steering.expenses {
            *sums.entry(&expense.payer).or_default() += i64::from(expense.amount_eur);
        }
        let mut rows: Vec<_> = sums
            .into_iter()
            .map(|(payer, sum)| vec![Cell::text(payer), Cell::text(grouped(sum))])
            .collect();
        rows.push(vec![Cell::text("Total"), Cell::text(grouped(self.spent()))]);
        Table {
            caption: format!("Dépenses au {}, en euros", long_day(self.today)),
            columns: vec![Column::words("Organisme"), Column::number("Dépensé")],
            rows,
            has_total: true,
        }
    }

    fn judged_chapter(&self) -> Vec<Block> {
        let Some(judged) = &self.judged else {
            return Vec::new();
        };
        let evaluation = &judged.evaluation;
        let mut blocks = vec![
            Block::NewPage,
            Block::Heading(format!(
                "Évaluation {}, {}",
                evaluation.year,
                evaluation.state.label()
            )),
        ];
        if let Some(maturity) = self.maturity() {
            blocks.push(Block::Text(
                Words::from("Maturité de la démarche\u{a0}: ").strong(maturity),
            ));
        }
        blocks.extend(self.radar());
        blocks.push(self.score_table());
        blocks.push(Block::Table(Table {
            caption: format!("Les {} indicateurs", judged.lines.len()),
            columns: vec![
                Column::words("Indicateur"),
                Column::words("Comment il se calcule"),
                Column::number("Valeur"),
                Column::number("Score"),
                Column::words("Origine"),
            ],
            rows: judged
                .lines
                .iter()
                .map(|line| indicator(line, judged.masked.contains(&line.code)))
                .collect(),
            has_total: false,
        }));
        blocks
    }
}

fn funding(phase: &Phase) -> Table {
    let amount = |amount: &Option<i64>| {
        amount.map_or_else(|| Cell::Soft("–".to_owned()), |sum| Cell::text(grouped(sum)))
    };
    let mut columns = vec![Column::words("Financeur")];
    columns.extend(phase.periods.iter().map(Column::number));
    columns.push(Column::number("Total"));
    let mut rows: Vec<Vec<Cell>> = phase
        .rows
        .iter()
        .map(|row| {
            let name = std::iter::once(Cell::text(row.funder.clone()));
            let total = Cell::strong(grouped(row.total));
            name.chain(row.amounts.iter().map(amount))
                .chain([total])
                .collect()
        })
        .collect();
    let totals = phase.totals.iter().map(|sum| Cell::text(grouped(*sum)));
    let total = Cell::text(grouped(phase.total));
    rows.push(
        std::iter::once(Cell::text("Total"))
            .chain(totals)
            .chain([total])
            .collect(),
    );
    Table {
        caption: format!("Financement, {}, en euros", phase.name),
        columns,
        rows,
        has_total: true,
    }
}

/// A line of the evaluation, as a page without names shows it.
fn indicator(line: &Line, is_masked: bool) -> Vec<Cell> {
    let known = line.indicator();
    let value = match (known, line.value()) {
        _ if is_masked => Cell::Soft(HIDDEN.to_owned()),
        (Some(known), Some(value)) => {
            let words = format!("{}\u{a0}{}", figure(known, value), known.unit.symbol());
            Cell::strong(words.trim_end())
        }
        (None, _) | (_, None) => Cell::Soft("–".to_owned()),
    };
    let score = line.score().filter(|_| !is_masked);
    vec![
        Cell::Text(Words::from(format!("{} ", line.code)).strong(line.title.clone())),
        Cell::Soft(known.map(|one| one.formula).unwrap_or_default().to_owned()),
        value,
        Cell::text(score.map(|score| format_number(score, 0)).unwrap_or_default()),
        Cell::text(line.origin()),
    ]
}

fn plural(count: i64) -> &'static str {
    if count > 1 { "s" } else { "" }
}
