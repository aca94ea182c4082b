use crate::accounts::{Reach, Standing};
use crate::kernel::ids::{CompanyId, OrganisationId, TerritoryId, UserId};
use crate::platform::access::{Grant, Role};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A role as it is shown: with the names of its territory and company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::administration) struct Held {
    pub(in crate::administration) role: Role,
    pub(in crate::administration) territory_id: Option<TerritoryId>,
    pub(in crate::administration) company_id: Option<CompanyId>,
    pub(in crate::administration) territory: Option<String>,
    pub(in crate::administration) company: Option<String>,
}

impl Held {
    pub(in crate::administration) fn grant(&self) -> Grant {
        Grant {
            role: self.role,
            territory_id: self.territory_id,
            company_id: self.company_id,
        }
    }

    /// « Conseiller, Pays Vendômois ».
    pub(in crate::administration) fn words(&self) -> String {
        let mut words = vec![self.role.label()];
        words.extend(self.company.as_deref());
        words.extend(self.territory.as_deref());
        words.join(", ")
    }
}

#[derive(Debug, Default)]
pub(in crate::administration) struct PeopleFilter {
    pub(in crate::administration) words: String,
    pub(in crate::administration) role: Option<Role>,
    pub(in crate::administration) territory: Option<TerritoryId>,
    pub(in crate::administration) standing: Option<Standing>,
}

/// One line of the list; roles are those within reach.
pub(in crate::administration) struct PersonRow {
    pub(in crate::administration) id: UserId,
    pub(in crate::administration) name: String,
    pub(in crate::administration) email: String,
    pub(in crate::administration) organisation: Option<String>,
    pub(in crate::administration) specialities: Vec<String>,
    pub(in crate::administration) has_password: bool,
    pub(in crate::administration) suspended_at: Option<DateTime<Utc>>,
    pub(in crate::administration) last_seen: Option<DateTime<Utc>>,
    pub(in crate::administration) roles: Json<Vec<Held>>,
    pub(in crate::administration) total: i64,
}

/// Where an account stands, from its columns.
fn standing(has_password: bool, suspended_at: Option<DateTime<Utc>>) -> Standing {
    match (suspended_at, has_password) {
        (Some(_), _) => Standing::Suspended,
        (None, true) => Standing::Active,
        (None, false) => Standing::Invited,
    }
}

impl PersonRow {
    pub(in crate::administration) fn standing(&self) -> Standing {
        standing(self.has_password, self.suspended_at)
    }
    pub(in crate::administration) fn seen_on(&self) -> Option<NaiveDate> {
        self.last_seen.map(crate::kernel::clock::day)
    }
}

/// People within reach, by name.
pub(in crate::administration) async fn people(
    db: &mut PgConnection,
    reach: Reach,
    filter: &PeopleFilter,
    (limit, offset): (i64, i64),
) -> sqlx::Result<Vec<PersonRow>> {
    sqlx::query_as!(
        PersonRow,
        r#"
        select u.id as "id: UserId", u.name, u.email, o.name as "organisation?", u.specialities,
               u.password_hash is not null as "has_password!", u.suspended_at,
               greatest((select max(s.seen_at) from sessions s where s.user_id = u.id),
                        (select max(j.at) from journal j where j.subject_id = u.id and j.action in ('connexion', 'déconnexion')))
                   as "last_seen?",
               (select coalesce(json_agg(json_build_object('role', r.role, 'territory_id', r.territory_id, 'company_id', r.company_id,
                        'territory', t.name, 'company', c.name) order by r.role, t.name, c.name), '[]')
                from user_roles r left join territories t on t.id = r.territory_id left join companies c on c.id = r.company_id
                where r.user_id = u.id and ($1::uuid is null or r.territory_id = $1)) as "roles!: Json<Vec<Held>>",
               count(*) over () as "total!"
        from users u left join organisations o on o.id = u.organisation_id
        where ($1::uuid is null or exists (select from user_roles r where r.user_id = u.id and r.territory_id = $1))
          and ($2 = '' or folded(u.name) like '%' || folded($2) || '%' or u.email like '%' || lower($2) || '%'
               or folded(o.name) like '%' || folded($2) || '%')
          and (($3::role is null and $4::uuid is null)
               or exists (select from user_roles r where r.user_id = u.id and ($1::uuid is null or r.territory_id = $1)
                          and ($3::role is null or r.role = $3) and ($4::uuid is null or r.territory_id = $4)))
          and ($5::text is null
               or $5 = case when u.suspended_at is not null then 'suspendu' when u.password_hash is null then 'invite' else 'actif' end)
        order by folded(u.name), u.id limit $6 offset $7"#,
        reach.territory().map(|t| t.uuid()),
        filter.words,
        filter.role as Option<Role>,
        filter.territory.map(|t| t.uuid()),
        filter.standing.map(Standing::code),
        limit,
        offset
    )
    .fetch_all(db)
    .await
}

/// A person's account, as its page shows it; roles are those within reach.
pub(in crate::administration) struct Person {
    pub(in crate::administration) id: UserId,
    pub(in crate::administration) name: String,
    pub(in crate::administration) email: String,
    pub(in crate::administration) organisation_id: Option<OrganisationId>,
    pub(in crate::administration) organisation: Option<String>,
    pub(in crate::administration) specialities: Vec<String>,
    pub(in crate::administration) has_password: bool,
    pub(in crate::administration) suspended_at: Option<DateTime<Utc>>,
    pub(in crate::administration) created_at: DateTime<Utc>,
    pub(in crate::administration) version: i32,
    pub(in crate::administration) last_seen: Option<DateTime<Utc>>,
    pub(in crate::administration) sessions: i64,
    pub(in crate::administration) link_until: Option<DateTime<Utc>>,
    pub(in crate::administration) roles: Json<Vec<Held>>,
    /// All roles, for [`Reach::owns`]; never shown.
    pub(in crate::administration) grants: Json<Vec<Grant>>,
}

impl Person {
    pub(in crate::administration) fn standing(&self) -> Standing {
        standing(self.has_password, self.suspended_at)
    }
}

pub(in crate::administration) async fn person(
    db: &mut PgConnection,
    reach: Reach,
    id: UserId,
) -> sqlx::Result<Option<Person>> {
    sqlx::query_as!(
        Person,
        r#"
        select u.id as "id: UserId", u.name, u.email, u.organisation_id as "organisation_id: OrganisationId", o.name as "organisation?",
               u.specialities, u.password_hash is not null as "has_password!", u.suspended_at, u.created_at, u.version,
               greatest((select max(s.seen_at) from sessions s where s.user_id = u.id),
                        (select max(j.at) from journal j where j.subject_id = u.id and j.action in ('connexion', 'déconnexion')))
                   as "last_seen?",
               (select count(*) from sessions s where s.user_id = u.id) as "sessions!",
               (select max(i.expires_at) from invitations i where i.user_id = u.id and i.used_at is null) as "link_until?",
               (select coalesce(json_agg(json_build_object('role', r.role, 'territory_id', r.territory_id, 'company_id', r.company_id,
                        'territory', t.name, 'company', c.name) order by r.role, t.name, c.name), '[]')
                from user_roles r left join territories t on t.id = r.territory_id left join companies c on c.id = r.company_id
                where r.user_id = u.id and ($2::uuid is null or r.territory_id = $2)) as "roles!: Json<Vec<Held>>",
               (select coalesce(json_agg(json_build_object('role', r.role, 'territory_id', r.territory_id, 'company_id', r.company_id)), '[]')
                from user_roles r where r.user_id = u.id) as "grants!: Json<Vec<Grant>>"
        from users u left join organisations o on o.id = u.organisation_id
        where u.id = $1
          and ($2::uuid is null or exists (select from user_roles r where r.user_id = u.id and r.territory_id = $2))"#,
        id.uuid(),
        reach.territory().map(|t| t.uuid())
    )
    .fetch_optional(db)
    .await
}

/// What the journal keeps of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::administration) struct Snapshot {
    name: String,
    email: String,
    organisation: Option<String>,
    specialities: Vec<String>,
    roles: Vec<String>,
}

pub(in crate::administration) async fn snapshot(
    db: &mut PgConnection,
    id: UserId,
) -> sqlx::Result<Option<Snapshot>> {
    let found = person(db, Reach::Everywhere, id).await?;
    Ok(found.map(|person| Snapshot {
        roles: person.roles.iter().map(Held::words).collect(),
        name: person.name,
        email: person.email,
        organisation: person.organisation,
        specialities: person.specialities,
    }))
}

/// A company that somebody may answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::administration) struct CompanyRow {
    pub(in crate::administration) id: CompanyId,
    pub(in crate::administration) name: String,
    pub(in crate::administration) siren: Option<String>,
    pub(in crate::administration) territory_id: TerritoryId,
    pub(in crate::administration) territory: String,
}

/// Companies within reach whose name contains these words, or whose SIREN begins so.
pub(in crate::administration) async fn search_companies(
    db: &mut PgConnection,
    reach: Reach,
    typed: &str,
) -> sqlx::Result<Vec<CompanyRow>> {
    sqlx::query_as!(
        CompanyRow,
        r#"select c.id as "id: CompanyId", c.name, c.siren, c.territory_id as "territory_id: TerritoryId", t.name as territory
           from companies c join territories t on t.id = c.territory_id
           where ($1::uuid is null or c.territory_id = $1)
             and (folded(c.name) like '%' || folded($2) || '%' or (c.siren like replace($2, ' ', '') || '%'))
           order by folded(c.name) not like folded($2) || '%', folded(c.name), t.name limit 12"#,
        reach.territory().map(|t| t.uuid()),
        typed
    )
    .fetch_all(db)
    .await
}

/// Companies within reach of exactly that name or SIREN.
pub(in crate::administration) async fn companies_called(
    db: &mut PgConnection,
    reach: Reach,
    typed: &str,
) -> sqlx::Result<Vec<CompanyRow>> {
    sqlx::query_as!(
        CompanyRow,
        r#"select c.id as "id: CompanyId", c.name, c.siren, c.territory_id as "territory_id: TerritoryId", t.name as territory
           from companies c join territories t on t.id = c.territory_id
           where ($1::uuid is null or c.territory_id = $1) and (folded(c.name) = folded($2) or c.siren = replace($2, ' ', ''))
           order by c.id limit 2"#,
        reach.territory().map(|t| t.uuid()),
        typed
    )
    .fetch_all(db)
    .await
}

pub(in crate::administration) async fn companies(
    db: &mut PgConnection,
    reach: Reach,
    ids: &[CompanyId],
) -> sqlx::Result<Vec<CompanyRow>> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        CompanyRow,
        r#"select c.id as "id: CompanyId", c.name, c.siren, c.territory_id as "territory_id: TerritoryId", t.name as territory
           from companies c join territories t on t.id = c.territory_id
           where c.id = any($2) and ($1::uuid is null or c.territory_id = $1) order by folded(c.name), c.id"#,
        reach.territory().map(|t| t.uuid()),
        &ids
    )
    .fetch_all(db)
    .await
}
