//! A line of `flux`.

use crate::exchange::cell::{Cell, Column, Role};
use crate::flows::model::{Flow, Form};
use crate::kernel::{Months, Unit};
use crate::nomenclature::Catalogue;

/// A flow with what its establishment is called.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowLine {
    pub flow: Flow,
    /// The establishment's reference, or our identifier.
    pub establishment: String,
    pub establishment_name: String,
}

impl FlowLine {
    pub fn reference(&self) -> String {
        self.flow
            .reference
            .clone()
            .unwrap_or_else(|| self.flow.id.to_string())
    }
}

const fn imported(title: &'static str, value: fn(&FlowLine) -> Cell) -> Column<FlowLine> {
    Column {
        title,
        value,
        role: Role::Imported,
    }
}

const fn shown(title: &'static str, value: fn(&FlowLine) -> Cell) -> Column<FlowLine> {
    Column {
        title,
        value,
        role: Role::Shown,
    }
}

pub const FLOW_COLUMNS: &[Column<FlowLine>] = &[
    imported("reference", |l| Cell::text(l.reference())),
    imported("etablissement", |l| Cell::text(&*l.establishment)),
    shown("nom_etablissement", |l| Cell::text(&*l.establishment_name)),
    imported("sens", |l| Cell::text(l.flow.direction.word())),
    imported("libelle", |l| Cell::text(&*l.flow.label)),
    imported("code", |l| Cell::maybe(l.flow.category.as_deref())),
    shown("libelle_categorie", |l| Cell::maybe(category_label(&l.flow))),
    imported("code_dechet", |l| Cell::maybe(l.flow.waste_code.as_deref())),
    imported("quantite", |l| Cell::number(l.flow.quantity)),
    imported("unite", |l| Cell::maybe(l.flow.typed_unit().map(Unit::symbol))),
    imported("periode", |l| {
        Cell::maybe(l.flow.period.map(crate::kernel::Period::word))
    }),
    imported("mois", |l| Cell::text(months(&l.flow))),
    shown("quantite_annuelle", |l| Cell::number(l.flow.annual_quantity)),
    shown("unite_annuelle", |l| {
        Cell::maybe(l.flow.annual_quantity.and(l.flow.code()).map(annual_unit))
    }),
    imported("certitude", |l| Cell::text(l.flow.certainty.label())),
    imported("forme", |l| Cell::maybe(l.flow.form.as_deref().map(form_word))),
    imported("qualite", |l| Cell::maybe(l.flow.quality.as_deref())),
    imported("temperature_c", |l| Cell::number(l.flow.temperature_c)),
    imported("alimentaire", |l| Cell::yes_no(l.flow.food_grade)),
    imported("exutoire", |l| Cell::maybe(l.flow.outlet.as_deref())),
    imported("cout_annuel_eur", |l| Cell::number(l.flow.annual_cost_eur)),
    imported("fin_contrat", |l| Cell::day(l.flow.contract_end_on)),
    imported("confidentialite", |l| Cell::text(l.flow.visibility.label())),
    imported("date_observation", |l| Cell::day(Some(l.flow.observed_on))),
    shown("date_confirmation", |l| Cell::day(l.flow.confirmed_on)),
    shown("source", |l| Cell::text(l.flow.source.label())),
];

fn category_label(flow: &Flow) -> Option<&'static str> {
    Some(Catalogue::embedded().category(flow.code()?).label.as_str())
}

fn annual_unit(code: crate::nomenclature::FlowCode) -> &'static str {
    Catalogue::embedded().category(code).unit.symbol()
}

/// Nothing when it is there all year.
fn months(flow: &Flow) -> String {
    u16::try_from(flow.months)
        .ok()
        .and_then(Months::from_bits)
        .filter(|months| *months != Months::ALL)
        .map(|months| months.to_string())
        .unwrap_or_default()
}

/// The word of the file format for a form; a code of nobody's is shown as it is.
pub fn form_word(code: &str) -> &str {
    match Form::parse(code) {
        None => code,
        Some(Form::Bulk) => "vrac",
        Some(Form::Bale) => "balle",
        Some(Form::Chip) => "copeaux",
        Some(Form::Bar) => "barre",
        Some(Form::Powder) => "poudre",
        Some(Form::Liquid) => "liquide",
        Some(Form::Paste) => "pâteux",
        Some(Form::Gas) => "gaz",
        Some(Form::Piece) => "pièces",
    }
}
