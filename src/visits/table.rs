//! A block copied from a spreadsheet: its cells, and what each column seems to hold. Pure.

use crate::kernel::{Direction, Period, Unit, fold};

/// Nobody pastes more by hand; longer files go through the imports.
pub(super) const MOST_ROWS: usize = 200;
const MOST_COLUMNS: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Ignored,
    Direction,
    Label,
    Quantity,
    Unit,
    Period,
    Certainty,
    Outlet,
    /// Which row it is, in a workbook that we gave.
    Key,
}

impl Column {
    pub(super) const ALL: [Self; 9] = [
        Self::Ignored,
        Self::Direction,
        Self::Label,
        Self::Quantity,
        Self::Unit,
        Self::Period,
        Self::Certainty,
        Self::Outlet,
        Self::Key,
    ];

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Ignored => "ignoree",
            Self::Direction => "sens",
            Self::Label => "flux",
            Self::Quantity => "quantite",
            Self::Unit => "unite",
            Self::Period => "periode",
            Self::Certainty => "origine",
            Self::Outlet => "exutoire",
            Self::Key => "cle",
        }
    }
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Ignored => "Ignorée",
            Self::Direction => "Sens",
            Self::Label => "Flux",
            Self::Quantity => "Quantité",
            Self::Unit => "Unité",
            Self::Period => "Période",
            Self::Certainty => "Origine du chiffre",
            Self::Outlet => "Exutoire ou fournisseur",
            Self::Key => "Clé de la ligne",
        }
    }
    pub(super) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }

    /// What a column of that title holds.
    fn titled(title: &str) -> Option<Self> {
        let words = fold(title);
        let has = |starts: &[&str]| {
            words
                .split(' ')
                .any(|word| starts.iter().any(|start| word.starts_with(start)))
        };
        if words == "origine du chiffre" {
            return Some(Self::Certainty);
        }
        if words == "cle" {
            return Some(Self::Key);
        }
        let found = [
            (Self::Direction, &["sens", "type", "entree", "sortie"][..]),
            (Self::Quantity, &["quantite", "qte", "tonnage", "poids", "volume"]),
            (Self::Unit, &["unite"]),
            (Self::Period, &["periode", "frequence"]),
            (
                Self::Outlet,
                &[
                    "exutoire",
                    "prestataire",
                    "fournisseur",
                    "destinataire",
                    "collecteur",
                    "filiere",
                ],
            ),
            (
                Self::Label,
                &[
                    "flux",
                    "designation",
                    "libelle",
                    "dechet",
                    "matiere",
                    "nom",
                    "produit",
                    "intitule",
                ],
            ),
        ];
        found
            .iter()
            .find(|(_, starts)| has(starts))
            .map(|(column, _)| *column)
    }
}

/// A pasted block, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) columns: Vec<Column>,
    /// What the block calls its columns; empty when its first row is no title.
    pub(super) titles: Vec<String>,
    /// Rows left out because there are too many.
    pub(super) left_out: usize,
}

impl Table {
    pub(super) fn read(text: &str) -> Self {
        let mut rows = cells(text);
        let width = rows.iter().map(Vec::len).max().unwrap_or(0).min(MOST_COLUMNS);
        for row in &mut rows {
            row.resize(width, String::new());
        }
        let titled = rows.first().map(|first| titles(first));
        let (columns, titles) = match titled.flatten() {
            Some(columns) => (columns, rows.remove(0)),
            None => (guessed(&rows, width), Vec::new()),
        };
        let left_out = rows.len().saturating_sub(MOST_ROWS);
        rows.truncate(MOST_ROWS);
        Self {
            rows,
            columns,
            titles,
            left_out,
        }
    }

    /// Rows of a workbook that were left blank hold their key alone.
    pub(super) fn without_blank_rows(mut self) -> Self {
        if self.columns.contains(&Column::Key) {
            let rows = std::mem::take(&mut self.rows);
            let says = |row: &Vec<String>| {
                [Column::Label, Column::Quantity, Column::Outlet]
                    .iter()
                    .any(|column| !self.cell(row, *column).is_empty())
            };
            self.rows = rows.into_iter().filter(says).collect();
        }
        self
    }

    /// « Colonne 2, Tonnage ».
    pub(super) fn heading(&self, rank: &usize) -> String {
        match self.titles.get(*rank).map_or("", String::as_str) {
            "" => format!("Colonne {}", rank + 1),
            title => format!("Colonne {}, {title}", rank + 1),
        }
    }

    /// What a row says of a column; the first of that kind that says something.
    pub(super) fn cell<'a>(&'a self, row: &'a [String], column: Column) -> &'a str {
        let mut cells = row.iter().zip(&self.columns).filter(|(_, kind)| **kind == column);
        cells
            .find(|(cell, _)| !cell.is_empty())
            .map_or("", |(cell, _)| cell.as_str())
    }

    /// Number, unit and period as one cell of the grid.
    pub(super) fn quantity(&self, row: &[String]) -> String {
        let [quantity, unit, period] =
            [Column::Quantity, Column::Unit, Column::Period].map(|column| self.cell(row, column));
        if quantity.is_empty() {
            return String::new();
        }
        let period = if period.is_empty() || unit.contains('/') {
            String::new()
        } else {
            format!("/{period}")
        };
        format!("{quantity} {unit}{period}").trim().to_owned()
    }
}

/// The titles of the first row, when they name the flow at least.
fn titles(first: &[String]) -> Option<Vec<Column>> {
    let mut taken = Vec::new();
    for title in first {
        let column = Column::titled(title).filter(|column| !taken.contains(column));
        taken.push(column.unwrap_or(Column::Ignored));
    }
    let named = taken.iter().filter(|column| **column != Column::Ignored).count();
    (taken.contains(&Column::Label) && named >= 2).then_some(taken)
}

/// What columns without titles hold, from what most of their cells look like.
fn guessed(rows: &[Vec<String>], width: usize) -> Vec<Column> {
    let mut taken: Vec<Column> = Vec::new();
    for rank in 0..width {
        let cells: Vec<&str> = rows
            .iter()
            .map(|row| row[rank].as_str())
            .filter(|cell| !cell.is_empty())
            .collect();
        let mostly = |test: &dyn Fn(&str) -> bool| {
            !cells.is_empty() && cells.iter().filter(|cell| test(cell)).count() * 10 >= cells.len() * 7
        };
        let found = if mostly(&|cell| Direction::parse(cell).is_ok()) {
            Column::Direction
        } else if mostly(&|cell| cell.starts_with(|c: char| c.is_ascii_digit())) {
            Column::Quantity
        } else if mostly(&|cell| Unit::parse(cell.split('/').next().unwrap_or_default()).is_ok()) {
            Column::Unit
        } else if mostly(&|cell| Period::parse(cell).is_ok()) {
            Column::Period
        } else if !taken.contains(&Column::Label) {
            Column::Label
        } else {
            Column::Outlet
        };
        taken.push(if taken.contains(&found) {
            Column::Ignored
        } else {
            found
        });
    }
    taken
}

/// Cells of a block: tabs between them, or semicolons when there is no tab. A quoted cell may hold
/// line breaks, which become spaces.
fn cells(text: &str) -> Vec<Vec<String>> {
    let separator = if text.contains('\t') { '\t' } else { ';' };
    let mut rows = vec![Vec::new()];
    let mut cell = String::new();
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if is_quoted || cell.is_empty() => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => end_cell(&mut rows, &mut cell),
            '\n' if !is_quoted => {
                end_cell(&mut rows, &mut cell);
                rows.push(Vec::new());
            }
            '\r' => {}
            '\n' => cell.push(' '),
            c => cell.push(c),
        }
    }
    end_cell(&mut rows, &mut cell);
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    rows
}

fn end_cell(rows: &mut [Vec<String>], cell: &mut String) {
    if let Some(row) = rows.last_mut() {
        row.push(cell.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    cell.clear();
}

#[cfg(test)]
mod tests {
    use super::{Column, MOST_ROWS, Table};

    #[test]
    fn titles_name_the_columns() {
        let table = Table::read(
            "Désignation\tTonnage\tUnité\tPrestataire\nCartons\t12\tt/an\tBenne\n\nBois\t3\tt\t\n",
        );
        use Column::{Label, Outlet, Quantity, Unit};
        assert_eq!(table.columns, [Label, Quantity, Unit, Outlet]);
        assert_eq!(table.heading(&1), "Colonne 2, Tonnage");
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.quantity(&table.rows[0]), "12 t/an");
        assert_eq!(table.cell(&table.rows[0], Outlet), "Benne");
    }

    #[test]
    fn columns_without_titles_are_guessed() {
        let table = Table::read(
            "sortant\tCartons\t12\tt\tmois\tBenne\nentrant\tPapier kraft\t1 250\tt\tan\tPapeterie",
        );
        use Column::{Direction, Label, Outlet, Period, Quantity, Unit};
        assert_eq!(table.columns, [Direction, Label, Quantity, Unit, Period, Outlet]);
        assert_eq!(table.quantity(&table.rows[1]), "1 250 t/an");
    }

    #[test]
    fn quotes_semicolons_and_short_rows_are_read() {
        let table = Table::read("\"Bois, \"\"propre\"\"\npalettes\";12 t/an\r\nCartons");
        assert_eq!(table.rows[0][0], "Bois, \"propre\" palettes");
        assert_eq!(table.rows[1], ["Cartons", ""]);
        assert!(Table::read(" \n\t\n").rows.is_empty());
    }

    #[test]
    fn a_long_block_is_cut_and_says_so() {
        let text = "Cartons\t12 t/an\n".repeat(MOST_ROWS + 7);
        let table = Table::read(&text);
        assert_eq!((table.rows.len(), table.left_out), (MOST_ROWS, 7));
    }
}
