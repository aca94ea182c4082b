//! Quantities: what a company says, brought to a yearly figure in one unit.
//!
//! « 18 m³ par jour » and « 3 bennes par mois » can only be compared once they are annual and in
//! the unit of their category. Depends on [`super::unit`], [`super::period`], [`super::number`].

use serde::{Deserialize, Serialize};

pub use super::number::{NotANumber, format_number, parse_decimal};
pub use super::period::{NotAPeriod, Period};
pub use super::unit::{Dimension, NotAUnit, Unit};

/// How much of a category's canonical unit one of another unit holds (1 m³ of loose cardboard is
/// 0.05 t). When a unit appears twice, the first is the usual form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Density {
    pub unit: Unit,
    pub canonical: f64,
    pub note: String,
}

/// The yearly quantity in `into`, the canonical unit the densities speak of.
///
/// A density stated for the very unit comes before the general conversion: the category knows its
/// own « jour » or « palette ». `None` when the units measure different things and no density
/// bridges them, or when the result is not a usable figure.
#[must_use]
pub fn annual(quantity: f64, unit: Unit, period: Period, into: Unit, densities: &[Density]) -> Option<f64> {
    let stated = || {
        densities
            .iter()
            .find(|density| density.unit == unit)
            .map(|density| density.canonical)
    };
    let ratio = if unit == into {
        1.0
    } else {
        stated()
            .or_else(|| unit.ratio_to(into))
            .or_else(|| bridged(unit, densities))?
    };
    let total = quantity * period.per_year() * ratio;
    (total.is_finite() && total >= 0.0).then_some(total)
}

/// Through the density of another unit of the same dimension (litres through cubic metres).
fn bridged(unit: Unit, densities: &[Density]) -> Option<f64> {
    densities
        .iter()
        // A pallet of something tells nothing about one piece of it.
        .filter(|density| density.unit.dimension() != Dimension::Count)
        .find_map(|density| Some(unit.ratio_to(density.unit)? * density.canonical))
}

#[cfg(test)]
mod tests {
    use super::{Density, Period, Unit, annual};
    use proptest::prelude::{prop_assert, proptest};

    fn loose_cardboard() -> Vec<Density> {
        [
            (Unit::CubicMetre, 0.05),
            (Unit::CubicMetre, 0.4),
            (Unit::Pallet, 0.3),
        ]
        .map(|(unit, canonical)| Density {
            unit,
            canonical,
            note: "vrac".to_owned(),
        })
        .to_vec()
    }

    #[test]
    fn what_companies_say_becomes_annual() {
        let density = loose_cardboard();
        let cases = [
            (
                18.0,
                Unit::CubicMetre,
                Period::Day,
                Unit::CubicMetre,
                Some(4_500.0),
            ),
            (45.0, Unit::Each, Period::Week, Unit::Each, Some(2_340.0)),
            (3.2, Unit::Tonne, Period::Month, Unit::Tonne, Some(38.4)),
            (250.0, Unit::Kilogram, Period::Week, Unit::Tonne, Some(13.0)),
            (12.0, Unit::CubicMetre, Period::Once, Unit::Tonne, Some(0.6)),
            (1_000.0, Unit::Litre, Period::Month, Unit::Tonne, Some(0.6)),
            (2.0, Unit::Pallet, Period::Month, Unit::Tonne, Some(7.2)),
            (2.0, Unit::Each, Period::Month, Unit::Tonne, None),
            (2.0, Unit::MegawattHour, Period::Year, Unit::Tonne, None),
            (-1.0, Unit::Tonne, Period::Year, Unit::Tonne, None),
            (f64::NAN, Unit::Tonne, Period::Year, Unit::Tonne, None),
        ];
        for (quantity, unit, period, into, expected) in cases {
            let found = annual(quantity, unit, period, into, &density);
            match (found, expected) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() < 1e-9, "{quantity} {unit}: {found}");
                }
                (found, expected) => assert_eq!(found, expected, "{quantity} {unit}"),
            }
        }
    }

    #[test]
    fn what_the_category_states_comes_before_the_general_conversion() {
        let eight_hours = [Density {
            unit: Unit::Day,
            canonical: 8.0,
            note: "2 postes".to_owned(),
        }];
        let hours = |densities: &[Density]| annual(1.0, Unit::Day, Period::Week, Unit::Hour, densities);
        assert_eq!(hours(&eight_hours).map(f64::round), Some(416.0));
        assert_eq!(hours(&[]).map(f64::round), Some(364.0));
        let pallets = annual(45.0, Unit::Pallet, Period::Week, Unit::Each, &[]);
        assert_eq!(pallets.map(f64::round), Some(2_340.0));
    }

    proptest! {
        #[test]
        fn kilograms_and_tonnes_agree(tonnes in 0.0_f64..1e6) {
            let as_tonnes = annual(tonnes, Unit::Tonne, Period::Month, Unit::Tonne, &[]);
            let as_kilograms = annual(tonnes * 1_000.0, Unit::Kilogram, Period::Month, Unit::Tonne, &[]);
            let (a, b) = (as_tonnes.expect("same unit"), as_kilograms.expect("same dimension"));
            prop_assert!((a - b).abs() <= 1e-9 * a.max(1.0));
        }
    }
}
