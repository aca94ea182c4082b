//! The committee's tables as files: the same cells as the page, so that a figure hidden there is
//! hidden here. Semicolons and decimal commas for spreadsheets in French, formulas made harmless.

use super::figures::Figures;
use super::inventory::amount;
use super::model::secrecy::SECRECY;
use super::model::{PriorityLine, Stage, plain};
use crate::indicators::Shown;
use crate::programmes::model::Goal;
use anyhow::Context;
use rust_xlsxwriter::{Format, Workbook};

/// One value of a table.
pub(super) enum Cell {
    Text(String),
    Number(f64),
}

impl Cell {
    pub(super) fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }
    pub(super) fn count(count: Option<i64>, otherwise: impl FnOnce() -> String) -> Self {
        match count.and_then(|n| i32::try_from(n).ok()) {
            Some(n) => Self::Number(f64::from(n)),
            None => Self::Text(otherwise()),
        }
    }
    fn goal(goal: Goal) -> Self {
        match goal {
            Goal::NotSet => Self::text(""),
            Goal::NotApplicable => Self::text("sans objet"),
            Goal::Value(value) => Self::Number(value),
        }
    }
    /// As a page writes it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value) => plain(*value),
        }
    }
}

/// A table with its heading row: the same on screen and in files.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) head: Vec<String>,
    /// How many columns of words come before the figures.
    pub(super) words: usize,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(name: &'static str, head: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        Self {
            name,
            head: heads(head),
            words: 1,
            rows,
        }
    }

    /// Two columns of words come first.
    pub(super) fn between(self) -> Self {
        Self { words: 2, ..self }
    }
}

pub(super) fn of(board: &Figures) -> Vec<Table> {
    vec![contract(board), funnel(board), priorities(board)]
}

fn heads(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn contract(board: &Figures) -> Table {
    let mut head = heads(&["Code", "Indicateur", "Unité"]);
    head.push(
        board
            .contract
            .head("Référence", board.contract.milestones.baseline),
    );
    head.push("Réalisé".to_owned());
    head.push("Données au".to_owned());
    head.push("Évolution sur 3 mois".to_owned());
    head.push(board.contract.head("Objectif", board.contract.milestones.next));
    head.push(
        board
            .contract
            .head("Objectif final", board.contract.milestones.last),
    );
    let rows = board
        .contract
        .lines
        .iter()
        .map(|line| {
            let done = match line.shown {
                Shown::Value(value) => Cell::Number(value),
                Shown::Hidden | Shown::Unknown => Cell::Text(line.figure()),
            };
            vec![
                Cell::text(line.indicator.code),
                Cell::text(line.indicator.title),
                Cell::text(line.indicator.unit.label()),
                Cell::goal(line.baseline),
                done,
                Cell::text(board.contract.on.format("%d/%m/%Y").to_string()),
                line.trend.map_or_else(|| Cell::text(""), Cell::Number),
                Cell::goal(line.next),
                Cell::goal(line.last),
            ]
        })
        .collect();
    Table {
        name: "Indicateurs du contrat",
        head,
        words: 2,
        rows,
    }
}

fn funnel(board: &Figures) -> Table {
    let mut rows = vec![vec![
        Cell::text("Flux recensés"),
        Cell::Text(board.flows()),
        Cell::text(""),
        Cell::text(""),
    ]];
    rows.extend(stages(&board.stages));
    Table::new("Du flux à la synergie", &STAGES, rows)
}

pub(super) const STAGES: [&str; 4] = [
    "Étape",
    "Nombre",
    "Passent à l’étape suivante (%)",
    "Délai médian (jours)",
];

/// One line per step.
pub(super) fn stages(stages: &[Stage]) -> Vec<Vec<Cell>> {
    stages
        .iter()
        .map(|stage| {
            vec![
                Cell::text(stage.label),
                Cell::count(stage.count(), || stage.figure()),
                Cell::count(stage.passing, String::new),
                stage
                    .days
                    .map_or_else(|| Cell::text(""), |days| Cell::Number(days.round())),
            ]
        })
        .collect()
}

fn priorities(board: &Figures) -> Table {
    let rows = board
        .priorities
        .iter()
        .map(|line| {
            vec![
                Cell::text(line.code.as_str()),
                Cell::text(line.label),
                Cell::text(line.unit.symbol()),
                amount(line, &line.leaving),
                amount(line, &line.entering),
                Cell::count(line.firms, || PriorityLine::count(&line.firms)),
                Cell::count(line.unsolved, || PriorityLine::count(&line.unsolved)),
            ]
        })
        .collect();
    let head = heads(&[
        "Code",
        "Flux",
        "Unité",
        "Sortant par an",
        "Entrant par an",
        "Entreprises",
        "Sans solution",
    ]);
    Table {
        name: "Flux prioritaires",
        head,
        words: 2,
        rows,
    }
}

pub(super) fn method(board: &Figures) -> Table {
    let mut rows: Vec<_> = board
        .contract
        .lines
        .iter()
        .map(|line| vec![Cell::text(line.indicator.title), Cell::text(line.indicator.help)])
        .collect();
    rows.push(vec![Cell::text("Secret"), Cell::text(SECRECY)]);
    Table {
        name: "Méthode",
        head: heads(&["Indicateur", "Définition"]),
        words: 2,
        rows,
    }
}

/// A text that a spreadsheet would run as a formula starts with an apostrophe.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// As precise as any figure of the application: what an addition of decimals leaves beyond is not.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// All tables one under the other.
pub(super) fn csv((territory, heading): (&str, &str), tables: &[Table]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record([harmless(territory), heading.to_owned()])?;
    for table in tables {
        writer.write_record([""])?;
        writer.write_record([table.name])?;
        writer.write_record(&table.head)?;
        for row in &table.rows {
            writer.write_record(row.iter().map(|cell| match cell {
                Cell::Text(text) => harmless(text),
                Cell::Number(value) => rounded(*value).to_string().replace('.', ","),
            }))?;
        }
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
}

/// One sheet per table.
pub(super) fn xlsx((territory, heading): (&str, &str), tables: &[Table]) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let (bold, wrapped) = (Format::new().set_bold(), Format::new().set_text_wrap());
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.name).context("the sheet's name")?;
        sheet.write(0, 0, format!("{territory}. {heading}"))?;
        for (column, head) in (0..).zip(&table.head) {
            sheet.write_with_format(2, column, head, &bold)?;
        }
        for (line, row) in (3..).zip(&table.rows) {
            for (column, cell) in (0..).zip(row) {
                match cell {
                    Cell::Text(text) => sheet.write_string_with_format(line, column, text, &wrapped)?,
                    Cell::Number(value) => sheet.write_number(line, column, rounded(*value))?,
                };
            }
        }
        for (column, head) in (0..).zip(&table.head) {
            sheet.set_column_width(column, width(head))?;
        }
        sheet.set_freeze_panes(3, 0)?;
    }
    Ok(book.save_to_buffer()?)
}

fn width(head: &str) -> f64 {
    match head {
        "Indicateur" | "Étape" => 30.0,
        "Flux" => 42.0,
        "Définition" => 100.0,
        _ => 16.0,
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_formula_becomes_a_text() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("@x"), "'@x");
        assert_eq!(harmless("Palettes"), "Palettes");
    }
}
