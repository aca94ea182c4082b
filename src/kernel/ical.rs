//! Calendars that telephones and mail programs read (RFC 5545), as little of it as is needed: events
//! of a whole day, or of some hours of one day at the time of Paris.
//!
//! Lines end with CR LF and are folded at 75 octets, never inside a character. Depends on no other module.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Paris;
use std::fmt::Write;

/// One event of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same for ever: a calendar that reads the event again replaces it.
    pub uid: String,
    pub on: NaiveDate,
    /// From when to when; none for the whole day.
    pub hours: Option<(NaiveTime, NaiveTime)>,
    pub summary: String,
    pub place: Option<String>,
    pub url: Option<String>,
}

/// A whole calendar, ready to be sent.
#[must_use]
pub fn calendar(name: &str, now: DateTime<Utc>, events: &[Event]) -> String {
    let mut out = String::new();
    for fixed in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Maillage//FR",
        "CALSCALE:GREGORIAN",
    ] {
        line(&mut out, fixed);
    }
    line(&mut out, &format!("X-WR-CALNAME:{}", escaped(name)));
    for event in events {
        write_event(&mut out, event, now);
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn write_event(out: &mut String, event: &Event, now: DateTime<Utc>) {
    line(out, "BEGIN:VEVENT");
    line(out, &format!("UID:{}@maillage", event.uid));
    line(out, &format!("DTSTAMP:{}", stamp(now)));
    match event.hours {
        Some((from, to)) => {
            line(out, &format!("DTSTART:{}", stamp(at(event.on, from))));
            line(out, &format!("DTEND:{}", stamp(at(event.on, to))));
        }
        None => {
            let next = event.on.checked_add_days(Days::new(1)).unwrap_or(event.on);
            line(out, &format!("DTSTART;VALUE=DATE:{}", event.on.format("%Y%m%d")));
            line(out, &format!("DTEND;VALUE=DATE:{}", next.format("%Y%m%d")));
        }
    }
    line(out, &format!("SUMMARY:{}", escaped(&event.summary)));
    if let Some(place) = &event.place {
        line(out, &format!("LOCATION:{}", escaped(place)));
    }
    if let Some(url) = &event.url {
        line(out, &format!("URL:{url}"));
    }
    line(out, "END:VEVENT");
}

/// An hour of Paris, as an instant.
fn at(on: NaiveDate, hour: NaiveTime) -> DateTime<Utc> {
    let local = on.and_time(hour);
    Paris
        .from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |at| at.to_utc())
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Writes one line, folded: a continuation begins with a space, which counts.
fn line(out: &mut String, text: &str) {
    let mut room = 75;
    for c in text.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = 74;
        }
        room -= c.len_utf8();
        let _ = out.write_char(c);
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::{Event, calendar, line};
    use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn event() -> Event {
        Event {
            uid: "visite-1".to_owned(),
            on: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
            hours: None,
            summary: "Visite, Verrerie ; « Loir »".to_owned(),
            place: Some("12, rue du Pont\n41100 Vendôme".to_owned()),
            url: None,
        }
    }

    #[test]
    fn a_calendar_reads_as_the_standard_says() {
        let now: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let hours = |h| NaiveTime::from_hms_opt(h, 30, 0).unwrap();
        let timed = Event {
            uid: "atelier-2".to_owned(),
            hours: Some((hours(8), hours(10))),
            summary: "Atelier".to_owned(),
            place: None,
            url: Some("https://exemple.fr/ateliers/2".to_owned()),
            ..event()
        };
        assert_eq!(
            calendar("Vendômois", now, &[event(), timed]),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Maillage//FR\r\nCALSCALE:GREGORIAN\r\nX-WR-CALNAME:Vendômois\r\n\
             BEGIN:VEVENT\r\nUID:visite-1@maillage\r\nDTSTAMP:20261120T100000Z\r\nDTSTART;VALUE=DATE:20261124\r\n\
             DTEND;VALUE=DATE:20261125\r\nSUMMARY:Visite\\, Verrerie \\; « Loir »\r\n\
             LOCATION:12\\, rue du Pont\\n41100 Vendôme\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nUID:atelier-2@maillage\r\nDTSTAMP:20261120T100000Z\r\nDTSTART:20261124T073000Z\r\n\
             DTEND:20261124T093000Z\r\nSUMMARY:Atelier\r\nURL:https://exemple.fr/ateliers/2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
    }

    proptest! {
        #[test]
        fn lines_are_short_and_unfold_to_what_was_written(text in "\\PC{0,300}") {
            let mut folded = String::new();
            line(&mut folded, &text);
            prop_assert!(folded.split("\r\n").all(|line| line.len() <= 75));
            prop_assert_eq!(folded.replace("\r\n ", ""), format!("{text}\r\n"));
        }
    }
}
