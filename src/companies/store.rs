use super::model::{Establishment, Headcount, PositionSource};
use crate::kernel::ids::{CompanyId, EstablishmentId, TerritoryId, ZoneId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
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
pub async fn save(
    tx: &mut Tx,
    scope: &Scope,
    before: &Establishment,
    after: &Establishment,
) -> sqlx::Result<bool> {
    let now = tx.now();
    let e = after;
    let saved = sqlx::query!(
        "update establishments set name = $2, reference = $3, siret = $4, naf = $5, activity = $6, headcount = $7, address = $8,
                postal_code = $9, insee = $10, latitude = $11, longitude = $12, position_source = $13, zone_id = $14,
                charter_signed_on = $15, notes = $16, version = version + 1, updated_at = $17
         where id = $1 and version = $18 and territory_id = any($19)",
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
        scope.territories()
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
