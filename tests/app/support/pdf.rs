//! What a reader finds in a PDF: its pages as images, its words and where they stand.

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Point, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use std::path::Path;
use std::sync::Arc;

/// One page.
pub(crate) struct Leaf {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Its words in the order of reading, a space between two lines.
    pub(crate) text: String,
    /// Where each letter begins: left, base line, from the top left corner.
    letters: Vec<(f64, f64, char)>,
    png: Vec<u8>,
    /// The share of the page that is not white.
    pub(crate) inked: f64,
}

pub(crate) struct Paper {
    pub(crate) leaves: Vec<Leaf>,
    raw: Vec<u8>,
}

impl Paper {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let pdf = Pdf::new(bytes.to_vec()).expect("a PDF that can be read");
        let leaves = pdf.pages().iter().map(|page| leaf(&pdf, page)).collect();
        Self {
            leaves,
            raw: bytes.to_vec(),
        }
    }

    /// Every word, one space between two whatever the space.
    pub(crate) fn text(&self) -> String {
        let all: Vec<_> = self.leaves.iter().map(|leaf| leaf.text.as_str()).collect();
        all.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Pages of the same size with something on each, and nothing of it beyond the margins.
    pub(crate) fn assert_sound(&self, (width, height): (f64, f64)) {
        assert!(!self.leaves.is_empty());
        let total = self.leaves.len();
        for (rank, leaf) in self.leaves.iter().enumerate() {
            let number = rank + 1;
            assert!((leaf.width - width).abs() < 0.5 && (leaf.height - height).abs() < 0.5);
            assert!(leaf.inked > 0.004, "page {number} is blank: {}", leaf.inked);
            assert!(
                leaf.text.contains(&format!("page {number}/{total}")),
                "{}",
                leaf.text
            );
            let outside: Vec<_> = leaf
                .letters
                .iter()
                .filter(|(_, _, c)| !c.is_whitespace())
                .filter(|(x, y, _)| *x < 40.0 || *x > width - 48.0 || *y < 20.0 || *y > height - 14.0)
                .collect();
            assert!(outside.is_empty(), "page {number}: {outside:?}");
        }
    }

    /// Letters drawn over another one, with the page and what stands there.
    pub(crate) fn overprinted(&self) -> Vec<String> {
        let mut over = Vec::new();
        for (rank, leaf) in self.leaves.iter().enumerate() {
            let mut letters: Vec<_> = leaf
                .letters
                .iter()
                .filter(|(_, _, c)| !c.is_whitespace())
                .collect();
            letters.sort_by(|one, other| one.1.total_cmp(&other.1));
            for (at, one) in letters.iter().enumerate() {
                let near = letters[at + 1..].iter().take_while(|other| other.1 - one.1 < 1.5);
                // The letters of a ligature stand in one place.
                let covers = |other: &&&(f64, f64, char)| (0.01..0.8).contains(&(other.0 - one.0).abs());
                over.extend(near.filter(covers).map(|other| {
                    format!(
                        "page {}: {} over {} at {:.0}, {:.0}",
                        rank + 1,
                        other.2,
                        one.2,
                        one.0,
                        one.1
                    )
                }));
            }
        }
        over
    }

    /// Keeps the file and its pages as images, for those who want to look at them.
    pub(crate) fn keep(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.pdf")), &self.raw).unwrap();
        for (rank, leaf) in self.leaves.iter().enumerate() {
            let file = folder.join(format!("{name}-{:02}.png", rank + 1));
            std::fs::write(file, &leaf.png).unwrap();
        }
    }
}

fn settings() -> InterpreterSettings {
    InterpreterSettings {
        font_resolver: Arc::new(|_| panic!("a font is not in the document")),
        ..InterpreterSettings::default()
    }
}

fn leaf(pdf: &Pdf, page: &Page<'_>) -> Leaf {
    let (width, height) = page.render_dimensions();
    let pixmap = render(
        page,
        &RenderCache::new(),
        &settings(),
        &RenderSettings::default(),
        &PixmapSettings {
            bg_color: WHITE,
            ..PixmapSettings::default()
        },
    );
    let dots = pixmap.data();
    let inked = dots
        .iter()
        .filter(|dot| dot.r < 250 || dot.g < 250 || dot.b < 250)
        .count();
    let share = |count: usize| f64::from(u32::try_from(count).unwrap());
    let inked = share(inked) / share(dots.len());
    let reader = follow(pdf, page);
    Leaf {
        width: f64::from(width),
        height: f64::from(height),
        text: reader.text,
        letters: reader.letters,
        png: pixmap.into_png().unwrap(),
        inked,
    }
}

/// Every word of a document that nobody looks at, which is quicker.
pub(crate) fn words(bytes: &[u8]) -> String {
    let pdf = Pdf::new(bytes.to_vec()).expect("a PDF that can be read");
    let pages: Vec<_> = pdf.pages().iter().map(|page| follow(&pdf, page).text).collect();
    pages.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn follow(pdf: &Pdf, page: &Page<'_>) -> Reader {
    let cache = InterpreterCache::new();
    let bounds = Rect::new(0.0, 0.0, 1.0, 1.0);
    let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings());
    let (_, height) = page.render_dimensions();
    let mut reader = Reader {
        height: f64::from(height),
        ..Reader::default()
    };
    interpret_page(page, &mut context, &mut reader);
    reader
}

/// Follows the letters as they are drawn.
#[derive(Default)]
struct Reader {
    height: f64,
    text: String,
    letters: Vec<(f64, f64, char)>,
}

impl Device<'_> for Reader {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let upright = Affine::translate((0.0, self.height)) * Affine::scale_non_uniform(1.0, -1.0);
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        for glyph in run.glyphs() {
            let at = upright * props.transform * glyph.transform() * Point::ZERO;
            let letters = match glyph.as_unicode().expect("a letter behind each glyph") {
                BfString::Char(c) => c.to_string(),
                BfString::String(several) => several,
            };
            self.letters.extend(letters.chars().map(|c| (at.x, at.y, c)));
            self.text.push_str(&letters);
        }
    }
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
}
