//! What waits for an advisor, and what happened lately, turned into lines to read. No SQL, no clock.

use crate::companies;
use crate::kernel::clock;
use crate::kernel::ids::{EstablishmentId, VisitId};
use crate::platform::web::filters::{long_day, weekday};
use crate::synergies;
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
                &format!("{}?a_confirmer=oui", companies::paths::LIST),
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
                href: format!("{}?corbeille=en-cours&attribution=moi", synergies::paths::LIST),
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
                href: synergies::paths::LIST.to_owned(),
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

/// What one person did in a day to one thing, of one kind.
#[derive(Debug, Clone)]
pub struct Happened {
    pub day: NaiveDate,
    pub author: String,
    pub subject: String,
    /// The words before the colon: « flux ajouté ».
    pub kind: String,
    /// The whole words of the last time: « flux ajouté : cartons ».
    pub action: String,
    pub count: i64,
    /// The last time.
    pub at: DateTime<Utc>,
    pub place: Option<String>,
    pub place_id: Option<Uuid>,
}

/// One sentence: about a place, or about a day's work on many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub place: Option<String>,
    /// Where it can be looked at.
    pub href: Option<String>,
    pub what: String,
    /// « hier, 17 h 12 · Claire ».
    pub when: String,
}

/// Someone who touched more places than this in a day gets one sentence.
const PLACES: usize = 3;

/// The latest news, newest first, `limit` at most. `rows` come newest first.
pub fn news(rows: &[Happened], today: NaiveDate, limit: usize) -> Vec<News> {
    let mut told: Vec<(DateTime<Utc>, News)> = Vec::new();
    for work in gathered(rows.iter(), |row| (row.day, row.author.clone())) {
        let by_place = gathered(work.iter().copied(), |row| row.place_id);
        if by_place.len() <= PLACES {
            told.extend(by_place.iter().map(|rows| (rows[0].at, about_place(rows, today))));
        } else {
            told.push((work[0].at, day_s_work(&work, today)));
        }
    }
    told.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    told.into_iter().map(|(_, news)| news).take(limit).collect()
}

/// Rows of the same key together, in the order of their first row.
fn gathered<'a, K: PartialEq>(
    rows: impl Iterator<Item = &'a Happened>,
    key: impl Fn(&Happened) -> K,
) -> Vec<Vec<&'a Happened>> {
    let mut groups: Vec<(K, Vec<&'a Happened>)> = Vec::new();
    for row in rows {
        let own = key(row);
        match groups.iter_mut().find(|(known, _)| *known == own) {
            Some((_, group)) => group.push(row),
            None => groups.push((own, vec![row])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn about_place(rows: &[&Happened], today: NaiveDate) -> News {
    let last = rows[0];
    let what: Vec<_> = rows
        .iter()
        .map(|row| {
            if row.count == 1 {
                row.action.clone()
            } else {
                many(&row.kind, row.count)
            }
        })
        .collect();
    let what = what.join(", ");
    News {
        what: if last.place.is_some() {
            what
        } else {
            capitalised(&what)
        },
        place: last.place.clone(),
        href: last.place_id.map(|id| address(&last.subject, id)),
        when: format!("{} · {}", moment(last.at, today), last.author),
    }
}

fn day_s_work(rows: &[&Happened], today: NaiveDate) -> News {
    let kinds = gathered(rows.iter().copied(), |row| {
        (row.subject.clone(), row.kind.clone())
    });
    let what: Vec<_> = kinds
        .iter()
        .map(|rows| many(&full_kind(rows[0]), rows.iter().map(|row| row.count).sum()))
        .collect();
    News {
        what: capitalised(&what.join(", ")),
        place: None,
        href: None,
        when: format!("{} · {}", moment(rows[0].at, today), rows[0].author),
    }
}

/// A synergy's event does not say that it is one.
fn full_kind(row: &Happened) -> String {
    if row.subject == "synergy" {
        format!("synergie {}", row.kind)
    } else {
        row.kind.clone()
    }
}

fn address(subject: &str, id: Uuid) -> String {
    if subject == "synergy" {
        synergies::paths::show(&id.into())
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

/// « flux ajouté », 12 → « 12 flux ajoutés »: the noun and its participle agree.
fn many(kind: &str, count: i64) -> String {
    if count == 1 {
        return format!("1 {kind}");
    }
    let agreed = |(rank, word): (usize, &str)| {
        let agrees = rank < 2 && word.chars().count() > 1 && !word.ends_with(['s', 'x']);
        if agrees {
            format!("{word}s")
        } else {
            word.to_owned()
        }
    };
    let words: Vec<_> = kind.split(' ').enumerate().map(agreed).collect();
    format!("{} {}", super::model::grouped(count), words.join(" "))
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

    fn happened(at: &str, kind: &str, count: i64, place: &str) -> Happened {
        let at = at.parse::<DateTime<Utc>>().unwrap();
        Happened {
            day: at.date_naive(),
            author: "Claire".to_owned(),
            subject: "flow".to_owned(),
            kind: kind.to_owned(),
            action: format!("{kind}\u{a0}: cartons"),
            count,
            at,
            place: Some(place.to_owned()),
            place_id: Some(Uuid::from_u128(place.len() as u128)),
        }
    }

    #[test]
    fn what_someone_did_to_one_place_in_a_day_is_one_sentence() {
        let rows = [
            happened("2026-11-24T07:04:00Z", "flux ajouté", 12, "Cartonnerie"),
            happened("2026-11-24T07:02:00Z", "flux modifié", 1, "Cartonnerie"),
            happened("2026-11-23T16:12:00Z", "visite à valider", 1, "Fonderie"),
            happened("2026-11-20T16:12:00Z", "flux ajouté", 1, "Laiterie"),
        ];
        let told: Vec<_> = news(&rows, day(11, 24), 6)
            .into_iter()
            .map(|n| (n.place.unwrap(), n.what, n.when))
            .collect();
        let expected = [
            (
                "Cartonnerie",
                "12 flux ajoutés, flux modifié\u{a0}: cartons",
                "aujourd’hui, 8\u{a0}h\u{a0}04 · Claire",
            ),
            (
                "Fonderie",
                "visite à valider\u{a0}: cartons",
                "hier, 17\u{a0}h\u{a0}12 · Claire",
            ),
            (
                "Laiterie",
                "flux ajouté\u{a0}: cartons",
                "vendredi 20 novembre · Claire",
            ),
        ];
        assert_eq!(
            told,
            expected.map(|(place, what, when)| (place.to_owned(), what.to_owned(), when.to_owned()))
        );
    }

    #[test]
    fn a_day_of_work_on_many_places_is_one_sentence_too() {
        let mut rows: Vec<_> = ["A", "BB", "CCC", "DDDD"]
            .iter()
            .flat_map(|place| {
                [
                    happened("2026-11-24T07:04:00Z", "flux ajouté", 300, place),
                    happened("2026-11-24T07:03:00Z", "entreprise ajoutée", 1, place),
                ]
            })
            .collect();
        let proposed = Happened {
            subject: "synergy".to_owned(),
            ..happened("2026-11-24T07:02:00Z", "proposée par le moteur", 1, "EEEEE")
        };
        rows.extend([proposed.clone(), proposed]);
        let told = news(&rows, day(11, 24), 6);
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].what,
            "1\u{a0}200 flux ajoutés, 4 entreprises ajoutées, 2 synergies proposées par le moteur"
        );
        assert_eq!(told[0].place, None);
    }

    #[test]
    fn a_week_goes_from_monday_to_sunday() {
        assert_eq!(week(day(11, 24)), (day(11, 23), day(11, 29)));
        assert_eq!(week(day(11, 29)), (day(11, 23), day(11, 29)));
    }
}
