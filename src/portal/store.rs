//! Reads of a company about itself, and what it says.

pub mod erasure;
mod proposals;
pub mod requests;

pub use proposals::{proposal, proposals};

use super::model::OwnFlow;
use crate::flows::Certainty;
use crate::kernel::ids::{CompanyId, EstablishmentId, FlowId, SynergyId, TerritoryId, UserId};
use crate::kernel::{Direction, Period, Unit, format_number};
use crate::platform::access::{CompanyScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::Channel;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// An establishment of the company.
#[derive(Debug, Clone)]
pub struct OwnEstablishment {
    pub id: EstablishmentId,
    pub name: String,
    pub commune: Option<String>,
    pub freshness_months: i32,
}

pub async fn establishments(
    db: &mut PgConnection,
    scope: &CompanyScope,
) -> sqlx::Result<Vec<OwnEstablishment>> {
    sqlx::query_as!(
        OwnEstablishment,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?", t.freshness_months
           from establishments e join territories t on t.id = e.territory_id left join communes c on c.insee = e.insee
           where e.company_id = any($1) and e.archived_at is null order by e.name, e.id"#,
        scope.companies()
    )
    .fetch_all(db)
    .await
}

/// The flows of one of the company's establishments, by family then label.
pub async fn flows(
    db: &mut PgConnection,
    scope: &CompanyScope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<OwnFlow>> {
    sqlx::query_as!(
        OwnFlow,
        r#"select f.id as "id: FlowId", f.direction as "direction: Direction", f.category, f.label, f.quantity, f.unit, f.period as "period: Period",
                  f.certainty as "certainty: Certainty", f.known_on as "known_on!"
           from flows f join establishments e on e.id = f.establishment_id
           where e.id = $1 and e.company_id = any($2) and e.archived_at is null and f.deleted_at is null
           order by f.category nulls last, f.direction, f.label, f.id"#,
        establishment.uuid(),
        scope.companies()
    )
    .fetch_all(db)
    .await
}

/// The organisations that answer the company: those of whoever visited it, else the chambers of its territory.
pub async fn advisors(db: &mut PgConnection, scope: &CompanyScope) -> sqlx::Result<Vec<String>> {
    let visited = sqlx::query_scalar!(
        "select distinct o.name from visits v join establishments e on e.id = v.establishment_id
         join visit_advisors a on a.visit_id = v.id join users u on u.id = a.user_id
         join organisations o on o.id = u.organisation_id
         where e.company_id = any($1) and v.status <> 'cancelled' order by o.name limit 3",
        scope.companies()
    )
    .fetch_all(&mut *db)
    .await?;
    if !visited.is_empty() {
        return Ok(visited);
    }
    sqlx::query_scalar!(
        "select distinct o.name from user_roles r join users u on u.id = r.user_id
         join organisations o on o.id = u.organisation_id
         where r.role in ('advisor', 'pilot') and o.kind in ('cci', 'cma')
           and r.territory_id in (select territory_id from companies where id = any($1)) order by o.name limit 3",
        scope.companies()
    )
    .fetch_all(db)
    .await
}

/// A flow of the company, to be corrected.
#[derive(Debug, Clone)]
pub struct OwnFlowRow {
    pub id: FlowId,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub label: String,
    pub quantity: Option<f64>,
    pub unit: Option<String>,
    pub period: Option<Period>,
}

impl OwnFlowRow {
    pub fn amount(&self) -> Option<String> {
        super::requests::amount(self.quantity, self.unit.as_deref(), self.period)
    }
    /// As a form shows it back.
    pub fn quantity_typed(&self) -> String {
        self.quantity
            .map(|quantity| format_number(quantity, 4).replace('\u{a0}', ""))
            .unwrap_or_default()
    }
    pub fn unit_symbol(&self) -> &'static str {
        self.unit.as_deref().and_then(Unit::find).map_or("", Unit::symbol)
    }
}

pub async fn flow(
    db: &mut PgConnection,
    scope: &CompanyScope,
    id: FlowId,
) -> sqlx::Result<Option<OwnFlowRow>> {
    sqlx::query_as!(
        OwnFlowRow,
        r#"select f.id as "id: FlowId", e.id as "establishment_id: EstablishmentId", e.name as establishment, f.label, f.quantity, f.unit,
                  f.period as "period: Period"
           from flows f join establishments e on e.id = f.establishment_id
           where f.id = $1 and e.company_id = any($2) and e.archived_at is null and f.deleted_at is null"#,
        id.uuid(),
        scope.companies()
    )
    .fetch_optional(db)
    .await
}

/// What the company last said of a synergy, with who and how.
#[derive(Debug, Clone)]
pub struct OwnWord {
    pub person: String,
    pub channel: Channel,
    pub said_at: DateTime<Utc>,
}

pub async fn own_word(
    db: &mut PgConnection,
    scope: &CompanyScope,
    id: SynergyId,
) -> sqlx::Result<Option<OwnWord>> {
    sqlx::query_as!(
        OwnWord,
        r#"select person, channel as "channel: Channel", said_at from synergy_consents
           where synergy_id = $1 and company_id = any($2) order by said_at desc limit 1"#,
        id.uuid(),
        scope.companies()
    )
    .fetch_optional(db)
    .await
}

/// What a company thinks of an introduction.
#[derive(Debug, Clone)]
pub struct Opinion {
    pub mark: i16,
    pub comment: Option<String>,
    pub may_quote: bool,
}

impl Opinion {
    pub fn label(&self) -> &'static str {
        let marks = super::proposal::MARKS.iter();
        marks
            .filter(|(mark, _)| *mark == self.mark)
            .map(|(_, words)| *words)
            .next()
            .unwrap_or("sans réponse")
    }
}

pub async fn opinion(
    db: &mut PgConnection,
    scope: &CompanyScope,
    id: SynergyId,
) -> sqlx::Result<Option<Opinion>> {
    sqlx::query_as!(
        Opinion,
        "select mark, comment, may_quote from satisfactions where synergy_id = $1 and company_id = any($2) limit 1",
        id.uuid(),
        scope.companies()
    )
    .fetch_optional(db)
    .await
}

/// Writes what it thinks, over what it thought.
pub async fn judge(tx: &mut Tx, scope: &CompanyScope, id: SynergyId, opinion: &Opinion) -> sqlx::Result<()> {
    let (now, author) = (tx.now(), tx.author().user_id());
    sqlx::query!(
        "insert into satisfactions (synergy_id, company_id, mark, comment, may_quote, given_by, given_at)
         select distinct m.synergy_id, e.company_id, $3::smallint, $4, $5::boolean, $6::uuid, $7::timestamptz
         from synergy_members m join establishments e on e.id = m.establishment_id
         where m.synergy_id = $1 and e.company_id = any($2) and m.state <> 'withdrawn'
         on conflict (synergy_id, company_id) do update set mark = excluded.mark, comment = excluded.comment,
                may_quote = excluded.may_quote, given_by = excluded.given_by, given_at = excluded.given_at",
        id.uuid(),
        scope.companies(),
        opinion.mark,
        opinion.comment,
        opinion.may_quote,
        author.map(UserId::uuid),
        now
    )
    .execute(&mut **tx)
    .await?;
    let words = format!(
        "une entreprise juge la mise en relation\u{a0}: {}",
        opinion.label().to_lowercase()
    );
    tx.record(Event::on("synergy", id, words).comment(opinion.comment.clone()))
        .await
}

/// An account that enters a company's space.
#[derive(Debug, Clone)]
pub struct SpaceAccount {
    pub name: String,
    pub email: String,
    pub has_password: bool,
    pub seen_at: Option<DateTime<Utc>>,
}

pub async fn accounts(
    db: &mut PgConnection,
    scope: &Scope,
    company: CompanyId,
) -> sqlx::Result<Vec<SpaceAccount>> {
    sqlx::query_as!(
        SpaceAccount,
        r#"select u.name, u.email, u.password_hash is not null as "has_password!",
                  (select max(s.seen_at) from sessions s where s.user_id = u.id) as seen_at
           from user_roles r join users u on u.id = r.user_id
           where r.company_id = $1 and r.territory_id = any($2) and u.suspended_at is null order by u.name, u.id"#,
        company.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// A contact that has an address and does not enter the space yet.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub name: String,
    pub job_title: Option<String>,
    pub email: String,
}

pub async fn candidates(
    db: &mut PgConnection,
    scope: &Scope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as!(
        Candidate,
        r#"select c.name, c.job_title, c.email as "email!" from contacts c join establishments e on e.id = c.establishment_id
           where e.id = $1 and e.territory_id = any($2) and c.email like '%_@_%'
             and not exists (select from users u join user_roles r on r.user_id = u.id
                             where u.email = lower(c.email) and r.company_id = e.company_id)
           order by c.name, c.id"#,
        establishment.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

pub async fn company_name(
    db: &mut PgConnection,
    scope: &Scope,
    company: CompanyId,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select name from companies where id = $1 and territory_id = any($2)",
        company.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Somebody to be asked about an introduction.
#[derive(Debug, Clone)]
pub struct Introduced {
    pub synergy: SynergyId,
    pub territory: TerritoryId,
    pub user: UserId,
    pub name: String,
    pub email: String,
}

/// Accounts of companies that were introduced between those two moments and have not said what they
/// think of it.
pub async fn introduced(
    db: &mut PgConnection,
    after: DateTime<Utc>,
    before: DateTime<Utc>,
) -> sqlx::Result<Vec<Introduced>> {
    sqlx::query_as!(
        Introduced,
        r#"select distinct s.id as "synergy: SynergyId", s.territory_id as "territory: TerritoryId", u.id as "user: UserId", u.name, u.email
           from introductions i join synergies s on s.id = i.synergy_id
           join synergy_consents w on w.synergy_id = s.id and w.word = 'agreed'
           join user_roles r on r.company_id = w.company_id join users u on u.id = r.user_id
           where i.sent_at > $1 and i.sent_at <= $2 and u.suspended_at is null
             and not exists (select from satisfactions o where o.synergy_id = s.id and o.company_id = w.company_id)
           order by 1, 3"#,
        after,
        before
    )
    .fetch_all(db)
    .await
}
