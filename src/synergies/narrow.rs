//! What stands above the list of synergies, whichever way it is read: its baskets and its filters.

use super::basket::Basket;
use super::filters::{Chip, DUE, Filters};
use super::model::{Kind, State};
use super::store::queue::{self, Offered};
use crate::accounts;
use crate::accounts::store::Colleague;
use crate::nomenclature::Family;
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Result};

pub(super) struct Above {
    pub(super) tabs: Vec<Tab>,
    pub(super) chips: Vec<Chip>,
    pub(super) choices: Choices,
}

pub(super) struct Tab {
    pub(super) definition: &'static str,
    pub(super) label: &'static str,
    pub(super) href: String,
    pub(super) count: i64,
    pub(super) is_current: bool,
}

/// What the filters offer.
pub(super) struct Choices {
    pub(super) families: Vec<Choice>,
    pub(super) categories: Vec<Choice>,
    pub(super) kinds: Vec<Choice>,
    pub(super) people: Vec<Choice>,
    pub(super) communes: Vec<Choice>,
    pub(super) due: Vec<Choice>,
}

impl Above {
    pub(super) async fn load(me: &Staff, filters: &Filters) -> Result<Self> {
        let scope = me.scope()?;
        let mut db = me.read().await?;
        let counts = queue::counts(&mut db, &scope).await?;
        let offered = queue::offered(&mut db, scope.territory()).await?;
        let colleagues = accounts::store::colleagues(&mut db, scope.territory()).await?;
        let tabs = Basket::ALL
            .into_iter()
            .map(|basket| tab(filters, basket, &counts));
        Ok(Self {
            tabs: tabs.collect(),
            chips: filters.chips(&offered, &colleagues),
            choices: choices(offered, &colleagues),
        })
    }
}

fn tab(filters: &Filters, basket: Basket, counts: &[(State, i64)]) -> Tab {
    let inside = counts.iter().filter(|(state, _)| basket.states().contains(state));
    Tab {
        definition: basket.definition(),
        label: basket.label(),
        href: filters.basket_href(basket),
        count: inside.map(|(_, count)| count).sum(),
        is_current: filters.basket() == basket,
    }
}

fn choices(offered: Offered, colleagues: &[Colleague]) -> Choices {
    let people = [Choice::new("moi", "Moi"), Choice::new("personne", "Personne")];
    let colleagues = colleagues
        .iter()
        .map(|c| Choice::new(c.id.to_string(), c.name.clone()));
    let categories = offered.categories.into_iter();
    Choices {
        families: Family::ALL
            .iter()
            .map(|f| Choice::new(f.code(), f.label()))
            .collect(),
        categories: categories
            .map(|(code, label)| Choice::new(code.clone(), format!("{code} {label}")))
            .collect(),
        kinds: Kind::ALL
            .iter()
            .map(|kind| Choice::new(kind.code(), kind.label()))
            .collect(),
        due: Choice::pairs(DUE),
        people: people.into_iter().chain(colleagues).collect(),
        communes: offered
            .communes
            .into_iter()
            .map(|(insee, name)| Choice::new(insee, name))
            .collect(),
    }
}
