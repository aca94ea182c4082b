//! The formula term by term, on figures simple enough to be checked by hand.

use chrono::NaiveDate;

use super::{Declared, Figures, Terms, less, payback};
use crate::engine::outcome::{Estimate, Matched, Origin};
use crate::engine::params::{Haulage, Params};
use crate::kernel::Unit;

/// 10 units per lorry, worth 50, thrown away for 30, 5 to prepare, 100 kg of CO2 avoided.
const TERMS: Terms<'_> = Terms {
    payload: Some(10.0),
    value: Some([40.0, 50.0, 70.0]),
    value_source: "prix",
    disposal: Some([20.0, 30.0, 35.0]),
    disposal_source: "coût",
    treatment: Some([4.0, 5.0, 8.0]),
    carbon: Some([50.0, 100.0, 150.0]),
    carbon_source: "carbone",
    rate: Some(1.0),
};

/// 2 € and 1 kg of CO2 a kilometre, 50 € a trip.
fn params() -> Params {
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    Params {
        haulage: Haulage {
            eur_per_km: [1.0, 2.0, 3.0],
            eur_per_trip: [40.0, 50.0, 60.0],
            kgco2_per_km: [0.5, 1.0, 2.0],
            detour: [1.0; 3],
            driven: [1.0; 3],
        },
        substitution: [0.5, 0.7, 0.9],
        ..Params::new(today)
    }
}

/// 100 units matched at 20 km: ten lorries, 900 € and 200 kg of CO2.
fn figures(terms: &Terms<'static>, declared: Declared) -> Figures<'static> {
    let matched = Matched {
        offered: 120.0,
        needed: 100.0,
        quantity: 100.0,
        unit: Unit::Tonne,
    };
    terms.figures(&params(), Some(matched), declared, Some(20.0))
}

fn close(found: Option<f64>, expected: f64) {
    assert!(
        found.is_some_and(|found| (found - expected).abs() < 1e-9),
        "{found:?}, not {expected}"
    );
}

#[test]
fn each_side_has_its_own_gain_and_they_share_preparation_and_transport() {
    let found = figures(&TERMS, Declared::default());
    // Half of 900 € of transport and 500 € of preparation.
    close(found.giver.map(|gain| gain.central), 3_000.0 - 700.0);
    close(found.receiver.map(|gain| gain.central), 5_000.0 - 700.0);
}

#[test]
fn the_lowest_gain_meets_the_highest_costs() {
    let found = figures(&TERMS, Declared::default());
    // At worst 10 × (60 + 20 × 3) € of transport and 800 € of preparation; at best 600 € and 400 €.
    close(found.giver.map(|gain| gain.low), 2_000.0 - 1_000.0);
    close(found.giver.map(|gain| gain.high), 3_500.0 - 500.0);
    let [low, central, high] = less([1.0, 2.0, 3.0], [0.5, 1.0, 4.0]);
    for (found, expected) in [(low, -3.0), (central, 1.0), (high, 2.5)] {
        close(Some(found), expected);
    }
}

#[test]
fn the_break_even_distance_follows_the_formula() {
    let found = figures(&TERMS, Declared::default());
    // (10 × (50 + 30 − 5) − 50) ÷ 2.
    close(found.break_even_km, 350.0);
    assert!(!found.partial);
    let loss = Terms {
        value: Some([0.0; 3]),
        disposal: Some([1.0; 3]),
        ..TERMS
    };
    close(figures(&loss, Declared::default()).break_even_km, 0.0);
}

#[test]
fn a_dearer_kilometre_shortens_the_break_even_distance() {
    let mut dear = params();
    dear.haulage.eur_per_km = dear.haulage.eur_per_km.map(|euros| euros * 1.25);
    close(
        TERMS
            .figures(&dear, None, Declared::default(), None)
            .break_even_km,
        280.0,
    );
}

#[test]
fn what_goes_by_pipe_pays_no_lorry_and_has_no_break_even_distance() {
    let pipe = Terms {
        payload: None,
        ..TERMS
    };
    let found = figures(&pipe, Declared::default());
    close(found.giver.map(|gain| gain.central), 3_000.0 - 250.0);
    close(found.tco2e.map(|tonnes| tonnes.central), 10.0);
    assert_eq!(found.break_even_km, None);
}

#[test]
fn carbon_is_net_of_transport_both_uncertain() {
    let found = figures(&TERMS, Declared::default());
    close(found.tco2e.map(|tonnes| tonnes.central), 10.0 - 0.2);
    close(found.tco2e.map(|tonnes| tonnes.low), 5.0 - 0.4);
    close(found.tco2e.map(|tonnes| tonnes.high), 15.0 - 0.1);
}

#[test]
fn what_a_firm_declares_replaces_the_catalogue_and_says_so() {
    let declared = Declared {
        disposal: Some(40.0),
        price: Some(100.0),
    };
    let found = figures(&TERMS, declared);
    close(found.giver.map(|gain| gain.central), 4_000.0 - 700.0);
    // A substitute is worth 70 % of what the receiver pays today.
    close(found.receiver.map(|gain| gain.central), 7_000.0 - 700.0);
    assert!(
        [found.giver, found.receiver]
            .iter()
            .flatten()
            .all(|gain| gain.origin == Origin::Declared)
    );
    let plain = figures(&TERMS, Declared::default());
    assert!(
        [plain.giver, plain.receiver]
            .iter()
            .flatten()
            .all(|gain| gain.origin == Origin::Estimated)
    );
}

#[test]
fn what_is_unknown_is_absent_and_never_zero() {
    let free = Terms {
        disposal: None,
        ..TERMS
    };
    let found = figures(&free, Declared::default());
    assert!(found.giver.is_none() && found.receiver.is_some() && found.partial);
    close(found.break_even_km, 200.0);
    let untreatable = Terms {
        treatment: None,
        ..TERMS
    };
    let found = figures(&untreatable, Declared::default());
    assert!(found.giver.is_none() && found.receiver.is_none() && found.break_even_km.is_none());
    assert!(
        found.tco2e.is_some(),
        "emissions do not depend on what preparation costs"
    );
    let nowhere = TERMS.figures(&params(), None, Declared::default(), Some(20.0));
    assert!(nowhere.giver.is_none() && nowhere.tco2e.is_none() && nowhere.break_even_km.is_some());
    let worthless = Terms {
        value: None,
        disposal: None,
        ..TERMS
    };
    assert_eq!(figures(&worthless, Declared::default()).break_even_km, None);
}

#[test]
fn gains_fall_as_the_distance_grows() {
    let matched = Matched {
        offered: 9.0,
        needed: 4.0,
        quantity: 4.0,
        unit: Unit::Tonne,
    };
    let at = |km| TERMS.figures(&params(), Some(matched), Declared::default(), Some(km));
    let mut before = at(0.0);
    for km in [1.0, 10.0, 50.0, 500.0] {
        let now = at(km);
        for (near, far) in [
            (before.giver, now.giver),
            (before.receiver, now.receiver),
            (before.tco2e, now.tco2e),
        ] {
            let (near, far) = (near.expect("known"), far.expect("known"));
            assert!(far.low < near.low && far.central < near.central && far.high < near.high);
            assert!(far.low <= far.central && far.central <= far.high);
        }
        before = now;
    }
}

#[test]
fn an_investment_is_paid_back_by_both_gains() {
    let spent = Estimate {
        low: 6_600.0,
        central: 13_200.0,
        high: 20_000.0,
        origin: Origin::Estimated,
        source: String::new(),
    };
    let both = figures(&TERMS, Declared::default());
    let found = payback(&spent, &both).expect("it pays");
    // 2 300 € and 4 300 € a year.
    close(Some(found.central), 2.0);
    assert!(found.low < found.central && found.high.is_some_and(|years| years > found.central));
    assert!(!found.one_sided);
    let one = figures(
        &Terms {
            disposal: None,
            ..TERMS
        },
        Declared::default(),
    );
    assert!(payback(&spent, &one).is_some_and(|years| years.one_sided));
    let never = figures(
        &Terms {
            value: Some([0.0; 3]),
            disposal: Some([0.0; 3]),
            ..TERMS
        },
        Declared::default(),
    );
    assert_eq!(payback(&spent, &never), None);
    let perhaps = figures(
        &Terms {
            disposal: Some([0.0, 30.0, 35.0]),
            value: Some([0.0, 50.0, 70.0]),
            ..TERMS
        },
        Declared::default(),
    );
    assert!(payback(&spent, &perhaps).is_some_and(|years| years.high.is_none()));
}
