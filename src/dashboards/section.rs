//! What the boards share: their tabs, and the filters in the address that every link keeps.

use super::model::Stage;
use super::model::cut::Cut;
use super::paths;
use super::store::figures as store;
use crate::indicators::store::kept;
use crate::kernel::ids::ZoneId;
use crate::nomenclature::Family;
use crate::platform::access::{AggregateScope, Observer};
use crate::platform::web::charts::{Caption, Svg, funnel};
use crate::platform::web::filters::long_day;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgConnection;

/// One board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Flows,
    Map,
    Synergies,
    Activity,
}

impl Section {
    const ALL: [Self; 5] = [
        Self::Overview,
        Self::Flows,
        Self::Map,
        Self::Synergies,
        Self::Activity,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Overview => "Vue d’ensemble",
            Self::Flows => "Flux",
            Self::Map => "Carte",
            Self::Synergies => "Synergies",
            Self::Activity => "Activité",
        }
    }
    fn path(self) -> &'static str {
        match self {
            Self::Overview => paths::BOARD,
            Self::Flows => paths::BOARD_FLOWS,
            Self::Map => paths::BOARD_MAP,
            Self::Synergies => paths::BOARD_SYNERGIES,
            Self::Activity => paths::BOARD_ACTIVITY,
        }
    }
}

/// A link, and whether one is there.
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) is_current: bool,
}

/// One filter: what is chosen, and what can be.
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) chosen: Option<String>,
    pub(super) without: String,
    pub(super) choices: Vec<Choice>,
}

const YEAR: &str = "Année";

/// The top of every board.
pub(super) struct Frame {
    section: Section,
    cut: Cut,
    today: NaiveDate,
    zones: Vec<(ZoneId, String)>,
    /// The moment of the sums of flows, when they are kept.
    pub(super) summed_at: Option<DateTime<Utc>>,
    /// Reads the companies too: figures lead to lists.
    pub(super) has_rows: bool,
    /// Several territories can be read side by side.
    pub(super) has_region: bool,
}

impl Frame {
    pub(super) async fn load(
        db: &mut PgConnection,
        me: &Observer,
        section: Section,
        cut: &Cut,
    ) -> sqlx::Result<Self> {
        let Ok(scope) = me.scope() else {
            return Err(sqlx::Error::RowNotFound);
        };
        Ok(Self {
            section,
            cut: cut.clone(),
            today: me.today(),
            zones: zones(db, &scope).await?,
            summed_at: kept::summed_at(db, &scope).await?,
            has_rows: me.rows().is_some(),
            has_region: me.scopes().len() > 1,
        })
    }

    pub(super) fn tabs(&self) -> Vec<Choice> {
        let tab = |section: Section| Choice {
            label: section.label().to_owned(),
            href: self.cut.href(section.path()),
            is_current: section == self.section,
        };
        Section::ALL.into_iter().map(tab).collect()
    }

    /// This board at the end of a year, or today.
    pub(super) fn at(&self, year: Option<i32>) -> String {
        self.cut.with_year(year).href(self.section.path())
    }

    pub(super) fn export(&self, path: &str) -> String {
        self.cut.href(path)
    }

    /// Only those that change something on this board.
    pub(super) fn filters(&self) -> Vec<Filter> {
        match self.section {
            Section::Overview => Vec::new(),
            Section::Flows => vec![self.by_family(), self.by_zone()],
            Section::Map => vec![self.by_family()],
            Section::Synergies => vec![self.by_family(), self.by_year("Proposées en")],
            Section::Activity => vec![self.by_year(YEAR), self.by_zone()],
        }
    }

    /// Chosen elsewhere, kept by the links, and without effect on this board.
    pub(super) fn idle_filters(&self) -> Vec<Filter> {
        let used = self.filters();
        let mut all = self.all_filters();
        all.retain(|one| !used.iter().any(|other| other.without == one.without));
        // The contract is read at the end of that year.
        if self.section == Section::Overview {
            all.retain(|one| one.name != YEAR);
        }
        all
    }

    /// The filters chosen, whatever the board.
    fn all_filters(&self) -> Vec<Filter> {
        let mut all = vec![self.by_family(), self.by_zone(), self.by_year(YEAR)];
        all.retain(|one| one.chosen.is_some());
        all
    }

    /// What the files say above their tables.
    pub(super) fn heading(&self, contract_on: NaiveDate) -> String {
        let mut told = vec![format!("Données au {}", long_day(self.today))];
        if contract_on != self.today {
            told.push(format!("indicateurs du contrat au {}", long_day(contract_on)));
        }
        let chosen = self.all_filters().into_iter();
        told.extend(
            chosen.filter_map(|one| Some(format!("{}\u{a0}: {}", one.name.to_lowercase(), one.chosen?))),
        );
        told.join("\u{202f}; ")
    }

    fn filter(&self, name: &'static str, without: &Cut, choices: Vec<(String, Cut)>) -> Filter {
        let path = self.section.path();
        let choices: Vec<_> = choices
            .into_iter()
            .map(|(label, cut)| Choice {
                label,
                is_current: cut == self.cut,
                href: cut.href(path),
            })
            .collect();
        Filter {
            name,
            chosen: choices
                .iter()
                .find(|choice| choice.is_current)
                .map(|choice| choice.label.clone()),
            without: without.href(path),
            choices,
        }
    }

    fn by_family(&self) -> Filter {
        let choices = Family::ALL
            .into_iter()
            .map(|family| (family.label().to_owned(), self.cut.with_family(Some(family))));
        self.filter("Famille", &self.cut.with_family(None), choices.collect())
    }

    /// The zone that is chosen, else « tout le territoire ».
    pub(super) fn place(&self) -> String {
        let zone = self.cut.zone();
        self.zones
            .iter()
            .find(|(known, _)| Some(*known) == zone)
            .map_or_else(|| "tout le territoire".to_owned(), |(_, name)| name.clone())
    }

    fn by_zone(&self) -> Filter {
        let choices = self
            .zones
            .iter()
            .map(|(zone, name)| (name.clone(), self.cut.with_zone(Some(*zone))));
        self.filter("Zone", &self.cut.with_zone(None), choices.collect())
    }

    fn by_year(&self, name: &'static str) -> Filter {
        let years = (0..6).map(|ago| self.today.year() - ago);
        let mut years: Vec<i32> = years.collect();
        years.extend(self.cut.year().filter(|year| !years.contains(year)));
        let choices = years
            .into_iter()
            .map(|year| (year.to_string(), self.cut.with_year(Some(year))));
        self.filter(name, &self.cut.with_year(None), choices.collect())
    }
}

/// The zone that is chosen, when the territory has it: another is no filter.
pub(super) async fn zone(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
) -> sqlx::Result<Option<ZoneId>> {
    let Some(wanted) = cut.zone() else { return Ok(None) };
    let known = zones(db, scope).await?;
    Ok(known
        .into_iter()
        .map(|(zone, _)| zone)
        .find(|zone| *zone == wanted))
}

async fn zones(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<(ZoneId, String)>> {
    Ok(store::zones(db, scope)
        .await?
        .into_iter()
        .map(|(zone, name, ..)| (zone, name))
        .collect())
}

/// The way from proposals to realised synergies.
pub(super) fn funnel_of(stages: &[Stage]) -> Svg {
    let longest = stages.iter().filter_map(Stage::count).max().unwrap_or(0);
    let steps: Vec<_> = stages.iter().map(|stage| stage.step(longest)).collect();
    let figure = |stage: Option<&Stage>| stage.map(Stage::figure).unwrap_or_default();
    let title = format!(
        "De {} propositions à {} synergies réalisées.",
        figure(stages.first()),
        figure(stages.last())
    );
    let told: Vec<_> = stages
        .iter()
        .map(|s| format!("{}\u{a0}: {}", s.label, s.figure()))
        .collect();
    let description = format!(
        "Barres horizontales, de haut en bas. {}.",
        told.join("\u{202f}; ")
    );
    funnel(
        Caption {
            id: "entonnoir",
            title: &title,
            description: &description,
        },
        &steps,
    )
}
