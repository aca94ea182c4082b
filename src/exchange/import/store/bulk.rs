//! Many rows at once: one statement per table and chunk, since a file may hold 100,000 lines.

use super::json;
use crate::companies::Establishment;
use crate::flows::Flow;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use std::collections::BTreeMap;

/// Adds establishments, each to the company of its SIREN when there is one.
pub(in crate::exchange::import) async fn insert_sites(
    tx: &mut Tx,
    scope: &Scope,
    sites: &[Establishment],
) -> sqlx::Result<()> {
    if sites.is_empty() {
        return Ok(());
    }
    let (now, territory) = (tx.now(), scope.territory().uuid());
    let rows = json(&sites)?;
    let sirens: BTreeMap<_, _> = sites
        .iter()
        .map(|site| (site.company_id.uuid(), site.siren()))
        .collect();
    sqlx::query!(
        "insert into companies (id, territory_id, siren, name, created_at)
         select e.company_id, $2, c.siren, e.name, $3
         from jsonb_to_recordset($1) e (company_id uuid, name text)
         join unnest($4::uuid[], $5::text[]) c (id, siren) on c.id = e.company_id
         on conflict on constraint companies_siren_key do nothing",
        rows,
        territory,
        now,
        &sirens.keys().copied().collect::<Vec<_>>(),
        &sirens.values().cloned().collect::<Vec<_>>() as &[Option<String>],
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into establishments (id, company_id, territory_id, name, reference, siret, naf, activity, headcount, address,
                postal_code, insee, latitude, longitude, position_source, zone_id, charter_signed_on, notes, created_at, updated_at)
         select e.id, coalesce(c.id, e.company_id), $2, e.name, e.reference, e.siret, e.naf, e.activity, e.headcount, e.address,
                e.postal_code, e.insee, e.latitude, e.longitude, e.position_source, e.zone_id, e.charter_signed_on, e.notes, $3, $3
         from jsonb_to_recordset($1) e (id uuid, company_id uuid, name text, reference text, siret text, naf text, activity text,
                headcount headcount_band, address text, postal_code text, insee text, latitude float8, longitude float8,
                position_source position_source, zone_id uuid, charter_signed_on date, notes text)
         left join companies c on c.territory_id = $2 and c.siren = left(e.siret, 9)",
        rows,
        territory,
        now
    )
    .execute(&mut **tx)
    .await?;
    let events = sites.iter().map(|site| {
        Event::on("establishment", site.id, "entreprise ajoutée")
            .within(site.territory_id)
            .after(site)
    });
    tx.record_all(events.collect()).await
}

/// Saves over what was read; gives `false` when someone else saved first.
pub(in crate::exchange::import) async fn save_sites(
    tx: &mut Tx,
    scope: &Scope,
    sites: &[(Establishment, Establishment)],
) -> sqlx::Result<bool> {
    if sites.is_empty() {
        return Ok(true);
    }
    let now = tx.now();
    let after: Vec<_> = sites.iter().map(|(_, after)| after).collect();
    let saved = sqlx::query!(
        "update establishments s set name = e.name, reference = e.reference, siret = e.siret, naf = e.naf, activity = e.activity,
                headcount = e.headcount, address = e.address, postal_code = e.postal_code, insee = e.insee,
                latitude = e.latitude, longitude = e.longitude, position_source = e.position_source, zone_id = e.zone_id,
                version = s.version + 1, updated_at = $2
         from jsonb_to_recordset($1) e (id uuid, name text, reference text, siret text, naf text, activity text,
                headcount headcount_band, address text, postal_code text, insee text, latitude float8, longitude float8,
                position_source position_source, zone_id uuid, version int)
         where s.id = e.id and s.version = e.version and s.territory_id = $3 and s.archived_at is null",
        json(&after)?,
        now,
        scope.territory().uuid()
    )
    .execute(&mut **tx)
    .await?;
    let events = sites.iter().map(|(before, after)| {
        let event = Event::on("establishment", after.id, "entreprise modifiée par un import");
        event.within(after.territory_id).before(before).after(after)
    });
    tx.record_all(events.collect()).await?;
    Ok(is_whole(saved.rows_affected(), sites.len()))
}

pub(in crate::exchange::import) async fn insert_flows(
    tx: &mut Tx,
    scope: &Scope,
    flows: &[Flow],
) -> sqlx::Result<()> {
    if flows.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    sqlx::query!(
        "insert into flows (id, territory_id, establishment_id, reference, direction, category, label, quantity, unit, period,
                annual_quantity, certainty, months, form, quality, temperature_c, food_grade, outlet, annual_cost_eur,
                contract_end_on, waste_code, visibility, source, observed_on, confirmed_on, created_at, updated_at)
         select f.id, $2, f.establishment_id, f.reference, f.direction, f.category, f.label, f.quantity, f.unit, f.period,
                f.annual_quantity, f.certainty, f.months, f.form, f.quality, f.temperature_c, f.food_grade, f.outlet,
                f.annual_cost_eur, f.contract_end_on, f.waste_code, f.visibility, f.source, f.observed_on, f.confirmed_on, $3, $3
         from jsonb_to_recordset($1) f (id uuid, establishment_id uuid, reference text, direction flow_direction, category text,
                label text, quantity float8, unit text, period flow_period, annual_quantity float8, certainty certainty, months int,
                form text, quality text, temperature_c float8, food_grade bool, outlet text, annual_cost_eur float8,
                contract_end_on date, waste_code text, visibility visibility, source flow_source, observed_on date, confirmed_on date)",
        json(&flows)?,
        scope.territory().uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    let events = flows.iter().map(|flow| {
        let event = Event::on("flow", flow.id, format!("flux ajouté : {}", flow.label));
        event.within(flow.territory_id).after(flow)
    });
    tx.record_all(events.collect()).await
}

/// Saves over what was read; gives `false` when someone else saved first.
pub(in crate::exchange::import) async fn save_flows(
    tx: &mut Tx,
    scope: &Scope,
    flows: &[(Flow, Flow)],
) -> sqlx::Result<bool> {
    if flows.is_empty() {
        return Ok(true);
    }
    let now = tx.now();
    let after: Vec<_> = flows.iter().map(|(_, after)| after).collect();
    let saved = sqlx::query!(
        "update flows s set reference = f.reference, direction = f.direction, category = f.category, label = f.label,
                quantity = f.quantity, unit = f.unit, period = f.period, annual_quantity = f.annual_quantity,
                certainty = f.certainty, months = f.months, form = f.form, quality = f.quality,
                temperature_c = f.temperature_c, food_grade = f.food_grade, outlet = f.outlet,
                annual_cost_eur = f.annual_cost_eur, contract_end_on = f.contract_end_on, waste_code = f.waste_code,
                visibility = f.visibility, observed_on = f.observed_on, version = s.version + 1, updated_at = $2
         from jsonb_to_recordset($1) f (id uuid, reference text, direction flow_direction, category text, label text,
                quantity float8, unit text, period flow_period, annual_quantity float8, certainty certainty, months int,
                form text, quality text, temperature_c float8, food_grade bool, outlet text, annual_cost_eur float8,
                contract_end_on date, waste_code text, visibility visibility, observed_on date, version int)
         where s.id = f.id and s.version = f.version and s.territory_id = $3 and s.deleted_at is null",
        json(&after)?,
        now,
        scope.territory().uuid()
    )
    .execute(&mut **tx)
    .await?;
    let events = flows.iter().map(|(before, after)| {
        let event = Event::on(
            "flow",
            after.id,
            format!("flux modifié par un import : {}", after.label),
        );
        event.within(after.territory_id).before(before).after(after)
    });
    tx.record_all(events.collect()).await?;
    Ok(is_whole(saved.rows_affected(), flows.len()))
}

fn is_whole(saved: u64, wanted: usize) -> bool {
    usize::try_from(saved).is_ok_and(|saved| saved == wanted)
}
