use super::{NotNow, Talks, Word, forgets};
use crate::companies::consent::{Link, Other, Party, reveal};
use crate::kernel::ids::CompanyId;
use crate::synergies::model::{Kind, State, Step, StepKind};
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The sequences lived, and the names shown in them before both agreed.
static SEQUENCES: AtomicUsize = AtomicUsize::new(0);
static EARLY: AtomicUsize = AtomicUsize::new(0);

/// Something that may happen, whether or not it is allowed now.
#[derive(Debug, Clone, Copy)]
enum Act {
    Say(usize, Word),
    Step(StepKind),
    Introduce,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let word = (0..Word::ALL.len()).prop_map(|i| Word::ALL[i]);
    // Steps that go on come more often than those that stop everything.
    let onward = prop_oneof![
        Just(StepKind::Take),
        Just(StepKind::Prevalidate),
        Just(StepKind::ProposeContact),
        Just(StepKind::Resume),
        Just(StepKind::Study),
    ];
    let any_step = (0..StepKind::ALL.len()).prop_map(|i| StepKind::ALL[i]);
    let act = prop_oneof![
        6 => (0..3_usize, word).prop_map(|(who, word)| Act::Say(who, word)),
        4 => onward.prop_map(Act::Step),
        1 => any_step.prop_map(Act::Step),
        1 => Just(Act::Introduce),
    ];
    vec(act, 1..40)
}

fn other(name: &str) -> Other {
    Other {
        name: name.to_owned(),
        siret: None,
        commune: None,
        naf: None,
        in_division: 0,
        in_section: 0,
    }
}

fn is_named(talks: &Talks, viewer: CompanyId, seen: CompanyId) -> bool {
    let party = reveal(&other("Nom"), &Link::default(), talks.consents(viewer, seen));
    matches!(party, Party::Named(_))
}

/// The plain reading of the rule, kept apart from the code: the last word that was taken since the
/// synergy last went back to study.
struct Oracle {
    said: [Option<Word>; 2],
    introduced: bool,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    fn lives(acts in acts(), group in any::<bool>()) {
        SEQUENCES.fetch_add(1, Ordering::Relaxed);
        let companies = [CompanyId::fresh(), CompanyId::fresh()];
        let stranger = CompanyId::fresh();
        let kind = if group { Kind::Mutualisation } else { Kind::Substitution };
        let mut talks = Talks::new(kind, State::Proposed, false, companies.map(|c| (c, None)));
        let mut oracle = Oracle { said: [None, None], introduced: false };
        for act in acts {
            match act {
                Act::Say(who, word) => {
                    let company = companies.get(who).copied().unwrap_or(stranger);
                    let before = talks.clone();
                    match talks.hear(company, word) {
                        Ok(()) => {
                            prop_assert!(who < 2, "a stranger has no say");
                            prop_assert!(!oracle.introduced, "too late to change one’s mind");
                            oracle.said[who] = Some(word);
                        }
                        Err(_) => prop_assert_eq!(&talks, &before),
                    }
                }
                Act::Step(step) => {
                    if talks.step(step).is_ok() && forgets(step) && !oracle.introduced {
                        oracle.said = [None, None];
                    }
                }
                Act::Introduce => {
                    if talks.introduce().is_ok() {
                        prop_assert_eq!(oracle.said, [Some(Word::Agreed); 2]);
                        oracle.introduced = true;
                    }
                }
            }
            while let Some(step) = talks.called_for() {
                prop_assert!(talks.step(step.kind()).is_ok(), "{step:?} is called for and refused");
            }
            let mutual = oracle.said == [Some(Word::Agreed); 2];
            for (viewer, seen) in [(companies[0], companies[1]), (companies[1], companies[0])] {
                let named = is_named(&talks, viewer, seen);
                EARLY.fetch_add(usize::from(named && !mutual), Ordering::Relaxed);
                prop_assert_eq!(named, mutual);
            }
            prop_assert!(!is_named(&talks, companies[0], stranger) && !is_named(&talks, stranger, companies[0]));
            prop_assert!(!oracle.introduced || mutual, "whoever was introduced stays named");
        }
    }
}

#[test]
fn a_name_shows_exactly_while_both_agree() {
    lives();
    let [sequences, early] = [&SEQUENCES, &EARLY].map(|count| count.load(Ordering::Relaxed));
    println!("{sequences} sequences, {early} names shown before both agreed");
    assert_eq!((sequences >= 10_000, early), (true, 0));
}

#[test]
fn words_move_the_synergy() {
    let [a, b] = [CompanyId::fresh(), CompanyId::fresh()];
    let mut talks = Talks::new(
        Kind::Substitution,
        State::ContactProposed,
        false,
        [(a, None), (b, None)],
    );
    talks.hear(a, Word::Agreed).unwrap();
    assert_eq!(talks.called_for(), None);
    talks.hear(b, Word::Agreed).unwrap();
    assert_eq!(talks.called_for(), Some(Step::Agree));
    talks.step(StepKind::Agree).unwrap();
    talks.hear(a, Word::Withdrawn).unwrap();
    assert_eq!(talks.called_for(), Some(Step::Withdraw));
    talks.step(StepKind::Withdraw).unwrap();
    assert_eq!(talks.hear(a, Word::Withdrawn), Err(NotNow::NothingToWithdraw));
}

#[test]
fn a_group_waits_for_every_answer_and_for_two_that_agree() {
    let members = [CompanyId::fresh(), CompanyId::fresh(), CompanyId::fresh()];
    let mut talks = Talks::new(
        Kind::Mutualisation,
        State::ContactProposed,
        false,
        members.map(|m| (m, None)),
    );
    talks.hear(members[0], Word::Agreed).unwrap();
    talks.hear(members[1], Word::Agreed).unwrap();
    assert!(!talks.is_settled(), "one has not answered");
    talks.hear(members[2], Word::Declined).unwrap();
    assert!(talks.is_settled());
    assert!(is_named(&talks, members[0], members[1]));
    assert!(!is_named(&talks, members[0], members[2]) && !is_named(&talks, members[2], members[0]));
}

#[test]
fn an_introduction_is_the_last_word() {
    let [a, b] = [CompanyId::fresh(), CompanyId::fresh()];
    let mut talks = Talks::new(
        Kind::Sharing,
        State::ContactProposed,
        false,
        [(a, None), (b, None)],
    );
    assert!(talks.introduce().is_err(), "nobody agreed");
    talks.hear(a, Word::Agreed).unwrap();
    talks.hear(b, Word::Agreed).unwrap();
    talks.introduce().unwrap();
    assert_eq!(talks.hear(a, Word::Withdrawn), Err(NotNow::Introduced));
}

#[test]
fn every_reason_of_a_company_is_a_motive_of_the_list() {
    for (code, words) in super::REASONS {
        assert!(crate::synergies::Motive::find(code).is_some(), "{code}: {words}");
    }
}
