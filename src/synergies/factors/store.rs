use crate::kernel::ids::{FactorSetId, TerritoryId};
use crate::nomenclature::{FactorKey, Local, Range};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// One version of a territory's factors.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct VersionRow {
    pub(in crate::synergies) version: i32,
    pub(in crate::synergies) note: Option<String>,
    pub(in crate::synergies) author: String,
    pub(in crate::synergies) created_at: DateTime<Utc>,
    pub(in crate::synergies) factors: i64,
}

/// The territory's factors as they stand.
pub(in crate::synergies) async fn latest(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Local> {
    let territory = scope.territory();
    let version = sqlx::query_scalar!(
        r#"select max(version) from factor_sets where territory_id = $1"#,
        territory.uuid()
    )
    .fetch_one(db.as_mut())
    .await?;
    match version {
        Some(version) => at(db, territory, version).await,
        None => Ok(Local::default()),
    }
}

/// The factors of one version, with which a proposal was made.
pub(in crate::synergies) async fn at(
    db: &mut PgConnection,
    territory: TerritoryId,
    version: i32,
) -> sqlx::Result<Local> {
    let rows = sqlx::query!(
        "select v.factor, v.low, v.central, v.high, v.source
         from factor_values v join factor_sets s on s.id = v.set_id
         where s.territory_id = $1 and s.version = $2 order by v.factor",
        territory.uuid(),
        version
    )
    .fetch_all(db)
    .await?;
    // A factor that this version of the program no longer knows is left alone.
    let factors = rows.into_iter().filter_map(|row| {
        let range = Range {
            low: row.low,
            central: row.central,
            high: row.high,
            source: row.source,
            follows: None,
        };
        Some((FactorKey::find(&row.factor)?, range))
    });
    Ok(Local {
        version: Some(version),
        factors: factors.collect(),
        ..Local::default()
    })
}

/// Every version, the last first.
pub(in crate::synergies) async fn history(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<VersionRow>> {
    sqlx::query_as!(
        VersionRow,
        r#"select s.version, s.note, coalesce(u.name, 'Maillage') as "author!", s.created_at,
                  (select count(*) from factor_values v where v.set_id = s.id) as "factors!"
           from factor_sets s left join users u on u.id = s.created_by
           where s.territory_id = $1 order by s.version desc"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Adds a version; the constraint refuses a number that someone took first.
pub(in crate::synergies) async fn insert(
    tx: &mut Tx,
    scope: &Scope,
    id: FactorSetId,
    local: &Local,
    note: Option<&str>,
) -> sqlx::Result<()> {
    let (now, author) = (
        tx.now(),
        tx.author().user_id().map(crate::kernel::ids::UserId::uuid),
    );
    sqlx::query!(
        "insert into factor_sets (id, territory_id, version, note, created_by, created_at) values ($1, $2, $3, $4, $5, $6)",
        id.uuid(),
        scope.territory().uuid(),
        local.version.unwrap_or(1),
        note,
        author,
        now
    )
    .execute(&mut **tx)
    .await?;
    let keys: Vec<String> = local.factors.keys().map(ToString::to_string).collect();
    let bound = |value: fn(&Range) -> f64| local.factors.values().map(value).collect::<Vec<f64>>();
    let sources: Vec<String> = local.factors.values().map(|range| range.source.clone()).collect();
    sqlx::query!(
        "insert into factor_values (set_id, factor, low, central, high, source)
         select $1, * from unnest($2::text[], $3::float8[], $4::float8[], $5::float8[], $6::text[])",
        id.uuid(),
        &keys,
        &bound(|range| range.low),
        &bound(|range| range.central),
        &bound(|range| range.high),
        &sources
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
