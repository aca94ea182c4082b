//! A group: its critical mass, its members, their contracts, what it saves.

use super::capital;
use super::drawing::{MapView, anchor, group_map, px};
use super::gauge::{Gauge, gauge};
use crate::companies;
use crate::engine::{Group, Round};
use crate::kernel::{Position, format_euros, format_km, format_number};
use crate::synergies::model::MemberState;
use crate::synergies::store::show::MemberRow;
use chrono::{Datelike, Locale, Months, NaiveDate};

pub(in crate::synergies) struct GroupView {
    pub(in crate::synergies) sentence: String,
    pub(in crate::synergies) unit: String,
    pub(in crate::synergies) gauge: Option<Gauge>,
    pub(in crate::synergies) members: Vec<MemberView>,
    pub(in crate::synergies) total: Option<String>,
    pub(in crate::synergies) calendar: Option<Calendar>,
    pub(in crate::synergies) saving: Option<Saving>,
    pub(in crate::synergies) evidence: String,
    pub(in crate::synergies) reasons: Vec<String>,
    pub(in crate::synergies) asks: Vec<String>,
    pub(in crate::synergies) map: Option<MapView>,
    pub(in crate::synergies) round: Option<RoundView>,
}

/// What a shared round saves, written.
pub(in crate::synergies) struct RoundView {
    pub(in crate::synergies) shared: String,
    pub(in crate::synergies) separate: String,
    pub(in crate::synergies) turns: String,
    pub(in crate::synergies) saved_km: String,
    pub(in crate::synergies) saved_eur: String,
    pub(in crate::synergies) saved_co2: String,
}

/// One member in the table.
pub(in crate::synergies) struct MemberView {
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) href: String,
    pub(in crate::synergies) quantity: Option<String>,
    pub(in crate::synergies) origin: &'static str,
    pub(in crate::synergies) contract: Contract,
    pub(in crate::synergies) css: &'static str,
    pub(in crate::synergies) state: &'static str,
}

/// The end of a member's contract on the calendar strip.
pub(in crate::synergies) struct Contract {
    pub(in crate::synergies) words: String,
    /// Where it ends; nowhere when not known or out of the strip.
    pub(in crate::synergies) x: Option<String>,
    pub(in crate::synergies) run: &'static str,
    pub(in crate::synergies) dot: &'static str,
}

/// Twelve months of 19 px.
pub(in crate::synergies) struct Calendar {
    pub(in crate::synergies) sentence: String,
    pub(in crate::synergies) letters: Vec<(String, String)>,
    pub(in crate::synergies) lines: Vec<String>,
    pub(in crate::synergies) window: (String, String),
    pub(in crate::synergies) launch: (String, String),
    /// On which side of the line its words stand.
    pub(in crate::synergies) launch_anchor: &'static str,
    first: NaiveDate,
}

pub(in crate::synergies) struct Saving {
    pub(in crate::synergies) low: (String, String),
    pub(in crate::synergies) central: (String, String),
    pub(in crate::synergies) high: (String, String),
    pub(in crate::synergies) width: String,
    pub(in crate::synergies) share: String,
    pub(in crate::synergies) origin: &'static str,
}

const MONTH: f64 = 19.0;
const STRIP: f64 = 228.0;
const SAVING: f64 = 272.0;

impl GroupView {
    pub(super) fn new(group: &Group, members: &[MemberRow], today: NaiveDate) -> Self {
        let unit = group.unit.symbol();
        let calendar = group.window.and_then(|window| calendar(window, today));
        let known: Vec<f64> = members
            .iter()
            .filter(|m| counts(m))
            .filter_map(|m| m.quantity)
            .collect();
        Self {
            sentence: group.mass_sentence.clone(),
            unit: unit.to_owned(),
            gauge: gauge(group, members, unit),
            members: members.iter().map(|m| member(m, calendar.as_ref())).collect(),
            total: (!known.is_empty()).then(|| plain(known.iter().sum())),
            saving: saving(group),
            evidence: capital(&group.evidence),
            reasons: group.reasons.clone(),
            asks: group.to_ask.clone(),
            map: map(group, members),
            round: group.round.map(round),
            calendar,
        }
    }
}

fn round(round: Round) -> RoundView {
    let whole = |value: f64, unit: &str| format!("{}\u{a0}{unit}", format_number(value, 0));
    RoundView {
        shared: whole(round.shared_km, "km"),
        separate: whole(round.separate_km, "km"),
        turns: if round.turns < 1.5 {
            "1\u{a0}tournée".to_owned()
        } else {
            whole(round.turns, "tournées")
        },
        saved_km: whole(round.saved_km, "km"),
        saved_eur: whole(round.saved_eur, "€"),
        saved_co2: format!("{}\u{a0}tCO₂e", format_number(round.saved_tco2e, 2)),
    }
}

pub(super) fn counts(member: &MemberRow) -> bool {
    member.state != MemberState::Withdrawn
}

fn map(group: &Group, members: &[MemberRow]) -> Option<MapView> {
    let centre = members
        .iter()
        .find(|m| m.id.to_string() == group.medoid.as_str())?;
    let others: Vec<Position> = members
        .iter()
        .filter(|m| m.id != centre.id)
        .filter_map(MemberRow::position)
        .collect();
    Some(group_map(
        centre.position()?,
        &others,
        group.radius_km,
        &format_km(group.radius_km),
    ))
}

/// Its unit is in the head of the column.
fn plain(value: f64) -> String {
    format_number(value, usize::from(value < 20.0))
}

fn member(row: &MemberRow, calendar: Option<&Calendar>) -> MemberView {
    let (css, run, dot) = match row.state {
        MemberState::Committed => ("ok", "s-run", "s-blue"),
        MemberState::Interested => ("info", "s-run", "s-blue2"),
        MemberState::Prospective => ("", "s-runh", "hol"),
        MemberState::Withdrawn => ("bad", "s-runh", "hol"),
    };
    let end = row.contract_end_on;
    MemberView {
        name: row.name.clone(),
        href: if row.is_archived {
            String::new()
        } else {
            companies::paths::show(&row.id)
        },
        quantity: row.quantity.map(plain),
        origin: row.certainty.map_or("estimated", crate::flows::Certainty::code),
        contract: Contract {
            words: end.map_or_else(|| "fin de contrat inconnue".to_owned(), month_words),
            x: end.and_then(|end| calendar?.place(end)),
            run,
            dot,
        },
        css,
        state: row.state.label(),
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Twelve months from just before the first contract ends.
fn calendar((from, to): (NaiveDate, NaiveDate), today: NaiveDate) -> Option<Calendar> {
    let before = first_of_month(from).checked_sub_months(Months::new(1))?;
    let first = before.max(first_of_month(today));
    let months: Vec<NaiveDate> = (0..12)
        .filter_map(|n| first.checked_add_months(Months::new(n)))
        .collect();
    let launch = first_of_month(to).checked_add_months(Months::new(1))?;
    let mut calendar = Calendar {
        sentence: if month_words(from) == month_words(to) {
            format!("fins de contrat\u{a0}: {}", month_words(from))
        } else {
            format!(
                "fenêtre commune\u{a0}: {} à {}",
                month_words(from),
                month_words(to)
            )
        },
        letters: months
            .iter()
            .zip(0_u32..)
            .map(|(month, n)| (px(f64::from(n) * MONTH + 9.5), letter(*month)))
            .collect(),
        lines: (0..=12_u32)
            .map(|n| px((f64::from(n) * MONTH).clamp(0.5, STRIP - 0.5)))
            .collect(),
        window: (String::new(), String::new()),
        launch: (String::new(), String::new()),
        launch_anchor: "middle",
        first,
    };
    let (start, end) = (calendar.column(from), calendar.column(to));
    let x = f64::from(start.clamp(0, 12)) * MONTH;
    calendar.window = (px(x), px((f64::from(end.clamp(0, 11) + 1) * MONTH - x).max(0.0)));
    let line = f64::from(calendar.column(launch).clamp(0, 12)) * MONTH;
    calendar.launch = (px(line), format!("Lancement\u{a0}: {}", day_words(launch)));
    calendar.launch_anchor = anchor(line, STRIP, 60.0);
    Some(calendar)
}

impl Calendar {
    /// Months since the first of the strip.
    fn column(&self, day: NaiveDate) -> i32 {
        let month = |d: NaiveDate| d.year() * 12 + i32::try_from(d.month0()).unwrap_or(0);
        month(day) - month(self.first)
    }

    fn place(&self, end: NaiveDate) -> Option<String> {
        let column = self.column(end);
        (0..12)
            .contains(&column)
            .then(|| px(f64::from(column) * MONTH + 9.5))
    }
}

/// « février 2027 ».
fn month_words(day: NaiveDate) -> String {
    day.format_localized("%B %Y", Locale::fr_FR).to_string()
}

/// « 1er juillet ».
fn day_words(day: NaiveDate) -> String {
    let number = if day.day() == 1 {
        "1ᵉʳ".to_owned()
    } else {
        day.day().to_string()
    };
    format!("{number} {}", day.format_localized("%B", Locale::fr_FR))
}

fn letter(month: NaiveDate) -> String {
    month
        .format_localized("%B", Locale::fr_FR)
        .to_string()
        .chars()
        .take(1)
        .flat_map(char::to_uppercase)
        .collect()
}

fn saving(group: &Group) -> Option<Saving> {
    let saving = group.saving.as_ref()?;
    if saving.high <= 0.0 {
        return None;
    }
    let scale = SAVING / (saving.high * 1.3);
    let mark = |value: f64| (px(value * scale), format_euros(value));
    let [low, _, high] = group.saving_share.map(|share| format_number(share * 100.0, 0));
    Some(Saving {
        low: mark(saving.low),
        central: mark(saving.central),
        high: mark(saving.high),
        width: px((saving.high - saving.low) * scale),
        share: format!("Soit {low} à {high}\u{a0}% du coût actuel."),
        origin: super::pair::origin(saving.origin),
    })
}

#[cfg(test)]
mod tests {
    use super::calendar;
    use chrono::NaiveDate;

    #[test]
    fn the_strip_begins_before_the_first_contract_ends() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let strip = calendar((day(2027, 2, 15), day(2027, 6, 30)), day(2026, 11, 24)).unwrap();
        assert_eq!(strip.sentence, "fenêtre commune\u{a0}: février 2027 à juin 2027");
        assert_eq!(strip.letters[0].1, "J");
        assert_eq!(strip.window, ("19.0".to_owned(), "95.0".to_owned()));
        assert_eq!(
            strip.launch,
            ("114.0".to_owned(), "Lancement\u{a0}: 1ᵉʳ juillet".to_owned())
        );
        assert_eq!(strip.place(day(2027, 5, 2)).unwrap(), "85.5");
        assert_eq!(strip.place(day(2029, 5, 2)), None);
    }
}
