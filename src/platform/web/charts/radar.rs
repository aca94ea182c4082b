//! A radar: one axis per theme, from 0 at the centre to 100 at the edge, up to three series.

use super::{Caption, Svg, escaped, opening};
use std::fmt::Write;

/// One polygon. None: this axis has no score, and the line goes straight to the next that has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub label: String,
    pub scores: Vec<Option<f64>>,
}

const CENTRE: (f64, f64) = (270.0, 158.0);
const RADIUS: f64 = 118.0;
/// Strongest first: the year on screen, then those it is compared with.
const STROKES: [&str; 3] = ["r26", "r25", "r24"];

fn point(rank: usize, axes: usize, score: f64) -> (f64, f64) {
    let turns = |n: usize| f64::from(u32::try_from(n).unwrap_or_default());
    let angle = std::f64::consts::TAU * turns(rank) / turns(axes.max(1)) - std::f64::consts::FRAC_PI_2;
    let length = RADIUS * score.clamp(0.0, 100.0) / 100.0;
    (CENTRE.0 + length * angle.cos(), CENTRE.1 + length * angle.sin())
}

fn polygon(points: &[(f64, f64)]) -> String {
    let words: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    words.join(" ")
}

/// The last series is drawn first, so that the first stays on top.
pub fn radar(caption: Caption<'_>, axes: &[String], series: &[Series]) -> Svg {
    let mut svg = opening("plot radar", (540, 320), caption);
    for ring in [25.0, 50.0, 75.0, 100.0] {
        let points: Vec<_> = (0..axes.len())
            .map(|rank| point(rank, axes.len(), ring))
            .collect();
        let _ = write!(svg, "<polygon class=\"s-line\" points=\"{}\"/>", polygon(&points));
    }
    for (rank, label) in axes.iter().enumerate() {
        let (x, y) = point(rank, axes.len(), 100.0);
        let _ = write!(
            svg,
            "<path class=\"s-line\" d=\"M{} {}L{x:.1} {y:.1}\"/>",
            CENTRE.0, CENTRE.1
        );
        let away = (x - CENTRE.0) / RADIUS;
        let anchor = match away {
            a if a > 0.2 => "start",
            a if a < -0.2 => "end",
            _ => "middle",
        };
        let (x, y) = (x + away * 10.0, y + (y - CENTRE.1) / RADIUS * 14.0 + 4.0);
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(label)
        );
    }
    for (one, stroke) in series.iter().zip(STROKES).rev() {
        let points: Vec<_> = one
            .scores
            .iter()
            .enumerate()
            .filter_map(|(rank, score)| Some(point(rank, axes.len(), (*score)?)))
            .collect();
        let _ = write!(
            svg,
            "<polygon class=\"{stroke}\" points=\"{}\"/>",
            polygon(&points)
        );
        if stroke == STROKES[0] {
            for (x, y) in &points {
                let _ = write!(
                    svg,
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" class=\"s-blue\"/>"
                );
            }
        }
    }
    svg.push_str("</svg>");
    Svg(svg)
}

#[cfg(test)]
mod tests {
    use super::{Series, radar};
    use crate::platform::web::charts::Caption;

    #[test]
    fn an_axis_without_score_is_left_out_of_the_line_not_put_at_zero() {
        let caption = Caption {
            id: "r",
            title: "Radar",
            description: "Trois aspects",
        };
        let axes = ["A", "B", "C"].map(str::to_owned);
        let series = Series {
            label: "2025".to_owned(),
            scores: vec![Some(100.0), None, Some(50.0)],
        };
        let svg = radar(caption, &axes, &[series]).to_string();
        assert!(
            svg.contains("<polygon class=\"r26\" points=\"270.0,40.0 218.9,187.5\"/>"),
            "{svg}"
        );
        assert!(svg.contains("role=\"img\"") && svg.contains("<desc id=\"r-d\">Trois aspects"));
    }
}
