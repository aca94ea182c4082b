//! Who may do what. A handler's first argument is an [`Actor`]: it says who may call it, and is
//! the only way to the database. Roles are a set, not a ladder: each actor lists its own.

mod actors;
pub mod password;
mod scope;
mod session;
pub mod store;
pub mod throttle;

pub(in crate::platform) use actors::scope_of;
pub use actors::{Administrator, Anyone, CompanyUser, Manager, Observer, SignedIn, Staff};
pub use scope::{AggregateScope, CompanyScope, Scope};
pub use session::{Grant, Session, TerritoryRef, Token};

use std::fmt;

/// What a person may be, in a territory (an administrator is everywhere).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type,
)]
#[sqlx(type_name = "role", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Pilot,
    Advisor,
    Partner,
    Committee,
    Company,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Admin,
        Self::Pilot,
        Self::Advisor,
        Self::Partner,
        Self::Committee,
        Self::Company,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Admin => "Administrateur",
            Self::Pilot => "Pilote",
            Self::Advisor => "Conseiller",
            Self::Partner => "Partenaire",
            Self::Committee => "Comité de pilotage",
            Self::Company => "Entreprise",
        }
    }

    /// The word used in forms and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Pilot => "pilot",
            Self::Advisor => "advisor",
            Self::Partner => "partner",
            Self::Committee => "committee",
            Self::Company => "company",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anyone,
    Roles(&'static [Role]),
}

impl Access {
    pub fn admits(self, roles: &[Role]) -> bool {
        match self {
            Self::Anyone => true,
            Self::Roles(allowed) => roles.iter().any(|role| allowed.contains(role)),
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::Roles(roles) => {
                let codes: Vec<_> = roles.iter().map(|role| role.code()).collect();
                f.write_str(&codes.join(" "))
            }
        }
    }
}

/// The first argument of every handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    note = "the first argument of every handler says who may call it: Anyone, SignedIn, Staff, Manager, Observer, CompanyUser, Administrator"
)]
pub trait Actor {
    const ACCESS: Access;
}

/// A handler whose first argument is an [`Actor`].
#[diagnostic::on_unimplemented(
    message = "this handler does not say who may call it",
    label = "its first argument must be an actor",
    note = "put Anyone, SignedIn, Staff, Manager, Observer, CompanyUser or Administrator first in its arguments"
)]
pub trait Guarded {
    const ACCESS: Access;
}

macro_rules! guarded {
    ($(($($t:ident)*))*) => {$(
        impl<M, A: Actor, $($t),*> Guarded for (M, A, $($t,)*) {
            const ACCESS: Access = A::ACCESS;
        }
    )*};
}
guarded!(() (T1) (T1 T2) (T1 T2 T3) (T1 T2 T3 T4));
