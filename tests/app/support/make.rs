//! Makers: one thing each, with sound defaults, through the product's own functions.

use super::TestApp;
use maillage::accounts::{Email, store as accounts};
use maillage::companies::{Establishment, PositionSource, store as companies};
use maillage::flows::{Flow, store as flows};
use maillage::kernel::ids::{CompanyId, FlowId, SynergyId, TerritoryId, UserId, VisitId};
use maillage::kernel::{Direction, Period, Position};
use maillage::platform::access::{Role, Scope};
use maillage::platform::db::System;
use maillage::platform::journal::Event;
use maillage::synergies::store::{self as synergies, NewMember, NewSynergy};
use maillage::synergies::{Kind, Origin, Side, Step};
use maillage::territories::store::{self as territories, Territory};
use maillage::visits::{Visit, VisitStatus, store as visits};

pub(crate) async fn territory(system: &System, name: &str) -> TerritoryId {
    let territory = Territory {
        id: TerritoryId::fresh(),
        name: name.to_owned(),
        is_demo: false,
        freshness_months: 24,
        latitude: 47.79,
        longitude: 1.07,
        establishments: Some(2_000),
        allows_offline: true,
        version: 1,
    };
    system
        .transact(async |tx| -> anyhow::Result<()> {
            territories::insert(tx, &territory, &["41269".to_owned(), "41003".to_owned()]).await?;
            tx.record(Event::on("territory", territory.id, "territoire ajouté").within(territory.id))
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    territory.id
}

/// A person of that role; a company's contact gets a company of its own.
pub(crate) async fn user(app: &TestApp, role: Role, territory: TerritoryId) -> UserId {
    let company = match role {
        Role::Company => Some(
            establishment(app, territory, "Atelier du contact")
                .await
                .company_id,
        ),
        Role::Admin | Role::Pilot | Role::Advisor | Role::Partner | Role::Committee => None,
    };
    user_of(app, role, territory, company).await
}

pub(crate) async fn user_of(
    app: &TestApp,
    role: Role,
    territory: TerritoryId,
    company: Option<CompanyId>,
) -> UserId {
    let id = UserId::fresh();
    let user = accounts::NewUser {
        id,
        email: Email::parse(&format!("{id}@exemple.fr")).unwrap(),
        name: format!("Personne {}", role.label()),
        organisation: None,
        specialities: Vec::new(),
        password_hash: None,
    };
    let place = (role != Role::Admin).then_some(territory);
    app.system()
        .transact(async |tx| -> anyhow::Result<()> {
            accounts::insert(tx, &user).await?;
            accounts::grant(tx, id, role, place, company).await?;
            tx.record(Event::on("user", id, "compte créé")).await?;
            Ok(())
        })
        .await
        .unwrap();
    id
}

/// An establishment in Vendôme.
pub(crate) async fn establishment(app: &TestApp, territory: TerritoryId, name: &str) -> Establishment {
    establishment_at(app, territory, name, Position::new(47.79, 1.07).unwrap()).await
}

pub(crate) async fn establishment_at(
    app: &TestApp,
    territory: TerritoryId,
    name: &str,
    position: Position,
) -> Establishment {
    let mut made = Establishment::named(territory, name);
    made.insee = Some("41269".to_owned());
    made.postal_code = Some("41100".to_owned());
    made.naf = Some("25.62B".to_owned());
    made.place(position, PositionSource::Commune);
    let system = app.system();
    let scope = Scope::of_system(&system, territory);
    system
        .transact(async |tx| -> anyhow::Result<()> {
            companies::insert(tx, &scope, &made).await?;
            Ok(())
        })
        .await
        .unwrap();
    let mut db = system.read().await.unwrap();
    companies::find(&mut db, &scope, made.id).await.unwrap().unwrap()
}

/// A flow of so many canonical units a year.
pub(crate) async fn flow(
    app: &TestApp,
    of: &Establishment,
    direction: Direction,
    category: &str,
    (label, quantity, unit): (&str, f64, &str),
) -> Flow {
    let mut made = Flow {
        category: Some(category.to_owned()),
        quantity: Some(quantity),
        unit: Some(unit.to_owned()),
        period: Some(Period::Year),
        ..Flow::told((of.territory_id, of.id), direction, label, app.system().today())
    };
    made.normalise();
    let system = app.system();
    let scope = Scope::of_system(&system, of.territory_id);
    system
        .transact(async |tx| -> anyhow::Result<()> {
            flows::insert(tx, &scope, &made).await?;
            Ok(())
        })
        .await
        .unwrap();
    made
}

pub(crate) async fn visit(
    app: &TestApp,
    of: &Establishment,
    status: VisitStatus,
    advisors: Vec<UserId>,
) -> Visit {
    let made = Visit {
        id: VisitId::fresh(),
        territory_id: of.territory_id,
        establishment_id: of.id,
        status,
        visit_on: app.system().today(),
        begins_at: None,
        duration_minutes: None,
        contact_met: None,
        notes: None,
        advisors,
        version: 1,
    };
    let system = app.system();
    let scope = Scope::of_system(&system, of.territory_id);
    system
        .transact(async |tx| -> anyhow::Result<()> {
            visits::insert(tx, &scope, &made).await?;
            Ok(())
        })
        .await
        .unwrap();
    made
}

/// An idea written by an advisor, between two new establishments.
pub(crate) async fn synergy(app: &TestApp) -> SynergyId {
    let giver = establishment(app, app.territory, "Cartonnerie Belle-Anse").await;
    let receiver = establishment(app, app.territory, "Verrerie du Pic-Vert").await;
    synergy_between(app, [(&giver, None), (&receiver, None)], Vec::new()).await
}

/// The same between establishments with the flows they bring, walked through those steps.
/// The companies know each other, as after the message that names them.
pub(crate) async fn introduced(app: &TestApp, id: SynergyId) {
    app.execute(format!(
        "insert into introductions (synergy_id, subject, body, recipients, written_at, sent_at)
         values ('{id}', 'Mise en relation', 'Bonjour', '{{}}', now(), now())
         on conflict (synergy_id) do update set sent_at = excluded.sent_at"
    ))
    .await;
}

pub(crate) async fn synergy_between(
    app: &TestApp,
    [giver, receiver]: [(&Establishment, Option<FlowId>); 2],
    steps: Vec<Step>,
) -> SynergyId {
    let member = |(of, flow): (&Establishment, Option<FlowId>), side| NewMember {
        establishment: of.id,
        flow,
        side,
        annual_quantity: None,
    };
    let mut new = NewSynergy::by_hand(
        Kind::Substitution,
        Origin::Advisor,
        "Cartons → calage",
        "Une idée.",
    );
    new.category = Some("MAT-01".to_owned());
    new.members = vec![member(giver, Side::Outbound), member(receiver, Side::Inbound)];
    let scope = scope(app, giver.0.territory_id);
    app.system()
        .transact(async |tx| -> anyhow::Result<()> {
            synergies::insert(tx, &scope, &new).await?;
            for step in steps {
                synergies::advance(tx, &scope, new.id, step).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    new.id
}

/// The scope of the application over a territory.
pub(crate) fn scope(app: &TestApp, territory: TerritoryId) -> Scope {
    Scope::of_system(&app.system(), territory)
}
