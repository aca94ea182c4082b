use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId, TerritoryId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::{Kind, Origin, Side};
use crate::synergies::proposal::{Explained, Proposal};
use serde_json::json;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A synergy to be recorded.
#[derive(Debug, Clone)]
pub struct NewSynergy {
    pub id: SynergyId,
    /// Names the idea: the same key is never recorded twice in a territory.
    pub key: String,
    pub kind: Kind,
    pub origin: Origin,
    pub category: Option<String>,
    pub title: String,
    pub score: Option<f64>,
    pub confidence: Option<f64>,
    pub distance_km: Option<f64>,
    /// Order of the queue.
    pub priority: Option<f64>,
    pub explained: Explained,
    pub params_version: String,
    pub members: Vec<NewMember>,
}

/// An establishment in it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMember {
    pub establishment: EstablishmentId,
    pub flow: Option<FlowId>,
    pub side: Side,
    pub annual_quantity: Option<f64>,
}

impl NewSynergy {
    /// An idea written by a person: a workshop's, an advisor's, a company's.
    pub fn by_hand(kind: Kind, origin: Origin, title: impl Into<String>, note: impl Into<String>) -> Self {
        let id = SynergyId::fresh();
        Self {
            id,
            key: format!("main:{id}"),
            kind,
            origin,
            category: None,
            title: title.into(),
            score: None,
            confidence: None,
            distance_km: None,
            priority: None,
            explained: Explained::by_hand(note),
            params_version: String::new(),
            members: Vec::new(),
        }
    }
}

/// Records a synergy in the territory of the scope; a known identifier or key changes nothing and
/// gives `false`.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: &NewSynergy) -> sqlx::Result<bool> {
    hold_numbers(tx, scope.territory()).await?;
    let number = last_number(tx, scope.territory()).await? + 1;
    insert_numbered(tx, scope.territory(), number, new).await
}

/// Nobody else numbers or matches synergies of the territory until the end of the transaction.
pub(in crate::synergies) async fn hold_numbers(tx: &mut Tx, territory: TerritoryId) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('synergies:' || $1::text, 0))",
        territory.to_string()
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::synergies) async fn last_number(
    db: &mut PgConnection,
    territory: TerritoryId,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"select coalesce(max(number), 0) as "number!" from synergies where territory_id = $1"#,
        territory.uuid()
    )
    .fetch_one(db)
    .await
}

pub(in crate::synergies) async fn insert_numbered(
    tx: &mut Tx,
    territory: TerritoryId,
    number: i32,
    new: &NewSynergy,
) -> sqlx::Result<bool> {
    if !insert_row(tx, territory, number, new).await? {
        tx.nothing_to_record();
        return Ok(false);
    }
    insert_members(tx, new.id, &new.members).await?;
    let words = match new.origin {
        Origin::Engine => "proposée par le moteur",
        Origin::Workshop => "proposée en atelier",
        Origin::Advisor => "proposée par un conseiller",
        Origin::Company => "proposée par une entreprise",
    };
    let event = Event::on("synergy", new.id, words).within(territory);
    let event = event.comment(new.explained.said.clone());
    tx.record(event.after(&json!({ "title": new.title, "score": new.score, "params": new.params_version })))
        .await?;
    Ok(true)
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one query: the macro writes the branches"
)]
async fn insert_row(
    tx: &mut Tx,
    territory: TerritoryId,
    number: i32,
    new: &NewSynergy,
) -> sqlx::Result<bool> {
    let now = tx.now();
    let is_fixed = matches!(&new.explained.proposal, Proposal::Group(group) if group.is_fixed);
    let inserted = sqlx::query!(
        "insert into synergies (id, territory_id, number, key, kind, origin, category, title, score, confidence, distance_km,
                priority, explanation, fingerprint, params_version, proposed_at, updated_at, state_since, is_fixed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $16, $17) on conflict do nothing",
        new.id.uuid(),
        territory.uuid(),
        number,
        new.key,
        new.kind as Kind,
        new.origin as Origin,
        new.category,
        new.title,
        new.score,
        new.confidence,
        new.distance_km,
        new.priority,
        Json(&new.explained) as Json<&Explained>,
        fingerprint(new),
        new.params_version,
        now,
        is_fixed
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// What the row says, in short: the same text means that nothing needs to be written.
pub(in crate::synergies) fn fingerprint(new: &NewSynergy) -> String {
    use sha2::{Digest, Sha256};
    let bytes = serde_json::to_vec(&(&new.title, &new.category, &new.explained)).unwrap_or_default();
    Sha256::digest(&bytes)
        .iter()
        .take(16)
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// Adds members; one already there keeps its place and takes the new quantity.
pub(in crate::synergies) async fn insert_members(
    tx: &mut Tx,
    id: SynergyId,
    members: &[NewMember],
) -> sqlx::Result<()> {
    for member in members {
        sqlx::query!(
            "insert into synergy_members (synergy_id, establishment_id, flow_id, side, annual_quantity) values ($1, $2, $3, $4, $5)
             on conflict (synergy_id, establishment_id, side)
             do update set flow_id = excluded.flow_id, annual_quantity = excluded.annual_quantity",
            id.uuid(),
            member.establishment.uuid(),
            member.flow.map(|f| f.uuid()),
            member.side as Side,
            member.annual_quantity
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// A proposal not studied yet, as whoever fills a territory needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub id: SynergyId,
    pub kind: Kind,
    pub category: Option<String>,
    pub establishments: Vec<EstablishmentId>,
    /// It goes through a treatment.
    pub is_relay: bool,
}

/// The territory's proposals waiting for a decision, best first.
pub async fn waiting(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as!(
        Waiting,
        r#"select s.id as "id: SynergyId", s.kind as "kind: Kind", s.category,
                  array(select m.establishment_id from synergy_members m where m.synergy_id = s.id order by m.establishment_id)
                      as "establishments!: Vec<EstablishmentId>",
                  s.explanation #> '{proposal,relay}' is not null as "is_relay!"
           from synergies s where s.territory_id = $1 and s.state = 'proposed' and s.is_current
           order by s.priority desc nulls last, s.score desc nulls last, s.number"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}
