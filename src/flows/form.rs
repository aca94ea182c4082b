//! The form of a flow: what was typed, and the [`Entry`] that it makes. Shared by the visit's entry
//! row and by the flow's own page, so that both read the same things in the same way. Pure.

use super::entry::Entry;
use super::model::{Certainty, Flow, Form, Visibility};
use crate::kernel::ids::FlowId;
use crate::kernel::measure::{Measure, Typed};
use crate::kernel::{
    Direction, Months, Period, Unit, fold, format_number, parse_day, parse_decimal, typed_day,
};
use crate::nomenclature::{CONFIDENT, Catalogue, FlowCode, WasteCode};
use crate::platform::web::{Choice, Errors, clean, optional};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

const LONGEST: usize = 200;

/// What was typed. `id` makes a creation happen once; `version` and `original` tell what an edition
/// started from; `back` is the page to return to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowForm {
    #[serde(skip_serializing)]
    pub id: String,
    #[serde(skip_serializing)]
    pub version: String,
    #[serde(skip_serializing)]
    pub original: String,
    #[serde(skip_serializing)]
    pub back: String,
    pub direction: String,
    pub label: String,
    pub category: String,
    #[serde(skip_serializing)]
    pub category_typed: String,
    pub quantity: String,
    pub unit: String,
    pub period: String,
    pub certainty: String,
    pub outlet: String,
    pub annual_cost: String,
    pub contract_end: String,
    pub waste_code: String,
    pub months: String,
    pub form: String,
    pub quality: String,
    pub temperature: String,
    pub food_grade: String,
    pub visibility: String,
    pub observed_on: String,
}

impl FlowForm {
    /// An empty row of a visit made that day.
    pub fn blank(direction: &str, observed_on: NaiveDate) -> Self {
        Self {
            id: FlowId::fresh().to_string(),
            direction: direction.to_owned(),
            period: Period::Year.word().to_owned(),
            certainty: Certainty::Declared.code().to_owned(),
            visibility: Visibility::Internal.code().to_owned(),
            observed_on: typed_day(observed_on),
            ..Self::default()
        }
    }

    /// The flow as the form shows it.
    pub fn of(flow: &Flow) -> Self {
        let measure = flow.measure();
        let number = |value: Option<f64>| value.map_or_else(String::new, |v| format_number(v, 6));
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            id: flow.id.to_string(),
            version: flow.version.to_string(),
            original: String::new(),
            back: String::new(),
            direction: flow.direction.word().to_owned(),
            label: flow.label.clone(),
            category: text(&flow.category),
            category_typed: flow.category_label().unwrap_or_default().to_owned(),
            quantity: measure.map_or_else(String::new, |m| m.typed_quantity()),
            unit: measure.map_or_else(String::new, |m| m.unit.symbol().to_owned()),
            period: measure.map_or(Period::Year, |m| m.period).word().to_owned(),
            certainty: flow.certainty.code().to_owned(),
            outlet: text(&flow.outlet),
            annual_cost: number(flow.annual_cost_eur),
            contract_end: flow.contract_end_on.map(typed_day).unwrap_or_default(),
            waste_code: flow
                .waste_code
                .as_deref()
                .map(shown_waste_code)
                .unwrap_or_default(),
            months: shown_months(flow.month_set()),
            form: text(&flow.form),
            quality: text(&flow.quality),
            temperature: number(flow.temperature_c),
            food_grade: flow
                .food_grade
                .map_or("", |yes| if yes { "oui" } else { "non" })
                .to_owned(),
            visibility: flow.visibility.code().to_owned(),
            observed_on: typed_day(flow.observed_on),
        }
    }

    /// # Errors
    /// One sentence per refused field.
    pub fn parse(&self) -> Result<Entry, Errors> {
        let mut errors = Errors::default();
        let direction = errors.take(
            "direction",
            Direction::parse(&self.direction).map_err(|_| "Choisissez le sens : sortant ou entrant."),
        );
        let label = errors.take("label", label(&self.label));
        let waste_code = self.read(&mut errors, "waste_code", &self.waste_code, WasteCode::parse);
        let category = errors
            .take("category", self.category(direction, waste_code))
            .flatten();
        let usual = category.map(|code| Catalogue::embedded().category(code).unit);
        let measure = self.measure(&mut errors, usual);
        let entry = Entry {
            direction: direction.unwrap_or(Direction::Outbound),
            label: label.unwrap_or_default(),
            category,
            measure,
            certainty: Certainty::parse(&self.certainty).unwrap_or(Certainty::Estimated),
            outlet: optional(&self.outlet),
            annual_cost_eur: self.read(&mut errors, "annual_cost", &self.annual_cost, euros),
            contract_end_on: self.read(&mut errors, "contract_end", &self.contract_end, parse_day),
            waste_code,
            months: self
                .read(&mut errors, "months", &self.months, months)
                .unwrap_or(Months::ALL),
            form: Form::parse(&self.form),
            quality: optional(&self.quality),
            temperature_c: self.read(&mut errors, "temperature", &self.temperature, degrees),
            food_grade: match self.food_grade.as_str() {
                "oui" => Some(true),
                "non" => Some(false),
                _ => None,
            },
            visibility: Visibility::parse(&self.visibility).unwrap_or(Visibility::Internal),
            observed_on: errors
                .take("observed_on", parse_day(&self.observed_on))
                .unwrap_or_default(),
        };
        if errors.is_empty() { Ok(entry) } else { Err(errors) }
    }

    /// Reads a field that may stay empty.
    fn read<T, E: std::fmt::Display>(
        &self,
        errors: &mut Errors,
        field: &'static str,
        typed: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let typed = typed.trim();
        if typed.is_empty() {
            None
        } else {
            errors.take(field, read(typed))
        }
    }

    /// The category that the flow's name alone would give.
    pub fn guessed(&self) -> Option<FlowCode> {
        let waste = WasteCode::parse(&self.waste_code).ok();
        guess(&self.label, Direction::parse(&self.direction).ok(), waste)
    }

    fn measure(&self, errors: &mut Errors, usual: Option<Unit>) -> Option<Measure> {
        let typed = Typed {
            quantity: &self.quantity,
            unit: &self.unit,
            period: &self.period,
        };
        Measure::parse(typed, usual)
            .map_err(|refusal| errors.add(refusal.field(), refusal.to_string()))
            .ok()
            .flatten()
    }

    /// The category chosen in the list, typed as a code or a label, or guessed from the flow's name.
    fn category(
        &self,
        direction: Option<Direction>,
        waste: Option<WasteCode>,
    ) -> Result<Option<FlowCode>, &'static str> {
        let typed = clean(&self.category_typed);
        let chosen = FlowCode::find(&self.category).filter(|code| typed.is_empty() || names(*code, &typed));
        if chosen.is_some() {
            return Ok(chosen);
        }
        if typed.is_empty() {
            return Ok(guess(&self.label, direction, waste));
        }
        let catalogue = Catalogue::embedded();
        let by_name = catalogue
            .categories()
            .iter()
            .find(|category| names(category.code, &typed));
        by_name
            .map(|category| category.code)
            .or_else(|| guess(&typed, direction, None))
            .map(Some)
            .ok_or("Choisissez une catégorie dans la liste, ou laissez vide : elle sera proposée d’après le nom du flux.")
    }

    /// Whether the category is to be found from the name of the flow.
    pub(super) fn leaves_category_open(&self) -> bool {
        self.category.trim().is_empty() && self.category_typed.trim().is_empty()
    }

    // ---- what the template lists

    pub fn direction_options(&self) -> Vec<Choice> {
        Choice::pairs(Direction::ALL.iter().map(|d| (d.word(), d.label())))
    }
    pub fn period_options(&self) -> Vec<Choice> {
        Choice::pairs(Period::ALL.iter().map(|p| (p.word(), p.label())))
    }
    pub fn certainty_options(&self) -> Vec<Choice> {
        Choice::pairs(Certainty::ALL.iter().map(|c| (c.code(), c.label())))
    }
    pub fn visibility_options(&self) -> Vec<Choice> {
        Choice::pairs(Visibility::ALL.iter().map(|v| (v.code(), v.label())))
    }
    pub fn form_options(&self) -> Vec<Choice> {
        Choice::pairs(Form::ALL.iter().map(|f| (f.code(), f.label())))
    }
    pub fn food_options(&self) -> Vec<Choice> {
        Choice::pairs([("oui", "oui"), ("non", "non")])
    }
    pub fn units(&self) -> Vec<&'static str> {
        Unit::ALL.iter().map(|u| u.symbol()).collect()
    }
}

/// The best guess, when it may stand without a person's confirmation.
fn guess(label: &str, direction: Option<Direction>, waste: Option<WasteCode>) -> Option<FlowCode> {
    let guesses = Catalogue::embedded().classify(label, waste, direction);
    guesses
        .first()
        .filter(|guess| guess.confidence >= CONFIDENT)
        .map(|guess| guess.code)
}

/// Whether these words are the category's code or label.
fn names(code: FlowCode, typed: &str) -> bool {
    FlowCode::find(typed) == Some(code) || fold(&Catalogue::embedded().category(code).label) == fold(typed)
}

fn label(typed: &str) -> Result<String, &'static str> {
    let label = clean(typed);
    if label.is_empty() {
        return Err("Nommez le flux, par exemple « chutes de carton ondulé ».");
    }
    if label.chars().count() > LONGEST {
        return Err("Le nom du flux est trop long : gardez l’essentiel ici, le reste dans « qualité ».");
    }
    Ok(label)
}

fn euros(typed: &str) -> Result<f64, &'static str> {
    parse_decimal(typed.trim_end_matches('€'))
        .map_err(|_| "Indiquez le coût en euros par an, par exemple 1 200.")
}

fn degrees(typed: &str) -> Result<f64, &'static str> {
    const REFUSAL: &str = "Indiquez la température en degrés Celsius, par exemple 70.";
    let number = typed.trim_end_matches(['C', 'c', '°', ' ', '\u{a0}']);
    let (cold, number) = match number.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let value = parse_decimal(number).map_err(|_| REFUSAL)?;
    let value = if cold { -value } else { value };
    if (-273.15..=3000.0).contains(&value) {
        Ok(value)
    } else {
        Err(REFUSAL)
    }
}

fn months(typed: &str) -> Result<Months, crate::kernel::months::NotMonths> {
    if fold(typed).starts_with("tou") {
        Ok(Months::ALL)
    } else {
        Months::parse(typed)
    }
}

fn shown_months(months: Months) -> String {
    if months == Months::ALL {
        String::new()
    } else {
        months.to_string()
    }
}

fn shown_waste_code(code: &str) -> String {
    WasteCode::find(code).map_or_else(|| code.to_owned(), |code| code.to_string())
}

#[cfg(test)]
mod tests {
    use super::FlowForm;
    use crate::flows::model::{Certainty, FlowSource};
    use crate::flows::{Entry, Place};
    use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId};
    use crate::kernel::{Direction, Months, Period};
    use chrono::NaiveDate;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 17).expect("a day")
    }

    fn row(label: &str, quantity: &str) -> FlowForm {
        FlowForm {
            label: label.to_owned(),
            quantity: quantity.to_owned(),
            ..FlowForm::blank("sortant", day())
        }
    }

    fn flow(entry: Entry) -> crate::flows::Flow {
        entry.into_flow(Place {
            id: FlowId::fresh(),
            territory: TerritoryId::fresh(),
            establishment: EstablishmentId::fresh(),
            visit: None,
            source: FlowSource::Visit,
        })
    }

    #[test]
    fn a_name_and_a_direction_make_a_flow() {
        let entry = row("Chutes de carton ondulé", "").parse().expect("valid");
        assert_eq!(entry.direction, Direction::Outbound);
        assert_eq!(entry.category.map(|c| c.as_str()), Some("MAT-01"));
        assert_eq!(
            (entry.measure, entry.certainty, entry.months),
            (None, Certainty::Declared, Months::ALL)
        );
        let unknown = row("Zzyzx", "").parse().expect("valid");
        assert_eq!(unknown.category, None);
    }

    #[test]
    fn a_single_cell_says_quantity_unit_and_period() {
        let flow = flow(row("Chutes de carton", "3,2 t/mois").parse().expect("valid"));
        assert_eq!((flow.quantity, flow.period), (Some(3.2), Some(Period::Month)));
        assert!((flow.annual_quantity.expect("convertible") - 38.4).abs() < 1e-9);
    }

    #[test]
    fn each_refusal_stands_by_its_field() {
        let form = FlowForm {
            direction: String::new(),
            label: "  ".to_owned(),
            quantity: "douze".to_owned(),
            waste_code: "99".to_owned(),
            months: "mars".to_owned(),
            temperature: "chaud".to_owned(),
            annual_cost: "cher".to_owned(),
            contract_end: "bientôt".to_owned(),
            observed_on: String::new(),
            category_typed: "qzxw".to_owned(),
            ..FlowForm::default()
        };
        let errors = form.parse().expect_err("refused");
        let fields = [
            "direction",
            "label",
            "quantity",
            "waste_code",
            "months",
            "temperature",
            "annual_cost",
            "contract_end",
            "observed_on",
            "category",
        ];
        for field in fields {
            assert_eq!(errors.on(field).len(), 1, "{field}: {errors:?}");
        }
        assert_eq!(
            errors.on("quantity"),
            ["Indiquez la quantité en tonnes par an, par exemple 12,5."]
        );
    }

    #[test]
    fn a_category_is_chosen_typed_or_guessed() {
        let typed = |category: &str, words: &str| {
            let form = FlowForm {
                category: category.to_owned(),
                category_typed: words.to_owned(),
                ..row("Divers", "")
            };
            form.parse().map(|entry| entry.category.map(|code| code.as_str()))
        };
        assert_eq!(typed("MAT-03", ""), Ok(Some("MAT-03")));
        assert_eq!(typed("", "mat-03"), Ok(Some("MAT-03")));
        assert_eq!(typed("", "palettes bois"), Ok(Some("MAT-03")));
        // Without a script, the hidden choice is older than the words beside it.
        assert_eq!(typed("MAT-01", "ENE-04"), Ok(Some("ENE-04")));
        assert!(typed("", "qzxw").is_err());
    }

    #[test]
    fn what_the_form_shows_is_read_back() {
        let form = FlowForm {
            waste_code: "150101".to_owned(),
            months: "3,4,9-11".to_owned(),
            temperature: "-4,5 °C".to_owned(),
            annual_cost: "1 200 €".to_owned(),
            contract_end: "31/12/2027".to_owned(),
            food_grade: "non".to_owned(),
            form: "bale".to_owned(),
            quality: "sec\npropre".to_owned(),
            outlet: "Benne, prestataire".to_owned(),
            ..row("Cartons", "1 234,5 kg/semaine")
        };
        let first = flow(form.parse().expect("valid"));
        let mut again = first.clone();
        let shown = FlowForm {
            category_typed: String::new(),
            ..FlowForm::of(&first)
        };
        shown.parse().expect("valid").apply(&mut again);
        assert_eq!(first, again);
        assert_eq!(first.temperature_c, Some(-4.5));
    }
}
