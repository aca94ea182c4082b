//! A score in words: the parts, the strongest and weakest reasons, what to ask, what changed.
//!
//! Written only for the pairs that are kept. The engine knows no name: the sentences say « le
//! donneur » and « le receveur », the screen adds who they are.

use chrono::{Datelike, Locale, NaiveDate};

use super::economics::Figure;
use super::material::Basis;
use super::memory;
use super::outcome::{BOUNDLESS_KM, Explanation, Origin, Part, PartName};
use super::prepare::Board;
use super::scoring::{COMPONENTS, Scored, weights};
use super::{evidence, quality, questions};
use crate::kernel::{Months, format_euros, format_km, format_number};

const STRENGTHS: usize = 3;
const WEAKNESSES: usize = 2;
/// From this value a component is a reason to act; below [`WEAK`] a reason to doubt.
const STRONG: f64 = 0.65;
const WEAK: f64 = 0.5;

const NAMES: [PartName; COMPONENTS] = [
    PartName::Economics,
    PartName::Distance,
    PartName::Quantity,
    PartName::Quality,
    PartName::Time,
    PartName::Carbon,
    PartName::Relations,
];

/// Everything a reviewer reads about a pair.
pub(super) fn explain(board: &Board<'_>, scored: &Scored<'_>) -> Explanation {
    let parts = parts(board, scored);
    let mut strong: Vec<&Part> = parts
        .iter()
        .filter(|part| part.value.is_some_and(|value| value >= STRONG) && told(scored, part.name))
        .collect();
    strong.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.name.cmp(&b.name)));
    let mut weak: Vec<&Part> = parts
        .iter()
        .filter(|part| part.value.is_some_and(|value| value < WEAK))
        .collect();
    weak.sort_by(|a, b| lack(b).total_cmp(&lack(a)).then(a.name.cmp(&b.name)));
    let mut weaknesses: Vec<String> = contract(board, scored).into_iter().collect();
    weaknesses.extend(weak.into_iter().map(|part| part.sentence.clone()));
    weaknesses.dedup();
    weaknesses.truncate(WEAKNESSES);
    let (out, into) = (&board.item(scored.out), &board.item(scored.into));
    let changed = board
        .decision(out, into)
        .map(|decision| memory::changes(decision, &memory::fingerprint(board, &scored.link, out, into)))
        .unwrap_or_default();
    Explanation {
        strengths: strong
            .into_iter()
            .take(STRENGTHS)
            .map(|part| part.sentence.clone())
            .collect(),
        weaknesses,
        to_ask: questions::to_ask(board, scored),
        changed,
        precedent: scored.link.rule.and_then(evidence::precedent),
        parts,
    }
}

/// Whether everything the part speaks of is known: what is half « non estimé » is no strength.
fn told(scored: &Scored<'_>, name: PartName) -> bool {
    let figures = &scored.figures;
    name != PartName::Economics || (figures.giver.is_some() && figures.receiver.is_some())
}

/// Material speaks first; then what brings most points.
fn weight(part: &Part) -> f64 {
    if part.name == PartName::Material {
        f64::INFINITY
    } else {
        part.weight * part.value.unwrap_or(0.0)
    }
}

fn lack(part: &Part) -> f64 {
    let weight = if part.name == PartName::Material {
        100.0
    } else {
        part.weight
    };
    weight * (1.0 - part.value.unwrap_or(1.0))
}

fn parts(board: &Board<'_>, scored: &Scored<'_>) -> Vec<Part> {
    let sentences = [
        economics(scored),
        distance(scored),
        quantity(board, scored),
        quality_sentence(board, scored),
        time(board, scored),
        carbon(scored),
        relations(board, scored),
    ];
    let material = Part {
        name: PartName::Material,
        value: Some(scored.link.fit),
        confidence: scored.link.confidence,
        weight: 0.0,
        sentence: material(board, scored),
    };
    let weights = weights(&board.params.weights);
    let rest = NAMES.into_iter().zip(scored.measures).zip(weights).zip(sentences);
    std::iter::once(material)
        .chain(rest.map(|(((name, measure), weight), sentence)| Part {
            name,
            value: measure.value,
            confidence: measure.confidence,
            weight,
            sentence,
        }))
        .collect()
}

fn material(board: &Board<'_>, scored: &Scored<'_>) -> String {
    let (out, into) = (board.item(scored.out).flow, board.item(scored.into).flow);
    let same_words = board
        .item(scored.out)
        .words
        .agreement(board.item(scored.into).words)
        > 0.999;
    let link = &scored.link;
    let labels = || {
        if same_words {
            format!(
                "Même libellé des deux côtés\u{a0}: «\u{a0}{}\u{a0}».",
                out.label.trim()
            )
        } else {
            format!(
                "Libellés proches\u{a0}: «\u{a0}{}\u{a0}» et «\u{a0}{}\u{a0}».",
                out.label.trim(),
                into.label.trim()
            )
        }
    };
    match (link.basis, link.rule, link.out) {
        (Basis::Rule | Basis::SameCategory, Some(rule), _) => {
            let note = rule.note.trim_end_matches('.');
            format!("{note}\u{a0}: règle {}{}.", rule.id, applied(board, scored))
        }
        (Basis::SameCategory, None, Some(category)) if !same_words => {
            format!(
                "Même catégorie des deux côtés\u{a0}: {}{}.",
                category.label,
                applied(board, scored)
            )
        }
        (Basis::Precedent, _, _) => format!("Rapprochement de catégories{}.", applied(board, scored)),
        (Basis::Rule | Basis::SameCategory | Basis::Label, _, _) => labels(),
    }
}

/// « , déjà acceptée 9 fois » or nothing.
fn applied(board: &Board<'_>, scored: &Scored<'_>) -> String {
    let (Some(out), Some(into)) = (scored.link.out, scored.link.into) else {
        return String::new();
    };
    match board.precedents(out.code, into.code).1 {
        0 => String::new(),
        times => format!(", déjà acceptée {times} fois"),
    }
}

fn economics(scored: &Scored<'_>) -> String {
    let figures = &scored.figures;
    match (&figures.giver, &figures.receiver) {
        (Some(giver), Some(receiver)) => format!(
            "{} pour le donneur, {} pour le receveur.",
            gain(giver),
            uncapitalised(&gain(receiver))
        ),
        (Some(giver), None) => {
            format!(
                "{} pour le donneur\u{202f}; gain du receveur non estimé.",
                gain(giver)
            )
        }
        (None, Some(receiver)) => {
            format!(
                "{} pour le receveur\u{202f}; gain du donneur non estimé.",
                gain(receiver)
            )
        }
        (None, None) if figures.matched.is_none() => {
            "Gain non estimé\u{a0}: il manque les quantités.".to_owned()
        }
        (None, None) if scored.distance.is_none() => {
            "Gain non estimé\u{a0}: il manque une position.".to_owned()
        }
        (None, None) => "Gain non estimé\u{a0}: il manque un prix ou un coût.".to_owned(),
    }
}

/// « Gain estimé de 1 200 € par an », « Perte estimée de 300 € par an ».
fn gain(figure: &Figure<'_>) -> String {
    let (word, origin) = match (figure.central < 0.0, figure.origin) {
        (false, origin) => ("Gain", origin.label()),
        (true, Origin::Estimated) => ("Perte", "estimée"),
        (true, Origin::Declared) => ("Perte", "déclarée"),
        (true, Origin::Measured) => ("Perte", "mesurée"),
    };
    format!("{word} {origin} de {} par an", format_euros(figure.central.abs()))
}

fn uncapitalised(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + rest.as_str()
    })
}

fn distance(scored: &Scored<'_>) -> String {
    let Some(distance) = scored.distance else {
        return "Distance non connue\u{a0}: il manque une position.".to_owned();
    };
    let shown = format_km(distance);
    let reach = scored.reach;
    match scored.figures.break_even_km.filter(|_| !scored.figures.partial) {
        Some(limit) if limit >= BOUNDLESS_KM && distance <= reach.full_km => format!(
            "{shown}\u{a0}: seuil de rentabilité au-delà de {}, le transport ne limite pas.",
            format_km(BOUNDLESS_KM)
        ),
        Some(limit) if limit >= BOUNDLESS_KM => format!(
            "{shown}, plus que la distance courante ({}) pour ce flux, mais le transport ne limite pas.",
            format_km(reach.full_km)
        ),
        Some(limit) if limit < 1.0 => {
            format!("{shown}, et le transport coûte plus que l’échange ne rapporte.")
        }
        Some(limit) if distance <= limit / 2.0 && distance <= reach.full_km => {
            format!(
                "{shown}, bien en deçà du seuil de rentabilité ({}).",
                format_km(limit)
            )
        }
        Some(limit) if distance <= limit => {
            format!("{shown}, en deçà du seuil de rentabilité ({}).", format_km(limit))
        }
        Some(limit) => format!("{shown}, au-delà du seuil de rentabilité ({}).", format_km(limit)),
        None if distance <= reach.full_km => format!("{shown}, une distance courante pour ce flux."),
        None => format!(
            "{shown}, plus que la distance courante ({}) pour ce flux.",
            format_km(reach.full_km)
        ),
    }
}

fn quantity(board: &Board<'_>, scored: &Scored<'_>) -> String {
    let (out, into) = (board.item(scored.out).flow, board.item(scored.into).flow);
    let Some(matched) = scored.figures.matched else {
        return match (out.annual, into.annual) {
            (None, None) => "Quantités non connues.",
            (None, Some(_)) => "Quantité du sortant non connue.",
            (Some(_), None) => "Quantité demandée non connue.",
            (Some(_), Some(_)) => "Quantités dans des unités qui ne se comparent pas.",
        }
        .to_owned();
    };
    let amount = |value: f64| {
        format!(
            "{}\u{a0}{}",
            format_number(value, if value < 10.0 { 1 } else { 0 }),
            matched.unit.symbol()
        )
    };
    if matched.needed >= matched.offered {
        format!(
            "Toute l’offre trouve preneur\u{a0}: {} sur {} demandés.",
            amount(matched.offered),
            amount(matched.needed)
        )
    } else {
        format!(
            "{} sur {} trouvent preneur.",
            amount(matched.needed),
            amount(matched.offered)
        )
    }
}

fn quality_sentence(board: &Board<'_>, scored: &Scored<'_>) -> String {
    let (out, into) = (&board.item(scored.out), &board.item(scored.into));
    quality::sentence(out, into).unwrap_or_else(|| "Qualité non connue.".to_owned())
}

fn time(board: &Board<'_>, scored: &Scored<'_>) -> String {
    if let Some(sentence) = contract(board, scored) {
        return sentence;
    }
    let (out, into) = (board.item(scored.out).flow, board.item(scored.into).flow);
    match Months::from_bits(out.months.bits() & into.months.bits()) {
        Some(common) if common == Months::ALL => "Présents toute l’année des deux côtés.".to_owned(),
        Some(common) => format!("Présents ensemble\u{a0}: {}.", common.label()),
        None => "Aucun mois commun.".to_owned(),
    }
}

/// The receiver is bound for more than three months.
fn contract(board: &Board<'_>, scored: &Scored<'_>) -> Option<String> {
    let end = board.item(scored.into).flow.contract_end?;
    ((end - board.params.today).num_days() > 90)
        .then(|| format!("Le receveur est sous contrat jusqu’au {}.", long_date(end)))
}

pub(super) fn long_date(day: NaiveDate) -> String {
    let ordinal = if day.day() == 1 {
        "1er".to_owned()
    } else {
        day.day().to_string()
    };
    format!("{ordinal} {}", day.format_localized("%B %Y", Locale::fr_FR))
}

fn carbon(scored: &Scored<'_>) -> String {
    match &scored.figures.tco2e {
        None => "CO₂ non estimé.".to_owned(),
        Some(tonnes) if tonnes.central <= 0.0 => {
            "Le transport émettrait plus de CO₂ que l’échange n’en évite.".to_owned()
        }
        Some(tonnes) => format!(
            "{}\u{a0}t de CO₂ évitées par an, transport déduit.",
            format_number(tonnes.central, 1)
        ),
    }
}

fn relations(board: &Board<'_>, scored: &Scored<'_>) -> String {
    let (a, b) = (
        board.site(&board.item(scored.out)),
        board.site(&board.item(scored.into)),
    );
    if board.cooperate(a, b) {
        return "Les deux établissements travaillent déjà ensemble.".to_owned();
    }
    match (&a.zone, &b.zone) {
        (Some(a), Some(b)) if a == b => "Même zone d’activités.",
        (Some(_), Some(_)) => "Zones d’activités différentes.",
        (None | Some(_), _) => "Relations non connues.",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::long_date;
    use chrono::NaiveDate;

    #[test]
    fn dates_are_written_in_words() {
        let day = |d| NaiveDate::from_ymd_opt(2027, 6, d).expect("valid");
        assert_eq!(long_date(day(30)), "30 juin 2027");
        assert_eq!(long_date(day(1)), "1er juin 2027");
    }
}
