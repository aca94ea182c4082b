//! The files that `maillage match` writes: one line for each proposal, one for each member of a group.

use super::{NAMED, WRITTEN_AT_ONCE};
use crate::engine::{Ask, Engine, Estimate, Group, Key, Pair, Proposals, Relay};
use anyhow::Context;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

const PAIR_COLUMNS: [&str; 15] = [
    "type",
    "score",
    "confiance",
    "retenue",
    "etablissement_sortant",
    "flux_sortant",
    "etablissement_entrant",
    "flux_entrant",
    "distance_km",
    "seuil_km",
    "gain_a_central",
    "gain_b_central",
    "tco2e",
    "raisons",
    "a_completer",
];

/// The proposals on their way to the file: there may be millions, and only the best are named at the end.
pub(super) struct Writing {
    writer: csv::Writer<BufWriter<File>>,
    best: Vec<Pair>,
    /// All of them, when the whole result is wanted.
    kept: Option<Vec<Pair>>,
}

impl Writing {
    pub(super) fn begin(path: &Path, keep: bool) -> anyhow::Result<Self> {
        Ok(Self {
            writer: table(path, &PAIR_COLUMNS)?,
            best: Vec::new(),
            kept: keep.then(Vec::new),
        })
    }

    fn write(&mut self, pairs: Vec<Pair>) -> anyhow::Result<()> {
        let rows: Vec<[String; 15]> = pairs.par_iter().map(row).collect();
        for row in rows {
            self.writer.write_record(row)?;
        }
        let mut best: Vec<&Pair> = pairs.iter().filter(|pair| pair.retained).collect();
        best.sort_by(|a, b| by_priority(a, b));
        best.truncate(NAMED);
        self.best.extend(best.into_iter().cloned());
        self.best.sort_by(by_priority);
        self.best.truncate(NAMED);
        if let Some(kept) = &mut self.kept {
            kept.extend(pairs);
        }
        Ok(())
    }

    pub(super) fn write_found(
        &mut self,
        engine: &Engine<'_>,
        found: &Proposals,
        explored: &BTreeSet<Key>,
    ) -> anyhow::Result<()> {
        for start in (0..found.len()).step_by(WRITTEN_AT_ONCE) {
            let mut some = engine.write(found, start..found.len().min(start + WRITTEN_AT_ONCE));
            for pair in some.iter_mut().filter(|pair| explored.contains(&pair.key)) {
                pair.explored();
            }
            self.write(some)?;
        }
        Ok(())
    }

    /// After the pairs, whose columns they share.
    pub(super) fn write_relays(&mut self, relays: &[Relay]) -> anyhow::Result<()> {
        for relay in relays {
            self.writer.write_record(relay_line(relay))?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> anyhow::Result<(Vec<Pair>, Vec<Pair>)> {
        self.writer.flush()?;
        Ok((self.best, self.kept.unwrap_or_default()))
    }
}

fn by_priority(a: &Pair, b: &Pair) -> Ordering {
    b.priority.total_cmp(&a.priority).then(a.key.cmp(&b.key))
}

fn row(pair: &Pair) -> [String; 15] {
    let asked = pair.explanation.to_ask.iter().map(Ask::sentence);
    let asked: Vec<String> = asked.collect();
    let reasons: Vec<&str> = pair
        .explanation
        .strengths
        .iter()
        .chain(&pair.explanation.weaknesses)
        .chain(&pair.explanation.changed)
        .map(String::as_str)
        .collect();
    [
        pair.kind.label().to_owned(),
        format!("{:.1}", pair.score),
        format!("{:.2}", pair.confidence),
        if pair.retained { "oui" } else { "non" }.to_owned(),
        plain(pair.out_site.as_str()),
        plain(pair.out_flow.as_str()),
        plain(pair.in_site.as_str()),
        plain(pair.in_flow.as_str()),
        figure(pair.distance_km, 2),
        figure(pair.break_even_km, 1),
        central(pair.giver_gain.as_ref(), 0),
        central(pair.receiver_gain.as_ref(), 0),
        central(pair.tco2e.as_ref(), 2),
        plain(&reasons.join(" ")),
        plain(&asked.join(" ")),
    ]
}

/// In the columns of a pair; who would do the treatment is said first among the reasons.
fn relay_line(relay: &Relay) -> [String; PAIR_COLUMNS.len()] {
    let who = match &relay.processor {
        Some(site) => format!("Prestataire\u{a0}: {site}."),
        None => "Prestataire à trouver.".to_owned(),
    };
    let explanation = &relay.explanation;
    let reasons = explanation.strengths.iter().chain(&explanation.weaknesses);
    let reasons: Vec<&str> = std::iter::once(who.as_str())
        .chain(reasons.map(String::as_str))
        .collect();
    let asked: Vec<String> = explanation.to_ask.iter().map(Ask::sentence).collect();
    let km = relay
        .second_km
        .map(|second| second + relay.first_km.unwrap_or(0.0));
    [
        "filière".to_owned(),
        format!("{:.1}", relay.score),
        format!("{:.2}", relay.confidence),
        if relay.retained { "oui" } else { "non" }.to_owned(),
        plain(relay.out_site.as_str()),
        plain(relay.out_flow.as_str()),
        plain(relay.in_site.as_str()),
        plain(relay.in_flow.as_str()),
        figure(km, 2),
        String::new(),
        central(relay.giver_gain.as_ref(), 0),
        central(relay.receiver_gain.as_ref(), 0),
        central(relay.tco2e.as_ref(), 2),
        plain(&reasons.join(" ")),
        plain(&asked.join(" ")),
    ]
}

const GROUP_COLUMNS: [&str; 10] = [
    "groupe",
    "type",
    "categorie",
    "etablissement",
    "flux",
    "quantite",
    "score",
    "gain_bas",
    "gain_central",
    "gain_haut",
];

/// One row per member; the gain is that of the whole group.
pub(super) fn write_groups(path: &Path, groups: &[Group]) -> anyhow::Result<()> {
    let mut writer = table(path, &GROUP_COLUMNS)?;
    for group in groups {
        let saving = |pick: fn(&Estimate) -> f64| figure(group.saving.as_ref().map(pick), 0);
        for member in &group.members {
            writer.write_record([
                plain(group.key.as_str()),
                "mutualisation".to_owned(),
                group.code.to_string(),
                plain(member.site.as_str()),
                plain(member.flow.as_str()),
                figure(member.quantity, 2),
                format!("{:.1}", group.score),
                saving(|estimate| estimate.low),
                saving(|estimate| estimate.central),
                saving(|estimate| estimate.high),
            ])?;
        }
    }
    writer.flush()?;
    Ok(())
}

fn table(path: &Path, columns: &[&str]) -> anyhow::Result<csv::Writer<BufWriter<File>>> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer(BufWriter::new(file));
    writer.write_record(columns)?;
    Ok(writer)
}

/// Unknown is empty, never zero.
fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

fn central(estimate: Option<&Estimate>, decimals: usize) -> String {
    figure(estimate.map(|estimate| estimate.central), decimals)
}

/// A text that a spreadsheet will not run as a formula.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
