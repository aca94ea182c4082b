use super::{Axis, Grade, Grid, NotFeasible, State, Step, StepKind, Wanted};
use crate::synergies::motives::Motive;
use std::fmt::Write;

/// The drawing of the life cycle, kept true.
#[test]
#[expect(clippy::too_many_lines, reason = "the drawing is one table")]
fn the_life_of_a_synergy() {
    let mut table = String::new();
    for from in State::ALL {
        writeln!(table, "{:?} ({})", from, from.label()).unwrap();
        for step in from.allowed() {
            writeln!(table, "    {step:?} → {:?}", from.after(step).unwrap()).unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
    Proposed (à étudier)
        Take → UnderReview
        Prevalidate → Prevalidated
        Reject → Rejected
        Sleep → Asleep
        Merge → Duplicate
    UnderReview (en étude)
        Prevalidate → Prevalidated
        Reject → Rejected
        Sleep → Asleep
        Merge → Duplicate
    Prevalidated (pré-validée)
        ProposeContact → ContactProposed
        Sleep → Asleep
        Resume → UnderReview
        Merge → Duplicate
    ContactProposed (mise en relation)
        Agree → Agreed
        Sleep → Asleep
        Abandon → Abandoned
        Silence → Silent
    Agreed (accord des entreprises)
        Withdraw → ContactProposed
        Study → Studied
        Sleep → Asleep
        Abandon → Abandoned
        Silence → Silent
    Studied (faisabilité étudiée)
        Implement → Implementing
        Sleep → Asleep
        Abandon → Abandoned
        Silence → Silent
    Implementing (mise en œuvre)
        Realise → Realised
        Sleep → Asleep
        Abandon → Abandoned
        Silence → Silent
    Realised (en place)
        Sustain → Durable
        Interrupt → Interrupted
    Durable (pérenne)
        Interrupt → Interrupted
    Rejected (écartée)
        Resume → UnderReview
        Return → Proposed
    Asleep (en sommeil)
        Resume → UnderReview
        Return → Proposed
        Merge → Duplicate
    Silent (sans nouvelles)
        Sleep → Asleep
        Abandon → Abandoned
        Hear → ContactProposed
    Abandoned (abandonnée)
        Resume → UnderReview
    Interrupted (interrompue)
    Duplicate (doublon)
        Resume → UnderReview
    ");
}

#[test]
fn a_refused_step_says_why() {
    let refused = State::Prevalidated.after(StepKind::Reject).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Cette synergie est «\u{a0}pré-validée\u{a0}»\u{a0}: elle ne peut pas être écartée."
    );
}

#[test]
fn a_rejection_carries_its_motive_into_the_timeline() {
    let step = Step::Reject {
        motive: Motive::find("contract").unwrap(),
        comment: Some("juin 2027".to_owned()),
    };
    assert_eq!(step.event(), "écartée\u{a0}: contrat en cours");
    assert_eq!(step.comment().as_deref(), Some("juin 2027"));
    assert_eq!(step.kind(), StepKind::Reject);
}

#[test]
fn a_first_grid_wants_four_grades_and_no_red_one() {
    let grades = |regulatory| {
        Wanted::First
            .axes()
            .iter()
            .map(|axis| {
                (
                    *axis,
                    if *axis == Axis::Regulatory {
                        regulatory
                    } else {
                        Some(Grade::Green)
                    },
                    None,
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        Grid::new(Wanted::First, grades(None)),
        Err(vec![NotFeasible::Missing(Axis::Regulatory)])
    );
    assert_eq!(
        Grid::new(Wanted::First, grades(Some(Grade::Red))),
        Err(vec![NotFeasible::Blocking(Axis::Regulatory)])
    );
    assert_eq!(
        Grid::new(Wanted::First, grades(Some(Grade::Orange)))
            .unwrap()
            .lines()
            .len(),
        4
    );
    assert_eq!(Grid::new(Wanted::First, Vec::new()).unwrap_err().len(), 4);
}

#[test]
fn fewer_than_five_cases_give_no_share() {
    use super::share;
    assert_eq!(share(2, 4), None);
    assert_eq!(share(2, 5).as_deref(), Some("40\u{a0}%"));
}

#[test]
fn a_year_must_pass_before_a_synergy_is_durable() {
    use super::{NotYet, sustainable};
    use chrono::NaiveDate;
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
    let begun = Some(day(2025, 11, 24));
    assert_eq!(sustainable(begun, day(2026, 11, 24)), Ok(()));
    let refused = sustainable(begun, day(2026, 11, 23)).unwrap_err();
    assert_eq!(refused, NotYet::Year(day(2026, 11, 24)));
    assert!(refused.to_string().contains("24/11/2026"), "{refused}");
}
