//! Whoever manages accounts: an administrator for the whole instance, a pilot for the team of the
//! territory on screen. The screens are the same; the desk says how far they reach and where they are.

use super::paths;
use crate::accounts::Reach;
use crate::kernel::ids::UserId;
use crate::platform::App;
use crate::platform::access::{Actor, Administrator, Manager, Role, TerritoryRef};
use crate::platform::db::{Read, Tx};
use crate::platform::web::{AppError, Done, Result, fill};
use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};

/// An actor who may sit at a desk.
pub(super) trait Keeper: Actor + FromRequestParts<App, Rejection = AppError> + Send + 'static {
    /// # Errors
    /// `Forbidden` when there is no territory to manage.
    fn desk(self) -> Result<Desk>;
}

impl Keeper for Administrator {
    fn desk(self) -> Result<Desk> {
        Ok(Desk {
            reach: Reach::Everywhere,
            place: None,
            me: Me::Administrator(self),
        })
    }
}

impl Keeper for Manager {
    fn desk(self) -> Result<Desk> {
        let place = self.session().territory().cloned().ok_or(AppError::Forbidden)?;
        Ok(Desk {
            reach: Reach::Territory(place.id),
            place: Some(place),
            me: Me::Manager(self),
        })
    }
}

enum Me {
    Administrator(Administrator),
    Manager(Manager),
}

pub(super) struct Desk {
    me: Me,
    reach: Reach,
    place: Option<TerritoryRef>,
}

/// What is done to one person's account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Show,
    Edit,
    Invite,
    Suspend,
    Reactivate,
    CloseSessions,
    Revoke,
}

impl Desk {
    pub(super) async fn read(&self) -> sqlx::Result<Read> {
        match &self.me {
            Me::Administrator(me) => me.read().await,
            Me::Manager(me) => me.read().await,
        }
    }

    pub(super) async fn transact<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        match &self.me {
            Me::Administrator(me) => me.transact(work).await,
            Me::Manager(me) => me.transact(work).await,
        }
    }

    pub(super) fn done(&self, message: impl Into<String>, href: impl Into<String>) -> Done {
        match &self.me {
            Me::Administrator(me) => me.done(message, href),
            Me::Manager(me) => me.done(message, href),
        }
    }

    pub(super) fn user(&self) -> UserId {
        match &self.me {
            Me::Administrator(me) => me.user(),
            Me::Manager(me) => me.user(),
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        match &self.me {
            Me::Administrator(me) => me.now(),
            Me::Manager(me) => me.now(),
        }
    }

    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// The territory of the team; none for the whole instance.
    pub(super) fn place(&self) -> Option<&TerritoryRef> {
        self.place.as_ref()
    }

    /// Roles given by a tick in a territory; a company's contact is given by naming the company.
    pub(super) fn offers(&self) -> &'static [Role] {
        match self.reach {
            Reach::Everywhere => &[Role::Pilot, Role::Advisor, Role::Partner, Role::Committee],
            Reach::Territory(_) => &[Role::Advisor, Role::Partner, Role::Committee],
        }
    }

    pub(super) fn title(&self) -> &'static str {
        match self.reach {
            Reach::Everywhere => "Utilisateurs",
            Reach::Territory(_) => "Équipe",
        }
    }

    pub(super) fn list(&self) -> &'static str {
        match self.reach {
            Reach::Everywhere => paths::USERS,
            Reach::Territory(_) => paths::TEAM,
        }
    }

    pub(super) fn fresh(&self) -> &'static str {
        match self.reach {
            Reach::Everywhere => paths::NEW_USER,
            Reach::Territory(_) => paths::NEW_MEMBER,
        }
    }

    /// Where companies are suggested while typing.
    pub(super) fn companies(&self) -> String {
        let path = match self.reach {
            Reach::Everywhere => paths::COMPANIES,
            Reach::Territory(_) => paths::MEMBER_COMPANIES,
        };
        format!("{path}?q=")
    }

    pub(super) fn path(&self, act: Act, user: &UserId) -> String {
        let (instance, team) = match act {
            Act::Show => (paths::USER, paths::MEMBER),
            Act::Edit => (paths::USER_EDIT, paths::MEMBER_EDIT),
            Act::Invite => (paths::USER_INVITATION, paths::MEMBER_INVITATION),
            Act::Suspend => (paths::USER_SUSPENSION, paths::MEMBER_SUSPENSION),
            Act::Reactivate => (paths::USER_RETURN, paths::MEMBER_RETURN),
            Act::CloseSessions => (paths::USER_SESSIONS, paths::MEMBER_SESSIONS),
            Act::Revoke => (paths::USER_ROLE, paths::MEMBER_ROLE),
        };
        let pattern = match self.reach {
            Reach::Everywhere => instance,
            Reach::Territory(_) => team,
        };
        fill(pattern, user)
    }
}
