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
use axum::http::StatusCode;
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
    /// Tables chosen on the page that came too late, by field.
    chosen: BTreeMap<String, String>,
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
    pub(super) is_named: bool,
    pub(super) company: String,
    pub(super) is_kept: bool,
}

impl Person {
    /// What is read from afar, and under it.
    pub(super) fn on_card(&self) -> (&str, &str) {
        if self.is_named {
            (&self.name, &self.company)
        } else {
            (&self.company, "")
        }
    }
}

impl Tables {
    fn choices(&self) -> Vec<Choice> {
        let last = self.tables.iter().map(|table| table.number).max();
        let most = last.unwrap_or(0).min(98) + 1;
        (1..=most)
            .map(|table| Choice::new(table.to_string(), format!("Table {table}")))
            .collect()
    }
    /// The table that its choice shows.
    fn choice(&self, person: &Person, table: impl Into<String>) -> String {
        let chosen = self.chosen.get(&person.field());
        chosen.cloned().unwrap_or_else(|| table.into())
    }
}

impl Person {
    fn field(&self) -> String {
        format!("table-{}-{}", self.guest, self.rank)
    }
    /// The table that the page showed, sent back with the choice.
    fn shown_field(&self) -> String {
        format!("was-{}-{}", self.guest, self.rank)
    }
}

/// The people who come: one per chair.
pub(super) fn people(guests: &[Guest]) -> Vec<Person> {
    let mut people = Vec::new();
    for guest in guests.iter().filter(|guest| guest.comes()) {
        for rank in 1..=guest.people {
            let named = guest.expected().filter(|_| rank == 1);
            let name = match named {
                Some(name) => name.to_owned(),
                None if rank == 1 => "À préciser".to_owned(),
                None => format!("Accompagnant {}", rank - 1),
            };
            people.push(Person {
                guest: guest.id,
                establishment: guest.establishment_id,
                rank,
                name,
                is_named: named.is_some(),
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

async fn page(
    me: &Staff,
    id: WorkshopId,
    (chosen, errors): (BTreeMap<String, String>, Errors),
) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let (tables, waiting) = plan(&mut db, id, &guests).await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    };
    let page = Tables {
        coming: i64::try_from(people(&guests).len()).unwrap_or(0),
        workshop,
        tables,
        waiting,
        chosen,
        errors,
    };
    Ok((status, Page(page)).into_response())
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    page(&me, id, Default::default()).await
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

/// Where everybody sits once what was chosen on the page is done.
#[derive(Default)]
struct Moves {
    plan: Vec<Seated>,
    moved: usize,
    /// People whom a colleague moved elsewhere meanwhile.
    clashes: Errors,
}

impl Moves {
    /// Those moved here stay where they were put; the others, where a colleague may have put them meanwhile.
    fn read(form: &BTreeMap<String, String>, people: &[Person], before: &[Seated]) -> Result<Self> {
        let mut moves = Self::default();
        for person in people {
            let known = before
                .iter()
                .find(|seat| (seat.guest, seat.rank) == (person.guest, person.rank));
            let stored = known.map(|seat| seat.table);
            let was = number(form.get(&person.shown_field()))?;
            let mine = number(form.get(&person.field()))?;
            if mine != was && stored != was && stored != mine {
                moves.clashes.add(person.field(), clash(person, mine, stored));
            }
            let Some(table) = (if mine == was { stored } else { mine }) else {
                continue;
            };
            let is_moved = stored != Some(table);
            moves.moved += usize::from(is_moved);
            moves.plan.push(Seated {
                guest: person.guest,
                rank: person.rank,
                table,
                is_kept: is_moved || known.is_some_and(|seat| seat.is_kept),
            });
        }
        Ok(moves)
    }
}

/// What was chosen on the page, by field; where nothing was, the page shows what is stored now.
fn own_moves(form: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let is_moved = |field: &str, table: &str| {
        field.strip_prefix("table-").is_some_and(|person| {
            let was = form.get(&format!("was-{person}"));
            was.map_or("", String::as_str) != table
        })
    };
    form.iter()
        .filter(|(field, table)| is_moved(field, table))
        .map(|(field, table)| (field.clone(), table.clone()))
        .collect()
}

fn clash(person: &Person, mine: Option<i32>, stored: Option<i32>) -> String {
    let place = |table: Option<i32>| {
        table.map_or_else(
            || "sans table".to_owned(),
            |table| format!("à la table\u{a0}{table}"),
        )
    };
    format!(
        "{}, {}\u{a0}: {} pour vous, {} pour un collègue entre-temps. Gardez une table, puis enregistrez de nouveau.",
        person.name,
        person.company,
        place(mine),
        place(stored)
    )
}

/// Everybody’s table, as chosen on the page. Nothing is written when a colleague decided otherwise meanwhile.
pub(super) async fn place(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response> {
    let scope = me.scope()?;
    let moves = me
        .transact(async |tx| -> Result<Moves> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            let guests = store::guests::of_workshop(tx, &scope, id).await?;
            let before = store::seats::of_workshop(tx, id).await?;
            let moves = Moves::read(&form, &people(&guests), &before)?;
            if moves.clashes.is_empty() && moves.moved > 0 {
                store::seats::save(tx, &workshop, &moves.plan).await?;
            } else {
                tx.nothing_to_record();
            }
            Ok(moves)
        })
        .await?;
    if !moves.clashes.is_empty() {
        return page(&me, id, (own_moves(&form), moves.clashes)).await;
    }
    let message = match moves.moved {
        0 => "Aucune place n’a changé.".to_owned(),
        1 => "Une personne change de table, et y reste.".to_owned(),
        n => format!("{n} personnes changent de table, et y restent."),
    };
    Ok(me.done(message, paths::tables(&id)).into_response())
}

fn number(typed: Option<&String>) -> Result<Option<i32>> {
    let Some(typed) = typed.filter(|typed| !typed.is_empty()) else {
        return Ok(None);
    };
    match typed.parse() {
        Ok(table @ 1..=99) => Ok(Some(table)),
        Ok(_) | Err(_) => Err(AppError::BadRequest(
            "Choisissez une table de la liste.".to_owned(),
        )),
    }
}
