//! The demonstration's organisations and accounts. Invented people, one password for all.

use crate::accounts::{self, Email, Speciality, store::NewUser};
use crate::kernel::ids::{CompanyId, OrganisationId, TerritoryId, UserId};
use crate::platform::access::Role;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::territories::{OrganisationKind, store as territories};
use std::collections::BTreeMap;

/// Shown at start; only demonstrations have it.
pub(super) const PASSWORD: &str = "visite du vendômois";

struct Person {
    email: &'static str,
    name: &'static str,
    organisation: &'static str,
    role: Role,
    specialities: &'static [Speciality],
}

const ORGANISATIONS: &[(&str, OrganisationKind)] = &[
    ("CCI de Loir-et-Cher", OrganisationKind::Cci),
    ("CMA de Loir-et-Cher", OrganisationKind::Cma),
    (
        "Communauté d’agglomération Territoires Vendômois",
        OrganisationKind::LocalAuthority,
    ),
    (
        "Syndicat mixte du Pays Vendômois",
        OrganisationKind::LocalAuthority,
    ),
    ("Cercle des Entrepreneurs du Vendômois", OrganisationKind::Club),
    ("ADEME", OrganisationKind::Funder),
    ("Conseil régional Centre-Val de Loire", OrganisationKind::Funder),
    ("Chambre de la Vallée du Loir", OrganisationKind::Other),
];

const PEOPLE: &[Person] = &[
    Person {
        email: "admin@exemple.fr",
        name: "Alix Fictif",
        organisation: "CCI de Loir-et-Cher",
        role: Role::Admin,
        specialities: &[],
    },
    Person {
        email: "pilote@exemple.fr",
        name: "Perrine Fictive",
        organisation: "CCI de Loir-et-Cher",
        role: Role::Pilot,
        specialities: &[Speciality::SustainableDevelopment],
    },
    Person {
        email: "conseil.cci@exemple.fr",
        name: "Camille Vernis",
        organisation: "CCI de Loir-et-Cher",
        role: Role::Advisor,
        specialities: &[Speciality::SustainableDevelopment],
    },
    Person {
        email: "conseil.cma@exemple.fr",
        name: "Dominique Copeau",
        organisation: "CMA de Loir-et-Cher",
        role: Role::Advisor,
        specialities: &[Speciality::SustainableDevelopment, Speciality::Crafts],
    },
    Person {
        email: "commerce@exemple.fr",
        name: "Sacha Vitrine",
        organisation: "CCI de Loir-et-Cher",
        role: Role::Advisor,
        specialities: &[Speciality::Trade],
    },
    Person {
        email: "finance@exemple.fr",
        name: "Maxime Bilan",
        organisation: "CCI de Loir-et-Cher",
        role: Role::Advisor,
        specialities: &[Speciality::Finance],
    },
    Person {
        email: "industrie@exemple.fr",
        name: "Noa Rouage",
        organisation: "CCI de Loir-et-Cher",
        role: Role::Advisor,
        specialities: &[Speciality::IndustryInnovation],
    },
    Person {
        email: "partenaire@exemple.fr",
        name: "Lou Cercle",
        organisation: "Cercle des Entrepreneurs du Vendômois",
        role: Role::Partner,
        specialities: &[],
    },
    Person {
        email: "copil@exemple.fr",
        name: "Claude Comité",
        organisation: "Communauté d’agglomération Territoires Vendômois",
        role: Role::Committee,
        specialities: &[],
    },
];

/// Those of the neighbours, under the name of their territory.
const ACROSS: &[(&str, &[Person])] = &[("Dunois", EAST), ("Vallée du Loir", WEST)];

const WEST: &[Person] = &[
    Person {
        email: "pilote.loir@exemple.fr",
        name: "Loris Coteau",
        organisation: "Chambre de la Vallée du Loir",
        role: Role::Pilot,
        specialities: &[],
    },
    Person {
        email: "conseil.loir@exemple.fr",
        name: "Camille Tuffeau",
        organisation: "Chambre de la Vallée du Loir",
        role: Role::Advisor,
        specialities: &[Speciality::SustainableDevelopment],
    },
];

const EAST: &[Person] = &[
    Person {
        email: "pilote.dunois@exemple.fr",
        name: "Ariel Beauce",
        organisation: "Conseil régional Centre-Val de Loire",
        role: Role::Pilot,
        specialities: &[],
    },
    Person {
        email: "conseil.dunois@exemple.fr",
        name: "Morgan Limon",
        organisation: "Conseil régional Centre-Val de Loire",
        role: Role::Advisor,
        specialities: &[Speciality::SustainableDevelopment],
    },
];

/// The address of the company contact.
pub(super) const CONTACT: &str = "entreprise@exemple.fr";

/// Everybody's address, with what they are, for the list printed at start.
pub(super) fn accounts() -> Vec<(&'static str, &'static str)> {
    let across = ACROSS.iter().flat_map(|(_, people)| *people);
    let listed = PEOPLE.iter().chain(across).map(|p| (p.email, p.role.label()));
    listed.chain([(CONTACT, Role::Company.label())]).collect()
}

pub(super) async fn organisations(tx: &mut Tx) -> anyhow::Result<BTreeMap<&'static str, OrganisationId>> {
    let known = territories::organisations(tx).await?;
    let mut ids = BTreeMap::new();
    for (name, kind) in ORGANISATIONS {
        let id = match known.iter().find(|o| o.name == *name) {
            Some(known) => known.id,
            None => {
                let new = territories::Organisation {
                    id: OrganisationId::fresh(),
                    name: (*name).to_owned(),
                    kind: *kind,
                    version: 1,
                };
                territories::insert_organisation(tx, &new).await?;
                new.id
            }
        };
        ids.insert(*name, id);
    }
    Ok(ids)
}

/// Opens the accounts; gives the advisors.
pub(super) async fn open(
    tx: &mut Tx,
    territory: TerritoryId,
    organisations: &BTreeMap<&'static str, OrganisationId>,
    hash: &str,
) -> anyhow::Result<Vec<UserId>> {
    open_all(tx, PEOPLE, (territory, organisations), hash).await
}

/// Opens those of a neighbour.
pub(super) async fn open_neighbour(
    tx: &mut Tx,
    name: &str,
    place: (TerritoryId, &BTreeMap<&'static str, OrganisationId>),
    hash: &str,
) -> anyhow::Result<()> {
    for (territory, people) in ACROSS {
        if *territory == name {
            open_all(tx, people, place, hash).await?;
        }
    }
    Ok(())
}

async fn open_all(
    tx: &mut Tx,
    people: &[Person],
    (territory, organisations): (TerritoryId, &BTreeMap<&'static str, OrganisationId>),
    hash: &str,
) -> anyhow::Result<Vec<UserId>> {
    let mut advisors = Vec::new();
    for person in people {
        let user = NewUser {
            id: UserId::fresh(),
            email: Email::parse(person.email)?,
            name: person.name.to_owned(),
            organisation: organisations.get(person.organisation).copied(),
            specialities: person.specialities.to_vec(),
            password_hash: Some(hash.to_owned()),
        };
        accounts::store::insert(tx, &user).await?;
        let place = (person.role != Role::Admin).then_some(territory);
        accounts::store::grant(tx, user.id, person.role, place, None).await?;
        tx.record(Event::on("user", user.id, "compte de démonstration créé"))
            .await?;
        if person.role == Role::Advisor {
            advisors.push(user.id);
        }
    }
    Ok(advisors)
}

/// Gives the same people the same roles in a second territory.
pub(super) async fn admit(tx: &mut Tx, territory: TerritoryId) -> anyhow::Result<()> {
    for person in PEOPLE.iter().filter(|person| person.role != Role::Admin) {
        if let Some(user) = accounts::store::find_by_email(tx, &Email::parse(person.email)?).await? {
            accounts::store::grant(tx, user, person.role, Some(territory), None).await?;
        }
    }
    Ok(())
}

/// Lets those who steer the programme read the sums of a neighbour, for the view of the region.
pub(super) async fn let_observe(tx: &mut Tx, neighbour: TerritoryId) -> anyhow::Result<()> {
    let steering = [Role::Pilot, Role::Committee];
    for person in PEOPLE.iter().filter(|person| steering.contains(&person.role)) {
        if let Some(user) = accounts::store::find_by_email(tx, &Email::parse(person.email)?).await? {
            accounts::store::grant(tx, user, Role::Committee, Some(neighbour), None).await?;
        }
    }
    Ok(())
}

/// The contact of one company, in its own space.
pub(super) async fn open_contact(
    tx: &mut Tx,
    territory: TerritoryId,
    company: CompanyId,
    hash: &str,
) -> anyhow::Result<()> {
    let user = NewUser {
        id: UserId::fresh(),
        email: Email::parse(CONTACT)?,
        name: "Andréa Gérance".to_owned(),
        organisation: None,
        specialities: Vec::new(),
        password_hash: Some(hash.to_owned()),
    };
    accounts::store::insert(tx, &user).await?;
    accounts::store::grant(tx, user.id, Role::Company, Some(territory), Some(company)).await?;
    tx.record(Event::on("user", user.id, "compte de démonstration créé"))
        .await?;
    Ok(())
}
