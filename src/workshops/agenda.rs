//! Document: the order of the day, for whoever leads the workshop and for its tables: the programme, hour by
//! hour, and who sits where.

use super::list::counted;
use super::model::{Workshop, hour};
use super::paper::{Paper, when_and_where};
use super::seating::{Person, Table as Seats, plan};
use super::{category_labels, store};
use crate::accounts;
use crate::kernel::ids::WorkshopId;
use crate::platform::access::Staff;
use crate::platform::pdf::{Block, Cell, Column, Table, Words};
use crate::platform::web::{OptionExt, Path, Result};
use axum::response::Response;
use chrono::{NaiveTime, TimeDelta};

const PAPER: Paper = Paper {
    name: "Ordre du jour",
    file: "ordre-du-jour",
    about: "Le programme d’un atelier, et qui est à quelle table",
    note: "Horaires indicatifs.",
};

/// What is done, and its minutes in a workshop of two hours; longer or shorter ones keep the proportions.
const PROGRAMME: [(&str, &str, i64); 6] = [
    ("Accueil", "Un café, chacun trouve sa table et son carton.", 15),
    (
        "La démarche et ses règles",
        "Pourquoi nous sommes là\u{202f}; rien de ce qui a été dit en visite n’est montré sans accord.",
        10,
    ),
    (
        "Témoignage",
        "Une entreprise raconte une synergie, ce qu’elle a coûté et rapporté.",
        15,
    ),
    (
        "Tours de table",
        "Chacun dit ce qu’il offre et ce qu’il cherche\u{202f}; l’animateur note les idées.",
        50,
    ),
    (
        "Restitution",
        "Chaque table choisit ses idées et les présente aux autres.",
        20,
    ),
    ("Engagements", "Qui fait quoi, et pour quand.", 10),
];

/// When each part begins and ends, to five minutes; parts that would last nothing are left out.
fn programme(from: NaiveTime, to: NaiveTime) -> Vec<(NaiveTime, NaiveTime, &'static str, &'static str)> {
    let lasts = (to - from).num_minutes();
    let whole: i64 = PROGRAMME.iter().map(|(_, _, minutes)| minutes).sum();
    let at = |spent: i64| {
        let minutes = if spent == whole {
            lasts
        } else {
            (lasts * spent * 2 + whole * 5) / (whole * 10) * 5
        };
        from + TimeDelta::minutes(minutes)
    };
    let mut spent = 0;
    let mut parts = Vec::new();
    for (title, detail, minutes) in PROGRAMME {
        let (begins, ends) = (at(spent), at(spent + minutes));
        spent += minutes;
        if begins < ends {
            parts.push((begins, ends, title, detail));
        }
    }
    parts
}

pub(super) async fn pdf(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let (tables, waiting) = plan(&mut db, id, &guests).await?;
    let owner = match workshop.owner {
        Some(owner) => accounts::store::find(&mut db, owner).await?,
        None => None,
    };
    drop(db);
    let mut blocks = vec![
        Block::Title {
            text: workshop.title.clone(),
            under: when_and_where(&workshop),
        },
        Block::Facts(facts(&workshop, owner.map(|user| user.name), &tables, &waiting)),
        Block::Heading("Programme".to_owned()),
        Block::Table(timetable(&workshop)),
    ];
    if !tables.is_empty() {
        blocks.push(Block::Heading("Tables".to_owned()));
        blocks.extend(plan_of(&tables));
    }
    if !waiting.is_empty() {
        blocks.push(Block::Table(who("Sans table", &waiting)));
    }
    PAPER.answer(&workshop, me.now(), blocks).await
}

fn people(count: usize) -> String {
    counted(i64::try_from(count).unwrap_or(0), "personne")
}

fn facts(
    workshop: &Workshop,
    owner: Option<String>,
    tables: &[Seats],
    waiting: &[Person],
) -> Vec<(String, Words)> {
    let seated: usize = tables.iter().map(|table| table.people.len()).sum();
    let themes = category_labels(&workshop.categories);
    let mut facts = vec![
        (
            "Thèmes".to_owned(),
            Words::from(if themes.is_empty() {
                "Tous".to_owned()
            } else {
                themes.join(", ")
            }),
        ),
        (
            "Attendues".to_owned(),
            Words::from(people(seated + waiting.len())),
        ),
    ];
    if let Some(owner) = owner {
        facts.push(("Organisé par".to_owned(), Words::from(owner)));
    }
    facts
}

fn timetable(workshop: &Workshop) -> Table {
    let rows = programme(workshop.begins_at, workshop.ends_at)
        .into_iter()
        .map(|(from, to, title, detail)| {
            vec![
                Cell::text(format!("{} – {}", hour(from), hour(to))),
                Cell::strong(title),
                Cell::text(detail),
            ]
        })
        .collect();
    Table {
        columns: vec![
            Column::words("Heure"),
            Column::words("Temps"),
            Column::words("Ce qu’on y fait"),
        ],
        rows,
        ..Table::default()
    }
}

/// Tables longer than this are not set side by side: such a pair could not be cut between two pages.
const LONG: usize = 20;

fn plan_of(tables: &[Seats]) -> Vec<Block> {
    let block = |table: &Seats| Block::Table(who(&format!("Table {}", table.number), &table.people));
    if tables.iter().any(|table| table.people.len() > LONG) {
        return tables.iter().map(block).collect();
    }
    let pair = |pair: &[Seats]| {
        let mut sides: Vec<_> = pair.iter().map(|table| (1.0, vec![block(table)])).collect();
        sides.resize_with(2, || (1.0, Vec::new()));
        Block::Columns(sides)
    };
    tables.chunks(2).map(pair).collect()
}

/// Who is not known yet is counted once, above, not said of each.
fn who(place: &str, seated: &[Person]) -> Table {
    let is_unknown = |person: &Person| person.rank == 1 && !person.is_named;
    let unknown = match seated.iter().filter(|person| is_unknown(person)).count() {
        0 => String::new(),
        n => format!(", dont {n} à préciser"),
    };
    let name = |person: &Person| {
        if is_unknown(person) {
            String::new()
        } else {
            person.name.clone()
        }
    };
    Table {
        caption: format!("{place}, {}{unknown}", people(seated.len())),
        columns: vec![Column::words("Entreprise"), Column::words("Personne")],
        rows: seated
            .iter()
            .map(|person| vec![Cell::strong(person.company.clone()), Cell::text(name(person))])
            .collect(),
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use super::programme;
    use crate::workshops::model::{hour, parse_hour};

    fn hours(from: &str, to: &str) -> String {
        let begins = programme(parse_hour(from).unwrap(), parse_hour(to).unwrap())
            .iter()
            .map(|(begins, ..)| hour(*begins).replace('\u{a0}', ""))
            .collect::<Vec<_>>();
        begins.join(" ")
    }

    #[test]
    fn the_parts_fill_the_workshop_whatever_it_lasts() {
        assert_eq!(hours("8h30", "10h30"), "8h30 8h45 8h55 9h10 10h 10h20");
        assert_eq!(hours("14h", "17h"), "14h 14h25 14h40 15h 16h15 16h45");
        assert_eq!(hours("9h", "9h20"), "9h 9h05 9h15");
        let parts = programme(parse_hour("9h").unwrap(), parse_hour("9h01").unwrap());
        assert_eq!(parts.len(), 1, "and it ends when the workshop ends");
        assert_eq!(parts[0].1, parse_hour("9h01").unwrap());
    }
}
