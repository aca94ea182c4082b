//! Screen: the visits, mine or everybody's, by status.

use super::store::{Counts, Listed};
use super::{VisitStatus, paths, store};
use crate::platform::access::Staff;
use crate::platform::web::{Page, Query, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const PER_PAGE: i64 = 50;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    qui: String,
    statut: String,
    page: String,
}

/// Whose visits are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Mine,
    Everybody,
}

impl Whose {
    fn code(self) -> &'static str {
        match self {
            Self::Mine => "moi",
            Self::Everybody => "tous",
        }
    }
}

/// The word of the address.
fn word(status: VisitStatus) -> &'static str {
    match status {
        VisitStatus::Planned => "prevues",
        VisitStatus::Done => "a-valider",
        VisitStatus::Validated => "validees",
        VisitStatus::Cancelled => "annulees",
    }
}

fn tab_label(status: VisitStatus) -> &'static str {
    match status {
        VisitStatus::Planned => "Prévues",
        VisitStatus::Done => "À valider",
        VisitStatus::Validated => "Validées",
        VisitStatus::Cancelled => "Annulées",
    }
}

fn href(whose: Whose, status: VisitStatus) -> String {
    format!("{}?qui={}&statut={}", paths::LIST, whose.code(), word(status))
}

struct Tab {
    label: &'static str,
    href: String,
    count: i64,
    current: bool,
}

#[derive(Template)]
#[template(path = "visits/list.html")]
struct List {
    whose: Whose,
    status: VisitStatus,
    tabs: Vec<Tab>,
    mine_href: String,
    all_href: String,
    visits: Vec<Listed>,
    /// In this tab, whoever visits.
    everybody: i64,
    total: i64,
    page: i64,
    pages: i64,
    pager_base: String,
}

impl List {
    fn is_mine(&self) -> bool {
        self.whose == Whose::Mine
    }
    fn total_words(&self) -> String {
        if self.total > 1 {
            format!("{} visites", self.total)
        } else {
            format!("{} visite", self.total)
        }
    }
    fn empty_title(&self) -> String {
        let words = match self.status {
            VisitStatus::Planned => "prévue",
            VisitStatus::Done => "à valider",
            VisitStatus::Validated => "validée",
            VisitStatus::Cancelled => "annulée",
        };
        format!("Aucune visite {words}")
    }
    fn empty_text(&self) -> &'static str {
        match self.status {
            VisitStatus::Planned => "Choisissez une entreprise et une date : la visite apparaîtra ici.",
            VisitStatus::Done => {
                "Toutes les visites faites sont validées. Une visite vient ici dès qu’elle a eu lieu."
            }
            VisitStatus::Validated => "Valider une visite lance la recherche de synergies pour ses flux.",
            VisitStatus::Cancelled => "Les visites annulées restent ici, pour mémoire.",
        }
    }
}

pub(super) async fn show(me: Staff, Query(query): Query<ListQuery>) -> Result<Response> {
    let scope = me.scope()?;
    let whose = if query.qui == Whose::Everybody.code() {
        Whose::Everybody
    } else {
        Whose::Mine
    };
    let advisor = (whose == Whose::Mine).then(|| me.user());
    let mut db = me.read().await?;
    let counts = store::counts(&mut db, &scope, advisor).await?;
    let everybody = if advisor.is_some() {
        store::counts(&mut db, &scope, None).await?
    } else {
        counts
    };
    let status = VisitStatus::ALL
        .into_iter()
        .find(|status| word(*status) == query.statut);
    let status = status.unwrap_or_else(|| first_tab(&counts));
    let total = counts.of(status);
    let pages = (total + PER_PAGE - 1) / PER_PAGE;
    let page = query.page.parse().unwrap_or(1).clamp(1, pages.max(1));
    let visits = store::list(
        &mut db,
        &scope,
        status,
        advisor,
        (PER_PAGE, (page - 1) * PER_PAGE),
    )
    .await?;
    let tab = |status_of_tab: VisitStatus| Tab {
        label: tab_label(status_of_tab),
        href: href(whose, status_of_tab),
        count: counts.of(status_of_tab),
        current: status_of_tab == status,
    };
    let list = List {
        whose,
        status,
        tabs: VisitStatus::ALL.into_iter().map(tab).collect(),
        mine_href: href(Whose::Mine, status),
        all_href: href(Whose::Everybody, status),
        visits,
        everybody: everybody.of(status),
        total,
        page,
        pages,
        pager_base: format!("{}&page=", href(whose, status)),
    };
    Ok(Page(list).into_response())
}

/// What waits for the reader: visits to validate, else those planned.
fn first_tab(counts: &Counts) -> VisitStatus {
    if counts.done > 0 && counts.planned == 0 {
        VisitStatus::Done
    } else {
        VisitStatus::Planned
    }
}
