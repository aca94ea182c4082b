use crate::kernel::ids::{SynergyId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::synergies::model::{Kind, State};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// What a list of synergies is restricted to; absent means whatever.
#[derive(Debug, Clone, Default)]
pub(in crate::synergies) struct Wanted {
    pub(in crate::synergies) states: Vec<State>,
    pub(in crate::synergies) family: Option<String>,
    pub(in crate::synergies) category: Option<String>,
    pub(in crate::synergies) kind: Option<Kind>,
    pub(in crate::synergies) only_priorities: bool,
    pub(in crate::synergies) assigned: Assigned,
    pub(in crate::synergies) min_score: Option<f64>,
    pub(in crate::synergies) rule: Option<String>,
    pub(in crate::synergies) insee: Option<String>,
    /// Words of the title, of an establishment or of a flow.
    pub(in crate::synergies) text: Option<String>,
    /// Without a move since that day.
    pub(in crate::synergies) still_since: Option<NaiveDate>,
    pub(in crate::synergies) due: Due,
    /// By what, and whether backwards.
    pub(in crate::synergies) sort: (Sort, bool),
}

/// By what the list is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// What is most worth a call first, never backwards.
    #[default]
    Worth,
    Due,
    Score,
    Title,
    Number,
    Distance,
    State,
    Advisor,
    Since,
    Proposed,
    Category,
}

/// Which next action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::synergies) enum Due {
    #[default]
    Whatever,
    /// From a day, when one is given, to another.
    Between(Option<NaiveDate>, NaiveDate),
    /// By them, or by whoever they stand in for that day.
    By(UserId, NaiveDate),
    Nothing,
}

/// Whose synergies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::synergies) enum Assigned {
    #[default]
    Whoever,
    Nobody,
    To(UserId),
    /// Theirs, and those of whoever they stand in for that day.
    With(UserId, NaiveDate),
}

/// A line of the queue.
#[derive(Debug, Clone)]
pub struct QueueRow {
    pub id: SynergyId,
    pub number: i32,
    pub kind: Kind,
    pub state: State,
    pub title: String,
    pub category: Option<String>,
    pub score: Option<f64>,
    pub confidence: Option<f64>,
    pub distance_km: Option<f64>,
    pub has_changed: bool,
    /// There to learn, not for its score.
    pub is_exploration: bool,
    pub is_priority: bool,
    /// By how much, in percent, that moves it up.
    pub weight: i32,
    /// With a treatment in between.
    pub is_relay: bool,
    pub zone: Option<String>,
    /// Establishments, the giver first.
    pub names: Vec<String>,
    pub assigned_name: Option<String>,
    pub motive: Option<String>,
    pub wake_on: Option<NaiveDate>,
    pub proposed_at: DateTime<Utc>,
    pub state_since: DateTime<Utc>,
    /// The next action, who does it and before when.
    pub next_what: Option<String>,
    pub next_owner: Option<String>,
    pub next_on: Option<NaiveDate>,
    /// How many there are in all, and the neighbours of this one.
    pub total: i64,
    pub previous: Option<SynergyId>,
    pub next: Option<SynergyId>,
}

/// Which part of the list.
#[derive(Debug, Clone, Copy)]
pub(in crate::synergies) enum Slice {
    Page { size: i64, before: i64 },
    One(SynergyId),
}

/// The list in its order: a page of it, or one line with its neighbours.
#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "one statement, many filters"
)]
pub(in crate::synergies) async fn list(
    db: &mut PgConnection,
    scope: &Scope,
    wanted: &Wanted,
    slice: Slice,
) -> sqlx::Result<Vec<QueueRow>> {
    let (size, before, only) = match slice {
        Slice::Page { size, before } => (size, before, None),
        Slice::One(id) => (1, 0, Some(id.uuid())),
    };
    let states: Vec<String> = wanted
        .states
        .iter()
        .map(|state| state.code().to_owned())
        .collect();
    let (nobody, user, assigned_on) = match wanted.assigned {
        Assigned::Whoever => (false, None, None),
        Assigned::Nobody => (true, None, None),
        Assigned::To(user) => (false, Some(user.uuid()), None),
        Assigned::With(user, on) => (false, Some(user.uuid()), Some(on)),
    };
    let (due_from, due_until, due_by, due_on) = match wanted.due {
        Due::Whatever | Due::Nothing => (None, None, None, None),
        Due::Between(from, until) => (from, Some(until), None, None),
        Due::By(user, on) => (None, None, Some(user.uuid()), Some(on)),
    };
    sqlx::query_as!(
        QueueRow,
        r#"
        with found as (
            select s.*, chosen.category is not null as is_priority,
                   case when chosen.category is not null then t.priority_weight else 0 end as weight,
                   n.what as next_what, n.owner as next_owner, n.due_on as next_on, u.name as assigned_name,
                   count(*) over () as total, row_number() over best as rank, lag(s.id) over best as previous, lead(s.id) over best as next
            from synergies s join territories t on t.id = s.territory_id left join flow_categories c on c.code = s.category
            left join priorities chosen on chosen.territory_id = s.territory_id and chosen.category = s.category
            left join next_actions n on n.synergy_id = s.id and n.done_on is null left join users u on u.id = s.assigned_to,
            lateral (select case $21 when 'echeance' then (n.due_on - date '2000-01-01')::float8 when 'score' then s.score
                                     when 'numero' then s.number::float8 when 'distance' then s.distance_km
                                     when 'etat' then array_position(enum_range(null::synergy_state), s.state)::float8
                                     when 'depuis' then extract(epoch from s.state_since)::float8
                                     when 'proposee' then extract(epoch from s.proposed_at)::float8 end as figure,
                            case $21 when 'titre' then folded(s.title) when 'conseiller' then folded(u.name)
                                     when 'categorie' then s.category end as word) by
            where s.territory_id = $1 and s.state = any($2::text[]::synergy_state[]) and (s.is_current or s.state <> 'proposed')
              and ($3::text is null or c.family = $3)
              and ($4::text is null or s.category = $4)
              and ($5::synergy_kind is null or s.kind = $5)
              and (not $6 or chosen.category is not null)
              and (not $7 or s.assigned_to is null)
              and ($8::uuid is null or s.assigned_to = $8 or ($23::date is not null and acting(s.assigned_to, $1, $23) = $8))
              and ($9::float8 is null or s.score >= $9)
              and ($10::text is null or exists (select from synergy_members m join establishments e on e.id = m.establishment_id
                                                where m.synergy_id = s.id and e.insee = $10))
              and ($11::text is null or folded(s.title) like '%' || folded($11) || '%'
                   or exists (select from synergy_members m join establishments e on e.id = m.establishment_id
                                     left join flows f on f.id = m.flow_id
                              where m.synergy_id = s.id and (e.folded_name like '%' || folded($11) || '%'
                                                             or f.folded_label like '%' || folded($11) || '%')))
              and ($16::date is null or (s.state_since at time zone 'Europe/Paris')::date <= $16)
              and ($15::text is null or coalesce(s.explanation #>> '{proposal,pair,rule}', s.category, '') = $15)
              and ($17::date is null or n.due_on >= $17) and ($18::date is null or n.due_on <= $18)
              and ($19::uuid is null or n.owner = $19 or acting(n.owner, $1, $24) = $19) and (not $20 or n.synergy_id is null)
            window best as (order by case when not $22 then by.figure end, case when $22 then by.figure end desc nulls last,
                                     case when not $22 then by.word end, case when $22 then by.word end desc nulls last,
                                     s.priority * (case when chosen.category is not null then 100 + t.priority_weight else 100 end) desc nulls last, s.score desc nulls last, s.proposed_at, s.number)
        ), part as (
            select * from found where $12::uuid is null or id = $12 order by rank limit $13 offset $14
        )
        select p.id as "id!: SynergyId", p.number as "number!", p.kind as "kind!: Kind", p.state as "state!: State", p.title as "title!", p.category,
               p.score, p.confidence, p.distance_km, coalesce(jsonb_array_length(p.explanation -> 'changed'), 0) > 0 as "has_changed!",
               coalesce((p.explanation #>> '{proposal,pair,exploration}')::boolean, false) as "is_exploration!",
               p.explanation #> '{proposal,relay}' is not null as "is_relay!",
               p.is_priority as "is_priority!", p.weight as "weight!", p.explanation #>> '{proposal,group,zone}' as zone,
               array(select e.name from synergy_members m join establishments e on e.id = m.establishment_id
                     where m.synergy_id = p.id order by m.side, m.annual_quantity desc nulls last, e.name) as "names!: Vec<String>",
               p.assigned_name as "assigned_name?", p.motive, p.wake_on, p.proposed_at as "proposed_at!", p.state_since as "state_since!",
               p.next_what as "next_what?", o.name as "next_owner?", p.next_on as "next_on?", p.total as "total!",
               p.previous as "previous: SynergyId", p.next as "next: SynergyId"
        from part p left join users o on o.id = p.next_owner
        order by p.rank"#,
        scope.territory().uuid(),
        &states,
        wanted.family,
        wanted.category,
        wanted.kind as Option<Kind>,
        wanted.only_priorities,
        nobody,
        user,
        wanted.min_score,
        wanted.insee,
        wanted.text.as_deref().map(like_literal),
        only,
        size,
        before,
        wanted.rule,
        wanted.still_since,
        due_from,
        due_until,
        due_by,
        wanted.due == Due::Nothing,
        wanted.sort.0.word(),
        wanted.sort.1,
        assigned_on,
        due_on
    )
    .fetch_all(db)
    .await
}

/// What was typed is looked for as it is, `%` and `_` included.
fn like_literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// How many synergies are in each state.
pub(in crate::synergies) async fn counts(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<(State, i64)>> {
    let rows = sqlx::query!(
        r#"select state as "state: State", count(*) as "count!" from synergies
           where territory_id = $1 and (is_current or state <> 'proposed') group by state"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
}

/// What the filters offer: categories and communes that synergies of the territory have.
#[derive(Debug, Default)]
pub(in crate::synergies) struct Offered {
    pub(in crate::synergies) categories: Vec<(String, String)>,
    pub(in crate::synergies) communes: Vec<(String, String)>,
}

pub(in crate::synergies) async fn offered(
    db: &mut PgConnection,
    territory: TerritoryId,
) -> sqlx::Result<Offered> {
    let categories = sqlx::query!(
        "select c.code, c.label from flow_categories c
         where exists (select from synergies s where s.category = c.code and s.territory_id = $1) order by c.code",
        territory.uuid()
    )
    .fetch_all(&mut *db)
    .await?;
    let communes = sqlx::query!(
        "select c.insee, c.name from communes c
         where c.insee in (select e.insee from establishments e where e.territory_id = $1 and e.archived_at is null)
         order by folded(c.name)",
        territory.uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(Offered {
        categories: categories.into_iter().map(|row| (row.code, row.label)).collect(),
        communes: communes.into_iter().map(|row| (row.insee, row.name)).collect(),
    })
}
