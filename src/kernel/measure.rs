//! A quantity as it is typed: three fields, or one cell that says everything (« 3,2 t/mois »). Pure.

use super::{Period, Unit, format_number, parse_decimal};

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
    #[error("La période doit être un jour, une semaine, un mois, un an ou «\u{a0}ponctuel\u{a0}».")]
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
        let cell = without_about(typed.quantity.trim());
        if cell.is_empty() {
            return Ok(None);
        }
        let (number, rest) = split_number(cell);
        let in_cell = PerPeriod::parse(rest);
        let in_field = PerPeriod::parse(typed.unit.trim());
        let field_period = Some(typed.period.trim()).filter(|words| !words.is_empty());
        let period = in_cell.period.or(in_field.period).or(field_period);
        let period = period.map_or(Ok(Period::Year), |words| {
            Period::parse(words).map_err(|_| NotAMeasure::Period)
        });
        let known = Unit::parse(in_field.unit).ok().or(usual);
        let quantity = parse_decimal(number).ok().filter(|_| !is_suspect(rest));
        let quantity = quantity.ok_or_else(|| refused(known, *period.as_ref().unwrap_or(&Period::Year)))?;
        let unit = unit_of(in_cell.unit, in_field.unit)?
            .or(usual)
            .ok_or(NotAMeasure::NoUnit)?;
        Ok(Some(Self {
            quantity,
            unit,
            period: period?,
        }))
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
        Period::Day | Period::Week | Period::Month | Period::Year => period.label(),
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
        if let Some((unit, period)) = words.split_once('/') {
            return Self {
                unit: unit.trim(),
                period: Some(period.trim()),
            };
        }
        if let Some(period) = words.strip_prefix("par ") {
            return Self {
                unit: "",
                period: Some(period.trim()),
            };
        }
        match words.split_once(" par ") {
            Some((unit, period)) => Self {
                unit: unit.trim(),
                period: Some(period.trim()),
            },
            None => Self {
                unit: words,
                period: None,
            },
        }
    }
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

    #[test]
    fn quantities_as_people_type_them() {
        let cases = [
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
        ];
        for (quantity, unit, period, expected, expected_unit, expected_period) in cases {
            let measure = read(quantity, unit, period).expect(quantity).expect(quantity);
            assert!((measure.quantity - expected).abs() < 1e-9, "{quantity}");
            assert_eq!(
                (measure.unit, measure.period),
                (expected_unit, expected_period),
                "{quantity} {unit}"
            );
        }
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
