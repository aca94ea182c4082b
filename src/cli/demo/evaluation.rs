//! Two past years judged and closed, this one begun: what is computed is computed, what is asked gets
//! a fictitious answer that says so.

use crate::indicators::evaluation::{Answer, missing};
use crate::indicators::{Indicator, Judged, find, store};
use crate::kernel::ids::EvaluationId;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use anyhow::{Context, bail};
use chrono::{Datelike, NaiveDate};

/// Levels and numbers asked: two years ago, last year.
const ANSWERS: [(&str, f64, f64); 7] = [
    ("A09", 2.0, 3.0),
    ("A14", 2.0, 3.0),
    ("A15", 1.0, 3.0),
    ("A21", 2.0, 3.0),
    ("A24", 2.0, 2.0),
    ("A16", 0.4, 0.5),
    ("C06", 22_000.0, 26_000.0),
];
const FICTITIOUS: &str = "Réponse fictive de la démonstration.";

pub(super) async fn record(tx: &mut Tx, scope: &Scope, today: NaiveDate) -> anyhow::Result<()> {
    for back in [2, 1] {
        let year = today.year() - back;
        store::begin(tx, scope, EvaluationId::fresh(), year).await?;
        let (id, _) = store::lock(tx, scope, year)
            .await?
            .context("the year just begun")?;
        for (code, before, after) in ANSWERS {
            let answer = Answer {
                value: Some(if back == 2 { before } else { after }),
                evidence: Some(FICTITIOUS.to_owned()),
                justification: find(code)
                    .is_some_and(Indicator::is_computed)
                    .then(|| FICTITIOUS.to_owned()),
                ..Answer::default()
            };
            store::save_answer(tx, scope, (id, code), &answer).await?;
        }
        let judged = Judged::load(tx, &scope.aggregate(), year, today)
            .await?
            .context("the year just begun")?;
        let lacking: Vec<_> = missing(&judged.lines)
            .into_iter()
            .map(|line| line.code.as_str())
            .collect();
        if !lacking.is_empty() {
            bail!("{year} cannot be closed without {}", lacking.join(", "));
        }
        store::close(tx, scope, id, &judged.lines).await?;
    }
    store::begin(tx, scope, EvaluationId::fresh(), today.year()).await?;
    Ok(())
}
