//! Screen: the tables. Composed by the machine, moved by hand; what a hand moved stays.

use super::model::Workshop;
use super::store::guests::Guest;
use super::store::seats::Seated;
use super::tables::{self, Links, Seat};
use super::{paths, store};
use crate::kernel::ids::{EstablishmentId, GuestId, WorkshopId};
use crate::platform::access::Staff;
use crate::platform::web::{
    AppError, Choice, Done, Errors, Form, OptionExt, Page, Path, Result, checked, filters,
};
use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "workshops/tables.html")]
struct Tables {
    workshop: Workshop,
    tables: Vec<Table>,
    /// People who come and have no chair.
    waiting: Vec<Person>,
    coming: i64,
    errors: Errors,
}

/// One table and its people.
pub(super) struct Table {
    pub(super) number: i32,
    pub(super) people: Vec<Person>,
    /// « 3 propositions entre voisins ».
    pub(super) ties: usize,
    pub(super) rivals: Vec<String>,
}

/// Somebody to be seated.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) guest: GuestId,
    pub(super) establishment: EstablishmentId,
    pub(super) rank: i32,
    pub(super) name: String,
    pub(super) company: String,
    pub(super) is_kept: bool,
}

impl Tables {
    fn choices(&self) -> Vec<Choice> {
        let last = self.tables.iter().map(|table| table.number).max();
        let most = last.unwrap_or(0).min(98) + 1;
        (1..=most)
            .map(|table| Choice::new(table.to_string(), format!("Table {table}")))
            .collect()
    }
    fn field(person: &Person) -> String {
        format!("table-{}-{}", person.guest, person.rank)
    }
}

/// The people who come: one per chair.
pub(super) fn people(guests: &[Guest]) -> Vec<Person> {
    let mut people = Vec::new();
    for guest in guests.iter().filter(|guest| guest.comes()) {
        for rank in 1..=guest.people {
            let name = match guest.expected() {
                Some(name) if rank == 1 => name.to_owned(),
                Some(_) | None if rank == 1 => "À préciser".to_owned(),
                Some(_) | None => format!("Accompagnant {}", rank - 1),
            };
            people.push(Person {
                guest: guest.id,
                establishment: guest.establishment_id,
                rank,
                name,
                company: guest.name.clone(),
                is_kept: false,
            });
        }
    }
    people
}

/// What is known between the guests of a workshop.
struct Between {
    ties: Vec<store::seats::Tie>,
    rivals: Vec<(EstablishmentId, EstablishmentId)>,
}

impl Between {
    async fn read(db: &mut PgConnection, id: WorkshopId) -> sqlx::Result<Self> {
        Ok(Self {
            ties: store::seats::ties(db, id).await?,
            rivals: store::seats::rivals(db, id).await?,
        })
    }

    fn links(&self, guests: &[Guest]) -> Links {
        let ranks: BTreeMap<EstablishmentId, usize> = guests
            .iter()
            .enumerate()
            .map(|(rank, guest)| (guest.establishment_id, rank))
            .collect();
        let mut links = Links::default();
        for tie in &self.ties {
            if let (Some(one), Some(other)) = (ranks.get(&tie.one), ranks.get(&tie.other)) {
                #[expect(clippy::cast_possible_truncation, reason = "a few hundred points at most")]
                links.bring(*one, *other, tie.score.clamp(0.0, 100_000.0).round() as i64);
            }
        }
        for (one, other) in &self.rivals {
            if let (Some(one), Some(other)) = (ranks.get(one), ranks.get(other)) {
                links.part(*one, *other);
            }
        }
        links
    }
}

/// The tables as they stand, and who has no chair.
pub(super) async fn plan(
    db: &mut PgConnection,
    id: WorkshopId,
    guests: &[Guest],
) -> sqlx::Result<(Vec<Table>, Vec<Person>)> {
    let seats = store::seats::of_workshop(db, id).await?;
    let between = Between::read(db, id).await?;
    let mut by_table: BTreeMap<i32, Vec<Person>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for mut person in people(guests) {
        match seats
            .iter()
            .find(|seat| (seat.guest, seat.rank) == (person.guest, person.rank))
        {
            Some(seat) => {
                person.is_kept = seat.is_kept;
                by_table.entry(seat.table).or_default().push(person);
            }
            None => waiting.push(person),
        }
    }
    let tables = by_table
        .into_iter()
        .map(|(number, people)| table(number, people, &between))
        .collect();
    Ok((tables, waiting))
}

fn table(number: i32, people: Vec<Person>, between: &Between) -> Table {
    let here: BTreeSet<EstablishmentId> = people.iter().map(|person| person.establishment).collect();
    let name = |id: &EstablishmentId| {
        people
            .iter()
            .find(|person| person.establishment == *id)
            .map_or("", |person| person.company.as_str())
    };
    let both = |one: &EstablishmentId, other: &EstablishmentId| here.contains(one) && here.contains(other);
    Table {
        number,
        ties: between
            .ties
            .iter()
            .filter(|tie| both(&tie.one, &tie.other))
            .count(),
        rivals: between
            .rivals
            .iter()
            .filter(|(one, other)| both(one, other))
            .map(|(one, other)| format!("{} et {}", name(one), name(other)))
            .collect(),
        people,
    }
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let (tables, waiting) = plan(&mut db, id, &guests).await?;
    Ok(Page(Tables {
        coming: i64::try_from(people(&guests).len()).unwrap_or(0),
        workshop,
        tables,
        waiting,
        errors: Errors::default(),
    })
    .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ComposeForm {
    /// Forgets what hands moved.
    again: String,
}

pub(super) async fn compose(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<ComposeForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let forgets = checked(&form.again);
    me.transact(async |tx| -> Result<()> {
        let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
        let guests = store::guests::of_workshop(tx, &scope, id).await?;
        let between = Between::read(tx, id).await?;
        let stored = store::seats::of_workshop(tx, id).await?;
        let kept: Vec<Seated> = stored
            .into_iter()
            .filter(|seat| seat.is_kept && !forgets)
            .collect();
        let plan = composed(&workshop, &guests, &between.links(&guests), &kept);
        store::seats::save(tx, &workshop, &plan).await?;
        Ok(())
    })
    .await?;
    Ok(me.done("Tables composées.", paths::tables(&id)))
}

fn composed(workshop: &Workshop, guests: &[Guest], links: &Links, kept: &[Seated]) -> Vec<Seated> {
    let people = people(guests);
    let place = |person: &Person| {
        kept.iter()
            .find(|seat| (seat.guest, seat.rank) == (person.guest, person.rank))
    };
    let seats: Vec<Seat> = people
        .iter()
        .map(|person| Seat {
            guest: guests
                .iter()
                .position(|guest| guest.id == person.guest)
                .unwrap_or(0),
            kept: place(person).and_then(|seat| usize::try_from(seat.table - 1).ok()),
        })
        .collect();
    let size = usize::try_from(workshop.table_size).unwrap_or(7);
    let last_kept = seats
        .iter()
        .filter_map(|seat| seat.kept)
        .max()
        .map_or(0, |table| table + 1);
    let count = tables::tables_for(people.len(), size).max(last_kept);
    let plan = tables::compose(&seats, links, count);
    people
        .iter()
        .zip(plan)
        .map(|(person, table)| Seated {
            guest: person.guest,
            rank: person.rank,
            table: i32::try_from(table + 1).unwrap_or(1),
            is_kept: place(person).is_some(),
        })
        .collect()
}

/// Everybody's table, as chosen on the page; those that changed stay where they were put.
pub(super) async fn place(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Done> {
    let scope = me.scope()?;
    let moved = me
        .transact(async |tx| -> Result<usize> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            let guests = store::guests::of_workshop(tx, &scope, id).await?;
            let before = store::seats::of_workshop(tx, id).await?;
            let mut plan = Vec::new();
            let mut moved = 0;
            for person in people(&guests) {
                let known = before
                    .iter()
                    .find(|seat| (seat.guest, seat.rank) == (person.guest, person.rank));
                let table = match form.get(&Tables::field(&person)).map(String::as_str) {
                    None | Some("") => known.map(|seat| seat.table),
                    Some(typed) => Some(number(typed)?),
                };
                let Some(table) = table else { continue };
                let is_moved = known.is_none_or(|seat| seat.table != table);
                moved += usize::from(is_moved);
                plan.push(Seated {
                    guest: person.guest,
                    rank: person.rank,
                    table,
                    is_kept: is_moved || known.is_some_and(|seat| seat.is_kept),
                });
            }
            store::seats::save(tx, &workshop, &plan).await?;
            Ok(moved)
        })
        .await?;
    let message = match moved {
        0 => "Aucune place n’a changé.".to_owned(),
        1 => "Une personne change de table, et y reste.".to_owned(),
        n => format!("{n} personnes changent de table, et y restent."),
    };
    Ok(me.done(message, paths::tables(&id)))
}

fn number(typed: &str) -> Result<i32> {
    typed
        .parse()
        .ok()
        .filter(|table| (1..=99).contains(table))
        .ok_or_else(|| AppError::BadRequest("Choisissez une table de la liste.".to_owned()))
}
