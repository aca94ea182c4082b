//! Screen: putting a synergy to sleep until a date.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{Step, StepKind};
use super::paths;
use super::store;
use super::view::Detail;
use crate::kernel::day::parse_day;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Errors, Form, Page, Path, Query, Result, filters::long_day, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Months, NaiveDate};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct SleepForm {
    until: String,
    comment: String,
    version: String,
}

/// The day typed, when a synergy may wake on it.
pub(super) fn wake_day(typed: &str, today: NaiveDate) -> Result<NaiveDate, &'static str> {
    let farthest = today
        .checked_add_months(Months::new(60))
        .unwrap_or(NaiveDate::MAX);
    match parse_day(typed) {
        Err(_) => Err("Indiquez la date de réveil, par exemple 01/03/2027."),
        Ok(day) if day <= today => Err("La date de réveil doit être à venir."),
        Ok(day) if day > farthest => Err("La date de réveil doit être dans les cinq ans."),
        Ok(day) => Ok(day),
    }
}

impl SleepForm {
    fn parse(&self, today: NaiveDate) -> Result<(NaiveDate, Option<String>), Errors> {
        let mut errors = Errors::default();
        match errors.take("until", wake_day(&self.until, today)) {
            Some(day) if errors.is_empty() => Ok((day, optional(&self.comment))),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/sleep.html")]
struct Sleep {
    detail: Detail,
    action: String,
    form: SleepForm,
    errors: Errors,
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    acts::stepping(&me, &filters, id, StepKind::Sleep).await?;
    page(
        &me,
        &filters,
        id,
        (SleepForm::default(), Errors::default()),
        StatusCode::OK,
    )
    .await
}

async fn page(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    (mut form, errors): (SleepForm, Errors),
    status: StatusCode,
) -> Result<Response> {
    let detail = acts::detail(me, filters, id).await?;
    if form.version.is_empty() {
        form.version = detail.synergy.version.to_string();
    }
    let action = filters.carry(&paths::sleep(&id));
    Ok((
        status,
        Page(Sleep {
            detail,
            action,
            form,
            errors,
        }),
    )
        .into_response())
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<SleepForm>,
) -> Result<Response> {
    let (until, comment) = match form.parse(me.today()) {
        Ok(sleep) => sleep,
        Err(errors) => {
            return page(
                &me,
                &filters,
                id,
                (form, errors),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await;
        }
    };
    let scope = me.scope()?;
    let next = acts::next(&me, &filters, id).await?;
    me.transact(async |tx| -> Result<()> {
        store::advance_seen(
            tx,
            &scope,
            id,
            seen(&form.version),
            Step::Sleep { until, comment },
        )
        .await?;
        Ok(())
    })
    .await?;
    Ok(acts::onward(
        &me,
        &filters,
        next,
        format!("Proposition en sommeil jusqu’au {}.", long_day(until)),
    ))
}

#[cfg(test)]
mod tests {
    use super::SleepForm;
    use chrono::NaiveDate;

    #[test]
    fn a_date_to_come_is_read_as_people_type_it() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let read = |until: &str| {
            SleepForm {
                until: until.to_owned(),
                ..SleepForm::default()
            }
            .parse(today)
        };
        let march = NaiveDate::from_ymd_opt(2027, 3, 1).unwrap();
        for typed in ["01/03/2027", " 1/3/2027 ", "2027-03-01"] {
            assert_eq!(read(typed), Ok((march, None)), "{typed}");
        }
        for refused in ["", "demain", "24/11/2026", "01/01/2050"] {
            assert!(read(refused).unwrap_err().has("until"), "{refused}");
        }
    }
}
