use super::{day, into, out, params, run, two_sites};
use crate::engine::{Between, Certainty, Facts, Flow, Form, Gate, Key, Refusal, between, why_nothing};
use crate::kernel::Months;
use crate::nomenclature::{Catalogue, WasteCode};

fn refusals(facts: &Facts, flow: &str) -> Vec<Refusal> {
    why_nothing(facts, Catalogue::embedded(), &params(), &Key::from(flow))
}

/// The pair is not proposed, for that reason.
fn refused(facts: &Facts, gate: Gate) -> String {
    assert!(run(facts).pairs.is_empty(), "{gate:?} should stop the pair");
    let [refusal] = &refusals(facts, "A1")[..] else {
        panic!("one refusal")
    };
    assert_eq!(refusal.gate, gate);
    assert_eq!(refusal.candidate, Some(Key::from("B1")));
    let chosen = chosen(facts);
    assert_eq!(chosen.refusals[0].gate, gate, "the same gate stops it first");
    assert_eq!(chosen.refusals[0].sentence, refusal.sentence);
    refusal.sentence.clone()
}

/// What the engine says when a person brings the two together.
fn chosen(facts: &Facts) -> Between {
    let keys = (&Key::from("A1"), &Key::from("B1"));
    between(facts, Catalogue::embedded(), &params(), keys).expect("both flows are there")
}

#[test]
fn a_person_may_bring_together_what_the_engine_would_not() {
    let open = chosen(&pallets(|_, _| {}));
    assert!(open.refusals.is_empty(), "{:?}", open.refusals);
    let proposed = &run(&pallets(|_, _| {})).pairs[0];
    assert_eq!(open.pair.as_ref(), Some(proposed), "the figures of the engine");
    let mut owned = pallets(|_, _| {});
    for site in &mut owned.sites {
        site.legal_entity = Some("732829320".to_owned());
    }
    let refused = chosen(&owned);
    assert!(refused.pair.is_some() && refused.distance_km.is_some());
    let unrelated = two_sites(2.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "RHC-02")]);
    let nothing = chosen(&unrelated);
    assert_eq!(nothing.pair, None);
    assert_eq!(nothing.refusals.last().map(|r| r.gate), Some(Gate::NoLink));
}

fn pallets(change: impl Fn(&mut Flow, &mut Flow)) -> Facts {
    let (mut a, mut b) = (out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03"));
    change(&mut a, &mut b);
    two_sites(2.0, vec![a, b])
}

fn heat(change: impl Fn(&mut Flow, &mut Flow)) -> Facts {
    let (mut a, mut b) = (out("A1", "A", "ENE-04"), into("B1", "B", "ENE-05"));
    change(&mut a, &mut b);
    two_sites(0.5, vec![a, b])
}

#[test]
fn nothing_stops_a_plain_pair() {
    assert_eq!(run(&pallets(|_, _| {})).pairs.len(), 1);
    let open = refusals(&pallets(|_, _| {}), "A1");
    assert_eq!(open[0].gate, Gate::Outranked);
    assert!(open[0].sentence.contains("proposée"), "{}", open[0].sentence);
}

#[test]
fn a_site_is_not_its_own_partner() {
    let facts = pallets(|_, b| b.site = "A".into());
    refused(&facts, Gate::SameSite);
}

#[test]
fn two_sites_of_one_firm_are_left_to_it() {
    let mut facts = pallets(|_, _| {});
    for site in &mut facts.sites {
        site.legal_entity = Some("732829320".to_owned());
    }
    refused(&facts, Gate::SameLegalEntity);
}

#[test]
fn dangerous_waste_needs_a_receiver_that_takes_it() {
    let solvent = || {
        let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-22"), into("B1", "B", "MAT-22")]);
        facts.flows[0].waste_code = WasteCode::find("140603");
        facts
    };
    refused(&solvent(), Gate::Hazardous);
    let mut takes = solvent();
    takes.flows[1].hazardous = true;
    assert_eq!(run(&takes).pairs.len(), 1);
    let mut treats = solvent();
    treats.sites[1].naf = Some("38.22Z".to_owned());
    assert_eq!(run(&treats).pairs.len(), 1);
}

#[test]
fn food_needs_food_grade() {
    let facts = pallets(|a, b| {
        a.food_grade = Some(false);
        b.food_grade = Some(true);
    });
    refused(&facts, Gate::Sanitary);
}

#[test]
fn a_drum_of_paint_does_not_go_to_a_cider_maker() {
    let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-07"), into("B1", "B", "MAT-07")]);
    facts.sites[0].naf = Some("20.30Z".to_owned());
    facts.sites[1].naf = Some("11.03Z".to_owned());
    let sentence = refused(&facts, Gate::Sanitary);
    assert!(sentence.contains("aliments"), "{sentence}");
    facts.flows[0].food_grade = Some(true);
    assert_eq!(run(&facts).pairs.len(), 1);
}

#[test]
fn heat_must_be_hotter_than_the_need() {
    let cold = heat(|a, b| {
        a.temperature_c = Some(62.0);
        b.temperature_c = Some(60.0);
    });
    let sentence = refused(&cold, Gate::Temperature);
    assert!(
        sentence.contains("62\u{a0}°C") && sentence.contains("marge"),
        "{sentence}"
    );
    let hot = heat(|a, b| {
        a.temperature_c = Some(75.0);
        b.temperature_c = Some(60.0);
    });
    assert_eq!(run(&hot).pairs.len(), 1);
}

#[test]
fn a_gas_does_not_replace_a_solid_of_the_same_category() {
    let facts = pallets(|a, b| {
        a.form = Some(Form::Gas);
        b.form = Some(Form::Pieces);
    });
    let sentence = refused(&facts, Gate::Form);
    assert!(sentence.contains("gaz, vapeur"), "{sentence}");
}

#[test]
fn flows_that_never_exist_together_do_not_meet() {
    let facts = pallets(|a, b| {
        a.months = Months::parse("1-3").expect("valid");
        b.months = Months::parse("6-8").expect("valid");
    });
    let sentence = refused(&facts, Gate::Calendar);
    assert!(
        sentence.contains("janvier à mars") && sentence.contains("juin à août"),
        "{sentence}"
    );
}

#[test]
fn quantities_of_another_nature_stop_a_pair_of_labels() {
    let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "ENE-02")]);
    for (flow, code) in facts.flows.iter_mut().zip(["MAT-03", "ENE-02"]) {
        flow.label = "zzyx quorble".to_owned();
        flow.code = None;
        flow.guesses = vec![(super::code(code), 0.4)];
        flow.annual = Some(10.0);
        flow.certainty = Certainty::Declared;
    }
    refused(&facts, Gate::Units);
}

#[test]
fn a_rule_with_a_step_in_between_needs_someone_who_does_it() {
    let oil = || two_sites(2.0, vec![out("A1", "A", "MAT-20"), into("B1", "B", "ENE-11")]);
    let sentence = refused(&oil(), Gate::Treatment);
    assert!(sentence.contains("biocarburant"), "{sentence}");
    let mut treated = oil();
    treated.sites[1].naf = Some("38.32Z".to_owned());
    assert_eq!(run(&treated).pairs.len(), 1);
}

#[test]
fn two_things_of_one_broad_category_do_not_meet() {
    let with = |label: &str| {
        let (mut a, mut b) = (out("A1", "A", "SRV-09"), into("B1", "B", "SRV-09"));
        a.label = "Lavage de contenants".to_owned();
        b.label = label.to_owned();
        two_sites(2.0, vec![a.with_its_words(), b.with_its_words()])
    };
    let sentence = refused(&with("Lavage du linge"), Gate::Class);
    assert!(
        sentence.contains("contenants") && sentence.contains("linge"),
        "{sentence}"
    );
    assert_eq!(run(&with("Lavage de bouteilles")).pairs.len(), 1);
    assert_eq!(
        run(&with("Lavage")).pairs.len(),
        1,
        "what names nothing is not refused"
    );
}

#[test]
fn an_empty_lorry_that_comes_back_takes_nothing_there() {
    let with = |label: &str| {
        let (mut a, mut b) = (out("A1", "A", "LOG-02"), into("B1", "B", "LOG-01"));
        a.label = "Retour à vide depuis Tours".to_owned();
        b.label = label.to_owned();
        two_sites(2.0, vec![a.with_its_words(), b.with_its_words()])
    };
    let sentence = refused(&with("Expéditions vers Tours"), Gate::Lane);
    assert!(
        sentence.contains("depuis Tours") && sentence.contains("vers Tours"),
        "{sentence}"
    );
    assert_eq!(run(&with("Approvisionnements depuis Tours")).pairs.len(), 1);
}

#[test]
fn a_one_off_flow_needs_a_partner_who_is_free_then() {
    let spring = (day(2027, 3, 1), day(2027, 4, 30));
    let over = pallets(|a, _| a.window = Some((day(2026, 9, 1), day(2026, 9, 30))));
    assert!(refused(&over, Gate::Window).contains("30/09/2026"));
    let apart = pallets(|a, b| {
        a.window = Some(spring);
        b.window = Some((day(2027, 6, 1), day(2027, 6, 30)));
    });
    assert!(refused(&apart, Gate::Window).contains("01/06/2027"));
    let bound = pallets(|a, b| {
        a.window = Some(spring);
        b.contract_end = Some(day(2027, 12, 31));
    });
    assert!(refused(&bound, Gate::Window).contains("sous contrat"));
    let free = pallets(|a, b| {
        a.window = Some(spring);
        b.window = Some((day(2027, 4, 15), day(2027, 6, 30)));
        b.contract_end = Some(day(2027, 3, 31));
    });
    assert_eq!(run(&free).pairs.len(), 1);
}

#[test]
fn a_firm_that_refuses_another_is_not_brought_to_it_by_any_flow() {
    use crate::engine::Opposition;
    let mut facts = pallets(|_, _| {});
    for (site, entity) in facts.sites.iter_mut().zip(["one", "other"]) {
        site.legal_entity = Some(entity.to_owned());
    }
    let opposed = |facts: &Facts, entity: &str, other: Option<&str>| Facts {
        oppositions: vec![Opposition {
            legal_entity: entity.to_owned(),
            other: other.map(str::to_owned),
        }],
        ..facts.clone()
    };
    refused(&opposed(&facts, "other", Some("one")), Gate::Opposed);
    refused(&opposed(&facts, "one", None), Gate::Opposed);
    assert_eq!(run(&opposed(&facts, "one", Some("third"))).pairs.len(), 1);
}

#[test]
fn the_same_flow_at_a_neighbour_is_to_be_grouped() {
    let facts = two_sites(2.0, vec![out("A1", "A", "MAT-01"), out("B1", "B", "MAT-01")]);
    let told = refusals(&facts, "A1");
    assert_eq!(told[0].gate, Gate::NoLink);
    assert_eq!(
        (told[1].gate, told[1].candidate.clone()),
        (Gate::Direction, Some(Key::from("B1")))
    );
    assert!(told[1].sentence.contains("à regrouper"));
}

#[test]
fn what_would_open_a_gate_is_said_when_something_would() {
    let cold = heat(|a, b| {
        a.temperature_c = Some(62.0);
        b.temperature_c = Some(60.0);
    });
    let opening = refusals(&cold, "A1")[0].opening.clone().expect("more heat");
    assert!(opening.contains("pompe à chaleur"), "{opening}");
    let home = pallets(|_, b| b.site = "A".into());
    assert_eq!(refusals(&home, "A1")[0].opening, None);
}

#[test]
fn beyond_the_maximum_of_the_pair_nothing_is_proposed() {
    let mut facts = heat(|_, _| {});
    facts.sites[1] = super::site("B", 40.0);
    let sentence = refused(&facts, Gate::TooFar);
    assert!(sentence.contains("maximum"), "{sentence}");
}

#[test]
fn a_flow_without_any_kin_says_so() {
    let facts = two_sites(2.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "RHC-05")]);
    let alone = refusals(&facts, "A1");
    assert_eq!((alone[0].gate, alone[0].candidate.clone()), (Gate::NoLink, None));
    assert!(refusals(&facts, "unknown").is_empty());
}

#[test]
fn decisions_close_the_gate_that_bears_their_name() {
    use crate::engine::{Decision, Fingerprint, Verdict};
    for (verdict, gate) in [
        (Verdict::Opposed, Gate::Opposed),
        (Verdict::InPlace, Gate::InPlace),
        (Verdict::Rejected, Gate::Rejected),
    ] {
        let mut facts = pallets(|a, _| a.contract_end = Some(day(2027, 6, 30)));
        facts.decisions.push(Decision {
            out_flow: "A1".into(),
            in_flow: "B1".into(),
            verdict,
            reason: "hors sujet".to_owned(),
            names: [].into(),
            fingerprint: Fingerprint::default(),
        });
        refused(&facts, gate);
    }
}

/// Softwood sawdust offered to a boiler house, and how humid it is.
fn sawdust(humidity: f64) -> Facts {
    let (mut a, mut b) = (out("A1", "A", "MAT-04"), into("B1", "B", "ENE-08"));
    a.label = "Sciure de sapin".to_owned();
    a.humidity_pct = Some(humidity);
    b.label = "Plaquettes forestières".to_owned();
    two_sites(2.0, vec![a, b])
}

#[test]
fn a_rule_refuses_what_is_too_humid_for_it() {
    assert_eq!(run(&sawdust(30.0)).pairs.len(), 1);
    let sentence = refused(&sawdust(70.0), Gate::Quality);
    assert_eq!(
        sentence,
        "Humidité de 70\u{a0}%\u{202f}; cet usage en admet 55\u{a0}% au plus."
    );
}

#[test]
fn a_rule_refuses_steam_below_the_pressure_needed() {
    let steam = |bar| {
        heat(|a, b| {
            a.pressure_bar = Some(bar);
            b.pressure_bar = Some(6.0);
        })
    };
    assert_eq!(run(&steam(8.0)).pairs.len(), 1);
    assert_eq!(
        refused(&steam(3.0), Gate::Quality),
        "Le sortant est à 3\u{a0}bar\u{202f}; il en faudrait 6."
    );
}

#[test]
fn a_narrow_rule_leaves_the_rest_of_its_categories_alone() {
    let scrap = |label: &str| {
        let (mut a, mut b) = (out("A1", "A", "MAT-10"), into("B1", "B", "MAT-21"));
        a.label = "Ferraille".to_owned();
        b.label = label.to_owned();
        two_sites(2.0, vec![a, b])
    };
    assert_eq!(run(&scrap("Chlorure ferrique")).pairs.len(), 1);
    let sentence = refused(&scrap("Soude caustique"), Gate::Nature);
    assert!(sentence.contains("libellé du receveur"), "{sentence}");
}

#[test]
fn nothing_dangerous_goes_to_compost_even_with_a_waste_firm() {
    let mut facts = two_sites(2.0, vec![out("A1", "A", "MAT-17"), into("B1", "B", "MAT-19")]);
    facts.flows[0].hazardous = true;
    for site in &mut facts.sites {
        site.naf = Some("38.21Z".to_owned());
    }
    let sentence = refused(&facts, Gate::Hazardous);
    assert!(sentence.contains("cet usage ne l’admet pas"), "{sentence}");
}
