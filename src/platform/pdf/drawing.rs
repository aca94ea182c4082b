//! Charts as vectors, of the same data as on screen: one hue in two strengths, labels on the marks,
//! hatching for what is not known or not told.

use super::lay::{Op, Shape, column};
use super::paper::{Ink, LEADING, Scale};
use super::text::{Span, Style, wrap};
use crate::platform::web::charts::{FunnelStep, Length, Mark, Series};
use std::f64::consts::{FRAC_PI_2, TAU};

/// Areas seen from above, each as dark as what it counts.
#[derive(Debug, Clone, Default)]
pub struct Map {
    /// What it shows, for those who do not see it.
    pub said: String,
    pub areas: Vec<MapArea>,
    pub dots: Vec<MapDot>,
}

/// Rings of longitudes and latitudes.
#[derive(Debug, Clone)]
pub struct MapArea {
    pub rings: Vec<Vec<(f64, f64)>>,
    /// From 0 to 1; none where it is not told.
    pub strength: Option<f64>,
}

#[derive(Debug, Clone)]
pub struct MapDot {
    /// Longitude, latitude.
    pub at: (f64, f64),
    /// From 0 to 1.
    pub size: f64,
    pub label: String,
}

type Drawn = (Vec<Op>, f64);

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

pub(super) fn circle(
    (x, y): (f64, f64),
    radius: f64,
    fill: Option<Ink>,
    stroke: Option<(Ink, f64)>,
) -> Shape {
    let points = (0..36_u8)
        .map(|step| {
            let angle = TAU * f64::from(step) / 36.0;
            (x + radius * angle.cos(), y + radius * angle.sin())
        })
        .collect();
    Shape {
        points,
        closed: true,
        fill,
        stroke,
        dashed: false,
    }
}

fn centred(text: &str, style: Style, x: f64, base: f64) -> Op {
    let span = Span::new(text, style);
    Op::Text(x - span.width() / 2.0, base, span)
}

/// A bar from nothing to its aim; `middle` is the height of its axis.
pub(super) fn bar(length: Length, tick: Option<f64>, [left, middle, room]: [f64; 3], size: f64) -> Vec<Op> {
    let thick = size * 0.62;
    let top = middle - thick / 2.0;
    let mut ops = vec![Op::Fill([left, top, room, thick], Ink::Tint)];
    let filled = [left, top, length.of(room), thick];
    ops.push(match length {
        Length::Share(_) => Op::Fill(filled, Ink::Blue),
        Length::Hatched => Op::Hatch(filled),
    });
    if let Some(tick) = tick {
        let x = left + room * tick.clamp(0.0, 1.0) - 0.9;
        ops.push(Op::Fill([x, top - thick * 0.4, 1.8, thick * 1.8], Ink::Text));
    }
    ops
}

/// From the first step to the last, what passes written under each.
pub(super) fn bars(scale: Scale, steps: &[FunnelStep], room: f64) -> Drawn {
    let words = Style::new(scale.body, Ink::Text);
    let figures = words.bold();
    let widest = |text: &mut dyn Iterator<Item = f64>| text.fold(0.0, f64::max);
    let left = widest(&mut steps.iter().map(|step| Span::new(&step.label, words).width())) + scale.body;
    let right = widest(&mut steps.iter().map(|step| Span::new(&step.figure, figures).width())) + scale.body;
    let full = (room - left - right).max(1.0);
    let (thick, last) = (scale.body * 1.5, steps.len().saturating_sub(1));
    let (mut ops, mut y) = (Vec::new(), 2.0);
    for (rank, step) in steps.iter().enumerate() {
        let base = y + thick / 2.0 + scale.body * 0.33;
        let width = step.length.of(full);
        ops.push(Op::Text(0.0, base, Span::new(&step.label, words)));
        ops.push(match step.length {
            Length::Hatched => Op::Hatch([left, y, width, thick]),
            Length::Share(_) if rank == last => Op::Fill([left, y, width, thick], Ink::Blue),
            Length::Share(_) => Op::Fill([left, y, width, thick], Ink::Blue2),
        });
        let figure = Span::new(&step.figure, figures);
        ops.push(Op::Text(left + width + scale.body * 0.5, base, figure));
        y += thick;
        if let Some(passing) = &step.passing {
            let style = Style::new(scale.small, Ink::Muted);
            ops.push(Op::Text(left, y + scale.small * 1.15, Span::new(passing, style)));
        }
        y += scale.small * 2.0;
    }
    (ops, y)
}

/// One axis per theme, from 0 at the centre to 100 at the edge; up to three series.
pub(super) fn radar(scale: Scale, axes: &[String], series: &[Series], room: f64) -> Drawn {
    let words = Style::new(scale.small, Ink::Text);
    let widest = axes
        .iter()
        .map(|axis| Span::new(axis, words).width())
        .fold(0.0, f64::max);
    let label = widest.min(room * 0.28);
    let radius = (room / 2.0 - label - scale.small).clamp(40.0, scale.chart * 0.42);
    let centre = (room / 2.0, radius + scale.small * 2.6);
    let point = |rank: usize, score: f64| {
        let angle = TAU * count(rank) / count(axes.len().max(1)) - FRAC_PI_2;
        let length = radius * score.clamp(0.0, 100.0) / 100.0;
        (centre.0 + length * angle.cos(), centre.1 + length * angle.sin())
    };
    let ring = |score| (0..axes.len()).map(|rank| point(rank, score)).collect();
    let mut ops: Vec<Op> = [25.0, 50.0, 75.0, 100.0]
        .map(|score| {
            Op::Shape(Shape {
                closed: true,
                ..Shape::line(ring(score), Ink::Line, 0.8)
            })
        })
        .into();
    for (rank, axis) in axes.iter().enumerate() {
        let edge = point(rank, 100.0);
        ops.push(Op::Shape(Shape::line(vec![centre, edge], Ink::Line, 0.8)));
        ops.extend(axis_label(axis, words, label, centre, edge, radius));
    }
    let inks = [
        (Ink::Blue, 2.2, false),
        (Ink::Blue2, 1.5, false),
        (Ink::Strong, 1.3, true),
    ];
    for (one, (ink, width, dashed)) in series.iter().zip(inks).rev() {
        let points: Vec<_> = one
            .scores
            .iter()
            .enumerate()
            .filter_map(|(rank, score)| Some(point(rank, (*score)?)))
            .collect();
        let marks = points.clone();
        ops.push(Op::Shape(Shape {
            closed: true,
            dashed,
            ..Shape::line(points, ink, width)
        }));
        if ink == Ink::Blue {
            ops.extend(
                marks
                    .into_iter()
                    .map(|at| Op::Shape(circle(at, 2.6, Some(Ink::Blue), None))),
            );
        }
    }
    let mut y = centre.1 + radius + scale.small * 2.8;
    ops.extend(legend(scale, series, &inks, room, y));
    y += scale.small * LEADING;
    (ops, y)
}

fn axis_label(
    axis: &str,
    style: Style,
    room: f64,
    centre: (f64, f64),
    edge: (f64, f64),
    radius: f64,
) -> Vec<Op> {
    let lines = wrap(&[Span::new(axis, style)], room.max(30.0));
    let leading = style.size * 1.1;
    let (away, down) = ((edge.0 - centre.0) / radius, (edge.1 - centre.1) / radius);
    let tall = leading * count(lines.len());
    let top = edge.1 + down * style.size - tall * (1.0 - down) / 2.0;
    let mut ops = Vec::new();
    for (rank, line) in lines.iter().enumerate() {
        let width = line.width();
        let left = match away {
            away if away > 0.2 => edge.0 + style.size * 0.7,
            away if away < -0.2 => edge.0 - style.size * 0.7 - width,
            _ => edge.0 - width / 2.0,
        };
        let (found, _) = column(std::slice::from_ref(line), leading, left);
        ops.extend(
            found
                .into_iter()
                .map(|op| op.shifted(0.0, top + leading * count(rank))),
        );
    }
    ops
}

fn legend(scale: Scale, series: &[Series], inks: &[(Ink, f64, bool)], room: f64, y: f64) -> Vec<Op> {
    let style = Style::new(scale.small, Ink::Soft);
    let labels: Vec<_> = series.iter().map(|one| Span::new(&one.label, style)).collect();
    let (dash, gap) = (scale.small * 1.8, scale.small * 1.5);
    let wide: f64 = labels.iter().map(|label| label.width() + dash + gap).sum();
    let mut x = (room - wide) / 2.0;
    let mut ops = Vec::new();
    for (label, (ink, width, dashed)) in labels.into_iter().zip(inks) {
        let line = vec![(x, y), (x + dash * 0.8, y)];
        ops.push(Op::Shape(Shape {
            dashed: *dashed,
            ..Shape::line(line, *ink, *width)
        }));
        x += dash;
        let wide = label.width();
        ops.push(Op::Text(x, y + scale.small * 0.33, label));
        x += wide + gap;
    }
    ops
}

/// What was done in full line, what is aimed at dashed, over years.
pub(super) fn curve(scale: Scale, done: &[Mark], aimed: &[Mark], room: f64) -> Drawn {
    let all = || done.iter().chain(aimed);
    let height = scale.chart * 0.5;
    if all().next().is_none() {
        return (Vec::new(), 0.0);
    }
    let (top, left) = (scale.small * 2.0, scale.small * 2.0);
    let width = room - 2.0 * left;
    let from = all().map(|mark| mark.at.floor()).fold(f64::INFINITY, f64::min);
    let to = all().map(|mark| mark.at.ceil()).fold(f64::NEG_INFINITY, f64::max);
    let most = all().map(|mark| mark.value).fold(0.0, f64::max).max(1e-9) * 1.05;
    let x = |at: f64| left + width * (at - from) / (to - from).max(1.0);
    let place = |mark: &Mark| (x(mark.at), top + height * (1.0 - mark.value / most));
    let base = top + height;
    let mut ops = vec![Op::Fill([left, base, width, 1.0], Ink::Strong)];
    let every = ((to - from) / 6.0).ceil().max(1.0);
    let mut year = from;
    while year <= to + 0.01 {
        let style = Style::new(scale.small, Ink::Muted);
        ops.push(centred(
            &format!("{year:.0}"),
            style,
            x(year),
            base + scale.small * 1.4,
        ));
        year += every;
    }
    let goals = aimed.iter().map(place).collect();
    ops.push(Op::Shape(Shape {
        dashed: true,
        ..Shape::line(goals, Ink::Blue2, 1.4)
    }));
    let facts = done.iter().map(place).collect();
    ops.push(Op::Shape(Shape::line(facts, Ink::Blue, 2.2)));
    for (marks, ink, is_done) in [(aimed, Ink::Muted, false), (done, Ink::Text, true)] {
        for mark in marks {
            let (x, y) = place(mark);
            let (fill, stroke) = if is_done {
                (Ink::Blue, None)
            } else {
                (Ink::White, Some((Ink::Blue2, 1.2)))
            };
            ops.push(Op::Shape(circle((x, y), 3.0, Some(fill), stroke)));
            let style = Style::new(scale.small, ink);
            let style = if is_done { style.bold() } else { style };
            ops.push(centred(&mark.label, style, x, y - scale.small * 0.7));
        }
    }
    (ops, base + scale.small * 1.8)
}

/// How a point of the globe is placed: enough for a territory.
struct Projection {
    west: f64,
    north: f64,
    shrink: f64,
    factor: f64,
}

impl Projection {
    fn of(map: &Map, room: f64, tallest: f64) -> Option<Self> {
        let points = || map.areas.iter().flat_map(|area| area.rings.iter().flatten());
        let least = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (west, east, south, north) = (least(|p| p.0), most(|p| p.0), least(|p| p.1), most(|p| p.1));
        points().next()?;
        let shrink = f64::midpoint(south, north).to_radians().cos();
        let (wide, tall) = (((east - west) * shrink).max(1e-6), (north - south).max(1e-6));
        Some(Self {
            west,
            north,
            shrink,
            factor: (room / wide).min(tallest / tall),
        })
    }
    fn place(&self, (lon, lat): (f64, f64)) -> (f64, f64) {
        (
            (lon - self.west) * self.shrink * self.factor,
            (self.north - lat) * self.factor,
        )
    }
}

pub(super) fn map(scale: Scale, map: &Map, room: f64) -> Drawn {
    let Some(projection) = Projection::of(map, room, scale.chart) else {
        return (Vec::new(), 0.0);
    };
    let (mut ops, mut height) = (Vec::new(), 0.0_f64);
    for area in &map.areas {
        for ring in &area.rings {
            let points: Vec<_> = ring.iter().map(|at| projection.place(*at)).collect();
            height = points.iter().map(|point| point.1).fold(height, f64::max);
            let fill = match area.strength {
                None => Ink::White,
                Some(share) => Ink::Shade(strength(share)),
            };
            ops.push(Op::Shape(Shape {
                closed: true,
                fill: Some(fill),
                ..Shape::line(points, Ink::Strong, 0.6)
            }));
        }
    }
    for dot in &map.dots {
        let (x, y) = projection.place(dot.at);
        let radius = scale.small * (0.35 + 0.65 * dot.size.clamp(0.0, 1.0));
        ops.push(Op::Shape(circle(
            (x, y),
            radius,
            Some(Ink::Minium),
            Some((Ink::White, 1.0)),
        )));
        let style = Style::new(scale.small, Ink::Text).bold();
        let span = Span::new(&dot.label, style);
        let right = x + radius + 3.0;
        let left = if right + span.width() > room {
            x - radius - 3.0 - span.width()
        } else {
            right
        };
        ops.push(Op::Text(left.max(0.0), y + scale.small * 0.33, span));
    }
    (ops, height + 2.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 160 by construction"
)]
fn strength(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 160.0) as u8
}
