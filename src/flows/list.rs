//! Screen: the flows of the territory. Filters, sort and page are in the address.

use super::model::annual_text;
use super::search::{self, ListQuery, TO_CLASSIFY, TO_CONFIRM};
use super::store::{Filter, Listed, Slice, Sort};
use super::{Certainty, paths, store};
use crate::companies;
use crate::kernel::Direction;
use crate::kernel::ids::FlowId;
use crate::nomenclature::{Catalogue, Family, FlowCode};
use crate::platform::access::{Role, Staff};
use crate::platform::web::{Choice, OptionExt, Page, Query, Result, filters};
use crate::territories;
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

const PER_PAGE: i64 = 50;

struct Column {
    label: &'static str,
    sort: Sort,
    numeric: bool,
}

const COLUMNS: [Column; 5] = [
    Column {
        label: "Flux",
        sort: Sort::Label,
        numeric: false,
    },
    Column {
        label: "Entreprise",
        sort: Sort::Establishment,
        numeric: false,
    },
    Column {
        label: "Catégorie",
        sort: Sort::Category,
        numeric: false,
    },
    Column {
        label: "Quantité par an",
        sort: Sort::Quantity,
        numeric: true,
    },
    Column {
        label: "Vu le",
        sort: Sort::Known,
        numeric: false,
    },
];

/// A column's head: where a click leads, and how it is sorted now.
struct Head {
    label: &'static str,
    href: String,
    numeric: bool,
    sorted: Option<&'static str>,
}

/// A filter in use, and the list without it.
struct Chip {
    label: String,
    href: String,
}

struct Row {
    id: FlowId,
    href: String,
    label: String,
    outbound: bool,
    code: Option<FlowCode>,
    css: &'static str,
    category: &'static str,
    annual: Option<String>,
    certainty: Certainty,
    establishment: String,
    establishment_href: String,
    commune: Option<String>,
    known_on: NaiveDate,
    is_stale: bool,
}

#[derive(Template)]
#[template(path = "flows/list.html")]
struct List {
    query: ListQuery,
    address: String,
    total: i64,
    rows: Vec<Row>,
    heads: Vec<Head>,
    chips: Vec<Chip>,
    families: Vec<Choice>,
    communes: Vec<Choice>,
    page: i64,
    pages: i64,
    pager_base: String,
    undo: Option<(FlowId, String)>,
    exports: Vec<(String, &'static str)>,
    /// Whether this reader decides of the vocabulary.
    manages: bool,
}

impl List {
    fn total_words(&self) -> String {
        format!(
            "{} flux",
            crate::kernel::format_number(f64::from(i32::try_from(self.total).unwrap_or(i32::MAX)), 0)
        )
    }
    fn directions(&self) -> Vec<Choice> {
        Choice::pairs(Direction::ALL.iter().map(|d| (d.word(), d.label())))
    }
    fn states(&self) -> Vec<Choice> {
        Choice::pairs([(TO_CLASSIFY, "À classer"), (TO_CONFIRM, "À confirmer")])
    }
}

pub(super) async fn show(me: Staff, Query(query): Query<ListQuery>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let territory = territories::store::find(&mut db, scope.territory())
        .await?
        .or_not_found()?;
    let stale_before = search::stale_before(me.today(), territory.freshness_months);
    let filter = query.filter(stale_before);
    let (sort, descending) = query.sort();
    let mut page = query.page();
    let slice = |page: i64| Slice {
        sort,
        descending,
        limit: PER_PAGE,
        offset: (page - 1) * PER_PAGE,
    };
    let mut found = store::list(&mut db, &scope, &filter, slice(page)).await?;
    if found.is_empty() && page > 1 {
        page = 1;
        found = store::list(&mut db, &scope, &filter, slice(page)).await?;
    }
    let total = found.first().map_or(0, |row| row.total);
    let communes = store::communes(&mut db, &scope).await?;
    let undo = match query.supprime.parse() {
        Ok(id) => store::just_deleted(&mut db, &scope, id)
            .await?
            .map(|label| (id, label)),
        Err(_) => None,
    };
    let establishment = match filter.establishment {
        Some(id) => companies::store::find(&mut db, &scope, id).await?.map(|e| e.name),
        None => None,
    };
    let address = query.address();
    let list = List {
        chips: chips(&query, &filter, &communes, establishment),
        heads: heads(&query, sort, descending),
        pager_base: query.pager_base(),
        manages: me.has(Role::Admin) || me.has(Role::Pilot),
        exports: paths::EXPORTS
            .iter()
            .map(|(path, label)| (query.at(path, "", ""), *label))
            .collect(),
        rows: found
            .into_iter()
            .map(|row| listed(row, &address, stale_before))
            .collect(),
        families: Choice::pairs(Family::ALL.iter().map(|family| (family.code(), family.label()))),
        pages: (total + PER_PAGE - 1) / PER_PAGE,
        query,
        address,
        total,
        communes: Choice::pairs(communes),
        page,
        undo,
    };
    Ok(Page(list).into_response())
}

fn listed(row: Listed, address: &str, stale_before: Option<NaiveDate>) -> Row {
    let code = row.category.as_deref().and_then(FlowCode::find);
    Row {
        id: row.id,
        href: paths::edit_from(&row.id, address),
        outbound: row.direction == Direction::Outbound,
        code,
        css: code.map_or("", |code| code.family().css()),
        category: code.map_or("", |code| &Catalogue::embedded().category(code).label),
        annual: annual_text(code, row.annual_quantity),
        certainty: row.certainty,
        label: row.label,
        establishment: row.establishment,
        establishment_href: companies::paths::show(&row.establishment_id),
        commune: row.commune,
        known_on: row.known_on,
        is_stale: stale_before.is_some_and(|limit| row.known_on < limit),
    }
}

fn heads(query: &ListQuery, sort: Sort, descending: bool) -> Vec<Head> {
    let head = |column: &Column| {
        let current = column.sort == sort;
        let next = if current && !descending {
            format!("-{}", column.sort.word())
        } else {
            column.sort.word().to_owned()
        };
        Head {
            label: column.label,
            href: query.with("tri", &next),
            numeric: column.numeric,
            sorted: current.then_some(if descending { "descending" } else { "ascending" }),
        }
    };
    COLUMNS.iter().map(head).collect()
}

fn chips(
    query: &ListQuery,
    filter: &Filter,
    communes: &[(String, String)],
    establishment: Option<String>,
) -> Vec<Chip> {
    let commune = filter
        .insee
        .as_ref()
        .and_then(|insee| communes.iter().find(|(code, _)| code == insee));
    let category = filter.category.as_deref().and_then(FlowCode::find);
    let category = category.map(|code| format!("{code} {}", Catalogue::embedded().category(code).label));
    let state = match query.etat.as_str() {
        TO_CLASSIFY => Some("à classer"),
        TO_CONFIRM => Some("à confirmer"),
        _ => None,
    };
    let given = [
        ("q", filter.words.as_ref().map(|words| format!("« {words} »"))),
        ("etablissement", establishment),
        (
            "famille",
            filter
                .family
                .as_deref()
                .and_then(Family::find)
                .map(|f| f.label().to_owned()),
        ),
        ("categorie", category),
        ("sens", filter.direction.map(|d| d.label().to_owned())),
        ("etat", state.map(ToOwned::to_owned)),
        ("commune", commune.map(|(_, name)| name.clone())),
    ];
    given
        .into_iter()
        .filter_map(|(name, label)| {
            Some(Chip {
                label: label?,
                href: query.with(name, ""),
            })
        })
        .collect()
}
