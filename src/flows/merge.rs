//! Two people saved the same flow: what both changed differently is a conflict, the rest is merged.
//! Pure.

use super::form::FlowForm;
use super::model::{Certainty, Form, Visibility};
use crate::kernel::Direction;
use crate::kernel::measure::{Measure, Typed};
use crate::nomenclature::{Catalogue, FlowCode};

/// One field that both changed; the values as the form posts them, then as a person reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    pub(super) field: &'static str,
    pub(super) label: &'static str,
    pub(super) mine: Value,
    pub(super) stored: Value,
    pub(super) original: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) typed: String,
    pub(super) shown: String,
}

/// What to save when nobody contradicts, and what to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) form: FlowForm,
    pub(super) conflicts: Vec<Conflict>,
}

struct Field {
    name: &'static str,
    label: &'static str,
    of: fn(&mut FlowForm) -> &mut String,
}

macro_rules! fields {
    ($($name:ident $label:literal;)*) => {
        const FIELDS: &[Field] = &[$(Field { name: stringify!($name), label: $label, of: |form| &mut form.$name },)*];
    };
}

// Quantity, unit and period are one fact: `flatten` brings them to one cell of `quantity`.
fields! {
    direction "Sens";
    label "Flux";
    category "Catégorie";
    quantity "Quantité";
    outlet "Exutoire ou fournisseur";
    certainty "Origine";
    waste_code "Code déchet";
    months "Mois";
    form "Forme";
    quality "Qualité";
    temperature "Température";
    food_grade "Qualité alimentaire";
    annual_cost "Coût annuel";
    contract_end "Fin de contrat";
    visibility "Confidentialité";
    observed_on "Observé le";
}

/// Compares what I send with what is stored, from what I had on screen. All three come from
/// [`FlowForm::of`], so that equal values are written alike.
pub(super) fn merge(original: &FlowForm, mine: &FlowForm, stored: &FlowForm) -> Merged {
    let [mut original, mut mine, mut stored] = [original, mine, stored].map(flatten);
    let mut form = mine.clone();
    let mut conflicts = Vec::new();
    for field in FIELDS {
        let of = field.of;
        let (was, typed, now) = (
            of(&mut original).clone(),
            of(&mut mine).clone(),
            of(&mut stored).clone(),
        );
        if typed == was {
            *of(&mut form) = now;
        } else if now != was && now != typed {
            let value = |typed: String| Value {
                shown: shown(field.name, &typed),
                typed,
            };
            conflicts.push(Conflict {
                field: field.name,
                label: field.label,
                mine: value(typed),
                stored: value(now),
                original: value(was),
            });
        }
    }
    Merged { form, conflicts }
}

fn flatten(form: &FlowForm) -> FlowForm {
    let typed = Typed {
        quantity: &form.quantity,
        unit: &form.unit,
        period: &form.period,
    };
    let measure = Measure::parse(typed, None).ok().flatten();
    FlowForm {
        quantity: measure.map_or_else(String::new, |m| m.cell()),
        unit: String::new(),
        period: String::new(),
        category_typed: String::new(),
        ..form.clone()
    }
}

fn shown(field: &str, typed: &str) -> String {
    if typed.is_empty() {
        return match field {
            "months" => "toute l’année",
            "category" => "à classer",
            _ => "non renseigné",
        }
        .to_owned();
    }
    let words = match field {
        "direction" => Direction::parse(typed).ok().map(|d| d.label().to_owned()),
        "certainty" => Certainty::parse(typed).map(|c| c.label().to_owned()),
        "visibility" => Visibility::parse(typed).map(|v| v.label().to_owned()),
        "form" => Form::parse(typed).map(|f| f.label().to_owned()),
        "category" => {
            FlowCode::find(typed).map(|code| format!("{code} {}", Catalogue::embedded().category(code).label))
        }
        "temperature" => Some(format!("{typed}\u{a0}°C")),
        "annual_cost" => Some(format!("{typed}\u{a0}€ par an")),
        _ => None,
    };
    words.unwrap_or_else(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, merge};
    use crate::flows::form::FlowForm;
    use chrono::NaiveDate;

    fn base() -> FlowForm {
        let day = NaiveDate::from_ymd_opt(2026, 11, 17).expect("a day");
        FlowForm {
            label: "Cartons".to_owned(),
            quantity: "35".to_owned(),
            unit: "t".to_owned(),
            ..FlowForm::blank("sortant", day)
        }
    }

    #[test]
    fn different_fields_merge_by_themselves() {
        let mine = FlowForm {
            outlet: "Benne".to_owned(),
            ..base()
        };
        let stored = FlowForm {
            quantity: "42".to_owned(),
            ..base()
        };
        let merged = merge(&base(), &mine, &stored);
        assert!(merged.conflicts.is_empty());
        assert_eq!(
            (merged.form.outlet.as_str(), merged.form.quantity.as_str()),
            ("Benne", "42 t/an")
        );
    }

    #[test]
    fn the_same_field_changed_twice_is_asked() {
        let mine = FlowForm {
            quantity: "38".to_owned(),
            ..base()
        };
        let stored = FlowForm {
            quantity: "42".to_owned(),
            ..base()
        };
        let merged = merge(&base(), &mine, &stored);
        let [conflict] = &merged.conflicts[..] else {
            panic!("one conflict: {merged:?}")
        };
        assert_eq!(conflict.label, "Quantité");
        let words = [&conflict.mine, &conflict.stored, &conflict.original].map(|value| value.shown.as_str());
        assert_eq!(words, ["38 t/an", "42 t/an", "35 t/an"]);
    }

    #[test]
    fn a_number_and_its_unit_are_one_fact() {
        let mine = FlowForm {
            unit: "kg".to_owned(),
            ..base()
        };
        let stored = FlowForm {
            quantity: "42".to_owned(),
            ..base()
        };
        assert_eq!(merge(&base(), &mine, &stored).conflicts.len(), 1);
    }

    #[test]
    fn the_same_change_twice_is_no_conflict() {
        let both = FlowForm {
            label: "Cartons bruns".to_owned(),
            ..base()
        };
        let merged = merge(&base(), &both, &both);
        assert!(merged.conflicts.is_empty());
        assert_eq!(merged.form.label, "Cartons bruns");
    }

    #[test]
    fn every_field_of_the_form_is_compared() {
        let posted = serde_json::to_value(FlowForm::default()).expect("json");
        let names: Vec<_> = posted
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        let compared = FIELDS.iter().map(|field| field.name).chain(["unit", "period"]);
        for name in compared.clone() {
            assert!(names.contains(&name), "{name}");
        }
        assert_eq!(names.len(), compared.count());
    }
}
