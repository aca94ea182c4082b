//! Documents to print and to project: blocks that flow from page to page.
//!
//! They carry what is said to those who do not see them (tagged, PDF/UA). It draws what it is given and
//! knows nothing of the domain.
//!
//! A screen makes a [`Document`] of [`Block`]s and answers with [`Document::answer`]. Inside, `lay` turns
//! blocks into pieces that are never cut, `write` puts pieces on pages.

mod cards;
mod drawing;
mod lay;
mod paper;
mod table;
mod text;
mod write;

pub use cards::Cards;
pub use drawing::{Map, MapArea, MapDot};
pub use paper::Format;
pub use table::{Cell, Column, Table};

use crate::kernel::clock;
use crate::platform::web::charts::{FunnelStep, Mark, Series};
use crate::platform::web::filters::{hour, long_day};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

pub struct Document {
    pub format: Format,
    pub title: String,
    /// What it is, in the properties of the file.
    pub about: String,
    /// At the top of each page.
    pub header: String,
    /// At the foot of each page: method and date.
    pub footer: String,
    pub blocks: Vec<Block>,
}

/// Some words, some of them strong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub(super) Vec<(bool, String)>);

impl Words {
    #[must_use]
    pub fn strong(mut self, text: impl Into<String>) -> Self {
        self.0.push((true, text.into()));
        self
    }
    #[must_use]
    pub fn then(mut self, text: impl Into<String>) -> Self {
        self.0.push((false, text.into()));
        self
    }
}

impl<T: Into<String>> From<T> for Words {
    fn from(text: T) -> Self {
        Self::default().then(text)
    }
}

/// What stands before an item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bullet {
    Dot,
    For,
    Against,
    Ask,
}

/// One end of a link between two sites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct End {
    pub role: String,
    pub name: String,
    pub detail: String,
}

pub enum Block {
    /// The one title; on slides, it starts a page.
    Title {
        text: String,
        under: String,
    },
    Heading(String),
    Subheading(String),
    Text(Words),
    /// Said lower.
    Soft(String),
    List(Vec<(Bullet, Words)>),
    /// What it is, and its value.
    Facts(Vec<(String, Words)>),
    Table(Table),
    /// Two sites and what is between them.
    Link {
        from: End,
        to: End,
        between: String,
    },
    Bars {
        said: String,
        steps: Vec<FunnelStep>,
    },
    Radar {
        said: String,
        axes: Vec<String>,
        series: Vec<Series>,
    },
    Curve {
        said: String,
        done: Vec<Mark>,
        aimed: Vec<Mark>,
    },
    Map(Map),
    /// Side by side, each with its share of the width; never cut.
    Columns(Vec<(f64, Vec<Self>)>),
    Cards(Cards),
    /// Room to write by hand, that many lines.
    Ruled(usize),
    NewPage,
}

/// « Édité le 24 novembre 2026 à 14:32. »
pub fn edited(at: DateTime<Utc>) -> String {
    format!("Édité le {} à {}.", long_day(clock::day(at)), hour(at))
}

impl Document {
    /// # Errors
    /// When what is drawn breaks a rule of tagged documents.
    pub fn write(&self) -> anyhow::Result<Vec<u8>> {
        write::document(self)
    }

    /// The file, to be looked at in the browser; written on a thread of its own.
    ///
    /// # Errors
    /// Those of [`Document::write`].
    pub async fn answer(self, name: &str) -> anyhow::Result<Response> {
        let name = format!("inline; filename=\"{name}.pdf\"");
        let bytes = tokio::task::spawn_blocking(move || self.write()).await??;
        Ok((
            [
                (CONTENT_TYPE, "application/pdf".to_owned()),
                (CONTENT_DISPOSITION, name),
            ],
            bytes,
        )
            .into_response())
    }
}
