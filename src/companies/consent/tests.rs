use super::{
    Amount, Anonymous, Consent, Consents, Link, Other, Party, distance_words, quantity_words, reveal,
};
use crate::kernel::{Position, Unit};
use proptest::prelude::{
    Just, Strategy, any, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};

fn other() -> Other {
    Other {
        name: "Verrerie du Pic-Vert".to_owned(),
        siret: Some("73282932000074".to_owned()),
        commune: Some("Naveil".to_owned()),
        naf: Some("23.13Z".to_owned()),
        in_division: 4,
        in_section: 20,
    }
}

fn link() -> Link {
    Link {
        distance_km: Some(6.3),
        amount: Some(Amount {
            per_year: 27.4,
            unit: Unit::Tonne,
        }),
    }
}

fn hidden(other: &Other, link: &Link) -> Anonymous {
    match reveal(other, link, Consents::NONE) {
        Party::Anonymous(anonymous) => anonymous,
        Party::Named(card) => panic!("{card:?} was named without consent"),
    }
}

#[test]
fn a_name_needs_both_consents() {
    let both = [Consent::Given, Consent::Withheld];
    for viewer in both {
        for theirs in both {
            let party = reveal(
                &other(),
                &link(),
                Consents {
                    viewer,
                    other: theirs,
                },
            );
            let is_mutual = viewer == Consent::Given && theirs == Consent::Given;
            assert_eq!(
                matches!(party, Party::Named(_)),
                is_mutual,
                "{viewer:?} {theirs:?}"
            );
        }
    }
}

#[test]
fn the_anonymous_one_is_told_in_words() {
    assert_eq!(
        hidden(&other(), &link()),
        Anonymous {
            sector: "Une entreprise du verre, de la céramique ou du béton".to_owned(),
            distance: Some("à 6\u{a0}km environ".to_owned()),
            quantity: Some("environ 25\u{a0}t par an".to_owned()),
        }
    );
    let unknown = hidden(&Other { naf: None, ..other() }, &Link::default());
    assert_eq!(
        unknown,
        Anonymous {
            sector: "Une entreprise du territoire".to_owned(),
            distance: None,
            quantity: None
        }
    );
}

#[test]
fn a_sector_with_too_few_companies_is_widened() {
    let sector = |in_division, in_section| {
        hidden(
            &Other {
                in_division,
                in_section,
                ..other()
            },
            &link(),
        )
        .sector
    };
    assert_eq!(
        sector(3, 3),
        "Une entreprise du verre, de la céramique ou du béton"
    );
    assert_eq!(sector(2, 3), "Une entreprise de l’industrie");
    assert_eq!(sector(1, 2), "Une entreprise du territoire");
}

#[test]
fn distances_and_quantities_are_banded() {
    let cases = [
        (0.2, "à moins d’un kilomètre"),
        (1.4, "à 1\u{a0}km environ"),
        (9.7, "à 10\u{a0}km environ"),
        (12.4, "à 10\u{a0}km environ"),
        (38.0, "à 40\u{a0}km environ"),
    ];
    for (km, words) in cases {
        assert_eq!(distance_words(km), words);
    }
    let words = |per_year| {
        quantity_words(Amount {
            per_year,
            unit: Unit::Tonne,
        })
    };
    for (value, expected) in [
        (25.0, "25"),
        (29.9, "25"),
        (38.4, "35"),
        (1_234.0, "1\u{a0}000"),
        (0.15, "0,15"),
        (9.99, "9,5"),
        (700.0, "700"),
    ] {
        assert_eq!(
            words(value),
            Some(format!("environ {expected}\u{a0}t par an")),
            "{value}"
        );
    }
    assert_eq!((words(0.0), words(-1.0), words(f64::NAN)), (None, None, None));
}

fn near_vendome() -> impl Strategy<Value = Position> {
    (47.5_f64..48.1, 0.7_f64..1.5).prop_map(|(lat, lon)| Position::new(lat, lon).unwrap())
}

proptest! {
    #[test]
    fn nothing_of_who_the_other_is_changes_what_is_seen(
        name in "\\PC{1,30}", siret in prop_oneof![Just(None), "[0-9]{14}".prop_map(Some)], commune in "\\PC{1,20}",
    ) {
        let renamed = Other { name, siret, commune: Some(commune), ..other() };
        prop_assert_eq!(hidden(&renamed, &link()), hidden(&other(), &link()));
    }

    #[test]
    fn moving_within_a_band_changes_nothing(from in near_vendome(), one in near_vendome(), east in -0.004_f64..0.004) {
        let two = Position::new(one.lat(), one.lon() + east).unwrap();
        let (near, far) = (from.distance_km(one), from.distance_km(two));
        let band = |km: f64| if km < 1.0 { 0.0 } else if km < 10.0 { km.round() } else { (km / 5.0).round() * 5.0 };
        prop_assume!((band(near) - band(far)).abs() < 0.5);
        let seen = |km| hidden(&other(), &Link { distance_km: Some(km), ..link() });
        prop_assert_eq!(seen(near), seen(far));
    }

    #[test]
    fn the_low_digits_of_a_quantity_do_not_show(step in 2_u32..20, power in -2_i32..6, within in 0.0_f64..0.999) {
        let scale = 10_f64.powi(power) / 2.0;
        let lowest = f64::from(step) * scale;
        let seen = |per_year| hidden(&other(), &Link { amount: Some(Amount { per_year, unit: Unit::Tonne }), ..link() });
        prop_assert_eq!(seen(lowest), seen(lowest + within * scale));
    }

    #[test]
    fn whatever_is_said_stays_short_and_without_digits_of_the_siret(km in 0.0_f64..500.0, per_year in 0.001_f64..1e7, known in any::<bool>()) {
        let amount = known.then_some(Amount { per_year, unit: Unit::MegawattHour });
        let seen = hidden(&other(), &Link { distance_km: Some(km), amount });
        let text = format!("{seen:?}");
        prop_assert!(!text.contains("Pic-Vert") && !text.contains("Naveil") && !text.contains("732"));
        prop_assert_eq!(seen.quantity.is_some(), known);
    }
}
