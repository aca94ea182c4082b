//! The fictitious companies, their visits and their flows, drawn from three small tables.

use super::draw::Draw;
use super::recording;
use crate::companies::{Establishment, Headcount, PositionSource, store as companies};
use crate::flows::model::{Certainty, Flow, Visibility};
use crate::flows::store as flows;
use crate::kernel::ids::{TerritoryId, UserId, VisitId, ZoneId};
use crate::kernel::{Direction, Period, Position, Siret};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::territories::{Zone, store as territories};
use crate::visits::{Visit, VisitStatus, store as visits};
use anyhow::Context;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

#[derive(serde::Deserialize)]
struct CompanyRow {
    nom: String,
    naf: String,
    effectif: u32,
    insee: String,
    zone: String,
    profil: String,
}

#[derive(serde::Deserialize)]
struct ZoneRow {
    nom: String,
    insee: String,
    latitude: f64,
    longitude: f64,
}

/// A flow that companies of a profile have, with `chance` percent, between `bas` and `haut` a period
/// (times the employees when `taille` is 1, in percent of them when it is 2).
#[derive(serde::Deserialize, Clone)]
struct FlowRow {
    profil: String,
    sens: String,
    code: String,
    libelle: String,
    bas: f64,
    haut: f64,
    unite: String,
    periode: String,
    exutoire: String,
    code_dechet: String,
    /// Euros a unit: paid for what leaves and what is bought, earned when negative.
    cout: Option<f64>,
    chance: u32,
    taille: u8,
}

fn read<T: serde::de::DeserializeOwned>(csv: &str) -> anyhow::Result<Vec<T>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(csv.as_bytes());
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

/// Where and by whom the inventory is recorded.
pub(super) struct Inventory<'a> {
    pub(super) scope: &'a Scope,
    pub(super) today: NaiveDate,
    pub(super) advisors: &'a [UserId],
}

impl Inventory<'_> {
    /// Records everything; gives the establishments, in the order of the table.
    pub(super) async fn record(&self, tx: &mut Tx) -> anyhow::Result<Vec<Establishment>> {
        let zones = self.zones(tx).await?;
        let rows: Vec<FlowRow> = read(include_str!("flows.csv"))?;
        let mut made = Vec::new();
        for (rank, row) in (0_u32..).zip(read::<CompanyRow>(include_str!("companies.csv"))?) {
            let mut draw = Draw::seeded(u64::from(rank) + 1);
            let mut establishment = self.establishment(tx, rank, &row, &zones, &mut draw).await?;
            if rank % 3 != 2 {
                establishment.charter_signed_on = Some(self.visited_on(rank));
            }
            companies::insert(tx, self.scope, &establishment).await?;
            let first = self
                .visit(tx, rank, &establishment, first_visited_on(rank)?)
                .await?;
            let visit = self
                .visit(tx, rank, &establishment, self.visited_on(rank))
                .await?;
            for flow in rows.iter().filter(|f| f.profil == "*" || f.profil == row.profil) {
                if draw.happens(flow.chance) {
                    let flow = build_flow(flow, &row, &visit, &mut draw)?;
                    flows::insert(tx, self.scope, &flow).await?;
                }
            }
            for visit in [first.id, visit.id] {
                visits::keep_inventory(tx, visit, establishment.id).await?;
            }
            made.push(establishment);
        }
        self.prospects(tx, &zones).await?;
        Ok(made)
    }

    /// Establishments that nobody has visited yet: whom the deduction ranks; one visit has just begun.
    async fn prospects(&self, tx: &mut Tx, zones: &BTreeMap<String, Zone>) -> anyhow::Result<()> {
        const FIRST: u32 = 500;
        const BEGUN: u32 = FIRST + 2;
        for (rank, row) in (FIRST..).zip(read::<CompanyRow>(include_str!("prospects.csv"))?) {
            let mut draw = Draw::seeded(u64::from(rank));
            let establishment = self.establishment(tx, rank, &row, zones, &mut draw).await?;
            companies::insert(tx, self.scope, &establishment).await?;
            if rank == BEGUN {
                let held_on = self.today - Days::new(1);
                recording::begin(tx, self.scope, &establishment, self.advisors[0], held_on).await?;
            }
        }
        Ok(())
    }

    async fn zones(&self, tx: &mut Tx) -> anyhow::Result<BTreeMap<String, Zone>> {
        let mut zones = BTreeMap::new();
        for row in read::<ZoneRow>(include_str!("zones.csv"))? {
            let zone = Zone {
                id: ZoneId::fresh(),
                name: row.nom,
                latitude: row.latitude,
                longitude: row.longitude,
            };
            territories::insert_zone(tx, self.territory(), &zone, Some(&row.insee)).await?;
            zones.insert(zone.name.clone(), zone);
        }
        Ok(zones)
    }

    fn territory(&self) -> TerritoryId {
        self.scope.territory()
    }

    async fn establishment(
        &self,
        tx: &mut Tx,
        rank: u32,
        row: &CompanyRow,
        zones: &BTreeMap<String, Zone>,
        draw: &mut Draw,
    ) -> anyhow::Result<Establishment> {
        let commune = territories::find_commune(tx, &row.insee)
            .await?
            .context("a commune of the reference list")?;
        let mut e = Establishment::named(self.territory(), &row.nom);
        e.siret = Some(fictitious_siret(rank)?);
        e.naf = Some(row.naf.clone());
        e.headcount = Some(Headcount::holding(row.effectif));
        e.postal_code = commune.postal_codes.first().cloned();
        e.insee = Some(row.insee.clone());
        let (centre, source, spread) = match zones.get(&row.zone) {
            Some(zone) => {
                e.zone_id = Some(zone.id);
                (
                    Position::new(zone.latitude, zone.longitude)?,
                    PositionSource::Manual,
                    0.004,
                )
            }
            None => (
                commune.position().context("a placed commune")?,
                PositionSource::Manual,
                0.008,
            ),
        };
        let (north, east) = (draw.between(-spread, spread), draw.between(-spread, spread) * 1.4);
        e.place(Position::new(centre.lat() + north, centre.lon() + east)?, source);
        Ok(e)
    }

    /// Most inventories are recent; a tenth is older than two years and waits to be confirmed.
    fn visited_on(&self, rank: u32) -> NaiveDate {
        let days = if rank % 10 == 7 {
            760 + rank
        } else {
            30 + (rank * 53) % 620
        };
        self.today - Days::new(u64::from(days))
    }

    async fn visit(
        &self,
        tx: &mut Tx,
        rank: u32,
        establishment: &Establishment,
        on: NaiveDate,
    ) -> anyhow::Result<Visit> {
        let advisor = self.advisors[usize::try_from(rank)? % self.advisors.len()];
        let visit = Visit {
            id: VisitId::fresh(),
            territory_id: self.territory(),
            establishment_id: establishment.id,
            status: VisitStatus::Validated,
            visit_on: on,
            begins_at: None,
            duration_minutes: Some(60 + i32::try_from(rank % 5)? * 15),
            contact_met: Some("Responsable de site".to_owned()),
            notes: None,
            advisors: vec![advisor],
            version: 1,
        };
        visits::insert(tx, self.scope, &visit).await?;
        Ok(visit)
    }
}

/// In the first year of the programme: the founding document counts seventy companies at its end.
fn first_visited_on(rank: u32) -> anyhow::Result<NaiveDate> {
    let begun = NaiveDate::from_ymd_opt(2018, 7, 2).context("a day")?;
    Ok(begun + Days::new(u64::from(rank) * 5))
}

fn build_flow(row: &FlowRow, company: &CompanyRow, visit: &Visit, draw: &mut Draw) -> anyhow::Result<Flow> {
    let employees = f64::from(company.effectif);
    let size = match row.taille {
        1 => employees,
        2 => employees / 100.0,
        _ => 1.0,
    };
    let quantity = two_figures(draw.between(row.bas, row.haut) * size);
    let known = draw.below(100);
    let mut flow = Flow {
        visit_id: Some(visit.id),
        category: Some(row.code.clone()),
        quantity: (known < 88).then_some(quantity),
        unit: (known < 88).then(|| row.unite.clone()),
        period: if known < 88 {
            Some(Period::parse(&row.periode)?)
        } else {
            None
        },
        certainty: match known {
            0..20 => Certainty::Measured,
            20..60 => Certainty::Declared,
            _ => Certainty::Estimated,
        },
        temperature_c: temperature_in(&row.libelle),
        outlet: Some(row.exutoire.clone()).filter(|o| !o.is_empty()),
        contract_end_on: draw
            .happens(25)
            .then(|| visit.visit_on + Days::new(u64::from(200 + draw.below(900)))),
        waste_code: Some(row.code_dechet.clone()).filter(|c| !c.is_empty()),
        visibility: Visibility::Anonymised,
        ..Flow::told(
            (visit.territory_id, visit.establishment_id),
            Direction::parse(&row.sens)?,
            row.libelle.clone(),
            visit.visit_on,
        )
    };
    flow.normalise();
    flow.annual_cost_eur = yearly_cost(&flow, row.cout);
    Ok(flow)
}

fn yearly_cost(flow: &Flow, unit_cost: Option<f64>) -> Option<f64> {
    let cost = flow.quantity? * flow.period?.per_year() * unit_cost?;
    (cost > 0.0).then(|| cost.round())
}

/// « Air chaud des séchoirs, 70 °C » → 70.
fn temperature_in(label: &str) -> Option<f64> {
    let before = label.split("\u{a0}°C").next()?.split(" °C").next()?;
    if before.len() == label.len() {
        return None;
    }
    before.rsplit(' ').next()?.parse().ok()
}

/// Rounded as a person would say it.
fn two_figures(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let magnitude = 10_f64.powf(value.log10().floor() - 1.0);
    let rounded = (value / magnitude).round() * magnitude;
    (rounded * 1000.0).round() / 1000.0
}

/// A SIRET with right check digits in a range that is never given to anyone.
fn fictitious_siret(rank: u32) -> anyhow::Result<String> {
    (0..10)
        .flat_map(|key| (0..10).map(move |last| format!("0000{:04}{key}0001{last}", 100 + rank)))
        .find(|candidate| {
            Siret::parse(candidate)
                .is_ok_and(|siret| crate::kernel::Siren::parse(siret.siren().as_str()).is_ok())
        })
        .context("one of the hundred candidates has the right digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_tell_temperatures() {
        assert_eq!(temperature_in("Air chaud des séchoirs, 70 °C"), Some(70.0));
        assert_eq!(temperature_in("Lactosérum"), None);
    }

    #[test]
    fn figures_are_rounded_as_people_say_them() {
        let said: Vec<_> = [38.44, 0.123, 1_678.0, 0.0]
            .into_iter()
            .map(two_figures)
            .collect();
        assert_eq!(said, [38.0, 0.12, 1_700.0, 0.0]);
    }

    #[test]
    fn sirets_are_valid_and_all_different() {
        let all: std::collections::BTreeSet<_> =
            (0..70).map(|rank| fictitious_siret(rank).unwrap()).collect();
        assert_eq!(all.len(), 70);
    }

    #[test]
    fn the_tables_name_known_things() {
        for row in read::<FlowRow>(include_str!("flows.csv")).unwrap() {
            assert!(
                crate::nomenclature::FlowCode::find(&row.code).is_some(),
                "{}",
                row.code
            );
            assert!(crate::kernel::Unit::find(&row.unite).is_some(), "{}", row.unite);
            assert!(Period::parse(&row.periode).is_ok(), "{}", row.periode);
            assert!(
                row.code_dechet.is_empty()
                    || crate::nomenclature::WasteCode::find(&row.code_dechet).is_some()
            );
        }
        for row in [include_str!("companies.csv"), include_str!("prospects.csv")]
            .into_iter()
            .flat_map(|table| read::<CompanyRow>(table).unwrap())
        {
            assert!(crate::nomenclature::naf::find(&row.naf).is_some(), "{}", row.naf);
        }
    }
}
