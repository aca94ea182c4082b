//! The workload of the benchmarks: two tables in the format of the import, always the same for a size.
//!
//! Real communes as places (one département up to 20,000 flows, a region and its neighbours up to
//! 300,000, the whole mainland above), most sites in activity zones of 5 to 200 firms within a
//! kilometre, about 14 flows a site, popularity of the categories by Zipf's law with the steering
//! committee's priorities first, log-normal quantities, availability by month. Names are placeholders.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use maillage::nomenclature::{Catalogue, Category};

/// Flows of a site, on average.
const FLOWS_PER_SITE: usize = 14;
/// The categories that come first.
const FIRST: [&str; 14] = [
    "MAT-01", "MAT-03", "RHC-05", "ENE-01", "MAT-27", "RHC-01", "MOB-01", "MAT-26", "MAT-10", "MAT-17",
    "ENE-04", "ENE-05", "ESP-01", "LOG-01",
];
const REGION: [&str; 15] = [
    "41", "45", "28", "37", "36", "18", "72", "49", "86", "89", "58", "91", "78", "61", "27",
];

/// Numbers drawn one after the other, the same every time (splitmix).
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / 4_294_967_296.0
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count.max(1) as u64).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }

    /// Around zero, with a deviation of one.
    pub(crate) fn normal(&mut self) -> f64 {
        let (far, turn) = ((1.0 - self.share()).ln(), self.share());
        (-2.0 * far).sqrt() * (std::f64::consts::TAU * turn).cos()
    }
}

/// Draws by weight.
struct Weighted {
    sums: Vec<f64>,
}

impl Weighted {
    fn new(weights: impl Iterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let sums = weights.map(|weight| {
            sum += weight;
            sum
        });
        Self { sums: sums.collect() }
    }

    fn draw(&self, draw: &mut Draw) -> usize {
        let wanted = draw.share() * self.sums.last().copied().unwrap_or_default();
        self.sums
            .partition_point(|sum| *sum <= wanted)
            .min(self.sums.len() - 1)
    }
}

struct Commune {
    name: String,
    postal_code: String,
    lat: f64,
    lon: f64,
    weight: f64,
}

/// The communes of the départements that a size asks for. `csv` has the columns of the embedded list.
fn communes(csv: &str, flows: usize) -> Vec<Commune> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let titles = reader.headers().expect("a header").clone();
    let column = |name: &str| titles.iter().position(|title| title == name).expect("a column");
    let [department, name, population, codes, lon, lat] =
        ["departement", "nom", "population", "codes_postaux", "lon", "lat"].map(column);
    let wanted = |department: &str| match flows {
        0..=20_000 => department == "41",
        20_001..=300_000 => REGION.contains(&department),
        _ => department.len() == 2,
    };
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.filter(|row| wanted(&row[department]))
        .filter_map(|row| {
            let people: f64 = row[population].parse().unwrap_or(1.0);
            Some(Commune {
                name: row[name].to_owned(),
                postal_code: row[codes].split(' ').next().unwrap_or_default().to_owned(),
                lat: row[lat].parse().ok()?,
                lon: row[lon].parse().ok()?,
                weight: people.max(1.0).powf(0.8),
            })
        })
        .collect()
}

/// Writes `etablissements.csv` and `flux.csv` into an existing directory.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(dir: &Path, flows: usize, communes_csv: &str) -> std::io::Result<()> {
    let mut draw = Draw::new(42);
    let sites = (flows / FLOWS_PER_SITE).max(2);
    write_sites(
        &dir.join("etablissements.csv"),
        sites,
        &communes(communes_csv, flows),
        &mut draw,
    )?;
    write_flows(&dir.join("flux.csv"), flows, sites, &mut draw)
}

fn write_sites(path: &Path, count: usize, communes: &[Commune], draw: &mut Draw) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "reference;nom;siret;naf;effectif;adresse;code_postal;commune;latitude;longitude"
    )?;
    let weighted = Weighted::new(communes.iter().map(|commune| commune.weight));
    let mut made = 0;
    while made < count {
        let commune = &communes[weighted.draw(draw)];
        let (firms, spread) = if draw.share() < 0.12 {
            (*draw.pick(&[5, 8, 12, 20, 35, 60, 120, 200]), 0.4)
        } else {
            (1 + draw.below(4), 2.0)
        };
        let lat = commune.lat + draw.normal() * 1.2 / 111.0;
        let lon = commune.lon + draw.normal() * 1.2 / 75.0;
        for _ in 0..firms.min(count - made) {
            let (lat, lon) = (
                lat + draw.normal() * spread / 111.0,
                lon + draw.normal() * spread / 75.0,
            );
            writeln!(
                file,
                "E{made};Site {made};;;;;{};{};{lat:.5};{lon:.5}",
                commune.postal_code, commune.name
            )?;
            made += 1;
        }
    }
    file.flush()
}

fn write_flows(path: &Path, count: usize, sites: usize, draw: &mut Draw) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "reference;etablissement;sens;libelle;code;code_dechet;quantite;unite;periode;mois"
    )?;
    let mut categories: Vec<&Category> = Catalogue::embedded().categories().iter().collect();
    let place = |category: &Category| FIRST.iter().position(|code| *code == category.code.as_str());
    categories.sort_by_key(|category| (place(category).unwrap_or(FIRST.len()), category.code));
    let weighted = Weighted::new((1..=categories.len()).map(|rank| (rank as f64).powf(-0.9)));
    for flow in 0..count {
        let category = categories[weighted.draw(draw)];
        let out = category.outbound && (!category.inbound || draw.share() < 0.45);
        let months = if draw.share() < 0.6 {
            String::new()
        } else {
            months(draw)
        };
        writeln!(
            file,
            "F{flow};E{};{};{};{};;{:.2};{};an;{months}",
            draw.below(sites),
            if out { "sortant" } else { "entrant" },
            category.label,
            category.code,
            (2.5 + 1.3 * draw.normal()).exp(),
            category.unit.code(),
        )?;
    }
    file.flush()
}

/// Three to nine months.
fn months(draw: &mut Draw) -> String {
    let wanted = 3 + draw.below(7);
    let mut months: Vec<usize> = (1..=12).collect();
    while months.len() > wanted {
        let gone = draw.below(months.len());
        months.remove(gone);
    }
    let texts: Vec<String> = months.iter().map(usize::to_string).collect();
    texts.join(",")
}
