//! Files in and out: exports of the lists, imports of the two tables of a network, checked first.
//!
//! `tabular` reads any table within bounds, `network` makes rows of two of them; `lines` says what an
//! establishment and a flow are called in a file, for exports and imports alike; `import` checks,
//! stages and applies.

pub mod cell;
mod evaluation;
mod export;
pub mod files;
pub mod import;
pub mod lines;
pub mod network;
mod own;
mod sheet;
mod store;
mod tables;
pub mod tabular;

pub use import::{apply_import, import_network, read_import};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::ImportId;
    use crate::platform::web::fill;

    pub const SITES_CSV: &str = "/entreprises/export.csv";
    pub const SITES_XLSX: &str = "/entreprises/export.xlsx";
    pub const FLOWS_CSV: &str = "/flux/export.csv";
    pub const FLOWS_XLSX: &str = "/flux/export.xlsx";
    pub const SITES_TABLE_CSV: &str = "/entreprises/tableau.csv";
    pub const SITES_TABLE_XLSX: &str = "/entreprises/tableau.xlsx";
    pub const FLOWS_TABLE_CSV: &str = "/flux/tableau.csv";
    pub const FLOWS_TABLE_XLSX: &str = "/flux/tableau.xlsx";
    pub const VISITS_TABLE_CSV: &str = "/visites/tableau.csv";
    pub const VISITS_TABLE_XLSX: &str = "/visites/tableau.xlsx";
    pub const SYNERGIES_TABLE_CSV: &str = "/synergies/tableau.csv";
    pub const SYNERGIES_TABLE_XLSX: &str = "/synergies/tableau.xlsx";
    pub const EVALUATION_CSV: &str = "/evaluations/{annee}/export.csv";
    pub const EVALUATION_XLSX: &str = "/evaluations/{annee}/export.xlsx";
    pub const OWN_JSON: &str = "/mon-espace/mes-donnees.json";
    pub const OWN_FLOWS: &str = "/mon-espace/mes-flux.xlsx";
    pub const IMPORT: &str = "/import";
    pub const TEMPLATE: &str = "/import/modele.xlsx";
    pub const REPORT: &str = "/import/{id}";
    pub const COLUMNS: &str = "/import/{id}/colonnes";
    pub const APPLY: &str = "/import/{id}/application";
    pub const ABANDON: &str = "/import/{id}/abandon";
    pub const CORRECTIONS: &str = "/import/{id}/corrections.csv";

    pub fn report(id: &ImportId) -> String {
        fill(REPORT, id)
    }
    pub fn columns(id: &ImportId) -> String {
        fill(COLUMNS, id)
    }
    pub fn apply(id: &ImportId) -> String {
        fill(APPLY, id)
    }
    pub fn abandon(id: &ImportId) -> String {
        fill(ABANDON, id)
    }
    pub fn corrections(id: &ImportId) -> String {
        fill(CORRECTIONS, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::SITES_CSV, export::csv::<export::Sites>)
        .get(paths::SITES_XLSX, export::xlsx::<export::Sites>)
        .get(paths::FLOWS_CSV, export::csv::<export::Flows>)
        .get(paths::FLOWS_XLSX, export::xlsx::<export::Flows>)
        .get(paths::SITES_TABLE_CSV, export::csv::<tables::Sites>)
        .get(paths::SITES_TABLE_XLSX, export::xlsx::<tables::Sites>)
        .get(paths::FLOWS_TABLE_CSV, export::csv::<tables::Flows>)
        .get(paths::FLOWS_TABLE_XLSX, export::xlsx::<tables::Flows>)
        .get(paths::VISITS_TABLE_CSV, export::csv::<tables::Visits>)
        .get(paths::VISITS_TABLE_XLSX, export::xlsx::<tables::Visits>)
        .get(paths::SYNERGIES_TABLE_CSV, export::csv::<tables::Synergies>)
        .get(paths::SYNERGIES_TABLE_XLSX, export::xlsx::<tables::Synergies>)
        .get(paths::EVALUATION_CSV, evaluation::csv)
        .get(paths::EVALUATION_XLSX, evaluation::xlsx)
        .get(paths::OWN_JSON, own::json)
        .get(paths::OWN_FLOWS, own::flows)
        .get(crate::visits::paths::WORKBOOK, sheet::workbook)
        .get(crate::visits::paths::FILLED, sheet::show)
        .post(crate::visits::paths::FILLED, sheet::receive)
        .get(paths::IMPORT, import::upload::show)
        .post(paths::IMPORT, import::upload::submit)
        .get(paths::TEMPLATE, import::template::workbook)
        .get(paths::REPORT, import::report::show)
        .get(paths::COLUMNS, import::mapping::show)
        .post(paths::COLUMNS, import::mapping::submit)
        .post(paths::APPLY, import::apply::apply)
        .post(paths::ABANDON, import::apply::abandon)
        .get(paths::CORRECTIONS, import::report::corrections_file)
}
