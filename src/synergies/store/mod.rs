use crate::kernel::ids::{EstablishmentId, SynergyId, TerritoryId, UserId};
use crate::kernel::synergy_code;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::synergies::model::{Kind, NotAllowed, NotYet, Origin, State};
use crate::synergies::motives::MOTIVES;
use crate::synergies::proposal::{Explained, Remembered};
use crate::synergies::talks::NotNow;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

pub mod actions;
pub mod asked;
pub(super) mod batch;
pub(super) mod by_hand;
pub(super) mod compose;
pub(super) mod examples;
pub(super) mod files;
pub(super) mod ideas;
pub(super) mod introduction;
pub(super) mod matching;
pub(super) mod names;
pub(super) mod positions;
pub mod precision;
pub(super) mod queue;
mod recording;
pub(super) mod reminders;
mod results;
pub(super) mod show;
mod steps;
pub mod study;
pub(super) mod talks;
pub mod times;
pub(super) mod why;
pub mod years;

pub use crate::synergies::assignment::store::{NewAbsence, insert_absence};
pub use introduction::{Introduction, Meeting, introduce, introduction, meeting, plan_meeting, save_draft};
pub use positions::{establishments, set_member_state};
pub use recording::{NewMember, NewSynergy, Waiting, insert, waiting};
pub(super) use recording::{fingerprint, hold_numbers, insert_numbered, last_number};
pub use results::{Results, results, set_results};
pub(super) use steps::entrust;
pub use steps::{advance, advance_seen, assign};
pub use talks::{
    Reachable, Said, Voice, answer, companies, hear_again, note, propose, settle, talks, talks_of,
};

/// One synergy, whole.
#[derive(Debug, Clone)]
pub struct Synergy {
    pub id: SynergyId,
    pub territory_id: TerritoryId,
    pub number: i32,
    pub kind: Kind,
    pub origin: Origin,
    pub state: State,
    pub category: Option<String>,
    pub title: String,
    pub score: Option<f64>,
    pub confidence: Option<f64>,
    pub distance_km: Option<f64>,
    pub explained: Json<Explained>,
    pub params_version: String,
    /// False when the flows that justified it are gone.
    pub is_current: bool,
    /// An advisor chose the members of this group.
    pub is_fixed: bool,
    pub assigned_to: Option<UserId>,
    pub assigned_name: Option<String>,
    pub motive: Option<String>,
    pub motive_comment: Option<String>,
    pub rejected_facts: Option<Json<Remembered>>,
    pub wake_on: Option<NaiveDate>,
    pub realised_on: Option<NaiveDate>,
    pub is_priority: bool,
    /// The names were exchanged.
    pub is_introduced: bool,
    /// The one that is kept, when this one is the same idea.
    pub duplicate_of: Option<SynergyId>,
    pub duplicate_number: Option<i32>,
    pub version: i32,
    pub proposed_at: DateTime<Utc>,
    pub state_since: DateTime<Utc>,
}

impl Synergy {
    /// « S-0012 », « G-0007 ».
    pub fn code(&self) -> String {
        code(self.kind, self.number)
    }
}

/// The name of a synergy in conversation.
pub fn code(kind: Kind, number: i32) -> String {
    synergy_code(kind == Kind::Mutualisation, number)
}

/// The synergy of that number in a territory.
pub async fn numbered(
    db: &mut PgConnection,
    territory: TerritoryId,
    number: i32,
) -> sqlx::Result<Option<SynergyId>> {
    sqlx::query_scalar!(
        r#"select id as "id: SynergyId" from synergies where territory_id = $1 and number = $2"#,
        territory.uuid(),
        number
    )
    .fetch_optional(db)
    .await
}

/// One synergy of the scope.
pub async fn find(db: &mut PgConnection, scope: &Scope, id: SynergyId) -> sqlx::Result<Option<Synergy>> {
    find_within(db, scope.territories(), id).await
}

/// The same, for whoever reached it by another way than a scope of the staff.
async fn find_within(
    db: &mut PgConnection,
    territories: &[Uuid],
    id: SynergyId,
) -> sqlx::Result<Option<Synergy>> {
    sqlx::query_as!(
        Synergy,
        r#"select s.id as "id: SynergyId", s.territory_id as "territory_id: TerritoryId", s.number, s.kind as "kind: Kind",
                  s.origin as "origin: Origin", s.state as "state: State", s.category, s.title, s.score, s.confidence, s.distance_km,
                  s.explanation as "explained: Json<Explained>", s.params_version, s.is_current, s.is_fixed,
                  s.assigned_to as "assigned_to: UserId", u.name as "assigned_name?", s.motive, s.motive_comment,
                  s.rejected_facts as "rejected_facts: Json<Remembered>", s.wake_on, s.realised_on,
                  exists (select from priorities p where p.territory_id = s.territory_id and p.category = s.category) as "is_priority!",
                  exists (select from introductions i where i.synergy_id = s.id and i.sent_at is not null) as "is_introduced!",
                  s.duplicate_of as "duplicate_of: SynergyId", d.number as "duplicate_number?", s.version, s.proposed_at, s.state_since
           from synergies s left join users u on u.id = s.assigned_to left join synergies d on d.id = s.duplicate_of
           where s.id = $1 and s.territory_id = any($2)"#,
        id.uuid(),
        territories
    )
    .fetch_optional(db)
    .await
}

/// The same, held until the end of the transaction.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: SynergyId) -> sqlx::Result<Option<Synergy>> {
    let held = sqlx::query_scalar!(
        r#"select id as "id: SynergyId" from synergies where id = $1 and territory_id = any($2) for update"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    match held {
        Some(id) => find(tx, scope, id).await,
        None => Ok(None),
    }
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("not found")]
    Missing,
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error(transparent)]
    NotYet(#[from] NotYet),
    /// A company's word, or the introduction, cannot be now.
    #[error(transparent)]
    NotNow(NotNow),
    /// Somebody decided while the page was open.
    #[error("{who} has decided: {what}")]
    Decided {
        who: String,
        what: String,
        at: DateTime<Utc>,
    },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// For the menu: proposals to study, and how many of them are groups.
pub async fn menu_counts(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<(i64, i64)> {
    let counts = sqlx::query!(
        r#"select count(*) as "all!", count(*) filter (where kind = 'mutualisation') as "groups!"
           from synergies where territory_id = $1 and state = 'proposed' and is_current"#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await?;
    Ok((counts.all, counts.groups))
}

/// A synergy of an establishment, as its sheet shows it.
#[derive(Debug, Clone)]
pub struct Of {
    pub id: SynergyId,
    pub number: i32,
    pub kind: Kind,
    pub state: State,
    pub title: String,
    pub score: Option<f64>,
    pub updated_at: DateTime<Utc>,
}

/// The synergies in which an establishment has a part, the most advanced first.
pub async fn of_establishment(
    db: &mut PgConnection,
    scope: &Scope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<Of>> {
    sqlx::query_as!(
        Of,
        r#"select s.id as "id: SynergyId", s.number, s.kind as "kind: Kind", s.state as "state: State", s.title, s.score, s.updated_at
           from synergies s where s.territory_id = any($2) and (s.is_current or s.state <> 'proposed')
             and exists (select from synergy_members m where m.synergy_id = s.id and m.establishment_id = $1)
           order by array_position(array['realised', 'durable', 'implementing', 'studied', 'agreed', 'contact_proposed',
                    'prevalidated', 'under_review', 'proposed', 'asleep']::synergy_state[], s.state) nulls last, s.score desc nulls last, s.number"#,
        establishment.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// Brings the table of motives in step with the list of the code; those no longer in it are retired.
/// Gives how many lines changed.
pub async fn sync_motives(tx: &mut Tx) -> sqlx::Result<u64> {
    let column = |pick: fn(&crate::synergies::motives::Motive) -> &'static str| -> Vec<String> {
        MOTIVES.iter().map(|motive| pick(motive).to_owned()).collect()
    };
    let written = sqlx::query!(
        "insert into motives (code, family, label) select * from unnest($1::text[], $2::text[], $3::text[])
         on conflict (code) do update set family = excluded.family, label = excluded.label, is_retired = false
         where (motives.family, motives.label, motives.is_retired) is distinct from (excluded.family, excluded.label, false)",
        &column(|m| m.code),
        &column(|m| m.family.code()),
        &column(|m| m.label)
    )
    .execute(&mut **tx)
    .await?;
    let retired = sqlx::query!(
        "update motives set is_retired = true where code <> all ($1) and not is_retired",
        &column(|m| m.code)
    )
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() + retired.rows_affected())
}
