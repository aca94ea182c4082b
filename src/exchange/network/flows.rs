//! A row of `flux`.

use chrono::NaiveDate;

use super::{Cells, Column, Fault, date};
use crate::engine::{Certainty, Form};
use crate::kernel::{Direction, Months, Period, Unit, fold, parse_decimal};
use crate::nomenclature::{FlowCode, WasteCode};

const fn column(name: &'static str, also: &'static [&'static str]) -> Column {
    Column {
        name,
        also,
        required: false,
    }
}

pub(super) const COLUMNS: [Column; 25] = [
    column("reference", &["ref", "identifiant", "id"]),
    Column {
        name: "etablissement",
        also: &["référence établissement", "site"],
        required: true,
    },
    Column {
        name: "sens",
        also: &["direction"],
        required: true,
    },
    Column {
        name: "libelle",
        also: &["désignation", "flux", "nom"],
        required: true,
    },
    column("code", &["catégorie", "code nomenclature", "sous famille"]),
    column("code_dechet", &["déchet"]),
    column("quantite", &["qté"]),
    column("unite", &[]),
    column("periode", &["fréquence"]),
    column("mois", &["saisonnalité"]),
    column("certitude", &["incertitude", "origine"]),
    column("forme", &["conditionnement"]),
    column("temperature_c", &["température", "température °c"]),
    column("pression_bar", &["pression"]),
    column("purete_pct", &["pureté", "pureté %"]),
    column("humidite_pct", &["humidité", "humidité %"]),
    column("alimentaire", &["qualité alimentaire"]),
    column("dangereux", &["danger"]),
    column("cout_annuel_eur", &["coût annuel", "coût", "coût €/an"]),
    column("fin_contrat", &["fin de contrat", "échéance"]),
    column("date_observation", &["date de constat", "observé le"]),
    column("classe_technique", &["classe"]),
    column("qualite", &["caractéristiques"]),
    column("exutoire", &["débouché", "destination", "fournisseur"]),
    column("confidentialite", &["visibilité"]),
];

/// A flow of a file; the quantity is as written, because its unit converts only once its category is
/// known.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowRow {
    pub reference: String,
    pub establishment: String,
    pub direction: Direction,
    pub label: String,
    pub code: Option<FlowCode>,
    pub waste_code: Option<WasteCode>,
    pub quantity: Option<Quantity>,
    pub months: Months,
    pub certainty: Certainty,
    pub form: Option<Form>,
    pub temperature_c: Option<f64>,
    pub pressure_bar: Option<f64>,
    pub purity_pct: Option<f64>,
    pub humidity_pct: Option<f64>,
    pub food_grade: Option<bool>,
    pub hazardous: bool,
    pub annual_cost_eur: Option<f64>,
    pub contract_end: Option<NaiveDate>,
    pub observed_on: Option<NaiveDate>,
    pub technical_class: Option<String>,
}

/// A quantity as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    pub value: f64,
    pub unit: Unit,
    pub period: Period,
}

impl FlowRow {
    pub(super) fn read(cells: &Cells<'_>) -> Result<Self, Fault> {
        let establishment = cells.required("etablissement")?.to_owned();
        let yes_no = |column| cells.parse(column, yes_or_no);
        let number = |column| cells.parse(column, parse_decimal);
        let waste_code = cells.parse("code_dechet", WasteCode::parse)?;
        Ok(Self {
            reference: cells
                .get("reference")
                .map_or_else(|| format!("ligne {}", cells.line), str::to_owned),
            establishment,
            direction: Direction::parse(cells.required("sens")?).map_err(|error| Fault::of("sens", error))?,
            label: cells.required("libelle")?.to_owned(),
            code: cells.parse("code", str::parse::<FlowCode>)?,
            quantity: quantity(cells)?,
            months: cells.parse("mois", Months::parse)?.unwrap_or(Months::ALL),
            certainty: cells
                .parse("certitude", certainty)?
                .unwrap_or(Certainty::Declared),
            form: cells.parse("forme", |text| Form::parse(text).ok_or(NOT_A_FORM))?,
            temperature_c: cells.parse("temperature_c", temperature)?,
            pressure_bar: number("pression_bar")?,
            purity_pct: number("purete_pct")?,
            humidity_pct: number("humidite_pct")?,
            food_grade: yes_no("alimentaire")?,
            hazardous: yes_no("dangereux")?
                .unwrap_or_else(|| waste_code.is_some_and(|code| code.hazardous())),
            annual_cost_eur: number("cout_annuel_eur")?,
            contract_end: cells.parse("fin_contrat", date)?,
            observed_on: cells.parse("date_observation", date)?,
            technical_class: cells.get("classe_technique").map(str::to_owned),
            waste_code,
        })
    }
}

const NOT_A_FORM: &str =
    "Cette forme n’est pas connue\u{a0}: vrac, balle, copeaux, pièces, poudre, pâteux, liquide ou gaz.";

fn quantity(cells: &Cells<'_>) -> Result<Option<Quantity>, Fault> {
    let value = cells.parse("quantite", parse_decimal)?;
    // « t/an » says both.
    let (words, of_unit) = match cells.get("unite").and_then(|words| words.split_once('/')) {
        Some((unit, period)) => (Some(unit.trim()), Some(period)),
        None => (cells.get("unite"), None),
    };
    let unit = words.map(Unit::parse).transpose();
    let unit = unit.map_err(|error| Fault::of("unite", error))?;
    let of_unit = of_unit.map(Period::parse).transpose();
    let of_unit = of_unit.map_err(|error| Fault::of("unite", error))?;
    let period = cells
        .parse("periode", Period::parse)?
        .or(of_unit)
        .unwrap_or(Period::Year);
    match (value, unit) {
        (Some(value), Some(unit)) => Ok(Some(Quantity { value, unit, period })),
        (Some(_), None) => Err(Fault::of("unite", "L’unité de cette quantité manque.")),
        (None, _) => Ok(None),
    }
}

fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match fold(text).as_str() {
        "oui" | "o" | "vrai" | "x" | "1" => Ok(true),
        "non" | "n" | "faux" | "0" => Ok(false),
        _ => Err("Répondez par «\u{a0}oui\u{a0}» ou «\u{a0}non\u{a0}»."),
    }
}

fn certainty(text: &str) -> Result<Certainty, &'static str> {
    match fold(text).as_str() {
        "mesure" | "mesuree" | "facture" | "facturee" => Ok(Certainty::Measured),
        "declare" | "declaree" => Ok(Certainty::Declared),
        "estime" | "estimee" | "estimation" => Ok(Certainty::Estimated),
        "ordre de grandeur" => Ok(Certainty::OrderOfMagnitude),
        _ => Err("Choisissez parmi\u{a0}: mesuré, déclaré, estimé, ordre de grandeur."),
    }
}

/// Degrees Celsius, which may be below zero.
fn temperature(text: &str) -> Result<f64, &'static str> {
    let text = text
        .trim()
        .trim_end_matches("°C")
        .trim_end()
        .replace(',', ".")
        .replace('−', "-");
    text.parse::<f64>()
        .ok()
        .filter(|degrees| (-273.15..10_000.0).contains(degrees))
        .ok_or("Ce n’est pas une température, par exemple 65.")
}
