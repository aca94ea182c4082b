//! Writes tables for spreadsheets: .csv as French Excel opens it, .xlsx typed cell by cell.

use super::cell::{Cell, Column, neutralised};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

/// The longest text that a cell of a workbook may hold.
const LONGEST: usize = 32_767;

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Xlsx,
}

impl Kind {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// What the second sheet of a workbook says: what the file is, its filters, its date.
#[derive(Debug, Clone)]
pub struct About {
    pub lines: Vec<(String, String)>,
    pub at: DateTime<Utc>,
}

/// UTF-8 with its mark, `;`, decimal comma, CRLF.
pub fn csv<R>(columns: &[Column<R>], rows: &[R]) -> Vec<u8> {
    let titles = columns.iter().map(|column| column.title.to_owned()).collect();
    let lines = rows.iter().map(|row| {
        columns
            .iter()
            .map(|column| csv_cell(&(column.value)(row)))
            .collect()
    });
    csv_lines(std::iter::once(titles).chain(lines))
}

fn csv_cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => neutralised(text),
        Cell::Empty | Cell::Number(_) | Cell::Day(_) => cell.plain(),
    }
}

/// The same file from texts already made safe.
pub fn csv_lines(lines: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut out = String::from('\u{feff}');
    for line in lines {
        for (rank, text) in line.iter().enumerate() {
            if rank > 0 {
                out.push(';');
            }
            if text.contains([';', '"', '\n', '\r', '\t']) {
                out.push('"');
                out.push_str(&text.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(text);
            }
        }
        out.push_str("\r\n");
    }
    out.into_bytes()
}

/// The rows on a first sheet, then « À propos ».
///
/// # Errors
/// When the table has more rows or columns than a sheet.
pub fn xlsx<R>(sheet: &str, columns: &[Column<R>], rows: &[R], about: &About) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let stamp = ExcelDateTime::from_timestamp(about.at.timestamp())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&stamp));
    fill(workbook.add_worksheet().set_name(sheet)?, columns, rows)?;
    tell(workbook.add_worksheet().set_name("À propos")?, about)?;
    workbook.save_to_buffer()
}

/// Header bold, kept in sight, with a filter; texts as texts, numbers as numbers, days as days.
pub fn fill<R>(sheet: &mut Worksheet, columns: &[Column<R>], rows: &[R]) -> Result<(), XlsxError> {
    let header = Format::new()
        .set_bold()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0x00E8_ECEB))
        .set_border_bottom(FormatBorder::Thin);
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet.set_freeze_panes(1, 0)?;
    for (rank, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, rank, column.title, &header)?;
        let widest = rows
            .iter()
            .take(500)
            .map(|row| (column.value)(row).plain().chars().count())
            .max();
        let wanted = widest.unwrap_or(0).max(column.title.chars().count() + 3).min(48);
        sheet.set_column_width(rank, f64::from(u16::try_from(wanted).unwrap_or(48)) + 2.0)?;
    }
    for (line, row) in (1_u32..).zip(rows) {
        for (rank, column) in (0_u16..).zip(columns) {
            match (column.value)(row) {
                Cell::Empty => {}
                Cell::Text(text) => {
                    sheet.write_string(line, rank, shortened(&text))?;
                }
                Cell::Number(value) => {
                    sheet.write_number(line, rank, value)?;
                }
                Cell::Day(date) => {
                    sheet.write_datetime_with_format(line, rank, excel_day(date)?, &day)?;
                }
            }
        }
    }
    let (last_row, last_column) = (u32::try_from(rows.len()), u16::try_from(columns.len()));
    if let (Ok(last_row), Ok(last_column @ 1..)) = (last_row, last_column) {
        sheet.autofilter(0, 0, last_row, last_column - 1)?;
    }
    Ok(())
}

fn excel_day(date: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let year = u16::try_from(date.year()).unwrap_or(1900);
    let (month, day) = (u8::try_from(date.month()), u8::try_from(date.day()));
    ExcelDateTime::from_ymd(year, month.unwrap_or(1), day.unwrap_or(1))
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST / 2).collect()
}

fn tell(sheet: &mut Worksheet, about: &About) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_column_width(0, 24)?.set_column_width(1, 80)?;
    for (line, (name, value)) in (0_u32..).zip(&about.lines) {
        sheet.write_string_with_format(line, 0, name, &bold)?;
        sheet.write_string_with_format(line, 1, value, &wrapped)?;
    }
    Ok(())
}

/// A file to keep. The name is ours and ASCII: nothing that someone typed goes in a header.
pub fn attachment(stem: &str, on: Option<NaiveDate>, kind: Kind, content: Vec<u8>) -> Response {
    let date = on.map(|day| format!("-{day}")).unwrap_or_default();
    let name = format!("attachment; filename=\"{stem}{date}.{}\"", kind.extension());
    let disposition = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind.media_type())),
        (CONTENT_DISPOSITION, disposition),
    ];
    (StatusCode::OK, headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use super::{About, Kind, csv, xlsx};
    use crate::exchange::cell::{Cell, Column, Role};
    use crate::exchange::tabular::{self, Limits};
    use chrono::{DateTime, NaiveDate};
    use std::io::{Cursor, Read};
    use std::ops::ControlFlow;

    struct Thing(&'static str, Option<f64>, Option<NaiveDate>);

    const COLUMNS: [Column<Thing>; 3] = [
        Column {
            title: "libelle",
            value: |t| Cell::text(t.0),
            role: Role::Imported,
        },
        Column {
            title: "quantite",
            value: |t| Cell::number(t.1),
            role: Role::Imported,
        },
        Column {
            title: "fin",
            value: |t| Cell::day(t.2),
            role: Role::Imported,
        },
    ];

    fn things() -> Vec<Thing> {
        vec![
            Thing(
                "Chutes d’acier ; « vrac »",
                Some(1234.5),
                NaiveDate::from_ymd_opt(2027, 6, 30),
            ),
            Thing("=1+1", Some(-2.0), None),
            Thing("dit \"bleu\"\nsuite", None, None),
        ]
    }

    #[test]
    fn a_csv_that_french_excel_opens() {
        let golden = "\u{feff}libelle;quantite;fin\r\n\
                      \"Chutes d’acier ; « vrac »\";1234,5;30/06/2027\r\n\
                      '=1+1;-2;\r\n\
                      \"dit \"\"bleu\"\"\nsuite\";;\r\n";
        assert_eq!(String::from_utf8(csv(&COLUMNS, &things())).unwrap(), golden);
    }

    #[test]
    fn a_workbook_holds_typed_cells_and_no_formula() {
        let about = About {
            lines: vec![("Filtre".to_owned(), "=1".to_owned())],
            at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        };
        let bytes = xlsx("flux", &COLUMNS, &things(), &about).unwrap();
        assert_eq!(Kind::Xlsx.extension(), "xlsx");
        let mut rows = Vec::new();
        tabular::read(Cursor::new(&bytes), &Limits::UPLOAD, &mut |row| {
            rows.push(row.cells.join("|"));
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(rows[1], "Chutes d’acier ; « vrac »|1234.5|2027-06-30");
        assert_eq!(rows[2], "=1+1|-2");
        let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        for name in ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"] {
            let mut xml = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
            assert!(!xml.contains("<f>"), "{name}");
        }
    }
}
