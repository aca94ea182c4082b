use super::{into, out, params, site, two_sites};
use crate::engine::{Amount, Change, Difference, Facts, suppose, what_if};
use crate::nomenclature::{Catalogue, FactorKey};

/// 24 t of cardboard at 30 km, and heat next door.
fn facts() -> Facts {
    let mut facts = two_sites(
        30.0,
        vec![
            out("A1", "A", "MAT-26"),
            into("B1", "B", "MAT-26"),
            out("A2", "A", "MAT-03"),
            into("B2", "B", "MAT-03"),
        ],
    );
    for (flow, annual) in facts.flows.iter_mut().zip([80.0, 60.0, 900.0, 700.0]) {
        flow.annual = Some(annual);
    }
    facts
}

fn factor(key: &str, amount: &str) -> Change {
    Change::Factor(
        FactorKey::find(key).expect(key),
        Amount::parse(amount).expect(amount),
    )
}

fn run(changes: &[Change]) -> Difference {
    what_if(&facts(), Catalogue::embedded(), &params(), changes)
}

#[test]
fn amounts_are_read_as_people_write_them() {
    let read = |text| Amount::parse(text);
    assert_eq!(read("+20%"), Some(Amount::Times(1.2)));
    assert_eq!(read(" -25 % "), Some(Amount::Times(0.75)));
    assert_eq!(read("−50%"), Some(Amount::Times(0.5)));
    assert_eq!(read("x2"), Some(Amount::Times(2.0)));
    assert_eq!(read("×1,5"), Some(Amount::Times(1.5)));
    assert_eq!(read("85"), Some(Amount::Exactly(85.0)));
    for wrong in ["", "beaucoup", "-120%", "x", "%", "-3"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

#[test]
fn nothing_supposed_changes_nothing() {
    let same = run(&[]);
    assert_eq!(same.before, same.after);
    assert!(same.before.proposals > 0);
    assert!(same.entered.is_empty() && same.left.is_empty() && same.moved.is_empty());
}

#[test]
fn dearer_diesel_costs_only_its_share_of_the_kilometre() {
    let diesel = run(&[factor("gazole", "+20%")]);
    let all = run(&[factor("gazole", "+20%"), factor("kilometre", "+20%")]);
    let loss =
        |difference: &Difference| difference.before.gain_eur.unwrap() - difference.after.gain_eur.unwrap();
    assert!(loss(&diesel) > 0.0);
    // 1.35 € × 33 L is 0.45 € of a kilometre of 1.50 €.
    let share = loss(&diesel) / loss(&all);
    assert!((share - 0.2979).abs() < 0.01, "{share}");
}

#[test]
fn a_higher_landfill_tax_is_gained_by_whoever_landfills_less() {
    let taxed = run(&[factor("tgap", "+30%")]);
    let more = taxed.after.gain_eur.unwrap() - taxed.before.gain_eur.unwrap();
    // 60 t of mixed waste, landfilled whole, at 19.50 € more.
    assert!((more - 60.0 * 19.5).abs() <= 2.0, "{more}");
    assert!(
        taxed
            .moved
            .iter()
            .all(|moved| moved.after.out_flow.as_str() == "A1")
    );
}

#[test]
fn twice_the_distances_can_only_bring_proposals_in() {
    let mut far = facts();
    far.sites[1] = site("B", 85.0);
    let wider = what_if(&far, Catalogue::embedded(), &params(), &[Change::Radius(2.0)]);
    assert_eq!(wider.before.proposals, 0);
    assert_eq!(wider.after.proposals, wider.entered.len());
    assert!(!wider.entered.is_empty());
}

#[test]
fn a_firm_that_comes_and_one_that_goes() {
    let arrival = Change::Arrival(Box::new(site("C", 1.0)), vec![into("C1", "C", "MAT-03")]);
    let with = run(std::slice::from_ref(&arrival));
    assert!(with.entered.iter().any(|pair| pair.in_site.as_str() == "C"));
    let without = run(&[Change::Departure("B".into())]);
    assert_eq!(without.after.proposals, 0);
    assert_eq!(without.left.len(), without.before.proposals);
    let both = run(&[arrival, Change::Departure("C".into())]);
    assert_eq!(both.before, both.after);
}

#[test]
fn the_difference_does_not_depend_on_the_order_of_the_facts() {
    let changes = [factor("gazole", "x3"), Change::Radius(1.5)];
    let mut shuffled = facts();
    shuffled.flows.reverse();
    shuffled.sites.reverse();
    let other = what_if(&shuffled, Catalogue::embedded(), &params(), &changes);
    assert_eq!(run(&changes), other);
}

#[test]
fn the_version_of_the_factors_is_that_of_the_catalogue() {
    let outcome = suppose(
        &facts(),
        Catalogue::embedded(),
        &params(),
        &[factor("gazole", "2")],
    );
    assert_eq!(outcome.version, Catalogue::embedded().version());
}
