//! The official files of the national directory: `StockEtablissement` and `StockUniteLegale`, as text
//! or in their archive, read line by line. Their names are INSEE's. Whose who asked not to be listed
//! are read without name nor address.

use csv::{Reader, ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;
use zip::ZipArchive;

/// Lines handed over together.
const CHUNK: usize = 2_000;

/// Bytes of the longest line: INSEE's have a few hundred.
const LONGEST_LINE: u64 = 1 << 20;

/// Bytes of a file sent over the network, once unpacked: the national one has a few thousand million.
pub(super) const UPLOADED: u64 = 1 << 30;

/// Why a file is not taken, as a sentence.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error(
        "Ce fichier n’est ni StockEtablissement ni StockUniteLegale\u{a0}: la colonne «\u{a0}{0}\u{a0}» manque."
    )]
    Column(&'static str),
    #[error("Cette archive ne contient pas de fichier .csv.")]
    Archive,
    #[error(
        "Ce fichier se décompresse en un volume trop grand\u{a0}: lisez-le sur le serveur avec «\u{a0}maillage sirene\u{a0}»."
    )]
    TooLarge,
    #[error("Ce fichier est endommagé et n’a pas pu être lu.")]
    Damaged,
}

/// An establishment of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Site {
    pub(super) siret: String,
    pub(super) siren: String,
    pub(super) name: Option<String>,
    pub(super) naf: Option<String>,
    pub(super) headcount: Option<String>,
    pub(super) address: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) insee: String,
    pub(super) is_closed: bool,
    pub(super) is_diffusible: bool,
}

/// A legal unit: the name that its establishments bear when they have none of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Unit {
    pub(super) siren: String,
    pub(super) name: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Sites(Vec<Site>),
    Units(Vec<Unit>),
}

/// Which establishments are kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Wanted {
    pub communes: BTreeSet<String>,
    pub departments: BTreeSet<String>,
}

impl Wanted {
    fn has(&self, insee: &str) -> bool {
        let in_department = |department: &String| insee.starts_with(department.as_str());
        self.communes.contains(insee) || self.departments.iter().any(in_department)
    }
}

/// Reads a file of at most `limit` bytes once unpacked, handing over what is wanted with how much of it is
/// read, until told to stop.
///
/// # Errors
/// When it is not one of the two files, or too large.
pub(super) fn read(
    mut source: impl Read + Seek,
    limit: u64,
    wanted: &Wanted,
    take: &mut dyn FnMut(Chunk, i32) -> ControlFlow<()>,
) -> Result<(), Unfit> {
    let mut start = [0; 4];
    let read = source.read(&mut start).map_err(|_| Unfit::Damaged)?;
    let size = source.seek(SeekFrom::End(0)).map_err(|_| Unfit::Damaged)?;
    source.seek(SeekFrom::Start(0)).map_err(|_| Unfit::Damaged)?;
    if start[..read] != *b"PK\x03\x04" {
        return lines(source, (size, limit), wanted, take);
    }
    let mut archive = ZipArchive::new(source).map_err(|_| Unfit::Damaged)?;
    let mut table = None;
    for rank in 0..archive.len() {
        let entry = archive.by_index_raw(rank).map_err(|_| Unfit::Damaged)?;
        if entry.name().is_ok_and(|name| name.ends_with(".csv")) {
            table = Some(rank);
        }
    }
    let entry = archive
        .by_index(table.ok_or(Unfit::Archive)?)
        .map_err(|_| Unfit::Damaged)?;
    let size = entry.size();
    if size > limit {
        return Err(Unfit::TooLarge);
    }
    lines(entry, (size, limit), wanted, take)
}

/// A file read one line at a time: a line without end is an error before it fills the memory.
struct Lined<R> {
    source: R,
    /// Bytes that the line being read may still take.
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Lined<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.get() == 0 {
            return Err(std::io::Error::other("a line without end"));
        }
        let read = self.source.read(buffer)?;
        let taken = u64::try_from(read).unwrap_or(u64::MAX);
        self.left.set(self.left.get().saturating_sub(taken));
        Ok(read)
    }
}

/// Where the columns are, by INSEE's names.
struct Columns(BTreeMap<String, usize>);

impl Columns {
    fn text<'a>(&self, line: &'a StringRecord, name: &str) -> Option<&'a str> {
        let text = line.get(*self.0.get(name)?)?.trim();
        (!text.is_empty() && text != "[ND]").then_some(text)
    }

    fn require(&self, name: &'static str) -> Result<(), Unfit> {
        if self.0.contains_key(name) {
            Ok(())
        } else {
            Err(Unfit::Column(name))
        }
    }
}

fn lines(
    source: impl Read,
    (size, limit): (u64, u64),
    wanted: &Wanted,
    take: &mut dyn FnMut(Chunk, i32) -> ControlFlow<()>,
) -> Result<(), Unfit> {
    let left = Rc::new(Cell::new(LONGEST_LINE));
    let extent = Extent {
        size,
        limit,
        left: Rc::clone(&left),
    };
    let source = Lined { source, left };
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(source);
    let titles = reader.headers().map_err(|_| Unfit::Damaged)?;
    let names = titles.iter().enumerate();
    let columns = Columns(
        names
            .map(|(rank, name)| (name.trim_start_matches('\u{feff}').to_owned(), rank))
            .collect(),
    );
    if columns.0.contains_key("siret") {
        columns.require("codeCommuneEtablissement")?;
        columns.require("etatAdministratifEtablissement")?;
        let site = |line: &StringRecord| site(&columns, line).filter(|site| wanted.has(&site.insee));
        chunks(&mut reader, &extent, &site, &mut |rows, percent| {
            take(Chunk::Sites(rows), percent)
        })
    } else {
        columns.require("siren")?;
        columns.require("denominationUniteLegale")?;
        let unit = |line: &StringRecord| unit(&columns, line);
        chunks(&mut reader, &extent, &unit, &mut |rows, percent| {
            take(Chunk::Units(rows), percent)
        })
    }
}

/// How large a file says it is and may be.
struct Extent {
    size: u64,
    limit: u64,
    left: Rc<Cell<u64>>,
}

fn chunks<T>(
    reader: &mut Reader<impl Read>,
    extent: &Extent,
    read: &dyn Fn(&StringRecord) -> Option<T>,
    take: &mut dyn FnMut(Vec<T>, i32) -> ControlFlow<()>,
) -> Result<(), Unfit> {
    let mut line = StringRecord::new();
    let mut rows = Vec::with_capacity(CHUNK);
    let mut seen = 0_usize;
    while reader.read_record(&mut line).map_err(|_| Unfit::Damaged)? {
        extent.left.set(LONGEST_LINE);
        let byte = reader.position().byte();
        if byte > extent.limit {
            return Err(Unfit::TooLarge);
        }
        seen += 1;
        rows.extend(read(&line));
        // Now and then even when nothing is kept: the national file has millions of other lines.
        if rows.len() >= CHUNK || seen.is_multiple_of(100 * CHUNK) {
            let percent = byte.saturating_mul(100) / extent.size.max(1);
            let percent = i32::try_from(percent).unwrap_or(99).min(99);
            if take(std::mem::take(&mut rows), percent).is_break() {
                return Ok(());
            }
        }
    }
    let _end = take(rows, 99);
    Ok(())
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn site(columns: &Columns, line: &StringRecord) -> Option<Site> {
    let text = |name: &str| columns.text(line, name);
    let owned = |name: &str| text(name).map(str::to_owned);
    let siret = owned("siret").filter(|siret| is_number(siret, 14))?;
    let is_diffusible = text("statutDiffusionEtablissement").is_none_or(|status| status == "O");
    let name = owned("denominationUsuelleEtablissement").or_else(|| owned("enseigne1Etablissement"));
    let street = [
        "numeroVoieEtablissement",
        "indiceRepetitionEtablissement",
        "typeVoieEtablissement",
        "libelleVoieEtablissement",
    ];
    let street: Vec<&str> = street.into_iter().filter_map(text).collect();
    Some(Site {
        siren: siret[..9].to_owned(),
        name: name.filter(|_| is_diffusible),
        naf: owned("activitePrincipaleEtablissement"),
        headcount: owned("trancheEffectifsEtablissement"),
        address: Some(street.join(" ")).filter(|street| is_diffusible && !street.is_empty()),
        postal_code: owned("codePostalEtablissement"),
        insee: owned("codeCommuneEtablissement")?,
        is_closed: text("etatAdministratifEtablissement") == Some("F"),
        is_diffusible,
        siret,
    })
}

fn unit(columns: &Columns, line: &StringRecord) -> Option<Unit> {
    let text = |name: &str| columns.text(line, name);
    let is_diffusible = text("statutDiffusionUniteLegale").is_none_or(|status| status == "O");
    let given = text("prenomUsuelUniteLegale").or_else(|| text("prenom1UniteLegale"));
    let family = text("nomUsageUniteLegale").or_else(|| text("nomUniteLegale"));
    let person: Vec<&str> = [given, family].into_iter().flatten().collect();
    let name = text("denominationUniteLegale")
        .map(str::to_owned)
        .or_else(|| Some(person.join(" ")).filter(|name| !name.is_empty()));
    Some(Unit {
        siren: text("siren").filter(|siren| is_number(siren, 9))?.to_owned(),
        name: name.filter(|_| is_diffusible),
    })
}

#[cfg(test)]
mod tests {
    use super::{Chunk, Site, Unfit, Unit, Wanted, read};
    use std::io::{Cursor, Write};
    use std::ops::ControlFlow;

    const SITES: &[u8] = include_bytes!("StockEtablissement_extrait_fictif.csv");
    const UNITS: &[u8] = include_bytes!("StockUniteLegale_extrait_fictif.csv");

    fn all(bytes: &[u8], wanted: &Wanted) -> Result<(Vec<Site>, Vec<Unit>), Unfit> {
        let (mut sites, mut units) = (Vec::new(), Vec::new());
        read(Cursor::new(bytes), super::UPLOADED, wanted, &mut |chunk, _| {
            match chunk {
                Chunk::Sites(rows) => sites.extend(rows),
                Chunk::Units(rows) => units.extend(rows),
            }
            ControlFlow::Continue(())
        })?;
        Ok((sites, units))
    }

    fn vendome() -> Wanted {
        Wanted {
            communes: ["41269".to_owned()].into(),
            ..Wanted::default()
        }
    }

    #[test]
    fn only_the_wanted_communes_are_kept() {
        let here = all(SITES, &vendome()).unwrap().0;
        assert!(!here.is_empty() && here.iter().all(|site| site.insee == "41269"));
        let department = Wanted {
            departments: ["41".to_owned()].into(),
            ..Wanted::default()
        };
        assert!(all(SITES, &department).unwrap().0.len() > here.len());
    }

    #[test]
    fn who_asked_not_to_be_listed_has_no_name_nor_address() {
        let sites = all(SITES, &vendome()).unwrap().0;
        let hidden: Vec<_> = sites.iter().filter(|site| !site.is_diffusible).collect();
        assert_eq!(hidden.len(), 1);
        assert_eq!((&hidden[0].name, &hidden[0].address), (&None, &None));
        assert!(sites.iter().any(|site| site.is_closed));
        assert!(
            all(UNITS, &vendome())
                .unwrap()
                .1
                .iter()
                .any(|unit| unit.name.is_none())
        );
    }

    #[test]
    fn an_archive_is_read_like_the_text_within() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(
            "StockEtablissement_utf8.csv",
            zip::write::SimpleFileOptions::default(),
        )
        .unwrap();
        zip.write_all(SITES).unwrap();
        let archive = zip.finish().unwrap().into_inner();
        assert_eq!(
            all(&archive, &vendome()).unwrap(),
            all(SITES, &vendome()).unwrap()
        );
    }

    const HEAD: &str = "siret,codeCommuneEtablissement,etatAdministratifEtablissement\n";

    #[test]
    fn a_file_that_grows_without_end_is_refused() {
        let long = format!("{HEAD}\"{}", "a\n".repeat(600_000));
        assert!(matches!(
            all(long.as_bytes(), &vendome()).unwrap_err(),
            Unfit::Damaged
        ));
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default();
        zip.start_file("StockEtablissement.csv", stored).unwrap();
        zip.write_all(SITES).unwrap();
        let archive = zip.finish().unwrap().into_inner();
        let limit = u64::try_from(SITES.len()).unwrap() - 1;
        let mut ignored = |_: Chunk, _: i32| ControlFlow::Continue(());
        for bytes in [&archive[..], SITES] {
            let refused = read(Cursor::new(bytes), limit, &vendome(), &mut ignored);
            assert!(matches!(refused.unwrap_err(), Unfit::TooLarge));
        }
    }

    #[test]
    fn a_number_that_is_none_is_passed_over() {
        let odd = format!("{HEAD}7328293é000074,41269,A\n");
        assert_eq!(all(odd.as_bytes(), &vendome()).unwrap().0, []);
    }

    #[test]
    fn another_file_is_refused() {
        let error = all(b"siret,nom\n1,2\n", &vendome()).unwrap_err();
        assert!(error.to_string().contains("codeCommuneEtablissement"), "{error}");
    }
}
