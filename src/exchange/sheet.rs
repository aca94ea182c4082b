//! The diagnostic as a workbook to fill by hand: the inventory of a visit, then blank lines. Each line
//! carries a hidden key, so that the file comes back into the same rows, however often it is sent. What
//! it would change is shown by the paste preview of the visit before anything is written.

use super::files::{self, Kind};
use super::tabular::{self, Limits, TabularError};
use crate::companies::{self, Establishment};
use crate::flows::{self, Flow};
use crate::kernel::Unit;
use crate::kernel::ids::{FlowId, VisitId};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Errors, OptionExt, Page, Path, Result, base_name, filters};
use crate::visits::{self, Visit};
use askama::Template;
use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::{Format, FormatBorder, Workbook, Worksheet, XlsxError};
use std::io::Cursor;
use std::ops::ControlFlow;

const SHEET: &str = "Flux";
const BLANK_LINES: usize = 40;
/// Title and width of each column; the key comes last and is hidden.
const COLUMNS: [(&str, f64); 8] = [
    ("Sens", 10.0),
    ("Flux", 38.0),
    ("Quantité", 12.0),
    ("Unité", 10.0),
    ("Période", 12.0),
    ("Origine du chiffre", 20.0),
    ("Exutoire ou fournisseur", 32.0),
    ("Clé", 4.0),
];
const KEY: u16 = 7;
const READ: Limits = Limits {
    rows: 2_000,
    columns: 40,
    cells: 40_000,
    ..Limits::UPLOAD
};

async fn visit_of(me: &Staff, id: VisitId) -> Result<(Visit, Establishment)> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let visit = visits::store::find(&mut db, &scope, id).await?.or_not_found()?;
    let establishment = companies::store::find(&mut db, &scope, visit.establishment_id).await?;
    Ok((visit, establishment.or_not_found()?))
}

pub(super) async fn workbook(me: Staff, Path(id): Path<VisitId>) -> Result<Response> {
    let (visit, _) = visit_of(&me, id).await?;
    let scope = me.scope()?;
    let inventory =
        flows::store::of_establishment(&mut *me.read().await?, &scope, visit.establishment_id).await?;
    let content = filled(&inventory).map_err(anyhow::Error::from)?;
    Ok(files::attachment(
        "grille-visite",
        Some(visit.visit_on),
        Kind::Xlsx,
        content,
    ))
}

fn filled(inventory: &[Flow]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name(SHEET)?;
    titles(sheet)?;
    let boxed = Format::new().set_border(FormatBorder::Thin).set_text_wrap();
    let mut line = 0;
    for flow in inventory {
        line += 1;
        let text = |of: &Option<String>| of.clone().unwrap_or_default();
        let words = [
            flow.direction.word().to_owned(),
            flow.label.clone(),
            String::new(),
            flow.typed_unit()
                .map_or_else(String::new, |unit: Unit| unit.symbol().to_owned()),
            flow.period
                .map_or_else(String::new, |period| period.word().to_owned()),
            flow.certainty.label().to_owned(),
            text(&flow.outlet),
        ];
        for (column, words) in (0_u16..).zip(words) {
            sheet.write_string_with_format(line, column, words, &boxed)?;
        }
        if let Some(quantity) = flow.quantity {
            sheet.write_number_with_format(line, 2, quantity, &boxed)?;
        }
        sheet.write_string(line, KEY, flow.id.to_string())?;
    }
    for _ in 0..BLANK_LINES {
        line += 1;
        for column in 0..KEY {
            sheet.write_blank(line, column, &boxed)?;
        }
        sheet.write_string(line, KEY, FlowId::fresh().to_string())?;
    }
    workbook.save_to_buffer()
}

fn titles(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_border(FormatBorder::Thin);
    for (column, (title, width)) in (0_u16..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, title, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_column_hidden(KEY)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

#[derive(Template)]
#[template(path = "exchange/sheet.html")]
struct SheetPage {
    visit: Visit,
    establishment: Establishment,
    errors: Errors,
    /// What was read: the file's name, its lines as a block of a spreadsheet, how many they are.
    read: Option<(String, String, usize)>,
}

pub(super) async fn show(me: Staff, Path(id): Path<VisitId>) -> Result<Response> {
    page(&me, id, Ok(None)).await
}

async fn page(
    me: &Staff,
    id: VisitId,
    read: std::result::Result<Option<(String, String, usize)>, String>,
) -> Result<Response> {
    let (visit, establishment) = visit_of(me, id).await?;
    let (read, errors, status) = match read {
        Ok(read) => (read, Errors::default(), StatusCode::OK),
        Err(sentence) => (
            None,
            Errors::one("grid", sentence),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    };
    let page = SheetPage {
        visit,
        establishment,
        errors,
        read,
    };
    Ok((status, Page(page)).into_response())
}

pub(super) async fn receive(me: Staff, Path(id): Path<VisitId>, mut form: Multipart) -> Result<Response> {
    let mut sent = None;
    while let Some(field) = form.next_field().await? {
        let name = field.file_name().and_then(base_name);
        if let Some(name) = name {
            sent = Some((name, field.bytes().await?));
        }
    }
    let Some((name, content)) = sent else {
        return page(
            &me,
            id,
            Err("Choisissez la grille remplie, .xlsx ou .csv.".to_owned()),
        )
        .await;
    };
    let block = tokio::task::spawn_blocking(move || block(&content))
        .await
        .map_err(|error| AppError::Internal(error.into()))?;
    let read = match block {
        Ok((_, 0)) => Err("Cette grille ne contient aucune ligne remplie.".to_owned()),
        Ok((text, count)) => Ok(Some((name, text, count))),
        Err(refusal) => Err(refusal.to_string()),
    };
    page(&me, id, read).await
}

/// The lines that say something, as they would be pasted, and how many follow the titles.
fn block(content: &[u8]) -> Result<(String, usize), TabularError> {
    let mut lines: Vec<String> = Vec::new();
    tabular::read(Cursor::new(content), &READ, &mut |row| {
        let said: Vec<String> = row.cells.iter().map(|cell| one_line(cell)).collect();
        let key = usize::from(KEY);
        if said.iter().take(key).any(|cell| !cell.is_empty()) {
            lines.push(said.join("\t"));
        }
        ControlFlow::Continue(())
    })?;
    let count = lines.len().saturating_sub(1);
    Ok((lines.join("\n"), count))
}

fn one_line(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{block, filled};

    #[test]
    fn blank_lines_do_not_come_back() {
        let (text, count) = block(&filled(&[]).unwrap()).unwrap();
        assert_eq!((text.lines().count(), count), (1, 0));
        assert!(text.starts_with("Sens\tFlux\tQuantité"));
        assert!(block(b"PK\x03\x04nonsense").is_err());
    }
}
