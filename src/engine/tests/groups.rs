use std::collections::BTreeSet;

use super::{day, into, out, run, site};
use crate::engine::{Facts, Flow, Group, GroupRecord, Key, KnownGroup, Origin};
use crate::kernel::Direction;

/// One site per distance, each with that flow.
fn firms(kilometres: &[f64], flow: impl Fn(&str, &str) -> Flow) -> Facts {
    let mut facts = Facts::default();
    for (rank, km) in kilometres.iter().enumerate() {
        let name = format!("S{rank:03}");
        facts.sites.push(site(&name, *km));
        facts.flows.push(flow(&format!("{name}f"), &name));
    }
    facts
}

fn cardboard(kilometres: &[f64], tonnes: Option<f64>) -> Facts {
    firms(kilometres, |key, site| Flow {
        annual: tonnes,
        ..out(key, site, "MAT-01")
    })
}

fn groups(facts: &Facts) -> Vec<Group> {
    run(facts).groups
}

fn known(groups: &[Group]) -> Vec<KnownGroup> {
    groups
        .iter()
        .map(|group| KnownGroup {
            key: group.key.clone(),
            code: group.code,
            members: group.flows(),
            is_fixed: false,
        })
        .collect()
}

#[test]
fn a_common_need_is_a_group_and_never_pairs() {
    let facts = cardboard(&[0.0, 1.0, 2.0, 3.0, 4.0], Some(2.0));
    let outcome = run(&facts);
    assert!(outcome.pairs.is_empty());
    let [group] = outcome.groups.as_slice() else {
        panic!("one group")
    };
    assert_eq!(group.members.len(), 5);
    assert_eq!(
        (group.title.as_str(), group.direction),
        ("Collecte groupée de cartons", Direction::Outbound)
    );
    assert_eq!(group.medoid, Key::from("S002"));
    assert_eq!(group.quantity, Some(10.0));
    assert!(
        group.mass_sentence.starts_with("10\u{a0}t par an"),
        "{}",
        group.mass_sentence
    );
}

#[test]
fn what_is_missing_for_the_critical_mass_is_said() {
    let group = &groups(&cardboard(&[0.0, 1.0, 2.0], Some(0.5)))[0];
    assert_eq!(
        group.mass_sentence,
        "Il manque 2,5\u{a0}t pour remplir une tournée."
    );
    let unknown = &groups(&cardboard(&[0.0, 1.0, 2.0], None))[0];
    assert_eq!(unknown.quantity, None);
    assert!(
        unknown.mass_sentence.contains("il faut 4\u{a0}t"),
        "{}",
        unknown.mass_sentence
    );
    assert!(unknown.confidence < group.confidence && unknown.to_ask.len() == 2);
}

#[test]
fn two_firms_with_little_are_not_a_group() {
    assert!(groups(&cardboard(&[0.0, 1.0], Some(0.5))).is_empty());
    assert_eq!(
        groups(&cardboard(&[0.0, 1.0], Some(3.0))).len(),
        1,
        "two with the critical mass are"
    );
}

#[test]
fn hundreds_of_firms_give_several_groups() {
    let far: Vec<f64> = (0..300).map(|rank| f64::from(rank) * 0.4).collect();
    let found = groups(&cardboard(&far, Some(1.0)));
    assert!((4..=30).contains(&found.len()), "{}", found.len());
    assert!(found.iter().all(|group| group.members.len() <= 30));
    let flows: Vec<&Key> = found
        .iter()
        .flat_map(|group| group.members.iter().map(|member| &member.flow))
        .collect();
    assert_eq!(
        flows.iter().collect::<BTreeSet<_>>().len(),
        flows.len(),
        "a flow is in one group"
    );
}

#[test]
fn zones_come_before_the_territory() {
    let mut facts = cardboard(&[0.0, 0.2, 0.4, 3.0, 3.2, 3.4, 6.0], Some(1.0));
    for (rank, site) in facts.sites.iter_mut().enumerate() {
        site.zone = ["Saules", "Saules", "Saules", "Gare", "Gare", "Gare"]
            .get(rank)
            .map(|zone| (*zone).to_owned());
    }
    let found = groups(&facts);
    assert_eq!(found.len(), 2);
    let saules = found
        .iter()
        .find(|group| group.zone.as_deref() == Some("Saules"))
        .expect("a zone");
    assert_eq!(saules.members.len(), 3);
    let other = found
        .iter()
        .find(|group| group.zone.is_none())
        .expect("the lonely one has joined the nearest");
    assert_eq!(other.members.len(), 4);
}

#[test]
fn contracts_that_end_together_go_together() {
    let mut facts = cardboard(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], Some(1.0));
    let ends = [(2027, 2), (2027, 5), (2027, 7), (2028, 9), (2028, 10), (2028, 12)];
    for (flow, (year, month)) in facts.flows.iter_mut().zip(ends) {
        flow.contract_end = Some(day(year, month, 1));
    }
    let mut windows: Vec<_> = groups(&facts)
        .into_iter()
        .filter_map(|group| group.window)
        .collect();
    windows.sort();
    assert_eq!(
        windows,
        [
            (day(2027, 2, 1), day(2027, 7, 1)),
            (day(2028, 9, 1), day(2028, 12, 1))
        ]
    );
}

#[test]
fn technical_classes_are_not_mixed() {
    let mut facts = firms(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], |key, site| {
        into(key, site, "RHC-05")
    });
    for (rank, flow) in facts.flows.iter_mut().enumerate() {
        flow.technical_class = Some(if rank < 3 { "SST" } else { "CACES" }.to_owned());
    }
    let found = groups(&facts);
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|group| group.members.len() == 3 && group.direction == Direction::Inbound)
    );
}

#[test]
fn savings_are_a_share_of_what_is_spent_with_its_evidence() {
    let mut facts = cardboard(&[0.0, 1.0, 2.0], Some(10.0));
    let priced = groups(&facts)[0]
        .saving
        .clone()
        .expect("the nomenclature has a price");
    assert_eq!(priced.origin, Origin::Estimated);
    for flow in &mut facts.flows {
        flow.annual_cost_eur = Some(1_000.0);
    }
    let group = &groups(&facts)[0];
    let saving = group.saving.as_ref().expect("declared");
    assert_eq!(saving.origin, Origin::Declared);
    assert!(
        (saving.high - 900.0).abs() < 1e-6 && saving.low < saving.central,
        "{saving:?}"
    );
    assert!(!group.evidence.is_empty());
    let unpriced = firms(&[0.0, 1.0, 2.0], |key, site| into(key, site, "RHC-05"));
    assert_eq!(groups(&unpriced)[0].saving, None, "not estimated, never zero");
}

#[test]
fn a_group_keeps_its_key_while_most_members_stay() {
    let mut facts = cardboard(&[0.0, 1.0, 2.0, 3.0], Some(1.0));
    let before = groups(&facts);
    facts.groups = known(&before);
    // The first leaves, two arrive: the key does not depend on who is first any more.
    facts.flows.remove(0);
    let more = cardboard(&[0.0, 1.0, 2.0, 3.0, 3.5, 4.0], Some(1.0));
    facts.sites = more.sites;
    facts.flows.extend(more.flows.into_iter().skip(4));
    let after = groups(&facts);
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].key, before[0].key);
    facts.flows.retain(|flow| {
        after[0]
            .members
            .iter()
            .take(0)
            .any(|member| member.flow == flow.key)
    });
    assert!(groups(&facts).is_empty());
}

#[test]
fn two_groups_never_share_a_key() {
    let mut facts = cardboard(&[0.0, 1.0, 2.0, 100.0, 101.0, 102.0], Some(1.0));
    let before = groups(&facts);
    assert_eq!(before.len(), 2);
    assert_ne!(before[0].key, before[1].key);
    // One known group covers both: only one may go on with its key.
    let members = before.iter().flat_map(Group::flows).collect();
    facts.groups = vec![KnownGroup {
        key: "G-0007".into(),
        code: before[0].code,
        members,
        is_fixed: false,
    }];
    let after = groups(&facts);
    let keys: BTreeSet<&Key> = after.iter().map(|group| &group.key).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys.contains(&Key::from("G-0007")));
}

#[test]
fn a_common_need_does_not_flood_the_queue() {
    let far: Vec<f64> = (0..300).map(|rank| f64::from(rank) * 0.4).collect();
    let found = groups(&cardboard(&far, Some(1.0)));
    let entering = found.iter().filter(|group| group.left_out.is_none()).count();
    assert_eq!(entering, 3);
    let words = found.iter().find_map(|group| group.left_out.clone());
    assert!(words.is_some_and(|words| words.contains("meilleurs groupes")));
    let small = &groups(&cardboard(&[0.0, 1.0, 2.0], Some(0.5)))[0];
    let left_out = small.left_out.clone().expect("too little");
    assert!(
        left_out.contains("Masse critique") && left_out.contains("2,5"),
        "{left_out}"
    );
}

#[test]
fn labels_that_name_two_sessions_make_two_groups() {
    let mut facts = firms(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], |key, site| {
        into(key, site, "RHC-05")
    });
    for (rank, flow) in facts.flows.iter_mut().enumerate() {
        flow.label = if rank < 3 {
            "Recyclage SST"
        } else {
            "CACES nacelle"
        }
        .to_owned();
        *flow = flow.clone().with_its_words();
    }
    let titles: BTreeSet<String> = groups(&facts).into_iter().map(|group| group.title).collect();
    assert!(titles.contains("Session mutualisée\u{a0}: CACES"), "{titles:?}");
    assert_eq!(titles.len(), 2);
}

#[test]
fn a_training_waits_for_its_validity_to_run_out() {
    let mut facts = firms(&[0.0, 1.0, 2.0], |key, site| into(key, site, "RHC-05"));
    for flow in &mut facts.flows {
        flow.contract_end = Some(day(2027, 9, 1));
    }
    assert_eq!(groups(&facts).len(), 1);
    facts.flows[0].contract_end = Some(day(2028, 9, 1));
    assert!(groups(&facts).is_empty());
}

#[test]
fn fewer_than_five_people_are_not_counted() {
    let mut facts = firms(&[0.0, 1.0, 2.0], |key, site| into(key, site, "MOB-01"));
    for (flow, count) in facts.flows.iter_mut().zip([40.0, 12.0, 4.0]) {
        flow.annual = Some(count);
    }
    let group = &groups(&facts)[0];
    assert_eq!((group.members.len(), group.quantity), (2, Some(52.0)));
}

#[test]
fn a_collection_says_what_its_round_saves() {
    let mut facts = cardboard(&[0.0, 3.0, 6.0, 9.0], Some(4.0));
    let round = groups(&facts)[0].round.expect("a lorry goes round");
    assert!(round.shared_km < round.separate_km && round.saved_km > 0.0 && round.saved_eur > 0.0);
    facts = firms(&[0.0, 1.0, 2.0], |key, site| into(key, site, "RHC-05"));
    assert_eq!(groups(&facts)[0].round, None, "people go by themselves");
}

#[test]
fn a_group_composed_by_hand_keeps_its_members_and_its_key() {
    let mut facts = cardboard(&[0.0, 1.0, 2.0, 3.0, 40.0], Some(2.0));
    let found = groups(&facts);
    let mut mine = known(&found).remove(0);
    mine.key = "G-0007".into();
    mine.is_fixed = true;
    mine.members = ["S000f", "S001f", "S004f"].map(Key::from).into();
    facts.groups = vec![mine];
    let after = groups(&facts);
    let kept = after
        .iter()
        .find(|group| group.key == Key::from("G-0007"))
        .expect("still there");
    assert_eq!(kept.flows(), facts.groups[0].members);
    assert!(kept.is_fixed && kept.left_out.is_none());
    let others: Vec<&Group> = after.iter().filter(|group| !group.is_fixed).collect();
    assert!(
        others
            .iter()
            .all(|group| group.flows().is_disjoint(&kept.flows()))
    );
    facts.flows.retain(|flow| flow.key != Key::from("S004f"));
    let after = groups(&facts);
    assert_eq!(
        after
            .iter()
            .find(|group| group.is_fixed)
            .expect("two are left")
            .members
            .len(),
        2
    );
}

#[test]
fn what_is_bound_for_years_is_not_proposed_yet() {
    let mut facts = cardboard(&[0.0, 1.0, 2.0], Some(2.0));
    for flow in &mut facts.flows {
        flow.contract_end = Some(day(2029, 1, 1));
    }
    let left_out = groups(&facts)[0].left_out.clone().expect("two years");
    assert!(
        left_out.starts_with("Trop tôt") && left_out.contains("01/01/2029"),
        "{left_out}"
    );
}

#[test]
fn the_order_of_groups_follows_what_reviewers_made_of_them() {
    let mut facts = cardboard(&[0.0, 1.0, 2.0, 3.0, 4.0], Some(2.0));
    let first = |facts: &Facts| groups(facts).remove(0);
    let before = first(&facts);
    assert_eq!(before.learned.acceptance("pour ce besoin"), None);
    let record = |accepted| GroupRecord {
        code: before.code,
        reviewed: 6,
        accepted,
    };
    facts.grouped = vec![record(0)];
    let refused = first(&facts);
    facts.grouped = vec![record(5)];
    let liked = first(&facts);
    assert!(refused.priority() < before.priority() && before.priority() < liked.priority());
    assert!(
        (refused.score - liked.score).abs() < f64::EPSILON,
        "a score is about the facts"
    );
    let words = liked
        .learned
        .acceptance("pour ce besoin")
        .expect("something was learned");
    assert!(words.starts_with("5 acceptées sur 6 pour ce besoin"), "{words}");
}
