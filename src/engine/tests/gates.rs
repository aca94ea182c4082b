use super::{day, into, out, params, run, two_sites};
use crate::engine::{Certainty, Facts, Flow, Form, Gate, Key, Refusal, why_nothing};
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
    refusal.sentence.clone()
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
