//! What happened lately in the territory, told from the journal in a few sentences. No SQL, no clock.

use crate::kernel::clock;
use crate::platform::web::filters::{long_day, weekday};
use crate::{companies, synergies};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

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

/// Someone who touched more places than this in a day gets a sentence per kind of thing.
const PLACES: usize = 3;
/// What such a sentence enumerates.
const KINDS: usize = 3;

/// The latest news, newest first, `limit` at most. `rows` come newest first.
pub fn news(rows: &[Happened], today: NaiveDate, limit: usize) -> Vec<News> {
    let mut told: Vec<(DateTime<Utc>, News)> = Vec::new();
    for work in gathered(rows.iter(), |row| (row.day, row.author.clone())) {
        let by_place = gathered(work.iter().copied(), |row| row.place_id);
        if by_place.len() <= PLACES {
            told.extend(by_place.iter().map(|rows| (rows[0].at, about_place(rows, today))));
        } else {
            told.extend(day_s_work(&work, today));
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

/// One sentence per kind of thing, with what was done most.
fn day_s_work(rows: &[&Happened], today: NaiveDate) -> Vec<(DateTime<Utc>, News)> {
    gathered(rows.iter().copied(), |row| row.subject.clone())
        .iter()
        .map(|rows| {
            let mut kinds: Vec<_> = gathered(rows.iter().copied(), short)
                .iter()
                .map(|rows| (rows.iter().map(|row| row.count).sum(), short(rows[0])))
                .collect();
            kinds.sort_by_key(|(count, _): &(i64, String)| std::cmp::Reverse(*count));
            let told: Vec<_> = kinds
                .iter()
                .take(KINDS)
                .map(|(count, kind)| many(kind, *count))
                .collect();
            let news = News {
                place: None,
                href: None,
                what: told.join(", "),
                when: format!("{} · {}", moment(rows[0].at, today), rows[0].author),
            };
            (rows[0].at, news)
        })
        .collect()
}

/// The kind without its date or its person, and with its noun: a synergy's event does not say it.
fn short(row: &Happened) -> String {
    if row.subject != "synergy" {
        return row.kind.clone();
    }
    if row.kind == "résultats relevés" {
        return "synergie mesurée".to_owned();
    }
    let ends = [" à ", " depuis ", " jusqu’"]
        .iter()
        .filter_map(|tail| row.kind.find(tail))
        .min();
    format!("synergie {}", &row.kind[..ends.unwrap_or(row.kind.len())])
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
    let kind = kind.strip_prefix("une ").unwrap_or(kind);
    if count == 1 {
        return format!("1 {kind}");
    }
    let links = ["à", "au", "avec", "de", "du", "en", "par", "pour", "sur"];
    let linked = kind
        .split(' ')
        .position(|word| word.contains('’') || links.contains(&word));
    let told = linked.unwrap_or(usize::MAX).min(3);
    let agreed = |(rank, word): (usize, &str)| {
        let agrees = rank < told && !word.ends_with(['s', 'x']);
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
    use super::{Happened, news};
    use chrono::{DateTime, NaiveDate, Utc};
    use uuid::Uuid;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
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
    fn nouns_and_participles_agree_and_nothing_else() {
        let told = [
            "flux ajouté",
            "visite à valider",
            "avis d’un participant",
            "une réponse d’invité",
        ];
        assert_eq!(
            told.map(|kind| super::many(kind, 9)),
            [
                "9 flux ajoutés",
                "9 visites à valider",
                "9 avis d’un participant",
                "9 réponses d’invité"
            ]
        );
    }

    #[test]
    fn a_day_of_work_on_many_places_is_a_sentence_per_kind_of_thing() {
        let mut rows: Vec<_> = ["A", "BB", "CCC", "DDDD"]
            .iter()
            .flat_map(|place| {
                [
                    happened("2026-11-24T07:04:00Z", "flux ajouté", 300, place),
                    happened("2026-11-24T07:03:00Z", "entreprise ajoutée", 1, place),
                ]
            })
            .collect();
        rows.extend(
            ["confiée à Camille", "confiée à Noa", "écartée"].map(|kind| Happened {
                subject: "synergy".to_owned(),
                ..happened("2026-11-24T07:02:00Z", kind, 1, "EEEEE")
            }),
        );
        let told: Vec<_> = news(&rows, day(11, 24), 6)
            .into_iter()
            .map(|n| (n.place, n.what))
            .collect();
        let expected = [
            "1\u{a0}200 flux ajoutés, 4 entreprises ajoutées",
            "2 synergies confiées, 1 synergie écartée",
        ];
        assert_eq!(told, expected.map(|what| (None, what.to_owned())));
    }
}
