//! Ideas of companies about their own flows, from the request to the synergy that an advisor makes of it.

use crate::kernel::ids::{CompanyIdeaId, EstablishmentId, FlowId, SynergyId, TerritoryId, UserId};
use crate::platform::access::{CompanyScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::letters;
use crate::synergies::model::IdeaState;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What a company asks for.
#[derive(Debug, Clone)]
pub struct NewIdea {
    pub id: CompanyIdeaId,
    pub flow: FlowId,
    pub what: String,
    /// What kind of firm could answer, in its words.
    pub partner: Option<String>,
}

#[derive(Debug, Clone)]
pub struct CompanyIdea {
    pub id: CompanyIdeaId,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub flow_id: FlowId,
    pub label: String,
    pub what: String,
    pub partner: Option<String>,
    pub state: IdeaState,
    pub synergy: Option<SynergyId>,
    pub answer: Option<String>,
    pub asker: Option<String>,
    pub asked_at: DateTime<Utc>,
}

impl CompanyIdea {
    /// In one sentence, for whoever studies it.
    pub fn words(&self) -> String {
        match &self.partner {
            Some(partner) => format!("{} Avec qui\u{a0}: {partner}", self.what),
            None => self.what.clone(),
        }
    }
}

/// Writes it down once; gives where, unless it is known already or the flow is not its own.
pub async fn ask(
    tx: &mut Tx,
    scope: &CompanyScope,
    new: &NewIdea,
) -> sqlx::Result<Option<(TerritoryId, EstablishmentId)>> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let row = sqlx::query!(
        r#"insert into company_ideas (id, territory_id, establishment_id, flow_id, what, partner, asked_by, asked_at)
           select $1, e.territory_id, e.id, f.id, $3, $4, $5, $6 from flows f join establishments e on e.id = f.establishment_id
           where f.id = $2 and e.company_id = any($7) and f.deleted_at is null and e.archived_at is null
           on conflict (id) do nothing
           returning territory_id as "territory: TerritoryId", establishment_id as "establishment: EstablishmentId""#,
        new.id.uuid(),
        new.flow.uuid(),
        new.what,
        new.partner,
        author.map(UserId::uuid),
        now,
        scope.companies()
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        tx.nothing_to_record();
        return Ok(None);
    };
    let event = Event::on(
        "establishment",
        row.establishment,
        "idée proposée par l’entreprise",
    );
    tx.record(event.within(row.territory)).await?;
    Ok(Some((row.territory, row.establishment)))
}

/// Those of a company, the latest first.
pub async fn of_company(db: &mut PgConnection, scope: &CompanyScope) -> sqlx::Result<Vec<CompanyIdea>> {
    read(db, (&[], scope.companies()), None).await
}

/// Those of the territory on screen, what waits first.
pub async fn of_territory(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<CompanyIdea>> {
    read(db, (&[scope.territory().uuid()], &[]), None).await
}

pub async fn find(
    db: &mut PgConnection,
    scope: &Scope,
    id: CompanyIdeaId,
) -> sqlx::Result<Option<CompanyIdea>> {
    let found = read(db, (scope.territories(), &[]), Some(id)).await?;
    Ok(found.into_iter().next())
}

async fn read(
    db: &mut PgConnection,
    (territories, companies): (&[uuid::Uuid], &[uuid::Uuid]),
    id: Option<CompanyIdeaId>,
) -> sqlx::Result<Vec<CompanyIdea>> {
    sqlx::query_as!(
        CompanyIdea,
        r#"select i.id as "id: CompanyIdeaId", i.establishment_id as "establishment_id: EstablishmentId", e.name as establishment,
                  i.flow_id as "flow_id: FlowId", f.label, i.what, i.partner, i.state as "state: IdeaState",
                  i.synergy_id as "synergy: SynergyId", i.answer, u.name as "asker?", i.asked_at
           from company_ideas i join establishments e on e.id = i.establishment_id join flows f on f.id = i.flow_id
           left join users u on u.id = i.asked_by
           where (i.territory_id = any($1) or e.company_id = any($2)) and ($3::uuid is null or i.id = $3)
           order by i.state <> 'pending', i.asked_at desc, i.id limit 100"#,
        territories,
        companies,
        id.map(CompanyIdeaId::uuid)
    )
    .fetch_all(db)
    .await
}

/// What an advisor does with an idea.
#[derive(Debug, Clone)]
pub enum Verdict {
    Follow(SynergyId),
    Decline(String),
}

/// Decides once, and tells the company; `false` when somebody decided first.
pub async fn decide(tx: &mut Tx, scope: &Scope, id: CompanyIdeaId, verdict: &Verdict) -> sqlx::Result<bool> {
    let (now, author) = (tx.now(), tx.author().user_id());
    let (state, synergy, answer) = match verdict {
        Verdict::Follow(synergy) => (IdeaState::Followed, Some(*synergy), None),
        Verdict::Decline(answer) => (IdeaState::Declined, None, Some(answer.as_str())),
    };
    let row = sqlx::query!(
        r#"update company_ideas i set state = $3, synergy_id = $4, answer = $5, decided_by = $6, decided_at = $7
           from flows f where f.id = i.flow_id and i.id = $1 and i.territory_id = any($2) and i.state = 'pending'
           returning i.establishment_id as "establishment: EstablishmentId", i.territory_id as "territory: TerritoryId",
                     i.asked_by as "asked_by: UserId", f.label"#,
        id.uuid(),
        scope.territories(),
        state as IdeaState,
        synergy.map(SynergyId::uuid),
        answer,
        author.map(UserId::uuid),
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        tx.nothing_to_record();
        return Ok(false);
    };
    let words = format!("idée de l’entreprise {}", state.label());
    let event = Event::on("establishment", row.establishment, words).within(row.territory);
    tx.record(event.comment(answer.map(str::to_owned))).await?;
    letters::idea_decided(tx, (row.asked_by, row.territory), (&row.label, state), answer).await?;
    Ok(true)
}
