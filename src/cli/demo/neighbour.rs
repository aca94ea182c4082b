//! Two neighbours with a handful of fictitious companies at the border, and the agreements that open them.

use super::people;
use crate::companies::{Establishment, PositionSource, store as companies};
use crate::flows::{Flow, FlowSource, Visibility, store as flows};
use crate::kernel::ids::{AgreementId, OrganisationId, TerritoryId};
use crate::kernel::{Direction, Period, Position};
use crate::neighbours::store::{self as neighbours, Asked};
use crate::nomenclature::Family;
use crate::platform::access::Scope;
use crate::platform::db::{System, Tx};
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::territories::changes::BordersChanged;
use crate::territories::store::{self as territories, Territory};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

pub(super) struct Neighbour {
    pub(super) name: &'static str,
    /// The first is its centre.
    communes: &'static [&'static str],
    at: (f64, f64),
    sites: &'static [Site],
    /// Families that the agreement opens.
    families: &'static [Family],
}

/// Cloyes-les-Trois-Rivières, Châteaudun.
pub(super) const DUNOIS: Neighbour = Neighbour {
    name: "Dunois",
    communes: &["28103", "28088"],
    at: (48.03, 1.28),
    sites: &EAST,
    families: &[Family::Mat],
};

/// La Chartre-sur-le-Loir, Bessé-sur-Braye, Montval-sur-Loir.
pub(super) const VALLEE_DU_LOIR: Neighbour = Neighbour {
    name: "Vallée du Loir",
    communes: &["72068", "72035", "72071"],
    at: (47.73, 0.57),
    sites: &WEST,
    families: &[Family::Mat, Family::Ene],
};

struct Site {
    name: &'static str,
    naf: &'static str,
    insee: &'static str,
    at: (f64, f64),
    flow: (Direction, &'static str, &'static str, f64, &'static str),
}

const EAST: [Site; 6] = [
    Site {
        name: "Palettes de la Conie",
        naf: "16.24Z",
        insee: "28103",
        at: (47.995, 1.235),
        flow: (Direction::Inbound, "MAT-03", "Palettes à réparer", 6_000.0, "u"),
    },
    Site {
        name: "Papeterie des Trois-Rivières",
        naf: "17.12Z",
        insee: "28103",
        at: (47.998, 1.230),
        flow: (Direction::Inbound, "MAT-01", "Cartons en balles", 600.0, "t"),
    },
    Site {
        name: "Menuiserie du Perron",
        naf: "16.23Z",
        insee: "28103",
        at: (48.002, 1.241),
        flow: (Direction::Outbound, "MAT-04", "Chutes de bois propres", 90.0, "t"),
    },
    Site {
        name: "Fonderie Brumeuse",
        naf: "24.51Z",
        insee: "28103",
        at: (48.010, 1.250),
        flow: (Direction::Inbound, "MAT-10", "Ferrailles triées", 240.0, "t"),
    },
    Site {
        name: "Emballages du Loir amont",
        naf: "17.21A",
        insee: "28088",
        at: (48.064, 1.330),
        flow: (Direction::Outbound, "MAT-01", "Rognures de carton", 70.0, "t"),
    },
    Site {
        name: "Plasturgie de la Garenne",
        naf: "22.22Z",
        insee: "28088",
        at: (48.070, 1.322),
        flow: (
            Direction::Inbound,
            "MAT-06",
            "Films plastiques propres",
            120.0,
            "t",
        ),
    },
];

const WEST: [Site; 5] = [
    Site {
        name: "Tonnellerie du Jasnières",
        naf: "16.24Z",
        insee: "72068",
        at: (47.731, 0.574),
        flow: (Direction::Outbound, "MAT-04", "Chutes de merrain", 60.0, "t"),
    },
    Site {
        name: "Moulage de la Braye",
        naf: "22.22Z",
        insee: "72035",
        at: (47.833, 0.751),
        flow: (Direction::Inbound, "MAT-06", "Films plastiques triés", 80.0, "t"),
    },
    Site {
        name: "Cartons de la Braye",
        naf: "17.21A",
        insee: "72035",
        at: (47.835, 0.746),
        flow: (Direction::Inbound, "MAT-01", "Vieux cartons", 900.0, "t"),
    },
    Site {
        name: "Serres de Montval",
        naf: "01.13Z",
        insee: "72071",
        at: (47.694, 0.420),
        flow: (
            Direction::Inbound,
            "ENE-04",
            "Chaleur pour les serres",
            1_400.0,
            "MWh",
        ),
    },
    Site {
        name: "Ateliers du Loir aval",
        naf: "25.62B",
        insee: "72071",
        at: (47.697, 0.425),
        flow: (Direction::Outbound, "MAT-10", "Copeaux d’acier", 45.0, "t"),
    },
];

/// The place of a neighbour among the others: whom it is the neighbour of, and who may be employed.
pub(super) struct Home<'a> {
    pub(super) system: &'a System,
    pub(super) territory: TerritoryId,
    pub(super) organisations: &'a BTreeMap<&'static str, OrganisationId>,
    pub(super) hash: &'a str,
}

impl Neighbour {
    /// Its territory, its people, its flows, and an agreement both pilots accepted.
    pub(super) async fn open(&self, tx: &mut Tx, home: &Home<'_>) -> anyhow::Result<()> {
        let today = tx.today();
        let neighbour = self.found(tx).await?;
        people::open_neighbour(tx, self.name, (neighbour, home.organisations), home.hash).await?;
        people::let_observe(tx, neighbour).await?;
        let scope = Scope::of_system(home.system, neighbour);
        for site in self.sites {
            settle(tx, &scope, site, today).await?;
        }
        let families = self.families.iter().map(|family| family.code().to_owned());
        let asked = Asked {
            id: AgreementId::fresh(),
            other: neighbour,
            families: families.collect(),
            starts_on: today - Days::new(60),
            ends_on: None,
        };
        neighbours::ask(tx, &Scope::of_system(home.system, home.territory), &asked).await?;
        neighbours::accept(tx, &scope, asked.id).await?;
        Ok(jobs::enqueue(tx, &BordersChanged { territory: neighbour }).await?)
    }

    async fn found(&self, tx: &mut Tx) -> anyhow::Result<TerritoryId> {
        let territory = Territory {
            id: TerritoryId::fresh(),
            name: self.name.to_owned(),
            is_demo: true,
            freshness_months: 24,
            latitude: self.at.0,
            longitude: self.at.1,
            establishments: None,
            allows_offline: false,
            version: 1,
        };
        let communes: Vec<_> = self.communes.iter().map(|code| (*code).to_owned()).collect();
        territories::insert(tx, &territory, &communes).await?;
        let event = Event::on("territory", territory.id, "territoire de démonstration créé");
        tx.record(event.within(territory.id)).await?;
        Ok(territory.id)
    }
}

async fn settle(tx: &mut Tx, scope: &Scope, site: &Site, today: NaiveDate) -> anyhow::Result<()> {
    let mut made = Establishment::named(scope.territory(), site.name);
    made.naf = Some(site.naf.to_owned());
    made.insee = Some(site.insee.to_owned());
    made.place(Position::new(site.at.0, site.at.1)?, PositionSource::Manual);
    companies::insert(tx, scope, &made).await?;
    let (direction, category, label, quantity, unit) = site.flow;
    let mut flow = Flow {
        category: Some(category.to_owned()),
        quantity: Some(quantity),
        unit: Some(unit.to_owned()),
        period: Some(Period::Year),
        visibility: Visibility::Anonymised,
        source: FlowSource::Import,
        ..Flow::told(
            (scope.territory(), made.id),
            direction,
            label,
            today - Days::new(90),
        )
    };
    flow.normalise();
    flows::insert(tx, scope, &flow).await?;
    Ok(())
}
