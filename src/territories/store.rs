mod admin;

pub(super) use admin::{
    TerritoryRow, delete_zone, has_zone, list, possible_communes, search_all_communes, zones_of,
};

use super::model::{Commune, OrganisationKind, Zone};
use crate::kernel::ids::{OrganisationId, TerritoryId, ZoneId};
use crate::nomenclature::{Catalogue, WasteCode, naf};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use sqlx::PgConnection;

// ---- reference lists

pub(super) async fn reference_fingerprint(db: &mut PgConnection, name: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select fingerprint from reference_files where name = $1", name)
        .fetch_optional(db)
        .await
}

pub(super) async fn note_reference(tx: &mut Tx, name: &str, fingerprint: &str) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into reference_files (name, fingerprint, loaded_at) values ($1, $2, $3)
         on conflict (name) do update set fingerprint = $2, loaded_at = $3",
        name,
        fingerprint,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A line of the embedded list of communes.
#[derive(serde::Deserialize)]
pub(super) struct CommuneRow {
    insee: String,
    nom: String,
    departement: String,
    population: Option<i32>,
    epci_siren: String,
    codes_postaux: String,
    lat: Option<f64>,
    lon: Option<f64>,
    lat_mairie: Option<f64>,
    lon_mairie: Option<f64>,
}

/// Communes no longer listed stay: establishments may refer to them.
pub(super) async fn replace_communes(tx: &mut Tx, rows: &[CommuneRow]) -> sqlx::Result<()> {
    let place = |r: &CommuneRow| r.lat_mairie.zip(r.lon_mairie).or_else(|| r.lat.zip(r.lon));
    for chunk in rows.chunks(5_000) {
        sqlx::query!(
            "insert into communes (insee, name, department, population, postal_codes, latitude, longitude, epci)
             select insee, name, department, population, string_to_array(codes, ' '), lat, lon, nullif(epci, '')
             from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::float8[], $7::float8[], $8::text[])
                  as given (insee, name, department, population, codes, lat, lon, epci)
             on conflict (insee) do update set name = excluded.name, department = excluded.department,
                population = excluded.population, postal_codes = excluded.postal_codes,
                latitude = excluded.latitude, longitude = excluded.longitude, epci = excluded.epci",
            &chunk.iter().map(|r| r.insee.clone()).collect::<Vec<_>>(),
            &chunk.iter().map(|r| r.nom.clone()).collect::<Vec<_>>(),
            &chunk.iter().map(|r| r.departement.clone()).collect::<Vec<_>>(),
            &chunk.iter().map(|r| r.population).collect::<Vec<_>>() as &[Option<i32>],
            &chunk.iter().map(|r| r.codes_postaux.clone()).collect::<Vec<_>>(),
            &chunk.iter().map(|r| place(r).map(|p| p.0)).collect::<Vec<_>>() as &[Option<f64>],
            &chunk.iter().map(|r| place(r).map(|p| p.1)).collect::<Vec<_>>() as &[Option<f64>],
            &chunk.iter().map(|r| r.epci_siren.clone()).collect::<Vec<_>>(),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn replace_naf(tx: &mut Tx) -> sqlx::Result<()> {
    let (codes, labels): (Vec<_>, Vec<_>) = naf::sub_classes()
        .map(|n| (n.code.clone(), n.label.clone()))
        .unzip();
    sqlx::query!(
        "insert into naf_codes (code, label) select * from unnest($1::text[], $2::text[])
         on conflict (code) do update set label = excluded.label",
        &codes,
        &labels,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn replace_waste_codes(tx: &mut Tx) -> sqlx::Result<()> {
    let all: Vec<_> = WasteCode::all().collect();
    sqlx::query!(
        "insert into waste_codes (code, label, is_hazardous) select * from unnest($1::text[], $2::text[], $3::bool[])
         on conflict (code) do update set label = excluded.label, is_hazardous = excluded.is_hazardous",
        &all.iter().map(|w| w.as_str().to_owned()).collect::<Vec<_>>(),
        &all.iter().map(|w| w.label().to_owned()).collect::<Vec<_>>(),
        &all.iter().map(|w| w.hazardous()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Categories no longer in the file are retired, not deleted: old flows refer to them.
pub(super) async fn replace_categories(tx: &mut Tx, catalogue: &Catalogue) -> sqlx::Result<()> {
    let all: Vec<_> = catalogue.categories().iter().collect();
    sqlx::query!("update flow_categories set is_retired = true")
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into flow_categories (code, family, label, unit) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
         on conflict (code) do update set family = excluded.family, label = excluded.label, unit = excluded.unit, is_retired = false",
        &all.iter().map(|c| c.code.as_str().to_owned()).collect::<Vec<_>>(),
        &all.iter().map(|c| c.family.code().to_owned()).collect::<Vec<_>>(),
        &all.iter().map(|c| c.label.clone()).collect::<Vec<_>>(),
        &all.iter().map(|c| c.unit.code().to_owned()).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

// ---- communes and zones

/// Communes whose name begins so (hyphens, spaces and apostrophes alike), or of that postal code;
/// those of the territory first.
pub async fn search_communes(
    db: &mut PgConnection,
    scope: &Scope,
    typed: &str,
) -> sqlx::Result<Vec<Commune>> {
    sqlx::query_as!(
        Commune,
        "select c.insee, c.name, c.department, c.postal_codes, c.latitude, c.longitude
         from communes c left join territory_communes t on t.insee = c.insee and t.territory_id = $2
         where folded(c.name) like translate(folded($1), ' -''', '___') || '%' or $1 = any(c.postal_codes)
         order by t.insee is null, case when $1 = any(c.postal_codes) then 0 else length(c.name) end,
                  c.population desc nulls last, c.insee limit 12",
        typed,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

pub async fn find_commune(db: &mut PgConnection, insee: &str) -> sqlx::Result<Option<Commune>> {
    sqlx::query_as!(
        Commune,
        "select insee, name, department, postal_codes, latitude, longitude from communes where insee = $1",
        insee
    )
    .fetch_optional(db)
    .await
}

/// The commune that this name, with or without postal code, can only mean.
pub async fn resolve_commune(
    db: &mut PgConnection,
    name: &str,
    postal_code: Option<&str>,
) -> sqlx::Result<Option<Commune>> {
    let mut found = sqlx::query_as!(
        Commune,
        "select insee, name, department, postal_codes, latitude, longitude from communes
         where ($1 = '' or folded(replace(name, '-', ' ')) = folded(replace($1, '-', ' ')))
           and ($2::text is null or $2 = any(postal_codes))
         order by population desc nulls last, insee limit 2",
        name,
        postal_code
    )
    .fetch_all(db)
    .await?;
    let ambiguous = found.len() > 1 && postal_code.is_none();
    Ok(if ambiguous || found.is_empty() {
        None
    } else {
        Some(found.swap_remove(0))
    })
}

/// The communes of a territory, by name.
pub async fn communes_of(db: &mut PgConnection, territory: TerritoryId) -> sqlx::Result<Vec<Commune>> {
    sqlx::query_as!(
        Commune,
        "select c.insee, c.name, c.department, c.postal_codes, c.latitude, c.longitude
         from territory_communes t join communes c on c.insee = t.insee where t.territory_id = $1 order by folded(c.name), c.insee",
        territory.uuid()
    )
    .fetch_all(db)
    .await
}

/// Codes of the communes of these intercommunal bodies (SIREN).
pub async fn communes_of_epci(db: &mut PgConnection, epci: &[&str]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select insee from communes where epci = any($1) order by insee",
        &epci.iter().map(|&e| e.to_owned()).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await
}

pub async fn zones(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Zone>> {
    sqlx::query_as!(
        Zone,
        r#"select id as "id: ZoneId", name, latitude, longitude from activity_zones where territory_id = $1 order by name"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

// ---- territories and organisations

/// A territory's settings.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Territory {
    pub id: TerritoryId,
    pub name: String,
    pub is_demo: bool,
    pub freshness_months: i32,
    pub latitude: f64,
    pub longitude: f64,
    pub establishments: Option<i32>,
    /// Whether its advisors may keep visits in their browser.
    pub allows_offline: bool,
    pub version: i32,
}

pub async fn find(db: &mut PgConnection, id: TerritoryId) -> sqlx::Result<Option<Territory>> {
    sqlx::query_as!(
        Territory,
        r#"select id as "id: TerritoryId", name, is_demo, freshness_months, latitude, longitude, establishments, allows_offline, version
           from territories where id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

pub async fn all(db: &mut PgConnection) -> sqlx::Result<Vec<Territory>> {
    sqlx::query_as!(
        Territory,
        r#"select id as "id: TerritoryId", name, is_demo, freshness_months, latitude, longitude, establishments, allows_offline, version
           from territories order by created_at, id"#
    )
    .fetch_all(db)
    .await
}

/// Adding the same territory twice (a form sent again) changes nothing and gives `false`.
pub async fn insert(tx: &mut Tx, territory: &Territory, communes: &[String]) -> sqlx::Result<bool> {
    let now = tx.now();
    let inserted = sqlx::query!(
        "insert into territories (id, name, is_demo, freshness_months, latitude, longitude, establishments, allows_offline, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing",
        territory.id.uuid(),
        territory.name,
        territory.is_demo,
        territory.freshness_months,
        territory.latitude,
        territory.longitude,
        territory.establishments,
        territory.allows_offline,
        now
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    set_communes(tx, territory.id, communes).await?;
    Ok(true)
}

/// Gives how many rows changed: none when someone else saved first.
pub async fn save(tx: &mut Tx, territory: &Territory) -> sqlx::Result<u64> {
    let saved = sqlx::query!(
        "update territories set name = $2, freshness_months = $3, latitude = $4, longitude = $5, establishments = $6, allows_offline = $7, version = version + 1
         where id = $1 and version = $8",
        territory.id.uuid(),
        territory.name,
        territory.freshness_months,
        territory.latitude,
        territory.longitude,
        territory.establishments,
        territory.allows_offline,
        territory.version
    )
    .execute(&mut **tx)
    .await?;
    Ok(saved.rows_affected())
}

pub async fn set_communes(tx: &mut Tx, territory: TerritoryId, communes: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from territory_communes where territory_id = $1",
        territory.uuid()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into territory_communes (territory_id, insee) select $1, unnest($2::text[]) on conflict do nothing",
        territory.uuid(),
        communes
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn insert_zone(
    tx: &mut Tx,
    territory: TerritoryId,
    zone: &Zone,
    insee: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into activity_zones (id, territory_id, name, insee, latitude, longitude) values ($1, $2, $3, $4, $5, $6)",
        zone.id.uuid(),
        territory.uuid(),
        zone.name,
        insee,
        zone.latitude,
        zone.longitude
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(Debug, Clone, serde::Serialize)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub kind: OrganisationKind,
    pub version: i32,
}

pub async fn organisations(db: &mut PgConnection) -> sqlx::Result<Vec<Organisation>> {
    sqlx::query_as!(
        Organisation,
        r#"select id as "id: OrganisationId", name, kind as "kind: OrganisationKind", version from organisations order by folded(name)"#
    )
    .fetch_all(db)
    .await
}

pub async fn find_organisation(
    db: &mut PgConnection,
    id: OrganisationId,
) -> sqlx::Result<Option<Organisation>> {
    sqlx::query_as!(
        Organisation,
        r#"select id as "id: OrganisationId", name, kind as "kind: OrganisationKind", version from organisations where id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

/// Adding the same organisation twice (a form sent again) changes nothing and gives `false`.
pub async fn insert_organisation(tx: &mut Tx, organisation: &Organisation) -> sqlx::Result<bool> {
    let now = tx.now();
    let inserted = sqlx::query!(
        "insert into organisations (id, name, kind, created_at) values ($1, $2, $3, $4) on conflict (id) do nothing",
        organisation.id.uuid(),
        organisation.name,
        organisation.kind as OrganisationKind,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub async fn save_organisation(tx: &mut Tx, organisation: &Organisation) -> sqlx::Result<u64> {
    let saved = sqlx::query!(
        "update organisations set name = $2, kind = $3, version = version + 1 where id = $1 and version = $4",
        organisation.id.uuid(),
        organisation.name,
        organisation.kind as OrganisationKind,
        organisation.version
    )
    .execute(&mut **tx)
    .await?;
    Ok(saved.rows_affected())
}
