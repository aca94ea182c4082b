use super::{Axis, Grade, Grid, NotFeasible, State, Step, StepKind};
use crate::synergies::motives::Motive;
use std::fmt::Write;

/// The drawing of the life cycle, kept true.
#[test]
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
    Agreed (accord des entreprises)
        Withdraw → ContactProposed
        Study → Studied
        Abandon → Abandoned
    Studied (faisabilité étudiée)
        Implement → Implementing
        Abandon → Abandoned
    Implementing (mise en œuvre)
        Realise → Realised
        Abandon → Abandoned
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
    Abandoned (abandonnée)
    Interrupted (interrompue)
    Duplicate (doublon)
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
fn a_grid_wants_four_grades_and_no_red_one() {
    let grades = |regulatory| {
        Axis::ALL
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
        Grid::new(grades(None)),
        Err(vec![NotFeasible::Missing(Axis::Regulatory)])
    );
    assert_eq!(
        Grid::new(grades(Some(Grade::Red))),
        Err(vec![NotFeasible::Blocking(Axis::Regulatory)])
    );
    assert_eq!(Grid::new(grades(Some(Grade::Orange))).unwrap().lines().len(), 4);
    assert_eq!(Grid::new(Vec::new()).unwrap_err().len(), 4);
}

#[test]
fn fewer_than_five_cases_give_no_share() {
    use super::share;
    assert_eq!(share(2, 4), None);
    assert_eq!(share(2, 5).as_deref(), Some("40\u{a0}%"));
}
