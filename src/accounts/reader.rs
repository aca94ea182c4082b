//! Letters follow an absence: they go to whoever stands in.

use super::{User, store};
use crate::kernel::ids::{TerritoryId, UserId};
use crate::platform::db::Tx;

/// Who reads today what is meant for somebody.
pub struct Reader {
    pub user: User,
    /// The name of whoever they stand in for.
    pub absent: Option<String>,
}

impl Reader {
    /// Nobody when the account is suspended.
    pub async fn of(tx: &mut Tx, meant: UserId, territory: TerritoryId) -> sqlx::Result<Option<Self>> {
        let today = tx.today();
        let acting = store::acting(tx, (meant, territory), today).await?;
        let user = store::find(tx, acting).await?;
        let absent = if acting == meant {
            None
        } else {
            store::find(tx, meant).await?.map(|user| user.name)
        };
        let user = user.filter(|user| user.suspended_at.is_none());
        Ok(user.map(|user| Self { user, absent }))
    }
}
