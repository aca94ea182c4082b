//! Screen: the flows of the territory. Filters, sort and page are in the address.

use super::back::encoded;
use super::model::annual_text;
use super::store::{Filter, Listed, Slice, Sort};
use super::{Certainty, paths, store};
use crate::companies;
use crate::kernel::ids::FlowId;
use crate::kernel::{Direction, format_number};
use crate::nomenclature::{Catalogue, Family, FlowCode};
use crate::platform::access::Staff;
use crate::platform::web::{Choice, OptionExt, Page, Query, Result, clean, filters};
use crate::territories;
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::{Months, NaiveDate};
use serde::Deserialize;

const PER_PAGE: i64 = 50;

/// The address's parameters, as typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    famille: String,
    categorie: String,
    sens: String,
    etat: String,
    commune: String,
    etablissement: String,
    tri: String,
    page: String,
    supprime: String,
}

const TO_CLASSIFY: &str = "a-classer";
const TO_CONFIRM: &str = "a-confirmer";

impl ListQuery {
    fn filter(&self, stale_before: Option<NaiveDate>) -> Filter {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        Filter {
            words: given(&clean(&self.q)),
            family: Family::find(&self.famille.to_uppercase()).map(|family| family.code().to_owned()),
            category: FlowCode::find(&self.categorie).map(|code| code.as_str().to_owned()),
            direction: Direction::parse(&self.sens).ok(),
            unclassified: self.etat == TO_CLASSIFY,
            stale_before: stale_before.filter(|_| self.etat == TO_CONFIRM),
            insee: given(&self.commune),
            establishment: self.etablissement.parse().ok(),
        }
    }

    fn sort(&self) -> (Sort, bool) {
        let (descending, key) = match self.tri.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, self.tri.as_str()),
        };
        let sort = COLUMNS
            .iter()
            .find(|column| column.key == key)
            .map_or(Sort::default(), |column| column.sort);
        (sort, descending)
    }

    fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 100_000)
    }

    /// The same list with one parameter changed, from its first page.
    fn with(&self, name: &str, value: &str) -> String {
        let kept = [
            ("q", &self.q),
            ("famille", &self.famille),
            ("categorie", &self.categorie),
            ("sens", &self.sens),
            ("etat", &self.etat),
            ("commune", &self.commune),
            ("etablissement", &self.etablissement),
            ("tri", &self.tri),
        ];
        let kept = kept
            .into_iter()
            .filter(|(key, _)| *key != name)
            .map(|(key, value)| (key, value.as_str()));
        let pairs: Vec<_> = kept
            .chain([(name, value)])
            .filter(|(key, value)| !key.is_empty() && !value.is_empty())
            .map(|(key, value)| format!("{key}={}", encoded(value)))
            .collect();
        if pairs.is_empty() {
            paths::LIST.to_owned()
        } else {
            format!("{}?{}", paths::LIST, pairs.join("&"))
        }
    }

    fn address(&self) -> String {
        self.with("", "")
    }

    /// Ends where the page number goes.
    fn pager_base(&self) -> String {
        let address = self.address();
        let mark = if address.contains('?') { '&' } else { '?' };
        format!("{address}{mark}page=")
    }
}

struct Column {
    key: &'static str,
    label: &'static str,
    sort: Sort,
    numeric: bool,
}

const COLUMNS: [Column; 5] = [
    Column {
        key: "flux",
        label: "Flux",
        sort: Sort::Label,
        numeric: false,
    },
    Column {
        key: "entreprise",
        label: "Entreprise",
        sort: Sort::Establishment,
        numeric: false,
    },
    Column {
        key: "categorie",
        label: "Catégorie",
        sort: Sort::Category,
        numeric: false,
    },
    Column {
        key: "quantite",
        label: "Quantité par an",
        sort: Sort::Quantity,
        numeric: true,
    },
    Column {
        key: "date",
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
}

impl List {
    /// The files that hold this result.
    fn exports(&self) -> Vec<(String, &'static str)> {
        let query = self.address.strip_prefix(paths::LIST).unwrap_or_default();
        paths::EXPORTS.iter().map(|(path, label)| (format!("{path}{query}"), *label)).collect()
    }
    fn directions(&self) -> Vec<Choice> {
        Direction::ALL.iter().map(|d| Choice::new(d.word(), d.label())).collect()
    }
    fn total_words(&self) -> String {
        format!("{} flux", format_number(f64::from(i32::try_from(self.total).unwrap_or(i32::MAX)), 0))
    }
    fn states(&self) -> Vec<Choice> {
        vec![Choice::new(TO_CLASSIFY, "À classer"), Choice::new(TO_CONFIRM, "À confirmer")]
    }
}

pub(super) async fn show(me: Staff, Query(query): Query<ListQuery>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let territory = territories::store::find(&mut db, scope.territory())
        .await?
        .or_not_found()?;
    let freshness = Months::new(u32::try_from(territory.freshness_months).unwrap_or(u32::MAX));
    let stale_before = me.today().checked_sub_months(freshness);
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
    let communes: Vec<_> = communes.into_iter().map(|(insee, name)| Choice::new(insee, name)).collect();
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
        rows: found.into_iter().map(|row| listed(row, &address, stale_before)).collect(),
        families: Family::ALL.iter().map(|family| Choice::new(family.code(), family.label())).collect(),
        pages: (total + PER_PAGE - 1) / PER_PAGE,
        query,
        address,
        total,
        communes,
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
            format!("-{}", column.key)
        } else {
            column.key.to_owned()
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
    communes: &[Choice],
    establishment: Option<String>,
) -> Vec<Chip> {
    let commune = filter.insee.as_ref().and_then(|insee| communes.iter().find(|choice| &choice.value == insee));
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
        ("commune", commune.map(|choice| choice.label.clone())),
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


#[cfg(test)]
mod tests {
    use super::{ListQuery, Sort};
    use crate::kernel::Direction;

    #[test]
    fn the_address_says_the_whole_list() {
        let query = ListQuery {
            q: "pal & bois".to_owned(),
            sens: "sortant".to_owned(),
            tri: "-quantite".to_owned(),
            page: "3".to_owned(),
            ..ListQuery::default()
        };
        assert_eq!(
            query.address(),
            "/flux?q=pal%20%26%20bois&sens=sortant&tri=-quantite"
        );
        assert_eq!(query.with("sens", ""), "/flux?q=pal%20%26%20bois&tri=-quantite");
        assert_eq!(query.sort(), (Sort::Quantity, true));
        assert_eq!(query.page(), 3);
        assert_eq!(ListQuery::default().address(), "/flux");
        assert_eq!(ListQuery::default().pager_base(), "/flux?page=");
    }

    #[test]
    fn an_unreadable_filter_is_no_filter() {
        let query = ListQuery {
            famille: "XYZ".to_owned(),
            categorie: "MAT-99".to_owned(),
            sens: "sortant".to_owned(),
            page: "-4".to_owned(),
            tri: "hasard".to_owned(),
            ..ListQuery::default()
        };
        let filter = query.filter(None);
        assert_eq!(
            (filter.family, filter.category, filter.direction),
            (None, None, Some(Direction::Outbound))
        );
        assert_eq!((query.page(), query.sort()), (1, (Sort::Establishment, false)));
    }
}
