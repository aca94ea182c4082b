//! What a company takes away of its own: everything in .json, its flows as a workbook.

use super::cell::{Cell, Column, Role};
use super::files::{self, About, Kind};
use super::store;
use crate::kernel::Direction;
use crate::platform::access::CompanyUser;
use crate::platform::journal::Event;
use crate::platform::web::Result;
use crate::portal::{OwnFlow, store as space};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

struct Line {
    establishment: String,
    flow: OwnFlow,
}

const COLUMNS: &[Column<Line>] = &[
    shown("Établissement", |line| Cell::text(line.establishment.as_str())),
    shown("Flux", |line| Cell::text(line.flow.label.as_str())),
    shown("Sens", |line| {
        Cell::text(match line.flow.direction {
            Direction::Outbound => "sortant",
            Direction::Inbound => "entrant",
        })
    }),
    shown("Sous-famille", |line| Cell::maybe(line.flow.category.as_deref())),
    shown("Quantité", |line| Cell::number(line.flow.quantity)),
    shown("Unité", |line| Cell::maybe(line.flow.unit.as_deref())),
    shown("Période", |line| {
        Cell::maybe(line.flow.period.map(|p| p.label()))
    }),
    shown("Origine", |line| Cell::text(line.flow.certainty.label())),
    shown("Vérifié le", |line| Cell::day(Some(line.flow.known_on))),
];

const fn shown(title: &'static str, value: fn(&Line) -> Cell) -> Column<Line> {
    Column {
        title,
        value,
        role: Role::Shown,
    }
}

async fn note(me: &CompanyUser, what: &str) -> Result<()> {
    me.transact(async |tx| -> Result<()> { Ok(tx.record(Event::on("user", me.user(), what)).await?) })
        .await
}

pub(super) async fn json(me: CompanyUser) -> Result<Response> {
    let data = store::whole_company(&mut *me.read().await?, &me.scope()).await?;
    note(&me, "a emporté les données de son entreprise").await?;
    let text = serde_json::to_string_pretty(&data).map_err(anyhow::Error::from)?;
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"mes-donnees.json\""),
    ];
    Ok((headers, text).into_response())
}

pub(super) async fn flows(me: CompanyUser) -> Result<Response> {
    let scope = me.scope();
    let mut db = me.read().await?;
    let mut lines = Vec::new();
    for own in space::establishments(&mut db, &scope).await? {
        let flows = space::flows(&mut db, &scope, own.id).await?;
        lines.extend(flows.into_iter().map(|flow| Line {
            establishment: own.name.clone(),
            flow,
        }));
    }
    drop(db);
    note(&me, "a emporté les flux de son entreprise").await?;
    let about = About {
        lines: vec![("Flux".to_owned(), lines.len().to_string())],
        at: me.now(),
    };
    let content = files::xlsx("mes flux", COLUMNS, &lines, &about).map_err(anyhow::Error::from)?;
    Ok(files::attachment(
        "mes-flux",
        Some(me.today()),
        Kind::Xlsx,
        content,
    ))
}
