//! Ideas captured on the day, and what `synergies` made of them.

use crate::flows::{Certainty, Flow, FlowSource, changes, store as inventory};
use crate::kernel::ids::{EstablishmentId, FlowId, IdeaId, SynergyId, TerritoryId, WorkshopId};
use crate::kernel::{Direction, fold};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::workshops::model::Workshop;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What was tapped: a flow of one company, known or just named, and the other company.
#[derive(Debug, Clone)]
pub struct Capture {
    pub id: IdeaId,
    /// Whose flow was tapped.
    pub speaker: EstablishmentId,
    /// Outbound: the speaker offers; inbound: it seeks.
    pub direction: Direction,
    pub flow: Option<FlowId>,
    pub label: String,
    /// A code of the nomenclature.
    pub category: Option<String>,
    pub other: EstablishmentId,
}

/// What became of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Captured {
    New,
    /// Somebody had said it already.
    Merged,
    /// The same tap arrived twice.
    Again,
    /// The flow is gone.
    NoFlow,
}

/// Writes an idea down, with the flows that it needs. The workshop is locked by the caller, so that two
/// advisors never write the same idea twice.
///
/// # Errors
/// Those of the database.
pub async fn capture(
    tx: &mut Tx,
    scope: &Scope,
    workshop: &Workshop,
    said: &Capture,
) -> sqlx::Result<Captured> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from workshop_ideas where id = $1) as "known!""#,
        said.id.uuid()
    )
    .fetch_one(&mut **tx)
    .await?;
    if known {
        tx.nothing_to_record();
        return Ok(Captured::Again);
    }
    let Some((own, made_own)) = spoken(tx, scope, workshop, said).await? else {
        tx.nothing_to_record();
        return Ok(Captured::NoFlow);
    };
    let (answer, made_answer) = answering(tx, scope, (workshop, said), &own).await?;
    let idea = match said.direction {
        Direction::Outbound => Ends {
            givers: (said.speaker, own.id, made_own),
            takers: (said.other, answer, made_answer),
        },
        Direction::Inbound => Ends {
            givers: (said.other, answer, made_answer),
            takers: (said.speaker, own.id, made_own),
        },
    };
    insert(tx, workshop, (said.id, &own.label), &idea).await
}

/// Both ends of an idea: who, with which flow, and whether the idea brought that flow.
struct Ends {
    givers: (EstablishmentId, FlowId, bool),
    takers: (EstablishmentId, FlowId, bool),
}

/// The flow that was tapped, or the one just named.
async fn spoken(
    tx: &mut Tx,
    scope: &Scope,
    workshop: &Workshop,
    said: &Capture,
) -> sqlx::Result<Option<(Flow, bool)>> {
    if let Some(id) = said.flow {
        let flow = inventory::find(tx, scope, id).await?;
        return Ok(flow
            .filter(|flow| flow.establishment_id == said.speaker)
            .map(|flow| (flow, false)));
    }
    let recorded = inventory::of_establishment(tx, scope, said.speaker).await?;
    let words = fold(&said.label);
    let known = recorded
        .into_iter()
        .find(|flow| flow.direction == said.direction && fold(&flow.label) == words);
    if let Some(flow) = known {
        return Ok(Some((flow, false)));
    }
    let what = (said.label.as_str(), said.category.clone());
    let flow = new_flow(tx, workshop, said.speaker, said.direction, what);
    inventory::insert(tx, scope, &flow).await?;
    Ok(Some((flow, true)))
}

/// The flow that answers it in the other company: of the same category, else of the same words, else new.
async fn answering(
    tx: &mut Tx,
    scope: &Scope,
    (workshop, said): (&Workshop, &Capture),
    own: &Flow,
) -> sqlx::Result<(FlowId, bool)> {
    let direction = match said.direction {
        Direction::Outbound => Direction::Inbound,
        Direction::Inbound => Direction::Outbound,
    };
    let recorded = inventory::of_establishment(tx, scope, said.other).await?;
    let on_their_side = recorded.iter().filter(|flow| flow.direction == direction);
    let words = fold(&own.label);
    let best = on_their_side.min_by_key(|flow| {
        let same_words = fold(&flow.label) == words;
        let same_category = own.category.is_some() && flow.category == own.category;
        (!same_words, !same_category)
    });
    let answers =
        |flow: &&Flow| fold(&flow.label) == words || own.category.is_some() && flow.category == own.category;
    if let Some(flow) = best.filter(answers) {
        return Ok((flow.id, false));
    }
    let what = (own.label.as_str(), own.category.clone());
    let flow = new_flow(tx, workshop, said.other, direction, what);
    inventory::insert(tx, scope, &flow).await?;
    Ok((flow.id, true))
}

fn new_flow(
    tx: &Tx,
    workshop: &Workshop,
    of: EstablishmentId,
    direction: Direction,
    (label, category): (&str, Option<String>),
) -> Flow {
    Flow {
        category,
        certainty: Certainty::OrderOfMagnitude,
        source: FlowSource::Workshop,
        ..Flow::told((workshop.territory_id, of), direction, label, tx.today())
    }
}

async fn insert(
    tx: &mut Tx,
    workshop: &Workshop,
    (id, label): (IdeaId, &str),
    ends: &Ends,
) -> sqlx::Result<Captured> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let (giver, giver_flow, made_giver) = ends.givers;
    let (taker, taker_flow, made_taker) = ends.takers;
    let merged = sqlx::query_scalar!(
        r#"insert into workshop_ideas (id, workshop_id, giver_id, taker_id, giver_flow, taker_flow, label, made_giver_flow,
                  made_taker_flow, said_by, said_at, merged_into)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                  (select i.id from workshop_ideas i where i.workshop_id = $2 and i.giver_flow = $5 and i.taker_flow = $6
                     and i.undone_at is null and i.merged_into is null))
           returning merged_into is not null as "merged!""#,
        id.uuid(),
        workshop.id.uuid(),
        giver.uuid(),
        taker.uuid(),
        giver_flow.uuid(),
        taker_flow.uuid(),
        label,
        made_giver,
        made_taker,
        author.map(crate::kernel::ids::UserId::uuid),
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    let words = format!("idée notée\u{a0}: {label}");
    tx.record(Event::on("workshop", workshop.id, words).within(workshop.territory_id))
        .await?;
    Ok(if merged { Captured::Merged } else { Captured::New })
}

/// A captured idea, as the list shows it.
#[derive(Debug, Clone)]
pub struct Idea {
    pub id: IdeaId,
    pub label: String,
    pub category: Option<String>,
    pub giver_id: EstablishmentId,
    pub giver: String,
    pub giver_flow: FlowId,
    pub made_giver_flow: bool,
    pub taker_id: EstablishmentId,
    pub taker: String,
    pub taker_flow: FlowId,
    pub made_taker_flow: bool,
    pub synergy: Option<SynergyId>,
    pub number: Option<i32>,
    pub is_reinforcement: bool,
    /// How many times it was said, the first included.
    pub times: i64,
    pub said_by: Option<String>,
    pub said_at: DateTime<Utc>,
    pub is_undone: bool,
}

impl Idea {
    /// « S-0012 », once it is in the queue.
    pub fn reference(&self) -> Option<String> {
        self.number.map(|number| format!("S-{number:04}"))
    }
}

/// The ideas of a workshop, the latest first; one line for those said several times. Those taken back
/// only when their synergy is still to be withdrawn.
pub async fn of_workshop(
    db: &mut PgConnection,
    scope: &Scope,
    workshop: WorkshopId,
) -> sqlx::Result<Vec<Idea>> {
    sqlx::query_as!(
        Idea,
        r#"select i.id as "id: IdeaId", i.label, f.category, i.giver_id as "giver_id: EstablishmentId", a.name as giver,
                  i.giver_flow as "giver_flow: FlowId", i.made_giver_flow, i.taker_id as "taker_id: EstablishmentId", b.name as taker,
                  i.taker_flow as "taker_flow: FlowId", i.made_taker_flow, i.synergy_id as "synergy: SynergyId", s.number as "number?",
                  i.is_reinforcement,
                  1 + (select count(*) from workshop_ideas m where m.merged_into = i.id and m.undone_at is null) as "times!",
                  u.name as "said_by?", i.said_at, i.undone_at is not null as "is_undone!"
           from workshop_ideas i join workshops w on w.id = i.workshop_id join flows f on f.id = i.giver_flow
             join establishments a on a.id = i.giver_id join establishments b on b.id = i.taker_id
             left join synergies s on s.id = i.synergy_id left join users u on u.id = i.said_by
           where i.workshop_id = $1 and w.territory_id = any($2) and i.merged_into is null
             and (i.undone_at is null or i.synergy_id is not null)
           order by i.said_at desc, i.id desc"#,
        workshop.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// An idea taken back.
#[derive(Debug, Clone)]
pub struct Undone {
    pub label: String,
    /// The synergy that was there before: « S-0012 », and what becomes of it.
    pub before: Option<(String, Before)>,
}

/// What becomes of a synergy that an idea had only made stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    Stays,
    /// The idea had lifted its refusal, or its sleep.
    GoesBack,
}

/// Takes an idea back, with those that repeat it and the flows that only it brought.
///
/// # Errors
/// Those of the database.
pub async fn undo(
    tx: &mut Tx,
    scope: &Scope,
    workshop: &Workshop,
    id: IdeaId,
) -> sqlx::Result<Option<Undone>> {
    let ideas = of_workshop(tx, scope, workshop.id).await?;
    let Some(idea) = ideas.into_iter().find(|idea| idea.id == id && !idea.is_undone) else {
        tx.nothing_to_record();
        return Ok(None);
    };
    let now = tx.now();
    sqlx::query!(
        "update workshop_ideas set undone_at = $2 where (id = $1 or merged_into = $1) and undone_at is null",
        id.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    for (flow, made) in [
        (idea.giver_flow, idea.made_giver_flow),
        (idea.taker_flow, idea.made_taker_flow),
    ] {
        if made
            && !is_used(tx, flow).await?
            && let Some(flow) = inventory::find(tx, scope, flow).await?
            && inventory::delete(tx, scope, &flow).await?
        {
            changes::announce(tx, &flow).await?;
        }
    }
    let words = format!("idée retirée\u{a0}: {}", idea.label);
    tx.record(Event::on("workshop", workshop.id, words).within(workshop.territory_id))
        .await?;
    let before = match idea.synergy {
        Some(synergy) if idea.is_reinforcement => before(tx, synergy).await?,
        Some(_) | None => None,
    };
    let before = idea.reference().zip(before);
    Ok(Some(Undone {
        label: idea.label,
        before,
    }))
}

/// Nothing when somebody moved it since.
async fn before(db: &mut PgConnection, synergy: SynergyId) -> sqlx::Result<Option<Before>> {
    let goes_back = sqlx::query_scalar!(
        r#"select exists (select from lifted_refusals l where l.synergy_id = s.id and l.version = s.version)
                  and not exists (select from workshop_ideas i where i.synergy_id = s.id and i.undone_at is null) as "goes_back!"
           from synergies s where s.id = $1 and s.state = 'proposed' and s.is_current"#,
        synergy.uuid()
    )
    .fetch_optional(db)
    .await?;
    Ok(goes_back.map(|goes_back| {
        if goes_back {
            Before::GoesBack
        } else {
            Before::Stays
        }
    }))
}

/// Whether another idea stands on this flow, or somebody made it more precise since.
async fn is_used(db: &mut PgConnection, flow: FlowId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from workshop_ideas where undone_at is null and (giver_flow = $1 or taker_flow = $1))
               or exists (select from flows where id = $1 and version > 1) as "used!""#,
        flow.uuid()
    )
    .fetch_one(db)
    .await
}

/// Says which synergy an idea became, and whether that one was there before.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    tx: &mut Tx,
    idea: IdeaId,
    synergy: Option<SynergyId>,
    is_reinforcement: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update workshop_ideas set synergy_id = $2, is_reinforcement = $3 where id = $1",
        idea.uuid(),
        synergy.map(SynergyId::uuid),
        is_reinforcement
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The title and territory of a workshop, for the timeline of a synergy.
///
/// # Errors
/// Those of the database.
pub async fn title(
    db: &mut PgConnection,
    workshop: WorkshopId,
) -> sqlx::Result<Option<(String, TerritoryId)>> {
    let row = sqlx::query!(
        r#"select title, territory_id as "territory: TerritoryId" from workshops where id = $1"#,
        workshop.uuid()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.title, row.territory)))
}
