//! A fictitious neighbour with a handful of companies at the border, and the agreement that opens it.

use super::people;
use crate::companies::{Establishment, PositionSource, store as companies};
use crate::flows::{Flow, FlowSource, Visibility, store as flows};
use crate::kernel::ids::{AgreementId, OrganisationId, TerritoryId};
use crate::kernel::{Direction, Period, Position};
use crate::neighbours::store::{self as neighbours, Asked};
use crate::platform::access::Scope;
use crate::platform::db::{System, Tx};
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::territories::changes::BordersChanged;
use crate::territories::store::{self as territories, Territory};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

const NAME: &str = "Dunois";
/// Cloyes-les-Trois-Rivières, Châteaudun.
const COMMUNES: [&str; 2] = ["28103", "28088"];

struct Site {
    name: &'static str,
    naf: &'static str,
    at: (f64, f64),
    flow: (Direction, &'static str, &'static str, f64, &'static str),
}

const SITES: [Site; 6] = [
    Site {
        name: "Palettes de la Conie",
        naf: "16.24Z",
        at: (47.995, 1.235),
        flow: (Direction::Inbound, "MAT-03", "Palettes à réparer", 6_000.0, "u"),
    },
    Site {
        name: "Papeterie des Trois-Rivières",
        naf: "17.12Z",
        at: (47.998, 1.230),
        flow: (Direction::Inbound, "MAT-01", "Cartons en balles", 600.0, "t"),
    },
    Site {
        name: "Menuiserie du Perron",
        naf: "16.23Z",
        at: (48.002, 1.241),
        flow: (Direction::Outbound, "MAT-04", "Chutes de bois propres", 90.0, "t"),
    },
    Site {
        name: "Fonderie Brumeuse",
        naf: "24.51Z",
        at: (48.010, 1.250),
        flow: (Direction::Inbound, "MAT-10", "Ferrailles triées", 240.0, "t"),
    },
    Site {
        name: "Emballages du Loir amont",
        naf: "17.21A",
        at: (48.064, 1.330),
        flow: (Direction::Outbound, "MAT-01", "Rognures de carton", 70.0, "t"),
    },
    Site {
        name: "Plasturgie de la Garenne",
        naf: "22.22Z",
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

/// Its territory, its people, its flows, and an agreement both pilots accepted.
pub(super) async fn open(
    tx: &mut Tx,
    system: &System,
    home: TerritoryId,
    organisations: &BTreeMap<&'static str, OrganisationId>,
    hash: &str,
) -> anyhow::Result<()> {
    let today = tx.today();
    let neighbour = found(tx).await?;
    people::open_neighbour(tx, neighbour, organisations, hash).await?;
    let scope = Scope::of_system(system, neighbour);
    for site in &SITES {
        settle(tx, &scope, site, today).await?;
    }
    let asked = Asked {
        id: AgreementId::fresh(),
        other: neighbour,
        families: vec!["MAT".to_owned()],
        starts_on: today - Days::new(60),
        ends_on: None,
    };
    neighbours::ask(tx, &Scope::of_system(system, home), &asked).await?;
    neighbours::accept(tx, &scope, asked.id).await?;
    Ok(jobs::enqueue(tx, &BordersChanged { territory: neighbour }).await?)
}

async fn found(tx: &mut Tx) -> anyhow::Result<TerritoryId> {
    let territory = Territory {
        id: TerritoryId::fresh(),
        name: NAME.to_owned(),
        is_demo: true,
        freshness_months: 24,
        latitude: 48.03,
        longitude: 1.28,
        establishments: None,
        allows_offline: false,
        version: 1,
    };
    territories::insert(tx, &territory, &COMMUNES.map(str::to_owned)).await?;
    let event = Event::on("territory", territory.id, "territoire de démonstration créé");
    tx.record(event.within(territory.id)).await?;
    Ok(territory.id)
}

async fn settle(tx: &mut Tx, scope: &Scope, site: &Site, today: NaiveDate) -> anyhow::Result<()> {
    let mut made = Establishment::named(scope.territory(), site.name);
    made.naf = Some(site.naf.to_owned());
    made.insee = Some(
        if site.at.0 < 48.05 {
            COMMUNES[0]
        } else {
            COMMUNES[1]
        }
        .to_owned(),
    );
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
