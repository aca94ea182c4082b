//! Screen: « Et si… ». The proposals under some hypotheses, compared with those of today; nothing is written.

use super::matching::Ground;
use super::paths;
use super::store::names;
use super::view::Effects;
use crate::engine::{Amount, Change, Flow, Key, Site, classify, what_if};
use crate::kernel::{Direction, Period, Position, Unit, annual, parse_decimal};
use crate::nomenclature::{Catalogue, FactorKey, Factors, Shared};
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Errors, Page, Query, Result, clean};
use crate::territories;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Flows that a new establishment may be given.
const FLOWS: usize = 4;
/// The establishment that does not exist.
const NEW: &str = "nouveau";

/// What the page was asked, as typed: the address of a scenario can be kept.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Scenario {
    gazole: String,
    tgap: String,
    rayon: String,
    facteur: String,
    valeur: String,
    sans: String,
    commune: String,
    naf: String,
    sens: Vec<String>,
    libelle: Vec<String>,
    quantite: Vec<String>,
    unite: Vec<String>,
}

#[derive(Template)]
#[template(path = "synergies/simulation.html")]
struct Simulation {
    form: Scenario,
    lines: Vec<FlowLine>,
    factors: Vec<Choice>,
    sites: Vec<Choice>,
    communes: Vec<Choice>,
    directions: Vec<Choice>,
    units: Vec<Choice>,
    effects: Option<Effects>,
    errors: Errors,
}

/// One flow of the new establishment, as typed.
#[derive(Debug, Default, Clone)]
struct FlowLine {
    direction: String,
    label: String,
    quantity: String,
    unit: String,
}

impl Scenario {
    fn lines(&self) -> Vec<FlowLine> {
        let at = |column: &[String], rank: usize| column.get(rank).cloned().unwrap_or_default();
        (0..FLOWS)
            .map(|rank| FlowLine {
                direction: at(&self.sens, rank),
                label: at(&self.libelle, rank),
                quantity: at(&self.quantite, rank),
                unit: at(&self.unite, rank),
            })
            .collect()
    }

    /// The hypotheses; `places` are the communes that may be chosen.
    fn changes(&self, places: &BTreeMap<String, Position>) -> Result<Vec<Change>, Errors> {
        let mut errors = Errors::default();
        let mut changes = Vec::new();
        for (field, typed, factor) in [
            ("gazole", &self.gazole, Shared::DieselPrice),
            ("tgap", &self.tgap, Shared::LandfillTax),
        ] {
            match percent(typed).and_then(|amount| Change::factor(FactorKey::Shared(factor), amount)) {
                Some(change) => changes.push(change),
                None if typed.trim().is_empty() => {}
                None => errors.add(
                    field,
                    "Indiquez un pourcentage, par exemple «\u{a0}+20\u{a0}» ou «\u{a0}-10\u{a0}».",
                ),
            }
        }
        match parse_decimal(&self.rayon) {
            Ok(times) if times > 0.0 && times <= 20.0 => changes.push(Change::Radius(times)),
            Err(_) if self.rayon.trim().is_empty() => {}
            Ok(_) | Err(_) => errors.add(
                "rayon",
                "Indiquez un nombre entre 0 et 20, par exemple «\u{a0}2\u{a0}».",
            ),
        }
        changes.extend(self.factor(&mut errors));
        if !self.sans.is_empty() {
            changes.push(Change::Departure(Key::new(self.sans.as_str())));
        }
        changes.extend(self.arrival(places, &mut errors));
        if errors.is_empty() {
            Ok(changes)
        } else {
            Err(errors)
        }
    }

    fn factor(&self, errors: &mut Errors) -> Option<Change> {
        if self.facteur.trim().is_empty() {
            if !self.valeur.trim().is_empty() {
                errors.add("facteur", "Choisissez le facteur auquel donner cette valeur.");
            }
            return None;
        }
        let Some(key) = FactorKey::find(&self.facteur) else {
            errors.add("facteur", "Choisissez un facteur de la liste.");
            return None;
        };
        let change = Amount::parse(&self.valeur).and_then(|amount| Change::factor(key, amount));
        if change.is_none() {
            errors.add(
                "valeur",
                "Indiquez une valeur, un pourcentage ou un multiple\u{a0}: «\u{a0}85\u{a0}», «\u{a0}+20\u{a0}%\u{a0}», «\u{a0}x2\u{a0}».",
            );
        }
        change
    }

    fn arrival(&self, places: &BTreeMap<String, Position>, errors: &mut Errors) -> Option<Change> {
        let lines = self.lines();
        let given = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !clean(&line.label).is_empty());
        let flows: Vec<Flow> = given
            .filter_map(|(rank, line)| flow(rank, line, errors))
            .collect();
        if lines
            .iter()
            .any(|line| clean(&line.label).is_empty() && !line.quantity.trim().is_empty())
        {
            errors.add("libelle", "Indiquez le libellé de chaque flux.");
        }
        if flows.is_empty() && self.commune.is_empty() {
            return None;
        }
        if flows.is_empty() && errors.is_empty() {
            errors.add("libelle", "Indiquez au moins un flux du nouvel établissement.");
        }
        let position = places.get(&self.commune).copied();
        if position.is_none() {
            errors.add("commune", "Choisissez la commune du nouvel établissement.");
        }
        let site = Site {
            position,
            naf: Some(clean(&self.naf)).filter(|naf| !naf.is_empty()),
            ..Site::new(NEW)
        };
        Some(Change::Arrival(Box::new(site), flows))
    }
}

/// « 20 », « +20 % », « -10 ».
fn percent(typed: &str) -> Option<Amount> {
    let digits = typed.trim().trim_end_matches('%');
    if digits.trim().is_empty() {
        return None;
    }
    Amount::parse(&format!("{digits}%"))
}

fn flow(rank: usize, line: &FlowLine, errors: &mut Errors) -> Option<Flow> {
    let Ok(direction) = Direction::parse(&line.direction) else {
        errors.add("libelle", "Indiquez le sens de chaque flux.");
        return None;
    };
    let mut flow = Flow::new(format!("{NEW}-{rank}"), NEW, direction, &clean(&line.label));
    flow.guesses = classify(&flow, Catalogue::embedded());
    if line.quantity.trim().is_empty() {
        return Some(flow);
    }
    let quantity = match parse_decimal(&line.quantity) {
        Ok(quantity) => quantity,
        Err(refusal) => {
            errors.add(
                "libelle",
                format!("Quantité du flux {}\u{a0}: {refusal}", rank + 1),
            );
            return None;
        }
    };
    let category = flow
        .guesses
        .first()
        .map(|(code, _)| Catalogue::embedded().category(*code));
    flow.annual = category.zip(Unit::find(&line.unit)).and_then(|(category, unit)| {
        annual(quantity, unit, Period::Year, category.unit, &category.densities)
    });
    if flow.annual.is_none() {
        errors.add(
            "libelle",
            format!(
                "Quantité du flux {}\u{a0}: cette unité ne convient pas à ce flux.",
                rank + 1
            ),
        );
    }
    Some(flow)
}

pub(super) async fn show(me: Staff, Query(form): Query<Scenario>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let communes = territories::store::communes_of(&mut db, scope.territory()).await?;
    let sites = names::establishments(&mut db, &scope).await?;
    let places = communes
        .iter()
        .filter_map(|commune| Some((commune.insee.clone(), commune.position()?)))
        .collect();
    let mut page = Simulation {
        lines: form.lines(),
        factors: Factors::embedded()
            .iter()
            .map(|factor| Choice::new(factor.shared.key(), format!("{} ({})", factor.label, factor.unit)))
            .collect(),
        sites: by_name(sites),
        communes: Choice::pairs(communes.into_iter().map(|commune| (commune.insee, commune.name))),
        directions: [Direction::Outbound, Direction::Inbound]
            .map(|direction| Choice::new(direction.word(), direction.word()))
            .to_vec(),
        units: Unit::ALL
            .iter()
            .map(|unit| Choice::new(unit.code(), unit.label()))
            .collect(),
        effects: None,
        errors: Errors::default(),
        form,
    };
    let changes = match page.form.changes(&places) {
        Ok(changes) => changes,
        Err(errors) => {
            page.errors = errors;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    if !changes.is_empty() {
        let ground = Ground::read(&mut db, &scope, me.today()).await?;
        let labels = with_new(ground.labels(), &changes);
        let difference = ground
            .ask(move |facts, catalogue, params| what_if(facts, catalogue, params, &changes))
            .await?;
        page.effects = Some(Effects::read(&mut db, &scope, &difference, &labels).await?);
    }
    Ok(Page(page).into_response())
}

fn by_name(sites: BTreeMap<String, String>) -> Vec<Choice> {
    let mut choices = Choice::pairs(sites);
    choices.sort_by_key(|choice| crate::kernel::fold(&choice.label));
    choices
}

fn with_new(mut labels: BTreeMap<String, String>, changes: &[Change]) -> BTreeMap<String, String> {
    for change in changes {
        if let Change::Arrival(_, flows) = change {
            labels.extend(
                flows
                    .iter()
                    .map(|flow| (flow.key.to_string(), flow.label.clone())),
            );
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::Scenario;
    use crate::engine::{Amount, Change};
    use crate::kernel::Position;
    use crate::nomenclature::FactorKey;
    use std::collections::BTreeMap;

    fn places() -> BTreeMap<String, Position> {
        [("41269".to_owned(), Position::new(47.8, 1.07).unwrap())].into()
    }

    fn text(words: &str) -> String {
        words.to_owned()
    }

    #[test]
    fn an_empty_scenario_supposes_nothing() {
        assert_eq!(Scenario::default().changes(&places()), Ok(Vec::new()));
    }

    #[test]
    fn hypotheses_add_up() {
        let scenario = Scenario {
            gazole: text("20"),
            tgap: text("-10 %"),
            rayon: text("2"),
            facteur: text("gaz"),
            valeur: text("120"),
            sans: text("A"),
            ..Scenario::default()
        };
        let key = |text| FactorKey::find(text).unwrap();
        assert_eq!(
            scenario.changes(&places()).unwrap(),
            [
                Change::Factor(key("gazole"), Amount::Times(1.2)),
                Change::Factor(key("tgap"), Amount::Times(0.9)),
                Change::Radius(2.0),
                Change::Factor(key("gaz"), Amount::Exactly(120.0)),
                Change::Departure("A".into()),
            ]
        );
    }

    #[test]
    fn a_new_establishment_has_a_place_and_flows() {
        let mut scenario = Scenario {
            commune: text("41269"),
            sens: vec![text("entrant")],
            libelle: vec![text("palettes bois")],
            quantite: vec![text("400")],
            unite: vec![text("u")],
            ..Scenario::default()
        };
        let changes = scenario.changes(&places()).unwrap();
        let [Change::Arrival(site, flows)] = changes.as_slice() else {
            panic!("{changes:?}")
        };
        assert!(site.position.is_some());
        assert_eq!(flows[0].annual, Some(400.0));
        scenario.commune.clear();
        assert!(scenario.changes(&places()).unwrap_err().has("commune"));
        scenario.commune = text("41269");
        scenario.libelle.clear();
        assert!(scenario.changes(&places()).unwrap_err().has("libelle"));
    }

    #[test]
    fn each_fault_is_told_by_its_field() {
        let refused = |scenario: Scenario, field: &str| scenario.changes(&places()).unwrap_err().has(field);
        assert!(refused(
            Scenario {
                gazole: text("cher"),
                ..Scenario::default()
            },
            "gazole"
        ));
        assert!(refused(
            Scenario {
                rayon: text("0"),
                ..Scenario::default()
            },
            "rayon"
        ));
        assert!(refused(
            Scenario {
                facteur: text("gaz"),
                ..Scenario::default()
            },
            "valeur"
        ));
        assert!(refused(
            Scenario {
                valeur: text("12"),
                ..Scenario::default()
            },
            "facteur"
        ));
    }
}
