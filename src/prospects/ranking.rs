//! Screen: « qui visiter ensuite », the establishments not visited yet by what a visit should bring.

use super::model::{chance_words, label};
use super::store::{Named, Neighbour, Presence, Wanted, Worth};
use super::{paths, store as prospects};
use crate::companies::changes::SitesChanged;
use crate::engine::deduction::{Lead, Partner};
use crate::kernel::ids::EstablishmentId;
use crate::kernel::{Direction, format_km, format_number};
use crate::nomenclature::naf;
use crate::platform::access::Staff;
use crate::platform::jobs::{self, Job, store::JobState};
use crate::platform::journal::Event;
use crate::platform::web::{Choice, Done, Errors, Page, Query, Result, filters};
use crate::{companies, visits};
use askama::Template;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const PER_PAGE: i64 = 20;
/// Prospects among which the neighbours of a round are sought.
const ROUND_AMONG: i64 = 200;
/// A round does not go farther, kilometres.
const ROUND_KM: f64 = 12.0;
/// Nobody has so many establishments left to visit.
const LAST_PAGE: i64 = 10_000;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Filters {
    commune: String,
    zone: String,
    naf: String,
    page: String,
}

impl Filters {
    fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, LAST_PAGE)
    }

    /// The divisions of a section, or the division itself.
    fn divisions(&self) -> Option<Vec<String>> {
        let asked = naf::find(&self.naf)?;
        let kept = naf::divisions().filter(|division| {
            division.code == asked.code
                || naf::section(&division.code).is_some_and(|section| section == asked)
        });
        Some(kept.map(|division| division.code.clone()).collect())
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            commune: Some(self.commune.trim().to_owned()).filter(|insee| !insee.is_empty()),
            zone: self.zone.parse().ok(),
            divisions: self.divisions(),
            limit: PER_PAGE,
            offset: (self.page() - 1) * PER_PAGE,
        }
    }

    /// The query that keeps these filters, ready for a page number.
    fn pager(&self) -> String {
        let kept = [
            ("commune", self.commune.trim()),
            ("zone", self.zone.trim()),
            ("naf", self.naf.trim()),
        ];
        let mut query = String::from("?");
        for (name, value) in kept {
            // Codes and identifiers only: anything else means nothing here.
            if !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                query.push_str(&format!("{name}={value}&"));
            }
        }
        format!("{}{query}page=", paths::VISITS)
    }

    fn is_active(&self) -> bool {
        [&self.commune, &self.zone, &self.naf]
            .iter()
            .any(|text| !text.trim().is_empty())
    }
}

#[derive(Template)]
#[template(path = "prospects/ranking.html")]
struct Ranking {
    filters: Filters,
    errors: Errors,
    communes: Vec<Choice>,
    zones: Vec<Choice>,
    sectors: Vec<Choice>,
    rows: Vec<Row>,
    total: i64,
    page: i64,
    pages: i64,
    pager: String,
    /// The last deduction is not over.
    is_running: bool,
    /// There has been a deduction.
    has_run: bool,
}

/// One establishment to visit.
struct Row {
    rank: i64,
    id: EstablishmentId,
    name: String,
    facts: Vec<String>,
    /// « 2,3 synergies espérées ».
    hope: String,
    gain: Option<String>,
    leads: Vec<LeadLine>,
    round: Vec<(String, EstablishmentId, String)>,
    planned: Option<String>,
}

/// One reason, written.
struct LeadLine {
    css: &'static str,
    code: String,
    text: String,
    chance: String,
}

impl Ranking {
    fn total_words(&self) -> String {
        match self.total {
            1 => "1 établissement".to_owned(),
            n => format!("{n} établissements"),
        }
    }
}

pub(super) async fn show(me: Staff, Query(filters): Query<Filters>) -> Result<Page<impl Template>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let worth = prospects::worth(&mut db, &scope, &filters.wanted()).await?;
    let presence = prospects::presence(&mut db, &scope).await?;
    let named = prospects::named(&mut db, &scope, &recorded(&worth)).await?;
    let near = prospects::neighbours(&mut db, &scope, ROUND_AMONG).await?;
    let job = jobs::store::last_of(&mut db, scope.territory(), SitesChanged::NAME).await?;
    let total = worth.first().map_or(0, |row| row.total);
    let page = filters.page();
    let first = (page - 1) * PER_PAGE + 1;
    let partners: BTreeMap<String, &Named> = named.iter().map(|one| (one.flow.to_string(), one)).collect();
    let rows = (first..)
        .zip(&worth)
        .map(|(rank, row)| Row::new(rank, row, &partners, &near))
        .collect();
    Ok(Page(Ranking {
        errors: Errors::default(),
        communes: distinct(
            presence
                .iter()
                .filter_map(|p| p.insee.clone().zip(p.commune.clone())),
        ),
        zones: distinct(
            presence
                .iter()
                .filter_map(|p| Some((p.zone_id?.to_string(), p.zone.clone()?))),
        ),
        sectors: sectors(&presence),
        rows,
        total,
        page,
        pages: (total + PER_PAGE - 1) / PER_PAGE,
        pager: filters.pager(),
        is_running: job
            .as_ref()
            .is_some_and(|job| matches!(job.state, JobState::Queued | JobState::Running)),
        has_run: job.is_some(),
        filters,
    }))
}

/// The recorded flows that the reasons name.
fn recorded(rows: &[Worth]) -> Vec<Uuid> {
    let flows = rows
        .iter()
        .flat_map(|row| &row.leads.0)
        .filter_map(|lead| match &lead.partner {
            Partner::Flow { flow, .. } => flow.as_str().parse().ok(),
            Partner::Group { .. } => None,
        });
    flows.collect::<BTreeSet<Uuid>>().into_iter().collect()
}

fn distinct(pairs: impl Iterator<Item = (String, String)>) -> Vec<Choice> {
    let mut seen = BTreeSet::new();
    Choice::pairs(pairs.filter(|(value, _)| seen.insert(value.clone())))
}

/// The sections of the NAF that have somebody to visit.
fn sectors(presence: &[Presence]) -> Vec<Choice> {
    let found: BTreeMap<&str, &str> = presence
        .iter()
        .filter_map(|p| naf::section(p.division.as_deref()?))
        .map(|section| (section.code.as_str(), section.label.as_str()))
        .collect();
    Choice::pairs(
        found
            .into_iter()
            .map(|(code, label)| (code.to_owned(), label.to_owned())),
    )
}

impl Row {
    fn new(rank: i64, row: &Worth, partners: &BTreeMap<String, &Named>, near: &[Neighbour]) -> Self {
        let place = match (&row.commune, &row.zone) {
            (Some(commune), Some(zone)) => Some(format!("{commune}, {zone}")),
            (commune, zone) => commune.clone().or_else(|| zone.clone()),
        };
        let size = row.headcount.map(|band| band.label().to_owned());
        Self {
            rank,
            id: row.id,
            name: row.name.clone(),
            facts: [place, size, row.activity.clone()]
                .into_iter()
                .flatten()
                .collect(),
            hope: hope(row.synergies),
            gain: row.gain_eur.filter(|gain| *gain >= 50.0).map(euros),
            leads: row
                .leads
                .0
                .iter()
                .take(4)
                .filter_map(|lead| LeadLine::new(lead, partners))
                .collect(),
            round: round(row, near),
            planned: row.planned_on.map(filters::long_day),
        }
    }
}

/// « 2,3 synergies espérées ».
fn hope(synergies: f64) -> String {
    if synergies < 0.05 {
        return "aucune synergie présumée".to_owned();
    }
    let number = format_number(synergies, usize::from(synergies < 10.0));
    let plural = if synergies >= 1.95 { "s" } else { "" };
    format!("{number}\u{a0}synergie{plural} espérée{plural}")
}

/// Two figures: it is only an expectation.
fn euros(value: f64) -> String {
    format!("{}\u{a0}€ par an", super::model::two_figures(value))
}

impl LeadLine {
    /// None when the recorded flow has gone since.
    fn new(lead: &Lead, partners: &BTreeMap<String, &Named>) -> Option<Self> {
        let text = match &lead.partner {
            Partner::Flow {
                flow, distance_km, ..
            } => pair_text(lead, partners.get(flow.as_str())?, *distance_km),
            Partner::Group { others, minimum } => group_text(lead, *others, *minimum),
        };
        Some(Self {
            css: lead.code.family().css(),
            code: lead.code.to_string(),
            text,
            chance: format!(
                "{}, {}\u{a0}%",
                chance_words(lead.probability),
                format_number(lead.probability * 100.0, 0)
            ),
        })
    }
}

fn pair_text(lead: &Lead, partner: &Named, distance_km: Option<f64>) -> String {
    let distance = distance_km.map_or_else(String::new, |km| format!(", à {}", format_km(km)));
    let (what, whom) = (label(lead.code), &partner.establishment);
    let said = partner.label.trim();
    match lead.direction {
        Direction::Outbound => format!("{what}\u{a0}: pour «\u{a0}{said}\u{a0}» de {whom}{distance}"),
        Direction::Inbound => format!("{what}\u{a0}: depuis «\u{a0}{said}\u{a0}» de {whom}{distance}"),
    }
}

fn group_text(lead: &Lead, others: usize, minimum: usize) -> String {
    let what = label(lead.code);
    if others + 1 == minimum {
        let have = if others == 1 { "voisin a" } else { "voisins ont" };
        format!("{what}\u{a0}: compléterait un groupe ({others} {have} ce besoin, il en faut {minimum})")
    } else {
        format!("{what}\u{a0}: rejoindrait un groupe de {others} voisins")
    }
}

/// The three nearest others, for a round on the same day.
fn round(row: &Worth, near: &[Neighbour]) -> Vec<(String, EstablishmentId, String)> {
    let Some(here) = row.position() else {
        return Vec::new();
    };
    let mut found: Vec<(f64, &Neighbour)> = near
        .iter()
        .filter(|other| other.id != row.id)
        .filter_map(|other| Some((here.distance_km(other.position()?), other)))
        .filter(|(km, _)| *km <= ROUND_KM)
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
    found
        .into_iter()
        .take(3)
        .map(|(km, other)| (other.name.clone(), other.id, format_km(km)))
        .collect()
}

/// Asks for the deduction again; one waiting is enough.
pub(super) async fn refresh(me: Staff) -> Result<Done> {
    let territory = me.scope()?.territory();
    me.transact(async |tx| -> Result<()> {
        jobs::enqueue(tx, &SitesChanged { territory }).await?;
        let event = Event::on("territory", territory, "classement des visites demandé");
        tx.record(event.within(territory)).await?;
        Ok(())
    })
    .await?;
    Ok(me.done(
        "Le classement est demandé\u{a0}: rechargez la page dans un instant.",
        paths::VISITS,
    ))
}

#[cfg(test)]
mod tests {
    use super::{Filters, hope};

    #[test]
    fn a_section_stands_for_its_divisions() {
        let of = |naf: &str| {
            Filters {
                naf: naf.to_owned(),
                ..Filters::default()
            }
            .divisions()
        };
        assert_eq!(of("25"), Some(vec!["25".to_owned()]));
        assert!(of("C").is_some_and(|all| all.len() == 24 && all.contains(&"10".to_owned())));
        assert_eq!(of("zz"), None);
    }

    #[test]
    fn the_pager_keeps_only_codes() {
        let filters = Filters {
            commune: "41269".to_owned(),
            naf: "C\"><script>".to_owned(),
            ..Filters::default()
        };
        assert_eq!(filters.pager(), "/qui-visiter?commune=41269&page=");
    }

    #[test]
    fn hope_is_a_number_with_its_word() {
        assert_eq!(hope(0.0), "aucune synergie présumée");
        assert_eq!(hope(1.0), "1\u{a0}synergie espérée");
        assert_eq!(hope(2.34), "2,3\u{a0}synergies espérées");
    }
}
