//! What a line of `flux` makes of a flow. An empty cell changes nothing. Pure.

use crate::engine;
use crate::exchange::network::{FlowRow, RawRow};
use crate::flows::model::Form;
use crate::flows::{Certainty, Flow, FlowSource, Visibility};
use crate::kernel::ids::{EstablishmentId, TerritoryId};
use crate::kernel::{Period, Unit, fold, format_number};
use crate::nomenclature::{CONFIDENT, Catalogue, FlowCode, Guess};
use chrono::NaiveDate;

/// Where a new flow goes, and when it is seen.
pub(super) struct Place {
    pub(super) territory: TerritoryId,
    pub(super) establishment: EstablishmentId,
    pub(super) today: NaiveDate,
}

/// A line that reads well and still says something impossible.
pub(super) type Refused = String;

/// The flow after the import, and what to look at. `guess` is what the label may mean.
pub(super) fn overlay(
    raw: &RawRow,
    row: &FlowRow,
    known: Option<&Flow>,
    place: &Place,
    guess: Option<&Guess>,
) -> Result<(Flow, Vec<String>), Refused> {
    let mut remarks = Vec::new();
    let mut flow = known.cloned().unwrap_or_else(|| fresh(row, place));
    flow.direction = row.direction;
    flow.label.clone_from(&row.label);
    if let Some(reference) = raw.get("reference").filter(|text| *text != flow.id.to_string()) {
        flow.reference = Some(reference.to_owned());
    }
    set_category(&mut flow, row.code, guess, &mut remarks);
    if let Some(quantity) = row.quantity {
        flow.quantity = Some(quantity.value);
        flow.unit = Some(quantity.unit.code().to_owned());
        flow.period = Some(quantity.period);
    }
    set_details(&mut flow, raw, row);
    set_quality(&mut flow, raw, row);
    if let Some(words) = raw.get("confidentialite") {
        flow.visibility = visibility(words)?;
    }
    flow.normalise();
    if flow.quantity.is_some() && flow.annual_quantity.is_none() && flow.category.is_some() {
        remarks.push(not_convertible(&flow));
    }
    Ok((flow, remarks))
}

fn fresh(row: &FlowRow, place: &Place) -> Flow {
    Flow {
        source: FlowSource::Import,
        ..Flow::told(
            (place.territory, place.establishment),
            row.direction,
            &row.label,
            place.today,
        )
    }
}

/// The code of the file, else the one already chosen, else a confident guess.
fn set_category(flow: &mut Flow, code: Option<FlowCode>, guess: Option<&Guess>, remarks: &mut Vec<String>) {
    if let Some(code) = code {
        flow.category = Some(code.as_str().to_owned());
    }
    if flow.category.is_some() {
        return;
    }
    match guess {
        Some(guess) if guess.confidence >= CONFIDENT => flow.category = Some(guess.code.as_str().to_owned()),
        Some(guess) => {
            let label = &Catalogue::embedded().category(guess.code).label;
            remarks.push(format!("À classer\u{a0}: peut-être {} {label}.", guess.code));
        }
        None => remarks.push("À classer\u{a0}: le libellé ne dit pas la catégorie.".to_owned()),
    }
}

fn set_details(flow: &mut Flow, raw: &RawRow, row: &FlowRow) {
    if raw.get("mois").is_some() {
        flow.months = i32::from(row.months.bits());
    }
    if raw.get("certitude").is_some() {
        flow.certainty = certainty(row.certainty);
    }
    if let (Some(form), Some(words)) = (row.form, raw.get("forme")) {
        flow.form = Some(form_of(form, words).code().to_owned());
    }
    flow.temperature_c = row.temperature_c.or(flow.temperature_c);
    flow.food_grade = row.food_grade.or(flow.food_grade);
    flow.annual_cost_eur = row.annual_cost_eur.or(flow.annual_cost_eur);
    flow.contract_end_on = row.contract_end.or(flow.contract_end_on);
    flow.observed_on = row.observed_on.unwrap_or(flow.observed_on);
    if let Some(code) = row.waste_code {
        flow.waste_code = Some(code.as_str().to_owned());
    }
    if let Some(outlet) = raw.get("exutoire") {
        flow.outlet = Some(outlet.to_owned());
    }
}

fn certainty(word: engine::Certainty) -> Certainty {
    match word {
        engine::Certainty::Measured => Certainty::Measured,
        engine::Certainty::Declared => Certainty::Declared,
        engine::Certainty::Estimated => Certainty::Estimated,
        engine::Certainty::OrderOfMagnitude => Certainty::OrderOfMagnitude,
    }
}

/// The file format has one word for pieces where the inventory tells bars and plates from them.
fn form_of(form: engine::Form, words: &str) -> Form {
    let folded = fold(words);
    match form {
        engine::Form::Pieces if folded.starts_with("barre") || folded.starts_with("plaque") => Form::Bar,
        engine::Form::Pieces => Form::Piece,
        engine::Form::Bulk => Form::Bulk,
        engine::Form::Baled => Form::Bale,
        engine::Form::Chips => Form::Chip,
        engine::Form::Powder => Form::Powder,
        engine::Form::Paste => Form::Paste,
        engine::Form::Liquid => Form::Liquid,
        engine::Form::Gas => Form::Gas,
    }
}

/// What the file measures and the inventory only has words for joins the words.
fn set_quality(flow: &mut Flow, raw: &RawRow, row: &FlowRow) {
    let measured = [
        row.purity_pct
            .map(|v| format!("pureté {}\u{a0}%", format_number(v, 2))),
        row.humidity_pct
            .map(|v| format!("humidité {}\u{a0}%", format_number(v, 2))),
        row.pressure_bar
            .map(|v| format!("pression {}\u{a0}bar", format_number(v, 2))),
        row.technical_class
            .as_ref()
            .map(|class| format!("classe {class}")),
        raw.get("dangereux")
            .filter(|_| row.hazardous)
            .map(|_| "dangereux".to_owned()),
    ];
    let mut words = raw
        .get("qualite")
        .map(str::to_owned)
        .or_else(|| flow.quality.clone());
    for added in measured.into_iter().flatten() {
        words = Some(match words {
            None => added,
            Some(words) if words.contains(&added) => words,
            Some(words) => format!("{words}, {added}"),
        });
    }
    flow.quality = words;
}

fn visibility(words: &str) -> Result<Visibility, Refused> {
    let wanted = fold(words);
    Visibility::ALL
        .iter()
        .copied()
        .find(|known| fold(known.label()) == wanted || known.code() == wanted)
        .ok_or_else(|| {
            let labels: Vec<_> = Visibility::ALL.iter().map(|known| known.label()).collect();
            format!(
                "Colonne «\u{a0}confidentialite\u{a0}»\u{a0}: choisissez parmi\u{a0}: {}.",
                labels.join(", ")
            )
        })
}

fn not_convertible(flow: &Flow) -> String {
    let unit = flow.typed_unit().map_or("?", Unit::symbol);
    let wanted = flow
        .code()
        .map_or("?", |code| Catalogue::embedded().category(code).unit.symbol());
    let period = flow.period.map_or("", Period::label);
    format!(
        "La quantité en {unit} {period} ne se convertit pas en {wanted} par an\u{a0}: elle est gardée sans total annuel."
    )
}

#[cfg(test)]
mod tests {
    use super::{Place, overlay};
    use crate::exchange::network::RawRow;
    use crate::flows::Flow;
    use crate::kernel::ids::{EstablishmentId, TerritoryId};
    use crate::nomenclature::{Catalogue, Guess};
    use chrono::NaiveDate;

    fn raw(cells: &[(&str, &str)]) -> RawRow {
        let cells = cells.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        RawRow {
            line: 2,
            cells: cells.collect(),
        }
    }

    fn place() -> Place {
        Place {
            territory: TerritoryId::fresh(),
            establishment: EstablishmentId::fresh(),
            today: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        }
    }

    fn made(cells: &[(&str, &str)], known: Option<&Flow>) -> (Flow, Vec<String>) {
        let raw = raw(cells);
        let row = raw.flow().unwrap();
        let guesses = Catalogue::embedded().classify(&row.label, row.waste_code, Some(row.direction));
        let best: Option<&Guess> = guesses.first();
        overlay(&raw, &row, known, &place(), best).unwrap()
    }

    const CARDBOARD: [(&str, &str); 3] = [
        ("etablissement", "A"),
        ("sens", "sortant"),
        ("libelle", "Cartons d’emballage"),
    ];

    #[test]
    fn a_known_label_is_classified_and_its_quantity_brought_to_a_year() {
        let mut cells = CARDBOARD.to_vec();
        cells.extend([
            ("quantite", "3,2"),
            ("unite", "t"),
            ("periode", "mois"),
            ("forme", "balle"),
            ("mois", "1-6"),
        ]);
        let (flow, remarks) = made(&cells, None);
        assert_eq!(flow.category.as_deref(), Some("MAT-01"));
        assert_eq!(flow.annual_quantity.map(f64::round), Some(38.0));
        assert_eq!((flow.form.as_deref(), flow.months), (Some("bale"), 63));
        assert_eq!(remarks, Vec::<String>::new());
    }

    #[test]
    fn an_empty_cell_keeps_what_is_known() {
        let mut cells = CARDBOARD.to_vec();
        cells.extend([
            ("quantite", "3,2"),
            ("unite", "t"),
            ("cout_annuel_eur", "1200"),
            ("certitude", "mesuré"),
        ]);
        let (known, _) = made(&cells, None);
        let (again, _) = made(&CARDBOARD, Some(&known));
        assert_eq!(again, known);
    }

    #[test]
    fn what_cannot_be_classified_or_converted_is_told() {
        let (flow, remarks) = made(
            &[
                ("etablissement", "A"),
                ("sens", "sortant"),
                ("libelle", "Zygomorphes"),
            ],
            None,
        );
        assert_eq!(flow.category, None);
        assert!(remarks[0].starts_with("À classer"), "{remarks:?}");
        let mut cells = CARDBOARD.to_vec();
        cells.extend([("quantite", "3"), ("unite", "MWh"), ("periode", "an")]);
        let (flow, remarks) = made(&cells, None);
        assert_eq!((flow.quantity, flow.annual_quantity), (Some(3.0), None));
        assert!(remarks[0].contains("ne se convertit pas en t"), "{remarks:?}");
    }

    #[test]
    fn measures_without_a_field_join_the_words_once() {
        let mut cells = CARDBOARD.to_vec();
        cells.extend([("humidite_pct", "12,5"), ("qualite", "sans agrafes")]);
        let (flow, _) = made(&cells, None);
        assert_eq!(
            flow.quality.as_deref(),
            Some("sans agrafes, humidité 12,5\u{a0}%")
        );
        let (again, _) = made(&cells[..4], Some(&flow));
        assert_eq!(again, flow);
    }
}
