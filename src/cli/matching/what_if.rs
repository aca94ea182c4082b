//! `--what-if`: hypotheses as an analyst types them, and the difference they make.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Cursor, Write};
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Context;

use super::Outside;
use crate::engine::{Amount, Change, Difference, Key, Pair, Totals};
use crate::exchange::network;
use crate::exchange::tabular::{self, Limits};
use crate::kernel::{fold, format_number};
use crate::nomenclature::{Catalogue, FactorKey};

/// Lines shown of each list.
const SHOWN: usize = 10;

/// Reads « gazole=+20% », « rayon=x2 », « etablissement=FICHIER.csv », « sans=REFERENCE ».
///
/// # Errors
/// When the hypothesis names nothing known, or its file cannot be read.
pub(super) fn change(text: &str, outside: &Outside<'_>) -> anyhow::Result<Vec<Change>> {
    let wrong = || {
        anyhow::anyhow!(
            "«\u{a0}{text}\u{a0}» n’est pas une hypothèse. Exemples\u{a0}: gazole=+20%, tgap=+30%, MAT-01.valeur=90, \
             rayon=x2, etablissement=nouveau.csv, sans=REFERENCE."
        )
    };
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    match name.trim() {
        "etablissement" => arrivals(Path::new(value.trim()), outside),
        "sans" => Ok(vec![Change::Departure(Key::new(value.trim()))]),
        "rayon" => match Amount::parse(value) {
            Some(Amount::Times(times) | Amount::Exactly(times)) if times > 0.0 => {
                Ok(vec![Change::Radius(times)])
            }
            Some(_) | None => Err(wrong()),
        },
        key => {
            let key = FactorKey::find(key).ok_or_else(wrong)?;
            let amount = Amount::parse(value).ok_or_else(wrong)?;
            Ok(vec![Change::factor(key, amount).ok_or_else(wrong)?])
        }
    }
}

/// The establishments of a file that has one row per flow: the columns of `flux.csv` and, repeated, those of
/// the establishment (`nom`, `commune`, `latitude`…).
fn arrivals(path: &Path, outside: &Outside<'_>) -> anyhow::Result<Vec<Change>> {
    let name = || path.display().to_string();
    let open = || File::open(path).map(BufReader::new).with_context(name);
    let sites = network::read_sites(
        Cursor::new(retitled(open()?, establishment_title, "reference")?),
        &Limits::DESK,
        outside.locate,
    )
    .with_context(name)?;
    let known: BTreeSet<String> = sites.rows.iter().map(|row| row.reference.clone()).collect();
    let flows = Cursor::new(retitled(open()?, flow_title, "")?);
    let flows = network::read_flows(flows, &Limits::DESK, &known).with_context(name)?;
    if let Some(refusal) = sites.refusals.iter().chain(&flows.refusals).next() {
        anyhow::bail!("{}\u{a0}: {refusal}", name());
    }
    let facts = network::facts(sites.rows, flows.rows, Catalogue::embedded());
    let arrivals = facts.sites.into_iter().map(|site| {
        let flows = facts
            .flows
            .iter()
            .filter(|flow| flow.site == site.key)
            .cloned()
            .collect();
        Change::Arrival(Box::new(site), flows)
    });
    Ok(arrivals.collect())
}

/// The same table under other titles; of the rows that share what is in the column `once`, the first one.
fn retitled(file: BufReader<File>, title: fn(&str) -> String, once: &str) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_writer(Vec::new());
    let mut titles: Option<Vec<String>> = None;
    let mut seen = BTreeSet::new();
    let mut failed = Ok(());
    tabular::read(file, &Limits::DESK, &mut |row| {
        let written = match &titles {
            None => {
                let line: Vec<String> = row.cells.iter().map(|cell| title(cell)).collect();
                writer.write_record(titles.insert(line))
            }
            Some(titles) => {
                let column = titles.iter().position(|title| title == once);
                if column.is_none_or(|column| seen.insert(row.cells.get(column).cloned())) {
                    writer.write_record(row.cells)
                } else {
                    Ok(())
                }
            }
        };
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Err(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed?;
    Ok(writer.into_inner()?)
}

/// The establishment is what the flow's row refers to.
fn establishment_title(title: &str) -> String {
    match fold(title).as_str() {
        "reference" => "reference du flux".to_owned(),
        "etablissement" => "reference".to_owned(),
        _ => title.to_owned(),
    }
}

/// Here the name is the establishment's, elsewhere it may be the flow's.
fn flow_title(title: &str) -> String {
    match fold(title).as_str() {
        "nom" => "nom de l’établissement".to_owned(),
        _ => title.to_owned(),
    }
}

/// Prints a difference in French.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn show(difference: &Difference, out: &mut impl Write) -> std::io::Result<()> {
    totals("Aujourd’hui", difference.before, out)?;
    totals("Avec ces hypothèses", difference.after, out)?;
    list("Propositions qui entreraient", &difference.entered, out)?;
    list("Propositions qui sortiraient", &difference.left, out)?;
    writeln!(
        out,
        "Propositions qui changeraient\u{a0}: {}",
        difference.moved.len()
    )?;
    for moved in difference.moved.iter().take(SHOWN) {
        let gain = moved.gain().map_or_else(
            || "gain non estimé".to_owned(),
            |euros| signed(euros, 0, "€ par an"),
        );
        writeln!(
            out,
            "  {} → {}  score {}, {gain}",
            moved.after.out_flow,
            moved.after.in_flow,
            signed(moved.score(), 1, "point")
        )?;
    }
    Ok(())
}

fn totals(when: &str, totals: Totals, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{when}\u{a0}: {}, {}, gains par an\u{a0}: {}, CO₂ évité par an\u{a0}: {}",
        counted(totals.proposals, "proposition"),
        counted(totals.groups, "groupe"),
        estimated(totals.gain_eur, 0, "€"),
        estimated(totals.tco2e, 1, "t"),
    )
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count}\u{a0}{noun}{}", if count > 1 { "s" } else { "" })
}

fn estimated(value: Option<f64>, decimals: usize, unit: &str) -> String {
    value.map_or_else(
        || "non estimé".to_owned(),
        |value| format!("{}\u{a0}{unit}", format_number(value, decimals)),
    )
}

fn list(title: &str, pairs: &[Pair], out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{title}\u{a0}: {}", pairs.len())?;
    for pair in pairs.iter().take(SHOWN) {
        writeln!(out, "  {:>3.0}  {} → {}", pair.score, pair.out_flow, pair.in_flow)?;
    }
    Ok(())
}

/// « +3,5 points ».
fn signed(value: f64, decimals: usize, unit: &str) -> String {
    let plus = if value > 0.0 { "+" } else { "" };
    let plural = if unit == "point" && value.abs() >= 2.0 {
        "s"
    } else {
        ""
    };
    format!("{plus}{}\u{a0}{unit}{plural}", format_number(value, decimals))
}
