use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{Case, Knowledge, Partner, Presumed, Prospect, missing, worth_of_visits};
use crate::engine::{Facts, Flow, Key, Params, Site};
use crate::kernel::{Direction, Position};
use crate::nomenclature::{Catalogue, FlowCode, Profiles};

fn code(text: &str) -> FlowCode {
    FlowCode::find(text).expect("known")
}

fn case(naf: &str, flows: &[(&str, f64)]) -> Case {
    Case {
        naf: Some(naf.to_owned()),
        employees: Some(10.0),
        flows: flows
            .iter()
            .map(|(name, annual)| (code(name), Direction::Outbound, Some(*annual)))
            .collect(),
    }
}

fn of(presumed: &[Presumed], name: &str) -> Option<Presumed> {
    let found = |one: &&Presumed| one.code == code(name) && one.direction == Direction::Outbound;
    presumed.iter().find(found).cloned()
}

fn params() -> Params {
    Params::new(NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day"))
}

fn site(key: &str, km: f64) -> Site {
    Site {
        position: Position::new(47.8 + km / 111.2, 1.06).ok(),
        legal_entity: Some(key.to_owned()),
        ..Site::new(key)
    }
}

fn flow(key: &str, site: &str, direction: Direction, name: &str, annual: f64) -> Flow {
    Flow {
        code: Some(code(name)),
        annual: Some(annual),
        ..Flow::new(
            key,
            site,
            direction,
            &Catalogue::embedded().category(code(name)).label,
        )
    }
}

#[test]
fn without_visits_the_prior_of_the_trade_speaks() {
    let presumed = Knowledge::learn(&[]).presume(Some("25.62B"), Some(20.0));
    let metal = of(&presumed, "MAT-10").expect("metal workers have scrap");
    let usual = Profiles::embedded().of("25")[&(code("MAT-10"), Direction::Outbound)];
    assert!((metal.probability - usual.share).abs() < 1e-9);
    let span = metal.quantity.expect("a size is known");
    assert!((span.central - 20.0 * usual.per_employee).abs() < 0.1);
    assert!(span.low * 2.9 < span.central && span.central * 2.9 < span.high);
    assert_eq!(
        metal.why,
        "Aucun établissement de ce métier n’a été visité\u{a0}: a priori du métier."
    );
}

#[test]
fn nothing_is_presumed_of_an_unknown_trade() {
    let knowledge = Knowledge::learn(&[]);
    assert!(knowledge.presume(None, Some(20.0)).is_empty());
    assert!(knowledge.presume(Some("inconnu"), Some(20.0)).is_empty());
    let sized = knowledge.presume(Some("25.62B"), None);
    assert!(!sized.is_empty() && sized.iter().all(|one| one.quantity.is_none()));
}

#[test]
fn the_reason_counts_the_visits_behind() {
    let mut cases = vec![case("25.62B", &[("MAT-10", 15.0)]); 4];
    cases.extend(vec![case("25.11Z", &[]); 2]);
    let knowledge = Knowledge::learn(&cases);
    let why = |naf| {
        of(&knowledge.presume(Some(naf), None), "MAT-10")
            .expect("presumed")
            .why
    };
    assert_eq!(
        why("25.62B"),
        "4 des 4 établissements visités de la classe 25.62B en ont\u{202f}; a priori du métier."
    );
    assert_eq!(
        why("25.99B"),
        "4 des 6 établissements visités de la division 25 en ont\u{202f}; a priori du métier."
    );
}

#[test]
fn a_class_leans_on_its_division_and_not_on_others() {
    let cases = vec![case("25.62B", &[("MAT-13", 1.0)]); 8];
    let knowledge = Knowledge::learn(&cases);
    let share = |naf| of(&knowledge.presume(Some(naf), None), "MAT-13").map_or(0.0, |one| one.probability);
    assert!(share("25.62B") > share("25.11Z"), "the class itself says more");
    assert!(share("25.11Z") > 0.5, "its neighbours are heard");
    assert!(share("62.01Z") < 0.16, "another trade is not");
}

#[test]
fn trades_are_named_for_a_flow() {
    let trades = Knowledge::learn(&[]).trades_with(code("MAT-17"), Direction::Inbound, 3);
    assert!(trades.len() >= 2 && trades[0].1 >= trades[1].1, "{trades:?}");
    assert!(
        trades
            .iter()
            .any(|(division, _)| division == "38" || division == "35")
    );
}

proptest! {
    #[test]
    fn smoothing_tends_to_the_data_and_starts_at_the_prior(having in 0_usize..200, lacking in 0_usize..200) {
        let mut cases = vec![case("25.62B", &[("MAT-10", 40.0)]); having];
        cases.extend(vec![case("25.62B", &[]); lacking]);
        let believed = of(&Knowledge::learn(&cases).presume(Some("25.62B"), Some(10.0)), "MAT-10")
            .map_or(0.0, |one| one.probability);
        let prior = Profiles::embedded().of("25")[&(code("MAT-10"), Direction::Outbound)].share;
        let count = f64::from(u16::try_from(having + lacking).expect("small"));
        let seen = if count > 0.0 { f64::from(u16::try_from(having).expect("small")) / count } else { prior };
        let expected = (seen * count + 4.0 * prior) / (count + 4.0);
        if expected >= 0.15 {
            prop_assert!((believed - expected).abs() < 1e-3, "{} {}", believed, expected);
        } else {
            prop_assert!(believed.abs() < 1e-12);
        }
        prop_assert!((believed - seen).abs() <= (prior - seen).abs() * 4.0 / (count + 4.0) + 0.15);
    }

    #[test]
    fn quantities_tend_to_what_was_measured(count in 0_usize..300, rate in 0.5..50.0_f64) {
        let cases = vec![case("25.62B", &[("MAT-10", rate * 10.0)]); count];
        let presumed = Knowledge::learn(&cases).presume(Some("25.62B"), Some(10.0));
        let span = of(&presumed, "MAT-10").and_then(|one| one.quantity).expect("sized");
        let prior = Profiles::embedded().of("25")[&(code("MAT-10"), Direction::Outbound)].per_employee;
        let n = f64::from(u16::try_from(count).expect("small"));
        let expected = 10.0 * (n * rate + 4.0 * prior) / (n + 4.0);
        prop_assert!((span.central - expected).abs() <= 0.01 * expected, "{} {}", span.central, expected);
        prop_assert!(span.low < span.central && span.central < span.high);
    }

    #[test]
    fn the_order_of_the_visits_does_not_matter(seed in proptest::collection::vec((0_usize..3, 0_usize..3, 0.1..9.0_f64), 0..40)) {
        let nafs = ["25.62B", "10.71C", "16.24Z"];
        let names = ["MAT-10", "MAT-01", "MAT-04"];
        let cases: Vec<Case> = seed.iter().map(|(naf, name, q)| case(nafs[*naf], &[(names[*name], *q)])).collect();
        let mut reversed = cases.clone();
        reversed.reverse();
        let (one, other) = (Knowledge::learn(&cases), Knowledge::learn(&reversed));
        for naf in nafs {
            prop_assert_eq!(one.presume(Some(naf), Some(30.0)), other.presume(Some(naf), Some(30.0)));
        }
    }
}

#[test]
fn a_visit_is_worth_what_it_would_bring_to_free_flows() {
    let facts = Facts {
        sites: vec![
            site("A", 0.0),
            site("B", 2.0),
            site("P", 1.0),
            site("Q", 50.0),
            site("R", 1.5),
        ],
        flows: vec![
            flow("a", "A", Direction::Inbound, "MAT-03", 400.0),
            flow("b", "B", Direction::Outbound, "MAT-01", 20.0),
        ],
        ..Facts::default()
    };
    let pallets = Presumed {
        code: code("MAT-03"),
        direction: Direction::Outbound,
        probability: 0.8,
        quantity: None,
        why: String::new(),
    };
    let prospect = |key: &str, presumed: Vec<Presumed>| Prospect {
        site: Key::new(key),
        presumed,
    };
    let carton = Presumed {
        code: code("MAT-01"),
        direction: Direction::Inbound,
        probability: 0.5,
        ..pallets.clone()
    };
    let prospects = [
        prospect("P", vec![pallets.clone(), carton]),
        prospect("Q", vec![pallets]),
        prospect("R", Vec::new()),
    ];
    let worth = |taken: &[&str]| {
        let taken: BTreeSet<Key> = taken.iter().map(|key| Key::from(*key)).collect();
        worth_of_visits(&facts, &prospects, &taken, Catalogue::embedded(), &params())
    };
    let all = worth(&[]);
    let order: Vec<&str> = all.iter().map(|one| one.site.as_str()).collect();
    assert_eq!(order, ["P", "Q", "R"]);
    assert!((all[0].synergies - 1.3).abs() < 1e-9, "{:?}", all[0]);
    assert!(all[2].points.abs() < 1e-9 && all[2].leads.is_empty());
    let met = all[0].leads.iter().filter_map(|lead| match &lead.partner {
        Partner::Flow { flow, .. } => Some(flow.as_str()),
        Partner::Group { .. } => None,
    });
    assert_eq!(met.collect::<BTreeSet<_>>(), BTreeSet::from(["a", "b"]));
    // A flow that has its partner makes the visit worth less.
    assert!(worth(&["a"])[0].points < all[0].points);
    assert_eq!(worth(&[]), all);
}

#[test]
fn completing_a_group_counts_and_being_alone_does_not() {
    let need = |key: &str, place: &str| flow(key, place, Direction::Inbound, "RHC-05", 4.0);
    let minimum = Catalogue::embedded()
        .category(code("RHC-05"))
        .group
        .as_ref()
        .map_or(3, |rule| rule.min_members);
    let mut facts = Facts {
        sites: vec![site("P", 0.0)],
        ..Facts::default()
    };
    let prospects = [Prospect {
        site: Key::new("P"),
        presumed: vec![Presumed {
            code: code("RHC-05"),
            direction: Direction::Inbound,
            probability: 1.0,
            quantity: None,
            why: String::new(),
        }],
    }];
    let mut points = Vec::new();
    for rank in 0..=minimum {
        points.push(
            worth_of_visits(
                &facts,
                &prospects,
                &BTreeSet::new(),
                Catalogue::embedded(),
                &params(),
            )[0]
            .points,
        );
        let name = format!("S{rank}");
        facts.sites.push(site(&name, 1.0));
        facts.flows.push(need(&format!("f{rank}"), &name));
    }
    let completing = usize::try_from(minimum).expect("small") - 1;
    assert!(points[completing - 1].abs() < 1e-9, "{points:?}");
    assert!(
        points[completing] > points[completing + 1] && points[completing + 1] > 0.0,
        "{points:?}"
    );
}

#[test]
fn the_missing_receiver_is_placed_among_the_flows_it_would_take() {
    let facts = Facts {
        sites: vec![site("A", 0.0), site("B", 2.0), site("C", 3.0), site("D", 200.0)],
        flows: vec![
            flow("a", "A", Direction::Outbound, "MAT-17", 10.0),
            flow("b", "B", Direction::Outbound, "MAT-17", 20.0),
            flow("c", "C", Direction::Outbound, "MAT-17", 30.0),
            flow("d", "D", Direction::Outbound, "MAT-17", 40.0),
        ],
        ..Facts::default()
    };
    let knowledge = Knowledge::learn(&[]);
    let ask = |taken: &[&str]| {
        let taken: BTreeSet<Key> = taken.iter().map(|key| Key::from(*key)).collect();
        missing(&facts, &taken, &knowledge, Catalogue::embedded(), &params())
    };
    let found = ask(&[]);
    let taker = found
        .iter()
        .find(|one| one.code == code("MAT-17") && one.direction == Direction::Inbound)
        .expect("somebody who takes food waste is missing");
    assert_eq!(taker.sites, 3);
    assert_eq!(taker.quantity, Some(60.0));
    assert!(taker.flows.iter().all(|one| one.site.as_str() != "D"));
    assert!(!taker.trades.is_empty() && taker.value.is_some());
    let fewer = ask(&["a", "b"]);
    assert!(
        fewer.iter().all(|one| one.sites >= 2),
        "one flow does not make a missing company"
    );
}

#[test]
fn what_any_merchant_sells_has_no_missing_supplier() {
    let needs = ["A", "B", "C"].map(|at| flow(at, at, Direction::Inbound, "ENE-01", 900.0));
    let facts = Facts {
        sites: vec![site("A", 0.0), site("B", 2.0), site("C", 3.0)],
        flows: needs.to_vec(),
        ..Facts::default()
    };
    let knowledge = Knowledge::learn(&[]);
    let taken = BTreeSet::new();
    let found = missing(&facts, &taken, &knowledge, Catalogue::embedded(), &params());
    assert!(!found.is_empty(), "a solar roof would serve them");
    assert!(found.iter().all(|one| one.code != code("ENE-01")), "{found:?}");
}

#[test]
fn a_purchase_is_counted_once_under_its_nearest_matter() {
    let needs = ["A", "B", "C"].map(|at| flow(at, at, Direction::Inbound, "MAT-09", 50.0));
    let facts = Facts {
        sites: vec![site("A", 0.0), site("B", 2.0), site("C", 3.0)],
        flows: needs.to_vec(),
        ..Facts::default()
    };
    let knowledge = Knowledge::learn(&[]);
    let found = missing(
        &facts,
        &BTreeSet::new(),
        &knowledge,
        Catalogue::embedded(),
        &params(),
    );
    let suppliers: Vec<_> = found.iter().map(|one| (one.code, one.sites)).collect();
    let [(_, sites)] = suppliers.as_slice() else {
        panic!("one kind of supplier, not {suppliers:?}")
    };
    assert_eq!(*sites, 3);
}
