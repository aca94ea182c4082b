//! Writing an account with its roles: opened, or changed within what the desk reaches.

use super::desk::Desk;
use super::person::{self, LAST_ADMINISTRATOR};
use super::store;
use crate::accounts::letters;
use crate::accounts::store::{self as accounts_store, NewUser};
use crate::kernel::ids::UserId;
use crate::platform::access::{Grant, Role, Token};
use crate::platform::db::Tx;
use crate::platform::web::{AppError, Errors, Result};

/// Opens the account with its roles and its link; `None` when the form was sent twice.
pub(super) async fn open(
    desk: &Desk,
    tx: &mut Tx,
    person: &NewUser,
    grants: &[Grant],
) -> Result<Option<Token>> {
    if !accounts_store::insert(tx, person).await? {
        tx.nothing_to_record();
        return Ok(None);
    }
    for grant in grants {
        accounts_store::grant(tx, person.id, grant.role, grant.territory_id, grant.company_id).await?;
    }
    let token = accounts_store::invite(tx, person.id).await?;
    if let Some(user) = accounts_store::find(tx, person.id).await? {
        letters::invited(tx, &user, None, &token).await?;
    }
    let after = store::snapshot(tx, person.id).await?;
    let event = person::event(desk, person.id, "compte créé, invitation envoyée");
    tx.record(event.after(&after)).await?;
    Ok(Some(token))
}

/// An account as it will be.
pub(super) struct Change {
    pub(super) person: NewUser,
    pub(super) wanted: Vec<Grant>,
    pub(super) owned: bool,
    pub(super) version: i32,
}

impl Change {
    /// Gives whether the person can still be seen from this desk.
    pub(super) async fn apply(&self, desk: &Desk, tx: &mut Tx) -> Result<bool> {
        let id = self.person.id;
        let locked = person::lock(desk, tx, id).await?;
        if locked.version != self.version || self.owned != desk.reach().owns(&locked.grants) {
            let sentence = "Quelqu’un vient de modifier ce compte.";
            return Err(AppError::Conflict(sentence.to_owned()));
        }
        let before = store::snapshot(tx, id).await?;
        self.save_person(tx, &locked).await?;
        let next = desk.reach().replaced(&locked.grants, &self.wanted);
        replace_grants(tx, id, &locked.grants, &next).await?;
        let after = store::snapshot(tx, id).await?;
        let event = person::event(desk, id, "compte modifié");
        tx.record(event.before(&before).after(&after)).await?;
        let still_keeper = desk.user() != id || next.contains(&ADMINISTRATOR) || desk.place().is_some();
        Ok(still_keeper && store::person(tx, desk.reach(), id).await?.is_some())
    }

    async fn save_person(&self, tx: &mut Tx, locked: &accounts_store::Locked) -> Result<()> {
        if !self.owned {
            return Ok(accounts_store::touch(tx, self.person.id).await?);
        }
        accounts_store::save(tx, &self.person).await?;
        if locked.email != self.person.email.as_str() {
            // Whoever reads the old address must not open the account.
            accounts_store::void_invitations(tx, self.person.id).await?;
        }
        Ok(())
    }
}

const ADMINISTRATOR: Grant = Grant {
    role: Role::Admin,
    territory_id: None,
    company_id: None,
};

async fn replace_grants(tx: &mut Tx, id: UserId, held: &[Grant], next: &[Grant]) -> Result<()> {
    let demoted = held.contains(&ADMINISTRATOR) && !next.contains(&ADMINISTRATOR);
    if demoted && !person::keep_an_administrator(tx, id).await? {
        return Err(AppError::Refused(Errors::one("roles", LAST_ADMINISTRATOR)));
    }
    for lost in held.iter().filter(|grant| !next.contains(grant)) {
        accounts_store::revoke(tx, id, lost).await?;
    }
    for new in next.iter().filter(|grant| !held.contains(grant)) {
        accounts_store::grant(tx, id, new.role, new.territory_id, new.company_id).await?;
    }
    Ok(())
}
