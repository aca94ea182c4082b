//! Screen: the indicators of the contract. Where each started, what is aimed at each year, where it
//! stands, how it moves and where it leads at the present rate; the territory's own ones among them.

use super::catalogue::{self, Indicator};
use super::evaluation::figure;
use super::judged::{Judged, Told};
use super::model::{Reading, Shown, Timeline};
use super::store::OwnIndicator;
use super::{paths, store};
use crate::kernel::format_number;
use crate::platform::access::Observer;
use crate::platform::web::charts::{Caption, Mark, Svg, curve};
use crate::platform::web::{Page, Result, filters};
use crate::programmes::model::Goal;
use crate::programmes::{self, Programme, Target};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Duration, Months, NaiveDate};
use std::collections::BTreeSet;

/// One row.
struct Row {
    code: String,
    title: String,
    unit: String,
    help: String,
    baseline: Option<(NaiveDate, Option<f64>)>,
    /// One per due date of the contract.
    goals: Vec<Goal>,
    now: Shown,
    is_count: bool,
    moved: Option<f64>,
    forecast: Option<Forecast>,
    chart: Option<Svg>,
    edit: String,
    decimals: fn(f64) -> usize,
}

/// Where the present rate leads.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Forecast {
    /// At the last due date.
    value: f64,
    reached_on: Option<NaiveDate>,
    is_enough: bool,
    /// The last date is behind us: this is what was reached, no forecast.
    is_past: bool,
}

/// Days beyond which a rate says nothing of a date.
const FARTHEST: f64 = 3_652.0;

impl Forecast {
    /// Not before ten years, if ever.
    fn is_out_of_reach(&self) -> bool {
        self.reached_on.is_none() && !self.is_enough
    }

    /// The rate since the start, carried on; none without a start, a move or a target.
    fn of(
        (from, start): (NaiveDate, f64),
        (on, now): (NaiveDate, f64),
        (due_on, target): (NaiveDate, f64),
    ) -> Option<Self> {
        let elapsed = (on - from).num_days();
        if elapsed < 30 {
            return None;
        }
        let days = |n: i64| i32::try_from(n).map_or(0.0, f64::from);
        let rate = (now - start) / days(elapsed);
        let value = (now + rate * days((due_on - on).num_days().max(0))).max(0.0);
        let left = (target - now) / rate;
        let within_reach = left.is_finite() && left > 0.0 && left < FARTHEST;
        #[expect(clippy::cast_possible_truncation, reason = "a few thousand days")]
        let reached_on = within_reach.then(|| on + Duration::days(left.ceil() as i64));
        let rises = target >= start;
        Some(Self {
            value,
            reached_on,
            is_enough: if rises { value >= target } else { value <= target },
            is_past: due_on < on,
        })
    }
}

impl Row {
    fn written(&self, value: &f64) -> String {
        format_number(*value, (self.decimals)(*value))
    }
    fn actual(&self) -> String {
        match self.now {
            Shown::Unknown => "non estimé".to_owned(),
            Shown::Hidden if self.is_count => "<\u{a0}3".to_owned(),
            Shown::Hidden => "masqué".to_owned(),
            Shown::Value(value) => self.written(&value),
        }
    }
    fn move_words(&self) -> String {
        match self.moved {
            None => String::new(),
            Some(change) if change.abs() < f64::EPSILON => "=".to_owned(),
            Some(change) if change > 0.0 => format!("+\u{a0}{}", self.written(&change)),
            Some(change) => format!("−\u{a0}{}", self.written(&-change)),
        }
    }
}

#[derive(Template)]
#[template(path = "indicators/contract.html")]
struct Contract {
    on: NaiveDate,
    programme: Option<Programme>,
    dues: Vec<NaiveDate>,
    rows: Vec<Row>,
    may_edit: bool,
}

/// What every row is drawn from.
struct Setting<'a> {
    on: NaiveDate,
    targets: &'a [Target],
    dues: &'a [NaiveDate],
    told: &'a Told,
}

pub(super) async fn show(me: Observer) -> Result<Response> {
    let (scope, on) = (me.scope()?, me.today());
    let staff = me.rows().is_some();
    let mut db = me.read().await?;
    let programme = programmes::store::current(&mut db, &scope, on).await?;
    let targets = match &programme {
        Some(programme) => programmes::store::targets(&mut db, &scope, programme.id).await?,
        None => Vec::new(),
    };
    let dues: BTreeSet<_> = targets
        .iter()
        .filter(|t| !t.is_baseline)
        .map(|t| t.due_on)
        .collect();
    let dues: Vec<_> = dues.into_iter().collect();
    let told = Judged::told(&Judged::all(&mut db, &scope, on).await?);
    let setting = Setting {
        on,
        targets: &targets,
        dues: &dues,
        told: &told,
    };
    let days = days(programme.as_ref(), on);
    let series = store::facts(&mut db, &scope, &days).await?;
    let wordings = store::wordings(&mut db, &scope).await?;
    let mut rows = Vec::new();
    for indicator in catalogue::contract(targets.iter().map(|t| t.indicator.as_str())) {
        let readings: Vec<_> = series.iter().map(|facts| indicator.read(facts)).collect();
        let title = wordings.get(indicator.code).map(|w| w.title.clone());
        rows.push(setting.row(indicator, title, (&days, &readings), staff));
    }
    for own in store::own(&mut db, &scope).await? {
        rows.push(setting.own_row(&own));
    }
    Ok(Page(Contract {
        on,
        programme,
        dues,
        rows,
        may_edit: me.is_manager(),
    })
    .into_response())
}

/// Today, three months ago, then the ends of the past years of the programme: newest first but for
/// the second, which is only for the trend.
fn days(programme: Option<&Programme>, on: NaiveDate) -> Vec<NaiveDate> {
    let before = on.checked_sub_months(Months::new(3)).unwrap_or(on);
    let first = programme.map_or(on.year(), |programme| programme.starts_on.year());
    let ends = (first..on.year()).rev().take(10);
    let ends = ends.filter_map(|year| NaiveDate::from_ymd_opt(year, 12, 31));
    [on, before].into_iter().chain(ends).collect()
}

fn moment(day: NaiveDate) -> f64 {
    f64::from(day.year()) - 1.0 + f64::from(day.ordinal()) / 366.0
}

impl Setting<'_> {
    fn goal(&self, code: &str, due_on: NaiveDate) -> Goal {
        Goal::of(self.targets, code, Some(due_on))
    }

    fn baseline(&self, code: &str) -> Option<(NaiveDate, Option<f64>)> {
        let found = self.targets.iter().find(|t| t.indicator == code && t.is_baseline);
        found.map(|target| (target.due_on, target.value))
    }

    fn forecast(&self, code: &str, now: Option<f64>) -> Option<Forecast> {
        let (from, start) = self.baseline(code)?;
        let due_on = *self.dues.last()?;
        let target = self.goal(code, due_on).value()?;
        Forecast::of((from, start?), (self.on, now?), (due_on, target))
    }

    fn row(
        &self,
        indicator: &'static Indicator,
        title: Option<String>,
        (days, readings): (&[NaiveDate], &[Reading]),
        staff: bool,
    ) -> Row {
        let title = title.unwrap_or_else(|| indicator.title.to_owned());
        let kept: Vec<_> = readings
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != 1)
            .map(|(_, r)| r.clone())
            .collect();
        let told = self.told.get(indicator.code).map_or(&[][..], Vec::as_slice);
        let series = Timeline::beside(told, &kept);
        let kept_days = days
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != 1)
            .map(|(_, day)| *day);
        let shown: Vec<Shown> = if staff {
            kept.iter()
                .map(|r| r.value.map_or(Shown::Unknown, Shown::Value))
                .collect()
        } else {
            series.shown()
        };
        let now = shown.first().copied().unwrap_or(Shown::Unknown);
        let moved = match (readings.first(), readings.get(1)) {
            (Some(now), Some(before)) if staff => now.value.zip(before.value).map(|(a, b)| a - b),
            (Some(_), Some(before)) => series.moved(0, before),
            _ => None,
        };
        let marks: Vec<_> = kept_days
            .zip(&shown)
            .filter_map(|(day, shown)| Some((day, shown.value()?)))
            .collect();
        Row {
            code: indicator.code.to_owned(),
            unit: indicator.unit.symbol().to_owned(),
            help: indicator.help.to_owned(),
            baseline: self.baseline(indicator.code),
            goals: self
                .dues
                .iter()
                .map(|due| self.goal(indicator.code, *due))
                .collect(),
            is_count: kept.first().is_some_and(Reading::is_count),
            moved: now.value().and(moved),
            forecast: self.forecast(indicator.code, now.value()),
            chart: self.chart(indicator.code, &title, &marks, |v| figure(indicator, v)),
            edit: paths::targets(indicator.code),
            decimals: |value| usize::from(value.abs() < 10.0),
            now,
            title,
        }
    }

    fn own_row(&self, own: &OwnIndicator) -> Row {
        let counts: Vec<_> = own
            .counts
            .iter()
            .rev()
            .filter(|(day, _)| **day <= self.on)
            .collect();
        let now = counts.first().map(|(_, value)| **value);
        let before = counts.get(1).map(|(_, value)| **value);
        let marks: Vec<_> = counts.iter().map(|(day, value)| (**day, **value)).collect();
        Row {
            code: own.code.clone(),
            title: own.title.clone(),
            unit: own.unit.clone(),
            help: own.help.clone(),
            baseline: self.baseline(&own.code),
            goals: self.dues.iter().map(|due| self.goal(&own.code, *due)).collect(),
            now: now.map_or(Shown::Unknown, Shown::Value),
            is_count: false,
            moved: now.zip(before).map(|(now, before)| now - before),
            forecast: self.forecast(&own.code, now),
            chart: self.chart(&own.code, &own.title, &marks, |v| format_number(v, 1)),
            edit: paths::own(&own.id),
            decimals: |_| 1,
        }
    }

    /// The curve of a row, when there are two marks at least.
    fn chart(
        &self,
        code: &str,
        title: &str,
        marks: &[(NaiveDate, f64)],
        written: impl Fn(f64) -> String,
    ) -> Option<Svg> {
        let mark = |(day, value): (NaiveDate, f64)| Mark {
            at: moment(day),
            value,
            label: written(value),
        };
        let done: Vec<_> = marks.iter().rev().copied().map(mark).collect();
        let own = self.targets.iter().filter(|t| t.indicator == code);
        let aimed: Vec<_> = own.filter_map(|t| Some((t.due_on, t.value?))).map(mark).collect();
        if done.len() + aimed.len() < 2 {
            return None;
        }
        let told: Vec<_> = marks
            .iter()
            .rev()
            .map(|(day, value)| format!("{}\u{a0}: {}", filters::long_day(*day), written(*value)))
            .collect();
        let description = format!(
            "Trait plein\u{a0}: réalisé ({}). Tirets\u{a0}: de la référence aux objectifs.",
            told.join("\u{202f}; ")
        );
        let caption = Caption {
            id: &format!("courbe-{code}"),
            title,
            description: &description,
        };
        Some(curve(caption, &done, &aimed))
    }
}

#[cfg(test)]
mod tests {
    use super::Forecast;
    use chrono::NaiveDate;

    #[test]
    fn the_present_rate_is_carried_to_the_last_date() {
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let slow = Forecast::of((day(2019), 70.0), (day(2021), 80.0), (day(2023), 100.0)).unwrap();
        assert!((slow.value - 90.0).abs() < 0.1 && !slow.is_enough, "{slow:?}");
        let reached = slow.reached_on.unwrap();
        assert!(reached > day(2024) && reached < day(2026), "{reached}");
        let quick = Forecast::of((day(2019), 3.0), (day(2021), 20.0), (day(2023), 24.0)).unwrap();
        assert!(quick.is_enough);
        let falling = Forecast::of((day(2019), 100.0), (day(2021), 80.0), (day(2023), 61.0)).unwrap();
        assert!(falling.is_enough, "less is aimed at: {falling:?}");
        let still = Forecast::of((day(2019), 3.0), (day(2021), 3.0), (day(2023), 24.0)).unwrap();
        assert_eq!(
            (still.value, still.reached_on, still.is_enough),
            (3.0, None, false)
        );
        let crawling = Forecast::of((day(2019), 3.0), (day(2021), 3.5), (day(2023), 24.0)).unwrap();
        assert!(crawling.is_out_of_reach() && !slow.is_out_of_reach() && !quick.is_out_of_reach());
        assert_eq!(
            Forecast::of((day(2021), 3.0), (day(2021), 3.0), (day(2023), 24.0)),
            None
        );
    }
}
