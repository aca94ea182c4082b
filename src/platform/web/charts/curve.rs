//! A curve over years, with the line of the targets.

use super::{Caption, Svg, escaped, opening};
use std::fmt::Write;

/// A value at a moment; `at` is a year, with its decimals.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub at: f64,
    pub value: f64,
    /// Written above the mark.
    pub label: String,
}

const LEFT: f64 = 26.0;
const WIDTH: f64 = 300.0;
const TOP: f64 = 26.0;
const HEIGHT: f64 = 118.0;

/// What the page keeps of the two axes.
struct Frame {
    from: f64,
    to: f64,
    most: f64,
}

impl Frame {
    fn x(&self, at: f64) -> f64 {
        let span = (self.to - self.from).max(1.0);
        LEFT + WIDTH * (at - self.from) / span
    }
    fn y(&self, value: f64) -> f64 {
        TOP + HEIGHT * (1.0 - value / self.most)
    }
    fn path(&self, marks: &[Mark]) -> String {
        let points: Vec<_> = marks
            .iter()
            .map(|mark| format!("{:.1} {:.1}", self.x(mark.at), self.y(mark.value)))
            .collect();
        format!("M{}", points.join("L"))
    }
}

/// What was done in full line, what is aimed at dashed.
pub fn curve(caption: Caption<'_>, done: &[Mark], aimed: &[Mark]) -> Svg {
    let all = || done.iter().chain(aimed);
    let frame = Frame {
        from: all().map(|mark| mark.at.floor()).fold(f64::INFINITY, f64::min),
        to: all().map(|mark| mark.at.ceil()).fold(f64::NEG_INFINITY, f64::max),
        most: all().map(|mark| mark.value).fold(0.0, f64::max).max(1e-9) * 1.05,
    };
    let mut svg = opening("plot curve", (360, 180), caption);
    if all().next().is_none() {
        svg.push_str("</svg>");
        return Svg(svg);
    }
    let base = TOP + HEIGHT;
    let _ = write!(svg, "<path class=\"s-strong\" d=\"M{LEFT} {base}h{WIDTH}\"/>");
    let mut year = frame.from;
    let every = ((frame.to - frame.from) / 6.0).ceil().max(1.0);
    while year <= frame.to + 0.01 {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" class=\"xs mut\">{year:.0}</text>",
            frame.x(year),
            base + 18.0
        );
        year += every;
    }
    if !aimed.is_empty() {
        let _ = write!(svg, "<path class=\"r25\" d=\"{}\"/>", frame.path(aimed));
    }
    for mark in aimed {
        let (x, y) = (frame.x(mark.at), frame.y(mark.value));
        let _ = write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" class=\"hol\"/>");
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" class=\"xs mut\">{}</text>",
            y - 8.0,
            escaped(&mark.label)
        );
    }
    if !done.is_empty() {
        let _ = write!(svg, "<path class=\"r26\" d=\"{}\"/>", frame.path(done));
    }
    for mark in done {
        let (x, y) = (frame.x(mark.at), frame.y(mark.value));
        let _ = write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" class=\"s-blue\"/>"
        );
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" class=\"st\">{}</text>",
            y - 9.0,
            escaped(&mark.label)
        );
    }
    svg.push_str("</svg>");
    Svg(svg)
}

#[cfg(test)]
mod tests {
    use super::{Mark, curve};
    use crate::platform::web::charts::Caption;

    #[test]
    fn years_go_across_and_the_greatest_value_up() {
        let caption = Caption {
            id: "c",
            title: "Entreprises",
            description: "De 70 à 100",
        };
        let mark = |at, value: f64| Mark {
            at,
            value,
            label: format!("{value}"),
        };
        let done = [mark(2019.0, 70.0), mark(2021.0, 100.0)];
        let svg = curve(caption, &done, &[mark(2020.0, 80.0)]).to_string();
        assert!(svg.contains("class=\"r26\" d=\"M26.0 65.3L326.0 31.6\""), "{svg}");
        assert!(
            svg.contains(">2020</text>") && svg.contains("class=\"hol\""),
            "{svg}"
        );
        assert!(!curve(caption, &[], &[]).to_string().contains("NaN"));
    }
}
