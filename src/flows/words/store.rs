use super::model::{LocalWord, WordState};
use crate::kernel::ids::{LocalWordId, TerritoryId};
use crate::nomenclature::FlowCode;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use sqlx::PgConnection;

/// The words of the territory, the most used first, each with flows of that name.
pub async fn list(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<LocalWord>> {
    sqlx::query_as!(
        LocalWord,
        r#"select w.id as "id: LocalWordId", w.label, w.category, w.state as "state: WordState", w.uses,
                  u.name as "proposed_by?", w.proposed_at,
                  array(select f.label || ', ' || e.name from flows f join establishments e on e.id = f.establishment_id
                        where f.territory_id = w.territory_id and f.folded_label = folded(w.label) and f.deleted_at is null
                        order by f.created_at desc, f.id limit 3) as "examples!"
           from local_words w left join users u on u.id = w.proposed_by
           where w.territory_id = $1
           order by w.uses desc, w.label, w.id"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

pub async fn find(db: &mut PgConnection, scope: &Scope, id: LocalWordId) -> sqlx::Result<Option<LocalWord>> {
    Ok(list(db, scope).await?.into_iter().find(|word| word.id == id))
}

/// The accepted words of the territory.
///
/// # Errors
/// Those of the database.
pub async fn accepted(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<(FlowCode, String)>> {
    let rows = sqlx::query!(
        "select label, category from local_words where territory_id = $1 and state = 'accepted' order by label, id",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((FlowCode::find(&row.category)?, row.label)))
        .collect())
}

/// The category that an accepted word names.
pub async fn meaning(db: &mut PgConnection, scope: &Scope, label: &str) -> sqlx::Result<Option<FlowCode>> {
    let category = sqlx::query_scalar!(
        "select category from local_words
         where territory_id = $1 and state = 'accepted' and folded(label) = folded($2)",
        scope.territory().uuid(),
        label
    )
    .fetch_optional(db)
    .await?;
    Ok(category.and_then(|category| FlowCode::find(&category)))
}

/// One more choice of this category for this word; gives the identifier of a word never seen before.
pub async fn propose(
    tx: &mut Tx,
    scope: &Scope,
    (territory, label): (TerritoryId, &str),
    code: FlowCode,
) -> sqlx::Result<Option<LocalWordId>> {
    debug_assert!(scope.contains(territory), "the caller checked the territory");
    let (id, now) = (LocalWordId::fresh(), tx.now());
    let by = tx.author().user_id().map(|user| user.uuid());
    let kept = sqlx::query_scalar!(
        r#"insert into local_words (id, territory_id, label, category, state, uses, proposed_by, proposed_at)
           values ($1, $2, $3, $4, 'proposed', 1, $5, $6)
           on conflict (territory_id, folded(label), category) do update set uses = local_words.uses + 1
           returning id as "id: LocalWordId""#,
        id.uuid(),
        territory.uuid(),
        label,
        code.as_str(),
        by,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((kept == id).then_some(id))
}

/// A word that serves at once.
pub async fn insert(tx: &mut Tx, scope: &Scope, label: &str, code: FlowCode) -> sqlx::Result<LocalWordId> {
    let (id, now) = (LocalWordId::fresh(), tx.now());
    let by = tx.author().user_id().map(|user| user.uuid());
    sqlx::query!(
        "insert into local_words (id, territory_id, label, category, state, uses, proposed_by, proposed_at, decided_at)
         values ($1, $2, $3, $4, 'accepted', 0, $5, $6, $6)",
        id.uuid(),
        scope.territory().uuid(),
        label,
        code.as_str(),
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Gives `false` when somebody else decided first.
pub async fn decide(tx: &mut Tx, scope: &Scope, word: &LocalWord, to: WordState) -> sqlx::Result<bool> {
    let now = tx.now();
    let decided = sqlx::query!(
        "update local_words set state = $2, decided_at = $3
         where id = $1 and state = $4 and territory_id = $5",
        word.id.uuid(),
        to as WordState,
        now,
        word.state as WordState,
        scope.territory().uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(decided.rows_affected() == 1)
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: LocalWordId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from local_words where id = $1 and territory_id = $2",
        id.uuid(),
        scope.territory().uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
