use super::model::{Listed, headcount};
use super::sirene::{Site, Unit, Wanted};
use crate::kernel::fold;
use crate::kernel::ids::SireneFileId;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// What the extract holds, for the administrator.
pub(super) struct Extent {
    pub(super) sites: i64,
    pub(super) closed: i64,
    pub(super) units: i64,
    pub(super) read_at: Option<DateTime<Utc>>,
}

pub(super) async fn extent(db: &mut PgConnection) -> sqlx::Result<Extent> {
    sqlx::query_as!(
        Extent,
        r#"select count(*) as "sites!", count(*) filter (where is_closed) as "closed!",
                  (select count(*) from sirene_units) as "units!", max(read_at) as read_at from sirene_sites"#
    )
    .fetch_one(db)
    .await
}

/// The communes of every territory of the instance.
pub(super) async fn communes(db: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select distinct insee from territory_communes order by insee")
        .fetch_all(db)
        .await
}

pub(super) async fn keep_file(
    tx: &mut Tx,
    id: SireneFileId,
    (name, content): (&str, &[u8]),
    wanted: &Wanted,
) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into sirene_files (id, name, content, wanted, created_at) values ($1, $2, $3, $4, $5)",
        id.uuid(),
        name,
        content,
        json(wanted)?,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) struct File {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
    pub(super) wanted: Json<Wanted>,
}

pub(super) async fn file(db: &mut PgConnection, id: SireneFileId) -> sqlx::Result<Option<File>> {
    sqlx::query_as!(
        File,
        r#"select name, content, wanted as "wanted: Json<Wanted>" from sirene_files where id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

pub(super) async fn forget_file(tx: &mut Tx, id: SireneFileId) -> sqlx::Result<()> {
    sqlx::query!("delete from sirene_files where id = $1", id.uuid())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn keep_sites(tx: &mut Tx, sites: &[Site]) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into sirene_sites (siret, siren, name, naf, headcount, address, postal_code, insee, is_closed, is_diffusible, read_at)
         select distinct on (s.siret) s.siret, s.siren, s.name, s.naf, s.headcount, s.address, s.postal_code, s.insee, s.is_closed,
                s.is_diffusible, $2
         from jsonb_to_recordset($1) s (siret text, siren text, name text, naf text, headcount text, address text, postal_code text,
                insee text, is_closed bool, is_diffusible bool)
         on conflict (siret) do update set name = excluded.name, naf = excluded.naf, headcount = excluded.headcount,
                address = excluded.address, postal_code = excluded.postal_code, insee = excluded.insee,
                is_closed = excluded.is_closed, is_diffusible = excluded.is_diffusible, read_at = excluded.read_at",
        json(&sites)?,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Only those that have an establishment in the extract.
pub(super) async fn keep_units(tx: &mut Tx, units: &[Unit]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sirene_units (siren, name)
         select distinct on (u.siren) u.siren, u.name from jsonb_to_recordset($1) u (siren text, name text)
         where exists (select from sirene_sites s where s.siren = u.siren)
         on conflict (siren) do update set name = excluded.name",
        json(&units)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn json(rows: &impl Serialize) -> sqlx::Result<serde_json::Value> {
    serde_json::to_value(rows).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

/// Establishments of the extract: by the beginning of a number, or by words of the name. Those of the
/// territory first, closed ones last.
pub(super) async fn search(
    db: &mut PgConnection,
    scope: &Scope,
    digits: Option<&str>,
    words: &str,
) -> sqlx::Result<Vec<Listed>> {
    let words: Vec<String> = fold(words)
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let rows = sqlx::query!(
        r#"select s.siret, case when s.is_diffusible then coalesce(s.name, u.name) end as name, s.naf, s.headcount, s.address,
                  s.postal_code, s.insee, c.name as "commune?", s.is_closed
           from sirene_sites s
           left join sirene_units u on u.siren = s.siren
           left join communes c on c.insee = s.insee
           left join territory_communes t on t.insee = s.insee and t.territory_id = $1
           where case when $2::text is not null then s.siret like $2 || '%'
                 else cardinality($3::text[]) > 0 and s.is_diffusible
                      and not exists (select from unnest($3::text[]) w (word)
                                      where folded(concat_ws(' ', s.name, u.name)) not like '%' || w.word || '%') end
           order by s.is_closed, t.insee is null, coalesce(s.name, u.name), s.siret limit 20"#,
        scope.territory().uuid(),
        digits,
        &words
    )
    .fetch_all(db)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        siret: row.siret,
        name: row.name,
        naf: row.naf,
        headcount: row.headcount.as_deref().and_then(headcount),
        address: row.address,
        postal_code: row.postal_code,
        insee: Some(row.insee),
        commune: row.commune,
        position: None,
        is_closed: row.is_closed,
    });
    Ok(listed.collect())
}

/// An establishment already followed.
pub(in crate::companies) struct Ours {
    pub(in crate::companies) id: crate::kernel::ids::EstablishmentId,
    pub(in crate::companies) name: String,
    pub(in crate::companies) siret: Option<String>,
    pub(in crate::companies) commune: Option<String>,
    pub(in crate::companies) is_archived: bool,
}

pub(super) async fn ours(
    db: &mut PgConnection,
    scope: &Scope,
    digits: Option<&str>,
    words: &str,
) -> sqlx::Result<Vec<Ours>> {
    sqlx::query_as!(
        Ours,
        r#"select e.id as "id: _", e.name, e.siret, c.name as "commune?", e.archived_at is not null as "is_archived!"
           from establishments e left join communes c on c.insee = e.insee
           where e.territory_id = $1
             and case when $2::text is not null then e.siret like $2 || '%'
                 else e.folded_name like '%' || replace(folded($3), ' ', '%') || '%' end
           order by e.folded_name, e.id limit 10"#,
        scope.territory().uuid(),
        digits,
        words
    )
    .fetch_all(db)
    .await
}
