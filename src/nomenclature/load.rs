//! Reading the nomenclature files: every mistake is collected, so that an editor sees them at once.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

use super::catalogue::{
    Catalogue, Category, Economics, GroupRule, Landfilled, LargeRadius, Modes, Radius, Range, Requirement,
    Rule, Works,
};
use super::code::{Family, FlowCode};
use super::conditions::{Limits, Only};
use super::factors::{FactorFamily, Factors, Shared};
use super::waste::WasteCode;
use crate::kernel::{Density, Direction, Unit};

/// Everything wrong in the files, one sentence each.
#[derive(Debug)]
pub struct CatalogueErrors(pub Vec<String>);

impl fmt::Display for CatalogueErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for CatalogueErrors {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowsFile {
    category: Vec<RawCategory>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    code: String,
    label: String,
    directions: Vec<String>,
    modes: Vec<String>,
    #[serde(default)]
    on_sale: bool,
    unit: String,
    radius: RawRadius,
    #[serde(default)]
    waste_codes: Vec<String>,
    #[serde(default)]
    densities: Vec<RawDensity>,
    payload: Option<f64>,
    value: Option<Range>,
    disposal: Option<Range>,
    landfilled: Option<Landfilled>,
    treatment: Option<Range>,
    avoided_kgco2: Option<RawEmission>,
    group: Option<GroupRule>,
    #[serde(default)]
    icon: String,
    #[serde(default)]
    synonyms: Vec<String>,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRadius {
    full_km: f64,
    max_km: f64,
    large: Option<LargeRadius>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDensity {
    unit: String,
    canonical: f64,
    #[serde(default)]
    note: String,
}

/// A factor with its relative uncertainty: 0.5 is ± 50 %.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEmission {
    central: f64,
    uncertainty: f64,
    source: String,
    follows: Option<Shared>,
}

impl From<RawEmission> for Range {
    fn from(raw: RawEmission) -> Self {
        Self {
            low: raw.central * (1.0 - raw.uncertainty),
            central: raw.central,
            high: raw.central * (1.0 + raw.uncertainty),
            source: raw.source,
            follows: raw.follows,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    out: String,
    into: String,
    fit: f64,
    note: String,
    min_temperature_margin_k: Option<f64>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    only: Only,
    #[serde(default)]
    requires: Vec<Requirement>,
    #[serde(default)]
    treatment: Vec<Shared>,
    works: Option<Works>,
    #[serde(default)]
    source: String,
}

impl Catalogue {
    /// Reads and checks the two files.
    ///
    /// # Errors
    /// When a file is malformed or an entry names something unknown.
    pub(super) fn read(flows: &str, rules: &str) -> Result<Self, CatalogueErrors> {
        let flows: FlowsFile = parse("flows.toml", flows)?;
        let rules: RulesFile = parse("rules.toml", rules)?;
        let mut reader = Reader::default();
        let categories: Vec<Category> = flows
            .category
            .into_iter()
            .filter_map(|raw| reader.category(raw))
            .collect();
        let rules: Vec<Rule> = rules
            .rule
            .into_iter()
            .filter_map(|raw| reader.rule(raw, &categories))
            .collect();
        if reader.errors.is_empty() {
            Ok(Self::from_parts(categories, rules))
        } else {
            Err(CatalogueErrors(reader.errors))
        }
    }
}

fn parse<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> Result<T, CatalogueErrors> {
    toml::from_str(text).map_err(|error| CatalogueErrors(vec![format!("{name}: {error}")]))
}

#[derive(Default)]
struct Reader {
    errors: Vec<String>,
    codes: BTreeSet<String>,
    rule_ids: BTreeSet<String>,
    rule_pairs: BTreeSet<(FlowCode, FlowCode)>,
}

impl Reader {
    fn check(&mut self, holds: bool, who: &str, what: &str) {
        if !holds {
            self.errors.push(format!("{who}: {what}"));
        }
    }

    fn known<T>(&mut self, found: Option<T>, who: &str, what: &str) -> Option<T> {
        self.check(found.is_some(), who, what);
        found
    }

    fn category(&mut self, raw: RawCategory) -> Option<Category> {
        let who = raw.code.clone();
        let new = self.codes.insert(who.clone());
        self.check(new, &who, "code given twice");
        let family = self.known(Family::of(&who), &who, "unknown family")?;
        let unit = self.unit(&raw.unit, &who)?;
        let (outbound, inbound) = self.directions(&raw.directions, &who);
        let modes = self.modes(&raw.modes, &who);
        let category = Category {
            code: FlowCode::interned(raw.code.leak()),
            family,
            label: raw.label,
            outbound,
            inbound,
            modes,
            on_sale: raw.on_sale,
            unit,
            radius: self.radius(&raw.radius, &who),
            waste_codes: self.waste_codes(&raw.waste_codes, &who),
            synonyms: raw.synonyms,
            densities: self.densities(raw.densities, &who),
            economics: Economics {
                payload: raw.payload,
                value: raw.value,
                disposal: raw.disposal,
                landfilled: raw.landfilled,
                treatment: raw.treatment,
                avoided_kgco2: raw.avoided_kgco2.map(Range::from),
            },
            group: raw.group,
            icon: raw.icon,
            status: raw.status,
        };
        self.figures(&category, &who);
        Some(category)
    }

    fn unit(&mut self, code: &str, who: &str) -> Option<Unit> {
        self.known(Unit::find(code), who, &format!("unknown unit {code:?}"))
    }

    fn directions(&mut self, words: &[String], who: &str) -> (bool, bool) {
        let mut held = (false, false);
        for word in words {
            match Direction::parse(word) {
                Ok(Direction::Outbound) => held.0 = true,
                Ok(Direction::Inbound) => held.1 = true,
                Err(_) => self.check(false, who, &format!("unknown direction {word:?}")),
            }
        }
        self.check(held != (false, false), who, "no direction");
        held
    }

    fn modes(&mut self, words: &[String], who: &str) -> Modes {
        let mut modes = Modes::default();
        for word in words {
            match word.as_str() {
                "substitution" => modes.substitution = true,
                "partage" => modes.sharing = true,
                "mutualisation" => modes.mutualisation = true,
                _ => self.check(false, who, &format!("unknown mode {word:?}")),
            }
        }
        self.check(modes != Modes::default(), who, "no mode");
        modes
    }

    fn radius(&mut self, raw: &RawRadius, who: &str) -> Radius {
        let small = (raw.full_km, raw.max_km);
        let large = raw.large.map_or(small, |large| (large.full_km, large.max_km));
        for (full, max) in [small, large] {
            self.check(
                0.0 <= full && full < max,
                who,
                "radius: full_km must be below max_km",
            );
        }
        Radius {
            full_km: raw.full_km,
            max_km: raw.max_km,
            large: raw.large,
            unknown_km: small,
        }
        .settled()
    }

    fn waste_codes(&mut self, codes: &[String], who: &str) -> Vec<WasteCode> {
        codes
            .iter()
            .filter_map(|code| {
                self.known(
                    WasteCode::find(code),
                    who,
                    &format!("unknown waste code {code:?}"),
                )
            })
            .collect()
    }

    fn densities(&mut self, raw: Vec<RawDensity>, who: &str) -> Vec<Density> {
        raw.into_iter()
            .filter_map(|density| {
                self.check(density.canonical > 0.0, who, "a density must be positive");
                Some(Density {
                    unit: self.unit(&density.unit, who)?,
                    canonical: density.canonical,
                    note: density.note,
                })
            })
            .collect()
    }

    fn figures(&mut self, category: &Category, who: &str) {
        let economics = &category.economics;
        let ranges = [
            &economics.value,
            &economics.disposal,
            &economics.treatment,
            &economics.avoided_kgco2,
        ];
        for range in ranges.into_iter().flatten() {
            self.check(
                range.is_sound(),
                who,
                "low, central, high are not positive and in order",
            );
        }
        let landfilled = economics.landfilled.as_ref();
        let share = landfilled.is_none_or(|part| (0.0..=1.0).contains(&part.share));
        self.check(share, who, "the landfilled share is between 0 and 1");
        let payload = economics.payload.is_none_or(|payload| payload > 0.0);
        self.check(payload, who, "the payload must be positive");
        if let Some(group) = &category.group {
            let [low, central, high] = group.saving;
            let ordered = 0.0 <= low && low <= central && central <= high && high <= 1.0;
            self.check(ordered, who, "group: savings must grow from 0 to 1");
            self.check(group.min_members >= 2, who, "group: a group has two members");
            self.check(
                group.diameter_km > 0.0,
                who,
                "group: the diameter must be positive",
            );
        }
    }

    fn rule(&mut self, raw: RawRule, categories: &[Category]) -> Option<Rule> {
        let who = raw.id.clone();
        let new = self.rule_ids.insert(who.clone());
        self.check(new, &who, "rule given twice");
        let find = |code: &str| categories.iter().find(|c| c.code.as_str() == code);
        let out = self.known(find(&raw.out), &who, &format!("unknown code {}", raw.out))?;
        let into = self.known(find(&raw.into), &who, &format!("unknown code {}", raw.into))?;
        let pair = (out.code, into.code);
        let new = self.rule_pairs.insert(pair);
        self.check(new, &who, "another rule has the same pair");
        self.check((0.0..=1.0).contains(&raw.fit), &who, "fit is between 0 and 1");
        self.check(
            raw.limits.is_sound(),
            &who,
            "limits: a share is between 0 and 100",
        );
        let factors = Factors::embedded();
        let prepares = |shared: &Shared| factors.get(*shared).family == FactorFamily::Preparation;
        self.check(
            raw.treatment.iter().all(prepares),
            &who,
            "treatment names a preparation",
        );
        Some(Rule {
            id: raw.id,
            out: out.code,
            into: into.code,
            fit: raw.fit,
            note: raw.note,
            min_temperature_margin_k: raw.min_temperature_margin_k,
            limits: raw.limits,
            only: raw.only,
            requires: raw.requires,
            treatment: raw.treatment,
            works: raw.works,
            source: raw.source,
        })
    }
}
