use super::{code, day, into, labelled, only, out, params, part, run, site, two_sites};
use crate::engine::{Cooperation, Fact, Facts, Kind, Origin, PartName, Precedent, propose};
use crate::kernel::{Direction, Months};
use crate::nomenclature::Catalogue;

fn cardboard(given: f64, wanted: f64) -> Facts {
    let mut facts = two_sites(6.4, vec![out("A1", "A", "MAT-01"), into("B1", "B", "MAT-01")]);
    facts.flows[0].annual = Some(given);
    facts.flows[1].annual = Some(wanted);
    facts
}

#[test]
fn material_multiplies_everything_else() {
    let same = only(&two_sites(
        1.0,
        vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")],
    ));
    assert_eq!(part(&same, PartName::Material).0, Some(1.0));
    let rule = Catalogue::embedded()
        .rules()
        .iter()
        .find(|rule| rule.out != rule.into && rule.fit < 0.9)
        .expect("a rule");
    let by_rule = only(&two_sites(
        0.2,
        vec![
            out("A1", "A", rule.out.as_str()),
            into("B1", "B", rule.into.as_str()),
        ],
    ));
    assert_eq!(part(&by_rule, PartName::Material).0, Some(rule.fit));
    assert_eq!(by_rule.rule.as_deref(), Some(rule.id.as_str()));
    assert!(part(&by_rule, PartName::Material).1.contains(&rule.id));
}

#[test]
fn the_same_words_are_strong_evidence_and_near_words_are_not() {
    let facts = |other: &str| {
        two_sites(
            1.0,
            vec![
                labelled("A1", "A", Direction::Outbound, "Zyxoline brute"),
                labelled("B1", "B", Direction::Inbound, other),
            ],
        )
    };
    let same = only(&facts("zyxoline BRUTE"));
    assert!(part(&same, PartName::Material).0.is_some_and(|fit| fit > 0.9) && same.retained);
    let near = only(&facts("Zyxoline de lavage"));
    assert!(part(&near, PartName::Material).0.is_some_and(|fit| fit <= 0.5) && !near.retained);
}

#[test]
fn two_chosen_categories_are_not_overruled_by_words() {
    let mut facts = two_sites(1.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "RHC-05")]);
    facts.flows[0].label = "Palettes".to_owned();
    facts.flows[1].label = "Palettes".to_owned();
    assert!(run(&facts).pairs.iter().all(|pair| !pair.retained));
}

#[test]
fn unknown_counts_one_half_and_lowers_the_confidence() {
    let mut facts = cardboard(38.0, 24.0);
    let known = only(&facts);
    facts.flows[0].annual = None;
    let unknown = only(&facts);
    assert_eq!(part(&unknown, PartName::Quantity).0, None);
    assert!(unknown.confidence < known.confidence);
    assert_eq!(unknown.giver_gain, None);
    let ask = &unknown.explanation.to_ask[0];
    assert_eq!(ask.fact, Fact::Quantity);
    assert!(ask.low < unknown.score && unknown.score < ask.high, "{ask:?}");
    assert!(
        ask.sentence()
            .starts_with("Quantité annuelle du sortant\u{a0}: score de ")
    );
}

#[test]
fn quantities_are_compared_and_never_count_nothing() {
    let pair = only(&cardboard(38.0, 24.0));
    let (value, sentence) = part(&pair, PartName::Quantity);
    assert!(value.is_some_and(|value| value > 0.7));
    assert_eq!(sentence, "24\u{a0}t sur 38\u{a0}t trouvent preneur.");
    assert_eq!(pair.matched.map(|matched| matched.quantity), Some(24.0));
    let tiny = part(&only(&cardboard(0.1, 1_000.0)), PartName::Quantity).0;
    assert!(
        tiny.is_some_and(|value| value >= 0.2),
        "several small flows may fill a need"
    );
}

#[test]
fn gains_are_two_sided_ranges_and_what_is_declared_says_so() {
    let mut facts = cardboard(38.0, 24.0);
    facts.flows[0].annual_cost_eur = Some(3_800.0);
    let pair = only(&facts);
    let (giver, receiver) = (
        pair.giver_gain.expect("cost known"),
        pair.receiver_gain.expect("price known"),
    );
    assert_eq!(
        (giver.origin, receiver.origin),
        (Origin::Declared, Origin::Estimated)
    );
    assert!(giver.low <= giver.central && giver.central <= giver.high);
    assert!(receiver.low < receiver.central && receiver.central < receiver.high);
    // 24 t at 100 €/t, less half of the transport of two trips.
    assert!(giver.central > 2_200.0 && giver.central < 2_400.0, "{giver:?}");
    assert!(pair.break_even_km.is_some_and(|km| km > 6.4));
    assert!(
        pair.tco2e
            .is_some_and(|tonnes| tonnes.low < tonnes.central && tonnes.central < tonnes.high)
    );
}

#[test]
fn what_has_no_price_is_not_estimated() {
    let priceless = Catalogue::embedded()
        .categories()
        .iter()
        .find(|category| category.economics.value.is_none() && category.economics.disposal.is_none())
        .expect("some category has no figures");
    let pair = only(&two_sites(
        0.1,
        vec![
            out("A1", "A", priceless.code.as_str()),
            into("B1", "B", priceless.code.as_str()),
        ],
    ));
    assert_eq!(
        (pair.giver_gain, pair.receiver_gain, pair.break_even_km),
        (None, None, None)
    );
    assert_eq!(pair.explanation.parts[1].value, None);
}

#[test]
fn a_radius_is_where_the_score_is_full_not_a_cut() {
    let at = |km| {
        only(&two_sites(
            km,
            vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")],
        ))
    };
    let radius = Catalogue::embedded().category(code("MAT-03")).radius;
    let distance = |km| part(&at(km), PartName::Distance).0.expect("positions are known");
    assert!((distance(radius.full_km * 0.9) - 1.0).abs() < 1e-9);
    let middle = distance(f64::midpoint(radius.full_km, radius.max_km));
    assert!(middle > 0.2 && middle < 0.8, "{middle}");
    assert!(
        run(&two_sites(
            radius.max_km * 1.1,
            vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]
        ))
        .pairs
        .is_empty()
    );
}

#[test]
fn a_limit_and_a_factor_change_the_reach() {
    let facts = two_sites(30.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    let mut settings = params();
    settings.limit_km = Some(20.0);
    assert!(propose(&facts, Catalogue::embedded(), &settings).pairs.is_empty());
    let plain = only(&facts).score;
    settings.limit_km = None;
    settings.radius_factor = 2.0;
    assert!(propose(&facts, Catalogue::embedded(), &settings).pairs[0].score > plain);
}

#[test]
fn without_a_position_the_distance_is_a_question() {
    let mut facts = two_sites(1.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    facts.sites[1].position = None;
    let pair = only(&facts);
    assert_eq!(pair.distance_km, None);
    assert_eq!(part(&pair, PartName::Distance).0, None);
    assert!(
        pair.explanation
            .to_ask
            .iter()
            .any(|ask| ask.fact == Fact::Position)
    );
}

#[test]
fn the_calendar_counts_common_months_and_the_contract_of_the_receiver() {
    let mut facts = two_sites(1.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    let always = only(&facts);
    facts.flows[0].months = Months::parse("1-6").expect("valid");
    facts.flows[1].months = Months::parse("4-9").expect("valid");
    let half = only(&facts);
    assert!((part(&half, PartName::Time).0.expect("known") - 0.5).abs() < 1e-9);
    assert_eq!(
        part(&half, PartName::Time).1,
        "Présents ensemble\u{a0}: avril à juin."
    );
    assert!(half.score < always.score);
    facts.flows[1].months = Months::ALL;
    facts.flows[1].contract_end = Some(day(2028, 6, 30));
    let bound = only(&facts);
    assert!(bound.explanation.weaknesses[0].contains("sous contrat jusqu’au 30 juin 2028"));
}

#[test]
fn quality_compares_what_both_sides_tell() {
    let mut facts = two_sites(0.5, vec![out("A1", "A", "ENE-04"), into("B1", "B", "ENE-05")]);
    assert_eq!(part(&only(&facts), PartName::Quality).0, None);
    facts.flows[0].temperature_c = Some(90.0);
    facts.flows[1].temperature_c = Some(60.0);
    let pair = only(&facts);
    assert_eq!(
        part(&pair, PartName::Quality).1,
        "90\u{a0}°C disponibles pour 60\u{a0}°C demandés."
    );
    facts.flows[0].purity_pct = Some(70.0);
    facts.flows[1].purity_pct = Some(95.0);
    assert!(only(&facts).score < pair.score, "the weakest attribute decides");
}

#[test]
fn neighbours_and_partners_have_an_advantage() {
    let mut facts = two_sites(1.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    let strangers = only(&facts).score;
    for site in &mut facts.sites {
        site.zone = Some("Zone des Saules".to_owned());
    }
    assert!(only(&facts).score > strangers);
    facts.sites[1].zone = Some("Autre zone".to_owned());
    let apart = only(&facts).score;
    facts.cooperations.push(Cooperation {
        one: "B".into(),
        other: "A".into(),
    });
    assert!(only(&facts).score > apart);
}

#[test]
fn what_was_accepted_before_is_proposed_again_and_first() {
    let pairs = |history: Vec<Precedent>| {
        let flows = vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-30")];
        run(&Facts {
            history,
            ..two_sites(1.0, flows)
        })
        .pairs
    };
    assert!(pairs(Vec::new()).is_empty(), "no rule links the two categories");
    let accepted = Precedent {
        out: code("MAT-03"),
        into: code("MAT-30"),
        reviewed: 10,
        accepted: 9,
    };
    let found = pairs(vec![accepted]);
    assert!(
        found[0]
            .explanation
            .strengths
            .iter()
            .chain(&found[0].explanation.weaknesses)
            .count()
            > 0
    );
    assert!(
        part(&found[0], PartName::Material)
            .1
            .contains("déjà acceptée 9 fois")
    );
    let same = |history| {
        run(&Facts {
            history,
            ..two_sites(1.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")])
        })
    };
    let rejected = Precedent {
        out: code("MAT-03"),
        into: code("MAT-03"),
        reviewed: 10,
        accepted: 0,
    };
    assert!(same(vec![rejected]).pairs[0].priority < same(Vec::new()).pairs[0].priority);
}

#[test]
fn what_is_lent_is_a_sharing() {
    let pair = only(&two_sites(
        1.0,
        vec![out("A1", "A", "ESP-01"), into("B1", "B", "ESP-01")],
    ));
    assert_eq!(pair.kind, Kind::Sharing);
}

#[test]
fn old_facts_lower_the_confidence_and_are_to_be_confirmed() {
    let mut facts = two_sites(1.0, vec![out("A1", "A", "MAT-03"), into("B1", "B", "MAT-03")]);
    let fresh = only(&facts);
    facts.flows[0].observed_on = Some(day(2022, 3, 1));
    let stale = only(&facts);
    assert!(stale.confidence < fresh.confidence);
    assert!(
        stale
            .explanation
            .to_ask
            .iter()
            .any(|ask| ask.question.contains("1er mars 2022"))
    );
}

#[test]
fn flows_of_unknown_sites_are_counted_not_matched() {
    let mut facts = two_sites(
        1.0,
        vec![out("A1", "A", "MAT-03"), into("B1", "nowhere", "MAT-03")],
    );
    facts.sites.push(site("C", 3.0));
    let outcome = run(&facts);
    assert_eq!(
        (outcome.pairs.len(), outcome.counts.orphans, outcome.counts.sites),
        (0, 1, 3)
    );
}
