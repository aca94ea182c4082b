//! Screen: every factor with its source, what is the territory's own, and the versions.

use super::model::{self, Group, written};
use super::store::{self, VersionRow};
use crate::nomenclature::{Catalogue, FactorFamily, FactorKey, Family, Figure, Local, Range};
use crate::platform::access::{Role, Staff};
use crate::platform::web::{Page, Result};
use crate::synergies::{paths, view};
use askama::Template;

#[derive(Template)]
#[template(path = "synergies/factors.html")]
struct Factors {
    version: String,
    may_edit: bool,
    families: Vec<FamilyView>,
    categories: Vec<CategoryFamily>,
    versions: Vec<VersionView>,
}

/// The shared factors under one heading.
struct FamilyView {
    label: &'static str,
    href: String,
    rows: Vec<Row>,
}

/// One factor: as it stands, and as the nomenclature has it when the territory has its own.
struct Row {
    label: String,
    unit: String,
    bounds: [String; 3],
    source: String,
    year: Option<u16>,
    plain: Option<String>,
}

/// The categories of one family of flows.
struct CategoryFamily {
    label: &'static str,
    rows: Vec<CategoryRow>,
}

struct CategoryRow {
    css: &'static str,
    code: String,
    label: String,
    href: String,
    /// Value, disposal, CO2: « 20 à 120 €/t », or nothing.
    ranges: [Option<String>; 3],
    payload: Option<String>,
    distances: String,
    own: usize,
}

struct VersionView {
    version: i32,
    when: String,
    author: String,
    note: String,
    factors: i64,
}

pub(in crate::synergies) async fn show(me: Staff) -> Result<Page<impl Template>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let local = store::latest(&mut db, &scope).await?;
    let versions = store::history(&mut db, &scope).await?;
    let catalogue = Catalogue::embedded().localised(&local);
    Ok(Page(Factors {
        version: catalogue.version().to_owned(),
        may_edit: me.has(Role::Admin) || me.has(Role::Pilot),
        families: FactorFamily::ALL
            .iter()
            .map(|family| shared(*family, &catalogue, &local))
            .collect(),
        categories: Family::ALL
            .iter()
            .map(|family| categories(*family, &catalogue, &local))
            .collect(),
        versions: versions.into_iter().map(version).collect(),
    }))
}

fn shared(family: FactorFamily, catalogue: &Catalogue, local: &Local) -> FamilyView {
    let group = Group::Shared(family);
    FamilyView {
        label: family.label(),
        href: paths::factor_group(&group.segment()),
        rows: group
            .keys(catalogue)
            .into_iter()
            .filter_map(|key| row(key, catalogue, local))
            .collect(),
    }
}

fn row(key: FactorKey, catalogue: &Catalogue, local: &Local) -> Option<Row> {
    let range = catalogue.factor(key)?;
    let own = local.factors.contains_key(&key);
    let plain = Catalogue::embedded().factor(key).filter(|_| own);
    let year = match key {
        FactorKey::Shared(shared) => catalogue.factors().get(shared).year,
        FactorKey::Of(..) => None,
    };
    Some(Row {
        label: model::label(catalogue, key),
        unit: model::unit(catalogue, key),
        bounds: range.bounds().map(written),
        source: range.source,
        year,
        plain: plain.map(|range| written(range.central)),
    })
}

fn categories(family: Family, catalogue: &Catalogue, local: &Local) -> CategoryFamily {
    let rows = catalogue.family(family).map(|category| {
        let code = category.code;
        let range = |figure| {
            let range: Range = catalogue.factor(FactorKey::Of(code, figure))?;
            Some(format!("{} à {}", written(range.low), written(range.high)))
        };
        let economics = &category.economics;
        CategoryRow {
            css: family.css(),
            code: code.to_string(),
            label: category.label.clone(),
            href: paths::factor_group(code.as_str()),
            ranges: [Figure::Value, Figure::Disposal, Figure::Carbon].map(range),
            payload: economics
                .payload
                .map(|payload| format!("{}\u{a0}{}", written(payload), category.unit.symbol())),
            distances: format!(
                "{} à {}\u{a0}km",
                written(category.radius.full_km),
                written(category.radius.max_km)
            ),
            own: local
                .factors
                .keys()
                .filter(|key| matches!(key, FactorKey::Of(of, _) if *of == code))
                .count(),
        }
    });
    CategoryFamily {
        label: family.label(),
        rows: rows.collect(),
    }
}

fn version(row: VersionRow) -> VersionView {
    VersionView {
        version: row.version,
        when: view::moment(row.created_at),
        author: row.author,
        note: row.note.unwrap_or_default(),
        factors: row.factors,
    }
}
