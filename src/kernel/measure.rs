//! A quantity as it is typed: three fields, or one cell that says everything (« 3,2 t/mois »). Pure.

use super::unit::Dimension;
use super::{Period, Unit, format_number, parse_decimal};
use std::borrow::Cow;

/// How much of something, how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    pub quantity: f64,
    pub unit: Unit,
    pub period: Period,
}

/// The three fields of a form, as typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typed<'a> {
    pub quantity: &'a str,
    pub unit: &'a str,
    pub period: &'a str,
}

/// What is wrong, with the field that is to be corrected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAMeasure {
    #[error("Indiquez la quantité en {unit} {period}, par exemple 12,5.")]
    Quantity {
        unit: &'static str,
        period: &'static str,
    },
    #[error("Indiquez l’unité de la quantité\u{a0}: t, kg, m³, MWh, palettes…")]
    NoUnit,
    #[error("Cette unité n’est pas connue\u{a0}: écrivez par exemple t, kg, m³, L, MWh, palette ou unité.")]
    Unit,
    #[error(
        "La quantité dit «\u{a0}{cell}\u{a0}» et l’unité «\u{a0}{field}\u{a0}»\u{a0}: gardez l’une des deux."
    )]
    TwoUnits { cell: &'static str, field: &'static str },
    #[error(
        "La période doit être un jour, une semaine, un mois, un trimestre, un semestre, un an ou «\u{a0}ponctuel\u{a0}»."
    )]
    Period,
}

impl NotAMeasure {
    pub fn field(&self) -> &'static str {
        match self {
            Self::Quantity { .. } => "quantity",
            Self::NoUnit | Self::Unit | Self::TwoUnits { .. } => "unit",
            Self::Period => "period",
        }
    }
}

impl Measure {
    /// Reads the three fields; none when no quantity is given, since an order of magnitude may come
    /// later. `usual` is the unit of the category, for a number alone.
    ///
    /// # Errors
    /// [`NotAMeasure`], with the sentence to show by its field.
    pub fn parse(typed: Typed<'_>, usual: Option<Unit>) -> Result<Option<Self>, NotAMeasure> {
        let cell = in_figures(without_about(typed.quantity.trim()));
        if cell.is_empty() {
            return Ok(None);
        }
        let (number, rest) = split_number(&cell);
        let (in_cell, times) = PerPeriod::parse(rest).counted();
        let in_field = PerPeriod::parse(typed.unit.trim());
        let field_period = Some(typed.period.trim()).filter(|words| !words.is_empty());
        let period = in_cell.period.or(in_field.period).or(field_period);
        let period = period.map_or(Ok(Period::Year), |words| {
            Period::parse(words).map_err(|_| NotAMeasure::Period)
        });
        let known = Unit::parse(in_field.unit).ok().or(usual);
        let quantity = parse_decimal(number).ok().filter(|_| !is_suspect(rest));
        let quantity = quantity.ok_or_else(|| refused(known, *period.as_ref().unwrap_or(&Period::Year)))?;
        let quantity = quantity * times;
        let unit = unit_of(in_cell.unit, in_field.unit)?
            .or(usual)
            .ok_or(NotAMeasure::NoUnit)?;
        Ok(Some(Self {
            quantity,
            unit,
            period: period?,
        }))
    }

    /// Whether the cell begins with a number, whatever follows it.
    pub fn begins_in(quantity: &str) -> bool {
        let cell = in_figures(without_about(quantity.trim()));
        parse_decimal(split_number(&cell).0).is_ok()
    }

    /// « 3,2 t/mois », which [`Measure::parse`] reads back.
    pub fn cell(&self) -> String {
        format!("{} {}/{}", self.typed_quantity(), self.unit, self.period.word())
    }

    pub fn typed_quantity(&self) -> String {
        format_number(self.quantity, 6)
    }
}

/// The refusal of a quantity, in the unit and the period that the form shows.
fn refused(unit: Option<Unit>, period: Period) -> NotAMeasure {
    let period = match period {
        Period::Once => "en une fois",
        Period::Day | Period::Week | Period::Month | Period::Quarter | Period::HalfYear | Period::Year => {
            period.label()
        }
    };
    NotAMeasure::Quantity {
        unit: several(unit.unwrap_or(Unit::Tonne)),
        period,
    }
}

/// The unit in a sentence, when its symbol would not read well.
fn several(unit: Unit) -> &'static str {
    if unit == Unit::Tonne {
        "tonnes"
    } else if unit == Unit::Each {
        "unités"
    } else if unit == Unit::Pallet {
        "palettes"
    } else if unit == Unit::Place {
        "places"
    } else if unit == Unit::Hour {
        "heures"
    } else if unit == Unit::Day {
        "jours"
    } else {
        unit.symbol()
    }
}

fn without_about(cell: &str) -> &str {
    let words = ["environ", "env.", "~", "≈", "±"];
    words
        .iter()
        .find_map(|word| cell.strip_prefix(word))
        .unwrap_or(cell)
        .trim_start()
}

/// Round numbers that people say in letters.
const IN_LETTERS: [(&str, &str); 11] = [
    ("une dizaine", "10"),
    ("une douzaine", "12"),
    ("une quinzaine", "15"),
    ("une vingtaine", "20"),
    ("une trentaine", "30"),
    ("une quarantaine", "40"),
    ("une cinquantaine", "50"),
    ("une centaine", "100"),
    ("un millier", "1000"),
    ("une", "1"),
    ("un", "1"),
];

/// « une dizaine de palettes » as « 10 palettes ».
fn in_figures(cell: &str) -> Cow<'_, str> {
    let lower = cell.to_lowercase();
    let said = IN_LETTERS.iter().find_map(|(letters, figures)| {
        let rest = lower.strip_prefix(letters)?;
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| (rest.trim_start(), figures))
    });
    said.map_or(Cow::Borrowed(cell), |(rest, figures)| {
        Cow::Owned(format!("{figures} {}", without_of(rest)).trim_end().to_owned())
    })
}

fn without_of(words: &str) -> &str {
    let prefixes = ["de ", "d’", "d'"];
    let found = prefixes.iter().find_map(|of| words.strip_prefix(of));
    found.unwrap_or(words).trim_start()
}

/// The number at the start of a cell, and what follows.
fn split_number(cell: &str) -> (&str, &str) {
    let is_number = |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, ',' | '.' | '\'' | '’');
    let end = cell.find(|c| !is_number(c)).unwrap_or(cell.len());
    (cell[..end].trim(), cell[end..].trim())
}

/// « 10-12 t » or « 12 % » say something else than one quantity.
fn is_suspect(rest: &str) -> bool {
    rest.chars()
        .next()
        .is_some_and(|c| !c.is_alphabetic() && !matches!(c, '/' | '€'))
}

/// « t/mois », « t par mois », « t », « /mois ».
struct PerPeriod<'a> {
    unit: &'a str,
    period: Option<&'a str>,
}

impl<'a> PerPeriod<'a> {
    fn parse(words: &'a str) -> Self {
        let par = words.strip_prefix("par ").map(|period| ("", period));
        let par = par.or_else(|| words.split_once(" par "));
        let slash = words.split_once('/');
        let first = [slash, par]
            .into_iter()
            .flatten()
            .min_by_key(|(unit, _)| unit.len());
        Self {
            unit: first.map_or(words, |(unit, _)| unit.trim()),
            period: first.map(|(_, period)| period.trim()),
        }
    }

    /// What is counted twice, and how many times: « 2 fûts de 200 L » is so many litres, « m³/j 220 j » so
    /// many cubic metres a year.
    fn counted(self) -> (Self, f64) {
        let (unit, each) = contents(self.unit).unwrap_or((self.unit, 1.0));
        let days = self.period.and_then(times_a_year);
        let period = if days.is_some() { Some("an") } else { self.period };
        (Self { unit, period }, each * days.unwrap_or(1.0))
    }
}

/// What each container holds: « benne de 15 m3 ».
fn contents(words: &str) -> Option<(&str, f64)> {
    let at = words.find(|c: char| c.is_ascii_digit())?;
    let container = words[..at].strip_suffix(char::is_whitespace)?.trim_end();
    let container = container.strip_suffix(" de").unwrap_or(container);
    let (number, unit) = split_number(&words[at..]);
    let is_container = Unit::parse(container)
        .is_ok_and(|unit| matches!(unit.dimension(), Dimension::Count | Dimension::Skip));
    let is_measured = Unit::parse(unit).is_ok();
    let each = parse_decimal(number)
        .ok()
        .filter(|_| is_container && is_measured)?;
    Some((unit, each))
}

/// How many of its periods a year counts: « j 220 j/an ».
fn times_a_year(words: &str) -> Option<f64> {
    let at = words.find(|c: char| c.is_ascii_digit())?;
    let period = words[..at]
        .trim()
        .trim_end_matches(" pendant")
        .trim_end_matches(" sur");
    let (number, again) = split_number(&words[at..]);
    let again = again.split(['/', ' ']).next().unwrap_or_default();
    let period = Period::parse(period.trim_end_matches([',', ' '])).ok()?;
    let is_same = Period::parse(again) == Ok(period) && !matches!(period, Period::Year | Period::Once);
    parse_decimal(number).ok().filter(|_| is_same)
}

fn unit_of(cell: &str, field: &str) -> Result<Option<Unit>, NotAMeasure> {
    let read = |words: &str| match words {
        "" => Ok(None),
        words => Unit::parse(words).map(Some).map_err(|_| NotAMeasure::Unit),
    };
    match (read(cell)?, read(field)) {
        (Some(a), Ok(Some(b))) if a != b => Err(NotAMeasure::TwoUnits {
            cell: a.symbol(),
            field: b.symbol(),
        }),
        (Some(unit), _) => Ok(Some(unit)),
        (None, field) => field,
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, NotAMeasure, Typed};
    use crate::kernel::{Period, Unit};

    fn read(quantity: &str, unit: &str, period: &str) -> Result<Option<Measure>, NotAMeasure> {
        Measure::parse(
            Typed {
                quantity,
                unit,
                period,
            },
            None,
        )
    }

    type Case = (&'static str, &'static str, &'static str, f64, Unit, Period);

    fn reads(cases: &[Case]) {
        for (quantity, unit, period, expected, expected_unit, expected_period) in cases {
            let measure = read(quantity, unit, period).expect(quantity).expect(quantity);
            assert!((measure.quantity - expected).abs() < 1e-9, "{quantity}");
            assert_eq!(
                (measure.unit, measure.period),
                (*expected_unit, *expected_period),
                "{quantity} {unit}"
            );
        }
    }

    #[test]
    fn quantities_as_people_type_them() {
        reads(&[
            ("1 234,5", "t", "an", 1234.5, Unit::Tonne, Period::Year),
            ("1\u{a0}234,5", "tonnes", "", 1234.5, Unit::Tonne, Period::Year),
            ("45", "u./semaine", "an", 45.0, Unit::Each, Period::Week),
            ("45", "palettes", "mois", 45.0, Unit::Pallet, Period::Month),
            ("3,2 t/mois", "", "an", 3.2, Unit::Tonne, Period::Month),
            ("3,2 t / mois", "", "", 3.2, Unit::Tonne, Period::Month),
            ("12 t/an", "t", "mois", 12.0, Unit::Tonne, Period::Year),
            ("18 m³ par jour", "", "an", 18.0, Unit::CubicMetre, Period::Day),
            ("18 m3", "", "jour", 18.0, Unit::CubicMetre, Period::Day),
            ("12 par mois", "t", "an", 12.0, Unit::Tonne, Period::Month),
            ("environ 2,1GWh", "", "an", 2.1, Unit::GigawattHour, Period::Year),
            ("~ 400", "MWh / an", "", 400.0, Unit::MegawattHour, Period::Year),
            ("12 000 €", "", "an", 12000.0, Unit::Euro, Period::Year),
            ("220 m2", "", "ponctuel", 220.0, Unit::SquareMetre, Period::Once),
            ("0", "t", "an", 0.0, Unit::Tonne, Period::Year),
        ]);
    }

    #[test]
    fn quantities_as_people_say_them() {
        reads(&[
            (
                "200 litres/trimestre",
                "",
                "",
                200.0,
                Unit::Litre,
                Period::Quarter,
            ),
            ("3 t par semestre", "", "", 3.0, Unit::Tonne, Period::HalfYear),
            ("2 fûts par mois", "", "", 2.0, Unit::Drum, Period::Month),
            ("3 big bags/mois", "", "", 3.0, Unit::BigBag, Period::Month),
            (
                "2 fûts de 200 L par mois",
                "",
                "",
                400.0,
                Unit::Litre,
                Period::Month,
            ),
            (
                "1 benne 15 m3 par mois",
                "",
                "",
                15.0,
                Unit::CubicMetre,
                Period::Month,
            ),
            ("une benne par mois", "", "", 1.0, Unit::Skip, Period::Month),
            ("2 fois par semaine", "", "", 2.0, Unit::Passage, Period::Week),
            ("10 m3/j 220 j", "", "", 2200.0, Unit::CubicMetre, Period::Year),
            (
                "10 m3 par jour, 220 j/an",
                "",
                "",
                2200.0,
                Unit::CubicMetre,
                Period::Year,
            ),
            ("une dizaine", "t", "an", 10.0, Unit::Tonne, Period::Year),
            (
                "Une vingtaine de palettes par mois",
                "",
                "",
                20.0,
                Unit::Pallet,
                Period::Month,
            ),
            ("40 par mois", "u", "", 40.0, Unit::Each, Period::Month),
        ]);
    }

    #[test]
    fn no_quantity_is_no_error() {
        assert_eq!(read("", "t", "an"), Ok(None));
        assert_eq!(read("  ", "", ""), Ok(None));
    }

    #[test]
    fn a_number_alone_is_in_the_usual_unit() {
        let typed = Typed {
            quantity: "12",
            ..Typed::default()
        };
        let measure = Measure::parse(typed, Some(Unit::MegawattHour))
            .expect("valid")
            .expect("given");
        assert_eq!(measure.unit, Unit::MegawattHour);
        assert_eq!(Measure::parse(typed, None), Err(NotAMeasure::NoUnit));
    }

    #[test]
    fn a_refusal_says_how_to_correct_it() {
        let sentence =
            |quantity, unit, period| read(quantity, unit, period).expect_err("refused").to_string();
        assert_eq!(
            sentence("douze", "", ""),
            "Indiquez la quantité en tonnes par an, par exemple 12,5."
        );
        assert_eq!(
            sentence("douze", "t", "mois"),
            "Indiquez la quantité en tonnes par mois, par exemple 12,5."
        );
        assert_eq!(
            sentence("beaucoup", "MWh", "an"),
            "Indiquez la quantité en MWh par an, par exemple 12,5."
        );
        for refused in ["-3", "10-12 t", "12 %", "douze tonnes"] {
            assert_eq!(read(refused, "t", "an").expect_err(refused).field(), "quantity");
        }
        assert_eq!(read("3", "brouettes", "an"), Err(NotAMeasure::Unit));
        assert_eq!(read("3 t/siècle", "", "an"), Err(NotAMeasure::Period));
        assert_eq!(
            read("3 t", "kg", "an"),
            Err(NotAMeasure::TwoUnits {
                cell: "t",
                field: "kg"
            })
        );
    }

    #[test]
    fn a_cell_is_read_back() {
        for period in Period::ALL {
            for unit in Unit::ALL {
                let measure = Measure {
                    quantity: 1234.25,
                    unit: *unit,
                    period,
                };
                let back = read(&measure.cell(), "", "an");
                assert_eq!(back, Ok(Some(measure)), "{}", measure.cell());
            }
        }
    }
}
