//! The contract of the founding document (action sheet 3.2 of 26 June 2019): targets, funding,
//! commitments, the committee's priorities, the workshops held. Its own dates and amounts.

use crate::kernel::ids::{CommitmentId, FundingLineId, ProgrammeId};
use crate::nomenclature::FlowCode;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::programmes::model::{Commitment, CommitmentState, FundingLine, Programme, Target};
use crate::programmes::store as programmes;
use crate::workshops::{Workshop, WorkshopState, store as workshops};
use anyhow::Context;
use chrono::NaiveDate;

/// Indicator; then reference 2019, target 2020, target 2022.
type Targets = (&'static str, Option<f64>, Option<f64>, Option<f64>);
const TARGETS: [Targets; 6] = [
    ("A01", Some(70.0), Some(80.0), Some(100.0)),
    ("B08", Some(3.0), Some(12.0), Some(24.0)),
    ("A17", Some(2.0), Some(6.0), Some(12.0)),
    ("B16", None, None, None),
    ("B19", None, None, None),
    ("C12", None, None, Some(1.0)),
];

const FIRST_PHASE: &str = "Expérimentation 2018–2020";
const FIRST_PERIODS: [&str; 3] = ["2018", "2019", "1er semestre 2020"];
/// The last half-year of ADEME and of the Region is one euro under the document's, whose rounded
/// columns exceed by two euros the total that it announces (120 472 €).
const FIRST_PLAN: [(&str, bool, [i32; 3]); 7] = [
    ("ADEME", true, [6_437, 12_874, 6_436]),
    ("CPER", true, [2_534, 5_069, 2_534]),
    ("Conseil régional", true, [3_226, 6_451, 3_225]),
    ("FEDER", true, [1_215, 2_430, 1_215]),
    ("LEADER", true, [5_000, 10_000, 5_000]),
    ("CCI", false, [9_580, 19_161, 9_580]),
    ("CMA", false, [2_126, 4_253, 2_126]),
];

const SECOND_PHASE: &str = "Déploiement 2020–2022";
const SECOND_PERIODS: [&str; 3] = ["2e semestre 2020", "2021", "1er semestre 2022"];
const SECOND_PLAN: [(&str, bool, [i32; 3]); 2] = [
    (
        "Financeurs à préciser (demande en cours)",
        true,
        [20_000, 40_000, 20_000],
    ),
    ("CCI et CMA", false, [5_000, 10_000, 5_000]),
];

/// Cardboard, pallets, mandatory training, grouped energy, grouped WEEE, jobs, carpooling; then
/// biowaste, waste heat, a gas station.
const PRIORITIES: [&str; 11] = [
    "MAT-01", "MAT-03", "RHC-05", "ENE-01", "ENE-02", "MAT-27", "RHC-01", "MOB-01", "MAT-17", "ENE-04",
    "ENE-11",
];

fn day(year: i32, month: u32, day: u32) -> anyhow::Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).context("a date of the calendar")
}

pub(super) async fn record(tx: &mut Tx, scope: &Scope) -> anyhow::Result<()> {
    let programme = Programme {
        id: ProgrammeId::fresh(),
        territory_id: scope.territory(),
        name: "Écologie industrielle et territoriale sur le Vendômois".to_owned(),
        starts_on: day(2018, 4, 1)?,
        ends_on: day(2022, 6, 30)?,
        version: 1,
    };
    programmes::insert_programme(tx, scope, &programme).await?;
    for (indicator, baseline, next, last) in TARGETS {
        let dated = [
            (day(2019, 6, 26)?, baseline, true),
            (day(2020, 12, 31)?, next, false),
            (day(2022, 6, 30)?, last, false),
        ];
        for (due_on, value, is_baseline) in dated {
            let target = Target {
                indicator: indicator.to_owned(),
                due_on,
                value,
                is_baseline,
            };
            programmes::insert_target(tx, scope, &programme, &target).await?;
        }
    }
    fund(tx, scope, &programme, FIRST_PHASE, (&FIRST_PERIODS, &FIRST_PLAN)).await?;
    fund(
        tx,
        scope,
        &programme,
        SECOND_PHASE,
        (&SECOND_PERIODS, &SECOND_PLAN),
    )
    .await?;
    super::steering::record(tx, scope, &programme).await?;
    for commitment in commitments() {
        programmes::save_commitment(tx, scope, &programme, &commitment).await?;
    }
    let codes: Vec<_> = PRIORITIES
        .iter()
        .filter_map(|code| FlowCode::find(code))
        .collect();
    programmes::set_priorities(tx, scope, day(2019, 1, 31)?, &codes, 25).await?;
    for (title, held_on, participants) in [
        ("Atelier emballages et cartons", day(2018, 11, 15)?, 18),
        ("Petit-déjeuner mutualisation", day(2019, 5, 16)?, 14),
    ] {
        let workshop = Workshop {
            state: WorkshopState::Closed,
            participants,
            ..Workshop::on(scope.territory(), title, held_on)
        };
        workshops::insert(tx, scope, &workshop).await?;
    }
    Ok(())
}

type Plan<'a> = (&'a [&'a str; 3], &'a [(&'a str, bool, [i32; 3])]);

async fn fund(
    tx: &mut Tx,
    scope: &Scope,
    programme: &Programme,
    phase: &str,
    (periods, plan): Plan<'_>,
) -> anyhow::Result<()> {
    for (funder, is_external, amounts) in plan {
        for (period, amount_eur) in periods.iter().zip(amounts) {
            let (from, to) = span(period)?;
            let line = FundingLine {
                id: FundingLineId::fresh(),
                phase: phase.to_owned(),
                funder: (*funder).to_owned(),
                is_external: *is_external,
                period: (*period).to_owned(),
                starts_on: from,
                ends_on: to,
                is_acquired: phase == FIRST_PHASE,
                amount_eur: *amount_eur,
                version: 0,
            };
            programmes::save_funding_line(tx, scope, programme, &line).await?;
        }
    }
    Ok(())
}

/// The days of a period of the document.
fn span(period: &str) -> anyhow::Result<(NaiveDate, NaiveDate)> {
    let year = period
        .split(' ')
        .find_map(|word| word.parse().ok())
        .context("a year in the period")?;
    let (first, last) = match period.split(' ').next() {
        Some("1er") => ((1, 1), (6, 30)),
        Some("2e") => ((7, 1), (12, 31)),
        _ => ((1, 1), (12, 31)),
    };
    Ok((day(year, first.0, first.1)?, day(year, last.0, last.1)?))
}

fn commitments() -> Vec<Commitment> {
    let commitment = |partner: &str, what: &str, period: &str, state, next: Option<&str>| Commitment {
        id: CommitmentId::fresh(),
        partner: partner.to_owned(),
        what: what.to_owned(),
        period: period.to_owned(),
        state,
        next_step: next.map(str::to_owned),
        version: 0,
    };
    vec![
        commitment(
            "CCI 41 et CMA 41",
            "Diagnostiquer 70 entreprises ; piloter l’action sur le Vendômois ; étudier les flux ; apparier les \
             entreprises ; initier les synergies et accompagner les entreprises.",
            "mi-2018 à mi-2020",
            CommitmentState::UnderWay,
            None,
        ),
        commitment(
            "CCI 41 et CMA 41",
            "Mettre en place les synergies ; collecter et actualiser les données ; actions collectives mises en commun \
             avec le territoire de la Vallée du Loir.",
            "mi-2020 à mi-2022",
            CommitmentState::InDiscussion,
            Some("Engagement qui dépend des financements."),
        ),
        commitment(
            "Cercle des Entrepreneurs du Vendômois",
            "Participer au COPIL ; accompagner des synergies entre les entreprises, par exemple l’achat groupé \
             d’énergie ; communiquer en interne sur les synergies.",
            "mi-2018 à mi-2020",
            CommitmentState::UnderWay,
            None,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PLAN, PRIORITIES, SECOND_PLAN};
    use crate::nomenclature::FlowCode;

    #[test]
    fn the_funding_plan_adds_up_to_the_euro() {
        let total = |plan: &[(&str, bool, [i32; 3])]| plan.iter().flat_map(|(_, _, a)| a).sum::<i32>();
        assert_eq!(total(&FIRST_PLAN), 120_472);
        assert_eq!(total(&SECOND_PLAN), 100_000);
    }

    #[test]
    fn priorities_are_known_categories() {
        assert!(PRIORITIES.iter().all(|code| FlowCode::find(code).is_some()));
    }
}
