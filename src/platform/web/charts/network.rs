//! Knots on a circle and the ties between them: the same ties always give the same drawing.

use super::{Bond, Caption, Knot, Svg, escaped, opening};
use std::f64::consts::{PI, TAU};
use std::fmt::Write;

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 460.0;
const RADIUS: f64 = 160.0;
const CENTRE: (f64, f64) = (WIDTH / 2.0, HEIGHT / 2.0);

/// The order of knots around the circle: each next to the one it is most tied with, the most tied first.
fn order(knots: usize, bonds: &[Bond]) -> Vec<usize> {
    let tied = |knot: usize| {
        bonds
            .iter()
            .filter(|b| b.from == knot || b.to == knot)
            .map(|b| b.weight)
            .sum::<f64>()
    };
    let between = |one: usize, other: usize| {
        bonds
            .iter()
            .filter(|b| (b.from, b.to) == (one, other) || (b.from, b.to) == (other, one))
            .map(|b| b.weight)
            .sum::<f64>()
    };
    let mut left: Vec<usize> = (0..knots).collect();
    let mut placed: Vec<usize> = Vec::with_capacity(knots);
    while !left.is_empty() {
        let near = |knot: &usize| placed.last().map_or(0.0, |last| between(*last, *knot));
        let best = (0..left.len()).max_by(|one, other| {
            let (one, other) = (&left[*one], &left[*other]);
            near(one)
                .total_cmp(&near(other))
                .then(tied(*one).total_cmp(&tied(*other)))
                .then(other.cmp(one))
        });
        placed.push(left.remove(best.unwrap_or(0)));
    }
    placed
}

fn angle(place: usize, of: usize) -> f64 {
    let turns = |n: usize| f64::from(u32::try_from(n).unwrap_or_default());
    TAU * turns(place) / turns(of.max(1)) - PI / 2.0
}

fn at(angle: f64, radius: f64) -> (f64, f64) {
    (CENTRE.0 + radius * angle.cos(), CENTRE.1 + radius * angle.sin())
}

/// Ties are as thick as what they count; a tie of a knot with itself is a loop.
pub fn network(caption: Caption<'_>, knots: &[Knot], bonds: &[Bond]) -> Svg {
    let around = order(knots.len(), bonds);
    let mut places = vec![0.0; knots.len()];
    for (place, knot) in around.iter().enumerate() {
        places[*knot] = angle(place, knots.len());
    }
    let heaviest = bonds.iter().map(|bond| bond.weight).fold(1.0, f64::max);
    let mut svg = opening("plot web", (WIDTH, HEIGHT), caption);
    for bond in bonds
        .iter()
        .filter(|b| b.from < knots.len() && b.to < knots.len())
    {
        let ((x1, y1), (x2, y2)) = (at(places[bond.from], RADIUS), at(places[bond.to], RADIUS));
        let thick = 1.5 + 6.5 * bond.weight / heaviest;
        let path = if bond.from == bond.to {
            let ((a, b), (c, d)) = (
                at(places[bond.from] - 0.25, RADIUS - 58.0),
                at(places[bond.from] + 0.25, RADIUS - 58.0),
            );
            format!("M{x1:.1} {y1:.1}C{a:.1} {b:.1} {c:.1} {d:.1} {x1:.1} {y1:.1}")
        } else {
            format!("M{x1:.1} {y1:.1}Q{} {} {x2:.1} {y2:.1}", CENTRE.0, CENTRE.1)
        };
        let _ = write!(
            svg,
            "<path class=\"tie\" stroke-width=\"{thick:.1}\" d=\"{path}\"/>"
        );
    }
    for (knot, turn) in knots.iter().zip(&places) {
        let ((x, y), (tx, ty)) = (at(*turn, RADIUS), at(*turn, RADIUS + 14.0));
        let anchor = match turn.cos() {
            c if c > 0.15 => "start",
            c if c < -0.15 => "end",
            _ => "middle",
        };
        let below = if turn.sin() > 0.9 { 14.0 } else { 5.0 };
        let _ = write!(
            svg,
            "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\"/><text x=\"{tx:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            ty + below,
            escaped(&shortened(&knot.label))
        );
    }
    svg.push_str("</svg>");
    Svg(svg)
}

/// Room for about thirty letters beside the circle.
fn shortened(label: &str) -> String {
    if label.chars().count() <= 34 {
        return label.to_owned();
    }
    let start: String = label.chars().take(32).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{Bond, order, shortened};

    #[test]
    fn the_most_tied_stand_together() {
        let bond = |from, to, weight| Bond { from, to, weight };
        let bonds = [bond(0, 3, 9.0), bond(1, 2, 2.0), bond(3, 1, 1.0)];
        assert_eq!(order(4, &bonds), [3, 0, 1, 2]);
        assert_eq!(order(4, &bonds), order(4, &bonds));
        assert_eq!(order(3, &[]), [0, 1, 2]);
        assert!(order(0, &[]).is_empty());
    }

    #[test]
    fn a_long_trade_is_cut_between_letters() {
        assert_eq!(shortened("Commerce"), "Commerce");
        assert_eq!(shortened(&"é".repeat(40)).chars().count(), 33);
    }
}
