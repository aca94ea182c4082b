//! A signed-in person, as known for one request.

use super::Role;
use crate::kernel::ids::{CompanyId, TerritoryId, UserId};
use chrono::Duration;
use sha2::{Digest, Sha256};

/// Nobody stays signed in longer than this.
pub(in crate::platform) const COOKIE_LIFETIME: Duration = Duration::hours(12);

/// How long a session may stay unused.
pub(in crate::platform) fn idle_limit(roles: &[Role]) -> Duration {
    if roles.contains(&Role::Admin) {
        Duration::hours(1)
    } else {
        Duration::hours(4)
    }
}

/// A secret given once (cookie, invitation link); only its hash is stored.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// 256 random bits, in hexadecimal.
    pub fn fresh() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
    pub fn reveal(&self) -> &str {
        &self.0
    }
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

/// A role held somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Grant {
    pub role: Role,
    pub territory_id: Option<TerritoryId>,
    pub company_id: Option<CompanyId>,
}

/// A territory that a person may open.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TerritoryRef {
    pub id: TerritoryId,
    pub name: String,
    pub is_demo: bool,
}

#[derive(Debug, Clone)]
pub struct Session {
    pub(in crate::platform) token_hash: Vec<u8>,
    pub(in crate::platform) user: UserId,
    pub(in crate::platform) name: String,
    pub(in crate::platform) grants: Vec<Grant>,
    pub(in crate::platform) territories: Vec<TerritoryRef>,
    pub(in crate::platform) territory: Option<TerritoryId>,
}

impl Session {
    pub fn user(&self) -> UserId {
        self.user
    }
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }
    pub fn territories(&self) -> &[TerritoryRef] {
        &self.territories
    }

    /// The territory on screen: the one chosen, else the first.
    pub fn territory(&self) -> Option<&TerritoryRef> {
        self.territories
            .iter()
            .find(|t| Some(t.id) == self.territory)
            .or_else(|| self.territories.first())
    }

    /// Roles held in the territory on screen (an administrator's is held everywhere).
    pub fn roles(&self) -> Vec<Role> {
        let here = self.territory().map(|t| t.id);
        let mut roles: Vec<_> = self
            .grants
            .iter()
            .filter(|grant| grant.territory_id.is_none() || grant.territory_id == here)
            .map(|grant| grant.role)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// Territories in which one of these roles is held.
    pub(super) fn territories_as(&self, roles: &[Role]) -> Vec<TerritoryId> {
        let everywhere = self
            .grants
            .iter()
            .any(|g| g.territory_id.is_none() && roles.contains(&g.role));
        self.territories
            .iter()
            .map(|t| t.id)
            .filter(|id| {
                everywhere
                    || self
                        .grants
                        .iter()
                        .any(|g| g.territory_id == Some(*id) && roles.contains(&g.role))
            })
            .collect()
    }

    pub(super) fn companies(&self) -> Vec<CompanyId> {
        self.grants
            .iter()
            .filter(|g| g.role == Role::Company)
            .filter_map(|g| g.company_id)
            .collect()
    }
}
