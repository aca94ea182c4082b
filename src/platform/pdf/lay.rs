//! From blocks to pieces: each piece has a height and is never cut between two pages.

use super::paper::{Format, Ink, LEADING, Scale};
use super::table;
use super::text::{Line, Span, Style, wrap};
use super::{Block, Bullet, End, Words};
use super::{cards, drawing};

/// Something drawn, from the top left corner of its piece.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// On its base line.
    Text(f64, f64, Span),
    /// Left, top, width, height.
    Fill([f64; 4], Ink),
    /// Not known, or not told.
    Hatch([f64; 4]),
    Shape(Shape),
}

/// A line through points.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) closed: bool,
    pub(super) fill: Option<Ink>,
    pub(super) stroke: Option<(Ink, f64)>,
    pub(super) dashed: bool,
}

impl Shape {
    pub(super) fn line(points: Vec<(f64, f64)>, ink: Ink, width: f64) -> Self {
        Self {
            points,
            closed: false,
            fill: None,
            stroke: Some((ink, width)),
            dashed: false,
        }
    }
}

impl Op {
    pub(super) fn rule(y: f64, room: f64, ink: Ink, thick: f64) -> Self {
        Self::Fill([0.0, y - thick / 2.0, room, thick], ink)
    }

    pub(super) fn shifted(self, dx: f64, dy: f64) -> Self {
        let moved = |[x, y, w, h]: [f64; 4]| [x + dx, y + dy, w, h];
        match self {
            Self::Text(x, y, span) => Self::Text(x + dx, y + dy, span),
            Self::Fill(place, ink) => Self::Fill(moved(place), ink),
            Self::Hatch(place) => Self::Hatch(moved(place)),
            Self::Shape(shape) => Self::Shape(Shape {
                points: shape.points.iter().map(|(x, y)| (x + dx, y + dy)).collect(),
                ..shape
            }),
        }
    }
}

/// What a drawing is to those who do not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Heading(u16, String),
    Text,
    Figure(String),
}

/// Of a table or of a list, to gather its rows or items again.
pub(super) type GroupId = usize;

#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Decoration, not read out.
    Aside(Vec<Op>),
    Leaf(Role, Vec<Op>),
    Item(GroupId, Vec<Op>),
    /// Whether each cell is a heading.
    Row(GroupId, Vec<(Head, Vec<Op>)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    Column,
    Row,
    No,
}

impl Node {
    pub(super) fn shifted(self, dx: f64, dy: f64) -> Self {
        let all = |ops: Vec<Op>| ops.into_iter().map(|op| op.shifted(dx, dy)).collect();
        match self {
            Self::Aside(ops) => Self::Aside(all(ops)),
            Self::Leaf(role, ops) => Self::Leaf(role, all(ops)),
            Self::Item(list, ops) => Self::Item(list, all(ops)),
            Self::Row(table, cells) => Self::Row(
                table,
                cells.into_iter().map(|(head, ops)| (head, all(ops))).collect(),
            ),
        }
    }
}

/// What is never cut.
#[derive(Debug, Clone, Default)]
pub(super) struct Piece {
    /// Above it, unless it starts a page.
    pub(super) before: f64,
    pub(super) height: f64,
    /// Stays with the next one.
    pub(super) holds: bool,
    /// Starts a page.
    pub(super) breaks: bool,
    /// The first row of this table comes again at the top of the next page.
    pub(super) table: Option<GroupId>,
    pub(super) is_table_head: bool,
    pub(super) nodes: Vec<Node>,
}

pub(super) struct Layout {
    pub(super) scale: Scale,
    pub(super) slides: bool,
    /// From the top margin to the bottom one.
    pub(super) tall: f64,
    groups: GroupId,
}

impl Layout {
    pub(super) fn new(format: Format) -> Self {
        let page = format.page();
        Self {
            scale: format.scale(),
            slides: format == Format::Slides,
            tall: page.floor() - page.top,
            groups: 0,
        }
    }

    pub(super) fn group(&mut self) -> GroupId {
        self.groups += 1;
        self.groups
    }

    pub(super) fn blocks(&mut self, blocks: &[Block], room: f64) -> Vec<Piece> {
        blocks.iter().flat_map(|block| self.block(block, room)).collect()
    }

    fn block(&mut self, block: &Block, room: f64) -> Vec<Piece> {
        let scale = self.scale;
        match block {
            Block::Title { text, under } => vec![self.title(text, under, room)],
            Block::Heading(text) => vec![heading(2, text, scale.heading, room, scale.gap * 1.7)],
            Block::Subheading(text) => vec![heading(3, text, scale.subheading, room, scale.gap * 1.2)],
            Block::Text(words) => vec![paragraph(
                words,
                Style::new(scale.body, Ink::Text),
                room,
                scale.gap,
            )],
            Block::Soft(text) => {
                let style = Style::new(scale.small, Ink::Soft);
                vec![paragraph(
                    &Words::from(text.as_str()),
                    style,
                    room,
                    scale.gap * 0.7,
                )]
            }
            Block::List(items) => self.list(items, room),
            Block::Facts(facts) => table::facts(self, facts, room),
            Block::Table(table) => table::rows(self, table, room),
            Block::Link { from, to, between } => vec![link(scale, from, to, between, room)],
            Block::Bars { said, steps } => vec![figure(said, drawing::bars(scale, steps, room), scale.gap)],
            Block::Radar { said, axes, series } => {
                vec![figure(said, drawing::radar(scale, axes, series, room), scale.gap)]
            }
            Block::Curve { said, done, aimed } => {
                vec![figure(said, drawing::curve(scale, done, aimed, room), scale.gap)]
            }
            Block::Map(map) => vec![figure(&map.said, drawing::map(scale, map, room), scale.gap)],
            Block::Columns(columns) => vec![self.columns(columns, room)],
            Block::Cards(cards) => cards::rows(self, cards, room),
            Block::Ruled(lines) => ruled(*lines, scale, room),
            Block::NewPage => vec![Piece {
                breaks: true,
                ..Piece::default()
            }],
        }
    }

    fn title(&self, text: &str, under: &str, room: f64) -> Piece {
        let scale = self.scale;
        let style = Style::new(scale.title, Ink::Text).bold();
        let lines = wrap(&[Span::new(text, style)], room);
        let (mut ops, mut height) = column(&lines, scale.title * 1.16, 0.0);
        let mut nodes = vec![Node::Leaf(
            Role::Heading(1, text.to_owned()),
            std::mem::take(&mut ops),
        )];
        if !under.is_empty() {
            let lines = wrap(&[Span::new(under, Style::new(scale.body, Ink::Soft))], room);
            let (ops, more) = column(&lines, scale.body * LEADING, 0.0);
            nodes.push(Node::Leaf(Role::Text, ops).shifted(0.0, height + 2.0));
            height += more + 2.0;
        }
        Piece {
            height: height + scale.gap * 0.4,
            holds: true,
            breaks: self.slides,
            nodes,
            ..Piece::default()
        }
    }

    fn list(&mut self, items: &[(Bullet, Words)], room: f64) -> Vec<Piece> {
        let (scale, group) = (self.scale, self.group());
        let style = Style::new(scale.body, Ink::Text);
        let indent = scale.body * 1.25;
        items
            .iter()
            .enumerate()
            .map(|(rank, (bullet, words))| {
                let lines = wrap(&spans(words, style), room - indent);
                let (mut ops, height) = column(&lines, scale.body * LEADING, indent);
                let (mark, ink) = match bullet {
                    Bullet::Dot => ("•", Ink::Muted),
                    Bullet::For => ("+", Ink::Green),
                    Bullet::Against => ("–", Ink::Minium),
                    Bullet::Ask => ("?", Ink::Blue),
                };
                let mark = Span::new(mark, style.bold().with(ink));
                ops.insert(0, Op::Text(scale.body * 0.2, scale.body * 1.02, mark));
                Piece {
                    before: scale.gap * if rank == 0 { 0.6 } else { 0.3 },
                    height,
                    nodes: vec![Node::Item(group, ops)],
                    ..Piece::default()
                }
            })
            .collect()
    }

    fn columns(&mut self, columns: &[(f64, Vec<Block>)], room: f64) -> Piece {
        let gutter = self.scale.gap * 2.4;
        let shares: f64 = columns.iter().map(|(share, _)| share).sum();
        let gutters = f64::from(u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX)) * gutter;
        let (mut left, mut tallest, mut nodes) = (0.0, 0.0_f64, Vec::new());
        for (share, blocks) in columns {
            let width = (room - gutters) * share / shares;
            let (stacked, height) = self.stack(blocks, width);
            nodes.extend(stacked.into_iter().map(|node| node.shifted(left, 0.0)));
            tallest = tallest.max(height);
            left += width + gutter;
        }
        Piece {
            before: self.scale.gap,
            height: tallest,
            nodes,
            ..Piece::default()
        }
    }

    /// One under the other whatever their height, and that height.
    pub(super) fn stack(&mut self, blocks: &[Block], room: f64) -> (Vec<Node>, f64) {
        let (mut nodes, mut y) = (Vec::new(), 0.0);
        for piece in self.blocks(blocks, room) {
            y += if y > 0.0 { piece.before } else { 0.0 };
            nodes.extend(piece.nodes.into_iter().map(|node| node.shifted(0.0, y)));
            y += piece.height;
        }
        (nodes, y)
    }
}

pub(super) fn spans(words: &Words, style: Style) -> Vec<Span> {
    let span = |(strong, text): &(bool, String)| {
        let style = if *strong { style.bold() } else { style };
        Span::new(text, style)
    };
    words.0.iter().map(span).collect()
}

/// The lines one under the other, from that distance to the left, and their height.
pub(super) fn column(lines: &[Line], leading: f64, left: f64) -> (Vec<Op>, f64) {
    let (mut ops, mut y) = (Vec::new(), 0.0);
    for line in lines {
        let mut x = left;
        for span in &line.spans {
            let base = y + leading * 0.5 + span.style.size * 0.33;
            ops.push(Op::Text(x, base, span.clone()));
            x += span.width();
        }
        y += leading;
    }
    (ops, y)
}

fn heading(level: u16, text: &str, size: f64, room: f64, before: f64) -> Piece {
    let lines = wrap(&[Span::new(text, Style::new(size, Ink::Text).bold())], room);
    let (ops, height) = column(&lines, size * 1.22, 0.0);
    Piece {
        before,
        height: height + size * 0.1,
        holds: true,
        nodes: vec![Node::Leaf(Role::Heading(level, text.to_owned()), ops)],
        ..Piece::default()
    }
}

/// One piece for a paragraph: they are short.
fn paragraph(words: &Words, style: Style, room: f64, before: f64) -> Piece {
    let lines = wrap(&spans(words, style), room);
    let (ops, height) = column(&lines, style.size * LEADING, 0.0);
    Piece {
        before,
        height,
        nodes: vec![Node::Leaf(Role::Text, ops)],
        ..Piece::default()
    }
}

fn figure(said: &str, (ops, height): (Vec<Op>, f64), before: f64) -> Piece {
    Piece {
        before,
        height,
        nodes: vec![Node::Leaf(Role::Figure(said.to_owned()), ops)],
        ..Piece::default()
    }
}

/// Two sites with a line between them, its length written on it.
fn link(scale: Scale, from: &End, to: &End, between: &str, room: f64) -> Piece {
    let side = room * 0.38;
    let end = |one: &End| {
        let small = Style::new(scale.small, Ink::Muted);
        let mut lines = wrap(&[Span::new(&one.role, small)], side);
        let roles = lines.len();
        lines.extend(wrap(
            &[Span::new(
                &one.name,
                Style::new(scale.subheading, Ink::Text).bold(),
            )],
            side,
        ));
        let detail = wrap(&[Span::new(&one.detail, small.with(Ink::Soft))], side);
        let (mut ops, mut y) = column(&lines[..roles], scale.small * LEADING, 0.0);
        for (lines, size) in [(&lines[roles..], scale.subheading), (&detail[..], scale.small)] {
            let (more, height) = column(lines, size * LEADING, 0.0);
            ops.extend(more.into_iter().map(|op| op.shifted(0.0, y)));
            y += height;
        }
        (ops, y)
    };
    let ((left, a), (right, b)) = (end(from), end(to));
    let middle = scale.small * LEADING + scale.subheading * 0.7;
    let style = Style::new(scale.small, Ink::Blue).bold();
    let label = Span::new(between, style);
    let (start, stop) = (side + 10.0, room - side - 10.0);
    let wire = vec![
        Op::Fill([start, middle - 0.75, stop - start, 1.5], Ink::Blue),
        Op::Shape(drawing::circle((start, middle), 3.2, Some(Ink::Blue), None)),
        Op::Shape(drawing::circle(
            (stop, middle),
            3.2,
            Some(Ink::White),
            Some((Ink::Blue, 1.5)),
        )),
    ];
    let label_at = f64::midpoint(start, stop) - label.width() / 2.0;
    Piece {
        before: scale.gap * 1.4,
        height: a.max(b),
        nodes: vec![
            Node::Leaf(Role::Text, left),
            Node::Aside(wire),
            Node::Leaf(Role::Text, vec![Op::Text(label_at, middle - 6.0, label)]),
            Node::Leaf(Role::Text, right).shifted(room - side, 0.0),
        ],
        ..Piece::default()
    }
}

fn ruled(lines: usize, scale: Scale, room: f64) -> Vec<Piece> {
    let height = scale.body * 2.1;
    let piece = || Piece {
        height,
        nodes: vec![Node::Aside(vec![Op::rule(height - 1.0, room, Ink::Line, 0.7)])],
        ..Piece::default()
    };
    std::iter::repeat_with(piece).take(lines).collect()
}
