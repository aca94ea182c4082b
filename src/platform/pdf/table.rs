//! Tables: columns as wide as what they hold, a head that comes again on each page.

use super::Words;
use super::drawing::bar;
use super::lay::{Head, Layout, Node, Op, Piece, Role, column, spans};
use super::paper::{Ink, LEADING, Scale};
use super::text::{Line, Span, Style, longest, wrap};
use crate::platform::web::charts::Length;

#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What it is called, above it; may be empty.
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// The last row is a total.
    pub has_total: bool,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub head: String,
    pub is_number: bool,
    /// To be filled in by hand: it is wide, and its rows are tall.
    pub is_blank: bool,
}

impl Column {
    pub fn words(head: impl Into<String>) -> Self {
        Self {
            head: head.into(),
            is_number: false,
            is_blank: false,
        }
    }
    pub fn number(head: impl Into<String>) -> Self {
        Self {
            is_number: true,
            ..Self::words(head)
        }
    }
    pub fn blank(head: impl Into<String>) -> Self {
        Self {
            is_blank: true,
            ..Self::words(head)
        }
    }
}

#[derive(Debug, Clone)]
pub enum Cell {
    Text(Words),
    Soft(String),
    /// From nothing to the aim, with a tick where it started.
    Bar(Length, Option<f64>),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Words::from(text.into()))
    }
    pub fn strong(text: impl Into<String>) -> Self {
        Self::Text(Words::default().strong(text))
    }

    fn spans(&self, scale: Scale) -> Vec<Span> {
        match self {
            Self::Text(words) => spans(words, Style::new(scale.table, Ink::Text)),
            Self::Soft(text) => vec![Span::new(text, Style::new(scale.table, Ink::Soft))],
            Self::Bar(..) => Vec::new(),
        }
    }
}

/// A cell ready to be placed.
enum Content {
    Lines(Vec<Line>),
    Bar(Length, Option<f64>),
}

struct Grid {
    /// Left edge and width of each column.
    places: Vec<(f64, f64)>,
    numbers: Vec<bool>,
    /// The least height of a row.
    tall: f64,
    room: f64,
    scale: Scale,
}

const GUTTER: f64 = 1.1;

fn bar_width(scale: Scale) -> f64 {
    scale.table * 10.0
}

/// Room for a signature.
fn blank_width(scale: Scale) -> f64 {
    scale.table * 17.0
}

fn blank_height(scale: Scale) -> f64 {
    scale.table * 3.0
}

/// The widths that the columns ask for, shared out when there is not enough.
fn widths(least: &[f64], wished: &[f64], room: f64) -> Vec<f64> {
    let (all, floor): (f64, f64) = (wished.iter().sum(), least.iter().sum());
    if all <= room {
        // The first column takes what is left.
        let spare = room - all;
        return wished
            .iter()
            .enumerate()
            .map(|(rank, width)| if rank == 0 { width + spare } else { *width })
            .collect();
    }
    if floor >= room {
        return least.iter().map(|width| width * room / floor).collect();
    }
    // The narrow ones keep their wish: the wide ones are cut down to one width.
    let at = |cap: f64| {
        let fit = |(least, wished): (&f64, &f64)| wished.min(least.max(cap));
        least.iter().zip(wished).map(fit).collect::<Vec<_>>()
    };
    let (mut low, mut high) = (0.0, room);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if at(middle).iter().sum::<f64>() > room {
            high = middle;
        } else {
            low = middle;
        }
    }
    at(low)
}

impl Grid {
    fn new(scale: Scale, table: &Table, room: f64) -> Self {
        let gutter = scale.table * GUTTER;
        let style = head_style(scale);
        let mut least = Vec::new();
        let mut wished = Vec::new();
        for (rank, column) in table.columns.iter().enumerate() {
            let head = [Span::new(&column.head, style)];
            let (mut small, mut large) = (longest(&head), longest(&head));
            if column.is_blank {
                small = small.max(blank_width(scale));
                large = large.max(blank_width(scale));
            }
            for cell in table.rows.iter().filter_map(|row| row.get(rank)) {
                if matches!(cell, Cell::Bar(..)) {
                    small = small.max(bar_width(scale));
                    large = large.max(bar_width(scale));
                }
                let words = cell.spans(scale);
                let whole: f64 = words.iter().map(Span::width).sum();
                small = small.max(if column.is_number { whole } else { longest(&words) });
                large = large.max(whole);
            }
            let gap = if rank + 1 == table.columns.len() {
                0.0
            } else {
                gutter
            };
            least.push(small + gap + 0.1);
            wished.push(large + gap + 0.1);
        }
        let mut left = 0.0;
        let places = widths(&least, &wished, room)
            .into_iter()
            .enumerate()
            .map(|(rank, width)| {
                let gap = if rank + 1 == table.columns.len() {
                    0.0
                } else {
                    gutter
                };
                let place = (left, (width - gap).max(1.0));
                left += width;
                place
            })
            .collect();
        Self {
            places,
            numbers: table.columns.iter().map(|column| column.is_number).collect(),
            tall: if table.columns.iter().any(|column| column.is_blank) {
                blank_height(scale)
            } else {
                0.0
            },
            room,
            scale,
        }
    }

    /// The operations of each cell and the height of the row.
    fn place(&self, cells: &[Content], size: f64) -> (Vec<Vec<Op>>, f64) {
        let (pad, leading) = (self.scale.cell, size * LEADING * 0.94);
        let mut height = leading;
        let mut placed = Vec::new();
        for ((content, (left, width)), is_number) in cells.iter().zip(&self.places).zip(&self.numbers) {
            let ops = match content {
                Content::Bar(length, tick) => bar(*length, *tick, [*left, pad + leading / 2.0, *width], size),
                Content::Lines(lines) if *is_number => {
                    let mut ops = Vec::new();
                    let mut y = pad;
                    for line in lines {
                        let right = left + width - line.width();
                        let (found, step) = column(std::slice::from_ref(line), leading, right);
                        ops.extend(found.into_iter().map(|op| op.shifted(0.0, y)));
                        y += step;
                    }
                    height = height.max(y - pad);
                    ops
                }
                Content::Lines(lines) => {
                    let (ops, tall) = column(lines, leading, *left);
                    height = height.max(tall);
                    ops.into_iter().map(|op| op.shifted(0.0, pad)).collect()
                }
            };
            placed.push(ops);
        }
        (placed, height + 2.0 * pad)
    }

    fn head(&self, layout: &Layout, table: &Table, group: usize) -> Piece {
        let scale = layout.scale;
        let cells: Vec<_> = table
            .columns
            .iter()
            .zip(&self.places)
            .map(|(column, (_, width))| {
                Content::Lines(wrap(&[Span::new(&column.head, head_style(scale))], *width))
            })
            .collect();
        let (placed, height) = self.place(&cells, scale.small);
        Piece {
            before: scale.gap * 0.8,
            height,
            holds: true,
            table: Some(group),
            is_table_head: true,
            nodes: vec![
                Node::Row(group, placed.into_iter().map(|ops| (Head::Column, ops)).collect()),
                Node::Aside(vec![Op::rule(height, self.room, Ink::Strong, 0.9)]),
            ],
            ..Piece::default()
        }
    }

    fn row(&self, cells: &[Cell], is_total: bool, group: usize) -> Piece {
        let contents: Vec<_> = cells
            .iter()
            .zip(&self.places)
            .map(|(cell, (_, width))| match cell {
                Cell::Bar(length, tick) => Content::Bar(*length, *tick),
                Cell::Text(_) | Cell::Soft(_) => {
                    let mut words = cell.spans(self.scale);
                    if is_total {
                        words.iter_mut().for_each(|span| span.style = span.style.bold());
                    }
                    Content::Lines(wrap(&words, *width))
                }
            })
            .collect();
        let (placed, height) = self.place(&contents, self.scale.table);
        let height = height.max(self.tall);
        let head = |rank| if rank == 0 { Head::Row } else { Head::No };
        let cells = placed
            .into_iter()
            .enumerate()
            .map(|(rank, ops)| (head(rank), ops));
        Piece {
            height,
            table: Some(group),
            nodes: vec![
                Node::Row(group, cells.collect()),
                Node::Aside(vec![Op::rule(height, self.room, Ink::Line, 0.6)]),
            ],
            ..Piece::default()
        }
    }
}

fn head_style(scale: Scale) -> Style {
    Style::new(scale.small, Ink::Muted).bold()
}

pub(super) fn rows(layout: &mut Layout, table: &Table, room: f64) -> Vec<Piece> {
    let (scale, group) = (layout.scale, layout.group());
    let grid = Grid::new(scale, table, room);
    let mut pieces = Vec::new();
    if !table.caption.is_empty() {
        let words = [Span::new(
            &table.caption,
            Style::new(scale.subheading, Ink::Text).bold(),
        )];
        let (ops, height) = column(&wrap(&words, room), scale.subheading * LEADING, 0.0);
        pieces.push(Piece {
            before: scale.gap * 1.3,
            height,
            holds: true,
            nodes: vec![Node::Leaf(Role::Text, ops)],
            ..Piece::default()
        });
    }
    pieces.push(grid.head(layout, table, group));
    let last = table.rows.len().saturating_sub(1);
    let row = |(rank, cells): (usize, &Vec<Cell>)| grid.row(cells, table.has_total && rank == last, group);
    pieces.extend(table.rows.iter().enumerate().map(row));
    pieces
}

/// Names on the left, values on the right.
pub(super) fn facts(layout: &mut Layout, facts: &[(String, Words)], room: f64) -> Vec<Piece> {
    let (scale, group) = (layout.scale, layout.group());
    let label = Style::new(scale.body, Ink::Muted);
    let value = Style::new(scale.body, Ink::Text);
    let widest = facts
        .iter()
        .map(|(name, _)| Span::new(name, label).width())
        .fold(0.0, f64::max);
    let left = widest.min(room * 0.36) + scale.body * 1.2;
    facts
        .iter()
        .enumerate()
        .map(|(rank, (name, words))| {
            let leading = scale.body * LEADING;
            let (names, a) = column(&wrap(&[Span::new(name, label)], left - scale.body), leading, 0.0);
            let (values, b) = column(&wrap(&spans(words, value), room - left), leading, left);
            Piece {
                before: if rank == 0 {
                    scale.gap * 0.7
                } else {
                    scale.cell * 0.5
                },
                height: a.max(b),
                nodes: vec![Node::Row(group, vec![(Head::Row, names), (Head::No, values)])],
                ..Piece::default()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::widths;

    #[test]
    fn columns_take_what_they_need_and_share_what_lacks() {
        assert_eq!(widths(&[10.0, 10.0], &[30.0, 20.0], 80.0), [60.0, 20.0]);
        let shared = widths(&[10.0, 10.0, 10.0], &[70.0, 20.0, 90.0], 100.0);
        assert_eq!(
            shared.iter().map(|width| width.round()).collect::<Vec<_>>(),
            [40.0, 20.0, 40.0]
        );
        assert_eq!(widths(&[60.0, 20.0], &[70.0, 30.0], 40.0), [30.0, 10.0]);
    }
}
