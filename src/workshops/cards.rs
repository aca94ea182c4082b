//! Page and documents: a place card per person, and a resource card per company: what it offers, what it seeks.
//!
//! A resource card lies on the table under the company's name, so other companies read it: only flows that
//! the company shares are printed. Those « anonymisés » and « conseillers seulement » are left out, and the
//! card says how many to tell in person.

use super::model::Workshop;
use super::paper::Paper;
use super::seating::{Person, Table, plan};
use super::{paths, store};
use crate::flows::{Flow, Visibility, store as inventory};
use crate::kernel::ids::WorkshopId;
use crate::kernel::{Direction, Months};
use crate::platform::access::Staff;
use crate::platform::pdf::{self, Block, Bullet};
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

impl Cards {
    /// Everybody expected, with the words for their table.
    fn places(&self) -> Vec<(&Person, String)> {
        let seated = self.tables.iter().flat_map(|table| {
            table
                .people
                .iter()
                .map(|person| (person, table_words(Some(table.number))))
        });
        let waiting = self.waiting.iter().map(|person| (person, table_words(None)));
        seated.chain(waiting).collect()
    }
}

fn table_words(table: Option<i32>) -> String {
    table.map(|table| format!("Table {table}")).unwrap_or_default()
}

/// What lies before a company.
struct Resource {
    company: String,
    activity: String,
    table: Option<i32>,
    person: String,
    offers: Vec<String>,
    needs: Vec<String>,
    /// Flows known to the advisors only.
    hidden: usize,
}

/// Lines of a card: more would not be read.
const LINES: usize = 5;

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
            person: guest.expected().unwrap_or_default().to_owned(),
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
        Visibility::Shareable => {
            let mut words = flow.label.clone();
            if let Some(year) = flow.annual_text() {
                words = format!("{words}, {year} par an");
            }
            if flow.month_set() != Months::ALL {
                words = format!("{words}, {}", flow.month_set().label());
            }
            Some(words)
        }
    }
}

async fn load(me: &Staff, id: WorkshopId) -> Result<Cards> {
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
    Ok(Cards {
        workshop,
        tables,
        waiting,
        resources,
    })
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    Ok(Page(load(&me, id).await?).into_response())
}

const PLACES: Paper = Paper {
    name: "Chevalets",
    file: "chevalets",
    about: "Un chevalet par personne attendue à un atelier",
    note: "Coupez sur les tirets, pliez sur le trait fin.",
};

const RESOURCES: Paper = Paper {
    name: "Cartons ressource",
    file: "cartons",
    about: "Ce que chaque entreprise d’un atelier offre et cherche",
    note: "Coupez sur les tirets. Un carton est lu par toute la table\u{a0}: il ne porte que les flux que l’entreprise accepte de montrer.",
};

pub(super) async fn place_cards(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let page = load(&me, id).await?;
    let cards = page.places().into_iter().map(|(person, table)| {
        let (name, under) = person.on_card();
        let under = [under, &table].into_iter().filter(|words| !words.is_empty());
        vec![Block::Title {
            text: name.to_owned(),
            under: under.collect::<Vec<_>>().join(" · "),
        }]
    });
    let cards = pdf::Cards {
        down: 4,
        is_folded: true,
        cards: cards.collect(),
    };
    PLACES.answer(&page.workshop, me.now(), or_nobody(cards)).await
}

pub(super) async fn resource_cards(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let page = load(&me, id).await?;
    let cards = pdf::Cards {
        down: 2,
        is_folded: false,
        cards: page.resources.iter().map(Resource::blocks).collect(),
    };
    RESOURCES.answer(&page.workshop, me.now(), or_nobody(cards)).await
}

fn or_nobody(cards: pdf::Cards) -> Vec<Block> {
    if cards.cards.is_empty() {
        let nobody = "Aucun invité n’a encore dit qu’il vient.";
        return vec![Block::Text(nobody.into())];
    }
    vec![Block::Cards(cards)]
}

impl Resource {
    fn blocks(&self) -> Vec<Block> {
        let table = table_words(self.table);
        let under = [&self.activity, &self.person, &table]
            .into_iter()
            .filter(|words| !words.is_empty())
            .map(String::as_str);
        let mut blocks = vec![Block::Title {
            text: self.company.clone(),
            under: under.collect::<Vec<_>>().join(" · "),
        }];
        for (title, lines) in [("J’offre", &self.offers), ("Je cherche", &self.needs)] {
            blocks.push(Block::Heading(title.to_owned()));
            let items = lines.iter().map(|line| (Bullet::Dot, line.as_str().into()));
            blocks.push(Block::List(items.collect()));
            blocks.push(Block::Ruled(if lines.len() < LINES { 2 } else { 1 }));
        }
        if self.hidden > 0 {
            blocks.push(Block::Soft(self.hidden_words()));
        }
        blocks
    }

    fn hidden_words(&self) -> String {
        let known = if self.hidden > 1 { "connus" } else { "connu" };
        format!(
            "{} flux {known} de vos conseillers seulement\u{a0}: à dire vous-même, si vous le voulez.",
            self.hidden
        )
    }
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
        let in_summer = Flow {
            months: 0b1110_0000,
            visibility: Visibility::Shareable,
            ..flow.clone()
        };
        assert_eq!(
            line(&in_summer).as_deref(),
            Some("Cartons, 12\u{a0}t par an, juin à août")
        );
    }
}
