//! Screen: who did what to what, when, before and after.

use super::model::{self, Change, address, changes};
use super::paths;
use super::people::Chip;
use super::store::{self, JournalFilter, JournalLine};
use crate::platform::access::Administrator;
use crate::platform::web::{Choice, Errors, Page, Query, Result, clean, filters};
use crate::territories;
use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const PER_PAGE: usize = 50;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    sujet: String,
    territoire: String,
    auteur: String,
    objet: String,
    avant: String,
}

impl Search {
    fn with(&self, changed: &str, value: &str) -> String {
        let filters = [
            ("sujet", self.sujet.as_str()),
            ("territoire", &self.territoire),
            ("auteur", &self.auteur),
            ("objet", &self.objet),
            ("avant", ""),
        ];
        let filters = filters.map(|(name, kept)| (name, if name == changed { value } else { kept }));
        address(paths::JOURNAL, &filters)
    }

    fn filter(&self) -> JournalFilter {
        let subject = self.sujet.trim();
        JournalFilter {
            subject: (!subject.is_empty()).then(|| subject.to_owned()),
            thing: self.objet.parse().ok(),
            territory: self.territoire.parse().ok(),
            author: clean(&self.auteur),
            before: self.avant.parse().ok(),
        }
    }
}

struct Row {
    line: JournalLine,
    changes: Vec<Change>,
    /// Everything about the same thing.
    history: String,
}

#[derive(Template)]
#[template(path = "administration/journal.html")]
struct Journal {
    search: Search,
    rows: Vec<Row>,
    chips: Vec<Chip>,
    territories: Vec<Choice>,
    older: Option<String>,
    newest: Option<String>,
    errors: Errors,
}

impl Journal {
    fn subjects(&self) -> Vec<Choice> {
        let all = model::SUBJECTS.iter();
        all.map(|(code, label)| Choice::new(*code, *label)).collect()
    }
}

pub(super) async fn list(me: Administrator, Query(search): Query<Search>) -> Result<Response> {
    let mut db = me.read().await?;
    let filter = search.filter();
    let limit = i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX);
    let mut lines = store::lines(&mut db, &filter, limit).await?;
    let territories = territories::store::all(&mut db).await?;
    drop(db);
    let more = lines.len() > PER_PAGE;
    lines.truncate(PER_PAGE);
    let last = lines.last().filter(|_| more).map(|line| line.id.to_string());
    let territories: Vec<_> = territories
        .into_iter()
        .map(|t| Choice::new(t.id.to_string(), t.name))
        .collect();
    let rows = lines.into_iter().map(|line| Row {
        changes: changes(line.before.as_ref(), line.after.as_ref()),
        history: address(paths::JOURNAL, &[("objet", &line.subject_id.to_string())]),
        line,
    });
    Ok(Page(Journal {
        rows: rows.collect(),
        chips: chips(&search, &filter, &territories),
        territories,
        older: last.map(|id| search.with("avant", &id)),
        newest: filter.before.map(|_| search.with("avant", "")),
        search,
        errors: Errors::default(),
    })
    .into_response())
}

fn chips(search: &Search, filter: &JournalFilter, territories: &[Choice]) -> Vec<Chip> {
    let territory = filter.territory.map(|id| id.to_string());
    let named = territory.and_then(|id| territories.iter().find(|choice| choice.value == id));
    let subject = filter
        .subject
        .as_deref()
        .map(|code| model::subject_label(code).to_owned());
    let labels = [
        ("sujet", subject),
        ("territoire", named.map(|choice| choice.label.clone())),
        (
            "auteur",
            (!filter.author.is_empty()).then(|| format!("par «\u{a0}{}\u{a0}»", filter.author)),
        ),
        ("objet", filter.thing.map(|_| "un seul objet".to_owned())),
    ];
    labels
        .into_iter()
        .filter_map(|(name, label)| {
            Some(Chip {
                label: label?,
                href: search.with(name, ""),
            })
        })
        .collect()
}
