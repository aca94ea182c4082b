//! Page to print: a place card per person, and a resource card per company: what it offers, what it seeks.
//!
//! A resource card lies on the table under the company's name, so other companies read it: only flows that
//! the company shares are printed. Those « anonymisés » and « conseillers seulement » are left out, and the
//! card says how many to tell in person.

use super::model::Workshop;
use super::seating::{Person, Table, plan};
use super::{paths, store};
use crate::flows::{Flow, Visibility, store as inventory};
use crate::kernel::Direction;
use crate::kernel::ids::WorkshopId;
use crate::platform::access::Staff;
use crate::platform::web::{OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "workshops/cards.html")]
struct Cards {
    workshop: Workshop,
    tables: Vec<Table>,
    waiting: Vec<Person>,
    resources: Vec<Resource>,
}

/// What lies before a company.
struct Resource {
    company: String,
    activity: String,
    table: Option<i32>,
    offers: Vec<String>,
    needs: Vec<String>,
    /// Flows known to the advisors only.
    hidden: usize,
}

/// Lines of a card: more would not be read.
const LINES: usize = 6;

impl Resource {
    fn of(guest: &store::guests::Guest, table: Option<i32>, flows: &[Flow], about: &[String]) -> Self {
        let concerned = |flow: &&Flow| {
            about.is_empty() || flow.category.as_ref().is_some_and(|code| about.contains(code))
        };
        let side = |direction: Direction| -> Vec<String> {
            flows
                .iter()
                .filter(concerned)
                .filter(|flow| flow.direction == direction)
                .filter_map(line)
                .take(LINES)
                .collect()
        };
        Self {
            company: guest.name.clone(),
            activity: guest.activity.clone().unwrap_or_default(),
            table,
            offers: side(Direction::Outbound),
            needs: side(Direction::Inbound),
            hidden: flows
                .iter()
                .filter(concerned)
                .filter(|flow| flow.visibility != Visibility::Shareable)
                .count(),
        }
    }
}

fn line(flow: &Flow) -> Option<String> {
    match flow.visibility {
        // The card bears the company's name: what may be read without it only is not written there.
        Visibility::Internal | Visibility::Anonymised => None,
        Visibility::Shareable => Some(flow.annual_text().map_or_else(
            || flow.label.clone(),
            |year| format!("{}, {year} par an", flow.label),
        )),
    }
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let (tables, waiting) = plan(&mut db, id, &guests).await?;
    let mut resources = Vec::new();
    for guest in guests.iter().filter(|guest| guest.comes()) {
        let seated = tables
            .iter()
            .find(|table| table.people.iter().any(|person| person.guest == guest.id));
        let known = inventory::of_establishment(&mut db, &scope, guest.establishment_id).await?;
        resources.push(Resource::of(
            guest,
            seated.map(|table| table.number),
            &known,
            &workshop.categories,
        ));
    }
    Ok(Page(Cards {
        workshop,
        tables,
        waiting,
        resources,
    })
    .into_response())
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::flows::{Flow, Visibility};
    use crate::kernel::Direction;
    use crate::kernel::ids::{EstablishmentId, TerritoryId};
    use chrono::NaiveDate;

    #[test]
    fn a_card_says_what_the_company_lets_others_read() {
        let flow = Flow {
            category: Some("MAT-01".to_owned()),
            annual_quantity: Some(12.0),
            ..Flow::told(
                (TerritoryId::fresh(), EstablishmentId::fresh()),
                Direction::Outbound,
                "Cartons",
                NaiveDate::MIN,
            )
        };
        assert_eq!(line(&flow), None);
        let as_seen = |visibility| {
            line(&Flow {
                visibility,
                ..flow.clone()
            })
        };
        assert_eq!(as_seen(Visibility::Anonymised), None, "the card bears the name");
        assert_eq!(
            as_seen(Visibility::Shareable).as_deref(),
            Some("Cartons, 12\u{a0}t par an")
        );
    }
}
