use super::Change;
use crate::kernel::Direction;
use crate::kernel::ids::{CompanyId, EstablishmentId, FlowId, SynergyId};
use crate::nomenclature::Local;
use crate::synergies::matching::search;
use crate::synergies::model::{Origin, State};
use crate::synergies::proposal::Proposal;
use crate::synergies::store::matching::{FlowRow, Known, Rows, SiteRow};
use crate::synergies::store::{NewSynergy, fingerprint};
use chrono::NaiveDate;
use sqlx::types::Json;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn today() -> NaiveDate {
    day(2026, 11, 24)
}

fn site(n: u8) -> SiteRow {
    SiteRow {
        id: EstablishmentId::fresh(),
        company_id: CompanyId::fresh(),
        naf: None,
        latitude: Some(47.79 + f64::from(n) * 0.01),
        longitude: Some(1.07),
        zone: None,
        commune: Some("Vendôme".to_owned()),
    }
}

fn flow(site: &SiteRow, direction: Direction, category: &str, (label, quantity): (&str, f64)) -> FlowRow {
    FlowRow {
        id: FlowId::fresh(),
        establishment_id: site.id,
        direction,
        category: Some(category.to_owned()),
        label: label.to_owned(),
        quantity: Some(quantity),
        unit: Some("t".to_owned()),
        period: Some(crate::kernel::Period::Year),
        annual_quantity: Some(quantity),
        certainty: crate::flows::Certainty::Declared,
        months: 4095,
        form: None,
        temperature_c: None,
        food_grade: None,
        annual_cost_eur: None,
        contract_end_on: None,
        waste_code: None,
        known_on: today(),
    }
}

/// Cardboard that another establishment can use as padding.
fn town() -> Rows {
    let sites = vec![site(0), site(1)];
    let flows = vec![
        flow(&sites[0], Direction::Outbound, "MAT-01", ("Cartons", 38.0)),
        flow(&sites[1], Direction::Inbound, "MAT-01", ("Cartons", 24.0)),
    ];
    Rows {
        sites,
        flows,
        known: Vec::new(),
    }
}

fn changes(rows: &Rows) -> Vec<Change> {
    changes_on(rows, today())
}

fn changes_on(rows: &Rows, day: NaiveDate) -> Vec<Change> {
    search(rows, &Local::default(), day)
}

/// Stores what a search wanted to insert, in that state.
fn stored(new: &NewSynergy, state: State) -> Known {
    Known {
        id: SynergyId::fresh(),
        number: 1,
        key: new.key.clone(),
        kind: new.kind,
        origin: Origin::Engine,
        state,
        is_current: true,
        is_fixed: false,
        category: new.category.clone(),
        motive: None,
        rejected_facts: None,
        wake_on: None,
        explained: Json(new.explained.clone()),
        fingerprint: fingerprint(new),
        score: new.score,
        params_version: new.params_version.clone(),
        establishments: new.members.iter().map(|m| m.establishment).collect(),
        flows: new.members.iter().filter_map(|m| m.flow).collect(),
    }
}

fn inserted(rows: &Rows) -> NewSynergy {
    let mut all = changes(rows);
    assert_eq!(all.len(), 1, "{all:?}");
    let Change::Insert(new) = all.remove(0) else {
        panic!("{all:?}");
    };
    *new
}

fn rejected(rows: &Rows, motive: &str) -> Rows {
    let new = inserted(rows);
    let mut known = stored(&new, State::Rejected);
    known.motive = Some(motive.to_owned());
    known.rejected_facts = Some(Json(new.explained.remembered()));
    Rows {
        known: vec![known],
        ..rows.clone()
    }
}

#[test]
fn a_proposal_is_inserted_once() {
    let mut rows = town();
    let new = inserted(&rows);
    assert_eq!(new.title, "Cartons");
    assert_eq!(new.members.len(), 2);
    for state in [
        State::Proposed,
        State::UnderReview,
        State::Prevalidated,
        State::Asleep,
        State::Duplicate,
    ] {
        rows.known = vec![stored(&new, state)];
        let again = changes(&rows);
        assert!(
            again.iter().all(|change| matches!(change, Change::Update { .. })),
            "{state:?}: {again:?}"
        );
        assert!(
            again.len() <= usize::from(state == State::UnderReview),
            "{state:?}: {again:?}"
        );
    }
}

#[test]
fn what_nobody_looked_at_leaves_with_its_flows_and_the_rest_stays() {
    let mut rows = town();
    let new = inserted(&rows);
    rows.flows.pop();
    for (state, leaves) in [
        (State::Proposed, true),
        (State::UnderReview, false),
        (State::Rejected, false),
    ] {
        rows.known = vec![stored(&new, state)];
        let all = changes(&rows);
        assert_eq!(matches!(all.as_slice(), [Change::Retire(_)]), leaves, "{state:?}");
        assert!(leaves || all.is_empty(), "{state:?}");
    }
}

#[test]
fn a_rejected_one_comes_back_only_when_a_fact_its_motive_names_has_changed() {
    let mut rows = rejected(&town(), "quantity");
    assert!(changes(&rows).is_empty());
    rows.flows[0].months = 0b11;
    assert!(changes(&rows).is_empty(), "the motive does not name the months");
    rows.flows[0].quantity = Some(90.0);
    rows.flows[0].annual_quantity = Some(90.0);
    match changes(&rows).as_slice() {
        [Change::Return { changed, new, .. }] => {
            assert!(changed[0].contains("90"), "{changed:?}");
            assert!(matches!(new.explained.proposal, Proposal::Pair(_)));
        }
        other => panic!("{other:?}"),
    }
    let in_place = rejected(&town(), "in_place");
    assert!(changes(&in_place).is_empty());
}

#[test]
fn a_contract_that_ends_brings_the_pair_back() {
    let mut rows = town();
    rows.flows[1].contract_end_on = Some(day(2027, 6, 30));
    let rows = rejected(&rows, "contract");
    assert!(changes(&rows).is_empty());
    match changes_on(&rows, day(2027, 5, 1)).as_slice() {
        [Change::Return { changed, .. }] => assert!(changed[0].contains("30/06/2027"), "{changed:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sleeper_wakes_on_its_day() {
    let mut rows = town();
    let mut known = stored(&inserted(&rows), State::Asleep);
    known.wake_on = Some(day(2027, 1, 10));
    rows.known = vec![known];
    assert!(changes(&rows).is_empty());
    assert!(matches!(
        changes_on(&rows, day(2027, 1, 10)).as_slice(),
        [Change::Return { .. }]
    ));
}

#[test]
fn a_proposal_leaves_with_its_flow() {
    let mut rows = town();
    let new = inserted(&rows);
    rows.known = vec![stored(&new, State::Proposed)];
    rows.flows.pop();
    assert!(matches!(changes(&rows).as_slice(), [Change::Retire(_)]));
}
