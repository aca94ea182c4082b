//! What a workshop could be about: where open proposals gather.

use crate::platform::access::Scope;
use sqlx::PgConnection;

/// A category with what is open on it.
#[derive(Debug, Clone)]
pub(in crate::workshops) struct Theme {
    pub(in crate::workshops) category: String,
    pub(in crate::workshops) proposals: i64,
    pub(in crate::workshops) groups: i64,
    pub(in crate::workshops) firms: i64,
}

/// The categories with most open proposals, those with most companies first.
pub(in crate::workshops) async fn themes(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Theme>> {
    sqlx::query_as!(
        Theme,
        r#"select s.category as "category!", count(distinct s.id) as "proposals!",
                  count(distinct s.id) filter (where s.kind = 'mutualisation') as "groups!",
                  count(distinct m.establishment_id) as "firms!"
           from synergies s join synergy_members m on m.synergy_id = s.id
           where s.territory_id = $1 and s.category is not null and s.is_current
             and is_to_settle(s.state)
           group by s.category having count(distinct m.establishment_id) >= 3
           order by count(distinct m.establishment_id) desc, count(distinct s.id) desc, s.category limit 12"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}
