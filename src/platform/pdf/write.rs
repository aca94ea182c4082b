//! Pieces on pages, then the file: header and footer of each page, bookmarks, tags for those who listen.

use super::Document;
use super::lay::{GroupId, Head, Layout, Node, Op, Piece, Role, Shape, column};
use super::paper::{Format, Ink, LEADING};
use super::text::{Span, Style, Weight, shape, wrap};
use anyhow::{Context, anyhow};
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder, PdfVersion};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, ListNumbering, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::collections::BTreeMap;
use std::num::NonZeroU16;

/// A piece and where its top is.
struct Placed {
    y: f64,
    nodes: Vec<Node>,
}

/// Cuts the flow of pieces into pages.
struct Flow {
    format: Format,
    pages: Vec<Vec<Placed>>,
    y: f64,
    /// The head of each table, to come again.
    heads: BTreeMap<GroupId, Piece>,
    /// The title of the slide, to come again.
    title: Option<Piece>,
}

impl Flow {
    fn new(format: Format) -> Self {
        Self {
            format,
            pages: vec![Vec::new()],
            y: format.page().top,
            heads: BTreeMap::new(),
            title: None,
        }
    }

    fn is_fresh(&self) -> bool {
        self.pages.last().is_none_or(Vec::is_empty)
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = self.format.page().top;
    }

    fn put(&mut self, piece: Piece) {
        if !self.is_fresh() {
            self.y += piece.before;
        }
        let placed = Placed {
            y: self.y,
            nodes: piece.nodes,
        };
        self.y += piece.height;
        if let Some(page) = self.pages.last_mut() {
            page.push(placed);
        }
    }

    /// What stands again at the top of a page that goes on; not read out twice.
    fn repeat(&mut self, piece: &Piece) {
        let aside = |node: Node| match node {
            Node::Leaf(_, ops) | Node::Item(_, ops) | Node::Aside(ops) => Node::Aside(ops),
            Node::Row(_, cells) => Node::Aside(cells.into_iter().flat_map(|(_, ops)| ops).collect()),
        };
        self.put(Piece {
            nodes: piece.nodes.iter().cloned().map(aside).collect(),
            ..piece.clone()
        });
    }

    fn all(mut self, pieces: Vec<Piece>) -> Vec<Vec<Placed>> {
        let floor = self.format.page().floor();
        let mut waiting = pieces.into_iter().peekable();
        let mut run = Vec::new();
        while let Some(piece) = waiting.next() {
            let holds = piece.holds && waiting.peek().is_some_and(|next| !next.breaks);
            run.push(piece);
            if holds {
                continue;
            }
            let needed: f64 = run.iter().map(|piece| piece.before + piece.height).sum();
            let starts = run.first().is_some_and(|piece| piece.breaks);
            if !self.is_fresh() && (starts || self.y + needed > floor) {
                self.turn();
                if !starts {
                    self.go_on(&run);
                }
            }
            for piece in run.drain(..) {
                if piece.is_table_head
                    && let Some(table) = piece.table
                {
                    self.heads.insert(table, piece.clone());
                }
                if piece.breaks && self.format == Format::Slides {
                    self.title = Some(piece.clone());
                }
                if !piece.nodes.is_empty() {
                    self.put(piece);
                }
            }
        }
        self.pages
    }

    fn go_on(&mut self, run: &[Piece]) {
        if let Some(title) = self.title.clone() {
            self.repeat(&title);
        }
        let goes_on = run.first().filter(|piece| !piece.is_table_head);
        if let Some(head) = goes_on.and_then(|piece| self.heads.get(&piece.table?)).cloned() {
            self.repeat(&head);
        }
    }
}

pub(super) fn document(document: &Document) -> anyhow::Result<Vec<u8>> {
    let format = document.format;
    let page = format.page();
    let mut layout = Layout::new(format);
    let pieces = layout.blocks(&document.blocks, page.room());
    let pages = Flow::new(format).all(pieces);
    let configuration = ConfigurationBuilder::new()
        .with_version(PdfVersion::Pdf17)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| anyhow!("{error:?}"))?;
    let mut file = krilla::Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    file.set_metadata(
        Metadata::new()
            .title(document.title.clone())
            .description(document.about.clone())
            .language("fr-FR".to_owned())
            .creator("Maillage".to_owned()),
    );
    let mut tags = Tags::default();
    let mut pen = Pen::new()?;
    let total = pages.len();
    for (rank, placed) in pages.into_iter().enumerate() {
        let settings =
            PageSettings::from_wh(pt(page.width), pt(page.height)).context("the page has a size")?;
        let mut sheet = file.start_page_with(settings);
        let mut surface = sheet.surface();
        pen.aside(
            &mut surface,
            &margins(document, rank + 1, total),
            ArtifactType::Footer,
        );
        for Placed { y, nodes } in placed {
            for node in nodes {
                tags.draw(&mut pen, &mut surface, rank, node.shifted(page.side, y))?;
            }
        }
        surface.finish();
        sheet.finish();
    }
    let (tree, outline) = tags.finish();
    file.set_tag_tree(tree);
    file.set_outline(outline);
    file.finish().map_err(|error| anyhow!("{error:?}"))
}

/// The lines above and under the text of a page.
fn margins(document: &Document, number: usize, total: usize) -> Vec<Op> {
    let (page, scale) = (document.format.page(), document.format.scale());
    let style = Style::new(scale.margin, Ink::Muted);
    let place = Span::new(&format!("page {number}/{total}"), style);
    let right = page.width - page.side - place.width();
    let below = page.floor() + 14.0;
    let room = right - page.side - 24.0;
    let (foot, _) = column(
        &wrap(&[Span::new(&document.footer, style)], room),
        scale.margin * LEADING,
        page.side,
    );
    let mut ops: Vec<Op> = foot.into_iter().map(|op| op.shifted(0.0, below)).collect();
    ops.push(Op::Fill([page.side, below - 4.0, page.room(), 0.6], Ink::Line));
    ops.push(Op::Text(right, below + scale.margin * 1.01, place));
    if document.format == Format::Sheet {
        let head = Span::new(&document.header, style);
        ops.push(Op::Text(page.side, page.top - 24.0, head));
    } else {
        let head = Span::new(&document.header, style);
        ops.push(Op::Text(page.width - page.side - head.width(), 28.0, head));
    }
    ops
}

/// The tree of what is read out, and the bookmarks.
#[derive(Default)]
struct Tags {
    tree: TagTree,
    outline: Vec<OutlineNode>,
    /// The table or list being read.
    open: Option<(GroupId, TagGroup)>,
}

impl Tags {
    fn draw(
        &mut self,
        pen: &mut Pen,
        surface: &mut Surface<'_>,
        page: usize,
        node: Node,
    ) -> anyhow::Result<()> {
        match node {
            Node::Aside(ops) => pen.aside(surface, &ops, ArtifactType::Layout),
            Node::Leaf(role, ops) => {
                self.close();
                let tag = match role {
                    Role::Heading(level, text) => {
                        let top = ops.iter().find_map(|op| match op {
                            Op::Text(x, y, span) => Some((*x, y - span.style.size)),
                            Op::Fill(..) | Op::Hatch(_) | Op::Shape(_) => None,
                        });
                        self.bookmark(&text, page, top.unwrap_or_default());
                        let level = NonZeroU16::new(level).context("headings start at one")?;
                        TagGroup::new(Tag::Hn(level, Some(text)))
                    }
                    Role::Text => TagGroup::new(Tag::P),
                    Role::Figure(said) => TagGroup::new(Tag::Figure(Some(said))),
                };
                self.tree.push(pen.tagged(surface, tag, &ops));
            }
            Node::Item(list, ops) => {
                let body = pen.tagged(surface, TagGroup::new(Tag::LBody), &ops);
                let mut item = TagGroup::new(Tag::LI);
                item.push(body);
                self.within(list, || TagGroup::new(Tag::L(ListNumbering::Circle)), item);
            }
            Node::Row(table, cells) => {
                let mut row = TagGroup::new(Tag::TR);
                for (head, ops) in cells {
                    let group = match head {
                        Head::Column => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
                        Head::Row => TagGroup::new(Tag::TH(TableHeaderScope::Row)),
                        Head::No => TagGroup::new(Tag::TD),
                    };
                    row.push(pen.tagged(surface, group, &ops));
                }
                self.within(table, || TagGroup::new(Tag::Table), row);
            }
        }
        Ok(())
    }

    fn within(&mut self, id: GroupId, fresh: impl FnOnce() -> TagGroup, child: TagGroup) {
        if self.open.as_ref().is_none_or(|(open, _)| *open != id) {
            self.close();
            self.open = Some((id, fresh()));
        }
        if let Some((_, group)) = &mut self.open {
            group.push(child);
        }
    }

    fn close(&mut self) {
        if let Some((_, group)) = self.open.take() {
            self.tree.push(group);
        }
    }

    fn bookmark(&mut self, text: &str, page: usize, (x, y): (f64, f64)) {
        let place = XyzDestination::new(page, Point::from_xy(pt(x), pt(y)));
        self.outline.push(OutlineNode::new(text.to_owned(), place));
    }

    fn finish(mut self) -> (TagTree, Outline) {
        self.close();
        let mut outline = Outline::new();
        self.outline.into_iter().for_each(|node| outline.push_child(node));
        (self.tree.with_lang(Some("fr-FR".to_owned())), outline)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a page is a thousand points wide")]
fn pt(length: f64) -> f32 {
    length as f32
}

/// Draws with the two fonts.
struct Pen {
    regular: Font,
    bold: Font,
}

impl Pen {
    fn new() -> anyhow::Result<Self> {
        let font = |weight: Weight| Font::new(weight.data().into(), 0).context("the font can be read");
        Ok(Self {
            regular: font(Weight::Regular)?,
            bold: font(Weight::Bold)?,
        })
    }

    fn aside(&mut self, surface: &mut Surface<'_>, ops: &[Op], kind: ArtifactType) {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
        ops.iter().for_each(|op| self.op(surface, op));
        surface.end_tagged();
    }

    fn tagged(&mut self, surface: &mut Surface<'_>, mut group: TagGroup, ops: &[Op]) -> TagGroup {
        let id = surface.start_tagged(ContentTag::Other);
        ops.iter().for_each(|op| self.op(surface, op));
        surface.end_tagged();
        group.push(id);
        group
    }

    fn op(&mut self, surface: &mut Surface<'_>, op: &Op) {
        match op {
            Op::Text(x, base, span) => self.text(surface, *x, *base, span),
            Op::Fill(place, ink) => {
                if let Some(path) = rectangle(*place) {
                    paint(surface, Some(*ink), None);
                    surface.draw_path(&path);
                }
            }
            Op::Hatch(place) => hatch(surface, *place),
            Op::Shape(shape) => {
                if let Some(path) = polyline(shape) {
                    let dash = shape.dashed.then_some([4.0, 3.0]);
                    paint(
                        surface,
                        shape.fill,
                        shape.stroke.map(|(ink, width)| (ink, width, dash)),
                    );
                    surface.draw_path(&path);
                }
            }
        }
    }

    fn text(&mut self, surface: &mut Surface<'_>, x: f64, base: f64, span: &Span) {
        let glyphs: Vec<_> = shape(&span.text, span.style.weight)
            .into_iter()
            .map(|glyph| {
                KrillaGlyph::new(
                    GlyphId::new(glyph.id),
                    pt(glyph.advance),
                    pt(glyph.shift.0),
                    pt(glyph.shift.1),
                    0.0,
                    glyph.range,
                    None,
                )
            })
            .collect();
        let font = match span.style.weight {
            Weight::Regular => self.regular.clone(),
            Weight::Bold => self.bold.clone(),
        };
        paint(surface, Some(span.style.ink), None);
        let at = Point::from_xy(pt(x), pt(base));
        surface.draw_glyphs(at, &glyphs, font, &span.text, pt(span.style.size), false);
    }
}

fn color(ink: Ink) -> rgb::Color {
    let [red, green, blue] = ink.rgb();
    rgb::Color::new(red, green, blue)
}

fn paint(surface: &mut Surface<'_>, fill: Option<Ink>, stroke: Option<(Ink, f64, Option<[f32; 2]>)>) {
    surface.set_fill(fill.map(|ink| Fill {
        paint: color(ink).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::EvenOdd,
    }));
    surface.set_stroke(stroke.map(|(ink, width, dash)| Stroke {
        paint: color(ink).into(),
        width: pt(width),
        dash: dash.map(|array| StrokeDash {
            array: array.to_vec(),
            offset: 0.0,
        }),
        ..Stroke::default()
    }));
}

fn rectangle([x, y, width, height]: [f64; 4]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    builder.push_rect(Rect::from_xywh(pt(x), pt(y), pt(width), pt(height))?);
    builder.finish()
}

fn polyline(shape: &Shape) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let (first, rest) = shape.points.split_first()?;
    builder.move_to(pt(first.0), pt(first.1));
    for (x, y) in rest {
        builder.line_to(pt(*x), pt(*y));
    }
    if shape.closed {
        builder.close();
    }
    builder.finish()
}

/// Slanted lines: not known, or not told.
fn hatch(surface: &mut Surface<'_>, place: [f64; 4]) {
    let Some(frame) = rectangle(place) else { return };
    let [left, top, width, height] = place;
    surface.push_clip_path(&frame, &FillRule::EvenOdd);
    let mut x = left - height;
    while x < left + width {
        let points = vec![(x, top + height), (x + height, top)];
        if let Some(path) = polyline(&Shape::line(points, Ink::Strong, 0.9)) {
            paint(surface, None, Some((Ink::Strong, 0.9, None)));
            surface.draw_path(&path);
        }
        x += 3.6;
    }
    surface.pop();
    paint(surface, None, Some((Ink::Strong, 0.7, None)));
    surface.draw_path(&frame);
}
