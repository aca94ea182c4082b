use super::{Thing, Typed, parse, typed};
use crate::programmes::store::Piece;
use uuid::Uuid;

fn filled(pairs: &[(&str, &str)]) -> Typed {
    let mut typed = Typed::default();
    typed.set("version", "0");
    for (name, value) in pairs {
        typed.set(name, *value);
    }
    typed
}

/// One filled form of each sort, its fields apart by bars.
const FORMS: [(Piece, &str); 8] = [
    (
        Piece::Task,
        "title=Pilotage|starts_on=1/4/2018|ends_on=31/3/2022|rank=1",
    ),
    (Piece::Partner, "name=Club d’essai|kind=club|committee=true"),
    (
        Piece::Commitment,
        "partner=Chambre|what=Visiter\nApparier|period=deux ans|state=under_way",
    ),
    (
        Piece::Funding,
        "phase=Essai|funder=Région|external=true|period=2026|starts_on=1/1/2026|ends_on=31/12/2026|amount=6\u{a0}437",
    ),
    (
        Piece::Expense,
        "kind=staff_time|payer=Chambre|label=Visites|spent_on=30/6/2026|hours=120,5|amount=4200",
    ),
    (
        Piece::Outreach,
        "kind=exchange|title=Réseau régional|held_on=1/6/2026",
    ),
    (
        Piece::Meeting,
        "kind=steering|held_on=31/1/2019|held=true|agenda=Priorités",
    ),
    (
        Piece::Decision,
        "what=Grouper les cartons|state=to_do|reunion=00000000-0000-0000-0000-000000000007",
    ),
];

#[test]
fn every_sort_reads_back_what_it_shows() {
    for (piece, form) in FORMS {
        let pairs: Vec<_> = form
            .split('|')
            .filter_map(|field| field.split_once('='))
            .collect();
        assert_eq!(Piece::parse(piece.code()), Some(piece));
        let thing = parse(piece, Uuid::nil(), &filled(&pairs)).unwrap_or_else(|e| panic!("{piece:?}: {e:?}"));
        assert_eq!(parse(piece, Uuid::nil(), &typed(&thing)), Ok(thing), "{piece:?}");
    }
}

#[test]
fn what_is_wrong_is_told_by_the_field() {
    let refused = |piece, pairs: &[(&str, &str)], field: &str| {
        let errors = parse(piece, Uuid::nil(), &filled(pairs)).unwrap_err();
        assert!(errors.has(field), "{piece:?}: {field}");
    };
    refused(
        Piece::Task,
        &[("starts_on", "1/4/2020"), ("ends_on", "1/4/2018")],
        "ends_on",
    );
    refused(
        Piece::Partner,
        &[("name", "Club"), ("kind", "société secrète")],
        "kind",
    );
    refused(Piece::Funding, &[("amount", "beaucoup")], "amount");
    refused(Piece::Expense, &[("kind", "travel"), ("hours", "3")], "hours");
    refused(
        Piece::Meeting,
        &[("kind", "steering"), ("held_on", "1/1/2026")],
        "agenda",
    );
    refused(Piece::Decision, &[("state", "done")], "what");
    let euros = [
        ("phase", "A"),
        ("funder", "B"),
        ("period", "C"),
        ("starts_on", "1/1/2026"),
        ("ends_on", "2/1/2026"),
        ("amount", "12"),
    ];
    let Ok(Thing::Funding(line)) = parse(Piece::Funding, Uuid::nil(), &filled(&euros)) else {
        panic!("a funding line");
    };
    assert!(!line.is_acquired && line.amount_eur == 12);
}
