//! The actors: extractors that check the roles and lead to the database.

use super::{Access, Actor, AggregateScope, CompanyScope, Role, Scope, Session};
use crate::kernel::clock;
use crate::kernel::ids::{TerritoryId, UserId};
use crate::platform::App;
use crate::platform::db::{Db, Read, Tx, Unjournalled};
use crate::platform::journal::Author;
use crate::platform::web::{AppError, Done};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::Arc;

/// What all actors can do.
macro_rules! common {
    ($name:ident) => {
        impl $name {
            /// A connection for reading.
            pub async fn read(&self) -> sqlx::Result<Read> {
                self.db.read().await
            }
            /// One transaction, journalled under this actor's name.
            pub async fn transact<T, E>(
                &self,
                work: impl AsyncFnOnce(&mut Tx) -> Result<T, E>,
            ) -> Result<T, E>
            where
                E: From<sqlx::Error> + From<Unjournalled>,
            {
                self.db.transact(self.author(), work).await
            }
            pub fn now(&self) -> DateTime<Utc> {
                self.db.clock().now()
            }
            pub fn today(&self) -> NaiveDate {
                clock::day(self.now())
            }
            /// 303 to `href`, with a message shown once.
            pub fn done(&self, message: impl Into<String>, href: impl Into<String>) -> Done {
                Done::new(message, href)
            }
        }
    };
}

/// Public pages: sign in, invitation, health.
pub struct Anyone {
    db: Db,
    session: Option<Arc<Session>>,
}

impl Actor for Anyone {
    const ACCESS: Access = Access::Anyone;
}

impl FromRequestParts<App> for Anyone {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        Ok(Self {
            db: app.db.clone(),
            session: parts.extensions.get::<Arc<Session>>().cloned(),
        })
    }
}

common!(Anyone);

impl Anyone {
    fn author(&self) -> Author {
        Author::visitor()
    }
    /// Who is already signed in, on a public page.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }
}

macro_rules! actors {
    ($($(#[$doc:meta])* $name:ident: [$($role:ident),*];)*) => {$(
        $(#[$doc])*
        pub struct $name {
            db: Db,
            session: Arc<Session>,
        }

        impl Actor for $name {
            const ACCESS: Access = Access::Roles(&[$(Role::$role),*]);
        }

        impl FromRequestParts<App> for $name {
            type Rejection = AppError;
            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
                let session = admitted(parts, Self::ACCESS)?;
                Ok(Self { db: app.db.clone(), session })
            }
        }

        common!($name);

        impl $name {
            fn author(&self) -> Author {
                Author::user(self.session.user, &self.session.name)
            }
            pub fn session(&self) -> &Session {
                &self.session
            }
            pub fn user(&self) -> UserId {
                self.session.user
            }
            pub fn has(&self, role: Role) -> bool {
                self.session.roles().contains(&role)
            }
        }
    )*};
}

actors! {
    /// Whoever has an account.
    SignedIn: [Admin, Pilot, Advisor, Partner, Committee, Company];
    /// Those who visit companies and study synergies.
    Staff: [Admin, Pilot, Advisor];
    /// Those who run the programme.
    Manager: [Admin, Pilot];
    /// Those who read figures without names.
    Observer: [Admin, Pilot, Advisor, Partner, Committee];
    /// A company's contact, in its own space.
    CompanyUser: [Company];
    /// Users, organisations, territories, jobs, journal of the whole instance.
    Administrator: [Admin];
}

fn admitted(parts: &Parts, access: Access) -> Result<Arc<Session>, AppError> {
    let Some(session) = parts.extensions.get::<Arc<Session>>() else {
        return Err(AppError::sign_in(parts));
    };
    if access.admits(&session.roles()) {
        Ok(Arc::clone(session))
    } else {
        Err(AppError::Forbidden)
    }
}

impl Staff {
    /// The rows that this person may touch.
    ///
    /// # Errors
    /// `Forbidden` when the instance has no territory yet.
    pub fn scope(&self) -> Result<Scope, AppError> {
        staff_scope(&self.session, Self::ACCESS)
    }
}

impl SignedIn {
    /// The rows of the current territory, for those who may touch them.
    pub fn staff_scope(&self) -> Option<Scope> {
        let admitted = Staff::ACCESS.admits(&self.session.roles());
        scope_of(&self.session).filter(|_| admitted)
    }
}

impl Manager {
    /// # Errors
    /// `Forbidden` when the instance has no territory yet.
    pub fn scope(&self) -> Result<Scope, AppError> {
        staff_scope(&self.session, Self::ACCESS)
    }
}

fn staff_scope(session: &Session, access: Access) -> Result<Scope, AppError> {
    let Access::Roles(roles) = access else {
        return Err(AppError::Forbidden);
    };
    let current = session.territory().ok_or(AppError::Forbidden)?.id;
    Ok(Scope::new(current, session.territories_as(roles)))
}

impl Observer {
    /// # Errors
    /// `Forbidden` when the instance has no territory yet.
    pub fn scope(&self) -> Result<AggregateScope, AppError> {
        Ok(AggregateScope::new(
            self.session.territory().ok_or(AppError::Forbidden)?.id,
        ))
    }

    /// Every territory in which this person reads figures: real ones, or those of the demonstration, never added up.
    pub fn scopes(&self) -> Vec<AggregateScope> {
        let Access::Roles(roles) = Self::ACCESS else {
            return Vec::new();
        };
        let is_demo = self.session.territory().is_some_and(|here| here.is_demo);
        let alike = |id: &TerritoryId| {
            let known = self.session.territories().iter().find(|t| t.id == *id);
            known.is_some_and(|t| t.is_demo == is_demo)
        };
        self.session
            .territories_as(roles)
            .into_iter()
            .filter(alike)
            .map(AggregateScope::new)
            .collect()
    }

    /// The rows too, for an observer who works with the companies.
    pub fn rows(&self) -> Option<Scope> {
        scope_of(&self.session).filter(|_| Staff::ACCESS.admits(&self.session.roles()))
    }

    /// Whether this observer runs the programme.
    pub fn is_manager(&self) -> bool {
        Manager::ACCESS.admits(&self.session.roles())
    }
}

impl CompanyUser {
    pub fn scope(&self) -> CompanyScope {
        CompanyScope::new(self.session.companies())
    }
}

/// Only for the chrome of pages and for jobs that act for a person already checked.
pub(in crate::platform) fn scope_of(session: &Session) -> Option<Scope> {
    staff_scope(session, Staff::ACCESS).ok()
}
