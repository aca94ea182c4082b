//! What waits for an advisor, and what happened lately, turned into lines to read. No SQL, no clock.

use crate::companies;
use crate::kernel::clock;
use crate::kernel::ids::{EstablishmentId, VisitId};
use crate::platform::web::filters::{long_day, weekday};
use crate::visits::{self, VisitStatus};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use uuid::Uuid;

/// A visit that the advisor has to make or to validate.
#[derive(Debug, Clone)]
pub struct WaitingVisit {
    pub id: VisitId,
    pub establishment: String,
    pub status: VisitStatus,
    pub on: NaiveDate,
    pub flows: i64,
}

/// An establishment whose flows have grown old.
#[derive(Debug, Clone)]
pub struct StaleSheet {
    pub id: EstablishmentId,
    pub name: String,
    pub flows: i64,
    pub oldest: NaiveDate,
}

/// Synergies to study, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Proposals {
    pub mine: i64,
    pub to_study: i64,
    pub fresh: i64,
    pub groups: i64,
    pub priority: i64,
}

/// Everything that may wait for one person.
#[derive(Debug, Default)]
pub struct Waiting {
    pub visits: Vec<WaitingVisit>,
    pub sheets: Vec<StaleSheet>,
    pub proposals: Proposals,
    pub freshness_months: i32,
}

/// One line of the list: what, why, and the one thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub icon: &'static str,
    /// Late, or today.
    pub urgent: bool,
    pub title: String,
    pub detail: String,
    pub href: String,
    pub verb: &'static str,
}

/// Visits of the list beyond these are one line.
const VISITS: usize = 4;
const SHEETS: usize = 3;
/// Visits further away wait in the calendar, not here.
const SOON: Duration = Duration::days(14);
const VALIDATE_WITHIN: Duration = Duration::days(7);
/// Where the review queue is.
const QUEUE: &str = "/synergies";

impl Waiting {
    /// What is late first, then by date, then what has none.
    pub fn acts(&self, today: NaiveDate) -> Vec<Act> {
        let soon: Vec<_> = self.visits.iter().filter(|v| v.on <= today + SOON).collect();
        let mut acts: Vec<_> = soon.iter().take(VISITS).map(|visit| visit.act(today)).collect();
        if soon.len() > VISITS {
            acts.push(others(
                "clipboard-list",
                soon.len() - VISITS,
                [
                    "autre visite à faire ou à valider",
                    "autres visites à faire ou à valider",
                ],
                visits::paths::LIST,
            ));
        }
        acts.extend(self.proposals.acts());
        acts.extend(
            self.sheets
                .iter()
                .take(SHEETS)
                .map(|sheet| sheet.act(self.freshness_months)),
        );
        if self.sheets.len() > SHEETS {
            acts.push(others(
                "history",
                self.sheets.len() - SHEETS,
                ["autre fiche à confirmer", "autres fiches à confirmer"],
                companies::paths::LIST,
            ));
        }
        acts.sort_by_key(|act| !act.urgent);
        acts
    }
}

fn others(icon: &'static str, count: usize, words: [&str; 2], href: &str) -> Act {
    let [one, many] = words;
    let title = if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    };
    Act {
        icon,
        urgent: false,
        title,
        detail: String::new(),
        href: href.to_owned(),
        verb: "J’ouvre la liste",
    }
}

impl WaitingVisit {
    fn act(&self, today: NaiveDate) -> Act {
        let flows = match self.flows {
            0 => "aucun flux encore".to_owned(),
            1 => "1 flux".to_owned(),
            n => format!("{n} flux"),
        };
        let href = visits::paths::show(&self.id);
        if self.status == VisitStatus::Planned {
            let (when, urgent) = match self.on {
                on if on == today => ("C’est aujourd’hui".to_owned(), true),
                on if on < today => (format!("Elle était prévue le {}", long_day(on)), true),
                on if on == today + Duration::days(1) => ("C’est demain".to_owned(), false),
                on => (format!("Prévue {}", weekday(on)), false),
            };
            let title = format!("Visite à faire\u{a0}: {}", self.establishment);
            return Act {
                icon: "calendar",
                urgent,
                title,
                detail: when,
                href,
                verb: "J’ouvre la visite",
            };
        }
        Act {
            icon: "pencil-line",
            urgent: self.on + VALIDATE_WITHIN < today,
            title: format!("Visite à valider\u{a0}: {}", self.establishment),
            detail: format!("Faite le {} · {flows}", long_day(self.on)),
            href,
            verb: "Je reprends",
        }
    }
}

impl StaleSheet {
    fn act(&self, freshness_months: i32) -> Act {
        let flows = if self.flows == 1 {
            "1 flux à confirmer".to_owned()
        } else {
            format!("{} flux à confirmer", self.flows)
        };
        Act {
            icon: "history",
            urgent: false,
            title: format!("{flows}\u{a0}: {}", self.name),
            detail: format!(
                "Plus de {freshness_months} mois, le plus ancien du {}",
                long_day(self.oldest)
            ),
            href: companies::paths::show(&self.id),
            verb: "Je confirme",
        }
    }
}

impl Proposals {
    fn acts(self) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.mine > 0 {
            acts.push(Act {
                icon: "inbox",
                urgent: false,
                title: counted(
                    self.mine,
                    "proposition que vous étudiez",
                    "propositions que vous étudiez",
                ),
                detail: "Vous les avez prises en charge, une décision est attendue".to_owned(),
                href: QUEUE.to_owned(),
                verb: "J’étudie",
            });
        }
        if self.to_study > 0 {
            let details: Vec<_> = [
                (
                    self.fresh,
                    ["nouvelle depuis sept jours", "nouvelles depuis sept jours"],
                ),
                (
                    self.priority,
                    ["dans les priorités du comité", "dans les priorités du comité"],
                ),
                (self.groups, ["groupe", "groupes"]),
            ]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, [one, many])| counted(count, one, many))
            .collect();
            acts.push(Act {
                icon: "inbox",
                urgent: false,
                title: counted(self.to_study, "proposition à étudier", "propositions à étudier"),
                detail: details.join(" · "),
                href: QUEUE.to_owned(),
                verb: "J’ouvre la liste",
            });
        }
        acts
    }
}

fn counted(count: i64, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{} {many}", super::model::grouped(count))
    }
}

/// The Monday and Sunday of a day's week.
pub fn week(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let monday = today - Duration::days(i64::from(today.weekday().num_days_from_monday()));
    (monday, monday + Duration::days(6))
}

/// A line of the journal with the name of what it is about.
#[derive(Debug, Clone)]
pub struct Happened {
    pub at: DateTime<Utc>,
    pub author: String,
    pub subject: String,
    pub action: String,
    pub place: Option<String>,
    pub place_id: Option<Uuid>,
}

/// Lines of the same kind by the same person in a row, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub what: String,
    pub place: Option<String>,
    /// Where it can be looked at.
    pub href: Option<String>,
    /// « hier, 17 h 12 · C. V. ».
    pub when: String,
}

/// The latest news, newest first, `limit` at most.
pub fn news(lines: &[Happened], today: NaiveDate, limit: usize) -> Vec<News> {
    let alike = |a: &Happened, b: &Happened| {
        (kind(&a.action), &a.author, clock::day(a.at)) == (kind(&b.action), &b.author, clock::day(b.at))
    };
    lines
        .chunk_by(alike)
        .take(limit)
        .map(|run| told(run, today))
        .collect()
}

/// What the action does, without what it does it to.
fn kind(action: &str) -> &str {
    action
        .split_once("\u{a0}:")
        .or_else(|| action.split_once(" :"))
        .map_or(action, |(kind, _)| kind)
}

fn told(run: &[Happened], today: NaiveDate) -> News {
    let last = &run[0];
    let same_place = run.iter().all(|line| line.place_id == last.place_id);
    let what = if run.len() == 1 {
        capitalised(&last.action)
    } else {
        many(kind(&last.action), run.len())
    };
    News {
        what,
        place: last.place.clone().filter(|_| same_place),
        href: last
            .place_id
            .filter(|_| same_place)
            .map(|id| address(&last.subject, id)),
        when: format!("{} · {}", moment(last.at, today), last.author),
    }
}

fn address(subject: &str, id: Uuid) -> String {
    if subject == "synergy" {
        format!("{QUEUE}/{id}")
    } else {
        companies::paths::show(&id.into())
    }
}

fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// « flux ajouté », 12 → « 12 flux ajoutés ».
fn many(kind: &str, count: usize) -> String {
    let words: Vec<_> = kind.split(' ').collect();
    if words.len() != 2 {
        return format!("{} ({count} fois)", capitalised(kind));
    }
    let plural = |word: &&str| {
        if word.ends_with(['s', 'x']) {
            (*word).to_owned()
        } else {
            format!("{word}s")
        }
    };
    format!(
        "{count} {}",
        words.iter().map(plural).collect::<Vec<_>>().join(" ")
    )
}

/// « aujourd’hui, 8 h 04 », « hier, 17 h 12 », « vendredi », « 12 novembre 2026 ».
fn moment(at: DateTime<Utc>, today: NaiveDate) -> String {
    let (day, paris) = (clock::day(at), at.with_timezone(&chrono_tz::Europe::Paris));
    let hour = paris.format("%-H\u{a0}h\u{a0}%M");
    match (today - day).num_days() {
        0 => format!("aujourd’hui, {hour}"),
        1 => format!("hier, {hour}"),
        2..=6 => weekday(day),
        _ => long_day(day),
    }
}

#[cfg(test)]
mod tests {
    use super::{Happened, Proposals, StaleSheet, Waiting, WaitingVisit, news, week};
    use crate::kernel::ids::{EstablishmentId, VisitId};
    use crate::visits::VisitStatus;
    use chrono::{DateTime, NaiveDate, Utc};
    use uuid::Uuid;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn visit(establishment: &str, status: VisitStatus, on: NaiveDate) -> WaitingVisit {
        WaitingVisit {
            id: VisitId::fresh(),
            establishment: establishment.to_owned(),
            status,
            on,
            flows: 8,
        }
    }

    #[test]
    fn what_is_late_comes_first_and_each_line_has_one_act() {
        let waiting = Waiting {
            visits: vec![
                visit("Cartonnerie", VisitStatus::Done, day(11, 20)),
                visit("Fonderie", VisitStatus::Planned, day(11, 23)),
                visit("Laiterie", VisitStatus::Planned, day(12, 24)),
            ],
            sheets: vec![StaleSheet {
                id: EstablishmentId::fresh(),
                name: "Verrerie".to_owned(),
                flows: 1,
                oldest: day(1, 1),
            }],
            proposals: Proposals {
                mine: 1,
                to_study: 14,
                fresh: 5,
                groups: 1,
                priority: 0,
            },
            freshness_months: 24,
        };
        let lines: Vec<_> = waiting
            .acts(day(11, 24))
            .into_iter()
            .map(|a| (a.urgent, a.title, a.detail, a.verb))
            .collect();
        let expected = [
            (
                true,
                "Visite à faire\u{a0}: Fonderie",
                "Elle était prévue le 23 novembre 2026",
                "J’ouvre la visite",
            ),
            (
                false,
                "Visite à valider\u{a0}: Cartonnerie",
                "Faite le 20 novembre 2026 · 8 flux",
                "Je reprends",
            ),
            (
                false,
                "1 proposition que vous étudiez",
                "Vous les avez prises en charge, une décision est attendue",
                "J’étudie",
            ),
            (
                false,
                "14 propositions à étudier",
                "5 nouvelles depuis sept jours · 1 groupe",
                "J’ouvre la liste",
            ),
            (
                false,
                "1 flux à confirmer\u{a0}: Verrerie",
                "Plus de 24 mois, le plus ancien du 1er janvier 2026",
                "Je confirme",
            ),
        ];
        assert_eq!(
            lines,
            expected.map(|(urgent, title, detail, verb)| (urgent, title.to_owned(), detail.to_owned(), verb))
        );
        assert!(Waiting::default().acts(day(11, 24)).is_empty());
    }

    fn happened(at: &str, action: &str, place: &str) -> Happened {
        Happened {
            at: at.parse::<DateTime<Utc>>().unwrap(),
            author: "Claire".to_owned(),
            subject: "flow".to_owned(),
            action: action.to_owned(),
            place: Some(place.to_owned()),
            place_id: Some(Uuid::from_u128(place.len() as u128)),
        }
    }

    #[test]
    fn flows_added_in_a_row_are_one_piece_of_news() {
        let lines = [
            happened(
                "2026-11-24T07:04:00Z",
                "flux ajouté\u{a0}: cartons",
                "Cartonnerie",
            ),
            happened("2026-11-24T07:03:00Z", "flux ajouté\u{a0}: films", "Cartonnerie"),
            happened("2026-11-23T16:12:00Z", "visite validée", "Fonderie"),
            happened("2026-11-20T16:12:00Z", "flux modifié\u{a0}: palettes", "Laiterie"),
        ];
        let told: Vec<_> = news(&lines, day(11, 24), 6)
            .into_iter()
            .map(|n| (n.what, n.place.unwrap(), n.when))
            .collect();
        let expected = [
            (
                "2 flux ajoutés",
                "Cartonnerie",
                "aujourd’hui, 8\u{a0}h\u{a0}04 · Claire",
            ),
            ("Visite validée", "Fonderie", "hier, 17\u{a0}h\u{a0}12 · Claire"),
            (
                "Flux modifié\u{a0}: palettes",
                "Laiterie",
                "vendredi 20 novembre · Claire",
            ),
        ];
        assert_eq!(
            told,
            expected.map(|(what, place, when)| (what.to_owned(), place.to_owned(), when.to_owned()))
        );
    }

    #[test]
    fn a_week_goes_from_monday_to_sunday() {
        assert_eq!(week(day(11, 24)), (day(11, 23), day(11, 29)));
        assert_eq!(week(day(11, 29)), (day(11, 23), day(11, 29)));
    }
}
