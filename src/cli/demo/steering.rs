//! Who takes part, the calendar, the committee that chose the priorities (all three of the founding
//! document), then a fictitious year of meetings, communication and expenses, said to be so.

use crate::kernel::ids::{DecisionId, ExpenseId, MeetingId, OutreachId, PartnerId, TaskId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::programmes::Programme;
use crate::programmes::model::{
    Attendance, Decision, DecisionState, Expense, ExpenseKind, Meeting, MeetingKind, Outreach, OutreachKind,
    Partner, PartnerKind, Task,
};
use crate::programmes::store as programmes;
use anyhow::Context;
use chrono::NaiveDate;

type Day = (i32, u32, u32);

/// The five rows of the document's calendar. Its shaded quarters did not survive in the text that we
/// hold: the spans follow its sentences and are to be checked. Done as of the document's date.
const CALENDAR: [(&str, Day, Day); 5] = [
    ("Pilotage", (2018, 4, 1), (2022, 3, 31)),
    (
        "Collecte des données\u{a0}: visites d’entreprises",
        (2018, 7, 1),
        (2020, 3, 31),
    ),
    (
        "Traitement des données, étude des synergies",
        (2018, 10, 1),
        (2020, 3, 31),
    ),
    (
        "Mise en œuvre de synergies\u{a0}: ateliers, mises en relation, gestion de projet",
        (2019, 1, 1),
        (2022, 3, 31),
    ),
    ("Évaluation du projet", (2019, 4, 1), (2022, 3, 31)),
];
const DOCUMENT: Day = (2019, 6, 26);

const PARTNERS: [(&str, PartnerKind, bool); 8] = [
    ("CCI de Loir-et-Cher", PartnerKind::Chamber, true),
    ("CMA de Loir-et-Cher", PartnerKind::Chamber, true),
    ("Cercle des Entrepreneurs du Vendômois", PartnerKind::Club, true),
    (
        "Communauté d’agglomération Territoires Vendômois",
        PartnerKind::LocalAuthority,
        true,
    ),
    (
        "Syndicat mixte du Pays Vendômois",
        PartnerKind::LocalAuthority,
        true,
    ),
    ("ADEME", PartnerKind::Funder, true),
    ("Conseil régional Centre-Val de Loire", PartnerKind::Funder, true),
    ("Chambre d’agriculture", PartnerKind::Agriculture, false),
];

/// Fictitious: kind, date, how many came, agenda.
const MEETINGS: [(MeetingKind, Day, usize, &str); 3] = [
    (
        MeetingKind::Steering,
        (2025, 3, 20),
        6,
        "Bilan des visites (réunion fictive)\nSynergies en étude\nCalendrier de l’année",
    ),
    (
        MeetingKind::Technical,
        (2025, 6, 12),
        3,
        "Collecte groupée de cartons (réunion fictive)\nRelances des entreprises",
    ),
    (
        MeetingKind::Steering,
        (2025, 11, 20),
        5,
        "Évaluation de l’année (réunion fictive)\nPriorités de l’an prochain",
    ),
];

const OUTREACH: [(OutreachKind, Day, &str); 4] = [
    (
        OutreachKind::Communication,
        (2025, 2, 4),
        "Article dans la lettre du club (fictif)",
    ),
    (
        OutreachKind::Communication,
        (2025, 5, 15),
        "Intervention au petit-déjeuner des entreprises (fictive)",
    ),
    (
        OutreachKind::Communication,
        (2025, 10, 2),
        "Fiche d’une synergie en place (fictive)",
    ),
    (
        OutreachKind::Exchange,
        (2025, 9, 18),
        "Rencontre du réseau régional (fictive)",
    ),
];

/// Fictitious: kind, who pays, date, hours, euros.
const EXPENSES: [(ExpenseKind, &str, Day, Option<f64>, i32); 11] = [
    (ExpenseKind::StaffTime, "CCI", (2018, 12, 31), Some(860.0), 27_500),
    (ExpenseKind::StaffTime, "CMA", (2018, 12, 31), Some(190.0), 5_700),
    (ExpenseKind::Travel, "CCI", (2018, 12, 31), None, 2_300),
    (
        ExpenseKind::StaffTime,
        "CCI",
        (2019, 12, 31),
        Some(1_480.0),
        47_200,
    ),
    (ExpenseKind::StaffTime, "CMA", (2019, 12, 31), Some(350.0), 10_600),
    (ExpenseKind::Operations, "CCI", (2019, 12, 31), None, 3_600),
    (ExpenseKind::StaffTime, "CCI", (2020, 6, 30), Some(560.0), 17_900),
    (ExpenseKind::StaffTime, "CCI", (2021, 12, 31), Some(900.0), 31_000),
    (ExpenseKind::StaffTime, "CCI", (2025, 12, 15), Some(820.0), 28_400),
    (ExpenseKind::StaffTime, "CMA", (2025, 12, 15), Some(240.0), 7_900),
    (ExpenseKind::Travel, "CCI", (2025, 12, 15), None, 1_900),
];

fn day((year, month, day): Day) -> anyhow::Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).context("a date of the calendar")
}

pub(super) async fn record(tx: &mut Tx, scope: &Scope, programme: &Programme) -> anyhow::Result<()> {
    for (rank, (title, from, to)) in (1..).zip(CALENDAR) {
        let task = Task {
            id: TaskId::fresh(),
            title: title.to_owned(),
            starts_on: day(from)?,
            ends_on: day(to)?,
            done_until: Some(day(DOCUMENT)?),
            rank,
            version: 0,
        };
        programmes::save_task(tx, scope, programme, &task).await?;
    }
    let mut committee = Vec::new();
    for (name, kind, is_on_committee) in PARTNERS {
        let partner = Partner {
            id: PartnerId::fresh(),
            name: name.to_owned(),
            kind,
            is_on_committee,
            version: 0,
        };
        programmes::save_partner(tx, scope, programme, &partner).await?;
        committee.extend(is_on_committee.then_some(partner.id));
    }
    priorities_meeting(tx, scope, programme).await?;
    for (kind, on, came, agenda) in MEETINGS {
        let meeting = meet(tx, scope, programme, (kind, day(on)?, agenda)).await?;
        let attendance: Vec<_> = committee
            .iter()
            .enumerate()
            .map(|(rank, partner)| Attendance {
                partner: *partner,
                is_present: rank < came,
            })
            .collect();
        programmes::save_attendance(tx, programme, meeting, &attendance).await?;
    }
    spread_and_spend(tx, scope, programme).await
}

/// The committee of January 2019, whose only known decision is the order of the flows.
async fn priorities_meeting(tx: &mut Tx, scope: &Scope, programme: &Programme) -> anyhow::Result<()> {
    let agenda = "Bilan à mi-parcours\nFlux prioritaires";
    let meeting = meet(
        tx,
        scope,
        programme,
        (MeetingKind::Steering, day((2019, 1, 31))?, agenda),
    )
    .await?;
    let decision = Decision {
        id: DecisionId::fresh(),
        meeting,
        what: "Étudier d’abord les cartons, les palettes, les formations réglementaires, l’achat groupé d’énergie, \
               la collecte groupée de DEEE, les emplois et le covoiturage, sans écarter les autres flux."
            .to_owned(),
        owner: Some("CCI et CMA".to_owned()),
        due_on: None,
        state: DecisionState::UnderWay,
        version: 0,
    };
    programmes::save_decision(tx, scope, programme, &decision).await?;
    Ok(())
}

async fn meet(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    (kind, held_on, agenda): (MeetingKind, NaiveDate, &str),
) -> anyhow::Result<MeetingId> {
    let meeting = Meeting {
        id: MeetingId::fresh(),
        kind,
        held_on,
        is_held: true,
        agenda: agenda.to_owned(),
        version: 0,
    };
    programmes::save_meeting(tx, scope, programme, &meeting).await?;
    Ok(meeting.id)
}

async fn spread_and_spend(tx: &mut Tx, scope: &Scope, programme: &Programme) -> anyhow::Result<()> {
    for (kind, on, title) in OUTREACH {
        let action = Outreach {
            id: OutreachId::fresh(),
            kind,
            title: title.to_owned(),
            held_on: day(on)?,
            detail: None,
            version: 0,
        };
        programmes::save_outreach(tx, scope, programme, &action).await?;
    }
    for (kind, payer, on, hours, amount_eur) in EXPENSES {
        let expense = Expense {
            id: ExpenseId::fresh(),
            kind,
            payer: payer.to_owned(),
            label: format!("{} {} (dépense fictive)", kind.label(), on.0),
            spent_on: day(on)?,
            hours,
            amount_eur,
            version: 0,
        };
        programmes::save_expense(tx, scope, programme, &expense).await?;
    }
    Ok(())
}
