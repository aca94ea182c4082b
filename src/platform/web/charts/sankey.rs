//! Ribbons from knots on the left to knots on the right, as wide as what they carry.

use super::{Bond, Caption, Knot, Svg, escaped, opening};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 210.0;
const RIGHT: f64 = 550.0;
const BLOCK: f64 = 12.0;
/// What the thickest side takes, gaps apart.
const FULL: f64 = 300.0;
const GAP: f64 = 14.0;
/// Two labels never touch.
const LEAST: f64 = 6.0;

/// A knot's mark on its side.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    top: f64,
    height: f64,
}

/// One ribbon: where it leaves, where it arrives, and how thick it is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ribbon {
    bond: usize,
    leaves: f64,
    arrives: f64,
    thick: f64,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Layout {
    left: Vec<Block>,
    right: Vec<Block>,
    ribbons: Vec<Ribbon>,
    height: f64,
}

/// Places everything; the same bonds always give the same drawing.
fn layout(left: usize, right: usize, bonds: &[Bond]) -> Layout {
    let total: f64 = bonds.iter().map(|bond| bond.weight).sum();
    if total <= 0.0 {
        return Layout::default();
    }
    let scale = FULL / total;
    let sum = |of: &dyn Fn(&Bond) -> bool| {
        bonds
            .iter()
            .filter(|bond| of(bond))
            .map(|bond| bond.weight)
            .sum::<f64>()
    };
    let stack = |count: usize, end: &dyn Fn(&Bond) -> usize| {
        let mut top = 0.0;
        let mut blocks = Vec::with_capacity(count);
        for rank in 0..count {
            let height = sum(&|bond| end(bond) == rank) * scale;
            blocks.push(Block { top, height });
            top += height.max(LEAST) + GAP;
        }
        (blocks, top - GAP)
    };
    let (left, left_height) = stack(left, &|bond| bond.from);
    let (right, right_height) = stack(right, &|bond| bond.to);
    let (mut out, mut into) = (vec![0.0; left.len()], vec![0.0; right.len()]);
    let mut order: Vec<usize> = (0..bonds.len()).collect();
    order.sort_by_key(|rank| (bonds[*rank].from, bonds[*rank].to, *rank));
    let ribbons = order
        .into_iter()
        .filter(|rank| bonds[*rank].from < left.len() && bonds[*rank].to < right.len())
        .map(|rank| {
            let bond = bonds[rank];
            let thick = bond.weight * scale;
            let ribbon = Ribbon {
                bond: rank,
                leaves: left[bond.from].top + out[bond.from],
                arrives: right[bond.to].top + into[bond.to],
                thick,
            };
            out[bond.from] += thick;
            into[bond.to] += thick;
            ribbon
        })
        .collect();
    Layout {
        left,
        right,
        ribbons,
        height: left_height.max(right_height),
    }
}

/// The ribbons take the colour of the knot they leave.
pub fn sankey(caption: Caption<'_>, left: &[Knot], right: &[Knot], bonds: &[Bond]) -> Svg {
    let placed = layout(left.len(), right.len(), bonds);
    let mut svg = opening(
        "plot sankey",
        (WIDTH, format!("{:.0}", placed.height + 16.0)),
        caption,
    );
    for ribbon in &placed.ribbons {
        let bond = bonds[ribbon.bond];
        let middle = f64::midpoint(LEFT, RIGHT);
        let (from, to) = (LEFT + BLOCK, RIGHT);
        let (y1, y2) = (ribbon.leaves + 8.0, ribbon.arrives + 8.0);
        let (z1, z2) = (y1 + ribbon.thick, y2 + ribbon.thick);
        let _ = write!(
            svg,
            "<path class=\"ribbon {}\" d=\"M{from} {y1:.1}C{middle} {y1:.1} {middle} {y2:.1} {to} {y2:.1}V{z2:.1}C{middle} {z2:.1} {middle} {z1:.1} {from} {z1:.1}Z\"/>",
            left[bond.from].css
        );
    }
    let mut side = |blocks: &[Block], knots: &[Knot], (x, text, anchor): (f64, f64, &str)| {
        for (block, knot) in blocks.iter().zip(knots) {
            let (top, tall) = (block.top + 8.0, block.height.max(1.0));
            let _ = write!(
                svg,
                "<rect class=\"knot {}\" x=\"{x}\" y=\"{top:.1}\" width=\"{BLOCK}\" height=\"{tall:.1}\"/><text x=\"{text}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                knot.css,
                top + tall / 2.0 + 5.0,
                escaped(&knot.label)
            );
        }
    };
    side(&placed.left, left, (LEFT, LEFT - 8.0, "end"));
    side(&placed.right, right, (RIGHT, RIGHT + BLOCK + 8.0, "start"));
    svg.push_str("</svg>");
    Svg(svg)
}

#[cfg(test)]
mod tests {
    use super::{Bond, FULL, Layout, layout};
    use proptest::prelude::*;

    #[test]
    fn nothing_carried_is_nothing_drawn() {
        assert_eq!(layout(2, 2, &[]), Layout::default());
        assert_eq!(
            layout(
                1,
                1,
                &[Bond {
                    from: 0,
                    to: 0,
                    weight: 0.0
                }]
            ),
            Layout::default()
        );
    }

    proptest! {
        #[test]
        fn ribbons_fill_their_blocks_and_never_overlap(weights in prop::collection::vec((0_usize..4, 0_usize..3, 1_u32..50), 1..12)) {
            let bonds: Vec<_> = weights.iter().map(|(from, to, weight)| Bond { from: *from, to: *to, weight: f64::from(*weight) }).collect();
            let placed = layout(4, 3, &bonds);
            let carried: f64 = placed.ribbons.iter().map(|ribbon| ribbon.thick).sum();
            prop_assert!((carried - FULL).abs() < 1e-6);
            for side in [&placed.left, &placed.right] {
                prop_assert!((side.iter().map(|block| block.height).sum::<f64>() - FULL).abs() < 1e-6);
                for pair in side.windows(2) {
                    prop_assert!(pair[0].top + pair[0].height < pair[1].top);
                }
            }
            for (rank, block) in placed.left.iter().enumerate() {
                let mut own: Vec<_> = placed.ribbons.iter().filter(|ribbon| bonds[ribbon.bond].from == rank).collect();
                own.sort_by(|one, other| one.leaves.total_cmp(&other.leaves));
                let mut at = block.top;
                for ribbon in own {
                    prop_assert!((ribbon.leaves - at).abs() < 1e-6);
                    at += ribbon.thick;
                }
                prop_assert!((at - block.top - block.height).abs() < 1e-6);
            }
        }
    }
}
