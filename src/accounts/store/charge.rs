//! Who is told of what happens, absences being what they are.

use super::{User, find};
use crate::kernel::ids::{TerritoryId, UserId};
use crate::platform::db::Tx;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Who does somebody's work on a day: whoever stands in for them, else they themselves.
pub async fn acting(
    db: &mut PgConnection,
    (who, territory): (UserId, TerritoryId),
    on: NaiveDate,
) -> sqlx::Result<UserId> {
    sqlx::query_scalar!(
        r#"select acting($1, $2, $3) as "user!: UserId""#,
        who.uuid(),
        territory.uuid(),
        on
    )
    .fetch_one(db)
    .await
}

/// Who is told of what happens: whoever follows it, or stands in for them; else the pilots of the territory,
/// else its advisors.
pub async fn in_charge(
    tx: &mut Tx,
    territory: TerritoryId,
    follower: Option<UserId>,
) -> sqlx::Result<Vec<User>> {
    let on = tx.today();
    let ids = sqlx::query_scalar!(
        r#"with able as (
               select u.id, r.role from users u join user_roles r on r.user_id = u.id
               where u.suspended_at is null and r.territory_id = $1 and r.role in ('pilot', 'advisor')),
           chosen as (select id from able where id = acting($2, $1, $3))
           select distinct id as "id!: UserId" from able
           where id in (select id from chosen)
              or (not exists (select from chosen) and role = 'pilot')
              or (not exists (select from chosen) and not exists (select from able where role = 'pilot'))
           order by 1"#,
        territory.uuid(),
        follower.map(UserId::uuid),
        on
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut users = Vec::new();
    for id in ids {
        users.extend(find(tx, id).await?);
    }
    Ok(users)
}
