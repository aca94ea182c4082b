//! `make bench`: the engine on generated territories, in one table, beside `PostGIS` on the same files.
//!
//! Machines are noisy: compare ratios and CPU seconds of one run, never seconds of two.

mod load;
mod measure;
mod plain;
mod postgis;
mod table;
mod workload;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::NaiveDate;
use maillage::engine::{Engine, Facts, Flow, Key, Live, Params};
use maillage::exchange::network;
use maillage::exchange::tabular::Limits;
use maillage::nomenclature::Catalogue;

use measure::{Cost, measured, megabytes};
use workload::Draw;

/// Edits measured.
const EDITS: usize = 4_000;
/// Labels classified to know what one costs.
const LABELS: usize = 2_000;

/// What one size costs.
struct Figures {
    flows: usize,
    reading: Cost,
    index: Cost,
    search: Cost,
    groups: Cost,
    bytes_per_flow: f64,
    /// Microseconds: half of the edits, and all but a hundredth.
    edits: [f64; 2],
    /// The task of `PostGIS`, and what it costs there.
    plain: plain::Figures,
    postgis: Option<postgis::Figures>,
    /// Reading from `PostgreSQL`.
    load: Option<load::Figures>,
}

impl Figures {
    /// Index and ranked search.
    fn run(&self) -> Cost {
        self.index.and(self.search)
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read(std::env::args().skip(1));
    let mut out = std::io::stdout();
    writeln!(out, "{}", table::head(classification()))?;
    let mut all = Vec::new();
    for flows in &arguments.sizes {
        let figures = figures(*flows, &arguments)?;
        writeln!(out, "{}", table::row(&figures))?;
        all.push(figures);
    }
    writeln!(out, "{}", table::foot(&all))?;
    Ok(())
}

struct Arguments {
    sizes: Vec<usize>,
    /// A `PostGIS` to compare with, and how many outbound flows it answers at most.
    database: Option<String>,
    sample: usize,
    communes: PathBuf,
    dir: PathBuf,
}

impl Arguments {
    fn read(given: impl Iterator<Item = String>) -> Self {
        let sizes: Vec<usize> = given.filter_map(|text| text.parse().ok()).collect();
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self {
            sizes: if sizes.is_empty() {
                vec![10_000, 100_000, 1_000_000]
            } else {
                sizes
            },
            database: std::env::var("BENCH_DATABASE_URL")
                .ok()
                .filter(|url| !url.is_empty()),
            sample: std::env::var("SAMPLE")
                .ok()
                .and_then(|text| text.parse().ok())
                .unwrap_or(0),
            communes: project.join("src/territories/communes.csv"),
            dir: project.join("target/bench"),
        }
    }
}

/// Microseconds to classify one label, misspelt so that no two are the same.
fn classification() -> f64 {
    let catalogue = Catalogue::embedded();
    let mut draw = Draw::new(7);
    let labels: Vec<String> = (0..LABELS)
        .map(|rank| {
            let categories = catalogue.categories();
            let category = &categories[draw.below(categories.len())];
            let words = &category.synonyms[draw.below(category.synonyms.len())];
            format!("{words} lot {rank}")
        })
        .collect();
    let (found, cost) = measured(|| {
        labels
            .iter()
            .map(|label| catalogue.classify(label, None, None).len())
            .sum()
    });
    let found: usize = found;
    assert!(found > 0, "labels of the catalogue are recognised");
    cost.seconds * 1e6 / f64::from(u32::try_from(LABELS).unwrap_or(1))
}

fn figures(flows: usize, arguments: &Arguments) -> anyhow::Result<Figures> {
    let dir = arguments.dir.join(flows.to_string());
    if !dir.join("flux.csv").exists() {
        std::fs::create_dir_all(&dir)?;
        let communes = std::fs::read_to_string(&arguments.communes)?;
        workload::write(&dir, flows, &communes)?;
    }
    let (facts, reading) = measured(|| read(&dir));
    let facts = facts?;
    let params = Params::new(NaiveDate::from_ymd_opt(2026, 11, 24).context("a day")?);
    let catalogue = Catalogue::embedded();
    let before = megabytes("VmRSS");
    let (engine, index) = measured(|| Engine::new(&facts, catalogue, &params));
    let (found, search) = measured(|| engine.search());
    let bytes_per_flow = (megabytes("VmRSS") - before) * 1_048_576.0 / count(flows);
    assert!(!found.is_empty(), "a territory has partners");
    drop(found);
    let (groups, groups_cost) = measured(|| engine.groups(&facts.groups));
    assert!(!groups.is_empty(), "a territory has groups");
    drop((engine, groups));
    let plain = plain::figures(&facts, &params);
    let edits = edits(&facts, &params);
    let (postgis, load) = match &arguments.database {
        Some(url) => {
            let postgis = postgis::figures(&dir, url, arguments.sample)?;
            (
                postgis,
                Some(load::figures(url, flows.min(load::MOST), params.today)?),
            )
        }
        None => (None, None),
    };
    Ok(Figures {
        flows,
        reading,
        index,
        search,
        groups: groups_cost,
        bytes_per_flow,
        edits,
        plain,
        postgis,
        load,
    })
}

fn read(dir: &Path) -> anyhow::Result<Facts> {
    let open = |name: &str| std::fs::File::open(dir.join(name));
    let sites = network::read_sites(open("etablissements.csv")?, &Limits::DESK, &|_, _| None)?;
    let known = sites.rows.iter().map(|row| row.reference.clone()).collect();
    let flows = network::read_flows(open("flux.csv")?, &Limits::DESK, &known)?;
    anyhow::ensure!(flows.refusals.is_empty(), "{:?}", flows.refusals.first());
    Ok(network::facts(sites.rows, flows.rows, Catalogue::embedded()))
}

/// Microseconds of an edit: half of them, and all but a hundredth. A quarter each of additions, removals,
/// new quantities and moves to another site.
fn edits(facts: &Facts, params: &Params) -> [f64; 2] {
    let mut live = Live::new(facts, Catalogue::embedded(), params);
    let mut draw = Draw::new(3);
    let mut costs: Vec<f64> = (0..EDITS)
        .map(|rank| {
            let known = facts.flows[draw.below(facts.flows.len())].clone();
            let edited = match rank % 4 {
                0 => Flow {
                    key: Key::new(format!("N{rank}")),
                    ..known
                },
                1 => known,
                2 => Flow {
                    annual: known.annual.map(|annual| annual * (0.5 + draw.share())),
                    ..known
                },
                _ => Flow {
                    site: facts.sites[draw.below(facts.sites.len())].key.clone(),
                    ..known
                },
            };
            let edit = || match rank % 4 {
                1 => live.remove_flow(&edited.key),
                _ => live.put_flow(edited).is_ok(),
            };
            measured(edit).1.seconds * 1e6
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    [costs[EDITS / 2], costs[EDITS * 99 / 100]]
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
