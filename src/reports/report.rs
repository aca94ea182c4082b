//! What a report gathers, by the functions that give the dashboards their figures: a figure hidden there
//! is hidden here.

use crate::dashboards::Figures;
use crate::dashboards::model::cut::Cut;
use crate::dashboards::model::ground::CommuneCell;
use crate::dashboards::store::sums::communes;
use crate::indicators::model::Timeline;
use crate::indicators::{self, Indicator, Judged, Reading, Shown, Told, YearFacts, catalogue, figure};
use crate::kernel::ids::ProgrammeId;
use crate::platform::access::{AggregateScope, Observer};
use crate::platform::web::Result;
use crate::platform::web::charts::Mark;
use crate::programmes::model::{Decision, Expense, Outreach, Partner};
use crate::programmes::store::MeetingRow;
use crate::programmes::{self, Commitment, FundingPlan, Target};
use chrono::{Datelike, NaiveDate};
use sqlx::PgConnection;

pub(super) struct Report {
    /// What the board shows under the same filters.
    pub(super) set: Figures,
    pub(super) today: NaiveDate,
    pub(super) curves: Vec<CurveOf>,
    pub(super) communes: Vec<CommuneCell>,
    pub(super) judged: Option<Judged>,
    /// Earlier years, newest first.
    pub(super) earlier: Vec<Judged>,
    pub(super) told: Told,
    pub(super) steering: Steering,
    /// Today, then the ends of the past years; and which of them is the day of the indicators.
    pub(super) series: Vec<YearFacts>,
    pub(super) place: usize,
}

/// What the programme does and spends.
#[derive(Default)]
pub(super) struct Steering {
    targets: Vec<Target>,
    pub(super) plan: FundingPlan,
    pub(super) expenses: Vec<Expense>,
    pub(super) meetings: Vec<MeetingRow>,
    pub(super) decisions: Vec<Decision>,
    pub(super) commitments: Vec<Commitment>,
    pub(super) partners: Vec<Partner>,
    pub(super) outreach: Vec<Outreach>,
}

/// An indicator over the years, beside what is aimed at.
pub(super) struct CurveOf {
    pub(super) title: &'static str,
    pub(super) done: Vec<Mark>,
    pub(super) aimed: Vec<Mark>,
}

impl Report {
    pub(super) async fn load(me: &Observer, cut: &Cut) -> Result<Self> {
        let (scope, today) = (me.scope()?, me.today());
        let mut db = me.read().await?;
        let set = Figures::load(&mut db, &scope, cut, today).await?;
        let steering = match &set.contract.programme {
            Some(programme) => steering(&mut db, &scope, programme.id).await?,
            None => Steering::default(),
        };
        let ends = set
            .contract
            .years
            .iter()
            .filter_map(|year| NaiveDate::from_ymd_opt(*year, 12, 31));
        let days: Vec<_> = [set.contract.on, today].into_iter().chain(ends).collect();
        let series = indicators::store::facts(&mut db, &scope, &days).await?;
        let (judged, earlier, told) = evaluations(&mut db, &scope, set.contract.on, today).await?;
        Ok(Self {
            today,
            curves: curves(&steering.targets, series.get(1..).unwrap_or_default(), &told),
            communes: communes(&mut db, &scope, None).await?,
            judged,
            earlier,
            told,
            steering,
            place: series
                .iter()
                .skip(1)
                .position(|facts| facts.on == set.contract.on)
                .unwrap_or_default(),
            series: series.into_iter().skip(1).collect(),
            set,
        })
    }
}

async fn steering(db: &mut PgConnection, scope: &AggregateScope, id: ProgrammeId) -> sqlx::Result<Steering> {
    let lines = programmes::store::funding(db, scope, id).await?;
    Ok(Steering {
        targets: programmes::store::targets(db, scope, id).await?,
        plan: FundingPlan::of(&lines),
        expenses: programmes::store::expenses(db, scope, id).await?,
        meetings: programmes::store::meetings(db, scope, id).await?,
        decisions: programmes::store::decisions(db, scope, id).await?,
        commitments: programmes::store::commitments(db, scope, id).await?,
        partners: programmes::store::partners(db, scope, id).await?,
        outreach: programmes::store::outreach(db, scope, id).await?,
    })
}

/// The last year judged by that day, and up to two closed ones before it.
async fn evaluations(
    db: &mut PgConnection,
    scope: &AggregateScope,
    on: NaiveDate,
    today: NaiveDate,
) -> sqlx::Result<(Option<Judged>, Vec<Judged>, Told)> {
    let all = Judged::all(db, scope, today).await?;
    let told = Judged::told(&all);
    let mut known = all.into_iter().filter(|one| one.evaluation.year <= on.year());
    let latest = known.next();
    let earlier = known.filter(|one| !one.evaluation.is_open()).take(2).collect();
    Ok((latest, earlier, told))
}

/// What the judged years say of an indicator.
pub(super) fn beside<'a>(told: &'a Told, indicator: &Indicator) -> &'a [Reading] {
    told.get(indicator.code).map_or(&[], Vec::as_slice)
}

/// The two first indicators of the contract that have been followed for at least two years.
fn curves(targets: &[Target], series: &[YearFacts], told: &Told) -> Vec<CurveOf> {
    catalogue::contract(targets.iter().map(|target| target.indicator.as_str()))
        .into_iter()
        .map(|indicator| {
            let readings: Vec<_> = series.iter().map(|facts| indicator.read(facts)).collect();
            let mark = |on: NaiveDate, value| Mark {
                at: f64::from(on.year()) - 1.0 + f64::from(on.ordinal()) / 366.0,
                value,
                label: figure(indicator, value),
            };
            let mut done: Vec<_> = series
                .iter()
                .zip(Timeline::beside(beside(told, indicator), &readings).shown())
                .filter_map(|(facts, shown)| match shown {
                    Shown::Value(value) => Some(mark(facts.on, value)),
                    Shown::Hidden | Shown::Unknown => None,
                })
                .collect();
            done.sort_by(|a, b| a.at.total_cmp(&b.at));
            let mut aimed: Vec<_> = targets
                .iter()
                .filter(|target| target.indicator == indicator.code && !target.is_baseline)
                .filter_map(|target| Some(mark(target.due_on, target.value?)))
                .collect();
            aimed.sort_by(|a, b| a.at.total_cmp(&b.at));
            CurveOf {
                title: indicator.title,
                done,
                aimed,
            }
        })
        .filter(|curve| curve.done.len() >= 2)
        .take(2)
        .collect()
}
