pub use super::contacts::store as people;

use super::model::{Establishment, Headcount, PositionSource};
use crate::kernel::Siret;
use crate::kernel::ids::{CompanyId, EstablishmentId, TerritoryId, ZoneId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::territories::Zone;
use sqlx::PgConnection;

/// One establishment of the scope.
pub async fn find(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Option<Establishment>> {
    sqlx::query_as!(
        Establishment,
        r#"select id as "id: EstablishmentId", company_id as "company_id: CompanyId", territory_id as "territory_id: TerritoryId",
                  name, reference, siret, naf, activity, headcount as "headcount: Headcount", address, postal_code, insee,
                  latitude, longitude, position_source as "position_source: PositionSource", zone_id as "zone_id: ZoneId",
                  charter_signed_on, notes, version
           from establishments where id = $1 and territory_id = any($2) and archived_at is null"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// The establishment that an import or a search already knows by this reference or SIRET.
pub async fn find_known(
    db: &mut PgConnection,
    scope: &Scope,
    reference: Option<&str>,
    siret: Option<&str>,
) -> sqlx::Result<Option<Establishment>> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: EstablishmentId" from establishments
           where territory_id = $1 and archived_at is null and (reference = $2 or siret = $3)
           order by (reference = $2) desc nulls last limit 1"#,
        scope.territory().uuid(),
        reference,
        siret
    )
    .fetch_optional(&mut *db)
    .await?;
    match id {
        Some(id) => find(db, scope, id).await,
        None => Ok(None),
    }
}

/// Adds an establishment, to the company of its SIREN when there is one. Adding the same identifier
/// twice (a form sent again) changes nothing and gives `false`.
#[expect(
    clippy::cognitive_complexity,
    reason = "one statement: the branches are those of its macro"
)]
pub async fn insert(tx: &mut Tx, scope: &Scope, establishment: &Establishment) -> sqlx::Result<bool> {
    debug_assert!(
        scope.contains(establishment.territory_id),
        "the caller checked the territory"
    );
    let now = tx.now();
    let e = establishment;
    let company = company_of(tx, e).await?;
    let inserted = sqlx::query!(
        "insert into establishments (id, company_id, territory_id, name, reference, siret, naf, activity, headcount, address,
                postal_code, insee, latitude, longitude, position_source, zone_id, charter_signed_on, notes, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)
         on conflict (id) do nothing",
        e.id.uuid(),
        company.uuid(),
        e.territory_id.uuid(),
        e.name,
        e.reference,
        e.siret,
        e.naf,
        e.activity,
        e.headcount as Option<Headcount>,
        e.address,
        e.postal_code,
        e.insee,
        e.latitude,
        e.longitude,
        e.position_source as Option<PositionSource>,
        e.zone_id.map(|z| z.uuid()),
        e.charter_signed_on,
        e.notes,
        now
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    tx.record(
        Event::on("establishment", e.id, "entreprise ajoutée")
            .within(e.territory_id)
            .after(e),
    )
    .await?;
    Ok(true)
}

async fn company_of(tx: &mut Tx, e: &Establishment) -> sqlx::Result<CompanyId> {
    let now = tx.now();
    sqlx::query_scalar!(
        r#"insert into companies (id, territory_id, siren, name, created_at) values ($1, $2, $3, $4, $5)
           on conflict on constraint companies_siren_key do update set siren = excluded.siren
           returning id as "id: CompanyId""#,
        e.company_id.uuid(),
        e.territory_id.uuid(),
        e.siren(),
        e.name,
        now
    )
    .fetch_one(&mut **tx)
    .await
}

/// Saves over `before`; gives `false` when someone else saved first.
#[expect(
    clippy::cognitive_complexity,
    reason = "one statement: the branches are those of its macro"
)]
pub async fn save(
    tx: &mut Tx,
    scope: &Scope,
    before: &Establishment,
    after: &Establishment,
) -> sqlx::Result<bool> {
    let now = tx.now();
    let e = after;
    let company = follow_company(tx, before, after).await?;
    let saved = sqlx::query!(
        "update establishments set name = $2, reference = $3, siret = $4, naf = $5, activity = $6, headcount = $7, address = $8,
                postal_code = $9, insee = $10, latitude = $11, longitude = $12, position_source = $13, zone_id = $14,
                charter_signed_on = $15, notes = $16, version = version + 1, updated_at = $17, company_id = $20
         where id = $1 and version = $18 and territory_id = any($19) and archived_at is null",
        e.id.uuid(),
        e.name,
        e.reference,
        e.siret,
        e.naf,
        e.activity,
        e.headcount as Option<Headcount>,
        e.address,
        e.postal_code,
        e.insee,
        e.latitude,
        e.longitude,
        e.position_source as Option<PositionSource>,
        e.zone_id.map(|z| z.uuid()),
        e.charter_signed_on,
        e.notes,
        now,
        before.version,
        scope.territories(),
        company.uuid()
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    tx.record(
        Event::on("establishment", e.id, "entreprise modifiée")
            .within(e.territory_id)
            .before(before)
            .after(after),
    )
    .await?;
    Ok(true)
}

/// The company of a sheet being saved. An establishment alone in its company takes it along (name
/// and SIREN), so that its contact's account still leads to it; else it joins the company of its SIREN.
async fn follow_company(
    tx: &mut Tx,
    before: &Establishment,
    after: &Establishment,
) -> sqlx::Result<CompanyId> {
    let followed = sqlx::query_scalar!(
        r#"update companies c set siren = $3, name = $4
           where c.id = $1 and not exists (select from establishments e where e.company_id = c.id and e.id <> $2)
             and not exists (select from companies o where o.territory_id = c.territory_id and o.siren = $3 and o.id <> c.id)
           returning id as "id: CompanyId""#,
        before.company_id.uuid(),
        before.id.uuid(),
        after.siren(),
        after.name
    )
    .fetch_optional(&mut **tx)
    .await?;
    match followed {
        Some(company) => Ok(company),
        None if before.siren() == after.siren() => Ok(before.company_id),
        None => {
            company_of(
                tx,
                &Establishment {
                    company_id: CompanyId::fresh(),
                    ..after.clone()
                },
            )
            .await
        }
    }
}

/// An establishment that already has a SIRET, withdrawn or not.
pub struct Known {
    pub id: EstablishmentId,
    pub name: String,
    pub is_archived: bool,
}

pub async fn with_siret(db: &mut PgConnection, scope: &Scope, siret: &Siret) -> sqlx::Result<Option<Known>> {
    sqlx::query_as!(
        Known,
        r#"select id as "id: EstablishmentId", name, archived_at is not null as "is_archived!"
           from establishments where territory_id = $1 and siret = $2"#,
        scope.territory().uuid(),
        siret.as_str()
    )
    .fetch_optional(db)
    .await
}

/// The activity zones of the establishment's own territory.
pub async fn zones(db: &mut PgConnection, scope: &Scope, territory: TerritoryId) -> sqlx::Result<Vec<Zone>> {
    sqlx::query_as!(
        Zone,
        r#"select id as "id: ZoneId", name, latitude, longitude from activity_zones
           where territory_id = $1 and territory_id = any($2) order by name"#,
        territory.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// Withdraws an establishment: nothing is deleted, nothing shows it any more. Gives `false` when it
/// was withdrawn already.
pub async fn archive(tx: &mut Tx, scope: &Scope, establishment: &Establishment) -> sqlx::Result<bool> {
    let now = tx.now();
    let archived = sqlx::query!(
        "update establishments set archived_at = $2, version = version + 1, updated_at = $2
         where id = $1 and territory_id = any($3) and archived_at is null",
        establishment.id.uuid(),
        now,
        scope.territories()
    )
    .execute(&mut **tx)
    .await?;
    if archived.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::on("establishment", establishment.id, "entreprise retirée");
    tx.record(event.within(establishment.territory_id).before(establishment))
        .await?;
    Ok(true)
}

/// Puts a withdrawn establishment back; gives its name, or nothing when none was withdrawn.
pub async fn restore(tx: &mut Tx, scope: &Scope, id: EstablishmentId) -> sqlx::Result<Option<String>> {
    let now = tx.now();
    let restored = sqlx::query!(
        r#"update establishments set archived_at = null, version = version + 1, updated_at = $2
           where id = $1 and territory_id = any($3) and archived_at is not null
           returning name, territory_id as "territory: TerritoryId""#,
        id.uuid(),
        now,
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(restored) = restored else { return Ok(None) };
    tx.record(Event::on("establishment", id, "entreprise rétablie").within(restored.territory))
        .await?;
    Ok(Some(restored.name))
}
