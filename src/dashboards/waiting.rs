//! What waits for an advisor, turned into lines to read. No SQL, no clock.

use crate::companies;
use crate::kernel::ids::{EstablishmentId, SynergyId, VisitId, WorkshopId};
use crate::platform::web::filters::{long_day, weekday};
use crate::synergies;
use crate::visits::{self, VisitStatus};
use crate::workshops;
use chrono::{Datelike, Duration, NaiveDate};

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

/// What somebody has to do before a day, for a synergy or as promised at a workshop.
#[derive(Debug, Clone)]
pub struct NextAction {
    pub what: String,
    pub establishment: Option<String>,
    pub due_on: NaiveDate,
    pub synergy: Option<SynergyId>,
    pub workshop: Option<WorkshopId>,
    /// Of the synergy or of the workshop.
    pub title: String,
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
    pub actions: Vec<NextAction>,
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
const ACTIONS: usize = 4;
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
        acts.extend(self.actions.iter().take(ACTIONS).map(|next| next.act(today)));
        if self.actions.len() > ACTIONS {
            acts.push(others(
                "handshake",
                self.actions.len() - ACTIONS,
                ["autre action à faire", "autres actions à faire"],
                &format!(
                    "{}?corbeille=suivies&action=moi&tri=echeance",
                    synergies::paths::LIST
                ),
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
                visits::paths::DUE,
            ));
        }
        acts.sort_by_key(|act| !act.urgent);
        acts
    }
}

impl NextAction {
    fn act(&self, today: NaiveDate) -> Act {
        let with = self.establishment.as_ref();
        let with = with.map(|name| format!(" avec {name}")).unwrap_or_default();
        let day = long_day(self.due_on);
        let (icon, detail, href) = match (&self.synergy, &self.workshop) {
            (Some(synergy), _) => (
                "inbox",
                format!("Synergie «\u{a0}{}\u{a0}», avant le {day}", self.title),
                synergies::paths::show(synergy),
            ),
            (None, Some(workshop)) => (
                "handshake",
                format!("Promis à l’atelier «\u{a0}{}\u{a0}» pour le {day}", self.title),
                workshops::paths::after(workshop),
            ),
            (None, None) => ("handshake", format!("Avant le {day}"), String::new()),
        };
        Act {
            icon,
            urgent: self.due_on <= today,
            title: format!("{}{with}", self.what),
            detail,
            href,
            verb: "Je fais le point",
        }
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
                    if self.fresh < self.to_study { self.fresh } else { 0 },
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

#[cfg(test)]
mod tests {
    use super::{Proposals, StaleSheet, Waiting, WaitingVisit, week};
    use crate::kernel::ids::{EstablishmentId, VisitId};
    use crate::visits::VisitStatus;
    use chrono::NaiveDate;

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

    fn some_of_each() -> Waiting {
        Waiting {
            actions: Vec::new(),
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
        }
    }

    #[test]
    fn what_is_late_comes_first_and_each_line_has_one_act() {
        let waiting = some_of_each();
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

    #[test]
    fn a_week_goes_from_monday_to_sunday() {
        assert_eq!(week(day(11, 24)), (day(11, 23), day(11, 29)));
        assert_eq!(week(day(11, 29)), (day(11, 23), day(11, 29)));
    }
}
