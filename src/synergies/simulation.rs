//! Screen: « Et si… ». The proposals under some hypotheses, compared with those of today; nothing is written.

use super::matching::{self, Ground, Reading};
use super::paths;
use super::store::matching::FlowRow;
use super::store::names;
use super::view::Effects;
use crate::engine::{Amount, Change, Flow, Key, Site, what_if};
use crate::flows::Certainty;
use crate::kernel::{Direction, Months, Period, Position, Unit, parse_decimal};
use crate::nomenclature::{Catalogue, FactorKey, Factors, Shared, naf};
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Errors, Page, Query, Result, clean};
use crate::territories;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Flows that a new establishment may be given.
const FLOWS: usize = 4;
/// The establishment that does not exist.
const NEW: Uuid = Uuid::nil();

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

    /// The hypotheses, among what the territory has.
    fn changes(&self, ground: &Known<'_>) -> Result<Vec<Change>, Errors> {
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
        match self.sans.as_str() {
            "" => {}
            known if ground.sites.contains_key(known) => changes.push(Change::Departure(Key::new(known))),
            _ => errors.add("sans", "Choisissez un établissement de la liste."),
        }
        changes.extend(self.arrival(ground, &mut errors));
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

    fn arrival(&self, ground: &Known<'_>, errors: &mut Errors) -> Option<Change> {
        let lines = self.lines();
        let given = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !clean(&line.label).is_empty());
        let flows: Vec<Flow> = given
            .filter_map(|(rank, line)| flow(rank, line, ground, errors))
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
        let code = clean(&self.naf);
        let activity = naf::find(&code);
        if activity.is_none() && !code.is_empty() {
            errors.add(
                "naf",
                "Indiquez un code NAF, par exemple «\u{a0}16.23Z\u{a0}», ou laissez vide.",
            );
        }
        let position = ground.places.get(&self.commune).copied();
        if position.is_none() {
            errors.add("commune", "Choisissez la commune du nouvel établissement.");
        }
        let site = Site {
            position,
            naf: activity.map(|naf| naf.code.clone()),
            ..Site::new(NEW.to_string())
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

/// What a scenario may speak of.
struct Known<'a> {
    /// The communes that may be chosen.
    places: BTreeMap<String, Position>,
    sites: &'a BTreeMap<String, String>,
    reading: Reading<'a>,
    today: NaiveDate,
}

fn flow(rank: usize, line: &FlowLine, ground: &Known<'_>, errors: &mut Errors) -> Option<Flow> {
    let Ok(direction) = Direction::parse(&line.direction) else {
        errors.add("libelle", "Indiquez le sens de chaque flux.");
        return None;
    };
    let quantity = match parse_decimal(&line.quantity) {
        Ok(quantity) => Some(quantity),
        Err(_) if line.quantity.trim().is_empty() => None,
        Err(refusal) => {
            errors.add(
                "libelle",
                format!("Quantité du flux {}\u{a0}: {refusal}", rank + 1),
            );
            return None;
        }
    };
    let row = FlowRow {
        id: Uuid::from_u128(u128::try_from(rank).unwrap_or_default() + 1).into(),
        establishment_id: NEW.into(),
        direction,
        category: None,
        label: clean(&line.label),
        quantity,
        unit: Some(line.unit.clone()),
        period: Some(Period::Year),
        annual_quantity: None,
        certainty: Certainty::Declared,
        months: i32::from(Months::ALL.bits()),
        form: None,
        temperature_c: None,
        food_grade: None,
        annual_cost_eur: None,
        contract_end_on: None,
        waste_code: None,
        known_on: ground.today,
    };
    let flow = ground.reading.flow(&row);
    if quantity.is_some() && flow.annual.is_none() {
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
    let local = matching::local(&mut db, &scope).await?;
    let catalogue = Catalogue::embedded().localised(&local);
    let known = Known {
        places,
        sites: &sites,
        reading: Reading::new(&catalogue, &local),
        today: me.today(),
    };
    let changes = form.changes(&known);
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
    let changes = match changes {
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
    use super::{Known, Scenario};
    use crate::engine::{Amount, Change};
    use crate::kernel::Position;
    use crate::nomenclature::{Catalogue, FactorKey, Local};
    use crate::platform::web::Errors;
    use crate::synergies::matching::Reading;
    use chrono::NaiveDate;

    fn changes(scenario: &Scenario) -> Result<Vec<Change>, Errors> {
        scenario.changes(&Known {
            places: [("41269".to_owned(), Position::new(47.8, 1.07).unwrap())].into(),
            sites: &[("A".to_owned(), "Atelier".to_owned())].into(),
            reading: Reading::new(Catalogue::embedded(), &Local::default()),
            today: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        })
    }

    fn text(words: &str) -> String {
        words.to_owned()
    }

    #[test]
    fn an_empty_scenario_supposes_nothing() {
        assert_eq!(changes(&Scenario::default()), Ok(Vec::new()));
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
            changes(&scenario).unwrap(),
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
        let asked = changes(&scenario).unwrap();
        let [Change::Arrival(site, flows)] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        assert!(site.position.is_some());
        assert_eq!(flows[0].annual, Some(400.0));
        scenario.commune.clear();
        assert!(changes(&scenario).unwrap_err().has("commune"));
        scenario.commune = text("41269");
        scenario.libelle.clear();
        assert!(changes(&scenario).unwrap_err().has("libelle"));
    }

    #[test]
    fn each_fault_is_told_by_its_field() {
        let refused = |scenario: Scenario, field: &str| changes(&scenario).unwrap_err().has(field);
        assert!(refused(
            Scenario {
                gazole: text("cher"),
                ..Scenario::default()
            },
            "gazole"
        ));
        assert!(refused(
            Scenario {
                sans: text("B"),
                ..Scenario::default()
            },
            "sans"
        ));
        assert!(refused(
            Scenario {
                commune: text("41269"),
                sens: vec![text("entrant")],
                libelle: vec![text("palettes bois")],
                naf: text("menuiserie"),
                ..Scenario::default()
            },
            "naf"
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
