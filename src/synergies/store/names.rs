//! The names behind the keys that the engine answers with.

use crate::kernel::ids::SynergyId;
use crate::platform::access::Scope;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The establishments of the territory by identifier.
pub(in crate::synergies) async fn establishments(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<BTreeMap<String, String>> {
    let rows = sqlx::query!(
        "select id, name from establishments where territory_id = $1 and archived_at is null order by name, id",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.to_string(), row.name))
        .collect())
}

/// The synergies stored under these keys.
pub(in crate::synergies) async fn known(
    db: &mut PgConnection,
    scope: &Scope,
    keys: &[String],
) -> sqlx::Result<BTreeMap<String, SynergyId>> {
    let rows = sqlx::query!(
        r#"select key, id as "id: SynergyId" from synergies where territory_id = $1 and key = any($2)"#,
        scope.territory().uuid(),
        keys
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.id)).collect())
}
