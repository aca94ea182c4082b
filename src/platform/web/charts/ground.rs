//! A map: outlines, ties and discs of classes, already placed.

use super::{Caption, Svg, escaped, opening};
use std::fmt::Write;

/// A disc, a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapMark<'a> {
    pub x: f64,
    pub y: f64,
    /// None: a small square.
    pub r: Option<f64>,
    /// What it counts is not told.
    pub is_hatched: bool,
    /// Told by the pointer.
    pub title: &'a str,
    /// Written there: the middle of its base line.
    pub label: Option<((f64, f64), &'a str)>,
}

/// Land, then ties, then marks.
pub fn ground(
    caption: Caption<'_>,
    (width, height): (f64, f64),
    land: &[String],
    ties: &[String],
    marks: &[MapMark<'_>],
) -> Svg {
    let mut svg = opening("plot ground", (width, format!("{height:.0}")), caption);
    for path in land {
        let _ = write!(svg, "<path class=\"commune\" d=\"{path}\"/>");
    }
    for path in ties {
        let _ = write!(svg, "<path class=\"arc\" d=\"{path}\"/>");
    }
    for mark in marks {
        let (x, y) = (mark.x, mark.y);
        let title = escaped(mark.title);
        let _ = match mark.r {
            Some(r) => {
                let class = if mark.is_hatched { "disc few" } else { "disc" };
                write!(
                    svg,
                    "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\"><title>{title}</title></circle>"
                )
            }
            None => write!(
                svg,
                "<rect class=\"zone\" x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\"><title>{title}</title></rect>",
                x - 4.0,
                y - 4.0
            ),
        };
    }
    for mark in marks {
        if let Some(((x, y), label)) = mark.label {
            let _ = write!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>",
                escaped(label)
            );
        }
    }
    svg.push_str("</svg>");
    Svg(svg)
}
