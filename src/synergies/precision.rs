//! Screen: what reviewers made of the proposals, by month and by rule, and what the engine learned.

use super::model::{FEW_REVIEWED, Kind, percent, share};
use super::paths;
use super::store::precision::{self as store, RuleCount};
use crate::engine::Learned;
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::Staff;
use crate::platform::web::charts::{Caption, Column, Svg, columns};
use crate::platform::web::{Page, Query, Result};
use askama::Template;
use chrono::{Datelike, Locale, Months, NaiveDate};
use serde::Deserialize;

/// Months on the chart.
const MONTHS: u32 = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PrecisionQuery {
    tri: String,
}

#[derive(Template)]
#[template(path = "synergies/precision.html")]
struct Precision {
    months: Vec<Month>,
    rules: Vec<RuleRow>,
    reviewed: i64,
    accepted: i64,
    by_need: bool,
}

struct Month {
    label: String,
    reviewed: i64,
    accepted: i64,
}

struct RuleRow {
    code: String,
    title: String,
    reviewed: i64,
    accepted: i64,
    off_topic: i64,
    in_place: i64,
    /// « 33 % → 46 % ».
    learned: String,
    trust: Option<String>,
    href: String,
    discarded_href: String,
}

impl Precision {
    fn share(&self, accepted: &i64, reviewed: &i64) -> Option<String> {
        share(*accepted, *reviewed)
    }

    fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn chart(&self) -> Svg {
        let bars: Vec<Column> = self
            .months
            .iter()
            .map(|month| Column {
                label: month.label.chars().take(1).flat_map(char::to_uppercase).collect(),
                share: (month.reviewed >= FEW_REVIEWED)
                    .then(|| percent(month.accepted, month.reviewed) / 100.0),
                is_empty: month.reviewed == 0,
                figure: share(month.accepted, month.reviewed).unwrap_or_default(),
            })
            .collect();
        let told: Vec<String> = self
            .months
            .iter()
            .filter(|month| month.reviewed > 0)
            .map(|month| format!("{}\u{a0}: {} sur {}", month.label, month.accepted, month.reviewed))
            .collect();
        let description = format!("Une colonne par mois. {}.", told.join("\u{202f}; "));
        columns(
            Caption {
                id: "precision-mois",
                title: "Part des propositions acceptées parmi celles qui ont été examinées, par mois.",
                description: &description,
            },
            &bars,
        )
    }
}

pub(super) async fn show(me: Staff, Query(query): Query<PrecisionQuery>) -> Result<Page<impl Template>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let counts = store::by_month(&mut db, &scope).await?;
    let rules = store::by_rule(&mut db, &scope).await?;
    drop(db);
    let by_need = query.tri == "precision";
    let mut rules: Vec<RuleRow> = rules.into_iter().map(row).collect();
    if by_need {
        rules.sort_by(|a, b| {
            let share = |row: &RuleRow| percent(row.accepted, row.reviewed);
            share(a).total_cmp(&share(b)).then(b.reviewed.cmp(&a.reviewed))
        });
    }
    Ok(Page(Precision {
        months: months(&counts, me.today()),
        reviewed: rules.iter().map(|rule| rule.reviewed).sum(),
        accepted: rules.iter().map(|rule| rule.accepted).sum(),
        rules,
        by_need,
    }))
}

/// The last twelve months, empty ones included.
fn months(counts: &[(NaiveDate, i64, i64)], today: NaiveDate) -> Vec<Month> {
    let this = today.with_day(1).unwrap_or(today);
    (0..MONTHS)
        .rev()
        .filter_map(|ago| this.checked_sub_months(Months::new(ago)))
        .map(|first| {
            let found = counts.iter().find(|(month, ..)| *month == first);
            Month {
                label: first.format_localized("%B %Y", Locale::fr_FR).to_string(),
                reviewed: found.map_or(0, |(_, reviewed, _)| *reviewed),
                accepted: found.map_or(0, |(.., accepted)| *accepted),
            }
        })
        .collect()
}

fn row(count: RuleCount) -> RuleRow {
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let learned = Learned {
        reviewed: number(count.reviewed),
        accepted: number(count.accepted),
        judged: number(count.reviewed),
        off_topic: number(count.off_topic),
    };
    let chance = |learned: Learned| format!("{:.0}\u{a0}%", 100.0 * learned.chance());
    let trust = learned.trust();
    let is_rule = Catalogue::embedded()
        .rules()
        .iter()
        .any(|rule| rule.id == count.rule);
    let href = |basket: &str| format!("{}?corbeille={basket}&regle={}", paths::LIST, count.rule);
    RuleRow {
        title: title(&count.rule, count.kind),
        learned: format!("{} → {}", chance(Learned::default()), chance(learned)),
        trust: (is_rule && trust < 0.999).then(|| format!("points −{:.0}\u{a0}%", 100.0 * (1.0 - trust))),
        href: href("a-etudier"),
        discarded_href: href("ecartees"),
        code: count.rule,
        reviewed: count.reviewed,
        accepted: count.accepted,
        off_topic: count.off_topic,
        in_place: count.in_place,
    }
}

/// The note of a rule, else the category that brings the flows together.
pub(super) fn title(rule: &str, kind: Kind) -> String {
    let catalogue = Catalogue::embedded();
    if let Some(rule) = catalogue.rules().iter().find(|known| known.id == rule) {
        return rule.note.trim_end_matches('.').to_owned();
    }
    let label = FlowCode::find(rule).map(|code| catalogue.category(code).label.clone());
    match (kind, label) {
        (Kind::Mutualisation, Some(label)) => format!("Groupes\u{a0}: {label}"),
        (Kind::Substitution | Kind::Sharing, Some(label)) => format!("Même catégorie\u{a0}: {label}"),
        (_, None) => "Libellés proches, sans catégorie".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::months;
    use chrono::NaiveDate;

    #[test]
    fn twelve_months_end_with_this_one() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let months = months(&[(day(2026, 10, 1), 7, 3)], day(2026, 11, 24));
        assert_eq!(months.len(), 12);
        assert_eq!(
            (months[0].label.as_str(), months[11].label.as_str()),
            ("décembre 2025", "novembre 2026")
        );
        assert_eq!((months[10].reviewed, months[10].accepted), (7, 3));
    }
}
