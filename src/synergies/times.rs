//! Screen: the time that agents spend on a synergy, noted in two fields from its sheet, and what it costs.

use super::acts;
use super::filters::Filters;
use super::paths;
use super::store::Synergy;
use super::store::times::{self, HourCost, Line, NewTime};
use super::view::Detail;
use crate::accounts;
use crate::accounts::store::Colleague;
use crate::kernel::ids::{SynergyId, WorkTimeId};
use crate::kernel::{format_euros, format_minutes, parse_day, parse_minutes, typed_day};
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Done, Errors, Form, OptionExt, Page, Path, Result, clean, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgConnection;

/// What was spent on one synergy.
pub(super) struct Spent {
    pub(super) lines: Vec<Line>,
    hour: Option<HourCost>,
    /// For the next line.
    pub(super) fresh: String,
}

impl Line {
    pub(super) fn duration(&self) -> String {
        format_minutes(i64::from(self.minutes))
    }
}

impl Spent {
    pub(super) async fn load(db: &mut PgConnection, synergy: &Synergy) -> sqlx::Result<Self> {
        Ok(Self {
            lines: times::list(db, synergy.id).await?,
            hour: times::hour_cost(db, synergy.territory_id).await?,
            fresh: WorkTimeId::fresh().to_string(),
        })
    }

    fn minutes(&self) -> f64 {
        self.lines.iter().map(|line| f64::from(line.minutes)).sum()
    }

    /// « 2 h 15 en 4 fois ».
    pub(super) fn total(&self) -> String {
        let minutes: i64 = self.lines.iter().map(|line| i64::from(line.minutes)).sum();
        match self.lines.len() {
            0 => "Aucun temps noté".to_owned(),
            1 => format_minutes(minutes),
            times => format!("{} en {times} fois", format_minutes(minutes)),
        }
    }

    pub(super) fn cost(&self) -> Option<f64> {
        let hour = self.hour.filter(|_| !self.lines.is_empty())?;
        Some(hour.cost_eur * self.minutes() / 60.0)
    }

    pub(super) fn basis(&self) -> String {
        match self.hour {
            Some(hour) if hour.is_spent => format!(
                "Une heure d’agent\u{a0}: {}, d’après les dépenses de la démarche.",
                format_euros(hour.cost_eur)
            ),
            Some(hour) => format!(
                "Une heure d’agent\u{a0}: {}, réglage du territoire.",
                format_euros(hour.cost_eur)
            ),
            None => "Le coût d’une heure d’agent n’est pas encore indiqué.".to_owned(),
        }
    }
}

/// From the sheet, the first two fields are enough: the reader, today.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct TimeForm {
    id: String,
    duration: String,
    act: String,
    user: String,
    on: String,
}

const LONGEST: usize = 200;

impl TimeForm {
    fn parse(&self, colleagues: &[Colleague], today: NaiveDate) -> Result<NewTime, Errors> {
        let mut errors = Errors::default();
        let minutes = errors.take("duration", parse_minutes(&self.duration));
        let what = clean(&self.act);
        if what.is_empty() {
            errors.add("act", "Dites pour quoi, par exemple «\u{a0}appel\u{a0}».");
        }
        if what.chars().count() > LONGEST {
            errors.add("act", "Raccourcissez ce texte\u{a0}: 200 caractères au plus.");
        }
        let user = colleagues
            .iter()
            .find(|colleague| colleague.id.to_string() == self.user);
        if user.is_none() {
            errors.add("user", "Choisissez un conseiller ou un pilote de ce territoire.");
        }
        let spent_on = errors.take("on", parse_day(&self.on));
        if spent_on.is_some_and(|day| day > today) {
            errors.add(
                "on",
                "Ce temps est passé\u{a0}: la date ne peut pas être à venir.",
            );
        }
        match (minutes, user, spent_on) {
            (Some(minutes), Some(user), Some(spent_on)) if errors.is_empty() => Ok(NewTime {
                id: self.id.parse().unwrap_or_else(|_| WorkTimeId::fresh()),
                user: user.id,
                minutes,
                what,
                spent_on,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/times.html")]
struct Times {
    detail: Detail,
    spent: Spent,
    colleagues: Vec<Choice>,
    form: TimeForm,
    errors: Errors,
}

/// The administrator, who is nobody's colleague, notes for others.
async fn load(me: &Staff, id: SynergyId, mut form: TimeForm) -> Result<(Times, Vec<Colleague>)> {
    let detail = acts::detail(me, &Filters::default(), id).await?;
    let mut db = me.read().await?;
    let colleagues = accounts::store::colleagues(&mut db, detail.synergy.territory_id).await?;
    if form.user.is_empty() {
        form.user = me.user().to_string();
    }
    if form.on.is_empty() {
        form.on = typed_day(me.today());
    }
    let choices = colleagues.iter().map(|c| (c.id.to_string(), c.name.clone()));
    let page = Times {
        spent: Spent::load(&mut db, &detail.synergy).await?,
        colleagues: Choice::pairs(choices),
        detail,
        form,
        errors: Errors::default(),
    };
    Ok((page, colleagues))
}

pub(super) async fn show(me: Staff, Path(id): Path<SynergyId>) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, id, TimeForm::default()).await?.0))
}

pub(super) async fn note(
    me: Staff,
    Path(id): Path<SynergyId>,
    Form(form): Form<TimeForm>,
) -> Result<Response> {
    let is_from_sheet = form.on.is_empty();
    let (page, colleagues) = load(&me, id, form).await?;
    let time = match page.form.parse(&colleagues, me.today()) {
        Ok(time) => time,
        Err(errors) => {
            let page = Times { errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> { Ok(times::note(tx, &scope, id, &time).await?) })
        .await?;
    let back = if is_from_sheet {
        format!("{}#temps", paths::show(&id))
    } else {
        paths::times(&id)
    };
    let message = format!(
        "Temps noté\u{a0}: {}, {}.",
        format_minutes(i64::from(time.minutes)),
        time.what
    );
    Ok(me.done(message, back).into_response())
}

pub(super) async fn withdraw(me: Staff, Path(id): Path<WorkTimeId>) -> Result<Done> {
    let scope = me.scope()?;
    let synergy = me
        .transact(async |tx| -> Result<Option<SynergyId>> { Ok(times::remove(tx, &scope, id).await?) })
        .await?
        .or_not_found()?;
    Ok(me.done("Ce temps est retiré.", paths::times(&synergy)))
}
