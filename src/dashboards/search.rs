//! Screen: one box for companies, flows and synergies.

use super::{paths, store};
use crate::platform::access::Staff;
use crate::platform::web::{Page, Query, Result, clean, escaped};
use crate::{companies, flows, synergies};
use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchQuery {
    q: String,
}

#[derive(Template)]
#[template(path = "dashboards/search.html")]
struct Search {
    q: String,
    sections: Vec<Section>,
}

struct Section {
    title: &'static str,
    icon: &'static str,
    hits: Vec<Hit>,
    /// The whole list with the same words.
    all: String,
}

struct Hit {
    href: String,
    title: String,
    detail: String,
}

pub(super) async fn show(me: Staff, Query(query): Query<SearchQuery>) -> Result<Response> {
    let q = clean(&query.q);
    let sections = if q.chars().count() < 2 {
        Vec::new()
    } else {
        sections(&me, &q).await?
    };
    Ok(Page(Search { q, sections }).into_response())
}

async fn sections(me: &Staff, q: &str) -> Result<Vec<Section>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let section = |title, icon, list: &str, hits| Section {
        title,
        icon,
        hits,
        all: format!("{list}?q={}", escaped(q)),
    };
    let establishments = store::search_establishments(&mut db, &scope, q).await?;
    let found_flows = store::search_flows(&mut db, &scope, q).await?;
    let found_synergies = store::search_synergies(&mut db, &scope, q).await?;
    let sections = [
        section(
            "Entreprises",
            "building-2",
            companies::paths::LIST,
            hits(establishments),
        ),
        section("Flux", "layers", flows::paths::LIST, hits(found_flows)),
        section(
            "Synergies",
            "inbox",
            synergies::paths::LIST,
            hits(found_synergies),
        ),
    ];
    Ok(sections
        .into_iter()
        .filter(|section| !section.hits.is_empty())
        .collect())
}

fn hits<T: Into<Hit>>(found: Vec<T>) -> Vec<Hit> {
    found.into_iter().map(Into::into).collect()
}

impl From<store::FoundEstablishment> for Hit {
    fn from(e: store::FoundEstablishment) -> Self {
        let detail: Vec<_> = [e.commune, e.activity].into_iter().flatten().collect();
        Self {
            href: companies::paths::show(&e.id),
            title: e.name,
            detail: detail.join(" · "),
        }
    }
}

impl From<store::FoundFlow> for Hit {
    fn from(f: store::FoundFlow) -> Self {
        Self {
            href: flows::paths::edit(&f.id),
            title: f.label,
            detail: f.establishment,
        }
    }
}

impl From<store::FoundSynergy> for Hit {
    fn from(s: store::FoundSynergy) -> Self {
        let detail = format!(
            "{} · {}",
            synergies::store::code(s.kind, s.number),
            s.state.label()
        );
        Self {
            href: synergies::paths::show(&s.id),
            title: s.title,
            detail,
        }
    }
}
