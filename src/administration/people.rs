//! Screen: people with an account, of the instance or of the territory's team.

use super::desk::{Act, Desk, Keeper};
use super::model::address;
use super::store::{self, Held, PeopleFilter, PersonRow};
use crate::accounts::{Speciality, Standing};
use crate::kernel::ids::TerritoryId;
use crate::platform::access::{Role, TerritoryRef};
use crate::platform::web::{Choice, Errors, Page, Query, Result, clean, filters};
use crate::territories;
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

const PER_PAGE: i64 = 50;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    q: String,
    role: String,
    territoire: String,
    etat: String,
    page: String,
}

impl Search {
    /// The same search with one filter changed, from its first page.
    fn with(&self, list: &str, changed: &str, value: &str) -> String {
        let filters = [
            ("q", self.q.as_str()),
            ("role", &self.role),
            ("territoire", &self.territoire),
            ("etat", &self.etat),
            ("page", ""),
        ];
        let filters = filters.map(|(name, kept)| (name, if name == changed { value } else { kept }));
        address(list, &filters)
    }

    fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 10_000)
    }

    fn filter(&self) -> PeopleFilter {
        PeopleFilter {
            words: clean(&self.q),
            role: Role::parse(&self.role),
            territory: self.territoire.parse().ok(),
            standing: Standing::parse(&self.etat),
        }
    }
}

/// A filter in force, and the list without it.
pub(super) struct Chip {
    pub(super) label: String,
    pub(super) href: String,
}

#[derive(Template)]
#[template(path = "administration/people.html")]
struct People {
    desk: Desk,
    search: Search,
    rows: Vec<PersonRow>,
    territories: Vec<(TerritoryId, String)>,
    chips: Vec<Chip>,
    page: i64,
    pages: i64,
    total: i64,
    errors: Errors,
}

impl People {
    fn roles(&self) -> Vec<Choice> {
        let roles = Role::ALL.into_iter();
        let here = |role: &Role| self.desk.place().is_none() || *role != Role::Admin;
        roles
            .filter(here)
            .map(|role| Choice::new(role.code(), role.label()))
            .collect()
    }
    fn places(&self) -> Vec<Choice> {
        let all = self.territories.iter();
        all.map(|(id, name)| Choice::new(id.to_string(), name.as_str()))
            .collect()
    }
    fn standings(&self) -> Vec<Choice> {
        let all = Standing::ALL.into_iter();
        all.map(|s| Choice::new(s.code(), s.label())).collect()
    }
    fn pager(&self) -> String {
        let base = self.search.with(self.desk.list(), "page", "x");
        base.strip_suffix('x').unwrap_or(&base).to_owned()
    }
    fn total_words(&self) -> String {
        match self.total {
            0 | 1 => format!("{} personne", self.total),
            n => format!("{n} personnes"),
        }
    }
}

/// « développement durable, commerce ».
pub(super) fn specialities(codes: &[String]) -> String {
    let known = codes.iter().filter_map(|code| Speciality::parse(code));
    known.map(Speciality::label).collect::<Vec<_>>().join(", ")
}

pub(super) async fn list<K: Keeper>(me: K, Query(search): Query<Search>) -> Result<Response> {
    let desk = me.desk()?;
    let mut db = desk.read().await?;
    let page = search.page();
    let rows = store::people(
        &mut db,
        desk.reach(),
        &search.filter(),
        (PER_PAGE, (page - 1) * PER_PAGE),
    )
    .await?;
    if rows.is_empty() && page > 1 {
        return Ok(Redirect::to(&search.with(desk.list(), "page", "")).into_response());
    }
    let territories = match desk.place() {
        None => territories::store::all(&mut db).await?,
        Some(_) => Vec::new(),
    };
    drop(db);
    let territories: Vec<_> = territories.into_iter().map(|t| (t.id, t.name)).collect();
    let total = rows.first().map_or(0, |row| row.total);
    let chips = chips(&search, desk.list(), &territories);
    Ok(Page(People {
        desk,
        rows,
        territories,
        chips,
        page,
        pages: (total + PER_PAGE - 1) / PER_PAGE,
        total,
        search,
        errors: Errors::default(),
    })
    .into_response())
}

fn chips(search: &Search, list: &str, territories: &[(TerritoryId, String)]) -> Vec<Chip> {
    let filter = search.filter();
    let named = filter
        .territory
        .and_then(|id| territories.iter().find(|(known, _)| *known == id));
    let labels = [
        (
            "q",
            (!filter.words.is_empty()).then(|| format!("«\u{a0}{}\u{a0}»", filter.words)),
        ),
        ("role", filter.role.map(|role| role.label().to_owned())),
        ("territoire", named.map(|(_, name)| name.clone())),
        ("etat", filter.standing.map(|s| s.label().to_owned())),
    ];
    labels
        .into_iter()
        .filter_map(|(name, label)| {
            Some(Chip {
                label: label?,
                href: search.with(list, name, ""),
            })
        })
        .collect()
}

/// What the list writes in the column of roles; the territory goes without saying in a team.
pub(super) fn role_words(held: &Held, place: Option<&TerritoryRef>) -> String {
    match (place, &held.company) {
        (None, _) => held.words(),
        (Some(_), Some(company)) => format!("{}, {company}", held.role),
        (Some(_), None) => held.role.to_string(),
    }
}
