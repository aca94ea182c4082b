use super::model::{Judged, Outcome, Report, State};
use super::places::Places;
use crate::companies::Establishment;
use crate::exchange::lines::Change;
use crate::exchange::network::{RawRow, Table};
use crate::flows::Flow;
use crate::kernel::ids::{ImportId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::territories::{self, Commune};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;

// ---- what the territory holds

pub(super) async fn places(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Places> {
    let communes = sqlx::query_as!(
        Commune,
        "select insee, name, department, postal_codes, latitude, longitude from communes order by insee"
    )
    .fetch_all(&mut *db)
    .await?;
    let ours = sqlx::query_scalar!(
        "select insee from territory_communes where territory_id = $1",
        scope.territory().uuid()
    )
    .fetch_all(&mut *db)
    .await?;
    let zones = territories::store::zones(db, scope).await?;
    Ok(Places::new(communes, ours.into_iter().collect(), zones))
}

// ---- writing many at once: one statement per table and chunk, since a file may hold 100,000 lines

/// Imports of a territory are applied one after the other.
pub(super) async fn take_turn(tx: &mut Tx, territory: TerritoryId) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        format!("import:{territory}")
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn json(rows: &impl Serialize) -> sqlx::Result<serde_json::Value> {
    serde_json::to_value(rows).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

/// Adds establishments, each to the company of its SIREN when there is one.
pub(super) async fn insert_sites(tx: &mut Tx, scope: &Scope, sites: &[Establishment]) -> sqlx::Result<()> {
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
pub(super) async fn save_sites(
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

pub(super) async fn insert_flows(tx: &mut Tx, scope: &Scope, flows: &[Flow]) -> sqlx::Result<()> {
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
pub(super) async fn save_flows(tx: &mut Tx, scope: &Scope, flows: &[(Flow, Flow)]) -> sqlx::Result<bool> {
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

// ---- imports and their lines

/// An import, without its lines.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub(super) id: ImportId,
    pub(super) state: State,
    pub(super) author: String,
    pub(super) file_names: Vec<String>,
    pub(super) report: Json<Report>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) applied_at: Option<DateTime<Utc>>,
}

/// Adds an import; sending the same form twice adds one, and gives `false`.
pub(super) async fn insert(
    tx: &mut Tx,
    scope: &Scope,
    (id, user): (ImportId, UserId),
    file_names: &[String],
) -> sqlx::Result<bool> {
    let now = tx.now();
    let inserted = sqlx::query!(
        "insert into imports (id, territory_id, user_id, file_names, report, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
        id.uuid(),
        scope.territory().uuid(),
        user.uuid(),
        file_names,
        json(&Report::default())?,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Lines of imports that nobody applied for a month are not kept.
pub(super) async fn forget_old(tx: &mut Tx, scope: &Scope) -> sqlx::Result<()> {
    let month_ago = tx.now() - chrono::Duration::days(30);
    sqlx::query!(
        "delete from import_rows r using imports i
         where i.id = r.import_id and i.territory_id = $1 and i.created_at < $2 and i.state <> 'applied'",
        scope.territory().uuid(),
        month_ago
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update imports set state = 'abandoned' where territory_id = $1 and created_at < $2 and state = 'checked'",
        scope.territory().uuid(),
        month_ago
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn set_report(tx: &mut Tx, id: ImportId, report: &Report) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set report = $2 where id = $1",
        id.uuid(),
        json(report)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps judged lines, or judges them again.
pub(super) async fn keep_lines(tx: &mut Tx, id: ImportId, lines: &[Judged]) -> sqlx::Result<()> {
    let number = |line: &Judged| i32::try_from(line.row.line).unwrap_or(i32::MAX);
    let texts = lines.iter().map(|line| {
        serde_json::json!({
            "import_table": match line.table { Table::Sites => "sites", Table::Flows => "flows" },
            "line": number(line),
            "cells": line.row.cells,
            "outcome": outcome_word(line.outcome),
            "title": line.title,
            "changes": line.changes,
            "remarks": line.remarks,
        })
    });
    sqlx::query!(
        "insert into import_rows (import_id, import_table, line, cells, outcome, title, changes, remarks)
         select $1, r.import_table, r.line, r.cells, r.outcome, r.title, r.changes,
                array(select jsonb_array_elements_text(r.remarks))
         from jsonb_to_recordset($2) r (import_table import_table, line int, cells jsonb, outcome import_outcome, title text,
                changes jsonb, remarks jsonb)
         on conflict (import_id, import_table, line) do update set outcome = excluded.outcome, title = excluded.title,
                changes = excluded.changes, remarks = excluded.remarks",
        id.uuid(),
        json(&texts.collect::<Vec<_>>())?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused => "refused",
    }
}

/// An import of the territory on screen.
pub(super) async fn find(db: &mut PgConnection, scope: &Scope, id: ImportId) -> sqlx::Result<Option<Import>> {
    let found = sqlx::query_as!(
        Import,
        r#"select i.id as "id: ImportId", i.state as "state: State", u.name as author, i.file_names,
                  i.report as "report: Json<Report>", i.created_at, i.applied_at
           from imports i join users u on u.id = i.user_id where i.id = $1 and i.territory_id = $2"#,
        id.uuid(),
        scope.territory().uuid()
    )
    .fetch_optional(db)
    .await?;
    Ok(found)
}

/// The same, held until the end of the transaction.
pub(super) async fn lock(tx: &mut Tx, scope: &Scope, id: ImportId) -> sqlx::Result<Option<State>> {
    sqlx::query_scalar!(
        r#"select state as "state: State" from imports where id = $1 and territory_id = $2 for update"#,
        id.uuid(),
        scope.territory().uuid()
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(super) async fn latest(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Import>> {
    sqlx::query_as!(
        Import,
        r#"select i.id as "id: ImportId", i.state as "state: State", u.name as author, i.file_names,
                  i.report as "report: Json<Report>", i.created_at, i.applied_at
           from imports i join users u on u.id = i.user_id
           where i.territory_id = $1 order by i.created_at desc, i.id desc limit 20"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

pub(super) async fn close(tx: &mut Tx, id: ImportId, state: State) -> sqlx::Result<()> {
    let now = tx.now();
    let applied_at = (state == State::Applied).then_some(now);
    sqlx::query!(
        "update imports set state = $2, applied_at = $3 where id = $1 and state = 'checked'",
        id.uuid(),
        state as State,
        applied_at
    )
    .execute(&mut **tx)
    .await?;
    if state == State::Abandoned {
        sqlx::query!("delete from import_rows where import_id = $1", id.uuid())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Which lines of an import.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Which {
    pub(super) table: Option<Table>,
    pub(super) outcome: Option<Outcome>,
    /// Only those taken with something to look at.
    pub(super) warned: bool,
    /// After this line of this table, in the order of the files.
    pub(super) after: Option<(Table, usize)>,
}

/// Lines in the order of the files, establishments first.
pub(super) async fn lines(
    db: &mut PgConnection,
    id: ImportId,
    which: Which,
    limit: usize,
) -> sqlx::Result<Vec<Judged>> {
    let (after_table, after_line) = which.after.unzip();
    let rows = sqlx::query!(
        r#"select import_table as "table: Table", line, cells as "cells: Json<BTreeMap<String, String>>",
                  outcome as "outcome: Outcome", title, changes as "changes: Json<Vec<Change>>", remarks
           from import_rows
           where import_id = $1
             and ($2::import_table is null or import_table = $2)
             and ($3::import_outcome is null or outcome = $3)
             and (not $4 or (outcome <> 'refused' and cardinality(remarks) > 0))
             and ($5::import_table is null or (import_table, line) > ($5, $6))
           order by import_table, line limit $7"#,
        id.uuid(),
        which.table as Option<Table>,
        which.outcome as Option<Outcome>,
        which.warned,
        after_table as Option<Table>,
        after_line.map(|line| i32::try_from(line).unwrap_or(i32::MAX)),
        i64::try_from(limit).unwrap_or(i64::MAX)
    )
    .fetch_all(db)
    .await?;
    let lines = rows.into_iter().map(|row| Judged {
        table: row.table,
        row: RawRow {
            line: usize::try_from(row.line).unwrap_or_default(),
            cells: row.cells.0,
        },
        outcome: row.outcome,
        title: row.title,
        changes: row.changes.0,
        remarks: row.remarks,
    });
    Ok(lines.collect())
}
