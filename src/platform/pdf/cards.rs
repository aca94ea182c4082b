//! Cards to be cut out: a grid of equal cells, with dashes where the scissors go.

use super::Block;
use super::lay::{Layout, Node, Op, Piece, Shape};
use super::paper::Ink;

#[derive(Default)]
pub struct Cards {
    /// How many cards one above the other on a page, two side by side.
    pub down: u8,
    /// To be stood on a table: the words are in the lower half, under the fold.
    pub is_folded: bool,
    pub cards: Vec<Vec<Block>>,
}

const ACROSS: u8 = 2;
/// From the dashes to the words.
const PAD: f64 = 14.0;
/// Sizes of type that are tried, until the words of a card fit in it.
const SHRUNK: [f64; 6] = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5];

/// A row of cards is one piece.
pub(super) fn rows(layout: &mut Layout, cards: &Cards, room: f64) -> Vec<Piece> {
    let width = room / f64::from(ACROSS);
    // A hair less, so that the last row stays on the page.
    let height = layout.tall / f64::from(cards.down.max(1)) - 0.01;
    let row = |row: &[Vec<Block>]| {
        let mut nodes = vec![Node::Aside(lines([room, height], cards.is_folded))];
        let mut left = 0.0;
        for card in row {
            let top = if cards.is_folded { height / 2.0 } else { 0.0 };
            let (words, tall) = fitted(layout, card, [width - 2.0 * PAD, height - top - 2.0 * PAD]);
            let spare = if cards.is_folded {
                (height - top - 2.0 * PAD - tall).max(0.0) / 2.0
            } else {
                0.0
            };
            let placed = words
                .into_iter()
                .map(|node| node.shifted(left + PAD, top + PAD + spare));
            nodes.extend(placed);
            left += width;
        }
        Piece {
            height,
            nodes,
            ..Piece::default()
        }
    };
    cards.cards.chunks(usize::from(ACROSS)).map(row).collect()
}

/// The words of a card and their height, in the largest type that fits.
fn fitted(layout: &mut Layout, card: &[Block], [width, height]: [f64; 2]) -> (Vec<Node>, f64) {
    let scale = layout.scale;
    let mut placed = (Vec::new(), 0.0);
    for share in SHRUNK {
        layout.scale = scale.times(share);
        placed = layout.stack(card, width);
        if placed.1 <= height {
            break;
        }
    }
    layout.scale = scale;
    placed
}

/// Where to cut, and where to fold; the lines of neighbouring rows fall on each other.
fn lines([width, height]: [f64; 2], is_folded: bool) -> Vec<Op> {
    let cut = |points| {
        Op::Shape(Shape {
            dashed: true,
            ..Shape::line(points, Ink::Strong, 0.7)
        })
    };
    let across = |y| vec![(0.0, y), (width, y)];
    let down = |x| vec![(x, 0.0), (x, height)];
    let mut ops: Vec<Op> = [
        across(0.0),
        across(height),
        down(0.0),
        down(width / 2.0),
        down(width),
    ]
    .map(cut)
    .into();
    if is_folded {
        ops.push(Op::rule(height / 2.0, width, Ink::Line, 0.6));
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::{Cards, rows};
    use crate::platform::pdf::lay::Layout;
    use crate::platform::pdf::{Block, Format};

    #[test]
    fn cards_fill_the_page_and_long_words_are_set_smaller() {
        let mut layout = Layout::new(Format::Sheet);
        let long = "anticonstitutionnellement ".repeat(30);
        let card = |text: &str| {
            vec![Block::Title {
                text: text.to_owned(),
                under: String::new(),
            }]
        };
        let cards = Cards {
            down: 3,
            is_folded: true,
            cards: vec![card("Court"), card(&long), card("Court")],
        };
        let found = rows(&mut layout, &cards, 493.0);
        assert_eq!(found.len(), 2);
        let tall: f64 = found.iter().map(|piece| piece.height).sum();
        assert!((tall - layout.tall * 2.0 / 3.0).abs() < 0.1);
        let given_back = (layout.scale.title - Format::Sheet.scale().title).abs() < 1e-9;
        assert!(given_back);
    }
}
