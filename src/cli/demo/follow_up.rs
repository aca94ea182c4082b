//! What advisors note around a synergy: the proof of its results, the time it takes, its study, what they say to
//! each other, who is away.

use crate::accounts;
use crate::comments::{Subject, store as comments};
use crate::flows::Certainty;
use crate::kernel::ids::{AbsenceId, CommentId, SynergyId, UserId, WorkTimeId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::synergies::store::actions::{self, NextAction};
use crate::synergies::store::study::{self, Answer, Known, Sheet, Study};
use crate::synergies::store::times::{self, NewTime};
use crate::synergies::store::years::{self, Year};
use crate::synergies::store::{self as synergies, NewAbsence, Results};
use crate::synergies::{Axis, Checked, Grade, Readiness, YieldMeasure};
use anyhow::Context;
use chrono::{Datelike, Days, NaiveDate};

/// Three acts of an advisor for each synergy in place.
const ACTS: [(i32, &str); 3] = [
    (90, "visite des deux sites"),
    (30, "appel"),
    (45, "mise en relation"),
];

/// The year of the first exchange, declared by the companies, and the time it took.
pub(super) async fn prove(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    (on, results): (NaiveDate, &Results),
    advisors: &[UserId],
) -> anyhow::Result<()> {
    let year = Year {
        year: on.year(),
        measure: if results.diverted_t.is_some() {
            YieldMeasure::Diverted
        } else {
            YieldMeasure::Other
        },
        quantity: results
            .diverted_t
            .or(results.trained_people.map(f64::from))
            .unwrap_or(1.0),
        other_unit: results
            .diverted_t
            .is_none()
            .then(|| "personnes formées".to_owned()),
        origin: Certainty::Declared,
        evidence: Some("Bilan annuel des entreprises (exemple)".to_owned()),
        file: None,
        dated_on: on,
        giver: results.savings_eur.map(|value| Known {
            value,
            source: "Déclaration des entreprises (exemple)".to_owned(),
        }),
        receiver: None,
        avoided_tco2e: results.avoided_tco2e,
        jobs_fte: results.jobs_fte,
    };
    years::save(tx, scope, id, &year).await?;
    for (rank, (minutes, what)) in ACTS.into_iter().enumerate() {
        let time = NewTime {
            id: WorkTimeId::fresh(),
            user: advisors[rank % advisors.len()],
            minutes,
            what: what.to_owned(),
            spent_on: on,
        };
        times::note(tx, scope, id, &time).await?;
    }
    Ok(())
}

/// A study begun, its next action, and a word to a colleague.
pub(super) async fn study(
    tx: &mut Tx,
    (scope, today): (&Scope, NaiveDate),
    id: SynergyId,
    (rank, advisors): (usize, &[UserId]),
) -> anyhow::Result<()> {
    let (author, other) = (
        advisors[rank % advisors.len()],
        advisors[(rank + 1) % advisors.len()],
    );
    let owner = accounts::store::find(tx, author).await?.context("an advisor")?;
    let late = [Some(3), None, Some(10)][rank % 3];
    let next = NextAction {
        what: "Appeler les entreprises".to_owned(),
        owner: author,
        owner_name: owner.name,
        due_on: late.map_or(today - Days::new(4), |days| today + Days::new(days)),
    };
    actions::plan(tx, scope, id, &next).await?;
    if rank > 3 {
        return Ok(());
    }
    study::save(tx, scope, id, &begun()).await?;
    let named = accounts::store::find(tx, other)
        .await?
        .context("an advisor")?
        .name;
    let topic = comments::topic(tx, scope, Subject::Synergy(id))
        .await?
        .context("the synergy")?;
    let body = format!("@{named} le contrat actuel se termine-t-il bien en juin\u{a0}?");
    let comment = CommentId::fresh();
    comments::insert(tx, &topic, comment, author, &body).await?;
    comments::mention(tx, comment, &[other]).await?;
    Ok(())
}

fn begun() -> Sheet {
    let judged = |axis, grade, words: &str| (axis, grade, Some(words.to_owned()));
    Sheet {
        grid: vec![
            judged(
                Axis::Technical,
                Grade::Green,
                "Qualité constante, vue lors de la visite.",
            ),
            judged(Axis::Economic, Grade::Orange, "Devis de transport attendu."),
            judged(
                Axis::Geographic,
                Grade::Green,
                "Quai accessible aux semi-remorques.",
            ),
        ],
        answers: vec![Answer {
            point: "insurance".to_owned(),
            answer: Checked::ToCheck,
            note: Some("Courtier à interroger.".to_owned()),
        }],
        study: Study {
            readiness: Some(Readiness::Data),
            investment: Some(Known {
                value: 1_800.0,
                source: "Devis d’une benne (exemple)".to_owned(),
            }),
            ..Study::default()
        },
    }
}

/// One of the advisors is away for two weeks, and replaced.
pub(super) async fn absence(
    tx: &mut Tx,
    (scope, today): (&Scope, NaiveDate),
    advisors: &[UserId],
) -> anyhow::Result<()> {
    let [.., replacement, away] = advisors else {
        return Ok(());
    };
    let absence = NewAbsence {
        id: AbsenceId::fresh(),
        user: *away,
        starts_on: today + Days::new(10),
        ends_on: today + Days::new(24),
        replaced_by: Some(*replacement),
    };
    synergies::insert_absence(tx, scope, &absence).await?;
    Ok(())
}
