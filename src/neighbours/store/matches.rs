use crate::companies::consent::{Other, store::peers};
use crate::engine::{Key, Pair};
use crate::kernel::ids::{BorderMatchId, CompanyId, EstablishmentId, FlowId, TerritoryId};
use crate::neighbours::model::BorderWord;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// One match, as its store knows it; the page shows the other side through `reveal` only.
#[derive(Debug, Clone)]
pub struct Found {
    pub id: BorderMatchId,
    pub gives: bool,
    pub neighbour_id: TerritoryId,
    pub neighbour: String,
    pub score: f64,
    pub distance_km: Option<f64>,
    pub own_word: BorderWord,
    pub other_word: BorderWord,
    pub label: String,
    pub establishment: EstablishmentId,
    pub establishment_name: String,
    pub company: CompanyId,
    pub other_category: Option<String>,
    pub other_quantity: Option<f64>,
    pub other_name: String,
    pub other_siret: Option<String>,
    pub other_commune: Option<String>,
    pub other_naf: Option<String>,
    /// Who agreed on the other side: whom to call.
    pub other_person: Option<String>,
    pub other_email: Option<String>,
}

impl Found {
    /// `divisions` are those of the establishments across.
    pub fn other(&self, divisions: &[String]) -> Other {
        let (in_division, in_section) = peers(self.other_naf.as_deref().unwrap_or_default(), divisions);
        Other {
            name: self.other_name.clone(),
            siret: self.other_siret.clone(),
            commune: self.other_commune.clone(),
            naf: self.other_naf.clone(),
            in_division,
            in_section,
        }
    }
}

/// Current matches under an agreement in force, that nobody declined; those to answer first.
pub async fn list(db: &mut PgConnection, scope: &Scope, today: NaiveDate) -> sqlx::Result<Vec<Found>> {
    sqlx::query_as!(
        Found,
        r#"
        with sides as (
            select m.id, m.score, m.distance_km, true as gives, m.out_flow_id as own, m.in_flow_id as across,
                   m.in_territory_id as neighbour, m.out_word as own_word, m.in_word as other_word, m.in_said_by as other_by
            from border_matches m where m.out_territory_id = $1 and m.is_current
            union all
            select m.id, m.score, m.distance_km, false, m.in_flow_id, m.out_flow_id, m.out_territory_id, m.in_word, m.out_word, m.out_said_by
            from border_matches m where m.in_territory_id = $1 and m.is_current
        )
        select s.id as "id!: BorderMatchId", s.gives as "gives!", t.id as "neighbour_id: TerritoryId", t.name as neighbour, s.score as "score!", s.distance_km,
               s.own_word as "own_word!: BorderWord", s.other_word as "other_word!: BorderWord", f.label,
               e.id as "establishment: EstablishmentId", e.name as establishment_name, e.company_id as "company: CompanyId",
               o.category as other_category, o.annual_quantity as other_quantity, oe.name as other_name, oe.siret as other_siret,
               oc.name as "other_commune?", oe.naf as other_naf,
               u.name as "other_person?", u.email as "other_email?"
        from sides s join territories t on t.id = s.neighbour
        join flows f on f.id = s.own join establishments e on e.id = f.establishment_id
        join flows o on o.id = s.across join establishments oe on oe.id = o.establishment_id
        left join communes oc on oc.insee = oe.insee left join users u on u.id = s.other_by
        where s.own_word <> 'declined' and s.other_word <> 'declined' and f.deleted_at is null and o.deleted_at is null
          and f.visibility <> 'internal' and o.visibility <> 'internal' and e.archived_at is null and oe.archived_at is null
          and exists (select from territory_agreements a
                      where least(a.asker_id, a.other_id) = least($1, s.neighbour) and greatest(a.asker_id, a.other_id) = greatest($1, s.neighbour)
                        and a.accepted_at is not null and a.ended_at is null and a.starts_on <= $2 and (a.ends_on is null or a.ends_on >= $2))
        order by (s.own_word = 'agreed' and s.other_word = 'agreed') desc, s.own_word = 'agreed', s.score desc, s.id limit 200"#,
        scope.territory().uuid(),
        today
    )
    .fetch_all(db)
    .await
}

/// The division of activity of every establishment of these territories.
pub async fn divisions(
    db: &mut PgConnection,
    territories: &[TerritoryId],
) -> sqlx::Result<BTreeMap<TerritoryId, Vec<String>>> {
    let rows = sqlx::query!(
        r#"select territory_id as "territory: TerritoryId", array_agg(left(naf, 2)) as "divisions!" from establishments
           where territory_id = any ($1) and archived_at is null and naf is not null group by territory_id"#,
        &territories.iter().map(|id| id.uuid()).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.territory, row.divisions))
        .collect())
}

/// Says one side's word, while nobody declined: an agreement can be taken back, and asked again. `false` when
/// there is nothing to answer.
pub async fn say(tx: &mut Tx, scope: &Scope, id: BorderMatchId, word: BorderWord) -> sqlx::Result<bool> {
    let author = tx.author().user_id().map(|user| user.uuid());
    let here = scope.territory();
    let said = sqlx::query!(
        "update border_matches set
                out_word = case when out_territory_id = $2 then $3 else out_word end,
                out_said_by = case when out_territory_id = $2 then $4 else out_said_by end,
                in_word = case when in_territory_id = $2 then $3 else in_word end,
                in_said_by = case when in_territory_id = $2 then $4 else in_said_by end
         where id = $1 and is_current and out_word <> 'declined' and in_word <> 'declined'
           and $3 <> case when out_territory_id = $2 then out_word else in_word end
           and $2 in (out_territory_id, in_territory_id)",
        id.uuid(),
        here.uuid(),
        word as BorderWord,
        author
    )
    .execute(&mut **tx)
    .await?;
    if said.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let event = Event::on(
        "border_match",
        id,
        format!("correspondance hors territoire\u{a0}: {}", word.said()),
    );
    tx.record(event.within(here)).await?;
    Ok(true)
}

/// One search at a time between two territories.
pub async fn hold(tx: &mut Tx, one: TerritoryId, other: TerritoryId) -> sqlx::Result<()> {
    let (one, other) = (one.min(other), one.max(other));
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('borders:' || $1::text || $2::text, 0))",
        one.to_string(),
        other.to_string()
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// Flows whose visibility lets them leave the circle of the territory's staff.
pub async fn may_cross(db: &mut PgConnection, territories: [TerritoryId; 2]) -> sqlx::Result<BTreeSet<Key>> {
    let ids = sqlx::query_scalar!(
        "select id from flows where territory_id = any($1) and deleted_at is null and visibility <> 'internal'",
        &territories.map(TerritoryId::uuid)
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(|id| Key::new(id.to_string())).collect())
}

/// Brings the matches one way between two territories in step with what the engine found: what was said
/// stays said. A company that has sites on both sides does not meet itself.
pub async fn rewrite(tx: &mut Tx, out: TerritoryId, into: TerritoryId, pairs: &[Pair]) -> sqlx::Result<()> {
    let flow = |key: &Key| key.as_str().parse::<FlowId>().ok();
    let found: Vec<_> = pairs
        .iter()
        .filter_map(|pair| Some((flow(&pair.out_flow)?, flow(&pair.in_flow)?, pair)))
        .collect();
    let now = tx.now();
    sqlx::query!(
        "update border_matches set is_current = false where out_territory_id = $1 and in_territory_id = $2",
        out.uuid(),
        into.uuid()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into border_matches (id, out_territory_id, out_flow_id, in_territory_id, in_flow_id, score, distance_km, found_at)
         select p.id, $1, p.out_flow, $2, p.in_flow, p.score, p.km, $8
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::float8[], $7::float8[]) as p (id, out_flow, in_flow, score, km)
         join flows f on f.id = p.out_flow join establishments e on e.id = f.establishment_id join companies c on c.id = e.company_id
         join flows g on g.id = p.in_flow join establishments h on h.id = g.establishment_id join companies d on d.id = h.company_id
         where c.siren is distinct from d.siren or c.siren is null
         on conflict on constraint border_matches_flows_key do update set is_current = true, score = excluded.score, distance_km = excluded.distance_km",
        out.uuid(),
        into.uuid(),
        &found.iter().map(|_| BorderMatchId::fresh().uuid()).collect::<Vec<_>>(),
        &found.iter().map(|(out, ..)| out.uuid()).collect::<Vec<_>>(),
        &found.iter().map(|(_, into, _)| into.uuid()).collect::<Vec<_>>(),
        &found.iter().map(|(.., pair)| pair.score).collect::<Vec<_>>(),
        &found.iter().map(|(.., pair)| pair.distance_km).collect::<Vec<_>>() as &[Option<f64>],
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
