//! Files made to exhaust a reader.

use std::io::{Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

type Make = fn() -> Vec<u8>;

/// What each is, and its making.
pub(crate) const ALL: [(&str, Make); 12] = [
    ("cellule en BL1048576", far_cell),
    ("cellule en XFD1048576", wide_cell),
    ("2 millions de cellules", many_cells),
    ("feuille de 500 Mo de blancs", || {
        workbook(&[("xl/worksheets/sheet1.xml", &vec![b' '; 500 << 20])])
    }),
    ("table de textes de 60 Mo", many_texts),
    ("un texte de 8 Mo sans balise", long_text),
    ("5 000 fichiers dans l’archive", many_entries),
    ("entités XML emboîtées", entities),
    ("archive qui n’est pas un classeur", || {
        b"PK\x03\x04 faux".to_vec()
    }),
    (".csv d’une seule cellule de 10 Mo", || vec![b'x'; 10 << 20]),
    (".csv de 5 millions de lignes", || b"a;b\n".repeat(5_000_000 / 2)),
    (".csv de 100 000 colonnes", || b"a;".repeat(100_000)),
];

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

fn workbook(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let common = [
        (
            "[Content_Types].xml",
            format!(
                r#"<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{relation}"><sheets><sheet name="F" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{relation}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
            ),
        ),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let common = common.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, content) in common.chain(parts.iter().copied()) {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("in memory");
        zip.write_all(content).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    let xml = format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
    workbook(&[("xl/worksheets/sheet1.xml", xml.as_bytes())])
}

fn cell(at: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>z</t></is></c>"#)
}

fn far_cell() -> Vec<u8> {
    sheet(&format!(
        r#"<row r="1">{}</row><row r="1048576">{}</row>"#,
        cell("A1"),
        cell("BL1048576")
    ))
}

fn wide_cell() -> Vec<u8> {
    sheet(&format!(
        r#"<row r="1">{}</row><row r="1048576">{}</row>"#,
        cell("A1"),
        cell("XFD1048576")
    ))
}

fn many_cells() -> Vec<u8> {
    let row: String = (0..40).map(|_| "<c><v>1</v></c>").collect();
    sheet(&format!("<row>{row}</row>").repeat(60_000))
}

fn many_texts() -> Vec<u8> {
    let texts = "<si><t>mot</t></si>".repeat((60 << 20) / 19);
    let xml = format!(r#"<sst xmlns="{MAIN}">{texts}</sst>"#);
    workbook(&[
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData/></worksheet>"),
        ("xl/sharedStrings.xml", xml.as_bytes()),
    ])
}

fn long_text() -> Vec<u8> {
    let text = "x".repeat(8 << 20);
    sheet(&format!(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>"#
    ))
}

fn many_entries() -> Vec<u8> {
    let names: Vec<String> = (0..5_000).map(|n| format!("xl/media/{n}.png")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    workbook(&parts)
}

fn entities() -> Vec<u8> {
    let mut xml = String::from("<?xml version=\"1.0\"?><!DOCTYPE w [<!ENTITY a0 \"aaaaaaaaaa\">");
    for n in 1..12 {
        let inner = format!("&a{};", n - 1).repeat(10);
        xml += &format!("<!ENTITY a{n} \"{inner}\">");
    }
    xml += &format!(
        r#"]><worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row></sheetData></worksheet>"#
    );
    workbook(&[("xl/worksheets/sheet1.xml", xml.as_bytes())])
}
