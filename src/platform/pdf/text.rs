//! The font, and lines of text: shaped once to be measured, cut into lines, drawn by `write`.

use super::paper::Ink;
use rustybuzz::{Direction, Face, Feature, ShapePlan, UnicodeBuffer, script, ttf_parser::Tag};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

const REGULAR: &[u8] = include_bytes!("fonts/SourceSans3-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/SourceSans3-SemiBold.ttf");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    pub(super) fn data(self) -> &'static [u8] {
        match self {
            Self::Regular => REGULAR,
            Self::Bold => BOLD,
        }
    }

    fn hand(self) -> &'static Hand {
        static HANDS: OnceLock<[Hand; 2]> = OnceLock::new();
        let [regular, bold] = HANDS.get_or_init(|| [REGULAR, BOLD].map(Hand::new));
        match self {
            Self::Regular => regular,
            Self::Bold => bold,
        }
    }
}

/// A font and how it sets our texts: made once, because planning costs more than setting a line.
struct Hand {
    face: Face<'static>,
    plan: ShapePlan,
    /// The widths of words already set, in parts of the size: a document measures each many times.
    known: Mutex<HashMap<String, f64>>,
}

/// Words whose width is remembered.
const KNOWN: usize = 20_000;

impl Hand {
    /// Figures have all the same width, so that columns align.
    fn new(data: &'static [u8]) -> Self {
        let face = Face::from_slice(data, 0).expect("the embedded fonts are whole");
        let figures = [Feature::new(Tag::from_bytes(b"tnum"), 1, ..)];
        let plan = ShapePlan::new(&face, Direction::LeftToRight, Some(script::LATIN), None, &figures);
        Self {
            face,
            plan,
            known: Mutex::default(),
        }
    }

    fn width(&self, text: &str, weight: Weight) -> f64 {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(width) = known.get(text) {
            return *width;
        }
        let width = shape(text, weight).iter().map(|glyph| glyph.advance).sum();
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(text.to_owned(), width);
        width
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) weight: Weight,
    pub(super) size: f64,
    pub(super) ink: Ink,
}

impl Style {
    pub(super) const fn new(size: f64, ink: Ink) -> Self {
        Self {
            weight: Weight::Regular,
            size,
            ink,
        }
    }
    pub(super) const fn bold(self) -> Self {
        Self {
            weight: Weight::Bold,
            ..self
        }
    }
    pub(super) const fn with(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }
}

/// A glyph and what of the text it stands for; lengths in parts of the size.
pub(super) struct Glyph {
    pub(super) id: u32,
    pub(super) advance: f64,
    pub(super) shift: (f64, f64),
    pub(super) range: Range<usize>,
}

pub(super) fn shape(text: &str, weight: Weight) -> Vec<Glyph> {
    let Hand { face, plan, .. } = weight.hand();
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.set_direction(Direction::LeftToRight);
    buffer.set_script(script::LATIN);
    let shaped = rustybuzz::shape_with_plan(face, plan, buffer);
    let em = f64::from(face.units_per_em());
    let starts: Vec<usize> = shaped
        .glyph_infos()
        .iter()
        .map(|info| usize::try_from(info.cluster).unwrap_or(usize::MAX))
        .collect();
    shaped
        .glyph_infos()
        .iter()
        .zip(shaped.glyph_positions())
        .zip(&starts)
        .map(|((info, at), start)| {
            let next = starts.iter().copied().filter(|other| other > start).min();
            Glyph {
                id: info.glyph_id,
                advance: f64::from(at.x_advance) / em,
                shift: (f64::from(at.x_offset) / em, f64::from(at.y_offset) / em),
                range: *start..next.unwrap_or(text.len()),
            }
        })
        .collect()
}

pub(super) fn width(text: &str, style: Style) -> f64 {
    style.weight.hand().width(text, style.weight) * style.size
}

/// What the font cannot draw is replaced, so that no text makes a document fail.
pub(super) fn drawable(text: &str) -> String {
    let known = |c: char| Weight::Regular.hand().face.glyph_index(c).is_some();
    text.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .map(|c| match c {
            '\n' => '\n',
            c if known(c) => c,
            c if c.is_whitespace() => ' ',
            _ => '?',
        })
        .collect()
}

/// Some words in one style.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Span {
    pub(super) fn new(text: &str, style: Style) -> Self {
        Self {
            text: drawable(text),
            style,
        }
    }
    pub(super) fn width(&self) -> f64 {
        width(&self.text, self.style)
    }
}

/// One line, its spans from left to right.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    pub(super) spans: Vec<Span>,
}

impl Line {
    /// Without the space where it was cut.
    pub(super) fn width(&self) -> f64 {
        let last = self.spans.len().saturating_sub(1);
        let seen = |(rank, span): (usize, &Span)| {
            if rank == last {
                width(span.text.trim_end_matches(' '), span.style)
            } else {
                span.width()
            }
        };
        self.spans.iter().enumerate().map(seen).sum()
    }
    fn push(&mut self, word: &Span) {
        match self.spans.last_mut().filter(|last| last.style == word.style) {
            Some(last) => last.text.push_str(&word.text),
            None => self.spans.push(word.clone()),
        }
    }
}

/// The longest word: a column narrower than it would cut it.
pub(super) fn longest(spans: &[Span]) -> f64 {
    words(spans)
        .iter()
        .flatten()
        .map(|word| width(word.text.trim_end_matches(' '), word.style))
        .fold(0.0, f64::max)
}

/// Words with the space after them, paragraph by paragraph.
fn words(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut paragraphs = vec![Vec::new()];
    for span in spans {
        for (rank, part) in span.text.split('\n').enumerate() {
            if rank > 0 {
                paragraphs.push(Vec::new());
            }
            let found = part.split_inclusive(' ').map(|word| Span {
                text: word.to_owned(),
                style: span.style,
            });
            if let Some(paragraph) = paragraphs.last_mut() {
                paragraph.extend(found);
            }
        }
    }
    paragraphs
}

/// Cuts into lines no wider than that; a word that is wider is cut where it must.
pub(super) fn wrap(spans: &[Span], room: f64) -> Vec<Line> {
    let mut lines = Vec::new();
    for paragraph in words(spans) {
        let mut line = Line::default();
        let mut used = 0.0;
        for word in paragraph {
            let bare = width(word.text.trim_end_matches(' '), word.style);
            if used > 0.0 && used + bare > room + 0.01 {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            for piece in fitting(&word, room) {
                if used > 0.0 && used + piece.width() > room + piece.style.size {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                used += piece.width();
                line.push(&piece);
            }
        }
        lines.push(line);
    }
    lines
}

/// The word, in pieces none of which is wider than the room.
fn fitting(word: &Span, room: f64) -> Vec<Span> {
    if word.width() <= room {
        return vec![word.clone()];
    }
    let mut pieces = vec![String::new()];
    for c in word.text.chars() {
        let Some(last) = pieces.last_mut() else { break };
        let longer = format!("{last}{c}");
        if last.is_empty() || width(longer.trim_end_matches(' '), word.style) <= room {
            *last = longer;
        } else {
            pieces.push(c.to_string());
        }
    }
    let piece = |text| Span {
        text,
        style: word.style,
    };
    pieces.into_iter().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::{Ink, Span, Style, Weight, drawable, longest, shape, width, wrap};

    const STYLE: Style = Style::new(10.0, Ink::Text);

    fn text(lines: &[super::Line]) -> Vec<String> {
        let join = |line: &super::Line| line.spans.iter().map(|s| s.text.as_str()).collect::<String>();
        lines.iter().map(join).collect()
    }

    #[test]
    fn lines_are_cut_at_spaces_and_never_wider_than_asked() {
        let words = "Un conseiller a étudié cette piste et la trouve réalisable, « à vérifier ».";
        let lines = wrap(&[Span::new(words, STYLE)], 90.0);
        assert!(lines.len() > 3);
        assert!(lines.iter().all(|line| line.width() <= 90.1));
        assert_eq!(text(&lines).concat(), words, "nothing is lost");
        assert!(!text(&lines)[1].starts_with(' '));
    }

    #[test]
    fn a_word_too_long_is_cut_and_a_number_stays_whole() {
        let long = "anticonstitutionnellement".repeat(4);
        let lines = wrap(&[Span::new(&long, STYLE)], 80.0);
        assert!(lines.len() >= 5 && lines.iter().all(|line| line.width() <= 80.1));
        assert_eq!(text(&lines).concat(), long);
        let amount = [Span::new("soit 120\u{a0}472\u{a0}€ en tout", STYLE)];
        assert!(
            text(&wrap(&amount, 60.0))
                .iter()
                .any(|line| line.contains("120\u{a0}472\u{a0}€"))
        );
        assert!(longest(&amount) > width("120\u{a0}472", STYLE));
    }

    #[test]
    fn figures_have_one_width() {
        let wide: Vec<f64> = ["1", "4", "8"].map(|figure| width(figure, STYLE)).into();
        assert!(wide.iter().all(|each| (each - wide[0]).abs() < 1e-9));
    }

    #[test]
    fn glyphs_know_their_letters_and_what_is_unknown_is_replaced() {
        let glyphs = shape("fluœ", Weight::Bold);
        assert_eq!(glyphs.first().unwrap().range.start, 0);
        assert_eq!(glyphs.last().unwrap().range, 3..5);
        assert_eq!(drawable("a\t漢\u{202f}; Š\n\u{7}"), "a?\u{202f}; Š\n");
        assert!(
            shape(&drawable("漢字 – « ≥ ’ ″ ₂ ° ³ œ"), Weight::Regular)
                .iter()
                .all(|g| g.id != 0)
        );
    }
}
