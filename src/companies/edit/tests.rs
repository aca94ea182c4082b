use super::conflict;
use super::form::{Draft, Form, References};
use crate::companies::model::{Establishment, PositionSource};
use crate::kernel::Position;
use crate::kernel::ids::{TerritoryId, ZoneId};
use crate::platform::web::Errors;
use crate::territories::{Commune, Zone};
use chrono::NaiveDate;

fn references() -> References {
    References {
        centre: (47.79, 1.07),
        today: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        zones: vec![Zone {
            id: zone_id(),
            name: "Zone des Saules".to_owned(),
            latitude: 47.81,
            longitude: 1.08,
        }],
        communes: vec![Commune {
            insee: "41269".to_owned(),
            name: "Vendôme".to_owned(),
            department: "41".to_owned(),
            postal_codes: vec!["41100".to_owned()],
            latitude: Some(47.79),
            longitude: Some(1.06),
        }],
    }
}

fn zone_id() -> ZoneId {
    ZoneId::from(uuid::Uuid::from_u128(7))
}

fn typed() -> Form {
    Form {
        name: " Cartonnerie   Belle-Anse ".to_owned(),
        ..Form::default()
    }
}

fn blank() -> Establishment {
    Establishment::named(TerritoryId::from(uuid::Uuid::from_u128(1)), "")
}

fn parsed(form: &Form) -> Draft {
    form.parse(&references()).unwrap()
}

fn refused(form: &Form) -> Errors {
    form.parse(&references()).unwrap_err()
}

#[test]
fn a_name_is_enough() {
    let e = parsed(&typed()).apply(&blank());
    assert_eq!(e.name, "Cartonnerie Belle-Anse");
    assert_eq!((e.siret, e.naf, e.insee, e.latitude), (None, None, None, None));
    assert!(refused(&Form::default()).has("name"));
}

#[test]
fn each_wrong_field_says_how_to_correct_it() {
    let form = Form {
        name: "x".repeat(201),
        siret: "732 829 320 00075".to_owned(),
        naf_typed: "zzz".to_owned(),
        commune_typed: "Nullepart".to_owned(),
        lat: "nord".to_owned(),
        lon: "1,06".to_owned(),
        charter: "25/11/2026".to_owned(),
        ..Form::default()
    };
    let errors = refused(&form);
    for field in ["name", "siret", "naf", "commune", "lat", "charter"] {
        assert!(errors.has(field), "{field}");
    }
    assert!(
        refused(&Form {
            lat: "95".to_owned(),
            lon: "1".to_owned(),
            ..typed()
        })
        .has("lat")
    );
    assert!(
        refused(&Form {
            lat: "47".to_owned(),
            ..typed()
        })
        .has("lon")
    );
    assert!(
        refused(&Form {
            charter: "hier".to_owned(),
            ..typed()
        })
        .has("charter")
    );
}

#[test]
fn an_activity_is_read_from_its_code_its_title_or_words_that_can_only_mean_it() {
    for text in [
        "17.21A",
        "1721a",
        "17.21A Fabrication de carton ondulé",
        "carton ondul",
    ] {
        let e = parsed(&Form {
            naf_typed: text.to_owned(),
            ..typed()
        })
        .apply(&blank());
        assert_eq!(e.naf.as_deref(), Some("17.21A"), "{text}");
    }
    let several = refused(&Form {
        naf_typed: "carton".to_owned(),
        ..typed()
    });
    assert!(several.on("naf")[0].contains("17.21A Fabrication de carton ondulé"));
    // The code chosen before does not survive what was typed since.
    let e = parsed(&Form {
        naf: "10.11Z".to_owned(),
        naf_typed: "17.21A".to_owned(),
        ..typed()
    })
    .apply(&blank());
    assert_eq!(e.naf.as_deref(), Some("17.21A"));
}

#[test]
fn the_position_comes_from_the_zone_then_the_commune_then_a_hand() {
    let commune = Form {
        commune_typed: "vendome".to_owned(),
        ..typed()
    };
    let by_commune = parsed(&commune).apply(&blank());
    assert_eq!(
        (by_commune.latitude, by_commune.position_source),
        (Some(47.79), Some(PositionSource::Commune))
    );
    assert_eq!(by_commune.postal_code.as_deref(), Some("41100"));

    let zone = Form {
        zone: zone_id().to_string(),
        ..commune.clone()
    };
    let by_zone = parsed(&zone).apply(&blank());
    assert_eq!(
        (by_zone.latitude, by_zone.position_source),
        (Some(47.81), Some(PositionSource::Zone))
    );

    let hand = Form {
        lat: "47,80001".to_owned(),
        lon: "−1,07".to_owned(),
        ..zone
    };
    let by_hand = parsed(&hand).apply(&blank());
    assert_eq!(
        (by_hand.longitude, by_hand.position_source),
        (Some(-1.07), Some(PositionSource::Manual))
    );
}

#[test]
fn a_default_position_follows_its_commune_and_a_hand_s_stays() {
    let mut before = blank();
    before.place(Position::new(48.0, 2.0).unwrap(), PositionSource::Commune);
    let form = Form {
        commune_typed: "Vendôme".to_owned(),
        ..Form::of(&before, None)
    };
    let form = Form {
        name: "A".to_owned(),
        ..form
    };
    assert_eq!(parsed(&form).apply(&before).latitude, Some(47.79));

    before.position_source = Some(PositionSource::Manual);
    let kept = parsed(&form).apply(&before);
    assert_eq!(
        (kept.latitude, kept.position_source),
        (Some(48.0), Some(PositionSource::Manual))
    );
}

#[test]
fn the_form_of_a_sheet_reads_back_as_the_same_sheet() {
    let mut e = blank();
    e.name = "Verrerie du Pic-Vert".to_owned();
    e.siret = Some("73282932000074".to_owned());
    e.naf = Some("17.21A".to_owned());
    e.insee = Some("41269".to_owned());
    e.postal_code = Some("41100".to_owned());
    e.charter_signed_on = NaiveDate::from_ymd_opt(2026, 3, 1);
    e.place(
        Position::new(47.812_345, 1.067_89).unwrap(),
        PositionSource::Manual,
    );
    let form = Form::of(&e, references().communes.first());
    assert_eq!(form.charter, "01/03/2026");
    assert_eq!(parsed(&form).apply(&e), e);
}

#[test]
fn changes_made_apart_are_merged_and_the_others_are_put_to_the_person() {
    let base = blank();
    let (mut mine, mut stored) = (base.clone(), base.clone());
    mine.name = "Mien".to_owned();
    stored.notes = Some("Leur note".to_owned());
    stored.version = 2;
    let (merged, differences) = conflict::merge(&base, &mine, &stored);
    assert!(differences.is_empty());
    assert_eq!(
        (merged.name.as_str(), merged.notes.as_deref(), merged.version),
        ("Mien", Some("Leur note"), 2)
    );

    stored.name = "Leur".to_owned();
    assert_eq!(conflict::merge(&base, &mine, &stored).1.len(), 1);
    mine.name = "Leur".to_owned();
    assert!(conflict::merge(&base, &mine, &stored).1.is_empty());
}
