//! Screen: the update campaign. Sheets whose flows grew older than the territory's limit, in the
//! order of the calls to make: mine first, then the oldest; unchanged in one click.

use super::store::due::DueSheet;
use super::{paths, store};
use crate::companies;
use crate::flows;
use crate::kernel::ids::EstablishmentId;
use crate::platform::access::Staff;
use crate::platform::web::{Done, Form, OptionExt, Page, Result, filters};
use crate::territories;
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Duration, Months, NaiveDate};
use serde::Deserialize;

/// What one advisor can call in a week, beside everything else.
const A_WEEK: usize = 8;
const MOST: i64 = 200;

#[derive(Template)]
#[template(path = "visits/due.html")]
struct Due {
    this_week: Vec<DueSheet>,
    later: Vec<DueSheet>,
    total: i64,
    confirmed: i64,
    freshness_months: i32,
}

impl Due {
    fn title(&self) -> String {
        match self.this_week.len() {
            0 => "Aucune fiche à confirmer".to_owned(),
            1 => "Une fiche à confirmer cette semaine".to_owned(),
            n => format!("{n} fiches à confirmer cette semaine"),
        }
    }
    fn lists(&self) -> [(&'static str, &[DueSheet]); 2] {
        [("Cette semaine", &self.this_week), ("Ensuite", &self.later)]
    }
}

impl DueSheet {
    /// « 3 flux sur 8, le plus ancien du 12 mars 2024 ».
    fn age(&self) -> String {
        let oldest = filters::long_day(self.oldest);
        match (self.stale, self.flows) {
            (1, 1) => format!("1 flux, du {oldest}"),
            (stale, flows) if stale == flows => format!("{flows} flux, le plus ancien du {oldest}"),
            (stale, flows) => format!("{stale} flux sur {flows}, le plus ancien du {oldest}"),
        }
    }
    fn said(&self) -> String {
        let more = usize::try_from(self.stale)
            .unwrap_or_default()
            .saturating_sub(self.labels.len());
        let more = if more > 0 {
            format!(" et {more} de plus")
        } else {
            String::new()
        };
        format!("{}{more}", self.labels.join(", "))
    }
}

pub(super) async fn show(me: Staff) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let territory = territories::store::find(&mut db, scope.territory())
        .await?
        .or_not_found()?;
    let limit = today - Months::new(territory.freshness_months.unsigned_abs());
    let mut sheets = store::due::sheets(&mut db, &scope, me.user(), limit, MOST).await?;
    let total = sheets.first().map_or(0, |sheet| sheet.total);
    let later = sheets.split_off(sheets.len().min(A_WEEK));
    let page = Due {
        this_week: sheets,
        later,
        total,
        confirmed: store::due::confirmed_since(&mut db, &scope, monday(today)).await?,
        freshness_months: territory.freshness_months,
    };
    Ok(Page(page).into_response())
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Duration::days(i64::from(day.weekday().num_days_from_monday()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DueForm {
    fiches: Vec<String>,
    /// The one whose own button was pressed: the boxes ticked wait.
    fiche: String,
}

/// « Ces fiches sont inchangées ».
pub(super) async fn confirm(me: Staff, Form(form): Form<DueForm>) -> Result<Done> {
    let scope = me.scope()?;
    let chosen = if form.fiche.is_empty() {
        form.fiches
    } else {
        vec![form.fiche]
    };
    let chosen: Vec<EstablishmentId> = chosen.iter().filter_map(|id| id.parse().ok()).collect();
    let (sheets, flows) = me
        .transact(async |tx| -> Result<(usize, u64)> {
            let (mut sheets, mut confirmed) = (0, 0);
            for id in chosen {
                let sheet = companies::store::find(tx, &scope, id).await?.or_not_found()?;
                let flows = flows::store::confirm_all(tx, &scope, id, sheet.territory_id).await?;
                if flows > 0 {
                    flows::changes::announce_all(tx, sheet.territory_id, id).await?;
                    sheets += 1;
                    confirmed += flows;
                }
            }
            tx.nothing_to_record();
            Ok((sheets, confirmed))
        })
        .await?;
    let message = match sheets {
        0 => "Cochez les fiches que l’entreprise a confirmées.".to_owned(),
        1 => format!("Une fiche confirmée inchangée : {flows} flux."),
        n => format!("{n} fiches confirmées inchangées : {flows} flux."),
    };
    Ok(me.done(message, paths::DUE))
}
