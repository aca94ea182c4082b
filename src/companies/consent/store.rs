use super::Other;
use crate::kernel::ids::EstablishmentId;
use crate::nomenclature::naf;
use crate::platform::access::CompanyScope;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Establishments that share a synergy with a company of the scope, to be given to
/// [`super::reveal`]; others are left out. `ids` are taken from those synergies.
pub async fn others(
    db: &mut PgConnection,
    scope: &CompanyScope,
    ids: &[EstablishmentId],
) -> sqlx::Result<BTreeMap<EstablishmentId, Other>> {
    let rows = sqlx::query!(
        r#"with wanted as (
               select e.id, e.territory_id, e.name, e.siret, e.naf, c.name as commune
               from establishments e left join communes c on c.insee = e.insee
               where e.id = any($1) and exists (
                   select from synergy_members theirs
                   join synergy_members ours on ours.synergy_id = theirs.synergy_id
                   join establishments mine on mine.id = ours.establishment_id
                   where theirs.establishment_id = e.id and mine.company_id = any($2)))
           select w.id as "id!: EstablishmentId", w.name as "name!", w.siret, w.naf, w.commune as "commune?",
                  array(select left(p.naf, 2) from establishments p
                        where p.territory_id = w.territory_id and p.archived_at is null and p.naf is not null) as "divisions!"
           from wanted w"#,
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        scope.companies(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (in_division, in_section) = peers(row.naf.as_deref().unwrap_or_default(), &row.divisions);
            let other = Other {
                name: row.name,
                siret: row.siret,
                commune: row.commune,
                naf: row.naf,
                in_division,
                in_section,
            };
            (row.id, other)
        })
        .collect())
}

/// How many of these divisions are its own, and how many are in its section.
pub fn peers(code: &str, divisions: &[String]) -> (i64, i64) {
    let (own, section) = (naf::division(code), naf::section(code));
    let count = |is_peer: &dyn Fn(&str) -> bool| {
        i64::try_from(divisions.iter().filter(|division| is_peer(division)).count()).unwrap_or(i64::MAX)
    };
    (
        count(&|division| own.is_some_and(|naf| naf.code == division)),
        count(&|division| section.is_some() && naf::section(division) == section),
    )
}

#[cfg(test)]
mod tests {
    use super::peers;

    #[test]
    fn peers_are_counted_by_division_and_by_section() {
        let divisions: Vec<String> = ["17", "17", "10", "38", "47"].map(str::to_owned).to_vec();
        assert_eq!(peers("17.21A", &divisions), (2, 3));
        assert_eq!(peers("", &divisions), (0, 0));
    }
}
