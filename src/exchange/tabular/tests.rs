use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{Limits, TabularError, read};

type Rows = Vec<(usize, Vec<String>)>;

fn rows(bytes: &[u8], limits: &Limits) -> Result<Rows, TabularError> {
    let mut rows = Vec::new();
    read(Cursor::new(bytes), limits, &mut |row| {
        rows.push((row.line, row.cells.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

fn upload(bytes: &[u8]) -> Result<Rows, TabularError> {
    rows(bytes, &Limits::UPLOAD)
}

/// A workbook with these parts besides the ones every workbook has.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let common = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#.to_owned(),
        ),
        (
            "_rels/.rels",
            format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ),
        (
            "xl/workbook.xml",
            format!(r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{relation}"><sheets><sheet name="F" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{relation}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#),
        ),
    ];
    let common = common.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, content) in common.chain(parts.iter().copied()) {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("in memory");
        zip.write_all(content).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

fn sheet(cells: &str) -> String {
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>"#
    )
}

#[test]
fn reads_what_french_spreadsheets_write() {
    let expected = vec![
        (1, vec!["référence".to_owned(), "nom".to_owned()]),
        (2, vec!["A;1".to_owned(), "Crèmerie de l’Œuvre".to_owned()]),
        (4, vec!["B".to_owned(), String::new()]),
    ];
    let utf8 = "\u{feff}référence;nom\n\"A;1\";Crèmerie de l’Œuvre\n;\nB;\n";
    assert_eq!(upload(utf8.as_bytes()).expect("a table"), expected);
    let comma = "référence,nom\r\nA;1,Crèmerie de l’Œuvre\r\n,\r\nB,\r\n";
    assert_eq!(upload(comma.as_bytes()).expect("a table"), expected);
    let tab = "référence\tnom\nA;1\tCrèmerie de l’Œuvre\n\t\nB\t\n";
    assert_eq!(upload(tab.as_bytes()).expect("a table"), expected);
    let broken = "référence;nom\n\n\"A\nB\";x\nC;y\n";
    let lines: Vec<usize> = upload(broken.as_bytes())
        .expect("a table")
        .iter()
        .map(|row| row.0)
        .collect();
    assert_eq!(lines, [1, 3, 5]);
    let latin = b"r\xE9f\xE9rence;nom\n\"A;1\";Cr\xE8merie de l\x92\x8Cuvre\n;\nB;\n";
    assert_eq!(upload(latin).expect("a table"), expected);
}

#[test]
fn reads_a_workbook_with_numbers_and_dates() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "libellé").expect("writes");
    sheet.write(0, 1, "quantité").expect("writes");
    sheet.write(0, 2, "fin").expect("writes");
    sheet.write(2, 0, "Cartons").expect("writes");
    sheet.write(2, 1, 12.5).expect("writes");
    let date = ExcelDateTime::from_ymd(2027, 6, 30).expect("a day");
    sheet
        .write_with_format(2, 2, &date, &Format::new().set_num_format("dd/mm/yyyy"))
        .expect("writes");
    sheet.write(3, 1, 1_000_000).expect("writes");
    let bytes = workbook.save_to_buffer().expect("saves");
    let found = upload(&bytes).expect("a workbook");
    assert_eq!(
        found[1],
        (
            3,
            vec!["Cartons".to_owned(), "12.5".to_owned(), "2027-06-30".to_owned()]
        )
    );
    assert_eq!(found[2], (4, vec![String::new(), "1000000".to_owned()]));
}

#[test]
fn what_is_not_a_table_is_said_so() {
    let png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR";
    assert!(matches!(upload(png), Err(TabularError::NotATable)));
    assert!(matches!(
        upload(b"%PDF-1.7 something"),
        Err(TabularError::NotATable)
    ));
    assert!(matches!(
        upload(b"PK\x03\x04 and then nothing"),
        Err(TabularError::NotATable)
    ));
    assert!(matches!(upload(b""), Err(TabularError::Empty)));
    assert!(matches!(
        upload(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...."),
        Err(TabularError::OldOrProtected)
    ));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default())
        .expect("in memory");
    let document = zip.finish().expect("in memory").into_inner();
    let refusal = upload(&document).expect_err("a text document");
    assert_eq!(
        refusal.to_string(),
        "Ce fichier n’est pas un classeur .xlsx ni un .csv."
    );
}

#[test]
fn a_cell_at_the_end_of_the_world_is_refused() {
    let far = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="1048576"><c r="BL1048576" t="inlineStr"><is><t>z</t></is></c></row>"#;
    let bytes = archive(&[("xl/worksheets/sheet1.xml", sheet(far).as_bytes())]);
    assert!(matches!(upload(&bytes), Err(TabularError::TooManyRows(100_000))));
    let wide = r#"<row r="1"><c r="XFD1" t="inlineStr"><is><t>z</t></is></c></row>"#;
    let bytes = archive(&[("xl/worksheets/sheet1.xml", sheet(wide).as_bytes())]);
    assert!(matches!(upload(&bytes), Err(TabularError::TooManyColumns(64))));
}

#[test]
fn too_many_cells_are_refused() {
    let row = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(60));
    let bytes = archive(&[("xl/worksheets/sheet1.xml", sheet(&row.repeat(400)).as_bytes())]);
    let limits = Limits {
        cells: 20_000,
        ..Limits::UPLOAD
    };
    assert!(matches!(
        rows(&bytes, &limits),
        Err(TabularError::TooManyCells(20_000))
    ));
}

#[test]
fn a_workbook_that_unpacks_too_much_is_refused() {
    let limits = Limits {
        unpacked: 1 << 20,
        texts: 1 << 18,
        ..Limits::UPLOAD
    };
    let blank = vec![b' '; 2 << 20];
    let bytes = archive(&[("xl/worksheets/sheet1.xml", &blank)]);
    assert!(bytes.len() < 20_000);
    assert!(matches!(rows(&bytes, &limits), Err(TabularError::TooLarge)));
    let texts = archive(&[
        ("xl/worksheets/sheet1.xml", sheet("").as_bytes()),
        ("xl/sharedStrings.xml", &blank[..1 << 19]),
    ]);
    assert!(matches!(rows(&texts, &limits), Err(TabularError::TooLarge)));
    let many: Vec<(String, &[u8])> = (0..1_001)
        .map(|n| (format!("xl/worksheets/s{n}.xml"), &b""[..]))
        .collect();
    let parts: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(name, content)| (name.as_str(), *content))
        .collect();
    assert!(matches!(upload(&archive(&parts)), Err(TabularError::TooLarge)));
}

#[test]
fn a_text_that_never_ends_is_refused_before_it_is_held() {
    let text = format!(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#,
        "x".repeat(2 << 20)
    );
    let bytes = archive(&[("xl/worksheets/sheet1.xml", sheet(&text).as_bytes())]);
    assert!(matches!(upload(&bytes), Err(TabularError::TooLarge)));
}

#[test]
fn a_directory_that_lies_is_measured_anyway() {
    let limits = Limits {
        unpacked: 1 << 20,
        ..Limits::UPLOAD
    };
    let blank = vec![b' '; 3 << 20];
    let mut bytes = archive(&[("xl/worksheets/sheet1.xml", &blank)]);
    let size = u32::try_from(blank.len()).expect("small").to_le_bytes();
    // Write « 10 bytes » wherever the true size stands, in the local header and in the directory.
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(matches!(
        rows(&bytes, &limits),
        Err(TabularError::TooLarge | TabularError::Damaged)
    ));
}

#[test]
fn long_texts_and_long_files_are_refused() {
    let long = format!("a;b\n{};c\n", "x".repeat(10_001));
    assert!(matches!(
        upload(long.as_bytes()),
        Err(TabularError::LongText { line: 2, .. })
    ));
    let limits = Limits {
        rows: 2,
        ..Limits::UPLOAD
    };
    assert_eq!(rows(b"a\n1\n2\n", &limits).expect("two rows").len(), 3);
    assert!(matches!(
        rows(b"a\n1\n2\n3\n", &limits),
        Err(TabularError::TooManyRows(2))
    ));
    let wide = "x;".repeat(70);
    assert!(matches!(
        upload(wide.as_bytes()),
        Err(TabularError::TooManyColumns(64))
    ));
}

#[test]
fn reading_stops_when_asked() {
    let mut seen = 0;
    let stop = &mut |_: super::Row<'_>| {
        seen += 1;
        ControlFlow::Break(())
    };
    read(Cursor::new(b"a\nb\nc\n"), &Limits::UPLOAD, stop).expect("a table");
    assert_eq!(seen, 1);
}
