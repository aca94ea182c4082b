//! Whether the outbound flow is good enough: the attributes both sides tell, and the questions to ask.

use super::facts::{Fact, Flow};
use super::material::Link;
use super::prepare::Item;
use super::scoring::Measure;
use super::shelves;
use crate::kernel::format_number;
use crate::nomenclature::Attribute;

/// One attribute compared: 0 to 1, and the sentence.
struct Compared {
    value: f64,
    sentence: String,
}

/// The weakest attribute decides; what nobody tells is unknown.
pub(super) fn measure(link: &Link<'_>, out: &Item<'_>, into: &Item<'_>) -> Measure {
    if shelves::told(out.flow) & shelves::told(into.flow) == 0 {
        return Measure::UNKNOWN;
    }
    let known = compared(out.flow, into.flow);
    let Some(value) = known.iter().map(|attribute| attribute.value).reduce(f64::min) else {
        return Measure::UNKNOWN;
    };
    let asked = missing(link, out.flow, into.flow).len();
    let told = f64::from(u32::try_from(known.len()).unwrap_or(u32::MAX));
    let untold = f64::from(u32::try_from(asked).unwrap_or(u32::MAX));
    Measure::known(value, told / (told + untold))
}

/// The sentence of the weakest attribute.
pub(super) fn sentence(out: &Item<'_>, into: &Item<'_>) -> Option<String> {
    let weakest = compared(out.flow, into.flow)
        .into_iter()
        .min_by(|a, b| a.value.total_cmp(&b.value));
    weakest.map(|attribute| attribute.sentence)
}

/// What to ask about quality: the rule's requirements, and what only one side told.
pub(super) fn missing(link: &Link<'_>, out: &Flow, into: &Flow) -> Vec<(Fact, String)> {
    let mut questions = Vec::new();
    for requirement in link.rule.map(|rule| rule.requires.as_slice()).unwrap_or_default() {
        if !told(requirement.attribute, out) {
            questions.push((fact(requirement.attribute), requirement.ask.clone()));
        }
    }
    let one_sided = [
        (
            Attribute::Temperature,
            into.temperature_c.is_some() && out.temperature_c.is_none(),
        ),
        (
            Attribute::Pressure,
            into.pressure_bar.is_some() && out.pressure_bar.is_none(),
        ),
        (
            Attribute::Purity,
            into.purity_pct.is_some() && out.purity_pct.is_none(),
        ),
        (
            Attribute::Humidity,
            into.humidity_pct.is_some() && out.humidity_pct.is_none(),
        ),
        (
            Attribute::FoodGrade,
            into.food_grade == Some(true) && out.food_grade.is_none(),
        ),
        (Attribute::Form, into.form.is_some() && out.form.is_none()),
    ];
    for (attribute, ask) in one_sided {
        let already = link
            .rule
            .is_some_and(|rule| rule.requires.iter().any(|r| r.attribute == attribute));
        if ask && !already {
            questions.push((fact(attribute), format!("{} du sortant", attribute.label())));
        }
    }
    questions
}

fn fact(attribute: Attribute) -> Fact {
    match attribute {
        Attribute::Form | Attribute::Format => Fact::Form,
        Attribute::Temperature
        | Attribute::Purity
        | Attribute::Humidity
        | Attribute::FoodGrade
        | Attribute::Pressure
        | Attribute::Cleanliness
        | Attribute::Composition
        | Attribute::Regulation => Fact::Quality,
        Attribute::Hazard => Fact::Hazard,
    }
}

fn told(attribute: Attribute, flow: &Flow) -> bool {
    match attribute {
        Attribute::Temperature => flow.temperature_c.is_some(),
        Attribute::Purity => flow.purity_pct.is_some(),
        Attribute::Humidity => flow.humidity_pct.is_some(),
        Attribute::FoodGrade => flow.food_grade.is_some(),
        Attribute::Form => flow.form.is_some(),
        Attribute::Pressure => flow.pressure_bar.is_some(),
        // Nothing records them yet: always worth the question.
        Attribute::Cleanliness
        | Attribute::Format
        | Attribute::Composition
        | Attribute::Hazard
        | Attribute::Regulation => false,
    }
}

fn compared(out: &Flow, into: &Flow) -> Vec<Compared> {
    [
        temperature(out, into),
        pressure(out, into),
        purity(out, into),
        humidity(out, into),
        food(out, into),
        form(out, into),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The gate has already refused heat that is too cold; a wide gap the other way costs nothing.
fn temperature(out: &Flow, into: &Flow) -> Option<Compared> {
    let (given, wanted) = (out.temperature_c?, into.temperature_c?);
    let gap = (given - wanted).abs();
    let value = if given >= wanted {
        1.0
    } else {
        (1.0 - gap / 30.0).max(0.1)
    };
    Some(Compared {
        value,
        sentence: format!(
            "{}\u{a0}°C disponibles pour {}\u{a0}°C demandés.",
            format_number(given, 0),
            format_number(wanted, 0)
        ),
    })
}

fn pressure(out: &Flow, into: &Flow) -> Option<Compared> {
    let (given, wanted) = (out.pressure_bar?, into.pressure_bar?);
    Some(Compared {
        value: if given >= wanted {
            1.0
        } else {
            (given / wanted).clamp(0.1, 1.0) * 0.5
        },
        sentence: format!(
            "{}\u{a0}bar disponibles pour {}\u{a0}bar demandés.",
            format_number(given, 1),
            format_number(wanted, 1)
        ),
    })
}

fn purity(out: &Flow, into: &Flow) -> Option<Compared> {
    let (given, wanted) = (out.purity_pct?, into.purity_pct?);
    Some(Compared {
        value: (1.0 - (wanted - given).max(0.0) / 20.0).max(0.1),
        sentence: format!(
            "Pureté de {}\u{a0}% pour {}\u{a0}% demandés.",
            format_number(given, 1),
            format_number(wanted, 1)
        ),
    })
}

fn humidity(out: &Flow, into: &Flow) -> Option<Compared> {
    let (given, wanted) = (out.humidity_pct?, into.humidity_pct?);
    Some(Compared {
        value: (1.0 - (given - wanted).max(0.0) / 30.0).max(0.1),
        sentence: format!(
            "Humidité de {}\u{a0}% pour {}\u{a0}% acceptés.",
            format_number(given, 0),
            format_number(wanted, 0)
        ),
    })
}

fn food(out: &Flow, into: &Flow) -> Option<Compared> {
    let (given, wanted) = (out.food_grade?, into.food_grade?);
    let sentence = match (given, wanted) {
        (true, true) => "Qualité alimentaire des deux côtés.",
        (true, false) => "Qualité alimentaire, plus qu’il n’en faut.",
        (false, _) => "Qualité alimentaire non requise.",
    };
    Some(Compared {
        value: 1.0,
        sentence: sentence.to_owned(),
    })
}

fn form(out: &Flow, into: &Flow) -> Option<Compared> {
    let (given, wanted) = (out.form?, into.form?);
    let value = if given == wanted {
        1.0
    } else if given.state() == wanted.state() {
        0.7
    } else {
        0.4
    };
    let shown = given.label().to_lowercase();
    let sentence = if given == wanted {
        format!("Même forme des deux côtés ({shown}).")
    } else {
        format!(
            "Forme à adapter\u{a0}: {shown}, alors que le receveur demande {}.",
            wanted.label().to_lowercase()
        )
    };
    Some(Compared { value, sentence })
}
