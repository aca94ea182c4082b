//! What rows an actor may touch. Made only here, from an actor; store functions demand it.

use crate::kernel::ids::{CompanyId, TerritoryId};
use uuid::Uuid;

/// The territories in which a member of staff works, and the one on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    current: TerritoryId,
    all: Vec<Uuid>,
}

impl Scope {
    pub(super) fn new(current: TerritoryId, all: Vec<TerritoryId>) -> Self {
        Self {
            current,
            all: all.into_iter().map(TerritoryId::uuid).collect(),
        }
    }

    /// Scope of the application itself over one territory: jobs, commands, the demonstration.
    pub fn of_system(_: &crate::platform::db::System, territory: TerritoryId) -> Self {
        Self::new(territory, vec![territory])
    }

    /// Every list shows this territory.
    pub fn territory(&self) -> TerritoryId {
        self.current
    }
    /// Every single row is looked for in these.
    pub fn territories(&self) -> &[Uuid] {
        &self.all
    }
    pub fn contains(&self, territory: TerritoryId) -> bool {
        self.all.contains(&territory.uuid())
    }
    /// Who reads every row of the territory on screen may read its sums.
    pub fn aggregate(&self) -> AggregateScope {
        AggregateScope::new(self.current)
    }
}

/// The companies for which someone answers. Gives no access to anything else of the territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyScope {
    companies: Vec<Uuid>,
}

impl CompanyScope {
    pub(super) fn new(companies: Vec<CompanyId>) -> Self {
        Self {
            companies: companies.into_iter().map(CompanyId::uuid).collect(),
        }
    }
    /// Scope of the application itself over some companies: tests, the demonstration.
    pub fn of_system(_: &crate::platform::db::System, companies: Vec<CompanyId>) -> Self {
        Self::new(companies)
    }
    pub fn companies(&self) -> &[Uuid] {
        &self.companies
    }
}

/// One territory seen through counts and sums only: no row of it, no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggregateScope {
    territory: TerritoryId,
}

impl AggregateScope {
    pub(super) fn new(territory: TerritoryId) -> Self {
        Self { territory }
    }
    pub fn of_system(_: &crate::platform::db::System, territory: TerritoryId) -> Self {
        Self { territory }
    }
    /// For the page of a territory that chose to show itself to everybody.
    pub fn of_public(_: &super::Anyone, territory: TerritoryId) -> Self {
        Self { territory }
    }
    pub fn territory(&self) -> TerritoryId {
        self.territory
    }
}
