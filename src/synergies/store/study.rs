//! The feasibility study, as it is filled: the axes, the points of law, what each side gains.

use super::{Refused, Synergy, lock, steps};
use crate::kernel::ids::SynergyId;
use crate::nomenclature::regulation::Point;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::law;
use crate::synergies::model::{Axis, Checked, Grade, Readiness};
use serde::Serialize;
use sqlx::PgConnection;

/// The whole sheet.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sheet {
    pub grid: Vec<(Axis, Grade, Option<String>)>,
    pub answers: Vec<Answer>,
    pub study: Study,
}

/// What was found on one point of law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub point: String,
    pub answer: Checked,
    pub note: Option<String>,
}

/// A figure that replaces the engine's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Known {
    pub value: f64,
    pub source: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Study {
    pub readiness: Option<Readiness>,
    pub investment: Option<Known>,
    /// Of the giver, or of a group as a whole.
    pub giver: Option<Known>,
    pub receiver: Option<Known>,
}

impl Study {
    /// Years to get the investment back; nothing when a figure is missing or nobody gains.
    pub fn payback(&self) -> Option<f64> {
        let gain: f64 = [&self.giver, &self.receiver]
            .into_iter()
            .flatten()
            .map(|known| known.value)
            .sum();
        let spent = self.investment.as_ref()?.value;
        (gain > 0.0).then(|| spent / gain)
    }
}

async fn answers(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Vec<Answer>> {
    sqlx::query_as!(
        Answer,
        r#"select point, answer as "answer: Checked", note from regulatory_checks where synergy_id = $1 order by point"#,
        id.uuid()
    )
    .fetch_all(db)
    .await
}

/// The points of law that keep the companies apart.
pub(in crate::synergies) async fn open_points(
    db: &mut PgConnection,
    synergy: &Synergy,
) -> sqlx::Result<Vec<&'static Point>> {
    let answers = answers(&mut *db, synergy.id).await?;
    let members = super::show::members_within(db, &[synergy.territory_id.uuid()], synergy.id).await?;
    Ok(law::open(synergy.kind, &members, &answers))
}

/// Leaves points to be checked that nobody has answered yet.
pub(in crate::synergies) async fn to_check(
    tx: &mut Tx,
    id: SynergyId,
    points: &[&Point],
) -> sqlx::Result<()> {
    let codes: Vec<String> = points.iter().map(|point| point.code.clone()).collect();
    sqlx::query!(
        "insert into regulatory_checks (synergy_id, point, answer) select $1, code, 'to_check' from unnest($2::text[]) code
         on conflict (synergy_id, point) do nothing",
        id.uuid(),
        &codes
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The caller checked the synergy's scope.
pub(in crate::synergies) async fn sheet(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Sheet> {
    let answers = answers(&mut *db, id).await?;
    let row = sqlx::query!(
        r#"select readiness as "readiness: Readiness", investment_eur, investment_source, giver_gain_eur, giver_source,
                  receiver_gain_eur, receiver_source from synergy_studies where synergy_id = $1"#,
        id.uuid()
    )
    .fetch_optional(&mut *db)
    .await?;
    let known = |value: Option<f64>, source: Option<String>| {
        Some(Known {
            value: value?,
            source: source?,
        })
    };
    Ok(Sheet {
        grid: super::show::grid(db, id).await?,
        answers,
        study: row.map_or_else(Study::default, |row| Study {
            readiness: row.readiness,
            investment: known(row.investment_eur, row.investment_source),
            giver: known(row.giver_gain_eur, row.giver_source),
            receiver: known(row.receiver_gain_eur, row.receiver_source),
        }),
    })
}

/// Records the sheet as it stands; the state does not change, nor anything when nothing was changed.
///
/// # Errors
/// [`Refused`] outside the scope.
pub async fn save(tx: &mut Tx, scope: &Scope, id: SynergyId, new: &Sheet) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let before = sheet(tx, id).await?;
    tx.nothing_to_record();
    if before == *new {
        return Ok(());
    }
    forget(tx, id, new).await?;
    steps::save_grid(tx, id, &new.grid).await?;
    for answer in &new.answers {
        sqlx::query!(
            "insert into regulatory_checks (synergy_id, point, answer, note) values ($1, $2, $3, $4)
             on conflict (synergy_id, point) do update set answer = excluded.answer, note = excluded.note",
            id.uuid(),
            answer.point,
            answer.answer as Checked,
            answer.note
        )
        .execute(&mut **tx)
        .await?;
    }
    save_study(tx, id, &new.study).await?;
    let event = Event::on("synergy", id, "étude de faisabilité complétée").within(synergy.territory_id);
    tx.record(event.before(&before).after(new)).await?;
    Ok(())
}

/// What is no longer judged on the sheet is no longer kept: the journal remembers it.
async fn forget(tx: &mut Tx, id: SynergyId, new: &Sheet) -> sqlx::Result<()> {
    let axes: Vec<Axis> = new.grid.iter().map(|(axis, ..)| *axis).collect();
    let points: Vec<String> = new.answers.iter().map(|answer| answer.point.clone()).collect();
    sqlx::query!(
        "delete from feasibility_checks where synergy_id = $1 and axis <> all($2)",
        id.uuid(),
        axes as Vec<Axis>
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from regulatory_checks where synergy_id = $1 and point <> all($2)",
        id.uuid(),
        &points
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn save_study(tx: &mut Tx, id: SynergyId, study: &Study) -> sqlx::Result<()> {
    let figure = |known: &Option<Known>| {
        known
            .as_ref()
            .map(|known| (known.value, known.source.clone()))
            .unzip()
    };
    let (investment, investment_source): (Option<f64>, Option<String>) = figure(&study.investment);
    let (giver, giver_source): (Option<f64>, Option<String>) = figure(&study.giver);
    let (receiver, receiver_source): (Option<f64>, Option<String>) = figure(&study.receiver);
    sqlx::query!(
        "insert into synergy_studies (synergy_id, readiness, investment_eur, investment_source, giver_gain_eur, giver_source,
                receiver_gain_eur, receiver_source)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (synergy_id) do update set readiness = excluded.readiness, investment_eur = excluded.investment_eur,
                investment_source = excluded.investment_source, giver_gain_eur = excluded.giver_gain_eur,
                giver_source = excluded.giver_source, receiver_gain_eur = excluded.receiver_gain_eur,
                receiver_source = excluded.receiver_source",
        id.uuid(),
        study.readiness as Option<Readiness>,
        investment,
        investment_source,
        giver,
        giver_source,
        receiver,
        receiver_source
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Known, Study};

    #[test]
    fn an_investment_is_paid_back_by_both_sides() {
        let euros = |value| {
            Some(Known {
                value,
                source: "devis".to_owned(),
            })
        };
        let study = Study {
            investment: euros(6_000.0),
            giver: euros(2_500.0),
            receiver: euros(-500.0),
            ..Study::default()
        };
        assert_eq!(study.payback(), Some(3.0));
        assert_eq!(Study::default().payback(), None);
        assert_eq!(Study { giver: None, ..study }.payback(), None);
    }
}
