//! Screen: what each column of the files is, with its first cells; remembered for the next file that
//! has the same titles.

use super::columns::{Origin, Part, Unfit};
use super::model::State;
use super::store;
use super::work::ReadImport;
use crate::exchange::network::{Format, Table, label};
use crate::exchange::paths;
use crate::kernel::ids::ImportId;
use crate::platform::access::Staff;
use crate::platform::jobs;
use crate::platform::web::{AppError, Choice, Errors, Form, OptionExt, Page, Path, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeMap;

/// A column of a file, with what it can be.
struct Asked {
    name: String,
    title: String,
    samples: Vec<String>,
    field: String,
}

/// A table of the files.
struct Sheet {
    rank: usize,
    title: String,
    origin: Origin,
    format: &'static str,
    columns: Vec<Asked>,
    fields: Vec<Choice>,
    required: String,
}

#[derive(Template)]
#[template(path = "exchange/mapping.html")]
struct MappingPage {
    id: ImportId,
    errors: Errors,
    sheets: Vec<Sheet>,
    formats: Vec<Choice>,
    is_kept: bool,
}

/// The names of the controls are those of the table and the column: `c0_3`.
type Typed = BTreeMap<String, String>;

const KEEP: &str = "garder";

pub(in crate::exchange) async fn show(me: Staff, Path(id): Path<ImportId>) -> Result<Response> {
    let scope = me.scope()?;
    let found = store::columns(&mut *me.read().await?, &scope, id).await?;
    let (state, parts) = found.or_not_found()?;
    if !may_map(state) {
        return Ok(Redirect::to(&paths::report(&id)).into_response());
    }
    Ok(page(id, &parts, Errors::default(), true))
}

fn may_map(state: State) -> bool {
    matches!(state, State::Mapping | State::Checked | State::Failed)
}

fn page(id: ImportId, parts: &[Part], errors: Errors, is_kept: bool) -> Response {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = MappingPage {
        id,
        errors,
        sheets: parts.iter().enumerate().map(sheet).collect(),
        formats: Choice::pairs(Format::ALL.map(|format| (format.code(), format.label()))),
        is_kept,
    };
    (status, Page(page)).into_response()
}

fn sheet((rank, part): (usize, &Part)) -> Sheet {
    let columns = part.header.iter().enumerate().map(|(column, title)| Asked {
        name: control(rank, column),
        title: title.clone(),
        samples: part
            .samples
            .iter()
            .filter_map(|row| row.get(column))
            .filter(|text| !text.is_empty())
            .map(|text| text.chars().take(60).collect())
            .collect(),
        field: part.fields.get(column).cloned().flatten().unwrap_or_default(),
    });
    let required = part.format.fields().filter(|(_, required)| *required);
    Sheet {
        rank,
        title: match part.format.table() {
            Table::Sites => "Établissements".to_owned(),
            Table::Flows => "Flux".to_owned(),
        },
        origin: part.origin,
        format: part.format.code(),
        columns: columns.filter(|column| !column.title.is_empty()).collect(),
        fields: Choice::pairs(part.format.fields().map(|(name, _)| (name, label(name)))),
        required: required
            .map(|(name, _)| label(name))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn control(rank: usize, column: usize) -> String {
    format!("c{rank}_{column}")
}

impl Sheet {
    fn origin_words(&self) -> &'static str {
        match self.origin {
            Origin::Named => "Titres reconnus",
            Origin::Remembered => "Mémorisé",
            Origin::Guessed => "À vérifier",
            Origin::Told => "Choisi par vous",
        }
    }
}

pub(in crate::exchange) async fn submit(
    me: Staff,
    Path(id): Path<ImportId>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let scope = me.scope()?;
    let is_kept = typed.contains_key(KEEP);
    let refused = me
        .transact(async |tx| -> Result<Option<(Vec<Part>, Errors)>> {
            tx.nothing_to_record();
            let (state, mut parts) = store::columns(tx, &scope, id).await?.or_not_found()?;
            if !may_map(state) {
                return Err(AppError::Conflict(
                    "Cet import est déjà en cours ou terminé\u{a0}: ses colonnes ne changent plus."
                        .to_owned(),
                ));
            }
            let is_other = take(&mut parts, &typed);
            let errors = refusals(&parts);
            if is_other || !errors.is_empty() {
                if is_other {
                    // Another kind of table: its columns are proposed anew, before anything is refused.
                    store::set_parts(tx, id, &parts).await?;
                    store::advance(tx, id, (state, State::Mapping)).await?;
                    return Ok(Some((parts, Errors::default())));
                }
                return Ok(Some((parts, errors)));
            }
            if is_kept {
                for part in &parts {
                    store::remember(tx, &scope, me.user(), part).await?;
                }
            }
            store::set_parts(tx, id, &parts).await?;
            store::advance(tx, id, (state, State::Reading)).await?;
            let territory = scope.territory();
            jobs::enqueue(tx, &ReadImport { id, territory }).await?;
            Ok(None)
        })
        .await?;
    Ok(match refused {
        Some((parts, errors)) => page(id, &parts, errors, is_kept),
        None => Redirect::to(&paths::report(&id)).into_response(),
    })
}

/// Puts what was chosen in the parts; gives whether one is now another kind of table.
fn take(parts: &mut [Part], typed: &Typed) -> bool {
    let mut is_other = false;
    for (rank, part) in parts.iter_mut().enumerate() {
        let wanted = typed.get(&format!("format{rank}"));
        let format = Format::ALL
            .into_iter()
            .find(|format| wanted.is_some_and(|wanted| wanted == format.code()))
            .unwrap_or(part.format);
        if format != part.format {
            part.take_for(format);
            is_other = true;
            continue;
        }
        let chosen = (0..part.header.len()).map(|column| {
            typed
                .get(&control(rank, column))
                .filter(|name| !name.is_empty())
                .cloned()
        });
        part.tell(chosen.collect(), Origin::Told);
    }
    is_other
}

fn refusals(parts: &[Part]) -> Errors {
    let mut errors = Errors::default();
    let mut tables: Vec<Table> = Vec::new();
    for (rank, part) in parts.iter().enumerate() {
        if let Some(unfit) = part.unfit() {
            let at_fault = match &unfit {
                Unfit::Missing(_) => format!("format{rank}"),
                Unfit::Twice(name) => {
                    let second = part.fields.iter().rposition(|field| field.as_ref() == Some(name));
                    control(rank, second.unwrap_or_default())
                }
            };
            errors.add(at_fault, unfit.to_string());
        }
        if tables.contains(&part.format.table()) {
            errors.add(
                format!("format{rank}"),
                format!(
                    "Deux fichiers contiennent des {}\u{a0}: importez-les l’un après l’autre.",
                    part.format.table()
                ),
            );
        }
        tables.push(part.format.table());
    }
    errors
}
