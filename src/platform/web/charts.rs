//! Charts as inline SVG made by typed Rust.
//!
//! A title and a description for those who do not see them, marks labelled directly, colours by class
//! so that dark mode and print follow. The table of the same figures is the page's. Hatching says
//! « not shown » or « not known », never zero.

mod curve;
mod ground;
mod network;
mod radar;
mod sankey;

pub use curve::{Mark, curve};
pub use ground::{MapMark, ground};
pub use network::network;
pub use radar::{Series, radar};
pub use sankey::sankey;

use askama::filters::HtmlSafe;
use askama::{FastWritable, Values};
use std::fmt::{self, Write};

/// A finished drawing; templates write it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg(String);

impl HtmlSafe for Svg {}

impl FastWritable for Svg {
    fn write_into(&self, dest: &mut dyn Write, _: &dyn Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text inside a drawing, which may come from anywhere.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// How long a mark is: a share of the whole, or nothing that may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Length {
    Share(f64),
    Hatched,
}

/// Hatched marks all have this length, so that it tells nothing.
const HATCHED: f64 = 0.3;

impl Length {
    /// So long, the whole being `full`.
    pub(in crate::platform) fn of(self, full: f64) -> f64 {
        match self {
            Self::Share(share) => share.clamp(0.0, 1.0) * full,
            Self::Hatched => HATCHED * full,
        }
    }
    fn paint(self, class: &str) -> String {
        match self {
            Self::Share(_) => format!("class=\"{class}\""),
            Self::Hatched => "fill=\"url(#hatch)\"".to_owned(),
        }
    }
}

/// A row's progress towards its target, with a tick where it started. The row says the figures, so
/// the drawing is decoration to a screen reader.
pub fn progress(done: Length, baseline: Option<f64>) -> Svg {
    let mut svg = String::from(
        "<svg class=\"bar\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect y=\"6\" width=\"100\" height=\"8\" class=\"s-track\"/>",
    );
    let (width, paint) = (done.of(100.0), done.paint("s-blue"));
    let _ = write!(svg, "<rect y=\"6\" width=\"{width:.1}\" height=\"8\" {paint}/>");
    if let Some(baseline) = baseline {
        let x = baseline.clamp(0.0, 1.0) * 99.0;
        let _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"2\" width=\"1\" height=\"16\" class=\"s-ink\"/>"
        );
    }
    svg.push_str("</svg>");
    Svg(svg)
}

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelStep {
    pub label: String,
    pub length: Length,
    /// Written at the end of the mark.
    pub figure: String,
    /// Written under it: how many go on to the next step.
    pub passing: Option<String>,
}

/// An end of ribbons or of ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knot {
    pub label: String,
    /// The class that carries its colour; empty for the plain one.
    pub css: &'static str,
}

/// What joins two knots, by their ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bond {
    pub from: usize,
    pub to: usize,
    pub weight: f64,
}

/// What a chart is called, for those who do not see it.
#[derive(Debug, Clone, Copy)]
pub struct Caption<'a> {
    /// Unique in the page.
    pub id: &'a str,
    pub title: &'a str,
    pub description: &'a str,
}

/// The start of a drawing that tells its name and what it shows.
fn opening(
    class: &str,
    (width, height): (impl fmt::Display, impl fmt::Display),
    caption: Caption<'_>,
) -> String {
    let Caption {
        id,
        title,
        description,
    } = caption;
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t\" aria-describedby=\"{id}-d\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        escaped(title),
        escaped(description)
    )
}

/// Bars from the first step to the last, the last one darker.
pub fn funnel(caption: Caption<'_>, steps: &[FunnelStep]) -> Svg {
    const LEFT: f64 = 126.0;
    const FULL: f64 = 138.0;
    let mut svg = opening("plot fun", (312, steps.len() * 50), caption);
    let mut y = 4.0;
    for (rank, step) in steps.iter().enumerate() {
        let is_last = rank + 1 == steps.len();
        let width = step.length.of(FULL);
        let paint = step.length.paint(if is_last { "s-blue" } else { "s-blue2" });
        let (text, below, end) = (y + 16.0, y + 39.0, LEFT + width + 8.0);
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{text}\">{}</text><rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"22\" {paint}/>\
             <text x=\"{end:.1}\" y=\"{text}\" class=\"st\">{}</text>",
            escaped(&step.label),
            escaped(&step.figure)
        );
        if let Some(passing) = &step.passing {
            let _ = write!(
                svg,
                "<text x=\"{LEFT}\" y=\"{below}\" class=\"mut sml\">{}</text>",
                escaped(passing)
            );
        }
        y += 50.0;
    }
    svg.push_str("</svg>");
    Svg(svg)
}

/// One column of a year.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Under the column, a letter or two.
    pub label: String,
    /// Nothing: hatched, because it is not told.
    pub share: Option<f64>,
    /// Nothing happened: no column at all.
    pub is_empty: bool,
    /// Above the column.
    pub figure: String,
}

/// Columns from 0 to 100 %, one per month.
pub fn columns(caption: Caption<'_>, bars: &[Column]) -> Svg {
    const STEP: f64 = 54.0;
    const BASE: f64 = 128.0;
    const FULL: f64 = 100.0;
    const UNTOLD: f64 = 14.0;
    let Caption {
        id,
        title,
        description,
    } = caption;
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg class=\"plot\" viewBox=\"0 0 662 150\" role=\"img\" aria-labelledby=\"{id}-t\" aria-describedby=\"{id}-d\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc><path d=\"M0 {BASE}H662\" class=\"s-line\"/>",
        escaped(title),
        escaped(description)
    );
    let mut x = 8.0;
    for bar in bars {
        let (middle, label) = (x + 17.0, BASE + 18.0);
        if !bar.is_empty {
            let height = bar
                .share
                .map_or(UNTOLD, |share| (share.clamp(0.0, 1.0) * FULL).max(1.0));
            let (top, above) = (BASE - height, BASE - height - 6.0);
            let paint = if bar.share.is_some() {
                "class=\"s-blue\""
            } else {
                "fill=\"url(#hatch)\""
            };
            let _ = write!(
                svg,
                "<rect x=\"{x:.0}\" y=\"{top:.1}\" width=\"34\" height=\"{height:.1}\" {paint}/>\
                 <text x=\"{middle:.0}\" y=\"{above:.1}\" text-anchor=\"middle\" class=\"st\">{}</text>",
                escaped(&bar.figure)
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{middle:.0}\" y=\"{label:.0}\" text-anchor=\"middle\" class=\"mut\">{}</text>",
            escaped(&bar.label)
        );
        x += STEP;
    }
    svg.push_str("</svg>");
    Svg(svg)
}

#[cfg(test)]
mod tests {
    use super::{Caption, Column, FunnelStep, Length, columns, funnel, progress};

    fn step(label: &str, length: Length, figure: &str) -> FunnelStep {
        FunnelStep {
            label: label.to_owned(),
            length,
            figure: figure.to_owned(),
            passing: None,
        }
    }

    #[test]
    fn labels_are_escaped_and_the_drawing_names_itself() {
        let caption = Caption {
            id: "f",
            title: "De <3 à 9",
            description: "D’abord 12",
        };
        let svg = funnel(caption, &[step("<script>", Length::Share(1.0), "« < 3 »")]).to_string();
        assert!(svg.contains("<title id=\"f-t\">De &lt;3 à 9</title>"), "{svg}");
        assert!(
            svg.contains("&lt;script&gt;") && !svg.contains("<script>"),
            "{svg}"
        );
    }

    #[test]
    fn a_column_is_told_hatched_or_absent() {
        let caption = Caption {
            id: "c",
            title: "Par mois",
            description: "Deux mois",
        };
        let column = |share, is_empty| Column {
            label: "J".to_owned(),
            share,
            is_empty,
            figure: String::new(),
        };
        let svg = columns(
            caption,
            &[column(Some(0.5), false), column(None, false), column(None, true)],
        )
        .to_string();
        assert_eq!(svg.matches("<rect").count(), 2, "{svg}");
        assert!(
            svg.contains("height=\"50.0\"") && svg.contains("url(#hatch)"),
            "{svg}"
        );
    }

    #[test]
    fn what_is_hidden_has_the_same_length_everywhere() {
        let svg = progress(Length::Hatched, None).to_string();
        assert!(
            svg.contains("width=\"30.0\" height=\"8\" fill=\"url(#hatch)\""),
            "{svg}"
        );
        let svg = progress(Length::Share(1.7), Some(0.7)).to_string();
        assert!(svg.contains("width=\"100.0\""), "never beyond the track: {svg}");
    }
}
