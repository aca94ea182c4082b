//! The two formats, their sizes of type and the inks: those of the screen in daylight.

/// How a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A4 upright: read, annotated, filed.
    Sheet,
    /// 16:9: projected, one idea per page.
    Slides,
}

/// Lengths are points; the origin is the top left corner.
pub(super) struct Page {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) side: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Page {
    pub(super) fn room(&self) -> f64 {
        self.width - 2.0 * self.side
    }
    pub(super) fn floor(&self) -> f64 {
        self.height - self.bottom
    }
}

/// Sizes of type.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) title: f64,
    pub(super) heading: f64,
    pub(super) subheading: f64,
    pub(super) body: f64,
    pub(super) table: f64,
    pub(super) small: f64,
    /// Of the lines above and under the text.
    pub(super) margin: f64,
    /// Between two blocks.
    pub(super) gap: f64,
    /// Above and under the words of a cell.
    pub(super) cell: f64,
    /// The height of the tallest drawing.
    pub(super) chart: f64,
}

impl Scale {
    /// The same in smaller type; what is small already stays legible.
    pub(super) fn times(self, share: f64) -> Self {
        let words = share.max(0.7);
        Self {
            title: self.title * share,
            heading: self.heading * words,
            subheading: self.subheading * words,
            body: self.body * words,
            table: self.table * words,
            small: self.small * words,
            gap: self.gap * share,
            cell: self.cell * share,
            chart: self.chart * share,
            ..self
        }
    }
}

impl Format {
    pub(super) const fn page(self) -> Page {
        match self {
            Self::Sheet => Page {
                width: 595.0,
                height: 842.0,
                side: 51.0,
                top: 62.0,
                bottom: 64.0,
            },
            Self::Slides => Page {
                width: 960.0,
                height: 540.0,
                side: 56.0,
                top: 46.0,
                bottom: 56.0,
            },
        }
    }

    pub(super) const fn scale(self) -> Scale {
        match self {
            Self::Sheet => Scale {
                title: 20.0,
                heading: 13.0,
                subheading: 10.5,
                body: 10.0,
                table: 9.0,
                small: 8.5,
                margin: 8.0,
                gap: 9.0,
                cell: 3.4,
                chart: 250.0,
            },
            Self::Slides => Scale {
                title: 30.0,
                heading: 20.0,
                subheading: 17.0,
                body: 18.0,
                table: 16.0,
                small: 13.0,
                margin: 11.0,
                gap: 14.0,
                cell: 6.0,
                chart: 330.0,
            },
        }
    }
}

/// A line of text is that many times its size.
pub(super) const LEADING: f64 = 1.36;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Soft,
    Muted,
    Strong,
    Line,
    Tint,
    Blue,
    Blue2,
    Minium,
    Green,
    White,
    /// From nothing (0) to blue (255): the strengths of a map.
    Shade(u8),
}

impl Ink {
    pub(super) fn rgb(self) -> [u8; 3] {
        match self {
            Self::Text => [0x14, 0x22, 0x2a],
            Self::Soft => [0x42, 0x52, 0x5a],
            Self::Muted => [0x58, 0x67, 0x6e],
            Self::Strong => [0x76, 0x86, 0x8a],
            Self::Line => [0xd6, 0xdc, 0xdb],
            Self::Tint => [0xe8, 0xec, 0xeb],
            Self::Blue => [0x23, 0x48, 0x9a],
            Self::Blue2 => [0x61, 0x80, 0xca],
            Self::Minium => [0xa8, 0x3f, 0x17],
            Self::Green => [0x1c, 0x6a, 0x43],
            Self::White => [0xff, 0xff, 0xff],
            Self::Shade(strength) => {
                let (from, to) = (Self::Tint.rgb(), Self::Blue.rgb());
                let mix = |at: usize| {
                    let (a, b) = (i32::from(from[at]), i32::from(to[at]));
                    u8::try_from(a + (b - a) * i32::from(strength) / 255).unwrap_or(u8::MAX)
                };
                [mix(0), mix(1), mix(2)]
            }
        }
    }
}
