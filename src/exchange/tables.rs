//! Exports of what a list shows: its rows, with the columns chosen there and their titles. Whole rows
//! that an import reads back are `export`'s.

use super::cell::{Cell, Column, Role};
use super::export::{ListFile, about, flow_words, in_the_background, said, site_words, territory};
use super::files::{self, Kind};
use crate::companies::search::{
    Column as SiteColumn, Filter as SiteFilter, Query as SiteQuery, fresh_since, store as sites,
};
use crate::flows::search::{Column as FlowColumn, ListQuery as FlowQuery, stale_before};
use crate::flows::store::{Listed as Flow, Slice};
use crate::kernel::{Direction, clock, typed_day};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::Staff;
use crate::platform::web::{Chosen, Column as _, Result};
use crate::synergies::Motive;
use crate::synergies::search::{self as synergies, Column as SynergyColumn, Filters, QueueRow};
use crate::visits::search::{Column as VisitColumn, ListQuery as VisitQuery};
use crate::visits::store::{self as visit_store, Listed as Visit};
use crate::{companies, flows};
use axum::response::Response;

pub(super) struct Sites;
pub(super) struct Flows;
pub(super) struct Visits;
pub(super) struct Synergies;

fn column<R>(title: &'static str, value: fn(&R) -> Cell) -> Column<R> {
    Column {
        title,
        value,
        role: Role::Shown,
    }
}

/// The file of these rows: what names them first, then the columns chosen.
async fn file<R: Send + 'static>(
    me: &Staff,
    (stem, kind): (&'static str, Kind),
    columns: Vec<Column<R>>,
    rows: Vec<R>,
    mut words: Vec<(String, String)>,
) -> Result<Response> {
    let territory = territory(me, &mut *me.read().await?).await?;
    words.push(("Lignes".to_owned(), rows.len().to_string()));
    let about = about(me, &territory, words);
    let content = in_the_background(move || match kind {
        Kind::Csv => Ok(files::csv(&columns, &rows)),
        Kind::Xlsx => files::xlsx(stem, &columns, &rows, &about),
    })
    .await?;
    Ok(files::attachment(stem, Some(me.today()), kind, content))
}

fn with<C: crate::platform::web::Column, R>(
    name: Column<R>,
    chosen: &Chosen<C>,
    cells: fn(C) -> Vec<Column<R>>,
) -> Vec<Column<R>> {
    let chosen = chosen.all().iter().flat_map(|one| cells(*one));
    std::iter::once(name).chain(chosen).collect()
}

impl ListFile for Sites {
    type Query = SiteQuery;
    async fn write(me: &Staff, query: &SiteQuery, kind: Kind) -> Result<Response> {
        let scope = me.scope()?;
        let mut db = me.read().await?;
        let since = fresh_since(me.today(), territory(me, &mut db).await?.freshness_months);
        let filter = SiteFilter::from_query(query, since);
        let ids = sites::matching(&mut db, &scope, &filter).await?;
        let rows = sites::rows(&mut db, &scope, &ids, since).await?;
        let words = site_words(&mut db, me, query, &filter).await?;
        drop(db);
        let name = column::<sites::Row>("Établissement", |row| Cell::text(&*row.name));
        let columns = with(name, &query.columns(), |one| vec![site_column(one)]);
        file(me, ("etablissements", kind), columns, rows, words).await
    }
}

fn site_column(one: SiteColumn) -> Column<sites::Row> {
    let value: fn(&sites::Row) -> Cell = match one {
        SiteColumn::Siret => |row| Cell::maybe(row.siret.as_deref()),
        SiteColumn::Activity => |row| Cell::maybe(row.activity.as_deref().or(row.naf_label.as_deref())),
        SiteColumn::Commune => |row| Cell::maybe(row.commune.as_deref()),
        SiteColumn::Zone => |row| Cell::maybe(row.zone.as_deref()),
        SiteColumn::Headcount => |row| Cell::maybe(row.headcount.map(companies::Headcount::label)),
        SiteColumn::Flows => |row| whole(row.flows),
        SiteColumn::Stale => |row| whole(row.stale),
        SiteColumn::LastVisit => |row| Cell::day(row.visited_on),
        SiteColumn::NextVisit => |row| Cell::day(row.planned_on),
        SiteColumn::Charter => |row| Cell::day(row.charter_signed_on),
        SiteColumn::Families => |row| Cell::text(row.families.join(", ")),
    };
    column(one.label(), value)
}

fn whole(count: i64) -> Cell {
    Cell::number(i32::try_from(count).ok().map(f64::from))
}

impl ListFile for Flows {
    type Query = FlowQuery;
    async fn write(me: &Staff, query: &FlowQuery, kind: Kind) -> Result<Response> {
        let scope = me.scope()?;
        let mut db = me.read().await?;
        let territory = territory(me, &mut db).await?;
        let filter = query.filter(stale_before(me.today(), territory.freshness_months));
        let (sort, descending) = query.sort();
        let every = Slice {
            sort,
            descending,
            limit: i64::MAX,
            offset: 0,
        };
        let rows = flows::store::list(&mut db, &scope, &filter, every).await?;
        let words = flow_words(&mut db, me, query).await?;
        drop(db);
        let name = column::<Flow>("Flux", |row| Cell::text(&*row.label));
        file(
            me,
            ("flux", kind),
            with(name, &query.columns(), flow_columns),
            rows,
            words,
        )
        .await
    }
}

fn code(row: &Flow) -> Option<FlowCode> {
    FlowCode::find(row.category.as_deref()?)
}

fn flow_columns(one: FlowColumn) -> Vec<Column<Flow>> {
    let value: fn(&Flow) -> Cell = match one {
        FlowColumn::Direction => |row| {
            let word = match row.direction {
                Direction::Outbound => "sortant",
                Direction::Inbound => "entrant",
            };
            Cell::text(word)
        },
        FlowColumn::Establishment => |row| Cell::text(&*row.establishment),
        FlowColumn::Commune => |row| Cell::maybe(row.commune.as_deref()),
        FlowColumn::Category => |row| {
            let named =
                code(row).map(|code| format!("{code} {}", Catalogue::embedded().category(code).label));
            Cell::maybe(named.as_deref())
        },
        FlowColumn::Quantity => {
            let unit = column::<Flow>("Unité", |row| {
                let unit = code(row).map(|code| Catalogue::embedded().category(code).unit.symbol());
                Cell::maybe(unit.filter(|_| row.annual_quantity.is_some()))
            });
            let quantity = column::<Flow>(one.label(), |row| Cell::number(row.annual_quantity));
            return vec![quantity, unit];
        }
        FlowColumn::Certainty => |row| Cell::text(row.certainty.label()),
        FlowColumn::Outlet => |row| Cell::maybe(row.outlet.as_deref()),
        FlowColumn::Quality => |row| Cell::maybe(row.quality.as_deref()),
        FlowColumn::Cost => |row| Cell::number(row.annual_cost_eur),
        FlowColumn::ContractEnd => |row| Cell::day(row.contract_end_on),
        FlowColumn::WasteCode => |row| Cell::maybe(row.waste_code.as_deref()),
        FlowColumn::Visibility => |row| Cell::text(row.visibility.label()),
        FlowColumn::Source => |row| Cell::text(row.source.label()),
        FlowColumn::Known => |row| Cell::day(Some(row.known_on)),
    };
    vec![column(one.label(), value)]
}

impl ListFile for Visits {
    type Query = VisitQuery;
    async fn write(me: &Staff, query: &VisitQuery, kind: Kind) -> Result<Response> {
        let scope = me.scope()?;
        let mut db = me.read().await?;
        let filter = query.filter(me.user());
        let status = query.status(&visit_store::counts(&mut db, &scope, &filter).await?);
        let every = query.slice(status, (i64::MAX, 0));
        let rows = visit_store::list(&mut db, &scope, status, &filter, every).await?;
        drop(db);
        let mut words = Vec::new();
        let whose = if query.is_mine() {
            "mes visites"
        } else if query.colleague().is_some() {
            "celles d’une personne"
        } else {
            "toutes les visites"
        };
        said(&mut words, "qui", Some(whose.to_owned()));
        said(&mut words, "état", Some(status.label().to_owned()));
        said(&mut words, "mots", filter.words);
        said(&mut words, "commune", filter.commune);
        said(&mut words, "depuis", filter.from.map(typed_day));
        said(&mut words, "jusqu’au", filter.to.map(typed_day));
        let name = column::<Visit>("Établissement", |row| Cell::text(&*row.establishment));
        let columns = with(name, &query.columns(), |one| vec![visit_column(one)]);
        file(me, ("visites", kind), columns, rows, words).await
    }
}

fn visit_column(one: VisitColumn) -> Column<Visit> {
    let value: fn(&Visit) -> Cell = match one {
        VisitColumn::Date => |row| Cell::day(Some(row.visit_on)),
        VisitColumn::Commune => |row| Cell::maybe(row.commune.as_deref()),
        VisitColumn::Advisors => |row| Cell::text(row.advisors.join(", ")),
        VisitColumn::Flows => |row| whole(row.flows),
        VisitColumn::Duration => |row| Cell::number(row.duration_minutes.map(f64::from)),
        VisitColumn::ContactMet => |row| Cell::maybe(row.contact_met.as_deref()),
        VisitColumn::Validated => |row| Cell::day(row.validated_at.map(clock::day)),
        VisitColumn::Status => |row| Cell::text(row.status.label()),
    };
    column(one.label(), value)
}

impl ListFile for Synergies {
    type Query = Filters;
    async fn write(me: &Staff, filters: &Filters, kind: Kind) -> Result<Response> {
        let rows = synergies::rows(me, filters, synergies::Rows::All).await?;
        let (basket, asked) = synergies::words(me, filters).await?;
        let asked = asked.into_iter().map(|one| ("Filtre".to_owned(), one));
        let words = std::iter::once(("Corbeille".to_owned(), basket))
            .chain(asked)
            .collect();
        let name = column::<QueueRow>("Synergie", |row| Cell::text(&*row.title));
        let columns = with(name, &filters.columns(), |one| vec![synergy_column(one)]);
        file(me, ("synergies", kind), columns, rows, words).await
    }
}

fn synergy_column(one: SynergyColumn) -> Column<QueueRow> {
    let value: fn(&QueueRow) -> Cell = match one {
        SynergyColumn::Code => |row| Cell::text(row.code()),
        SynergyColumn::Kind => |row| Cell::text(row.kind.label()),
        SynergyColumn::Companies => |row| Cell::text(row.names.join(", ")),
        SynergyColumn::State => |row| Cell::text(row.state.label()),
        SynergyColumn::Score => |row| Cell::number(row.score),
        SynergyColumn::Confidence => |row| Cell::number(row.confidence),
        SynergyColumn::Category => |row| Cell::maybe(row.category.as_deref()),
        SynergyColumn::Place => |row| Cell::text(row.place()),
        SynergyColumn::Advisor => |row| Cell::maybe(row.assigned_name.as_deref()),
        SynergyColumn::Next => |row| Cell::maybe(row.next_what.as_deref()),
        SynergyColumn::Due => |row| Cell::day(row.next_on),
        SynergyColumn::Since => |row| Cell::day(Some(clock::day(row.state_since))),
        SynergyColumn::Proposed => |row| Cell::day(Some(clock::day(row.proposed_at))),
        SynergyColumn::Motive => |row| {
            Cell::maybe(
                row.motive
                    .as_deref()
                    .and_then(Motive::find)
                    .map(|motive| motive.label),
            )
        },
        SynergyColumn::Wake => |row| Cell::day(row.wake_on),
    };
    column(one.label(), value)
}
