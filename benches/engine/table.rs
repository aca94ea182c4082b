//! The table of a run: a line by size, a column by what was measured.

use crate::measure::Cost;
use crate::{Figures, count};

const TITLES: [&str; 15] = [
    "flux",
    "CSV s",
    "index s",
    "recherche s (CPU)",
    "groupes s",
    "octets/flux",
    "modif. p50 µs",
    "p99 µs",
    "tâche simple s (CPU)",
    "PostGIS s",
    "(CPU)",
    "simple",
    "complète",
    "DBSCAN s",
    "PostgreSQL s",
];

pub(crate) fn head(label: f64) -> String {
    format!(
        "Un libellé se classe en {label:.1} µs.\n\n| {} |\n|{}",
        TITLES.join(" | "),
        " ---: |".repeat(TITLES.len())
    )
}

pub(crate) fn foot(all: &[Figures]) -> String {
    let mut lines = vec![String::new()];
    lines.extend(all.iter().filter_map(answers));
    lines.extend(all.iter().filter_map(load));
    lines.extend(growth(all));
    lines.push(
        "« Simple » : combien de fois PostGIS demande plus de calcul que le moteur pour la même tâche (une catégorie, un \
         rayon, distance, quantité et mois), index compris ; « complète » : que le moteur avec toutes ses règles et son \
         score entier."
            .to_owned(),
    );
    lines.join("\n")
}

pub(crate) fn row(figures: &Figures) -> String {
    let absent = || "-".to_owned();
    let postgis = figures.postgis.as_ref();
    let times = |ours: Cost| {
        postgis.map_or_else(absent, |postgis| {
            let ratio = postgis
                .cpu
                .map_or(postgis.query / ours.seconds, |cpu| cpu / ours.cpu);
            format!("×{ratio:.0}")
        })
    };
    let cells = [
        figures.flows.to_string(),
        format!("{:.2}", figures.reading.seconds),
        format!("{:.3}", figures.index.seconds),
        format!("{:.3} ({:.2})", figures.search.seconds, figures.search.cpu),
        format!("{:.2}", figures.groups.seconds),
        format!("{:.0}", figures.bytes_per_flow),
        format!("{:.0}", figures.edits[0]),
        format!("{:.0}", figures.edits[1]),
        format!("{:.3} ({:.2})", figures.plain.run.seconds, figures.plain.run.cpu),
        postgis.map_or_else(absent, |postgis| format!("{:.1}", postgis.query)),
        postgis
            .and_then(|postgis| postgis.cpu)
            .map_or_else(absent, |cpu| format!("{cpu:.1}")),
        times(figures.plain.run),
        times(figures.run()),
        postgis.map_or_else(absent, |postgis| format!("{:.2}", postgis.clusters)),
        figures
            .load
            .as_ref()
            .map_or_else(absent, |load| format!("{:.2}", load.cost.seconds)),
    ];
    format!("| {} |", cells.join(" | "))
}

/// How many partners each found: that it is the same task.
fn answers(figures: &Figures) -> Option<String> {
    let postgis = figures.postgis.as_ref()?;
    let sampled = if postgis.sampled {
        " (échantillon, durée extrapolée)"
    } else {
        ""
    };
    Some(format!(
        "{} flux : {} partenaires par la tâche simple, {} par PostGIS{sampled}.",
        figures.flows, figures.plain.answers, postgis.answers
    ))
}

fn load(figures: &Figures) -> Option<String> {
    let load = figures.load.as_ref()?;
    Some(format!(
        "Lecture de {} flux depuis PostgreSQL : {}, soit {:.1} µs par flux.",
        load.flows,
        load.cost,
        load.cost.seconds * 1e6 / count(load.flows)
    ))
}

/// How the work grows from the last size but one to the last, in seconds of processor.
fn growth(all: &[Figures]) -> Option<String> {
    let [.., before, last] = all else {
        return None;
    };
    let exponent =
        |cost: fn(&Figures) -> f64| (cost(last) / cost(before)).log(count(last.flows) / count(before.flows));
    Some(format!(
        "Croissance de {} à {} flux, en secondes de calcul : exposant {:.2}, {:.2} pour la tâche simple.",
        before.flows,
        last.flows,
        exponent(|figures| figures.run().cpu),
        exponent(|figures| figures.plain.run.cpu)
    ))
}
