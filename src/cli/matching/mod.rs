//! `maillage match`: the engine on two files, with no database and no server.
//!
//! For an analyst with a spreadsheet, for the benchmarks and for the quality tests. The files it writes
//! have the style of those it reads: `;`, decimal point, UTF-8 without mark.

mod files;
mod gazetteer;
mod what_if;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use chrono::NaiveDate;

use crate::engine::{self, Change, Counts, Engine, Facts, Outcome, Pair, Params, Proposals, Relay};
use crate::exchange::network::{self, FlowRow, Locate, SiteRow};
use crate::exchange::tabular::Limits;
use crate::nomenclature::Catalogue;

use files::{Writing, write_groups};

pub use gazetteer::Gazetteer;

/// Refusals shown on standard error; the rest is counted.
const SHOWN_REFUSALS: usize = 20;
/// Proposals held at once between the search and the file.
const WRITTEN_AT_ONCE: usize = 16_384;
/// Proposals named in the summary.
const NAMED: usize = 5;

/// Rapproche les flux de deux fichiers, sans base ni serveur
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Dossier qui contient etablissements.csv et flux.csv (ou .xlsx) ; synergies.csv et groupes.csv y sont écrits
    dir: PathBuf,
    /// Nombre de propositions gardées pour chaque flux sortant
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Ne propose rien au-delà de cette distance à vol d’oiseau
    #[arg(long, value_name = "KM", value_parser = kilometres)]
    radius: Option<f64>,
    /// Cherche aussi les filières en deux temps (donneur, traitement, receveur) pour les flux sans partenaire
    #[arg(long)]
    filieres: bool,
    /// Écrit le résultat complet en JSON sur la sortie standard, à la place du résumé
    #[arg(long)]
    json: bool,
    /// Compare avec une hypothèse, sans rien écrire : gazole=+20%, tgap=+30%, MAT-01.valeur=90, rayon=x2, etablissement=FICHIER.csv, sans=REFERENCE (répétable)
    #[arg(long = "what-if", value_name = "HYPOTHÈSE", conflicts_with = "json")]
    what_if: Vec<String>,
}

fn kilometres(text: &str) -> Result<f64, String> {
    let value = crate::kernel::parse_decimal(text).map_err(|error| error.to_string())?;
    if value > 0.0 {
        Ok(value)
    } else {
        Err("la distance doit être positive".to_owned())
    }
}

/// What the command reads from outside besides its files.
pub struct Outside<'a> {
    /// The day of the run.
    pub today: NaiveDate,
    /// Finds a commune.
    pub locate: &'a Locate<'a>,
}

impl Args {
    /// 0 when every row was read, 2 when some were refused, 1 when nothing could be done.
    pub fn run(
        &self,
        outside: &Outside<'_>,
        out: &mut impl Write,
        err: &mut impl Write,
    ) -> anyhow::Result<ExitCode> {
        let mut phases = Phases::start();
        let catalogue = Catalogue::embedded();
        let (rows, refusals) = match self.read(outside, err) {
            Ok(read) => read,
            Err(error) => {
                writeln!(err, "{error:#}")?;
                return Ok(ExitCode::from(1));
            }
        };
        phases.end("lecture");
        let facts = network::facts(rows.sites, rows.flows, catalogue);
        phases.end("classement");
        let params = Params {
            top: usize::from(self.top),
            limit_km: self.radius,
            ..Params::new(outside.today)
        };
        let Some(changes) = self.hypotheses(outside, &facts, err)? else {
            return Ok(ExitCode::from(1));
        };
        if !changes.is_empty() {
            what_if::show(&engine::what_if(&facts, catalogue, &params, &changes), out)?;
            return Ok(read_all(refusals));
        }
        let engine = Engine::new(&facts, catalogue, &params);
        phases.end("index");
        let found = engine.search();
        phases.end("appariement");
        let groups = engine.groups(&facts.groups);
        let open = groups.iter().filter(|group| group.left_out.is_none()).count();
        let explored = engine.explored(&found, open);
        phases.end("groupes");
        let relays = self.relays(&engine, &found, &facts, &params);
        phases.end("filières");
        let retained = found.retained() + explored.len();
        let counts = engine.counts([found.len(), retained, groups.len()]);
        write_groups(&self.dir.join("groupes.csv"), &groups)?;
        let mut pairs = Writing::begin(&self.dir.join("synergies.csv"), self.json)?;
        pairs.write_found(&engine, &found, &explored)?;
        pairs.write_relays(&relays)?;
        let (best, kept) = pairs.end()?;
        phases.end("écriture");
        if self.json {
            let version = params.version.clone();
            let outcome = Outcome {
                pairs: kept,
                groups,
                relays,
                counts,
                version,
            };
            serde_json::to_writer(&mut *out, &outcome)?;
            writeln!(out)?;
        } else {
            self.summarise(counts, &best, refusals, out)?;
        }
        phases.show(err)?;
        Ok(read_all(refusals))
    }

    /// The hypotheses asked for; nothing when one cannot be read, which is said.
    fn hypotheses(
        &self,
        outside: &Outside<'_>,
        facts: &Facts,
        err: &mut impl Write,
    ) -> std::io::Result<Option<Vec<Change>>> {
        let mut changes = Vec::new();
        for text in &self.what_if {
            match what_if::change(text, outside) {
                Ok(read) => changes.extend(read),
                Err(error) => {
                    writeln!(err, "{error:#}")?;
                    return Ok(None);
                }
            }
        }
        let absent = changes.iter().find_map(|change| match change {
            Change::Departure(key) => facts.sites.iter().all(|site| site.key != *key).then_some(key),
            Change::Factor(..) | Change::Radius(_) | Change::Arrival(..) => None,
        });
        if let Some(key) = absent {
            writeln!(err, "sans={key}\u{a0}: aucun établissement n’a cette référence.")?;
            return Ok(None);
        }
        Ok(Some(changes))
    }

    fn relays(&self, engine: &Engine<'_>, found: &Proposals, facts: &Facts, params: &Params) -> Vec<Relay> {
        if !self.filieres {
            return Vec::new();
        }
        let direct = engine.worth_storing(found, &BTreeSet::new());
        engine::relays(facts, Catalogue::embedded(), params, &direct)
    }

    fn read(&self, outside: &Outside<'_>, err: &mut impl Write) -> anyhow::Result<(Rows, usize)> {
        let sites = {
            let (file, name) = open(&self.dir, "etablissements")?;
            network::read_sites(file, &Limits::DESK, outside.locate).with_context(|| name)?
        };
        let known: BTreeSet<String> = sites.rows.iter().map(|row| row.reference.clone()).collect();
        let flows = {
            let (file, name) = open(&self.dir, "flux")?;
            network::read_flows(file, &Limits::DESK, &known).with_context(|| name)?
        };
        let refusals = sites.refusals.len() + flows.refusals.len();
        for refusal in sites.refusals.iter().chain(&flows.refusals).take(SHOWN_REFUSALS) {
            writeln!(err, "{refusal}")?;
        }
        if refusals > SHOWN_REFUSALS {
            writeln!(err, "… et {} autres lignes refusées.", refusals - SHOWN_REFUSALS)?;
        }
        for title in sites.ignored.iter().chain(&flows.ignored) {
            writeln!(err, "Colonne ignorée\u{a0}: «\u{a0}{title}\u{a0}».")?;
        }
        anyhow::ensure!(!sites.rows.is_empty(), "Aucun établissement n’a pu être lu.");
        anyhow::ensure!(!flows.rows.is_empty(), "Aucun flux n’a pu être lu.");
        Ok((
            Rows {
                sites: sites.rows,
                flows: flows.rows,
            },
            refusals,
        ))
    }

    fn summarise(
        &self,
        counts: Counts,
        best: &[Pair],
        refusals: usize,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        writeln!(
            out,
            "{} établissements, {} flux ({} sortants, {} entrants), {} à classer, {}",
            counts.sites,
            counts.flows,
            counts.outbound,
            counts.inbound,
            counts.unclassified,
            refused(refusals)
        )?;
        writeln!(
            out,
            "{} rapprochements dont {} retenus, {} groupes",
            counts.pairs, counts.retained, counts.groups
        )?;
        for pair in best {
            let reason = pair.explanation.strengths.first().map_or("", String::as_str);
            writeln!(
                out,
                "  {:>3.0}  {} → {}  {reason}",
                pair.score, pair.out_flow, pair.in_flow
            )?;
        }
        for name in ["synergies.csv", "groupes.csv"] {
            writeln!(out, "Écrit\u{a0}: {}", self.dir.join(name).display())?;
        }
        Ok(())
    }
}

/// 2 when some rows were refused.
fn read_all(refusals: usize) -> ExitCode {
    ExitCode::from(if refusals > 0 { 2 } else { 0 })
}

fn refused(count: usize) -> String {
    match count {
        0 => "aucune ligne refusée".to_owned(),
        1 => "1 ligne refusée".to_owned(),
        count => format!("{count} lignes refusées"),
    }
}

struct Rows {
    sites: Vec<SiteRow>,
    flows: Vec<FlowRow>,
}

/// Opens `name.csv`, else `name.xlsx`.
fn open(dir: &Path, name: &str) -> anyhow::Result<(BufReader<File>, String)> {
    for extension in ["csv", "xlsx"] {
        let path = dir.join(format!("{name}.{extension}"));
        match File::open(&path) {
            Ok(file) => {
                return Ok((
                    BufReader::with_capacity(1 << 16, file),
                    path.display().to_string(),
                ));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
    }
    anyhow::bail!("Il manque {name}.csv (ou {name}.xlsx) dans {}.", dir.display())
}

/// Seconds spent in each phase.
struct Phases {
    since: Instant,
    seconds: Vec<(&'static str, f64)>,
}

impl Phases {
    fn start() -> Self {
        Self {
            since: Instant::now(),
            seconds: Vec::new(),
        }
    }

    fn end(&mut self, name: &'static str) {
        let now = Instant::now();
        self.seconds.push((name, (now - self.since).as_secs_f64()));
        self.since = now;
    }

    fn show(&self, err: &mut impl Write) -> std::io::Result<()> {
        for (name, seconds) in &self.seconds {
            writeln!(err, "{name:<12} {seconds:>9.3} s")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
